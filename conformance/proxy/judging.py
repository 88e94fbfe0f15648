"""What the suite makes of an exchange as it passes: the line that is told of it, and the counts at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from conformance.errors import MalformedMessage
from conformance.proxy.passed import Passed
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import Judged, judge_carried, judge_payload
from conformance.versions import Version
from conformance.wire.carried import carried_by_http
from conformance.wire.departures import Strictness
from conformance.wire.request import Departure
from conformance.wire.response import Response, read_response
from conformance.wire.scan import Direction

UNKNOWN = "?"
"""Stands for the operation of a request that names none that is known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was made of an exchange. Holds names and places, never a value of a message."""

    operation: str
    result: str
    """``SUCCESS``, ``FAILURE 060001``, or what came in place of a message."""
    broken: Sequence[str]
    """What is not valid: ``request: missing at /serv:message/...``."""
    departures: Sequence[str]
    """The ids of the departures of the request that are put up with."""

    @property
    def line(self) -> str:
        """The verdict in one line."""
        valid = "valid" if not self.broken else f"NOT VALID: {'; '.join(self.broken)}"
        told = f"; tolerated: {', '.join(self.departures)}" if self.departures else ""
        return f"{self.operation} {self.result} {valid}{told}"


@dataclass(slots=True)
class Totals:
    """What passed so far."""

    exchanges: int = 0
    broken: int = 0
    faults: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    departures: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict, *, fault: bool) -> None:
        """Count an exchange."""
        self.exchanges += 1
        self.broken += bool(verdict.broken)
        self.faults += fault
        self.operations[verdict.operation] += 1
        self.departures.update(verdict.departures)


class Judge:
    """Judges exchanges by the schemas of a version, requests as strictly as is asked for."""

    def __init__(
        self, catalog: SchemaCatalog, version: Version, strictness: Strictness = Strictness.DOCUMENTED
    ) -> None:
        self._catalog = catalog
        self._version = version
        self._strictness = strictness

    def __call__(self, passed: Passed) -> Verdict:
        """Return what is made of an exchange. Never raises for what a client or a site sent."""
        request, why = self._request(passed)
        broken = [why] if why else []
        if request is not None:
            broken += _broken("request", request)
        result, answer_broken = self._answer(passed)
        return Verdict(
            operation=request.name if request else UNKNOWN,
            result=result,
            broken=[*broken, *answer_broken],
            departures=sorted({*_ids(request.departures)} - {*_ids(request.refused)}) if request else [],
        )

    def _request(self, passed: Passed) -> tuple[Judged | None, str]:
        found = carried_by_http(b"%b?%b" % (passed.path, passed.query), passed.content_type, passed.body)
        try:
            return judge_carried(found, passed.body, self._catalog, self._version, self._strictness), ""
        except MalformedMessage as error:
            return None, f"request: {error.kind}{_at(error)}"

    def _answer(self, passed: Passed) -> tuple[str, list[str]]:
        if passed.fault is not None:
            return f"no whole answer ({passed.fault.kind})", []
        if passed.status != 200:
            return f"HTTP {passed.status}", []
        try:
            result = _result(read_response(passed.message))
            judged = judge_payload(passed.message, self._catalog, self._version)
        except MalformedMessage as error:
            return "no message", [f"answer: {error.kind}{_at(error)}"]
        if judged.direction is not Direction.RESPONSE:
            return "no message", ["answer: is a request"]
        return result, list(_broken("answer", judged))


def _result(response: Response) -> str:
    code = response.exception_id if (response.exception_id or "").isdecimal() else ""
    known = response.result if response.result in ("SUCCESS", "FAILURE") else "NO RESULT"
    return " ".join(filter(None, (known, code)))


def _broken(which: str, judged: Judged) -> Iterator[str]:
    counting = [finding for finding in judged.findings if judged.counts(finding)]
    if counting:
        more = f" and {len(counting) - 1} more" if len(counting) > 1 else ""
        yield f"{which}: {counting[0].rule} at {counting[0].path}{more}"
    yield from (f"{which}: {id_}" for id_ in dict.fromkeys(_ids(judged.refused)))


def _ids(departures: Sequence[Departure]) -> Iterator[str]:
    return (note.id for note in departures)


def _at(error: MalformedMessage) -> str:
    place = ":".join(str(number) for number in (error.line, error.column) if number)
    return f" at {place}" if place else ""
