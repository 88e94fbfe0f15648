"""What the history service knows, and which of it a call asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol, TypeVar

from conformance.mock.call import Call
from conformance.mock.recurrence import starts
from conformance.mock.scheduling import date
from conformance.mock.state import Attendee, PastSession, Presence, Session, Site
from conformance.wire.tree import Node

KEPT = timedelta(days=90)
"""How long the history service remembers (reference guide); that the end of a session counts is assumed."""


class _Hosted(Protocol):
    @property
    def host(self) -> str:
        """The Webex ID of the host."""


Record = TypeVar("Record", bound=_Hosted)
Item = TypeVar("Item")


def past_sessions(site: Site) -> list[PastSession]:
    """Return what is over and not forgotten, sessions that were scheduled on the site included.

    Of a series that are the occurrences, under the numbers of the series (assumed). Nobody joins a session of the
    mock: its host and whoever is on its list and has not declined are taken to have been there all the time (assumed).
    """
    now = site.clock.now()
    ended = (
        _held(site, session, start)
        for session in site.sessions.values()
        for start in starts(session)
        if start + _length(session) <= now
    )
    return [past for past in (*site.past_sessions, *ended) if past.end >= now - KEPT]


def reachable(call: Call, records: Iterable[Record], path: str = "hostWebExID") -> list[Record]:
    """Return the records that the caller may see: all, or one host's, for an administrator; else his own.

    For others the element at ``path`` is ignored (reference guide). A host who does not exist has no records
    (assumed).
    """
    host = call.text(path) if call.account.site_admin else call.account.web_ex_id
    return [record for record in records if host.lower() in ("", record.host.lower())]


def within(
    scope: Node | None, element: str, zone_id: int, read: Callable[[Item], datetime]
) -> list[Callable[[Item], bool]]:
    """Return the criterion of a scope from ``{element}Start`` to ``{element}End``; none where it was not sent.

    Both ends belong to it, and a missing one does not bound it (assumed).
    """
    if scope is None or not scope.children:
        return []
    start, end = date(scope, f"{element}Start", zone_id), date(scope, f"{element}End", zone_id)

    def criterion(item: Item) -> bool:
        moment = read(item).replace(microsecond=0)
        return (start is None or start <= moment) and (end is None or moment <= end)

    return [criterion]


def minutes(start: datetime, end: datetime) -> int:
    """Return the length in minutes; the printed example makes 4 minutes 22 seconds 5 (update notes 40.1.0)."""
    return ceil((end - start).total_seconds() / 60)


def _length(session: Session) -> timedelta:
    return timedelta(minutes=session.duration)


def _held(site: Site, session: Session, start: datetime) -> PastSession:
    host = site.account(session.host)
    end = start + _length(session)
    name = f"{host.first_name} {host.last_name}" if host else session.host
    there = [Presence(name, host.email if host else "", start, end, "HOST")]
    there += [_present(start, end, a) for a in session.attendees.values() if a.join_status != "REJECT"]
    return PastSession(
        conf_id=session.conf_id,
        session_key=session.key,
        kind=session.kind,
        host=session.host,
        name=session.name,
        start=start,
        end=end,
        time_zone_id=session.time_zone_id,
        people=there,
        session_type=session.session_type,
        content=session.content,
    )


def _present(start: datetime, end: datetime, attendee: Attendee) -> Presence:
    """Return the presence of somebody on the list; one who enrolled is known to come from where he did so."""
    return Presence(
        name=attendee.name,
        email=attendee.email,
        joined=start,
        left=end,
        role="ATTENDEE" if attendee.role == "ATTENDEE" else "OTHER",
        client_ip=attendee.ip_address or "192.0.2.1",
        attendee_id=attendee.attendee_id,
        invited=attendee.join_status == "INVITE",
        registered=attendee.register_id is not None,
        person=attendee.person,
    )
