"""What scheduling a meeting, event, training session or teleconference has in common."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conformance.mock import passwords
from conformance.mock.call import Call, number
from conformance.mock.recurrence import series_of, take_place
from conformance.mock.refusal import (
    access_denied,
    bad_value,
    host_not_found,
    may_not_schedule_for,
    session_not_found,
    start_in_the_past,
)
from conformance.mock.state import Account, Kind, Session, Site, token
from conformance.mock.stored import Content, Fields, group, kept, overlaid, text
from conformance.mock.suspension import refuse_suspended
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, ZONES, read_date, write_date
from conformance.wire.tree import Node

START_IN_THE_PAST = "40.2.0/start-time-in-the-past"

DEFAULT_DURATION = 60
"""Minutes of a session whose creator told none (assumed; the update notes' own example tells none)."""

LONGEST_DURATION = 366 * 24 * 60
"""The longest that the mock takes, in minutes (assumed; a limit exists, its value was not seen)."""

SORT_KEYS: Mapping[str, Callable[[Session], str | float]] = {
    "HOSTWEBEXID": lambda session: session.host,
    "CONFNAME": lambda session: session.name,
    "STARTTIME": lambda session: session.start.timestamp(),
}
"""What lists of sessions can be ordered by; the tracking codes, which they also could, are left out."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of session is written: its groups in documented order, and where its basics stand."""

    kind: Kind
    fields: Fields
    default_type: int
    """Session type of those who name none (assumed)."""
    name_path: str = "metaData/confName"
    """Empty for sessions that nobody names."""
    type_path: str = "metaData/sessionType"
    password_path: str = "accessControl/sessionPassword"
    """Empty for sessions that have no password."""


def drafted(call: Call, form: Form) -> Session:
    """Return the session that a creating call asks for; nothing is kept yet.

    An absent or empty start means now (client practice), an absent zone GMT (assumed), and a name is
    needed (assumed).
    """
    if not call.account.host:
        raise access_denied()
    if form.name_path and not call.text(form.name_path):
        raise bad_value(form.name_path)
    blank = Session(
        key=call.site.number(),
        kind=form.kind,
        conf_id=10**17 + secrets.randbelow(9 * 10**17),  # 18 digits (update notes 40.4.0)
        uuid=token(),
        host=call.account.web_ex_id,
        name="",
        start=_this_second(call),
        time_zone_id=GMT,
        duration=DEFAULT_DURATION,
        password=passwords.for_new_session(call, form.password_path) if form.password_path else "",
        token=token(),
        session_type=form.default_type,
    )
    return revised(call, form, blank)


def revised(call: Call, form: Form, session: Session) -> Session:
    """Return a copy of ``session`` with what the call sends laid over it; the session itself stays.

    What the call does not send, or sends empty, stays as it was. A new zone without a new start leaves the
    moment of the start alone (assumed).
    """
    content = call.content
    zone_id = time_zone(content.find("schedule"), session.time_zone_id)
    revision = replace(
        session,
        host=_host(call, session.host),
        name=call.text(form.name_path, session.name),
        start=date(content, "schedule/startDate", zone_id) or session.start,
        time_zone_id=zone_id,
        duration=_duration(call, session.duration),
        password=passwords.sent(call, form.password_path) or session.password,
        session_type=_session_type(call, form.type_path, session.session_type),
        content=overlaid(form.fields, session.content, kept(form.fields, content)),
        attendees=dict(session.attendees),
        series=series_of(call, session),
    )
    revision.listed = listing(revision) == "PUBLIC"
    refuse_suspended(call, revision)
    return revision


def keep(call: Call, session: Session) -> Session:
    """Make a draft or revision what the site knows from now on."""
    earlier = call.site.sessions.get(session.key)
    if session.series and (earlier is None or earlier.series != session.series):
        take_place(call.site, session)
    session.modified = call.site.clock.now()
    call.site.sessions[session.key] = session
    return session


def remove(site: Site, session: Session) -> None:
    """Delete a session; with a series go its exceptions, and after an exception its occurrence is gone (assumed)."""
    for key in [other.key for other in site.sessions.values() if session.key in (other.key, other.series)]:
        del site.sessions[key]


def refuse_past_start(call: Call, session: Session) -> None:
    """Refuse a start that the call sends and that is already past (update notes 40.2.0).

    Strictly earlier than now is past, compared in the whole seconds that the API writes (assumed).
    """
    sends_start = bool(call.text("schedule/startDate"))
    if sends_start and call.site.has(START_IN_THE_PAST) and session.start < _this_second(call):
        raise start_in_the_past()


def named(call: Call, *paths: str, kind: Kind | None = None) -> Session:
    """Return the session whose key stands at the first of ``paths`` that is sent; 060001 without one.

    Sessions of another kind than the service's are not found (assumed).
    """
    path = next((path for path in paths if call.content.value(path)), None)
    session = call.site.sessions.get(number(call.content, path)) if path else None
    if session is None or kind not in (None, session.kind):
        raise session_not_found()
    return session


def owns(account: Account, session: Session) -> bool:
    """Tell whether an account may change a session: the host's own, and a site administrator's any."""
    return account.site_admin or account.web_ex_id.lower() == session.host.lower()


def own(call: Call, session: Session) -> Session:
    """Return the session if the caller may change it; 000001 otherwise (assumed; see DelSession's guide)."""
    if not owns(call.account, session):
        raise access_denied()
    return session


def hosted(call: Call, session: Session) -> Session:
    """Return the session if the caller may read and start it as its host.

    Besides the owners these are alternate hosts: attendees invited with the role HOST (reference guide).
    """
    alternate = any(a.role == "HOST" and a.email == call.account.email.lower() for a in session.attendees.values())
    return session if alternate else own(call, session)


def visible(call: Call) -> list[Session]:
    """Return the sessions a signed-in caller can list: a host's own, for a site administrator all."""
    return [session for session in call.site.sessions.values() if owns(call.account, session)]


def listing(session: Session) -> str:
    """Return a session's ``com:listingType``.

    Meetings tell it by two booleans; how these become one word was not seen (assumed).
    """
    access = group(session.content, "accessControl")
    if session.kind is not Kind.MEETING:
        return text(access, "listing", default="PUBLIC")
    if text(access, "listToPublic") == "false":
        return "UNLISTED"
    return "PRIVATE" if text(access, "isPublic") == "false" else "PUBLIC"


def links(site: Site, session: Session, purpose: str = "") -> Content:
    """Return the children of an ``iCalendarURL``; a purpose other than opening gives other links."""
    return {f"serv:{role}": site.link(session, purpose + role) for role in ("host", "attendee")}


def live(session: Session) -> Content:
    """Return what the services know of a session besides its kept content, under every name it has.

    The hostType is the one recorded; how host key and event number come about was not seen (assumed).
    """
    key, type_ = str(session.key), str(session.session_type)
    content: dict[str, Answer] = {
        "metaData": {
            "confName": session.name,
            "sessionName": session.name,
            "meetingType": type_,
            "sessionType": type_,
        },
        "schedule": {
            "startDate": write_date(session.start, session.time_zone_id),
            "timeZoneID": str(session.time_zone_id),
            "timeZone": ZONES[session.time_zone_id][1],
            "duration": str(session.duration),
            "hostWebExID": session.host,
        },
        "meetingkey": key,
        "sessionKey": key,
        "status": "NOT_INPROGRESS",
        "hostKey": f"{int(session.token[:8], 16) % 10**6:06}",
        "eventID": str(int(session.token[8:16], 16)),
        "guestToken": session.token,
        "hostType": "1019001",
    }
    if session.series:
        content["repeat"] = {"isException": "true", "seriesMeetingKey": str(session.series)}
    if session.password:
        content["accessControl"] = {"meetingPassword": session.password, "sessionPassword": session.password}
    return content


def date(node: Node, path: str, time_zone_id: int) -> datetime | None:
    """Return the moment at ``path``; None where it is absent or blank; refuse what is no date."""
    value = node.value(path)
    if value is None:
        return None
    try:
        moment = read_date(value, time_zone_id)
    except (ValueError, OverflowError):
        raise bad_value(path) from None
    if not 1900 <= moment.year < 9000:  # a zone or a duration may not carry it past what a date can hold
        raise bad_value(path)
    return moment


def time_zone(node: Node | None, default: int) -> int:
    """Return the zone that ``timeZoneID``, or else ``timeZone``, names; absent and -1 give ``default``."""
    node = node or Node("schedule")
    time_zone_id = number(node, "timeZoneID", -1)
    if time_zone_id == -1:
        name = node.value("timeZone")
        found = (id_ for id_, (_, display) in enumerate(ZONES) if display == name)
        time_zone_id = default if name is None else next(found, -1)
    if not 0 <= time_zone_id < len(ZONES):
        raise bad_value("timeZoneID")
    return time_zone_id


def in_scope(scope: Node | None) -> Callable[[Session], bool]:
    """Return the criterion of a ``dateScope``, read in its ``timeZoneID``; both ends belong (assumed)."""
    scope = scope or Node("dateScope")
    zone_id = time_zone(scope, GMT)
    ends = [date(scope, path, zone_id) for path in ("startDateStart", "startDateEnd", "endDateStart", "endDateEnd")]

    def criterion(session: Session) -> bool:
        start, end = session.start, session.start + timedelta(minutes=session.duration)
        moments = (start, start, end, end)
        return all(
            limit is None or (moment >= limit if index % 2 == 0 else moment <= limit)
            for index, (limit, moment) in enumerate(zip(ends, moments, strict=True))
        )

    return criterion


def _this_second(call: Call) -> datetime:
    return call.site.clock.now().replace(microsecond=0)


def _duration(call: Call, default: int) -> int:
    duration = call.number("schedule/duration", default)
    if not 0 < duration <= LONGEST_DURATION:
        raise bad_value("schedule/duration")
    return duration


def _session_type(call: Call, path: str, default: int) -> int:
    """Return the session type; -1, the schemas' default, is as none."""
    session_type = call.number(path, -1)
    if not -1 <= session_type < 10**9:
        raise bad_value(path)
    return default if session_type == -1 else session_type


def _host(call: Call, default: str) -> str:
    """Return who is to host: ``schedule/hostWebExID``, if the caller may schedule for that user.

    Site administrators may (assumed), and whom the user names in ``schedulingPermission``; how that list
    is parted was not seen (assumed: by blanks, commas or semicolons).
    """
    wanted = call.text("schedule/hostWebExID", default)
    if wanted.lower() == default.lower():
        return default
    host = call.site.account(wanted)
    if host is None:
        raise host_not_found()
    permitted = text(host.profile, "schedulingPermission").lower().replace(",", " ").replace(";", " ").split()
    me = call.account
    if not (host.host and (me.site_admin or me is host or me.web_ex_id.lower() in permitted)):
        raise may_not_schedule_for()
    return host.web_ex_id
