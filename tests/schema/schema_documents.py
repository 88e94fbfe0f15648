"""Documents made from the schemas: one that has everything once, and ways to spoil it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

import xmlschema
from hypothesis import strategies as st
from lxml import etree
from xmlschema.validators import XsdElement, XsdGroup, XsdType

from conformance.wire.names import NAMESPACES, OPERATIONS, XSI_TYPE

SERV = f"{{{NAMESPACES['serv']}}}"

REQUEST_TYPES = sorted(f"{op.prefix}:{op.request_type}" for op in OPERATIONS.values())

TYPES = sorted([*REQUEST_TYPES, *(f"{op.prefix}:{op.response_type}" for op in OPERATIONS.values())])
"""Every type of a ``bodyContent``."""

_VALUES = {"boolean": "true", "double": "0.5", "float": "0.5", "decimal": "0.5", "base64Binary": "AAAA"}


def message(xsi_type: str, compiled: xmlschema.XMLSchema10, branch: int = 0) -> etree._Element:
    """Return a message of that type in which every element that may stand there stands there.

    Of elements that exclude each other that is the one at ``branch``, or the last.
    """
    root = etree.Element(f"{SERV}message", nsmap=NAMESPACES)
    etree.SubElement(root, f"{SERV}header")
    content = etree.SubElement(etree.SubElement(root, f"{SERV}body"), f"{SERV}bodyContent")
    content.set(XSI_TYPE, xsi_type)
    prefix, _, local = xsi_type.partition(":")
    _fill(content, compiled.maps.types[f"{{{NAMESPACES[prefix]}}}{local}"], branch)
    return root


def _fill(element: etree._Element, type_: XsdType, branch: int) -> None:
    if type_.is_simple():
        element.text = _value(type_)
        return
    for child in _children(type_.content, branch):
        for _ in range(max(1, child.min_occurs)):
            _fill(etree.SubElement(element, child.name), child.type, branch)


def _children(particle: object, branch: int) -> Iterator[XsdElement]:
    """Yield the elements that may stand together."""
    if isinstance(particle, XsdElement):
        yield particle
    elif isinstance(particle, XsdGroup):
        exclusive = particle.model == "choice" and particle.max_occurs == 1 and len(particle)
        for inner in [particle[min(branch, len(particle) - 1)]] if exclusive else particle:
            yield from _children(inner, branch)


def _value(type_: XsdType) -> str:
    if type_.enumeration:
        return str(type_.enumeration[0])
    known = type_
    while not (known.name or "").startswith("{http://www.w3.org/2001/XMLSchema}"):
        known = known.base_type
    local = known.local_name
    return _VALUES.get(local, "x" if local == "string" else "1")


_TEXTS = (
    *("", " ", "\n", "x", "0", "1", " 1 ", "+1", "-0", "01", "1.0", "1e3", ".5", "1.", "0x1", "1 000"),
    *("true", " true", "TRUE", "True", "yes", "INF", "+INF", "-INF", "Infinity", "inf", "NaN", "nan"),
    *("9" * 18, "9" * 19, "-9223372036854775808", "-9223372036854775809", "2147483648", "x" * 65, "x" * 3000),
    *("PERSONAL", "SUCCESS", "FS", "=AA=", "AA==", "A A = =", "A"),
)


def _remove(element: etree._Element, _draw: st.DataObject) -> None:
    element.getparent().remove(element)


def _double(element: etree._Element, _draw: st.DataObject) -> None:
    element.addnext(copy.deepcopy(element))


def _first(element: etree._Element, _draw: st.DataObject) -> None:
    element.getparent().insert(0, element)


def _text(element: etree._Element, draw: st.DataObject) -> None:
    element.text = draw.draw(st.sampled_from(_TEXTS)) or None  # no parser makes an empty text


def _tail(element: etree._Element, draw: st.DataObject) -> None:
    element.tail = draw.draw(st.sampled_from(["x", "\n"]))


def _rename(element: etree._Element, draw: st.DataObject) -> None:
    tag, local = str(element.tag), etree.QName(element).localname
    element.tag = draw.draw(st.sampled_from([f"{tag}New", local, f"{SERV}{local}", f"{{urn:other}}{local}"]))


def _attribute(element: etree._Element, draw: st.DataObject) -> None:
    element.set(draw.draw(st.sampled_from(["a", f"{SERV}a"])), "1")


def _comment(element: etree._Element, _draw: st.DataObject) -> None:
    if len(element):
        element.insert(1, etree.Comment("comment"))


def _new_child(element: etree._Element, draw: st.DataObject) -> None:
    tag = draw.draw(st.sampled_from([str(element.tag), f"{SERV}new", "{urn:other}new", "new"]))
    element.insert(draw.draw(st.integers(0, len(element))), etree.Element(tag))


SPOILINGS: tuple[Callable[[etree._Element, st.DataObject], None], ...] = (
    *(_remove, _double, _first, _text, _tail, _rename, _attribute, _comment, _new_child),
)


def spoil(root: etree._Element, draw: st.DataObject, types: Sequence[str] = (*TYPES, "serv:bodyContentType")) -> None:
    """Change what is below an element in a few places, each at random; one change is another type."""
    for _ in range(draw.draw(st.integers(1, 3))):
        elements = [element for element in root.iter(etree.Element) if element is not root]
        if not elements:
            return
        element = draw.draw(st.sampled_from(elements))
        change = draw.draw(st.sampled_from([*SPOILINGS, None]))
        if change is None:
            element.set(XSI_TYPE, draw.draw(st.sampled_from(types)))
        else:
            change(element, draw)
