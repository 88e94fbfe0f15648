"""Finding a value in a text, however it is spelt there.

Two ways, because neither finds everything. The spellings that programs write (XML, JSON, Python, percent, hex,
base64) are looked for as they are, whatever stands beside them. Then the text is read back, one kind of escape
at a time, and searched again: so are found any mixture of escapes, escapes of escapes, and what comments and
CDATA sections split. Letter case is never told apart.
"""

from __future__ import annotations

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.entities import html5
from itertools import accumulate, takewhile
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

Span = tuple[int, int]

_DEPTH = 4
"""How many escapes may lie one in the other."""
_LONG = 200_000
"""In longer texts, escapes of escapes are not read: a hostile server could make us read all day."""
_KEPT = 50_000
"""Longer texts are not kept, read back, for the next who looks for something in them."""
_HEAD, _LONG_HEAD = 4, 12
"""How much of a spelling must be there, at least half of it or so much, to be taken for one that was cut off."""
_CUT = re.compile(r"['\"),;…]|\.\.\.|\Z")
"""What stands behind a text that was cut off before it was searched."""
_OF_BASE64 = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/-_")


@dataclass(frozen=True, slots=True)
class Needles:
    """What to look for, without letter case: each spelling after its beginning, which is looked for first.

    Of base64 there are the parts that belong to the value alone.
    """

    plain: tuple[tuple[str, str], ...]
    base64: tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def needles(value: str) -> Needles:
    """Return the spellings of a value of at least four characters."""
    plain, coded = {value, *_as_text(value)}, set()
    # A value in a message that was encoded as a whole was escaped for XML before.
    for raw in {value.encode("utf-8", "surrogatepass"), escape(value).encode("utf-8", "surrogatepass")}:
        plain |= {raw.hex(), repr(raw)[2:-1]}
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded |= {_aligned(encode, raw, offset) for offset in range(3)}
    return Needles(_with_heads(plain), _with_heads(coded))


def _with_heads(spelt: set[str]) -> tuple[tuple[str, str], ...]:
    folded = {text.casefold() for text in spelt}
    return tuple((text[: min(max(_HEAD, len(text) // 2), _LONG_HEAD)], text) for text in folded)


def _as_text(value: str) -> Iterable[str]:
    yield escape(value)
    if value.isalnum() and value.isascii():
        return  # everybody writes it as it is
    yield quoteattr(value)[1:-1]
    yield escape(value, {'"': "&quot;", "'": "&apos;"})
    yield escape(value, {'"': "&#34;", "'": "&#39;"})
    yield html.escape(value)
    yield escape(value).encode("ascii", "xmlcharrefreplace").decode()
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)


def _aligned(encode: Callable[[bytes], bytes], raw: bytes, offset: int) -> str:
    """Return the characters that encode nothing but ``raw`` where ``offset`` bytes of a group stand before it."""
    whole = encode(bytes(offset) + raw).decode().rstrip("=")
    end = len(whole) - ((offset + len(raw)) % 3 > 0)
    return whole[offset + (offset > 0) : end]


def find(text: str, wanted: Needles, alone: Sequence[re.Pattern[str]] = (), *, cut: bool = False) -> list[Span]:
    """Return where the needles stand in ``text``, and what the patterns match, in order and without overlaps.

    With ``cut``, also the first half of a needle where the text is cut off after it.
    """
    found: list[Span] = []
    for layer in _layers(text):
        folded = layer.folded
        for head, needle in wanted.plain:
            if head in folded:
                found += map(layer.to_source, _all(head, needle, folded, cut))
        for head, needle in wanted.base64:
            if head in folded:
                found += map(layer.to_source, map(layer.wider, _all(head, needle, folded, cut)))
        for pattern in alone:
            found += [layer.to_source(match.span(), folded=False) for match in pattern.finditer(layer.text)]
    return _merged(found) if found else found


def _all(head: str, needle: str, text: str, cut: bool) -> Iterator[Span]:
    at = text.find(head)
    while at >= 0:
        if text.startswith(needle, at):
            yield at, at + len(needle)
        elif cut:
            same = takewhile(lambda pair: pair[0] == pair[1], zip(needle, text[at : at + len(needle)], strict=False))
            end = at + sum(1 for _ in same)
            if _CUT.match(text, end):
                yield at, end
        at = text.find(head, at + 1)


def _merged(spans: list[Span]) -> list[Span]:
    spans.sort()
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


@dataclass(slots=True)
class _Pieces:
    """How a text that was read back maps to the one it was read from."""

    starts: list[int] = field(default_factory=list)
    sources: list[Span] = field(default_factory=list)
    literal: list[bool] = field(default_factory=list)

    def add(self, start: int, source: Span, literal: bool) -> None:
        self.starts.append(start)
        self.sources.append(source)
        self.literal.append(literal)

    def back(self, span: Span) -> Span:
        first, last = bisect_right(self.starts, span[0]) - 1, bisect_right(self.starts, span[1] - 1) - 1
        start, end = self.sources[first][0], self.sources[last][1]
        if self.literal[first]:
            start += span[0] - self.starts[first]
        if self.literal[last]:
            end = self.sources[last][0] + span[1] - self.starts[last]
        return start, end


class _Layer:
    """A text, and how it was read from the one under it."""

    def __init__(self, text: str, under: _Layer | None = None, pieces: _Pieces | None = None) -> None:
        self.text = text
        self._under = under
        self._pieces = pieces

    @cached_property
    def folded(self) -> str:
        return self.text.casefold()

    @cached_property
    def _offsets(self) -> list[int] | None:
        """Where each character begins in the folded text; None where that is as long."""
        if len(self.folded) == len(self.text):
            return None
        return [0, *accumulate(len(character.casefold()) for character in self.text)]

    def wider(self, span: Span) -> Span:
        """Return the span with the characters that encode the value together with what stands beside it."""
        start, end = span
        start -= start > 0 and self.folded[start - 1] in _OF_BASE64
        end += end < len(self.folded) and self.folded[end] in _OF_BASE64
        return start, end

    def to_source(self, span: Span, *, folded: bool = True) -> Span:
        """Return where a span of this layer stands in the text at the bottom."""
        if folded and self._offsets is not None:
            span = bisect_right(self._offsets, span[0]) - 1, bisect_right(self._offsets, span[1] - 1)
        if self._pieces is None or self._under is None:
            return span
        return self._under.to_source(self._pieces.back(span), folded=False)


def _layers(text: str) -> Iterable[_Layer]:
    """Return the text and all that it can be read back to."""
    return _layers_again(text) if len(text) <= _KEPT else _read_back_all(text)


@lru_cache(maxsize=64)
def _layers_again(text: str) -> Sequence[_Layer]:
    return tuple(_read_back_all(text))


def _read_back_all(text: str) -> Iterator[_Layer]:
    level, seen = [_Layer(text)], {text}
    yield level[0]
    for _ in range(_DEPTH if len(text) <= _LONG else 1):
        above: list[_Layer] = []
        for layer in level:
            for can_hold, escapes, read in _ESCAPES:
                read_back = _read_back(layer, escapes, read) if can_hold(layer.text) else None
                if read_back is not None and read_back.text not in seen:
                    seen.add(read_back.text)
                    above.append(read_back)
                    yield read_back
        level = above


Escapes = Callable[[str], Iterator[re.Match[str]]]


def _read_back(layer: _Layer, escapes: Escapes, read: Callable[[str], str]) -> _Layer | None:
    text, parts, pieces, length, at = layer.text, list[str](), _Pieces(), 0, 0
    for match in escapes(text):
        start, end = match.span()
        if start > at:
            pieces.add(length, (at, start), True)
            parts.append(text[at:start])
            length += start - at
        stands_for = read(match[0])
        pieces.add(length, (start, end), False)
        parts.append(stands_for)
        length += len(stands_for)
        at = end
    if not at:
        return None
    if at < len(text):
        pieces.add(length, (at, len(text)), True)
        parts.append(text[at:])
    return _Layer("".join(parts), layer, pieces)


def _of_xml(found: str) -> str:
    if found[0] != "&" or found[-1] != ";":
        return ""  # a comment, an instruction, the edge of a CDATA section
    if found[1] != "#":
        return html5.get(found[1:], found)
    code = int(found[3:-1], 16) if found[2] in "xX" else int(found[2:-1])
    return chr(code) if code <= 0x10FFFF else found


def _of_percent(found: str) -> str:
    if found[1] in "uU":
        return chr(int(found[-4:], 16))
    return _bytes(found.replace("%", ""))


_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "a": "\a", "0": "\0"}


def _of_backslash(found: str) -> str:
    kind = found[1]
    if kind == "x":
        return _bytes(found.replace("\\x", ""))
    if kind == "U":
        code = int(found[-8:], 16)
        return chr(code) if code <= 0x10FFFF else found
    if kind == "u":
        units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in found.split("\\u")[1:])
        return units.decode("utf-16-be", "surrogatepass")
    return _SIMPLE.get(kind, kind)


def _bytes(digits: str) -> str:
    raw = bytes.fromhex(digits)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _utf8(prefix: str) -> str:
    """Return a pattern of one character as bytes, each written with ``prefix``."""
    digit = "[0-9A-Fa-f]"
    more = f"{prefix}[89ABab]{digit}"
    return (
        f"{prefix}[CDcd]{digit}{more}|{prefix}[Ee]{digit}(?:{more}){{2}}|{prefix}[Ff][0-7](?:{more}){{3}}"
        f"|{prefix}{digit}{{2}}"
    )


_XML = (
    r"&(?:\#0*[0-9]{1,7}|\#[xX]0*[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|<\?[^<>]*\?>|<!\[CDATA\[|\]\]>"
)
_ENTITY = re.compile(_XML)
_ENTITY_OR_COMMENT = re.compile(f"{_XML}|<!--.*?-->", re.DOTALL)


def _escapes_of_xml(text: str) -> Iterator[re.Match[str]]:
    # After the last end of a comment, each that begins would be looked through to the end of the text.
    commented = text.rfind("-->") + 3
    if commented > 2:
        yield from _ENTITY_OR_COMMENT.finditer(text, 0, commented)
    else:
        commented = 0
    yield from _ENTITY.finditer(text, commented)


_ESCAPES: tuple[tuple[Callable[[str], bool], Escapes, Callable[[str], str]], ...] = (
    (
        # Nearly every message begins with an instruction, which splits nothing.
        lambda text: "&" in text or "<!" in text or "]]>" in text or text.find("<?", 1) > 0,
        _escapes_of_xml,
        _of_xml,
    ),
    (lambda text: "%" in text, re.compile(f"{_utf8('%')}|%[uU][0-9A-Fa-f]{{4}}").finditer, _of_percent),
    (
        lambda text: "\\" in text,
        re.compile(
            r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
            rf"|{_utf8(chr(92) * 2 + 'x')}|\\[^\w]|\\[bfnrtva0]"
        ).finditer,
        _of_backslash,
    ),
    (
        # Base64 in lines, as in mails and certificates.
        lambda text: text.find("\n", 60) > 0 or text.find("\r", 60) > 0,
        re.compile(r"[\r\n](?<=[A-Za-z0-9+/]{60}.)\n?(?=[A-Za-z0-9+/])", re.DOTALL).finditer,
        lambda _: "",
    ),
)
