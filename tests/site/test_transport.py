"""Settings that must not be used, and what TLS is held to."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from wire_servers import Server, answer, answering, serving

from conformance.errors import ExchangeFault, UserError
from conformance.site import tls
from conformance.site.http import HttpClient
from conformance.site.transport import Transport

AUTHORITY = trustme.CA()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    """A file with the certificate of the issuer."""
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://site.example.com/service",
        "http://192.168.1.7/service",
        "http://0.0.0.0/service",
        "http://localhost.example.com/service",
        "http://127.0.0.1.example.com/service",
    ],
)
def test_nothing_is_sent_in_the_clear(endpoint: str) -> None:
    with pytest.raises(UserError, match=r"^endpoint: .* write https:// \(http: is for loopback only\)$"):
        HttpClient(endpoint)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost", "LOCALHOST"])
def test_this_machine_may_be_asked_in_the_clear(host: str) -> None:
    assert HttpClient(f"http://{host}:8080/service").endpoint == f"http://{host}:8080/service"


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("", "'' is no address of the web"),
        ("site.example.com/service", "is no address of the web"),
        ("ftp://site.example.com/", "is no address of the web"),
        ("https:///service", "is no address of the web"),
        ("https://site.example.com:port/", "Port could not be cast"),
        ("https://[::1/", "Invalid IPv6 URL"),
        ("https://s\u00efte.example.com/", "only ASCII may be in it"),
    ],
)
def test_an_endpoint_that_is_none_is_told(endpoint: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        HttpClient(endpoint)
    assert str(caught.value).startswith("endpoint: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    ["https://qa:Canary-7@site.example.com/", "https://Canary-7@[::1/", "https://qa:Canary-7@s\u2100.example.com/"],
)
def test_credentials_in_an_endpoint_are_refused_and_not_shown(endpoint: str) -> None:
    with pytest.raises(UserError) as caught:
        HttpClient(endpoint)
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory"),
        (b"", "holds no certificates in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n", "holds no certificates in PEM form"),
    ],
    ids=["missing", "empty", "rubbish"],
)
def test_a_ca_file_that_can_not_be_used_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        HttpClient("https://site.example.com/", Transport(ca_file=file))
    assert f"ca_file: {file}" in str(caught.value)


def test_a_directory_is_no_ca_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^ca_file: "):
        HttpClient("https://site.example.com/", Transport(ca_file=tmp_path))


def test_tls_is_always_verified_and_never_old(ca_file: Path) -> None:
    for context in (tls.trust(None), tls.trust(ca_file)):
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert tls.trust(ca_file, any_name=True).verify_mode is ssl.CERT_REQUIRED
    assert len(tls.trust(ca_file).get_ca_certs()) == 1, "the system's are not trusted beside it"


def test_no_keys_of_tls_are_written(tmp_path: Path, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))

    async def scenario() -> bytes:
        context = serving(AUTHORITY.issue_cert("localhost"))
        async with Server(answering(answer(b"<a/>")), tls=context, name="localhost") as server:
            client = HttpClient(server.endpoint, Transport(ca_file, private_addresses=True))
            body = (await client.post(b"<r/>")).body
            await client.close()
            return body

    assert asyncio.run(scenario()) == b"<a/>"
    assert not keys.exists()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_server_that_wants_our_certificate_is_told_as_tls(ca_file: Path, version: ssl.TLSVersion) -> None:
    context = serving(AUTHORITY.issue_cert("localhost"))
    AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = version

    async def scenario() -> tuple[ExchangeFault, bytes]:
        async with Server(answering(answer(b"<a/>")), tls=context, name="localhost") as server:
            client = HttpClient(server.endpoint, Transport(ca_file, private_addresses=True, inactivity_seconds=2.0))
            with pytest.raises(ExchangeFault) as caught:
                await client.post(b"<r/>")
            await client.close()
            return caught.value, bytes(server.seen)

    fault, seen = asyncio.run(scenario())
    # With TLS 1.3 the server refuses only when the client has gone on: whether it read the request is not known.
    assert (fault.sent, seen) == (version is ssl.TLSVersion.TLSv1_3, b"")
    assert fault.kind in ("tls", "reset")


def test_headers_of_one_name_are_one() -> None:
    async def scenario() -> dict[str, str]:
        async with Server(answering(answer(b"<a/>", "X-One: 1", "x-one: 2"))) as server:
            client = HttpClient(server.endpoint, Transport(private_addresses=True))
            exchange = await client.post(b"<r/>")
            await client.close()
            return dict(exchange.headers)

    assert asyncio.run(scenario())["x-one"] == "1, 2"


def test_an_address_of_ipv6_is_written_in_brackets() -> None:
    async def scenario() -> bytes:
        try:
            server = await Server(answering(answer(b"<a/>")), host="::1", name="[::1]").__aenter__()
        except OSError:
            pytest.skip("this machine has no IPv6 on loopback")
        client = HttpClient(server.endpoint, Transport(private_addresses=True))
        try:
            await client.post(b"<r/>")
        finally:
            await client.close()
            await server.__aexit__()
        return bytes(server.seen) + b"%d" % server.port

    seen = asyncio.run(scenario())
    port = seen.rpartition(b">")[2]
    assert b"\r\nHost: [::1]:" + port + b"\r\n" in seen
