"""All that the readiness page tells, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.cases.plan import Change, PlannedCase
from conformance.compare.model import Comparison
from conformance.history.model import FlakyCase, Latency, RunRecord
from conformance.report.stream import Footer, Header
from conformance.run.verdicts import CaseResult
from conformance.upgrade.model import Decision


@dataclass(frozen=True, slots=True)
class PageData:
    """What stands behind the answer to "can we take this version?"."""

    decision: Decision
    header: Header
    """What the run of tonight was."""
    footer: Footer | None
    """How it ended; None where it did not."""
    results: Sequence[CaseResult]
    """Its results in the order of the plan."""
    changes: Sequence[Change]
    planned: Mapping[str, PlannedCase]
    """The cases of these changes, by id."""
    tonight: RunRecord | None = None
    """The run as the history has it; None where it is not there."""
    comparison: Comparison | None = None
    """The run before (``a``) and this one (``b``); None where there is none before."""
    nights: Sequence[RunRecord] = ()
    """The last runs of the site up to that of tonight, oldest first."""
    case_strips: Mapping[str, str] = field(default_factory=dict)
    """By case, a letter for each of ``nights``; a blank where it was not run."""
    change_strips: Mapping[str, str] = field(default_factory=dict)
    """By change, likewise."""
    latencies: Sequence[Latency] = ()
    """Over ``nights``, by the id of the run and by operation."""
    flaky: Sequence[FlakyCase] = ()
    report: str = ""
    """Name of the report with every message, which stands beside the page; empty where there is none."""
    remarks: Sequence[str] = ()
    """What could not be read of the history, as sentences."""
