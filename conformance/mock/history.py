"""LstAccessAnywhereHistory: the Access Anywhere report that came with 40.1.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.past import minutes, reachable, within
from conformance.mock.state import AccessAnywhere
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date

CHANGE = "40.1.0/lstaccessanywherehistory"


# STARTTIME and CONFID sort other history lists too; the rest is what a record shows (assumed).
_SORT_KEYS: Mapping[str, Callable[[AccessAnywhere], str | float]] = {
    "STARTTIME": lambda use: use.start.timestamp(),
    "CONFID": lambda use: use.conf_id,
    "ENDTIME": lambda use: use.end.timestamp(),
    "DURATION": lambda use: minutes(use.start, use.end),
    "USERNAME": lambda use: use.user_name.lower(),
    "COMPUTERNAME": lambda use: use.computer_name.lower(),
    "CLIENTIP": lambda use: use.client_ip,
}


@answers("LstAccessAnywhereHistory", change=CHANGE)
def lst_access_anywhere_history(call: Call) -> Mapping[str, Answer]:
    """List uses of remote computers whose start, end or both are in the scopes that were asked for.

    Dates are GMT, as a call without a zone means. ``listMethod`` joins the two scopes only; whose uses are listed is
    apart from it (assumed). Without ``order``: by start (assumed). matchingRecords stand first (update notes).
    """
    content, control = call.content, call.content.find("listControl")
    scopes = [
        *within(content.find("startTimeScope"), "sessionStartTime", GMT, _start),
        *within(content.find("endTimeScope"), "sessionEndTime", GMT, _end),
    ]
    found = matching(reachable(call, call.site.access_anywhere, "hostWebexID"), control, scopes)
    by_start = sorted(found, key=_SORT_KEYS["STARTTIME"])
    shown = page(ordered(by_start, content.find("order"), _SORT_KEYS), control)
    return {
        "matchingRecords": matching_records(shown),
        "accessAnyWhereInfo": [_record(use) for use in shown.items],
    }


def _start(use: AccessAnywhere) -> datetime:
    return use.start


def _end(use: AccessAnywhere) -> datetime:
    return use.end


def _record(use: AccessAnywhere) -> Mapping[str, Answer]:
    return {
        "confID": str(use.conf_id),
        "userName": use.user_name,
        "computerName": use.computer_name,
        "clientIP": use.client_ip,
        "startTime": write_date(use.start),
        "endTime": write_date(use.end),
        "duration": str(minutes(use.start, use.end)),
    }
