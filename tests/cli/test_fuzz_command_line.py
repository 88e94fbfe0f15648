"""``conformance fuzz`` on the command line: each option arrives, each way to end has its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import conformance

OPTIONS = "--operation GetMeeting --as attendee --max 4 --seed 9 --api-version 40.2.0 --mock-version 40.2.0"
HOME = str(Path(conformance.__file__).parents[1])


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "conformance", "fuzz", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": HOME},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_option_arrives(tmp_path: Path) -> None:
    switches = ("--invalid", "--allow-writes", "--deviations")
    options = OPTIONS.split()
    done = call(tmp_path, *options, *switches, "--format", "json", "--time-limit", "60", "--output", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["repeat"] == (
        "conformance fuzz --operation GetMeeting --as attendee --max 4 --seed 9 --invalid --allow-writes --deviations"
        " --site mock --api-version 40.2.0 --mock-version 40.2.0"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("--operation GetMeting", 4, "unknown operation 'GetMeting', did you mean 'GetMeeting'?"),
        ("--operation SetMeeting", 4, "SetMeeting changes the site; --allow-writes lets it"),
        ("--operation GetMeeting --time-limit 1e-9", 2, ""),
    ],
)
def test_how_it_ends(tmp_path: Path, arguments: str, code: int, told: str) -> None:
    done = call(tmp_path, *arguments.split())
    assert (done.returncode, done.stderr.strip()) == (code, told)
