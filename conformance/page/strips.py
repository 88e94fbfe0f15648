"""The verdicts of many nights as a strip of letters, which is also told in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.history.model import RunRecord
from conformance.page.looks import Look, day, look_of_letter


@dataclass(frozen=True, slots=True)
class Piece:
    """Nights in a row with the same letter."""

    look: Look
    letters: str
    title: str
    """What it was, and when: ``does not hold, 20 Nov 2026 to 22 Nov 2026``."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip: to look at in pieces, to be read out as one sentence."""

    pieces: Sequence[Piece]
    told: str


def strip(letters: str, nights: Sequence[RunRecord]) -> Strip:
    """Return a strip of one letter a night, oldest first; what is missing at its start was not run."""
    letters = letters[-len(nights) :].rjust(len(nights)) if nights else ""
    pieces = list(_pieces(letters, nights))
    return Strip(pieces, "; ".join(piece.title for piece in pieces) or "no earlier runs")


def _pieces(letters: str, nights: Sequence[RunRecord]) -> Iterable[Piece]:
    at = 0
    for look, group in groupby(letters, key=look_of_letter):
        length = len(list(group))
        first, last = day(nights[at].started), day(nights[at + length - 1].started)
        span = first if first == last else f"{first} to {last}"
        yield Piece(look, look.letter * length, f"{look.word}, {span}")
        at += length
