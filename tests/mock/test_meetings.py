"""Meetings: created, changed, read, deleted, listed; start times; links."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from support import (
    ACCESS_DENIED,
    IN_THE_PAST,
    NO_RECORD,
    NOT_FOUND,
    NOW,
    create,
    make_site,
    meeting,
    send,
)

from conformance.mock.scheduling import START_IN_THE_PAST
from conformance.mock.state import Site

LINK = r"https://go\.webex\.example\.com/go/j\.php\?MTID=m[0-9a-f]{32}"


@pytest.fixture
def site() -> Site:
    return make_site()


def test_creating_returns_key_uuid_links_and_guest_token(site: Site) -> None:
    answer = send(site, "CreateMeeting", meeting())
    assert answer.names() == ["meetingkey", "meetingUUID", "iCalendarURL", "guestToken"]
    assert answer.names("meet:iCalendarURL") == ["host", "attendee"]
    for role in ("host", "attendee"):
        assert re.fullmatch(LINK, answer.text(f"meet:iCalendarURL/serv:{role}"))
    assert re.fullmatch(r"[0-9a-f]{32}", answer.text("meet:guestToken"))
    assert site.sessions[int(answer.text("meet:meetingkey"))].name == "Weekly"


def test_keys_and_conference_numbers_are_unique_and_long(site: Site) -> None:
    for _ in range(20):
        create(site)
    assert len(site.sessions) == 20
    conf_ids = {session.conf_id for session in site.sessions.values()}
    assert len(conf_ids) == 20
    assert all(len(str(conf_id)) == 18 for conf_id in conf_ids)


def test_a_name_is_all_that_a_meeting_needs(site: Site) -> None:
    key = create(site, {"metaData": {"confName": "Now"}})
    assert site.sessions[int(key)].start == pytest.approx(NOW, abs=timedelta(seconds=5))
    assert "060016" not in send(site, "GetMeeting", {"meetingKey": key}).failure


@pytest.mark.parametrize(
    ("groups", "element"),
    [
        ({"metaData": {"agenda": "no name"}}, "metaData/confName"),
        ({"metaData": {"confName": "  "}}, "metaData/confName"),
        ({"metaData": {"confName": "x", "agenda": "a" * 2501}}, "agenda"),
        ({"metaData": {"confName": "x", "meetingType": "free"}}, "metaData/meetingType"),
        ({"metaData": {"confName": "x", "meetingType": "9" * 30}}, "metaData/meetingType"),
        ({"attendeeOptions": {"participantLimit": "-1"}}, "participantLimit"),
        ({"participants": {"maxUserNumber": "9" * 30}}, "maxUserNumber"),
        ({"accessControl": {"meetingPassword": "p" * 17}}, "accessControl/meetingPassword"),
        ({"accessControl": {"isPublic": "perhaps"}}, "isPublic"),
        ({"schedule": {"startDate": "806745263"}}, "schedule/startDate"),
        ({"schedule": {"startDate": "02/30/2021 10:00:00"}}, "schedule/startDate"),
        ({"schedule": {"startDate": "01/01/0001 00:00:00", "timeZoneID": "49"}}, "schedule/startDate"),
        ({"schedule": {"startDate": "12/31/9999 23:00:00", "timeZoneID": "4"}}, "schedule/startDate"),
        ({"schedule": {"startDate": "01/01/1899 00:00:00"}}, "schedule/startDate"),
        ({"schedule": {"timeZoneID": "62"}}, "timeZoneID"),
        ({"schedule": {"timeZoneID": "-2"}}, "timeZoneID"),
        ({"schedule": {"timeZone": "GMT+99:00, Nowhere"}}, "timeZoneID"),
        ({"schedule": {"duration": "0"}}, "schedule/duration"),
        ({"schedule": {"duration": "999999999999"}}, "schedule/duration"),
        ({"schedule": {"openTime": "soon"}}, "openTime"),
        ({"telephony": {"telephonySupport": "SHOUTING"}}, "telephonySupport"),
        ({"participants": {"attendees": {"attendee": {"person": {"name": "Nobody"}}}}}, "email"),
        ({"participants": {"attendees": {"attendee": {"person": {"email": "a@b.c"}, "role": "KING"}}}}, "role"),
    ],
)
def test_unusable_values_are_refused_and_nothing_is_created(site: Site, groups: dict, element: str) -> None:
    answer = send(site, "CreateMeeting", meeting(**groups))
    assert answer.failure == ("999999", f"The value of {element} is missing or not valid")
    assert not site.sessions


def test_who_may_schedule(site: Site) -> None:
    assert send(site, "CreateMeeting", meeting(), "guest").failure == ACCESS_DENIED
    assert send(site, "CreateMeeting", meeting(), "").failure == ACCESS_DENIED


def test_scheduling_for_another_host(site: Site) -> None:
    def for_host(host: str, caller: str) -> tuple[str | None, str | None]:
        return send(site, "CreateMeeting", meeting(schedule={"hostWebExID": host}), caller).failure

    assert for_host("nobody", "host")[0] == "060019"
    assert for_host("other", "host")[0] == "060021"
    assert for_host("guest", "admin")[0] == "060021"
    assert not site.sessions
    assert for_host("HOST", "host") == (None, None)
    assert for_host("other", "admin") == (None, None)
    site.accounts["other"].profile["schedulingPermission"] = "somebody; Host"
    assert for_host("other", "host") == (None, None)
    assert [session.host for session in site.sessions.values()] == ["host", "other", "other"]


# -- reading ----------------------------------------

GROUPS = [
    "accessControl",
    "metaData",
    "participants",
    "enableOptions",
    "schedule",
    "telephony",
    "tracking",
    "repeat",
    "remind",
    "attendeeOptions",
    "meetingkey",
    "status",
    "hostJoined",
    "participantsJoined",
    "telePresence",
    "hostKey",
    "eventID",
    "guestToken",
    "hostType",
]


def test_a_bare_meeting_is_given_back_with_all_groups_in_the_recorded_order(site: Site) -> None:
    key = create(site)
    answer = send(site, "GetMeeting", {"meetingKey": key})
    assert answer.names() == GROUPS
    assert answer.names("meet:accessControl") == ["listToPublic", "isPublic"]
    assert answer.names("meet:enableOptions")[-4:] == ["supportPKI", "HQvideo", "HDvideo", "viewVideoThumbs"]
    assert len(answer.names("meet:enableOptions")) == 56
    assert answer.names("meet:schedule") == [
        "startDate",
        "timeZoneID",
        "timeZone",
        "duration",
        "openTime",
        "hostWebExID",
        "showFileStartMode",
        "showFileContPlayFlag",
        "showFileInterVal",
        "entryExitTone",
        "extNotifyTime",
        "joinTeleconfBeforeHost",
        "firstAttendeeAsPresenter",
    ]
    assert answer.names("meet:telephony") == [
        "telephonySupport",
        "numPhoneLines",
        "enableTSP",
        "intlLocalCallIn",
        "callInNum",
        "isMPAudio",
    ]
    for empty in ("tracking", "remind", "participants/meet:attendees", "telephony/meet:callInNum"):
        assert answer.names(f"meet:{empty}") == []
    assert answer.text("meet:schedule/meet:startDate") == "01/15/2020 13:00:00"
    assert answer.text("meet:schedule/meet:timeZone") == "GMT+00:00, Greenwich (Casablanca)"
    assert answer.text("meet:status") == "NOT_INPROGRESS"
    assert answer.text("meet:hostType") == "1019001"


def test_what_was_sent_is_given_back_in_documented_order_with_its_prefixes(site: Site) -> None:
    key = create(
        site,
        {
            "metaData": {"agenda": "Talk", "confName": "  Padded\n", "meetingType": "105", "unknown": "ignored"},
            "accessControl": {"meetingPassword": "Cisco1234", "listToPublic": "FALSE"},
            "enableOptions": {"chat": "False", "supportE2E": "TRUE", "autoRecord": "TRUE"},
            "schedule": {"openTime": "", "timeZoneID": "4", "startDate": "9/1/2020 5:06:07", "duration": "20"},
            "telephony": {
                "callInNum": {"tollFreeNum": "0800", "tollNum": "030"},
                "telephonySupport": "CALLIN",
                "tspConference": {"tollFreeCallInNumber": "half of it"},
            },
            "tracking": {"trackingCode2": "two", "trackingCode1": "1"},
            "repeat": {"dayInWeek": {"day": ["MONDAY", "TUESDAY"]}, "repeatType": "WEEKLY"},
            "remind": {"emails": {"email": ["a@b.c", "d@e.f"]}, "enableReminder": "true"},
            "assistService": {"assistRequest": "Live Event Support"},
        },
    )
    answer = send(site, "GetMeeting", {"meetingKey": key})
    assert answer.text("meet:metaData/meet:confName") == "Padded"
    assert answer.names("meet:metaData") == ["confName", "meetingType", "agenda", "isInternal"]
    assert answer.text("meet:metaData/meet:meetingType") == "105"
    assert answer.text("meet:accessControl/meet:listToPublic") == "false"
    assert answer.text("meet:accessControl/meet:meetingPassword") == "Cisco1234"
    assert answer.text("meet:enableOptions/meet:chat") == "false"
    assert answer.text("meet:enableOptions/meet:supportE2E") == "true"
    assert answer.all("meet:enableOptions/meet:autoRecord") == []
    assert answer.text("meet:schedule/meet:startDate") == "09/01/2020 05:06:07"
    assert answer.text("meet:schedule/meet:openTime") == "900"
    assert answer.names("meet:telephony/meet:callInNum") == ["tollNum", "tollFreeNum"]
    assert answer.text("meet:telephony/meet:callInNum/serv:tollNum") == "030"
    assert answer.all("meet:telephony/meet:tspConference") == []
    assert answer.all("meet:tracking/com:*") == ["1", "two"]
    assert answer.all("meet:repeat/meet:dayInWeek/meet:day") == ["MONDAY", "TUESDAY"]
    assert answer.all("meet:remind/meet:emails/meet:email") == ["a@b.c", "d@e.f"]
    assert answer.text("meet:assistService/serv:assistRequest") == "Live Event Support"
    assert site.sessions[int(key)].start == datetime(2020, 9, 1, 12, 6, 7, tzinfo=UTC)


def test_attendees_of_a_meeting_are_given_back(site: Site) -> None:
    person = {"email": "JKirk@Example.COM", "name": "James Kirk", "address": {"city": "Riverside"}}
    key = create(site, meeting(participants={"maxUserNumber": "4", "attendees": {"attendee": {"person": person}}}))
    answer = send(site, "GetMeeting", {"meetingKey": key})
    attendee = "meet:participants/meet:attendees/meet:attendee"
    assert answer.names(attendee) == ["person", "joinStatus", "meetingKey", "role"]
    assert answer.names(f"{attendee}/att:person") == ["name", "address", "email"]
    assert answer.text(f"{attendee}/att:person/com:email") == "jkirk@example.com"
    assert answer.text(f"{attendee}/att:person/com:address/com:city") == "Riverside"
    assert answer.text("meet:participants/meet:maxUserNumber") == "4"


def test_who_may_read_and_change(site: Site) -> None:
    attendee = {"person": {"email": "other@example.com"}, "role": "HOST"}
    closed = create(site)
    shared = create(site, meeting(participants={"attendees": {"attendee": attendee}}))
    for name in ("GetMeeting", "SetMeeting", "DelMeeting"):
        assert send(site, name, {"meetingKey": closed}, "other").failure == ACCESS_DENIED
    assert send(site, "GethosturlMeeting", {"sessionKey": closed}, "other").failure == ACCESS_DENIED
    # An alternate host reads and starts the meeting, and changes nothing.
    assert send(site, "GetMeeting", {"meetingKey": shared}, "other").ok
    assert send(site, "GethosturlMeeting", {"sessionKey": shared}, "other").ok
    assert send(site, "DelMeeting", {"meetingKey": shared}, "other").failure == ACCESS_DENIED
    for name in ("GetMeeting", "SetMeeting", "DelMeeting"):
        assert send(site, name, {"meetingKey": closed}, "admin").ok


@pytest.mark.parametrize("name", ["GetMeeting", "SetMeeting", "DelMeeting", "GethosturlMeeting", "GetjoinurlMeeting"])
def test_unknown_keys_are_not_found(site: Site, name: str) -> None:
    assert send(site, name, {"meetingKey": "1"}).failure == NOT_FOUND
    assert send(site, name, {"meetingKey": ""}).failure == NOT_FOUND
    assert send(site, name, {"meetingKey": "x"}).failure[0] == "999999"


def test_a_session_of_another_kind_is_no_meeting(site: Site) -> None:
    key = create(site, {"metaData": {"confName": "x"}}, "CreateTrainingSession")
    for name in ("GetMeeting", "SetMeeting", "DelMeeting"):
        assert send(site, name, {"meetingKey": key}).failure == NOT_FOUND


# -- changing and deleting ----------------------------------------


@pytest.mark.parametrize("spelling", ["meetingkey", "meetingKey", "sessionKey"])
def test_setting_changes_what_is_sent_and_nothing_else(site: Site, spelling: str) -> None:
    key = create(site, meeting(tracking={"trackingCode1": "a", "trackingCode2": "b"}))
    before = send(site, "GetMeeting", {"meetingKey": key})
    answer = send(
        site,
        "SetMeeting",
        {
            spelling: key,
            "metaData": {"confName": "Renamed", "meetingType": ""},
            "accessControl": {"meetingPassword": "new", "isPublic": "false"},
            "schedule": {"startDate": "", "duration": "45"},
            "tracking": {"trackingCode2": "c"},
        },
    )
    assert answer.names() == ["iCalendarURL"]
    assert answer.names("meet:iCalendarURL") == ["host", "attendee"]
    after = send(site, "GetMeeting", {"meetingKey": key})
    assert after.text("meet:metaData/meet:confName") == "Renamed"
    assert after.text("meet:accessControl/meet:meetingPassword") == "new"
    assert after.text("meet:schedule/meet:duration") == "45"
    assert after.all("meet:tracking/com:*") == ["a", "c"]
    for same in ("meet:schedule/meet:startDate", "meet:guestToken", "meet:metaData/meet:meetingType"):
        assert before.text(same) == after.text(same)
    listed = send(site, "LstsummaryMeeting", {})
    assert listed.text("meet:meeting/meet:listStatus") == "PRIVATE"


def test_setting_attendees_adds_to_the_list(site: Site) -> None:
    def people(*emails: str) -> dict:
        return {"attendees": {"attendee": [{"person": {"email": email}} for email in emails]}}

    key = create(site, meeting(participants=people("a@example.com")))
    assert send(site, "SetMeeting", {"meetingkey": key, "participants": people("A@example.com", "b@example.com")}).ok
    assert [a.email for a in site.sessions[int(key)].attendees.values()] == ["a@example.com", "b@example.com"]


def test_a_new_zone_alone_keeps_the_moment_of_the_start(site: Site) -> None:
    key = create(site)
    zone = {"timeZone": "GMT-05:00, S. America Pacific (Bogota)"}
    assert send(site, "SetMeeting", {"meetingkey": key, "schedule": zone}).ok
    answer = send(site, "GetMeeting", {"meetingKey": key})
    assert answer.text("meet:schedule/meet:timeZoneID") == "10"
    assert answer.text("meet:schedule/meet:startDate") == "01/15/2020 08:00:00"


def test_deleting_returns_links_and_forgets_the_meeting(site: Site) -> None:
    created = send(site, "CreateMeeting", meeting())
    key = created.text("meet:meetingkey")
    answer = send(site, "DelMeeting", {"meetingKey": key})
    assert answer.names("meet:iCalendarURL") == ["host", "attendee"]
    assert re.fullmatch(LINK, answer.text("meet:iCalendarURL/serv:host"))
    assert answer.text("meet:iCalendarURL/serv:host") != created.text("meet:iCalendarURL/serv:host")
    assert send(site, "GetMeeting", {"meetingKey": key}).failure == NOT_FOUND
    assert send(site, "DelMeeting", {"meetingKey": key}).failure == NOT_FOUND


# -- start times in the past ----------------------------------------


@pytest.mark.parametrize(
    ("schedule", "past"),
    [
        ({"startDate": "01/15/2020 11:59:00"}, True),
        ({"startDate": "01/15/2020 12:05:00"}, False),
        ({"startDate": "01/15/2020 12:05:00", "timeZoneID": "-1"}, False),
        ({"startDate": "01/15/2020 12:05:00", "timeZoneID": "25"}, True),  # Berlin is an hour ahead
        ({"startDate": "01/15/2020 04:05:00", "timeZoneID": "4"}, False),  # San Jose is eight hours behind
        ({"startDate": "01/15/2020 03:55:00", "timeZoneID": "4"}, True),
        ({"startDate": "05/31/2004 10:10:10"}, True),
        ({"startDate": ""}, False),
        ({}, False),
    ],
)
def test_a_start_in_the_past_is_refused_since_the_change(schedule: dict[str, str], past: bool) -> None:
    with_change, without = make_site(START_IN_THE_PAST), make_site()
    answer = send(with_change, "CreateMeeting", meeting(schedule=schedule))
    assert answer.failure == (IN_THE_PAST if past else (None, None))
    assert len(with_change.sessions) == (0 if past else 1)
    assert send(without, "CreateMeeting", meeting(schedule=schedule)).ok


@pytest.mark.parametrize(("ahead", "refused"), [(-2, True), (0, False), (30, False)])
def test_now_itself_is_not_past(ahead: int, refused: bool) -> None:
    site = make_site(START_IN_THE_PAST, now=NOW + timedelta(milliseconds=300))
    start = (NOW + timedelta(seconds=ahead)).strftime("%m/%d/%Y %H:%M:%S")
    answer = send(site, "CreateMeeting", meeting(schedule={"startDate": start}))
    assert answer.failure == (IN_THE_PAST if refused else (None, None))


@pytest.mark.parametrize(("hour", "refused"), [("04:59:00", True), ("05:01:00", False)])
def test_zones_have_summer_time(hour: str, refused: bool) -> None:
    """In June San Jose is seven hours behind."""
    site = make_site(START_IN_THE_PAST, now=datetime(2020, 6, 15, 12, tzinfo=UTC))
    answer = send(site, "CreateMeeting", meeting(schedule={"startDate": f"06/15/2020 {hour}", "timeZoneID": "4"}))
    assert answer.failure == (IN_THE_PAST if refused else (None, None))


def test_setting_a_start_in_the_past_is_refused_since_the_change_and_changes_nothing() -> None:
    body = {"metaData": {"confName": "Moved"}, "schedule": {"startDate": "01/15/2020 03:55:00"}}
    attendees = {"participants": {"attendees": {"attendee": {"person": {"email": "a@example.com"}}}}}
    for changes, refused in (((START_IN_THE_PAST,), True), ((), False)):
        site = make_site(*changes)
        # The stored zone holds: 03:55 in San Jose is 11:55 GMT.
        key = create(site, meeting(schedule={"startDate": "01/15/2020 06:00:00", "timeZoneID": "4"}))
        stored = repr(site.sessions[int(key)])
        answer = send(site, "SetMeeting", {"meetingkey": key, **body, **attendees})
        assert answer.failure == (IN_THE_PAST if refused else (None, None))
        assert (repr(site.sessions[int(key)]) == stored) is refused


def test_setting_without_a_start_is_not_checked() -> None:
    site = make_site(START_IN_THE_PAST)
    key = create(site)
    site.clock.advance(timedelta(days=1))
    assert send(site, "SetMeeting", {"meetingkey": key, "metaData": {"confName": "Yesterday's"}}).ok
    sent_again = {"meetingkey": key, "schedule": {"startDate": "01/15/2020 13:00:00"}}
    assert send(site, "SetMeeting", sent_again).failure == IN_THE_PAST


# -- lists and links ----------------------------------------


@pytest.fixture
def full_site(site: Site) -> Site:
    for number, name in enumerate(("beta", "Alpha", "gamma", "beta")):
        start = f"01/{16 + number}/2020 10:00:00"
        create(site, meeting(name, schedule={"startDate": start, "duration": "60"}))
    create(site, meeting("theirs", schedule={"startDate": "01/30/2020 10:00:00", "timeZoneID": "25"}), caller="other")
    create(site, {"metaData": {"confName": "no meeting"}}, "CreateTrainingSession")
    return site


def names(site: Site, body: dict, caller: str = "host") -> list[str]:
    return send(site, "LstsummaryMeeting", body, caller).all("meet:meeting/meet:confName")


def test_hosts_list_their_own_meetings_and_administrators_all(full_site: Site) -> None:
    assert names(full_site, {}) == ["beta", "Alpha", "gamma", "beta"]
    assert names(full_site, {}, "other") == ["theirs"]
    assert names(full_site, {}, "admin") == ["beta", "Alpha", "gamma", "beta", "theirs"]
    assert names(full_site, {"hostWebExID": "OTHER"}, "admin") == ["theirs"]
    assert send(full_site, "LstsummaryMeeting", {"hostWebExID": "other"}).failure == NO_RECORD
    assert send(full_site, "LstsummaryMeeting", {}, "guest").failure == NO_RECORD
    assert send(full_site, "LstsummaryMeeting", {}, "").failure == ACCESS_DENIED


def test_a_record_holds_the_documented_elements_and_matching_records_come_last(full_site: Site) -> None:
    answer = send(full_site, "LstsummaryMeeting", {}, "other")
    assert answer.names() == ["meeting", "matchingRecords"]
    assert answer.names("meet:meeting") == [
        "meetingKey",
        "confName",
        "meetingType",
        "hostWebExID",
        "timeZoneID",
        "timeZone",
        "status",
        "startDate",
        "duration",
        "listStatus",
        "hostJoined",
        "participantsJoined",
    ]
    assert answer.text("meet:meeting/meet:startDate") == "01/30/2020 10:00:00"
    assert answer.text("meet:meeting/meet:timeZone") == "GMT+01:00, Europe (Berlin)"
    assert answer.all("meet:matchingRecords/serv:*") == ["1", "1", "1"]


def test_orders(full_site: Site) -> None:
    by_name = {"order": {"orderBy": "CONFNAME", "orderAD": "DESC"}}
    assert names(full_site, by_name) == ["gamma", "beta", "beta", "Alpha"]
    grouped = {"order": {"orderBy": ["CONFNAME", "STARTTIME"], "orderAD": ["ASC", "DESC"]}}
    starts = send(full_site, "LstsummaryMeeting", grouped).all("meet:meeting/meet:startDate")
    assert [start[3:5] for start in starts] == ["17", "19", "16", "18"]
    unknown = {"order": {"orderBy": ["HOSTNAME", "STATUS"], "orderAD": ["DESC", "DESC"]}}
    assert names(full_site, unknown) == names(full_site, {})
    by_start = {"order": {"orderBy": "STARTTIME", "orderAD": "DESC"}}
    assert names(full_site, by_start) == ["beta", "gamma", "Alpha", "beta"]
    by_host = {"order": {"orderBy": "HOSTWEBEXID", "orderAD": "DESC"}}
    assert names(full_site, by_host, "admin")[0] == "theirs"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"startDateStart": "01/17/2020 10:00:00"}, ["Alpha", "gamma", "beta"]),
        ({"startDateEnd": "01/17/2020 10:00:00"}, ["beta", "Alpha"]),
        ({"startDateStart": "01/17/2020 10:00:01", "startDateEnd": "01/18/2020 10:00:00"}, ["gamma"]),
        ({"endDateStart": "01/18/2020 11:00:00", "endDateEnd": "01/18/2020 11:00:00"}, ["gamma"]),
        ({"startDateStart": "01/17/2020 11:00:00", "timeZoneID": "25"}, ["Alpha", "gamma", "beta"]),
        ({"startDateStart": "01/17/2020 11:00:01", "timeZoneID": "25"}, ["gamma", "beta"]),
        ({}, ["beta", "Alpha", "gamma", "beta"]),
    ],
)
def test_date_scopes_are_read_in_their_zone(full_site: Site, scope: dict[str, str], expected: list[str]) -> None:
    assert names(full_site, {"dateScope": scope}) == expected


def test_scopes_that_cannot_be_read_are_refused(full_site: Site) -> None:
    for scope in ({"startDateStart": "tomorrow"}, {"timeZoneID": "99"}):
        assert send(full_site, "LstsummaryMeeting", {"dateScope": scope}).failure[0] == "999999"


def test_criteria_are_joined_by_and_unless_or_is_asked_for(full_site: Site) -> None:
    key = next(iter(full_site.sessions))
    body = {"meetingKey": str(key), "dateScope": {"startDateStart": "01/19/2020 00:00:00"}}
    assert send(full_site, "LstsummaryMeeting", body).failure == NO_RECORD
    assert len(names(full_site, {**body, "listControl": {"listMethod": "OR"}})) == 2
    assert len(names(full_site, {"listControl": {"listMethod": "OR"}})) == 4


def test_pages(site: Site) -> None:
    for number in range(60):
        create(site, meeting(f"{number:02}"))

    def page(control: dict[str, str]) -> tuple[list[str], list[str]]:
        answer = send(site, "LstsummaryMeeting", {"listControl": control})
        return answer.all("meet:meeting/meet:confName"), answer.all("meet:matchingRecords/serv:*")

    shown, matching = page({})
    assert (len(shown), matching) == (50, ["60", "50", "1"])
    shown, matching = page({"startFrom": "51", "maximumNum": "500"})
    assert (shown[0], len(shown), matching) == ("50", 10, ["60", "10", "51"])
    shown, matching = page({"startFrom": "0", "maximumNum": "2"})
    assert (shown, matching) == (["00", "01"], ["60", "2", "1"])
    assert page({"startFrom": "", "maximumNum": "0"})[1] == ["60", "50", "1"]
    past_the_end = send(site, "LstsummaryMeeting", {"listControl": {"startFrom": "61"}})
    assert past_the_end.failure == NO_RECORD
    assert send(site, "LstsummaryMeeting", {"listControl": {"startFrom": "first"}}).failure[0] == "999999"


def test_no_page_holds_more_than_500(site: Site) -> None:
    key = create(site)
    session = site.sessions[int(key)]
    site.sessions.update(dict.fromkeys(range(501), session))
    answer = send(site, "LstsummaryMeeting", {"listControl": {"maximumNum": "1000"}})
    assert answer.all("meet:matchingRecords/serv:*") == ["502", "500", "1"]


def test_links(site: Site) -> None:
    created = send(site, "CreateMeeting", meeting())
    key = created.text("meet:meetingkey")
    host, attendee = created.all("meet:iCalendarURL/serv:*")
    assert send(site, "GethosturlMeeting", {"sessionKey": key}).text("meet:hostMeetingURL") == host
    answer = send(site, "GetjoinurlMeeting", {"meetingKey": key}, "other")
    assert answer.names() == ["joinMeetingURL", "inviteMeetingURL"]
    assert answer.all("meet:*") == [attendee, attendee]
    who = {"sessionKey": key, "attendeeName": "James Kirk", "attendeeEmail": "j@e.org"}
    assert send(site, "GetjoinurlMeeting", who).text("meet:joinMeetingURL") == f"{attendee}&AN=James+Kirk&AE=j%40e.org"
