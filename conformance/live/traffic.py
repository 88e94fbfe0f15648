"""How much may be sent to a site, how fast, and when to stop: budget, rate and circuit of a run."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from conformance.errors import ExchangeFault
from conformance.live.settings import SiteLimits

FAILURES_IN_A_ROW = 3
_SLOWEST = 0.5
"""Requests a second that the rate is not lowered below."""
_REFUSALS = 10
"""A site that has refused so many requests for their rate is not to be tested now."""


class Traffic:
    """Every request of a run to one site passes here first."""

    def __init__(self, limits: SiteLimits, stop_file: Path | None = None) -> None:
        self._limits = limits
        self._stop_file = stop_file
        self._rate = limits.requests_per_second
        self._next = 0.0
        self._failures = 0
        self._broken = ""
        self._spent = {"requests": 0, "objects": 0, "mails": 0}
        self.retries = 0
        self.refused_for_rate = 0

    def check(self) -> None:
        """Raise ExchangeFault where nothing more is to be sent to the site in this run."""
        if not self._broken and self._stop_file is not None and self._stop_file.exists():
            self._broken = f"stopped: {self._stop_file} is there"
        if self._broken:
            raise ExchangeFault("circuit", self._broken, sent=False)

    async def admit(self, *, objects: int = 0, mails: int = 0, cleaning: bool = False, sweeping: bool = False) -> None:
        """Wait for the turn of one request that creates ``objects`` and may cause ``mails``.

        What cleans up is admitted whatever was spent, and the last sweep whatever has failed. Raises
        ExchangeFault where the budget is used up.
        """
        if not sweeping:
            self.check()
        if not (cleaning or sweeping):
            for what, wanted in (("requests", 1), ("objects", objects), ("mails", mails)):
                limit = getattr(self._limits, what)
                if wanted and self._spent[what] + wanted > limit:
                    raise ExchangeFault("budget", f"the run's budget of {limit} {what} is used up", sent=False)
        self._spent["requests"] += 1
        self._spent["objects"] += objects
        self._spent["mails"] += mails
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + 1 / self._rate
        if turn > now:
            await asyncio.sleep(turn - now)
            if not sweeping:
                self.check()  # others may have failed meanwhile

    def succeeded(self) -> None:
        """Note that the site answered."""
        self._failures = 0

    def failed(self, what: str) -> None:
        """Note that the site did not answer as a service does; several times in a row open the circuit."""
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW and not self._broken:
            self._broken = f"the site failed {self._failures} times in a row, at last with {what}"

    def slow_down(self, retry_after: str) -> float:
        """Note that the site asks for fewer requests; return the seconds that it wants us to wait.

        Raises ExchangeFault, and ends the run on this site, where that is too long or can not be understood.
        """
        self.refused_for_rate += 1
        self._rate = max(self._rate / 2, _SLOWEST)
        if self.refused_for_rate >= _REFUSALS:
            self._broken = f"rate limit: the site refused {_REFUSALS} requests for their rate"
            raise ExchangeFault("rate-limit", self._broken)
        wanted = wait_of(retry_after)
        if wanted is None or not 0 <= wanted <= self._limits.longest_wait_seconds:
            self._broken = f"rate limit: the site says Retry-After: {retry_after[:60]!r}"
            raise ExchangeFault("rate-limit", self._broken)
        self._next = max(self._next, time.monotonic() + wanted)
        return wanted

    def wait(self, retry_after: str) -> None:
        """Hold all requests back for as long as the site asks, if that is not too long."""
        wanted = wait_of(retry_after) or 0.0
        self._next = max(self._next, time.monotonic() + min(wanted, self._limits.longest_wait_seconds))

    def remarks(self) -> Iterator[str]:
        """Yield what the end of the run must say."""
        if self._broken:
            yield f"nothing more was sent to the site: {self._broken}"
        if self.retries:
            yield f"{self.retries} requests were sent again after the site or the network failed"
        if self.refused_for_rate:
            yield (
                f"the site refused {self.refused_for_rate} requests for their rate;"
                f" it was lowered to {self._rate:.3g} a second"
            )

    @property
    def spent(self) -> Mapping[str, int]:
        """How many requests were sent, objects created and mails caused."""
        return self._spent


def wait_of(retry_after: str) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, from its number or its date; None where it says neither."""
    text = retry_after.strip()
    if not text:
        return 0.0
    try:
        seconds = float(text)
        return seconds if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
