"""Defects to be switched into the mock from outside: a handler of ``SERVICES`` is wrapped, or ``reply``.

Each is one that a site could have, and says how many calls it takes to show it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from conformance.mock import dispatch
from conformance.mock.call import SERVICES, Call, Handler
from conformance.mock.refusal import Refusal
from conformance.mock.state import Site
from conformance.wire.answer import Answer

Apply = Callable[..., object]

MEETINGS = ("pass_time", "create_meeting", "create_event", "change", "read", "delete")
LISTS = ("pass_time", "create_meeting", "create_event", "list_meetings", "list_sessions")
PEOPLE = ("create_meeting", "create_event", "invite", "enrol", "list_people", "list_enrolments")
USERS = ("create_user", "change_user", "read_user", "list_users", "visit_link")
ACCOUNTS = ("pass_time", "sign_in", "delete_users", "read_user")


@dataclass(frozen=True)
class Defect:
    """What is wrong, with which operation (empty: on the wire), and how it is found.

    It is looked for with the rules of its area; ``steps`` is how many calls it takes at most to show it, where none
    can be left out. One more than the fewest where somebody may have to be created or to sign in first.
    """

    name: str
    operation: str
    apply: Apply
    rules: tuple[str, ...]
    steps: int

    def switch_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if not self.operation:
            monkeypatch.setattr(dispatch, "reply", self._wrapped(dispatch.reply))
            return
        service = SERVICES[self.operation]
        monkeypatch.setitem(SERVICES, self.operation, replace(service, handler=self._wrapped(service.handler)))

    def _wrapped(self, inner: Callable[..., object]) -> Callable[..., object]:
        return lambda *arguments: self.apply(inner, *arguments)


DEFECTS: list[Defect] = []


def defect(operation: str, rules: tuple[str, ...], steps: int) -> Callable[[Apply], Apply]:
    """Note a defect: the function is called with what it wraps, and with what that is called with."""

    def note(apply: Apply) -> Apply:
        DEFECTS.append(Defect(apply.__name__, operation, apply, rules, steps))
        return apply

    return note


@defect("SetMeeting", MEETINGS, steps=3)
def set_does_not_persist(handler: Handler, call: Call) -> Mapping[str, Answer]:
    known = dict(call.site.sessions)
    answer = handler(call)
    call.site.sessions.update(known)
    return answer


@defect("SetMeeting", MEETINGS, steps=3)
def refused_set_changes_the_name(handler: Handler, call: Call) -> Mapping[str, Answer]:
    try:
        return handler(call)
    except Refusal:
        session = call.site.sessions.get(int(call.text("meetingkey")))
        if session and call.text("metaData/confName"):
            session.name = call.text("metaData/confName")
        raise


@defect("SetMeeting", MEETINGS, steps=2)
def set_takes_a_past_start(handler: Handler, call: Call) -> Mapping[str, Answer]:
    return _without("40.2.0/start-time-in-the-past", handler, call)


@defect("DelMeeting", MEETINGS, steps=2)
def delete_leaves_the_meeting(handler: Handler, call: Call) -> Mapping[str, Answer]:
    known = dict(call.site.sessions)
    answer = handler(call)
    call.site.sessions.update(known)
    return answer


@defect("DelMeeting", MEETINGS, steps=2)
def attendee_may_delete(handler: Handler, call: Call) -> Mapping[str, Answer]:
    able = call.site.account("watcher") if call.account.attendee_only else call.caller
    return handler(replace(call, caller=able))


@defect("CreateMeeting", MEETINGS, steps=2)
def second_create_gets_the_same_key(handler: Handler, call: Call) -> Mapping[str, Answer]:
    known = [key for key, session in call.site.sessions.items() if session.kind == "MeetingCenter"]
    answer = handler(call)
    if not known:
        return answer
    made = call.site.sessions.pop(int(str(answer["meetingkey"])))
    made.key = known[0]
    call.site.sessions[made.key] = made
    return {**answer, "meetingkey": str(made.key)}


@defect("CreateMeeting", MEETINGS, steps=1)
def generated_password_is_not_told(handler: Handler, call: Call) -> Mapping[str, Answer]:
    return {name: value for name, value in handler(call).items() if name != "meetingPassword"}


@defect("LstsummaryMeeting", LISTS, steps=2)
def total_is_off_by_one(handler: Handler, call: Call) -> Mapping[str, Answer]:
    answer = handler(call)
    counts = answer["matchingRecords"]
    return {**answer, "matchingRecords": {**counts, "serv:total": str(int(counts["serv:total"]) + 1)}}


@defect("LstsummaryMeeting", LISTS, steps=3)
def order_is_ignored(handler: Handler, call: Call) -> Mapping[str, Answer]:
    for word in call.content.all("order/orderAD"):
        word.text = "ASC"
    return handler(call)


@defect("LstsummarySession", LISTS, steps=2)
def strangers_are_given_the_list_again(handler: Handler, call: Call) -> Mapping[str, Answer]:
    return _without("40.2.0/anonymous-lstsummarysession", handler, call)


@defect("RegisterMeetingAttendee", PEOPLE, steps=3)
def enrolling_again_makes_another_person(handler: Handler, call: Call) -> Mapping[str, Answer]:
    session = call.site.sessions.get(int(call.text("sessionKey")))
    known = dict(session.attendees) if session else {}
    if session:
        session.attendees.clear()
    try:
        return handler(call)
    finally:
        if session:
            call.site.sessions[session.key].attendees |= known


@defect("GetEnrollmentInfo", PEOPLE, steps=3)
def domain_is_filled_again(handler: Handler, call: Call) -> Mapping[str, Answer]:
    return _without("40.4.0/getenrollmentinfo-empty-domain", handler, call)


@defect("DelUser", ACCOUNTS, steps=3)
def deleted_user_stays_active(handler: Handler, call: Call) -> Mapping[str, Answer]:
    answer = handler(call)
    for account in call.site.accounts.values():
        account.active = True
    return answer


@defect("SetUser", USERS, steps=3)
def address_is_linked_without_a_click(handler: Handler, call: Call) -> Mapping[str, Answer]:
    answer = handler(call)
    for account in call.site.accounts.values():
        if account.pending_email:
            account.email = account.pending_email[0]
    return answer


@defect("GetUser", USERS, steps=2)
def password_is_told(handler: Handler, call: Call) -> Mapping[str, Answer]:
    return {**handler(call), "password": call.account.password}


@defect("AuthenticateUser", ACCOUNTS, steps=3)
def ticket_never_expires(handler: Handler, call: Call) -> Mapping[str, Answer]:
    answer = handler(call)
    owner, until = call.site.tickets[str(answer["sessionTicket"])]
    call.site.tickets[str(answer["sessionTicket"])] = (owner, until + timedelta(days=3650))
    return answer


@defect("", ACCOUNTS, steps=1)
def any_password_signs_in(reply: Callable[..., object], sites: Mapping[str, Site], data: bytes) -> object:
    return reply(sites, data.replace(b"<password>wrong</password>", b"<password>key-of-host-at-go</password>"))


@defect("", MEETINGS, steps=2)
def another_site_answers(reply: Callable[..., object], sites: Mapping[str, Site], data: bytes) -> object:
    return reply(sites, re.sub(rb"<siteName>away</siteName>(?=.*Lst)", b"<siteName>go</siteName>", data))


def _without(change: str, handler: Handler, call: Call) -> Mapping[str, Answer]:
    """Answer as a site that lacks a documented change."""
    changes, call.site.changes = call.site.changes, call.site.changes - {change}
    try:
        return handler(call)
    finally:
        call.site.changes = changes
