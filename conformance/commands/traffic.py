"""``conformance traffic check``: what an upgrade makes of the requests that a client was recorded to send."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conformance.cases.load import load_changes
from conformance.commands import say
from conformance.commands.profile import tell_unread
from conformance.errors import UserError
from conformance.run.verdicts import ExitCode
from conformance.schema.catalog import SchemaCatalog
from conformance.traffic.check import TrafficCheck
from conformance.traffic.model import Recorded, Severity, TrafficFinding
from conformance.traffic.read import Reading, read_traffic
from conformance.versions import Version
from conformance.wire.departures import DEPARTURES

_STYLE = {Severity.REFUSED: "bold red", Severity.CHANGED: "red", Severity.UNKNOWN: "yellow", Severity.LENIENT: "dim"}
_HEADING = {
    Severity.REFUSED: "✖ X refused",
    Severity.CHANGED: "≠ C answered differently",
    Severity.UNKNOWN: "? U could not be told",
    Severity.LENIENT: "~ L tolerated: works because the service is lenient",
}


def check(traffic: Sequence[Path], to: Version, from_: Version | None, sent_at: str) -> ExitCode:
    """Say what the way to a version makes of recorded requests.

    FINDINGS where one is refused or answered differently; COULD_NOT_TELL where that can not be told of one, a
    message could not be read, or there is no request at all; AS_DOCUMENTED where nothing of the kind was found.
    ``sent_at`` is the time of requests of which the recording tells none.
    """
    sent = _time(sent_at) if sent_at else None
    reading = Reading()
    found = TrafficCheck(load_changes(), SchemaCatalog(), to, from_)
    for recorded in read_traffic(traffic, reading):
        found.take(_timed(recorded, sent))
    findings = found.findings()
    for severity in Severity:
        _tell(severity, [finding for finding in findings if finding.severity is severity])
    if found.left_out:
        say(f"there are more findings: the first {len(findings)} different ones are told")
    tell_unread(reading, sys.stdout)
    for name, count in sorted(found.unknown.items()):
        say(f"not looked at: {name} ({_counted(count, 'request')}): not known to the suite, named by no change")
    return _conclude(found, findings, reading, f"from {from_} to {to}" if from_ else f"to {to}, every change counted")


def _timed(recorded: Recorded, sent: datetime | None) -> Recorded:
    return replace(recorded, sent=sent) if recorded.sent is None and sent is not None else recorded


def _time(text: str) -> datetime:
    """Read a time of the command line; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"--sent-at: '{text}' is no time; write it like 2026-11-22T14:30:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _tell(severity: Severity, findings: Sequence[TrafficFinding]) -> None:
    if not findings:
        return
    say(f"{_HEADING[severity]}:", "bold")
    for line in _tolerated(findings) if severity is Severity.LENIENT else _told(findings):
        say(line, "dim" if line.startswith(" ") else _STYLE[severity])
    say()


def _told(findings: Sequence[TrafficFinding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.place}: {finding.says} ({_of(finding)})"
        if finding.change:
            yield f"    change: {finding.change}"
        yield f"    to do: {finding.advice}"


def _tolerated(findings: Sequence[TrafficFinding]) -> Iterator[str]:
    """Yield what is only tolerated: one departure of several operations is one line."""
    departures = [finding for finding in findings if finding.id in DEPARTURES]
    for id_ in dict.fromkeys(finding.id for finding in departures):
        same = [finding for finding in departures if finding.id == id_]
        counts = ", ".join(f"{finding.operation} {finding.count} of {finding.of}" for finding in same)
        meaning = DEPARTURES[id_]
        yield f"{same[0].place}: your client {meaning.says}: {meaning.reason} ({counts})"
        yield f"    to do: {meaning.advice}"
    yield from _told([finding for finding in findings if finding.id not in DEPARTURES])


def _of(finding: TrafficFinding) -> str:
    return f"{finding.count} of {_counted(finding.of, 'request')}"


def _conclude(found: TrafficCheck, findings: Sequence[TrafficFinding], reading: Reading, way: str) -> ExitCode:
    requests = found.operations.total()
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    told = ", ".join(f"{counts[severity]} {word}" for severity, word in _WORDS.items())
    others = f"; without a request of the API: {_counted(reading.others, 'entry', 'entries')}" if reading.others else ""
    say(f"{way}: {_counted(requests, 'request')} of {_counted(len(found.operations), 'operation')}: {told}{others}")
    if counts[Severity.REFUSED] or counts[Severity.CHANGED]:
        return ExitCode.FINDINGS
    if not requests or counts[Severity.UNKNOWN] or reading.unread or found.unread or found.left_out:
        return ExitCode.COULD_NOT_TELL
    return ExitCode.AS_DOCUMENTED


_WORDS = {
    Severity.REFUSED: "refused",
    Severity.CHANGED: "answered differently",
    Severity.UNKNOWN: "could not be told",
    Severity.LENIENT: "tolerated",
}


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
