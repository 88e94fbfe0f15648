"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PREFIX = "conformance_"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[int]:
    if key:
        return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)
    return sa.Column(name, sa.Integer, nullable=optional)


def _small(name: str, *, key: bool = False) -> sa.Column[int]:
    if key:
        return sa.Column(name, sa.SmallInteger, primary_key=True, autoincrement=False)
    return sa.Column(name, sa.SmallInteger, nullable=False)


def upgrade() -> None:
    """Make all tables."""
    _dictionaries()
    _runs()
    _rows()
    _kept_ready()


def _runs() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        f"{_PREFIX}runs",
        sa.Column("no", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        _text("name"),
        sa.Column("started", moment, nullable=False),
        sa.Column("ended", moment),
        *map(_text, ("site", "endpoint", "api_version", "told_version", "behaves_as", "mock_version")),
        *map(_text, ("schema_release", "suite_version", "schemas_digest", "cases_digest", "settings_digest")),
        sa.Column("clock_offset_seconds", sa.Float, nullable=False),
        _number("planned"),
        _number("exit_code", optional=True),
        *(
            sa.Column(name, sa.JSON, nullable=False)
            for name in ("counts", "libraries", "warnings", "remarks", "left", "waivers")
        ),
        _text("results"),
    )
    op.create_index(f"{_PREFIX}runs_of_site", f"{_PREFIX}runs", ["site", "started"])


def _dictionaries() -> None:
    for name, column in (("changes", "id"), ("operations", "name")):
        op.create_table(
            f"{_PREFIX}{name}",
            sa.Column("no", sa.Integer, primary_key=True),
            sa.Column(column, sa.Text, nullable=False, unique=True),
        )
    op.create_table(
        f"{_PREFIX}cases",
        sa.Column("no", sa.Integer, primary_key=True),
        _text("id"),
        _number("change_no"),
        sa.UniqueConstraint("id", "change_no", name=f"{_PREFIX}cases_once"),
    )
    op.create_table(
        f"{_PREFIX}texts",
        sa.Column("no", sa.Integer, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        _text("text"),
    )


def _rows() -> None:
    op.create_table(
        f"{_PREFIX}case_files",
        _number("run_no", key=True),
        _number("change_no", key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    results = op.create_table(
        f"{_PREFIX}results",
        _number("run_no", key=True),
        _number("case_no", key=True),
        _small("verdict"),
        _small("side"),
        *(_number(name, optional=True) for name in ("cause_no", "reason_no", "waiver_no")),
        _small("flipped"),
        _small("retries"),
        sa.Column("micros", sa.BigInteger, nullable=False),
        sa.Column("evidence", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    again = (results.c.flipped > 0) | (results.c.retries > 0)
    op.create_index(
        f"{_PREFIX}results_unsteady",
        f"{_PREFIX}results",
        ["run_no", "case_no"],
        sqlite_where=again,
        postgresql_where=again,
    )
    op.create_table(
        f"{_PREFIX}steps",
        _number("run_no", key=True),
        _number("case_no", key=True),
        _small("step", key=True),
        _small("attempt", key=True),
        _small("round"),
        _number("name_no", optional=True),
        _number("operation_no", optional=True),
        _small("verdict"),
        _number("cause_no", optional=True),
        _small("status"),
        _number("after_millis", optional=True),
        sa.Column("micros", sa.BigInteger),
        sa.Column("evidence", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _kept_ready() -> None:
    op.create_table(
        f"{_PREFIX}strips",
        _number("run_no", key=True),
        sa.Column("cases", sa.LargeBinary, nullable=False),
        sa.Column("changes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        f"{_PREFIX}latencies",
        _number("run_no", key=True),
        _number("operation_no", key=True),
        _number("calls"),
        sa.Column("p50_micros", sa.BigInteger, nullable=False),
        sa.Column("p95_micros", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
