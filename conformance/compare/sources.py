"""Where the two runs of a comparison come from: a results.jsonl, a report folder, or the history.

reports/nightly              a report folder, or a results.jsonl, by path
staging:last                 the newest run of a site; staging:last~1 is the one before it
last, last~1                 the same, of all sites
2026-11-22T17-05-09Z-40.4.3  a run of the history, by name or id; the beginning is enough where it fits one only
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import UnknownName, UserError
from conformance.history.cause import cause
from conformance.history.model import CaseRecord, RunRecord
from conformance.report.results import RecordedRun, open_results
from conformance.run.verdicts import CaseResult
from conformance.versions import Version
from conformance.wire.pretty import printable

if TYPE_CHECKING:
    from conformance.history.store import History

_LAST = re.compile(r"(?:(?P<site>[^:~/\s]+):)?last(?:~(?P<back>\d{1,6}))?")
_FILE = "results.jsonl"


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two runs."""

    run: RunRecord
    cases: Sequence[CaseRecord]

    def recorded(self) -> RecordedRun:
        """Open its results.jsonl. Raises UserError where it is gone, or holds another run by now."""
        path = Path(self.run.results)
        if not self.run.results or not path.is_file():
            told = f"its results.jsonl is not there any more: {path}" if self.run.results else "it has no results.jsonl"
            raise UserError(f"run {printable(self.run.name)}: {told}; messages are not kept in the history")
        found = _opened(path)
        if found.header.run != self.run.name or (found.header.id and found.header.id != self.run.id):
            name = printable(str(found.header.run))
            raise UserError(
                f"{path}: is run {name} by now, not {self.run.name}; compare runs with folders of their own"
            )
        return found


def find(a: str, b: str, history: Callable[[], str | Path]) -> tuple[Source, Source]:
    """Return the runs that ``a`` and ``b`` name; ``history`` tells where they are looked up, if they need be.

    Raises UserError: no such run, more than one, no such file, nothing that can be read.
    """
    if _is_path(a) and _is_path(b):
        return from_results(Path(a)), from_results(Path(b))
    where = history()
    if isinstance(where, Path) and not where.is_file():
        name = printable(b if _is_path(a) else a)
        raise UserError(f"'{name}' is no report folder, and there is no history at {where} to look it up in")
    # SQLAlchemy takes longer to load than two files to read.
    from conformance.history.store import History  # noqa: PLC0415

    with History.open(where) as opened:
        return _source(a, opened), _source(b, opened)


def from_results(path: Path) -> Source:
    """Read a run from its results.jsonl, or from its report folder. Raises UserError where that is none."""
    recorded = _opened(path)
    try:
        cases = [_case(result, recorded) for result in recorded.cases()]
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{recorded.path}: a value is not of its kind: {printable(str(error))[:200]}") from None
    except OSError as error:
        raise UserError(f"{recorded.path}: can not be read: {error.strerror}") from None
    try:
        return Source(_run(recorded, cases), cases)
    except (TypeError, ValueError, AttributeError, UserError) as error:
        raise UserError(f"{recorded.path}:1: {printable(str(error))[:200]}") from None


def _is_path(text: str) -> bool:
    """Tell whether a text names a file or folder, rather than a run of the history."""
    return (
        "/" in text or text.endswith(".jsonl") or (bool(text) and "\0" not in text and (Path(text) / _FILE).is_file())
    )


def _source(text: str, history: History) -> Source:
    if _is_path(text):
        return from_results(Path(text))
    run = _last(text, history) or _named(text, history)
    return Source(run, history.cases([run.id]))


def _last(text: str, history: History) -> RunRecord | None:
    match = _LAST.fullmatch(text)
    if match is None:
        return None
    site, back = match["site"] or "", int(match["back"] or 0)
    runs = history.runs(site=site, limit=back + 1)
    if len(runs) > back:
        return runs[back]
    if site and not runs:
        raise UnknownName("site", site, sorted({run.site for run in history.runs()}))
    whose = f"of {site} " if site else ""
    raise UserError(f"'{printable(text)}': the history {history.where} has only {len(runs)} runs {whose}".rstrip())


def _named(text: str, history: History) -> RunRecord:
    runs = history.runs()
    found = [run for run in runs if text in (run.name, run.id)]
    if not found and text:
        found = [run for run in runs if run.name.startswith(text) or run.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{run.name} ({run.id})" for run in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise UserError(
            f"'{printable(text)}' is not one run but {len(found)}: {printable(ids)}{more}; write one of the ids"
        )
    raise UnknownName("run", printable(text), [run.name for run in runs])


def _opened(path: Path) -> RecordedRun:
    try:
        return open_results(path)
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path}: not a results.jsonl: {printable(str(error))[:200]}") from None


def _case(result: CaseResult, recorded: RecordedRun) -> CaseRecord:
    return CaseRecord(
        run=recorded.header.id or recorded.header.run,
        case=str(result.id),
        change=str(result.change),
        verdict=result.verdict,
        side=result.side,
        cause=cause(result),
        reason=str(result.reason),
        seconds=float(result.seconds),
        digest=str(recorded.digests.get(result.change, "")),
        evidence="",
        flipped=any(step.round > 1 for step in result.steps),
        waiver=str(result.waiver),
    )


def _run(recorded: RecordedRun, cases: Sequence[CaseRecord]) -> RunRecord:
    header, footer = recorded.header, recorded.footer
    started = _moment(header.started)
    ended = None
    if footer is not None:
        # A file of an older release does not say when it ended.
        ended = _moment(footer.ended) if footer.ended else started
    return RunRecord(
        id=str(header.id or header.run),
        name=str(header.run),
        started=started,
        ended=ended,
        site=str(header.site),
        endpoint=str(header.endpoint),
        api_version=Version.parse(header.api_version),
        told_version=str(header.told_version),
        behaves_as="",
        mock_version=str(header.mock_version),
        schema_release=str(header.schema_release),
        suite_version=str(header.suite_version),
        schemas_digest=str(header.schemas_digest),
        cases_digest=str(header.cases_digest),
        settings_digest=str(header.settings_digest),
        clock_offset_seconds=float(header.clock_offset_seconds),
        planned=int(header.planned),
        exit_code=footer.exit_code if footer else None,
        counts=Counter(case.verdict for case in cases),
        results=str(recorded.path),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
