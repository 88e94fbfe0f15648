"""The attendee service: people invited, enrolled, listed and taken off the list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from conformance.mock.call import Call, answers, number
from conformance.mock.listing import Page, matching, matching_records, ordered, page
from conformance.mock.people import by_email, enrol, invite, person
from conformance.mock.refusal import bad_value, no_record, session_not_found, too_many_attendees
from conformance.mock.scheduling import hosted, keep, own, visible
from conformance.mock.state import Attendee, Kind, Session
from conformance.mock.stored import flag, group, text
from conformance.wire.answer import Answer
from conformance.wire.times import write_date
from conformance.wire.tree import Node

FIFTY = "42.1.0/fifty-attendees"
MOST_ATTENDEES = 50
"""How many attendees a call may name since 42.1.0 (update notes)."""

EMPTY_DOMAIN = "40.4.0/getenrollmentinfo-empty-domain"

_KEYS = ("meetingKey", "sessionKey", "confID")

_SORT_KEYS = {
    "CONFID": lambda pair: pair[0].conf_id,
    "ATTENDEEID": lambda pair: pair[1].attendee_id,
    "ATTENDEENAME": lambda pair: pair[1].name,
    "ATTENDEEWEBEXID": lambda pair: text(pair[1].person, "webExId"),
    "JOINSTATUS": lambda pair: pair[1].join_status,
    "EMAIL": lambda pair: pair[1].email,
    "COMPANY": lambda pair: text(pair[1].person, "company"),
}


@answers("CreateMeetingAttendee")
def create_meeting_attendee(call: Call) -> Mapping[str, Answer]:
    """Invite people to a session that the caller hosts.

    They stand in ``attendees``, or one of them right in the request. Those with the join status REGISTER
    are enrolled too, and only they have a registerID (assumed).
    """
    people = _people(call)
    for session, _ in people:
        own(call, session)
    created = [_enter(call, session, node, node.value("joinStatus") == "REGISTER") for session, node in people]
    _keep_all(call, people)
    return {
        "attendeeId": [str(attendee.attendee_id) for attendee in created],
        "register": [_register(attendee) for attendee in created if attendee.register_id],
    }


@answers("RegisterMeetingAttendee")
def register_meeting_attendee(call: Call) -> Mapping[str, Answer]:
    """Enrol people in a session; anyone signed in may (assumed)."""
    people = _people(call)
    created = [_enter(call, session, node, True) for session, node in people]
    _keep_all(call, people)
    return {"register": [_register(attendee) for attendee in created]}


@answers("LstMeetingAttendee")
def lst_meeting_attendee(call: Call) -> Mapping[str, Answer]:
    """List the people of a session, or where none is named of all sessions that the caller hosts (assumed)."""
    sessions = [hosted(call, _session(call))] if _names_session(call) else visible(call)
    pairs = [(session, attendee) for session in sessions for attendee in session.attendees.values()]
    control, status = call.content.find("listControl"), call.text("joinStatus")
    criteria = [lambda pair: pair[1].join_status == status] if status else []
    found = page(ordered(matching(pairs, control, criteria), call.content.find("order"), _SORT_KEYS), control)
    return {
        "matchingRecords": matching_records(found),
        "attendee": [_listed(session, attendee) for session, attendee in found.items],
    }


@answers("DelMeetingAttendee")
def del_meeting_attendee(call: Call) -> Mapping[str, Answer]:
    """Take people off the lists of sessions that the caller hosts; all that are named, or none.

    Somebody who is on no list is 000015 (assumed).
    """
    named_ids = [node for node in call.content.all("attendeeID") if node.text.strip()]
    doomed = [_by_id(call, node) for node in named_ids]
    doomed += [_by_address(call, node) for node in call.content.all("attendeeEmail")]
    if not doomed:
        raise bad_value("attendeeID")
    for session, _ in doomed:
        own(call, session)
    for session, attendee in doomed:
        session.attendees.pop(attendee.attendee_id, None)
    return {}


@answers("GetEnrollmentInfo")
def get_enrollment_info(call: Call) -> Mapping[str, Answer]:
    """Return who enrolled in a session, to its host or a site administrator, as the update notes 40.4.0 print it.

    Times are GMT (assumed). A session in which nobody enrolled is 000015, as lists of nothing are (assumed).
    """
    session = own(call, _session(call))
    enrolled = [attendee for attendee in session.attendees.values() if attendee.submitted]
    if not enrolled:
        raise no_record()
    return {
        "session": {
            "confID": str(session.conf_id),
            "attendee": [_enrolled(call, attendee) for attendee in enrolled],
            "matchingRecords": matching_records(Page(enrolled, len(enrolled), 1)),
            "sessionKey": str(session.key),
        }
    }


def _people(call: Call) -> list[tuple[Session, Node]]:
    """Return whom the request names, each with a copy of his session: a refused call changes nothing.

    A person's own key goes before the request's (assumed).
    """
    content = call.content
    nodes = [*([content] if content.find("person") else []), *content.all("attendees")]
    if not nodes:
        raise bad_value("person")
    if len(nodes) > MOST_ATTENDEES and call.site.has(FIFTY):
        raise too_many_attendees()
    sessions = [_session(call, node) for node in nodes]
    copies = {session.key: replace(session, attendees=dict(session.attendees)) for session in sessions}
    return [(copies[session.key], node) for session, node in zip(sessions, nodes, strict=True)]


def _enter(call: Call, session: Session, node: Node, enrols: bool) -> Attendee:
    attendee = invite(call, session, node.find("person"), node)
    return enrol(call, session, attendee) if enrols else attendee


def _keep_all(call: Call, people: Iterable[tuple[Session, Node]]) -> None:
    for session, _ in people:
        keep(call, session)


def _names_session(call: Call) -> bool:
    return any(call.text(path) for path in _KEYS)


def _session(call: Call, *nodes: Node) -> Session:
    """Return the session named in one of ``nodes``, else in the request, by key or by conference number."""
    for node in (*nodes, call.content):
        for path in _KEYS:
            if node.value(path):
                wanted = number(node, path)
                sessions = call.site.sessions.values()
                found = (s for s in sessions if wanted == (s.conf_id if path == "confID" else s.key))
                if session := next(found, None):
                    return session
                raise session_not_found()
    raise session_not_found()


def _by_id(call: Call, node: Node) -> tuple[Session, Attendee]:
    if not re.fullmatch(r"\s*[0-9]{1,18}\s*", node.text):
        raise bad_value("attendeeID")
    attendee_id = int(node.text)
    for session in call.site.sessions.values():
        if attendee_id in session.attendees:
            return session, session.attendees[attendee_id]
    raise no_record()


def _by_address(call: Call, node: Node) -> tuple[Session, Attendee]:
    session = _session(call, node)
    attendee = by_email(session, (node.value("email") or "").lower())
    if attendee is None:
        raise no_record()
    return session, attendee


def _register(attendee: Attendee) -> Answer:
    return {"attendeeID": str(attendee.attendee_id), "registerID": str(attendee.register_id)}


def _listed(session: Session, attendee: Attendee) -> Answer:
    """Return one record. Meetings have a meetingKey, the other kinds a sessionKey (assumed)."""
    flags = {"invited": "INVITE", "registered": "REGISTER", "rejected": "REJECT", "accepted": "ACCEPT"}
    status: dict[str, Answer] = {name: flag(attendee.join_status == word) for name, word in flags.items()}
    return {
        "person": person(attendee),
        "joinStatus": attendee.join_status,
        "meetingKey" if session.kind is Kind.MEETING else "sessionKey": str(session.key),
        "role": attendee.role,
        "attendeeId": str(attendee.attendee_id),
        "confID": str(session.conf_id),
        "status": {**status, "registered": flag(attendee.register_id is not None)},
        **({"registerID": str(attendee.register_id)} if attendee.register_id else {}),
    }


def _enrolled(call: Call, attendee: Attendee) -> Answer:
    """Return one enrolment, as printed: empty fields are there, ``numEmployees`` is not (update notes 40.4.0)."""
    known = attendee.person
    address = group(known, "address")
    default_fields: dict[str, Answer] = {
        "firstName": attendee.first_name,
        "lastName": attendee.last_name,
        "email": attendee.email,
        "company": text(known, "company"),
        "phoneNum": text(known, "phones", "phone"),
        "title": text(known, "title"),
        "receiveInfo": "false",
        **{name: text(address, name) for name in ("address1", "address2", "city", "state")},
        "zipcode": text(address, "zipCode"),
        "country": text(address, "country"),
        "leadSourceID": "",
        "leadScore": "0.0",
    }
    return {
        "attendeeID": str(attendee.attendee_id),
        "enrollFields": {"defaultFields": default_fields, "customFields": {}},
        "domain": _domain(call, attendee.ip_address),
        "ipAddress": attendee.ip_address,
        "submitTime": write_date(attendee.submitted or call.site.clock.now()),
        "status": "REJECTED" if attendee.join_status == "REJECT" else "APPROVED",
    }


def _domain(call: Call, ip_address: str) -> str:
    """Return one blank, as printed since 40.4.0; before, the name that the DNS has for the address.

    The mock asks no DNS: the name is made up from the address (assumed).
    """
    if call.site.has(EMPTY_DOMAIN):
        return " "
    return f"host-{re.sub('[.:]', '-', ip_address)}.example.com"
