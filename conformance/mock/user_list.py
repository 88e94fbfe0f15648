"""LstsummaryUser and LstUser: the accounts of a site, in short and in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from conformance.mock import profile
from conformance.mock.accounts import require_admin
from conformance.mock.call import Call, answers
from conformance.mock.listing import Page, matching, matching_records, ordered, page
from conformance.mock.refusal import Refusal
from conformance.mock.scheduling import date, time_zone
from conformance.mock.state import Account
from conformance.mock.stored import Content, flag, text
from conformance.mock.webacd import is_agent_of, roles
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date
from conformance.wire.tree import Node

MODIFIED = "39.11.0/lstsummaryuser-modified"

MODIFIED_RANGE = timedelta(days=90)
"""Longest range of a query by modification (update notes 39.11.0)."""

Criterion = Callable[[Account], bool]

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Key = Callable[[Account], str | float]


def _stored(*path: str) -> Key:
    return lambda account: text(account.profile, *path).lower()


_SORT_KEYS: Mapping[str, Key] = {
    "UID": lambda account: account.user_id,
    "WEBEXID": lambda account: account.web_ex_id.lower(),
    "FIRSTNAME": lambda account: account.first_name.lower(),
    "LASTNAME": lambda account: account.last_name.lower(),
    "EMAIL": lambda account: account.email.lower(),
    "ACTIVE": profile.active,
    "REGDATE": lambda account: (account.registered or _NEVER).timestamp(),
    "TIMEZONE": lambda account: account.time_zone_id,
    "REGEXPDATE": _stored("expirationDate"),
    "PERSONALURL": _stored("personalUrl"),
    "ADDRESS1": _stored("address", "address1"),
    "ADDRESS2": _stored("address", "address2"),
    "CITY": _stored("address", "city"),
    "STATE": _stored("address", "state"),
    "ZIPCODE": _stored("address", "zipCode"),
    "COUNTRY": _stored("address", "country"),
    "PHONE1": _stored("phones", "phone"),
    "PHONE2": _stored("phones", "phone2"),
    "MOBILE1": _stored("phones", "mobilePhone"),
    "MOBILE2": _stored("phones", "mobilePhone2"),
    "FAX": _stored("phones", "fax"),
    "PAGER": _stored("phones", "pager"),
    "EMAIL2": _stored("email2"),
    "OFFICEURL": _stored("officeurl"),
    "CATEGORYID": lambda account: int(text(account.profile, "categoryId", default="0")),
}
"""What lists of users can be ordered by; of the other words of the schemas it is not said what they are."""

_TEXTS: Mapping[str, Callable[[Account], str]] = {
    "firstName": lambda account: account.first_name,
    "lastName": lambda account: account.last_name,
    "email": lambda account: account.email,
    "active": profile.active,
    "webExId": lambda account: account.web_ex_id,
}


@answers("LstsummaryUser")
def lstsummary_user(call: Call) -> Mapping[str, Answer]:
    """List accounts in short for a site administrator; others may not (assumed).

    WebACD roles are told where ``webACD`` is sent, unless its ``returnPrefs`` is false (assumed).
    """
    require_admin(call)
    shown = _page(call, [*_criteria(call), *_modified(call), *_webacd(call)])
    tells_roles = call.content.find("webACD") is not None and call.flag("webACD/returnPrefs", default=True)
    return {
        "user": [_summary(call, account, tells_roles=tells_roles) for account in shown.items],
        "matchingRecords": matching_records(shown),
    }


@answers("LstUser")
def lst_user(call: Call) -> Mapping[str, Answer]:
    """List accounts in full for a site administrator; others may not (assumed)."""
    require_admin(call)
    shown = _page(call, _criteria(call))
    return {
        "user": [profile.record(call.site, account) for account in shown.items],
        "matchingRecords": matching_records(shown),
    }


def _page(call: Call, criteria: list[Criterion]) -> Page[Account]:
    """Return the accounts asked for; without ``order`` by Webex ID (assumed)."""
    control = call.content.find("listControl")
    found = matching(call.site.accounts.values(), control, criteria)
    by_id = sorted(found, key=_SORT_KEYS["WEBEXID"])
    return page(ordered(by_id, call.content.find("order"), _SORT_KEYS), control)


def _criteria(call: Call) -> list[Criterion]:
    """Return what LstsummaryUser and LstUser both filter by."""
    criteria = [
        _equals(value, read) for name, read in _TEXTS.items() if (value := call.content.value(name)) is not None
    ]
    registered = call.content.find("dataScope") or Node("dataScope")
    zone_id = time_zone(registered, GMT)
    registered_from = date(registered, "regDateStart", zone_id)
    registered_until = date(registered, "regDateEnd", zone_id)
    if registered_from or registered_until:
        criteria.append(_within(lambda account: account.registered, registered_from, registered_until))
    return criteria


def _modified(call: Call) -> list[Criterion]:
    if not call.site.has(MODIFIED):
        return []
    start, end = _modified_range(call)
    return [_within(lambda account: account.modified, start, end)] if start or end else []


def _webacd(call: Call) -> list[Criterion]:
    """Return what ``webACD`` asks for: the roles of users, and whose agents they are."""
    criteria: list[Criterion] = [
        _has_role(rank, call.flag(f"webACD/{name}"))
        for rank, name in enumerate(("isAgent", "isMgr"))
        if call.content.value(f"webACD/{name}") is not None
    ]
    if manager := call.text("webACD/manager"):
        criteria.append(lambda account: is_agent_of(call.site, account, manager))
    return criteria


def _has_role(rank: int, wanted: bool) -> Criterion:
    return lambda account: roles(account)[rank] == wanted


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


def _summary(call: Call, account: Account, *, tells_roles: bool) -> Content:
    """Return one ``use:user``. ``lastModifiedTime`` follows ``registrationDate`` (update notes 39.11.0)."""
    summary: Content = {
        "webExId": account.web_ex_id,
        "firstName": account.first_name,
        "lastName": account.last_name,
        "email": account.email,
    }
    if registered := profile.registration_date(account):
        summary["registrationDate"] = registered
    if account.modified and call.site.has(MODIFIED):
        summary["lastModifiedTime"] = write_date(account.modified)
    summary |= {"active": profile.active(account), "timeZoneID": str(account.time_zone_id)}
    if tells_roles:
        is_agent, is_manager = roles(account)
        summary["webACD"] = {"isAgent": flag(is_agent), "isMgr": flag(is_manager)}
    return summary
