"""From the bytes that a client really sent to the message in them, and what was tolerated on the way.

Clients post raw XML, forms with the message in their field ``XML``, or put that field into the address; some begin
with blanks or declare an encoding that is not theirs. What it is tells the first byte that is no blank, never the
Content-Type, which many clients get wrong.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from conformance.wire.limits import MAX_BODY
from conformance.wire.request import Departure

MAX_CARRIED: Final = 3 * MAX_BODY
"""Bytes of what carries a message: percent-encoding makes three of one."""

_BLANKS: Final = rb"(?:[ \t\r\n]|\xc2\xa0|\xef\xbb\xbf)*"
_LEADING: Final = re.compile(_BLANKS)
_REQUEST_LINE: Final = re.compile(_BLANKS + rb"[A-Z]{3,7} (\S+) HTTP/[0-9.]+\r?\n")
_ADDRESS: Final = re.compile(_BLANKS + rb"(?:https?://[^\s<>]+|/[^\s<>]*)\s*\Z", re.IGNORECASE)
_FIELD: Final = re.compile(rb"(?:\A|[?&;\s])XML=", re.IGNORECASE)
_DECLARATION: Final = re.compile(rb"<\?xml\s(?>[^>]*?\?>)")
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OF_ONE_BYTE: Final = re.compile(r"iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d|us-ascii|ascii", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Carried:
    """A message, out of what carried it. Lines and columns of departures are those of the message."""

    message: bytes
    departures: tuple[Departure, ...] = ()


def carried(data: bytes | str) -> Carried:
    """Return the message that ``data`` carries; what carries none is returned as it is.

    ``data`` is a body, an address with a query, or a whole HTTP request. A text was decoded by whoever recorded it,
    so what it declares of its encoding says nothing. The message keeps its lines and columns: what can not stay in
    front of it is turned into blanks.
    """
    decoded = isinstance(data, str)
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if len(raw) > MAX_CARRIED or _starts_with_tag(raw):
        return _mended(raw, (), decoded=decoded)
    found = _of_http(raw) if _REQUEST_LINE.match(raw) else _of_fields(raw)
    if found is None:
        return Carried(raw)
    message, *how = found
    return _mended(message, tuple(how), decoded=decoded and message in raw)


def _starts_with_tag(data: bytes) -> bool:
    if data.startswith(_UTF_16):
        return True
    at = _LEADING.match(data)
    return data[at.end() if at else 0 :][:2].strip(b"\0").startswith(b"<")


def _of_http(data: bytes) -> tuple[bytes, Departure] | tuple[bytes] | None:
    """Return what a whole HTTP request carries: in its address, whichever form that has, or in its body."""
    line = _REQUEST_LINE.match(data)
    target = line[1] if line else b""
    if b"?" in target and (found := _of_fields(target)):
        return found
    _, separator, body = data.replace(b"\r\n", b"\n", data.count(b"\r\n", 0, 65536)).partition(b"\n\n")
    if not separator:
        return None
    return (body,) if _starts_with_tag(body) else _of_fields(body)


def _of_fields(data: bytes) -> tuple[bytes, Departure] | None:
    """Return the message in the field ``XML`` of an address or a form."""
    in_query = _ADDRESS.match(data) is not None
    field = _FIELD.search(data)
    if field is None:
        return None
    value = data[field.end() :]
    if value.lstrip().startswith(b"<"):  # written as it is, so that & and + are its own
        message = value[: value.rfind(b">") + 1]
    else:
        message = unquote_to_bytes(re.split(rb"[&\s#]", value, maxsplit=1)[0].replace(b"+", b" "))
    id_, note = ("in-query", "the query of an address") if in_query else ("form-body", "a form")
    return message, Departure(id_, "/", 0, 0, f"the message is the field XML of {note}")


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
    if text is None or not (too_early or departure or (decoded and declared.lower() not in ("", "utf-8"))):
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
    if named in ("utf-8", "utf8"):
        try:
            return data.decode(), None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            note = f"byte {data[error.start]:#04x} is not UTF-8; read as Latin-1"
            return data.decode("latin-1"), Departure("not-utf-8", "/", line, 0, note)
    if not _OF_ONE_BYTE.fullmatch(named):
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
