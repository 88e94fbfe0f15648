"""SendInvitationEmail: the mails that invite people to an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from conformance.mock.call import Call, answers
from conformance.mock.scheduling import named, own
from conformance.mock.state import Kind, Session
from conformance.mock.stored import group, text
from conformance.wire.answer import Answer
from conformance.wire.times import ZONES, write_date


@answers("SendInvitationEmail")
def send_invitation_email(call: Call) -> Mapping[str, Answer]:
    """Invite who is on the lists of an event of the caller's own, and tell the addresses.

    Attendees unless ``attendees`` is false (2011 schemas), panelists where ``panelists`` is true (assumed). Nobody
    who declined is written to (assumed).
    """
    session = own(call, named(call, "sessionKey", kind=Kind.EVENT))
    delivered: list[Answer] = []
    if call.flag("attendees", default=True):
        people = [attendee.email for attendee in session.attendees.values() if attendee.join_status != "REJECT"]
        delivered += _send(call, session, "participantsEmail", people)
    if call.flag("panelists"):
        delivered += _send(call, session, "panelistsEmail", _panelists(session))
    return {"deliveredEmail": delivered}


def _panelists(session: Session) -> list[str]:
    listed = group(session.content, "panelists").get("panelist", ())
    people = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return [text(one, "email") for one in people if isinstance(one, Mapping)]


def _send(call: Call, session: Session, template: str, addresses: Sequence[str]) -> list[str]:
    """Send a mail by a template of the event; the words are ours where it has none (assumed)."""
    words = group(session.content, "emailTemplates", "invitationMsgs", template)
    html = text(session.content, "emailTemplates", "format") == "HTML"
    start = f"{write_date(session.start, session.time_zone_id)} {ZONES[session.time_zone_id][1]}"
    link = call.site.link(session, "attendee")
    content = text(words, "content", default=f"You are invited to {session.name}, {start}.")
    body = f"<p>{escape(content)}</p><p>{escape(link)}</p>" if html else f"{content}\n\n{link}\n"
    subject = text(words, "subject", default=f"Invitation: {session.name}")
    for address in addresses:
        call.site.send(address, subject, body, html=html, language="en", links=(link,))
    return list(addresses)
