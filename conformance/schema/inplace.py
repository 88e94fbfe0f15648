"""Requests that are judged where they stand: what departs in them is put right in the tree that libxml2 has read.

To build the canonical form of a request takes ten times as long as to judge it; here nothing is done for each element
but to put right what departs. What is written in a rare way, or is not valid, is left to the canonical form, which
knows every place and tells more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml import etree

from conformance.schema.catalog import SchemaCatalog
from conformance.schema.plan import Plan, plan_for
from conformance.schema.reading import EMPTY, in_capitals, local_name
from conformance.versions import Version
from conformance.wire.limits import MAX_BODY, MAX_ELEMENTS, parser
from conformance.wire.names import MESSAGE, NAMESPACES, XSI, XSI_TYPE, Operation, operation_of_type
from conformance.wire.request import Departure, note_on_root, note_on_short_type, undeclared

_SERV: Final = NAMESPACES["serv"]
_XSI: Final = f' xmlns:xsi="{XSI}"'.encode()
_PARSER: Final = parser(elements_only=True)
_HEAD: Final = re.compile(
    rb"(?:<\?xml\s(?:[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)[\"'])?[^>]*>)?\s*()<(?:([A-Za-z_][\w.-]*):)?[A-Za-z_][\w.-]*"
)
"""What a message begins with: the encoding that it declares, and where the root starts, with its prefix."""
_OF_ASCII: Final = (b"utf-8", b"iso-8859-1", b"us-ascii", b"windows-1252")
"""Encodings that clients declare, in which bytes of ASCII mean the same."""
_STRANGE_TAG: Final = re.compile(rb"<[^<>]*[^<>\x00-\x7f]")
"""One that holds a letter of no schema; readers do not agree on which of them a name may hold."""
_BELOW: Final = etree.XPath("count(*//@*)")
"""How many attributes there are below the root."""

Unplaced = tuple[etree._Element, tuple[str, str, str]]
"""A departure whose place is not known yet: its element, and its id, path and words."""


class _LeftAlone(Exception):
    """The request is none that is judged here."""


@dataclass(slots=True)
class _Sent:
    """A request as it was sent."""

    root: etree._Element
    start: int
    """Where the root starts in the bytes."""
    content: etree._Element
    operation: Operation
    notes: Sequence[Unplaced]
    """How the root, and the type of the content, depart."""


def judge_in_place(
    data: bytes, catalog: SchemaCatalog, version: Version
) -> tuple[Operation, Sequence[Departure]] | None:
    """Return the operation of a request whose canonical form is valid, and what departs in it.

    None for any other message, and for a request that is written in a way that is not looked at here.
    """
    try:
        sent = _read(data)
        schemas = catalog.part(version, sent.operation.namespace)
        type_name = f"{{{sent.operation.namespace}}}{sent.operation.request_type}"
        plan = plan_for(sent.root, schemas, type_name) if type_name in schemas.model.types else None
        if plan is None:
            return None
        texts = list(_texts(plan))
        notes = [*plan.notes, *(note for note, _ in texts)]
        departures = _departures(sent, notes, data) if notes or sent.notes else []
        _put_right(sent, plan, type_name, texts)
    except _LeftAlone:
        return None
    return (sent.operation, departures) if schemas.is_valid_unqualified(sent.root) else None


def _read(data: bytes) -> _Sent:
    head = _HEAD.match(data)
    if head is None or len(data) > MAX_BODY or data.count(b"<") > MAX_ELEMENTS:
        raise _LeftAlone
    if (head[1] or b"utf-8").lower() not in (_OF_ASCII if data.isascii() else _OF_ASCII[:1]):
        raise _LeftAlone
    if not data.isascii() and _STRANGE_TAG.search(data):
        raise _LeftAlone
    unbound = b"" if head[3] is None or b"xmlns:" + head[3] in data else b' xmlns:%s="%s"' % (head[3], _SERV.encode())
    without_xsi = b"xmlns:xsi" not in data
    if unbound or without_xsi:
        bound = unbound + (_XSI if without_xsi else b"")
        data = data[: head.end()] + bound + data[head.end() :]
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError:
        raise _LeftAlone from None
    body = next(root.iterchildren("{*}body"), None)
    content = None if body is None else next(body.iterchildren("{*}bodyContent"), None)
    operation = None if content is None else operation_of_type(content.get(XSI_TYPE, ""))
    if content is None or operation is None or _BELOW(root) != 1:
        raise _LeftAlone
    notes = _notes(root, content, operation, unbound=bool(unbound), without_xsi=without_xsi)
    return _Sent(root, head.start(2), content, operation, [*notes])


def _notes(
    root: etree._Element, content: etree._Element, operation: Operation, *, unbound: bool, without_xsi: bool
) -> Iterator[Unplaced]:
    """Yield how the root and the type of the content depart, as the reader of requests would."""
    namespace, _, name = root.tag.rpartition("}")
    prefix = root.prefix or ""
    if name not in ("message", "messageType") or namespace not in ("", f"{{{_SERV}"):
        raise _LeftAlone
    if unbound:
        yield root, ("undeclared-prefix", f"/{name}", undeclared(prefix))
    if note := note_on_root(name, prefix, namespace[1:]):
        yield root, ("root-name", f"/{name}", note)
    path = f"/{name}/body/bodyContent"
    if without_xsi:
        if list(content.nsmap.values()).count(XSI) > 1:
            raise _LeftAlone  # the type may have the other prefix
        yield content, ("undeclared-xsi", path, undeclared("xsi"))
    xsi_type = str(content.attrib[XSI_TYPE]).strip()
    prefix = xsi_type.rpartition(":")[0]
    if prefix in ("", "java"):
        if xsi_type != operation.java_type:
            yield content, ("short-type", path, note_on_short_type(xsi_type, operation))
    elif content.nsmap.get(prefix) != operation.namespace:
        raise _LeftAlone


def _texts(plan: Plan[etree._Element]) -> Iterator[tuple[Unplaced, str | None]]:
    """Yield the notes on texts that depart, each with what the text is read as; None where there is none."""
    for elements, child, path in plan.texts:
        for element in elements:
            text = (element.text or "").strip()
            if not text and child.left_out_if_empty and not len(element):
                yield (element, ("empty-value", path, EMPTY)), None
            elif (small := child.in_small_letters(text)) is not None and not len(element):
                yield (element, ("boolean-case", path, in_capitals(text))), small


def _put_right(
    sent: _Sent,
    plan: Plan[etree._Element],
    type_name: str,
    texts: Iterable[tuple[Unplaced, str | None]],
) -> None:
    """Give the tree the names, texts and order of the schema."""
    sent.root.attrib.clear()
    sent.root.tag = MESSAGE
    sent.content.set(XSI_TYPE, _qualified(type_name))
    for element, name in plan.names:
        element.tag = name
    for row in plan.orders:
        row[0].getparent()[:] = row
    for element in plan.hollow:
        if element.text and not element.text.strip():
            element.text = None
    for (element, _), text in texts:
        if text is not None:
            element.text = text
        elif element.tail and element.tail.strip():
            raise _LeftAlone  # it would go with the element
        else:
            element.getparent().remove(element)


_qualified: Final = lru_cache(etree.QName)


def _departures(sent: _Sent, notes: list[Unplaced], data: bytes) -> list[Departure]:
    """Return what departs: what the reader of requests tells first, the rest in the order of the bytes."""
    tags = {element.tag for element, _ in (*sent.notes, *notes) if element is not sent.root}
    starts = _starts(sent, set(map(local_name, tags)), data)
    starts[sent.root] = sent.start
    notes.sort(key=lambda note: starts[note[0]])
    return [*_placed(sent.notes, starts, data), *_placed(notes, starts, data)]


def _starts(sent: _Sent, names: Iterable[str], data: bytes) -> dict[etree._Element, int]:
    """Return where the elements of these local names start in the bytes of their message."""
    if _holds(b"<!", data) or _holds(b"<?", data[sent.start :]):
        raise _LeftAlone  # what looks like a tag may be none
    starts: dict[etree._Element, int] = {}
    for name in names:
        elements = list(sent.root.iter(f"{{*}}{name}"))
        plain, prefixed = _start_tags(name)
        # Without comments, each is a start tag.
        found = [tag.start() for tag in plain.finditer(data)]
        if len(found) < len(elements):
            found = [tag.start() for tag in prefixed.finditer(data)]
        starts.update(zip(elements, found, strict=True))
    return starts


@lru_cache
def _start_tags(name: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return what finds the start tags of a name without a prefix, which is quicker, and with one or without."""
    end = re.escape(name.encode()) + rb"(?=[\s/>])"
    return re.compile(rb"<" + end), re.compile(rb"<(?:[^\s<>/:]+:)?" + end)


def _holds(sign: bytes, data: bytes) -> bool:
    """Tell whether data holds a sign, whose second byte is rare and quickly found."""
    return sign[1:2] in data and sign in data


def _placed(notes: Iterable[Unplaced], starts: Mapping[etree._Element, int], data: bytes) -> Iterator[Departure]:
    """Yield notes, in the order of the bytes, with their lines and columns; columns count characters."""
    line, line_start, before, ascii_, returns = 1, 0, 0, data.isascii(), b"\r" in data
    for element, (id_, path, words) in notes:
        start = starts[element]
        last = data.rfind(b"\n", before, start)
        if last >= 0:
            line += data.count(b"\n", before, start)
        if returns:
            line += data.count(b"\r", before, start) - data.count(b"\r\n", before, start)
            last = max(last, data.rfind(b"\r", before, start))
        line_start, before = (last + 1 if last >= 0 else line_start), start
        column = start - line_start if ascii_ else len(data[line_start:start].decode())
        yield Departure(id_, path, line, column + 1, words)
