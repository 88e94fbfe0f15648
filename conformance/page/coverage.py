"""What the cases look at, and what nothing has looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.cases.plan import Change
from conformance.page.model import PageData
from conformance.run.verdicts import Verdict
from conformance.wire.names import OPERATIONS

_OBSERVED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.DEVIATION, Verdict.WAIVED})


@dataclass(frozen=True, slots=True)
class ChangeCoverage:
    """How far the cases of a change cover it."""

    change: Change
    clauses: int
    unproven: Sequence[str]
    """The clauses without a case."""
    assumed: int
    """Clauses that the notes leave open in part."""
    cases: int
    observed: int
    """Cases that came to an end tonight."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at tonight."""

    changes: Sequence[ChangeCoverage]
    called: Mapping[str, int]
    """Operations of the API that were called, with how often; the most called first."""
    never: Sequence[str]
    """Operations that the suite knows and did not call."""
    others: int
    """Calls of operations that the suite does not know."""


def coverage(data: PageData) -> Coverage:
    """Return what the run of tonight covers."""
    calls = Counter(step.operation for result in data.results for step in result.steps if step.operation)
    known = {name: number for name, number in calls.most_common() if name in OPERATIONS}
    return Coverage(
        changes=[_of(change, data) for change in sorted(data.changes, key=lambda c: (c.since, c.id), reverse=True)],
        called=known,
        never=sorted(OPERATIONS.keys() - known.keys()),
        others=sum(number for name, number in calls.items() if name not in OPERATIONS),
    )


def _of(change: Change, data: PageData) -> ChangeCoverage:
    cases = [case for case in data.planned.values() if case.change.id == change.id]
    proved = {name for case in cases for name in case.case.proves}
    clauses = change.file.clauses
    ids = {case.id for case in cases}
    return ChangeCoverage(
        change=change,
        clauses=len(clauses),
        unproven=[name for name in clauses if name not in proved],
        assumed=sum(bool(clause.assumed) for clause in clauses.values()),
        cases=len(cases),
        observed=sum(result.verdict in _OBSERVED and result.id in ids for result in data.results),
    )
