"""What the event service lists: scheduled events, recorded ones, and programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from conformance.mock.call import Call, answers
from conformance.mock.classic_events import refuse_classic_events
from conformance.mock.listing import Page, matching, matching_records, ordered, page
from conformance.mock.refusal import access_denied
from conformance.mock.scheduling import date, listing, time_zone
from conformance.mock.session_info import STATUS
from conformance.mock.session_lists import Criterion, session_page
from conformance.mock.state import Kind, Program, Recording, Session
from conformance.mock.stored import flag, text
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date
from conformance.wire.tree import Node

_RECORDING_KEYS: Mapping[str, Callable[[Recording], str | float]] = {
    "EVENTNAME": lambda recording: recording.name,
    "STARTTIME": lambda recording: recording.created.timestamp(),
    "HOSTWEBEXID": lambda recording: recording.host,
}
_PROGRAM_KEYS: Mapping[str, Callable[[Program], str | float]] = {
    "PROGRAMNAME": lambda program: program.name,
    "HOSTWEBEXID": lambda program: program.host,
}


@answers("LstsummaryEvent")
def lstsummary_event(call: Call) -> Mapping[str, Answer]:
    """List scheduled events: a host's own, for a site administrator all (assumed: as LstsummaryMeeting)."""
    refuse_classic_events(call)
    found = session_page(call, Kind.EVENT, "sessionKey", _of_program(call))
    return {
        "matchingRecords": matching_records(found),
        "event": [_summary(call, session) for session in found.items],
    }


@answers("LstrecordedEvent")
def lstrecorded_event(call: Call) -> Mapping[str, Answer]:
    """List recorded events, by host: own ones, for a site administrator all (assumed).

    A recording belongs to no program here, so ``programID`` finds nothing. Totals count recordings (assumed).
    """
    refuse_classic_events(call)
    found = _recordings(call)
    by_host = groupby(found.items, key=lambda recording: recording.host)
    return {
        "matchingRecords": matching_records(found),
        "event": [
            {"webExID": host, "recordedEvent": [_recorded(call, one) for one in recordings]}
            for host, recordings in by_host
        ],
    }


@answers("LstsummaryProgram")
def lstsummary_program(call: Call) -> Mapping[str, Answer]:
    """List programs: those of all hosts, to who may schedule (assumed)."""
    refuse_classic_events(call)
    if not call.account.host:
        raise access_denied()
    content, control = call.content, call.content.find("listControl")
    criteria: list[Callable[[Program], bool]] = []
    if content.value("programID"):
        wanted = call.number("programID")
        criteria.append(lambda program: program.program_id == wanted)
    programs = ordered(matching(call.site.programs, control, criteria), content.find("order"), _PROGRAM_KEYS)
    found = page(programs, control)
    return {
        "matchingRecords": matching_records(found),
        "program": [
            {
                "programID": str(program.program_id),
                "programName": program.name,
                "hostWebExID": program.host,
                "status": "PUBLIC",
                "programURL": f"https://{call.site.host_name}/{call.site.name}/program/{program.program_id}",
            }
            for program in found.items
        ],
    }


def _of_program(call: Call) -> Sequence[Criterion]:
    if not call.content.value("programID"):
        return ()
    program = str(call.number("programID"))
    return (lambda session: text(session.content, "metaData", "programID") == program,)


def _summary(call: Call, session: Session) -> Answer:
    """Return one record; its times are in the event's own zone, which stands beside them (assumed)."""
    zone_id, end = session.time_zone_id, session.start + timedelta(minutes=session.duration)
    description = text(session.content, "metaData", "description")
    panelists = text(session.content, "panelists", "panelistsInfo")
    return {
        "sessionKey": str(session.key),
        "sessionName": session.name,
        "sessionType": str(session.session_type),
        "hostWebExID": session.host,
        "startDate": write_date(session.start, zone_id),
        "endDate": write_date(end, zone_id),
        "timeZoneID": str(zone_id),
        "duration": str(session.duration),
        **({"description": description} if description else {}),
        "status": STATUS,
        **({"panelists": panelists} if panelists else {}),
        "listStatus": listing(session),
        **({"attendeeCount": _count(session)} if call.flag("attendeeStats") else {}),
    }


def _count(session: Session) -> Answer:
    """Return how many have enrolled, and how many are on the list and have not declined (assumed)."""
    people = session.attendees.values()
    return {
        "estEnrollment": str(sum(one.submitted is not None for one in people)),
        "estAttendance": str(sum(one.join_status != "REJECT" for one in people)),
    }


def _recordings(call: Call) -> Page[Recording]:
    content, control = call.content, call.content.find("listControl")
    me = call.account
    seen = [
        recording
        for recording in call.site.recordings
        if recording.service_type == Kind.EVENT and not recording.deleted
        if me.site_admin or recording.host.lower() == me.web_ex_id.lower()
    ]
    criteria: list[Callable[[Recording], bool]] = []
    if scope := content.find("dateScope"):
        criteria.append(_recorded_in(scope))
    if host := call.text("hostWebExID").lower():
        criteria.append(lambda recording: recording.host.lower() == host)
    if content.value("programID"):
        criteria.append(lambda _: False)
    by_host = sorted(matching(seen, control, criteria), key=lambda recording: recording.host)
    return page(ordered(by_host, content.find("order"), _RECORDING_KEYS), control)


def _recorded_in(scope: Node) -> Callable[[Recording], bool]:
    """Return the criterion of a ``dateScope``; of its two pairs of ends both are of one moment here (assumed)."""
    zone_id = time_zone(scope, GMT)
    earliest, latest = (
        [moment for path in paths if (moment := date(scope, path, zone_id))]
        for paths in (("startDateStart", "endDateStart"), ("startDateEnd", "endDateEnd"))
    )

    def criterion(recording: Recording) -> bool:
        created: datetime = recording.created
        return all(moment <= created for moment in earliest) and all(created <= moment for moment in latest)

    return criterion


def _recorded(call: Call, recording: Recording) -> Answer:
    """Return one record. Its links are of this site's recordings; their form was not seen (assumed)."""
    link = f"https://{call.site.host_name}/{call.site.name}/lsr.php?RCID={recording.uuid}"
    return {
        "eventName": recording.name,
        "eventType": "Recorded",
        "recordingStartTime": write_date(recording.created),
        "timeZoneID": str(GMT),
        "playTime": str(recording.duration),
        **({"description": recording.description} if recording.description else {}),
        "destinationURL": "",
        "size": str(round(recording.size)),
        "isAccessPassword": flag(bool(recording.password)),
        "isEnrollmentPassword": "false",
        "hostWebExID": recording.host,
        "viewURL": link,
    }
