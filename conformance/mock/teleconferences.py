"""The teleconference service: audio-only sessions scheduled, changed and read."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all
from conformance.mock.scheduling import Form, drafted, hosted, keep, live, named, own, revised
from conformance.mock.session_elements import TELECONFERENCE
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, fields, written
from conformance.wire.answer import Answer

SESSION_TYPE = 16
"""Session type of audio-only sessions (reference guide, LstsummarySession)."""

_FORM = Form(Kind.TELECONFERENCE, TELECONFERENCE, default_type=SESSION_TYPE)

_ATTENDEE = fields(
    """
    name string; firstName string; lastName string; email string;
    phones com:{phone string; mobilePhone string; fax string}
    """
)
_LISTS = {"fullAccessAttendees": "ATTENDEE", "limitedAccessAttendees": "LIMITED"}
"""The two lists of people, and the role that stands for each (assumed)."""


@answers("CreateTeleconferenceSession")
def create_teleconference_session(call: Call) -> Mapping[str, Answer]:
    """Schedule an audio-only session. The password follows the key (assumed: shown in a picture only)."""
    session = drafted(call, _FORM)
    _invite(call, session)
    keep(call, session)
    return {"sessionKey": str(session.key), **announced(call, "sessionPassword", session.password)}


@answers("SetTeleconferenceSession")
def set_teleconference_session(call: Call) -> Mapping[str, Answer]:
    """Change an audio-only session of the caller's own; a refused call changes nothing."""
    session = revised(call, _FORM, own(call, named(call, "sessionKey", kind=Kind.TELECONFERENCE)))
    _invite(call, session)
    keep(call, session)
    return {}


@answers("GetTeleconferenceSession")
def get_teleconference_session(call: Call) -> Mapping[str, Answer]:
    """Return an audio-only session with all its groups."""
    session = hosted(call, named(call, "sessionKey", kind=Kind.TELECONFERENCE))
    return written(TELECONFERENCE, session.content, live(session), _people(session), _audio(session))


def _invite(call: Call, session: Session) -> None:
    for group, role in _LISTS.items():
        invite_all(call, session, f"{group}/attendee", role)


def _people(session: Session) -> Content:
    lists: Content = {}
    for group, role in _LISTS.items():
        people = [written(_ATTENDEE, a.person) for a in session.attendees.values() if a.role == role]
        if people:
            lists[group] = {"attendee": people}
    return lists


def _audio(session: Session) -> Content:
    """Return numbers and codes of the conference, which the schema needs; all made up (assumed)."""
    code = f"{int(session.token[:8], 16) % 10**7:07}"
    return {
        "teleconference": {
            "personalConferenceNumber": "false",
            "tollFreeCallInNumber": "+1-800-555-0100",
            "tollCallInNumber": "+1-202-555-0100",
            "intlLocalCallInNumber": "+44-20-7946-0100",
            "subscriberAccessCode": f"1{code}",
            "participantFullAccessCode": f"2{code}",
            "participantLimitedAccessCode": f"3{code}",
            "scheduleConfID": str(session.conf_id),
        }
    }
