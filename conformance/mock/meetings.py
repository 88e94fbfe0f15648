"""The meeting service: meetings scheduled, changed, read, deleted, listed, and the links to them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all, person
from conformance.mock.scheduling import (
    SORT_KEYS,
    Form,
    drafted,
    hosted,
    in_scope,
    keep,
    links,
    listing,
    live,
    named,
    own,
    refuse_past_start,
    revised,
    visible,
)
from conformance.mock.session_elements import MEETING
from conformance.mock.state import Attendee, Kind, Session
from conformance.mock.stored import written
from conformance.wire.answer import Answer
from conformance.wire.times import ZONES, write_date

_FORM = Form(
    Kind.MEETING,
    MEETING,
    default_type=3,
    type_path="metaData/meetingType",
    password_path="accessControl/meetingPassword",  # noqa: S106 - where it stands, not what it is
)
_KEYS = ("meetingkey", "meetingKey", "sessionKey")
"""Spellings of the key: the schemas', their own other one, and that of the rest of the API (observed)."""


@answers("CreateMeeting")
def create_meeting(call: Call) -> Mapping[str, Answer]:
    """Schedule a meeting.

    ``meetingUUID`` and ``meetingPassword`` stand right after the key (recorded 2020); since when the UUID is
    returned is not known, so it always is.
    """
    session = drafted(call, _FORM)
    refuse_past_start(call, session)
    invite_all(call, session, "participants/attendees/attendee")
    keep(call, session)
    return {
        "meetingkey": str(session.key),
        "meetingUUID": session.uuid,
        **announced(call, "meetingPassword", session.password),
        "iCalendarURL": links(call.site, session),
        "guestToken": session.token,
    }


@answers("SetMeeting")
def set_meeting(call: Call) -> Mapping[str, Answer]:
    """Change a meeting of the caller's own; a refused call changes nothing."""
    session = revised(call, _FORM, own(call, named(call, *_KEYS, kind=Kind.MEETING)))
    refuse_past_start(call, session)
    invite_all(call, session, "participants/attendees/attendee")
    keep(call, session)
    return {"iCalendarURL": links(call.site, session)}


@answers("GetMeeting")
def get_meeting(call: Call) -> Mapping[str, Answer]:
    """Return a meeting with all its groups, in the order recorded 2016."""
    session = hosted(call, named(call, *_KEYS, kind=Kind.MEETING))
    attendees = [_attendee(session, attendee) for attendee in session.attendees.values()]
    participants = {"participants": {"attendees": {"attendee": attendees} if attendees else {}}}
    return written(MEETING, session.content, live(session), participants)


@answers("DelMeeting")
def del_meeting(call: Call) -> Mapping[str, Answer]:
    """Delete a meeting of the caller's own; the links of the answer cancel it in calendars (recorded 2016)."""
    session = own(call, named(call, *_KEYS, kind=Kind.MEETING))
    del call.site.sessions[session.key]
    return {"iCalendarURL": links(call.site, session, "cancel-")}


@answers("LstsummaryMeeting")
def lstsummary_meeting(call: Call) -> Mapping[str, Answer]:
    """List meetings: a host's own, for a site administrator all (reference guide)."""
    content, control = call.content, call.content.find("listControl")
    criteria = []
    if content.find("dateScope"):
        criteria.append(in_scope(content.find("dateScope")))
    if content.value("meetingKey"):
        key = call.number("meetingKey")
        criteria.append(lambda session: session.key == key)
    if host := call.text("hostWebExID").lower():
        criteria.append(lambda session: session.host.lower() == host)
    meetings = [session for session in visible(call) if session.kind is Kind.MEETING]
    found = page(ordered(matching(meetings, control, criteria), content.find("order"), SORT_KEYS), control)
    return {"meeting": [_summary(session) for session in found.items], "matchingRecords": matching_records(found)}


@answers("GethosturlMeeting")
def gethosturl_meeting(call: Call) -> Mapping[str, Answer]:
    """Return the link that starts a session of any kind (assumed) as its host."""
    session = hosted(call, named(call, "sessionKey", "meetingKey"))
    return {"hostMeetingURL": call.site.link(session, "host")}


@answers("GetjoinurlMeeting")
def getjoinurl_meeting(call: Call) -> Mapping[str, Answer]:
    """Return the links to join a session and to invite to it, to anyone signed in (assumed).

    The link to join carries the name and address sent; how it spells them was not seen (assumed: as the
    parameters AN and AE).
    """
    link = call.site.link(named(call, "sessionKey", "meetingKey"), "attendee")
    who = {"AN": call.text("attendeeName"), "AE": call.text("attendeeEmail")}
    parameters = urlencode({name: value for name, value in who.items() if value})
    return {"joinMeetingURL": f"{link}&{parameters}" if parameters else link, "inviteMeetingURL": link}


def _attendee(session: Session, attendee: Attendee) -> Answer:
    return {
        "att:person": person(attendee),
        "att:joinStatus": attendee.join_status,
        "att:meetingKey": str(session.key),
        "att:role": attendee.role,
    }


def _summary(session: Session) -> Answer:
    """Return one record; its start is written in the meeting's own zone, which stands beside it (assumed)."""
    return {
        "meetingKey": str(session.key),
        "confName": session.name,
        "meetingType": str(session.session_type),
        "hostWebExID": session.host,
        "timeZoneID": str(session.time_zone_id),
        "timeZone": ZONES[session.time_zone_id][1],
        "status": "NOT_INPROGRESS",
        "startDate": write_date(session.start, session.time_zone_id),
        "duration": str(session.duration),
        "listStatus": listing(session),
        "hostJoined": "false",
        "participantsJoined": "false",
    }
