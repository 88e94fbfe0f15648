"""The history as others use it: open it, write runs into it, ask it. docs/history.md tells what is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from conformance.cases.changes import change_index
from conformance.history import reading, series
from conformance.history.database import Database
from conformance.history.importing import import_results
from conformance.history.model import CaseRecord, FlakyCase, Imported, Latency, RunRecord, Strips
from conformance.history.place import place_of, told
from conformance.history.pruning import prune
from conformance.history.writer import HistoryWriter
from conformance.versions import Version


class History:
    """A history that is open. Every method raises UserError, in one line, where the database can not do it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, where: str | Path) -> History:
        """Open the history at a path or an SQLAlchemy URL; make it where there is none, update it where it is old.

        Raises UserError: no history, of a newer release, not to be reached or written. The text of the error holds no
        password.
        """
        database = Database(place_of(where))
        try:
            database.prepare()
        except BaseException:
            database.close()
            raise
        return cls(database)

    @property
    def where(self) -> str:
        """Where it is, to be shown: a path, or a URL without password."""
        return self._database.place.shown

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def writer(self, results: Path | None) -> HistoryWriter:
        """Return a writer that stores a run while it happens; ``results`` is where its results.jsonl is written.

        It raises nothing. After the run its ``trouble`` says why the run is not in the history; empty if it is.
        """
        return HistoryWriter(self._database, results)

    def import_results(self, path: Path, releases: Mapping[str, Collection[Version]] | None = None) -> Imported:
        """Store the run of a results.jsonl or report folder; nothing is done where it is there already.

        ``releases`` are those that carry each change; default: the shipped ones. Raises UserError for a line that is
        wrong, with its number; nothing of such a file is kept.
        """
        with told(self._database.place):
            return import_results(self._database, path, releases if releases is not None else change_index())

    def prune(
        self, *, keep_days: int | None = None, keep_runs: int | None = None, now: datetime | None = None
    ) -> list[RunRecord]:
        """Remove old runs and return them; never the newest complete run of a site. See pruning.prune."""
        with told(self._database.place):
            return prune(self._database, keep_days, keep_runs, now)

    def runs(
        self, *, site: str = "", version: Version | None = None, since: datetime | None = None, limit: int = 0
    ) -> list[RunRecord]:
        """Return runs, newest first: of a site, held to a version, begun at ``since`` or later; at most ``limit``."""
        with told(self._database.place), self._database.reading() as connection:
            return reading.read_runs(connection, site=site, version=version, since=since, limit=limit)

    def cases(self, runs: Sequence[str]) -> list[CaseRecord]:
        """Return the results of the runs with these ids, run after run; an unknown id has none."""
        with told(self._database.place), self._database.reading() as connection:
            return reading.read_cases(connection, runs)

    def case_history(self, case: str, *, site: str = "", limit: int = 0) -> list[tuple[RunRecord, CaseRecord]]:
        """Return the results of one case, newest first, each with its run."""
        with told(self._database.place), self._database.reading() as connection:
            return reading.read_case_history(connection, case, site=site, limit=limit)

    def case_ids(self) -> list[str]:
        """Return the ids of all cases that were ever run, in order."""
        with told(self._database.place), self._database.reading() as connection:
            return reading.read_case_ids(connection)

    def broken_since(self, site: str, cases: Sequence[str], *, side: str = "") -> Mapping[str, RunRecord]:
        """Return the run since which each case is broken without a night in which it was seen to hold.

        Cases that are not broken, or were never seen, are left out. Runs that could not tell do not end a series, nor
        do runs that held the site to the other side. ``side`` is ``expect`` or ``before``; empty: the last one seen.
        """
        with told(self._database.place), self._database.reading() as connection:
            return series.read_broken_since(connection, site, cases, side)

    def strips(self, site: str, *, nights: int = 30) -> Strips:
        """Return the last runs of a site in letters, by case and by change."""
        with told(self._database.place), self._database.reading() as connection:
            return series.read_strips(connection, site, nights)

    def latencies(self, runs: Sequence[str]) -> list[Latency]:
        """Return how long the operations took in the runs with these ids, run after run, by operation."""
        with told(self._database.place), self._database.reading() as connection:
            return reading.read_latencies(connection, runs)

    def flaky(self, site: str, *, runs: int = 30) -> list[FlakyCase]:
        """Return the cases that came to another end and back again in the last runs of a site, worst first."""
        with told(self._database.place), self._database.reading() as connection:
            return series.read_flaky(connection, site, runs)
