"""Forgetting runs that are old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select

from conformance.history import tables
from conformance.history.database import Database
from conformance.history.model import RunRecord
from conformance.history.reading import read_runs

_AT_ONCE = 100
_LONGEST_RUN = timedelta(days=1)
"""A run that began longer ago and has no end was killed."""


def prune(
    database: Database, keep_days: int | None, keep_runs: int | None, now: datetime | None = None
) -> list[RunRecord]:
    """Remove runs, and return them: those that began more than ``keep_days`` ago, and of each site those before its
    ``keep_runs`` newest. With both, a run goes that either of them does not keep.

    Never removed are the newest complete run of a site, which is what is known of it, and what may be at work.
    """
    now = now or datetime.now(UTC)
    since = now - timedelta(days=keep_days) if keep_days is not None else None
    # Alone, or a run that is written meanwhile could come to need a text that is just removed.
    with database.writing(alone=True) as connection:
        gone = [run for run in _old(read_runs(connection), since, keep_runs) if not _at_work(run, now)]
        numbers = _numbers(connection, [run.id for run in gone])
        remove(connection, numbers)
        if gone:
            _forget_texts(connection)
    if gone and database.place.embedded:
        database.shrink()
    return gone


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove runs with all their rows."""
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        for table in tables.OF_A_RUN:
            connection.execute(delete(table).where(table.c.run_no.in_(some)))
        connection.execute(delete(tables.runs).where(tables.runs.c.no.in_(some)))


def _old(newest_first: Sequence[RunRecord], since: datetime | None, keep_runs: int | None) -> list[RunRecord]:
    seen: dict[str, int] = {}
    with_a_complete_one: set[str] = set()
    gone = []
    for run in newest_first:
        place = seen[run.site] = seen.get(run.site, 0) + 1
        old = (since is not None and run.started < since) or (keep_runs is not None and place > keep_runs)
        last_complete = run.complete and run.site not in with_a_complete_one
        if run.complete:
            with_a_complete_one.add(run.site)
        if old and not last_complete:
            gone.append(run)
    return gone


def _at_work(run: RunRecord, now: datetime) -> bool:
    return run.ended is None and run.started > now - _LONGEST_RUN


def _numbers(connection: Connection, ids: Sequence[str]) -> list[int]:
    run = tables.runs.c
    return [
        number
        for start in range(0, len(ids), _AT_ONCE)
        for number in connection.scalars(select(run.no).where(run.id.in_(ids[start : start + _AT_ONCE])))
    ]


def _forget_texts(connection: Connection) -> None:
    """Remove texts that no row points at any more: reasons may tell of people."""
    columns = (
        tables.results.c.cause_no,
        tables.results.c.reason_no,
        tables.results.c.waiver_no,
        tables.steps.c.cause_no,
        tables.steps.c.name_no,
    )
    used: set[int] = set()
    for column in columns:
        used.update(connection.scalars(select(column).where(column.is_not(None)).distinct()))
    unused = [no for no in connection.scalars(select(tables.texts.c.no)) if no not in used]
    for start in range(0, len(unused), _AT_ONCE):
        some = unused[start : start + _AT_ONCE]
        connection.execute(delete(tables.texts).where(tables.texts.c.no.in_(some)))
