"""Verdicts as one byte each, so that a whole run of 10,000 cases is a string of 10,000 bytes.

The strips of thirty nights are then thirty rows, turned by slicing, instead of 300,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.run.verdicts import Verdict, worst

LETTERS: Mapping[Verdict, str] = {
    Verdict.PASS: "P",
    Verdict.NOT_APPLICABLE: "N",
    Verdict.DEVIATION: "D",
    Verdict.WAIVED: "W",
    Verdict.BLOCKED: "B",
    Verdict.INCONCLUSIVE: "?",
    Verdict.FAIL: "F",
    Verdict.SUITE_ERROR: "E",
}
"""The same letters as in the reports."""

NUMBERS: Mapping[Verdict, int] = {verdict: number for number, verdict in enumerate(LETTERS)}
"""Verdicts as they are stored. Only ever add to the end: stored rows keep their meaning."""
VERDICTS: Sequence[Verdict] = tuple(LETTERS)

HOLDS = frozenset({Verdict.PASS, Verdict.DEVIATION})
"""The documented behaviour was seen."""
BROKEN = frozenset({Verdict.FAIL, Verdict.WAIVED})
"""It was seen not to hold."""

SIDES = ("expect", "before")
NOT_RUN = ord(" ")
_CODES: Mapping[str, int] = {"expect": ord("A"), "before": ord("a")}


def code(verdict: Verdict, side: str) -> int:
    """Return the byte of a verdict: a capital where the site was held to ``expect``."""
    return _CODES[side] + NUMBERS[verdict]


def _translation(of: Mapping[Verdict, str], sides: Iterable[str] = SIDES) -> bytes:
    table = bytearray(b" " * 256)
    for verdict, letter in of.items():
        for side in sides:
            table[code(verdict, side)] = ord(letter)
    return bytes(table)


_TO_LETTERS = _translation(LETTERS)
_ENDS = {verdict: "P" if verdict in HOLDS else "F" for verdict in HOLDS | BROKEN}
_TO_ENDS = {side: _translation(_ENDS, [side]) for side in SIDES}


def pack(codes: Mapping[int, int]) -> bytes:
    """Return codes as a string in which each stands at its number."""
    packed = bytearray([NOT_RUN]) * (max(codes, default=-1) + 1)
    for number, value in codes.items():
        packed[number] = value
    return bytes(packed)


class Columns:
    """Packed runs, oldest first, read by case instead of by run."""

    def __init__(self, packed: Sequence[bytes]) -> None:
        self._width = max(map(len, packed), default=0)
        self._all = b"".join(run.ljust(self._width) for run in packed)

    def codes(self, number: int) -> bytes:
        """Return the codes of one case, one for each run; blanks where it is in none."""
        return self._all[number :: self._width] if number < self._width else b""


def shown(codes: bytes) -> str:
    """Return codes as letters for people."""
    return codes.translate(_TO_LETTERS).decode("ascii")


def ends(codes: bytes, side: str) -> bytes:
    """Return P where the case held, F where it did not, a blank where nothing was seen or on the other side."""
    return codes.translate(_TO_ENDS[side])


def latest_side(codes: bytes) -> str:
    """Return the side that the site was held to when something was last seen; empty where nothing ever was."""
    told = [(ends(codes, side).rstrip(), side) for side in SIDES]
    seen, side = max(told, key=lambda one: len(one[0]))
    return side if seen else ""


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what a change comes to whose cases came to these: the heaviest of those that apply."""
    every = list(verdicts)
    return worst([one for one in every if one is not Verdict.NOT_APPLICABLE] or every)
