"""Profiles: what is refused, what is warned of, what an integration uses of a change, and learning one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from eight import eight_changes
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic_lab import AHEAD, PAST, answer, entry, har, meeting, recorded, refusal, request

from conformance.cases.model import Trace
from conformance.errors import CaseFileErrors
from conformance.traffic.learn import learn, profile_text
from conformance.traffic.profile import Profile, load_profile
from conformance.traffic.read import Reading, read_traffic

CHANGES = {change.id: change for change in eight_changes()}
FOUND = learn([recorded(meeting(AHEAD))])
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)

Load = Callable[[str], Profile]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a profile of this text."""

    def read(text: str) -> Profile:
        path = tmp_path / "profile.yaml"
        path.write_text(text, encoding="utf-8")
        return load_profile(path)

    return read


@pytest.fixture
def faults(load: Load, tmp_path: Path) -> Callable[[str], list[str]]:
    """Return the faults of a profile, without its path."""

    def told(text: str) -> list[str]:
        with pytest.raises(CaseFileErrors) as error:
            load(text)
        return [line.removeprefix(f"{tmp_path}/profile.yaml:") for line in str(error.value).splitlines()]

    return told


BOOKING = """\
integration: room booking
owner: rooms
operations:
  CreateMeeting:
    owner: kim
    calls: 412
    sends: [metaData, schedule/startDate]
    reads: [//meet:meetingkey]
  GetEnrollmentInfo: {reads: ["//att:ipAddress"]}
  LstsummarySession:
  SetUser: {}
"""


class TestLoading:
    def test_what_it_says(self, load: Load) -> None:
        profile = load(BOOKING)
        assert (profile.integration, profile.owner, profile.warnings) == ("room booking", "rooms", ())
        use = profile.operations["CreateMeeting"]
        assert (use.owner, use.calls, use.reads) == ("kim", "412", ("//meet:meetingkey",))
        assert (profile.operations["SetUser"].sends, profile.operations["LstsummarySession"].reads) == (None, None)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "1:1: the file is empty"),
            ("- x", "1:1: found a list; write a mapping of 'key: value'"),
            ("operations: {GetUser: {}}", "1:1: key 'integration' is missing; add 'integration:'"),
            ("integration: x", "1:1: key 'operations' is missing; add 'operations:'"),
            ("integration: ' '\noperations: {GetUser: }", "1:1: 'integration' is empty; write a name for it"),
            ("integration: x\noperations: {}", "2:1: 'operations' is empty; write at least one"),
            ("integration: x\nowners: y\noperations: {GetUser: }", "2:1: unknown key 'owners', did you mean 'owner'?"),
            ("integration: x\noperations: {GetUsr: }", "2:14: unknown operation 'GetUsr', did you mean 'GetUser'?"),
            (
                "integration: x\noperations:\n  GetUser: {read: []}",
                "3:13: unknown key 'read', did you mean 'reads'?",
            ),
            ("integration: x\noperations:\n  GetUser: 7", "3:3: found the text '7'; write a mapping of 'key: value'"),
            ("integration: x\noperations:\n  GetUser: {sends: y}", "3:13: found the text 'y'; write a list"),
            (
                "integration: x\noperations:\n  GetUser: {calls: many}",
                "3:13: 'many' is no number of calls; write how many calls there were, or leave it out",
            ),
            (
                "integration: x\noperations:\n  GetUser: {reads: ['//us:email']}",
                "3:21: prefix 'us' is not declared, did you mean 'use'?",
            ),
            ("integration: x\noperations:\n  GetUser: {reads: ['//[']}", "3:21: '//[' is not an XPath 1.0 expression"),
            ("integration: x\noperations: {GetUser: *a}", "2:23: anchors and aliases are not allowed"),
            ("integration: x\nintegration: y", "2:1: key 'integration' is written twice"),
            ("integration: [", "did not find expected node content"),
        ],
    )
    def test_a_fault_is_told_with_its_place(self, faults: Callable[[str], list[str]], text: str, told: str) -> None:
        assert told in faults(text)[0]

    def test_all_faults_are_told_at_once(self, faults: Callable[[str], list[str]]) -> None:
        text = "integration: x\noperations:\n  GetUsr: {calls: x, reads: ['//us:email']}\n  GetUser: {calls: -1}\n"
        assert [line.partition(": ")[0] for line in faults(text)] == ["3:3", "3:12", "3:30", "4:13"]

    def test_what_the_schemas_do_not_know_is_a_warning(self, load: Load, tmp_path: Path) -> None:
        text = "integration: x\noperations:\n  GetUser: {sends: [webExID], reads: ['//use:emial', '//*', '.']}\n"
        path = f"{tmp_path}/profile.yaml"
        assert [str(warning).removeprefix(path) for warning in load(text).warnings] == [
            ":3:21: the newest schemas know no 'webExID' in GetUser, did you mean 'webExId'?",
            ":3:39: the newest schemas know no 'use:emial' in an answer to GetUser, did you mean 'use:email'?",
        ]

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(CaseFileErrors, match=r"gone\.yaml:1:1: cannot be read: No such file"):
            load_profile(tmp_path / "gone.yaml")


def profile_of(load: Load, **use: str) -> Profile:
    keys = ", ".join(f"{key}: {value}" for key, value in use.items())
    return load(
        f"integration: x\nowner: all\noperations:\n  GetEnrollmentInfo: {{{keys}}}\n  CreateMeeting: {{{keys}}}"
    )


class TestUses:
    @pytest.mark.parametrize(
        ("change", "uses", "owners"),
        [
            ("40.1.0/lstaccessanywherehistory", "", []),
            ("40.1.2/generated-passwords", "CreateMeeting (412 calls)", ["kim"]),
            ("40.2.0/anonymous-lstsummarysession", "LstsummarySession", ["rooms"]),
            ("40.2.0/start-time-in-the-past", "CreateMeeting (412 calls), schedule/startDate", ["kim"]),
            ("40.4.0/getenrollmentinfo-empty-domain", "", []),
            ("40.4.0/setuser-email-verification", "SetUser", ["rooms"]),
        ],
    )
    def test_what_is_used_of_each_change(self, load: Load, change: str, uses: str, owners: list[str]) -> None:
        profile = load(BOOKING)
        assert profile.uses(CHANGES[change]) == uses
        assert profile.owners(CHANGES[change]) == owners

    @pytest.mark.parametrize(
        ("reads", "used"),
        [
            ('["//att:domain"]', True),
            ('["//att:attendee"]', True),
            ('["string(//att:attendee[1])"]', True),
            ('["count(//att:attendee)"]', True),
            ('["//att:ipAddress"]', False),
            ('["//att:attendee/att:ipAddress"]', False),
            ('["//att:attendee[att:ipAddress]/att:status"]', True),
            ('["/serv:message/serv:body/serv:bodyContent/att:session/att:sessionKey"]', False),
            ('["//serv:bodyContent"]', True),
            ('["//att:attendee/*[7]"]', True),
            ("[\"//*[local-name()='domain']\"]", True),
            ('["//att:status/following::text()"]', True),
            ('["."]', True),
            ("[]", False),
        ],
    )
    def test_an_xpath_counts_where_it_may_come_to_the_element(self, load: Load, reads: str, used: bool) -> None:
        profile = profile_of(load, reads=reads)
        assert bool(profile.uses(CHANGES["40.4.0/getenrollmentinfo-empty-domain"])) is used

    @pytest.mark.parametrize(
        ("sends", "used"),
        [
            ("[schedule/startDate]", True),
            ("[schedule]", True),
            ("[schedule/startDate/x]", True),
            ("[schedule/startDateX]", False),
            ("[sched]", False),
            ("[schedule/duration]", False),
            ("[]", False),
        ],
    )
    def test_a_path_counts_for_what_is_in_it_and_around_it(self, load: Load, sends: str, used: bool) -> None:
        assert bool(profile_of(load, sends=sends).uses(CHANGES["40.2.0/start-time-in-the-past"])) is used

    def test_either_of_sends_and_reads_is_enough(self, load: Load) -> None:
        trace = Trace(
            operations=("CreateMeeting",),
            says="x",
            effect="changed",
            sends=("schedule/startDate",),
            reads=("//meet:guestToken",),
        )
        uses = {
            profile_of(load, sends=sends, reads=reads).uses(trace)
            for sends, reads in [("[schedule]", "[]"), ("[]", '["//meet:guestToken"]')]
        }
        assert uses == {"CreateMeeting, schedule/startDate", "CreateMeeting, //meet:guestToken"}
        assert profile_of(load, sends="[]", reads="[]").uses(trace) == ""
        assert profile_of(load, sends="[]").uses(trace) == "CreateMeeting"

    def test_calls_are_counted_in_words(self, load: Load) -> None:
        uses = [profile_of(load, calls=calls).uses(CHANGES["40.1.2/generated-passwords"]) for calls in ("1", "2")]
        assert uses == ["CreateMeeting (1 call)", "CreateMeeting (2 calls)"]


class TestLearning:
    def learnt(self, tmp_path: Path, *entries: object) -> tuple[str, Profile]:
        reading = Reading()
        found = learn(read_traffic([har(tmp_path / "calls.har", entries)], reading))
        path = tmp_path / "learnt.yaml"
        path.write_text(profile_text(found, reading, "room: booking #1", "rooms", NOW), encoding="utf-8")
        return path.read_text(encoding="utf-8"), load_profile(path)

    def test_names_are_learnt_and_no_values(self, tmp_path: Path) -> None:
        created = answer("CreateMeeting", {"meetingkey": "s3cret-Key", "iCalendarURL": {"serv:host": "s3cret-Url"}})
        text, profile = self.learnt(
            tmp_path,
            entry(meeting(PAST).decode(), created),
            entry(meeting(metaExtra="x").decode(), refusal("CreateMeeting")),
            entry(request("GetUser", {"webExId": "s3cret-Id"}).decode()),
            entry("other=s3cret"),
            entry(request("GetUser").decode().replace("GetUser", "GetNobody")),
        )
        use = profile.operations["CreateMeeting"]
        assert (use.calls, use.sends) == (
            "2",
            (
                "accessControl/meetingPassword",
                "metaData/confName",
                "schedule/duration",
                "schedule/startDate",
                "schedule/timeZoneID",
            ),
        )
        assert use.reads == ("//meet:meetingkey", "//serv:host")
        assert (profile.operations["GetUser"].reads, profile.integration) == (None, "room: booking #1")
        assert "s3cret" not in text.lower()
        assert "kim" not in text
        assert profile.warnings == ()
        for told in (
            "# From calls.har:",
            "# 3 requests, sent 2026-11-22 12:00 UTC to 2026-11-22 12:00 UTC; written 2026-11-22 14:00 UTC.",
            "# Not of the API: 1 entry.",
            "# Not known to the suite, so left out: GetNobody (1 request).",
            "# Left out: elements of CreateMeeting that the schemas do not know (1 request).",
            "    reads:  # what the answers held: prune what you do not read",
        ):
            assert told in text.splitlines()

    def test_an_answer_without_content_reads_nothing(self, tmp_path: Path) -> None:
        _, profile = self.learnt(tmp_path, entry(request("DelUser").decode(), answer("DelUser", {})))
        assert profile.operations["DelUser"].reads == ()

    def test_what_was_tolerated_is_told(self, tmp_path: Path) -> None:
        text, _ = self.learnt(tmp_path, entry("\n" + meeting().decode().replace(">20<", "><")))
        assert "# Tolerated: empty-value: 1 request: works today because the service is lenient" in text
        assert "# Tolerated: leading-blanks: 1 request: " in text

    def test_answers_that_can_not_be_read_teach_nothing(self) -> None:
        data = request("GetUser")
        for response in (None, b"", b"<html/>", refusal("GetUser"), answer("GetUser", {"x": "y"})[:-9]):
            assert learn([recorded(data, response)]).operations["GetUser"].reads is None

    def test_broken_requests_teach_nothing(self) -> None:
        assert learn([recorded(b"<a")]).operations == {}

    @settings(deadline=None)
    @given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=20))
    def test_any_names_give_a_file_that_is_read_back(self, name: str, owner: str, file: str) -> None:
        try:
            text = profile_text(FOUND, Reading(files=[file]), name, owner, NOW)
            text.encode()
        except (yaml.YAMLError, UnicodeEncodeError):
            return  # lone surrogates, which no command line gives
        data = yaml.safe_load(text)
        assert data["integration"] == name
        assert data.get("owner", "") == owner
        assert data["operations"].keys() == {"CreateMeeting"}
