"""badge.svg: the word of a decision as a small picture, for a README or a dashboard. It asks for nothing."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import escape

from conformance.page.looks import WORDS, moment
from conformance.upgrade.model import Decision, Word
from conformance.wire.pretty import printable

# Each is dark enough for white letters at 4.5:1; the word says it without the colour.
_COLOURS: Mapping[Word, str] = {
    Word.READY: "#136f30",
    Word.NOT_READY: "#b3211a",
    Word.CANNOT_TELL: "#7d5200",
    Word.RUN_VOID: "#7131a8",
}
_LABEL = "#404852"
_LETTER = 7
"""Width that is kept for a letter, in pixels; ``textLength`` makes any font fit it."""
_PAD = 6
_LONGEST = 40


def badge(decision: Decision) -> str:
    """Return the badge as SVG."""
    left = _short(f"Webex XML API {decision.to}")
    right = f"{WORDS[decision.word].glyph} {decision.word}"
    widths = len(left) * _LETTER, len(right) * _LETTER
    split, width = widths[0] + 2 * _PAD, sum(widths) + 4 * _PAD
    told = f"{decision.word}: {decision.to} on {_short(decision.site)}, decided {moment(decision.at)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" viewBox="0 0 {width} 20" role="img"'
        f' aria-labelledby="title"><title id="title">{escape(told)}</title>'
        f'<rect width="{split}" height="20" fill="{_LABEL}"/>'
        f'<rect x="{split}" width="{width - split}" height="20" fill="{_COLOURS[decision.word]}"/>'
        f'<g fill="#fff" font-family="system-ui,Verdana,sans-serif" font-size="11" aria-hidden="true">'
        f"{_text(left, _PAD, widths[0])}{_text(right, split + _PAD, widths[1])}</g></svg>\n"
    )


def _text(text: str, x: int, width: int) -> str:
    return f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _short(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
