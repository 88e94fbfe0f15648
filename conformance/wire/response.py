"""Responses: reading them without trusting them.

FAILURE is HTTP 200 too; what a response means stands in ``serv:result`` (recorded exchanges).
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from conformance.errors import MalformedMessage
from conformance.wire.limits import MAX_BODY, parser
from conformance.wire.names import NAMESPACES, XSI_TYPE

_SERV = f"{{{NAMESPACES['serv']}}}"
_RESPONSE = f"{_SERV}header/{_SERV}response"
_TEXT = etree.XPath("string()")  # .text ends at the first comment


@dataclass(frozen=True, slots=True)
class Response:
    """A response that could be read. Texts are None where the element is absent."""

    root: etree._Element
    result: str | None
    reason: str | None
    exception_id: str | None
    gsb_status: str | None
    content: etree._Element | None
    content_type: tuple[str, str] | None
    """Namespace and local name of the ``xsi:type`` of ``serv:bodyContent``."""


def read_response(data: bytes) -> Response:
    """Read a response; raise MalformedMessage where the bytes are none."""
    root = _parse(data)
    if root.tag != f"{_SERV}message":
        raise MalformedMessage("envelope", f"the root is {root.tag}, expected serv:message", root.sourceline or 0)
    content = root.find(f"{_SERV}body/{_SERV}bodyContent")

    def text(name: str) -> str | None:
        found = root.find(f"{_RESPONSE}/{_SERV}{name}")
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
    )


def _parse(data: bytes) -> etree._Element:
    if not data.strip():
        raise MalformedMessage("empty", "the body is empty")
    if len(data) > MAX_BODY:
        raise MalformedMessage("limit", f"the body has {len(data)} bytes, the limit is {MAX_BODY}")
    try:
        root = etree.fromstring(data, parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        told = str(error.msg or error).partition(", line ")[0]  # the place is told by itself
        raise MalformedMessage(_kind(data, error.code), told, line or 0, column or 0) from error
    except ValueError as error:
        raise MalformedMessage("encoding", str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedMessage("doctype", "a DOCTYPE is not allowed", 1, 1)
    return root


def _kind(data: bytes, code: int) -> str:
    start = data.lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith(b"<!doctype") or b"<!DOCTYPE" in data[:4096]:
        return "doctype"
    return "limit" if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT else "not-xml"


def _type_of(content: etree._Element) -> tuple[str, str] | None:
    value = content.get(XSI_TYPE)
    if value is None:
        return None
    prefix, _, local = value.strip().rpartition(":")
    return content.nsmap.get(prefix or None) or "", local
