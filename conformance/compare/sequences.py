"""Longest common and longest rising subsequences: what keeps its place between two lists."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def longest_common(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence; ``work`` tells what it costs."""
    start, end = _ends(a, b)
    until_a, until_b = len(a) - end, len(b) - end
    lengths = [[0] * (until_b - start + 1)]
    for x in reversed(a[start:until_a]):
        below, row = lengths[-1], [0]
        for place, y in enumerate(reversed(b[start:until_b])):
            row.append(below[place] + 1 if x == y else max(below[place + 1], row[place]))
        lengths.append(row)
    pairs = [(place, place) for place in range(start)]
    i, j = start, start
    while i < until_a and j < until_b:
        left_a, left_b = until_a - i, until_b - j
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[left_a - 1][left_b] >= lengths[left_a][left_b - 1]:
            i += 1
        else:
            j += 1
    return [*pairs, *((until_a + place, until_b + place) for place in range(end))]


def work(a: Sequence[int], b: Sequence[int]) -> int:
    """Return how many cells the table of ``longest_common`` has: the product of what is left between equal ends."""
    start, end = _ends(a, b)
    return (len(a) - start - end) * (len(b) - start - end)


def _ends(a: Sequence[int], b: Sequence[int]) -> tuple[int, int]:
    """Return how many items are the same at the beginning, and of the rest at the end."""
    most = min(len(a), len(b))
    start = next((place for place in range(most) if a[place] != b[place]), most)
    most -= start
    return start, next((place for place in range(most) if a[-1 - place] != b[-1 - place]), most)


def longest_rising(places: Sequence[int]) -> set[int]:
    """Return the numbers of the items that form a longest rising sequence of ``places``, all different."""
    ends: list[int] = []
    items: list[int] = []
    before: list[int] = []
    for number, place in enumerate(places):
        at = bisect_left(ends, place)
        before.append(items[at - 1] if at else -1)
        ends[at : at + 1] = [place]
        items[at : at + 1] = [number]
    found: set[int] = set()
    number = items[-1] if items else -1
    while number >= 0:
        found.add(number)
        number = before[number]
    return found
