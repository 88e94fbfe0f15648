"""Measures the validation of payloads against bare libxml2, as ratios within one run. Exits 1 where one is too high.

    python benchmarks/validation.py

The bare side parses and judges bytes that libxml2 finds valid as they are: of a request, its canonical form. Ours
begins with what a client has sent, and ends with the verdict and what departs in the request, with its places.

Some microseconds go into any payload, and some into each departure. So the least of them, of half a kilobyte, may take
as long as a request for a meeting with one attendee may; what that is of the bare time is told. A request of one or two
kilobytes in which five things depart takes five times the bare time. Not measured is what is rare: attributes that mean
nothing, prefixes bound to other namespaces, elements that the schemas do not know. There Python builds the canonical
form, in twenty times the bare time. What is not valid is explained by xmlschema, which takes longer still.

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
from pathlib import Path

from lxml import etree

from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.payload import judge_payload
from conformance.versions import DEFAULT_VERSION
from conformance.wire.names import NAMESPACES, XSI, operation
from conformance.wire.request import build_request, read_request

MOST = 3.0
"""Times the bare side; of the least payloads, times the bare side of the first one."""
MOST_COLD = 0.5
"""Seconds of a whole command."""
SECONDS = 1.0
SECONDS_COLD = 4.0
"""How long each side tries for its fastest."""


@dataclass(frozen=True)
class Payload:
    """One payload, and the bytes that the bare side judges."""

    name: str
    data: bytes
    bare: bytes
    least: bool = False


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


FAILURE = (
    f'<?xml version="1.0" encoding="UTF-8"?><serv:message xmlns:serv="{NAMESPACES["serv"]}" '
    f'xmlns:com="{NAMESPACES["com"]}"><serv:header><serv:response><serv:result>FAILURE</serv:result>'
    "<serv:reason>Corresponding User not found</serv:reason><serv:gsbStatus>PRIMARY</serv:gsbStatus>"
    "<serv:exceptionID>030001</serv:exceptionID></serv:response></serv:header>"
    "<serv:body><serv:bodyContent/></serv:body></serv:message>"
).encode()


def canonical(data: bytes, schemas: SchemaSet) -> bytes:
    """Return the canonical form of a request, with the namespaces that it needs."""
    root = schemas.judge_request(read_request(data))[1].root
    etree.cleanup_namespaces(root, keep_ns_prefixes=["meet", "use"])  # which types are in
    return etree.tostring(root)


def payloads(schemas: SchemaSet) -> Iterator[Payload]:
    """Yield what is measured, by size."""
    for count in (1, 100, 1_000):
        data = scheduled(count)
        bare = canonical(data, schemas)
        yield Payload(f"CreateMeeting, attendees: {count}", data, bare)
        yield Payload(f"CreateMeeting, attendees: {count}, out of order", scheduled(count, departed=True), bare)
        capitals = data.replace(b"<role>", b"<Role>").replace(b"</role>", b"</Role>")
        yield Payload(f"CreateMeeting, attendees: {count}, capitals in each", capitals, bare)
        undeclared = data.replace(f' xmlns:serv="{NAMESPACES["serv"]}"'.encode(), b"")
        yield Payload(f"CreateMeeting, attendees: {count}, prefix undeclared", undeclared, bare)
    for count in (1, 100, 1_000):
        data = listed(count)
        yield Payload(f"answer of LstsummaryUser, users: {count}", data, data)
    credentials = {"siteName": "site", "webExID": "host", "password": "pa55"}
    data = build_request(operation("GetUser"), credentials, {"webExId": "host"})
    yield Payload("GetUser, out of order", data, canonical(data, schemas), least=True)
    yield Payload("answer of a failure", FAILURE, FAILURE, least=True)


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
    holds, first = True, 0.0
    with schemas.materialised() as entry:
        bare = etree.XMLSchema(file=str(entry))
    for payload in payloads(schemas):
        if not (judge_payload(payload.data, catalog, DEFAULT_VERSION).valid and bare(etree.fromstring(payload.bare))):
            raise SystemExit(f"{payload.name}: not valid, so nothing is measured")
        ours = fastest(lambda data=payload.data: judge_payload(data, catalog, DEFAULT_VERSION))  # type: ignore[misc]
        theirs = fastest(lambda data=payload.bare: bare.validate(etree.fromstring(data)))  # type: ignore[misc]
        first = first or theirs
        ratio, most = ours / theirs, MOST * first / theirs if payload.least else MOST
        holds = holds and ratio <= most
        mark = "ok " if ratio <= most else "NOT"
        print(f"{mark} {payload.name:<52}{theirs * 1e6:8.0f} us{ratio:8.2f} x  (at most {most:.2f})")
    holds = cold_start(scheduled(1)) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
