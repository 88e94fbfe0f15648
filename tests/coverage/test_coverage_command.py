"""``conformance coverage`` as a user types it: of recorded traffic, of a run, of nothing; its page; what it counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import Tab, needs_chromium
from lxml import etree

from conformance.coverage.observed import Observed
from conformance.coverage.page import render
from conformance.coverage.summary import coverage
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import DEFAULT_VERSION

DATA = Path(__file__).parents[1] / "data" / "payloads"
CHANGE = "40.2.0/anonymous-lstsummarysession"


def conformance(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "conformance", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        check=False,
    )


def test_of_recorded_requests(tmp_path: Path) -> None:
    done = conformance("coverage", DATA / "requests", "--api-version", "40.4.3", "--format", "json", folder=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["release"] == "40.4.3"
    called = {path.name.partition("__")[0] for path in (DATA / "requests").glob("*.xml")}
    assert {name for name, one in told["by_operation"].items() if one["calls"]} == called
    assert told["operations"]["observed"] == len(called)
    assert not called & set(told["operations"]["never"])
    assert "webExId" not in told["by_operation"]["CreateUser"]["sent"]["never"]
    assert "webExId" in told["by_operation"]["SetUser"]["sent"]["never"]
    assert "clauses" not in told


def test_of_a_run_with_its_clauses(tmp_path: Path) -> None:
    case = f"{CHANGE}::only-a-site-name"
    ran = conformance("run", "--case", case, "--report", tmp_path / "report", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout
    done = conformance("coverage", tmp_path / "report", "--format", "json", folder=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["failures"] == {"000015": 1}
    assert told["by_operation"]["LstsummarySession"]["calls"] == 1
    assert f"{CHANGE}: refused" not in told["clauses"]["never"]
    assert f"{CHANGE}: signed-in" in told["clauses"]["never"]


def test_the_table_names_what_was_never_observed(tmp_path: Path) -> None:
    done = conformance("coverage", DATA / "requests" / "CreateUser__updates40.xml", folder=tmp_path)
    assert done.returncode == 0
    assert "use:CreateUser" in done.stdout
    assert "Never observed, operations:" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 of ")
    assert "clauses" not in done.stdout


def test_where_nothing_was_observed_it_can_not_tell(tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("<other/>")
    assert conformance("coverage", tmp_path / "other.xml", folder=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "nowhere"),
        (["--format", "xml", "."], "unknown format 'xml', known are: table, json, html"),
        ([str(DATA / "requests"), "--format", "html", "--output", "no/page.html"], "no/page.html: cannot be written"),
    ],
)
def test_what_can_not_be_asked_for(tmp_path: Path, arguments: list[str], told: str) -> None:
    done = conformance("coverage", *arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody(browser: object, tmp_path: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    seen = Observed()
    for path in DATA.glob("requests/*.xml"):
        seen.add(path.read_bytes(), None)
    page_file = tmp_path / "coverage.html"
    page_file.write_text(render(coverage(seen, SchemaCatalog().at(DEFAULT_VERSION))), encoding="utf-8")
    tab = Tab(browser, color_scheme=scheme)
    page = tab.open(page_file)
    assert axe.Axe().run(page).response["violations"] == []
    assert page.locator("h1").inner_text().startswith("6 of ")
    assert (tab.complaints, tab.fetched) == ([], [])
    tab.close()


class TestObserved:
    def test_elements_are_told_by_path_without_their_prefix(self) -> None:
        seen = Observed()
        seen.add(
            (DATA / "requests" / "CreateMeeting__updates40.xml").read_bytes(),
            (DATA / "responses" / "CreateMeeting__recorded2016.xml").read_bytes(),
        )
        assert {"metaData/confName", "schedule", "schedule/startDate"} <= seen.sent["CreateMeeting"]
        assert {"meetingkey", "iCalendarURL/host"} <= seen.answered["CreateMeeting"]

    def test_failures_are_counted_by_their_id_whoever_asked(self) -> None:
        seen = Observed()
        failure = (DATA / "responses" / "CreateMeeting__FAIL_030002_bad_password.xml").read_bytes()
        seen.add(b"not a message", failure)
        assert (seen.failures, seen.others, dict(seen.answered)) == ({"030002": 1}, 1, {})

    @pytest.mark.parametrize("answer", [None, b"", b"<html/>", b"\xff"])
    def test_an_answer_that_is_none_is_not_counted(self, answer: bytes | None) -> None:
        seen = Observed()
        seen.add((DATA / "requests" / "CreateUser__updates40.xml").read_bytes(), answer)
        assert (seen.calls, dict(seen.answered), dict(seen.failures)) == ({"CreateUser": 1}, {}, {})


def test_what_was_answered_beyond_the_schema_counts_for_nothing() -> None:
    seen = Observed()
    request = (DATA / "requests" / "LstsummarySession__updates40.xml").read_bytes()
    root = etree.fromstring((DATA / "responses" / "CreateMeeting__recorded2016.xml").read_bytes())
    seen.add(request, etree.tostring(root))
    found = coverage(seen, SchemaCatalog().at(DEFAULT_VERSION))
    (sessions,) = [one for one in found.operations if one.name == "LstsummarySession"]
    assert sessions.answered.seen == 0
    assert sessions.answered.observed
