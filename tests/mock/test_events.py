"""Events: created, changed, read, deleted."""

from __future__ import annotations

import pytest
from support import ACCESS_DENIED, NOT_FOUND, create, make_site, send

from conformance.mock.state import Site

BODY = {
    "accessControl": {"listing": "UNLISTED", "sessionPassword": "Own-1"},
    "metaData": {"description": "About", "sessionName": "Launch", "sessionType": "9"},
    "schedule": {"startDate": "01/20/2020 09:00:00", "timeZoneID": "25", "duration": "90"},
    "telephony": {"telephonySupport": "CALLIN", "muteUponEntry": "TRUE"},
    "panelists": {"panelist": {"name": "Ann", "email": "ann@example.com"}, "panelistsInfo": "Ann of Example"},
    "attendees": {"attendee": [{"name": "Bob Lee", "email": "Bob@Example.com", "joinStatus": "ACCEPT"}]},
    "extOptions": {"viewAttendeeList": "HOST,PRESENTER,PANELISTS", "registration": "true"},
    "emailTemplates": {"enrollmentMsgs": {"pendingEmail": {"send": "false", "subject": "Wait"}}},
    "enrollment": {"approvalReq": "true", "approvalRules": {"rule": {"queryField": "x"}}},
}


@pytest.fixture
def site() -> Site:
    return make_site()


def test_creating_returns_key_and_guest_token(site: Site) -> None:
    assert send(site, "CreateEvent", BODY).names() == ["sessionKey", "guestToken"]


def test_an_event_is_given_back_in_documented_order(site: Site) -> None:
    answer = send(site, "GetEvent", {"sessionKey": create(site, BODY, "CreateEvent")})
    assert answer.names() == [
        "accessControl",
        "metaData",
        "schedule",
        "telephony",
        "tracking",
        "remind",
        "panelists",
        "attendees",
        "extOptions",
        "emailTemplates",
        "sessionKey",
        "status",
        "enrollment",
        "hostKey",
        "eventID",
        "guestToken",
        "hostType",
    ]
    assert answer.names("event:metaData") == ["sessionName", "sessionType", "description"]
    assert answer.text("event:accessControl/event:sessionPassword") == "Own-1"
    assert answer.text("event:schedule/event:startDate") == "01/20/2020 09:00:00"
    assert answer.text("event:telephony/event:muteUponEntry") == "true"
    assert answer.text("event:panelists/event:panelist/com:email") == "ann@example.com"
    assert answer.names("event:attendees/event:attendee") == ["name", "email", "joinStatus"]
    assert answer.text("event:attendees/event:attendee/com:email") == "bob@example.com"
    assert answer.text("event:attendees/event:attendee/event:joinStatus") == "ACCEPT"
    assert answer.text("event:emailTemplates/event:enrollmentMsgs/event:pendingEmail/event:subject") == "Wait"
    assert answer.names("event:enrollment") == ["approvalReq"]


def test_setting_changes_what_is_sent(site: Site) -> None:
    key = create(site, BODY, "CreateEvent")
    body = {"sessionKey": key, "metaData": {"sessionName": "Relaunch"}, "accessControl": {"listing": "PUBLIC"}}
    assert send(site, "SetEvent", body).names() == []
    answer = send(site, "GetEvent", {"sessionKey": key})
    assert answer.text("event:metaData/event:sessionName") == "Relaunch"
    assert answer.text("event:metaData/event:description") == "About"
    assert site.sessions[int(key)].listed


def test_failures(site: Site) -> None:
    key = create(site, BODY, "CreateEvent")
    assert send(site, "CreateEvent", {"metaData": {"confName": "no session name"}}).failure[0] == "999999"
    assert send(site, "CreateEvent", {**BODY, "attendees": {"attendee": {"name": "x"}}}).failure[0] == "999999"
    assert send(site, "CreateEvent", BODY, "guest").failure == ACCESS_DENIED
    for name in ("SetEvent", "GetEvent", "DelEvent"):
        assert send(site, name, {"sessionKey": key}, "other").failure == ACCESS_DENIED
        assert send(site, name, {"sessionKey": "5"}).failure == NOT_FOUND
    assert send(site, "DelEvent", {"sessionKey": key}).names() == []
    assert send(site, "GetEvent", {"sessionKey": key}).failure == NOT_FOUND


def test_a_start_in_the_past_is_taken() -> None:
    """The notes name CreateMeeting and SetMeeting only."""
    site = make_site("40.2.0/start-time-in-the-past")
    assert send(site, "CreateEvent", {**BODY, "schedule": {"startDate": "01/01/2010 09:00:00"}}).ok
