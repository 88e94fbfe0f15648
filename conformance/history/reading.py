"""Asking the history: runs, results, times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from conformance.cases.waivers import WaiverNote
from conformance.history import tables
from conformance.history.letters import SIDES, VERDICTS
from conformance.history.model import CaseRecord, Latency, RunRecord
from conformance.history.sealing import times_of
from conformance.run.verdicts import Verdict
from conformance.versions import Version

_MICROS = 1_000_000
AT_ONCE = 500
"""Parameters of one query."""

_run = tables.runs.c
_SHORT = tuple(
    name
    for name in RunRecord.__slots__
    if name not in ("api_version", "counts", "libraries", "warnings", "remarks", "left", "waivers")
)


def read_runs(
    connection: Connection,
    *,
    site: str = "",
    version: Version | None = None,
    since: datetime | None = None,
    limit: int = 0,
) -> list[RunRecord]:
    """Return runs, newest first: all, or those of a site, held to a version, begun at a time or later."""
    return [run for _, run in numbered_runs(connection, site=site, version=version, since=since, limit=limit)]


def numbered_runs(
    connection: Connection,
    *,
    site: str = "",
    version: Version | None = None,
    since: datetime | None = None,
    limit: int = 0,
) -> list[tuple[int, RunRecord]]:
    """Return runs likewise, each with the number that its rows have."""
    query = select(tables.runs).order_by(_run.started.desc(), _run.no.desc())
    if site:
        query = query.where(_run.site == site)
    if version is not None:
        query = query.where(_run.api_version == str(version))
    if since is not None:
        query = query.where(_run.started >= since)
    if limit > 0:
        query = query.limit(limit)
    return [(row.no, run_of(row)) for row in connection.execute(query)]


def run_of(row: Row[Any]) -> RunRecord:
    """Return a row of the runs as a value."""
    return RunRecord(
        **{name: getattr(row, name) for name in _SHORT},
        api_version=Version.parse(row.api_version),
        counts={Verdict(name): number for name, number in row.counts.items()},
        libraries=row.libraries,
        warnings=tuple(row.warnings),
        remarks=tuple(row.remarks),
        left=tuple(row.left),
        waivers=tuple(WaiverNote(**{**note, "cases": tuple(note["cases"])}) for note in row.waivers),
    )


def read_cases(connection: Connection, runs: Sequence[str]) -> list[CaseRecord]:
    """Return the results of runs, run after run as given, each in the order of the numbers of its cases."""
    found: list[CaseRecord] = []
    for run in dict.fromkeys(runs):
        no = connection.scalar(select(_run.no).where(_run.id == run))
        if no is not None:
            query = _results().where(tables.results.c.run_no == no).order_by(tables.results.c.case_no)
            found += (_case(row, run) for row in connection.execute(query))
    return found


def read_case_history(
    connection: Connection, case: str, *, site: str = "", limit: int = 0
) -> list[tuple[RunRecord, CaseRecord]]:
    """Return the results of one case, newest first, each with its run."""
    result = tables.results.c
    numbers = list(connection.scalars(select(tables.cases.c.no).where(tables.cases.c.id == case)))
    query = (
        _results(*tables.runs.c)
        .join(tables.runs, _run.no == result.run_no)
        .where(result.case_no.in_(numbers))
        .order_by(_run.started.desc(), _run.no.desc())
    )
    if site:
        query = query.where(_run.site == site)
    if limit > 0:
        query = query.limit(limit)
    return [(run_of(row), _case(row, row.id)) for row in connection.execute(query)]


def read_case_ids(connection: Connection) -> list[str]:
    """Return the ids of all cases, in order."""
    return sorted(set(connection.scalars(select(tables.cases.c.id))))


def read_latencies(connection: Connection, runs: Sequence[str]) -> list[Latency]:
    """Return the times of the operations of runs, run after run as given, by the names of the operations."""
    names = {row.no: row.name for row in connection.execute(select(tables.operations))}
    by_run: dict[str, list[Latency]] = {}
    for no, run, sealed in _sealed(connection, runs):
        if not sealed:
            times = times_of(connection, no)
            by_run[run] = [
                Latency(run, names[one.operation_no], one.calls, one.p50 / _MICROS, one.p95 / _MICROS) for one in times
            ]
    latency = tables.latencies.c
    for some in chunks(list(dict.fromkeys(runs))):
        query = (
            select(_run.id, latency.operation_no, latency.calls, latency.p50_micros, latency.p95_micros)
            .join(tables.runs, _run.no == latency.run_no)
            .where(_run.id.in_(some))
        )
        for run, operation, calls, p50, p95 in connection.execute(query):
            by_run.setdefault(run, []).append(Latency(run, names[operation], calls, p50 / _MICROS, p95 / _MICROS))
    return [one for run in dict.fromkeys(runs) for one in sorted(by_run.get(run, ()), key=lambda one: one.operation)]


def chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield items in as many as a query takes."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _sealed(connection: Connection, runs: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
    for some in chunks(list(dict.fromkeys(runs))):
        query = (
            select(_run.no, _run.id, tables.strips.c.run_no.is_not(None))
            .outerjoin(tables.strips, tables.strips.c.run_no == _run.no)
            .where(_run.id.in_(some))
        )
        for no, run, sealed in connection.execute(query):
            yield no, run, bool(sealed)


def _results(*more: Any) -> Select[Any]:
    result, case, file = tables.results.c, tables.cases.c, tables.case_files.c
    cause, reason, waiver = (tables.texts.alias(name) for name in ("cause", "reason", "waiver"))
    return (
        select(
            case.id.label("case_id"),
            file.digest,
            tables.changes.c.id.label("change_id"),
            result.verdict,
            result.side,
            cause.c.text.label("cause_text"),
            reason.c.text.label("reason_text"),
            waiver.c.text.label("waiver_text"),
            result.micros,
            result.evidence,
            result.flipped,
            result.retries,
            *more,
        )
        .select_from(tables.results)
        .join(tables.cases, case.no == result.case_no)
        .join(tables.changes, tables.changes.c.no == case.change_no)
        .outerjoin(tables.case_files, (file.run_no == result.run_no) & (file.change_no == case.change_no))
        .outerjoin(cause, cause.c.no == result.cause_no)
        .outerjoin(reason, reason.c.no == result.reason_no)
        .outerjoin(waiver, waiver.c.no == result.waiver_no)
    )


def _case(row: Row[Any], run: str) -> CaseRecord:
    return CaseRecord(
        run=run,
        case=row.case_id,
        change=row.change_id,
        verdict=VERDICTS[row.verdict],
        side=SIDES[row.side],
        cause=row.cause_text or "",
        reason=row.reason_text or "",
        seconds=row.micros / _MICROS,
        digest=bytes(row.digest or b"").hex(),
        evidence=bytes(row.evidence).hex(),
        flipped=bool(row.flipped),
        waiver=row.waiver_text or "",
        retries=row.retries,
    )
