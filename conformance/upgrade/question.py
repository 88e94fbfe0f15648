"""What is asked before an upgrade, with everything that the answer depends on beside the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from conformance.cases.plan import Change
from conformance.traffic.model import TrafficFinding
from conformance.upgrade.policy import Policy, shipped_policy
from conformance.versions import Version

MAX_AGE = timedelta(hours=36)
"""A night and half a day: what was seen last night still counts in the afternoon, what was seen before does not."""


class Profile(Protocol):
    """What an integration uses of the API."""

    @property
    def integration(self) -> str:
        """Name of the integration."""
        ...

    def uses(self, change: Change, /) -> str:
        """Return in words what the integration uses of a change; empty where it uses nothing of it."""
        ...

    def owners(self, change: Change, /) -> Sequence[str]:
        """Return who answers for that use."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Can we take version ``to``, by what was seen on one site?"""

    to: Version
    site: str
    now: datetime
    """Aware; ages are measured from then."""
    schemas_digest: str
    """Of the schemas of ``to``, as SchemaSet tells it: results that were got with others are no evidence."""
    changes: Sequence[Change]
    """The case files as they are now; each change counts, with all its cases."""
    from_: Version | None = None
    """What the integration runs on today; None where that is not told."""
    max_age: timedelta = MAX_AGE
    profile: Profile | None = None
    """None: whatever is documented counts."""
    traffic: Sequence[TrafficFinding] = ()
    """What was found in recorded traffic, checked from ``from_`` to ``to``."""
    policy: Policy = field(default_factory=shipped_policy)
    run_with: Sequence[str] = ()
    """What a run needs beside site and version, where the user named it: commands that are offered have it too."""
