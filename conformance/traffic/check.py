"""What an upgrade makes of recorded requests: what is refused, what is answered differently, what is only tolerated.

Two things are asked of each request: whether a documented change between the versions concerns it, and whether the
schemas of the target find something that those before did not. Equal findings are folded into one, with counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conformance.cases.model import Trace
from conformance.cases.plan import Change
from conformance.errors import MalformedMessage
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.findings import SchemaFinding, element_at, lineage
from conformance.traffic.model import Recorded, Severity, TrafficFinding
from conformance.traffic.where import concerns, count_unknown, traces_of
from conformance.versions import BASELINE, Version
from conformance.wire.departures import DEPARTURES
from conformance.wire.names import Operation
from conformance.wire.pretty import printable
from conformance.wire.request import Departure, Request, read_request

MAX_FINDINGS = 1000
"""Different findings that are kept; a hostile recording could have millions."""

_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_LONGEST = 200
_CONTENT = "/serv:message/serv:body/serv:bodyContent"
_HEADER = "/serv:message/serv:header"
_STEP = re.compile(r"[\w.-]+:|\[\d+\]")
_MANY = 3
_EXPECTED = re.compile(r"Expected is (?:one of )?\( ([\w:, .*#-]+) \)")


def check_traffic(
    recorded: Iterable[Recorded],
    changes: Sequence[Change],
    catalog: SchemaCatalog,
    to: Version,
    from_: Version | None = None,
) -> list[TrafficFinding]:
    """Return what the way from one version to another makes of recorded requests, heaviest first.

    Without ``from_`` every change that ``to`` has counts, as for a client that has seen none of them. Raises
    SchemaNotFound and SuiteError where the schemas can not be used.
    """
    check = TrafficCheck(changes, catalog, to, from_)
    for one in recorded:
        check.take(one)
    return check.findings()


class TrafficCheck:
    """Takes recorded requests one by one, so that a recording may be larger than memory."""

    def __init__(
        self, changes: Sequence[Change], catalog: SchemaCatalog, to: Version, from_: Version | None = None
    ) -> None:
        self._to = to
        self._before = BASELINE if from_ is None else from_
        self._schemas, self._schemas_before = catalog.at(to), catalog.at(self._before)
        self._gained = [change for change in changes if to.has(change.released_in) and not self._had(change)]
        self._lost = [change for change in changes if self._had(change) and not to.has(change.released_in)]
        self._folded: dict[tuple[str, str, str, str], TrafficFinding] = {}
        self.operations: Counter[str] = Counter()
        """How many requests of each operation were taken."""
        self.unknown: Counter[str] = Counter()
        """Requests of operations that the suite does not know. No documented change names them."""
        self.unread = 0
        """Messages that can not be read at all."""
        self.left_out = 0
        """Findings past the limit."""

    def take(self, recorded: Recorded) -> None:
        """Look at one request."""
        try:
            request = read_request(recorded.request)
        except MalformedMessage:
            self.unread += 1
            return
        if request.operation is None:
            count_unknown(self.unknown, request)
            return
        self.operations[request.operation.name] += 1
        told: set[tuple[str, str, str, str]] = set()
        for finding in self._of(recorded, request, request.operation):
            key = (finding.id, finding.change, finding.operation, finding.says)
            if key in told:
                continue  # counts are of requests
            told.add(key)
            known = self._folded.get(key)
            if known is not None:
                self._folded[key] = replace(known, count=known.count + 1)
            elif len(self._folded) < MAX_FINDINGS:
                self._folded[key] = finding
            else:
                self.left_out += 1

    def findings(self) -> list[TrafficFinding]:
        """Return what was found so far, heaviest first."""
        counted = [replace(finding, of=self.operations[finding.operation]) for finding in self._folded.values()]
        return sorted(counted, key=lambda finding: (_RANK[finding.severity], finding.change, finding.operation))

    def _had(self, change: Change) -> bool:
        return self._before.has(change.released_in)

    def _of(self, recorded: Recorded, request: Request, operation: Operation) -> Iterator[TrafficFinding]:
        for change in self._gained:
            for trace in traces_of(change):
                yield from self._traced(recorded, request, change, trace)
        for change in self._lost:
            for trace in traces_of(change):
                # What is not possible any more, the schemas tell.
                if trace.effect == "changed":
                    yield from self._traced(recorded, request, change, trace)
        yield from self._judged(recorded, request, operation)

    def _traced(self, recorded: Recorded, request: Request, change: Change, trace: Trace) -> Iterator[TrafficFinding]:
        known = concerns(trace, request, recorded.sent)
        if known is False or trace.effect == "possible" or request.operation is None:
            return
        name = request.operation.name
        releases = ", ".join(map(str, sorted(change.released_in, reverse=True)))
        if change in self._lost:
            effect = f"answered as before {releases} again"
        elif trace.effect == "refused":
            effect = f"refused from {releases}"
        else:
            effect = f"answered differently from {releases}"
        says, severity, advice = f"your {name} {trace.says}: {effect}", Severity(trace.effect), change.file.advice
        if known is None:
            says = f"whether your {name} {trace.says} can not be told: {effect}"
            severity = Severity.UNKNOWN
            by_time = recorded.sent is None and "past(" in trace.where
            advice = f"{'Record when requests are sent' if by_time else 'Look at it yourself'}. {advice}"
        yield TrafficFinding("change", severity, change.id, name, _place(recorded, request, trace), says, advice)

    def _judged(self, recorded: Recorded, request: Request, operation: Operation) -> Iterator[TrafficFinding]:
        if not self._schemas.knows(operation):
            yield self._unknown_operation(recorded, request, operation)
            return
        findings, canonical = self._schemas.judge_request(request)
        before: set[tuple[str, str]] = set()
        if findings and self._schemas_before.knows(operation):
            before = {(found.rule, found.path) for found in self._schemas_before.judge_request(request)[0]}
        for finding in findings:
            new = (finding.rule, finding.path) not in before
            element = element_at(canonical.root.getroottree(), finding.path)
            known = element is not None and lineage(element, self._schemas.model)[-1][1] is not None
            yield self._schema_finding(recorded, operation.name, finding, known=known, new=new)
        for departure in (*recorded.departures, *canonical.departures):
            yield from _departed(recorded, operation.name, departure)

    def _unknown_operation(self, recorded: Recorded, request: Request, operation: Operation) -> TrafficFinding:
        new = self._schemas_before.knows(operation)
        before = "" if new else ", nor did the version before"
        says = f"your {operation.name} is called, which {self._to} does not know{before}"
        severity = Severity.REFUSED if new else Severity.UNKNOWN
        advice = "Do not call it, or take a version that has it."
        place = _at(recorded, request.content.line, request.content.column)
        return TrafficFinding("schema.operation", severity, "", operation.name, place, says, advice)

    def _schema_finding(
        self, recorded: Recorded, name: str, finding: SchemaFinding, *, known: bool, new: bool
    ) -> TrafficFinding:
        """Return a finding in our own words: those of libxml2 hold values. ``known``: the element belongs there."""
        path, rest = _short(finding.path), f"the schemas of {self._schemas.release}"
        expected = _EXPECTED.search(finding.message)
        wanted = _STEP.sub("", expected[1]) if expected and expected[1].count(",") < _MANY else ""
        match finding.rule:
            case "unexpected" if known:
                # The canonical form is in order: a known element is in the wrong place where another one is missing.
                does = f"sends {path} where {rest} demand {wanted or 'none'}"
                advice = f"Send {wanted} too." if wanted else f"Send {path} once."
            case "unexpected":
                does, advice = f"sends {path}, which {rest} do not know there", f"Leave {path} out."
            case "missing":
                does = f"leaves out of {path} what {rest} demand{f': {wanted}' if wanted else ''}"
                advice = f"Send {wanted or 'it'}."
            case "value":
                does = f"sends a value in {path} that {rest} do not allow"
                advice = f"Send one of the values that the schema of {path} allows."
            case "text":
                does, advice = f"sends text in {path}, where {rest} allow none", "Send elements only."
            case _:
                does, advice = f"sends {path} in a way that {rest} do not allow", "Write it as the schema says."
        if not new:
            severity, end = Severity.LENIENT, "so it was before, and the service may be lenient"
        elif finding.rule == "unexpected" and not known:
            severity, end = Severity.CHANGED, f"{self._schemas_before.release} did; the service may ignore it"
        else:
            severity, end = Severity.REFUSED, f"{self._schemas_before.release} took it"
        place = _at(recorded, finding.line, finding.column)
        return TrafficFinding(f"schema.{finding.rule}", severity, "", name, place, f"your {name} {does}; {end}", advice)


def _departed(recorded: Recorded, name: str, departure: Departure) -> Iterator[TrafficFinding]:
    meaning = DEPARTURES[departure.id]
    if meaning.severity == "allowed":
        return
    place = _at(recorded, departure.line, departure.column)
    says = f"your {name} {meaning.says}: {meaning.reason}"
    yield TrafficFinding(departure.id, Severity(meaning.severity), "", name, place, says, meaning.advice)


def _place(recorded: Recorded, request: Request, trace: Trace) -> str:
    """Return where a request does what a trace says: at the first of its elements, else at bodyContent."""
    found = next(filter(None, map(request.content.find, trace.sends)), request.content)
    return _at(recorded, found.line, found.column)


def _at(recorded: Recorded, line: int, column: int) -> str:
    return ":".join([recorded.place, *(str(number) for number in (line, column) if number)])


def _short(path: str) -> str:
    """Return a path below bodyContent or the header, without prefixes and numbers."""
    below = path.removeprefix(_CONTENT).removeprefix(_HEADER).removeprefix("/") or "bodyContent"
    short = printable(_STEP.sub("", below))
    return short if len(short) <= _LONGEST else f"{short[:_LONGEST]}..."
