"""What a fault of the mock is, and the answer that it befalls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.mock.state import Site
from conformance.wire.names import Operation
from conformance.wire.redact import is_secret
from conformance.wire.request import Request


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as HTTP carries it."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """A call that suffers a fault. ``value`` is the fault's own, ``memory`` lasts as long as the fault is on."""

    sites: Mapping[str, Site]
    request: Request | None
    """None where the bytes are no request."""
    value: str
    memory: dict[str, Any]

    @property
    def operation(self) -> Operation | None:
        """The operation that is called."""
        return self.request.operation if self.request else None

    @property
    def site(self) -> Site | None:
        """The site that is called."""
        name = self.request.security.get("siteName", "") if self.request else ""
        return self.sites.get(name.lower())

    @property
    def secrets(self) -> list[str]:
        """What the caller proves himself with."""
        security = self.request.security if self.request else {}
        return [value for name, value in security.items() if is_secret(name)]


Proceed = Callable[[], HttpAnswer]
Befall = Callable[[Heard, Proceed], HttpAnswer]
"""Makes the answer of a call that suffers; ``proceed`` makes the one that it would have had, with all it does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that can be switched on."""

    name: str
    number: int
    """In the list of faults that the suite is tried with (docs/faults.md)."""
    title: str
    befall: Befall
    value: str = ""
    """What ``=VALUE`` is where it is not given; empty where the fault takes none."""
    operations: tuple[str, ...] = ("*",)
    """Patterns of the operations that can suffer it."""


def changed(change: Callable[[bytes, str], bytes], **headers: str) -> Befall:
    """Return what changes the body of an answer, from the body and the fault's value, and sets headers."""

    def befall(heard: Heard, proceed: Proceed) -> HttpAnswer:
        answer = proceed()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return HttpAnswer(change(answer.body, heard.value), answer.status, {**answer.headers, **named})

    return befall


def within(body: bytes, inserted: bytes) -> bytes:
    """Put something into a text that every message of the mock has."""
    return body.replace(b"<serv:gsbStatus>PRIM", b"<serv:gsbStatus>PRIM" + inserted, 1)


def declared_as(encoding: str, body: bytes) -> bytes:
    """Let the XML declaration name another encoding."""
    return body.replace(b'encoding="UTF-8"', f'encoding="{encoding}"'.encode(), 1)
