"""Rules for the people of a session: invited, enrolled, listed, removed."""

from __future__ import annotations

import site_calls as calls
from base_machine import same, same_page
from drawn_values import bys, invitations, pages, reaches
from hypothesis.stateful import Bundle, multiple, rule
from reference_model import Invitation, Page, Person
from session_rules import Made, SchedulingRules, sessions


class PeopleRules(SchedulingRules):
    """Of a person the bundle holds the site and the number."""

    people = Bundle("people")

    @rule(target=people, by=bys, made=sessions, sent=invitations)
    def invite(self, by: str, made: Made, sent: Invitation) -> object:
        site, _, key = made
        body = calls.invitation(key, sent)
        person, answer = self.ask(site, by, "CreateMeetingAttendee", body, self.models[site].invite, key, sent)
        if person is None:
            return multiple()
        number = answer.text("att:attendeeId")
        assert answer.texts("att:register/att:attendeeID") == ([number] if person.enrolled else [])
        return site, _numbered(person, number)

    @rule(target=people, by=bys, made=sessions, sent=invitations)
    def enrol(self, by: str, made: Made, sent: Invitation) -> object:
        site, _, key = made
        body = calls.invitation(key, sent)
        person, answer = self.ask(site, by, "RegisterMeetingAttendee", body, self.models[site].register, key, sent)
        if person is None:
            return multiple()
        return site, _numbered(person, answer.text("att:register/att:attendeeID"))

    @rule(by=bys, person=people)
    def remove(self, by: str, person: tuple[str, str]) -> None:
        site, number = person
        self.ask(site, by, "DelMeetingAttendee", {"attendeeID": number}, self.models[site].remove, number)

    @rule(by=bys, made=sessions, page=pages)
    def list_people(self, by: str, made: Made, page: Page) -> None:
        site, _, key = made
        body = {**calls.listing(page, "EMAIL"), "sessionKey": key}
        found, answer = self.ask(site, by, "LstMeetingAttendee", body, self.models[site].list_people, key, page)
        if found:
            same_page(found, "email", answer, calls.read_people(answer))

    @rule(by=bys, made=sessions, reach=reaches)
    def list_enrolments(self, by: str, made: Made, reach: str) -> None:
        site, _, key = made.reached(reach)
        body = {"sessionKey": key}
        told, answer = self.ask(site, by, "GetEnrollmentInfo", body, self.models[site].enrolments, key)
        if told:
            same(told, calls.read_enrolments(answer))


def _numbered(person: Person, number: str) -> str:
    """Take over the number of somebody new; who was there before keeps his."""
    assert number
    assert person.number in ("", number)
    person.number = number
    return number
