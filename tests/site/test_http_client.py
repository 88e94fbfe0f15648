"""The HTTP client against servers that break every promise, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from wire_servers import (
    Handler,
    Server,
    answer,
    answering,
    dripping,
    endless,
    free_port,
    never,
    reset,
    reset_after,
)

from conformance.errors import ExchangeFault
from conformance.mock.building import new_site
from conformance.mock.server import MockServer
from conformance.site.body import decoded
from conformance.site.http import HttpClient
from conformance.site.seam import Exchange
from conformance.site.transport import Transport
from conformance.versions import DEFAULT_VERSION
from conformance.wire.limits import MAX_BODY
from conformance.wire.names import operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response

LONG = 30.0
"""Seconds that no exchange of these tests comes near."""

HERE = Transport(private_addresses=True)


def exchange_with(handler: Handler, deadline: float = LONG, request: bytes = b"<request/>") -> Exchange:
    """Post one request to a server with that handler."""

    async def scenario() -> Exchange:
        async with Server(handler) as server:
            client = HttpClient(server.endpoint, Transport(private_addresses=True, deadline_seconds=deadline))
            try:
                return await client.post(request)
            finally:
                await client.close()

    return asyncio.run(scenario())


def fault_of(handler: Handler, deadline: float = LONG) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as caught:
        exchange_with(handler, deadline)
    return caught.value


# What comes back when all is well


def test_an_answer_is_taken_as_it_came() -> None:
    before = datetime.now(UTC)
    got = exchange_with(answering(answer(b"\xff<a/>", "Content-Type: text/xml", "X-Twice: 1", status="418 Odd")))
    assert (got.status, got.body, got.request) == (418, b"\xff<a/>", b"<request/>")
    assert got.headers["content-type"] == "text/xml"
    assert before <= got.started <= datetime.now(UTC)
    assert 0 < got.seconds < LONG


def test_a_request_is_sent_as_it_stands() -> None:
    async def scenario() -> list[bytes]:
        async with Server(answering(answer(b""))) as server:
            client = HttpClient(server.endpoint, HERE)
            await client.post("<r>\u00e9\r\n</r>".encode())
            await client.get(f"http://127.0.0.1:{server.port}/link?a=b%20c")
            await client.close()
            return server.requests

    post, get = asyncio.run(scenario())
    head, _, body = post.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /service HTTP/1.1\r\n")
    assert b"\r\ncontent-type: text/xml; charset=utf-8\r\n" in head.lower() + b"\r\n"
    assert b"\r\naccept-encoding: identity\r\n" in head.lower() + b"\r\n"
    assert body == "<r>\u00e9\r\n</r>".encode()
    assert get.startswith(b"GET /link?a=b%20c HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answered",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a/\r\n1\r\n>\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<a/>",
        b"HTTP/1.0 200 OK\r\n\r\n<a/>",
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"<a/>"),
        answer(gzip.compress(b"<a/>"), "Content-Encoding: gzip"),
        answer(gzip.compress(b"<a/>"), "Content-Encoding: GZIP"),
        answer(zlib.compress(b"<a/>"), "Content-Encoding: deflate"),
        answer(b"<a/>", "Content-Encoding: identity"),
    ],
    ids=["chunked", "closed", "http-1.0", "continue", "gzip", "GZIP", "deflate", "identity"],
)
def test_a_body_is_read_however_it_is_framed(answered: bytes) -> None:
    assert exchange_with(answering(answered)).body == b"<a/>"


def test_the_mock_answers_over_a_kept_connection(mock_server: MockServer) -> None:
    mock_server.add_site(new_site("kept", DEFAULT_VERSION))

    async def scenario() -> list[Exchange]:
        client = HttpClient(mock_server.endpoint, HERE)
        request = build_request(operation("GetAPIVersion"), {"siteName": "kept"}, {})
        got = [await client.post(request) for _ in range(3)]
        got += await asyncio.gather(*(client.post(request) for _ in range(20)))
        await client.close()
        return got

    for got in asyncio.run(scenario()):
        assert read_response(got.body).result == "SUCCESS"
        assert got.date is not None
        assert abs(got.date - datetime.now(UTC)) < timedelta(minutes=1)


# No answer, or not all of it


def test_nobody_listens() -> None:
    async def scenario() -> None:
        await HttpClient(f"http://127.0.0.1:{free_port()}/", HERE).post(b"")

    with pytest.raises(ExchangeFault, match=r"^refused: "):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (reset, "reset"),
        (reset_after(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "reset"),
        (answering(), "reset"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<a/>"), "truncated"),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n"), "truncated"),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), "framing"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>"), "framing"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n<a/>"), "framing"),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\n"), "reset"),
        (answering(b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 300_000 + b"\r\n\r\n"), "header-limit"),
        (answering(b"SSH-2.0-OpenSSH_9.0\r\n"), "not-http"),
        (answering(b"<a/>"), "not-http"),
    ],
    ids=[
        "reset", "reset-in-the-body", "closed", "short-body", "no-last-chunk", "bad-chunk", "two-lengths",
        "no-length", "only-continue", "big-header", "ssh", "no-http",
    ],
)  # fmt: skip
def test_a_broken_answer_is_a_fault_of_a_known_kind(handler: Handler, kind: str) -> None:
    fault = fault_of(handler)
    assert fault.kind == kind
    assert fault.detail


@pytest.mark.parametrize(
    "handler",
    [
        never,
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["silence", "slow-headers", "slow-body", "slow-chunks"],
)
def test_the_whole_exchange_has_one_deadline(handler: Handler) -> None:
    fault = fault_of(handler, deadline=0.4)
    assert (fault.kind, fault.detail) == ("deadline", "no complete answer within 0.4 s")


def test_a_client_goes_on_after_a_fault() -> None:
    async def scenario() -> tuple[list[str], bytes, int]:
        handlers = iter(
            [never, reset, answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<"), answering(answer(b"<a/>"))]
        )

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await next(handlers)(reader, writer)

        kinds = []
        async with Server(handle) as server:
            client = HttpClient(server.endpoint, Transport(private_addresses=True, deadline_seconds=0.4))
            for _ in range(3):
                with pytest.raises(ExchangeFault) as caught:
                    await client.post(b"")
                kinds.append(caught.value.kind)
            got = await client.post(b"")
            await client.close()
            return kinds, got.body, server.connections

    assert asyncio.run(scenario()) == (["deadline", "reset", "truncated"], b"<a/>", 4)


def test_a_kept_connection_that_the_server_closed_is_opened_again() -> None:
    async def scenario() -> int:
        async with Server(answering(answer(b"<a/>"))) as server:  # promises to keep it, and closes
            client = HttpClient(server.endpoint, HERE)
            for _ in range(3):
                assert (await client.post(b"<r/>")).body == b"<a/>"
                await asyncio.sleep(0.05)
            await client.close()
            return server.connections

    assert asyncio.run(scenario()) == 3


# Too much


def test_an_endless_body_is_cut() -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    fault = fault_of(endless(head, chunk))
    assert (fault.kind, fault.detail) == ("too-large", f"the body is larger than {MAX_BODY} bytes")


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_body_that_expands_too_far_is_cut(compress: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if compress is gzip.compress else "deflate"
    bomb = answer(compress(b"x" * 50_000_000), f"Content-Encoding: {encoding}")
    assert len(bomb) < 100_000
    fault = fault_of(answering(bomb))
    assert (fault.kind, fault.breaks_contract) == ("decompression", True)


# Encodings


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3 * 65_536])
def test_a_packed_body_comes_whole_whatever_its_size(compress: Callable[[bytes], bytes], size: int) -> None:
    body = hashlib.shake_256(b"noise").digest(size // 4) + b"x" * (size - size // 4)
    packed = bytearray(compress(body))
    assert decoded(packed, "deflate" if compress is zlib.compress else "x-gzip") == body


@pytest.mark.parametrize(
    ("body", "encoding", "kind"),
    [
        (gzip.compress(b"<a/>" * 100)[:-8], "gzip", "truncated"),
        (gzip.compress(b"<a/>" * 100)[:15], "gzip", "truncated"),
        (b"", "gzip", "truncated"),
        (b"<a/>", "gzip", "encoding"),
        (gzip.compress(b"<a/>")[:-8] + b"\0" * 8, "gzip", "encoding"),
        (gzip.compress(b"<a/>") + b"and more", "gzip", "encoding"),
        (gzip.compress(b"<a>") + gzip.compress(b"</a>"), "gzip", "encoding"),
        (b"<a/>", "br", "encoding"),
        (gzip.compress(gzip.compress(b"<a/>")), "gzip, gzip", "encoding"),
    ],
    ids=["cut-end", "cut-early", "empty", "plain", "wrong-sum", "more-behind", "two-members", "unknown", "nested"],
)
def test_a_body_that_is_not_what_its_encoding_says_is_a_fault(body: bytes, encoding: str, kind: str) -> None:
    assert fault_of(answering(answer(body, f"Content-Encoding: {encoding}"))).kind == kind


# Where requests go, and where not


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str) -> None:
    async def scenario() -> tuple[Exchange, Exchange, int]:
        async with Server(answering(answer(b"<a/>"))) as other:
            location = f"Location: http://127.0.0.1:{other.port}/elsewhere"
            async with Server(answering(answer(b"", location, status=status))) as server:
                client = HttpClient(server.endpoint, HERE)
                got = await client.post(b"<password/>"), await client.get(f"http://127.0.0.1:{server.port}/")
                await client.close()
            return *got, other.connections

    posted, fetched, seen = asyncio.run(scenario())
    assert posted.status == fetched.status == int(status[:3])
    assert seen == 0


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async def scenario() -> tuple[bytes, int]:
        async with Server(answering(answer(b"<proxy/>"))) as proxy:
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            async with Server(answering(answer(b"<site/>"))) as server:
                client = HttpClient(server.endpoint, HERE)
                got = await client.post(b"")
                await client.close()
            return got.body, proxy.connections

    assert asyncio.run(scenario()) == (b"<site/>", 0)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "not a link",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://a:b/",
        "http://\x00/",
        "http://127.0.0.1:9/\u00fc",
        "http://127.0.0.1:9/a\r\nX: y",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://a..b/",
        "http://" + "a" * 300 + "/",
    ],
)
def test_a_link_that_can_not_be_followed_is_a_fault(link: str) -> None:
    async def scenario() -> None:
        client = HttpClient("http://127.0.0.1:9/", HERE)
        try:
            await client.get(link)
        finally:
            await client.close()

    with pytest.raises(ExchangeFault):
        asyncio.run(scenario())


# The server's clock


def dated(header: str | None) -> datetime | None:
    headers = {} if header is None else {"date": header}
    return Exchange(b"", 200, headers, b"", datetime.now(UTC), 0.0).date


@pytest.mark.parametrize(
    ("header", "date"),
    [
        ("Fri, 31 Jan 2020 23:59:59 GMT", datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC)),
        ("Fri, 31 Jan 2020 23:59:59 +0200", datetime(2020, 1, 31, 21, 59, 59, tzinfo=UTC)),
        ("Fri, 31 Jan 2020 23:59:59 -0000", datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC)),
        ("31 Jan 2020 23:59:59", datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_date_of_an_answer_is_read(header: str, date: datetime) -> None:
    assert dated(header) == date


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "yesterday",
        "Fri, 32 Jan 2020 23:59:59 GMT",
        "Fri, 31 Jan 2020 25:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Fri, 31 Jan 99999 23:59:59 GMT",
        "Fri, 31 Jan 2020 23:59:59 +9999",
        "2020-01-31T23:59:59Z",
        "\x00",
    ],
)
def test_a_date_that_is_none_is_none(header: str | None) -> None:
    assert dated(header) is None
