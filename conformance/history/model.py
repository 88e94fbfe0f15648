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
    """Whether it came to another end when it was run again within the run."""
    waiver: str = ""
    retries: int = 0
    """How many requests had to be sent again because no answer came, over all steps."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the calls of one operation took in one run, in seconds, each call counted alone."""

    run: str
    operation: str
    calls: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Strips:
    """The last runs of a site in letters: P pass, F fail, W waived, D deviation, ? could not tell, B blocked,
    N not applicable, E suite error, a blank where it was not run."""

    runs: Sequence[RunRecord]
    """Oldest first."""
    cases: Mapping[str, str]
    """By case, a letter for each run."""
    changes: Mapping[str, str]
    """By documented change, the letter of the heaviest verdict among its cases; N only where all are N."""


@dataclass(frozen=True, slots=True)
class FlakyCase:
    """A case that came to another end than the time before, and back again, while its text was the same."""

    case: str
    change: str
    runs: int
    """In how many runs it came to an end: held or did not."""
    flips: int
    """How often it came to another end than the time before: between runs and within them."""
    flipped: int
    """How many of the flips were within a run: it failed, and held when it was run again."""
    retried: int
    """In how many runs a request of it had to be sent again."""
    untold: int
    """In how many runs it could not be told."""
    strip: str
    """Its letters, oldest first."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file that was imported."""

    path: str
    run: str
    """The id of the run."""
    name: str
    cases: int
    already: bool
    """Whether the run was there, so that nothing was done."""
    ended: bool
    """Whether the file has its footer."""
