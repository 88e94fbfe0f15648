"""How each documented change stands, as a letter, over all and by operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.cases.plan import Change, PlannedCase
from conformance.run.verdicts import Verdict
from conformance.upgrade.evidence import Standing, Survey
from conformance.upgrade.model import BASELINE, ChangeState, ChangeWord
from conformance.upgrade.rules_changes import broken, still_waived
from conformance.upgrade.words import plain, releases


def change_states(survey: Survey) -> list[ChangeState]:
    """Return the state of each change, newest release first."""
    standings = survey.by_change()
    changes = sorted(survey.question.changes, key=lambda change: change.id)
    changes.sort(key=lambda change: change.since, reverse=True)
    return [_state(survey, change, standings[change.id]) for change in changes]


def operations_of(case: PlannedCase) -> frozenset[str]:
    """Return the operations of its change that a case calls; all of them, where it calls them only in its fixtures."""
    known = case.change.file.operations
    return frozenset(known) & case.own_operations or frozenset(known)


def _state(survey: Survey, change: Change, standings: Sequence[Standing]) -> ChangeState:
    counts = Counter(standing.verdict for standing in standings if standing.verdict is not None)
    return ChangeState(
        id=change.id,
        title=plain(change.file.change),
        releases=releases(change),
        scope=_scope(survey, change),
        used=change.id in survey.used,
        word=_word(survey, change, standings),
        by_operation={
            operation: _word(survey, change, [each for each in standings if operation in operations_of(each.case)])
            for operation in change.file.operations
        },
        counts={verdict: counts[verdict] for verdict in Verdict if counts[verdict]},
        source=plain(change.file.source),
        impact=plain(change.file.impact),
        advice=plain(change.file.advice),
    )


def _scope(survey: Survey, change: Change) -> str:
    question = survey.question
    if change.file.is_baseline:
        return BASELINE
    if not question.to.has(change.released_in):
        return "later"
    return "there" if question.from_ and question.from_.has(change.released_in) else "new"


def _word(survey: Survey, change: Change, standings: Sequence[Standing]) -> ChangeWord:
    """Return the heaviest of what the cases came to: broken, not known, waived, holds, not applicable."""
    if not standings:
        return ChangeWord.NOT_COVERED
    if any(broken(survey, standing) for standing in standings):
        return ChangeWord.BROKEN
    if any(standing.missing for standing in standings):
        return ChangeWord.UNKNOWN
    if any(still_waived(survey, standing) for standing in standings):
        return ChangeWord.WAIVED
    if all(standing.verdict is Verdict.NOT_APPLICABLE for standing in standings):
        return ChangeWord.NOT_APPLICABLE
    return ChangeWord.HOLDS if _has(survey, change) else ChangeWord.NOT_AFFECTED


def _has(survey: Survey, change: Change) -> bool:
    return change.side(survey.question.to) == "expect"
