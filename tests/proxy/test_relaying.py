"""What the proxy passes on: every byte, to one address only, and what breaks breaks for the client as at the site."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from proxy_lab import PASSWORD, Lab
from upstream import answered, upstream

from conformance.mock.server import MockServer
from conformance.wire.carried import MAX_CARRIED
from conformance.wire.names import operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response

Between = Callable[..., Lab]
WHO = {"webExID": "host", "password": PASSWORD, "siteName": "go"}
GET_SITE = build_request(operation("GetSite"), WHO, {})
ANSWER = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\u00fc</a>'.encode("latin-1")
HEAD = b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"


def wire(lab: Lab, data: bytes) -> bytes:
    """Return all that comes back for these bytes until the proxy closes the connection."""
    parts = urlsplit(lab.proxy.endpoint)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as sock:
        sock.sendall(data)
        return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize(
    "body",
    [
        GET_SITE,
        b"\n  " + GET_SITE,
        GET_SITE.replace(b"UTF-8", b"ISO-8859-1") + b"\xff\x00\xc3",
        b"UID=1&XML=" + quote(GET_SITE).encode(),
        b"\x00\x01\x02",
        b"",
        bytes(range(256)) * 4000,
    ],
    ids=["message", "blanks", "bytes that are no text", "form", "binary", "nothing", "a megabyte"],
)
def test_both_bodies_are_passed_byte_for_byte(between: Between, body: bytes) -> None:
    with upstream(answered(ANSWER), answered(body)) as site:
        lab = between(site.endpoint)
        for answer in (ANSWER, body):
            received = wire(lab, HEAD % len(body) + b"Connection: close\r\n\r\n" + body)
            assert received.endswith(b"\r\n\r\n" + answer)
        assert [heard.partition(b"\r\n\r\n")[2] for heard in site.heard] == [body, body]


def test_headers_are_passed_but_for_those_of_a_connection(between: Between) -> None:
    answer = answered(ANSWER, b"Set-Cookie: a=1", b"Set-Cookie: b=2", b"X-Own:  spaced ", b"Keep-Alive: timeout=5")
    with upstream(answer) as site:
        lab = between(site.endpoint)
        own = b"Content-Type: text/xml charset=UTF-8\r\nUser-Agent: Old/1.0\r\nTE: trailers\r\n"
        own += b"Authorization: Basic eA==\r\n"
        received = wire(lab, HEAD % len(GET_SITE) + own + b"Connection: close\r\n\r\n" + GET_SITE).lower()
        heard = site.heard[0].lower()
    for passed in (b"content-type: text/xml charset=utf-8", b"user-agent: old/1.0", b"authorization: basic ea=="):
        assert passed + b"\r\n" in heard
    assert f"host: {urlsplit(site.endpoint).netloc}".encode() in heard
    assert b"\r\nte: " not in heard
    assert b"accept-encoding" not in heard
    for passed in (b"set-cookie: a=1", b"set-cookie: b=2", b"x-own: spaced", b"connection: close"):
        assert passed + b"\r\n" in received
    assert b"keep-alive" not in received
    assert b"\r\nserver:" not in received


def test_what_the_site_compresses_arrives_compressed_and_is_read_all_the_same(between: Between) -> None:
    packed = gzip.compress(b"<html>no</html>")
    with upstream(answered(packed, b"Content-Encoding: gzip")) as site:
        lab = between(site.endpoint)
        received = wire(lab, HEAD % len(GET_SITE) + b"Connection: close\r\n\r\n" + GET_SITE)
    assert received.endswith(packed)
    assert lab.seen()[0][0].message == b"<html>no</html>"


def test_an_answer_in_chunks_stays_one_in_chunks(between: Between, site: MockServer) -> None:
    lab = between(site.endpoint)
    response = httpx2.post(lab.proxy.endpoint, content=GET_SITE)
    assert response.headers["transfer-encoding"] == "chunked"
    assert read_response(response.content).result == "SUCCESS"


@pytest.mark.parametrize("status", [b"302 Found", b"404 Not Found", b"503 Service Unavailable"])
def test_any_status_is_passed_and_nothing_is_followed(between: Between, status: bytes) -> None:
    with upstream(answered(b"x", b"Location: /elsewhere", b"Retry-After: 7", status=status)) as site:
        lab = between(site.endpoint)
        response = httpx2.post(lab.proxy.endpoint, content=GET_SITE)
        assert len(site.heard) == 1
    assert (response.status_code, response.headers["retry-after"]) == (int(status[:3]), "7")
    assert lab.seen()[0][1].result == f"HTTP {response.status_code}"


def test_the_message_of_a_get_is_passed_in_the_address(between: Between) -> None:
    with upstream(answered(ANSWER)) as site:
        lab = between(site.endpoint)
        query = f"XML={quote(GET_SITE)}&AT=1"
        assert httpx2.get(f"{lab.proxy.endpoint}?{query}").content == ANSWER
        assert site.heard[0].startswith(f"GET /WBXService/XMLService?{query} HTTP/1.1\r\n".encode())


class TestOnlyTheSite:
    @pytest.mark.parametrize(
        ("line", "status"),
        [
            (b"GET / HTTP/1.1", b"404"),
            (b"POST /elsewhere HTTP/1.1", b"404"),
            (b"POST http://192.0.2.1/elsewhere HTTP/1.1", b"404"),
            (b"PUT /WBXService/XMLService HTTP/1.1", b"405"),
            (b"DELETE /WBXService/XMLService HTTP/1.1", b"405"),
            (b"CONNECT 192.0.2.1:443 HTTP/1.1", b"404"),
        ],
    )
    def test_nothing_else_is_passed(self, between: Between, line: bytes, status: bytes) -> None:
        with upstream(answered(ANSWER)) as site:
            lab = between(site.endpoint)
            received = wire(lab, line + b"\r\nHost: 192.0.2.1\r\nContent-Length: 0\r\n\r\n")
            assert (received[9:12], site.heard, lab.seen()) == (status, [], [])

    def test_whatever_host_a_client_names(self, between: Between) -> None:
        with upstream(answered(ANSWER)) as site:
            lab = between(site.endpoint)
            line = b"POST http://192.0.2.1/WBXService/XMLService HTTP/1.1\r\nHost: 192.0.2.1\r\nConnection: close\r\n"
            assert wire(lab, line + b"Content-Length: 0\r\n\r\n").endswith(ANSWER)
            assert site.heard[0].startswith(b"POST /WBXService/XMLService HTTP/1.1\r\n")
            assert b"192.0.2.1" not in site.heard[0]

    def test_a_body_without_end_is_not_read(self, between: Between) -> None:
        with upstream(answered(ANSWER)) as site:
            lab = between(site.endpoint)
            assert wire(lab, HEAD % (MAX_CARRIED + 1) + b"\r\n")[9:12] == b"413"
            assert site.heard == []


class TestFaults:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (b"", "reset"),
            (b"HTTP/1.1 200 OK\r\nContent-", "reset"),
            (b"SSH-2.0-x\r\n", "not-http"),
            (None, "inactivity"),
        ],
        ids=["closed", "in the headers", "not HTTP", "silence"],
    )
    def test_where_no_answer_began_none_is_given(self, between: Between, answer: bytes | None, kind: str) -> None:
        with upstream(answer, answered(ANSWER)) as site:
            lab = between(site.endpoint, inactivity_seconds=0.3)
            assert wire(lab, HEAD % len(GET_SITE) + b"\r\n" + GET_SITE) == b""
            assert wire(lab, HEAD % 0 + b"Connection: close\r\n\r\n").endswith(ANSWER)
        assert lab.seen()[0][1].result == f"no whole answer ({kind})"
        assert lab.proxy.totals.faults == 1

    def test_a_site_that_is_not_there(self, between: Between) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # and never listens
            lab = between(f"http://127.0.0.1:{taken.getsockname()[1]}/WBXService/XMLService")
            assert wire(lab, HEAD % 0 + b"\r\n") == b""
        assert lab.seen()[0][1].result == "no whole answer (refused)"

    @pytest.mark.parametrize(
        ("length", "sent"),
        [(b"Content-Length: 900\r\n\r\n", b"<serv:mess"), (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n<serv\r\n")],
        ids=["length", "chunks"],
    )
    def test_an_answer_that_breaks_off_breaks_off(self, between: Between, length: bytes, sent: bytes) -> None:
        with upstream(b"HTTP/1.1 200 OK\r\nX-Own: 1\r\n" + length + sent) as site:
            lab = between(site.endpoint)
            received = wire(lab, HEAD % 0 + b"\r\n")
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b"x-own: 1\r\n" in received
        assert received.endswith(sent)
        assert lab.seen()[0][1].result == "no whole answer (truncated)"

    def test_a_site_that_never_ends_is_left_in_time(self, between: Between) -> None:
        with upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", close=False) as site:
            lab = between(site.endpoint, deadline_seconds=0.3)
            assert wire(lab, HEAD % 0 + b"\r\n").endswith(b"\r\n\r\nx")
        assert lab.seen()[0][1].result == "no whole answer (deadline)"

    def test_a_client_that_leaves_is_recorded_all_the_same(self, between: Between, site: MockServer) -> None:
        lab = between(site.endpoint)
        parts = urlsplit(lab.proxy.endpoint)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0))) as sock:
            sock.sendall(HEAD % len(GET_SITE) + b"\r\n" + GET_SITE)
        httpx2.post(lab.proxy.endpoint, content=GET_SITE)
        assert [verdict.line.partition(";")[0] for _, verdict in lab.seen()] == ["GetSite SUCCESS valid"] * 2


def test_many_clients_at_once_each_get_their_own_answer(between: Between, site: MockServer) -> None:
    lab = between(site.endpoint)

    def converse(number: int) -> list[str | None]:
        user = operation("GetUser")
        with httpx2.Client(timeout=30) as client:
            sent = [build_request(user, WHO, {"webExId": name}) for name in ("host", f"nobody{number}") * 5]
            answers = [read_response(client.post(lab.proxy.endpoint, content=one).content) for one in sent]
        return [answer.exception_id or answer.result for answer in answers]

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(converse, range(12))) == [["SUCCESS", "000001"] * 5] * 12
    assert sorted(passed.number for passed, _ in lab.seen()) == list(range(1, 121))
    assert lab.proxy.totals.operations == {"GetUser": 120}


def test_a_connection_is_kept_or_closed_as_the_client_asks(between: Between, site: MockServer) -> None:
    lab = between(site.endpoint)
    close = HEAD % len(GET_SITE) + b"Content-Type: text/xml\r\nConnection: close\r\n\r\n" + GET_SITE
    keep = close.replace(b"Connection: close\r\n", b"")
    received = wire(lab, keep + close)
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert received.lower().count(b"connection: close\r\n") == 1
