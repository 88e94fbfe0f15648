"""docs/faults.md names every fault, and for each a test that there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| (\d+) \| (.*) \|$", (ROOT / "docs" / "faults.md").read_text(encoding="utf-8"), re.MULTILINE)
SHOWN = {int(number): re.findall(r"`(\w+/[^`]+)`", row) for number, row in ROWS}


@pytest.fixture(scope="module")
def tests() -> list[str]:
    """The ids of all tests in the files that the table names."""
    files = sorted({re.split(r"\[|::", place)[0] for places in SHOWN.values() for place in places})
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *(f"tests/{file}" for file in files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr
    return [line.removeprefix("tests/") for line in ended.stdout.splitlines() if "::" in line]


def test_the_table_has_every_fault() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 91))


@pytest.mark.parametrize("number", sorted(SHOWN))
def test_a_fault_has_a_test(number: int, tests: list[str]) -> None:
    assert SHOWN[number], f"fault {number} names no test"
    for place in SHOWN[number]:
        file, bracket, id_ = place.partition("[")
        found = [test for test in tests if test.startswith(file) and (not bracket or f"[{id_}" in test)]
        assert found, place
