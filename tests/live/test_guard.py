"""What requests would do to a shared site, and that nothing passes that is not about what this run created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_lab import Staging, meeting, request, user

from conformance.cases.load import load_change, plan
from conformance.cases.values import RUN_MARK, unique
from conformance.live.guard import Deed, deed_of, refuse_foreign
from conformance.live.ledger import Entry, Ledger
from conformance.live.settings import SiteSettings
from conformance.resources import cases_root
from conformance.site.seam import NotApplicable
from conformance.wire.effects import CREATED_BY, KINDS, Effect, Key, ObjectKind
from conformance.wire.limits import MAX_BODY
from conformance.wire.names import OPERATIONS, operation
from conformance.wire.request import Body, build_request

OWN_KEY, OWN_NAME = "700000001", f"c-{RUN_MARK}-1"
READING = {
    "AuthenticateUser", "GetUser", "LstsummaryUser", "LstUser", "GetloginurlUser", "GetlogouturlUser",
    "GetLoginTicket", "GetAPIVersion", "GetSiteType", "GetSessionInfo", "LstsummarySession", "LstOpenSession",
    "GetJoinSessionInfo", "GetOneClickSettings", "LstContact", "LstDistList", "LstRecording", "GetRecordingInfo",
    "LstRecordingInRecycleBin", "GetMeeting", "LstsummaryMeeting", "LstMeeting", "GethosturlMeeting",
    "GetjoinurlMeeting", "GetTeleconferenceSession", "GetTrainingSession", "LstsummaryTrainingSession",
    "LstTrainingSession", "GetLabInfo", "CheckLabAvailability", "GetLabSchedule", "LstScheduledTests",
    "GetTestInformation", "LstLibTests", "GetIMStestDetails", "GetIMStestResult", "GetEvent", "LstsummaryEvent",
    "LstrecordedEvent", "LstsummaryProgram", "LstMeetingAttendee", "GetEnrollmentInfo", "GetFeedbackInfo",
    "LstrecordaccessHistory", "LstrecordaccessDetailHistory", "LsttrainingsessionHistory",
    "LsttrainingattendeeHistory", "LstmeetingusageHistory", "LstmeetingattendeeHistory", "LsteventsessionHistory",
    "LsteventattendeeHistory", "LstsupportsessionHistory", "LstsupportattendeeHistory", "LstsalesSessionHistory",
    "LstsalesAttendeeHistory", "LstEventSessionPreliminaryHistory", "LstEventAttendeePreliminaryHistory",
    "LstAccessAnywhereHistory", "GetSite", "LstTimeZone", "GetWebACDQueues", "GetSalesSession",
    "LstsummarySalesSession", "LstProducts", "LstAccounts", "LstOpportunities", "LstMeetingType", "GetMeetingType",
}  # fmt: skip
CREATING = {
    "CreateUser", "CreateMeeting", "CreateTeleconferenceSession", "CreateTrainingSession", "CreateEvent",
    "CreateSalesSession", "UploadIMStest",
}  # fmt: skip
NAMING = {
    **dict.fromkeys(("SetMeeting", "DelMeeting", "SetSalesSession", "DelSalesSession"), "meetingKey"),
    **dict.fromkeys(
        (
            *("DelSession", "SetTeleconferenceSession", "SetTrainingSession", "DelTrainingSession", "SetEvent"),
            *("DelEvent", "UploadEventImage", "SendInvitationEmail", "AddScheduledTest", "CreateMeetingAttendee"),
            "RegisterMeetingAttendee",
        ),
        "sessionKey",
    ),
    **dict.fromkeys(("SetUser", "DelUser", "AssignWebACDQueues", "UploadPMRImage", "SetupOneClickSettings"), "webExId"),
    **dict.fromkeys(("ActivateUser", "InactivateUser"), "userID"),
    "AssignWebACDAgents": "manager",
    **dict.fromkeys(("DelLibTests", "CopyLibTests", "SetScheduledTest", "DelScheduledTest"), "testID"),
    "DelMeetingAttendee": "attendeeID",
}
"""What changes what it names: by which element."""
CALLERS = {"SetUser", "UploadPMRImage", "SetupOneClickSettings"}
SHARING = {
    "SetSite", "CreateSupportSession", "CreateContacts", "CreateDistList", "SetDistList", "DelSessionTemplates",
    "SetRecordingInfo", "DelRecording", "RecoverRecordingFromRecycleBin", "DelRecordingFromRecycleBin",
    "AddProducts", "SetProducts", "CreateAccount", "SetAccount", "CreateOpportunity", "SetOpportunity",
}  # fmt: skip
TAKING = {name for name in OPERATIONS if name.startswith("Del")}
OWN = {"library test": "700000002", "scheduled test": "700000003", "attendee": "700000004", "user": OWN_NAME}
"""What else is ours, by what it is."""
PERMISSION = "cases may create and delete objects on the production site go"


def sent(name: str, body: Body, **security: str) -> bytes:
    return build_request(operation(name), {"siteName": "go", "webExID": "ann", **security}, body)


def raw(xsi_type: str, content: str) -> bytes:
    return (
        '<serv:message xmlns:serv="x" xmlns:xsi="y"><header/><body>'
        f'<bodyContent xsi:type="{xsi_type}">{content}</bodyContent></body></serv:message>'
    ).encode()


def called(kind: ObjectKind, name: str) -> Body:
    """Return a body that gives an object its name."""
    body: Body = name
    for part in reversed(kind.name.split("/")):
        body = {part: body}
    return body


def about(name: str, text: str) -> Body:
    """Return a body that names the object that an operation changes."""
    return {NAMING[name]: text}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with a meeting whose name says nothing of the run, a test, and what was added to the meeting."""
    ledger = Ledger(tmp_path / "ledger")
    now = datetime.now(UTC)
    ledger.created(ledger.intend(Entry("meeting", "of no mark", "host", "c", now)), OWN_KEY)
    ledger.created(ledger.intend(Entry("library test", f"test {OWN_NAME}", "host", "c", now)), OWN["library test"])
    for sort in ("scheduled test", "attendee"):
        ledger.add_part(Key(sort, OWN[sort]))
    yield ledger
    ledger.end()


@pytest.fixture
def settings(stage: Staging) -> Callable[..., SiteSettings]:
    return lambda **changed: SiteSettings.model_validate(stage.profile(**changed))


@pytest.fixture
def refused(own: Ledger, settings: Callable[..., SiteSettings]) -> Callable[..., str]:
    """Return why a request is refused; empty where it passes."""

    def why(data: bytes, **changed: Any) -> str:
        try:
            refuse_foreign(deed_of(data), settings(**changed), own)
        except NotApplicable as error:
            return str(error)
        return ""

    return why


class TestDeeds:
    def test_whoever_adds_an_operation_says_here_what_it_does(self) -> None:
        assert sorted([*READING, *CREATING, *NAMING, *SHARING]) == sorted(OPERATIONS)

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_of_each_operation(self, name: str) -> None:
        deed = deed_of(sent(name, {"sessionKey": "71", "email": "kim@example.com"}))
        assert (deed.operation, deed.reads) == (name, name in READING)
        assert (deed.creates is not None) == (name in {*CREATING, "CopyLibTests"})
        assert deed.deletes == (name in TAKING)
        assert deed.targets == (Key("session", "71"), *[Key("user", "ann")] * (name in CALLERS))
        assert deed.addresses == (frozenset() if name in READING | TAKING else {"kim@example.com"})

    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_of_what_is_created_the_name(self, kind: Any) -> None:
        deed = deed_of(sent(kind.create, called(kind, f" {OWN_NAME} ")))
        assert (deed.creates, deed.name) == (kind, OWN_NAME)

    @pytest.mark.parametrize(
        "element", ["meetingKey", "meetingkey", "MeetingKey", "sessionKey", "sessionkey", "webExID", "webExId"]
    )
    def test_targets_in_every_spelling_and_depth(self, element: str) -> None:
        data = sent("RegisterMeetingAttendee", {"attendees": [{element: " 71 "}, {element: "72"}, {element: ""}]})
        assert [key.text for key in deed_of(data).targets] == ["71", "72"]

    @pytest.mark.parametrize(
        ("name", "element", "sort"),
        [
            ("DelMeeting", "meetingkey", "session"),
            ("CreateMeeting", "seriesMeetingKey", "session"),
            ("RegisterMeetingAttendee", "confID", "session"),
            ("SetUser", "userId", "user"),
            ("AssignWebACDAgents", "manager", "user"),
            ("DelLibTests", "testID", "library test"),
            ("CopyLibTests", "testID", "library test"),
            ("AddScheduledTest", "testID", "library test"),
            ("SetScheduledTest", "testID", "scheduled test"),
            ("DelScheduledTest", "testId", "scheduled test"),
            ("DelMeetingAttendee", "attendeeID", "attendee"),
            ("DelRecording", "recordingID", "recording"),
            ("SetDistList", "distListID", "distribution list"),
            ("SetProducts", "prodID", "product"),
        ],
    )
    def test_of_which_sort_a_target_is(self, name: str, element: str, sort: str) -> None:
        assert deed_of(sent(name, {"a": {element: "71"}})).targets[:1] == (Key(sort, "71"),)

    def test_without_a_name_set_user_is_about_the_caller(self) -> None:
        assert deed_of(sent("SetUser", {"firstName": "Kim"})).targets == (Key("user", "ann"),)
        assert deed_of(sent("SetUser", {"webExId": "kim"})).targets == (Key("user", "kim"),)
        assert deed_of(sent("SetMeeting", {"metaData": ""})).targets == ()

    @pytest.mark.parametrize(
        ("name", "body", "gone"),
        [
            ("DelMeeting", {"meetingKey": "71"}, ["71"]),
            ("DelSession", {"sessionKey": ["71", "72"]}, ["71", "72"]),
            ("DelUser", {"webExId": "kim"}, ["kim"]),
            ("DelLibTests", {"testID": "71"}, ["71"]),
            ("DelMeetingAttendee", {"attendeeEmail": {"email": "a@example.com", "sessionKey": "71"}}, []),
            ("DelScheduledTest", {"testID": "71", "sessionKey": "72"}, []),
            ("SetMeeting", {"meetingkey": "71"}, []),
        ],
    )
    def test_what_is_gone_afterwards(self, name: str, body: Body, gone: list[str]) -> None:
        assert [key.text for key in deed_of(sent(name, body)).removed] == gone

    @pytest.mark.parametrize(
        ("text", "addresses"),
        [
            ("a@example.com", {"a@example.com"}),
            ("  A@Example.COM\n", {"a@example.com"}),
            ("Ann <a@x.org>", {"a@x.org"}),
            ("a@x.org,b@example.com", {"a@x.org", "b@example.com"}),
            ("a@x.org; b@example.com", {"a@x.org", "b@example.com"}),
            ('"a b"@x.org, (x) c@y.org', {"c@y.org"}),
            ("noon @ the gate", set()),
        ],
    )
    def test_all_addresses_of_a_text(self, text: str, addresses: set[str]) -> None:
        assert deed_of(sent("SetMeeting", {"attendees": {"email": text}})).addresses >= addresses

    @pytest.mark.parametrize(
        ("xsi_type", "operation", "reads"),
        [
            ("use:getUser", "GetUser", True),
            ("java:com.webex.service.binding.user.GetGadget", "GetGadget", True),
            ("java:com.webex.service.binding.user.ResetGadget", "ResetGadget", False),
            ("nobody:setUser", "setUser", False),
            ("", "", False),
        ],
    )
    def test_of_operations_that_are_not_known_the_name_tells(self, xsi_type: str, operation: str, reads: bool) -> None:
        deed = deed_of(raw(xsi_type, ""))
        assert (deed.operation, deed.reads) == (operation, reads)


def test_a_case_that_calls_what_everybody_uses_needs_leave_for_it_whatever_its_file_says() -> None:
    cases = plan(load_change(cases_root() / "5.9" / "site.yaml"))
    assert any(case.operations & SHARING and case.case.touches == "own" for case in cases)
    for case in cases:
        assert (case.effect is Effect.TOUCH_SHARED) == bool(case.operations & SHARING)


class TestOwn:
    @pytest.mark.parametrize(
        "target",
        [OWN_KEY, "of no mark", "OF NO MARK", OWN_NAME, f"X {RUN_MARK}"],
        ids=["key", "name", "NAME", "marked", "marked otherwise"],  # the mark is another one in each process
    )
    @pytest.mark.parametrize("name", ["SetMeeting", "DelMeeting", "DelSession"])
    def test_what_this_run_created_may_be_changed(self, name: str, target: str, refused: Callable[..., str]) -> None:
        assert refused(sent(name, {"sessionKey": target})) == ""

    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_what_has_the_mark_of_the_run_may_be_created(self, kind: Any, refused: Callable[..., str]) -> None:
        assert refused(sent(kind.create, called(kind, unique()))) == ""

    def test_everything_may_be_read(self, refused: Callable[..., str]) -> None:
        body: Body = {"sessionKey": "71", "email": "kim@other.org"}
        assert {name: refused(sent(name, body)) for name in READING} == dict.fromkeys(READING, "")

    def test_each_operation_on_what_is_ours(self, refused: Callable[..., str]) -> None:
        told = {}
        for name in NAMING:
            (key,) = deed_of(sent(name, about(name, "71"))).targets
            told[name] = refused(sent(name, about(name, OWN.get(key.of, OWN_KEY))))
        assert told == dict.fromkeys(NAMING, "")

    def test_our_own_users_change_themselves(self, refused: Callable[..., str]) -> None:
        told = {name: refused(sent(name, {}, webExID=OWN_NAME)) for name in CALLERS}
        assert told == dict.fromkeys(CALLERS, "")


class TestForeign:
    def test_what_others_have_is_refused(self, refused: Callable[..., str]) -> None:
        told = {name: refused(sent(name, about(name, "71"))) for name in NAMING}
        assert told == {name: f"{name} would change 71, which this run did not create" for name in NAMING}

    @pytest.mark.parametrize("target", ["7000000011", "0700000001", "c-cnf00000000-1", "ann", "*", "%", "''"])
    @pytest.mark.parametrize("name", ["DelSession", "DelUser", "DelLibTests"])
    def test_whatever_it_is_called(self, name: str, target: str, refused: Callable[..., str]) -> None:
        told = f"{name} would change {target}, which this run did not create"
        assert refused(sent(name, about(name, target))) == told

    @pytest.mark.parametrize(
        ("name", "element"),
        [
            *((name, NAMING[name]) for name in ("DelUser", "DelLibTests", "DelScheduledTest", "DelMeetingAttendee")),
            ("AddScheduledTest", "testID"),
        ],
    )
    @pytest.mark.parametrize("target", [OWN_KEY, "of no mark"])
    def test_the_key_of_another_sort_of_object_is_none(
        self, name: str, element: str, target: str, refused: Callable[..., str]
    ) -> None:
        told = f"{name} would change {target}, which this run did not create"
        assert refused(sent(name, {element: target})) == told
        assert refused(sent(name, {"sessionKey": OWN_KEY, element: target})) == told

    def test_a_test_of_the_library_and_of_a_session_may_have_one_number(self, refused: Callable[..., str]) -> None:
        assert refused(sent("DelLibTests", {"testID": OWN["scheduled test"]}))
        assert refused(sent("DelScheduledTest", {"testID": OWN["library test"]}))

    def test_what_everybody_uses_is_refused(self, refused: Callable[..., str]) -> None:
        """Also where it names what is ours, for it is not about that."""
        body: Body = {"sessionKey": OWN_KEY, "webExId": OWN_NAME, "name": OWN_NAME}
        for name in SHARING:
            told = f"{name} changes what others on the site share; touch_shared = true allows that"
            assert refused(sent(name, body)) == told
            assert refused(sent(name, body), touch_shared=True) == ""

    def test_a_copy_of_what_others_have_would_not_be_found_again(self, refused: Callable[..., str]) -> None:
        told = "CopyLibTests would change 71, which this run did not create"
        assert refused(sent("CopyLibTests", {"testID": "71"}), touch_shared=True) == told

    def test_what_is_new_does_not_belong_to_a_session_of_others(self, refused: Callable[..., str]) -> None:
        body = {"metaData": {"confName": OWN_NAME}, "repeat": {"seriesMeetingKey": "71"}}
        assert refused(sent("CreateMeeting", body)) == "CreateMeeting would change 71, which this run did not create"
        assert refused(sent("CreateMeeting", {"metaData": {"confName": OWN_NAME}, "a": {"webExId": "kim"}})) == ""

    @pytest.mark.parametrize(
        "keys", [[OWN_KEY, "71"], ["71", OWN_KEY], [OWN_NAME, "71"]], ids=["last", "first", "name"]
    )
    def test_one_of_several_is_enough(self, keys: list[str], refused: Callable[..., str]) -> None:
        assert refused(sent("DelSession", {"sessionKey": keys})) == (
            "DelSession would change 71, which this run did not create"
        )

    def test_what_names_nothing_is_refused(self, refused: Callable[..., str]) -> None:
        names = NAMING.keys() - CALLERS
        told = {name: refused(sent(name, {"address": "5", "sessionKey": ""})) for name in names}
        assert told == {
            name: f"{name} would change what it does not name, which this run did not create" for name in names
        }

    def test_our_own_account_is_not_of_this_run(self, refused: Callable[..., str]) -> None:
        assert (
            refused(sent("SetUser", {"firstName": "Kim"})) == "SetUser would change ann, which this run did not create"
        )
        assert refused(sent("SetUser", {"firstName": "Kim"}, webExID=OWN_NAME)) == ""

    def test_a_user_gets_no_other_name(self, refused: Callable[..., str]) -> None:
        for name in (unique(), "ann2"):
            body = {"webExId": OWN_NAME, "newWebExId": name}
            assert refused(sent("SetUser", body), touch_shared=True) == (
                "SetUser would give a user another name, under which no sweep would find him"
            )

    @pytest.mark.parametrize("name", sorted(CREATING))
    @pytest.mark.parametrize("told", ["", "Weekly", "cnf", "c-cnf00000000-1"])
    def test_a_name_without_the_mark_is_not_created(self, name: str, told: str, refused: Callable[..., str]) -> None:
        kind = CREATED_BY[name]
        assert refused(sent(name, called(kind, told)), touch_shared=True) == (
            f"{name} creates a {kind.word} whose name does not tell this run; use unique()"
        )

    def test_touch_shared_allows_what_others_have(self, refused: Callable[..., str]) -> None:
        assert refused(sent("SetMeeting", {"sessionKey": "71"}), touch_shared=True) == ""
        assert refused(sent("SetUser", {"firstName": "Kim"}), touch_shared=True) == ""

    @pytest.mark.parametrize("data", [raw("", ""), raw("nobody:delMeeting", "<meetingKey>71</meetingKey>")])
    def test_what_we_do_not_know_is_refused(self, data: bytes, refused: Callable[..., str]) -> None:
        assert refused(data).endswith("which this run did not create")


class TestUnreadable:
    @pytest.mark.parametrize("data", [b"", b" ", b"\0\1", b"<serv:message", b"no xml", b"<a/>", b"\xff\xfe<"])
    def test_what_nobody_can_read_does_nothing(self, data: bytes, refused: Callable[..., str]) -> None:
        assert deed_of(data) == Deed("", reads=True)
        assert refused(data, kind="production") == ""

    @pytest.mark.parametrize(
        "before",
        [b"<!DOCTYPE a>", b"<?xml version='1.0' encoding='Shift_JIS'?>", b"<!--" + b"x" * MAX_BODY + b"-->"],
        ids=["doctype", "encoding", "size"],
    )
    def test_what_only_we_do_not_read_is_refused(self, before: bytes, refused: Callable[..., str]) -> None:
        data = before + request("DelMeeting", {"meetingKey": "71"}).partition(b"?>\n")[2]
        assert refused(data) == "the request would change what it does not name, which this run did not create"


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "kim@example.com",
            "kim@EXAMPLE.org",
            "kim@a.example.net",
            "kim@mail.test",
            "kim@x.invalid",
            "ANN@example.com",
        ],
    )
    def test_that_no_stranger_reads(self, address: str, refused: Callable[..., str]) -> None:
        assert refused(sent("CreateUser", {"webExId": OWN_NAME, "email": address})) == ""

    def test_of_the_domain_of_the_profile_and_of_our_accounts(self, refused: Callable[..., str]) -> None:
        body = {"webExId": OWN_NAME, "email": ["kim@qa.corp.net", "bob@home.net"]}
        accounts = {"host": {"web_ex_id": "bob", "email": "Bob@home.net", "password": "file:bob.secret"}}
        assert refused(sent("CreateUser", body), mail_domain="QA.corp.net", accounts=accounts) == ""

    @pytest.mark.parametrize(
        "address",
        [
            "kim@other.org",
            "kim@notexample.com",
            "kim@example.com.other.org",
            "kim@sub.qa.corp.net",
            "kim@test",
            "kim@example.com@other.org",
            "Kim <kim@other.org>",
            "kim@other.org,ann@example.com",
            "ann@example.com; kim@other.org",
        ],
    )
    @pytest.mark.parametrize("name", ["CreateUser", "CreateMeeting", "CreateMeetingAttendee", "SetUser", "SetMeeting"])
    def test_of_strangers(self, name: str, address: str, refused: Callable[..., str]) -> None:
        body = {"webExId": OWN_NAME, "metaData": {"confName": OWN_NAME}, "people": {"person": {"email": address}}}
        told = refused(sent(name, body), mail_domain="qa.corp.net", touch_shared=True)
        assert told.startswith(f"{name} would let the site write to ")
        assert told.endswith(", which is not in our domain")


class TestProduction:
    def test_nothing_is_changed(self, refused: Callable[..., str]) -> None:
        body = {"webExId": OWN_NAME, "sessionKey": OWN_KEY, "metaData": {"confName": OWN_NAME, "sessionName": OWN_NAME}}
        for name in OPERATIONS.keys() - READING:
            assert refused(sent(name, body), kind="production", touch_shared=True) == (
                f"{name} changes a production site; only reading is allowed there"
            )

    def test_the_words_allow_it(self, refused: Callable[..., str]) -> None:
        allowed = {"kind": "production", "change_production": PERMISSION}
        assert refused(request("CreateMeeting", meeting(OWN_NAME)), **allowed) == ""
        assert refused(request("CreateUser", user(OWN_NAME)), **allowed) == ""
        assert refused(request("DelMeeting", {"meetingKey": "71"}), **allowed)


foreign = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip()) and RUN_MARK not in text and text.strip().casefold() not in (OWN_KEY, "of no mark")
)
own_targets = st.sampled_from([OWN_KEY, OWN_NAME, "of no mark"])
sorts = {
    "meetingKey": "session",
    "sessionkey": "session",
    "webExID": "user",
    "testID": "test",
    "recordingID": "recording",
}


@given(
    name=st.sampled_from(sorted(OPERATIONS.keys() - READING - CREATING)),
    targets=st.lists(st.tuples(st.sampled_from(list(sorts)), st.one_of(own_targets, foreign)), min_size=1, max_size=4),
    depth=st.integers(0, 3),
)
def test_no_change_of_what_is_neither_in_the_ledger_nor_marked_ever_passes(
    name: str, targets: list[tuple[str, str]], depth: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    body: Any = [{element: text} for element, text in targets]
    body = {"objects": body}
    for _ in range(depth):
        body = {"within": body}
    settings = SiteSettings.model_validate(
        {"endpoint": "https://go.webex.example.com/x", "site_name": "go", "kind": "staging"}
    )
    ledger = Ledger(tmp_path_factory.getbasetemp() / "ledger-of-the-property")
    ledger._take(
        {"event": "created", "kind": "meeting", "name": "of no mark", "role": "host", "case": "c",
         "at": "2026-11-22T10:00:00+00:00", "key": OWN_KEY, "number": 1}
    )  # fmt: skip
    ours = [
        RUN_MARK in text or (sorts[element] == "session" and text.strip().casefold() in (OWN_KEY, "of no mark"))
        for element, text in targets
    ]
    by_nobody = name in CALLERS and "webExID" not in dict(targets)  # so it is about the caller
    deed = deed_of(sent(name, body))
    if not all(ours) or by_nobody or name in SHARING:
        with pytest.raises(NotApplicable):
            refuse_foreign(deed, settings, ledger)
    else:
        refuse_foreign(deed, settings, ledger)
