"""The mock over real sockets: the service's address, the links in mails, starting and stopping."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
import pytest

from conformance.errors import SuiteError, UnknownName, UserError
from conformance.mock.server import MockServer
from conformance.mock.state import Settings
from conformance.mock.users import EMAIL_VERIFICATION
from conformance.wire.limits import MAX_BODY
from conformance.wire.response import read_response


def result(response: httpx2.Response) -> tuple[str | None, str | None]:
    read = read_response(response.content)
    return read.result, read.exception_id


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port


@pytest.fixture
def go(server, make_site):
    return server.add_site(make_site())


@pytest.mark.usefixtures("go")
class TestService:
    def test_success_has_the_recorded_headers(self, server, post):
        response = post(server, "go", "GetUser", {"webExId": "host"})
        assert result(response) == ("SUCCESS", None)
        assert response.status_code == 200
        assert {name: response.headers[name] for name in response.headers if name != "date"} == {
            "content-type": "text/xml;charset=UTF-8",
            "pragma": "no-cache",
            "cache-control": "no-cache",
            "expires": "Thu, 01 Jan 1970 00:00:00 GMT",
            "strict-transport-security": "max-age=31536000; includeSubDomains;preload",
            "server": "",
            "transfer-encoding": "chunked",
        }

    def test_failure_is_status_200_too(self, server, post):
        response = post(server, "go", "GetUser", {"webExId": "nobody"})
        assert (response.status_code, *result(response)) == (200, "FAILURE", "030001")

    @pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "image/png"])
    def test_the_content_type_does_not_matter(self, server, client, as_bytes, content_type):
        headers = {"Content-Type": content_type} if content_type else {}
        response = client.post(server.endpoint, content=as_bytes("go", "GetSite", "", "host"), headers=headers)
        assert result(response) == ("SUCCESS", None)

    @pytest.mark.parametrize("data", [b"", b"<a", b"\xff\xfe\x00", b"<!DOCTYPE a><a/>"])
    def test_what_is_no_message_gets_the_recorded_failure(self, server, client, data):
        response = client.post(server.endpoint, content=data)
        assert (response.status_code, *result(response)) == (200, "FAILURE", "000000")

    def test_sites_are_told_apart_whatever_their_case(self, server, make_site, post):
        server.add_site(make_site(name="Other", version="39"))
        answered = post(server, "OTHER", "GetAPIVersion", caller=None)
        assert b"39.7.0" in answered.content
        assert result(post(server, "nowhere", "GetSite")) == ("FAILURE", "999999")
        server.remove_site("oTHER")
        assert result(post(server, "other", "GetSite")) == ("FAILURE", "999999")

    def test_the_date_is_that_of_the_site(self, server, go, post):
        go.clock.set(datetime(2020, 4, 1, tzinfo=UTC))
        date = parsedate_to_datetime(post(server, "go", "GetSite").headers["date"])
        assert timedelta() <= date - datetime(2020, 4, 1, tzinfo=UTC) < timedelta(seconds=30)
        ours = parsedate_to_datetime(post(server, "nowhere", "GetSite").headers["date"])
        assert abs(datetime.now(UTC) - ours) < timedelta(seconds=30)

    @pytest.mark.parametrize("path", ["/", "/WBXService", "/WBXService/XMLService/", "/mail/confirm", "/sites"])
    def test_other_addresses_are_not_found(self, server, client, path):
        assert client.post(server.base_url + path, content=b"x").status_code == 404
        assert client.get(server.base_url + path).status_code == 404

    def test_only_post(self, server, client):
        assert client.get(server.endpoint).status_code == 405

    def test_many_at_once(self, server, as_bytes):
        data = as_bytes("go", "GetUser", {"webExId": "host"}, "host")
        with httpx2.Client(timeout=30) as client, ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: result(client.post(server.endpoint, content=data)), range(200)))
        assert set(answers) == {("SUCCESS", None)}

    def test_delay(self, make_site, post):
        with MockServer(delay=0.3) as slow:
            slow.add_site(make_site())
            begun = time.monotonic()
            assert result(post(slow, "go", "GetSite")) == ("SUCCESS", None)
            assert time.monotonic() - begun >= 0.3


@pytest.mark.usefixtures("go")
class TestSizeLimit:
    def test_an_announced_size_is_refused_at_once(self, server):
        with socket.create_connection(address(server.endpoint), timeout=10) as sock:
            sock.sendall(b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
            answer = b"".join(iter(lambda: sock.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"\r\nconnection: close\r\n" in answer.lower()

    def test_an_unannounced_size_is_refused_while_it_comes(self, server):
        sent = 0
        with socket.create_connection(address(server.endpoint), timeout=10) as sock:
            sock.sendall(b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while sent < 8 * MAX_BODY:
                    sock.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
                    sent += 0x100000
            except OSError:
                pass  # the server has closed the connection
        assert MAX_BODY <= sent < 8 * MAX_BODY

    def test_the_largest_body_is_read(self, server, client):
        response = client.post(server.endpoint, content=b" " * MAX_BODY)
        assert (response.status_code, *result(response)) == (200, "FAILURE", "000000")

    def test_a_client_who_leaves_is_forgotten(self, make_site, post, caplog):
        with MockServer() as server:
            server.add_site(make_site())
            with socket.create_connection(address(server.endpoint), timeout=10) as sock:
                sock.sendall(b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc")
            assert result(post(server, "go", "GetSite")) == ("SUCCESS", None)
        assert caplog.records == []


@pytest.mark.usefixtures("go")
class TestConnections:
    def exchange(self, server, as_bytes, version: bytes, header: bytes) -> tuple[bytes, bool]:
        """Return the answer to one call and whether the server closed the connection after it."""
        body = as_bytes("go", "GetSite", "", "host")
        head = b"POST /WBXService/XMLService %b\r\nHost: x\r\nContent-Length: %d\r\n%b\r\n"
        with socket.create_connection(address(server.endpoint), timeout=10) as sock:
            sock.sendall(head % (version, len(body), header) + body)
            answer = b""
            while not answer.endswith(b"\r\n0\r\n\r\n"):
                answer += (received := sock.recv(65536))
                assert received, answer
            sock.settimeout(0.5)
            try:
                return answer.lower(), sock.recv(1) == b""
            except TimeoutError:
                return answer.lower(), False

    def test_close_is_answered_with_close(self, server, as_bytes):
        answer, closed = self.exchange(server, as_bytes, b"HTTP/1.1", b"Connection: close\r\n")
        assert b"\r\nconnection: close\r\n" in answer
        assert closed

    def test_without_close_the_connection_stays(self, server, as_bytes):
        answer, closed = self.exchange(server, as_bytes, b"HTTP/1.1", b"")
        assert b"connection: close" not in answer
        assert not closed


@pytest.mark.usefixtures("careful")
class TestMailLinks:
    @pytest.fixture
    def careful(self, server, make_site):
        return server.add_site(
            make_site(EMAIL_VERIFICATION, name="Go", settings=Settings(email_change_needs_confirmation=True))
        )

    def change(self, server, post, email):
        response = post(server, "go", "SetUser", {"webExId": "host", "email": email}, caller="host")
        assert result(response) == ("SUCCESS", None)

    def test_the_click_links_the_address(self, server, careful, post, client):
        self.change(server, post, "new@example.com")
        link = careful.outbox[0].links[0]
        assert link.startswith(f"{server.base_url}/mail/confirm/go/")
        assert client.head(link).status_code == 404
        assert careful.account("host").email == "host@example.com"
        page = client.get(link)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "new@example.com" in page.text
        assert careful.account("host").email == "new@example.com"
        assert client.get(link).status_code == 404

    def test_an_older_link_shows_an_error(self, server, careful, post, client):
        self.change(server, post, "one@example.com")
        self.change(server, post, "two@example.com")
        older, latest = (mail.links[0] for mail in careful.outbox)
        assert client.get(older).status_code == 404
        assert careful.account("host").email == "host@example.com"
        assert client.get(latest).status_code == 200
        assert careful.account("host").email == "two@example.com"

    @pytest.mark.parametrize("path", ["go/0123", "nowhere/0123"])
    def test_an_unknown_link_shows_an_error(self, server, client, path):
        assert client.get(f"{server.base_url}/mail/confirm/{path}").status_code == 404


class TestServer:
    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])  # noqa: S104 - refused
    def test_other_addresses_than_loopback_are_refused(self, host):
        with pytest.raises(UserError):
            MockServer(host)

    @pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "::1"])
    def test_loopback_addresses(self, host, make_site, post):
        try:
            with MockServer(host) as server:
                server.add_site(make_site())
                assert result(post(server, "go", "GetSite")) == ("SUCCESS", None)
        except UserError as error:
            pytest.skip(str(error))

    def test_a_taken_port_is_told_at_once(self, server):
        _, port = address(server.base_url)
        with pytest.raises(UserError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            MockServer(port=port).start()
        with pytest.raises(UserError, match="cannot listen"):
            MockServer(panel_port=port).start()

    @pytest.mark.parametrize("port", [-1, 65536])
    def test_what_is_no_port(self, port):
        with pytest.raises(UserError, match="is not a port"):
            MockServer(port=port).start()

    def test_sites_may_come_before_the_start(self, make_site, post):
        server = MockServer()
        site = server.add_site(make_site())
        assert site.base_url == ""
        with pytest.raises(SuiteError):
            _ = server.base_url
        with server:
            assert site.base_url == server.base_url
            assert server.panel_url is None
            assert result(post(server, "go", "GetSite")) == ("SUCCESS", None)
            with pytest.raises(SuiteError):
                server.start()
        with pytest.raises(httpx2.ConnectError):
            httpx2.post("http://127.0.0.1:9/")
        with server:
            assert site.base_url == server.base_url
            assert result(post(server, "go", "GetSite")) == ("SUCCESS", None)

    def test_links_may_lead_elsewhere(self, server, make_site):
        assert server.add_site(make_site(base_url="https://proxy.example.com")).base_url == "https://proxy.example.com"

    def test_unknown_sites(self, server):
        with pytest.raises(UnknownName):
            server.remove_site("nowhere")
        with pytest.raises(UnknownName):
            server.reset_site("nowhere")

    def test_stopping_frees_the_ports_and_the_thread(self, make_site, client):
        before = set(threading.enumerate())
        server = MockServer(panel_port=0)
        server.start()
        server.add_site(make_site())
        ports = [address(server.base_url)[1], address(server.panel_url)[1]]
        assert client.get(f"{server.panel_url}/sites").status_code == 200
        server.stop()
        server.stop()
        assert set(threading.enumerate()) == before
        for port in ports:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
            MockServer(port=port).__enter__().stop()

    def test_nothing_is_logged(self, make_site, post, caplog):
        caplog.set_level(0)
        with MockServer() as server:
            server.add_site(make_site())
            post(server, "go", "GetSite")
        assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


PROGRAM = """
import sys
from conformance.mock.server import MockServer
assert not {"uvicorn", "starlette"} & set(sys.modules), "imported before needed"
server = MockServer(panel_port=0)
with server:
    print(server.base_url, server.panel_url, flush=True)
    server.serve_forever()
print("ended", flush=True)
"""


class TestForeground:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_ends_cleanly_on_a_signal(self, number):
        program = [sys.executable, "-W", "error", "-X", "dev", "-c", PROGRAM]
        with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            urls = process.stdout.readline().split()
            with httpx2.Client() as client:
                assert client.get(f"{urls[1]}/sites").status_code == 200
                os.kill(process.pid, number)
                out, errors = process.communicate(timeout=20)
            assert (process.returncode, out, errors) == (0, "ended\n", "")
        for url in urls:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address(url))

    def test_starts_what_is_not_started_and_can_be_told_to_end(self):
        before = signal.getsignal(signal.SIGTERM)
        timer = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM])
        timer.start()
        MockServer().serve_forever()
        timer.join()
        assert signal.getsignal(signal.SIGTERM) is before
