"""Where a history may be, what is said of a place that is none, and that no password is ever told."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from history_support import header, result, store
from postgres_server import PASSWORD, USER, PostgresServer
from sqlalchemy import Connection, MetaData, text

from conformance.errors import UserError
from conformance.history import tables
from conformance.history.database import Database
from conformance.history.migrate import scripts
from conformance.history.place import place_of, secrets_of
from conformance.history.settings import load_settings, resolve_place
from conformance.history.store import History
from conformance.history.tables import KNOWN, REVISION

CANARY = "s3cret-canary"


def fault(where: str | Path) -> str:
    """Return why a history can not be opened: one line without a password."""
    with pytest.raises(UserError) as raised:
        History.open(where)
    told = str(raised.value)
    assert "\n" not in told
    assert CANARY not in told
    assert PASSWORD not in told
    assert raised.value.__cause__ is None
    return told


class TestFiles:
    def test_folders_on_the_way_are_made(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "history.sqlite3"
        with History.open(path) as history:
            assert history.where == str(path)
            assert path.is_file()

    def test_a_path_may_be_a_url_too(self, tmp_path: Path) -> None:
        with History.open(f"sqlite:///{tmp_path}/h.sqlite3") as history:
            store(history, header(), [result()])
        with History.open(tmp_path / "h.sqlite3") as history:
            assert len(history.runs()) == 1

    def test_a_folder_is_none(self, tmp_path: Path) -> None:
        assert fault(tmp_path) == (
            f"{tmp_path}: is a folder; write the path of a file in it, as {tmp_path}/history.sqlite3"
        )

    def test_a_file_of_something_else_is_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("not a database, and long enough to be looked at" * 100)
        before = path.read_bytes()
        assert fault(path) == f"{path}: the history can not be used: file is not a database"
        assert path.read_bytes() == before

    def test_a_database_of_something_else_is_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "bookmarks.sqlite3"
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE places (url)")
        before = path.read_bytes()
        assert "is a database of something else" in fault(path)
        assert path.read_bytes() == before

    def test_a_broken_file_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "h.sqlite3"
        with History.open(path) as history:
            for number in range(20):
                store(history, header(number), [result(str(case), "F") for case in range(50)])
        whole = path.read_bytes()
        path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
        with pytest.raises(UserError, match="can not be used"), History.open(path) as history:
            history.cases([run.id for run in history.runs()])

    @pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_may_not_be_written_is_told(self, tmp_path: Path) -> None:
        History.open(tmp_path / "kept.sqlite3").close()
        (tmp_path / "below").mkdir(mode=0o000)
        tmp_path.chmod(0o500)
        try:
            assert "unable to open database file" in fault(tmp_path / "h.sqlite3")
            assert "or reads a copy" in fault(tmp_path / "kept.sqlite3")
            assert fault(tmp_path / "below" / "h.sqlite3").endswith("Permission denied")
        finally:
            tmp_path.chmod(0o700)

    def test_a_path_through_a_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert fault(tmp_path / "file" / "h.sqlite3").startswith(f"{tmp_path}/file/h.sqlite3: ")

    def test_no_path_at_all_is_told(self) -> None:
        assert "is no path" in fault("a\0b")

    def test_memory_is_no_place(self) -> None:
        assert "would be gone at once" in fault("sqlite://")
        assert "would be gone at once" in fault("sqlite:///:memory:")


class TestUrls:
    @pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
    def test_every_spelling_of_postgresql_is_one(self, postgres: PostgresServer, scheme: str) -> None:
        url = postgres.url().replace("postgresql+psycopg", scheme)
        with History.open(url) as history:
            assert history.where.startswith(f"postgresql+psycopg://{USER}@127.0.0.1:")
            assert PASSWORD not in history.where

    def test_a_wrong_password_is_told_without_it(self, postgres: PostgresServer) -> None:
        assert "password authentication failed" in fault(postgres.url("postgres", CANARY))

    def test_a_database_that_is_not_there_is_told(self, postgres: PostgresServer) -> None:
        assert "does not exist" in fault(postgres.url("nowhere"))

    def test_a_port_where_nobody_listens_is_told(self) -> None:
        assert "127.0.0.1" in fault(f"postgresql://u:{CANARY}@127.0.0.1:1/x")

    def test_a_host_that_is_none_is_told(self) -> None:
        assert "history.invalid" in fault(f"postgresql://u:{CANARY}@history.invalid/x?password={CANARY}")

    @pytest.mark.parametrize(
        "url",
        [
            f"mysql://u:{CANARY}@h/x",
            f"postgresql+nothing://u:{CANARY}@h/x",
            f"http://u:{CANARY}@h/x",
            f"://u:{CANARY}@h",
            f"postgresql://u:{CANARY}@h:port/x",
            f"postgresql://u:{CANARY}@h:999999/x",
        ],
    )
    def test_what_is_no_such_url_is_told_without_what_it_holds(self, url: str) -> None:
        fault(url)

    def test_other_tables_of_the_database_are_left_alone(self, postgres: PostgresServer) -> None:
        name = postgres.new_database()
        with postgres.connect(name) as connection:
            connection.execute("CREATE TABLE runs (mine int)")
            with History.open(postgres.url(name)) as history:
                store(history, header(), [result()])
            assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)

    def test_passwords_are_found_wherever_they_stand(self) -> None:
        url = place_of("postgresql://u:one@h/x?password=two&sslpassword=three&sslmode=require").url
        assert secrets_of(url) == ["one", "two", "three"]
        assert place_of(url.render_as_string(hide_password=False)).shown == (
            "postgresql+psycopg://u@h/x?sslmode=require"
        )


class TestFar:
    def test_a_server_that_takes_the_call_and_says_nothing_is_given_up(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            told = fault(f"postgresql://u:{CANARY}@127.0.0.1:{port}/x?connect_timeout=2")
        assert "timeout" in told

    def test_without_its_driver_it_is_told_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        assert "pip install 'webex-conformance[postgres]'" in fault("postgresql://u@127.0.0.1:1/x")


class TestRevisions:
    def test_a_history_of_a_newer_release_is_left_alone(self, where: str) -> None:
        with History.open(where) as history:
            store(history, header(), [result()])
        database = Database(place_of(where))
        with database.writing() as connection:
            connection.execute(text("UPDATE conformance_revision SET version_num = '9999'"))
        told = fault(where)
        assert "was written by a newer release of the suite (revision 9999" in told
        with database.writing() as connection:
            connection.execute(text("UPDATE conformance_revision SET version_num = :known"), {"known": REVISION})
        database.close()
        with History.open(where) as history:
            assert len(history.runs()) == 1

    def test_a_migration_that_was_cut_leaves_nothing_and_is_done_the_next_time(
        self, where: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def cut(connection: Connection) -> None:
            tables.metadata.create_all(connection)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr("conformance.history.migrate.upgrade", cut)
            assert "No space left" in fault(where)
        with History.open(where) as history:
            store(history, header(), [result()])

    def test_the_migrations_make_just_the_tables_that_the_code_uses(self, where: str) -> None:
        History.open(where).close()
        database = Database(place_of(where))
        with database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": tables.revision.name})
            assert context.get_current_revision() == REVISION
            wanted = MetaData()
            for table in tables.metadata.tables.values():
                if table is not tables.revision:
                    table.to_metadata(wanted)
            assert compare_metadata(context, wanted) == []
        database.close()

    def test_tables_without_a_row_number_of_their_own_are_made_so(self, tmp_path: Path) -> None:
        History.open(tmp_path / "h.sqlite3").close()
        with closing(sqlite3.connect(tmp_path / "h.sqlite3")) as plain:
            made = dict(plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        for table in (tables.results, tables.steps, tables.latencies, tables.case_files):
            assert "WITHOUT ROWID" in made[table.name]

    def test_the_newest_migration_is_the_one_that_the_code_knows(self) -> None:
        assert scripts().get_heads() == [REVISION]
        assert {script.revision for script in scripts().walk_revisions()} == KNOWN


class TestResolving:
    @pytest.fixture(autouse=True)
    def elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def settings(self, tmp_path: Path, body: str) -> None:
        (tmp_path / "conformance.toml").write_text(f"[history]\n{body}\n")

    def test_without_a_word_it_is_beside_the_reports(self, tmp_path: Path) -> None:
        assert resolve_place(None) == Path("reports/history.sqlite3")
        assert resolve_place("", reports=tmp_path / "out") == tmp_path / "out" / "history.sqlite3"

    def test_paths_of_the_settings_file_start_from_its_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.settings(tmp_path, 'url = "kept/h.sqlite3"\nkeep_days = 90')
        (tmp_path / "below").mkdir()
        monkeypatch.chdir(tmp_path / "below")
        assert resolve_place(None) == tmp_path / "kept" / "h.sqlite3"
        assert resolve_place("mine.sqlite3") == tmp_path / "below" / "mine.sqlite3"
        assert load_settings()[0].keep_days == 90
        self.settings(tmp_path, 'url = "sqlite:///kept/h.sqlite3"')
        assert resolve_place(None) == tmp_path / "kept" / "h.sqlite3"

    def test_a_reference_holds_the_whole_url(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        url = f"postgresql+psycopg://u:{CANARY}@h/x"
        monkeypatch.setenv("HISTORY_URL", url)
        (tmp_path / "secret").write_text(url + "\n")
        self.settings(tmp_path, 'url = "file:secret"')
        assert resolve_place("env:HISTORY_URL") == resolve_place(None) == url
        monkeypatch.setenv("HISTORY_URL", "from-env.sqlite3")
        assert resolve_place("env:HISTORY_URL") == tmp_path / "from-env.sqlite3"

    def test_a_url_without_password_may_be_given(self) -> None:
        assert resolve_place("postgresql://u@h/x") == "postgresql://u@h/x"

    @pytest.mark.parametrize("url", [f"postgresql://u:{CANARY}@h/x", f"postgres://h/x?password={CANARY}"])
    def test_a_password_in_plain_sight_is_refused_and_not_repeated(self, tmp_path: Path, url: str) -> None:
        self.settings(tmp_path, f'url = "{url}"')
        for where in (url, None):
            with pytest.raises(UserError, match=r"holds a password.*env:NAME, file:PATH") as raised:
                resolve_place(where)
            assert CANARY not in str(raised.value)

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (f'urls = "{CANARY}"', "history.urls: unknown key, did you mean 'url'?"),
            ("url = 5", "history.url: "),
            ("keep_days = 0", "history.keep_days: "),
            ('keep_days = "90"', "history.keep_days: "),
            ("keep_days = true", "history.keep_days: "),
        ],
    )
    def test_a_fault_of_the_settings_is_told_with_its_place(self, tmp_path: Path, body: str, told: str) -> None:
        self.settings(tmp_path, body)
        with pytest.raises(UserError) as raised:
            resolve_place(None)
        assert str(raised.value).startswith(f"{tmp_path / 'conformance.toml'}: {told}")
        assert CANARY not in str(raised.value)

    def test_a_variable_that_is_not_set_is_told(self) -> None:
        with pytest.raises(UserError, match="env:NOT_SET_AT_ALL: the environment variable"):
            resolve_place("env:NOT_SET_AT_ALL")


def test_a_copy_of_the_file_is_a_backup(tmp_path: Path) -> None:
    with History.open(tmp_path / "h.sqlite3") as history:
        head = store(history, header(), [result()])
    shutil.copy(tmp_path / "h.sqlite3", tmp_path / "copy.sqlite3")
    with History.open(tmp_path / "copy.sqlite3") as history:
        assert history.runs()[0].id == head.id
