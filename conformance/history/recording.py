"""Writing a run: its row at the start, its results in batches, its end. Each function is part of a transaction."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from conformance.errors import UserError
from conformance.history import tables
from conformance.history.letters import NUMBERS
from conformance.history.rows import CaseRow, StepRow, moment
from conformance.history.words import MAX_ID, case_numbers, change_numbers, clean, operation_numbers, text_numbers
from conformance.report.stream import Footer, Header
from conformance.run.verdicts import Verdict
from conformance.versions import Version

_MOST = 2**31 - 1
_TEXTS = ("site", "endpoint", "told_version", "mock_version", "schema_release", "suite_version")
_DIGESTS = ("schemas_digest", "cases_digest", "settings_digest")


def run_id(header: Header) -> str:
    """Return what names a run among all of all machines; of old files, which have no id, a digest of their header."""
    if header.id:
        return clean(str(header.id), MAX_ID)
    told = json.dumps({**asdict(header), "id": ""}, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def started_at(header: Header) -> datetime:
    """Return when a run began. Raises UserError."""
    started = moment(header.started)
    if started is None:
        raise UserError(f"started {header.started!r:.40} is no time like 2026-11-22T17:05:09+00:00")
    return started


def begin(connection: Connection, header: Header, digests: Mapping[str, str], results: str) -> int:
    """Write the row of a run and which texts its case files had; return its number. Raises UserError."""
    no = int(connection.execute(insert(tables.runs).returning(tables.runs.c.no), _row(header, results)).scalar_one())
    known = {clean(change, MAX_ID): _bytes(digest) for change, digest in digests.items()}
    numbers = change_numbers(connection, known)
    files = [{"run_no": no, "change_no": numbers[id_], "digest": known[id_]} for id_ in sorted(numbers)]
    if files:
        connection.execute(insert(tables.case_files), files)
    return no


def add(connection: Connection, no: int, rows: Sequence[CaseRow], before: Mapping[Verdict, int]) -> None:
    """Write results. ``before`` is what was counted already; the sum is told of a run that is killed now.

    Raises UserError where somebody removed the run.
    """
    cases = case_numbers(connection, (row.key for row in rows))
    called = operation_numbers(connection, {step.operation for row in rows for step in row.steps} - {""})
    words = text_numbers(connection, (text for row in rows for text in row.texts))
    steps: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for row in rows:
        key = {"run_no": no, "case_no": cases[row.key]}
        told = {"cause": row.cause, "reason": row.reason, "waiver": row.waiver}
        results.append({**key, **row.numbers, **{f"{name}_no": words.get(text) for name, text in told.items()}})
        steps += ({**key, **_step(step, called, words)} for step in row.steps)
    if results:
        connection.execute(insert(tables.results), results)
    if steps:
        connection.execute(insert(tables.steps), steps)
    tell_counts(connection, no, Counter(before) + Counter(row.verdict for row in rows))


def tell_counts(connection: Connection, no: int, counts: Mapping[Verdict, int]) -> None:
    """Write how many cases of a run came to what."""
    _update(connection, no, counts={verdict.value: number for verdict, number in counts.items()})


def end(connection: Connection, no: int, started: datetime, footer: Footer) -> None:
    """Write how a run ended. Raises ValueError for a footer that is wrong, UserError as ``add``."""
    if footer.exit_code not in range(256):
        raise ValueError(f"exit code {footer.exit_code!r:.40}")
    ended = moment(footer.ended) if footer.ended else None
    if ended is None:  # of a file from before there was such a time
        seconds = footer.seconds if math.isfinite(footer.seconds) else 0.0
        ended = started + timedelta(seconds=max(0.0, min(seconds, 1e8)))
    _update(
        connection,
        no,
        ended=ended,
        exit_code=footer.exit_code,
        remarks=_cleaned(footer.remarks),
        left=_cleaned(footer.left or ()),
        waivers=[_waiver(asdict(note)) for note in footer.waivers],
    )


def _update(connection: Connection, no: int, **values: Any) -> None:
    if not connection.execute(update(tables.runs).where(tables.runs.c.no == no).values(values)).rowcount:
        raise UserError("the run was removed from the history while it was written")


def _row(header: Header, results: str) -> dict[str, Any]:
    return {
        **{name: clean(str(getattr(header, name)), MAX_ID) for name in (*_TEXTS, *_DIGESTS)},
        "id": run_id(header),
        "name": clean(str(header.run), MAX_ID),
        "started": started_at(header),
        "api_version": str(Version.parse(str(header.api_version))),
        "behaves_as": "",
        "clock_offset_seconds": header.clock_offset_seconds if math.isfinite(header.clock_offset_seconds) else 0.0,
        "planned": max(0, min(header.planned, _MOST)),
        "counts": {},
        "libraries": {clean(str(name)): clean(str(one)) for name, one in header.libraries.items()},
        "warnings": _cleaned(header.warnings),
        "remarks": [],
        "left": [],
        "waivers": [],
        "results": clean(results),
    }


def _step(step: StepRow, called: Mapping[str, int], words: Mapping[str, int]) -> dict[str, Any]:
    return {
        "step": step.step,
        "attempt": step.attempt,
        "round": step.round,
        "name_no": words.get(step.name),
        "operation_no": called.get(step.operation),
        "verdict": NUMBERS[step.verdict],
        "cause_no": words.get(step.cause),
        "status": step.status,
        "after_millis": step.after_millis,
        "micros": step.micros,
        "evidence": step.evidence,
    }


def _cleaned(texts: Iterable[str]) -> list[str]:
    return [clean(str(text)) for text in texts]


def _waiver(note: Mapping[str, Any]) -> dict[str, Any]:
    return {name: clean(value) if isinstance(value, str) else _cleaned(value) for name, value in note.items()}


def _bytes(digest: str) -> bytes:
    """Return a digest in half the room; what is none is kept as its own digest, so that it still differs."""
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return hashlib.sha256(digest.encode("utf-8", "surrogatepass")).digest()
