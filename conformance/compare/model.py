"""What a comparison of two runs comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.history.model import RunRecord
from conformance.run.verdicts import Verdict


class MoveKind(StrEnum):
    """How a case stands in the later of two runs, held against the earlier."""

    BROKE = "broke"
    FIXED = "fixed"
    LOST = "newly could not tell"
    FOUND = "can be told again"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    """The text of its case file is another, so that the two results are not of the same case."""
    MOVED = "moved"
    """Another verdict, neither better nor worse: NOT_APPLICABLE, DEVIATION, WAIVED."""


@dataclass(frozen=True, slots=True)
class Move:
    """One case that does not stand as it did."""

    kind: MoveKind
    case: str
    change: str
    before: Verdict | None
    after: Verdict | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, held against each other. What was added or removed never counts as broken or fixed."""

    a: RunRecord
    b: RunRecord
    moves: Sequence[Move]
    same: int
    """How many cases stand as they did."""

    def of(self, kind: MoveKind) -> list[Move]:
        """Return the moves of one kind."""
        return [move for move in self.moves if move.kind is kind]
