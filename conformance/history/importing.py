"""Taking runs from results.jsonl: of another machine, or of a night in which the history was in trouble."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy import Connection, select

from conformance.errors import UserError
from conformance.history import recording, tables
from conformance.history.database import Database
from conformance.history.model import Imported
from conformance.history.pruning import remove
from conformance.history.rows import CaseRow, row_of
from conformance.history.sealing import seal
from conformance.report.results import RecordedRun, open_results
from conformance.versions import Version
from conformance.wire.pretty import printable


def import_results(database: Database, path: Path, releases: Mapping[str, Collection[Version]]) -> Imported:
    """Store the run of a results.jsonl, or that of a report folder, as if it had been written while it ran.

    Nothing is done where the run is there already; one that is there without its end is replaced by a file that has
    it. Raises UserError with the number of the line that is wrong, and keeps nothing of such a file.
    """
    recorded = open_results(path)
    rows = _rows(recorded)
    header, footer, file = recorded.header, recorded.footer, recorded.path
    id_ = recording.run_id(header)
    try:
        started, held_to = recording.started_at(header), Version.parse(str(header.api_version))
        with database.writing() as connection:
            there = _there(connection, id_)
            already = there is not None and (there[1] or footer is None)
            if not already:
                if there is not None:
                    remove(connection, [there[0]])
                no = recording.begin(connection, header, recorded.digests, str(file.absolute()))
                recording.add(connection, no, list(rows.values()), {})
                if footer is not None:
                    recording.end(connection, no, started, footer)
                seal(connection, no, releases, held_to)
    except UserError as error:
        raise UserError(f"{file}:1: {error}") from None
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UserError(f"{file}: a value of the header or the footer is not of its kind: {_told(error)}") from None
    return Imported(str(file), id_, str(header.run), len(rows), already, footer is not None)


def _rows(recorded: RecordedRun) -> dict[tuple[str, str], CaseRow]:
    """Read all results before anything is written; each is small without its messages."""
    rows: dict[tuple[str, str], CaseRow] = {}
    try:
        started = recording.started_at(recorded.header)
    except UserError as error:
        raise UserError(f"{recorded.path}:1: {error}") from None
    number = 1
    for number, result in enumerate(recorded.cases(), 2):
        try:
            row = row_of(result, started)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UserError(f"{recorded.path}:{number}: not a result of a case: {_told(error)}") from None
        if row.key in rows:
            raise UserError(f"{recorded.path}:{number}: the case {row.case} stands there twice")
        rows[row.key] = row
    return rows


def _there(connection: Connection, id_: str) -> tuple[int, bool] | None:
    """Return the number of a run, and whether it has its end; None where it is not there."""
    run = tables.runs.c
    found = connection.execute(select(run.no, run.ended).where(run.id == id_)).first()
    return None if found is None else (found.no, found.ended is not None)


def _told(error: Exception) -> str:
    return printable(str(error)).replace("\n", " ")[:200]
