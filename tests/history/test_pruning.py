"""Forgetting: what is old goes whole, and what is known of a site is never all gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from history_support import SITE, case_id, catalogue, footer, header, night, nights, result, store
from sqlalchemy import func, select

from conformance.history import tables
from conformance.history.database import Database
from conformance.history.place import place_of
from conformance.history.store import History


def kept(history: History) -> list[str]:
    """Return the ids of the runs that are there, oldest first."""
    return [run.id for run in history.runs()][::-1]


def test_runs_of_long_ago_go(history: History) -> None:
    heads = nights(history, a="PFPFP")
    gone = history.prune(keep_days=2, now=night(4))
    assert {run.id for run in gone} == {heads[0].id, heads[1].id}
    assert kept(history) == [head.id for head in heads[2:]]
    assert history.prune(keep_days=2, now=night(4)) == []


def test_of_each_site_so_many_stay(history: History) -> None:
    heads = nights(history, a="PFPFP")
    other = store(history, header(0, site="other"), [result()])
    history.prune(keep_runs=2)
    assert set(kept(history)) == {heads[3].id, heads[4].id, other.id}


@pytest.mark.parametrize("limits", [{"keep_days": 1}, {"keep_runs": 1}])
def test_the_newest_complete_run_of_a_site_never_goes(history: History, limits: dict[str, int]) -> None:
    whole = store(history, header(0), [result()])
    older = store(history, header(-1), [result()])
    cut = [store(history, header(number), [result()], planned=5).id for number in (1, 2)]
    history.prune(**limits, now=night(400))
    assert whole.id in kept(history)
    assert older.id not in kept(history)
    assert cut[0] not in kept(history)


def test_it_goes_with_all_its_rows_and_with_texts_that_nobody_else_has(where: str) -> None:
    with History.open(where) as history:
        store(history, header(0), [result("a", "F", reason="of Jo Public"), result("b", "F", reason="shared")])
        last = store(history, header(1), [result("b", "F", reason="shared")])
        history.prune(keep_runs=1)
        assert [(case.case, case.reason) for case in history.cases(kept(history))] == [(case_id("b"), "shared")]
        assert [one.run for one in history.latencies([last.id])] == [last.id]
    database = Database(place_of(where))
    with database.reading() as connection:
        for table in tables.OF_A_RUN:
            assert connection.scalar(select(func.count(table.c.run_no.distinct()))) == 1
        assert "of Jo Public" not in set(connection.scalars(select(tables.texts.c.text)))
    database.close()


def test_the_file_becomes_smaller(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    with History.open(path) as history:
        for number in range(10):
            store(history, header(number), [result(str(case)) for case in range(200)])
    before = path.stat().st_size
    with History.open(path) as history:
        assert len(history.prune(keep_runs=1)) == 9
        assert path.stat().st_size < before / 2


def test_beside_a_reader_runs_go_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    with History.open(path) as history, History.open(path) as other:
        nights(history, a="PFP")
        with other._database.reading() as connection:
            seen = len(connection.execute(select(tables.runs)).all())
            assert len(history.prune(keep_runs=1)) == 2
            # What a reader sees stays as it is until it has read.
            assert len(connection.execute(select(tables.runs)).all()) == seen == 3
        assert len(other.runs()) == 1


def test_a_run_that_may_be_at_work_stays(history: History, at_once: None) -> None:
    for number in (1, 2, 3):
        store(history, header(number), [result()])
    store(history, header(0), [result()], planned=7, ends=False)
    assert len(history.prune(keep_runs=1, now=night(0) + timedelta(hours=23))) == 2
    assert len(history.prune(keep_runs=1, now=night(0) + timedelta(hours=25))) == 1


def test_a_run_that_was_removed_under_its_writer_says_so_and_leaves_nothing(history: History, at_once: None) -> None:
    store(history, header(5), [result()])
    writer, head = history.writer(None), header(0, planned=2)
    writer.started(head, catalogue())
    writer.case(result("a"))
    assert [run.id for run in history.prune(keep_runs=1, now=night(9))] == [head.id]
    writer.case(result("b"))
    writer.finished(footer(head, [result("a"), result("b")]))
    assert writer.trouble == f"{history.where}: the run was removed from the history while it was written"
    assert history.case_history(case_id("b")) == []
    assert len(history.runs()) == 1


def test_a_run_that_was_killed_goes_with_all_of_it(history: History, at_once: None) -> None:
    store(history, header(0), [result()])
    store(history, header(-9), [result()], planned=7, ends=False)
    gone = history.prune(keep_days=3, now=night(0) + timedelta(hours=1))
    assert [run.started for run in gone] == [night(-9)]
    assert history.strips(SITE).cases == {case_id(): "P"}
