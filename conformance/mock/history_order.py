"""What the history lists can be ordered by (2011 schemas); what another of them is ordered by orders each (assumed)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.mock.history_elements import Line, attended, invited, registered
from conformance.mock.state import PastSession, Presence
from conformance.mock.stored import text

Key = Callable[[Line], str | float]


def _session(read: Callable[[PastSession], str | float]) -> Key:
    return lambda line: read(line[0])


def _person(read: Callable[[Presence], str]) -> Key:
    """Sort by what only people have; a list of sessions stays as it is."""
    return lambda line: read(line[1]) if line[1] else ""


SORT_KEYS: Mapping[str, Key] = {
    "STARTTIME": lambda line: (line[1].joined if line[1] else line[0].start).timestamp(),
    "SESSIONSTARTTIME": _session(lambda past: past.start.timestamp()),
    "CONFNAME": _session(lambda past: past.name),
    "CONFID": _session(lambda past: past.conf_id),
    "SESSIONKEY": _session(lambda past: past.session_key),
    "HOSTNAME": _session(lambda past: past.host),
    "TOTALINVITED": _session(invited),
    "TOTALREGISTERED": _session(registered),
    "TOTALATTENDEE": _session(attended),
    "ASSISTREQUEST": _session(lambda past: text(past.content, "assistService", "assistRequest")),
    "ASSISTCONFIRM": _session(lambda past: text(past.content, "assistService", "assistConfirm")),
    "NAME": _person(lambda person: person.name),
    "ATTENDEENAME": _person(lambda person: person.name),
    "COMPANY": _person(lambda person: text(person.person, "company")),
    "COUNTRY": _person(lambda person: text(person.person, "address", "country")),
    "STATE": _person(lambda person: text(person.person, "address", "state")),
    "CITY": _person(lambda person: text(person.person, "address", "city")),
}
