"""A project whose runs have waivers; its site answers as the name of a case says."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import lab
import pytest

for neighbour in ("plugin", "cli", "report"):
    sys.path.insert(0, str(Path(__file__).parents[1] / neighbour))

from projects import CONFTEST, Project  # noqa: E402 - it stands in the folder of its own tests


@pytest.fixture
def project(pytester: pytest.Pytester, write_cases: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a project."""
    here = str(Path(lab.__file__).parent)
    pytester.syspathinsert(here)
    monkeypatch.setenv("PYTHONPATH", here, prepend=os.pathsep)
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    pytester.makeconftest(CONFTEST)
    return Project(pytester, write_cases)
