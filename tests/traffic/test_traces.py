"""Recognising a change in a request: what the shipped files say, what the loader refuses, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from traffic_lab import AHEAD, PAST, SECURITY, SENT, meeting, request

from conformance.cases.load import load_change, load_changes
from conformance.cases.model import Trace
from conformance.cases.traces import FUNCTIONS
from conformance.errors import CaseFileErrors
from conformance.traffic.where import Asked, concerns, traces_of
from conformance.wire.request import read_request
from conformance.wire.times import ZONES, write_date

CHANGES = load_changes()
ANONYMOUS = {"siteName": "sample"}
TICKET = {"siteName": "sample", "sessionTicket": "s3cret-Ticket"}
KEY = "716773566"

Seen = tuple[bytes, bool | None]
"""A request, and whether a trace recognises it."""

PEOPLE = [{"name": "x", "email": f"x{number}@example.com"} for number in range(51)]

RECOGNISED: Mapping[tuple[str, int], tuple[Seen, ...]] = {
    ("8.0.11/recurring-meeting-exceptions", 0): (
        (request("LstsummarySession", {"recurrence": "1"}), True),
        (request("LstsummarySession", {"recurrence": "false"}), False),
    ),
    ("8.0.11/recurring-meeting-exceptions", 1): (
        (meeting(repeat={"repeatType": "DAILY", "seriesMeetingKey": KEY}), True),
        (meeting(repeat={"repeatType": "DAILY"}), False),
    ),
    ("9.0.2/common-identity-roles", 0): (
        (request("SetUser", {"webExId": "robin", "privilege": {"labAdmin": "true"}}), True),
        (request("CreateUser", {"webExId": "robin", "privilege": {"host": "true", "siteAdmin": "false"}}), False),
    ),
    ("10.0.5.10/lstsummarysession-modified-dates", 0): (
        (request("LstsummarySession", {"modifiedDateEnd": AHEAD}), True),
        (request("LstsummarySession"), False),
    ),
    ("11.0.4/participant-list-default", 0): (
        (meeting(), True),
        (meeting(enableOptions={"attendeeList": ""}), True),
        (meeting(enableOptions={"attendeeList": "false"}), False),
    ),
    ("11.0.7/lstrecording-of-four-weeks", 0): (
        (request("LstRecording", {"createTimeScope": {"timeZoneID": "20"}}), True),
        (request("LstRecording", {"createTimeScope": {"createTimeStart": PAST}}), False),
    ),
    ("11.0.8/record-access-of-90-days", 0): (
        (request("LstrecordaccessHistory"), True),
        (request("LstrecordaccessHistory", {"viewTimeScope": {"viewTimeStart": PAST}}), False),
        (request("LstrecordaccessHistory", {"creationTimeScope": {"creationTimeStart": PAST}}), False),
    ),
    ("39.11.0/lstsummaryuser-modified", 0): (
        (request("LstsummaryUser", {"modifiedDateStart": PAST}), True),
        (request("LstsummaryUser", {"webExId": "kim"}), False),
    ),
    ("40.11.0/display-names", 0): (
        (request("SetUser", {"displayName": "Kim"}), True),
        (request("SetUser", {"firstName": "Kim"}), False),
    ),
    ("40.12.0/private-meetings", 1): (
        (request("CreateMeeting", {"metaData": {"meetingType": "169"}}), True),
        (request("CreateMeeting", {"metaData": {"meetingType": "3"}}), False),
    ),
    ("41.11.0/control-hub-users", 0): (
        (request("SetUser", {"password": "s3cret-Pw"}), True),
        (request("SetUser", {"password": ""}), False),
    ),
    ("41.11.0/control-hub-users", 1): (
        (request("CreateUser", {"active": "ACTIVATED"}), True),
        (request("CreateUser", {"webExId": "kim"}), False),
    ),
    ("41.11.0/control-hub-users", 2): (
        (request("CreateUser", {"webExId": "kim", "email": "kim@example.com"}), True),
        (request("CreateUser", {"webExId": "kim@example.com", "email": "kim@example.com"}), False),
        (request("CreateUser", {"email": "kim@example.com"}), False),
    ),
    ("42.1.0/fifty-attendees", 0): (
        (request("CreateMeetingAttendee", {"attendees": [{"person": person} for person in PEOPLE]}), True),
        (request("CreateMeetingAttendee", {"attendees": [{"person": person} for person in PEOPLE[1:]]}), False),
    ),
    ("42.1.0/fifty-attendees", 1): (
        (request("RegisterMeetingAttendee", {"attendees": [{"person": person} for person in PEOPLE]}), True),
        (request("RegisterMeetingAttendee", {"attendees": [{"person": person} for person in PEOPLE[1:]]}), False),
    ),
    ("42.6.0/suspended-site-users", 1): (
        (request("SetUser", {"webExId": "robin"}), True),
        (request("SetUser", {"webExId": "KIM"}), False),
        (request("SetUser", {"firstName": "Kim"}), False),
        (request("SetUser", {"webExId": "kim"}, TICKET), None),
    ),
    ("40.1.0/getsessioninfo-selectors", 0): (
        (request("GetSessionInfo", {"sipUrl": "1@sample.example.com"}), True),
        (request("GetSessionInfo", {"sessionKey": KEY}), False),
    ),
    ("40.1.0/lstaccessanywherehistory", 0): (
        (request("LstAccessAnywhereHistory", {"hostWebexID": "kim"}), True),
        (request("LstsummarySession"), False),
    ),
    ("40.1.2/generated-passwords", 0): (
        (request("CreateMeeting", {"metaData": {"confName": "x"}}), True),
        (request("CreateEvent", {"accessControl": {"sessionPassword": " "}}), True),
        (meeting(), False),
        (request("GetMeeting", {"meetingKey": KEY}), False),
    ),
    ("40.1.2/generated-passwords", 1): (
        (meeting(), True),
        (request("CreateTrainingSession", {"accessControl": {"sessionPassword": "x"}}), True),
        (request("CreateMeeting", {"accessControl": {"meetingPassword": ""}}), False),
    ),
    ("40.2.0/anonymous-lstsummarysession", 0): (
        (request("LstsummarySession", {}, ANONYMOUS), True),
        (request("LstsummarySession"), False),
        (request("LstsummarySession", {}, TICKET), False),
        (request("LstsummaryMeeting", {}, ANONYMOUS), False),
    ),
    ("40.2.0/start-time-in-the-past", 0): (
        (meeting(PAST), True),
        (request("SetMeeting", {"meetingkey": KEY, "schedule": {"startDate": PAST}}), True),
        (meeting(AHEAD), False),
        (meeting(), False),
        (meeting("today"), None),
    ),
    ("40.4.0/getenrollmentinfo-empty-domain", 0): (
        (request("GetEnrollmentInfo", {"sessionKey": KEY}), True),
        (request("GetSessionInfo", {"sessionKey": KEY}), False),
    ),
    ("40.4.0/setuser-email-verification", 0): (
        (request("SetUser", {"webExId": "KIM", "email": "kim@example.com"}), True),
        (request("SetUser", {"email": "kim@example.com"}), True),
        (request("SetUser", {"webExId": "robin", "email": "robin@example.com"}), False),
        (request("SetUser", {"webExId": "kim", "firstName": "Kim"}), False),
        (request("SetUser", {"webExId": "kim", "email": "kim@example.com"}, TICKET), None),
    ),
    ("40.4.3/createuser-html-email", 0): (
        (request("CreateUser", {"webExId": "robin", "isHTMLEmail": "true"}), True),
        (request("CreateUser", {"webExId": "robin"}), False),
    ),
}


TRACES = {(change.id, number): trace for change in CHANGES for number, trace in enumerate(change.file.traffic)}


def test_every_trace_with_a_condition_has_an_example_here() -> None:
    assert {key for key, trace in TRACES.items() if trace.where} <= RECOGNISED.keys() <= TRACES.keys()


def test_a_trace_that_speaks_of_sending_has_a_condition_wherever_it_tells_what_is_sent() -> None:
    """Else it would be told to whoever calls the operation."""
    assert {key for key, trace in TRACES.items() if trace.sends and not trace.where} == set()


def test_a_trace_without_a_condition_recognises_every_request_of_its_operations_and_no_other() -> None:
    for trace in TRACES.values():
        if not trace.where:
            assert [concerns(trace, read_request(request(name)), SENT) for name in trace.operations] == [True] * len(
                trace.operations
            )
            assert concerns(trace, read_request(request("GetLoginTicket")), SENT) is False


@pytest.mark.parametrize("key", RECOGNISED, ids=lambda key: f"{key[0]} {key[1]}")
def test_a_trace_recognises_a_request_and_does_not_recognise_another(key: tuple[str, int]) -> None:
    trace = TRACES[key]
    seen = [(concerns(trace, read_request(data), SENT), expected) for data, expected in RECOGNISED[key]]
    assert [found for found, _ in seen] == [expected for _, expected in seen]
    assert {True, False} <= {expected for _, expected in seen}


def test_a_change_that_says_nothing_concerns_every_call_of_its_operations() -> None:
    change = CHANGES[0]
    silent = change.file.model_copy(update={"traffic": ()})
    (trace,) = traces_of(type(change)(change.id, change.path, silent, change.released_in, {}, ""))
    assert (trace.operations, trace.where, trace.effect) == (change.file.operations, "", "changed")


# -- three values ----------------------------------------------------------------------------------------------


def holds(where: str, data: bytes, sent: datetime | None = SENT) -> bool | None:
    return Asked(read_request(data), sent).holds(where)


PAST_START = "past(schedule/startDate, schedule/timeZoneID)"


@pytest.mark.parametrize(
    ("where", "known"),
    [
        (PAST_START, None),
        (f"not({PAST_START})", None),
        (f"{PAST_START} or metaData", True),
        (f"metaData or {PAST_START}", True),
        (f"{PAST_START} and repeat", False),
        (f"{PAST_START} or repeat", None),
        (f"{PAST_START} or not({PAST_START})", True),
        (f"{PAST_START} and not({PAST_START})", False),
        (f"{PAST_START} and past(schedule/startDate, '4')", None),
        (" or ".join(f"past('{PAST}', '{zone}')" for zone in range(9)), None),
        ("past(repeat/startDate, '')", False),
        ("own('kim') and header('siteName') = 'sample'", True),
        ("own('')", None),
        ("header('nothing') = ''", True),
        ("count(metaData/*)", True),
        ("schedule[startDate]/duration", False),
        ("metaData/confName = 'x'", True),
    ],
)
def test_what_is_not_known_matters_only_where_it_decides(where: str, known: bool | None) -> None:
    assert holds(where, meeting(PAST), None) is known


@pytest.mark.parametrize(
    ("schedule", "past"),
    [
        ({"startDate": PAST, "timeZoneID": "20"}, True),
        ({"startDate": PAST}, True),
        ({"startDate": PAST, "timeZoneID": "4"}, False),
        ({"startDate": PAST, "timeZoneID": "", "timeZone": ZONES[4][1]}, False),
        ({"startDate": AHEAD, "timeZone": ZONES[45][1]}, True),
        ({"startDate": PAST, "timeZone": "GMT"}, None),
        ({"startDate": PAST, "timeZoneID": "99"}, None),
        ({"startDate": "22/11/2026 11:00"}, None),
        ({"startDate": "******"}, None),
        ({"startDate": ""}, False),
        ({"startDate": f" {PAST}\n"}, True),
        ({"startDate": "1/2/2026 3:04:05"}, True),
        ({"startDate": "01/01/0001 00:00:00", "timeZoneID": "45"}, None),
    ],
)
def test_a_start_is_past_by_the_clock_of_its_zone(schedule: Mapping[str, str], past: bool | None) -> None:
    where = "past(schedule/startDate, schedule/timeZoneID | schedule/timeZone)"
    assert holds(where, request("CreateMeeting", {"schedule": schedule})) is past


@given(st.integers(-(10**7), 10**7), st.integers(0, len(ZONES) - 1))
def test_a_start_is_past_if_and_only_if_it_is_before_the_sending(seconds: int, zone: int) -> None:
    start = SENT + timedelta(seconds=seconds)
    written = write_date(start, zone)
    found = holds(PAST_START, request("CreateMeeting", {"schedule": {"startDate": written, "timeZoneID": str(zone)}}))
    # An hour is written twice where summer time ends.
    assert found is (seconds < 0) or abs(seconds) <= 3600 or found is None


@given(strategies.bodies)
def test_no_content_breaks_it(body: Any) -> None:
    data = request("CreateMeeting", body)
    for change in CHANGES:
        for trace in change.file.traffic:
            assert concerns(trace, read_request(data), None) in (True, False, None)


def test_a_request_of_no_known_operation_is_none_of_a_change() -> None:
    trace = Trace(operations=("GetUser",), says="x", effect="changed")
    data = request("GetUser").replace(b"GetUser", b"GetNobody")
    assert concerns(trace, read_request(data), SENT) is False


# -- what the loader refuses -----------------------------------------------------------------------------------

HEAD = """\
change: Something changed
released_in: [40.2.0]
kind: behaviour changed
operations: [CreateMeeting, SetMeeting]
source: made up
impact: Something breaks.
advice: Change something.
clauses: {it: It changes.}
cases:
  - name: it
    proves: [it]
    request: {CreateMeeting: {}}
    expect: {result: FAILURE}
    before: {result: SUCCESS}
traffic:
"""


@pytest.fixture
def faults(tmp_path: Path) -> Callable[[str], list[str]]:
    """Return what the loader says of a file with these traces, without the path."""

    def load(traces: str) -> list[str]:
        (tmp_path / "40.2.0").mkdir()
        (tmp_path / "conformance.yaml").write_text("format: 1\n")
        path = tmp_path / "40.2.0" / "x.yaml"
        path.write_text(HEAD + traces)
        try:
            load_change(path)
        except CaseFileErrors as errors:
            return [line.removeprefix(f"{path}:") for line in str(errors).splitlines()]
        return []

    return load


def trace(**keys: str) -> str:
    given_keys = {"operations": "[CreateMeeting]", "says": "does it", "effect": "changed", **keys}
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in given_keys.items()) + "}\n"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_can_be_called(faults: Callable[[str], list[str]], function: str) -> None:
    arguments = ", ".join(["metaData"] * FUNCTIONS[function])
    where = f'"{function}({arguments}) and metaData/confName"'
    assert faults(trace(where=where, sends="[schedule/startDate]", reads='["//meet:meetingkey"]')) == []
    assert holds(where.strip('"'), meeting()) in (True, False, None)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"operations": "[CreateMeting]"}, "did you mean 'CreateMeeting'?"),
        ({"operations": "[GetUser]"}, "'GetUser' is none of the operations of the change"),
        ({"operations": "[]"}, "'operations' is empty; write at least one"),
        ({"effect": "broken"}, "'broken' is not allowed here; write one of 'refused', 'changed' or 'possible'"),
        ({"wher": "x"}, "unknown key 'wher', did you mean 'where'?"),
        ({"sends": "[startDate]"}, "no 'startDate' in CreateMeeting, did you mean 'schedule/startDate'?"),
        ({"sends": "[/x]"}, "'/x' is not a path of names below bodyContent, as schedule/startDate"),
        ({"reads": '["//met:meetingkey"]'}, "prefix 'met' is not declared, did you mean 'meet'?"),
        ({"reads": '["//meet:meetingKey"]'}, "in an answer to CreateMeeting, did you mean 'meet:meetingkey'?"),
        ({"reads": '["//["]'}, "is not an XPath 1.0 expression"),
        ({"where": '"meet:metaData"'}, "'meet:' is a prefix; requests are read without namespaces"),
        ({"where": '"metaDat"'}, "no 'metaDat' in CreateMeeting, did you mean 'metaData'?"),
        ({"where": '"pasd(metaData, 1)"'}, "XPath 1.0 has no function 'pasd'"),
        ({"where": '"past(metaData)"'}, "past() takes 2 arguments, found 1"),
        ({"where": '"header()"'}, "header() takes 1 argument, found 0"),
        ({"where": '"signed-in(1)"'}, "signed-in() takes 0 arguments, found 1"),
        ({"where": '"metaData and"'}, "'metaData and' is not an XPath 1.0 expression"),
        ({"where": '"$x"'}, "'$x' is a variable"),
        ({"where": '"count()"'}, "is not an XPath 1.0 expression"),
    ],
)
def test_a_fault_is_told_with_its_place(faults: Callable[[str], list[str]], keys: Mapping[str, str], told: str) -> None:
    (fault,) = faults(trace(**keys))
    assert told in fault
    assert fault.startswith("16:")


def test_names_within_texts_are_no_elements(faults: Callable[[str], list[str]]) -> None:
    assert faults(trace(where="\"metaData/confName = 'a:b past(x'\"")) == []


def test_a_condition_on_the_header_sees_what_the_client_sent() -> None:
    assert holds(f"header('webExID') = '{SECURITY['webExID']}' and signed-in()", meeting()) is True
