"""The history lists of sessions that are over, and of the people who were there: one for each service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from conformance.mock.call import Call, answers, number
from conformance.mock.history_elements import Line, Teller, told
from conformance.mock.history_order import SORT_KEYS
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.past import past_sessions, reachable, within
from conformance.mock.refusal import no_filter
from conformance.mock.scheduling import time_zone
from conformance.mock.state import Kind, PastSession
from conformance.mock.stored import text
from conformance.wire.answer import Answer
from conformance.wire.times import GMT

PRELIMINARY = "10.0.1/event-preliminary-history"
INTERNATIONAL_CALLS = "11.0.8/international-call-in-minutes"

_INTERNATIONAL = ("tollCallInInternational", "tollfreeCallInInternational")

_MINUTES = "totalCallOutDomestic totalCallOutInternational totalVoipMinutes"
_PARTICIPANTS = "totalParticipants totalParticipantsVoip totalParticipantsCallIn totalParticipantsCallOut"
_HOST = "hostWebExID hostName hostEmail"
_ADDRESS = "address1 address2 city state country"

_TRAINING = f"""
    sessionKey confName sessionStartTime sessionEndTime duration totalAttendee totalRegistered totalInvited timezone
    trackingCode userID hostWebExID hostEmail totalPeopleMinutes totalCallInMinutes totalCallInTolllfreeMinutes
    {_MINUTES} {_PARTICIPANTS} confID peakAttendee psoFields assistService
"""
_MEETING = f"""
    sessionKey confName meetingStartTime meetingEndTime duration timezone trackingCode meetingType {_HOST}
    totalCallInMinutes totalPeopleMinutes totalCallInTollfreeMinutes {_MINUTES} userID {_PARTICIPANTS} confID
    peakAttendee assistService
"""
_EVENT = f"""
    confID sessionKey confName sessionStartTime sessionEndTime duration timezone trackingCode meetingType userID {_HOST}
    totalPeopleMinutes totalCallInMinutes totalCallInTollfreeMinutes {_MINUTES} {_PARTICIPANTS} peakAttendee
    assistService
"""
_SUPPORT = f"""
    sessionKey confName sessionStartTime sessionEndTime duration timezone meetingType {_HOST} totalPeopleMinutes confID
    peakAttendee trackingCode
"""
_PERSON_IN_TRAINING = f"""
    sessionKey confName attendeeName attendeeEmail startTime endTime duration registered invited company title phone
    {_ADDRESS} zip ipAddress participantType voipDuration clientAgent confID
"""
_PERSON_IN_MEETING = f"""
    meetingKey confName ipAddress clientAgent company title phoneNumber {_ADDRESS} zipCode name email joinTime leaveTime
    duration participantType voipDuration confID
"""
_PERSON_IN_EVENT = f"""
    sessionKey attendeeName attendeeEmail startTime endTime duration registered invited company title phone {_ADDRESS}
    zip ipAddress participantType voipDuration clientAgent confID leadSourceID leadScore
"""
_PERSON_IN_SUPPORT = """
    sessionKey attendeeName attendeeEmail startTime endTime duration company phone ipAddress participantType clientAgent
    confID
"""


@dataclass(frozen=True, slots=True)
class History:
    """One list: of which sessions, and how it is written."""

    kind: Kind
    record: str
    """The element of one record."""
    elements: str
    """Its children in documented order (2011 schemas)."""
    of_people: bool = False
    key: str = "sessionKey"
    """What requests call the key of a session."""
    counted_first: bool = False
    """Whether the counts stand before the records."""
    zone_in_words: bool = False
    international: bool = False
    """Whether records tell the minutes of international calls since 11.0 SP8 (release notes)."""


_EVENT_SESSIONS = History(Kind.EVENT, "eventSessionHistory", _EVENT, international=True)
_EVENT_PEOPLE = History(Kind.EVENT, "eventAttendeeHistory", _PERSON_IN_EVENT, of_people=True)

_HISTORIES: Mapping[str, History] = {
    "LsttrainingsessionHistory": History(Kind.TRAINING, "trainingSessionHistory", _TRAINING),
    "LsttrainingattendeeHistory": History(
        Kind.TRAINING, "trainingAttendeeHistory", _PERSON_IN_TRAINING, of_people=True
    ),
    "LstmeetingusageHistory": History(
        Kind.MEETING, "meetingUsageHistory", _MEETING, key="meetingKey", zone_in_words=True, international=True
    ),
    "LstmeetingattendeeHistory": History(
        Kind.MEETING, "meetingAttendeeHistory", _PERSON_IN_MEETING, of_people=True, key="meetingKey"
    ),
    "LsteventsessionHistory": _EVENT_SESSIONS,
    "LsteventattendeeHistory": _EVENT_PEOPLE,
    "LstsupportsessionHistory": History(Kind.SUPPORT, "supportSessionHistory", _SUPPORT),
    "LstsupportattendeeHistory": History(Kind.SUPPORT, "supportAttendeeHistory", _PERSON_IN_SUPPORT, of_people=True),
    "LstsalesSessionHistory": History(
        Kind.SALES,
        "salesSessionHistory",
        f"{_MEETING} account opportunity",
        key="meetingKey",
        counted_first=True,
        zone_in_words=True,
    ),
    "LstsalesAttendeeHistory": History(
        Kind.SALES,
        "salesAttendeeHistory",
        f"{_PERSON_IN_MEETING} account opportunity attendeeType",
        of_people=True,
        key="meetingKey",
        counted_first=True,
    ),
}


def _listed(history: History, call: Call) -> Mapping[str, Answer]:
    """List what is over, of one kind, the caller's own or for an administrator all; by start (assumed).

    Dates are read and written in ``timeZoneID``, without one in GMT (assumed).
    """
    content, control = call.content, call.content.find("listControl")
    zone_id = time_zone(content, GMT)
    known = [past for past in past_sessions(call.site) if _is_of(history.kind, past, call)]
    found = matching(reachable(call, known), control, _criteria(history, call, zone_id))
    lines: list[Line] = [(past, person) for past in found for person in (past.people if history.of_people else [None])]
    by_start = sorted(lines, key=SORT_KEYS["STARTTIME"])
    shown = page(ordered(by_start, content.find("order"), SORT_KEYS), control)
    teller = Teller(call.site, zone_id, history.zone_in_words)
    records: list[Answer] = [told(teller, line, _elements(history, call)) for line in shown.items]
    counts = matching_records(shown)
    if history.counted_first:
        return {"matchingRecords": counts, history.record: records}
    return {history.record: records, "matchingRecords": counts}


for _operation, _history in _HISTORIES.items():
    answers(_operation)(partial(_listed, _history))


@answers("LstEventSessionPreliminaryHistory", change=PRELIMINARY)
def lst_event_session_preliminary_history(call: Call) -> Mapping[str, Answer]:
    """List events that are over, as LsteventsessionHistory does; what differs but the filter was not seen (assumed)."""
    _require_filter(call)
    return _listed(_EVENT_SESSIONS, call)


@answers("LstEventAttendeePreliminaryHistory", change=PRELIMINARY)
def lst_event_attendee_preliminary_history(call: Call) -> Mapping[str, Answer]:
    """List who was in events, as LsteventattendeeHistory does (assumed, see the list of events)."""
    _require_filter(call)
    return _listed(_EVENT_PEOPLE, call)


def _require_filter(call: Call) -> None:
    """Refuse a call without any of four filters (release notes 10.0 SP1)."""
    scope = call.content.find("startTimeScope")
    bounded = scope is not None and any(child.text.strip() for child in scope.children)
    if not (bounded or any(call.text(name) for name in ("confID", "confName", "sessionKey"))):
        raise no_filter()


def _is_of(kind: Kind, past: PastSession, call: Call) -> bool:
    """Tell whether a session belongs in the list; audio-only ones are meetings that must be asked for (assumed)."""
    return past.kind is kind or (
        kind is Kind.MEETING and past.kind is Kind.TELECONFERENCE and call.flag("inclAudioOnly")
    )


def _criteria(history: History, call: Call, zone_id: int) -> list[Callable[[PastSession], bool]]:
    """Return the filters that listMethod joins; texts are compared whole and without their case (assumed)."""
    content = call.content
    criteria = within(content.find("startTimeScope"), "sessionStartTime", zone_id, _start)
    criteria += within(content.find("endTimeScope"), "sessionEndTime", zone_id, _end)
    numbers: tuple[tuple[str, Callable[[PastSession], int]], ...] = (
        (history.key, lambda past: past.session_key),
        ("confID", lambda past: past.conf_id),
    )
    criteria += [_equal(read, number(content, path)) for path, read in numbers if call.text(path)]
    texts: tuple[tuple[str, Callable[[PastSession], str]], ...] = (
        ("confName", lambda past: past.name.lower()),
        ("account", lambda past: text(past.content, "metaData", "account").lower()),
        ("opportunity", lambda past: text(past.content, "metaData", "opportunity").lower()),
    )
    criteria += [_equal(read, call.text(path).lower()) for path, read in texts if call.text(path)]
    return criteria


def _start(past: PastSession) -> datetime:
    return past.start


def _end(past: PastSession) -> datetime:
    return past.end


def _equal(read: Callable[[PastSession], str | int], wanted: str | int) -> Callable[[PastSession], bool]:
    return lambda past: read(past) == wanted


def _elements(history: History, call: Call) -> tuple[str, ...]:
    names = history.elements.split()
    if not call.flag("returnPSOFields"):
        names = [name for name in names if name != "psoFields"]
    if history.international and call.site.has(INTERNATIONAL_CALLS):
        after = names.index("totalCallOutInternational") + 1
        names[after:after] = _INTERNATIONAL
    return tuple(names)
