"""LstAccessAnywhereHistory: the Access Anywhere report that came with 40.1.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.scheduling import date
from conformance.mock.state import AccessAnywhere
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date
from conformance.wire.tree import Node

CHANGE = "40.1.0/lstaccessanywherehistory"

Criterion = Callable[[AccessAnywhere], bool]


def _minutes(use: AccessAnywhere) -> int:
    """Return the length in whole minutes; the printed example makes 4 minutes 22 seconds 5 (update notes)."""
    return ceil((use.end - use.start).total_seconds() / 60)


# STARTTIME and CONFID sort other history lists too; the rest is what a record shows (assumed).
_SORT_KEYS: Mapping[str, Callable[[AccessAnywhere], str | float]] = {
    "STARTTIME": lambda use: use.start.timestamp(),
    "CONFID": lambda use: use.conf_id,
    "ENDTIME": lambda use: use.end.timestamp(),
    "DURATION": _minutes,
    "USERNAME": lambda use: use.user_name.lower(),
    "COMPUTERNAME": lambda use: use.computer_name.lower(),
    "CLIENTIP": lambda use: use.client_ip,
}


@answers("LstAccessAnywhereHistory", change=CHANGE)
def lst_access_anywhere_history(call: Call) -> Mapping[str, Answer]:
    """List uses of remote computers whose start, end or both are in the scopes that were asked for.

    ``listMethod`` joins the two scopes only; whose uses are listed is apart from it (assumed). Without
    ``order``: by start (assumed). matchingRecords stand first (update notes).
    """
    control = call.content.find("listControl")
    found = matching(_reachable(call), control, _scopes(call))
    by_start = sorted(found, key=_SORT_KEYS["STARTTIME"])
    shown = page(ordered(by_start, call.content.find("order"), _SORT_KEYS), control)
    return {
        "matchingRecords": matching_records(shown),
        "accessAnyWhereInfo": [_record(use) for use in shown.items],
    }


def _reachable(call: Call) -> list[AccessAnywhere]:
    """Return what the caller may see: all, or one host's, for an administrator; else his own.

    For others hostWebExID is ignored, as in the other history lists (guide). A host who does not exist has
    no records (assumed).
    """
    own = call.account.web_ex_id
    host = call.text("hostWebexID") if call.account.site_admin else own
    return [use for use in call.site.access_anywhere if host.lower() in ("", use.host.lower())]


def _scopes(call: Call) -> list[Criterion]:
    """Return a criterion for each scope that was sent; its dates are GMT, as a call without a zone means."""
    scopes: tuple[tuple[str, str, Callable[[AccessAnywhere], datetime]], ...] = (
        ("startTimeScope", "sessionStartTime", lambda use: use.start),
        ("endTimeScope", "sessionEndTime", lambda use: use.end),
    )
    return [
        _within(read, node, element)
        for scope, element, read in scopes
        if (node := call.content.find(scope)) is not None and node.children
    ]


def _within(read: Callable[[AccessAnywhere], datetime], scope: Node, element: str) -> Criterion:
    """Ask for a moment in a scope; both ends belong to it, and a missing one does not bound it (assumed)."""
    start, end = date(scope, f"{element}Start", GMT), date(scope, f"{element}End", GMT)

    def criterion(use: AccessAnywhere) -> bool:
        moment = read(use).replace(microsecond=0)
        return (start is None or start <= moment) and (end is None or moment <= end)

    return criterion


def _record(use: AccessAnywhere) -> Mapping[str, Answer]:
    return {
        "confID": str(use.conf_id),
        "userName": use.user_name,
        "computerName": use.computer_name,
        "clientIP": use.client_ip,
        "startTime": write_date(use.start),
        "endTime": write_date(use.end),
        "duration": str(_minutes(use)),
    }
