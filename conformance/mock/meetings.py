"""The meeting service: meetings scheduled, changed, read, deleted, listed, and the links to them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching_records
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all, person
from conformance.mock.scheduling import (
    Form,
    drafted,
    hosted,
    keep,
    links,
    live,
    named,
    own,
    refuse_past_start,
    remove,
    revised,
)
from conformance.mock.session_elements import MEETING, MEETING_INSTANCE
from conformance.mock.session_kinds import private_meeting
from conformance.mock.session_lists import basics, session_page
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, overlaid, written
from conformance.wire.answer import Answer

PARTICIPANT_LIST = "11.0.4/participant-list-default"

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
    if not call.site.has(PARTICIPANT_LIST):
        defaults = {"enableOptions": {"attendeeList": "false"}}
        session.content = overlaid(MEETING, defaults, session.content)
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
    told = written(MEETING, session.content, live(session), _participants(session))
    return {**told, **private_meeting(call, session)}


@answers("DelMeeting")
def del_meeting(call: Call) -> Mapping[str, Answer]:
    """Delete a meeting of the caller's own; the links of the answer cancel it in calendars (recorded 2016)."""
    session = own(call, named(call, *_KEYS, kind=Kind.MEETING))
    remove(call.site, session)
    return {"iCalendarURL": links(call.site, session, "cancel-")}


@answers("LstsummaryMeeting")
def lstsummary_meeting(call: Call) -> Mapping[str, Answer]:
    """List meetings: a host's own, for a site administrator all (reference guide)."""
    found = session_page(call, Kind.MEETING, "meetingKey")
    return {"meeting": [_summary(session) for session in found.items], "matchingRecords": matching_records(found)}


@answers("LstMeeting")
def lst_meeting(call: Call) -> Mapping[str, Answer]:
    """List meetings in full: the older list, which LstsummaryMeeting has replaced."""
    found = session_page(call, Kind.MEETING, "meetingKey")
    records = [
        written(MEETING_INSTANCE, session.content, live(session), _participants(session)) for session in found.items
    ]
    return {"meeting": records, "matchingRecords": matching_records(found)}


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


def _participants(session: Session) -> Content:
    attendees: list[Answer] = [
        {
            "att:person": person(attendee),
            "att:joinStatus": attendee.join_status,
            "att:meetingKey": str(session.key),
            "att:role": attendee.role,
        }
        for attendee in session.attendees.values()
    ]
    return {"participants": {"attendees": {"attendee": attendees} if attendees else {}}}


def _summary(session: Session) -> Answer:
    joined = {"hostJoined": "false", "participantsJoined": "false"}
    return {"meetingKey": str(session.key), **basics(session), **joined}
