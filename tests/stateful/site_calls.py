"""What the calls of the machine hold, and how the facts are read out of their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from reference_model import Facts, Invitation, Page, Profile, Wish
from site_driver import Answer

from conformance.wire.request import Body

_DATE = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True)
class Spelling:
    """How the service of one kind of session spells what both have."""

    prefix: str
    key: str
    name: str
    password: str


SPELLINGS = {
    "Meeting": Spelling("meet", "meetingkey", "confName", "meetingPassword"),
    "Event": Spelling("event", "sessionKey", "sessionName", "sessionPassword"),
}


def scheduling(kind: str, wish: Wish, now: datetime, key: str = "") -> Body:
    """Return the content of a call that creates a session, or changes the one of ``key``."""
    spelled = SPELLINGS[kind]
    access: dict[str, Body] = {}
    if wish.public is not None:
        words = {"Meeting": {"listToPublic": str(wish.public).lower()}}
        access = dict(words.get(kind, {"listing": "PUBLIC" if wish.public else "UNLISTED"}))
    if wish.password:
        access[spelled.password] = wish.password
    schedule = {
        "startDate": None if wish.start is None else (now + timedelta(minutes=wish.start)).strftime(_DATE),
        "duration": wish.duration,
    }
    groups = {"accessControl": access, "metaData": _sent({spelled.name: wish.name}), "schedule": _sent(schedule)}
    return {**({spelled.key: key} if key else {}), **{name: group for name, group in groups.items() if group}}


def invitation(key: str, sent: Invitation) -> Body:
    person = {"name": sent.name, "email": sent.email}
    return {"person": person, **_sent({"role": sent.role, "joinStatus": sent.status}), "sessionKey": key}


def profile(web_ex_id: str, sent: Profile) -> Body:
    active = None if sent.active is None else "ACTIVATED" if sent.active else "DEACTIVATED"
    values = {
        "firstName": sent.first_name,
        "email": sent.email,
        "password": sent.password,
        "active": active,
        "newWebExId": sent.new_id,
    }
    return {"webExId": web_ex_id, **_sent(values)}


def listing(page: Page, order_by: str) -> dict[str, Body]:
    control = _sent({"startFrom": page.first, "maximumNum": page.most})
    order = {"orderBy": order_by, "orderAD": "DESC" if page.descending else "ASC"} if order_by else {}
    return {name: group for name, group in (("listControl", control), ("order", order)) if group}


def _sent(values: Mapping[str, str | int | None]) -> dict[str, Body]:
    return {name: str(value) for name, value in values.items() if value is not None}


def told_of_new(kind: str, answer: Answer) -> tuple[str, str, str]:
    """Return key, UUID and password that a creating call told; empty what it did not tell."""
    prefix = SPELLINGS[kind].prefix
    names = (SPELLINGS[kind].key, "meetingUUID", f"{kind.lower()}Password")
    key, uuid, password = (answer.text(f"{prefix}:{name}") for name in names)
    return key, uuid, password


def read_session(kind: str, answer: Answer) -> Facts:
    """Return what GetMeeting or GetEvent tells."""
    p, spelled = SPELLINGS[kind].prefix, SPELLINGS[kind]
    public = answer.text(f"{p}:accessControl/{p}:{'listToPublic' if kind == 'Meeting' else 'listing'}")
    return {
        "key": answer.text(f"{p}:{spelled.key}"),
        "name": answer.text(f"{p}:metaData/{p}:{spelled.name}"),
        "host": answer.text(f"{p}:schedule/{p}:hostWebExID"),
        "start": _moment(answer.text(f"{p}:schedule/{p}:startDate")),
        "duration": answer.text(f"{p}:schedule/{p}:duration"),
        "listed": {"true": "PUBLIC", "false": "UNLISTED"}.get(public, public),
        "password": answer.text(f"{p}:accessControl/{p}:{spelled.password}"),
        "people": sorted(answer.texts(".//com:email[not(ancestor::*[local-name() = 'panelists'])]")),
    }


def read_session_info(answer: Answer) -> Facts:
    """Return what GetSessionInfo tells."""
    return {
        "key": answer.text("ep:sessionkey"),
        "name": answer.text("ep:metaData/ep:confName"),
        "host": answer.text("ep:host/ep:webExId"),
        "hostEmail": answer.text("ep:host/ep:email"),
        "start": _moment(answer.text("ep:schedule/ep:startDate")),
        "duration": answer.text("ep:schedule/ep:duration"),
        "listed": answer.text("ep:accessControl/ep:listStatus"),
        "passwordReq": answer.text("ep:accessControl/ep:passwordReq") == "true",
        "password": answer.text("ep:accessControl/ep:sessionPassword"),
    }


def read_meetings(answer: Answer) -> list[Facts]:
    return [
        {
            "key": answer.text("meet:meetingKey", record),
            "name": answer.text("meet:confName", record),
            "host": answer.text("meet:hostWebExID", record),
            "start": _moment(answer.text("meet:startDate", record)),
            "duration": answer.text("meet:duration", record),
            "listed": answer.text("meet:listStatus", record),
        }
        for record in answer.records("meet:meeting")
    ]


def read_sessions(answer: Answer) -> list[Facts]:
    return [
        {
            "key": answer.text("ep:sessionKey", record),
            "name": answer.text("ep:confName", record),
            "host": answer.text("ep:hostWebExID", record),
            "start": _moment(answer.text("ep:startTime", record)),
            "duration": answer.text("ep:duration", record),
            "listed": answer.text("ep:listStatus", record),
            "passwordReq": answer.text("ep:passwordReq", record) == "true",
        }
        for record in answer.records("ep:session")
    ]


def read_people(answer: Answer) -> list[Facts]:
    return [
        {
            "number": answer.text("att:attendeeId", record),
            "name": answer.text("att:person/com:name", record),
            "email": answer.text("att:person/com:email", record),
            "role": answer.text("att:role", record),
            "status": answer.text("att:joinStatus", record),
            "registered": bool(answer.text("att:registerID", record)),
        }
        for record in answer.records("att:attendee")
    ]


def read_enrolments(answer: Answer) -> dict[str, Facts]:
    return {
        answer.text("att:attendeeID", record): {
            "email": answer.text("att:enrollFields/att:defaultFields/att:email", record),
            "named domain": bool(answer.text("att:domain", record).strip()),
        }
        for record in answer.records("att:session/att:attendee")
    }


def read_users(answer: Answer, path: str = "use:user") -> list[Facts]:
    """Return what LstsummaryUser, or with another path GetUser, tells."""
    names = ("webExId", "firstName", "email", "active")
    return [{name: answer.text(f"use:{name}", record) for name in names} for record in answer.records(path)]


def read_counts(answer: Answer) -> list[int]:
    """Return how many records there are, how many of them are in the answer, and which is the first."""
    return [int(answer.text(f".//serv:{name}")) for name in ("total", "returned", "startFrom")]


def read_statuses(answer: Answer) -> dict[str, str]:
    return {
        answer.text("use:webExId", record): answer.text("use:status", record) for record in answer.records("use:user")
    }


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _DATE).replace(tzinfo=UTC)
