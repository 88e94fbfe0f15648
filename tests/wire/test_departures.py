"""The table of departures: each that is noted is in it, with its meaning, and in the manual.

That each way of real clients is read, told and answered is in tests/payloads/test_observed_requests.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance
from conformance.errors import UnknownName
from conformance.wire.departures import DEPARTURES, Strictness

MANUAL = Path(__file__).parents[2] / "docs" / "clients.md"


def _noted() -> Iterator[str]:
    """Yield the ids of all departures that the package notes, read off its source."""
    for path in Path(conformance.__file__).parent.rglob("*.py"):
        if "_data" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("Departure", "depart", "_depart", "Note") and isinstance(node.args[0].value, str):
                yield node.args[0].value


def test_the_table_has_every_departure_that_is_noted_and_no_other() -> None:
    assert {*_noted()} == DEPARTURES.keys()


@pytest.mark.parametrize("id_", DEPARTURES)
def test_each_departure_says_what_it_is_and_what_to_do(id_: str) -> None:
    meaning = DEPARTURES[id_]
    assert meaning.advice.endswith(".")
    assert not meaning.reason.endswith(".")
    assert not meaning.says.endswith(".")
    assert "lenient" in meaning.reason or meaning.severity != "lenient"


def test_the_manual_has_the_same_table() -> None:
    rows = [line.strip("| ").split(" | ") for line in MANUAL.read_text("utf-8").splitlines() if line.startswith("| `")]
    told = {cells[0].strip("`"): tuple(cells[1:]) for cells in rows if len(cells) == 4}
    meant = {id_: (one.severity, one.says, one.advice) for id_, one in DEPARTURES.items()}
    assert told == meant


@pytest.mark.parametrize(
    ("strictness", "refused"),
    [("strict", {*DEPARTURES}), ("documented", {"undeclared-xsi", "not-utf-8"}), ("service", set())],
)
def test_what_is_refused_by_which_strictness(strictness: str, refused: set[str]) -> None:
    assert {id_ for id_ in DEPARTURES if Strictness.parse(strictness).refuses(id_)} == refused


def test_an_unknown_strictness_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'strict'"):
        Strictness.parse("Strict")
