"""Measures the validation of payloads against bare libxml2, as ratios within one run. Exits 1 where one is too high.

    python benchmarks/validation.py

The bare side parses and judges bytes that libxml2 finds valid as they are: of a request, its canonical form. Ours
begins with what a client has sent, and ends with the verdict. A request whose elements are out of order, as they are in
most printed ones, is judged, put into order and judged again. One that departs in another way is put into its
canonical form by Python; what that takes is told, and no promise.

Last, how long ``conformance validate`` takes from its start to its end, by the schemas of all services.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

from lxml import etree

from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.payload import judge_payload
from conformance.versions import DEFAULT_VERSION
from conformance.wire.names import NAMESPACES, XSI, operation
from conformance.wire.request import build_request, read_request

MOST = 3.0
MOST_TINY = 8.0
"""Of what takes libxml2 some microseconds: most of our time goes into what does not grow with the payload."""
MOST_COLD = 0.5
"""Seconds of a whole command."""
SECONDS = 1.0
SECONDS_COLD = 4.0
"""How long each side tries for its fastest."""


@dataclass(frozen=True)
class Payload:
    """One payload, the bytes that the bare side judges, and how many times its time ours may take."""

    name: str
    data: bytes
    bare: bytes
    bound: float


def scheduled(attendees: int, *, departed: bool = False) -> bytes:
    """Return a request for a meeting to which so many are invited."""
    when = {"startDate": "11/22/2026 10:00:00", "timeZoneID": "20", "duration": "60"}
    people = [{"name": f"n{i}", "email": f"a{i}@example.com"} for i in range(attendees)]
    body = {
        "accessControl": {"meetingPassword": "pa55"},
        "metaData": {"confName": "Sample", "meetingType": "3"},
        "participants": {
            "maxUserNumber": "4",
            "attendees": {"attendee": [{"person": person, "role": "ATTENDEE"} for person in people]},
        },
        "schedule": dict(reversed(when.items())) if departed else when,
    }
    return build_request(operation("CreateMeeting"), {"webExID": "host", "password": "pa55", "siteName": "site"}, body)


def listed(users: int) -> bytes:
    """Return an answer that lists so many users."""
    declared = " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("serv", "com", "use"))
    rows = "".join(
        f"<use:user><use:webExId>user{i}</use:webExId><use:firstName>A</use:firstName><use:lastName>B</use:lastName>"
        f"<use:email>user{i}@example.com</use:email><use:registrationDate>11/22/2026 10:00:00</use:registrationDate>"
        "<use:active>ACTIVATED</use:active><use:timeZoneID>20</use:timeZoneID></use:user>"
        for i in range(users)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><serv:message {declared}><serv:header><serv:response>'
        "<serv:result>SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response></serv:header>"
        f'<serv:body><serv:bodyContent xmlns:xsi="{XSI}" xsi:type="use:lstsummaryUserResponse">{rows}'
        f"<use:matchingRecords><serv:total>{users}</serv:total><serv:returned>{users}</serv:returned>"
        "<serv:startFrom>1</serv:startFrom></use:matchingRecords></serv:bodyContent></serv:body></serv:message>"
    ).encode()


def payloads(schemas: SchemaSet) -> Iterator[Payload]:
    """Yield what is measured, by size."""
    for count in (1, 100, 1_000):
        for departed, bound in ((False, MOST), (True, MOST if count > 1 else MOST_TINY)):
            data = scheduled(count, departed=departed)
            canonical = etree.tostring(schemas.judge_request(read_request(data))[1].root)
            how = ", elements out of order" if departed else ""
            yield Payload(f"CreateMeeting, attendees: {count}{how}", data, canonical, bound)
    data = scheduled(100).replace(b"<role>", b"<Role>").replace(b"</role>", b"</Role>")
    canonical = etree.tostring(schemas.judge_request(read_request(data))[1].root)
    yield Payload("CreateMeeting, attendees: 100, capitals", data, canonical, inf)
    for count in (1, 100, 1_000):
        data = listed(count)
        yield Payload(f"answer of LstsummaryUser, users: {count}", data, data, MOST if count > 1 else MOST_TINY)


def fastest(judge: Callable[[], object], seconds: float = SECONDS) -> float:
    """Return the seconds of the fastest try."""
    best, end = float("inf"), time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        judge()
        best = min(best, time.perf_counter() - begun)
    return best


def cold_start(data: bytes) -> bool:
    """Measure whole commands that judge a payload, and an interpreter that only loads lxml; print both."""
    # Compiled modules are kept, as on any machine.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def seconds(*arguments: str) -> float:
        command = [sys.executable, *arguments]

        def once() -> object:
            return subprocess.run(command, env=kept, capture_output=True, check=True)

        once()  # compiles the modules
        return fastest(once, SECONDS_COLD)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "payload.xml")
        path.write_bytes(data)
        ours = seconds("-m", "conformance", "validate", str(path))
    theirs = seconds("-c", "import lxml.etree")
    mark = "ok " if ours <= MOST_COLD else "NOT"
    print(f"{mark} conformance validate, from start to end: {ours:.2f} s (at most {MOST_COLD:.2f} s);", end=" ")
    print(f"{ours / theirs:.1f} x an interpreter with lxml")
    return ours <= MOST_COLD


def main() -> int:
    """Print the table."""
    catalog = SchemaCatalog()
    schemas = catalog.at(DEFAULT_VERSION)
    holds = True
    with schemas.materialised() as entry:
        bare = etree.XMLSchema(file=str(entry))
    for payload in payloads(schemas):
        if not (judge_payload(payload.data, catalog, DEFAULT_VERSION).valid and bare(etree.fromstring(payload.bare))):
            raise SystemExit(f"{payload.name}: not valid, so nothing is measured")
        ours = fastest(lambda data=payload.data: judge_payload(data, catalog, DEFAULT_VERSION))  # type: ignore[misc]
        theirs = fastest(lambda data=payload.bare: bare.validate(etree.fromstring(data)))  # type: ignore[misc]
        ratio = ours / theirs
        holds = holds and ratio <= payload.bound
        mark = ("ok " if ratio <= payload.bound else "NOT") if payload.bound < inf else "   "
        promised = f"(at most {payload.bound:.2f})" if payload.bound < inf else ""
        print(f"{mark} {payload.name:<52}{theirs * 1e6:8.0f} us{ratio:8.2f} x  {promised}")
    holds = cold_start(scheduled(1)) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
