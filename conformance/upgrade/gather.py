"""From a history to a decision: which runs and results are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from conformance.cases.load import plan
from conformance.history.model import CaseRecord, FlakyCase, RunRecord
from conformance.upgrade.decide import decide
from conformance.upgrade.evidence import CONCLUSIVE, FAILURES
from conformance.upgrade.model import Decision
from conformance.upgrade.question import Question
from conformance.upgrade.words import counted
from conformance.versions import Version

RUNS_LOOKED_AT = 30
"""How far back what is older than the greatest age is looked for; what stands there is told, and never counts."""


class Source(Protocol):
    """What is asked of a history; ``History`` is one."""

    def runs(
        self, *, site: str = "", version: Version | None = None, since: datetime | None = None, limit: int = 0
    ) -> list[RunRecord]:
        """Return runs, newest first."""
        ...

    def cases(self, runs: Sequence[str]) -> list[CaseRecord]:
        """Return all results of runs."""
        ...

    def broken_since(self, site: str, cases: Sequence[str], *, side: str = "") -> Mapping[str, RunRecord]:
        """Return the run since which each case is broken."""
        ...

    def flaky(self, site: str, *, runs: int = 30) -> list[FlakyCase]:
        """Return the cases that flip."""
        ...


def answer(history: Source | None, question: Question) -> Decision:
    """Answer a question by what a history holds; None: there is none. Raises UserError where it can not be read."""
    if history is None:
        return decide(question, [], [])
    runs, rows = _results(history, question)
    return decide(
        question,
        runs,
        rows,
        broken_since=_broken_since(history, question, rows),
        flaky={case.case: _flips(case) for case in history.flaky(question.site)} if runs else {},
    )


def _results(history: Source, question: Question) -> tuple[list[RunRecord], list[CaseRecord]]:
    """Return the runs within the greatest age, and older ones while there is a case that no run has told of."""
    oldest = question.now - question.max_age
    runs = history.runs(site=question.site, version=question.to, since=oldest)
    rows = history.cases([run.id for run in runs])
    digests = {case.id: change.digest for change in question.changes for case in plan(change)}
    unknown = digests.keys() - set(_told(rows, digests))
    known = {run.id for run in runs}
    if unknown:
        before = history.runs(site=question.site, version=question.to, limit=len(runs) + RUNS_LOOKED_AT)
        for run in before:
            if run.id not in known and unknown:
                found = history.cases([run.id])
                runs.append(run)
                rows += found
                unknown -= set(_told(found, digests))
    return runs, rows


def _told(rows: Sequence[CaseRecord], digests: Mapping[str, str]) -> Iterator[str]:
    return (row.case for row in rows if row.verdict in CONCLUSIVE and row.digest == digests.get(row.case))


def _broken_since(history: Source, question: Question, rows: Sequence[CaseRecord]) -> Mapping[str, RunRecord]:
    """Return since when failing cases fail; those that fail on the other side of a change are another series."""
    failing: dict[str, set[str]] = {}
    for row in rows:
        if row.verdict in FAILURES:
            failing.setdefault(row.side, set()).add(row.case)
    found: dict[str, RunRecord] = {}
    for side, cases in failing.items():
        found |= history.broken_since(question.site, sorted(cases), side=side)
    return found


def _flips(case: FlakyCase) -> str:
    return f"{counted(case.flips, 'flip')} in {counted(case.runs, 'run')}, {case.strip}"
