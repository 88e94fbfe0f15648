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

from conformance.cases.values import RUN_MARK, unique
from conformance.live.guard import Deed, deed_of, refuse_foreign
from conformance.live.ledger import Entry, Ledger
from conformance.live.settings import SiteSettings
from conformance.site.seam import NotApplicable
from conformance.wire.effects import CREATED_BY, KINDS
from conformance.wire.limits import MAX_BODY
from conformance.wire.names import OPERATIONS, operation
from conformance.wire.request import Body, build_request

OWN_KEY, OWN_NAME = "700000001", f"c-{RUN_MARK}-1"
READING = {
    "AuthenticateUser", "GetUser", "LstsummaryUser", "GetAPIVersion", "GetSessionInfo", "LstsummarySession",
    "GetMeeting", "LstsummaryMeeting", "GethosturlMeeting", "GetjoinurlMeeting", "GetTeleconferenceSession",
    "GetTrainingSession", "GetEvent", "LstMeetingAttendee", "GetEnrollmentInfo", "LstAccessAnywhereHistory", "GetSite",
}  # fmt: skip
CREATING = {"CreateUser", "CreateMeeting", "CreateTeleconferenceSession", "CreateTrainingSession", "CreateEvent"}
TAKING = {"DelUser", "DelSession", "DelMeeting", "DelTrainingSession", "DelEvent", "DelMeetingAttendee"}
PERMISSION = "cases may create and delete objects on the production site go"


def sent(name: str, body: Body, **security: str) -> bytes:
    return build_request(operation(name), {"siteName": "go", "webExID": "ann", **security}, body)


def raw(xsi_type: str, content: str) -> bytes:
    return (
        '<serv:message xmlns:serv="x" xmlns:xsi="y"><header/><body>'
        f'<bodyContent xsi:type="{xsi_type}">{content}</bodyContent></body></serv:message>'
    ).encode()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with one meeting whose name says nothing of the run, and its key."""
    ledger = Ledger(tmp_path / "ledger")
    ledger.created(ledger.intend(Entry("meeting", "of no mark", "host", "c", datetime.now(UTC))), OWN_KEY)
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
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_of_each_operation(self, name: str) -> None:
        """Whoever adds an operation says here what it does."""
        deed = deed_of(sent(name, {"sessionKey": "71", "email": "kim@example.com"}))
        assert (deed.operation, deed.reads) == (name, name in READING)
        assert (deed.creates is not None) == (name in CREATING)
        assert deed.deletes == (name in TAKING)
        assert deed.targets == ("71",)
        assert deed.addresses == (frozenset() if name in READING | TAKING else {"kim@example.com"})

    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_of_what_is_created_the_name(self, kind: Any) -> None:
        body: Body = f" {OWN_NAME} "
        for part in reversed(kind.name.split("/")):
            body = {part: body}
        deed = deed_of(sent(kind.create, body))
        assert (deed.creates, deed.name) == (kind, OWN_NAME)

    @pytest.mark.parametrize(
        "element", ["meetingKey", "meetingkey", "MeetingKey", "sessionKey", "sessionkey", "webExID", "webExId"]
    )
    def test_targets_in_every_spelling_and_depth(self, element: str) -> None:
        data = sent("RegisterMeetingAttendee", {"attendees": [{element: " 71 "}, {element: "72"}, {element: ""}]})
        assert deed_of(data).targets == ("71", "72")

    def test_without_a_name_set_user_is_about_the_caller(self) -> None:
        assert deed_of(sent("SetUser", {"firstName": "Kim"})).targets == ("ann",)
        assert deed_of(sent("SetMeeting", {"metaData": ""})).targets == ()

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
        body: Body = unique()
        for part in reversed(kind.name.split("/")):
            body = {part: body}
        assert refused(sent(kind.create, body)) == ""

    @pytest.mark.parametrize("name", sorted(READING))
    def test_everything_may_be_read(self, name: str, refused: Callable[..., str]) -> None:
        assert refused(sent(name, {"sessionKey": "71", "email": "kim@other.org"})) == ""


class TestForeign:
    @pytest.mark.parametrize("target", ["71", "7000000011", "0700000001", "c-cnf00000000-1", "ann", "*", "%", "''"])
    @pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - READING - CREATING))
    def test_what_others_have_is_refused(self, name: str, target: str, refused: Callable[..., str]) -> None:
        assert refused(sent(name, {"sessionKey": target})) == (
            f"{name} would change {target}, which this run did not create"
        )

    @pytest.mark.parametrize(
        "keys", [[OWN_KEY, "71"], ["71", OWN_KEY], [OWN_NAME, "71"]], ids=["last", "first", "name"]
    )
    def test_one_of_several_is_enough(self, keys: list[str], refused: Callable[..., str]) -> None:
        assert refused(sent("DelSession", {"sessionKey": keys})) == (
            "DelSession would change 71, which this run did not create"
        )

    @pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - READING - CREATING - {"SetUser"}))
    def test_what_names_nothing_is_refused(self, name: str, refused: Callable[..., str]) -> None:
        assert refused(sent(name, {"attendeeID": "5", "sessionKey": ""})) == (
            f"{name} would change what it does not name, which this run did not create"
        )

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
    @pytest.mark.parametrize("called", ["", "Weekly", "cnf", "c-cnf00000000-1"])
    def test_a_name_without_the_mark_is_not_created(self, name: str, called: str, refused: Callable[..., str]) -> None:
        kind = CREATED_BY[name]
        body: Body = called
        for part in reversed(kind.name.split("/")):
            body = {part: body}
        assert refused(sent(name, body), touch_shared=True) == (
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
    @pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - READING))
    def test_nothing_is_changed(self, name: str, refused: Callable[..., str]) -> None:
        body = {"webExId": OWN_NAME, "metaData": {"confName": OWN_NAME, "sessionName": OWN_NAME}}
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
spellings = st.sampled_from(["meetingKey", "meetingkey", "sessionKey", "sessionkey", "webExId", "webExID"])


@given(
    name=st.sampled_from(sorted(OPERATIONS.keys() - READING - CREATING)),
    targets=st.lists(st.tuples(spellings, st.one_of(own_targets, foreign)), min_size=1, max_size=4),
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
    strange = [text for _, text in targets if RUN_MARK not in text and not ledger.owns(text.strip())]
    deed = deed_of(sent(name, body))
    if strange or "@" in str(targets):
        with pytest.raises(NotApplicable):
            refuse_foreign(deed, settings, ledger)
    else:
        refuse_foreign(deed, settings, ledger)
