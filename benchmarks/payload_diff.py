"""Measures the alignment of answers against xmldiff's, on a list of rows. Needs xmldiff, which nothing else here does.

    python benchmarks/payload_diff.py [--rows N]

A row is a session of LstsummarySession, of seven elements. For each way in which a list can change, the table tells
how many differences each reports, where the truth is in the second column, and how long the fastest of some tries took.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from random import Random

from lxml import etree
from xmldiff import main as xmldiff

from conformance.compare.align import differences
from conformance.compare.masks import Masks
from conformance.wire.names import NAMESPACES

EP = NAMESPACES["ep"]
SERV = NAMESPACES["serv"]


@dataclass(frozen=True)
class Row:
    """One session of a list."""

    number: int
    name: str
    minutes: int = 60

    def xml(self) -> str:
        return (
            f"<ep:session><ep:sessionKey>{self.number}</ep:sessionKey><ep:confName>{self.name}</ep:confName>"
            f"<ep:sessionType>3</ep:sessionType><ep:hostWebExID>host</ep:hostWebExID>"
            f"<ep:startTime>11/22/2026 10:00:00</ep:startTime><ep:timeZone>GMT</ep:timeZone>"
            f"<ep:duration>{self.minutes}</ep:duration></ep:session>"
        )


def document(rows: Sequence[Row]) -> bytes:
    """Return an answer with these rows."""
    inner = "".join(row.xml() for row in rows)
    return f'<serv:bodyContent xmlns:serv="{SERV}" xmlns:ep="{EP}">{inner}</serv:bodyContent>'.encode()


def changes(count: int) -> dict[str, tuple[list[Row], list[Row], int]]:
    """Return what is compared: two lists, and how many differences there are between them."""
    rows = [Row(700_000_000 + number, f"meeting {number}") for number in range(count)]
    other = [*rows]
    other[count // 2] = Row(rows[count // 2].number, rows[count // 2].name, 90)
    shuffled = [*rows]
    Random(1).shuffle(shuffled)  # noqa: S311 - an order, no secret
    new = [Row(800_000_000 + number, f"new {number}") for number in range(3)]
    inserted = [new[0], *rows[: count // 2], new[1], *rows[count // 2 :], new[2]]
    renumbered = [Row(row.number + 1_000_000, row.name) for row in rows]
    both = [Row(row.number, row.name, 90 if row.number == rows[3].number else 60) for row in shuffled]
    return {
        "the same": (rows, rows, 0),
        "one value changed": (rows, other, 1),
        "three rows inserted": (rows, inserted, 3),
        "rows permuted": (rows, shuffled, 0),
        "permuted, one value changed": (rows, both, 1),
        "other keys throughout": (rows, renumbered, 0),
    }


def ours(a: bytes, b: bytes) -> int:
    """Compare by the suite's own alignment."""
    return len(differences(etree.fromstring(a), etree.fromstring(b), Masks()).found)


def theirs(a: bytes, b: bytes) -> int:
    """Compare by xmldiff as it comes."""
    return len(xmldiff.diff_texts(a, b))


def theirs_fast(a: bytes, b: bytes) -> int:
    """Compare by xmldiff with its fast match, which suits lists best of all its options."""
    return len(xmldiff.diff_texts(a, b, diff_options={"fast_match": True}))


def fastest(compare: Callable[[bytes, bytes], int], a: bytes, b: bytes, tries: int) -> tuple[int, float]:
    """Return the number of differences and the seconds of the fastest try."""
    best, found = float("inf"), 0
    for _ in range(tries):
        begun = time.perf_counter()
        found = compare(a, b)
        best = min(best, time.perf_counter() - begun)
    return found, best


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50, metavar="N")
    rows = parser.parse_args().rows
    print(f"{rows} rows; xmldiff {version('xmldiff')}")
    print(f"{'change':<30}{'true':>6}{'ours':>7}{'ms':>9}{'xmldiff':>9}{'ms':>9}{'fast':>7}{'ms':>9}")
    for name, (a, b, true) in changes(rows).items():
        one, other = document(a), document(b)
        told = ""
        for compare, width, tries in ((ours, 7, 5), (theirs, 9, 2), (theirs_fast, 7, 5)):
            found, seconds = fastest(compare, one, other, tries)
            told += f"{found:>{width}}{seconds * 1000:>9.1f}"
        print(f"{name:<30}{true:>6}{told}")


if __name__ == "__main__":
    main()
