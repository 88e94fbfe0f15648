"""``conformance fuzz`` as it is called: what it prints, what it leaves, how it ends."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fuzz_support import refuse, seed

from conformance.commands.fuzz import Asked, fuzz
from conformance.errors import UserError
from conformance.mock import http
from conformance.mock.call import Call, Handler
from conformance.run.suite import RunOptions
from conformance.run.verdicts import ExitCode
from conformance.versions import Version
from conformance.wire.request import read_request

pytestmark = pytest.mark.usefixtures("compiled", "here")

Printed = pytest.CaptureFixture[str]


def call(operation: str = "GetMeeting", options: RunOptions | None = None, **asked: Any) -> ExitCode:
    return fuzz(Asked(operation, **{"most": 8, "seed": 1, **asked}), options or RunOptions())


def test_a_healthy_site(capsys: Printed, here: Path) -> None:
    assert call() == ExitCode.AS_DOCUMENTED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "GetMeeting as host, site mock held to 40.4.3, seed 1"
    assert re.fullmatch(r"NOTHING FOUND \(\d+ requests sent, \d+ judged\)", lines[2])
    assert lines[3] == (
        "again: conformance fuzz --operation GetMeeting --as host --max 8 --seed 1 --site mock --api-version 40.4.3"
    )
    assert not list(here.iterdir())


def test_a_finding_is_told_with_all_that_is_needed(
    capsys: Printed, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(monkeypatch, "GetMeeting", refuse("999999", "java.lang.IllegalStateException: \x9b31m"))
    assert call() == ExitCode.FINDINGS
    told = capsys.readouterr().out
    (folder,) = (here / "reports").iterdir()
    assert re.fullmatch(r"fuzz-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-40\.4\.3", folder.name)
    case = f"reports/{folder.name}/40.4.3/getmeeting-trace.yaml"
    for expected in (
        "1. GetMeeting as host: trace",
        "rule:     No reason tells of the program behind the service.",
        "<meetingKey>0</meetingKey>",
        "java.lang.IllegalStateException",
        f"case:     conformance run {case} --site mock --api-version 40.4.3",
        "curl:     printf %s '<serv:message ",
        "FOUND: 1 finding (",
        "again: conformance fuzz --operation GetMeeting",
        f"kept: reports/{folder.name}",
    ):
        assert expected in told
    assert "\x9b" not in told
    assert (here / case).is_file()


def test_the_same_for_programs(capsys: Printed, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(monkeypatch, "GetMeeting", refuse("999999", "java.lang.IllegalStateException"))
    assert call(format="json", output=here / "out") == ExitCode.FINDINGS
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 1
    assert told["sent"] >= told["observed"] > 0
    (finding,) = told["findings"]
    assert (finding["id"], finding["as"], finding["request"]) == ("trace", "host", {"meetingKey": "0"})
    assert json.loads((here / "out" / "getmeeting-trace" / "finding.json").read_text("utf-8")) == finding


def test_the_seed_that_is_told_finds_the_same_again(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(monkeypatch, "GetMeeting", refuse("999999", "java.lang.IllegalStateException"))
    assert call(seed=None, format="json") == ExitCode.FINDINGS
    first = json.loads(capsys.readouterr().out)
    again = int(re.search(r"--seed (\d+)", first["repeat"])[1])  # type: ignore[index]
    call(seed=again, format="json")
    second = json.loads(capsys.readouterr().out)
    assert second["findings"][0]["request"] == first["findings"][0]["request"]
    assert second["repeat"] == first["repeat"]


def test_the_curl_command_sends_the_request_and_holds_no_secret(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(monkeypatch, "GetjoinurlMeeting", refuse("", "Without an id"))
    assert call("GetjoinurlMeeting", format="json") == ExitCode.FINDINGS
    command = json.loads(capsys.readouterr().out)["findings"][0]["curl"]
    printing, _, sending = command.rpartition(" | ")
    assert sending == ("curl -H 'Content-Type: text/xml' --data-binary @- http://127.0.0.1:8080/WBXService/XMLService")
    variables = {"SITE": "go", "WEBEX_ID": "kim", "WEBEX_PASSWORD": "Aa1&amp;'\""}
    body = subprocess.run(["sh", "-c", printing], env=variables, capture_output=True, check=True).stdout
    request = read_request(body)
    assert dict(request.security) == {"siteName": "go", "webExID": "kim", "password": "Aa1&'\""}
    assert request.operation is not None
    assert request.operation.name == "GetjoinurlMeeting"


def test_a_mail_address_of_nobody_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    answer = http.reply

    def heard(sites: Any, data: bytes, *about: Any) -> Any:
        seen.append(data)
        return answer(sites, data, *about)

    monkeypatch.setattr(http, "reply", heard)
    call("CreateMeetingAttendee", allow_writes=True, invalid=True, most=20)
    addresses = {address for data in seen for address in re.findall(rb"[^\s<>]+@[^\s<>]+", data)}
    assert addresses
    assert all(address.endswith(b"@example.com") for address in addresses)


def test_where_nothing_can_be_seen(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(monkeypatch, "GetMeeting", refuse("000045", "API Rate Limit Reach"))
    assert call() == ExitCode.COULD_NOT_TELL
    told = capsys.readouterr().out
    assert "COULD NOT TELL (5 requests sent, 0 judged)" in told
    assert "note: ended early: 5 requests in a row could not be judged" in told


def test_deviations_are_counted_and_shown_when_asked_for(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(monkeypatch, "GetMeeting", refuse("098765", "An unheard-of failure"))
    assert call() == ExitCode.AS_DOCUMENTED
    assert "1 unknown-exception; --deviations shows them" in capsys.readouterr().out
    assert call(deviations=True) == ExitCode.FINDINGS


def test_a_broken_request_says_what_was_done_to_it(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    def chokes(handler: Handler, call: Call) -> Any:
        keys = [node.text for node in call.content.children]
        if len(keys) != 1 or not keys[0].strip().lstrip("+-").isdecimal():
            refuse("999999", "java.lang.NumberFormatException")(handler, call)
        return handler(call)

    seed(monkeypatch, "GetMeeting", chokes)
    assert call(most=20) == ExitCode.AS_DOCUMENTED
    assert call(most=20, invalid=True, format="json") == ExitCode.FINDINGS
    lines = capsys.readouterr().out
    finding = json.loads(lines[lines.index("{") :])["findings"][0]
    assert finding["mutation"]
    case = Path(finding["case"]).read_text("utf-8")
    assert "sent: invalid" in case


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"operation": "GetMeting"}, "unknown operation 'GetMeting', did you mean 'GetMeeting'?"),
        ({"operation": "SetMeeting"}, "SetMeeting changes the site; --allow-writes lets it"),
        ({"caller": "hots"}, "unknown role 'hots', did you mean 'host'?"),
        ({"format": "xml"}, "unknown format 'xml', known are: text, json"),
        ({"most": 0}, "0 requests are none; write 1 or more"),
        ({"seed": -1}, "-1 is no seed; write 0 or more"),
        ({"seconds": float("inf")}, "inf is no time that something may take; write seconds, or 0 for no limit"),
    ],
)
def test_what_can_not_be_asked(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as error:
        call(**{"operation": "GetMeeting", **asked})
    assert str(error.value) == told


def test_an_operation_that_the_release_does_not_know() -> None:
    with pytest.raises(UserError, match="the schemas of 39 do not know LstAccessAnywhereHistory"):
        call("LstAccessAnywhereHistory", api_version="39")


def test_a_site_of_nobody() -> None:
    with pytest.raises(UserError, match="unknown site 'stagign'"):
        call(options=RunOptions(site="stagign"))


def test_a_site_that_is_older_than_what_it_is_held_to(capsys: Printed) -> None:
    options = RunOptions(mock_version=Version.parse("40.1.0"))
    assert call("GetSessionInfo", options) in (ExitCode.AS_DOCUMENTED, ExitCode.FINDINGS)
    assert "--mock-version 40.1.0" in capsys.readouterr().out


def test_a_folder_that_can_not_be_written(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(monkeypatch, "GetMeeting", refuse("999999", "java.lang.IllegalStateException"))
    (here / "taken").write_text("")
    with pytest.raises(UserError, match="taken: can not be written"):
        call(output=here / "taken")
