"""Who looked at recordings: counted for each recording, and one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from conformance.mock.call import Call, answers, number
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.past import reachable, within
from conformance.mock.scheduling import time_zone
from conformance.mock.state import Recording, RecordingAccess
from conformance.mock.stored import flag
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date
from conformance.wire.tree import Node

DEFAULT_RANGE = "11.0.8/record-access-of-90-days"
RANGE = timedelta(days=90)

_SORT_KEYS: Mapping[str, Callable[[Recording], str | float]] = {
    "RECORDID": lambda recording: recording.recording_id,
    "UPLOADTIME": lambda recording: recording.created.timestamp(),
    "RECORDNAME": lambda recording: recording.name,
}


@answers("LstrecordaccessHistory")
def lst_record_access_history(call: Call) -> Mapping[str, Answer]:
    """List the recordings that somebody looked at, with how often; by when they were made (assumed).

    Dates are read and written in ``timeZoneID``, without one in GMT (assumed).
    """
    control = call.content.find("listControl")
    zone_id = time_zone(call.content, GMT)
    looked_at = [recording for recording in reachable(call, call.site.recordings) if recording.accesses]
    found = matching(filter(_by_default(call), looked_at), control, _criteria(call, zone_id))
    by_time = sorted(found, key=_SORT_KEYS["UPLOADTIME"])
    shown = page(ordered(by_time, call.content.find("order"), _SORT_KEYS), control)
    return {
        "recordAccessHistory": [_counted(recording, zone_id) for recording in shown.items],
        "matchingRecords": matching_records(shown),
    }


@answers("LstrecordaccessDetailHistory")
def lst_record_access_detail_history(call: Call) -> Mapping[str, Answer]:
    """List the visits to one recording, without ``recordID`` to all that the caller may see (assumed), by time."""
    control = call.content.find("listControl")
    zone_id = time_zone(call.content, GMT)
    recordings = reachable(call, call.site.recordings)
    if call.text("recordID"):
        wanted = number(call.content, "recordID")
        recordings = [recording for recording in recordings if recording.recording_id == wanted]
    visits = sorted((visit for one in recordings for visit in one.accesses), key=lambda visit: visit.time)
    shown = page(visits, control)
    return {
        "recordDetail": [_visit(call, visit, zone_id) for visit in shown.items],
        "matchingRecords": matching_records(shown),
    }


def _by_default(call: Call) -> Callable[[Recording], bool]:
    """Return the range of a call that names none: 90 days since 11.0 SP8 (release notes), before that all (assumed).

    When the recording was made counts, and a scope of either kind replaces it (assumed).
    """
    scopes = [call.content.find(name) for name in ("creationTimeScope", "viewTimeScope")]
    if any(scope is not None and scope.children for scope in scopes) or not call.site.has(DEFAULT_RANGE):
        return lambda _: True
    since = call.site.clock.now() - RANGE
    return lambda recording: recording.created >= since


def _criteria(call: Call, zone_id: int) -> list[Callable[[Recording], bool]]:
    """Return the filters that listMethod joins; names are compared whole and without their case (assumed)."""
    content = call.content
    criteria = within(content.find("creationTimeScope"), "creationTime", zone_id, _created)
    criteria += _viewed_within(content.find("viewTimeScope"), zone_id)
    if name := call.text("recordName").lower():
        criteria.append(lambda recording: recording.name.lower() == name)
    return criteria


def _viewed_within(scope: Node | None, zone_id: int) -> list[Callable[[Recording], bool]]:
    """Ask for a visit in the scope; the counts of the recording count all its visits (assumed)."""
    criteria = within(scope, "viewTime", zone_id, _visited)
    return [lambda recording: any(all(c(visit) for c in criteria) for visit in recording.accesses)] if criteria else []


def _created(recording: Recording) -> datetime:
    return recording.created


def _visited(visit: RecordingAccess) -> datetime:
    return visit.time


def _counted(recording: Recording, zone_id: int) -> Answer:
    visits = recording.accesses
    return {
        "recordID": str(recording.recording_id),
        "recordName": recording.name,
        "creationTime": write_date(recording.created, zone_id),
        "registered": str(sum(visit.registered is not None for visit in visits)),
        "downloaded": str(sum(visit.downloaded for visit in visits)),
        "viewed": str(sum(visit.viewed for visit in visits)),
        "timeZoneID": str(zone_id),
    }


def _visit(call: Call, visit: RecordingAccess, zone_id: int) -> Answer:
    """Return one visit; ``regFields`` only where the caller asks for them and the visitor registered (assumed)."""
    first, _, last = visit.name.partition(" ")
    return {
        "viewID": str(visit.view_id),
        "participantName": visit.name,
        "participantEmail": visit.email,
        "accessTime": write_date(visit.time, zone_id),
        "registered": flag(visit.registered is not None),
        **({"registerDate": write_date(visit.registered, zone_id)} if visit.registered else {}),
        "downloaded": flag(visit.downloaded),
        "viewed": flag(visit.viewed),
        "timeZoneID": str(zone_id),
        **(
            {"regFields": {"firstName": first, "lastName": last}}
            if visit.registered and call.flag("returnRegFields")
            else {}
        ),
    }
