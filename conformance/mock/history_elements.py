"""What the elements of the history lists hold, of a session that is over and of one person who was there.

Nobody dials into a session of the mock: all listen by the computer as long as they are there (assumed), so people
minutes are VoIP minutes, and the others are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from conformance.mock.past import minutes
from conformance.mock.state import Account, PastSession, Presence, Site
from conformance.mock.stored import group, text
from conformance.wire.answer import Answer
from conformance.wire.times import ZONES, write_date


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of a site in one time zone, which is the one that ``timezone`` names (assumed)."""

    site: Site
    zone_id: int
    in_words: bool = False
    """Whether ``timezone`` is the zone's text, not its number."""

    @property
    def zone(self) -> str:
        """What ``timezone`` holds."""
        return ZONES[self.zone_id][1] if self.in_words else str(self.zone_id)

    def date(self, moment: datetime) -> str:
        """Write a moment as the clock shows it in the zone."""
        return write_date(moment, self.zone_id)

    def host(self, session: PastSession) -> Account:
        """Return who held the session."""
        return self.site.accounts[session.host.lower()]


Line = tuple[PastSession, Presence | None]
"""One record: of a session, or of a person in it."""


def told(teller: Teller, line: Line, elements: tuple[str, ...]) -> Mapping[str, Answer]:
    """Return the elements of one record; those that nothing is known of are left out."""
    session, person = line
    record: dict[str, Answer] = {}
    for name in elements:
        if person and name in _OF_PERSON:
            record[name] = _OF_PERSON[name](teller, person)
        elif name not in _LEFT_OUT or _LEFT_OUT[name](session):
            record[name] = _OF_SESSION[name](teller, session)
    return record


def attended(session: PastSession) -> int:
    """Count who was there besides the host."""
    return sum(person.role != "HOST" for person in session.people)


def registered(session: PastSession) -> int:
    """Count who had enrolled."""
    return sum(person.registered for person in session.people)


def invited(session: PastSession) -> int:
    """Count who had been invited."""
    return sum(person.invited for person in session.people)


def _minutes(people: list[Presence]) -> str:
    return str(sum(minutes(person.joined, person.left) for person in people))


def _peak(session: PastSession) -> str:
    people = session.people
    return str(max((sum(p.joined <= one.joined < p.left for p in people) for one in people), default=0))


def _name(account: Account) -> str:
    return f"{account.first_name} {account.last_name}".strip()


def _prefixed(prefix: str, content: Mapping[str, Answer]) -> Answer:
    return {f"{prefix}:{name}": value for name, value in content.items()}


def _constant(value: str) -> Callable[[Teller, PastSession], Answer]:
    return lambda _teller, _session: value


_OF_SESSION: Mapping[str, Callable[[Teller, PastSession], Answer]] = {
    "sessionKey": lambda _, s: str(s.session_key),
    "meetingKey": lambda _, s: str(s.session_key),
    "confID": lambda _, s: str(s.conf_id),
    "confName": lambda _, s: s.name,
    "sessionStartTime": lambda t, s: t.date(s.start),
    "sessionEndTime": lambda t, s: t.date(s.end),
    "meetingStartTime": lambda t, s: t.date(s.start),
    "meetingEndTime": lambda t, s: t.date(s.end),
    "duration": lambda _, s: str(minutes(s.start, s.end)),
    "timezone": lambda t, _: t.zone,
    "trackingCode": lambda _, s: _prefixed("com", group(s.content, "tracking")),
    "meetingType": lambda _, s: str(s.session_type),
    "userID": lambda t, s: str(t.host(s).user_id),
    "hostWebExID": lambda _, s: s.host,
    "hostName": lambda t, s: _name(t.host(s)),
    "hostEmail": lambda t, s: t.host(s).email,
    "totalAttendee": lambda _, s: str(attended(s)),
    "totalRegistered": lambda _, s: str(registered(s)),
    "totalInvited": lambda _, s: str(invited(s)),
    "totalPeopleMinutes": lambda _, s: _minutes(s.people),
    "totalVoipMinutes": lambda _, s: _minutes(s.people),
    "totalParticipants": lambda _, s: str(len(s.people)),
    "totalParticipantsVoip": lambda _, s: str(len(s.people)),
    "peakAttendee": lambda _, s: _peak(s),
    "psoFields": lambda _, s: _prefixed("com", group(s.content, "psoFields")),
    "assistService": lambda _, s: _prefixed("serv", group(s.content, "assistService")),
    "account": lambda _, s: text(s.content, "metaData", "account"),
    "opportunity": lambda _, s: text(s.content, "metaData", "opportunity"),
    **dict.fromkeys(
        (
            "totalCallInMinutes",
            "totalCallInTollfreeMinutes",
            "totalCallInTolllfreeMinutes",
            "totalCallOutDomestic",
            "totalCallOutInternational",
            "totalParticipantsCallIn",
            "totalParticipantsCallOut",
            "tollCallInInternational",
            "tollfreeCallInInternational",
        ),
        _constant("0"),
    ),
}

_LEFT_OUT: Mapping[str, Callable[[PastSession], bool]] = {
    name: lambda session, name=name: bool(group(session.content, name))  # type: ignore[misc]
    for name in ("assistService", "psoFields")
}
"""Elements that are there only where the session has something to tell in them (assumed)."""


def _yes(value: bool) -> str:
    """Return how ``registered`` and ``invited`` say it, which are no booleans in the schemas (assumed)."""
    return "Y" if value else "N"


_OF_PERSON: Mapping[str, Callable[[Teller, Presence], Answer]] = {
    "name": lambda _, p: p.name,
    "email": lambda _, p: p.email,
    "attendeeName": lambda _, p: p.name,
    "attendeeEmail": lambda _, p: p.email,
    "startTime": lambda t, p: t.date(p.joined),
    "endTime": lambda t, p: t.date(p.left),
    "joinTime": lambda t, p: t.date(p.joined),
    "leaveTime": lambda t, p: t.date(p.left),
    "duration": lambda _, p: str(minutes(p.joined, p.left)),
    "voipDuration": lambda _, p: str(minutes(p.joined, p.left)),
    "registered": lambda _, p: _yes(p.registered),
    "invited": lambda _, p: _yes(p.invited),
    "company": lambda _, p: text(p.person, "company"),
    "title": lambda _, p: text(p.person, "title"),
    "phone": lambda _, p: text(p.person, "phones", "phone"),
    "phoneNumber": lambda _, p: text(p.person, "phones", "phone"),
    "address1": lambda _, p: text(p.person, "address", "address1"),
    "address2": lambda _, p: text(p.person, "address", "address2"),
    "city": lambda _, p: text(p.person, "address", "city"),
    "state": lambda _, p: text(p.person, "address", "state"),
    "country": lambda _, p: text(p.person, "address", "country"),
    "zip": lambda _, p: text(p.person, "address", "zipCode"),
    "zipCode": lambda _, p: text(p.person, "address", "zipCode"),
    "ipAddress": lambda _, p: p.client_ip,
    "clientAgent": lambda *_: "Windows",
    "participantType": lambda _, p: p.role,
    "attendeeType": lambda _, p: "SALESTEAM" if p.role == "HOST" else "PROSPECT",
    "leadSourceID": lambda *_: "",
    "leadScore": lambda *_: "0.0",
}
