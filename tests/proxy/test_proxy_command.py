"""``conformance proxy`` as users call it: what it prints, how it ends, and what it leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from proxy_lab import PASSWORD

import conformance
from conformance.mock.server import MockServer
from conformance.wire.names import operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response

SECONDS = 60
OF_XML = {"Content-Type": "text/xml"}


class Started:
    """A proxy before a mock site, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.lines = []
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Stop it"):
                break
        told = "\n".join(self.lines)
        (self.endpoint,) = re.findall(r"endpoint +(\S+)", told)
        self.password = "".join(re.findall(r"^    host +(\S+) +host$", told, re.MULTILINE))

    def get_site(self, web_ex_id: str = "host", site: str = "mock") -> str | None:
        """Ask the site through the proxy; return the result."""
        caller = {"webExID": web_ex_id, "password": self.password, "siteName": site}
        request = build_request(operation("GetSite"), caller, {})
        return read_response(httpx2.post(self.endpoint, content=request, headers=OF_XML).content).result

    def end(self, number: int) -> tuple[int, list[str]]:
        """Send a signal; return the exit code and the lines that were printed since the start."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out.splitlines()


@contextmanager
def proxy(folder: Path, *options: str, to: str = "mock") -> Iterator[Started]:
    """Start the command in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(Path(conformance.__file__).parents[1]), "COLUMNS": "300"}
    command = [sys.executable, "-W", "error", "-m", "conformance", "proxy", "--to", to, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment) as process:
        try:
            yield Started(process)
        finally:
            process.kill()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(conformance.__file__).parents[1])}
    command = [sys.executable, "-W", "error", "-m", "conformance", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def test_it_tells_each_exchange_and_at_the_end_what_to_do_next(tmp_path: Path) -> None:
    with proxy(tmp_path) as started:
        assert [started.get_site(), started.get_site("nobody")] == ["SUCCESS", "FAILURE"]
        code, lines = started.end(signal.SIGINT)
    assert code == 0
    assert [re.sub(r"^(\d+) \S+ +\S+ s  ", r"\1 ", line) for line in lines[:4]] == [
        "000001 GetSite SUCCESS valid",
        "000002 GetSite FAILURE 030002 valid",
        "2 exchanges: 2 valid, 0 not valid, 0 without a whole answer",
        "  GetSite 2",
    ]
    assert lines[4] == "Next:"
    (recording,) = (tmp_path / "recordings").iterdir()
    for line in lines[5:]:
        ended = run(tmp_path, *line.split()[1:])
        assert ended.returncode in (0, 1), ended.stderr
    assert (tmp_path / "profile.yaml").read_text("utf-8").count("GetSite") == 1
    assert started.password not in "".join(path.read_text("utf-8") for path in recording.rglob("*.*") if path.is_file())


def test_the_mock_may_be_of_another_version_than_the_judge(tmp_path: Path) -> None:
    options = ("--api-version", "42.11.1", "--strictness", "strict")
    with proxy(tmp_path, *options, to="mock:40.1.0") as started:
        assert started.lines[0] == "Recording proxy, judging by the schemas of 42.11.1"
        assert "  site name    mock, mocked at 40.1.0" in started.lines
        assert started.get_site() == "SUCCESS"
        code, lines = started.end(signal.SIGINT)
    assert (code, lines[0][-len("GetSite SUCCESS valid") :]) == (0, "GetSite SUCCESS valid")


PROFILE = """
[sites.staging]
endpoint = "{endpoint}"
site_name = "go"
kind = "staging"
host = "127.0.0.1"
private_addresses = true
accounts.host = {{web_ex_id = "host", password = "env:NOBODY_HAS_SET_THIS"}}
"""


def test_a_site_of_the_sites_file_needs_no_secret_of_it(tmp_path: Path, site: MockServer) -> None:
    (tmp_path / "conformance.toml").write_text(PROFILE.format(endpoint=site.endpoint))
    with proxy(tmp_path, "--api-version", "40.4.3", to="staging") as started:
        assert f"  passes to    {site.endpoint}" in started.lines
        started.password = PASSWORD
        assert started.get_site(site="go") == "SUCCESS"
        code, lines = started.end(signal.SIGINT)
    assert (code, lines[1]) == (0, "1 exchange: 1 valid, 0 not valid, 0 without a whole answer")
    (recording,) = (tmp_path / "recordings").iterdir()
    assert recording.name.endswith("Z-staging")


@pytest.mark.parametrize("to", ["mock:", "mock:new"])
def test_a_version_that_is_none_is_refused(tmp_path: Path, to: str) -> None:
    ended = run(tmp_path, "proxy", "--to", to, "--port", "0")
    assert (ended.returncode, ended.stdout) == (4, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 2), (signal.SIGINT, 2)])
def test_where_nothing_passed_nothing_can_be_told(tmp_path: Path, number: int, code: int) -> None:
    with proxy(tmp_path) as started:
        assert started.end(number) == (code, ["Nothing passed."])


def test_one_that_is_killed_leaves_a_recording_that_can_be_read(tmp_path: Path) -> None:
    with proxy(tmp_path, "--record", "kept") as started:
        started.get_site()
        assert started.process.stdout is not None
        assert started.process.stdout.readline().startswith("000001 ")
        started.end(signal.SIGKILL)
    entries = json.loads((tmp_path / "kept" / "calls.har").read_text("utf-8"))["log"]["entries"]
    assert [entry["comment"] for entry in entries] == ["GetSite SUCCESS valid"]
    assert run(tmp_path, "profile", "learn", "kept").returncode == 0


def test_a_folder_that_is_there_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "messages").mkdir()
    ended = run(tmp_path, "proxy", "--to", "mock", "--port", "0", "--record", "kept")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "kept: can not be made for a recording: File exists" in ended.stderr


def test_a_site_that_nobody_described_is_refused(tmp_path: Path) -> None:
    ended = run(tmp_path, "proxy", "--to", "staging", "--port", "0")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert not (tmp_path / "recordings").exists()
