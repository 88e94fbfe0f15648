"""Several processes and one history: killed ones, ones at the same time, ones that find no history."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from history_support import SITE, header, result, results_file, store
from sqlalchemy import func, select

from conformance.history import tables
from conformance.history.database import Database
from conformance.history.place import place_of
from conformance.history.store import History
from conformance.run.verdicts import Verdict

PROCESS = Path(__file__).with_name("history_process.py")
CASES = 60


def writing(where: str, run: str, *, cases: int = CASES, batch: int = 7) -> subprocess.Popen[str]:
    """Start a process that writes a run."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", PROCESS, where, run, str(cases), str(batch)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows_of(where: str, table: str) -> Mapping[str, int]:
    """Return how many rows of a table each run has, by its id."""
    database = Database(place_of(where))
    rows = tables.metadata.tables[f"{tables.PREFIX}{table}"]
    query = (
        select(tables.runs.c.id, func.count().label("rows"))
        .join(rows, rows.c.run_no == tables.runs.c.no)
        .group_by(tables.runs.c.id)
    )
    with database.reading() as connection:
        found = {row.id: row._mapping["rows"] for row in connection.execute(query)}
    database.close()
    return found


def check_every_run(where: str) -> dict[str, tuple[bool, int]]:
    """Fail where a run says another thing than its rows; return of each whether it ended, and its results."""
    told: dict[str, tuple[bool, int]] = {}
    with History.open(where) as history:
        for run in history.runs():
            cases = history.cases([run.id])
            counts = {verdict: sum(case.verdict is verdict for case in cases) for verdict in Verdict}
            assert run.counts == {verdict: count for verdict, count in counts.items() if count}
            assert run.complete == (run.ended is not None)
            told[run.id] = run.ended is not None, len(cases)
    steps, strips = rows_of(where, "steps"), rows_of(where, "strips")
    for run_id, (ended, cases_there) in told.items():
        assert steps.get(run_id, 0) == cases_there
        assert strips.get(run_id, 0) == ended
    return told


class TestKilled:
    def test_a_run_that_is_killed_anywhere_is_there_and_not_complete(self, where: str) -> None:
        chance = random.Random(20261122)  # noqa: S311 - the same points each time
        lived: dict[str, int] = {}
        for number in range(12):
            process = writing(where, f"run-{number}")
            assert process.stdout is not None
            lived[f"run-{number}"] = after = chance.randrange(0, CASES + 2)
            for _ in range(after):
                process.stdout.readline()
            process.kill()
            process.communicate(timeout=30)
        told = check_every_run(where)
        for run, after in lived.items():
            # What was printed before it was killed was given to the writer; all but the last batch is there.
            ended, cases = told.get(run, (False, 0))
            assert cases >= after - 1 - 7
            assert cases == CASES or not ended
        with History.open(where) as history:
            store(history, header(99), [result("a", "F")])
            assert history.runs(limit=1)[0].complete

    def test_a_run_that_was_killed_is_whole_once_its_file_is_imported(self, where: str, tmp_path: Path) -> None:
        process = writing(where, "cut", batch=1)
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        process.kill()
        process.communicate(timeout=30)
        file = results_file(tmp_path / "run", header(id="cut", planned=2), [result("a"), result("b")])
        with History.open(where) as history:
            assert not history.runs()[0].complete
            assert not history.import_results(file).already
            [run] = history.runs()
            assert run.complete
            assert len(history.cases(["cut"])) == 2


class TestTogether:
    def test_two_that_make_the_history_at_the_same_time_and_write_into_it_both_come_through(self, where: str) -> None:
        processes = {f"run-{number}": writing(where, f"run-{number}", cases=200, batch=3) for number in range(3)}
        for process in processes.values():
            out, err = process.communicate(timeout=120)
            assert (out.splitlines()[-1:], err) == (["done"], "")
        assert check_every_run(where) == dict.fromkeys(processes, (True, 200))

    def test_who_reads_meanwhile_sees_whole_batches(self, where: str) -> None:
        with History.open(where) as history:
            process = writing(where, "run", cases=120, batch=10)
            sizes = set()
            while process.poll() is None:
                if runs := history.runs():
                    sizes.add(sum(runs[0].counts.values()))
            assert process.communicate(timeout=30)[1] == ""
            assert {size % 10 for size in sizes} <= {0}
            assert len(history.cases(["run"])) == 120

    def test_old_runs_are_removed_while_a_run_is_written(self, where: str) -> None:
        with History.open(where) as history:
            for number in range(4):
                store(history, header(number - 9, site=SITE), [result("a", "F", reason=f"reason {number}")])
            process = writing(where, "run", cases=150, batch=2)
            removed = []
            while process.poll() is None:
                removed += history.prune(keep_runs=2)
            out, err = process.communicate(timeout=30)
            assert (out.splitlines()[-1:], err) == (["done"], "")
            assert len(removed) >= 2
            failed = [case for case in history.cases(["run"]) if case.verdict is Verdict.FAIL]
            assert len(failed) == 50
            assert all(case.reason and case.cause for case in failed)


@pytest.mark.parametrize("known", [True, False])
def test_alembic_is_loaded_only_where_there_is_something_to_migrate(tmp_path: Path, *, known: bool) -> None:
    path = tmp_path / "history.sqlite3"
    if known:
        History.open(path).close()
    code = (
        f"import sys; from conformance.history.store import History; History.open({str(path)!r});"
        " print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(not known)
