"""What the tests of traffic share: requests, answers, recordings of them, and what a command came to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.traffic.model import Recorded
from conformance.wire.answer import Answer, failure, success
from conformance.wire.names import operation
from conformance.wire.request import Body, build_request

SENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECURITY = {"webExID": "kim", "password": "s3cret-Pw", "siteName": "sample"}
PAST, AHEAD = "11/22/2026 11:00:00", "11/22/2026 13:00:00"


@dataclass(frozen=True)
class Called:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def request(name: str, body: Body | None = None, security: Mapping[str, str] = SECURITY) -> bytes:
    """Return the bytes of a request."""
    return build_request(operation(name), security, {} if body is None else body)


def answer(name: str, content: Mapping[str, Answer]) -> bytes:
    """Return a SUCCESS."""
    return success(operation(name), content)


def refusal(name: str) -> bytes:
    """Return a FAILURE."""
    return failure(operation(name), "000015", "Sorry, no record found")


def recorded(
    data: bytes, response: bytes | None = None, sent: datetime | None = SENT, place: str = "calls.har: entry 1"
) -> Recorded:
    """Return a recorded exchange."""
    return Recorded(place, data, response, sent)


def meeting(start: str = "", **more: Body) -> bytes:
    """Return a CreateMeeting with a password, so that only its start is of interest."""
    schedule: Mapping[str, Body] = {"startDate": start, "timeZoneID": "20"} if start else {"duration": "20"}
    return request(
        "CreateMeeting",
        {
            "accessControl": {"meetingPassword": "s3cret-Mp"},
            "metaData": {"confName": "x"},
            "schedule": schedule,
            **more,
        },
    )


def entry(text: str | None, response: bytes | None = None, **more: Any) -> dict[str, Any]:
    """Return an entry of a HAR file, with what a recorder writes beside the messages."""
    asked: dict[str, Any] = {
        "method": "POST",
        "url": "https://sample.example.com/WBXService/XMLService",
        "cookies": [{"name": "session", "value": "c00kie-S3cret"}],
        "headers": [{"name": "Authorization", "value": "Bearer t0ken-S3cret"}],
    }
    if text is not None:
        asked["postData"] = {"mimeType": "text/xml", "text": text}
    content = {} if response is None else {"text": response.decode(), "mimeType": "text/xml"}
    times = {"startedDateTime": SENT.isoformat()}
    return {**times, "request": asked, "response": {"status": 200, "content": content}, **more}


def har(path: Path, entries: Sequence[Any]) -> Path:
    """Write a HAR file and return its path."""
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}, indent=1), encoding="utf-8")
    return path
