"""Defects of answers: their elements and values, their envelope, or the answer as a whole."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lxml import etree

from conformance.mock.state import Proceed, Reply, Site
from conformance.wire import answer
from conformance.wire.limits import parser
from conformance.wire.names import NAMESPACES, XSI_TYPE, clark
from conformance.wire.request import Request

_DATE = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to an answer: ``verb`` is done to every element at the XPath ``at``, ``value`` is what it takes."""

    at: str
    verb: str
    value: str = ""


def _remove(node: etree._Element, _: str) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _empty(node: etree._Element, _: str) -> None:
    del node[:]
    node.text = None


def _text(node: etree._Element, value: str) -> None:
    old = node.text or ""
    del node[:]
    node.text = value.replace("{}", old)


def _substitute(node: etree._Element, value: str) -> None:
    pattern, _, by = value.partition(" => ")
    node.text = re.sub(pattern, by, node.text or "")


def _shift(node: etree._Element, value: str) -> None:
    node.text = (datetime.strptime(node.text or "", _DATE) + timedelta(seconds=int(value))).strftime(_DATE)


def _add_to(node: etree._Element, value: str) -> None:
    name, _, text = value.partition("=")
    etree.SubElement(node, name if name.startswith("{") else clark(name)).text = text or None


def _move_first(node: etree._Element, _: str) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.insert(0, node)


def _move_last(node: etree._Element, _: str) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.append(node)


def _rename(node: etree._Element, value: str) -> None:
    node.tag = f"{{{etree.QName(node).namespace}}}{value}"


def _namespace(node: etree._Element, value: str) -> None:
    local = etree.QName(node).localname
    node.tag = f"{{{value}}}{local}" if value else local


def _loosen(node: etree._Element, _: str) -> None:
    node.text = "text"


def _type(node: etree._Element, value: str) -> None:
    if value:
        node.set(XSI_TYPE, value)
    else:
        node.attrib.pop(XSI_TYPE, None)


VERBS: Mapping[str, Callable[[etree._Element, str], None]] = {
    "remove": _remove,
    "empty": _empty,
    "blank": lambda node, _: _text(node, " "),
    "text": _text,
    "substitute": _substitute,
    "upper": lambda node, _: _text(node, (node.text or "").upper()),
    "shift": _shift,
    "twice": lambda node, _: node.addnext(copy.deepcopy(node)),
    "first": _move_first,
    "last": _move_last,
    "rename": _rename,
    "namespace": _namespace,
    "add": _add_to,
    "type": _type,
    "loosen": _loosen,
}
"""What can be done to an element.

``text`` takes the new text, in which ``{}`` is the old one; ``substitute`` ``PATTERN => REPLACEMENT``; ``shift``
the seconds that a date moves by; ``add`` a child, ``prefix:name`` or ``prefix:name=text``; ``rename`` a local
name; ``namespace`` a URI, or nothing for none; ``type`` an xsi:type, or nothing for none. ``loosen`` puts text before
the children.
"""

WHOLE: Mapping[str, Callable[[list[etree._Element]], None]] = {
    "reverse": lambda nodes: _permute(nodes, list(reversed(nodes))),
    "swap": lambda nodes: _swap(nodes[0], nodes[-1]),
    "repeat": lambda nodes: _permute(nodes, [nodes[0], *nodes[:-1]]),
}
"""What can be done to all elements at once.

``reverse`` their order; ``swap`` the texts of the first and the last; ``repeat`` the first in place of the
second, and so on: the last is lost.
"""


def _permute(nodes: list[etree._Element], order: list[etree._Element]) -> None:
    copies = [copy.deepcopy(node) for node in order]
    for node, new in zip(nodes, copies, strict=True):
        parent = node.getparent()
        if parent is not None:
            parent.replace(node, new)


def _swap(one: etree._Element, other: etree._Element) -> None:
    one.text, other.text = other.text, one.text


def edited(body: bytes, edits: Sequence[Edit]) -> bytes | None:
    """Return a message with the edits made; None where one of them finds nothing to change."""
    root = etree.fromstring(body, parser())
    for edit in edits:
        nodes = root.xpath(edit.at, namespaces=NAMESPACES)
        if not (isinstance(nodes, list) and nodes):
            return None
        if edit.verb in WHOLE:
            WHOLE[edit.verb](nodes)
            continue
        for node in nodes:
            VERBS[edit.verb](node, edit.value)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


@dataclass(slots=True)
class Answering:
    """Answers are edited."""

    edits: Sequence[Edit]
    befell: int = 0

    def __call__(self, _: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Edit the answer, where all edits find what they change."""
        reply = proceed(request)
        body = edited(reply.body, self.edits)
        if body is None:
            return reply
        self.befell += 1
        return replace(reply, body=body)


@dataclass(slots=True)
class Refusing:
    """Calls that would succeed are refused, and nothing is done."""

    exception_id: str
    reason: str
    befell: int = 0

    def __call__(self, site: Site, request: Request, _: Proceed, /) -> Reply:
        """Refuse without doing what is asked."""
        self.befell += 1
        return Reply(answer.failure(request.operation, self.exception_id, self.reason), site)


@dataclass(slots=True)
class Succeeding:
    """Calls that are refused are said to have succeeded, with an answer that holds nothing."""

    befell: int = 0

    def __call__(self, _: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Claim a success, though nothing was done."""
        reply = proceed(request)
        if request.operation is None or b"<serv:result>FAILURE" not in reply.body:
            return reply
        self.befell += 1
        return replace(reply, body=answer.success(request.operation, {}))


@dataclass(slots=True)
class Carried:
    """Failures are carried by another HTTP status."""

    status: int
    befell: int = 0

    def __call__(self, _: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer a FAILURE with that status."""
        reply = proceed(request)
        if b"<serv:result>FAILURE" not in reply.body:
            return reply
        self.befell += 1
        return replace(reply, status=self.status)


@dataclass(slots=True)
class Told:
    """The caller's password is told in the reason of a failure, or in an element of a success."""

    befell: int = 0

    def __call__(self, _: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Give the password back."""
        reply, password = proceed(request), request.security.get("password")
        if not password:
            return reply
        self.befell += 1
        root = etree.fromstring(reply.body, parser())
        told = root.find(".//{*}reason")
        if told is None:
            told = etree.SubElement(root[0][0], clark("serv:value"))
        told.text = f"{told.text or ''} ({password})"
        return replace(reply, body=etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
