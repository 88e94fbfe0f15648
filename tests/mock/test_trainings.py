"""Training sessions: created, changed, read, deleted."""

from __future__ import annotations

import pytest
from support import ACCESS_DENIED, NOT_FOUND, create, make_site, send

from conformance.mock.state import Site

BODY = {
    "accessControl": {"listing": "PUBLIC", "sessionPassword": "Own-1"},
    "schedule": {"startDate": ["01/20/2020 09:00:00", "01/21/2020 09:00:00"], "timeZoneID": "4"},
    "metaData": {"agenda": "Learn", "confName": "Course"},
    "enableOptions": {"attendeeList": "false", "veryLargeSess": "1"},
    "telephony": {"telephonySupport": "CALLIN", "callInNum": {"tollNum": "030"}},
    "tracking": {"trackingCode1": "x"},
    "repeat": {"repeatType": "RECURRING_SINGLE", "repeatSession": [{"index": "1"}, {"startDate": "no index"}]},
    "presenters": {"participants": {"participant": {"person": {"name": "Pat", "email": "pat@example.com"}}}},
    "attendees": {
        "maxUserNumber": "9",
        "participants": {
            "participant": {"joinStatus": "ACCEPTINVITE", "person": {"name": "Al", "email": "al@example.com"}}
        },
    },
}


@pytest.fixture
def site() -> Site:
    return make_site()


def test_creating_returns_the_key_and_additional_information(site: Site) -> None:
    answer = send(site, "CreateTrainingSession", BODY)
    assert answer.names() == ["sessionkey", "additionalInfo"]
    assert answer.names("train:additionalInfo") == ["sessionkey", "guestToken"]


def test_a_session_is_given_back_in_documented_order(site: Site) -> None:
    answer = send(site, "GetTrainingSession", {"sessionKey": create(site, BODY, "CreateTrainingSession")})
    assert answer.names() == [
        "accessControl",
        "schedule",
        "metaData",
        "enableOptions",
        "telephony",
        "tracking",
        "repeat",
        "remind",
        "presenters",
        "attendees",
        "attendeeOptions",
        "sessionKey",
        "status",
        "hostKey",
        "eventID",
        "guestToken",
        "hostType",
    ]
    assert answer.text("sess:accessControl/sess:sessionPassword") == "Own-1"
    assert answer.text("sess:schedule/sess:startDate") == "01/20/2020 09:00:00"
    assert answer.text("train:metaData/sess:confName") == "Course"
    assert answer.text("train:metaData/train:agenda") == "Learn"
    assert answer.text("train:enableOptions/sess:attendeeList") == "false"
    assert answer.text("train:enableOptions/train:veryLargeSess") == "true"
    assert answer.text("train:telephony/sess:callInNum/serv:tollNum") == "030"
    assert answer.all("train:repeat/train:repeatSession/train:*") == ["1"]
    person = "sess:participants/sess:participant/sess:person/com:email"
    assert answer.text(f"train:presenters/{person}") == "pat@example.com"
    assert answer.text(f"train:attendees/{person}") == "al@example.com"
    assert answer.names("train:attendees") == ["maxUserNumber", "participants"]
    assert answer.names("train:attendees/sess:participants/sess:participant") == ["person", "joinStatus", "role"]
    assert answer.text("train:attendees/sess:participants/sess:participant/sess:joinStatus") == "ACCEPT"


def test_setting_changes_what_is_sent(site: Site) -> None:
    key = create(site, BODY, "CreateTrainingSession")
    body = {"sessionKey": key, "repeat": {"repeatSession": {"index": "2"}}, "metaData": {"confName": "Other"}}
    assert send(site, "SetTrainingSession", body).names() == []
    answer = send(site, "GetTrainingSession", {"sessionKey": key})
    assert answer.text("train:metaData/sess:confName") == "Other"
    assert answer.all("train:repeat/train:*") == ["RECURRING_SINGLE", "2"]


def test_failures(site: Site) -> None:
    key = create(site, BODY, "CreateTrainingSession")
    assert send(site, "CreateTrainingSession", {}).failure[0] == "999999"
    assert send(site, "CreateTrainingSession", BODY, "guest").failure == ACCESS_DENIED
    for name in ("SetTrainingSession", "GetTrainingSession", "DelTrainingSession"):
        assert send(site, name, {"sessionKey": key}, "other").failure == ACCESS_DENIED
        assert send(site, name, {"sessionKey": "5"}).failure == NOT_FOUND
    assert send(site, "DelTrainingSession", {"sessionKey": key}).names() == []
    assert send(site, "GetTrainingSession", {"sessionKey": key}).failure == NOT_FOUND
