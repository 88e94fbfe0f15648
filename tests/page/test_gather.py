"""From a report folder and a real history to a page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from page_samples import PAST, TONIGHT, decision, footer, header, planned, result, shipped

from conformance.compare.model import MoveKind
from conformance.errors import UserError
from conformance.history.model import CaseRecord, FlakyCase, Latency, RunRecord, Strips
from conformance.history.store import History
from conformance.page.gather import gather, make_readiness
from conformance.report.jsonl import JsonLines
from conformance.report.results import open_results
from conformance.report.stream import Catalogue, Footer
from conformance.run.verdicts import CaseResult, Verdict
from conformance.upgrade.gather import answer
from conformance.upgrade.model import Word
from conformance.upgrade.question import Question
from conformance.versions import Version

FAILING = next(id_ for id_ in planned() if id_.startswith(PAST))


def record_night(folder: Path, number: int, *, broken: bool, end: Footer | None = None) -> Path:
    """Write the report folder of a night; 0 is tonight."""
    started = TONIGHT - timedelta(days=number)
    report = folder / f"night-{number}"
    report.mkdir()
    results = [result(id_, Verdict.FAIL if broken and id_ == FAILING else Verdict.PASS) for id_ in planned()]
    lines = JsonLines(report / "results.jsonl")
    head = header(id=f"{number:032x}", run=f"night-{number}", started=started.isoformat())
    lines.started(head, Catalogue({change.id: change for change in shipped()}, dict(planned())))
    for each in results:
        lines.case(each)
    counts: dict[str, int] = {}
    for each in results:
        counts[each.verdict.value] = counts.get(each.verdict.value, 0) + 1
    lines.finished(end or footer(counts=counts, ended=(started + timedelta(minutes=4)).isoformat()))
    return report


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.sqlite3") as opened:
        yield opened


def test_a_page_tells_the_nights_of_a_real_history(tmp_path: Path, history: History) -> None:
    folders = [record_night(tmp_path, number, broken=number < 2) for number in (4, 3, 2, 1, 0)]
    for folder in folders:
        history.import_results(folder)
    data = gather(history, folders[-1], decision(Word.NOT_READY), shipped())
    assert [night.name for night in data.nights] == [f"night-{number}" for number in (4, 3, 2, 1, 0)]
    assert data.tonight is not None
    assert data.tonight.name == "night-0"
    assert data.case_strips[FAILING] == "PPPFF"
    assert data.change_strips[PAST] == "PPPFF"
    assert data.comparison is not None
    assert (data.comparison.a.name, data.comparison.b.name) == ("night-1", "night-0")
    assert data.comparison.moves == []
    assert {latency.run for latency in data.latencies} == {night.id for night in data.nights}
    assert data.footer is not None
    assert data.remarks == ()
    page = make_readiness(history, folders[-1], decision(Word.NOT_READY), shipped())
    assert "createmeeting" in page.read_text(encoding="utf-8")


def test_what_broke_tonight_is_told_of_the_run_before(tmp_path: Path, history: History) -> None:
    folders = [record_night(tmp_path, number, broken=number == 0) for number in (1, 0)]
    for folder in folders:
        history.import_results(folder)
    data = gather(history, folders[-1], decision(Word.NOT_READY), shipped())
    assert data.comparison is not None
    assert [move.case for move in data.comparison.of(MoveKind.BROKE)] == [FAILING]


def test_a_run_before_that_did_not_end_is_passed_over_for_a_whole_one(tmp_path: Path, history: History) -> None:
    folders = [record_night(tmp_path, number, broken=False) for number in (2, 1, 0)]
    cut = folders[1] / "results.jsonl"
    cut.write_text("\n".join(cut.read_text(encoding="utf-8").splitlines()[:-3]) + "\n", encoding="utf-8")
    for folder in folders:
        history.import_results(folder)
    data = gather(history, folders[-1], decision(Word.READY), shipped())
    assert data.comparison is not None
    assert data.comparison.a.name == "night-2"


def test_the_page_of_an_earlier_run_does_not_tell_what_came_after(tmp_path: Path, history: History) -> None:
    folders = [record_night(tmp_path, number, broken=number == 0) for number in (2, 1, 0)]
    for folder in folders:
        history.import_results(folder)
    data = gather(history, folders[1], decision(Word.READY), shipped())
    assert [night.name for night in data.nights] == ["night-2", "night-1"]
    assert data.case_strips[FAILING] == "PP"


def test_the_messages_of_what_held_are_not_kept(tmp_path: Path) -> None:
    folder = record_night(tmp_path, 0, broken=True)
    data = gather(None, folder, decision(Word.NOT_READY), shipped())
    messages = {(step.verdict, bool(step.request)) for each in data.results for step in each.steps}
    assert messages == {(Verdict.PASS, False), (Verdict.FAIL, True)}


def test_without_a_history_the_page_is_written_and_says_so(tmp_path: Path) -> None:
    folder = record_night(tmp_path, 0, broken=True)
    html = make_readiness(None, folder, decision(Word.NOT_READY), shipped()).read_text(encoding="utf-8")
    assert "There is no history: earlier runs are not told." in html
    assert "no known release" in html


def test_a_run_that_is_not_in_the_history_is_told_so(tmp_path: Path, history: History) -> None:
    earlier, tonight = (record_night(tmp_path, number, broken=False) for number in (1, 0))
    history.import_results(earlier)
    data = gather(history, tonight, decision(Word.READY), shipped())
    assert data.remarks == ("This run is not in the history.",)
    assert (data.tonight, data.comparison) == (None, None)
    assert len(data.nights) == 1


def test_a_run_that_was_killed_has_a_page(tmp_path: Path, history: History) -> None:
    folder = record_night(tmp_path, 0, broken=False)
    file = folder / "results.jsonl"
    file.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[:5]), encoding="utf-8")
    data = gather(history, folder, decision(Word.CANNOT_TELL), shipped())
    assert data.footer is None
    assert len(data.results) == 4


@pytest.mark.parametrize("text", ["", "no json\n", '{"kind": "header"}\n'])
def test_a_folder_without_results_is_an_error_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"results\.jsonl") as told:
        gather(None, tmp_path, decision(Word.READY), shipped())
    assert "\n" not in str(told.value)


class Broken:
    """A history that can not be read."""

    def runs(self, *, site: str = "", limit: int = 0) -> list[RunRecord]:
        raise UserError("postgresql://db.example.com/history: can not be reached")

    def cases(self, runs: Sequence[str], /) -> list[CaseRecord]:
        raise AssertionError

    def strips(self, site: str, /, *, nights: int = 30) -> Strips:
        raise AssertionError

    def latencies(self, runs: Sequence[str], /) -> list[Latency]:
        raise AssertionError

    def flaky(self, site: str, /, *, runs: int = 30) -> list[FlakyCase]:
        raise AssertionError


def test_a_history_that_can_not_be_read_does_not_cost_the_page(tmp_path: Path) -> None:
    folder = record_night(tmp_path, 0, broken=False)
    html = make_readiness(Broken(), folder, decision(Word.READY), shipped()).read_text(encoding="utf-8")
    assert "Earlier runs are not told: postgresql://db.example.com/history: can not be reached" in html


def test_a_case_that_a_run_tells_twice_breaks_nothing(tmp_path: Path) -> None:
    folder = record_night(tmp_path, 0, broken=False)
    file = folder / "results.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines[:-1], lines[1], lines[-1]]) + "\n", encoding="utf-8")
    data = gather(None, folder, decision(Word.READY), shipped())
    twice: list[CaseResult] = [each for each in data.results if each.id == data.results[0].id]
    assert len(twice) == 2
    assert replace(twice[0]) == twice[1]
    make_readiness(None, folder, decision(Word.READY), shipped())


def test_the_page_of_a_real_run_shows_what_the_mock_lacks(tmp_path: Path, history: History) -> None:
    """From the command line to the page: a mock of an older release, held to a newer one."""
    folder = tmp_path / "report"
    command = [sys.executable, "-m", "conformance", "run", "--report", str(folder), "-k", "getenrollmentinfo"]
    command += ["--api-version", "40.4.3", "--mock-version", "40.2.0"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    history.import_results(folder)
    asked = Question(
        to=Version.parse("40.4.3"),
        site="mock",
        now=datetime.now(UTC),
        schemas_digest=open_results(folder).header.schemas_digest,
        changes=shipped(),
    )
    decided = answer(history, asked)
    html = make_readiness(history, folder, decided, shipped()).read_text(encoding="utf-8")
    assert f"<title>{decided.word} for 40.4.3 - mock" in html
    assert "mock, really 40.2.0" in html
    assert "conformance run --case 40.4.0/getenrollmentinfo-empty-domain::" in html
    assert "Text for a ticket to the provider" in html
    failed = [each for each in open_results(folder).cases() if each.verdict is Verdict.FAIL]
    assert failed
    assert html.count('<details class="case k-bad">') == len(failed)
