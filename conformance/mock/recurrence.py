"""Sessions that repeat: when they take place, and the meetings that stand in for one occurrence of a series.

Which elements ``repeat`` has is known from the 2011 schemas. What the service makes of their values was not seen, so
all of it here is our reading of their names (assumed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice, takewhile

from conformance.mock.call import Call
from conformance.mock.refusal import session_not_found
from conformance.mock.state import Kind, Session, Site
from conformance.mock.stored import group, text
from conformance.wire.answer import Answer
from conformance.wire.times import read_date, zone

EXCEPTIONS = "8.0.11/recurring-meeting-exceptions"

MOST = 100
"""How many occurrences a series has that tells no end (assumed)."""

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_LAST_YEAR = 9000


def starts(session: Session) -> list[datetime]:
    """Return when a session takes place, earliest first: once, or at the occurrences of a series.

    Occurrences are at the same time of day by the clock of the session's zone. One whose place an exception took
    is none of them.
    """
    local = session.start.astimezone(zone(session.time_zone_id))
    repeat = group(session.content, "repeat")
    until = _until(repeat, session.time_zone_id)
    moments = (local + timedelta(days=(day - local.date()).days) for day in _dates(repeat, local.date()))
    ahead = takewhile(lambda moment: until is None or moment.date() <= until, moments)
    found = [moment.astimezone(session.start.tzinfo) for moment in islice(ahead, _count(repeat))]
    return [moment for moment in found if moment not in session.replaced]


def repeats(session: Session) -> bool:
    """Tell whether a session is a series."""
    return _pattern(group(session.content, "repeat")) in _PATTERNS


def next_start(site: Site, session: Session) -> datetime | None:
    """Return the start of the next upcoming occurrence of the series that a session is or belongs to.

    What has begun is not upcoming (assumed). A session that does not repeat is a series of one (release notes).
    """
    series = site.sessions.get(session.series or session.key, session)
    family = [series, *(other for other in site.sessions.values() if other.series == series.key)]
    now = site.clock.now()
    return min((start for member in family for start in starts(member) if start >= now), default=None)


def series_of(call: Call, session: Session) -> int:
    """Return the key of the series that a scheduling call makes an exception of, or else that of the session.

    The call tells it in ``repeat``, by ``isException`` and ``seriesMeetingKey`` (code of public clients). A series
    that is not the host's own is not found (assumed).
    """
    supported = call.site.has(EXCEPTIONS) and call.site.settings.recurring_exceptions_supported
    if session.kind is not Kind.MEETING or not supported or not call.flag("repeat/isException"):
        return session.series
    series = call.site.sessions.get(call.number("repeat/seriesMeetingKey", 0))
    if series is None or not repeats(series) or series.host.lower() != session.host.lower():
        raise session_not_found()
    return series.key


def take_place(site: Site, exception: Session) -> None:
    """Let a new exception take the place of the occurrence that is nearest to it (assumed)."""
    series = site.sessions[exception.series]
    nearest = min(starts(series), key=lambda start: abs(start - exception.start), default=None)
    if nearest is not None:
        series.replaced = (*series.replaced, nearest)


def _pattern(repeat: Mapping[str, Answer]) -> str:
    """Return how often it repeats; a training session tells it beside the word that says whether it does."""
    word = text(repeat, "repeatType")
    return text(repeat, "occurenceType") if word == "RECURRING_SINGLE" else word


def _dates(repeat: Mapping[str, Answer], first: date) -> Iterator[date]:
    """Yield the days of a session from its first on."""
    pattern = _PATTERNS.get(_pattern(repeat))
    if pattern is None:
        yield first
        return
    for period in range(0, 1000 * MOST, _number(repeat, "interval", 1, 999)):
        days = pattern(repeat, first, period)
        if days is None:
            return
        yield from (day for day in sorted(days) if day >= first)


def _daily(repeat: Mapping[str, Answer], first: date, period: int) -> Sequence[date] | None:
    """Return the day; with ``dayInWeek`` every day that it names, whatever the interval."""
    day = first + timedelta(days=period)
    named = _named_days(repeat)
    return None if day.year > _LAST_YEAR else [day] if not named or day.weekday() in named else []


def _weekly(repeat: Mapping[str, Answer], first: date, period: int) -> Sequence[date] | None:
    """Return the days of a week, which begins on Sunday."""
    sunday = first - timedelta(days=(first.weekday() + 1) % 7) + timedelta(weeks=period)
    days = [sunday + timedelta(days=(day + 1) % 7) for day in _named_days(repeat) or [first.weekday()]]
    return None if sunday.year > _LAST_YEAR else days


def _monthly(repeat: Mapping[str, Answer], first: date, period: int) -> Sequence[date] | None:
    """Return the day of a month: its n-th Monday, or whatever ``dayInMonth`` says, or that of the start."""
    years, month = divmod(first.month - 1 + period, 12)
    return _day_of_month(repeat, first, first.year + years, month + 1)


def _yearly(repeat: Mapping[str, Answer], first: date, period: int) -> Sequence[date] | None:
    """Return the day of a year, in the month of ``monthInYear`` or else that of the start."""
    return _day_of_month(repeat, first, first.year + period, _number(repeat, "monthInYear", first.month, 12))


_PATTERNS = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}
"""What repeats; CONSTANT is open at any time and IRREGULARLY has no rule, so both take place once (assumed)."""


def _day_of_month(repeat: Mapping[str, Answer], first: date, year: int, month: int) -> Sequence[date] | None:
    if year > _LAST_YEAR:
        return None
    following = date(year + month // 12, month % 12 + 1, 1)
    days = [date(year, month, number) for number in range(1, (following - timedelta(days=1)).day + 1)]
    week, named = _number(repeat, "weekInMonth", 0, 6), _named_days(repeat)
    if week and named:
        matching = [day for day in days if day.weekday() in named]
        return matching[week - 1 : week] or matching[-1:]
    number = _number(repeat, "dayInMonth", first.day, 31)
    return days[number - 1 : number]


def _named_days(repeat: Mapping[str, Answer]) -> list[int]:
    days = group(repeat, "dayInWeek").get("day", ())
    return [_DAYS.index(day) for day in days if isinstance(day, str)]


def _number(repeat: Mapping[str, Answer], name: str, default: int, most: int) -> int:
    """Return a number from 1 to ``most``; anything else is as absent."""
    number = int(text(repeat, name, default="0"))
    return number if 0 < number <= most else default


def _count(repeat: Mapping[str, Answer]) -> int:
    """Return how often it takes place at most; by service the number stands under two names."""
    return _number(repeat, "afterMeetingNumber", _number(repeat, "endAfter", MOST, 999), 999)


def _until(repeat: Mapping[str, Answer], time_zone_id: int) -> date | None:
    """Return the last day on which it may take place; what is no date ends nothing."""
    try:
        return read_date(text(repeat, "expirationDate"), time_zone_id).astimezone(zone(time_zone_id)).date()
    except (ValueError, OverflowError):
        return None
