"""The writer that stores a run while it happens. A run never fails, and hardly waits, because of its history."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from conformance.cases.changes import change_index
from conformance.errors import UserError
from conformance.history import recording
from conformance.history.database import PATIENCE_SECONDS, Database
from conformance.history.place import FAILURES, why
from conformance.history.rows import CaseRow, row_of
from conformance.history.sealing import seal
from conformance.report.stream import Catalogue, Footer, Header
from conformance.run.verdicts import CaseResult, Verdict
from conformance.versions import Version

BATCH = 200
"""Results that are written together; a kill loses at most these, and they are in results.jsonl."""
EVERY_SECONDS = 2.0
"""After this time what there is is written, for those who look at a slow run."""
_PATIENCE_SECONDS = 1.0
"""How long a result waits for a lock; the run waits with it."""
_PAUSE_SECONDS = 10.0
"""How long writing is left alone after it failed."""


class HistoryWriter:
    """A writer over the stream of results. What it can not write it keeps, and tries again until the run ends."""

    def __init__(self, database: Database, results: Path | None) -> None:
        self.trouble = ""
        """Why the run is not, or not whole, in the history; empty where it is."""
        self._database = database
        self._results = str(results.absolute()) if results else ""
        self._header: Header | None = None
        self._started: datetime | None = None
        self._held_to = Version(0)
        self._digests: Mapping[str, str] = {}
        self._releases: dict[str, Sequence[Version]] = {}
        self._no = 0
        self._waiting: dict[tuple[str, str], CaseRow] = {}
        self._written: set[tuple[str, str]] = set()
        self._counts: Counter[Verdict] = Counter()
        self._next = 0.0
        self._hopeless = False

    def started(self, header: Header, catalogue: Catalogue) -> None:
        """Write the row of the run."""
        try:
            self._started = recording.started_at(header)
            self._held_to = Version.parse(header.api_version)
            self._releases = {**change_index(), **_releases(catalogue)}
        except UserError as error:
            self._give_up(str(error))
            return
        self._header = header
        self._digests = {change.id: change.digest for change in catalogue.changes.values()}
        self._write()

    def case(self, result: CaseResult) -> None:
        """Keep a result, and write it with others. Of a case that comes twice the first counts."""
        if self._hopeless or self._started is None:
            return
        try:
            row = row_of(result, self._started)
        except (ValueError, TypeError, AttributeError) as error:
            self._give_up(self._told(error))
            return
        if row.key in self._written:
            return
        self._waiting.setdefault(row.key, row)
        if len(self._waiting) >= BATCH or time.monotonic() >= self._next:
            self._write()

    def finished(self, footer: Footer) -> None:
        """Write what is left, and how the run ended."""
        if self._header is not None and not self._hopeless:
            self._next = 0.0
            self._write(footer)

    def _write(self, footer: Footer | None = None) -> None:
        """Write what waits, all or nothing. After a failure it is left alone for a while, but not at the end."""
        now = time.monotonic()
        if self.trouble and now < self._next:
            return
        self._next = now + EVERY_SECONDS
        try:
            self._write_now(footer)
        except FAILURES as error:
            self.trouble = why(self._database.place, error)
            self._next = time.monotonic() + _PAUSE_SECONDS
        except UserError as error:
            self._give_up(f"{self._database.place.shown}: {error}")
        except Exception as error:  # noqa: BLE001 - no fault in here is worth a run
            self._give_up(self._told(error))
        else:
            self.trouble = ""

    def _write_now(self, footer: Footer | None) -> None:
        if self._header is None or self._started is None:
            return
        rows = list(self._waiting.values())
        with self._database.writing(PATIENCE_SECONDS if footer else _PATIENCE_SECONDS) as connection:
            no = self._no or recording.begin(connection, self._header, self._digests, self._results)
            if rows:
                recording.add(connection, no, rows, self._counts)
            if footer is not None:
                recording.end(connection, no, self._started, footer)
                seal(connection, no, self._releases, self._held_to)
        self._no = no
        self._counts.update(row.verdict for row in rows)
        self._written.update(self._waiting)
        self._waiting.clear()

    def _told(self, error: Exception) -> str:
        # Not its text: it is not known what it holds.
        return f"{self._database.place.shown}: the history can not be written: {type(error).__name__}"

    def _give_up(self, trouble: str) -> None:
        self.trouble = trouble
        self._hopeless = True
        self._waiting.clear()


def _releases(catalogue: Catalogue) -> dict[str, Sequence[Version]]:
    return {change.id: change.released_in for change in catalogue.changes.values()}
