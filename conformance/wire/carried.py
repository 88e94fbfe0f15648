"""From the bytes that a client really sent to the message in them, and what was tolerated on the way.

Clients post raw XML, forms with the message in their field ``XML``, or put that field into the address; some begin
with blanks or declare an encoding that is not theirs. What it is tells the first byte that is no blank, never the
Content-Type, which many clients get wrong; that they do is told.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from conformance.wire.departures import DEPARTURES
from conformance.wire.limits import MAX_BODY
from conformance.wire.request import Departure

MAX_CARRIED: Final = 3 * MAX_BODY
"""Bytes of what carries a message: percent-encoding makes three of one."""

_BLANKS: Final = rb"(?:[ \t\r\n]|\xc2\xa0|\xef\xbb\xbf)*"
_LEADING: Final = re.compile(_BLANKS)
_REQUEST_LINE: Final = re.compile(_BLANKS + rb"[A-Z]{3,7} (\S+) HTTP/[0-9.]+\r?\n")
_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_CONTENT_TYPE: Final = re.compile(rb"^content-type:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_CHUNKED: Final = re.compile(rb"^transfer-encoding:[^\r\n]*\bchunked\b", re.IGNORECASE | re.MULTILINE)
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")
_ADDRESS: Final = re.compile(_BLANKS + rb"(?:https?://[^\s<>]+|/[^\s<>]*)\s*\Z", re.IGNORECASE)
_FIELD: Final = re.compile(rb"(?:\A|[?&;\s])XML=", re.IGNORECASE)
_DECLARATION: Final = re.compile(rb"<\?xml\s(?>[^>]*?\?>)")
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_PLAIN: Final = re.compile(
    rb"""<(?:\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])? ?\?>|(?!\?))""", re.IGNORECASE
)
"""The start of a message that is legible as it is, if it is written in ASCII."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_8: Final = ("utf-8", "utf8")
_OF_ONE_BYTE: Final = re.compile(r"iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d|us-ascii|ascii", re.IGNORECASE)
_OF_SEVERAL: Final = re.compile(r"big5|shift_jis|euc-(?:kr|jp)|gb(?:2312|k|18030)", re.IGNORECASE)
"""Encodings that a client library offers and that readers of XML need not know: they are given UTF-8 instead."""
_OF_XML: Final = ("text/xml", "application/xml")
_OF_FORMS: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Carried:
    """A message, out of what carried it. Lines and columns of departures are those of the message."""

    message: bytes
    departures: tuple[Departure, ...] = ()

    def as_known(self, data: bytes) -> Carried:
        """Return ``data``, which carried it, where the message was only made legible: nobody saw that it is read."""
        guessed = any(DEPARTURES[note.id].severity == "unknown" for note in self.departures)
        return Carried(data) if guessed else self


def carried(data: bytes | str) -> Carried:
    """Return the message that ``data`` carries; what carries none is returned as it is.

    ``data`` is a body, an address with a query, or a whole HTTP request. A text was decoded by whoever recorded it,
    so what it declares of its encoding says nothing. The message keeps its lines and columns: what can not stay in
    front of it is turned into blanks.
    """
    decoded = isinstance(data, str)
    if isinstance(data, bytes) and _PLAIN.match(data) and data.isascii():
        return Carried(data)
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if len(raw) > MAX_CARRIED or starts_with_tag(raw):
        return _mended(raw, (), decoded=decoded)
    if line := _REQUEST_LINE.match(raw):
        return _of_http(raw, line, decoded=decoded)
    found = _of_fields(raw, in_query=_ADDRESS.match(raw) is not None)
    if found is None:
        return Carried(raw)
    message, how = found
    return _mended(message, (how,), decoded=decoded and message in raw)


def carried_by_http(target: bytes, content_type: str | None, body: bytes, *, decoded: bool = False) -> Carried:
    """Return the message of an HTTP request: in the query of its address, whichever form that has, or in its body.

    ``content_type`` is empty where none was sent, None where that is not known; ``decoded`` says that the body was a
    text when it was recorded.
    """
    how: list[Departure] = []
    if b"://" in target.partition(b"?")[0]:
        how.append(Departure("absolute-form", "/", 0, 0, "the request line holds the whole address"))
    query = target.partition(b"?")[2]
    if query and (found := _of_fields(b"?" + query, in_query=True)):
        return _mended(found[0], (*how, found[1]), decoded=False)
    if len(body) > MAX_CARRIED or starts_with_tag(body):
        how += _wrong_type(content_type, _OF_XML)
        return _mended(body, tuple(how), decoded=decoded)
    found = _of_fields(body, in_query=False)
    if found is None:
        return Carried(body)
    how += _wrong_type(content_type, (_OF_FORMS,))
    return _mended(found[0], (*how, found[1]), decoded=decoded and found[0] in body)


def _wrong_type(content_type: str | None, right: tuple[str, ...]) -> list[Departure]:
    if content_type is None or content_type.partition(";")[0].strip().lower() in right:
        return []
    note = f"Content-Type '{content_type[:80]}'" if content_type else "no Content-Type"
    return [Departure("content-type", "/", 0, 0, f"{note} instead of {right[0]}")]


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that a message says it is in, UTF-8 where it says nothing.

    None for one in which tags may be spelt in other bytes than those of ASCII, or that is not known.
    """
    leading = _LEADING.match(data)
    declared = _encoding_of(_DECLARATION.match(data, leading.end() if leading else 0)).lower() or "utf-8"
    known = declared in _UTF_8 or _OF_ONE_BYTE.fullmatch(declared) or _OF_SEVERAL.fullmatch(declared)
    return declared if known else None


def starts_with_tag(data: bytes) -> bool:
    """Tell whether the first thing in a body, but for blanks, is a tag."""
    if data.startswith(_UTF_16):
        return True
    at = _LEADING.match(data)
    return data[at.end() if at else 0 :][:2].strip(b"\0").startswith(b"<")


def _of_http(data: bytes, line: re.Match[bytes], *, decoded: bool) -> Carried:
    """Return what a whole HTTP request carries."""
    end = _END_OF_HEAD.search(data, line.end() - 1)
    if end is None:
        return carried_by_http(line[1], None, b"") if b"?" in line[1] else Carried(data)
    head, body = data[line.end() : end.start() + 1], data[end.end() :]
    named = _CONTENT_TYPE.search(head)
    if _CHUNKED.search(head):
        body = _joined(body)
    found = carried_by_http(line[1], named[1].decode("latin-1") if named else "", body, decoded=decoded)
    return found if found.message or found.departures else Carried(data)


def _joined(chunks: bytes) -> bytes:
    """Return the body that is sent in chunks; the bytes themselves where they are none."""
    body, at = bytearray(), 0
    while size := _CHUNK.match(chunks, at):
        end = size.end() + int(size[1], 16)
        body += chunks[size.end() : end]
        if end == size.end():
            return bytes(body)
        at = end + (2 if chunks[end : end + 2] == b"\r\n" else 1)
    return chunks


def _of_fields(data: bytes, *, in_query: bool) -> tuple[bytes, Departure] | None:
    """Return the message in the field ``XML`` of an address or a form."""
    field = _FIELD.search(data)
    if field is None:
        return None
    value = data[field.end() :]
    if value.lstrip().startswith(b"<"):  # written as it is, so that & and + are its own
        message = value[: value.rfind(b">") + 1]
    else:
        message = unquote_to_bytes(re.split(rb"[&\s#]", value, maxsplit=1)[0].replace(b"+", b" "))
    if in_query:
        return message, Departure("in-query", "/", 0, 0, "the message is the field XML of the query of an address")
    return message, Departure("form-body", "/", 0, 0, "the message is the field XML of a form")


def _mended(data: bytes, before: tuple[Departure, ...], *, decoded: bool) -> Carried:
    """Return the message so that a reader of XML takes it; the very bytes where there is nothing to mend."""
    if data.startswith(_UTF_16):
        return _of_utf_16(data, before)
    leading = _LEADING.match(data)
    start = leading.end() if leading else 0
    declaration = _DECLARATION.match(data, start)
    declared = _encoding_of(declaration)
    text, departure = (data.decode(errors="replace"), None) if decoded else _text(data, declared)
    too_early = declaration is not None and data[:start] not in (b"", codecs.BOM_UTF8)
    departures = list(before)
    if too_early:
        departures.append(_before_declaration(data, start))
    if departure is not None:
        departures.append(departure)
    declared_wrong = decoded and declared.lower() not in ("", "utf-8")
    if text is None or not (too_early or departure or declared_wrong or _OF_SEVERAL.fullmatch(declared)):
        return Carried(data, tuple(departures))
    return Carried(_without_declaration(text), tuple(departures))


def _encoding_of(declaration: re.Match[bytes] | None) -> str:
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    return encoding[1].decode("ascii") if encoding else ""


def _text(data: bytes, declared: str) -> tuple[str | None, Departure | None]:
    """Return the text of bytes, and how they depart from the encoding that they declare.

    None for a text that its reader must refuse: an encoding that is not known.
    """
    named = declared.lower() or "utf-8"
    if named in _UTF_8:
        try:
            return data.decode(), None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            note = f"byte {data[error.start]:#04x} is not UTF-8; read as Latin-1"
            return data.decode("latin-1"), Departure("not-utf-8", "/", line, 0, note)
    if not (_OF_ONE_BYTE.fullmatch(named) or _OF_SEVERAL.fullmatch(named)):
        return None, None
    if not data.isascii():
        try:
            text = data.decode()
        except UnicodeDecodeError:
            pass  # it is what it says
        else:
            line = text.count("\n", 0, next(i for i, c in enumerate(text) if not c.isascii())) + 1
            return text, Departure("wrong-encoding", "/", line, 0, f"declared as {declared}, written in UTF-8")
    try:
        return data.decode(named), None
    except (LookupError, UnicodeDecodeError):
        return None, None


def _of_utf_16(data: bytes, before: tuple[Departure, ...]) -> Carried:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        return Carried(data, before)
    declaration = _DECLARATION.match(text.encode("utf-8", "replace"))
    declared = _encoding_of(declaration)
    if declared.lower().startswith(("utf-16", "utf16")) or not declared:
        return Carried(data, before)
    note = f"declared as {declared}, written in UTF-16"
    return Carried(_without_declaration(text), (*before, Departure("wrong-encoding", "/", 1, 0, note)))


def _before_declaration(data: bytes, start: int) -> Departure:
    line = data.count(b"\n", 0, start) + 1
    column = len(data[data.rfind(b"\n", 0, start) + 1 : start].decode().replace("\ufeff", "")) + 1
    return Departure("leading-blanks", "/", line, column, "blanks before the XML declaration")


def _without_declaration(text: str) -> bytes:
    """Turn an XML declaration, and byte order marks before it, into blanks, so that all else stays in its place."""

    def blanks(match: re.Match[str]) -> str:
        return re.sub(r"[^\r\n]", " ", match[0].replace("\ufeff", ""))

    return re.sub(r"\A[\s\ufeff]*<\?xml\s[^>]*?\?>", blanks, text, count=1).encode("utf-8", "replace")
