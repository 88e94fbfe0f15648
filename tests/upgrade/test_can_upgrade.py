"""``conformance can-upgrade`` as a user calls it, over a history of real runs against the mock."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

import conformance
from conformance.cases.load import load_changes, plan
from conformance.cli import main
from conformance.versions import DEFAULT_VERSION

CHANGES = load_changes()
DOCUMENTED = [change for change in CHANGES if not change.file.is_baseline]
CASES = sum(len(list(plan(change))) for change in CHANGES)
RUN = ("run", "--api-version", "40.4.3", "--report")
ANONYMOUS = """<?xml version="1.0" encoding="UTF-8"?>
<serv:message xmlns:serv="http://www.webex.com/schemas/2002/06/service"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<header><securityContext><siteName>acme</siteName></securityContext></header>
<body><bodyContent xsi:type="java:com.webex.service.binding.ep.LstsummarySession"/></body></serv:message>
"""


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def words(self) -> str:
        """The text as one line, so that it does not matter where it is wrapped."""
        return " ".join(self.out.split())


Command = Callable[..., Done]


def called(folder: Path, *arguments: object) -> Done:
    """Call the command in a folder."""
    home = str(Path(conformance.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "conformance", *map(str, arguments)],
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": home, "COLUMNS": "80"},
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def within(folder: Path, *arguments: object) -> Done:
    """Call the command in a folder, in this process: most of what a call takes is the start of another one."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        mock.patch.object(sys, "argv", ["conformance", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def copy(results: Path, to: Path, header: Mapping[str, object], edit: Callable[[dict[str, object]], None]) -> Path:
    """Write a results.jsonl again as the run of another site; ``edit`` changes each record."""
    records = [json.loads(line) for line in results.read_text().splitlines()]
    records[0].update(header)
    for record in records:
        edit(record)
    to.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return to


def void(record: dict[str, object]) -> None:
    """Let the first case of a run have met a defect of the suite."""
    if record["kind"] == "case" and str(record["id"]).endswith("::only-a-site-name"):
        record["verdict"] = "SUITE_ERROR"
    if record["kind"] == "footer":
        record["counts"] = {"PASS": record["counts"]["PASS"] - 1, "SUITE_ERROR": 1}  # type: ignore[index]


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of four sites: the mock, ``staging`` that lacks changes, ``ours`` that is void, one of old times."""
    folder = tmp_path_factory.mktemp("nights")
    assert called(folder, *RUN, "a").code == 0
    assert called(folder, *RUN, "b", "--mock-version", "40.1.2").code == 1
    good, bad = folder / "a" / "results.jsonl", folder / "b" / "results.jsonl"
    history = ("--history", "nights.sqlite3")
    files = [
        good,
        copy(bad, folder / "staging.jsonl", {"id": "1", "site": "staging", "told_version": "40.4.3"}, lambda _: None),
        copy(bad, folder / "another.jsonl", {"id": "2", "site": "another"}, lambda _: None),
        copy(good, folder / "ours.jsonl", {"id": "3", "site": "ours"}, void),
        copy(
            good,
            folder / "old.jsonl",
            {"id": "4", "site": "old", "started": "2026-01-02T03:04:05+00:00"},
            lambda _: None,
        ),
    ]
    done = called(folder, "history", "import", *files, *history)
    assert done.code == 0, done.err
    return folder / "nights.sqlite3"


@pytest.fixture
def ask(nights: Path, tmp_path: Path) -> Command:
    """Ask about that history, in an empty folder."""

    def asked(*arguments: object, to: str = "40.4.3") -> Done:
        return within(tmp_path, "can-upgrade", "--to", to, "--history", nights, *arguments)

    return asked


class TestWords:
    def test_ready(self, nights: Path) -> None:
        done = called(nights.parent, "can-upgrade", "--to", "40.4.3", "--history", nights.name)
        assert (done.code, done.err) == (0, "")
        assert done.lines[0] == "READY: nothing that is known stands in the way of 40.4.3 (site mock)"
        assert f"Observed {CASES} of {CASES} cases, no older than 36h" in done.words
        there = sum(DEFAULT_VERSION.has(change.released_in) for change in CHANGES)
        later = len(CHANGES) - there
        kinds = f"{len(DOCUMENTED)} documented changes and {len(CHANGES) - len(DOCUMENTED)} parts of the baseline"
        assert f"Of {kinds} {there} hold, {later} are not there yet, as they should." in done.words

    def test_not_ready(self, ask: Command) -> None:
        done = ask("--site", "staging", "--from", "40.1.2")
        assert done.code == 1
        assert done.words.startswith(
            f"NOT READY: 40.4.3 can not be taken: 5 of {len(DOCUMENTED)} documented changes are broken (site staging"
        )
        assert "F 40.2.0 Anonymous access to LstSummarySession is refused: does not hold on staging" in done.words
        assert "do: Sign in before listing sessions" in done.words
        assert "rule: change-broken: not ready" in done.words
        assert all(len(line) <= 80 or " " not in line.strip() for line in done.lines)

    def test_a_reason_says_where_its_case_stands(self, ask: Command, nights: Path) -> None:
        decision = json.loads(ask("--site", "staging", "--format", "json").out)
        reason = next(one for one in decision["reasons"] if one["change"] == "40.2.0/anonymous-lstsummarysession")
        file, line, column = reason["place"].split(":")
        path = Path(conformance.__file__).parents[1] / file
        assert path.read_text().splitlines()[int(line) - 1][int(column) - 1 :].startswith("name: ")

    def test_cannot_tell_of_another_version(self, ask: Command) -> None:
        done = ask("--site", "another")
        assert done.code == 2
        assert "another says it is 40.1.2, it was held to 40.4.3" in done.words
        assert "conformance run --site another --api-version 40.4.3" in done.words

    def test_cannot_tell_by_old_evidence(self, ask: Command) -> None:
        done = ask("--site", "old")
        assert done.code == 2
        assert "is too old" in done.words
        assert "since 2026-01-02 03:04 UTC" in done.words

    def test_ready_where_older_evidence_is_allowed(self, ask: Command) -> None:
        assert ask("--site", "old", "--max-age", "9999d").code == 0

    def test_void(self, ask: Command) -> None:
        done = ask("--site", "ours")
        assert done.code == 3
        assert done.lines[0].startswith("RUN VOID: ")

    def test_a_version_that_was_never_run_says_which_were(self, ask: Command) -> None:
        done = ask(to="40.4.0")
        assert done.code == 2
        assert "nothing was ever run on mock at 40.4.0" in done.words
        assert done.lines[-1] == "Runs of mock are held to 40.4.3."

    def test_without_a_history_nothing_is_known_and_none_is_made(self, tmp_path: Path) -> None:
        done = within(tmp_path, "can-upgrade", "--to", "40.4.3", "--site", "staging")
        assert done.code == 2
        assert "conformance run --site staging --api-version 40.4.3" in done.words
        assert list(tmp_path.iterdir()) == []


class TestProfileAndTraffic:
    def test_what_is_broken_and_not_used_is_told(self, ask: Command, tmp_path: Path) -> None:
        profile = tmp_path / "profile.yaml"
        profile.write_text("integration: billing\nowner: Team A\noperations:\n  GetSessionInfo:\n")
        done = ask("--site", "staging", "--profile", profile)
        assert done.code == 0
        assert "not used by the integration, and does not hold on staging" in done.words
        assert "profile of billing" in done.words

    def test_what_is_broken_and_used_is_told_with_its_owner(self, ask: Command, tmp_path: Path) -> None:
        profile = tmp_path / "profile.yaml"
        profile.write_text("integration: billing\nowner: Team A\noperations:\n  LstsummarySession: {calls: '412'}\n")
        done = ask("--site", "staging", "--profile", profile)
        assert done.code == 1
        assert "uses: LstsummarySession (412 calls); owner: Team A" in done.words

    def test_what_the_target_refuses_of_recorded_traffic(self, ask: Command, tmp_path: Path) -> None:
        (tmp_path / "calls").mkdir()
        (tmp_path / "calls" / "list.xml").write_text(ANONYMOUS)
        done = ask("--traffic", "calls")
        assert done.code == 1
        assert "rule: traffic-refused: not ready" in done.words
        assert "40.2.0/anonymous-lstsummarysession" in ask("--traffic", "calls", "--format", "json").out

    def test_what_the_version_of_today_refuses_already_is_not_new(self, ask: Command, tmp_path: Path) -> None:
        (tmp_path / "list.xml").write_text(ANONYMOUS)
        assert "traffic-refused" not in ask("--traffic", "list.xml", "--from", "40.2.0").out

    @pytest.mark.parametrize(("text", "says"), [("", "no request is recorded"), (ANONYMOUS[:-60], "could not be read")])
    def test_recordings_that_tell_nothing_are_no_evidence(
        self, ask: Command, tmp_path: Path, text: str, says: str
    ) -> None:
        (tmp_path / "list.xml").write_text(text)
        done = ask("--traffic", "list.xml")
        assert done.code == 2
        assert says in done.words
        assert "rule: traffic-unknown: cannot tell" in done.words


class TestFormats:
    def test_json(self, ask: Command) -> None:
        done = ask("--site", "staging", "--format", "json")
        data = json.loads(done.out)
        assert done.code == data["decision"]["exit_code"] == 1
        assert data["decision"]["word"] == "NOT READY"
        assert {reason["rule"] for reason in data["reasons"]} >= {"change-broken"}

    def test_github(self, ask: Command) -> None:
        done = ask("--site", "staging", "--format", "github")
        assert done.code == 1
        assert any(line.startswith("::error file=cases/") for line in done.lines)
        assert all(line.startswith("::") for line in done.lines)

    def test_files_for_programs(self, ask: Command, tmp_path: Path) -> None:
        assert ask("--report", "out").code == 0
        assert json.loads((tmp_path / "out" / "summary.json").read_text())["decision"]["word"] == "READY"
        assert {path.name for path in (tmp_path / "out").iterdir()} >= {"badge.svg", "metrics.prom", "results.sarif"}


class TestSettingsFile:
    def test_it_says_what_the_command_line_does_not(self, nights: Path, tmp_path: Path) -> None:
        (tmp_path / "policy.yaml").write_text("change-broken: tell\n")
        settings = (
            f'[history]\nurl = "{nights}"\n[upgrade]\npolicy = "policy.yaml"\nmax_age = "9999d"\n[sites.staging]\n'
        )
        (tmp_path / "conformance.toml").write_text(settings)
        done = within(tmp_path, "can-upgrade", "--to", "40.4.3", "--site", "staging")
        assert done.code == 0
        assert f"by {tmp_path / 'policy.yaml'}" in done.out.replace("\n", " ")
        assert "no older than 9999d" in done.words

    def test_the_command_line_says_it_better(self, ask: Command, tmp_path: Path) -> None:
        (tmp_path / "conformance.toml").write_text('[upgrade]\nmax_age = "1m"\n')
        assert ask("--site", "old", "--max-age", "9999d").code == 0


class TestUsage:
    """What is wrong is told in a line, and nothing is decided."""

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            (["--max-age", "soon"], "'soon' is no length of time; write it like 36h, 90m or 7d"),
            (["--from", "next"], "'next' is not an API version; write it like 40.4.3"),
            (["--format", "jsn"], "unknown format 'jsn', did you mean 'json'?"),
            (["--site", "stagin"], "unknown site 'stagin', did you mean 'staging'?"),
            (["--policy", "none.yaml"], "none.yaml:1:1: cannot be read: No such file or directory"),
            (["--profile", "none.yaml"], "none.yaml:1:1: cannot be read: No such file or directory"),
            (["--traffic", "none.har"], "none.har: no such file or folder"),
            (["--config", "none.toml"], "none.toml: can not be read: No such file or directory"),
            (["none.yaml"], "none.yaml: no such file or folder"),
        ],
        ids=lambda value: value[0] if isinstance(value, list) else "",
    )
    def test_of_what_is_asked(self, ask: Command, arguments: list[str], error: str) -> None:
        done = ask(*arguments)
        assert (done.code, done.out, done.err) == (4, "", f"{error}\n")

    def test_of_the_policy(self, ask: Command, tmp_path: Path) -> None:
        (tmp_path / "mine.yaml").write_text("flakey: tell\nno-evidence: tell\n")
        done = ask("--policy", "mine.yaml")
        assert (done.code, done.err) == (4, "mine.yaml:1:1: unknown key 'flakey', did you mean 'flaky'?\n")

    def test_a_history_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("no history" * 100)
        done = within(tmp_path, "can-upgrade", "--to", "40.4.3", "--history", "notes.txt")
        assert done.code == 4
        assert "notes.txt: the history can not be used" in done.err
        assert len(done.err.splitlines()) == 1

    def test_a_password_on_the_command_line(self, tmp_path: Path) -> None:
        where = "postgresql+psycopg://somebody:hunter2@127.0.0.1/nights"
        done = within(tmp_path, "can-upgrade", "--to", "40.4.3", "--history", where)
        assert done.code == 4
        assert "hunter2" not in done.out + done.err

    def test_without_a_version(self, tmp_path: Path) -> None:
        done = within(tmp_path, "can-upgrade")
        assert done.code == 4
        assert "--to" in done.err
