"""What libxml2 says of a payload, as values: a stable rule, the place, and the evidence of the rule."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from conformance.schema.evidence import Evidence, Place, Source
from conformance.schema.model import Particle, SchemaModel, TypeModel
from conformance.wire.names import NAMESPACES, XSI_TYPE, prefixed

MAX_FINDINGS = 20

_CLOSED = Evidence(
    Source.ASSUMED,
    "nothing but the elements we know stands here; elements were added since the schemas of 2011",
)
_NAMESPACE = re.compile(r"\{(http://www\.webex\.com/[^}]*)\}(\w+)")
_OUR_PREFIX = re.compile(r"(\{[^}]*\})|(?<=/)(\w+):")
_NAMED_STEP = re.compile(r"/([^/\[*]+)")
_XSI_TYPE = re.compile(rf"Element '[^']*', attribute '{re.escape(XSI_TYPE)}'")


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """One rule that a payload breaks."""

    rule: str
    """Stable word: ``unexpected``, ``missing``, ``value``, ``type``, ``text`` or ``other``."""
    path: str
    line: int
    column: int
    message: str
    evidence: Evidence
    schema: Place | None
    expected: str = ""
    """What xmlschema says should have been there."""


def read_findings(log: Iterable[etree._LogEntry], tree: etree._ElementTree, model: SchemaModel) -> list[SchemaFinding]:
    """Turn libxml2's error log into findings. A wrong value is logged twice; it is told once."""
    found: dict[tuple[str, str], SchemaFinding] = {}
    for entry in islice(log, 4 * MAX_FINDINGS):
        finding = _finding(entry, tree, model)
        found.setdefault((finding.path, finding.rule), finding)
    return list(found.values())[:MAX_FINDINGS]


def readable(message: str) -> str:
    """Write ``{http://...}host`` as ``serv:host`` in a message of a library."""
    return _NAMESPACE.sub(lambda m: prefixed(m.group()), message)


def element_at(tree: etree._ElementTree, path: str) -> etree._Element | None:
    """Return the element at a path that ``path_of`` has written."""
    return _first(tree, _OUR_PREFIX.sub(lambda m: m[1] or f"{{{NAMESPACES.get(m[2], '')}}}", path))


def path_of(element: etree._Element) -> str:
    """Return the path of an element in our own prefixes; repeated ones are numbered from 1."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        parent = node.getparent()
        same = [] if parent is None else parent.findall(str(node.tag))
        number = f"[{same.index(node) + 1}]" if len(same) > 1 else ""
        steps.append(f"{prefixed(str(node.tag))}{number}")
        node = parent
    return "/" + "/".join(reversed(steps))


def _finding(entry: etree._LogEntry, tree: etree._ElementTree, model: SchemaModel) -> SchemaFinding:
    element = _logged_at(tree, entry.path)
    message = readable(entry.message)
    rule = rule_of(entry)
    if element is None:
        return SchemaFinding(rule, entry.path or "/", entry.line, 0, message, Evidence(Source.OFFICIAL_2011), None)
    chain = lineage(element, model)
    particle = chain[-1][1]
    within = _declared_type(element, model) or (model.type_of(particle) if particle else None)
    parent = chain[-1][0]
    if rule == "unexpected" and parent is not None and particle is not None:
        grounds = _required_instead(message, parent, model) or _out_of_place(element, message, parent, model)
        return SchemaFinding(rule, path_of(element), element.sourceline or entry.line, 0, message, *grounds)
    evidence, place = _grounds(rule, message, chain[-1], within, model)
    return SchemaFinding(rule, path_of(element), element.sourceline or entry.line, 0, message, evidence, place)


def _logged_at(tree: etree._ElementTree, path: str | None) -> etree._Element | None:
    """Return the element that libxml2 names by ``path``, in the prefixes that the document has there."""
    return _first(tree, _NAMED_STEP.sub(_by_name, path or ""))


def _by_name(step: re.Match[str]) -> str:
    unqualified = "" if ":" in step[1] else " and not(namespace-uri())"
    return f"/*[name()='{step[1]}'{unqualified}]"


def _first(tree: etree._ElementTree, path: str) -> etree._Element | None:
    try:
        found = etree.ETXPath(path)(tree)
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and found else None


def rule_of(entry: etree._LogEntry) -> str:
    """Return which kind of rule libxml2 says to be broken; see SchemaFinding."""
    type_name, message = entry.type_name, entry.message
    if _XSI_TYPE.match(message):
        return "type"
    if type_name == "SCHEMAV_ELEMENT_CONTENT":
        return "missing" if "Missing child" in message else "unexpected"
    if "_VALID" in type_name:  # of the datatype, or of one of its facets
        return "value"
    return "text" if type_name in ("SCHEMAV_CVC_COMPLEX_TYPE_2_1", "SCHEMAV_CVC_COMPLEX_TYPE_2_3") else "other"


def lineage(element: etree._Element, model: SchemaModel) -> list[tuple[TypeModel | None, Particle | None]]:
    """Return, from the root down to ``element``, the type that each element stands in and its own rule."""
    chain: list[tuple[TypeModel | None, Particle | None]] = []
    around: TypeModel | None = None
    for node in reversed([element, *element.iterancestors()]):
        particle = model.elements.get(str(node.tag)) if around is None else None
        if around is not None:
            particle = model.children(around).get(str(node.tag), (0, None))[1]
        chain.append((around, particle))
        if particle is None:
            around = None
            continue
        around = _declared_type(node, model) or model.type_of(particle)
    return chain


def _declared_type(node: etree._Element, model: SchemaModel) -> TypeModel | None:
    value = node.get(XSI_TYPE)
    if value is None:
        return None
    prefix, _, local = value.strip().rpartition(":")
    return model.types.get(f"{{{node.nsmap.get(prefix or None, '')}}}{local}")


def _grounds(
    rule: str,
    message: str,
    stands: tuple[TypeModel | None, Particle | None],
    within: TypeModel | None,
    model: SchemaModel,
) -> tuple[Evidence, Place | None]:
    """Find the rule that was broken: what it rests on and where it is written.

    ``stands`` is the type that the element stands in and its own rule there, ``within`` the type it has itself.
    """
    parent, particle = stands
    if rule == "unexpected" and parent is not None and particle is None:
        return _unknown_element(message, parent, model)
    if rule == "missing" and particle is not None:
        return _expected_child(message, within, model) or (particle.evidence, particle.place)
    if particle is not None:
        return particle.evidence, particle.place
    return Evidence(Source.OFFICIAL_2011), parent.place if parent else None


def _unknown_element(message: str, parent: TypeModel, model: SchemaModel) -> tuple[Evidence, Place]:
    """An element nobody knows breaks an assumed rule, unless it stands where another one is required."""
    expected = _expected(message, parent, model)
    required = [particle for particle in expected if particle.least > 0]
    if required:
        return required[0].evidence, required[0].place
    # Of the provider's own schemas nothing is a guess, their end neither.
    return parent.evidence if parent.evidence.source is Source.OFFICIAL else _CLOSED, parent.place


def _required_instead(message: str, parent: TypeModel, model: SchemaModel) -> tuple[Evidence, Place] | None:
    """A known element where another one is required: that one decides."""
    required = (particle for particle in _expected(message, parent, model) if particle.least > 0)
    return next(((particle.evidence, particle.place) for particle in required), None)


def _out_of_place(
    element: etree._Element, message: str, parent: TypeModel, model: SchemaModel
) -> tuple[Evidence, Place]:
    """A known element behind one that should follow it, or once too often, or before one that must come first.

    Its own rule was broken, unless the place of each of those that it should precede is what is only assumed; where
    it is none of both, what was expected instead decides.
    """
    children = model.children(parent)
    own, particle = children[str(element.tag)]
    before = [children.get(str(node.tag), (-1, None)) for node in element.itersiblings(preceding=True)]
    passed = [other for place, other in before if other is not None and place > own]
    again = [place for place, _ in before].count(own)
    if again < particle.most and passed and all(other.evidence.source is Source.ASSUMED for other in passed):
        particle = passed[0]
    elif not (passed or again):
        return _expected_child(message, parent, model) or (particle.evidence, particle.place)
    return particle.evidence, particle.place


def _expected_child(message: str, within: TypeModel | None, model: SchemaModel) -> tuple[Evidence, Place] | None:
    if within is None:
        return None
    expected = _expected(message, within, model)
    required = [particle for particle in expected if particle.least > 0] or expected
    return (required[0].evidence, required[0].place) if required else None


def _expected(message: str, within: TypeModel, model: SchemaModel) -> list[Particle]:
    """Return the children that libxml2 says it expected instead."""
    named = re.findall(r"\w+:\w+", message.partition("Expected is")[2])
    children = {prefixed(name): particle for name, (_, particle) in model.children(within).items()}
    return [children[name] for name in named if name in children]
