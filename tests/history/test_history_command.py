"""``conformance history`` as a user calls it: what it prints, how it ends, what it never shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from history_support import CHANGE, SITE, case_id, header, night, nights, result, results_file, step, store
from postgres_server import PASSWORD, PostgresServer

import conformance
from conformance.history.store import History
from conformance.run.verdicts import Verdict

HOME = str(Path(conformance.__file__).parents[1])
CANARY = "s3cret-canary"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the command is called; its history is where it is by default."""
    (tmp_path / "reports").mkdir()
    return tmp_path


@pytest.fixture
def kept(folder: Path) -> Path:
    """The place of the default history."""
    return folder / "reports" / "history.sqlite3"


def call(
    folder: Path, *arguments: object, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call ``conformance history`` there."""
    dropped = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTHONWARNINGS")
    known = {key: value for key, value in os.environ.items() if key not in dropped} | {"PYTHONPATH": HOME}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "conformance", "history", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=known | dict(environment or {}),
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def told(folder: Path, *arguments: object) -> list[str]:
    """Return the lines of a call that must succeed."""
    done = call(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def data(folder: Path, *arguments: object) -> Any:
    """Return the data of a call that must succeed."""
    return json.loads("\n".join(told(folder, *arguments, "--format", "json")))


class TestRuns:
    def test_the_last_runs_newest_first_with_what_they_came_to(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            store(history, header(0), [result("a"), result("b")])
            store(history, header(1), [result("a", "F"), result("b", "?")])
            store(history, header(2, api_version="40.1.2"), [result("a")], planned=4)
            store(history, header(3), [result("a", "E")], ends=False, planned=1)
            store(history, header(4, site="other", api_version="40.2.4"), [result("a", "W")], exit_code=0)
        assert told(folder) == [
            "started               site   held to  behaves as  cases  word",
            "2026-10-05 02:00 UTC  other  40.2.4   40.1.2      W1     AS DOCUMENTED",
            "2026-10-04 02:00 UTC  stage  40.4.3   ?           none   DID NOT END, 0 of 1 cases",
            "2026-10-03 02:00 UTC  stage  40.1.2   40.2.0      P1     AS DOCUMENTED, 1 of 4 cases",
            "2026-10-02 02:00 UTC  stage  40.4.3   40.1.2      F1 ?1  NOT AS DOCUMENTED",
            "2026-10-01 02:00 UTC  stage  40.4.3   40.4.3      P2     AS DOCUMENTED",
        ]
        assert len(told(folder, "--limit", 2)) == 3
        assert len(told(folder, "--limit", 0)) == 6
        assert [line.split()[3] for line in told(folder, "--site", "other")[1:]] == ["other"]

    def test_as_data(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            head = store(history, header(0), [result("a", "F")])
        [run] = data(folder)
        assert (run["id"], run["word"], run["complete"], run["counts"]) == (
            head.id,
            "NOT AS DOCUMENTED",
            True,
            {"FAIL": 1},
        )
        assert (run["started"], run["api_version"]) == (night(0).isoformat(), "40.4.3")

    def test_no_history_is_no_answer_and_looking_makes_none(self, folder: Path, kept: Path) -> None:
        for arguments in ((), ("--flaky",), ("--case", "x"), ("prune", "--keep-days", 1)):
            done = call(folder, *arguments)
            assert (done.returncode, done.stdout) == (4, "")
            assert "there is no history yet" in done.stderr
        assert not kept.exists()

    def test_a_site_without_runs_is_told(self, folder: Path, kept: Path) -> None:
        History.open(kept).close()
        assert told(folder, "--site", "x\x1b[31m") == ["reports/history.sqlite3: no run of x\\x1b[31m is there yet"]

    def test_a_format_that_is_none_is_told(self, folder: Path) -> None:
        done = call(folder, "--format", "xml")
        assert (done.returncode, done.stderr.strip()) == (4, "unknown format 'xml', known are: table, json")

    def test_what_a_site_sent_is_not_acted_on_by_a_terminal(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            store(history, header(site="\x1b]0;x\x07", run="\x1b[2J"), [result("a\x1b[31m", "F", reason="\x9b31m")])
        for arguments in ((), ("--flaky",), ("--case", case_id("a\\x1b[31m")), ("prune", "--keep-runs", 1)):
            assert all(line.isprintable() for line in told(folder, *arguments))


class TestCase:
    def test_its_strip_its_reasons_and_since_when_it_was_broken(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            nights(history, a="PF?FPFF")
        assert told(folder, "--case", case_id("a"), "--limit", 3) == [
            case_id("a"),
            "  PF?FPFF  on stage, oldest first",
            "  on stage: first seen broken 2026-10-02 02:00 UTC, in 2 runs, fixed 2026-10-05 02:00 UTC",
            "  on stage: first seen broken 2026-10-06 02:00 UTC, in 2 runs, not fixed since",
            "  2026-10-07 02:00 UTC  stage  held to 40.4.3  FAIL  serv:exceptionID: none was expected, 060016 seen",
            "  2026-10-06 02:00 UTC  stage  held to 40.4.3  FAIL  serv:exceptionID: none was expected, 060016 seen",
            "  2026-10-05 02:00 UTC  stage  held to 40.4.3  PASS",
        ]

    def test_each_site_and_side_for_itself(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            store(history, header(0), [result("a", "F")])
            store(history, header(1, site="other"), [result("a", "P")])
            store(history, header(2, api_version="40.1.2"), [result("a", "P", side="before")])
        lines = told(folder, "--case", case_id("a"))
        assert lines[1:4] == [
            "  P  on other, oldest first",
            "  FP  on stage, oldest first",
            "  on stage: first seen broken 2026-10-01 02:00 UTC, in 1 run, not fixed since",
        ]
        assert "held to 40.1.2 (before the change)" in lines[4]
        assert "  never seen broken" in told(folder, "--case", case_id("a"), "--site", "other")

    def test_as_data(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            nights(history, a="FP")
        found = data(folder, "--case", case_id("a"))
        assert found["broken"] == [
            {
                "site": SITE,
                "side": "expect",
                "since": night(0).isoformat(),
                "fixed": night(1).isoformat(),
                "runs": 1,
            }
        ]
        assert [run["verdict"] for run in found["runs"]] == ["PASS", "FAIL"]
        assert found["runs"][1]["cause"] == "exceptionID serv:exceptionID 060016"

    def test_an_unknown_case_is_met_with_the_nearest(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            nights(history, a="P")
        done = call(folder, "--case", f"{CHANGE}::b")
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr.strip() == f"unknown case '{CHANGE}::b', did you mean '{CHANGE}::a'?"


class TestFlaky:
    def test_what_flips_between_and_within_runs_worst_first(self, folder: Path, kept: Path) -> None:
        again = replace(step(Verdict.PASS), round=2, attempts=("HTTP 503",))
        interfered = result("b", "?", steps=(step(Verdict.FAIL), again), reason="interference: x")
        with History.open(kept) as history:
            nights(history, a="PFPFP", broke="PPPFF")
            store(history, header(7), [result("a"), interfered])
        assert told(folder, "--flaky") == [
            f"{case_id('a')}  on stage",
            "  4 flips in 6 runs, 0 of them within a run",
            "  PFPFPP",
            f"{case_id('b')}  on stage",
            "  1 flip in 0 runs, 1 of them within a run; could not be told 1 times; requests were sent again in 1 run",
            "  ?",
            "2 cases did not come to the same end each time in the last 30 runs",
        ]
        assert [(one["case"], one["flips"], one["site"]) for one in data(folder, "--flaky", "--limit", 1)] == [
            (case_id("a"), 4, SITE)
        ]
        assert data(folder, "--flaky", "--site", "other") == []


class TestImport:
    def test_files_and_folders_are_taken_once(self, folder: Path, kept: Path) -> None:
        whole = results_file(folder / "reports" / "one", header(0, planned=2), [result("a"), result("b")])
        cut = results_file(folder / "reports" / "two", header(1), [result("a")], ends=False)
        assert told(folder, "import", whole.parent, cut) == [
            f"{whole}: run 2026-10-01T02-00-00Z-40.4.3: 2 cases imported",
            f"{cut}: run 2026-10-02T02-00-00Z-40.4.3: 1 case imported, of a run that did not end",
        ]
        assert told(folder, "import", whole) == [f"{whole}: run 2026-10-01T02-00-00Z-40.4.3: already there"]
        assert len(told(folder)) == 3

    def test_a_wrong_file_is_told_and_the_others_are_taken(self, folder: Path, kept: Path) -> None:
        good = results_file(folder / "good", header(0), [result("a")])
        bad = results_file(folder / "bad", header(1), [result("a")])
        bad.write_text(bad.read_text().replace('"kind":"case"', '"kind":"cake"'))
        done = call(folder, "import", bad, folder / "none", good)
        assert done.returncode == 4
        assert done.stdout.splitlines() == [f"{good}: run 2026-10-01T02-00-00Z-40.4.3: 1 case imported"]
        first, second = done.stderr.splitlines()
        assert first == f"{bad}:2: not a line of results.jsonl: neither a case nor a footer"
        assert second.startswith(f"{folder / 'none'}: can not be read")
        assert len(told(folder)) == 2

    def test_without_a_file_it_is_told_how(self, folder: Path) -> None:
        done = call(folder, "import")
        assert done.returncode == 4
        assert "FILE..." in done.stderr


class TestPrune:
    def test_it_says_what_it_removed(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            nights(history, a="PPP")
        assert told(folder, "prune", "--keep-runs", 2) == [
            "removed 2026-10-01T02-00-00Z-40.4.3 of stage",
            "1 run removed, 2 runs kept",
        ]
        assert told(folder, "prune", "--keep-runs", 2) == ["0 runs removed, 2 runs kept"]

    def test_without_a_limit_the_settings_file_says_it_or_nobody_does(self, folder: Path, kept: Path) -> None:
        with History.open(kept) as history:
            nights(history, a="PPP")
        done = call(folder, "prune")
        assert (done.returncode, done.stdout) == (4, "")
        assert "give --keep-days N or --keep-runs N" in done.stderr
        (folder / "conformance.toml").write_text("[history]\nkeep_days = 1\n")
        assert len(told(folder, "prune", "--keep-runs", 3)) == 1
        (folder / "conformance.toml").write_text('[history]\nkeep_days = 1\nurl = "reports/history.sqlite3"\n')
        assert told(folder, "prune")[-1].endswith(" kept")

    @pytest.mark.parametrize("number", ["0", "-1", "many"])
    def test_a_number_that_keeps_nothing_is_told(self, folder: Path, kept: Path, number: str) -> None:
        History.open(kept).close()
        done = call(folder, "prune", "--keep-days", number)
        assert (done.returncode, done.stdout) == (4, "")


class TestWhere:
    def test_it_may_be_given_before_and_after_the_word(self, folder: Path, kept: Path) -> None:
        file = results_file(folder / "run", header(0), [result("a")])
        told(folder, "--history", "one.sqlite3", "import", file)
        told(folder, "import", "--history", "two.sqlite3", file)
        assert len(told(folder, "--history", "one.sqlite3")) == len(told(folder, "--history", "two.sqlite3")) == 2
        assert not kept.exists()

    def test_a_password_on_the_command_line_is_refused_and_not_repeated(self, folder: Path) -> None:
        done = call(folder, "--history", f"postgresql://u:{CANARY}@127.0.0.1:1/x")
        assert (done.returncode, done.stdout) == (4, "")
        assert "every user of the machine can see it; write env:NAME" in done.stderr
        assert CANARY not in done.stderr

    def test_a_team_shares_one_by_reference(self, folder: Path, postgres: PostgresServer) -> None:
        file = results_file(folder / "run", header(0), [result("a")])
        secret = {"HISTORY_URL": postgres.url()}
        assert call(folder, "import", file, "--history", "env:HISTORY_URL", environment=secret).returncode == 0
        (folder / "conformance.toml").write_text('[history]\nurl = "env:HISTORY_URL"\n')
        done = call(folder, environment=secret)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
        lost = call(folder, environment={"HISTORY_URL": postgres.url("nowhere")})
        assert lost.returncode == 4
        assert PASSWORD not in done.stdout + done.stderr + lost.stdout + lost.stderr

    def test_a_file_that_is_none_is_told_in_one_line(self, folder: Path, kept: Path) -> None:
        kept.write_text("x" * 5000)
        done = call(folder)
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr == "reports/history.sqlite3: the history can not be used: file is not a database\n"


def test_asking_for_help_loads_no_database() -> None:
    code = (
        "import sys; sys.argv = ['conformance', 'history', '--help']\nfrom conformance.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(sorted({'sqlalchemy', 'alembic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
