"""Responses: reading them without trusting them.

FAILURE is HTTP 200 too; what a response means stands in ``serv:result`` (recorded exchanges).
"""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from lxml import etree

from conformance.errors import MalformedMessage
from conformance.wire.limits import MAX_BODY, MAX_TAGS, parser
from conformance.wire.names import MESSAGE, NAMESPACES, XSI_TYPE

_SERV = f"{{{NAMESPACES['serv']}}}"
_CONTENTS = etree.XPath("serv:body/serv:bodyContent", namespaces=NAMESPACES)
_OF_RESPONSE = etree.XPath("serv:header/serv:response/serv:*", namespaces=NAMESPACES)
_PARSER = parser()
_TEXT = etree.XPath("string()")  # .text ends at the first comment

# Atomic and possessive: what was passed once is not tried again, however long it is.
_PROLOGUE = rb"(?:\xef\xbb\xbf)?(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+"
_DOCTYPE = re.compile(_PROLOGUE + rb"<!DOCTYPE", re.DOTALL)
_PAGE = re.compile(_PROLOGUE + rb"<(?:!doctype\s+)?html\b", re.DOTALL | re.IGNORECASE)
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_READ = re.compile(r"utf-?8|us-?ascii|ascii|utf-?16(?:le|be)?|iso-?8859-?\d+|latin-?\d|windows-125\d", re.IGNORECASE)
"""The encodings that are read; libxml2 knows others, among them UTF-7, in which markup hides from who looks."""


class Response(NamedTuple):
    """A response that could be read. Texts are None where the element is absent."""

    root: etree._Element
    result: str | None
    reason: str | None
    exception_id: str | None
    gsb_status: str | None
    content: etree._Element | None
    content_type: tuple[str, str] | None
    """Namespace and local name of the ``xsi:type`` of ``serv:bodyContent``."""
    encoding: str = "UTF-8"
    """In which encoding the bytes were read."""


def read_response(data: bytes) -> Response:
    """Read a response; raise MalformedMessage where the bytes are none.

    The kinds are ``empty``, ``limit``, ``doctype``, ``html``, ``json``, ``encoding``, ``not-xml`` and
    ``envelope`` (XML, and no message).
    """
    root, encoding = _parse(data)
    if root.tag != MESSAGE:
        kind = "html" if is_page(data) else "envelope"
        raise MalformedMessage(kind, f"the root is {root.tag}, expected serv:message", root.sourceline or 0)
    content = next(iter(cast("list[etree._Element]", _CONTENTS(root))), None)
    first: dict[str, etree._Element] = {}
    for element in cast("list[etree._Element]", _OF_RESPONSE(root)):
        first.setdefault(element.tag, element)

    def text(name: str) -> str | None:
        found = first.get(f"{_SERV}{name}")
        if found is None:
            return None
        return (found.text or "") if len(found) == 0 else str(_TEXT(found))

    return Response(
        root=root,
        result=text("result"),
        reason=text("reason"),
        exception_id=text("exceptionID"),
        gsb_status=text("gsbStatus"),
        content=content,
        content_type=None if content is None else _type_of(content),
        encoding=encoding,
    )


def is_page(data: bytes) -> bool:
    """Tell whether bytes are the start of an HTML document, whatever they were sent as."""
    return _PAGE.match(data) is not None


def _parse(data: bytes) -> tuple[etree._Element, str]:
    if not data.strip():
        raise MalformedMessage("empty", "the body is empty")
    if len(data) > MAX_BODY:
        raise MalformedMessage("limit", f"the body has {len(data)} bytes, the limit is {MAX_BODY}")
    if len(data) > MAX_TAGS and (data.count(b"<") > MAX_TAGS or data.count(b"=") > MAX_TAGS):
        raise MalformedMessage("limit", f"the body has more than {MAX_TAGS} tags or attributes")
    if b"!" in data and (prologue := _DOCTYPE.match(data)):  # not even shown to the parser
        kind, line = "html" if is_page(data) else "doctype", data.count(b"\n", 0, prologue.end()) + 1
        raise MalformedMessage(kind, "a DOCTYPE is not allowed", line)
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _refused(data, error) from error
    except ValueError as error:
        raise MalformedMessage("encoding", str(error)) from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None:  # written in an encoding that hid it above
        raise MalformedMessage("doctype", "a DOCTYPE is not allowed", 1)
    encoding = document.encoding or "UTF-8"
    if not _READ.fullmatch(encoding):
        raise MalformedMessage("encoding", f"the body is written in {encoding[:40]}, not in UTF-8", 1)
    return root, encoding


def _refused(data: bytes, error: etree.XMLSyntaxError) -> MalformedMessage:
    line, column = error.position
    told = str(error.msg or error).partition(", line ")[0].strip()  # the place is told by itself
    kind = _kind(data, error.code)
    if kind == "not-xml" and (invalid := _invalid_utf8(data)):
        kind, told = "encoding", invalid
    return MalformedMessage(kind, told, line or 0, column or 0)


def _kind(data: bytes, code: int) -> str:
    start = data.lstrip()[:64].lower()
    if is_page(data):
        return "html"
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith(b"<!doctype"):
        return "doctype"
    if code in (etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING, etree.ErrorTypes.ERR_UNKNOWN_ENCODING):
        return "encoding"
    return "limit" if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT else "not-xml"


def _invalid_utf8(data: bytes) -> str:
    """Return where bytes that should be UTF-8 are not, in words; empty where they are, or need not be."""
    declared = _DECLARED.match(data)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        return ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        around = data[max(0, error.start - 4) : error.start + 4].hex(" ")
        return f"byte {data[error.start]:#04x} at offset {error.start} is not UTF-8 (around it: {around})"
    return ""


def _type_of(content: etree._Element) -> tuple[str, str] | None:
    value = content.get(XSI_TYPE)
    if value is None:
        return None
    prefix, _, local = value.strip().rpartition(":")
    return content.nsmap.get(prefix or None) or "", local
