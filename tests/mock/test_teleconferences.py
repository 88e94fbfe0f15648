"""Audio-only sessions: created, changed, read."""

from __future__ import annotations

import pytest
from support import ACCESS_DENIED, NOT_FOUND, create, make_site, send

from conformance.mock.state import Site

BODY = {
    "accessControl": {"listing": "PRIVATE", "sessionPassword": "Own-1", "registration": "true"},
    "metaData": {"confName": "Call"},
    "fullAccessAttendees": {"attendee": {"name": "1", "email": "1@Example.com", "phones": {"phone": "5"}}},
    "limitedAccessAttendees": {"attendee": {"name": "2", "email": "2@example.com"}},
    "schedule": {"startDate": "01/20/2020 15:08:51", "timeZoneID": "45", "entryExitTone": "ANNOUNCENAME"},
    "teleconference": {"extTelephonyDescription": "xml", "tollCallInNumber": "mine"},
    "tracking": {"trackingCode10": "10"},
    "repeat": {"interval": "1", "repeatType": "DAILY"},
    "attendeeOptions": {"emailInvitations": "true"},
}


@pytest.fixture
def site() -> Site:
    return make_site()


def test_creating_returns_the_key(site: Site) -> None:
    answer = send(site, "CreateTeleconferenceSession", BODY)
    assert answer.names() == ["sessionKey"]
    assert site.sessions[int(answer.text("auo:sessionKey"))].session_type == 16


def test_a_session_is_given_back_in_documented_order(site: Site) -> None:
    answer = send(site, "GetTeleconferenceSession", {"sessionKey": create(site, BODY, "CreateTeleconferenceSession")})
    assert answer.names() == [
        "accessControl",
        "metaData",
        "schedule",
        "teleconference",
        "tracking",
        "repeat",
        "remind",
        "fullAccessAttendees",
        "limitedAccessAttendees",
        "attendeeOptions",
        "hostType",
    ]
    assert answer.names("auo:accessControl") == ["listing", "sessionPassword"]
    assert answer.text("auo:schedule/auo:timeZone") == "GMT+08:00, China (Beijing)"
    assert answer.text("auo:schedule/auo:entryExitTone") == "ANNOUNCENAME"
    assert answer.text("auo:teleconference/auo:extTelephonyDescription") == "xml"
    assert answer.text("auo:teleconference/auo:tollCallInNumber") != "mine"
    assert answer.all("auo:repeat/auo:*") == ["DAILY", "1"]
    assert answer.text("auo:fullAccessAttendees/auo:attendee/auo:email") == "1@example.com"
    assert answer.text("auo:fullAccessAttendees/auo:attendee/auo:phones/com:phone") == "5"
    assert answer.text("auo:limitedAccessAttendees/auo:attendee/auo:name") == "2"


def test_a_bare_session_is_given_back(site: Site) -> None:
    key = create(site, {"metaData": {"confName": "Bare"}}, "CreateTeleconferenceSession")
    answer = send(site, "GetTeleconferenceSession", {"sessionKey": key})
    assert "fullAccessAttendees" not in answer.names()
    assert answer.text("auo:accessControl/auo:listing") == "PUBLIC"


def test_setting_changes_what_is_sent(site: Site) -> None:
    key = create(site, BODY, "CreateTeleconferenceSession")
    assert send(site, "SetTeleconferenceSession", {"sessionKey": key, "schedule": {"duration": "5"}}).names() == []
    answer = send(site, "GetTeleconferenceSession", {"sessionKey": key})
    assert answer.text("auo:schedule/auo:duration") == "5"
    assert answer.text("auo:metaData/auo:confName") == "Call"


def test_failures(site: Site) -> None:
    key = create(site, BODY, "CreateTeleconferenceSession")
    assert send(site, "CreateTeleconferenceSession", {}).failure[0] == "999999"
    unlisted = {**BODY, "accessControl": {"listing": "UNLISTED"}}
    assert send(site, "CreateTeleconferenceSession", unlisted).failure[0] == "999999"
    for name in ("SetTeleconferenceSession", "GetTeleconferenceSession"):
        assert send(site, name, {"sessionKey": key}, "other").failure == ACCESS_DENIED
        assert send(site, name, {"sessionKey": "5"}).failure == NOT_FOUND
