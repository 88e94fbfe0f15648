"""What an upgrade makes of recorded requests: changes, schemas of both versions, departures; folded and in order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eight import eight_changes
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic_lab import AHEAD, PAST, SECURITY, answer, meeting, recorded, request

from conformance.schema.catalog import SchemaCatalog
from conformance.traffic import check
from conformance.traffic.check import TrafficCheck, check_traffic
from conformance.traffic.model import Recorded, Severity, TrafficFinding
from conformance.versions import DEFAULT_VERSION, LINEAGE, Version
from conformance.wire.carried import carried
from conformance.wire.request import Departure

CHANGES = eight_changes()
CATALOG = SchemaCatalog()
ANONYMOUS = request("LstsummarySession", {}, {"siteName": "sample"})
START = "40.2.0/start-time-in-the-past"
HTML = request("CreateUser", {"firstName": "Kim", "lastName": "x", "webExId": "kim", "isHTMLEmail": "true"})


def found(*requests: Recorded | bytes, to: str = "40.4.3", from_: str = "") -> list[TrafficFinding]:
    taken = [one if isinstance(one, Recorded) else recorded(one) for one in requests]
    return check_traffic(taken, CHANGES, CATALOG, Version.parse(to), Version.parse(from_) if from_ else None)


def told(*requests: Recorded | bytes, to: str = "40.4.3", from_: str = "") -> list[tuple[str, str, str]]:
    findings = found(*requests, to=to, from_=from_)
    return [(one.severity.value, one.id, one.change) for one in findings if one.severity is not Severity.LENIENT]


class TestChanges:
    def test_what_is_refused_is_told_with_place_count_and_what_to_change(self) -> None:
        past = [recorded(meeting(PAST), place=f"calls.har: entry {number}") for number in (3, 5)]
        finding, *_ = found(recorded(meeting(AHEAD)), *past, from_="40.1.2")
        column = meeting(PAST).decode().splitlines()[1].index("<startDate") + 1
        assert finding == TrafficFinding(
            id="change",
            severity=Severity.REFUSED,
            change=START,
            operation="CreateMeeting",
            place=f"calls.har: entry 3:2:{column}",
            says="your CreateMeeting sends a start time that has passed: refused from 40.2.0",
            advice=next(change for change in CHANGES if change.id == START).file.advice,
            count=2,
            of=3,
        )

    def test_only_changes_between_the_versions_count(self) -> None:
        assert ("refused", "change", START) in told(meeting(PAST), from_="40.1.2")
        assert ("refused", "change", START) in told(meeting(PAST))
        assert told(meeting(PAST), from_="40.2.0") == []
        assert told(meeting(PAST), to="40.1.2", from_="40.1.0") == [("changed", "change", "40.1.2/generated-passwords")]
        assert told(ANONYMOUS, to="40.1.2") == []

    def test_what_a_recording_does_not_tell_is_not_known(self) -> None:
        (finding,) = found(replace(recorded(meeting(PAST)), sent=None), from_="40.1.2")
        assert finding.severity is Severity.UNKNOWN
        assert finding.says == (
            "whether your CreateMeeting sends a start time that has passed can not be told: refused from 40.2.0"
        )
        assert finding.advice.startswith("Record when requests are sent. ")

    def test_a_change_of_two_trains_names_both(self) -> None:
        (finding,) = [one for one in found(HTML, to="40.4.0", from_="40.2.4") if one.id.startswith("schema")]
        assert finding.severity is Severity.CHANGED
        assert finding.says == (
            "your CreateUser sends isHTMLEmail, which the schemas of 40.4.0 do not know there; "
            "40.2.4 did; the service may ignore it"
        )

    def test_what_becomes_possible_is_no_finding(self) -> None:
        assert told(HTML, from_="40.1.0") == []
        assert told(request("LstAccessAnywhereHistory")) == []

    def test_on_the_way_back_answers_are_as_before_again(self) -> None:
        data = request("GetEnrollmentInfo", {"sessionKey": "1"})
        (finding,) = found(data, to="40.2.0", from_="40.4.0")
        assert (finding.severity, finding.change) == (Severity.CHANGED, "40.4.0/getenrollmentinfo-empty-domain")
        assert finding.says.endswith(": answered as before 40.4.0 again")
        assert told(meeting(PAST), to="40.1.2", from_="40.2.0") == []

    def test_a_change_without_traffic_concerns_every_call(self) -> None:
        change = next(change for change in CHANGES if change.id == START)
        silent = replace(change, file=change.file.model_copy(update={"traffic": ()}))
        (finding,) = check_traffic([recorded(meeting(AHEAD))], [silent], CATALOG, DEFAULT_VERSION)
        assert finding.says == "your CreateMeeting is called: answered differently from 40.2.0"


class TestSchemas:
    def test_an_operation_that_the_target_does_not_know(self) -> None:
        data = request("LstAccessAnywhereHistory", {"hostWebexID": "kim"})
        (gone,) = found(data, to="39", from_="40.1.0")
        assert (gone.severity, gone.id) == (Severity.REFUSED, "schema.operation")
        assert gone.says == "your LstAccessAnywhereHistory is called, which 39 does not know"
        (never,) = found(data, to="39")
        assert (never.severity, never.id) == (Severity.UNKNOWN, "schema.operation")

    def test_what_was_wrong_before_too_is_only_tolerated(self) -> None:
        data = request("GetMeeting", {"surprise": "s3cret"})
        findings = found(data, from_="40.1.0")
        assert {one.severity for one in findings} == {Severity.LENIENT}
        assert all("so it was before" in one.says for one in findings)
        assert "s3cret" not in str(findings)

    @pytest.mark.parametrize(
        ("body", "rule", "says"),
        [
            ({}, "missing", "leaves out of bodyContent what the schemas of 40.4.3 demand: meetingKey"),
            ({"meetingKey": "s3cret"}, "value", "sends a value in meetingKey that the schemas of 40.4.3 do not allow"),
            (
                {"meetingKey": "1", "x": "s3cret"},
                "unexpected",
                "sends x, which the schemas of 40.4.3 do not know there",
            ),
        ],
    )
    def test_each_rule_has_words_without_values(self, body: dict[str, str], rule: str, says: str) -> None:
        (finding,) = found(request("GetMeeting", body))
        assert finding.id == f"schema.{rule}"
        assert says in finding.says
        assert "s3cret" not in str(finding)

    @pytest.mark.parametrize(
        ("data", "says", "advice"),
        [
            (
                b"<message><body><bodyContent xsi:type='java:user.GetUser'/></body></message>",
                "your GetUser sends message/body where the schemas of 40.4.3 demand header; ",
                "Send header too.",
            ),
            (
                request("DelMeeting", {"meetingNo": "1"}),
                "your DelMeeting sends meetingNo, which the schemas of 40.4.3 do not know there; ",
                "Leave meetingNo out.",
            ),
            (
                meeting().replace(b"<metaData>", b"<metaData/><metaData>"),
                "your CreateMeeting sends metaData where the schemas of 40.4.3 demand none; ",
                "Send metaData once.",
            ),
        ],
    )
    def test_what_stands_in_the_wrong_place_is_told_with_what_belongs_there(
        self, data: bytes, says: str, advice: str
    ) -> None:
        (finding,) = [one for one in found(data) if one.id == "schema.unexpected"]
        assert finding.says.startswith(says)
        assert finding.advice.startswith(advice)

    def test_text_between_elements_is_told(self) -> None:
        data = meeting().replace(b"<schedule>", b"<schedule>s3cret")
        (finding,) = [one for one in found(data) if one.id == "schema.text"]
        assert finding.says.startswith("your CreateMeeting sends text in schedule, where the schemas of 40.4.3 allow")
        assert "s3cret" not in str(finding)

    def test_long_names_are_cut(self) -> None:
        (finding,) = found(request("GetUser", {"webExId": "x", "y" * 5000: "z"}))
        assert len(finding.says) < 500


class TestDepartures:
    def test_each_is_told_once_for_an_operation(self) -> None:
        data = meeting().replace(b">20<", b"><")
        taken = carried(b"\n" + data)
        one = Recorded("x.xml", taken.message, departures=taken.departures)
        findings = found(one, one, recorded(meeting()))
        lenient = {one.id: (one.place, one.count, one.of) for one in findings if one.severity is Severity.LENIENT}
        assert lenient == {
            "leading-blanks": ("x.xml:2:1", 2, 3),
            "empty-value": (f"x.xml:3:{data.splitlines()[1].index(b'<duration') + 1}", 2, 3),
        }

    def test_a_form_is_as_good_as_a_body(self) -> None:
        one = Recorded("x", meeting(), departures=(Departure("form-body", "/", 0, 0, ""),))
        assert found(one, from_="40.2.0") == []

    def test_bytes_that_nobody_has_seen_work_are_not_known(self) -> None:
        taken = carried(request("GetUser", {"webExId": "ü"}).decode().encode("latin-1"))
        (finding,) = found(Recorded("x", taken.message, departures=taken.departures))
        assert (finding.severity, finding.id, finding.place) == (Severity.UNKNOWN, "not-utf-8", "x:2")


class TestFolding:
    def test_heaviest_first(self) -> None:
        unknown = replace(recorded(request("SetMeeting", {"schedule": {"startDate": PAST}})), sent=None)
        order = [one.severity for one in found(unknown, meeting(PAST), ANONYMOUS, request("GetUser", {"x": "y"}))]
        assert order == sorted(order, key=list(Severity).index)
        assert set(order) == set(Severity)

    def test_what_can_not_be_read_or_is_not_known_is_counted(self) -> None:
        taken = TrafficCheck(CHANGES, CATALOG, DEFAULT_VERSION)
        for data in (b"<a", request("GetUser").replace(b"GetUser", b"GetNobody"), meeting(), b""):
            taken.take(recorded(data))
        assert (taken.unread, dict(taken.unknown), dict(taken.operations)) == (
            2,
            {"GetNobody": 1},
            {"CreateMeeting": 1},
        )

    def test_a_type_that_is_missing_is_counted(self) -> None:
        taken = TrafficCheck(CHANGES, CATALOG, DEFAULT_VERSION)
        taken.take(recorded(b"<message><body><bodyContent/></body></message>"))
        assert dict(taken.unknown) == {"no operation": 1}

    def test_unknown_operations_are_bounded(self) -> None:
        taken = TrafficCheck(CHANGES, CATALOG, DEFAULT_VERSION)
        for number in range(150):
            taken.take(recorded(request("GetUser").replace(b"GetUser", b"Get%d" % number)))
        assert (len(taken.unknown), taken.unknown["others"], taken.unknown.total()) == (101, 50, 150)

    def test_different_findings_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(check, "MAX_FINDINGS", 3)
        taken = TrafficCheck(CHANGES, CATALOG, DEFAULT_VERSION)
        for number in range(5):
            taken.take(recorded(request("GetUser", {"webExId": "x", f"x{number}": "y"})))
        assert (len(taken.findings()), taken.left_out) == (3, 2)

    @settings(deadline=None)
    @given(
        st.lists(st.sampled_from([meeting(PAST), meeting(AHEAD), ANONYMOUS, HTML, b"<a"]), max_size=12),
        st.sampled_from(sorted(LINEAGE)),
        st.none() | st.sampled_from(sorted(LINEAGE)),
    )
    def test_counts_add_up_whatever_the_order(self, requests: list[bytes], to: Version, from_: Version | None) -> None:
        findings = check_traffic(map(recorded, requests), CHANGES, CATALOG, to, from_)
        again = check_traffic(map(recorded, reversed(requests)), CHANGES, CATALOG, to, from_)
        assert {(one.says, one.count, one.of) for one in findings} == {(one.says, one.count, one.of) for one in again}
        assert all(1 <= one.count <= one.of <= len(requests) for one in findings)
        assert len({(one.id, one.change, one.operation, one.says) for one in findings}) == len(findings)

    @settings(deadline=None)
    @given(st.sampled_from(sorted(LINEAGE)), st.sampled_from([meeting(PAST), ANONYMOUS, HTML]))
    def test_a_version_is_no_upgrade_of_itself(self, version: Version, data: bytes) -> None:
        findings = check_traffic([recorded(data)], CHANGES, CATALOG, version, version)
        assert all(one.severity is Severity.LENIENT for one in findings)


def test_no_secret_of_a_recording_is_in_a_finding() -> None:
    data = meeting(PAST, password="x")
    response = answer("CreateMeeting", {"meetingkey": "s3cret-Key"})
    text = str(found(recorded(data, response), from_="39"))
    assert SECURITY["password"] not in text
    assert "s3cret" not in text
