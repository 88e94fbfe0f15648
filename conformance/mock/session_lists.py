"""What the lists of one kind of session have in common: whose sessions, which of them, and which page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conformance.mock.call import Call
from conformance.mock.listing import Page, matching, ordered, page
from conformance.mock.scheduling import SORT_KEYS, in_scope, listing, visible
from conformance.mock.session_info import STATUS
from conformance.mock.state import Kind, Session
from conformance.mock.stored import text
from conformance.wire.answer import Answer
from conformance.wire.times import ZONES, write_date

Criterion = Callable[[Session], bool]

_KEYS = {
    **SORT_KEYS,
    "EVENTNAME": SORT_KEYS["CONFNAME"],
    "ACCOUNT": lambda session: text(session.content, "metaData", "account"),
    "OPPORTUNITY": lambda session: text(session.content, "metaData", "opportunity"),
}
"""What is CONFNAME elsewhere is EVENTNAME for events; sales sessions alone have the last two (2011 schemas)."""


def session_page(call: Call, kind: Kind, key: str, more: Sequence[Criterion] = ()) -> Page[Session]:
    """Return the page of sessions of a kind that a list asks for: a host's own, for a site administrator all.

    Criteria are ``dateScope``, the element ``key``, ``hostWebExID``, and those that only one list knows.
    """
    content, control = call.content, call.content.find("listControl")
    criteria = [*more]
    if content.find("dateScope"):
        criteria.append(in_scope(content.find("dateScope")))
    if content.value(key):
        wanted = call.number(key)
        criteria.append(lambda session: session.key == wanted)
    if host := call.text("hostWebExID").lower():
        criteria.append(lambda session: session.host.lower() == host)
    sessions = [session for session in visible(call) if session.kind is kind]
    return page(ordered(matching(sessions, control, criteria), content.find("order"), _KEYS), control)


def basics(session: Session) -> Mapping[str, Answer]:
    """Return what a record tells of a meeting or training session, behind its key.

    The start is written in the session's own zone, which stands beside it (assumed).
    """
    return {
        "confName": session.name,
        "meetingType": str(session.session_type),
        "hostWebExID": session.host,
        "timeZoneID": str(session.time_zone_id),
        "timeZone": ZONES[session.time_zone_id][1],
        "status": STATUS,
        "startDate": write_date(session.start, session.time_zone_id),
        "duration": str(session.duration),
        "listStatus": listing(session),
    }
