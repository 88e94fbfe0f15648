"""Which results count as evidence: for each case the newest conclusive one that is current, and else why there is none.

A result is current when it is of this site held to this version, of the present text of the case file, got with the
present schemas, and no older than the greatest age. Of a run that did not end, that lost results or that met a
defect of the suite, only failures count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import groupby

from conformance.cases.load import plan
from conformance.cases.plan import Change, PlannedCase
from conformance.errors import UserError
from conformance.history.model import CaseRecord, RunRecord
from conformance.run.verdicts import Verdict
from conformance.upgrade.question import Question
from conformance.versions import Version

CONCLUSIVE = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.DEVIATION, Verdict.NOT_APPLICABLE, Verdict.WAIVED})
FAILURES = frozenset({Verdict.FAIL, Verdict.WAIVED})
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clocks of two machines that share a history may be apart."""

_WEIGHT = {verdict: weight for weight, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Seen:
    """A result and the run it is of."""

    run: RunRecord
    record: CaseRecord


@dataclass(slots=True)
class Standing:
    """What is known of one planned case."""

    case: PlannedCase
    used: bool
    """Whether the integration uses the change that it is of."""
    evidence: Seen | None = None
    """The newest conclusive result that is current."""
    missing: str = "no-evidence"
    """Where there is none, the rule that says why."""
    newest: Seen | None = None
    """The result that says so: the newest one within the greatest age, else the one of ``before``."""
    before: Seen | None = None
    """The newest conclusive result that would be evidence if it were not too old."""
    unclear: list[Seen] = field(default_factory=list)
    """Results that could not tell and are newer than the evidence, newest first."""
    passed_over: dict[str, list[Seen]] = field(default_factory=dict)
    """By rule, results within the greatest age that are newer than the evidence and are none."""

    @property
    def change(self) -> Change:
        """The change that the case is of."""
        return self.case.change

    @property
    def verdict(self) -> Verdict | None:
        """What the case came to: by its evidence, else by the newest result; None where it never ran."""
        seen = self.evidence or self.newest
        return seen.record.verdict if seen else None


class RunFacts:
    """One run held to the target on the site, with what of its results is there."""

    def __init__(self, run: RunRecord, rows: Sequence[CaseRecord], question: Question) -> None:
        self.run = run
        self.rows = rows
        self._question = question

    @cached_property
    def _counted(self) -> Counter[Verdict]:
        return Counter(row.verdict for row in self.rows)

    @cached_property
    def void(self) -> bool:
        """Whether it met a defect of the suite."""
        return self.run.void or bool(self._counted[Verdict.SUITE_ERROR])

    @cached_property
    def whole(self) -> bool:
        """Whether it ended and every result that it counted is there."""
        run = self.run
        return run.complete and all(self._counted[verdict] >= number for verdict, number in run.counts.items())

    @cached_property
    def another_version(self) -> bool:
        """Whether the site said, in words that can be read as a version, that it is another than the target."""
        told = version_or_none(self.run.told_version)
        return told is not None and told != self._question.to

    @cached_property
    def fresh(self) -> bool:
        """Whether it is no older than the greatest age."""
        return self._question.now - self.run.started <= self._question.max_age

    @cached_property
    def fault(self) -> str:
        """The rule by which its results are no evidence, failures perhaps left out; empty where they can be."""
        if self.another_version:
            return "site-is-another-version"
        if self.void:
            return "suite-error"
        return "" if self.whole else "run-not-complete"

    def refuses(self, row: CaseRecord, change: Change) -> str:
        """Return the rule by which a result is no evidence; empty where it is."""
        if self.another_version or (self.fault and row.verdict not in FAILURES):
            return self.fault
        if self.run.schemas_digest != self._question.schemas_digest:
            return "other-schemas"
        if row.digest != change.digest:
            return "other-cases"
        if row.verdict not in CONCLUSIVE:
            return "inconclusive"
        return "" if row.side == change.side(self._question.to) else "other-cases"


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that is known, before any of it is weighed."""

    question: Question
    standings: Sequence[Standing]
    """One for each planned case, in the order of the case files."""
    facts: Sequence[RunFacts]
    """The runs held to the target on the site and not from the future, newest first."""
    future: Sequence[RunRecord]
    uses: Mapping[str, str]
    """By change, what the integration uses of it, in words; empty without a profile."""
    used: frozenset[str]
    """The changes that count."""
    broken_since: Mapping[str, RunRecord]
    flaky: Mapping[str, str]

    @property
    def newest(self) -> RunRecord | None:
        """The newest run that ended and is no older than the greatest age."""
        return next((facts.run for facts in self.facts if facts.fresh and facts.run.ended), None)

    def by_change(self) -> Mapping[str, list[Standing]]:
        """Return the standings of each change, also of those without cases."""
        found: dict[str, list[Standing]] = {change.id: [] for change in self.question.changes}
        for standing in self.standings:
            found[standing.change.id].append(standing)
        return found


def survey(
    question: Question,
    runs: Sequence[RunRecord],
    cases: Iterable[CaseRecord],
    broken_since: Mapping[str, RunRecord],
    flaky: Mapping[str, str],
) -> Survey:
    """Sort out what is known. ``cases`` are all results of ``runs``; the order of both does not matter."""
    facts, future = _facts(question, runs, cases)
    uses = {change.id: _uses(question, change) for change in question.changes}
    used = frozenset(change for change, words in uses.items() if words or question.profile is None)
    standings = [
        Standing(case, change.id in used)
        for change in sorted(question.changes, key=lambda change: change.id)
        for case in plan(change)
    ]
    _fill({standing.case.id: standing for standing in standings}, facts)
    return Survey(question, standings, facts, future, uses, used, broken_since, flaky)


def version_or_none(text: str) -> Version | None:
    """Read a version; None for what is none."""
    try:
        return Version.parse(text)
    except UserError:
        return None


def _uses(question: Question, change: Change) -> str:
    return question.profile.uses(change) if question.profile else ""


def _facts(
    question: Question, runs: Sequence[RunRecord], cases: Iterable[CaseRecord]
) -> tuple[list[RunFacts], list[RunRecord]]:
    """Return the runs that bear on the question, newest first, and those that begin after now."""
    wanted = {run.id: run for run in runs if run.site == question.site and run.api_version == question.to}
    latest = question.now + CLOCKS_DIFFER
    future = sorted((run for run in wanted.values() if run.started > latest), key=lambda run: (run.started, run.id))
    for run in future:
        del wanted[run.id]
    rows: dict[str, list[CaseRecord]] = defaultdict(list)
    for row in cases:
        rows[row.run].append(row)
    ordered = sorted(wanted.values(), key=lambda run: (run.started, run.id), reverse=True)
    return [RunFacts(run, rows[run.id], question) for run in ordered], future


def _fill(standings: Mapping[str, Standing], facts: Sequence[RunFacts]) -> None:
    """Find the evidence of each case, from the newest run back until each has its own."""
    still_open = dict(standings)
    for _, together in groupby(facts, key=lambda each: each.run.started):
        if not still_open:
            return
        for refusal, one, row in _worst_first(still_open, list(together)):
            standing = still_open.get(row.case)
            if standing is not None and _take(standing, refusal, one, row):
                del still_open[row.case]


def _worst_first(
    standings: Mapping[str, Standing], together: Sequence[RunFacts]
) -> Sequence[tuple[str, RunFacts, CaseRecord]]:
    """Return the results of runs that began at the same time: what is no evidence, then evidence, worst first."""
    found = [
        (one.refuses(row, standings[row.case].change), one, row)
        for one in together
        for row in one.rows
        if row.case in standings
    ]
    if len({row.case for _, _, row in found}) == len(found):
        return found  # in no case is there anything to choose between
    found.sort(key=lambda item: (bool(item[0]), _WEIGHT[item[2].verdict], item[1].run.id, _text(item)), reverse=True)
    return found


def _text(item: tuple[str, RunFacts, CaseRecord]) -> tuple[str, ...]:
    """Return what tells two results of one run and case apart, so that their order is always the same."""
    rule, _, row = item
    return rule, row.cause, row.reason, row.evidence, row.waiver, row.digest


def _take(standing: Standing, refusal: str, facts: RunFacts, row: CaseRecord) -> bool:
    """Take a result into account; tell whether nothing older matters any more."""
    seen = Seen(facts.run, row)
    if refusal == "inconclusive":
        standing.unclear.append(seen)
    if not facts.fresh:
        if refusal:
            return False
        standing.before = seen
        if standing.newest is None:
            standing.missing, standing.newest = "old-evidence", seen
        return True
    if refusal:
        standing.passed_over.setdefault(refusal, []).append(seen)
        if standing.newest is None:
            standing.missing, standing.newest = refusal, seen
        return False
    standing.evidence, standing.missing = seen, ""
    return True
