"""What the history holds, as frozen values: runs and what they made of each case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from conformance.cases.waivers import WaiverNote
from conformance.run.verdicts import Verdict
from conformance.versions import Version


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. Times are aware, in UTC."""

    id: str
    """Unique among all runs of all machines."""
    name: str
    """As people call it: ``2026-11-22T17-05-09Z-40.4.3``; two machines may give the same."""
    started: datetime
    ended: datetime | None
    """None where the run did not end, or has not yet: killed, or still at work."""
    site: str
    endpoint: str
    api_version: Version
    """What the site was held to."""
    told_version: str
    """What the site says it is, in its own words."""
    behaves_as: str
    """The release whose documented changes were seen, and no others: ``40.2.0``; empty where none fits."""
    mock_version: str
    schema_release: str
    suite_version: str
    schemas_digest: str
    cases_digest: str
    settings_digest: str
    clock_offset_seconds: float
    planned: int
    exit_code: int | None
    counts: Mapping[Verdict, int] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    remarks: Sequence[str] = ()
    left: Sequence[str] = ()
    """What is, or may be, still on the site."""
    waivers: Sequence[WaiverNote] = ()
    results: str = ""
    """Where its results.jsonl was written, as a path; it may be gone."""

    @property
    def complete(self) -> bool:
        """Whether the run ended and every planned case has a result."""
        return self.ended is not None and sum(self.counts.values()) >= self.planned

    @property
    def void(self) -> bool:
        """Whether the run met a defect of the suite itself."""
        return bool(self.counts.get(Verdict.SUITE_ERROR))


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """What one run made of one case."""

    run: str
    """The id of the run."""
    case: str
    change: str
    verdict: Verdict
    side: str
    """``expect`` or ``before``: what the site was held to."""
    cause: str
    """What did not hold, the same for all cases that share it: ``exceptionID //serv:exceptionID 060016``.

    Made of the id of the deciding check, its subject, and what was observed where that is a code; no values of
    names, times and numbers. Empty for PASS.
    """
    reason: str
    seconds: float
    digest: str
    """SHA-256 of the case file: results of another text are no evidence for this one."""
    evidence: str
    """SHA-256 of what was seen: steps, checks and redacted messages."""
    flipped: bool = False
    """Whether attempts at it within the run came to different ends."""
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the calls of one operation took in one run, in seconds, each call counted alone."""

    run: str
    operation: str
    calls: int
    p50: float
    p95: float
