"""results.jsonl: a header, one line a case as it ends, a footer with counts.

A reader must refuse a file without its footer: it is not the whole run.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from conformance.report.stream import Catalogue, Footer, Header
from conformance.run.verdicts import CaseResult

FORMAT = 1


class JsonLines:
    """Writes the stream to a file; each line is flushed, so that a killed run leaves what it knew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def started(self, header: Header, catalogue: Catalogue) -> None:
        """Write the header, with the digest of each case file."""
        self._file = self._path.open("w", encoding="utf-8")
        digests = {change.id: change.digest for change in catalogue.changes.values()}
        self._write({"kind": "header", "format": FORMAT, **asdict(header), "changes": digests})

    def case(self, result: CaseResult) -> None:
        """Write one result."""
        self._write({"kind": "case", **result.as_json()})

    def finished(self, footer: Footer) -> None:
        """Write the footer and close the file."""
        self._write({"kind": "footer", **asdict(footer)})
        if self._file is not None:
            self._file.close()

    def _write(self, record: dict[str, Any]) -> None:
        if self._file is not None:
            line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            if not line.isprintable():
                # A terminal that shows the file must not act on it; lone surrogates are no UTF-8.
                line = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
            self._file.write(line + "\n")
            self._file.flush()
