"""Hands-on labs of the training service: what there is, what is free, and what training sessions have reserved.

Labs are made in Site Administration; a session reserves computers by its ``handsOnLab``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from conformance.mock.call import Call, answers
from conformance.mock.refusal import access_denied, bad_value, no_record
from conformance.mock.scheduling import date, time_zone
from conformance.mock.state import Session
from conformance.mock.stored import text
from conformance.mock.training_state import Lab
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, write_date

Window = tuple[datetime, datetime]


@answers("GetLabInfo")
def get_lab_info(call: Call) -> Mapping[str, Answer]:
    """Return the lab of a name, or all; a name that no lab has finds nothing (assumed: 000015)."""
    _only_hosts(call)
    labs = [_lab(call)] if call.text("labName") else list(call.site.labs.values())
    if not labs:
        raise no_record()
    now = call.site.clock.now()
    return {
        "labInfo": [
            {
                "labName": lab.name,
                "description": lab.description,
                "totalComputers": str(lab.computers),
                "computersInSession": str(_reserved(call, lab, (now, now))),
            }
            for lab in labs
        ]
    }


@answers("CheckLabAvailability")
def check_lab_availability(call: Call) -> Mapping[str, Answer]:
    """Tell whether so many computers of a lab are free all through a time; the answer repeats the question."""
    _only_hosts(call)
    lab, zone_id = _lab(call), time_zone(call.content, GMT)
    window, wanted = _window(call, zone_id), _computers(call)
    free = wanted <= lab.computers - _reserved(call, lab, window)
    return {
        "availabilityLabs": {
            "labName": lab.name,
            "timeZoneID": str(zone_id),
            "sessionStartTime": write_date(window[0], zone_id),
            "sessionEndTime": write_date(window[1], zone_id),
            "numComputers": str(wanted),
            "status": "AVAILABLE" if free else "UNAVAILABLE",
        }
    }


@answers("GetLabSchedule")
def get_lab_schedule(call: Call) -> Mapping[str, Answer]:
    """List what is reserved in a lab at a time, whoever reserved it (assumed), by start."""
    _only_hosts(call)
    lab, zone_id = _lab(call), time_zone(call.content, GMT)
    reservations = sorted(_reservations(call, lab, _window(call, zone_id)), key=lambda session: session.start)
    if not reservations:
        raise no_record()
    return {"scheduledLabs": [_reservation(lab, session, zone_id) for session in reservations]}


def reserve(call: Call, sessions: Sequence[Session]) -> None:
    """Refuse training sessions that reserve a lab that is none, or more computers than are free (assumed)."""
    for session in sessions:
        if not _reserves(session):
            continue
        lab = call.site.labs.get(text(session.content, "handsOnLab", "labName").lower())
        if lab is None:
            raise bad_value("handsOnLab/labName")
        if _wanted(session) > lab.computers - _reserved(call, lab, _times(session), besides=session.key):
            raise bad_value("handsOnLab/numComputers")


def _only_hosts(call: Call) -> None:
    """Refuse who may not schedule training sessions (assumed)."""
    if not call.account.host:
        raise access_denied()


def _lab(call: Call) -> Lab:
    lab = call.site.labs.get(call.text("labName").lower())
    if lab is None:
        raise no_record()
    return lab


def _window(call: Call, zone_id: int) -> Window:
    start = date(call.content, "sessionStartTime", zone_id)
    end = date(call.content, "sessionEndTime", zone_id)
    if start is None or end is None or end < start:
        raise bad_value("sessionStartTime")
    return start, end


def _computers(call: Call) -> int:
    wanted = call.number("numComputers")
    if not 0 < wanted < 10**9:
        raise bad_value("numComputers")
    return wanted


def _reservation(lab: Lab, session: Session, zone_id: int) -> Answer:
    start, end = _times(session)
    return {
        "labName": lab.name,
        "confName": session.name,
        "timeZoneID": str(zone_id),
        "sessionStartTime": write_date(start, zone_id),
        "sessionEndTime": write_date(end, zone_id),
        "hostWebExID": session.host,
        "numComputers": str(_wanted(session)),
    }


def _reserved(call: Call, lab: Lab, window: Window, besides: int = 0) -> int:
    """Return how many computers are taken in a time, as if all its sessions were at once (assumed)."""
    return sum(_wanted(session) for session in _reservations(call, lab, window) if session.key != besides)


def _reservations(call: Call, lab: Lab, window: Window) -> list[Session]:
    """Return the sessions with a reservation in ``lab`` that begin before the window ends and end after it begins."""
    found = []
    for session in call.site.sessions.values():
        start, end = _times(session)
        named = text(session.content, "handsOnLab", "labName").lower() == lab.name.lower()
        if _reserves(session) and named and start <= window[1] and end > window[0]:
            found.append(session)
    return found


def _reserves(session: Session) -> bool:
    return text(session.content, "handsOnLab", "reserveHOL") == "true"


def _wanted(session: Session) -> int:
    """Return how many computers a session reserves; one where it does not say (assumed)."""
    return int(text(session.content, "handsOnLab", "numComputers", default="1"))


def _times(session: Session) -> Window:
    return session.start, session.start + timedelta(minutes=session.duration)
