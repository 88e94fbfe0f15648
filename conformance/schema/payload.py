"""Any payload against the schemas of a release: which way it goes, what it calls, what is wrong and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from conformance.errors import MalformedMessage, nearest
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.evidence import Evidence, Source
from conformance.schema.explain import explain
from conformance.schema.findings import SchemaFinding, element_at, lineage
from conformance.schema.inplace import judge_in_place
from conformance.schema.model import Particle
from conformance.versions import LINEAGE, Version
from conformance.wire.blanks import mended
from conformance.wire.carried import Carried, carried, declared_encoding
from conformance.wire.departures import Strictness
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI, prefixed
from conformance.wire.request import NO_BREAK_SPACE, Departure, Request, read_request
from conformance.wire.response import Response, read_response
from conformance.wire.scan import Direction, direction_of, element_starts, first_sign

_MAX_EXPLAINED = 256 * 1024
"""Bytes of a payload that xmlschema is asked about: it is a hundred times slower than libxml2, and hungry."""

_ANSWERED, _WITHIN = b"response>", 1024
"""What nearly every answer holds, and in how many of its first bytes: it need not be tried as a request."""
_SERV = NAMESPACES["serv"]
_TYPES = etree.XPath("count(//@xsi:type)", namespaces={"xsi": XSI})
_OF_RESPONSE = {(op.namespace, op.response_type.lower()): op.name for op in OPERATIONS.values()}


class Judged(NamedTuple):
    """A payload that was judged."""

    direction: Direction
    name: str
    """The operation; for a response that tells none, its result: ``FAILURE 000015``."""
    findings: Sequence[SchemaFinding]
    departures: Sequence[Departure]
    """What was read in spite of the schema. Of a response: that it was ``printed``, with no-break spaces."""
    strictness: Strictness = Strictness.DOCUMENTED

    @property
    def valid(self) -> bool:
        """Whether nothing is broken that counts."""
        return not any(map(self.counts, self.findings)) and not self.refused

    def counts(self, finding: SchemaFinding) -> bool:
        """Tell whether a finding makes the payload invalid: where it breaks what is only assumed, only if strict."""
        return self.strictness is Strictness.STRICT or finding.evidence.source is not Source.ASSUMED

    @property
    def refused(self) -> Sequence[Departure]:
        """The departures that make the payload invalid."""
        return [departure for departure in self.departures if self.strictness.refuses(departure.id)]


def judge_payload(
    data: bytes, catalog: SchemaCatalog, version: Version, strictness: Strictness = Strictness.DOCUMENTED
) -> Judged:
    """Judge a request or a response by the schemas that hold at ``version``.

    A request may be carried by a form or an address, as clients send it; a response may not. Raises
    MalformedMessage for what is neither, and for an operation that the release does not know.
    """
    legible, line = mended(data)
    if _ANSWERED not in legible[:_WITHIN] and (judged := _judge_in_place(legible, line, catalog, version, strictness)):
        return judged
    if first_sign(legible) is not Direction.RESPONSE:
        found = carried(data)
        if found.message is not data and direction_of(mended(found.message)[0]) is Direction.REQUEST:
            return judge_carried(found, data, catalog, version, strictness)
        if direction_of(legible) is Direction.REQUEST:
            return judge_read(read_request(data), catalog, version, strictness, len(data))
    return _judge_response(legible, line, catalog, version, strictness)


def judge_carried(
    found: Carried,
    data: bytes,
    catalog: SchemaCatalog,
    version: Version,
    strictness: Strictness = Strictness.DOCUMENTED,
) -> Judged:
    """Judge a request that was taken out of ``data``, which carried it. Raises MalformedMessage for what is none."""
    known = found.as_known(data)
    judged = _judge_in_place(*mended(known.message), catalog, version, strictness)
    if judged is None:
        judged = judge_read(read_request(known.message), catalog, version, strictness, len(data))
    return judged._replace(departures=(*known.departures, *judged.departures))


def _judge_in_place(
    legible: bytes, line: int, catalog: SchemaCatalog, version: Version, strictness: Strictness
) -> Judged | None:
    """Judge a valid request without its canonical form; None for anything else. ``line`` has a no-break space."""
    if line and declared_encoding(legible) != "utf-8":
        return None  # not only the blanks are not what they should be
    found = judge_in_place(legible, catalog, version)
    if found is None:
        return None
    operation, departures = found
    if line:
        departures = [Departure("no-break-space", "/", line, 0, NO_BREAK_SPACE), *departures]
    return Judged(Direction.REQUEST, operation.name, [], departures, strictness)


def judge_read(
    request: Request, catalog: SchemaCatalog, version: Version, strictness: Strictness, size: int = 0
) -> Judged:
    """Judge a request that was read from ``size`` bytes; raise MalformedMessage for an unknown operation."""
    schemas = catalog.part(version, request.operation.namespace if request.operation else _SERV)
    name = _operation_of(request, catalog, schemas)
    findings, canonical = schemas.judge_request(request, ignore_unknown=strictness is Strictness.SERVICE)
    findings = _reasoned(findings, canonical.root, size, catalog, schemas)
    return Judged(Direction.REQUEST, name, findings, canonical.departures, strictness)


def _judge_response(data: bytes, line: int, catalog: SchemaCatalog, version: Version, strictness: Strictness) -> Judged:
    response = read_response(data)
    departures = [Departure("printed", "/", line, 0, NO_BREAK_SPACE)] if line else []
    schemas = schemas_for(response, catalog, version)
    name = _name_of(response, catalog, schemas)
    findings = schemas.judge_response(response.root)
    if findings:
        findings = _with_columns(findings, response.root, data)
        findings = _reasoned(findings, response.root, len(data), catalog, schemas)
    return Judged(Direction.RESPONSE, name, findings, departures, strictness)


def schemas_for(response: Response, catalog: SchemaCatalog, version: Version) -> SchemaSet:
    """Return the part of the schemas that a response needs; one that names more types than its own needs them all."""
    namespace = response.content_type[0] if response.content_type else _SERV
    names_more = _TYPES(response.root) > bool(response.content_type)
    return catalog.at(version) if names_more else catalog.part(version, namespace)


def _operation_of(request: Request, catalog: SchemaCatalog, schemas: SchemaSet) -> str:
    operation, content = request.operation, request.content
    if operation is None:
        raise MalformedMessage("operation", _no_operation(request.xsi_type), content.line, content.column)
    if not schemas.knows(operation):
        came = _came_with(catalog, operation.namespace, lambda other: other.knows(operation))
        told = f"the schemas of {schemas.release} do not know {operation.name}{came}"
        raise MalformedMessage("operation", told, content.line, content.column)
    return operation.name


def _no_operation(xsi_type: str) -> str:
    if not xsi_type:
        return "bodyContent has no xsi:type, so no operation is named"
    name = re.split(r"[.:]", xsi_type)[-1]
    meant = OPERATIONS.get(name)
    offer = f", did you mean '{meant.java_type}'?" if meant else nearest(name, list(OPERATIONS))
    return f"xsi:type '{xsi_type}' names no operation that the suite knows{offer}"


def _name_of(response: Response, catalog: SchemaCatalog, schemas: SchemaSet) -> str:
    if response.content is None or response.content_type is None:
        return " ".join(filter(None, (response.result, response.exception_id))) or "without a result"
    namespace, local = response.content_type
    type_ = f"{{{namespace}}}{local}" if namespace else local
    if type_ not in schemas.model.types:
        came = _came_with(catalog, namespace, lambda other: type_ in other.model.types)
        unbound = "" if namespace else "; it is in no namespace"
        told = f"the schemas of {schemas.release} do not know the type {prefixed(type_)}{came}{unbound}"
        raise MalformedMessage("type", told, response.content.sourceline or 0)
    return _OF_RESPONSE.get((namespace, local.lower()), prefixed(type_))


def _reasoned(
    findings: Sequence[SchemaFinding], root: etree._Element, size: int, catalog: SchemaCatalog, schemas: SchemaSet
) -> list[SchemaFinding]:
    """Return the findings with what was expected, and since when what was found is known."""
    told = explain(schemas, root, list(findings)) if findings and size <= _MAX_EXPLAINED else findings
    return [_dated(finding, root, catalog, schemas) for finding in told]


def _dated(finding: SchemaFinding, root: etree._Element, catalog: SchemaCatalog, schemas: SchemaSet) -> SchemaFinding:
    """Rest the refusal of an element on the release that brought it, where another one did.

    That it does not stand here is then documented, no longer assumed.
    """
    element = element_at(root.getroottree(), finding.path) if finding.rule == "unexpected" else None
    if element is None or finding.evidence.source is not Source.ASSUMED:
        return finding
    if _rule(element, schemas) is not None:
        return finding
    sets = [catalog.part(release, schemas.namespace) for release in LINEAGE]
    particle = next(filter(None, (_rule(element, other) for other in sets)), None)
    if particle is None:
        return finding
    came = _came_with(catalog, schemas.namespace, lambda other: _rule(element, other) is not None)
    message = f"{finding.message.rstrip('. ')}{came}"
    # What may be assumed of it is its position; that a release brought it is what the notes say.
    source = Source.DOCUMENTED if particle.evidence.source is Source.ASSUMED else particle.evidence.source
    evidence = Evidence(source, particle.evidence.note)
    return replace(finding, message=message, evidence=evidence, schema=particle.place)


def _rule(element: etree._Element, schemas: SchemaSet) -> Particle | None:
    return lineage(element, schemas.model)[-1][1]


def _came_with(catalog: SchemaCatalog, namespace: str, known_to: Callable[[SchemaSet], bool]) -> str:
    """Return the end of a sentence that says which releases brought something; nothing where none did."""
    known = {release: known_to(catalog.part(release, namespace)) for release in LINEAGE}
    came = [str(release) for release, base in LINEAGE.items() if known[release] and not (base and known[base])]
    return f"; it came with {' and '.join(came)}" if came else ""


def _with_columns(findings: Sequence[SchemaFinding], root: etree._Element, data: bytes) -> list[SchemaFinding]:
    elements = [element_at(root.getroottree(), finding.path) for finding in findings]
    wanted = {element for element in elements if element is not None}
    if not wanted:
        return list(findings)
    numbers = {element: number for number, element in enumerate(root.iter("*")) if element in wanted}
    starts = element_starts(data, frozenset(numbers.values()))
    places = [starts.get(numbers.get(element, -1)) for element in elements]
    return [
        replace(finding, line=place[0], column=place[1]) if place else finding
        for finding, place in zip(findings, places, strict=True)
    ]
