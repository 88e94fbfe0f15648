"""What a session is beyond the service that it belongs to: a private meeting, a webinar."""

from __future__ import annotations

from conformance.mock.call import Call
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, flag

PRIVATE_MEETINGS = "40.12.0/private-meetings"
WEBINARS = "42.1.0/webinars"

PRIVATE_TYPES = (168, 169)
"""The session types that are private: the notes send the one, and say of the other that it is (update notes 40.12.0).

Which of a site's types are private is the site's own affair, so the mock takes both (assumed)."""


def private_meeting(call: Call, session: Session) -> Content:
    """Return the element that tells whether a meeting is private; of other sessions it tells nothing (assumed)."""
    if session.kind is not Kind.MEETING or not call.site.has(PRIVATE_MEETINGS):
        return {}
    return {"isPrivateMeeting": flag(session.session_type in PRIVATE_TYPES)}


def webinar(call: Call, session: Session) -> Content:
    """Return the elements that tell whether a session is a webinar, and whether its attendees may only watch.

    A site without the change tells neither, and of what is no webinar the second one is false (assumed).
    """
    if not call.site.has(WEBINARS):
        return {}
    return {"enableEvent": flag(session.webinar), "enableWebniar": flag(session.webinar and session.view_only)}
