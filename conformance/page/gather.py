"""From a report folder, a history and a decision to what the readiness page tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Protocol

from conformance.cases.load import plan
from conformance.cases.plan import Change
from conformance.compare.model import Comparison
from conformance.compare.runs import compare_runs
from conformance.errors import UserError
from conformance.history.model import CaseRecord, FlakyCase, Latency, RunRecord, Strips
from conformance.page.model import PageData
from conformance.page.readiness import write_readiness
from conformance.report.results import open_results
from conformance.report.stream import Header
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.upgrade.model import Decision

_LOOK = Check("", Verdict.PASS, "")
"""Stands for each check that held: that it did is all that is told of it."""
_LOOKED_BACK = 60
"""Runs among which the one before is sought."""


class Store(Protocol):
    """What the page asks of a history."""

    def runs(self, *, site: str = "", limit: int = 0) -> list[RunRecord]:
        """Return the runs of a site, newest first."""
        ...

    def cases(self, runs: Sequence[str], /) -> list[CaseRecord]:
        """Return the results of runs, by their ids."""
        ...

    def strips(self, site: str, /, *, nights: int = 30) -> Strips:
        """Return the last runs of a site in letters."""
        ...

    def latencies(self, runs: Sequence[str], /) -> list[Latency]:
        """Return how long operations took in runs."""
        ...

    def flaky(self, site: str, /, *, runs: int = 30) -> list[FlakyCase]:
        """Return the cases that did not always come to the same end."""
        ...


def make_readiness(
    history: Store | None,
    folder: Path,
    decision: Decision,
    changes: Sequence[Change],
    *,
    nights: int = 30,
    report: str = "",
) -> Path:
    """Write readiness.html into a report folder and return its path; see ``gather``. Raises UserError and OSError.

    ``report`` is the name of the report with every message, if there is one beside it.
    """
    data = gather(history, folder, decision, changes, nights=nights)
    return write_readiness(replace(data, report=report), folder)


def gather(
    history: Store | None, folder: Path, decision: Decision, changes: Sequence[Change], *, nights: int = 30
) -> PageData:
    """Return what is told of the run in a report folder.

    Raises UserError where its results.jsonl can not be read. A history that can not be read is told in the page.
    """
    run = open_results(folder)
    results = [_light(result) for result in run.cases()]
    data = PageData(
        decision=decision,
        header=run.header,
        footer=run.footer,
        results=results,
        changes=changes,
        planned={case.id: case for change in changes for case in plan(change)},
        remarks=() if history else ("There is no history: earlier runs are not told.",),
    )
    if history is None:
        return data
    try:
        return _with_history(data, history, nights)
    except UserError as error:
        return replace(data, remarks=(f"Earlier runs are not told: {error}",))


def _light(result: CaseResult) -> CaseResult:
    """Return a result without what is not shown of it: of what held only what was called, and how often it looked."""
    return replace(result, steps=tuple(map(_light_step, result.steps)))


def _light_step(step: StepResult) -> StepResult:
    if step.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        return step
    looks = (_LOOK,) * len(step.checks)
    return StepResult(step.name, step.verdict, looks, seconds=step.seconds, operation=intern(step.operation))


def _with_history(data: PageData, history: Store, nights: int) -> PageData:
    site = data.header.site
    runs = history.runs(site=site, limit=_LOOKED_BACK)
    tonight = next((run for run in runs if _is_this(run, data.header)), None)
    strips = history.strips(site, nights=nights)
    # The page of an earlier run does not tell what came after it.
    shown = [run for run in strips.runs if tonight is None or run.started <= tonight.started]
    missing = () if tonight else ("This run is not in the history.",)
    return replace(
        data,
        tonight=tonight,
        comparison=_comparison(tonight, runs, history) if tonight else None,
        nights=shown,
        case_strips={case: letters[: len(shown)] for case, letters in strips.cases.items()},
        change_strips={change: letters[: len(shown)] for change, letters in strips.changes.items()},
        latencies=history.latencies([run.id for run in shown]) if shown else (),
        flaky=history.flaky(site, runs=nights),
        remarks=missing,
    )


def _is_this(run: RunRecord, header: Header) -> bool:
    return run.id == header.id if header.id else run.name == header.run


def _comparison(tonight: RunRecord, runs: Sequence[RunRecord], history: Store) -> Comparison | None:
    """Hold the run against the one before that was held to the same version; a whole one, where there is one."""
    earlier = [
        run
        for run in runs
        if (run.started, run.id) < (tonight.started, tonight.id) and run.api_version == tonight.api_version
    ]
    before = next((run for run in earlier if run.complete and not run.void), earlier[0] if earlier else None)
    if before is None:
        return None
    return compare_runs(before, tonight, history.cases([before.id]), history.cases([tonight.id]))
