"""One run: which site, held to which version, within which limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from conformance.cases.plan import PlannedCase
from conformance.errors import CaseFault, CaseFileErrors, UnknownName, UserError
from conformance.run.engine import Engine, Limits
from conformance.schema.catalog import SchemaCatalog
from conformance.site.seam import SiteProvider
from conformance.versions import NEWEST, Version

MOCK = "mock"
_FARTHEST = 10**9
"""Seconds, about 32 years: dates of the API stay dates."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for."""

    site: str = MOCK
    api_version: Version = NEWEST
    """What the site is held to."""
    mock_version: Version | None = None
    """What the embedded mock really is; None means the same."""
    mock_clock: timedelta = timedelta()
    """How far the embedded mock's clock is ahead of ours."""
    schemas: Path | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def mock_release(self) -> Version | None:
        """The version of the embedded mock; None where another site is tested."""
        return (self.mock_version or self.api_version) if self.site == MOCK else None


def clock_offset(seconds: float) -> timedelta:
    """Return how far the clock of the mock is ahead; raise UserError for what no clock can be."""
    if not abs(seconds) <= _FARTHEST:
        raise UserError(f"a clock can not be {seconds:g} s ahead; write at most {_FARTHEST}, either way")
    return timedelta(seconds=seconds)


def build_engine(options: RunOptions, provider: SiteProvider | None = None) -> Engine:
    """Return the engine of a run, with schemas compiled, before anything is sent.

    Raises UserError for a site or schema that does not exist, SuiteError for schemas that do not compile.
    """
    limits = options.limits
    if limits.in_flight < 1:
        raise UserError(f"{limits.in_flight} cases in flight is not possible; write 1 or more")
    for seconds in (limits.case_time, limits.run_time):
        if not 0 <= seconds < math.inf:
            raise UserError(f"{seconds:g} is no time that something may take; write seconds, or 0 for no limit")
    schemas = SchemaCatalog(options.schemas).at(options.api_version)
    if provider is None:
        if options.mock_release is None:
            raise UnknownName("site", options.site, [MOCK])
        # The embedded mock brings a web server with it; other sites do without.
        from conformance.run.embedded import EmbeddedMock  # noqa: PLC0415

        provider = EmbeddedMock(options.mock_release, options.mock_clock)
    return Engine(provider, schemas, options.api_version, options.limits)


def refuse_twins(cases: Sequence[PlannedCase]) -> None:
    """Raise CaseFileErrors where two files document the same change."""
    paths: dict[str, Path] = {}
    faults: list[CaseFault] = []
    for case in cases:
        first = paths.setdefault(case.change.id, case.change.path)
        if first != case.change.path:
            faults.append(CaseFault(case.change.path, 1, 1, f"{first} documents {case.change.id} too", "rename one"))
    if faults:
        raise CaseFileErrors(list(dict.fromkeys(faults)))
