"""What of a request must come back, and what need not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.fuzz.roundtrip import ReadBack, read_back
from conformance.schema.catalog import SchemaSet
from conformance.wire.names import operation

BODY = "/serv:message/serv:body/serv:bodyContent"


def of(name: str, schemas: SchemaSet) -> ReadBack:
    found = read_back(operation(name), schemas.model)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "conditions"),
    [
        ({"metaData": {"agenda": "a"}}, {f"{BODY}/meet:metaData/meet:agenda": {"one of": ["a", ""]}}),
        ({"metaData": {"agenda": " a "}}, {f"{BODY}/meet:metaData/meet:agenda": {"one of": [" a ", "a", ""]}}),
        ({"schedule": {"duration": "+07"}}, {f"{BODY}/meet:schedule/meet:duration": {"one of": ["+07", "7", ""]}}),
        (
            {"enableOptions": {"chat": "1"}},
            {f"{BODY}/meet:enableOptions/meet:chat": {"one of": ["true", "1", ""]}},
        ),
        (
            {"enableOptions": {"chat": "false"}},
            {f"{BODY}/meet:enableOptions/meet:chat": {"one of": ["false", "0", ""]}},
        ),
        ({"metaData": {"agenda": " "}}, {}),
        ({"metaData": {"confName": "${unique('fuzz')}"}}, {}),
        ({"accessControl": {"meetingPassword": "Aa1bc2De3"}}, {}),
        ({"schedule": {"startDate": "01/02/2030 10:00:00", "timeZoneID": "4"}}, {}),
        ({"status": "INPROGRESS"}, {}),
        ({"validateFormat": "true"}, {}),
        ({"metaData": {"agenda": ["a", "b"]}}, {}),
    ],
)
def test_what_must_come_back(body: Mapping[str, Any], conditions: Mapping[str, Any], schemas: SchemaSet) -> None:
    assert of("SetMeeting", schemas).conditions(body) == conditions


@pytest.mark.parametrize(
    ("name", "reading", "target"),
    [
        ("CreateMeeting", "GetMeeting", "meetingKey"),
        ("SetEvent", "GetEvent", "sessionKey"),
        ("CreateTeleconferenceSession", "GetTeleconferenceSession", "sessionKey"),
        ("SetUser", "GetUser", "webExId"),
    ],
)
def test_how_it_is_read(name: str, reading: str, target: str, schemas: SchemaSet) -> None:
    found = of(name, schemas)
    assert (found.operation.name, found.kind.target) == (reading, target)
    assert found.places


@pytest.mark.parametrize("name", ["GetMeeting", "DelMeeting", "CreateMeetingAttendee", "RegisterMeetingAttendee"])
def test_what_can_not_be_read_back(name: str, schemas: SchemaSet) -> None:
    assert read_back(operation(name), schemas.model) is None
