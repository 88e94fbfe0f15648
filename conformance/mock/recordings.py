"""Recordings: listed, read, changed and deleted.

A recording is one of the network (NBR) or one of a service; which of the two is meant is told by
``isServiceRecording``, and one of the other sort is not found (assumed). An unknown recording is 000015, as a list of
nothing is (assumed: no recording exists of what it gets).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from conformance.mock.call import Call, answers
from conformance.mock.listing import Page, matching_records, page
from conformance.mock.past import reachable, within
from conformance.mock.recording_elements import RECORDING
from conformance.mock.refusal import access_denied, no_record
from conformance.mock.scheduling import time_zone
from conformance.mock.state import Recording, Site
from conformance.mock.stored import Content, flag, kept, overlaid, text, written
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date

FOUR_WEEKS = "11.0.7/lstrecording-of-four-weeks"
RECYCLE_BIN = "10.0.12/recording-recycle-bin"
UUID = "42.11.1/lstrecording-uuid"

_RANGE = timedelta(weeks=4)


@answers("LstRecording")
def lst_recording(call: Call) -> Mapping[str, Answer]:
    """List recordings that meet every filter: a host's own, for a site administrator all (assumed), newest first.

    Names are compared whole and without their case (assumed). What ``returnSessionDetails`` adds was not seen: the key
    of the session is told in any case.
    """
    wanted = [recording for recording in reachable(call, _present(call.site)) if _is_wanted(call, recording)]
    shown = page_of(call, wanted)
    zone_id = time_zone(call.content.find("createTimeScope"), GMT)
    return {
        "matchingRecords": matching_records(shown),
        "recording": [record(call, recording, zone_id) for recording in shown.items],
    }


@answers("GetRecordingInfo")
def get_recording_info(call: Call) -> Mapping[str, Answer]:
    """Return what a recording is called, how it is played and who may have it."""
    recording = named(call, "recordingID")
    told: Content = {
        "basic": {"topic": recording.name, "description": recording.description},
        "fileAccess": {"password": recording.password} if recording.password else {},
    }
    return written(RECORDING, recording.content, told)


@answers("SetRecordingInfo")
def set_recording_info(call: Call) -> Mapping[str, Answer]:
    """Change a recording of the caller's own; what is not sent stays as it was (assumed)."""
    recording = named(call, "recording/recordingID")
    recording.content = overlaid(RECORDING, recording.content, kept(RECORDING, call.content))
    recording.name = call.text("basic/topic", recording.name)
    recording.description = call.text("recording/description", recording.description)
    recording.password = call.text("recording/password", recording.password)
    return {"recordingID": str(recording.recording_id)}


@answers("DelRecording")
def del_recording(call: Call) -> Mapping[str, Answer]:
    """Delete a recording of the caller's own; since 10.0 SP12 it waits in the recycle bin (release notes)."""
    recording = named(call, "recordingID")
    if call.site.has(RECYCLE_BIN):
        recording.deleted = call.site.clock.now()
    else:
        call.site.recordings.remove(recording)
    return {"recordingID": str(recording.recording_id)}


def named(call: Call, path: str) -> Recording:
    """Return the recording whose number stands at ``path``, if it is the caller's own or he administers the site."""
    number, of_service = call.number(path), call.flag("isServiceRecording")
    recording = next((r for r in _present(call.site) if (r.recording_id, r.of_service) == (number, of_service)), None)
    if recording is None:
        raise no_record()
    if not call.account.site_admin and recording.host.lower() != call.account.web_ex_id.lower():
        raise access_denied()
    return recording


def page_of(call: Call, recordings: list[Recording]) -> Page[Recording]:
    """Return the page that a list of recordings asks for, the newest first (assumed)."""
    newest_first = sorted(recordings, key=lambda recording: recording.created, reverse=True)
    return page(newest_first, call.content.find("listControl"))


def record(call: Call, recording: Recording, zone_id: int) -> Content:
    """Return one record of a list; its time is in the zone of the list's scope, else GMT (assumed).

    The form of the two addresses, the format and the number of the type are assumed.
    """
    link = f"https://{call.site.host_name}/{call.site.name}"
    digest = hashlib.md5(f"recording{recording.uuid}".encode(), usedforsecurity=False).hexdigest()
    with_uuid = recording.of_service and call.site.has(UUID)
    return {
        "recordingID": str(recording.recording_id),
        "hostWebExID": recording.host,
        "name": recording.name,
        "description": recording.description,
        "createTime": write_date(recording.created, zone_id),
        "timeZoneID": str(zone_id),
        "size": f"{recording.size:g}",
        "streamURL": f"{link}/ldr.php?RCID={digest}",
        "fileURL": f"{link}/lsr.php?RCID={digest}",
        "sessionKey": str(recording.session_key),
        "recordingType": "1" if recording.of_service else "0",
        "duration": str(recording.duration),
        "listing": text(recording.content, "basic", "listing", default="PUBLIC"),
        "format": "ARF",
        "serviceType": recording.service_type,
        "passwordReq": flag(bool(recording.password)),
        "registerReq": text(recording.content, "fileAccess", "registration", default="false"),
        "confID": str(recording.conf_id),
        **({"recordingUUID": recording.uuid} if with_uuid else {}),
    }


def _present(site: Site) -> list[Recording]:
    return [recording for recording in site.recordings if recording.deleted is None]


def _is_wanted(call: Call, recording: Recording) -> bool:
    services = {node.text.strip() for node in call.content.all("serviceTypes/serviceType")} - {""}
    return (
        _in_time(call, recording)
        and (not services or recording.service_type in services)
        and call.text("recordName").casefold() in ("", recording.name.casefold())
        and call.text("sessionKey") in ("", str(recording.session_key))
    )


def _in_time(call: Call, recording: Recording) -> bool:
    """Tell whether a recording was made in the scope; without one, since 11.0 SP7, in the last four weeks."""
    scope = call.content.find("createTimeScope")
    if scope is not None and scope.children:
        zone_id = time_zone(scope, GMT)
        return all(criterion(recording) for criterion in within(scope, "createTime", zone_id, _created))
    return not call.site.has(FOUR_WEEKS) or recording.created >= call.site.clock.now() - _RANGE


def _created(recording: Recording) -> datetime:
    return recording.created
