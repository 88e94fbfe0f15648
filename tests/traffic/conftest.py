"""The real command in a process of its own, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from traffic_lab import Called

import conformance


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Called]:
    """Run ``conformance`` with these arguments in ``tmp_path``."""
    home = str(Path(conformance.__file__).parents[1])
    dropped = ("FORCE_COLOR", "COLUMNS", "PYTHONWARNINGS")
    environment = {key: value for key, value in os.environ.items() if key not in dropped} | {"PYTHONPATH": home}

    def run(*arguments: object) -> Called:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "conformance", *map(str, arguments)],
            capture_output=True,
            cwd=tmp_path,
            env=environment,
            timeout=120,
            check=False,
        )
        return Called(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
