"""A request as a shell command: one line, whatever it holds, and the same request when a shell has read it."""

from __future__ import annotations

import subprocess

from hypothesis import example, given, settings
from strategies import xml_texts

from conformance.fuzz.curl import curl, message
from conformance.fuzz.requests import Generated
from conformance.wire.names import operation
from conformance.wire.request import Request, read_request

ENDPOINT = "https://go.example.com/WBXService/XMLService"
VARIABLES = {"SITE": "go", "WEBEX_ID": "kim", "WEBEX_PASSWORD": "a b'c\"$d", "MEETING_KEY": "700000004"}


def printed(command: str) -> Request:
    printing, _, _ = command.rpartition(" | ")
    done = subprocess.run(["sh", "-c", printing], env=VARIABLES, capture_output=True, check=True)
    return read_request(done.stdout)


@settings(max_examples=25)
@given(xml_texts)
@example("'; touch taken; '")
@example("$(touch taken) `touch taken` \\ %s \n\r\t\x85")
def test_any_text_arrives(text: str) -> None:
    generated = Generated({"confName": text.replace("${", "${'${'}")})
    command = curl(operation("LstsummarySession"), generated, "host", ENDPOINT)
    assert command.isprintable()
    request = printed(command)
    assert (request.content.find("confName") or request.content).text == text
    assert request.security["password"] == VARIABLES["WEBEX_PASSWORD"]


def test_keys_of_objects_are_variables_too() -> None:
    command = curl(operation("GetMeeting"), Generated({"meetingKey": "${meeting.key}"}), "host", ENDPOINT)
    assert printed(command).content.value("meetingKey") == VARIABLES["MEETING_KEY"]
    assert VARIABLES["MEETING_KEY"] not in command


def test_who_is_anonymous_does_not_sign_in() -> None:
    command = curl(operation("GetAPIVersion"), Generated({}), "anonymous", ENDPOINT)
    assert printed(command).security == {"siteName": "go"}
    assert "PASSWORD" not in command


def test_people_read_it_with_the_names_of_the_variables() -> None:
    told = message(operation("GetMeeting"), Generated({"meetingKey": "${meeting.key}"}), "host")
    assert "<meetingKey>$MEETING_KEY</meetingKey>" in told
    assert "<password>$WEBEX_PASSWORD</password>" in told
