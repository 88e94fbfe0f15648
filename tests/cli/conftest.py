"""The real command in a process of its own, as a user calls it."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from calling import COMMAND, SECONDS, Ended, Run

import conformance


@pytest.fixture(scope="session")
def environment() -> Mapping[str, str]:
    """The environment of the commands: the package under test wherever they run, no colours forced."""
    home = str(Path(conformance.__file__).parents[1])
    dropped = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTHONWARNINGS")
    return {key: value for key, value in os.environ.items() if key not in dropped} | {"PYTHONPATH": home}


@pytest.fixture
def command(environment: Mapping[str, str], tmp_path: Path) -> Run:
    """Run the command in an empty folder, with ``stdin`` as its standard input."""

    def run(*arguments: object, stdin: bytes = b"") -> Ended:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def on_terminal(environment: Mapping[str, str], tmp_path: Path) -> Run:
    """Run the command with a terminal of 80 columns as its standard output."""

    def run(*arguments: object) -> Ended:
        ours, its = pty.openpty()
        os.set_blocking(ours, True)
        with subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=its,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**environment, "TERM": "xterm-256color", "COLUMNS": "80"},
        ) as process:
            os.close(its)
            printed = b"".join(iter(lambda: _read(ours), b""))
            os.close(ours)
            error = process.stderr.read() if process.stderr else b""
            code = process.wait(SECONDS)
        return Ended(code, printed.decode(), error.decode())

    return run


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so where a terminal's other end is closed
        return b""
