"""Attendees: invited, enrolled, listed, removed; what GetEnrollmentInfo tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOT_FOUND, NOW, create, make_site, meeting, send

from conformance.mock.attendees import EMPTY_DOMAIN, FIFTY
from conformance.mock.state import Site


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def key(site: Site) -> str:
    return create(site)


def person(email: str, **more: object) -> dict:
    return {"person": {"name": email.partition("@")[0].title(), "email": email, **more}}


def emails(site: Site, key: str) -> list[str]:
    return [attendee.email for attendee in site.sessions[int(key)].attendees.values()]


# -- inviting ----------------------------------------


def test_one_person_may_stand_right_in_the_request(site: Site, key: str) -> None:
    answer = send(site, "CreateMeetingAttendee", {**person("A@Example.com"), "sessionKey": key})
    assert answer.names() == ["attendeeId"]
    assert emails(site, key) == ["a@example.com"]
    assert int(answer.text("att:attendeeId")) in site.sessions[int(key)].attendees


def test_several_people_stand_in_attendees_with_their_own_session_or_the_requests(site: Site, key: str) -> None:
    second = create(site)
    attendees = [person("a@example.com"), {**person("b@example.com"), "meetingKey": second}]
    answer = send(site, "CreateMeetingAttendee", {"sessionKey": key, "attendees": attendees})
    assert len(answer.all("att:attendeeId")) == 2
    assert (emails(site, key), emails(site, second)) == (["a@example.com"], ["b@example.com"])


def test_whoever_is_created_as_registered_is_enrolled(site: Site, key: str) -> None:
    attendees = [{**person("a@example.com"), "joinStatus": "REGISTER"}, person("b@example.com")]
    answer = send(site, "CreateMeetingAttendee", {"meetingKey": key, "attendees": attendees})
    assert answer.names() == ["attendeeId", "attendeeId", "register"]
    assert answer.names("att:register") == ["attendeeID", "registerID"]
    assert answer.text("att:register/att:attendeeID") == answer.all("att:attendeeId")[0]
    enrolled = send(site, "GetEnrollmentInfo", {"sessionKey": key})
    assert enrolled.all("att:session/att:attendee/att:attendeeID") == answer.all("att:attendeeId")[:1]


def test_the_same_address_is_the_same_attendee(site: Site, key: str) -> None:
    body = {"sessionKey": key, "attendees": [person("a@example.com"), person("A@example.com", company="Example")]}
    first, again = send(site, "CreateMeetingAttendee", body).all("att:attendeeId")
    assert first == again
    assert emails(site, key) == ["a@example.com"]
    enrolled = send(site, "RegisterMeetingAttendee", {"attendees": {**person("a@example.com"), "sessionKey": key}})
    assert enrolled.text("att:register/att:attendeeID") == first


def test_inviting_is_for_the_host_and_administrators(site: Site, key: str) -> None:
    body = {**person("a@example.com"), "sessionKey": key}
    assert send(site, "CreateMeetingAttendee", body, "other").failure == ACCESS_DENIED
    assert emails(site, key) == []
    assert send(site, "CreateMeetingAttendee", body, "admin").ok


@pytest.mark.parametrize("name", ["CreateMeetingAttendee", "RegisterMeetingAttendee"])
def test_a_refused_call_adds_nobody(site: Site, key: str, name: str) -> None:
    good = person("a@example.com")
    for body, code in (
        ({"sessionKey": key, "role": "ATTENDEE"}, "999999"),
        ({"sessionKey": key, "attendees": [good, {"person": {"name": "No address"}}]}, "999999"),
        ({"sessionKey": key, "attendees": [good, {**good, "role": "KING"}]}, "999999"),
        ({"sessionKey": key, "attendees": [good, {**good, "joinStatus": "PERHAPS"}]}, "999999"),
        ({"sessionKey": key, "attendees": [good, {**good, "sessionKey": "5"}]}, "060001"),
        ({"sessionKey": key, "attendees": [good, {**good, "sessionKey": "x"}]}, "999999"),
        ({"attendees": [good]}, "060001"),
    ):
        assert send(site, name, body).failure[0] == code
    assert emails(site, key) == []


# -- enrolling ----------------------------------------


def test_anyone_signed_in_enrols_people_whose_time_and_address_are_noted(site: Site, key: str) -> None:
    body = {
        "attendees": [{**person("A@Example.com"), "sessionKey": key}, {**person("b@example.com"), "sessionKey": key}]
    }
    answer = send(site, "RegisterMeetingAttendee", body, "other", client_ip="198.51.100.4")
    assert answer.names() == ["register", "register"]
    assert answer.names("att:register[1]") == ["attendeeID", "registerID"]
    first, second = site.sessions[int(key)].attendees.values()
    assert (first.email, first.ip_address) == ("a@example.com", "198.51.100.4")
    assert first.submitted is not None
    assert first.submitted - NOW < timedelta(seconds=30)
    assert len({first.register_id, second.register_id, first.attendee_id, second.attendee_id}) == 4
    assert send(site, "RegisterMeetingAttendee", body, "").failure == ACCESS_DENIED


def test_a_session_may_be_named_by_its_conference_number(site: Site, key: str) -> None:
    conf_id = str(site.sessions[int(key)].conf_id)
    assert send(site, "RegisterMeetingAttendee", {"attendees": {**person("a@example.com"), "confID": conf_id}}).ok
    assert emails(site, key) == ["a@example.com"]
    assert send(site, "GetEnrollmentInfo", {"confID": conf_id}).text("att:session/att:sessionKey") == key
    assert send(site, "GetEnrollmentInfo", {"confID": "5"}).failure == NOT_FOUND


ENROLLED = {
    "firstName": "Alex",
    "lastName": "Yang",
    "email": "Alex.Yang@example.com",
    "company": "Example",
    "title": "Dr",
    "address": {"address1": "Way 1", "city": "Berlin", "zipCode": "10115", "country": "Germany"},
    "phones": {"phone": "030"},
}


@pytest.mark.parametrize("change", [True, False])
def test_enrolments_are_told_as_printed(change: bool) -> None:
    site = make_site(*([EMPTY_DOMAIN] if change else []))
    key = create(site)
    for who in (ENROLLED, {"name": "Mary Ann Lee", "email": "m@example.com"}):
        body = {"attendees": {"person": who, "sessionKey": key}}
        assert send(site, "RegisterMeetingAttendee", body, client_ip="10.35.240.53").ok
    send(site, "CreateMeetingAttendee", {**person("invited@example.com"), "sessionKey": key})

    answer = send(site, "GetEnrollmentInfo", {"sessionKey": key})
    session = "att:session"
    assert answer.names() == ["session"]
    assert answer.names(session) == ["confID", "attendee", "attendee", "matchingRecords", "sessionKey"]
    assert answer.all(f"{session}/att:matchingRecords/serv:*") == ["2", "2", "1"]
    attendee = f"{session}/att:attendee[1]"
    assert answer.names(attendee) == ["attendeeID", "enrollFields", "domain", "ipAddress", "submitTime", "status"]
    assert answer.names(f"{attendee}/att:enrollFields") == ["defaultFields", "customFields"]
    defaults = f"{attendee}/att:enrollFields/att:defaultFields"
    assert answer.names(defaults) == [
        "firstName",
        "lastName",
        "email",
        "company",
        "phoneNum",
        "title",
        "receiveInfo",
        "address1",
        "address2",
        "city",
        "state",
        "zipcode",
        "country",
        "leadSourceID",
        "leadScore",
    ]
    values = ["Alex", "Yang", "alex.yang@example.com", "Example", "030", "Dr", "false", "Way 1", "", "Berlin", ""]
    assert answer.all(f"{defaults}/att:*") == [*values, "10115", "Germany", "", "0.0"]
    assert answer.text(f"{attendee}/att:domain") == (" " if change else "host-10-35-240-53.example.com")
    assert answer.text(f"{attendee}/att:ipAddress") == "10.35.240.53"
    assert answer.text(f"{attendee}/att:submitTime").startswith("01/15/2020 12:00:")
    assert answer.text(f"{attendee}/att:status") == "APPROVED"
    second = f"{session}/att:attendee[2]/att:enrollFields/att:defaultFields"
    assert answer.all(f"{second}/att:*")[:2] == ["Mary Ann", "Lee"]


def test_enrolments_are_for_the_host_and_administrators(site: Site, key: str) -> None:
    rejected = {**person("a@example.com"), "sessionKey": key, "joinStatus": "REJECT"}
    assert send(site, "GetEnrollmentInfo", {"sessionKey": key}).failure == NO_RECORD
    send(site, "RegisterMeetingAttendee", {"attendees": rejected})
    assert send(site, "GetEnrollmentInfo", {"sessionKey": key}, "other").failure == ACCESS_DENIED
    assert send(site, "GetEnrollmentInfo", {"sessionKey": key}, "").failure == ACCESS_DENIED
    answer = send(site, "GetEnrollmentInfo", {"sessionKey": key}, "admin")
    assert answer.text("att:session/att:attendee/att:status") == "REJECTED"
    assert send(site, "GetEnrollmentInfo", {"sessionKey": "5"}).failure == NOT_FOUND
    assert send(site, "GetEnrollmentInfo", {}).failure == NOT_FOUND


# -- listing ----------------------------------------


def test_attendees_are_listed_with_the_documented_elements(site: Site, key: str) -> None:
    send(site, "CreateMeetingAttendee", {**person("a@example.com", phones={"phone": "1"}), "sessionKey": key})
    send(site, "RegisterMeetingAttendee", {"attendees": {**person("b@example.com"), "sessionKey": key}})
    answer = send(site, "LstMeetingAttendee", {"meetingKey": key})
    assert answer.names() == ["matchingRecords", "attendee", "attendee"]
    assert answer.all("att:matchingRecords/serv:*") == ["2", "2", "1"]
    invited = ["person", "joinStatus", "meetingKey", "role", "attendeeId", "confID", "status"]
    assert answer.names("att:attendee[1]") == invited
    assert answer.names("att:attendee[2]") == [*invited, "registerID"]
    assert answer.names("att:attendee[1]/att:person") == ["name", "phones", "email"]
    assert answer.text("att:attendee[1]/att:person/com:phones/com:phone") == "1"
    assert answer.names("att:attendee[1]/att:status") == ["invited", "registered", "rejected", "accepted"]
    assert answer.all("att:attendee[1]/att:status/att:*") == ["true", "false", "false", "false"]
    assert answer.text("att:attendee[2]/att:status/att:registered") == "true"


def test_attendees_of_other_kinds_carry_a_session_key(site: Site) -> None:
    attendees = {"attendee": {"name": "A", "email": "a@example.com"}}
    event = create(site, {"metaData": {"sessionName": "x"}, "attendees": attendees}, "CreateEvent")
    answer = send(site, "LstMeetingAttendee", {"sessionKey": event})
    assert answer.text("att:attendee/att:sessionKey") == event


def test_filters_orders_and_scope_of_the_list(site: Site, key: str) -> None:
    send(site, "CreateMeetingAttendee", {"sessionKey": key, "attendees": [person("b@x.org"), person("a@x.org")]})
    accepted = {**person("c@x.org"), "joinStatus": "ACCEPT"}
    other = create(site, meeting(participants={"attendees": {"attendee": accepted}}))
    theirs = create(site, meeting(participants={"attendees": {"attendee": person("d@x.org")}}), caller="other")

    def listed(body: dict, caller: str = "host") -> list[str]:
        return send(site, "LstMeetingAttendee", body, caller).all("att:attendee/att:person/com:email")

    assert listed({"sessionKey": key, "order": {"orderBy": "EMAIL"}}) == ["a@x.org", "b@x.org"]
    assert listed({"order": {"orderBy": "ATTENDEEID", "orderAD": "DESC"}}) == ["c@x.org", "a@x.org", "b@x.org"]
    assert listed({"joinStatus": "ACCEPT"}) == ["c@x.org"]
    assert listed({"confID": str(site.sessions[int(other)].conf_id)}) == ["c@x.org"]
    assert len(listed({}, "admin")) == 4
    assert send(site, "LstMeetingAttendee", {"sessionKey": theirs}).failure == ACCESS_DENIED
    assert send(site, "LstMeetingAttendee", {"sessionKey": "5"}).failure == NOT_FOUND
    assert send(site, "LstMeetingAttendee", {"sessionKey": create(site)}).failure == NO_RECORD
    assert send(site, "LstMeetingAttendee", {}, "guest").failure == NO_RECORD


# -- removing ----------------------------------------


def test_attendees_are_removed_by_number_or_address(site: Site, key: str) -> None:
    people = [person("a@x.org"), person("b@x.org"), person("c@x.org")]
    ids = send(site, "CreateMeetingAttendee", {"sessionKey": key, "attendees": people}).all("att:attendeeId")
    body = {"attendeeID": ["", ids[0]], "attendeeEmail": {"email": "B@x.org", "sessionKey": key}}
    assert send(site, "DelMeetingAttendee", body).names() == []
    assert emails(site, key) == ["c@x.org"]


def test_removing_all_or_nobody(site: Site, key: str) -> None:
    ours = send(site, "CreateMeetingAttendee", {**person("a@x.org"), "sessionKey": key}).text("att:attendeeId")
    theirs_key = create(site, caller="other")
    body = {**person("b@x.org"), "sessionKey": theirs_key}
    theirs = send(site, "CreateMeetingAttendee", body, "other").text("att:attendeeId")
    for doomed, failure in (
        ({"attendeeID": ""}, "999999"),
        ({"attendeeID": [ours, "x"]}, "999999"),
        ({"attendeeID": [ours, theirs]}, "000001"),
        ({"attendeeID": [ours, "5"]}, "000015"),
        ({"attendeeID": ours, "attendeeEmail": {"email": "z@x.org", "sessionKey": key}}, "000015"),
        ({"attendeeID": ours, "attendeeEmail": {"email": "a@x.org", "sessionKey": "5"}}, "060001"),
    ):
        assert send(site, "DelMeetingAttendee", doomed).failure[0] == failure
    assert emails(site, key) == ["a@x.org"]
    assert send(site, "DelMeetingAttendee", {"attendeeID": [ours, theirs]}, "admin").ok
    assert emails(site, key) == emails(site, theirs_key) == []


# -- how many ----------------------------------------


@pytest.mark.parametrize("name", ["CreateMeetingAttendee", "RegisterMeetingAttendee"])
def test_since_42_1_0_a_call_takes_fifty_people(site: Site, key: str, name: str) -> None:
    people = [{**person(f"a{number}@example.com"), "sessionKey": key} for number in range(51)]
    site.changes = frozenset({FIFTY})
    over = ("040015", "Register attendee number over limit in one API call")
    assert send(site, name, {"attendees": people}).failure == over
    assert emails(site, key) == []
    assert send(site, name, {"attendees": people[:50]}).ok
    assert len(emails(site, key)) == 50
    site.changes = frozenset()
    assert send(site, name, {"attendees": people}).ok
    assert len(emails(site, key)) == 51


def test_the_person_in_the_request_itself_counts_too(site: Site, key: str) -> None:
    site.changes = frozenset({FIFTY})
    others = [person(f"a{number}@example.com") for number in range(50)]
    body = {**person("b@example.com"), "sessionKey": key, "attendees": others}
    assert send(site, "CreateMeetingAttendee", body).failure[0] == "040015"
    assert send(site, "CreateMeetingAttendee", {**body, "attendees": others[1:]}).ok
