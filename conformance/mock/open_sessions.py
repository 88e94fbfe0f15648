"""Sessions as those who take part see them: which are going on, and what it takes to join one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from conformance.mock.call import Call, answers
from conformance.mock.listing import Page, matching_records
from conformance.mock.people import by_email
from conformance.mock.recurrence import starts
from conformance.mock.refusal import access_denied, no_record
from conformance.mock.scheduling import listing, named, visible
from conformance.mock.session_info import service
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, fields, group, written
from conformance.wire.answer import Answer
from conformance.wire.times import write_date

_OPTIONS = fields(
    "; ".join(
        f"{name} boolean"
        for name in (
            *("chat", "poll", "attendeeList", "fileShare", "presentation", "applicationShare", "desktopShare"),
            *("webTour", "annotation", "importDocument", "saveDocument", "printDocument", "pointer", "switchPage"),
            *("fullScreen", "thumbnail", "zoom", "copyPage", "faxIntoMeeting", "multiVideo", "voip"),
        )
    )
)
_TELEPHONY = fields(
    """
    telephonySupport (NONE | CALLIN | CALLBACK | OTHER)=NONE; numPhoneLines integer=4; extTelephonyURL string;
    extTelephonyDescription string; intlLocalCallIn boolean;
    callInNum serv:{tollNum! string; tollFreeNum string; intlLocalNum string}
    """,
    prefix="meet",
)


@answers("LstOpenSession")
def lst_open_session(call: Call) -> Mapping[str, Answer]:
    """List the sessions in progress by service: a host's own, for a site administrator all (assumed).

    Nobody joins a session of the mock: one is in progress while its time has come and is not over (assumed), and
    began when it was to begin. There is no paging, so one page holds all.
    """
    wanted = {node.text.strip() for node in call.content.all("serviceType")} - {""}
    by_service: dict[str, list[Answer]] = {}
    for session in visible(call):
        started = _started(session, call.site.clock.now())
        if started is not None and (not wanted or service(session) in wanted):
            by_service.setdefault(service(session), []).append(_record(session, started))
    count = sum(map(len, by_service.values()))
    if not count:
        raise no_record()
    return {
        "matchingRecords": matching_records(Page(range(count), count, 1)),
        "services": [{"serviceType": name, "sessions": sessions} for name, sessions in by_service.items()],
    }


@answers("GetJoinSessionInfo")
def get_join_session_info(call: Call) -> Mapping[str, Answer]:
    """Return what a client needs to join a session; a wrong password is refused with 000001 (assumed).

    Whoever is on the session's list has his number there, others get a new one. What the two addresses look like, and
    how a site comes to its number, was not seen (assumed).
    """
    session = named(call, "sessionKey")
    if session.password and call.text("sessionPassword") != session.password:
        raise access_denied()
    invited = by_email(session, call.text("attendeeEmail").lower())
    host_name = call.site.host_name
    return {
        "siteID": str(int(hashlib.sha256(call.site.name.encode()).hexdigest()[:7], 16)),
        "confID": str(session.conf_id),
        "confName": session.name,
        "attendeeID": str(invited.attendee_id if invited else call.site.number()),
        "mzmAddress": f"mzm.{host_name}",
        "mccAddress": f"mcc.{host_name}",
        "enableOptions": written(_OPTIONS, group(session.content, "enableOptions")),
        **_telephony(session),
    }


def _started(session: Session, now: datetime) -> datetime | None:
    """Return when what is going on of a session began; None where it is not in progress."""
    lasts = timedelta(minutes=session.duration)
    return next((start for start in starts(session) if start <= now < start + lasts), None)


def _record(session: Session, started: datetime) -> Answer:
    start = write_date(started, session.time_zone_id)
    return {
        "sessionKey": str(session.key),
        "sessionName": session.name,
        "hostWebExID": session.host,
        "startTime": start,
        "actualStartTime": start,
        "timeZoneID": str(session.time_zone_id),
        "listStatus": listing(session),
    }


def _telephony(session: Session) -> Content:
    """Return how to call in; of an audio-only session that is another group (assumed: so it is left out)."""
    if session.kind is Kind.TELECONFERENCE:
        return {}
    return {"telephony": written(_TELEPHONY, group(session.content, "telephony"))}
