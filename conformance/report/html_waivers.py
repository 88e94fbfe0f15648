"""Waivers in the HTML report: who answers for what does not hold, and what became of each waiver."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases.waivers import WaiverNote, WaiverState
from conformance.report.html_style import EMPTY, Html, cut, join


def waived_by(notes: Sequence[WaiverNote], change: str) -> dict[str, Html]:
    """Return, for the section of a change, which waivers were applied to its cases; empty where none was."""
    applied = [note for note in notes if note.state == WaiverState.APPLIED and note.id.partition("::")[0] == change]
    items = join(Html("<li>{} until {}: {}").format(note.owner, note.until, cut(note.reason)) for note in applied)
    return {"Waived by": Html("<ul>{}</ul>").format(items)} if applied else {}


def waiver_table(notes: Sequence[WaiverNote]) -> Html:
    """Return a table of all waivers of the run; nothing where it had none."""
    if not notes:
        return EMPTY
    rows = (
        Html("<tr><th scope=row>{}<small>{}</small><td>{}<td>{}<td class=cf-nb>{}<td>{}<td>{}").format(
            note.id, note.place, cut(note.reason), note.owner, note.until, note.state, cut(_became(note))
        )
        for note in notes
    )
    return Html(
        "<h2>Waivers</h2><table><thead><tr><th scope=col>Waives<th scope=col>Why<th scope=col>Answered for by"
        "<th scope=col>Until<th scope=col>In this run<th scope=col>To know</thead><tbody>{}</tbody></table>"
    ).format(join(rows))


def _became(note: WaiverNote) -> str:
    """Return what there is to know of a waiver: how many cases it was applied to, what to change."""
    cases = f"{len(note.cases)} case{'s' * (len(note.cases) > 1)}" if note.cases else ""
    return "; ".join(filter(None, (cases, note.advice)))
