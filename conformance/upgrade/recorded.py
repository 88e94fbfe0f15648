"""What a decision takes from recordings of an integration: findings, and that something could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.cases.plan import Change
from conformance.schema.catalog import SchemaCatalog
from conformance.traffic.check import TrafficCheck
from conformance.traffic.model import Severity, TrafficFinding
from conformance.traffic.read import Reading, read_traffic
from conformance.upgrade.words import counted
from conformance.versions import Version


def recorded_findings(
    paths: Sequence[Path], changes: Sequence[Change], catalog: SchemaCatalog, to: Version, from_: Version | None
) -> list[TrafficFinding]:
    """Return what is found in recordings on the way to a version; nothing where no recording is given.

    What could not be read is a finding too, for nothing is known of it, and so is a recording without any request.
    Raises UserError for a path that is not there or is no recording.
    """
    if not paths:
        return []
    reading, check = Reading(), TrafficCheck(changes, catalog, to, from_)
    for recorded in read_traffic(paths, reading):
        check.take(recorded)
    unread = len(reading.unread) + reading.unread_more + check.unread
    return [*check.findings(), *_not_read(reading, unread, check.operations.total() + check.unknown.total())]


def _not_read(reading: Reading, unread: int, taken: int) -> list[TrafficFinding]:
    if not unread and taken:
        return []
    what = counted(unread, "recorded message") + " could not be read" if unread else "no request is recorded"
    place = reading.unread[0].place if reading.unread else ", ".join(reading.files[:3])
    return [
        TrafficFinding(
            id="not-read",
            severity=Severity.UNKNOWN,
            change="",
            operation="",
            place=place,
            says=f"{what}: whether the upgrade concerns what was sent is not known",
            advice="record again, or leave out what is no traffic of the API",
            count=unread,
            of=unread + taken,
        )
    ]
