"""The fixture of all tests of the plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lab
import pytest
from projects import CONFTEST, Project


@pytest.fixture
def project(pytester: pytest.Pytester, write_cases: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a project."""
    here = str(Path(lab.__file__).parent)
    pytester.syspathinsert(here)
    monkeypatch.setenv("PYTHONPATH", here)
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    pytester.makeconftest(CONFTEST)
    return Project(pytester, write_cases)
