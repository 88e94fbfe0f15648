"""Cases, schemas, mock and mutants side by side: they agree, and where they would not it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cases.load import load_changes, plan
from conformance.cases.plan import Change
from conformance.mutants.load import load_mutants
from conformance.mutants.statements import disagreements, statements, switches
from conformance.schema.catalog import SchemaCatalog

CHANGES = load_changes()
CASES = [case for change in CHANGES for case in plan(change)]
MUTANTS = load_mutants(CHANGES, CASES)
CATALOG = SchemaCatalog()
HTML = "40.4.3/createuser-html-email"


def told(changes: Sequence[Change], mutants: Sequence[object] = MUTANTS) -> list[str]:
    """Return where the statements of changes disagree."""
    return disagreements(changes, statements(changes, CASES, mutants, CATALOG), CATALOG)


def with_rules(rules: dict[str, tuple[str, ...]]) -> list[Change]:
    """Return the changes, of which one says that it brought other rules."""
    return [
        replace(change, file=change.file.model_copy(update={"schema_rules": rules})) if change.id == HTML else change
        for change in CHANGES
    ]


def test_the_shipped_statements_agree() -> None:
    assert told(CHANGES) == []


def test_each_clause_has_cases_a_switch_and_mutants_and_its_rules_have_places() -> None:
    stated = {(one.change, one.clause): one for one in statements(CHANGES, CASES, MUTANTS, CATALOG)}
    assert all(one.cases and one.mutants for one in stated.values())
    baseline = {change.id for change in CHANGES if change.file.is_baseline}
    assert {one.change for one in stated.values() if not one.switches} == baseline
    assert stated[HTML, "accepted"].rules == (("use:createUser/isHTMLEmail", "40.4.3/user/CreateUser.xsd:18"),)
    assert stated[HTML, "plain"].rules == ()
    rules = [place for one in stated.values() for _, place in one.rules]
    assert rules
    assert all(rules)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            {},
            [
                "the schemas of 40.2.4 bring use:createUser/isHTMLEmail, of which no clause speaks",
                "the schemas of 40.4.3 bring use:createUser/isHTMLEmail, of which no clause speaks",
            ],
        ),
        (
            {"use:createUser/isHTMLEmail": ("accepted",), "use:createUser/email": ("plain",)},
            [
                f"{HTML} says that 40.2.4 brought use:createUser/email; its schemas do not",
                f"{HTML} says that 40.4.3 brought use:createUser/email; its schemas do not",
            ],
        ),
    ],
    ids=["a schema change without a clause", "a clause without a schema change"],
)
def test_what_only_schemas_or_only_cases_say_is_told(rules: dict[str, tuple[str, ...]], expected: list[str]) -> None:
    assert told(with_rules(rules)) == expected


def test_a_clause_without_a_mutant_is_told() -> None:
    fewer = [mutant for mutant in MUTANTS if (mutant.change, mutant.entry.clause) != (HTML, "plain")]
    assert told(CHANGES, fewer) == [f"no mutant breaks clause 'plain' of {HTML}"]


def test_a_change_that_the_mock_does_not_know_is_told_and_the_other_way_round() -> None:
    unknown = [replace(change, id="40.4.3/other") if change.id == HTML else change for change in CHANGES]
    found = told(unknown)
    assert "the mock never asks whether its site has 40.4.3/other" in found
    assert f"the mock asks for {HTML}, which no case file documents" in found


def test_the_switches_are_where_they_are_said_to_be() -> None:
    import conformance.mock

    folder = Path(conformance.mock.__file__).parent.parent
    for places in switches().values():
        for place in places:
            name, _, line = place.partition(":")
            assert "has(" in (text := (folder / name).read_text().splitlines()[int(line) - 1]) or "change=" in text


def links(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-W", "error", "-m", "conformance", "changes", "--links", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_lays_them_side_by_side() -> None:
    done = links()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"{sum(len(change.file.clauses) for change in CHANGES)} clauses, no disagreements\n")
    for part in (
        HTML,
        "schemas  use:createUser/isHTMLEmail (40.4.3/user/CreateUser.xsd:18)",
        "schemas  no schema rule",
    ):
        assert part in done.stdout
    data = json.loads(links("--format", "json").stdout)
    assert data["disagreements"] == []
    assert {one["change"] for one in data["clauses"]} == {change.id for change in CHANGES}
