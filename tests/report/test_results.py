"""results.jsonl, read back: what was written comes back, and what is no whole run is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.cases.waivers import WaiverNote, WaiverState
from conformance.errors import UserError
from conformance.report.jsonl import JsonLines
from conformance.report.results import open_results
from conformance.report.stream import Catalogue, Footer, Header
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict

HEADER = Header(
    run="2026-11-22T02-14-00Z-40.4.3",
    started="2026-11-22T02:14:00+00:00",
    suite_version="1.0",
    site="staging",
    endpoint="https://acme.webex.example.com/WBXService/XMLService",
    api_version="40.4.3",
    told_version="40.4.3",
    mock_version="",
    schema_release="40.4.3",
    schemas_digest="5" * 64,
    cases_digest="c" * 64,
    clock_offset_seconds=-1.5,
    planned=2,
    libraries={"python": "3.11"},
    warnings=("the certificate ends soon",),
    id="1" * 32,
    settings_digest="5e" * 32,
)
WAIVER = WaiverNote("40.2.0/x", WaiverState.APPLIED, "known", "team", "2026-12-01", "waivers.yaml:2:3", ("a::b",))
FOOTER = Footer(
    {"PASS": 1, "FAIL": 1}, 1, 2.5, 0, ("slowed down",), ("meeting 12",), (WAIVER,), "2026-11-22T02:15:00+00:00"
)


def results() -> list[CaseResult]:
    check = Check("exceptionID", Verdict.FAIL, "exceptionID", "060016", "none", "why")
    step = StepResult(
        "CreateMeeting", Verdict.FAIL, (check,), "host", "<a/>", "<b/>", 200, "2026-11-22T02:14:01+00:00", 0.2,
        ("HTTP 503",), "CreateMeeting", 2,
    )  # fmt: skip
    return [
        CaseResult("40.2.0/x::one", "40.2.0/x", Verdict.FAIL, "expect", "why", "", (step,), 0.2, ("meeting 12",), "w"),
        CaseResult("40.2.0/x::two", "40.2.0/x", Verdict.PASS, "before", seconds=0.1),
    ]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A whole results.jsonl of two cases."""
    return write(tmp_path / "results.jsonl")


def write(path: Path) -> Path:
    writer = JsonLines(path)
    writer.started(HEADER, Catalogue())
    for result in results():
        writer.case(result)
    writer.finished(FOOTER)
    return path


def test_what_was_written_comes_back(written: Path) -> None:
    run = open_results(written)
    assert (run.read_whole(), run.header.id, run.digests) == (results(), HEADER.id, {})
    assert run.header.warnings == ["the certificate ends soon"]
    assert run.footer is not None
    assert run.footer.waivers == (WAIVER,)
    assert (run.footer.exit_code, run.footer.ended) == (1, FOOTER.ended)


def test_a_report_folder_stands_for_its_file(written: Path) -> None:
    assert open_results(written.parent).path == written


def test_of_a_killed_run_what_is_there_is_read_and_it_is_no_whole_run(written: Path) -> None:
    data = written.read_bytes()
    written.write_bytes(data[: data.index(b'"kind":"footer"') + 20])
    run = open_results(written)
    assert list(run.cases()) == results()
    assert run.footer is None
    with pytest.raises(UserError, match=r"results\.jsonl: the run did not end, or has not yet: there is no footer"):
        run.read_whole()


def _without(record: dict[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != key}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: [*lines[:1], "{", *lines[2:]], ":2: not a line of results.jsonl: neither a case nor a footer"),
        (lambda lines: [*lines[:1], '{"kind":"case"}'], ":2: not a line of results.jsonl: "),
        (lambda lines: [*lines[:1], lines[1].replace("FAIL", "FALSE")], ":2: not a line of results.jsonl: 'FALSE'"),
        (lambda lines: [lines[0], '{"kind":"footer","waivers":[{}]}'], ":2: not a line of results.jsonl: 'cases'"),
        (lambda _: ["[]"], ":1: not a results.jsonl: the first line is no header"),
        (lambda _: [], ":1: not a results.jsonl: the first line is no header"),
        (lambda lines: [lines[0].replace('"format":1', '"format":9')], ": format 9 is not known"),
        (lambda lines: [json.dumps({**json.loads(lines[0]), "changes": 3})], ":1: the header is wrong: 'changes'"),
        (lambda lines: [json.dumps(_without(json.loads(lines[0]), "site"))], ":1: the header is not complete: "),
    ],
    ids=[
        "no JSON",
        "no case",
        "no verdict",
        "no waiver",
        "no header",
        "empty",
        "another format",
        "no digests",
        "half a header",
    ],
)
def test_what_is_no_results_file_is_told_with_its_line(
    change: Callable[[list[str]], list[str]], told: str, written: Path
) -> None:
    written.write_text("".join(f"{line}\n" for line in change(written.read_text().splitlines())))
    with pytest.raises(UserError) as error:
        open_results(written).read_whole()
    assert f"{written}{told}" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can not be read: No such file or directory"):
        open_results(tmp_path / "none.jsonl")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 4000), junk=st.binary(max_size=20))
def test_no_file_makes_reading_fail_in_another_way(cut: int, junk: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "results.jsonl")
    data = path.read_bytes()
    path.write_bytes(data[:cut] + junk + data[cut + len(junk) :])
    told = ""
    try:
        read = open_results(path).read_whole()
    except UserError as error:
        told, read = str(error), []
    assert len(read) <= 2
    assert not told or str(path) in told
