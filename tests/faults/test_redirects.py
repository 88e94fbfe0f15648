"""Redirects lead nowhere, links lead only where they may, and nothing that one site says goes to another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
import trustme
from lab import CANARY, deleted
from wire_servers import Handler, Server, answer, answering, serving

from conformance.errors import ExchangeFault
from conformance.run.verdicts import CaseResult, Verdict
from conformance.site.http import HttpClient
from conformance.site.seam import Exchange
from conformance.site.transport import Transport

RunAgainst = Callable[..., Awaitable[CaseResult]]

HERE = Transport(private_addresses=True)
FOLLOWING = Transport(private_addresses=True, follow_same_host=True)
GOOD = answer(deleted(), "Connection: close")


def redirect(location: str, status: str) -> bytes:
    return answer(b"", f"Location: {location}", "Connection: close", status=status)


def in_turn(*answers: bytes) -> Handler:
    """Return a handler that gives each connection the next answer, and the last one for good."""
    left = list(answers)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(left.pop(0) if len(left) > 1 else left[0])(reader, writer)

    return handle


def not_followed(result: CaseResult) -> None:
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason.endswith(", not followed"), result.reason
    assert [check.id for check in result.steps[0].checks if check.verdict is Verdict.INCONCLUSIVE] == ["http.status"]


@pytest.mark.parametrize("following", [False, True])
@pytest.mark.parametrize(
    "status",
    [
        pytest.param("307 Temporary Redirect", id="31-307-to-another-host"),
        pytest.param("308 Permanent Redirect", id="31-308-to-another-host"),
        pytest.param("301 Moved", id="31-301-to-another-host"),
        pytest.param("302 Found", id="32-302-to-a-login-page"),
        pytest.param("303 See Other", id="32-303-to-a-login-page"),
    ],
)
def test_another_host_sees_nothing_of_a_redirect(run_against: RunAgainst, status: str, following: bool) -> None:
    async def scenario() -> tuple[CaseResult, int, int]:
        async with Server(answering(GOOD)) as other:
            location = f"http://127.0.0.1:{other.port}/login?from=xml"
            async with Server(answering(redirect(location, status))) as server:
                result = await run_against(server.endpoint, FOLLOWING if following else HERE)
                return result, server.connections, other.connections

    result, first, second = asyncio.run(scenario())
    not_followed(result)
    assert (first, second) == (1, 0)
    assert f"HTTP {status[:3]}, redirect to 127.0.0.1 (login page), not followed" in result.reason
    assert CANARY not in result.reason


@pytest.mark.parametrize("following", [False, True])
@pytest.mark.parametrize(
    ("location", "connections"),
    [
        pytest.param("/service", (1, 2), id="33-loop"),
        pytest.param("file:///etc/passwd", (1, 1), id="33-file"),
        pytest.param("javascript:alert(1)", (1, 1), id="33-javascript"),
        pytest.param("https://127.0.0.1/service", (1, 1), id="33-other-scheme"),
        pytest.param("http://127.0.0.1:1/service", (1, 1), id="33-other-port"),
        pytest.param("//evil.example.com/service", (1, 1), id="33-other-host"),
        pytest.param("http://127.0.0.1:%d@evil.example.com/service", (1, 1), id="33-host-behind-credentials"),
        pytest.param("http://[", (1, 1), id="33-no-address"),
    ],
)
def test_a_redirect_to_nowhere_ends_there(
    run_against: RunAgainst, location: str, connections: tuple[int, int], following: bool
) -> None:
    async def scenario() -> tuple[CaseResult, int]:
        async with Server(answering(redirect(location, "308 Permanent Redirect"))) as server:
            return await run_against(server.endpoint, FOLLOWING if following else HERE), server.connections

    result, seen = asyncio.run(scenario())
    not_followed(result)
    assert seen == connections[following], "one redirect is followed at most"


@pytest.mark.parametrize(("scheme", "to"), [pytest.param("https", "http", id="33-from-https-to-http")])
def test_a_redirect_to_plain_http_is_not_followed(
    run_against: RunAgainst, authority: trustme.CA, ca_file: Path, scheme: str, to: str
) -> None:
    async def scenario() -> tuple[CaseResult, int]:
        tls = serving(authority.issue_cert("127.0.0.1"))
        async with Server(answering(GOOD)) as plain:
            location = f"{to}://127.0.0.1:{plain.port}/service"
            async with Server(answering(redirect(location, "301 Moved")), tls=tls) as server:
                assert server.endpoint.startswith(scheme)
                transport = Transport(ca_file, private_addresses=True, follow_same_host=True)
                return await run_against(server.endpoint, transport), plain.connections

    result, seen = asyncio.run(scenario())
    not_followed(result)
    assert seen == 0


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        pytest.param("301 Moved", Verdict.PASS, id="34-301"),
        pytest.param("307 Temporary Redirect", Verdict.PASS, id="34-307"),
        pytest.param("308 Permanent Redirect", Verdict.PASS, id="34-308"),
        pytest.param("302 Found", Verdict.INCONCLUSIVE, id="34-302-asks-for-GET"),
        pytest.param("303 See Other", Verdict.INCONCLUSIVE, id="34-303-asks-for-GET"),
    ],
)
def test_a_redirect_within_the_host_is_followed_where_that_is_wanted(
    run_against: RunAgainst, status: str, verdict: Verdict
) -> None:
    async def scenario(transport: Transport) -> tuple[CaseResult, Sequence[bytes]]:
        async with Server(in_turn(redirect("/new?a=b", status), GOOD)) as server:
            return await run_against(server.endpoint, transport), server.requests

    result, requests = asyncio.run(scenario(FOLLOWING))
    assert result.verdict is verdict
    if verdict is Verdict.PASS:
        assert requests[1].startswith(b"POST /new?a=b HTTP/1.1\r\n")
        assert requests[0].partition(b"\r\n\r\n")[2] == requests[1].partition(b"\r\n\r\n")[2]
        assert result.steps[0].attempts == (f"HTTP {status[:3]} to /new?a=b, followed",)
    result, requests = asyncio.run(scenario(HERE))
    assert len(requests) == 1
    not_followed(result)


@pytest.mark.parametrize(
    "status", [pytest.param("302 Found", id="34-link"), pytest.param("301 Moved", id="34-link-301")]
)
def test_a_link_is_followed_on_within_its_host(status: str) -> None:
    async def scenario() -> tuple[Exchange, Sequence[bytes]]:
        async with Server(in_turn(redirect("/done", status), GOOD)) as server:
            client = HttpClient(server.endpoint, FOLLOWING)
            exchange = await client.get(f"http://127.0.0.1:{server.port}/j.php;x=1?t=2#part")
            await client.close()
            return exchange, server.requests

    exchange, requests = asyncio.run(scenario())
    assert exchange.status == 200
    assert [request.splitlines()[0] for request in requests] == [
        b"GET /j.php;x=1?t=2 HTTP/1.1",
        b"GET /done HTTP/1.1",
    ]


@pytest.mark.parametrize(
    "domain", [pytest.param("example.com", id="35-parent-domain"), pytest.param("127.0.0.1", id="35-own-domain")]
)
def test_a_cookie_never_comes_back(run_against: RunAgainst, domain: str) -> None:
    async def scenario() -> bytes:
        cookie = f"Set-Cookie: JSESSIONID=abc; Domain={domain}; Path=/"
        async with Server(answering(answer(deleted(), cookie))) as server:
            client = HttpClient(server.endpoint, HERE)
            for _ in range(2):
                assert (await run_against(client)).verdict is Verdict.PASS
                await asyncio.sleep(0.05)
            await client.get(f"http://127.0.0.1:{server.port}/")
            await client.close()
            return bytes(server.seen)

    seen = asyncio.run(scenario())
    assert seen.count(b" HTTP/1.1\r\n") == 3
    assert b"cookie" not in seen.lower()


@pytest.mark.parametrize("allowed", [False, True])
def test_a_link_leads_only_to_hosts_that_are_named(authority: trustme.CA, ca_file: Path, allowed: bool) -> None:
    async def resolve(_: str) -> Sequence[str]:
        return ["127.0.0.1"]

    async def scenario() -> tuple[int, str, int]:
        tls = serving(authority.issue_cert("links.example.com"))
        async with Server(answering(GOOD), tls=tls, name="links.example.com") as other:
            hosts = frozenset({"Links.example.com"} if allowed else ())
            transport = Transport(ca_file, private_addresses=True, link_hosts=hosts)
            client = HttpClient("https://site.example.com/service", transport, resolver=resolve)
            try:
                return (await client.get(other.endpoint)).status, "", other.connections
            except ExchangeFault as fault:
                return int(fault.sent), str(fault), other.connections
            finally:
                await client.close()

    status, told, connections = asyncio.run(scenario())
    assert (status, connections) == ((200, 1) if allowed else (0, 0))
    assert allowed or told.startswith("address: links to links.example.com are not followed; link_hosts names")
