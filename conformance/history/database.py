"""The connection to a history: who waits for whom, and that its tables are there."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select

from conformance.errors import UserError
from conformance.history.place import Place, told
from conformance.history.tables import KNOWN, REVISION, revision
from conformance.wire.pretty import printable

PATIENCE_SECONDS = 10.0
"""How long a lock of another process is waited for; the longest transaction is the import of a file."""

_RETRY_SECONDS = 0.05
_LOCK = 0x77657862
"""Of PostgreSQL, for all writers of a history; any number will do, as long as it is always the same."""
_CONNECT = {"connect_timeout": "5", "tcp_user_timeout": "15000", "keepalives_idle": "15"}
"""A server that is gone must not keep a run waiting for the hours that TCP would."""


class Database:
    """An engine whose transactions are safe against other processes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.engine = _engine(place)

    def prepare(self) -> None:
        """Make or update the tables where that is needed. Raises UserError."""
        with told(self.place):
            if self.place.embedded:
                Path(str(self.place.url.database)).parent.mkdir(parents=True, exist_ok=True)
            with self.reading() as connection:
                ready = self._revision(connection) == REVISION
            if not ready:
                self._upgrade()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the history as it is now, all of it at one moment."""
        with self.engine.connect() as connection:
            self._wait_at_most(connection, PATIENCE_SECONDS)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, patience: float = PATIENCE_SECONDS, *, alone: bool = False) -> Iterator[Connection]:
        """Give a connection whose changes are there all together at its end, or not at all.

        ``patience`` is how many seconds it waits for others. ``alone``: nobody else writes meanwhile, which in a file
        is always so.
        """
        with self.engine.connect() as connection:
            self._wait_at_most(connection, patience)
            with connection.execution_options(writes=True).begin():
                if not self.place.embedded:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1000)}")
                    shared = "" if alone else "_shared"
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{shared}({_LOCK})")
                yield connection

    def shrink(self) -> None:
        """Give the room of what was removed back to the file system; a file that others use shrinks another time."""
        with self.engine.connect() as connection, suppress(sqlite3.OperationalError):
            for statement in ("PRAGMA busy_timeout = 1000", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                _cursor(connection.connection.dbapi_connection, statement)

    def _wait_at_most(self, connection: Connection, seconds: float) -> None:
        if self.place.embedded:
            _cursor(connection.connection.dbapi_connection, f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def _upgrade(self) -> None:
        from conformance.history.migrate import upgrade  # noqa: PLC0415 - alembic is loaded only where it is needed

        if self.place.embedded:
            self._let_readers_and_a_writer_be_at_once()
        with self.writing(alone=True) as connection:
            # Another process may have done it while we waited.
            if self._revision(connection) != REVISION:
                upgrade(connection)

    def _let_readers_and_a_writer_be_at_once(self) -> None:
        """Turn to write-ahead logging, once for the file; SQLite does not wait for a lock when it does that."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.engine.connect() as connection:
                    _cursor(connection.connection.dbapi_connection, "PRAGMA journal_mode = WAL")
                    return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_SECONDS)

    def _revision(self, connection: Connection) -> str:
        """Return the revision of the tables, empty where there are none."""
        names = inspect(connection).get_table_names()
        if revision.name not in names:
            if names and self.place.embedded:
                raise UserError(f"{self.place.shown}: is a database of something else; write the path of another file")
            return ""
        found = connection.execute(select(revision.c.version_num)).scalar() or ""
        if found and found not in KNOWN:
            told_of = printable(found)[:20]
            raise UserError(
                f"{self.place.shown}: was written by a newer release of the suite (revision {told_of}, this one knows"
                f" {REVISION}); install that release, or name another history"
            )
        return found


def _engine(place: Place) -> Engine:
    if place.embedded:
        engine = create_engine(place.url, hide_parameters=True, connect_args={"timeout": PATIENCE_SECONDS})
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)
        return engine
    connect = {key: value for key, value in _CONNECT.items() if key not in place.url.query}
    try:
        return create_engine(place.url, hide_parameters=True, pool_pre_ping=True, connect_args=connect)
    except ImportError:
        raise UserError(
            f"{place.shown}: the driver of PostgreSQL is missing; pip install 'webex-conformance[postgres]'"
        ) from None


def _connected(connection: Any, record: object) -> None:
    del record
    # The driver's own idea of when a transaction begins would leave DDL and reads outside.
    connection.isolation_level = None
    # A kill loses nothing; a power cut may lose the last second, and never more than that.
    _cursor(connection, "PRAGMA synchronous = NORMAL")


def _begun(connection: Connection) -> None:
    # A transaction that reads first and writes then could find that another has written in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _cursor(connection: Any, statement: str) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()
