"""The general session service: sessions of every kind looked up, listed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conformance.mock.call import Call, answers
from conformance.mock.classic_events import refuse_classic_events
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.modified import ignores_date_scope, modified_in_scope
from conformance.mock.recurrence import EXCEPTIONS, next_start, starts
from conformance.mock.refusal import bad_value, no_record
from conformance.mock.scheduling import (
    SORT_KEYS,
    in_scope,
    links,
    listing,
    live,
    named,
    own,
    remove,
    time_zone,
    visible,
)
from conformance.mock.selecting import selected
from conformance.mock.session_info import STATUS, recurring, registration, service, told
from conformance.mock.session_kinds import private_meeting, webinar
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, flag, text
from conformance.mock.teleconferences import SESSION_TYPE as AUDIO_ONLY
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, ZONES, write_date

NO_ANONYMOUS_LIST = "40.2.0/anonymous-lstsummarysession"

Criterion = Callable[[Session], bool]


@answers("GetSessionInfo", anonymous=True)
def get_session_info(call: Call) -> Mapping[str, Answer]:
    """Return a session as far as the caller may know it."""
    session = selected(call)
    if session.kind is Kind.EVENT:
        refuse_classic_events(call)
    return told(call, session)


@answers("LstsummarySession", anonymous=True)
def lstsummary_session(call: Call) -> Mapping[str, Answer]:
    """List sessions of every kind: a host's own, for a site administrator all, for strangers the public ones.

    Strangers, who sign in with nothing but the site's name, get 000015 since 40.2.0 (update notes). With
    ``recurrence`` a series is listed once for each of its occurrences, else once (assumed). Left out: ``invited``.
    """
    if call.caller is None and call.site.has(NO_ANONYMOUS_LIST):
        raise no_record()
    content, control = call.content, call.content.find("listControl")
    known = visible(call) if call.caller else [s for s in call.site.sessions.values() if s.listed]
    changed = [session for session in known if _of_kinds(call)(session) and modified_in_scope(call)(session)]
    sessions = matching(_listed(call, changed), control, _criteria(call))
    found = page(ordered(sessions, content.find("order"), SORT_KEYS), control)
    zone_id = time_zone(content.find("dateScope"), GMT)
    return {
        "matchingRecords": matching_records(found),
        "session": [_summary(call, session, zone_id) for session in found.items],
    }


@answers("DelSession")
def del_session(call: Call) -> Mapping[str, Answer]:
    """Delete a session of any kind: the caller's own, for a site administrator anybody's (reference guide)."""
    session = own(call, named(call, "sessionKey"))
    remove(call.site, session)
    return {"iCalendarURL": links(call.site, session, "cancel-")}


def _listed(call: Call, sessions: Sequence[Session]) -> Sequence[Session]:
    """Return what a list is made from: the sessions, or the occurrences of each as a session of its own."""
    if not call.flag("recurrence"):
        return sessions
    return [replace(session, start=start) for session in sessions for start in starts(session)]


def _of_kinds(call: Call) -> Criterion:
    """Return the filter by ``serviceTypes`` and ``sessionTypes``, which holds whatever the listMethod (assumed).

    With serviceTypes, audio-only sessions are left out unless sessionTypes names theirs (reference guide) or
    ``inclAudioOnly`` asks for them (assumed).
    """
    services = {node.text.strip() for node in call.content.all("serviceTypes/serviceType")} - {""}
    types = {node.text.strip() for node in call.content.all("sessionTypes/sessionType")} - {""}
    audio_only = not services or str(AUDIO_ONLY) in types or call.flag("inclAudioOnly")

    def criterion(session: Session) -> bool:
        if session.kind is Kind.TELECONFERENCE and not audio_only:
            return False
        return (not services or service(session) in services) and (not types or str(session.session_type) in types)

    return criterion


def _criteria(call: Call) -> list[Criterion]:
    """Return the other filters; names are compared whole and without their case (assumed)."""
    content = call.content
    criteria: list[Criterion] = []
    if content.find("dateScope") and not ignores_date_scope(call):
        criteria.append(in_scope(content.find("dateScope")))
    if content.value("sessionKey"):
        criteria.append(_equal(lambda session: session.key, call.number("sessionKey")))
    if content.value("confID"):
        criteria.append(_equal(lambda session: session.conf_id, call.number("confID")))
    if name := call.text("confName"):
        criteria.append(_equal(lambda session: session.name.casefold(), name.casefold()))
    if host := call.text("hostWebExID"):
        criteria.append(_equal(lambda session: session.host.lower(), host.lower()))
    if email := call.text("hostEmail").lower():
        hosts = {a.web_ex_id.lower() for a in call.site.accounts.values() if a.email.lower() == email}
        criteria.append(lambda session: session.host.lower() in hosts)
    if status := call.text("status"):
        if status not in (STATUS, "INPROGRESS"):
            raise bad_value("status")
        criteria.append(_equal(lambda _: STATUS, status))
    return criteria


def _equal(attribute: Callable[[Session], object], wanted: object) -> Criterion:
    return lambda session: attribute(session) == wanted


def _summary(call: Call, session: Session, zone_id: int) -> Answer:
    """Return one record; its start is in the zone of the request's dateScope, else GMT (reference guide).

    The zone told beside it is that one (assumed). Strangers are not told the host's address (assumed).
    """
    host = call.site.account(session.host)
    return {
        "sessionKey": str(session.key),
        "confName": session.name,
        "sessionType": str(session.session_type),
        "serviceType": service(session),
        "hostWebExID": session.host,
        "hostFirstName": host.first_name if host else "",
        "hostLastName": host.last_name if host else "",
        "timeZoneID": str(zone_id),
        "timeZone": ZONES[zone_id][1],
        "status": STATUS,
        "startTime": write_date(session.start, zone_id),
        "openTime": text(session.content, "schedule", "openTime", default="900"),
        "duration": str(session.duration),
        "listStatus": listing(session),
        **({"hostEmail": host.email} if host and call.caller else {}),
        "passwordReq": flag(bool(session.password)),
        "hostJoined": "false",
        "participantsJoined": "false",
        "confID": str(session.conf_id),
        "registration": registration(session),
        "isRecurring": recurring(session),
        "hostType": text(live(session), "hostType"),
        "isAudioOnly": flag(session.kind is Kind.TELECONFERENCE),
        **_occurrence(call, session),
        **private_meeting(call, session),
        **webinar(call, session),
    }


def _occurrence(call: Call, session: Session) -> Content:
    """Return what a list with ``recurrence`` tells of an occurrence (release notes 7.4.0, 8.0 SP11)."""
    supported = call.site.has(EXCEPTIONS) and call.site.settings.recurring_exceptions_supported
    if not supported or not call.flag("recurrence"):
        return {}
    return {
        "isException": flag(bool(session.series)),
        "isNextUpcomingInstance": flag(session.start == next_start(call.site, session)),
        **({"seriesMeetingKey": str(session.series)} if session.series else {}),
    }
