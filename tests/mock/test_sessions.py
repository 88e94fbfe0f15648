"""Sessions of every kind: looked up with and without the selectors of 40.1.0, listed, deleted."""

from __future__ import annotations

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOT_FOUND, create, make_site, meeting, send

from conformance.mock.selecting import SELECTORS
from conformance.mock.sessions import NO_ANONYMOUS_LIST
from conformance.mock.state import Session, Site

CREATORS = {
    "CreateMeeting": "confName",
    "CreateEvent": "sessionName",
    "CreateTrainingSession": "confName",
    "CreateTeleconferenceSession": "confName",
}


@pytest.fixture
def site() -> Site:
    return make_site(SELECTORS)


@pytest.fixture
def locked(site: Site) -> Session:
    """A meeting with a password, an agenda, a way to call in, and guest invited."""
    key = create(
        site,
        meeting(
            metaData={"confName": "Locked", "agenda": "Secrets"},
            accessControl={"meetingPassword": "Own-1"},
            telephony={"telephonySupport": "CALLIN", "callInNum": {"tollNum": "030"}, "extTelephonyDescription": "x"},
            participants={"attendees": {"attendee": {"person": {"email": "Guest@Example.com"}}}},
        ),
    )
    return site.sessions[int(key)]


# -- what GetSessionInfo tells to whom ----------------------------------------


@pytest.mark.parametrize(
    ("caller", "password", "trusted"),
    [
        ("", "", False),
        ("", "wrong", False),
        ("", "Own-1", True),
        ("other", "", False),
        ("other", "own-1", False),
        ("other", "Own-1", True),
        ("host", "", True),
        ("host", "wrong", True),
        ("admin", "", True),
        ("guest", "", True),
    ],
)
def test_protected_elements_are_for_those_who_may_know(
    site: Site, locked: Session, caller: str, password: str, trusted: bool
) -> None:
    answer = send(site, "GetSessionInfo", {"sessionKey": str(locked.key), "sessionPassword": password}, caller)
    assert answer.ok
    assert answer.all("ep:accessControl/ep:sessionPassword") == (["Own-1"] if trusted else [])
    assert answer.all("ep:metaData/ep:agenda") == (["Secrets"] if trusted else [])
    assert answer.all("ep:telephony/ep:callInNum/serv:tollNum") == (["030"] if trusted else [])
    assert answer.text("ep:accessControl/ep:passwordReq") == "true"
    assert answer.text("ep:metaData/ep:confName") == "Locked"


def test_elements_stand_in_documented_order(site: Site, locked: Session) -> None:
    answer = send(site, "GetSessionInfo", {"sessionKey": str(locked.key)})
    assert answer.names() == [
        "status",
        "sessionkey",
        "confID",
        "accessControl",
        "metaData",
        "telephony",
        "host",
        "schedule",
        "attendeeOptions",
        "isAudioOnly",
    ]
    assert answer.names("ep:accessControl") == ["sessionPassword", "listStatus", "registration", "passwordReq"]
    assert answer.names("ep:metaData") == ["confName", "sessionType", "serviceType", "agenda", "isRecurring"]
    assert answer.names("ep:telephony") == ["telephonySupport", "extTelephonyDescription", "callInNum"]
    assert answer.all("ep:host/ep:*") == ["Host", "Example", "host@example.com", "host"]
    assert answer.all("ep:schedule/ep:*") == ["01/15/2020 13:00:00", "30", "GMT+00:00, Greenwich (Casablanca)"]


def test_a_session_without_password_protects_nothing(site: Site) -> None:
    key = create(site, meeting(metaData={"confName": "Open", "agenda": "Nothing"}))
    answer = send(site, "GetSessionInfo", {"sessionKey": key}, "")
    assert answer.text("ep:metaData/ep:agenda") == "Nothing"
    assert answer.text("ep:accessControl/ep:passwordReq") == "false"
    assert answer.all("ep:accessControl/ep:sessionPassword") == []


@pytest.mark.parametrize(("name", "element"), CREATORS.items())
def test_every_kind_is_told(site: Site, name: str, element: str) -> None:
    person = {"name": "Alt", "email": "alt@example.com"}
    key = create(
        site,
        {
            "metaData": {element: "Any", "description": "About"},
            "schedule": {"startDate": "01/20/2020 10:00:00", "timeZoneID": "25"},
            "repeat": {"repeatType": "DAILY" if "Training" not in name else "RECURRING_SINGLE"},
            "panelists": {"panelistsInfo": "Ann"},
            "participants": {"attendees": {"attendee": {"person": person, "role": "HOST"}}},
        },
        name,
    )
    answer = send(site, "GetSessionInfo", {"sessionKey": key})
    service = {"CreateEvent": "EventCenter", "CreateTrainingSession": "TrainingCenter"}.get(name, "MeetingCenter")
    assert answer.text("ep:metaData/ep:serviceType") == service
    assert answer.text("ep:isAudioOnly") == ("true" if "Teleconference" in name else "false")
    assert answer.text("ep:metaData/ep:isRecurring") == ("false" if name == "CreateEvent" else "true")
    assert answer.text("ep:schedule/ep:startDate") == "01/20/2020 10:00:00"
    assert answer.all("ep:panelistsInfo") == (["Ann"] if name == "CreateEvent" else [])
    assert answer.all("ep:host/ep:alternateHost") == (["alt@example.com"] if name == "CreateMeeting" else [])


# -- selectors ----------------------------------------


def selectors_of(site: Site, session: Session) -> list[dict[str, str]]:
    joined = send(site, "GetjoinurlMeeting", {"sessionKey": str(session.key)})
    return [
        {"sipUrl": f"{session.key}_go@webex.example.com"},
        {"sipUrl": f"{session.key}@go.webex.example.com"},
        {"sipUrl": f"{session.key}_GO@WEBEX.example.com"},
        {"meetingLink": site.link(session, "attendee")},
        {"meetingLink": site.link(session, "host")},
        {"meetingLink": joined.text("meet:inviteMeetingURL")},
        {"meetingUuid": session.uuid},
    ]


def test_each_selector_finds_the_session(site: Site, locked: Session) -> None:
    create(site, meeting("another"))
    for selector in selectors_of(site, locked):
        answer = send(site, "GetSessionInfo", selector, "")
        assert answer.text("ep:sessionkey") == str(locked.key), selector


def test_without_the_change_selectors_are_unknown_elements(locked: Session, site: Site) -> None:
    rooms = [{"pmrUrl": "https://go.webex.example.com/join/host"}, {"sipUrl": "host@go.webex.example.com"}]
    selectors = [*selectors_of(site, locked), *rooms]
    site.changes = frozenset()
    for selector in selectors:
        assert send(site, "GetSessionInfo", selector).failure == NOT_FOUND
        beside_a_key = send(site, "GetSessionInfo", {"sessionKey": str(locked.key), **selector})
        assert beside_a_key.text("ep:sessionkey") == str(locked.key)


@pytest.mark.parametrize(
    "selector",
    [
        {"pmrUrl": "https://go.webex.example.com/join/host"},
        {"pmrUrl": "https://GO.webex.example.com/join/Host/"},
        {"sipUrl": "host@go.webex.example.com"},
        {"sipUrl": "HOST@go.webex.example.com"},
    ],
)
def test_a_room_selector_finds_the_personal_room(site: Site, selector: dict[str, str]) -> None:
    answer = send(site, "GetSessionInfo", selector, "")
    assert answer.text("ep:host/ep:webExId") == "host"
    assert answer.text("ep:metaData/ep:confName") == "Host's Personal Room"
    assert answer.text("ep:accessControl/ep:listStatus") == "UNLISTED"
    again = send(site, "GetSessionInfo", {"sessionKey": answer.text("ep:sessionkey")})
    assert again.text("ep:confID") == answer.text("ep:confID")
    by_sip = send(site, "GetSessionInfo", {"sipUrl": f"{answer.text('ep:sessionkey')}@go.webex.example.com"})
    assert by_sip.text("ep:confID") == answer.text("ep:confID")
    assert not site.sessions


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"sessionKey": ""},
        {"sessionKey": "5"},
        {"sessionPassword": "Own-1"},
        {"pmrUrl": "https://go.webex.example.com/join/nobody"},
        {"pmrUrl": "https://go.webex.example.com/join/guest"},
        {"pmrUrl": "https://go.webex.example.com/meet/host"},
        {"pmrUrl": "https://stay.webex.example.com/join/host"},
        {"pmrUrl": "host"},
        {"sipUrl": "host"},
        {"sipUrl": "nobody@go.webex.example.com"},
        {"sipUrl": "host@stay.webex.example.com"},
        {"sipUrl": "host_go@webex.example.com"},
        {"sipUrl": "5_go@webex.example.com"},
        {"sipUrl": "700000005_stay@webex.example.com"},
        {"sipUrl": "5@go.webex.example.com"},
        {"meetingLink": "https://go.webex.example.com/go/j.php?MTID=m814c6a483d4b5052d539f88d67acbad6"},
        {"meetingUuid": "34567323456787654323456787654"},
    ],
)
def test_a_selector_that_names_nothing_is_not_found(site: Site, selector: dict[str, str]) -> None:
    create(site)
    assert send(site, "GetSessionInfo", selector).failure == NOT_FOUND


def test_the_key_goes_before_selectors_and_these_before_one_another(site: Site, locked: Session) -> None:
    other = site.sessions[int(create(site, meeting("Other")))]
    uuid = {"meetingUuid": other.uuid}
    assert send(site, "GetSessionInfo", {"sessionKey": str(locked.key), **uuid}).text("ep:confID") == str(
        locked.conf_id
    )
    assert send(site, "GetSessionInfo", {"sessionKey": "5", **uuid}).failure == NOT_FOUND
    room = {"pmrUrl": "https://go.webex.example.com/join/nobody"}
    assert send(site, "GetSessionInfo", {**uuid, **room}).failure == NOT_FOUND
    link = {"meetingLink": site.link(locked, "attendee")}
    assert send(site, "GetSessionInfo", {**uuid, **link}).text("ep:confID") == str(locked.conf_id)


def test_a_key_that_is_no_number_is_refused(site: Site) -> None:
    assert send(site, "GetSessionInfo", {"sessionKey": "abc"}).failure[0] == "999999"


def test_rooms_belong_to_active_hosts(site: Site) -> None:
    site.accounts["host"].active = False
    selector = {"pmrUrl": "https://go.webex.example.com/join/host"}
    assert send(site, "GetSessionInfo", selector, "").failure == NOT_FOUND


# -- lists ----------------------------------------


@pytest.fixture
def full_site() -> Site:
    site = make_site()
    for day, (name, element) in enumerate(CREATORS.items(), start=20):
        body = {"metaData": {element: name}, "schedule": {"startDate": f"01/{day}/2020 10:00:00", "duration": "60"}}
        create(site, body, name)
    create(site, meeting("theirs", accessControl={"listToPublic": "false", "meetingPassword": "Own-1"}), caller="other")
    return site


def names(site: Site, body: dict, caller: str = "host") -> list[str]:
    return send(site, "LstsummarySession", body, caller).all("ep:session/ep:confName")


def test_strangers_list_public_sessions_until_the_change(full_site: Site) -> None:
    assert names(full_site, {}, "") == list(CREATORS)
    first, *_, unlisted = full_site.sessions
    assert names(full_site, {"sessionKey": str(first)}, "") == ["CreateMeeting"]
    assert send(full_site, "LstsummarySession", {"sessionKey": str(unlisted)}, "").failure == NO_RECORD
    assert send(full_site, "LstsummarySession", {}, "").all("ep:session/ep:hostEmail") == []

    full_site.changes = frozenset({NO_ANONYMOUS_LIST})
    for body in ({}, {"sessionKey": str(first)}):
        answer = send(full_site, "LstsummarySession", body, "")
        assert answer.failure == NO_RECORD
        assert answer.response.content is not None
        assert len(answer.response.content) == 0
        assert answer.response.content_type is None
    assert names(full_site, {}) == list(CREATORS)


def test_hosts_list_their_own_and_administrators_all(full_site: Site) -> None:
    assert names(full_site, {}) == list(CREATORS)
    assert names(full_site, {}, "other") == ["theirs"]
    assert names(full_site, {}, "admin") == [*CREATORS, "theirs"]
    assert send(full_site, "LstsummarySession", {"hostWebExID": "other"}).failure == NO_RECORD
    assert send(full_site, "LstsummarySession", {}, "guest").failure == NO_RECORD


def test_a_record_holds_the_documented_elements_and_matching_records_come_first(full_site: Site) -> None:
    answer = send(full_site, "LstsummarySession", {}, "other")
    assert answer.names() == ["matchingRecords", "session"]
    assert answer.all("ep:matchingRecords/serv:*") == ["1", "1", "1"]
    assert answer.names("ep:session") == [
        "sessionKey",
        "confName",
        "sessionType",
        "serviceType",
        "hostWebExID",
        "hostFirstName",
        "hostLastName",
        "timeZoneID",
        "timeZone",
        "status",
        "startTime",
        "openTime",
        "duration",
        "listStatus",
        "hostEmail",
        "passwordReq",
        "hostJoined",
        "participantsJoined",
        "confID",
        "registration",
        "isRecurring",
        "hostType",
        "isAudioOnly",
    ]
    assert answer.text("ep:session/ep:listStatus") == "UNLISTED"
    assert answer.text("ep:session/ep:passwordReq") == "true"


def test_starts_are_in_the_zone_of_the_scope_or_gmt(full_site: Site) -> None:
    gmt = send(full_site, "LstsummarySession", {}, "other")
    assert gmt.text("ep:session/ep:startTime") == "01/15/2020 13:00:00"
    assert gmt.text("ep:session/ep:timeZoneID") == "20"
    berlin = send(full_site, "LstsummarySession", {"dateScope": {"timeZoneID": "25"}}, "other")
    assert berlin.text("ep:session/ep:startTime") == "01/15/2020 14:00:00"
    assert berlin.text("ep:session/ep:timeZoneID") == "25"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"confName": "createevent"}, ["CreateEvent"]),
        ({"hostWebExID": "Other"}, ["theirs"]),
        ({"hostEmail": "OTHER@example.com"}, ["theirs"]),
        (
            {"serviceTypes": {"serviceType": ["EventCenter", "TrainingCenter"]}},
            ["CreateEvent", "CreateTrainingSession"],
        ),
        ({"serviceTypes": {"serviceType": "MeetingCenter"}}, ["CreateMeeting", "theirs"]),
        (
            {"serviceTypes": {"serviceType": "MeetingCenter"}, "sessionTypes": {"sessionType": "16"}},
            ["CreateTeleconferenceSession"],
        ),
        (
            {"serviceTypes": {"serviceType": "MeetingCenter"}, "inclAudioOnly": "TRUE"},
            ["CreateMeeting", "CreateTeleconferenceSession", "theirs"],
        ),
        ({"serviceTypes": {"serviceType": ""}, "status": "NOT_INPROGRESS"}, [*CREATORS, "theirs"]),
        ({"sessionTypes": {"sessionType": ["3", "9"]}}, ["CreateMeeting", "CreateEvent", "theirs"]),
        (
            {"dateScope": {"startDateStart": "01/21/2020 00:00:00", "endDateEnd": "01/21/2020 11:00:00"}},
            ["CreateEvent"],
        ),
        ({"order": {"orderBy": "STARTTIME", "orderAD": "DESC"}}, [*reversed(CREATORS), "theirs"]),
        (
            {"order": {"orderBy": "CONFNAME", "orderAD": "DESC", "caseSensitive": "false"}},
            ["theirs", *sorted(CREATORS, reverse=True)],
        ),
        ({"listControl": {"startFrom": "5"}}, ["theirs"]),
    ],
)
def test_filters_orders_and_pages(full_site: Site, body: dict, expected: list[str]) -> None:
    assert names(full_site, body, "admin") == expected


def test_numbers_select_one_session(full_site: Site) -> None:
    session = next(iter(full_site.sessions.values()))
    assert names(full_site, {"sessionKey": str(session.key)}) == ["CreateMeeting"]
    assert names(full_site, {"confID": str(session.conf_id)}) == ["CreateMeeting"]


def test_filters_without_a_match_or_meaning(full_site: Site) -> None:
    assert send(full_site, "LstsummarySession", {"status": "INPROGRESS"}).failure == NO_RECORD
    assert send(full_site, "LstsummarySession", {"status": "ASLEEP"}).failure[0] == "999999"
    assert send(full_site, "LstsummarySession", {"sessionKey": "x"}).failure[0] == "999999"


# -- deleting ----------------------------------------


@pytest.mark.parametrize(("name", "element"), CREATORS.items())
def test_hosts_delete_their_own_and_administrators_any(site: Site, name: str, element: str) -> None:
    for caller in ("host", "admin"):
        key = create(site, {"metaData": {element: "Any"}}, name)
        assert send(site, "DelSession", {"sessionKey": key}, "other").failure == ACCESS_DENIED
        assert send(site, "DelSession", {"sessionKey": key}, "").failure == ACCESS_DENIED
        answer = send(site, "DelSession", {"sessionKey": key}, caller)
        assert answer.names("ep:iCalendarURL") == ["host", "attendee"]
        assert send(site, "DelSession", {"sessionKey": key}, caller).failure == NOT_FOUND
