"""Campaigns on the embedded mock, and the faults and defects that they are to find."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from conformance.errors import ExchangeFault
from conformance.fuzz.campaign import Aim, Campaign, Outcome, no_files_of_hypothesis
from conformance.fuzz.scenario import Scenario
from conformance.mock import dispatch  # noqa: F401 - registers what answers
from conformance.mock.call import SERVICES, Call, Handler
from conformance.mock.refusal import Refusal
from conformance.run.embedded import EmbeddedMock, EmbeddedSite
from conformance.run.engine import Engine, Limits
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import Exchange, SiteProvider
from conformance.versions import DEFAULT_VERSION
from conformance.wire.answer import Answer
from conformance.wire.effects import Effect
from conformance.wire.names import operation
from conformance.wire.request import read_request

Wrapped = Callable[[Handler, Call], Mapping[str, Answer]]
"""Answers a call in the place of a handler, which it may ask."""


class Listening(EmbeddedMock):
    """The embedded mock, with faults; it remembers what is sent to it, and answers some calls itself."""

    def __init__(self, faults: Sequence[str] = (), instead: Callable[[str], None] = lambda _: None) -> None:
        """``instead`` gets the name of each operation that is called, and may raise."""
        super().__init__(DEFAULT_VERSION)
        self._faults = faults
        self._instead = instead
        self.sent: list[bytes] = []

    async def open(self) -> Any:
        facts = await super().open()
        self._server.faults.set(self._faults)
        self.sent.clear()
        return facts

    @asynccontextmanager
    async def site(
        self, needs: Mapping[str, str], case: str = "", effect: Effect = Effect.READ
    ) -> AsyncIterator[EmbeddedSite]:
        async with super().site(needs, case, effect) as site:
            send = site.send

            async def heard(request: bytes) -> Exchange:
                self.sent.append(request)
                self._instead(_called(request))
                return await send(request)

            site.send = heard  # type: ignore[method-assign]
            yield site

    def calls(self, name: str) -> list[bytes]:
        """Return the calls of an operation."""
        return [request for request in self.sent if _called(request) == name]


def _called(request: bytes) -> str:
    called = read_request(request).operation
    return called.name if called else ""


@dataclass(frozen=True)
class Ran:
    """A campaign that ended."""

    outcome: Outcome
    scenario: Scenario

    @property
    def ids(self) -> set[str]:
        """The ids of what was found."""
        return {found.finding.id for found in self.outcome.found}


def ran(
    name: str, schemas: SchemaSet, provider: SiteProvider | None = None, *, caller: str = "host", **aim: Any
) -> Ran:
    """Run a campaign of few requests."""
    scenario = Scenario.of(operation(name), caller, DEFAULT_VERSION, schemas.model)
    with (
        no_files_of_hypothesis(),
        Engine(provider or EmbeddedMock(DEFAULT_VERSION), schemas, DEFAULT_VERSION, Limits()) as engine,
    ):
        campaign = Campaign(engine, scenario, Aim(**{"seed": 1, "most": 12, **aim}))
        engine.connect()
        return Ran(campaign.run(), scenario)


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with a site, and which finding it is."""

    id: str
    operation: str = "GetMeeting"
    faults: Sequence[str] = ()
    wrapped: Wrapped | None = None
    """Stands in the place of the operation's handler."""
    fault: ExchangeFault | None = None
    """What a call of the operation comes to."""
    aim: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = "FAIL"
    """What a run of the written case says of it."""

    def switch_on(self, monkeypatch: pytest.MonkeyPatch) -> Listening:
        """Have the trouble, and return the site that has it."""
        if self.wrapped is not None:
            seed(monkeypatch, self.operation, self.wrapped)

        def instead(called: str) -> None:
            if self.fault is not None and called == self.operation:
                raise self.fault

        return Listening(self.faults, instead)


def seed(monkeypatch: pytest.MonkeyPatch, name: str, wrapped: Wrapped) -> None:
    """Put a defect into what answers an operation."""
    service = SERVICES[name]
    monkeypatch.setitem(SERVICES, name, replace(service, handler=lambda call: wrapped(service.handler, call)))


def refuse(code: str, reason: str) -> Wrapped:
    """Return what refuses every call."""

    def wrapped(handler: Handler, call: Call) -> Mapping[str, Answer]:
        raise Refusal(code, reason)

    return wrapped


def _wrong_type(handler: Handler, call: Call) -> Mapping[str, Answer]:
    return {**handler(call), "meetingkey": "soon"}


def _every_other_time() -> Wrapped:
    calls = itertools.count()

    def wrapped(handler: Handler, call: Call) -> Mapping[str, Answer]:
        if next(calls) % 2:
            raise Refusal("000001", "Access denied, additional privileges are required")
        return handler(call)

    return wrapped


def _forgets(handler: Handler, call: Call) -> Mapping[str, Answer]:
    before = dict(call.site.sessions)
    answer = handler(call)
    call.site.sessions.update(before)
    return answer


def _falls_over(handler: Handler, call: Call) -> Mapping[str, Answer]:
    raise ZeroDivisionError


TROUBLES = (
    Trouble("exchange", fault=ExchangeFault("too-large", "too much", breaks_contract=True)),
    Trouble("not-a-message", faults=["nul:GetMeeting"]),
    Trouble("encoding", faults=["charset-contradiction:GetMeeting"], aim={"deviations": True}, verdict="DEVIATION"),
    Trouble("schema", wrapped=_wrong_type),
    Trouble("envelope", wrapped=refuse("", "Without an id")),
    Trouble("wrong-answer", faults=["wrong-answer:GetMeeting"]),
    Trouble("secret", faults=["echo-secret-reason:GetMeeting"]),
    Trouble("trace", wrapped=refuse("999999", "java.lang.NullPointerException")),
    Trouble(
        "unknown-exception",
        faults=["unknown-exception:GetMeeting"],
        aim={"deviations": True},
        verdict="DEVIATION",
    ),
    Trouble("unstable", wrapped=_every_other_time()),
    Trouble("round-trip", "SetTeleconferenceSession", wrapped=_forgets),
    Trouble("server-error", wrapped=_falls_over, verdict="INCONCLUSIVE"),
)
