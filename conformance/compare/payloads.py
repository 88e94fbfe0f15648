"""The answers of two runs held against each other: what differs, what of it is documented, and what is not.

Only answers are compared, of cases whose files are the same in both runs. What could not be compared is counted and
told with its reason: an answer that nobody looked at is no evidence that nothing changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from conformance.cases.load import plan
from conformance.cases.model import SKIP, RequestStep
from conformance.cases.plan import Change, PlannedCase
from conformance.compare.align import Difference, Kind, differences
from conformance.compare.documented import Answers, Documentation, Ground, as_expected
from conformance.compare.masks import Masks
from conformance.errors import MalformedMessage, UserError
from conformance.report.results import RecordedRun
from conformance.report.stream import Header
from conformance.run.verdicts import CaseResult, StepResult, Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import Version
from conformance.wire.pretty import printable
from conformance.wire.response import Response, read_response

_PLACES = 5
"""How many places of a row are named; all are counted."""
_UNSEEN = frozenset({Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.SUITE_ERROR})


class Column(StrEnum):
    """What a difference is, held against the documentation."""

    UNDOCUMENTED = "undocumented and seen"
    NOT_SEEN = "documented and not seen"
    SEEN = "documented and seen"


@dataclass(frozen=True, slots=True)
class Row:
    """One difference, with all places where it was seen, or was to be seen."""

    column: Column
    changes: tuple[str, ...]
    """The changes that document it; empty for what nothing documents."""
    by: str
    """What documents it: ``case``, ``trace``, ``schema``, or ``consequence`` of an earlier step of the same case."""
    operation: str
    kind: str
    """The value of a ``Kind``; empty for what was not seen."""
    path: str
    before: str
    """How it is in run A, of the first place."""
    after: str
    count: int
    places: Sequence[str]
    """``case: step``, the first few."""


@dataclass(slots=True)
class PayloadComparison:
    """What the comparison of all answers found."""

    rows: list[Row] = field(default_factory=list)
    answers: int = 0
    """How many pairs of answers were compared."""
    not_compared: Counter[str] = field(default_factory=Counter)
    """How many cases or answers were not, by reason."""
    masked: Counter[str] = field(default_factory=Counter)
    """How often each rule made two values the same."""
    cut: Counter[str] = field(default_factory=Counter)
    """How many answers were compared in part only, by what was left out."""
    silent: Sequence[str] = ()
    """The changes between the versions of which the answers showed nothing, and were not to."""

    def of(self, column: Column) -> list[Row]:
        """Return the rows of one column."""
        return [row for row in self.rows if row.column is column]


def compare_payloads(
    a: RecordedRun, b: RecordedRun, changes: Sequence[Change], catalog: SchemaCatalog
) -> PayloadComparison:
    """Compare all answers of two runs; ``changes`` are the case files at hand.

    Run ``b`` is held in memory, ``a`` is read case by case. Raises UserError where a file can not be read.
    """
    return _Comparing(a, b, changes, catalog).run()


@dataclass(frozen=True, slots=True)
class _Pair:
    """One step as both runs had it."""

    place: str
    planned: PlannedCase
    step: RequestStep | None
    a: StepResult
    b: StepResult


class _Comparing:
    def __init__(self, a: RecordedRun, b: RecordedRun, changes: Sequence[Change], catalog: SchemaCatalog) -> None:
        self._a, self._b = a, b
        versions = [Version.parse(run.header.api_version) for run in (a, b)]
        self._documentation = Documentation(changes, catalog, versions[0], versions[1])
        self._planned = {case.id: case for change in changes for case in plan(change)}
        self._found: dict[tuple[object, ...], tuple[Row, list[str], list[int]]] = {}
        self._result = PayloadComparison()

    def run(self) -> PayloadComparison:
        later = {result.id: result for result in _checked(self._b)}
        for result in _checked(self._a):
            other = later.pop(result.id, None)
            if other is None:
                self._miss("only run A has the case")
            elif self._a.digests.get(result.change) != self._b.digests.get(result.change):
                self._miss("the case file is not the same in both runs")
            elif (planned := self._known(result)) is None:
                self._miss("the case file at hand is not that of the runs")
            else:
                self._case(planned, result, other)
        self._result.not_compared["only run B has the case"] += len(later)
        self._result.not_compared += Counter()  # without what is zero
        self._result.rows = sorted(self._rows(), key=lambda row: (list(Column).index(row.column), row.operation))
        shown = {change for row in self._result.rows for change in row.changes}
        self._result.silent = [change.id for change in self._documentation.between if change.id not in shown]
        return self._result

    def _case(self, planned: PlannedCase, a: CaseResult, b: CaseResult) -> None:
        steps_a, steps_b = _steps(a, planned), _steps(b, planned)
        masks = Masks(_hosts(self._a.header), _hosts(self._b.header))
        for key in steps_a.keys() & steps_b.keys():
            masks.learn(steps_a[key][0].request, steps_b[key][0].request)
        since: Ground | None = None
        for key, (one, step) in steps_a.items():
            if key not in steps_b:
                if step is None or step.before != SKIP:
                    self._miss("run B did not come to the step")
                continue
            pair = _Pair(f"{a.id}: {one.name}", planned, step, one, steps_b[key][0])
            since = self._step(pair, masks, since) or since
        for key, (_, step) in steps_b.items():
            if key not in steps_a and (step is None or step.before != SKIP):
                self._miss("run A did not come to the step")

    def _known(self, result: CaseResult) -> PlannedCase | None:
        planned = self._planned.get(result.id)
        same = planned is not None and planned.change.digest == self._a.digests.get(result.change)
        return planned if same else None

    def _step(self, pair: _Pair, masks: Masks, since: Ground | None) -> Ground | None:
        """Compare the answers of one step; return what documents that one of them was refused, if so.

        ``since`` documents that a step before was: what was set on one site only has other values from then on.
        """
        a, b = pair.a, pair.b
        if not (a.status and b.status) or {a.verdict, b.verdict} & _UNSEEN:
            if a.operation or b.operation:
                self._miss("there is no answer from one of the sites")
            return None
        self._result.answers += 1
        one, other = _read(a), _read(b)
        if isinstance(one, str) or isinstance(other, str):
            if one != other:
                texts = [answer if isinstance(answer, str) else _outcome(answer) for answer in (one, other)]
                self._add(pair, Difference(Kind.OUTCOME, "the answer", *texts), None)
            return None
        answers = Answers(b.operation, pair.step, pair.planned, a, b, one, other)
        seen, refused = False, None
        for difference in self._differences(answers, masks):
            ground = self._documentation.ground(difference, answers)
            seen = seen or (ground is not None and ground.by == "case")
            if ground is None and since is not None and difference.kind is Kind.VALUE:
                ground = replace(since, by="consequence")
            if ground is not None and difference.kind is Kind.OUTCOME:
                refused = ground
            self._add(pair, difference, ground)
        held = as_expected(a) and as_expected(b)
        if not seen and not held and self._documentation.asks(answers):
            self._add_row(Column.NOT_SEEN, pair, Ground((pair.planned.change.id,), "case"), _unseen(a, b))
        return refused

    def _differences(self, answers: Answers, masks: Masks) -> list[Difference]:
        a, b = answers.a, answers.b
        if answers.result_a.status != answers.result_b.status:
            texts = f"HTTP {answers.result_a.status}", f"HTTP {answers.result_b.status}"
            return [Difference(Kind.OUTCOME, "the answer", *texts)]
        if (a.result, a.exception_id) != (b.result, b.exception_id):
            # What else differs follows from that.
            return [Difference(Kind.OUTCOME, "serv:response", _outcome(a), _outcome(b))]
        found = differences(a.root, b.root, masks, listing=answers.operation.startswith("Lst"))
        self._result.masked += found.masked
        if found.cut:
            self._result.cut[found.cut] += 1
        return found.found

    def _add(self, pair: _Pair, difference: Difference, ground: Ground | None) -> None:
        column = Column.UNDOCUMENTED if ground is None else Column.SEEN
        self._add_row(column, pair, ground or Ground((), ""), difference)

    def _add_row(self, column: Column, pair: _Pair, ground: Ground, difference: Difference) -> None:
        operation = pair.b.operation
        kind = "" if column is Column.NOT_SEEN else difference.kind.value
        path = difference.path.removeprefix("serv:message/")
        outcome = (difference.before, difference.after) if difference.kind is Kind.OUTCOME else ()
        key = (column, ground.changes, operation, kind, path, *outcome)
        row = Row(column, ground.changes, ground.by, operation, kind, path, difference.before, difference.after, 0, ())
        _, places, number = self._found.setdefault(key, (row, [], [0]))
        number[0] += 1
        if len(places) < _PLACES:
            places.append(pair.place)

    def _rows(self) -> Iterator[Row]:
        for row, places, number in self._found.values():
            yield replace(row, count=number[0], places=tuple(dict.fromkeys(places)))

    def _miss(self, reason: str) -> None:
        self._result.not_compared[reason] += 1


def _checked(run: RecordedRun) -> Iterator[CaseResult]:
    """Yield the results of a run. Raises UserError where what should be a text is none: the file is not ours."""
    for result in run.cases():
        texts: list[object] = [result.id, result.change]
        numbers: list[object] = []
        for step in result.steps:
            texts += [step.name, step.operation, step.request, step.response]
            texts += [text for c in step.checks for text in (c.id, c.subject, c.expected, c.observed)]
            numbers += [step.status, step.round]
        if not (all(isinstance(text, str) for text in texts) and all(isinstance(number, int) for number in numbers)):
            raise UserError(f"{run.path}: the case {printable(str(result.id))[:200]} is not as this suite writes it")
        yield result


def _steps(result: CaseResult, planned: PlannedCase) -> Mapping[tuple[str, int], tuple[StepResult, RequestStep | None]]:
    """Return the recorded requests of a case by what they are in its file, each with its step of the file.

    Of a case that was run twice, those of the second time count.
    """
    last = max((step.round for step in result.steps), default=1)
    steps = [step for step in result.steps if step.round == last]
    numbers: Counter[str] = Counter()
    found: dict[tuple[str, int], tuple[StepResult, RequestStep | None]] = {}
    own, found_own = _steps_of_side(planned, result.side), False
    for step in steps:
        name = step.name.removeprefix("again: ")
        if name.startswith("given ") and not found_own:
            numbers[name] += 1
            found[name, numbers[name]] = step, None
            continue
        found_own = True
        place, known = next(own, (-1, None))
        if isinstance(known, RequestStep):
            found["", place] = step, known
    return found


def _steps_of_side(planned: PlannedCase, side: str) -> Iterator[tuple[int, object]]:
    for place, step in enumerate(planned.case.all_steps):
        if side == "expect" or step.before != SKIP:
            yield place, step


def _read(step: StepResult) -> Response | str:
    """Return the answer of a step, or in a word what it is instead."""
    try:
        return read_response(step.response.encode("utf-8", "surrogatepass"))
    except MalformedMessage as error:
        return f"no message: {error.kind}"


def _outcome(answer: Response) -> str:
    told = " ".join(filter(None, (answer.result, answer.exception_id)))
    return f"{told}: {answer.reason}" if answer.reason else told or "no result"


def _unseen(a: StepResult, b: StepResult) -> Difference:
    """Return what was to be seen, in the words of the checks that did not hold."""
    checks = [check for result in (a, b) for check in result.checks if check.verdict is Verdict.FAIL]
    first = checks[0]
    side = "A" if first in a.checks else "B"
    return Difference(Kind.VALUE, first.subject, f"expected {first.expected or 'none'} of {side}", first.observed)


def _hosts(header: Header) -> frozenset[str]:
    try:
        host = urlsplit(header.endpoint).hostname
    except ValueError:
        return frozenset()
    return frozenset({host} if host else ())
