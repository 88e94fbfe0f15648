"""Faults that the mock can be told to have, to see what clients make of them.

A fault is asked for as ``NAME[:OPERATION][@CALLS][=VALUE]``:

    503                         every call is answered with 503
    503:GetUser                 every call of GetUser
    503:Create*                 every call whose operation begins with Create
    503@3                       every third call
    503@1-2                     the first two calls only
    429:GetMeeting@1-1=86400    the first GetMeeting, with ``Retry-After: 86400``

Calls are counted from 1, those of the named operations alone, for each fault by itself. Several faults befall
a call in the order in which they are given, the first one innermost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from conformance.errors import MalformedMessage, UnknownName, UserError
from conformance.mock import fault_answers, fault_attacks, fault_states
from conformance.mock.fault import Fault, Heard, HttpAnswer, Proceed
from conformance.mock.state import Site
from conformance.wire.names import OPERATIONS
from conformance.wire.request import Request, read_request

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in sorted(
        (*fault_answers.FAULTS, *fault_attacks.FAULTS, *fault_states.FAULTS), key=lambda fault: fault.number
    )
}
"""All faults by name, in the order of their numbers."""

_ASKED = re.compile(
    r"(?P<name>[^:@=]+)(?::(?P<operation>[^@=]+))?(?:@(?P<first>\d+)(?:-(?P<last>\d+))?)?(?:=(?P<value>.*))?",
    re.DOTALL,
)
FORM = "NAME[:OPERATION][@N or @FIRST-LAST][=VALUE]"


@dataclass(slots=True)
class Switched:
    """A fault that is on, and which calls suffer it."""

    fault: Fault
    asked: str
    """As it was asked for."""
    value: str = ""
    operation: str = "*"
    calls: range | int = 1
    """Every call of that number, or the calls within a range."""
    memory: dict[str, Any] = field(default_factory=dict)
    _heard: int = 0

    def befalls(self, request: Request | None) -> bool:
        """Count a call if it is one of those that can suffer the fault, and tell whether it does."""
        name = request.operation.name if request is not None and request.operation else ""
        if not fnmatchcase(name, self.operation):
            return False
        if not any(fnmatchcase(name, pattern) for pattern in self.fault.operations):
            return False
        self._heard += 1
        return self._heard in self.calls if isinstance(self.calls, range) else self._heard % self.calls == 0


class Faults:
    """The faults that a server has at present."""

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self._on: list[Switched] = []
        self.set(asked)

    def __bool__(self) -> bool:
        return bool(self._on)

    def __iter__(self) -> Iterator[Switched]:
        return iter(self._on)

    def set(self, asked: Iterable[str]) -> None:
        """Have these faults and no others; raise UserError for what is none."""
        self._on = [switched(text) for text in asked]

    def answer(self, sites: Mapping[str, Site], data: bytes, proceed: Proceed) -> HttpAnswer:
        """Answer a call with what befalls it; ``proceed`` answers it as if nothing did."""
        try:
            request = read_request(data)
        except MalformedMessage:
            request = None
        for one in self._on:
            if one.befalls(request):
                proceed = partial(one.fault.befall, Heard(sites, request, one.value, one.memory), proceed)
        return proceed()


def switched(asked: str) -> Switched:
    """Return the fault that is asked for; raise UserError, with the nearest name, for what is none."""
    match = _ASKED.fullmatch(asked.strip())
    if match is None:
        raise UserError(f"'{asked}' is no fault; write {FORM}")
    fault = FAULTS.get(match["name"])
    if fault is None:
        raise UnknownName("fault", match["name"], list(FAULTS))
    value = match["value"]
    if value is not None and not fault.value:
        raise UserError(f"the fault {fault.name} takes no value")
    if fault.name == "slow-read-after-write" and not _is_time(value or fault.value):
        raise UserError(f"'{value}' is no number of seconds")
    if any(not 32 <= ord(character) < 256 for character in value or ""):
        raise UserError(f"the value of {fault.name} can hold no control characters and nothing beyond Latin-1")
    operation, calls = _operation(fault, match["operation"]), _calls(match)
    return Switched(fault, asked, fault.value if value is None else value, operation, calls)


def listed() -> Iterator[str]:
    """Yield a line for each fault."""
    width = max(map(len, FAULTS))
    for fault in FAULTS.values():
        only = f" (only {', '.join(fault.operations)})" if fault.operations != ("*",) else ""
        default = f" [VALUE: {fault.value}]" if fault.value else ""
        yield f"{fault.name:{width}}  {fault.number:2}  {fault.title}{only}{default}"


def _operation(fault: Fault, pattern: str | None) -> str:
    if pattern is None:
        return "*"
    meant = [name for name in OPERATIONS if fnmatchcase(name, pattern)]
    if not meant:
        raise UnknownName("operation", pattern, list(OPERATIONS))
    if not any(fnmatchcase(name, can) for name in meant for can in fault.operations):
        raise UserError(f"the fault {fault.name} befalls only {', '.join(fault.operations)}, not {pattern}")
    return pattern


def _calls(match: re.Match[str]) -> range | int:
    first, last = match["first"], match["last"]
    if first is None:
        return 1
    calls = int(first) if last is None else range(int(first), int(last) + 1)
    if int(first) < 1 or not calls:
        raise UserError(f"'{match[0]}' befalls no call; calls are counted from 1")
    return calls


def _is_time(text: str) -> bool:
    try:
        return 0 <= float(text) <= 3600
    except ValueError:
        return False
