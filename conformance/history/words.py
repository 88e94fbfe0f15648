"""The dictionaries: texts that come again and again as numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from conformance.history import tables
from conformance.wire.pretty import printable

MAX_ID = 500
MAX_TEXT = 4000
_AT_ONCE = 400
"""Parameters of one query; SQLite and PostgreSQL take more, and gain nothing by it."""


def clean(value: str, most: int = MAX_TEXT) -> str:
    """Return a text that any database takes: no control characters, no lone surrogates, not endless."""
    value = printable(value)
    return value if len(value) <= most else value[: most - 1] + "…"


def case_numbers(connection: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the number of each case, given as id and change; new ones get one."""
    pairs = sorted(set(wanted))
    change_of = change_numbers(connection, {change for _, change in pairs})
    rows = [{"id": case, "change_no": change_of[change]} for case, change in pairs]
    by_row = _numbers(connection, tables.cases, ("id", "change_no"), rows)
    return {(case, change): by_row[case, change_of[change]] for case, change in pairs}


def change_numbers(connection: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """Return the number of each change; new ones get one."""
    found = _numbers(connection, tables.changes, ("id",), [{"id": id_} for id_ in sorted(set(wanted))])
    return {key[0]: number for key, number in found.items()}


def operation_numbers(connection: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """Return the number of each operation; new ones get one."""
    found = _numbers(connection, tables.operations, ("name",), [{"name": name} for name in sorted(set(wanted))])
    return {key[0]: number for key, number in found.items()}


def text_numbers(connection: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """Return the number of each text; new ones get one."""
    digests = {hashlib.sha256(value.encode()).digest()[:16]: value for value in set(wanted)}
    rows = [{"digest": digest, "text": digests[digest]} for digest in sorted(digests)]
    found = _numbers(connection, tables.texts, ("digest",), rows)
    return {digests[key[0]]: number for key, number in found.items()}


def _numbers(
    connection: Connection, table: Table, keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], int]:
    """Return the number of each row by its keys. ``rows`` are in order, so that no two writers wait for each other."""
    found = dict(_known(connection, table, keys, rows))
    missing = [row for row in rows if tuple(row[key] for key in keys) not in found]
    if missing:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), missing)
        found.update(_known(connection, table, keys, missing))
    return found


def _insert(connection: Connection, table: Table) -> Any:
    # Each dialect takes long to load, and one of them is there already.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

    return insert(table)


def _known(
    connection: Connection, table: Table, keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[tuple[Any, ...], int]]:
    first = table.c[keys[0]]
    columns = [table.c[key] for key in keys]
    for start in range(0, len(rows), _AT_ONCE):
        some = [row[keys[0]] for row in rows[start : start + _AT_ONCE]]
        for number, *values in connection.execute(select(table.c.no, *columns).where(first.in_(some))):
            yield tuple(bytes(value) if isinstance(value, memoryview) else value for value in values), number
