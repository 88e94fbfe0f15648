"""People invited to sessions or enrolled in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from conformance.mock.call import Call
from conformance.mock.refusal import bad_value
from conformance.mock.state import Account, Attendee, Session
from conformance.mock.stored import Content, fields, kept, text, written
from conformance.wire.answer import Answer
from conformance.wire.tree import Node

_PERSON = fields(
    """
    name string; firstName string; lastName string; title string; company string; webExId string;
    address {
        addressType (PERSONAL | GLOBAL); address1 string; address2 string; city string; state string; zipCode string;
        country string
    };
    phones {phone string; mobilePhone string; fax string};
    email! string; notes string; url string; type (VISITOR | MEMBER | PANELIST | SME | SALESTEAM)
    """,
    prefix="com",
)
"""``com:personType`` (2011 schemas)."""

_ROLES = ("ATTENDEE", "PRESENTER", "HOST", "LIMITED")
_JOIN_STATUSES = ("REGISTER", "INVITE", "REJECT", "ACCEPT")


def invite(call: Call, session: Session, person: Node | None, details: Node, role: str = "ATTENDEE") -> Attendee:
    """Put a person on the list of a session.

    ``person`` holds name and address, ``details`` perhaps ``joinStatus`` and ``role``. E-mail addresses are
    stored in lower case (reference guide, RegisterMeetingAttendee). Whoever is on the list already keeps his
    number, and what is sent replaces what was known (assumed).
    """
    known = kept(_PERSON, person)
    email = text(known, "email").lower()
    if not email:
        raise bad_value("email")
    names = _names(known)
    earlier = by_email(session, email)
    attendee = Attendee(
        attendee_id=call.site.number(),
        name=text(known, "name") or " ".join(filter(None, names)),
        email=email,
        role=_word(details, "role", _ROLES, earlier.role if earlier else role),
        join_status=_word(details, "joinStatus", _JOIN_STATUSES, earlier.join_status if earlier else "INVITE"),
        first_name=names[0],
        last_name=names[1],
        person={**known, "email": email},
    )
    if earlier:
        attendee = replace(
            attendee,
            attendee_id=earlier.attendee_id,
            register_id=earlier.register_id,
            submitted=earlier.submitted,
            ip_address=earlier.ip_address,
        )
    session.attendees[attendee.attendee_id] = attendee
    return attendee


def invite_all(call: Call, session: Session, path: str, role: str = "ATTENDEE") -> None:
    """Invite everyone whom a scheduling call names at ``path``; nobody is taken off the list (assumed)."""
    for node in call.content.all(path):
        invite(call, session, node.find("person") or node, node, role)


def enrol(call: Call, session: Session, attendee: Attendee) -> Attendee:
    """Note that a person enrolled by this call: when, and from which address."""
    enrolled = replace(
        attendee,
        register_id=attendee.register_id or call.site.number(),
        submitted=call.site.clock.now(),
        ip_address=call.client_ip,
    )
    session.attendees[enrolled.attendee_id] = enrolled
    return enrolled


def by_email(session: Session, email: str) -> Attendee | None:
    """Return who is on the list with that address, in lower case."""
    return next((a for a in session.attendees.values() if a.email == email), None)


def invited(account: Account, session: Session) -> bool:
    """Tell whether an account is on the list, by e-mail address or Webex ID."""
    return any(
        a.email == account.email.lower() or text(a.person, "webExId").lower() == account.web_ex_id.lower()
        for a in session.attendees.values()
    )


def person(attendee: Attendee) -> Content:
    """Return what is known of a person, as children of a ``com:personType``."""
    return written(_PERSON, attendee.person)


def _names(known: Mapping[str, Answer]) -> tuple[str, str]:
    """Return first and last name; where only ``name`` is known, its last word is the last name (assumed)."""
    whole = text(known, "name").split()
    first = text(known, "firstName", default=" ".join(whole[:-1]) or " ".join(whole))
    return first, text(known, "lastName", default=whole[-1] if len(whole) > 1 else "")


def _word(node: Node, name: str, words: tuple[str, ...], default: str) -> str:
    """Return the word of an enumeration; training's ``ACCEPTINVITE`` and its like count as ``ACCEPT`` (assumed)."""
    value = re.sub(r"(?<=REJECT|ACCEPT)(REGISTER|INVITE)$", "", node.value(name) or default)
    if value not in words:
        raise bad_value(name)
    return value
