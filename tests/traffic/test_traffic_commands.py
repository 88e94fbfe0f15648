"""``conformance profile`` and ``conformance traffic`` from outside, and carried requests given to ``validate``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import yaml
from traffic_lab import AHEAD, PAST, Called, answer, entry, har, meeting, request

from conformance.cases.load import load_changes
from conformance.traffic.profile import OperationUse, ProfileFile, load_profile

Call = Callable[..., Called]

DOCS = Path(__file__).parents[2] / "docs"
ANONYMOUS = request("LstsummarySession", {}, {"siteName": "sample"})
SECRETS = ("s3cret", "S3cret", "c00kie", "t0ken", "kim")
GET_USER = request("GetUser", {"webExId": "s3cret-Id"})


class TestTrafficCheck:
    def test_a_request_that_will_be_refused(self, call: Call, tmp_path: Path) -> None:
        har(tmp_path / "calls.har", [entry(meeting(AHEAD).decode()), entry(None), entry(meeting(PAST).decode())])
        ended = call("traffic", "check", "calls.har", "--to", "40.4.3", "--from", "40.1.2")
        column = meeting(PAST).decode().splitlines()[1].index("<startDate") + 1
        assert (ended.code, ended.err) == (1, "")
        assert ended.out.splitlines() == [
            "✖ X refused:",
            (
                f"calls.har: entry 3:2:{column}: your CreateMeeting sends a start time that has passed: "
                "refused from 40.2.0 (1 of 2 requests)"
            ),
            "    change: 40.2.0/start-time-in-the-past",
            (
                "    to do: For an instant meeting send a start five minutes ahead; send the timeZoneID that the start "
                "is written in; treat 060016 as a wrong start, not as a failure of the site."
            ),
            "",
            (
                "from 40.1.2 to 40.4.3: 2 requests of 1 operation: 1 refused, 0 answered differently, "
                "0 could not be told, 0 tolerated; without a request of the API: 1 entry"
            ),
        ]

    def test_what_is_answered_differently_is_a_finding(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "x.xml").write_bytes(request("GetEnrollmentInfo", {"sessionKey": "1"}))
        ended = call("traffic", "check", "x.xml", "--to", "40.4.3", "--from", "40.2.0")
        assert ended.code == 1
        assert ended.out.startswith("≠ C answered differently:\nx.xml:2:")

    def test_nothing_is_found(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "x.xml").write_bytes(GET_USER)
        ended = call("traffic", "check", "x.xml", "--to", "40.4.3")
        assert (ended.code, len(ended.out.splitlines())) == (0, 1)
        assert ended.out.startswith("to 40.4.3, every change counted: 1 request of 1 operation: 0 refused, ")

    def test_a_time_that_is_not_recorded_can_be_given(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "x.xml").write_bytes(meeting("11/22/2026 11:00:00"))
        options = ("traffic", "check", "x.xml", "--to", "40.4.3", "--from", "40.1.2")
        unknown = call(*options)
        assert (unknown.code, "? U could not be told:" in unknown.out) == (2, True)
        assert call(*options, "--sent-at", "2026-11-22T12:00:00Z").code == 1
        assert call(*options, "--sent-at", "2026-11-22T12:00:00+02:00").code == 0
        assert call(*options, "--sent-at", "2026-11-22 10:59").code == 0

    def test_a_message_that_can_not_be_read_leaves_it_open(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "good.xml").write_bytes(GET_USER)
        (tmp_path / "bad.xml").write_bytes(GET_USER.replace(b"s3cret-Id", b"p&ss"))
        ended = call("traffic", "check", ".", "--to", "40.4.3")
        assert ended.code == 2
        assert re.search(r"(?m)^bad\.xml: not read: not XML: not well-formed \(invalid token\) at 2:\d+$", ended.out)

    def test_nothing_was_recorded(self, call: Call, tmp_path: Path) -> None:
        har(tmp_path / "calls.har", [entry("other=1")])
        ended = call("traffic", "check", "calls.har", "--to", "40.4.3")
        assert ended.code == 2
        assert ended.out.startswith("to 40.4.3, every change counted: 0 requests of 0 operations: ")

    def test_operations_without_schemas_are_named(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "x.xml").write_bytes(request("GetUser").replace(b"GetUser", b"GetNobody"))
        ended = call("traffic", "check", "x.xml", "--to", "40.4.3")
        assert ended.out.startswith(
            "not looked at: GetNobody (1 request): not known to the suite, named by no change\n"
        )

    def test_departures_of_several_operations_are_one_line(self, call: Call, tmp_path: Path) -> None:
        for name, data in {"a.xml": GET_USER, "b.xml": request("DelUser", {"webExId": "x"})}.items():
            (tmp_path / name).write_bytes(b"\n" + data)
        ended = call("traffic", "check", ".", "--to", "40.4.3")
        assert ended.code == 0
        assert ended.out.splitlines()[1].startswith("b.xml:2:1: your client has blanks before its XML declaration: ")
        assert ended.out.splitlines()[1].endswith(" (DelUser 1 of 1, GetUser 1 of 1)")

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (["gone.har", "--to", "40.4.3"], "gone.har: no such file or folder"),
            (["x.har", "--to", "40.4.3"], "x.har:1:2: not JSON: Expecting property name enclosed in double quotes"),
            (["x.har", "--to", "newest"], "'newest' is not an API version; write it like 40.4.3"),
            (["x.har", "--to", "40", "--from", "x"], "'x' is not an API version; write it like 40.4.3"),
            (
                ["x.har", "--to", "40", "--sent-at", "now"],
                "--sent-at: 'now' is no time; write it like 2026-11-22T14:30:00Z",
            ),
        ],
    )
    def test_a_wrong_call_is_one_line(self, call: Call, tmp_path: Path, options: list[str], told: str) -> None:
        (tmp_path / "x.har").write_text("{")
        assert call("traffic", "check", *options) == Called(4, "", f"{told}\n")

    def test_a_version_is_needed(self, call: Call) -> None:
        ended = call("traffic", "check", "x.har")
        assert ended.code == 4
        assert "Missing option '--to'" in ended.err


class TestProfile:
    def record(self, tmp_path: Path) -> None:
        created = answer("CreateMeeting", {"meetingkey": "s3cret-Key"})
        har(tmp_path / "calls.har", [entry(meeting(PAST).decode(), created), entry("user=kim"), entry("XML=%3Cx")])

    def test_learning_into_a_file(self, call: Call, tmp_path: Path) -> None:
        self.record(tmp_path)
        ended = call("profile", "learn", "calls.har", "--name", "booking", "--owner", "rooms", "-o", "booking.yaml")
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.splitlines() == [
            "CreateMeeting: 1 call, sends 4 elements, reads 1 element at most",
            "Not of the API: 1 entry.",
            "Could not be read: 1 message.",
            "calls.har: entry 3: not read: not XML: unclosed token at 1:1",
            "written: booking.yaml",
        ]
        profile = load_profile(tmp_path / "booking.yaml")
        assert (profile.integration, profile.owner, [*profile.operations]) == ("booking", "rooms", ["CreateMeeting"])
        assert profile.operations["CreateMeeting"].reads == ("//meet:meetingkey",)

    def test_nothing_of_a_recording_is_told(self, call: Call, tmp_path: Path) -> None:
        self.record(tmp_path)
        learnt = call("profile", "learn", "calls.har")
        checked = call("traffic", "check", "calls.har", "--to", "40.4.3")
        everything = learnt.out + learnt.err + checked.out + checked.err
        assert [secret for secret in SECRETS if secret in everything] == []
        assert yaml.safe_load(learnt.out)["integration"] == "unnamed"
        assert "CreateMeeting: 1 call" in learnt.err

    def test_departures_are_told_with_advice(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "x.xml").write_bytes(b"\n" + GET_USER)
        ended = call("profile", "learn", "x.xml", "-o", "p.yaml")
        assert ended.out.splitlines()[1:3] == [
            (
                "leading-blanks (lenient): GetUser 1: works today because the service is lenient; XML says that "
                "nothing stands before the declaration"
            ),
            "    advice: Send the XML declaration as the first thing.",
        ]

    def test_a_file_that_exists_is_kept(self, call: Call, tmp_path: Path) -> None:
        self.record(tmp_path)
        (tmp_path / "p.yaml").write_text("pruned")
        ended = call("profile", "learn", "calls.har", "-o", "p.yaml")
        assert ended == Called(4, "", "p.yaml: exists already; name another file, or remove it first\n")
        assert (tmp_path / "p.yaml").read_text() == "pruned"

    def test_a_file_that_can_not_be_written_is_told(self, call: Call, tmp_path: Path) -> None:
        self.record(tmp_path)
        ended = call("profile", "learn", "calls.har", "-o", "gone/p.yaml")
        assert (ended.code, ended.err) == (4, "gone/p.yaml: can not be written: No such file or directory\n")

    def test_nothing_to_learn_from(self, call: Call, tmp_path: Path) -> None:
        har(tmp_path / "calls.har", [])
        ended = call("profile", "learn", "calls.har", "-o", "p.yaml")
        assert (ended.code, ended.out) == (2, "no request of the API was found, so there is no profile\n")
        assert not (tmp_path / "p.yaml").exists()

    def test_checking_one(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "p.yaml").write_text(
            "integration: booking\nowner: rooms\noperations:\n"
            "  CreateMeeting: {calls: 2, sends: [schedule], reads: []}\n"
            "  GetUser: {sends: [webExID]}\n"
        )
        ended = call("profile", "check", "p.yaml")
        assert (ended.code, ended.err) == (0, "")
        lines = ended.out.splitlines()
        documented = sum(not change.file.is_baseline for change in load_changes())
        assert lines[:4] == [
            "booking, owned by rooms: 2 operations",
            "  CreateMeeting (2 calls): sends 1 element, reads 0 elements",
            "  GetUser: sends 1 element, reads everything",
            "warning: p.yaml:5:21: the newest schemas know no 'webExID' in GetUser, did you mean 'webExId'?",
        ]
        touching = [line.split(":")[0].strip() for line in lines[5:] if line.startswith("  ") and line[2] != " "]
        assert lines[4] == f"{len(touching)} of {documented} documented changes touch it:"
        assert touching == [
            "11.0.4/participant-list-default",
            "40.1.2/generated-passwords",
            "40.2.0/start-time-in-the-past",
            "40.11.0/display-names",
            "42.5.0/suspended-site-scheduling",
        ]
        start = next(number for number, line in enumerate(lines) if line.startswith("  40.1.2/"))
        assert lines[start : start + 4] == [
            (
                "  40.1.2/generated-passwords: A session that needs a password gets one, and the answer tells it "
                "(from 40.1.2)"
            ),
            "    you use CreateMeeting (2 calls); owned by rooms",
            "  40.2.0/start-time-in-the-past: A start time that has passed is refused (from 40.2.0)",
            (
                "    you use CreateMeeting (2 calls), schedule/startDate, schedule/timeZoneID, schedule/timeZone; "
                "owned by rooms"
            ),
        ]

    def test_faults_of_a_profile_are_lines(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "p.yaml").write_text("integration: x\noperations:\n  GetUsr: {reads: ['//us:email']}\n")
        ended = call("profile", "check", "p.yaml")
        assert ended == Called(
            4,
            "",
            "p.yaml:3:3: unknown operation 'GetUsr', did you mean 'GetUser'?\n"
            "p.yaml:3:20: prefix 'us' is not declared, did you mean 'use'?\n",
        )

    def test_names_are_shown_so_that_no_terminal_acts_on_them(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "p.yaml").write_text('integration: "a\\e[2Jb"\nowner: "\\e"\noperations: {CreateMeeting: }\n')
        ended = call("profile", "check", "p.yaml")
        assert (ended.code, "\x1b" in ended.out) == (0, False)


def test_the_requests_of_a_run_are_a_recording(call: Call, tmp_path: Path) -> None:
    case = "40.2.0/start-time-in-the-past::createmeeting-started-an-hour-ago"
    assert call("run", "--case", case, "--report", "out").code == 0
    ended = call("traffic", "check", "out", "--to", "40.4.3", "--from", "40.1.2")
    assert ended.code == 1
    assert re.search(r"(?m)^out/results\.jsonl:2: step 1:2:\d+: your CreateMeeting sends a start time", ended.out)


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (f"UID=1&XML={quote_plus(GET_USER)}".encode(), "form-body (allowed): the message is the field XML of a form"),
        (
            b"GET /x?XML=" + quote_plus(GET_USER).encode() + b" HTTP/1.1\r\n\r\n",
            "in-query (lenient): the message is the field",
        ),
        (b"\n" + GET_USER, "leading-blanks (lenient): blanks before the XML declaration"),
        (b"POST /x HTTP/1.1\r\n\r\n" + GET_USER, "content-type (lenient): no Content-Type instead of text/xml"),
    ],
)
def test_validate_takes_requests_as_they_are_carried(call: Call, tmp_path: Path, data: bytes, note: str) -> None:
    (tmp_path / "x").write_bytes(data)
    ended = call("validate", "x")
    assert ended.code == 0, ended.out
    assert ended.out.startswith("x: valid: request GetUser, schemas of 40.4.3\n")
    assert note in ended.out


class TestPage:
    TEXT = (DOCS / "profiles.md").read_text(encoding="utf-8")

    def test_every_key_is_explained(self) -> None:
        keys = ProfileFile.model_fields.keys() | OperationUse.model_fields.keys()
        assert [key for key in keys if f"| `{key}` |" not in self.TEXT] == []

    def test_the_example_is_a_profile_without_faults_and_warnings(self, tmp_path: Path) -> None:
        (example,) = re.findall(r"^```yaml\n(.*?)^```$", self.TEXT, re.DOTALL | re.MULTILINE)
        (tmp_path / "p.yaml").write_text(example)
        assert load_profile(tmp_path / "p.yaml").warnings == ()

    def test_links_lead_somewhere(self) -> None:
        headings = {line.lstrip("# ").lower().replace(" ", "-") for line in self.TEXT.splitlines() if line[:1] == "#"}
        assert set(re.findall(r"\]\(#([^)]+)\)", self.TEXT)) <= headings
        others = re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", self.TEXT)
        for file, anchor in others:
            assert f"# {anchor}" in (DOCS / file).read_text(encoding="utf-8").lower()
