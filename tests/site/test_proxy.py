"""Requests through a proxy: it gets its password and a name, never a byte of a request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
import trustme
from wire_servers import Handler, Server, answer, answering, never, serving

from conformance.errors import ExchangeFault, UserError
from conformance.site.http import HttpClient
from conformance.site.transport import Transport

NAME = "site.example.com"
PASSWORD = "Proxy-Canary-7"
AUTH = "Basic cWE6UHJveHktQ2FuYXJ5LTc="
"""``qa`` and the password."""

AUTHORITY = trustme.CA()


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the certificate of the issuer."""
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(file)
    return file


async def proxy_knows(_: str) -> Sequence[str]:
    raise AssertionError("the proxy looks names up, not we")


def connecting(to: Server) -> Handler:
    """Return a handler that does what CONNECT asks for, wherever that would lead."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", to.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    return handle


async def through(
    handler: Handler | None, server: Server, ca_file: Path, secured: bool = False
) -> tuple[Server, bytes | ExchangeFault]:
    """Post a request to ``server`` through a proxy; return the proxy, and the body or the fault."""
    tls = serving(AUTHORITY.issue_cert("localhost")) if secured else None
    async with Server(handler or connecting(server), tls=tls, name="localhost") as proxy:
        transport = Transport(
            ca_file,
            proxy=f"{'https' if secured else 'http'}://localhost:{proxy.port}",
            proxy_auth=("qa", PASSWORD),
            connect_seconds=1.0,
            inactivity_seconds=0.5,
        )
        client = HttpClient(f"https://{NAME}:{server.port}/service", transport)
        try:
            return proxy, (await client.post(b"<secret/>")).body
        except ExchangeFault as fault:
            return proxy, fault
        finally:
            await client.close()


async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def behind(certificate: str = NAME) -> Server:
    return Server(answering(answer(b"<a/>")), tls=serving(AUTHORITY.issue_cert(certificate)))


@pytest.mark.parametrize("secured", [False, True])
def test_the_request_goes_through_and_stays_sealed(ca_file: Path, secured: bool) -> None:
    async def scenario() -> tuple[Server, bytes | ExchangeFault, bytes]:
        async with behind() as server:
            return *await through(None, server, ca_file, secured), bytes(server.seen)

    proxy, body, seen = asyncio.run(scenario())
    assert body == b"<a/>"
    asked = bytes(proxy.seen).decode()
    assert asked.startswith(f"CONNECT {NAME}:")
    assert AUTH in asked
    assert "secret" not in asked
    assert b"<secret/>" in seen
    assert b"proxy-authorization" not in seen.lower()


@pytest.mark.parametrize("secured", [False, True])
@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        (
            answering(b"HTTP/1.1 407 Proxy Authentication \x1b[2J Required\r\nContent-Length: 0\r\n\r\n"),
            "proxy",
            "the proxy refused: 407 Proxy Authentication \\x1b[2J Required",
        ),
        (answering(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), "proxy", "the proxy refused: 503 No"),
        (never, "inactivity", "the server said nothing for 0.5 s"),
        (answering(), "reset", "the server closed the connection before the answer"),
        (answering(b"SSH-2.0\r\n"), "not-http", "the server does not speak HTTP, it says 'SSH-2.0'"),
        (no_tls, "not-tls", f"{NAME} does not speak TLS there: plain"),
    ],
    ids=["407", "503", "silence", "closed", "ssh", "no-tls"],
)
def test_a_proxy_that_does_not_connect(ca_file: Path, handler: Handler, kind: str, words: str, secured: bool) -> None:
    async def scenario() -> tuple[Server, bytes | ExchangeFault]:
        async with behind() as server:
            return await through(handler, server, ca_file, secured)

    _, fault = asyncio.run(scenario())
    assert isinstance(fault, ExchangeFault)
    assert (fault.kind, fault.sent) == (kind, False)
    assert fault.detail.startswith(words)
    assert PASSWORD not in str(fault)


def test_the_name_is_checked_behind_the_proxy(ca_file: Path) -> None:
    async def scenario() -> tuple[bytes | ExchangeFault, bytes]:
        async with behind("other.example.com") as server:
            return (await through(None, server, ca_file))[1], bytes(server.seen)

    fault, seen = asyncio.run(scenario())
    assert isinstance(fault, ExchangeFault)
    expected = f"name mismatch: we asked for {NAME}, the certificate is for another name"
    assert (fault.kind, fault.detail, fault.sent, seen) == ("tls", expected, False, b"")


def test_a_site_without_tls_is_not_asked_for_at_the_proxy() -> None:
    async def scenario() -> tuple[bytes, int]:
        async with Server(answering(answer(b"<proxy/>"))) as proxy, Server(answering(answer(b"<a/>"))) as server:
            transport = Transport(proxy=f"http://127.0.0.1:{proxy.port}", private_addresses=True)
            client = HttpClient(server.endpoint, transport)
            body = (await client.post(b"<secret/>")).body
            await client.close()
            return body, proxy.connections

    assert asyncio.run(scenario()) == (b"<a/>", 0)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254"])
def test_a_private_address_needs_leave_behind_a_proxy_too(address: str) -> None:
    async def scenario() -> int:
        async with Server(never) as proxy:
            client = HttpClient(
                f"https://{address}/", Transport(proxy=f"http://127.0.0.1:{proxy.port}"), resolver=proxy_knows
            )
            with pytest.raises(ExchangeFault, match=rf"^address: {address} is a .* address; contacted only where"):
                await client.post(b"")
            await client.close()
            return proxy.connections

    assert asyncio.run(scenario()) == 0


@pytest.mark.parametrize(
    "proxy",
    ["proxy.example.com:3128", "socks5://proxy.example.com", "http://", "http://proxy:port", "http://proxy/path", "http://["],
)  # fmt: skip
def test_what_is_no_proxy_is_told(proxy: str) -> None:
    with pytest.raises(UserError, match=r"is no proxy; write http://host:port$"):
        Transport(proxy=proxy)


def test_a_password_in_the_url_of_a_proxy_is_refused_and_not_shown() -> None:
    with pytest.raises(UserError, match="must hold no credentials") as caught:
        Transport(proxy=f"http://qa:{PASSWORD}@proxy.example.com:3128")
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in repr(Transport(proxy="http://proxy.example.com", proxy_auth=("qa", PASSWORD)))
