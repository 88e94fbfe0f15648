"""How the readiness page says things: a glyph, a letter and a word for each state, and times as people read them.

``kind`` names the colour, which only decorates: good, bad, open, void, waived or dim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from conformance.report.html_style import LOOKS
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import ChangeWord, Outcome, Word


@dataclass(frozen=True, slots=True)
class Look:
    """One state for people."""

    kind: str
    glyph: str
    letter: str
    word: str
    means: str = ""
    look_first: str = ""


_KINDS: Mapping[Verdict, str] = {
    Verdict.PASS: "good",
    Verdict.FAIL: "bad",
    Verdict.WAIVED: "waived",
    Verdict.SUITE_ERROR: "void",
    Verdict.NOT_APPLICABLE: "dim",
}

VERDICTS: Mapping[Verdict, Look] = {
    verdict: Look(
        _KINDS.get(verdict, "open"),
        look.glyph,
        look.letter,
        verdict.value.replace("_", " ").lower(),
        look.means,
        look.look_first,
    )
    for verdict, look in LOOKS.items()
}

WORDS: Mapping[Word, Look] = {
    Word.READY: Look("good", "✓", "", "READY"),
    Word.NOT_READY: Look("bad", "✗", "", "NOT READY"),
    Word.CANNOT_TELL: Look("open", "?", "", "CANNOT TELL"),
    Word.RUN_VOID: Look("void", "!", "", "RUN VOID"),
}

CHANGES: Mapping[ChangeWord, Look] = {
    ChangeWord.HOLDS: Look("good", "✓", "P", "holds"),
    ChangeWord.BROKEN: Look("bad", "✗", "F", "does not hold"),
    ChangeWord.WAIVED: Look("waived", "◊", "W", "does not hold, waived"),
    ChangeWord.UNKNOWN: Look("open", "?", "?", "could not tell"),
    ChangeWord.NOT_APPLICABLE: Look("dim", "–", "–", "not applicable"),
    ChangeWord.NOT_COVERED: Look("open", "o", "o", "no case looks at it"),
    ChangeWord.NOT_AFFECTED: Look("dim", "·", "·", "not concerned"),
}

OUTCOMES: Mapping[Outcome, Look] = {
    Outcome.VOID: Look("void", "!", "E", "makes the run void"),
    Outcome.BLOCK: Look("bad", "✗", "F", "stands in the way"),
    Outcome.UNKNOWN: Look("open", "?", "?", "can not be told"),
    Outcome.TELL: Look("dim", "i", "i", "told, blocks nothing"),
    Outcome.IGNORE: Look("dim", "–", "–", "ignored"),
}

_LETTERS: Mapping[str, Look] = {
    **{look.letter: look for look in VERDICTS.values()},
    "-": CHANGES[ChangeWord.NOT_APPLICABLE],
    "o": CHANGES[ChangeWord.NOT_COVERED],
    "·": Look("dim", "·", "·", "not run"),
}
_NOT_RUN = _LETTERS["·"]


def look_of_letter(letter: str) -> Look:
    """Return the look of a letter of a strip; a blank, and a letter that is not known, is not run."""
    return _LETTERS.get(letter, _NOT_RUN)


def moment(time: datetime | None) -> str:
    """Return a time to the minute: ``22 Nov 2026 02:14 UTC``."""
    return f"{time.astimezone(UTC):%-d %b %Y %H:%M} UTC" if time else ""


@lru_cache(maxsize=1024)
def day(time: datetime | None) -> str:
    """Return the day of a time: ``22 Nov 2026``."""
    return f"{time.astimezone(UTC):%-d %b %Y}" if time else ""


def read_time(text: str) -> datetime | None:
    """Return an ISO time, in UTC where it names no zone; None where it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def age(span: timedelta) -> str:
    """Return a span in its largest unit, from 2 of it on: ``40 min``, ``4 h``, ``3 days``."""
    minutes = max(0, round(span.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def duration(seconds: float) -> str:
    """Return a time that was taken: ``250 ms``, ``4.2 s``, ``4 m 12 s``."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} m {int(seconds % 60)} s"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 case``, ``3 cases``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def cut(text: str, most: int) -> str:
    """Return as much of a text as is shown of one, whole words where there are some."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    space = kept.rfind(" ", most * 2 // 3)
    return f"{kept[:space] if space > 0 else kept}…"
