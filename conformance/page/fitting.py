"""What fits into the page: browsers are to open it at once, and mail programs to send it.

What there is no room for is counted in the page and stands in results.jsonl.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from markupsafe import Markup

from conformance.page.drilldown import GENEROUS, TIGHT, CaseView, ChangeView, with_evidence
from conformance.page.environment import rendered
from conformance.page.looks import count
from conformance.page.model import PageData
from conformance.upgrade.model import Reason

FULL, LINES, REASONS, MOVES = 700_000, 250_000, 150_000, 100_000
"""Bytes for: cases that do not hold, a line for each of the others, causes, and what moved since the run before."""
_LARGEST = FULL // 12
"""Bytes above which a case is told with less of its evidence, for the sake of the others."""
_MISSES = 20
"""Cases that did not fit after which no more are tried, of what may be thousands."""
_ALWAYS = 5
"""Causes that are on the first screen, and therefore always below it."""


@dataclass(slots=True)
class Room:
    """Bytes that are left for a part of the page."""

    left: int

    def take(self, piece: Markup) -> bool:
        """Take the room that a piece needs; False where there is not enough."""
        size = len(piece.encode("utf-8"))
        if size > self.left:
            return False
        self.left -= size
        return True


@dataclass(frozen=True, slots=True)
class Told:
    """A change with what fits of its cases: those in full, a line for each of the others, and what is left out."""

    view: ChangeView
    full: Sequence[Markup]
    lines: Sequence[Markup]
    more: str
    shown: Sequence[str]
    """The ids of the cases that can be led to."""


def fit_changes(views: Sequence[ChangeView], data: PageData) -> list[Told]:
    """Return the changes with what fits of their cases.

    Of each change the first case that does not hold is told in full before the second of any, so that many cases of
    one cause do not hide another cause.
    """
    room = Room(FULL)
    troubled = [[case for case in view.cases if case.in_full] for view in views]
    full: dict[str, Markup] = {}
    misses = 0
    for case in filter(None, chain.from_iterable(zip_longest(*troubled))):
        body = _in_full(case, data)
        if room.take(body):
            full[case.anchor] = body
        else:
            misses += 1
        if misses == _MISSES:
            break
    room = Room(LINES)
    return [_told(view, full, room) for view in views]


def _in_full(case: CaseView, data: PageData) -> Markup:
    body = rendered("case.html", case=with_evidence(case, data, GENEROUS), header=data.header)
    if len(body) <= _LARGEST:
        return body
    return rendered("case.html", case=with_evidence(case, data, TIGHT), header=data.header)


def _told(view: ChangeView, full: dict[str, Markup], room: Room) -> Told:
    lines: list[Markup] = []
    shown: list[str] = []
    for case in view.cases:
        if case.anchor in full:
            shown.append(case.id)
        elif room.left and room.take(line := rendered("line.html", case=case)):
            lines.append(line)
            shown.append(case.id)
        else:
            room.left = 0  # lines are alike; to try each of thousands takes longer than all else
    rest = len(view.cases) - len(shown)
    more = f"And {count(rest, 'more case')}, which the page has no room for: see results.jsonl." if rest else ""
    return Told(view, [full[case.anchor] for case in view.cases if case.anchor in full], lines, more, shown)


def fit_reasons(data: PageData, **values: object) -> list[tuple[int, Reason, Markup]]:
    """Return the numbered reasons, heaviest first, as far as they fit; those of the first screen always do."""
    room = Room(REASONS)
    told: list[tuple[int, Reason, Markup]] = []
    for number, reason in enumerate(data.decision.reasons, 1):
        body = rendered("reason.html", number=number, reason=reason, decision=data.decision, **values)
        if not room.take(body) and number > _ALWAYS:
            break
        told.append((number, reason, body))
    return told


def fit_moves(data: PageData, **values: object) -> list[Markup]:
    """Return the rows of what moved since the run before, as far as they fit."""
    room = Room(MOVES)
    rows: list[Markup] = []
    for move in data.comparison.moves if data.comparison else ():
        row = rendered("move.html", move=move, **values)
        if not room.take(row):
            break
        rows.append(row)
    return rows
