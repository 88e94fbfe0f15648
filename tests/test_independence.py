"""Schemas, mock and cases are three statements of the same notes: none is read while another one is made or asked.

tests/test_layers.py looks at what imports what; here the files are watched that are really opened.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from conformance.cases.changes import changes_at
from conformance.cases.load import load_changes, plan
from conformance.resources import cases_root, mutants_root, schemas_root
from conformance.run.embedded import EmbeddedMock
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import DEFAULT_VERSION, LINEAGE

WATCH = """
import json, sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
{code}
print(json.dumps(sorted(opened)))
"""

SERVE = """
from conformance.mock.building import new_site
from conformance.mock.dispatch import respond
from conformance.versions import LINEAGE
from conformance.wire.names import OPERATIONS
from conformance.wire.request import build_request
for release in LINEAGE:
    site = new_site("go", release, passwords={"host": "Pw1-for-all"})
    who = {"siteName": "go", "webExID": "host", "password": "Pw1-for-all"}
    for operation in OPERATIONS.values():
        respond({"go": site}, build_request(operation, who, {}))
"""

COMPILE = """
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import LINEAGE
for release in LINEAGE:
    SchemaCatalog().at(release)
"""

LOAD = """
from conformance.cases.load import load_changes
load_changes()
"""


def opened_by(code: str) -> set[Path]:
    """Return the files that a fresh interpreter opens while it runs ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH.format(code=code)], capture_output=True, text=True, timeout=120, check=True
    )
    return {Path(name).resolve() for name in json.loads(done.stdout)}


def below(folder: Path, opened: set[Path]) -> set[Path]:
    """Return those that lie below a folder."""
    return {path for path in opened if path.is_relative_to(folder.resolve())}


def test_the_mock_opens_no_schema_and_no_mutant() -> None:
    opened = opened_by(SERVE)
    assert below(schemas_root(), opened) == set()
    assert below(mutants_root(), opened) == set()
    # Which release carries which change is all that it may know of the case files.
    assert len(below(cases_root(), opened)) == len(load_changes())


def test_the_heads_of_the_case_files_are_all_that_the_mock_needs(tmp_path: Path) -> None:
    # A mock that has never seen an expectation must satisfy them all.
    for change in load_changes():
        head, _, rest = change.path.read_text().partition("\nkind:")
        assert "expect:" in rest
        assert "expect" not in head
        path = tmp_path / change.path.parent.name / change.path.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(head)
    for release in LINEAGE:
        assert changes_at(release, tmp_path) == changes_at(release)

    cases = [case for change in load_changes() for case in plan(change)]
    mock = EmbeddedMock(DEFAULT_VERSION, changes=changes_at(DEFAULT_VERSION, tmp_path))
    with Engine(mock, SchemaCatalog().at(DEFAULT_VERSION), DEFAULT_VERSION, Limits()) as engine:
        engine.connect()
        engine.start(cases)
        assert {engine.result(case).verdict for case in cases} == {Verdict.PASS}


def test_compiling_the_schemas_opens_no_case_and_no_part_of_the_mock() -> None:
    opened = opened_by(COMPILE)
    assert len(below(schemas_root(), opened)) > 50
    assert below(cases_root(), opened) == set()
    assert not any("mock" in path.parts for path in opened)


def test_loading_the_cases_opens_no_part_of_the_mock() -> None:
    opened = opened_by(LOAD)
    assert len(below(cases_root(), opened)) > len(load_changes())
    assert not any("mock" in path.parts for path in opened)


def test_the_schemas_name_no_case_and_no_clause() -> None:
    changes = load_changes()
    slugs = {case.slug for change in changes for case in plan(change)}
    names = {change.id for change in changes} | {slug for slug in slugs if "-" in slug}  # one word is anybody's
    told = "".join(path.read_text() for path in schemas_root().rglob("*.xsd"))
    assert [name for name in names if name in told] == []
