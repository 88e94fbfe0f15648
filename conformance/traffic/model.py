"""Recorded traffic, and what is found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from conformance.wire.request import Departure


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a recording. Bytes are those of the message alone, out of whatever carried it."""

    place: str
    """Where it stands: ``calls.har: entry 12``, ``requests/CreateMeeting.xml``, ``results.jsonl:17: step 2``."""
    request: bytes
    response: bytes | None = None
    sent: datetime | None = None
    """When it was sent, aware; None where the recording does not say."""
    departures: Sequence[Departure] = ()
    """What was tolerated to get at the message: a form, leading blanks, a wrong encoding."""


class Severity(StrEnum):
    """What a finding means for an upgrade, heaviest first."""

    REFUSED = "refused"
    """The target version refuses the request."""
    CHANGED = "changed"
    """The target version answers it in another way, or what is read of the answer is another."""
    UNKNOWN = "unknown"
    """Whether it is concerned can not be told from the recording."""
    LENIENT = "lenient"
    """It works because the service is lenient; the schema says otherwise."""


@dataclass(frozen=True, slots=True)
class TrafficFinding:
    """Something in recorded traffic that whoever owns the integration should know before an upgrade.

    Texts hold no secrets and no personal values.
    """

    id: str
    """Stable: ``change`` for a documented change, ``schema.<rule>``, or the id of a departure."""
    severity: Severity
    change: str
    """The id of the documented change; empty for what is none's."""
    operation: str
    place: str
    """Where it was first seen, with line and column of the message: ``calls.har: entry 12:14:7``."""
    says: str
    """What the client does: ``your CreateMeeting sends a start time that has passed: refused from 40.2.0``."""
    advice: str
    count: int = 1
    """How many of the recorded requests it was seen in."""
    of: int = 1
    """How many requests of that operation were recorded."""
