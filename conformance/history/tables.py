"""The tables of the history, the same in SQLite and PostgreSQL. What makes them from nothing is ``migrations/``.

Ten thousand cases a night are 3.6 million rows a year, and three times as many steps. So what repeats stands once in
a dictionary and is a number everywhere else, and what is asked over many nights is kept ready: the letters of a run
(``strips``) and its times by operation (``latencies``). Rows point at others by number without foreign keys, which
would be looked up at each insert; a run is removed with all its rows in one transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

PREFIX = "conformance_"
"""Of every table, because a team's database may hold other things."""

REVISION = "0001"
"""The newest migration. It stands here so that opening a history need not load alembic to know it."""

KNOWN = frozenset({REVISION})

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        del dialect
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


revision = Table(f"{PREFIX}revision", metadata, Column("version_num", Text, primary_key=True))
"""Alembic's own."""

runs = Table(
    f"{PREFIX}runs",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("ended", Moment),
    Column("site", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("api_version", Text, nullable=False),
    Column("told_version", Text, nullable=False),
    Column("behaves_as", Text, nullable=False),
    Column("mock_version", Text, nullable=False),
    Column("schema_release", Text, nullable=False),
    Column("suite_version", Text, nullable=False),
    Column("schemas_digest", Text, nullable=False),
    Column("cases_digest", Text, nullable=False),
    Column("settings_digest", Text, nullable=False),
    Column("clock_offset_seconds", Float, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("exit_code", Integer),
    Column("counts", JSON, nullable=False),
    Column("libraries", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("remarks", JSON, nullable=False),
    Column("left", JSON, nullable=False),
    Column("waivers", JSON, nullable=False),
    Column("results", Text, nullable=False),
    Index(f"{PREFIX}runs_of_site", "site", "started"),
)

changes = Table(
    f"{PREFIX}changes",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
)

cases = Table(
    f"{PREFIX}cases",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("change_no", Integer, nullable=False),
    UniqueConstraint("id", "change_no", name=f"{PREFIX}cases_once"),
)

operations = Table(
    f"{PREFIX}operations",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

texts = Table(
    f"{PREFIX}texts",
    metadata,
    Column("no", Integer, primary_key=True),
    # PostgreSQL indexes no text of more than 2,700 bytes; a digest is always short enough.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("text", Text, nullable=False),
)
"""Causes, reasons, waivers, names of steps: few that come again and again."""

case_files = Table(
    f"{PREFIX}case_files",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("change_no", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Which text of a case file a run was of: once for a change, not once for each of its cases."""

results = Table(
    f"{PREFIX}results",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("case_no", Integer, primary_key=True, autoincrement=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("cause_no", Integer),
    Column("reason_no", Integer),
    Column("waiver_no", Integer),
    Column("flipped", SmallInteger, nullable=False),
    Column("retries", SmallInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("evidence", LargeBinary, nullable=False),
    # A run is written, read and removed as a whole: its rows lie together, and the key is no second copy.
    sqlite_with_rowid=False,
)

unsteady = Index(
    f"{PREFIX}results_unsteady",
    results.c.run_no,
    results.c.case_no,
    sqlite_where=(results.c.flipped > 0) | (results.c.retries > 0),
    postgresql_where=(results.c.flipped > 0) | (results.c.retries > 0),
)
"""What was run or sent again is a handful among thousands; without this, thirty whole nights are read to find it."""

steps = Table(
    f"{PREFIX}steps",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("case_no", Integer, primary_key=True, autoincrement=False),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("attempt", SmallInteger, primary_key=True, autoincrement=False),
    Column("round", SmallInteger, nullable=False),
    Column("name_no", Integer),
    Column("operation_no", Integer),
    Column("verdict", SmallInteger, nullable=False),
    Column("cause_no", Integer),
    Column("status", SmallInteger, nullable=False),
    Column("after_millis", Integer),
    Column("micros", BigInteger),
    Column("evidence", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Each step and each attempt at it. Of an attempt that was followed by another only what it came to is known, and
stands as its cause. ``after_millis`` counts from the start of the run."""

strips = Table(
    f"{PREFIX}strips",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("cases", LargeBinary, nullable=False),
    Column("changes", LargeBinary, nullable=False),
)
"""The letters of a run, at the number of each case and change; see letters.py. Written when the run ends."""

latencies = Table(
    f"{PREFIX}latencies",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("operation_no", Integer, primary_key=True, autoincrement=False),
    Column("calls", Integer, nullable=False),
    Column("p50_micros", BigInteger, nullable=False),
    Column("p95_micros", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

OF_A_RUN = (case_files, results, steps, strips, latencies)
"""What goes when a run goes."""
