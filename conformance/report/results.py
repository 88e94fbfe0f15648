"""Reading results.jsonl back: the header, each case as it was, the footer where there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from conformance.cases.waivers import WaiverNote
from conformance.errors import UserError
from conformance.report.jsonl import FORMAT
from conformance.report.stream import Footer, Header
from conformance.run.verdicts import CaseResult

MAX_LINE = 64 * 1024 * 1024


@dataclass(slots=True)
class RecordedRun:
    """A results.jsonl. Its cases are read one by one, so that the file may be larger than memory."""

    path: Path
    header: Header
    digests: Mapping[str, str]
    """SHA-256 of each case file, by the id of its change."""
    footer: Footer | None = field(default=None)
    """Known once all cases were read; None where the run did not end."""

    def cases(self) -> Iterator[CaseResult]:
        """Yield each result, in the order of the file; raise UserError for a line that is none.

        A last line that was cut off by a kill ends the file as if it were not there.
        """
        for number, record, whole in _records(self.path):
            kind = record.get("kind") if record is not None else None
            if record is None and not whole:
                return
            try:
                if kind == "case" and record is not None:
                    yield CaseResult.from_json({key: value for key, value in record.items() if key != "kind"})
                elif kind == "footer" and record is not None:
                    self.footer = _footer(record)
                    return
            except (KeyError, TypeError, ValueError) as error:
                raise UserError(f"{self.path}:{number}: not a line of results.jsonl: {_told(error)}") from error
            if kind not in ("header", "case"):
                raise UserError(f"{self.path}:{number}: not a line of results.jsonl: neither a case nor a footer")

    def read_whole(self) -> list[CaseResult]:
        """Return all results; raise UserError where the run did not end, for then it is not the whole run."""
        results = list(self.cases())
        if self.footer is None:
            raise UserError(f"{self.path}: the run did not end, or has not yet: there is no footer")
        return results


def open_results(path: Path) -> RecordedRun:
    """Open a results.jsonl, or that of a report folder. Raises UserError where it is none."""
    file = path / "results.jsonl" if path.is_dir() else path
    try:
        number, record, _ = next(_records(file), (1, None, True))
    except OSError as error:
        raise UserError(f"{file}: can not be read: {error.strerror}") from error
    if record is None or record.get("kind") != "header":
        raise UserError(f"{file}:{number}: not a results.jsonl: the first line is no header")
    if record.get("format") != FORMAT:
        raise UserError(f"{file}: format {record.get('format')!r:.40} is not known; this suite reads format {FORMAT}")
    known = {f.name for f in fields(Header)}
    digests = record.get("changes", {})
    try:
        header = Header(**{key: value for key, value in record.items() if key in known})
    except TypeError as error:
        raise UserError(f"{file}:1: the header is not complete: {_told(error)}") from error
    if not isinstance(digests, dict):
        raise UserError(f"{file}:1: the header is wrong: 'changes' is no mapping")
    return RecordedRun(file, header, digests)


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any] | None, bool]]:
    """Yield number and content of each line, None for what is no JSON object, and whether it ends with a newline."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            yield number, record if isinstance(record, dict) else None, line.endswith(b"\n")


def _footer(record: Mapping[str, Any]) -> Footer:
    known = {f.name for f in fields(Footer)}
    values = {key: value for key, value in record.items() if key in known}
    waivers = tuple(WaiverNote(**{**note, "cases": tuple(note["cases"])}) for note in values.pop("waivers", ()))
    return Footer(**values, waivers=waivers)


def _told(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
