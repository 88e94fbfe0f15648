"""What is kept ready of a run, worked out of its rows: the letters of its cases and changes, its times, its release.

It is written when a run ends. Of a run that did not end it is worked out each time that it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from conformance.history import tables
from conformance.history.behaviour import behaves_as, seen_changes
from conformance.history.letters import SIDES, VERDICTS, code, pack, together
from conformance.run.verdicts import Verdict
from conformance.versions import Version


@dataclass(frozen=True, slots=True)
class Times:
    """How long the calls of one operation took, in microseconds."""

    operation_no: int
    calls: int
    p50: int
    p95: int


def letters_of(connection: Connection, no: int) -> tuple[bytes, bytes]:
    """Return the packed codes of the cases and of the changes of a run."""
    cases: dict[int, int] = {}
    changes: dict[int, list[tuple[Verdict, str]]] = {}
    result, case = tables.results.c, tables.cases.c
    query = (
        select(result.case_no, case.change_no, result.verdict, result.side)
        .join(tables.cases, case.no == result.case_no)
        .where(result.run_no == no)
    )
    for case_no, change_no, number, side in connection.execute(query):
        cases[case_no] = code(VERDICTS[number], SIDES[side])
        changes.setdefault(change_no, []).append((VERDICTS[number], SIDES[side]))
    heaviest = {number: code(together(verdict for verdict, _ in seen), seen[0][1]) for number, seen in changes.items()}
    return pack(cases), pack(heaviest)


def times_of(connection: Connection, no: int) -> list[Times]:
    """Return the times of each operation that a run called, in the order of their numbers."""
    step = tables.steps.c
    query = select(step.operation_no, step.micros).where(
        step.run_no == no, step.operation_no.is_not(None), step.micros.is_not(None)
    )
    by_operation: dict[int, list[int]] = {}
    for operation, micros in connection.execute(query):
        by_operation.setdefault(operation, []).append(micros)
    return [
        Times(operation, len(taken), quantile(taken, 50), quantile(taken, 95))
        for operation, taken in sorted((number, sorted(taken)) for number, taken in by_operation.items())
    ]


def quantile(ordered: Sequence[int], percent: int) -> int:
    """Return the smallest value that at least ``percent`` of the values do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def release_of(connection: Connection, no: int, releases: Mapping[str, Collection[Version]], held_to: Version) -> str:
    """Return the release that the site behaved as in a run; empty where that can not be told."""
    result, case, change = tables.results.c, tables.cases.c, tables.changes.c
    query = (
        select(change.id, result.side, result.verdict)
        .join(tables.cases, case.no == result.case_no)
        .join(tables.changes, change.no == case.change_no)
        .where(result.run_no == no)
        .distinct()
    )
    seen = ((id_, SIDES[side], VERDICTS[number]) for id_, side, number in connection.execute(query))
    return behaves_as(seen_changes(seen), releases, held_to)


def seal(connection: Connection, no: int, releases: Mapping[str, Collection[Version]], held_to: Version) -> None:
    """Write what is kept ready of a run."""
    cases, changes = letters_of(connection, no)
    connection.execute(insert(tables.strips), {"run_no": no, "cases": cases, "changes": changes})
    times = [
        {
            "run_no": no,
            "operation_no": one.operation_no,
            "calls": one.calls,
            "p50_micros": one.p50,
            "p95_micros": one.p95,
        }
        for one in times_of(connection, no)
    ]
    if times:
        connection.execute(insert(tables.latencies), times)
    release = release_of(connection, no, releases, held_to)
    connection.execute(update(tables.runs).where(tables.runs.c.no == no).values(behaves_as=release))
