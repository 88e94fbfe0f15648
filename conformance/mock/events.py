"""The event service: events scheduled, changed, read and deleted.

Left out of what GetEvent gives back: ``enrollmentForm`` and ``enrollment/approvalRules``, whose instances
need field numbers that nobody has seen.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all, person
from conformance.mock.scheduling import Form, drafted, hosted, keep, live, named, own, revised
from conformance.mock.session_elements import EVENT
from conformance.mock.state import Kind
from conformance.mock.stored import written
from conformance.wire.answer import Answer

_FORM = Form(Kind.EVENT, EVENT, default_type=9, name_path="metaData/sessionName")


@answers("CreateEvent")
def create_event(call: Call) -> Mapping[str, Answer]:
    """Schedule an event. The password follows the key (assumed: the notes show its place in a picture)."""
    session = drafted(call, _FORM)
    invite_all(call, session, "attendees/attendee")
    keep(call, session)
    return {
        "sessionKey": str(session.key),
        **announced(call, "eventPassword", session.password),
        "guestToken": session.token,
    }


@answers("SetEvent")
def set_event(call: Call) -> Mapping[str, Answer]:
    """Change an event of the caller's own; a refused call changes nothing."""
    session = revised(call, _FORM, own(call, named(call, "sessionKey", kind=Kind.EVENT)))
    invite_all(call, session, "attendees/attendee")
    keep(call, session)
    return {}


@answers("GetEvent")
def get_event(call: Call) -> Mapping[str, Answer]:
    """Return an event with all its groups."""
    session = hosted(call, named(call, "sessionKey", kind=Kind.EVENT))
    attendees: list[Answer] = [{**person(a), "joinStatus": a.join_status} for a in session.attendees.values()]
    return written(EVENT, session.content, live(session), {"attendees": {"attendee": attendees}})


@answers("DelEvent")
def del_event(call: Call) -> Mapping[str, Answer]:
    """Delete an event of the caller's own."""
    del call.site.sessions[own(call, named(call, "sessionKey", kind=Kind.EVENT)).key]
    return {}
