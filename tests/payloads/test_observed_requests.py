"""Every way in which real requests depart from the schema: the validator tells it, the mock answers it by a socket."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from urllib.parse import quote_plus, urlsplit

import pytest
from observed_requests import (
    BINDING,
    CALLER,
    DECLARATION,
    OBSERVED,
    OF_XML,
    PASSWORD,
    PATH,
    SERV,
    SITE,
    XSI,
    Observed,
    message,
    posted,
)

from conformance.errors import MalformedMessage
from conformance.mock.building import add_account, bare_site
from conformance.mock.server import MockServer
from conformance.mock.state import Site
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import judge_payload
from conformance.schema.strictness import gate
from conformance.versions import DEFAULT_VERSION
from conformance.wire.departures import DEPARTURES, Strictness
from conformance.wire.response import Response, read_response

CATALOG = SchemaCatalog()
OF_HTTP = {"content-type", "absolute-form"}


def wire(server: MockServer, data: bytes) -> tuple[bytes, bytes]:
    """Return head and body of what the server answers to these bytes, until it closes the connection."""
    parts = urlsplit(server.endpoint)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as sock:
        sock.sendall(data)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def unchunked(head: bytes, body: bytes) -> bytes:
    """Return the body that was sent in chunks."""
    joined = b""
    while b"transfer-encoding: chunked" in head.lower():
        size, _, rest = body.partition(b"\r\n")
        joined, body = joined + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        if not int(size, 16):
            return joined
    return body


def asked(server: MockServer, data: bytes) -> Response:
    """Return the message that answers these bytes."""
    head, body = wire(server, data)
    assert head.startswith(b"HTTP/1.1 200 "), head
    assert b"connection: close" in head.lower()
    return read_response(unchunked(head, body))


@pytest.fixture(params=["service"])
def site(request: pytest.FixtureRequest, mock_server: MockServer) -> Iterator[Site]:
    site = bare_site(SITE, DEFAULT_VERSION)
    add_account(site, CALLER, PASSWORD, role="host")
    site.strictness = Strictness(request.param)
    site.gate = None if request.param == "service" else gate(site.strictness, CATALOG, DEFAULT_VERSION)
    yield mock_server.add_site(site)
    mock_server.remove_site(SITE)


def by_name(row: Observed) -> str:
    return f"{row.line} {row.name}"


@pytest.mark.parametrize("row", OBSERVED, ids=by_name)
def test_the_validator_tells_what_is_tolerated(row: Observed) -> None:
    if row.not_xml:
        with pytest.raises(MalformedMessage) as refused:
            judge_payload(row.data, CATALOG, DEFAULT_VERSION)
        assert (refused.value.kind, refused.value.line > 0, refused.value.column > 0) == ("not-xml", True, True)
        return
    judged = judge_payload(row.data, CATALOG, DEFAULT_VERSION)
    assert {note.id for note in judged.departures} == {*row.departures}
    assert tuple(sorted({finding.rule for finding in judged.findings})) == row.findings
    assert judged.valid is row.valid


@pytest.mark.parametrize("row", OBSERVED, ids=by_name)
def test_the_mock_answers_as_the_service(row: Observed, mock_server: MockServer, site: Site) -> None:
    response = asked(mock_server, row.sent)
    assert (response.exception_id or response.result) == row.answer
    assert CATALOG.at(DEFAULT_VERSION).judge_response(response.root) == []
    del site


def test_what_is_sent_in_any_encoding_is_kept_as_it_was_meant(mock_server: MockServer, site: Site) -> None:
    for row in OBSERVED:
        if row.line == 7:
            asked(mock_server, row.sent)
    names = {session.name for session in site.sessions.values()}
    assert {"Zürich", "会議", "會議", "회의", "会议"} <= names


@pytest.mark.parametrize("site", ["strict"], indirect=True)
@pytest.mark.parametrize("row", [row for row in OBSERVED if row.departures], ids=by_name)
def test_a_strict_mock_refuses_each_departure_by_its_name(row: Observed, mock_server: MockServer, site: Site) -> None:
    response = asked(mock_server, row.sent)
    assert (response.result, response.exception_id) == ("FAILURE", "999999")
    told = str(response.reason).removeprefix("Refused by the strictness of this site: ")
    assert told.partition(" at ")[0] in row.departures
    del site


@pytest.mark.parametrize("site", ["strict", "documented"], indirect=True)
def test_what_is_documented_passes_the_strictest(mock_server: MockServer, site: Site) -> None:
    assert asked(mock_server, posted(message(), OF_XML)).result == "SUCCESS"
    del site


@pytest.mark.parametrize("site", ["documented"], indirect=True)
@pytest.mark.parametrize("row", OBSERVED, ids=by_name)
def test_a_documented_mock_refuses_what_the_validator_refuses(
    row: Observed, mock_server: MockServer, site: Site
) -> None:
    response = asked(mock_server, row.sent)
    refused = str(response.reason).startswith("Refused by the strictness of this site: ")
    assert refused is not (row.valid or row.not_xml)
    del site


def test_the_table_has_every_departure_of_requests() -> None:
    seen = {id_ for row in OBSERVED for id_ in row.departures}
    assert DEPARTURES.keys() - seen == {"not-utf-8", "printed", "unknown-element"}


def test_expect_100_continue(mock_server: MockServer, site: Site) -> None:
    head, _, body = posted(message(), OF_XML, "Expect: 100-continue").partition(b"\r\n\r\n")
    parts = urlsplit(mock_server.endpoint)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as sock:
        sock.sendall(head + b"\r\n\r\n")
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")
    del site


NO_MESSAGES = {
    "nothing": "",
    "JSON": '{"a": 1}',
    "a form without XML": "UID=1&PWD=2",
    "a form of several parts": f'--x\r\nContent-Disposition: form-data; name="XML"\r\n\r\n{message()}\r\n--x--\r\n',
    "compressed": gzip.compress(message().encode()),
    "a DOCTYPE": f'<!DOCTYPE a [<!ENTITY e "x">]>{message(before="")}',
    "an encoding that nobody knows": message(before='<?xml version="1.0" encoding="klingon"?>'),
    "UTF-7": message(before='<?xml version="1.0" encoding="utf-7"?>'),
    "another root": message(root="MESSAGE", declared=XSI),
    "a page": "<html/>",
    "no operation": message(of_type=""),
    "an unknown operation": message(of_type=f'xsi:type="{BINDING}.user.Nope"'),
    "a character that XML forbids": message("<webExId>a\x00b</webExId>"),
    "very deep": "<a>" * 5000,
}
"""What the manual says is answered with 000000."""


@pytest.mark.parametrize("what", NO_MESSAGES)
def test_what_is_no_message_is_answered_as_one_that_could_not_be_forwarded(
    mock_server: MockServer, site: Site, what: str
) -> None:
    response = asked(mock_server, posted(NO_MESSAGES[what], OF_XML))
    assert (response.exception_id, response.reason) == ("000000", "Fail to forward request:null")
    del site


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (f"HEAD {PATH}?XML=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 405),
        (f"POST {PATH} HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\r\n\r\n", 400),
    ],
    ids=["a GET of nothing", "HEAD", "PUT", "no Host", "TLS"],
)
def test_what_is_not_asked_as_clients_do_is_refused_by_http(mock_server: MockServer, data: str, status: int) -> None:
    head, _ = wire(mock_server, data.encode())
    assert head.startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize("path", ["/", "/WBXService/", f"{PATH}/", "/wbxservice/xmlservice", f"{PATH}.php"])
def test_elsewhere_it_is_told_where_the_service_is(mock_server: MockServer, path: str) -> None:
    head, body = wire(mock_server, posted(message(), OF_XML, path=path))
    assert head.startswith(b"HTTP/1.1 404 ")
    assert PATH.encode() in body


def test_an_answer_is_never_taken_out_of_what_carries_it() -> None:
    answer = (
        f"{DECLARATION}<serv:message {SERV}><serv:header><serv:response>"
        "<serv:result>SUCCESS</serv:result></serv:response></serv:header><serv:body/></serv:message>"
    )
    assert judge_payload(answer.encode(), CATALOG, DEFAULT_VERSION).direction == "response"
    for carrying in (f"\n{answer}", f"XML={quote_plus(answer)}"):
        with pytest.raises(MalformedMessage):
            judge_payload(carrying.encode(), CATALOG, DEFAULT_VERSION)
