"""The question, made of what a user says and what files say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conformance.cases.load import load_changes, plan
from conformance.cases.plan import Change
from conformance.run.suite import MOCK, refuse_twins
from conformance.schema.catalog import SchemaCatalog
from conformance.traffic.profile import load_profile
from conformance.upgrade.policy import load_policy
from conformance.upgrade.question import Question
from conformance.upgrade.recorded import recorded_findings
from conformance.upgrade.settings import load_upgrade
from conformance.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user asked; None, and nothing, where the settings file or the default says it."""

    to: Version
    from_: Version | None = None
    site: str = MOCK
    paths: Sequence[Path] = ()
    """Case files or folders of them; none: the shipped cases."""
    profile: Path | None = None
    traffic: Sequence[Path] = ()
    max_age: timedelta | None = None
    policy: Path | None = None
    config: Path | None = None
    schemas: Path | None = None
    """Folder of schemas to use instead of the shipped ones."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def ask(asked: Asked, changes: Sequence[Change] | None = None) -> Question:
    """Return the question, with the files read that bear on it; ``changes`` are given where they are read already.

    Raises UserError with the faults of those files: settings, cases, profile, policy, recordings.
    """
    settings = load_upgrade(asked.config)
    profile, policy = asked.profile or settings.profile, asked.policy or settings.policy
    catalog = SchemaCatalog(asked.schemas, asked.config)
    if changes is None:
        changes = load_changes(asked.paths or None)
    refuse_twins([case for change in changes for case in plan(change)])
    return Question(
        to=asked.to,
        from_=asked.from_,
        site=asked.site,
        now=asked.now,
        max_age=asked.max_age or settings.max_age,
        schemas_digest=catalog.at(asked.to).digest,
        changes=changes,
        profile=load_profile(profile) if profile else None,
        traffic=recorded_findings(asked.traffic or settings.traffic, changes, catalog, asked.to, asked.from_),
        policy=load_policy(policy),
        run_with=[*(["--config", str(asked.config)] if asked.config else []), *map(str, asked.paths)],
    )
