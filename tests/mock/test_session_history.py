"""The history lists of sessions that are over, and of who was there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOW, create, make_site, meeting, send

from conformance.mock.session_history import INTERNATIONAL_CALLS, PRELIMINARY
from conformance.mock.state import Kind, PastSession, Presence, Site

HOUR = timedelta(hours=1)

SESSIONS = {
    "LsttrainingsessionHistory": Kind.TRAINING,
    "LstmeetingusageHistory": Kind.MEETING,
    "LsteventsessionHistory": Kind.EVENT,
    "LstsupportsessionHistory": Kind.SUPPORT,
    "LstsalesSessionHistory": Kind.SALES,
}
PEOPLE = {
    "LsttrainingattendeeHistory": Kind.TRAINING,
    "LstmeetingattendeeHistory": Kind.MEETING,
    "LsteventattendeeHistory": Kind.EVENT,
    "LstsupportattendeeHistory": Kind.SUPPORT,
    "LstsalesAttendeeHistory": Kind.SALES,
}
ALL = SESSIONS | PEOPLE


def present(name: str, joined: datetime, minutes: float, role: str = "ATTENDEE", **more: object) -> Presence:
    email = f"{name.lower()}@example.com"
    return Presence(name, email, joined, joined + timedelta(minutes=minutes), role, **more)  # type: ignore[arg-type]


def past(conf_id: int, kind: Kind, start: datetime, host: str = "host", **more: object) -> PastSession:
    people = [present("Host", start, 30, "HOST"), present(f"Guest{conf_id}", start + timedelta(minutes=5), 20)]
    end = start + timedelta(minutes=30)
    return PastSession(conf_id, conf_id + 100, kind, host, f"Talk {conf_id}", start, end, 20, people, **more)  # type: ignore[arg-type]


@pytest.fixture
def site() -> Site:
    """Of each kind the host's sessions 1, 2 and 3, an hour after each other, and session 4 of another host."""
    site = make_site()
    for kind in SESSIONS.values():
        site.past_sessions += [past(number, kind, NOW - (9 - number) * HOUR) for number in (1, 2, 3)]
        site.past_sessions.append(past(4, kind, NOW - 2 * HOUR, host="other"))
    return site


def ids(site: Site, name: str, body: object = "", caller: str = "host") -> list[str]:
    return send(site, name, body, caller).all("*/history:confID")  # type: ignore[arg-type]


# -- which ----------------------------------------


@pytest.mark.parametrize("name", SESSIONS)
def test_a_host_gets_his_own_and_an_administrator_all_or_those_of_one_host(site: Site, name: str) -> None:
    assert ids(site, name) == ["1", "2", "3"]
    assert ids(site, name, {"hostWebExID": "other"}) == ["1", "2", "3"]
    assert ids(site, name, caller="admin") == ["1", "2", "3", "4"]
    assert ids(site, name, {"hostWebExID": "OTHER"}, "admin") == ["4"]
    assert send(site, name, {"hostWebExID": "nobody"}, "admin").failure == NO_RECORD


@pytest.mark.parametrize("name", PEOPLE)
def test_the_people_of_ones_own_sessions(site: Site, name: str) -> None:
    assert ids(site, name) == ["1", "1", "2", "2", "3", "3"]
    assert ids(site, name, {"confID": "4"}, "admin") == ["4", "4"]
    assert send(site, name, {"confID": "4"}).failure == NO_RECORD


@pytest.mark.parametrize("name", ALL)
def test_who_has_held_nothing_gets_nothing_and_strangers_are_refused(site: Site, name: str) -> None:
    assert send(site, name, "", "guest").failure == NO_RECORD
    assert send(site, name, "", "").failure == ACCESS_DENIED


@pytest.mark.parametrize("name", ALL)
def test_each_kind_has_a_list_of_its_own(site: Site, name: str) -> None:
    site.past_sessions = [session for session in site.past_sessions if session.kind is not ALL[name]]
    assert send(site, name, "", "admin").failure == NO_RECORD


def test_audio_only_sessions_are_meetings_that_must_be_asked_for(site: Site) -> None:
    site.past_sessions.append(past(7, Kind.TELECONFERENCE, NOW - HOUR))
    assert ids(site, "LstmeetingusageHistory") == ["1", "2", "3"]
    assert ids(site, "LstmeetingusageHistory", {"inclAudioOnly": "true"}) == ["1", "2", "3", "7"]
    assert ids(site, "LsteventsessionHistory", {"inclAudioOnly": "true"}) == ["1", "2", "3"]


def test_what_ended_more_than_90_days_ago_is_forgotten(site: Site) -> None:
    site.past_sessions = [past(1, Kind.MEETING, NOW - timedelta(days=90))]
    site.clock.set(NOW + timedelta(minutes=29))
    assert ids(site, "LstmeetingusageHistory") == ["1"]
    site.clock.set(NOW + timedelta(minutes=31))
    assert send(site, "LstmeetingusageHistory", "").failure == NO_RECORD


# -- filters ----------------------------------------


def scope(which: str, first: int, last: int) -> dict:
    """Return a scope between two minutes of the day of NOW."""
    texts = [f"01/15/2020 {minute // 60:02}:{minute % 60:02}:00" for minute in (first, last)]
    return {f"{which.lower()}TimeScope": {f"session{which}TimeStart": texts[0], f"session{which}TimeEnd": texts[1]}}


@pytest.mark.parametrize("name", ALL)
def test_filters(site: Site, name: str) -> None:
    key = "meetingKey" if ALL[name] in (Kind.MEETING, Kind.SALES) else "sessionKey"
    for body in (
        {"confID": "2"},
        {key: "102"},
        {"confName": "tALK 2"},
        scope("Start", 300, 300),
        scope("End", 330, 330),
    ):
        assert set(ids(site, name, body)) == {"2"}, body


def test_list_method_joins_all_filters_but_not_whose_sessions_they_are(site: Site) -> None:
    body = {"confID": "2", **scope("Start", 600, 700)}
    assert send(site, "LsteventsessionHistory", body).failure == NO_RECORD
    either = {**body, "listControl": {"listMethod": "OR"}}
    assert ids(site, "LsteventsessionHistory", either) == ["2"]
    assert ids(site, "LsteventsessionHistory", either, "admin") == ["2", "4"]


def test_sales_are_looked_for_by_account_and_opportunity(site: Site) -> None:
    sale = {"metaData": {"account": "Example", "opportunity": "Big"}}
    site.past_sessions.append(past(7, Kind.SALES, NOW - HOUR, content=sale))
    assert ids(site, "LstsalesSessionHistory", {"account": "example"}) == ["7"]
    assert ids(site, "LstsalesSessionHistory", {"opportunity": "BIG"}) == ["7"]
    answer = send(site, "LstsalesAttendeeHistory", {"confID": "7"})
    assert answer.all("*/history:account") == ["Example", "Example"]
    assert answer.all("*/history:attendeeType") == ["SALESTEAM", "PROSPECT"]


@pytest.mark.parametrize("path", ["confID", "sessionKey"])
def test_what_is_no_number_is_refused(site: Site, path: str) -> None:
    assert send(site, "LsttrainingsessionHistory", {path: "soon"}).failure[0] == "999999"


# -- order, pages, zones ----------------------------------------


@pytest.mark.parametrize(
    ("name", "by", "found"),
    [
        ("LstsupportsessionHistory", "SESSIONSTARTTIME", ["3", "2", "1"]),
        ("LstmeetingusageHistory", "CONFNAME", ["3", "2", "1"]),
        ("LsteventsessionHistory", "CONFID", ["3", "2", "1"]),
        ("LsttrainingsessionHistory", "TOTALATTENDEE", ["2", "1", "3"]),
        ("LsttrainingsessionHistory", "TOTALREGISTERED", ["3", "1", "2"]),
        ("LsttrainingsessionHistory", "TOTALINVITED", ["3", "1", "2"]),
        ("LsttrainingsessionHistory", "WEATHER", ["1", "2", "3"]),
        ("LstmeetingattendeeHistory", "CONFID", ["3", "3", "2", "2", "1", "1"]),
        ("LsteventattendeeHistory", "SESSIONKEY", ["3", "3", "2", "2", "1", "1"]),
        ("LsteventattendeeHistory", "ATTENDEENAME", ["1", "2", "3", "3", "2", "1"]),
        ("LsttrainingattendeeHistory", "COMPANY", ["3", "1", "1", "2", "2", "3"]),
        ("LstmeetingattendeeHistory", "COUNTRY", ["2", "1", "1", "2", "3", "3"]),
    ],
)
def test_descending_orders(site: Site, name: str, by: str, found: list[str]) -> None:
    second, third = (
        next(one for one in site.past_sessions if (one.conf_id, one.kind) == (number, ALL[name])) for number in (2, 3)
    )
    if "session" in name:
        second.people.append(present("Late", NOW - 6 * HOUR, 1))
    third.people[1].registered = third.people[1].invited = True
    third.people[1].person = {"company": "Example"}
    second.people[0].person = {"address": {"country": "US"}}
    assert ids(site, name, {"order": {"orderBy": by, "orderAD": "DESC"}}) == found


@pytest.mark.parametrize("name", ALL)
def test_a_page(site: Site, name: str) -> None:
    answer = send(site, name, {"listControl": {"startFrom": "2", "maximumNum": "1"}})
    total = "6" if name in PEOPLE else "3"
    assert answer.all("history:matchingRecords/*") == [total, "1", "2"]
    counted_first = ALL[name] is Kind.SALES
    assert answer.names().index("matchingRecords") == (0 if counted_first else 1)


@pytest.mark.parametrize("name", ["LsttrainingsessionHistory", "LstsalesSessionHistory"])
def test_time_zone_is_that_of_the_dates_both_ways(site: Site, name: str) -> None:
    name_of_start = "meetingStartTime" if "sales" in name else "sessionStartTime"
    body = {"timeZoneID": "45", **scope("Start", 720, 720)}  # noon in China is four o'clock in Greenwich
    answer = send(site, name, body)
    assert answer.all("*/history:confID") == ["1"]
    assert answer.text(f"*/history:{name_of_start}") == "01/15/2020 12:00:00"
    zone = "GMT+08:00, China (Beijing)" if "sales" in name else "45"
    assert answer.text("*/history:timezone") == zone
    assert send(site, name, {"timeZoneID": "62"}).failure[0] == "999999"


# -- what is told ----------------------------------------


def test_a_session_is_counted(site: Site) -> None:
    start = NOW - HOUR
    people = [
        present("Host", start, 30, "HOST"),
        present("Ann", start, 10.5, registered=True),
        present("Bob", start + timedelta(minutes=10), 5, invited=True),
        present("Cat", start + timedelta(minutes=15), 5, "OTHER"),
    ]
    site.past_sessions = [past(1, Kind.TRAINING, start)]
    site.past_sessions[0].people = people
    answer = send(site, "LsttrainingsessionHistory", "")
    told = {name: answer.text(f"*/history:{name}") for name in answer.names("history:trainingSessionHistory")}
    assert (told["duration"], told["totalPeopleMinutes"], told["totalVoipMinutes"]) == ("30", "51", "51")
    assert (told["totalParticipants"], told["totalParticipantsVoip"], told["totalAttendee"]) == ("4", "4", "3")
    assert (told["totalRegistered"], told["totalInvited"], told["peakAttendee"]) == ("1", "1", "3")
    assert (told["totalCallInMinutes"], told["totalCallInTolllfreeMinutes"]) == ("0", "0")
    assert (told["hostWebExID"], told["hostEmail"]) == ("host", "host@example.com")


def test_what_was_kept_of_a_session_is_told(site: Site) -> None:
    content = {
        "tracking": {"trackingCode1": "blue"},
        "assistService": {"assistRequest": "Video"},
        "psoFields": {"psoField1": "x"},
    }
    site.past_sessions = [past(1, Kind.TRAINING, NOW - HOUR, content=content)]
    plain = send(site, "LsttrainingsessionHistory", "")
    assert plain.text("*/history:trackingCode/com:trackingCode1") == "blue"
    assert plain.text("*/history:assistService/serv:assistRequest") == "Video"
    assert plain.all("*/history:psoFields") == []
    asked = send(site, "LsttrainingsessionHistory", {"returnPSOFields": "true"})
    assert asked.text("*/history:psoFields/com:psoField1") == "x"


def test_a_person_is_told(site: Site) -> None:
    site.past_sessions = [past(1, Kind.EVENT, NOW - HOUR)]
    site.past_sessions[0].people[1].person = {"company": "Example", "phones": {"phone": "1"}, "address": {"city": "X"}}
    answer = send(site, "LsteventattendeeHistory", "")
    assert answer.all("*/history:attendeeEmail") == ["host@example.com", "guest1@example.com"]
    assert answer.all("*/history:participantType") == ["HOST", "ATTENDEE"]
    assert answer.all("*/history:startTime") == ["01/15/2020 11:00:00", "01/15/2020 11:05:00"]
    assert answer.all("*/history:endTime") == ["01/15/2020 11:30:00", "01/15/2020 11:25:00"]
    assert answer.all("*/history:duration") == ["30", "20"]
    assert answer.all("*/history:company | */history:city | */history:phone") == ["", "", "", "Example", "1", "X"]


@pytest.mark.parametrize("name", ["LstmeetingusageHistory", "LsteventsessionHistory"])
def test_international_calls_are_told_since_11_0_sp8(site: Site, name: str) -> None:
    path = "*/history:tollCallInInternational | */history:tollfreeCallInInternational"
    assert send(site, name, {"confID": "1"}).all(path) == []
    site.changes = frozenset({INTERNATIONAL_CALLS})
    assert send(site, name, {"confID": "1"}).all(path) == ["0", "0"]
    assert send(site, "LsttrainingsessionHistory", {"confID": "1"}).all(path) == []


# -- sessions that were scheduled ----------------------------------------


def test_a_scheduled_meeting_is_history_once_its_end_has_passed() -> None:
    site = make_site()
    key = create(site)  # from 13:00 to 13:30
    person = {"person": {"name": "Ann Lee", "email": "ann@example.com"}, "sessionKey": key}
    gone = {"person": {"name": "Bob", "email": "bob@example.com"}, "sessionKey": key, "joinStatus": "REJECT"}
    helper = {"person": {"name": "Cat", "email": "cat@example.com"}, "sessionKey": key, "role": "PRESENTER"}
    send(site, "CreateMeetingAttendee", {**person, "attendees": [gone, helper]})
    site.clock.set(datetime(2020, 1, 15, 13, 29, 59, tzinfo=UTC))
    assert send(site, "LstmeetingusageHistory", "").failure == NO_RECORD
    site.clock.set(datetime(2020, 1, 15, 13, 30, tzinfo=UTC))
    used = send(site, "LstmeetingusageHistory", {"meetingKey": key})
    assert (used.text("*/history:confName"), used.text("*/history:totalParticipants")) == ("Weekly", "3")
    assert used.text("*/history:meetingEndTime") == "01/15/2020 13:30:00"
    there = send(site, "LstmeetingattendeeHistory", {"meetingKey": key})
    assert there.all("*/history:email") == ["host@example.com", "ann@example.com", "cat@example.com"]
    assert there.all("*/history:participantType") == ["HOST", "ATTENDEE", "OTHER"]
    send(site, "DelMeeting", {"meetingKey": key})
    assert send(site, "LstmeetingusageHistory", "").failure == NO_RECORD


def test_the_occurrences_of_a_series_are_sessions_of_their_own() -> None:
    site = make_site()
    create(site, meeting(repeat={"repeatType": "DAILY", "afterMeetingNumber": "3"}))
    site.clock.set(NOW + timedelta(days=1, hours=2))
    answer = send(site, "LstmeetingusageHistory", "")
    assert answer.all("*/history:meetingStartTime") == ["01/15/2020 13:00:00", "01/16/2020 13:00:00"]
    assert len(set(answer.all("*/history:sessionKey"))) == 1


def test_whoever_enrolled_is_told_as_registered() -> None:
    site = make_site()
    schedule = {"startDate": "01/15/2020 13:00:00", "duration": "30"}
    key = create(site, {"metaData": {"sessionName": "Talk"}, "schedule": schedule}, "CreateEvent")
    person = {"person": {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com"}, "sessionKey": key}
    send(site, "RegisterMeetingAttendee", {"attendees": person}, client_ip="198.51.100.7")
    site.clock.set(NOW + 2 * HOUR)
    there = send(site, "LsteventattendeeHistory", "")
    assert there.all("*/history:registered") == ["N", "Y"]
    assert there.all("*/history:attendeeName") == ["Host Example", "Ann Lee"]
    assert there.all("*/history:ipAddress")[1] == "198.51.100.7"


# -- preliminary histories ----------------------------------------

NO_FILTER = "At least one filter by confID, confName, sessionKey, and startTime"


@pytest.mark.parametrize("name", ["LstEventSessionPreliminaryHistory", "LstEventAttendeePreliminaryHistory"])
class TestPreliminary:
    def test_before_the_change_it_is_unknown(self, site: Site, name: str) -> None:
        assert send(site, name, {"confID": "1"}).failure[0] == "000000"

    @pytest.mark.parametrize("body", ["", {"startTimeScope": ""}, {"confName": " "}, {"hostWebExID": "host"}])
    def test_it_wants_a_filter(self, site: Site, name: str, body: object) -> None:
        site.changes = frozenset({PRELIMINARY})
        code, reason = send(site, name, body).failure  # type: ignore[arg-type]
        assert code == "000047"
        assert reason is not None
        assert reason.startswith(NO_FILTER)

    @pytest.mark.parametrize(
        "body", [{"confID": "2"}, {"confName": "Talk 2"}, {"sessionKey": "102"}, scope("Start", 300, 300)]
    )
    def test_one_filter_is_enough(self, site: Site, name: str, body: dict) -> None:
        site.changes = frozenset({PRELIMINARY})
        assert set(ids(site, name, body)) == {"2"}


def test_meeting_without_people() -> None:
    site = make_site()
    site.past_sessions = [past(1, Kind.MEETING, NOW - HOUR)]
    site.past_sessions[0].people = []
    assert send(site, "LstmeetingusageHistory", "").text("*/history:peakAttendee") == "0"
    assert send(site, "LstmeetingattendeeHistory", "").failure == NO_RECORD
