"""Generated requests, as a case file has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from hypothesis.strategies import SearchStrategy
from lxml import etree

from conformance import xsdgen
from conformance.cases.values import Moment, names_in, resolve_all
from conformance.errors import UserError
from conformance.fuzz.values import GIVEN, NEVER, STRANGE, TEMPLATES, needed, overrides
from conformance.schema.catalog import SchemaSet
from conformance.schema.explain import loaded
from conformance.wire.effects import reads
from conformance.wire.names import NAMESPACES, Operation
from conformance.wire.request import Request, build_request, read_request

_CONTENT = f"{{{NAMESPACES['serv']}}}bodyContent"

_ACCOUNT = {"webExID": "kim", "email": "kim@example.com"}
_OBJECT = {"key": "1", "webExID": "kim", "link": "https://go.example.com/j.php?MTID=m1", "uuid": "1"}
EXAMPLE: Mapping[str, Any] = {
    "site": {"name": "go", "host": "go.example.com", "domain": "example.com", "mailDomain": "example.com"},
    **dict.fromkeys(("siteAdmin", "host", "attendee"), _ACCOUNT),
    **dict.fromkeys(GIVEN, _OBJECT),
}
"""Values of the kind that the expressions of requests get on a site, but for ``now``."""


@dataclass(frozen=True)
class Generated:
    """One request: its content with expressions, and how it stands to the schemas."""

    body: Mapping[str, Any]
    mutation: str = ""
    """What was done to it so that the schemas refuse it; empty where they do not."""
    defect: str = ""
    """Why the schemas refuse it although nothing was done to it: a defect of ours."""
    names: frozenset[str] = field(init=False)
    """The names that its expressions use."""

    def __post_init__(self) -> None:
        found = set().union(*map(names_in, _texts(self.body)))
        object.__setattr__(self, "names", frozenset(found))

    @cached_property
    def text(self) -> str:
        """What tells it from others."""
        return json.dumps([self.mutation, self.body], ensure_ascii=False)


class Requests:
    """The requests of an operation: those that are valid by the schemas, with ``invalid`` also broken ones.

    Left out is what a case file can not say (text beside children, elements that take turns), what the service
    would not see (it reads without namespaces and in any order), and addresses that are not ours.
    """

    def __init__(self, operation: Operation, schemas: SchemaSet, caller: str, *, scene: bool, invalid: bool) -> None:
        """Raises UserError where nothing can be generated from the schemas."""
        self._operation = operation
        self._schemas = schemas
        type_name = f"{{{operation.namespace}}}{operation.request_type}"
        texts = overrides(operation, schemas.model, caller, scene=scene)
        made: SearchStrategy[Generated | None]
        try:
            made = xsdgen.elements(loaded(schemas), type_name, _CONTENT, overrides=texts, polymorphic=False).map(
                self._valid
            )
            if invalid:
                made |= xsdgen.broken(loaded(schemas), type_name, _CONTENT, overrides=texts, polymorphic=False).map(
                    self._broken
                )
        except xsdgen.Unsupported as error:
            raise UserError(f"no request of {operation.name} can be generated: {error}") from error
        self.generated: SearchStrategy[Generated] = made.filter(bool)  # type: ignore[assignment]

    def again(self, body: Mapping[str, Any], like: Generated) -> Generated | None:
        """Return a request with another content that stands to the schemas as ``like`` does; None where it does not."""
        return Generated(body, like.mutation) if bool(self._refused(body)) == bool(like.mutation) else None

    def _valid(self, element: etree._Element) -> Generated | None:
        body = self._content(element)
        return None if body is None else Generated(body, defect=self._refused(body))

    def _broken(self, one: xsdgen.Broken) -> Generated | None:
        body = self._content(one.element)
        return None if body is None else self.again(body, Generated(body, one.mutation))

    def _content(self, element: etree._Element) -> dict[str, Any] | None:
        """Return the content of a request; None where a case file can not say it."""
        try:
            body = _children(element)
        except _Unsaid:
            return None
        for path, text in needed(self._operation).items():
            *groups, name = path.split("/")
            around: Any = body
            for group in groups:
                around = around.setdefault(group, {}) if isinstance(around, dict) else None
            if isinstance(around, dict):
                around.setdefault(name, text)
        return body if reads(self._operation.name) else self._without_strange(body)

    def _without_strange(self, body: dict[str, Any]) -> dict[str, Any]:
        """Leave out what names nothing of ours, where the schemas allow that."""
        for name in sorted(STRANGE):
            ours = _without(name, body)
            if ours != body and not self._refused(ours):
                body = ours
        return body

    def _refused(self, body: Mapping[str, Any]) -> str:
        """Return why the schemas refuse a request with that content; empty where they do not."""
        findings, _ = self._schemas.judge_request(self._read(body))
        return findings[0].message if findings else ""

    def _read(self, body: Mapping[str, Any]) -> Request:
        content = resolve_all(body, {**EXAMPLE, "now": Moment(datetime.now(UTC))})
        return read_request(build_request(self._operation, {"siteName": "go"}, content))


class _Unsaid(Exception):
    """Something that no case file can say."""


def _children(element: etree._Element) -> dict[str, Any]:
    if _said(element.text) or any(_said(child.tail) for child in element):
        raise _Unsaid
    found: dict[str, list[Any]] = {}
    for name, group in groupby(element.iterchildren("*"), lambda child: etree.QName(child).localname):
        if name in found:
            raise _Unsaid
        found[name] = [_body(child) for child in group]
    return {name: bodies[0] if len(bodies) == 1 else bodies for name, bodies in found.items() if name not in NEVER}


def _without(name: str, body: Any) -> Any:
    """Return a content without an element, and without what then holds no other."""
    if isinstance(body, dict):
        inner = {key: _without(name, value) for key, value in body.items() if key.casefold() != name}
        return {key: value for key, value in inner.items() if value or not body[key]}
    return [_without(name, one) for one in body] if isinstance(body, list) else body


def _body(element: etree._Element) -> Any:
    if any(name.startswith("{") for name in element.attrib):
        raise _Unsaid
    attributes = {f"@{name}": _text(value) for name, value in element.attrib.items()}
    if len(element):
        return attributes | _children(element)
    text = _text(element.text or "")
    if attributes and text:
        raise _Unsaid
    return attributes or text


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def _text(text: str) -> str:
    """Return a text as a case file has it: one that only looks like an expression means itself."""
    if text in TEMPLATES:
        return text
    if "@" in text:  # nobody may be written to but those that we made up
        raise _Unsaid
    return text.replace("${", "${'${'}")


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
        return
    for inner in body.values() if isinstance(body, Mapping) else body:
        yield from _texts(inner)
