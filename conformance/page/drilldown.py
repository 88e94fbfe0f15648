"""The evidence behind the answer: each change, its cases, and of those that do not hold each step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.cases.model import Clause
from conformance.cases.plan import Change
from conformance.errors import UserError
from conformance.history.model import FlakyCase, RunRecord
from conformance.page.looks import CHANGES, VERDICTS, Look, cut, day
from conformance.page.model import PageData
from conformance.page.strips import Strip, strip
from conformance.page.ticket import commands, laid_out, ticket
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.upgrade.model import ChangeState, ChangeWord
from conformance.versions import Version

_WEIGHT = list(Verdict).index
_HELD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is told of a case: steps, steps with their messages, checks of a step, characters."""

    steps: int
    with_messages: int
    checks: int
    message: int
    text: int


GENEROUS = Limits(steps=30, with_messages=3, checks=20, message=6_000, text=600)
"""All that a person reads; the first step that fails is the one that matters."""
TIGHT = Limits(steps=4, with_messages=1, checks=4, message=1_500, text=150)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step; messages only of those that did not hold."""

    look: Look
    step: StepResult
    checks: Sequence[tuple[Look, Check]]
    more_checks: int
    """How many more did not hold."""
    held: int
    """How many checks held, and are not shown."""
    attempts: Sequence[str]
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case of a change. ``result`` is None where the run of tonight did not come to it."""

    anchor: str
    id: str
    slug: str
    look: Look
    result: CaseResult | None
    clauses: Sequence[Clause]
    strip: Strip
    flaky: FlakyCase | None
    reason: str = ""
    steps: Sequence[StepView] = ()
    more_steps: int = 0
    commands: Mapping[str, str] | None = None
    ticket: str = ""

    @property
    def in_full(self) -> bool:
        """Whether there is more to tell than a line."""
        return self.result is not None and self.result.verdict not in _HELD

    @property
    def checks(self) -> int:
        """How many things were looked at."""
        return sum(len(step.checks) for step in self.result.steps) if self.result else 0


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One documented change with all that is known of it."""

    anchor: str
    id: str
    change: Change | None
    state: ChangeState | None
    look: Look
    tally: str
    strip: Strip
    rollout: str
    reasons: Sequence[int]
    """The numbers of the reasons that concern it."""
    cases: Sequence[CaseView]


class Anchors:
    """Ids of places in the page: readable, unique, and of harmless characters whatever they are made of."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def __call__(self, kind: str, name: str) -> str:
        """Return the id of a thing: always the same for the same, never the same for another."""
        if (kind, name) not in self._given:
            plain = f"{kind}-{re.sub(r'[^a-z0-9.]+', '-', name.lower())[:120].strip('-')}"
            anchor, number = plain, 2
            while anchor in self._taken:
                anchor, number = f"{plain}-{number}", number + 1
            self._given[kind, name] = anchor
            self._taken.add(anchor)
        return self._given[kind, name]


_NO_RESULT = Look("dim", "·", "·", "not run tonight")


def changes(data: PageData, anchors: Anchors) -> list[ChangeView]:
    """Return all changes, newest release first; what a run told of none that is known comes last."""
    states = {state.id: state for state in data.decision.changes}
    files = {change.id: change for change in data.changes}
    results: dict[str, dict[str, CaseResult]] = {}
    for result in data.results:
        results.setdefault(result.change, {})[result.id] = result
    newest = sorted(files.values(), key=lambda change: (change.since, change.id), reverse=True)
    ids = dict.fromkeys([*states, *(change.id for change in newest), *results])
    planned: dict[str, list[str]] = {}
    for case in data.planned.values():
        planned.setdefault(case.change.id, []).append(case.id)
    flaky = {case.case: case for case in data.flaky}
    views: list[ChangeView] = []
    for id_ in ids:
        seen = results.get(id_, {})
        names = dict.fromkeys([*seen, *planned.get(id_, [])])
        cases = [_case(name, seen.get(name), data, flaky.get(name), anchors) for name in names]
        cases.sort(key=lambda case: -_WEIGHT(case.result.verdict) if case.result else 1)
        change, state = files.get(id_), states.get(id_)
        views.append(
            ChangeView(
                anchor=anchors("change", id_),
                id=id_,
                change=change,
                state=state,
                look=CHANGES[state.word if state else ChangeWord.NOT_AFFECTED],
                tally=tally(cases),
                strip=strip(data.change_strips.get(id_, ""), data.nights),
                rollout=rollout(change, data.nights) if change else "",
                reasons=[number for number, reason in enumerate(data.decision.reasons, 1) if reason.change == id_],
                cases=cases,
            )
        )
    return views


def tally(cases: Iterable[CaseView]) -> str:
    """Return how many cases came to what: ``2 fail, 13 pass``."""
    words: dict[str, int] = {}
    for case in cases:
        words[case.look.word] = words.get(case.look.word, 0) + 1
    return ", ".join(f"{number} {word}" for word, number in words.items()) or "no cases"


def rollout(change: Change, nights: Sequence[RunRecord]) -> str:
    """Tell since when a site has a change, by the releases it behaved as; empty where none is known."""
    known = [(night, has) for night in nights if (has := _has(change, night)) is not None]
    if not known:
        return ""
    without = [place for place, (_, has) in enumerate(known) if not has]
    if not without:
        return f"on this site in every run since {day(known[0][0].started)}, the first one looked at"
    last = without[-1]
    if last == len(known) - 1:
        return f"not on this site yet, as of {day(known[last][0].started)}"
    was, came = known[last][0].started, known[last + 1][0].started
    return f"rolled out on this site by {day(came)}; not there yet on {day(was)}"


def _has(change: Change, night: RunRecord) -> bool | None:
    try:
        return Version.parse(night.behaves_as).has(change.released_in)
    except UserError:
        return None


def _case(id_: str, result: CaseResult | None, data: PageData, flaky: FlakyCase | None, anchors: Anchors) -> CaseView:
    planned = data.planned.get(id_)
    clauses = [planned.change.file.clauses[name] for name in planned.case.proves] if planned else []
    return CaseView(
        anchor=anchors("case", id_),
        id=id_,
        slug=id_.partition("::")[2] or id_,
        look=VERDICTS[result.verdict] if result else _NO_RESULT,
        result=result,
        clauses=clauses,
        strip=strip(data.case_strips.get(id_, ""), data.nights),
        flaky=flaky,
    )


def with_evidence(case: CaseView, data: PageData, limits: Limits = GENEROUS) -> CaseView:
    """Return a case with the evidence of its steps, the commands that repeat it and the text of a ticket."""
    if case.result is None:
        return case
    return replace(
        case,
        reason=cut(case.result.reason, 2 * limits.text),
        steps=list(_steps(case.result, limits)),
        more_steps=max(0, len(case.result.steps) - limits.steps),
        commands=commands(data, case.id),
        ticket=ticket(data, case.result, limits.message // 2, limits.text),
    )


def _steps(result: CaseResult, limits: Limits) -> Iterator[StepView]:
    with_messages = limits.with_messages
    for step in result.steps[: limits.steps]:
        troubled = step.verdict not in _HELD
        shown = troubled and with_messages > 0
        with_messages -= shown
        checks = sorted((c for c in step.checks if c.verdict not in _HELD), key=lambda c: -_WEIGHT(c.verdict))
        yield StepView(
            look=VERDICTS[step.verdict],
            step=step,
            checks=[(VERDICTS[check.verdict], _short(check, limits.text)) for check in checks[: limits.checks]],
            more_checks=max(0, len(checks) - limits.checks),
            held=len(step.checks) - len(checks),
            attempts=[cut(text, limits.text) for text in step.attempts[: limits.checks]],
            request=laid_out(step.request, limits.message) if shown else "",
            response=laid_out(step.response, limits.message) if shown else "",
        )


def _short(check: Check, most: int) -> Check:
    texts = (cut(text, most) for text in (check.subject, check.expected, check.observed, check.note))
    return Check(check.id, check.verdict, *texts)
