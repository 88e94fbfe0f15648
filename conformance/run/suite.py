"""One run: which site, held to which version, within which limits."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path

from conformance.cases.plan import PlannedCase
from conformance.config import find_file, section
from conformance.errors import CaseFault, CaseFileErrors, UserError
from conformance.run.engine import Engine, Limits
from conformance.schema.catalog import SchemaCatalog
from conformance.site.seam import SiteProvider
from conformance.versions import DEFAULT_VERSION, Version

MOCK = "mock"
_FARTHEST = 10**9
"""Seconds, about 32 years: dates of the API stay dates."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for."""

    site: str = MOCK
    api_version: Version = DEFAULT_VERSION
    """What the site is held to."""
    mock_version: Version | None = None
    """What the embedded mock really is; None means the same."""
    mock_clock: timedelta = timedelta()
    """How far the embedded mock's clock is ahead of ours."""
    schemas: Path | None = None
    limits: Limits = field(default_factory=Limits)
    config: Path | None = None
    """The file with the sites; None: conformance.toml here or above."""
    waivers: Path | None = None
    """The file of waivers; None: none apply."""

    @property
    def mock_release(self) -> Version | None:
        """The version of the embedded mock; None where another site is tested."""
        return (self.mock_version or self.api_version) if self.site == MOCK else None


def clock_offset(seconds: float) -> timedelta:
    """Return how far the clock of the mock is ahead; raise UserError for what no clock can be."""
    if not abs(seconds) <= _FARTHEST:
        raise UserError(f"a clock can not be {seconds:g} s ahead; write at most {_FARTHEST}, either way")
    return timedelta(seconds=seconds)


def held_to(site: str, asked: str | None, config: Path | None, *, ask: bool = True) -> Version:
    """Return the version that a site is held to: as asked for, else as its profile says, else the newest.

    A profile may leave it to the site, which is then asked once, unless nothing is to be sent (``ask``).
    Raises UserError, ExchangeFault.
    """
    if asked:
        return Version.parse(asked)
    if site == MOCK:
        return DEFAULT_VERSION
    # Only live sites have profiles, and few runs are of these.
    from conformance.live.settings import AUTO, load_site, site_names  # noqa: PLC0415

    path = config or find_file()
    if path is None or site not in site_names(path):
        return DEFAULT_VERSION  # of somebody else's provider
    settings, base = load_site(site, path)
    if settings.api_version != AUTO:
        return Version.parse(settings.api_version)
    if not ask:
        return DEFAULT_VERSION
    from conformance.live.provider import ask_version  # noqa: PLC0415

    return ask_version(site, settings, base)


def settings_digest(options: RunOptions) -> str:
    """Return the SHA-256 of what a run was asked to do and of what its site is declared to be; no secret is in it."""
    path = None if options.site == MOCK else options.config or find_file()
    profile = section(path, "sites").get(options.site, {}) if path is not None else {}
    asked = {f.name: getattr(options, f.name) for f in fields(options) if f.name not in ("config", "waivers")}
    text = json.dumps([asked, profile], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


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
    schemas = SchemaCatalog(options.schemas, options.config).at(options.api_version)
    if provider is None:
        provider, limits = _own_provider(options)
    return Engine(provider, schemas, options.api_version, limits)


def _own_provider(options: RunOptions) -> tuple[SiteProvider, Limits]:
    # The embedded mock brings a web server with it, a live site much else; neither needs the other.
    if options.mock_release is not None:
        from conformance.run.embedded import EmbeddedMock  # noqa: PLC0415

        return EmbeddedMock(options.mock_release, options.mock_clock), options.limits
    from conformance.live.provider import LiveProvider  # noqa: PLC0415
    from conformance.live.settings import load_site  # noqa: PLC0415

    settings, base = load_site(options.site, options.config)
    in_flight = min(options.limits.in_flight, settings.limits.in_flight)
    return LiveProvider(options.site, settings, base), replace(options.limits, in_flight=in_flight)


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
