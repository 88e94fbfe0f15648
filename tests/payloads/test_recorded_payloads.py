"""Every recorded payload is judged and, if it is a request, answered, as the table says: expected.tsv.

Its columns: the file, what the validator says of it, the rules it breaks, its departures, what the mock answers (for
a request: SUCCESS or the exceptionID), and why.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from recorded_site import site_for

from conformance.errors import MalformedMessage
from conformance.mock.server import MockServer
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.payload import judge_payload
from conformance.versions import DEFAULT_VERSION
from conformance.wire.response import read_response

DATA = Path(__file__).parents[1] / "data"
FOLDERS = ("clients", "payloads/requests", "payloads/responses")
UNKNOWN = "unknown operation"


@dataclass(frozen=True)
class Row:
    """One line of the table; ``-`` is nothing."""

    file: str
    verdict: str
    findings: str
    departures: str
    answer: str
    because: str

    @property
    def data(self) -> bytes:
        return (DATA / self.file).read_bytes()

    @property
    def is_response(self) -> bool:
        return self.file.startswith("payloads/responses/")


with Path(__file__).with_name("expected.tsv").open(encoding="utf-8", newline="") as table:
    ROWS = [Row(**row) for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)]
REQUESTS = [row for row in ROWS if not row.is_response]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=10) as opened:
        yield opened


@pytest.fixture(scope="module")
def catalog() -> SchemaCatalog:
    return SchemaCatalog()


def test_every_file_has_a_row_and_every_row_a_file() -> None:
    files = [path.relative_to(DATA).as_posix() for folder in FOLDERS for path in (DATA / folder).iterdir()]
    assert sorted(row.file for row in ROWS) == sorted(file for file in files if not file.endswith("README.md"))
    assert (len(REQUESTS), len(ROWS)) == (50, 64)


def test_every_row_says_why() -> None:
    assert [row.file for row in ROWS if len(row.because) < 10] == []
    assert {row.verdict for row in ROWS} <= {"valid", "not valid", UNKNOWN}
    assert {row.answer for row in ROWS if row.is_response} == {"-"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_the_validator_says_what_the_table_says(row: Row, catalog: SchemaCatalog) -> None:
    if row.verdict == UNKNOWN:
        with pytest.raises(MalformedMessage, match="names no operation that the suite knows"):
            judge_payload(row.data, catalog, DEFAULT_VERSION)
        assert (row.findings, row.departures) == ("-", "-")
        return
    judged = judge_payload(row.data, catalog, DEFAULT_VERSION)
    assert judged.valid is (row.verdict == "valid")
    assert _words({finding.rule for finding in judged.findings}) == row.findings
    assert _words({departure.id for departure in judged.departures}) == row.departures


def test_the_command_says_the_same_of_all_of_them() -> None:
    command = [sys.executable, "-W", "error", "-m", "conformance", "validate", *(row.file for row in ROWS)]
    ended = subprocess.run(command, cwd=DATA, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert ended.returncode == 1
    told = [line for line in ended.stdout.splitlines() if line.startswith(FOLDERS)]
    for row in ROWS:
        opening = f"{row.file}: {'valid' if row.verdict == 'valid' else 'not valid'}: "
        known = [line for line in told if line.startswith(opening)]
        assert (row.verdict == UNKNOWN) is any("names no operation" in line for line in told if row.file in line)
        assert known or row.verdict == UNKNOWN, row.file
    valid = sum(row.verdict == "valid" for row in ROWS)
    assert f"{len(ROWS)} files: {valid} valid, {len(ROWS) - valid} not valid" in ended.stdout


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row.file)
def test_the_mock_answers_what_the_table_says(
    row: Row, mock_server: MockServer, client: httpx2.Client, schemas: SchemaSet
) -> None:
    site = mock_server.add_site(site_for(row.data))
    try:
        answered = client.post(mock_server.endpoint, content=row.data)
    finally:
        mock_server.remove_site(site.name)
    assert answered.status_code == 200
    response = read_response(answered.content)
    assert (response.exception_id or response.result) == row.answer
    assert (response.result == "SUCCESS") is (response.exception_id is None)
    assert schemas.judge_response(response.root) == []


def _words(found: set[str]) -> str:
    return " ".join(sorted(found)) or "-"
