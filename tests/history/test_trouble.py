"""A history that can not be written never costs a run more than its history, and says why."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from history_support import case_id, catalogue, feed, footer, header, result, store
from postgres_server import PASSWORD, PostgresServer
from sqlalchemy import event

from conformance.history.store import History


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, at_once: None) -> None:
    """Wait for nobody, and try again with the next result."""
    monkeypatch.setattr("conformance.history.writer._PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("conformance.history.writer.PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("conformance.history.writer._PAUSE_SECONDS", 0.0)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that every writer needs."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


class TestLocked:
    def test_what_could_not_be_written_is_written_once_it_can_be(self, tmp_path: Path) -> None:
        path, head = tmp_path / "h.sqlite3", header(planned=4)
        results = [result(name) for name in "abcd"]
        with History.open(path) as history:
            writer = history.writer(None)
            with locked(path):
                writer.started(head, catalogue())
                writer.case(results[0])
                assert "locked" in writer.trouble
            writer.case(results[1])
            assert writer.trouble == ""
            with locked(path):
                writer.case(results[2])
                assert writer.trouble
            writer.case(results[3])
            writer.finished(footer(head, results))
            assert writer.trouble == ""
            assert history.runs()[0].complete
            assert len(history.cases([head.id])) == 4

    def test_a_run_whose_end_could_not_be_written_is_told_and_is_not_complete(self, tmp_path: Path) -> None:
        path, head = tmp_path / "h.sqlite3", header(planned=2)
        with History.open(path) as history:
            writer = history.writer(None)
            writer.started(head, catalogue())
            writer.case(result("a"))
            with locked(path):
                writer.case(result("b"))
                writer.finished(footer(head, [result("a"), result("b")]))
            assert writer.trouble == f"{path}: the history can not be used: database is locked"
            [run] = history.runs()
            assert (run.complete, run.ended) == (False, None)
            assert [case.case for case in history.cases([head.id])] == [case_id("a")]

    def test_it_is_left_alone_for_a_while_after_it_failed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("conformance.history.writer._PAUSE_SECONDS", 3600.0)
        path, head = tmp_path / "h.sqlite3", header(planned=2)
        with History.open(path) as history:
            writer = history.writer(None)
            with locked(path):
                writer.started(head, catalogue())
            writer.case(result("a"))
            assert history.runs() == []
            writer.finished(footer(head, [result("a")]))
            assert writer.trouble == ""
            assert len(history.cases([head.id])) == 1


def test_a_full_disk_costs_the_history_and_nothing_else(tmp_path: Path) -> None:
    with History.open(tmp_path / "h.sqlite3") as history:
        head = store(history, header(0), [result("a")])

        def fill(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")

        history._database.engine.dispose()
        event.listen(history._database.engine, "connect", fill)
        writer = history.writer(None)
        feed(writer, header(1), [result(str(number), "F", reason="x" * 3000 + str(number)) for number in range(50)])
        assert "full" in writer.trouble
        event.remove(history._database.engine, "connect", fill)
        assert [case.case for case in history.cases([head.id])] == [case_id("a")]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (replace(header(), started="yesterday"), "is no time"),
        (replace(header(), api_version="newest"), "is not an API version"),
    ],
    ids=["time", "version"],
)
def test_a_run_that_can_not_be_told_is_not_kept(embedded: History, head: object, told: str) -> None:
    writer = embedded.writer(None)
    feed(writer, head, [result()])  # type: ignore[arg-type]
    assert told in writer.trouble
    assert embedded.runs() == []


def test_a_result_that_is_none_ends_the_writing_without_a_word_of_it(embedded: History) -> None:
    writer = embedded.writer(None)
    feed(writer, header(planned=2), [result("a"), result("b", side="canary-side"), result("c")])  # type: ignore[arg-type]
    assert writer.trouble.endswith("the history can not be written: ValueError")
    [run] = embedded.runs()
    assert not run.complete


class TestServerGone:
    def test_a_connection_that_was_cut_is_made_again(self, postgres: PostgresServer) -> None:
        database, head = postgres.new_database(), header(planned=2)
        with History.open(postgres.url(database)) as history, postgres.connect("postgres") as other:
            writer = history.writer(None)
            writer.started(head, catalogue())
            writer.case(result("a"))
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])
            writer.case(result("b"))
            writer.finished(footer(head, [result("a"), result("b")]))
            assert writer.trouble == ""
            assert history.runs()[0].complete

    def test_a_database_that_is_gone_costs_the_history_and_nothing_else(self, postgres: PostgresServer) -> None:
        database = postgres.new_database()
        with History.open(postgres.url(database)) as history, postgres.connect("postgres") as other:
            writer = history.writer(None)
            writer.started(header(), catalogue())
            other.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())
            writer.case(result("a"))
            writer.finished(footer(header(), [result("a")]))
            assert "does not exist" in writer.trouble
            assert PASSWORD not in writer.trouble
            assert "\n" not in writer.trouble

    def test_a_lock_that_another_holds_is_not_waited_for_long(self, postgres: PostgresServer) -> None:
        database = postgres.new_database()
        with History.open(postgres.url(database)) as history, postgres.connect(database) as other:
            writer = history.writer(None)
            with other.transaction():
                other.execute("LOCK TABLE conformance_runs IN ACCESS EXCLUSIVE MODE")
                writer.started(header(), catalogue())
                assert "lock timeout" in writer.trouble
            writer.case(result("a"))
            assert writer.trouble == ""
