"""What a request sent, as the conditions that reading the object back must meet.

Only elements that the answer may hold at the same path of names, and of the same type, are looked at; of these not
what may rightly come back otherwise: secrets, dates and zones, what the site itself decides, expressions, what is
repeated or blank. An answer may leave out what it likes, and trim texts; booleans and numbers count by their value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.fuzz.values import TEMPLATES, leaves, request_type
from conformance.schema.model import SchemaModel, TypeModel
from conformance.wire.effects import CREATED_BY, ObjectKind
from conformance.wire.names import OPERATIONS, Operation, prefixed
from conformance.wire.redact import is_secret

_WHOLE = frozenset({"integer", "long", "int", "short"})
_TRUE, _FALSE = ("true", "1"), ("false", "0")
_DATED = re.compile(r".*(Date|Time)|timeZone.*")
"""Names whose values are told in the zone or the words of the site."""
_DECIDED = frozenset(
    {"status", "hostJoined", "participantsJoined", "userId", "visitCount", "host", "siteAdmin", "attendeeOnly"}
)
"""What the site knows better than who calls; of rights, because one brings or takes another."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How an object that was created or changed is read."""

    operation: Operation
    kind: ObjectKind
    places: Mapping[str, tuple[str, str]]
    """By path in the request: the XPath in the answer and the built-in type."""

    def conditions(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return by XPath what the answer must say after a request with that content."""
        found: dict[str, Any] = {}
        for path, text in _single(body):
            if path in self.places:
                xpath, builtin = self.places[path]
                condition = _condition(text, builtin)
                if condition is not None:
                    found[xpath] = condition
        return found


def read_back(operation: Operation, model: SchemaModel) -> ReadBack | None:
    """Return how to read what an operation creates or changes; None where there is nothing to read it with."""
    verb = next((verb for verb in ("Create", "Set") if operation.name.startswith(verb)), "")
    noun = operation.name.removeprefix(verb)
    kind, reading = CREATED_BY.get(f"Create{noun}"), OPERATIONS.get(f"Get{noun}")
    answer = model.types.get(f"{{{reading.namespace}}}{reading.response_type}") if reading else None
    if not verb or kind is None or reading is None or answer is None:
        return None
    told = dict(_places(model, answer))
    sent = {path: model.builtin(particle) for path, particle in leaves(model, request_type(operation, model))}
    places = {path: told[path] for path, builtin in sent.items() if path in told and told[path][1] == builtin}
    return ReadBack(reading, kind, {path: place for path, place in places.items() if _comparable(path)})


def _comparable(path: str) -> bool:
    name = path.rpartition("/")[2]
    return not (is_secret(name) or name in _DECIDED or _DATED.fullmatch(name))


def _places(model: SchemaModel, answer: TypeModel) -> Iterator[tuple[str, tuple[str, str]]]:
    for path, _ in leaves(model, answer):
        within: TypeModel | None = answer
        xpath, builtin = "/serv:message/serv:body/serv:bodyContent", ""
        for name in path.split("/"):
            particle = model.children_by_local_name(within)[name][1] if within else None
            if particle is None or particle.most > 1:
                break
            xpath, builtin, within = (
                f"{xpath}/{prefixed(particle.name)}",
                model.builtin(particle),
                model.type_of(particle),
            )
        else:
            yield path, (xpath, builtin)


def _single(body: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves that stand alone, with their paths."""
    for name, inner in body.items():
        here = f"{path}/{name}" if path else name
        if isinstance(inner, Mapping):
            yield from _single(inner, here)
        elif isinstance(inner, str):
            yield here, inner


def _condition(text: str, builtin: str) -> dict[str, Any] | None:
    plain = text.strip()
    if not plain or text in TEMPLATES:
        return None
    if builtin == "boolean":
        same = _TRUE if plain in _TRUE else _FALSE
    elif builtin in _WHOLE:
        same = (plain, str(int(plain)))
    elif builtin == "string":
        same = (text, plain)
    else:
        return None
    return {"one of": list(dict.fromkeys((*same, "")))}
