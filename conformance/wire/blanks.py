"""No-break spaces where a blank is meant: messages copied from the documentation are full of them.

The examples printed in the update notes hold 2,416. The bytes of a live answer are never mended.
"""

from __future__ import annotations

import re
from typing import Final

_NBSP: Final = "\u00a0".encode()
_MARKUP = re.compile(rb"<(?!!)[^<>]*>|(?<![^>])[\s\xc2\xa0]+(?![^<])")
"""A tag, or nothing but blanks between two tags, before the first or after the last: indentation."""


def mended(data: bytes) -> tuple[bytes, int]:
    """Turn no-break spaces inside and between tags into blanks; those in texts stay.

    Return also the line of the first one, 0 where there was none. One blank stands for each: columns count
    characters, so positions stay true.
    """
    if data.isascii() or _NBSP not in data:
        return data, 0
    first = -1

    def blanks(match: re.Match[bytes]) -> bytes:
        nonlocal first
        at = match.group().find(_NBSP)
        if first < 0 <= at:
            first = match.start() + at
        return match.group().replace(_NBSP, b" ")

    text = _MARKUP.sub(blanks, data)
    return text, 0 if first < 0 else data.count(b"\n", 0, first) + 1
