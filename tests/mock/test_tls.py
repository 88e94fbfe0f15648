"""The mock over HTTPS."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import httpx2
import pytest

from conformance.errors import UserError
from conformance.mock.server import MockServer
from conformance.wire.names import operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response

trustme = pytest.importorskip("trustme", reason="trustme, which makes certificates, is not installed")

CALL = build_request(operation("GetAPIVersion"), {"siteName": "go"}, {})


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path, Path]:
    """A certificate for 127.0.0.1, its key, and the certificate of whoever issued it."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key, ca = folder / "cert.pem", folder / "key.pem", folder / "ca.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca)
    return certificate, key, ca


def test_the_service_speaks_https_and_the_panel_does_not(files, make_site) -> None:
    certificate, key, ca = files
    with MockServer(panel_port=0, tls_certificate=certificate, tls_key=key) as server:
        site = server.add_site(make_site())
        assert server.endpoint.startswith("https://127.0.0.1:")
        assert site.base_url == server.base_url
        assert (server.panel_url or "").startswith("http://")
        with httpx2.Client(verify=ssl.create_default_context(cafile=ca)) as client:
            assert read_response(client.post(server.endpoint, content=CALL).content).result == "SUCCESS"
            assert client.get(f"{server.panel_url}/sites").status_code == 200


def test_who_does_not_know_the_issuer_refuses_it(files) -> None:
    certificate, key, _ = files
    with (
        MockServer(tls_certificate=certificate, tls_key=key) as server,
        httpx2.Client() as client,
        pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.post(server.endpoint, content=CALL)


def test_nothing_is_answered_in_the_clear(files) -> None:
    certificate, key, _ = files
    with MockServer(tls_certificate=certificate, tls_key=key) as server:
        address = "127.0.0.1", int(server.base_url.rpartition(":")[2])
        plain = socket.create_connection(address, 10)
        with plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert not plain.recv(100).startswith(b"HTTP")


def test_it_starts_again_on_another_port(files, make_site) -> None:
    certificate, key, _ = files
    server = MockServer(tls_certificate=certificate, tls_key=key)
    site = server.add_site(make_site())
    for _ in range(2):
        with server:
            assert site.base_url == server.base_url
        assert site.base_url == ""


def test_files_that_can_not_be_used_are_told(files, tmp_path: Path) -> None:
    certificate, key, ca = files
    gone, junk = tmp_path / "gone.pem", tmp_path / "junk.pem"
    junk.write_text("junk")
    for one, other, told in (
        (certificate, None, "HTTPS needs both"),
        (None, key, "HTTPS needs both"),
        (gone, key, "gone.pem: no such file"),
        (certificate, gone, "gone.pem: no such file"),
        (junk, key, "are no certificate and its key"),
        (ca, key, "are no certificate and its key"),
    ):
        with pytest.raises(UserError, match=told):
            MockServer(tls_certificate=one, tls_key=other)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(files, tmp_path: Path) -> None:
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    certificate, key, _ = files
    read = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        read.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
    )
    with pytest.raises(UserError, match="are no certificate and its key"):
        MockServer(tls_certificate=certificate, tls_key=locked)
