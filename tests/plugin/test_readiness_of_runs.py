"""What a run leaves beside its reports: its place in the history, and the answer for the version it was held to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from projects import CONFTEST, Project

from conformance.history.store import History

REPORT = "--conformance-report=reports/tonight"
HEARS = """
def pytest_conformance_decided(config, decision, folder, trouble):
    word = f"{decision.word} for {decision.to}" if decision else "nothing"
    Path(config.rootpath, "heard.txt").write_text(f"{word}|{folder.name}|{trouble}")
"""
CLOSED = CONFTEST.replace("Lab(", "Lab(fails={'open': ExchangeFault('maintenance', 'down until four')}, ")


def summary(project: Project) -> dict[str, Any]:
    """Return summary.json."""
    data: dict[str, Any] = json.loads((project.path / "reports/tonight/summary.json").read_text())
    return data


def page(project: Project) -> str:
    return (project.path / "reports/tonight/readiness.html").read_text(encoding="utf-8")


def heard(project: Project) -> list[str]:
    """Return what a conftest has heard: the word, the name of the folder, what was wrong."""
    return (project.path / "heard.txt").read_text().split("|")


@pytest.fixture
def listening(project: Project) -> Project:
    """Give a project whose conftest hears the decision."""
    project.pytester.makeconftest(CONFTEST + HEARS)
    return project


@pytest.mark.parametrize(
    ("words", "word", "code"),
    [
        (["ok", "deviant"], "READY", 0),
        (["ok", "refuse"], "NOT READY", 1),
        (["ok", "down"], "CANNOT TELL", 2),
        (["ok", "boom"], "RUN VOID", 3),
    ],
)
def test_the_word_goes_with_what_was_seen(listening: Project, words: list[str], word: str, code: int) -> None:
    listening.words(*words)
    assert listening.run(REPORT).ret == code
    assert summary(listening)["decision"]["word"] == word
    assert heard(listening) == [f"{word} for 40.4.3", "tonight", ""]
    assert f"<strong>{word}</strong>" in page(listening)


def test_the_history_stands_beside_the_report_folders(project: Project) -> None:
    project.words("ok")
    project.run(REPORT)
    project.run("--conformance-report=reports/later")
    with History.open(project.path / "reports/history.sqlite3") as history:
        later, tonight = history.runs()
        assert (tonight.site, tonight.complete, later.complete) == ("lab", True, True)
        assert tonight.results == str(project.path / "reports/tonight/results.jsonl")
        assert [record.case for record in history.cases([later.id])] == ["40.2.0/one::ok"]


def test_the_processes_of_xdist_are_one_run(project: Project) -> None:
    project.words("ok", "refuse")
    assert project.run_apart(REPORT, "-n", "2").ret == 1
    assert summary(project)["decision"]["word"] == "NOT READY"
    with History.open(project.path / "reports/history.sqlite3") as history:
        (run,) = history.runs()
        assert len(history.cases([run.id])) == 2


def test_the_history_can_be_elsewhere(project: Project) -> None:
    project.words("ok")
    project.run(REPORT, "--conformance-history=kept/runs.sqlite3")
    assert (project.path / "kept/runs.sqlite3").is_file()
    assert not (project.path / "reports/history.sqlite3").exists()


def test_what_was_not_selected_counts_all_the_same(project: Project) -> None:
    project.words("ok", "other")
    project.words("more", name="two")
    assert project.run(REPORT, "-k", "ok").ret == 0
    decision = summary(project)["decision"]
    assert (decision["word"], decision["observed"], decision["planned"]) == ("CANNOT TELL", 1, 3)


def test_the_two_pages_lead_to_each_other(project: Project) -> None:
    project.words("ok")
    project.run(REPORT)
    assert 'href="report.html"' in page(project)
    assert "href='readiness.html'" in (project.path / "reports/tonight/report.html").read_text(encoding="utf-8")


def test_a_page_does_not_lead_to_a_report_that_nobody_writes(project: Project) -> None:
    project.words("ok")
    project.run(REPORT, "-p", "no:html")
    assert "report.html" not in page(project)


def test_a_site_that_can_not_be_tested_is_on_record_with_the_reason(project: Project) -> None:
    project.pytester.makeconftest(CLOSED + HEARS)
    project.words("ok")
    assert project.run(REPORT).ret == 2
    _, cases, footer = project.results("reports/tonight")
    assert (cases, footer["counts"]) == ([], {})
    with History.open(project.path / "reports/history.sqlite3") as history:
        (run,) = history.runs()
    assert (run.complete, run.counts, run.exit_code) == (False, {}, 2)
    assert run.warnings == ("the site can not be tested now: maintenance: down until four",)
    assert heard(project)[0] == "CANNOT TELL for 40.4.3"
    assert "down until four" in page(project)
    assert "down until four" in (project.path / "reports/tonight/summary.md").read_text(encoding="utf-8")


def test_no_night_is_lost_for_its_history(listening: Project) -> None:
    listening.words("ok")
    (listening.path / "reports").mkdir()
    (listening.path / "reports/history.sqlite3").write_text("a poem, not a database, and long enough to tell")
    assert listening.run(REPORT).ret == 0
    word, _, trouble = heard(listening)
    assert word == "nothing"
    assert trouble.startswith("the run is not in the history: ")
    assert trouble.endswith("; later: conformance history import reports/tonight")
    assert listening.results("reports/tonight")[2]["exit_code"] == 0
    assert not (listening.path / "reports/tonight/readiness.html").exists()
    assert "readiness.html" not in (listening.path / "reports/tonight/report.html").read_text(encoding="utf-8")


def test_a_page_that_can_not_be_written_costs_neither_the_run_nor_its_history(listening: Project) -> None:
    listening.words("ok")
    (listening.path / "reports/tonight/readiness.html").mkdir(parents=True)
    assert listening.run(REPORT).ret == 0
    word, _, trouble = heard(listening)
    assert (word, trouble[:24]) == ("nothing", "readiness is not told: [")
    with History.open(listening.path / "reports/history.sqlite3") as history:
        assert [run.complete for run in history.runs()] == [True]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("[history]\nurls = 'x'\n", "history.urls: unknown key, did you mean 'url'?"),
        ("[upgrade]\nprofil = 'x'\n", "upgrade.profil: unknown key, did you mean 'profile'?"),
        ("[upgrade]\nprofile = 'none.yaml'\n", "none.yaml:1:1: cannot be read: No such file or directory"),
        ("[upgrade]\npolicy = 'none.yaml'\n", "none.yaml:1:1: cannot be read: No such file or directory"),
        ("[upgrade]\ntraffic = ['none.har']\n", "none.har: "),
    ],
)
def test_what_is_wrong_with_the_settings_is_told_before_anything_is_sent(
    project: Project, section: str, told: str
) -> None:
    (project.path / "conformance.toml").write_text(section)
    project.words("ok")
    result = project.run(REPORT)
    assert result.ret == 4
    assert told in result.stderr.str()
    assert not project.touched


def test_without_a_report_folder_there_is_no_history(project: Project) -> None:
    project.words("ok")
    assert project.run().ret == 0
    assert list(project.path.rglob("*.sqlite3")) == []


def test_what_is_wrong_with_the_settings_is_told_by_processes_of_xdist_too(project: Project) -> None:
    (project.path / "conformance.toml").write_text("[upgrade]\nprofil = 'x'\n")
    project.words("ok")
    result = project.run_apart(REPORT, "-n", "2")
    assert result.ret == 4
    assert "upgrade.profil: unknown key, did you mean 'profile'?" in result.stderr.str()
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    assert not project.touched
