"""What the tests of comparisons are made of: records of runs, answers, results.jsonl that somebody edited."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from conformance.compare.align import Differences, differences
from conformance.compare.masks import Masks
from conformance.history.model import CaseRecord, RunRecord
from conformance.run.verdicts import Verdict
from conformance.versions import Version
from conformance.wire.names import NAMESPACES

Record = dict[str, Any]

DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def case(
    id_: str,
    verdict: Verdict = Verdict.PASS,
    *,
    digest: str = "d",
    reason: str = "",
    cause: str = "",
    side: str = "expect",
) -> CaseRecord:
    """Return what a run made of a case of change ``c``."""
    return CaseRecord("r", f"c::{id_}", "c", verdict, side, cause, reason, 0.1, digest, "")


def run(
    cases: Iterable[CaseRecord] = (), *, name: str = "r", ended: bool = True, planned: int | None = None
) -> RunRecord:
    """Return a run that ended with these cases; ``planned`` more than these, and it was cut short."""
    counts = Counter(case.verdict for case in cases)
    moment = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
    return RunRecord(
        id=name,
        name=name,
        started=moment,
        ended=moment,
        site="staging",
        endpoint="https://staging.webex.example.com/WBXService/XMLService",
        api_version=Version(40, 4, 3),
        told_version="40.4.3",
        behaves_as="",
        mock_version="",
        schema_release="40.4.3",
        suite_version="1",
        schemas_digest="",
        cases_digest="",
        settings_digest="",
        clock_offset_seconds=0.0,
        planned=counts.total(),
        exit_code=0,
        counts=counts,
    )


def content(inner: str, type_: str = "ep:lstsummarySessionResponse") -> etree._Element:
    """Return the bodyContent of an answer, with all prefixes declared."""
    return etree.fromstring(f'<serv:bodyContent {DECLARED} {XSI} xsi:type="{type_}">{inner}</serv:bodyContent>')


def compared(a: str, b: str, masks: Masks | None = None, *, listing: bool = False) -> Differences:
    """Compare what two answers hold."""
    return differences(content(a), content(b), masks or Masks(), listing=listing)


def told(found: Differences) -> list[tuple[str, str, str, str]]:
    """Return kind, path below the content, and both texts of each difference."""
    return [
        (difference.kind.value, difference.path.removeprefix("serv:bodyContent/"), difference.before, difference.after)
        for difference in found.found
    ]


def records(path: Path) -> list[Record]:
    """Read all lines of a results.jsonl."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, lines: Iterable[Record]) -> Path:
    """Write a results.jsonl, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def edited(source: Path, target: Path, operation: str, edit: Callable[[str], str], *, most: int = 1) -> int:
    """Copy a results.jsonl with the first answers to an operation that an edit changes; return how many it changed."""
    lines, changed = records(source), 0
    for line in lines:
        for step in line.get("steps", ()):
            if step["operation"] == operation and changed < most:
                answer = edit(step["response"])
                changed += answer != step["response"]
                step["response"] = answer
    write(target, lines)
    return changed
