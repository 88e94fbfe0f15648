"""The clock of a mock site, which tests can set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """A clock that runs ``offset`` ahead of ours."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the site's time, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def set(self, moment: datetime) -> None:
        """Let the clock show ``moment`` (aware) now and run on from there."""
        self.offset = moment - datetime.now(UTC)

    def advance(self, by: timedelta) -> None:
        """Put the clock forward."""
        self.offset += by
