"""The event service: events scheduled, changed, read and deleted, and their pictures.

Left out of what GetEvent gives back: ``enrollmentForm`` and ``enrollment/approvalRules``, whose instances
need field numbers that nobody has seen.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.classic_events import refuse_classic_events
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all, person
from conformance.mock.refusal import bad_value
from conformance.mock.scheduling import Form, drafted, hosted, keep, live, named, own, revised
from conformance.mock.session_elements import EVENT
from conformance.mock.state import Kind
from conformance.mock.stored import written
from conformance.wire.answer import Answer

_FORM = Form(Kind.EVENT, EVENT, default_type=9, name_path="metaData/sessionName")


@answers("CreateEvent")
def create_event(call: Call) -> Mapping[str, Answer]:
    """Schedule an event. The password follows the key (assumed: the notes show its place in a picture)."""
    refuse_classic_events(call)
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
    refuse_classic_events(call)
    session = revised(call, _FORM, own(call, named(call, "sessionKey", kind=Kind.EVENT)))
    invite_all(call, session, "attendees/attendee")
    keep(call, session)
    return {}


@answers("GetEvent")
def get_event(call: Call) -> Mapping[str, Answer]:
    """Return an event with all its groups."""
    refuse_classic_events(call)
    session = hosted(call, named(call, "sessionKey", kind=Kind.EVENT))
    attendees: list[Answer] = [{**person(a), "joinStatus": a.join_status} for a in session.attendees.values()]
    return written(EVENT, session.content, live(session), {"attendees": {"attendee": attendees}})


@answers("DelEvent")
def del_event(call: Call) -> Mapping[str, Answer]:
    """Delete an event of the caller's own."""
    del call.site.sessions[own(call, named(call, "sessionKey", kind=Kind.EVENT)).key]
    return {}


@answers("UploadEventImage")
def upload_event_image(call: Call) -> Mapping[str, Answer]:
    """Take a picture for an event of the caller's own; no operation gives it back, so it is not kept."""
    refuse_classic_events(call)
    own(call, named(call, "sessionKey", kind=Kind.EVENT))
    if call.text("imageType") not in ("JPG", "GIF"):
        raise bad_value("imageType")
    try:
        image = base64.b64decode("".join(call.text("imageData").split()), validate=True)
    except ValueError:
        raise bad_value("imageData") from None
    if not image:
        raise bad_value("imageData")
    return {}
