"""Two runs held against each other: which cases do not stand as they did, and what that comes to.

What was added or removed never counts as broken or fixed, and neither does a case whose text is another.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.compare.model import Comparison, Move, MoveKind
from conformance.history.model import CaseRecord, RunRecord
from conformance.run.verdicts import ExitCode, Verdict

HOLDS = frozenset({Verdict.PASS, Verdict.DEVIATION})
"""The documented behaviour was seen; a deviation is from what is only assumed."""
UNTOLD = frozenset({Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.SUITE_ERROR})
"""The behaviour could not be looked at."""
TOLD = HOLDS | {Verdict.FAIL, Verdict.WAIVED}
"""The behaviour was looked at, whatever came of it."""

_ORDER = {kind: place for place, kind in enumerate(MoveKind)}


def compare_runs(
    a: RunRecord, b: RunRecord, cases_a: Iterable[CaseRecord], cases_b: Iterable[CaseRecord]
) -> Comparison:
    """Hold run ``b`` against run ``a``, which is the earlier, or the other site.

    Each case of either run is in exactly one place: one move, or one of those that are the same. Moves come in
    the order of ``MoveKind``, then of the case. Of a case that a run tells twice, the last counts.
    """
    earlier = {case.case: case for case in cases_a}
    later = {case.case: case for case in cases_b}
    moves = []
    for id_ in earlier.keys() | later.keys():
        move = _move(earlier.get(id_), later.get(id_))
        if move is not None:
            moves.append(move)
    moves.sort(key=lambda move: (_ORDER[move.kind], move.case))
    return Comparison(a, b, moves, len(earlier.keys() | later.keys()) - len(moves))


def outcome(comparison: Comparison) -> ExitCode:
    """Tell what a comparison comes to: FINDINGS where something broke, COULD_NOT_TELL where that is not known.

    Not known is it where a run did not end or met a defect of the suite, where no case is the same in both, where a
    case can not be told any more, and where one fails that told nothing before: it may always have failed.
    """
    if comparison.of(MoveKind.BROKE):
        return ExitCode.FINDINGS
    runs = (comparison.a, comparison.b)
    whole = all(run.complete and not run.void for run in runs)
    if not whole or not comparable(comparison) or comparison.of(MoveKind.LOST) or first_failures(comparison):
        return ExitCode.COULD_NOT_TELL
    return ExitCode.AS_DOCUMENTED


def comparable(comparison: Comparison) -> int:
    """Return how many cases are the same in both runs, so that their verdicts can be held against each other."""
    elsewhere = (MoveKind.ADDED, MoveKind.REMOVED, MoveKind.CHANGED)
    return comparison.same + sum(move.kind not in elsewhere for move in comparison.moves)


def first_failures(comparison: Comparison) -> list[Move]:
    """Return the cases that fail in the later run and told nothing in the earlier, with the text they have now."""
    silent = UNTOLD | {Verdict.NOT_APPLICABLE}
    return [
        move
        for move in comparison.moves
        if move.kind is not MoveKind.CHANGED and move.after is Verdict.FAIL and move.before in silent
    ]


def _move(before: CaseRecord | None, after: CaseRecord | None) -> Move | None:
    if before is None or after is None:
        return _one_sided(before, after)
    kind = _kind(before, after)
    if kind is None:
        return None
    return Move(kind, after.case, after.change, before.verdict, after.verdict, _reason(kind, before, after))


def _one_sided(before: CaseRecord | None, after: CaseRecord | None) -> Move | None:
    if after is not None:
        return Move(MoveKind.ADDED, after.case, after.change, None, after.verdict, after.reason)
    if before is not None:
        return Move(MoveKind.REMOVED, before.case, before.change, before.verdict, None, before.reason)
    return None


def _kind(before: CaseRecord, after: CaseRecord) -> MoveKind | None:
    """Return how a case moved between two results; None where it stands as it did."""
    was, now = before.verdict, after.verdict
    if before.digest and after.digest and before.digest != after.digest:
        return MoveKind.CHANGED
    if was is now:
        # Its failure is another one, so whoever looks for the old one looks for the wrong thing.
        other_failure = now is Verdict.FAIL and before.side == after.side and before.cause != after.cause
        return MoveKind.MOVED if other_failure else None
    kinds = {
        MoveKind.BROKE: was in HOLDS and now is Verdict.FAIL,
        MoveKind.FIXED: was is Verdict.FAIL and now in HOLDS,
        MoveKind.LOST: was in TOLD and now in UNTOLD,
        MoveKind.FOUND: was in UNTOLD and now in TOLD,
    }
    return next((kind for kind, fits in kinds.items() if fits), MoveKind.MOVED)


def _reason(kind: MoveKind, before: CaseRecord, after: CaseRecord) -> str:
    if before.verdict is after.verdict and kind is MoveKind.MOVED:
        return f"fails otherwise; was: {before.reason or before.cause}; now: {after.reason or after.cause}"
    if kind in (MoveKind.FIXED, MoveKind.FOUND) and not after.reason:
        return f"was: {before.reason}" if before.reason else ""
    return after.reason or (f"was: {before.reason}" if before.reason else "")
