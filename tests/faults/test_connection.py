"""Faults of names, connections and TLS: none of them is a finding, and each is told for what it is."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import time
import warnings
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from lab import deleted
from wire_servers import (
    Handler,
    Server,
    Silent,
    answer,
    answering,
    free_port,
    never,
    old_tls,
    reset,
    reset_after,
    reset_in_the_request,
    serving,
)

from conformance.errors import ExchangeFault
from conformance.run.verdicts import CaseResult, Verdict
from conformance.site.addresses import Resolver
from conformance.site.http import HttpClient
from conformance.site.transport import Transport

RunAgainst = Callable[..., Awaitable[CaseResult]]

HERE = Transport(private_addresses=True, connect_seconds=1.0, inactivity_seconds=0.3, deadline_seconds=3.0)
GOOD = answer(deleted(), "Connection: close")
NAME = "site.example.com"


def to(*addresses: str) -> Resolver:
    """Return a resolver for which every name has these addresses."""

    async def resolve(_: str) -> Sequence[str]:
        return addresses

    return resolve


async def no_such_name(_: str) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def no_name_server(_: str) -> Sequence[str]:
    await asyncio.Event().wait()
    return ()


def told(result: CaseResult, words: str) -> None:
    """Check that a case could not be looked at, for that reason."""
    assert result.verdict is Verdict.INCONCLUSIVE, result.reason
    assert result.reason.startswith(f"exchange: expected an answer, got {words}"), result.reason
    assert result.seconds < 10


async def fault_of(client: HttpClient) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as caught:
        await client.post(b"<r/>")
    await client.close()
    return caught.value


# Names and connections


@pytest.mark.parametrize(
    ("resolver", "words"),
    [
        pytest.param(no_such_name, f"dns: {NAME}: Name or service not known", id="1-no-such-name"),
        pytest.param(no_name_server, f"dns: no name server answered for {NAME} in 1 s", id="1-no-name-server"),
        pytest.param(to(), f"dns: {NAME} has no address", id="1-no-address"),
    ],
)
def test_a_name_without_address(run_against: RunAgainst, resolver: Resolver, words: str) -> None:
    told(asyncio.run(run_against(f"https://{NAME}/", HERE, resolver)), words)
    assert asyncio.run(fault_of(HttpClient(f"https://{NAME}/", HERE, resolver=resolver))).sent is False


@pytest.mark.parametrize("port", [pytest.param(None, id="2-refused")])
def test_nobody_listens(run_against: RunAgainst, port: None) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}/"
    told(asyncio.run(run_against(endpoint, HERE)), "refused: 127.0.0.1 port ")
    fault = asyncio.run(fault_of(HttpClient(endpoint, HERE)))
    assert (fault.sent, fault.detail.endswith("Connection refused")) == (False, True)


@pytest.mark.parametrize("address", [pytest.param("127.0.0.1", id="2-never-accepted")])
def test_a_connection_is_never_accepted(run_against: RunAgainst, address: str) -> None:
    transport = Transport(private_addresses=True, connect_seconds=0.4)
    with Silent(address) as silent:
        result = asyncio.run(run_against(f"http://{address}:{silent.port}/", transport))
    told(result, f"connect-timeout: {address} port {silent.port}: no answer")
    assert result.seconds < 2


@pytest.mark.parametrize(
    ("handler", "reads", "words"),
    [
        pytest.param(never, True, "inactivity: the server said nothing for 0.3 s", id="3-silence"),
        pytest.param(reset_in_the_request, False, "reset: ", id="4-reset-in-the-request"),
        pytest.param(reset, True, "reset: Connection reset by peer before the answer", id="5-reset-before-the-answer"),
        pytest.param(answering(), True, "reset: the server closed the connection before the answer", id="5-closed"),
        pytest.param(
            reset_after(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
            True,
            "reset: Connection reset by peer after 4 of 100 bytes of the body",
            id="5-reset-in-the-answer",
        ),
    ],
)
def test_a_server_that_may_have_done_what_was_asked(
    run_against: RunAgainst, handler: Handler, reads: bool, words: str
) -> None:
    async def scenario() -> tuple[CaseResult, ExchangeFault]:
        async with Server(handler, reads=reads) as server:
            return await run_against(server.endpoint, HERE), await fault_of(HttpClient(server.endpoint, HERE))

    result, fault = asyncio.run(scenario())
    told(result, words)
    assert fault.sent is True


# TLS


def self_signed(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other = trustme.CA()
    with other.cert_pem.tempfile() as certificate, other.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


def unknown_issuer(_: trustme.CA) -> ssl.SSLContext:
    return serving(trustme.CA().issue_cert("localhost"))


def other_name(authority: trustme.CA) -> ssl.SSLContext:
    return serving(authority.issue_cert("other.example.com", "more.example.com"))


def expired(authority: trustme.CA) -> ssl.SSLContext:
    return serving(authority.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1)))


def not_yet_valid(authority: trustme.CA) -> ssl.SSLContext:
    return serving(authority.issue_cert("localhost", not_before=datetime.now(UTC) + timedelta(days=1)))


@pytest.mark.parametrize(
    ("context", "words"),
    [
        pytest.param(self_signed, "tls: untrusted: the certificate of localhost: self", id="6-self-signed"),
        pytest.param(unknown_issuer, "tls: untrusted: the certificate of localhost: ", id="6-unknown-issuer"),
        pytest.param(
            other_name,
            "tls: name mismatch: we asked for localhost, the certificate is for other.example.com, more.example.com",
            id="7-name-mismatch",
        ),
        pytest.param(expired, "tls: expired: the certificate of localhost; check our own clock", id="8-expired"),
        pytest.param(not_yet_valid, "tls: not yet valid: the certificate of localhost; check", id="8-not-yet-valid"),
    ],
)
def test_a_certificate_that_is_not_accepted(
    run_against: RunAgainst,
    authority: trustme.CA,
    ca_file: Path,
    context: Callable[[trustme.CA], ssl.SSLContext],
    words: str,
) -> None:
    transport = Transport(ca_file, private_addresses=True, connect_seconds=2.0)

    async def scenario() -> tuple[CaseResult, ExchangeFault, bytes]:
        async with Server(answering(GOOD), tls=context(authority), name="localhost") as server:
            result = await run_against(server.endpoint, transport)
            return result, await fault_of(HttpClient(server.endpoint, transport)), bytes(server.seen)

    result, fault, seen = asyncio.run(scenario())
    told(result, words)
    assert (fault.sent, seen) == (False, b"")


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        pytest.param(old_tls, "tls: version: localhost offers neither TLS 1.2 nor 1.3", id="9-alert"),
        pytest.param(
            answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "not-tls: localhost does not speak TLS there: plain HTTP on the HTTPS port",
            id="10-plain-http-on-the-https-port",
        ),
        pytest.param(
            answering(b"SSH-2.0-OpenSSH_9.0\r\n"), "not-tls: localhost does not", id="10-ssh-on-the-https-port"
        ),
        pytest.param(answering(), "tls: handshake: localhost closed the connection", id="10-closed"),
        pytest.param(reset, "tls: handshake: localhost closed the connection", id="10-reset"),
        pytest.param(never, "connect-timeout: localhost did not end the TLS handshake in 0.5 s", id="10-silence"),
    ],
)
def test_a_server_that_speaks_no_tls_of_today(run_against: RunAgainst, handler: Handler, words: str) -> None:
    transport = Transport(private_addresses=True, connect_seconds=0.5)

    async def scenario() -> tuple[CaseResult, ExchangeFault]:
        async with Server(handler, reads=False) as server:
            endpoint = f"https://localhost:{server.port}/"
            return await run_against(endpoint, transport), await fault_of(HttpClient(endpoint, transport))

    result, fault = asyncio.run(scenario())
    told(result, words)
    assert fault.sent is False


@pytest.mark.parametrize("seconds", [pytest.param(0.3, id="10-silence-until-the-deadline")])
def test_the_deadline_counts_in_the_handshake_too(run_against: RunAgainst, seconds: float) -> None:
    transport = Transport(private_addresses=True, deadline_seconds=seconds)

    async def scenario() -> tuple[CaseResult, ExchangeFault]:
        async with Server(never, reads=False) as server:
            endpoint = f"https://localhost:{server.port}/"
            return await run_against(endpoint, transport), await fault_of(HttpClient(endpoint, transport))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result, fault = asyncio.run(scenario())
        gc.collect()
    told(result, "deadline: no complete answer within 0.3 s")
    assert fault.sent is False
    assert [str(warning.message) for warning in caught] == [], "no connection is left open"


@pytest.mark.parametrize("version", [pytest.param(ssl.TLSVersion.TLSv1_1, id="9-only-tls-1.1")])
def test_a_server_that_knows_old_tls_only(
    run_against: RunAgainst, authority: trustme.CA, ca_file: Path, version: ssl.TLSVersion
) -> None:
    context = serving(authority.issue_cert("localhost"))
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")

    def shake_hands(listening: socket.socket) -> str:
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(5)
            try:
                context.wrap_socket(connection, server_side=True).close()
            except ssl.SSLError as error:
                return error.reason
        return "done"

    async def scenario() -> tuple[CaseResult, str]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(asyncio.to_thread(shake_hands, listening))
            endpoint = f"https://localhost:{listening.getsockname()[1]}/"
            return await run_against(endpoint, Transport(ca_file, private_addresses=True)), await serving

    result, handshake = asyncio.run(scenario())
    told(result, "tls: version: localhost offers neither TLS 1.2 nor 1.3")
    assert handshake == "UNSUPPORTED_PROTOCOL"


@pytest.mark.parametrize("which", [pytest.param("http", id="10-ssh-banner")])
def test_a_server_that_speaks_no_http(run_against: RunAgainst, which: str) -> None:
    async def scenario() -> CaseResult:
        async with Server(answering(b"SSH-2.0-\x1b[2JOpenSSH_9.0\r\n")) as server:
            return await run_against(server.endpoint, HERE)

    told(asyncio.run(scenario()), "not-http: the server does not speak HTTP, it says 'SSH-2.0-\\x1b[2JOpenSSH_9.0'")


@pytest.mark.parametrize("days", [pytest.param(5, id="11-near-expiry"), pytest.param(200, id="11-far-expiry")])
def test_a_certificate_that_ends_soon_changes_no_verdict(
    run_against: RunAgainst, authority: trustme.CA, ca_file: Path, days: int
) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)

    async def scenario() -> tuple[CaseResult, datetime | None, datetime | None]:
        tls = serving(authority.issue_cert("localhost", not_after=end))
        async with Server(answering(GOOD), tls=tls, name="localhost") as server:
            client = HttpClient(server.endpoint, Transport(ca_file, private_addresses=True))
            before = client.certificate_expires
            result = await run_against(client)
            await client.close()
            return result, before, client.certificate_expires

    result, before, after = asyncio.run(scenario())
    assert (result.verdict, before, after) == (Verdict.PASS, None, end)


# Addresses


@pytest.fixture
def ipv6() -> None:
    """Skip where this machine has no IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 on loopback")


@pytest.mark.usefixtures("ipv6")
@pytest.mark.parametrize(
    "silent", [pytest.param(False, id="12-ipv6-refuses"), pytest.param(True, id="12-ipv6-is-silent")]
)
def test_a_dead_address_beside_a_living_one(
    run_against: RunAgainst, authority: trustme.CA, ca_file: Path, silent: bool
) -> None:
    transport = Transport(ca_file, private_addresses=True, connect_seconds=1.0)

    async def scenario() -> tuple[CaseResult, float]:
        tls = serving(authority.issue_cert(NAME))
        async with Server(answering(GOOD), tls=tls, name=NAME) as server:
            with ExitStack() as stack:
                if silent:
                    stack.enter_context(Silent("::1", server.port))
                client = HttpClient(server.endpoint, transport, resolver=to("::1", "127.0.0.1"))
                result = await run_against(client)
                clock = time.perf_counter()
                await client.post(b"<r/>")  # over another connection: the server has closed the first one
                await client.close()
            assert server.connections == 2
            return result, time.perf_counter() - clock

    result, second = asyncio.run(scenario())
    assert result.verdict is Verdict.PASS, result.reason
    assert result.seconds < 1
    assert second < 0.4, "the address that works is tried first from then on"


@pytest.mark.usefixtures("ipv6")
@pytest.mark.parametrize("seconds", [pytest.param(0.6, id="12-all-dead")])
def test_all_addresses_dead(run_against: RunAgainst, seconds: float) -> None:
    transport = Transport(private_addresses=True, connect_seconds=seconds)
    with Silent("127.0.0.1") as one, Silent("::1", one.port):
        result = asyncio.run(run_against(f"https://{NAME}:{one.port}/", transport, to("::1", "127.0.0.1")))
    told(result, f"connect-timeout: {NAME}: ::1 port {one.port}: no answer; 127.0.0.1 port {one.port}: no answer")
    assert seconds <= result.seconds < 2 * seconds


class Changing:
    """A resolver whose answer changes after the first time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _: str) -> Sequence[str]:
        self.asked += 1
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


@pytest.mark.parametrize("now", [pytest.param("10.0.0.7", id="37-pinned")])
def test_a_name_is_asked_for_once(run_against: RunAgainst, authority: trustme.CA, ca_file: Path, now: str) -> None:
    resolver = Changing("127.0.0.1", now)

    async def scenario() -> tuple[list[CaseResult], CaseResult]:
        tls = serving(authority.issue_cert(NAME))
        transport = Transport(ca_file, private_addresses=True, connect_seconds=1.0)
        async with Server(answering(GOOD), tls=tls, name=NAME) as server:
            client = HttpClient(server.endpoint, transport, resolver=resolver)
            results = [await run_against(client) for _ in range(3)]
            assert (server.connections, resolver.asked) == (3, 1)
        gone = await run_against(client)
        await client.close()
        return results, gone

    results, gone = asyncio.run(scenario())
    assert [result.verdict for result in results] == [Verdict.PASS] * 3
    told(gone, f"address-changed: {NAME} was 127.0.0.1 when the run began and is {now} now, which was not contacted")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        pytest.param("10.0.0.7", "private", id="37-private"),
        pytest.param("127.0.0.1", "loopback", id="37-loopback"),
        pytest.param("169.254.169.254", "link-local", id="37-link-local"),
        pytest.param("::ffff:10.0.0.7", "private", id="37-mapped"),
    ],
)
def test_a_private_address_needs_leave(run_against: RunAgainst, address: str, kind: str) -> None:
    async def scenario() -> tuple[CaseResult, int]:
        async with Server(answering(GOOD)) as server:
            endpoint = f"https://{NAME}:{server.port}/"
            return await run_against(endpoint, Transport(connect_seconds=1.0), to(address)), server.connections

    result, connections = asyncio.run(scenario())
    told(result, f"address: {NAME} is a {kind} address {address}; contacted only where private_addresses says so")
    assert connections == 0
