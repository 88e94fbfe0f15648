"""Rules for meetings and events: scheduled, changed, read, listed, deleted."""

from __future__ import annotations

import re
from typing import NamedTuple

import site_calls as calls
from base_machine import BaseMachine, marked, same, same_page
from drawn_values import Caller, bys, callers, changes, pages, reaches, wishes
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, precondition, rule
from reference_model import Page, Session, Wish
from site_driver import SITES

sessions = Bundle("sessions")


class Made(NamedTuple):
    """A session that was made; of one that is gone the key is still called."""

    site: str
    kind: str
    key: str

    def reached(self, reach: str) -> Made:
        """Return what is really asked for."""
        if reach == "on the other site":
            return self._replace(site=next(site for site in SITES if site != self.site))
        if reach == "by the other service":
            return self._replace(kind={"Meeting": "Event", "Event": "Meeting"}[self.kind])
        return self


class SchedulingRules(BaseMachine):
    """Sessions are made."""

    @invariant()
    def as_many_sessions(self) -> None:
        self.total_agrees("LstsummarySession", self.models[self.called].sessions)

    @rule(target=sessions, who=callers, wish=wishes)
    def create_meeting(self, who: Caller, wish: Wish) -> object:
        return self._create(who, "Meeting", wish)

    @rule(target=sessions, who=callers, wish=wishes)
    def create_event(self, who: Caller, wish: Wish) -> object:
        return self._create(who, "Event", wish)

    def _create(self, who: Caller, kind: str, wish: Wish) -> object:
        by, site = who
        model, wish = self.models[site], marked(wish, site)
        body = calls.scheduling(kind, wish, model.now)
        session, answer = self.ask(site, by, f"Create{kind}", body, model.create, kind, wish)
        if session is None:
            return multiple()
        session.key, session.uuid, password = calls.told_of_new(kind, answer)
        assert (site, session.key) not in self.keys, "the key was used before"
        self.keys.add((site, session.key))
        assert bool(password) == model.tells_password(session), f"the password told is {password!r}"
        _learn_password(session, password)
        model.sessions[session.key] = session
        return Made(site, kind, session.key)


class SessionRules(SchedulingRules):
    """And are changed, read and deleted."""

    @rule(by=bys, made=sessions, reach=reaches, wish=changes)
    def change(self, by: str, made: Made, reach: str, wish: Wish) -> None:
        site, kind, key = made.reached(reach)
        model, wish = self.models[site], marked(wish, site)
        body = calls.scheduling(kind, wish, model.now, key)
        self.ask(site, by, f"Set{kind}", body, model.change, kind, key, wish)

    @rule(by=bys, made=sessions, reach=reaches)
    def read(self, by: str, made: Made, reach: str) -> None:
        site, kind, key = made.reached(reach)
        body = {calls.SPELLINGS[kind].key: key}
        told, answer = self.ask(site, by, f"Get{kind}", body, self.models[site].read, kind, key)
        if told:
            same(told, calls.read_session(kind, answer))

    @rule(by=bys, made=sessions, reach=reaches, selector=st.sampled_from(["sessionKey", "meetingUuid"]))
    def look(self, by: str, made: Made, reach: str, selector: str) -> None:
        site, _, key = made.reached(reach)
        model = self.models[site]
        uuid = model.sessions[key].uuid if key in model.sessions else ""  # events are not told theirs
        value = key if selector == "sessionKey" else uuid or "0" * 32
        told, answer = self.ask(site, by, "GetSessionInfo", {selector: value}, model.look, selector, value)
        if told:
            same(told, calls.read_session_info(answer))

    @rule(by=bys, made=sessions, reach=reaches)
    def delete(self, by: str, made: Made, reach: str) -> None:
        site, kind, key = made.reached(reach)
        if reach == "by the general service":
            self.ask(site, by, "DelSession", {"sessionKey": key}, self.models[site].delete, None, key)
        else:
            body = {calls.SPELLINGS[kind].key: key}
            self.ask(site, by, f"Del{kind}", body, self.models[site].delete, kind, key)


class ListRules(SchedulingRules):
    """And are listed."""

    @precondition(lambda self: self.keys)
    @rule(who=callers, page=pages)
    def list_meetings(self, who: Caller, page: Page) -> None:
        by, site = who
        body = calls.listing(page, "CONFNAME")
        found, answer = self.ask(site, by, "LstsummaryMeeting", body, self.models[site].list_meetings, page)
        if found:
            same_page(found, "name", answer, calls.read_meetings(answer))

    @precondition(lambda self: self.keys)
    @rule(who=callers, page=pages)
    def list_sessions(self, who: Caller, page: Page) -> None:
        by, site = who
        body = calls.listing(page, "CONFNAME")
        found, answer = self.ask(site, by, "LstsummarySession", body, self.models[site].list_sessions, page)
        if found:
            same_page(found, "name", answer, calls.read_sessions(answer))


def _learn_password(session: Session, password: str) -> None:
    """Take over a password that the site made: 11 letters and digits, as the notes print one."""
    if session.password is None:
        assert re.fullmatch(r"[A-Za-z0-9]{11}", password)
        session.password = password
    assert password in ("", session.password)
