"""``conformance mock``: serves one site in the foreground, says how to call it, and goes quietly."""

from __future__ import annotations

import shlex
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import httpx2
import pytest
from calling import COMMAND, SECONDS, Run

from conformance.mock.faults import FAULTS
from conformance.mock.state import Settings
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response

LAST_LINE = "Stop it with Ctrl-C."
SITE_FILE = """\
site: {name: go, version: 40.2.0, settings: {session_passwords_required: false}}
accounts:
  - {webExID: boss, password: "s p a c e", email: boss@example.com, role: siteAdmin}
  - {webExID: ann-with-a-long-name, password: secret, email: ann@example.com, role: host}
access_anywhere: 3
"""


@dataclass
class Served:
    """A running mock and what it printed of itself."""

    process: subprocess.Popen[str]
    lines: list[str]

    def told(self, what: str) -> str:
        (found,) = [line for line in self.lines if line.split("  ")[1:2] == [what]]
        return found.split(what)[1].strip()

    @property
    def accounts(self) -> list[list[str]]:
        start = self.lines.index("  accounts") + 1
        return [line.split() for line in self.lines[start : self.lines.index("Try it:")]]

    @property
    def port(self) -> int:
        return int(self.told("endpoint").split(":")[2].partition("/")[0])

    def call(self, name: str, body: Body, web_ex_id: str = "", password: str = "") -> Response:
        security = {"siteName": self.told("site name"), "webExID": web_ex_id, "password": password}
        data = build_request(operation(name), {key: value for key, value in security.items() if value}, body)
        return read_response(httpx2.post(self.told("endpoint"), content=data).content)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@contextmanager
def served(environment: Mapping[str, str], *arguments: object, command: tuple[str, ...] = COMMAND) -> Iterator[Served]:
    call = [*command, *(["mock", "--port", "0"] if command is COMMAND else []), *map(str, arguments)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True)
    with process:
        try:
            assert process.stdout
            assert process.stderr
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if lines[-1] == LAST_LINE:
                    break
            else:
                pytest.fail(f"the mock did not start: {process.stderr.read()}")
            yield Served(process, lines)
            if process.poll() is not None:
                assert (process.stdout.read(), process.stderr.read()) == ("", "")
        finally:
            process.kill()


def version_of(answer: Response) -> str:
    return answer.root.findtext(f".//{{{NAMESPACES['ep']}}}apiVer") or ""


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_it_says_what_it_serves(environment: Mapping[str, str]) -> None:
    with served(environment, "--api-version", "40.2.4") as mock:
        switches = len(fields(Settings))
        assert mock.lines[: 6 + switches] == [
            "Webex XML API 40.2.4, mocked on this machine",
            f"  endpoint     http://127.0.0.1:{mock.port}/WBXService/XMLService",
            "  site name    mock",
            "  strictness   service",
            "  settings",
            *(
                f"    {switch.name.replace('_', ' ')}: {'yes' if switch.default else 'no'}"
                for switch in fields(Settings)
            ),
            "  accounts",
        ]
        assert [(row[0], row[2]) for row in mock.accounts] == [
            ("webExID", "role"),
            ("siteadmin", "siteAdmin"),
            ("host", "host"),
            ("attendee", "attendee"),
        ]
        assert mock.lines[-3] == "Try it:"
        assert mock.lines[-2].startswith("  curl ")


def test_the_printed_credentials_work(environment: Mapping[str, str]) -> None:
    with served(environment) as mock:
        for web_ex_id, password, role in mock.accounts[1:]:
            answer = mock.call("GetUser", {"webExId": web_ex_id}, web_ex_id, password)
            assert (answer.result, answer.exception_id) == ("SUCCESS", None), role
            assert mock.call("GetUser", {"webExId": web_ex_id}, web_ex_id, "wrong").result == "FAILURE"
        (_, password, _) = mock.accounts[1]
        history = mock.call("LstAccessAnywhereHistory", {}, "siteadmin", password)
        assert history.root.findtext(f".//{{{NAMESPACES['serv']}}}total") == "12"


def test_the_printed_curl_command_asks_for_the_version(environment: Mapping[str, str]) -> None:
    with served(environment, "--api-version", "40.1.2") as mock:
        curl, *options, data, url = shlex.split(mock.lines[-2])
        assert (curl, options) == ("curl", ["-H", "Content-Type: text/xml", "--data-binary"])
        assert version_of(read_response(httpx2.post(url, content=data).content)) == "40.1.2"


def _refused(mock: Served, site: str, who: tuple[str, str]) -> str:
    """Return why a request that spells an element in another case is refused; nothing where it is not."""
    security = {"webExID": who[0], "password": who[1], "siteName": site}
    data = build_request(operation("GetUser"), security, {"webexid": who[0]})
    answer = read_response(
        httpx2.post(mock.told("endpoint"), content=data, headers={"Content-Type": "text/xml"}).content
    )
    assert (answer.result == "SUCCESS") is (answer.exception_id is None)
    return f"{answer.exception_id} {answer.reason}" if answer.exception_id else ""


@pytest.mark.parametrize(("options", "strictness"), [((), "strict"), (("--strictness", "documented"), "documented")])
def test_the_site_file_says_how_strict_it_is_unless_the_command_line_does(
    environment: Mapping[str, str], tmp_path: Path, options: tuple[str, ...], strictness: str
) -> None:
    (tmp_path / "site.yaml").write_text(SITE_FILE.replace("version:", "strictness: strict, version:"))
    refused = (
        "999999 Refused by the strictness of this site: name-case at /message/body/bodyContent/webexid: "
        "'webexid' instead of 'webExId'"
    )
    with served(environment, "--site-file", tmp_path / "site.yaml", "--panel-port", 0, *options) as mock:
        assert mock.told("strictness") == strictness
        told = _refused(mock, "go", ("ann-with-a-long-name", "secret"))
        assert told == (refused if strictness == "strict" else "")
        wanted = {"name": "other", "version": "40.2.0", "strictness": "strict"}
        host = httpx2.post(mock.told("panel"), json=wanted).json()["accounts"]["host"]
        assert _refused(mock, "other", (host["webExID"], host["password"])) == refused


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_nothing_is_left(environment: Mapping[str, str], number: int) -> None:
    with served(environment, "--panel-port", 0) as mock:
        ports = [mock.port, int(mock.told("panel").split(":")[2].partition("/")[0])]
        assert all(map(listens, ports))
        assert mock.end(number) == 0
        assert not any(map(listens, ports))
    assert mock.process.stdout
    assert mock.process.stdout.closed


def test_a_signal_while_it_starts(environment: Mapping[str, str]) -> None:
    with subprocess.Popen([*COMMAND, "mock", "--port", "0"], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        assert process.wait(SECONDS) == 0


def test_a_call_under_way_is_answered_when_it_stops(environment: Mapping[str, str]) -> None:
    with served(environment, "--delay", "0.7") as mock:
        request = build_request(operation("GetAPIVersion"), {"siteName": "mock"}, {})
        head = f"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: {len(request)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", mock.port)) as sock:
            sock.settimeout(SECONDS)
            sock.sendall(head.encode() + request)
            time.sleep(0.3)
            assert mock.end() == 0
            assert b"<serv:result>SUCCESS</serv:result>" in b"".join(iter(lambda: sock.recv(65536), b""))


def test_a_delay(environment: Mapping[str, str]) -> None:
    with served(environment, "--delay", "0.5") as mock:
        assert mock.told("delay") == "0.5 s before each answer"
        start = time.perf_counter()
        assert version_of(mock.call("GetAPIVersion", {})) == "40.4.3"
        assert time.perf_counter() - start >= 0.5


def test_the_panel(environment: Mapping[str, str]) -> None:
    with served(environment, "--panel-port", 0) as mock:
        assert "mock" in httpx2.get(mock.told("panel")).text


def test_a_site_file(environment: Mapping[str, str], tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE_FILE)
    with served(environment, "--site-file", tmp_path / "site.yaml", "--api-version", "40.4.0") as mock:
        assert mock.told("site name") == "go"
        assert "    session passwords required: no" in mock.lines
        assert "    boss                  s p a c e  siteAdmin" in mock.lines
        assert "    ann-with-a-long-name  secret     host" in mock.lines
        assert version_of(mock.call("GetAPIVersion", {})) == "40.4.0"
        assert mock.call("GetUser", {"webExId": "boss"}, "boss", "s p a c e").result == "SUCCESS"


def test_without_a_version_that_of_the_site_file_counts(environment: Mapping[str, str], tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE_FILE)
    code = "import sys, pathlib; from conformance.commands.mock import serve; "
    code += "sys.exit(serve(0, None, pathlib.Path(sys.argv[1]), None, 0.0))"
    with served(environment, tmp_path / "site.yaml", command=(sys.executable, "-W", "error", "-c", code)) as mock:
        assert mock.lines[0] == "Webex XML API 40.2.0, mocked on this machine"
        assert mock.end(signal.SIGINT) == 0


def test_faults(environment: Mapping[str, str]) -> None:
    with served(environment, "--fault", "503:GetUser@1-1=9", "--fault", "bom") as mock:
        assert mock.lines[4:6] == [
            "  fault        503:GetUser@1-1=9: 503 with Retry-After: VALUE",
            "  fault        bom: a byte order mark before the XML, which is allowed",
        ]
        (_, password, _) = mock.accounts[1]
        security = {"siteName": "mock", "webExID": "siteadmin", "password": password}
        data = build_request(operation("GetUser"), security, {})
        first, second = (httpx2.post(mock.told("endpoint"), content=data) for _ in range(2))
        assert (first.status_code, first.headers["retry-after"]) == (503, "9")
        assert second.content.startswith(b"\xef\xbb\xbf")
        assert read_response(second.content).result == "SUCCESS"


def test_the_list_of_faults(command: Run) -> None:
    ended = command("mock", "--fault", "list")
    assert (ended.code, ended.err) == (0, "")
    assert [line.split()[0] for line in ended.lines] == list(FAULTS)


def test_https(environment: Mapping[str, str], tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme", reason="trustme, which makes certificates, is not installed")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(certificate)
    with served(environment, "--tls-certificate", certificate, "--tls-key", key) as mock:
        endpoint = mock.told("endpoint")
        assert endpoint.startswith("https://127.0.0.1:")
        curl, *options, _, url = shlex.split(mock.lines[-2])
        assert (curl, options[:2], url) == ("curl", ["--cacert", str(certificate)], endpoint)
        request = build_request(operation("GetAPIVersion"), {"siteName": "mock"}, {})
        with httpx2.Client(verify=ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())) as client:
            assert version_of(read_response(client.post(endpoint, content=request).content)) == "40.4.3"


def test_a_taken_port_is_one_line(command: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for arguments in (["--port", port], ["--port", 0, "--panel-port", port]):
            ended = command("mock", *arguments)
            assert (ended.out, ended.code) == ("", 4)
            assert ended.err == f"cannot listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "65536"], "65536 is not a port; ports are 0 to 65535"),
        (["--delay", "-1"], "a delay of -1 s is not possible; give 0 to 3600 seconds"),
        (["--delay", "nan"], "a delay of nan s is not possible; give 0 to 3600 seconds"),
        (["--delay", "inf"], "a delay of inf s is not possible; give 0 to 3600 seconds"),
        (["--api-version", "x"], "'x' is not an API version; write it like 40.4.3"),
        (["--fault", "html500"], "unknown fault 'html500', did you mean 'html-500'?"),
        (["--tls-key", "key.pem"], "HTTPS needs both a certificate and its key, as PEM files"),
        (["--tls-key", "key.pem", "--tls-certificate", "cert.pem"], "cert.pem: no such file"),
        (["--site-file", "gone.yaml"], "gone.yaml:1:1: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_served_is_one_line(command: Run, arguments: list[str], told: str) -> None:
    ended = command("mock", *arguments)
    assert (ended.out, ended.err, ended.code) == ("", f"{told}\n", 4)


def test_all_faults_of_a_site_file_are_told(command: Run, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE_FILE.replace("role: host", "role: hist").replace("name: go", "nam: go"))
    ended = command("mock", "--site-file", "site.yaml")
    assert (ended.out, ended.code) == ("", 4)
    assert [line.partition(": ")[0] for line in ended.err.splitlines()] == [
        "site.yaml:1:1",
        "site.yaml:1:8",
        "site.yaml:4:79",
    ]
