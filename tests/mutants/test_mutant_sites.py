"""A mutant as a site: ``run --site mutant:ID`` for its reports, ``mock --mutant ID`` for other people's clients."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from conformance.wire.names import operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response

COMMAND = [sys.executable, "-W", "error", "-m", "conformance"]
ID = "40.2.0/start-time-in-the-past::setmeeting-takes-the-past"


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=folder, check=False
    )


def test_the_reports_of_a_mutant_are_red_where_it_is_wrong(tmp_path: Path) -> None:
    done = run("run", "--site", f"mutant:{ID}", "--report", "out", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    failed = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAIL ")]
    assert "40.2.0/start-time-in-the-past::setmeeting-started-a-day-ago" in failed
    assert all("::setmeeting-" in case for case in failed)
    assert "readiness: NOT READY for 40.4.3" in done.stdout
    assert f"mutant:{ID}" in (tmp_path / "out" / "readiness.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--site", f"mutant:{ID}s"], f"unknown mutant '{ID}s', did you mean '{ID}'?"),
        (["--site", "mutant:40.2.0/start-time-in-the-past::refused-too-early"], "add --api-version 40.1.2"),
    ],
)
def test_what_is_no_mutant_or_of_another_release_is_told(tmp_path: Path, arguments: list[str], told: str) -> None:
    done = run("run", *arguments, folder=tmp_path)
    assert done.returncode == 4
    assert told in done.stderr


def test_a_mutant_of_another_release_runs_at_that_release(tmp_path: Path) -> None:
    mutant = "mutant:40.2.0/start-time-in-the-past::refused-too-early"
    case = "40.2.0/start-time-in-the-past::createmeeting-started-a-day-ago"
    done = run("run", "--site", mutant, "--api-version", "40.1.2", "--case", case, "--no-report", folder=tmp_path)
    assert done.returncode == 1
    assert f"FAIL           {case}" in done.stdout


def test_the_mock_can_be_served_wrong(tmp_path: Path) -> None:
    mutant = "40.2.0/anonymous-lstsummarysession::another-code"
    with subprocess.Popen(
        [*COMMAND, "mock", "--port", "0", "--mutant", mutant], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("WRONG"):
                break
        endpoint = next(line.split()[1] for line in lines if line.strip().startswith("endpoint"))
        request = build_request(operation("LstsummarySession"), {"siteName": "mock"}, {})
        answer = read_response(httpx2.post(endpoint, content=request).content)
        process.send_signal(signal.SIGINT)
    assert lines[-1] == "WRONG: Strangers are refused with 000001, access denied.\n"
    assert answer.exception_id == "000001"
    assert process.returncode == 0


def test_the_mock_knows_no_other_mutants(tmp_path: Path) -> None:
    done = run("mock", "--port", "0", "--mutant", "40.2.0/nothing::at-all", folder=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("unknown mutant '40.2.0/nothing::at-all'")
