"""What a site remembers of its users beside their accounts: WebACD queues and session templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Queue:
    """One queue of WebACD, with the user IDs of its agents and managers."""

    name: str
    modified: datetime
    agents: set[int] = field(default_factory=set)
    managers: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SessionTemplate:
    """One session template: a user's own, or the site's where ``owner`` is 0."""

    name: str
    service_type: str
    value: str
    owner: int
    """The user ID."""
