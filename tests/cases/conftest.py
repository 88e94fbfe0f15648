"""What the tests of the case format share: a folder of case files, and what loading a file of it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cases.load import load_change, load_changes
from conformance.errors import CaseFileErrors

GOOD = """\
change: Something changed
released_in: [40.2.0]
kind: behaviour changed
operations: [GetUser]
source: XML API 40.2.0 Updates
impact: Something breaks.
advice: Change something.
clauses:
  refused: It is refused.
cases:
  - name: refused
    proves: [refused]
    as: host
    request: {GetUser: {webExId: kim}}
    expect: {result: FAILURE, exceptionID: 000001}
    before: {result: SUCCESS}
"""


@pytest.fixture
def good() -> str:
    """A case file without a fault."""
    return GOOD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of case files without any."""
    (tmp_path / "conformance.yaml").write_text("format: 1\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def place(folder: Path) -> Callable[..., Path]:
    """Write a file into the folder and return its path."""

    def write(text: str | bytes, name: str = "40.2.0/change.yaml") -> Path:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def faults(place: Callable[..., Path], folder: Path) -> Callable[..., list[str]]:
    """Return the faults of a case file, as lines with its path left out."""

    def load(text: str | bytes, name: str = "40.2.0/change.yaml") -> list[str]:
        path = place(text, name)
        try:
            load_change(path)
        except CaseFileErrors as errors:
            return [line.replace(f"{path}:", "", 1) for line in str(errors).splitlines()]
        return []

    return load


@pytest.fixture
def folder_faults(place: Callable[..., Path], folder: Path) -> Callable[..., list[str]]:
    """Return the faults of the whole folder, whose conformance.yaml is given; its path is left out."""

    def load(root_file: str = "format: 1\n") -> list[str]:
        place(root_file, "conformance.yaml")
        try:
            load_changes([folder])
        except CaseFileErrors as errors:
            return [line.replace(f"{folder}/", "", 1) for line in str(errors).splitlines()]
        return []

    return load


@pytest.fixture
def case_file(place: Callable[..., Path], good: str) -> Path:
    """Write a case file without a fault into the folder."""
    return place(good)
