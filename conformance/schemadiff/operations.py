"""The operations of a set: what ``xsi:type`` of bodyContent can name, and the envelope around all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.schemadiff.components import ComplexType, Schema
from conformance.schemadiff.rules import Direction
from conformance.wire.names import NAMESPACES, OPERATIONS, prefixed

BODY = f"{{{NAMESPACES['serv']}}}bodyContentType"
MESSAGE = f"{{{NAMESPACES['serv']}}}message"
EVERY = "every operation"
"""How the envelope is called among the operations."""

ELSEWHERE: Mapping[Direction, str] = {
    "request": f"{{{NAMESPACES['serv']}}}response",
    "response": f"{{{NAMESPACES['serv']}}}securityContext",
}
"""What of the header is never in a message of that direction."""

_RESPONSE = "Response"


@dataclass(frozen=True, slots=True)
class Body:
    """One operation: the names of its types, empty where it has none."""

    request: str = ""
    response: str = ""

    def type(self, direction: Direction) -> str:
        """Return the name of its type in a direction."""
        return self.request if direction == "request" else self.response


def operations(schema: Schema) -> dict[str, Body]:
    """Return the operations by name; one that the suite does not know by its type: ``use:lstSomething``."""
    derived = {name for name, type_ in schema.types.items() if name != BODY and _is_body(type_, schema)}
    bases = {type_.base for name in derived if isinstance(type_ := schema.types[name], ComplexType)}
    found: dict[str, Body] = {}
    for operation in OPERATIONS.values():
        request, response = (
            name if name in derived else ""
            for name in (
                f"{{{operation.namespace}}}{operation.request_type}",
                f"{{{operation.namespace}}}{operation.response_type}",
            )
        )
        if request or response:
            found[operation.name] = Body(request, response)
            derived -= {request, response}
    # What others are derived from is no message, though nothing forbids to send it.
    others: dict[str, Body] = {}
    for name in sorted(derived - bases):
        stem = name.removesuffix(_RESPONSE)
        namespace, _, local = stem.rpartition("}")
        key = prefixed(f"{namespace}}}{local[:1].lower()}{local[1:]}" if namespace else local)
        known = others.get(key, Body())
        others[key] = Body(known.request, name) if name.endswith(_RESPONSE) else Body(name, known.response)
    return found | others


def _is_body(type_: object, schema: Schema) -> bool:
    seen: set[int] = set()
    while isinstance(type_, ComplexType) and id(type_) not in seen:
        if type_.base == BODY:
            return True
        seen.add(id(type_))
        type_ = schema.types.get(type_.base) if isinstance(type_.base, str) else None
    return False
