"""Runs of the whole suite on the embedded mock, made once, and the real command on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from eight import FOLDERS

import conformance

COMMAND = (sys.executable, "-W", "error", "-m", "conformance")


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


Compare = Callable[..., Done]


def _call(*arguments: object, folder: Path) -> Done:
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR", "COLUMNS")}
    environment["PYTHONPATH"] = str(Path(conformance.__file__).parents[1])
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Report folders: ``old`` of 40.1.0, ``new`` and ``again`` of 40.4.3, ``late`` of a 40.1.0 held to 40.4.3."""
    root = tmp_path_factory.mktemp("recorded")
    wanted = {
        "old": ("40.1.0", "40.1.0", 0),
        "new": ("40.4.3", "40.4.3", 0),
        "again": ("40.4.3", "40.4.3", 0),
        "late": ("40.1.0", "40.4.3", 1),
    }
    for name, (really, held_to, code) in wanted.items():
        done = _call("run", *FOLDERS, "--mock-version", really, "--api-version", held_to, "--report", name, folder=root)
        assert done.code == code, done.out + done.err
    return {name: root / name for name in wanted}


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Call ``conformance compare`` in an empty folder."""
    return lambda *arguments: _call("compare", *arguments, folder=tmp_path)
