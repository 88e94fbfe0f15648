"""LstsummaryUser: the accounts of a site in short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from conformance.mock import profile
from conformance.mock.call import Call, answers
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.refusal import Refusal
from conformance.mock.scheduling import date, time_zone
from conformance.mock.state import Account
from conformance.mock.users import require_admin
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date
from conformance.wire.tree import Node

MODIFIED_RANGE = timedelta(days=90)
"""Longest range of a query by modification (update notes 39.11.0)."""

Criterion = Callable[[Account], bool]

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_SORT_KEYS: Mapping[str, Callable[[Account], str | float]] = {
    "UID": lambda account: account.user_id,
    "WEBEXID": lambda account: account.web_ex_id.lower(),
    "FIRSTNAME": lambda account: account.first_name.lower(),
    "LASTNAME": lambda account: account.last_name.lower(),
    "EMAIL": lambda account: account.email.lower(),
    "ACTIVE": profile.active,
    "REGDATE": lambda account: (account.registered or _NEVER).timestamp(),
    "TIMEZONE": lambda account: account.time_zone_id,
}

_TEXTS: Mapping[str, Callable[[Account], str]] = {
    "firstName": lambda account: account.first_name,
    "lastName": lambda account: account.last_name,
    "email": lambda account: account.email,
    "active": profile.active,
    "webExId": lambda account: account.web_ex_id,
}


@answers("LstsummaryUser")
def lstsummary_user(call: Call) -> Mapping[str, Answer]:
    """List accounts for a site administrator; others may not (assumed). Without ``order``: by Webex ID."""
    require_admin(call)
    control = call.content.find("listControl")
    found = matching(call.site.accounts.values(), control, _criteria(call))
    by_id = sorted(found, key=_SORT_KEYS["WEBEXID"])
    shown = page(ordered(by_id, call.content.find("order"), _SORT_KEYS), control)
    return {
        "user": [_summary(account) for account in shown.items],
        "matchingRecords": matching_records(shown),
    }


def _criteria(call: Call) -> list[Criterion]:
    criteria = [
        _equals(value, read) for name, read in _TEXTS.items() if (value := call.content.value(name)) is not None
    ]
    registered = call.content.find("dataScope") or Node("dataScope")
    zone_id = time_zone(registered, GMT)
    registered_from = date(registered, "regDateStart", zone_id)
    registered_until = date(registered, "regDateEnd", zone_id)
    if registered_from or registered_until:
        criteria.append(_within(lambda account: account.registered, registered_from, registered_until))
    modified_from, modified_until = _modified_range(call)
    if modified_from or modified_until:
        criteria.append(_within(lambda account: account.modified, modified_from, modified_until))
    return criteria


def _modified_range(call: Call) -> tuple[datetime | None, datetime | None]:
    """Return the range of modification asked for, in GMT; an open end is 90 days off or now (assumed)."""
    start, end = (date(call.content, path, GMT) for path in ("modifiedDateStart", "modifiedDateEnd"))
    if start and not end:
        end = max(call.site.clock.now(), start)
    if end and not start:
        start = end - MODIFIED_RANGE
    if start and end and end - start > MODIFIED_RANGE:
        raise Refusal("999999", "Maximum date range is 90 days for modified date query.")
    return start, end


def _equals(value: str, read: Callable[[Account], str]) -> Criterion:
    """Compare whole texts, whatever their case (assumed)."""
    return lambda account: read(account).lower() == value.lower()


def _within(read: Callable[[Account], datetime | None], start: datetime | None, end: datetime | None) -> Criterion:
    """Ask for a moment in a range; both ends belong to it (assumed)."""

    def criterion(account: Account) -> bool:
        moment = (read(account) or _NEVER).replace(microsecond=0)
        return (start is None or start <= moment) and (end is None or moment <= end)

    return criterion


def _summary(account: Account) -> Mapping[str, Answer]:
    """Return one ``use:user``. ``lastModifiedTime`` follows ``registrationDate`` (update notes 39.11.0)."""
    summary: dict[str, Answer] = {
        "webExId": account.web_ex_id,
        "firstName": account.first_name,
        "lastName": account.last_name,
        "email": account.email,
    }
    if registered := profile.registration_date(account):
        summary["registrationDate"] = registered
    if account.modified:
        summary["lastModifiedTime"] = write_date(account.modified)
    return summary | {"active": profile.active(account), "timeZoneID": str(account.time_zone_id)}
