"""Runs that never were: headers, results and footers, written as a run writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from conformance.cases.plan import Change
from conformance.history.rows import moment
from conformance.history.store import History
from conformance.report.jsonl import JsonLines
from conformance.report.stream import Catalogue, Footer, Header, Writer
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.versions import Version

FIRST = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
CHANGE = "40.2.0/start-time-in-the-past"
SITE = "stage"

VERDICTS = {
    "P": Verdict.PASS,
    "F": Verdict.FAIL,
    "W": Verdict.WAIVED,
    "D": Verdict.DEVIATION,
    "?": Verdict.INCONCLUSIVE,
    "B": Verdict.BLOCKED,
    "N": Verdict.NOT_APPLICABLE,
    "E": Verdict.SUITE_ERROR,
}


def night(number: int) -> datetime:
    """Return when the run of a night begins."""
    return FIRST + timedelta(days=number)


def header(number: int = 0, **other: Any) -> Header:
    """Return the header of the run of a night."""
    started = other.pop("started", night(number))
    values: dict[str, Any] = {
        "run": f"{started:%Y-%m-%dT%H-%M-%SZ}-40.4.3",
        "started": started.isoformat(),
        "suite_version": "0.1.0",
        "site": SITE,
        "endpoint": "https://stage.example.com/WBXService/XMLService",
        "api_version": "40.4.3",
        "told_version": "40.4.3",
        "mock_version": "",
        "schema_release": "40.4.3",
        "schemas_digest": "aa" * 32,
        "cases_digest": "bb" * 32,
        "clock_offset_seconds": 0.25,
        "planned": 1,
        "libraries": {"python": "3.13.1"},
        "warnings": ("the clock is off",),
        "id": uuid4().hex,
        "settings_digest": "cc" * 32,
    }
    return Header(**values | other)


def step(verdict: Verdict = Verdict.PASS, **other: Any) -> StepResult:
    """Return a step with one check."""
    seen = "none" if verdict is Verdict.PASS else "060016"
    values: dict[str, Any] = {
        "name": "a meeting is made",
        "verdict": verdict,
        "checks": (Check("exceptionID", verdict, "serv:exceptionID", "none", seen),),
        "caller": "host",
        "request": "<request/>",
        "response": "<response/>",
        "status": 200,
        "started": FIRST.isoformat(),
        "seconds": 0.25,
        "operation": "CreateMeeting",
    }
    return StepResult(**values | other)


def result(case: str = "a", letter: str = "P", **other: Any) -> CaseResult:
    """Return what a run made of a case."""
    verdict = VERDICTS[letter]
    values: dict[str, Any] = {
        "id": f"{other.get('change', CHANGE)}::{case}",
        "change": CHANGE,
        "verdict": verdict,
        "side": "expect",
        "reason": "" if verdict is Verdict.PASS else "serv:exceptionID: none was expected, 060016 seen",
        "steps": (step(verdict),),
        "seconds": 0.5,
    }
    return CaseResult(**values | other)


def footer(head: Header, results: Iterable[CaseResult], **other: Any) -> Footer:
    """Return how a run with these results ended."""
    counts: dict[str, int] = {}
    for one in results:
        counts[one.verdict.value] = counts.get(one.verdict.value, 0) + 1
    ended = (moment(head.started) or FIRST) + timedelta(minutes=5)
    values: dict[str, Any] = {
        "counts": counts,
        "exit_code": 1 if counts.get("FAIL") else 0,
        "seconds": 300.0,
        "leftovers": 0,
        "ended": ended.isoformat(),
    }
    return Footer(**values | other)


def catalogue(digests: Mapping[str, str] | None = None) -> Catalogue:
    """Return a catalogue of one change, or of those with these digests."""
    known = digests if digests is not None else {CHANGE: "dd" * 32}
    releases = (Version(40, 2),)
    changes = {
        id_: Change(id_, Path(f"{id_}.yaml"), None, releases, {}, digest)  # type: ignore[arg-type]
        for id_, digest in known.items()
    }
    return Catalogue(changes)


def feed(writer: Writer, head: Header, results: Sequence[CaseResult], *, ends: bool = True, **other: Any) -> None:
    """Pass a run to a writer."""
    writer.started(head, other.pop("catalogue", None) or catalogue())
    for one in results:
        writer.case(one)
    if ends:
        writer.finished(footer(head, results, **other))


def store(history: History, head: Header, results: Sequence[CaseResult], **other: Any) -> Header:
    """Write a run into a history, and be sure that it is there."""
    planned = other.pop("planned", len(results))
    head = replace(head, planned=planned)
    writer = history.writer(None)
    feed(writer, head, results, **other)
    assert not writer.trouble, writer.trouble
    return head


def nights(history: History, **strips: str) -> list[Header]:
    """Write a run a night: a letter of each strip is what it made of that case; a blank is that it did not run."""
    count = max(map(len, strips.values()))
    heads = []
    for number in range(count):
        told = {case: strip[number] for case, strip in strips.items() if strip[number : number + 1].strip()}
        heads.append(store(history, header(number), [result(case, letter) for case, letter in told.items()]))
    return heads


def case_id(case: str = "a") -> str:
    """Return the id of a case as ``result`` makes it."""
    return f"{CHANGE}::{case}"


def results_file(folder: Path, head: Header, results: Sequence[CaseResult], **other: Any) -> Path:
    """Write a report folder with nothing but its results.jsonl; without its footer where the run does not end."""
    folder.mkdir(parents=True, exist_ok=True)
    file, ends = folder / "results.jsonl", other.pop("ends", True)
    feed(JsonLines(file), head, results, **other)
    if not ends:
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    return file


def digest(text: str) -> str:
    """Return a digest of something that differs with the text."""
    return hashlib.sha256(text.encode()).hexdigest()
