"""LstsummarySession by the time of the last change (release notes 10.0 SP5.10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from conformance.mock.call import Call
from conformance.mock.scheduling import date, time_zone
from conformance.mock.state import Session
from conformance.wire.times import GMT

MODIFIED_DATES = "10.0.5.10/lstsummarysession-modified-dates"

_LONGEST = timedelta(weeks=2)


def modified_in_scope(call: Call) -> Callable[[Session], bool]:
    """Return the criterion of ``modifiedDateStart`` and ``modifiedDateEnd``, which holds beside all others.

    Dates are of the zone of ``dateScope``, and both ends belong (assumed). A range has at most two weeks: where it is
    longer the end is taken to be earlier, and a single date begins or ends a range of two weeks (assumed; the notes say
    that one of the dates is adjusted).
    """
    if not _asked(call):
        return lambda _: True
    zone_id = time_zone(call.content.find("dateScope"), GMT)
    start, end = (date(call.content, path, zone_id) for path in ("modifiedDateStart", "modifiedDateEnd"))
    if end is None:
        end = (start or call.site.clock.now()) + _LONGEST
    if start is None:
        start = end - _LONGEST
    last = min(end, start + _LONGEST)
    return lambda session: session.modified is not None and start <= session.modified.replace(microsecond=0) <= last


def ignores_date_scope(call: Call) -> bool:
    """Tell whether the start and end of sessions do not count: without ``recurrence``, beside dates of changes."""
    return _asked(call) and not call.flag("recurrence")


def _asked(call: Call) -> bool:
    asked = call.text("modifiedDateStart") or call.text("modifiedDateEnd")
    return bool(asked) and call.site.has(MODIFIED_DATES)
