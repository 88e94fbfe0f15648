"""How often a user may call in a minute."""

from __future__ import annotations

from datetime import timedelta

from conformance.mock.refusal import rate_limit_reached
from conformance.mock.state import Account, Site

RATE_LIMIT = "10.0/api-rate-limit"

WINDOW = timedelta(seconds=60)
"""Release notes 10.0."""


def count_call(site: Site, caller: Account) -> None:
    """Count a call of a user who signed in; refuse it where he has made as many within the window as he may.

    The calls of a user are counted all together, and one that is refused does not count (assumed: which operations are
    in which of the announced groups was not seen).
    """
    if not (site.calls_per_minute and site.has(RATE_LIMIT)):
        return
    now = site.clock.now()
    recent = [moment for moment in site.calls.get(caller.user_id, ()) if now - moment < WINDOW]
    if len(recent) >= site.calls_per_minute:
        raise rate_limit_reached()
    site.calls[caller.user_id] = [*recent, now]
