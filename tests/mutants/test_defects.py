"""The defects that a mock can have: each is wrong in what it says, and in nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from defective import PASSWORD, Defective, having

from conformance.mock.defect_answers import Answering, Carried, Edit, Refusing, Succeeding, Told
from conformance.mock.defect_conditions import Changed, ClockAhead, Configured
from conformance.mock.defect_requests import Hearing, TakenFor
from conformance.mock.defect_states import (
    ActingAnyway,
    DoingTwice,
    FirstAddressCounts,
    Forgetting,
    KeepingTheLink,
    Lagging,
    Mailing,
    MailingAlways,
    MixingUp,
    Remembering,
    RepeatingKeys,
    Spoiling,
)
from conformance.mock.state import Settings
from conformance.mock.users import confirm_email
from conformance.versions import Version

PAST = "40.2.0/start-time-in-the-past"
STRANGERS = "40.2.0/anonymous-lstsummarysession"
WAITING = Settings(email_change_needs_confirmation=True)


def own_address(site: Defective, email: str) -> str:
    """Let the host change his address."""
    return site.result("SetUser", {"webExId": "host", "email": email})


class TestAim:
    def test_a_site_without_defect_answers_as_ever(self) -> None:
        site = having()
        assert site.result("GetMeeting", {"meetingKey": site.meeting()}) == "SUCCESS"

    def test_only_the_operations_that_are_named_are_wrong(self) -> None:
        site = having(Refusing("999999", "No"), operations=("Get*",))
        assert site.result("GetMeeting", {"meetingKey": site.meeting()}) == "999999"
        assert site.result("LstsummarySession", {}) == "SUCCESS"

    @pytest.mark.parametrize(("calls", "results"), [("first", ["1", "SUCCESS"]), ("later", ["SUCCESS", "1"])])
    def test_calls_are_counted(self, calls: str, results: list[str]) -> None:
        site = having(Refusing("1", "No"), operations=("GetUser",), calls=calls)
        site.result("LstsummarySession", {})
        assert [site.result("GetUser", {"webExId": "host"}) for _ in range(2)] == results

    def test_several_things_can_be_wrong_the_first_one_innermost(self) -> None:
        site = having(Refusing("000015", "No"), Answering((Edit("//serv:exceptionID", "text", "{}0"),)))
        assert site.result("GetUser", {}) == "0000150"

    def test_it_says_whether_it_made_a_difference(self) -> None:
        wrong = Hearing(deaf_to=("email",))
        site = having(wrong, operations=("SetUser",))
        site.result("SetUser", {"webExId": "host", "firstName": "Kim"})
        assert wrong.befell == 0
        own_address(site, "new@example.com")
        assert wrong.befell == 1


class TestAnswers:
    @pytest.mark.parametrize(
        ("edit", "there", "text"),
        [
            (("//meet:confName", "remove", ""), 0, ""),
            (("//meet:confName", "empty", ""), 1, ""),
            (("//meet:confName", "blank", ""), 1, " "),
            (("//meet:confName", "text", "{} or not"), 1, "Weekly or not"),
            (("//meet:confName", "substitute", "^W => w"), 1, "weekly"),
            (("//meet:confName", "upper", ""), 1, "WEEKLY"),
            (("//meet:confName", "twice", ""), 2, "Weekly"),
            (("//meet:confName", "rename", "name"), 0, ""),
            (("//meet:confName", "namespace", "urn:example:other"), 0, ""),
            (("//meet:confName", "namespace", ""), 0, ""),
        ],
    )
    def test_an_element_is_changed(self, edit: tuple[str, str, str], there: int, text: str) -> None:
        site = having(Answering((Edit(*edit),)), operations=("GetMeeting",))
        body = {"meetingKey": site.meeting()}
        assert len(site.call("GetMeeting", body).root.findall(".//{*}metaData/{*}confName")) >= there
        assert site.text("//meet:confName", "GetMeeting", body) == text

    def test_elements_are_added_moved_loosened_and_typed(self) -> None:
        edits = (
            Edit("//meet:metaData", "add", "meet:colour=red"),
            Edit("//meet:metaData", "add", "{urn:example:other}trace"),
            Edit("//meet:metaData/meet:confName", "last"),
            Edit("//meet:schedule", "first"),
            Edit("//meet:telephony", "loosen"),
            Edit("//serv:bodyContent", "type", "meet:other"),
        )
        site = having(Answering(edits), operations=("GetMeeting",))
        root = site.call("GetMeeting", {"meetingKey": site.meeting()}).root
        content = root.find(".//{*}bodyContent")
        assert content[0].tag.endswith("}schedule")
        assert [child.tag.rpartition("}")[2] for child in content.find("{*}metaData")][-3:] == [
            "colour",
            "trace",
            "confName",
        ]
        assert content.find("{*}telephony").text == "text"
        assert list(content.attrib.values()) == ["meet:other"]

    def test_a_date_is_shifted(self) -> None:
        site = having(Answering((Edit("//meet:startDate", "shift", "86400"),)), operations=("GetMeeting",))
        key = site.meeting(startDate="01/31/2199 23:00:00")
        assert site.text("//meet:startDate", "GetMeeting", {"meetingKey": key}) == "02/01/2199 23:00:00"

    @pytest.mark.parametrize(
        ("verb", "order"), [("reverse", "cba"), ("swap", "cba"), ("repeat", "aab")], ids=["reverse", "swap", "repeat"]
    )
    def test_several_elements_change_places(self, verb: str, order: str) -> None:
        site = having(Answering((Edit("//ep:session/ep:confName", verb),)), operations=("LstsummarySession",))
        for name in "abc":
            site.call("CreateMeeting", {**site.form(), "metaData": {"confName": name}})
        root = site.call("LstsummarySession", {"order": {"orderBy": "CONFNAME"}}).root
        assert "".join(root.xpath("//*[local-name()='confName']/text()")) == order

    def test_without_anything_to_change_the_answer_is_what_it_was(self) -> None:
        edit = Answering((Edit("//meet:confName", "remove"), Edit("//meet:nothing", "remove")))
        site = having(edit, operations=("GetMeeting",))
        assert site.text("//meet:confName", "GetMeeting", {"meetingKey": site.meeting()}) == "Weekly"
        assert edit.befell == 0

    def test_a_call_is_refused_and_not_done(self) -> None:
        site = having(Refusing("060016", "Too late"), operations=("CreateMeeting",))
        assert site.result("CreateMeeting", site.form()) == "060016"
        assert site.result("LstsummarySession", {}) == "000015"

    def test_a_refusal_is_called_a_success(self) -> None:
        site = having(Succeeding())
        assert site.result("GetMeeting", {"meetingKey": "1"}) == "SUCCESS"
        assert site.text("//meet:confName", "GetMeeting", {"meetingKey": site.meeting()}) == "Weekly"

    def test_failures_are_carried_by_another_status(self) -> None:
        site = having(Carried(500))
        assert site.reply("GetMeeting", {"meetingKey": "1"}).status == 500
        assert site.reply("GetUser", {}).status == 200

    def test_the_password_is_told(self) -> None:
        site = having(Told())
        assert PASSWORD in site.call("GetMeeting", {"meetingKey": "1"}).reason
        assert PASSWORD.encode() in site.reply("GetUser", {}).body
        assert site.result("LstsummarySession", {}, caller="") == "000015"


class TestRequests:
    def test_an_element_is_not_read(self) -> None:
        site = having(Hearing(deaf_to=("schedule/duration", "nothing/below")), operations=("CreateMeeting",))
        assert site.text("//meet:duration", "GetMeeting", {"meetingKey": site.meeting(duration="15")}) == "60"

    def test_an_element_is_read_where_none_was_sent(self) -> None:
        site = having(Hearing(hears={"schedule/duration": "7"}), operations=("CreateMeeting",))
        assert site.text("//meet:duration", "GetMeeting", {"meetingKey": site.meeting()}) == "7"

    def test_some_texts_are_read_otherwise(self) -> None:
        site = having(Hearing(mishears={"schedule/duration": {"15": "16"}}), operations=("CreateMeeting",))
        seen = [
            site.text("//meet:duration", "GetMeeting", {"meetingKey": site.meeting(duration=d)}) for d in ("15", "20")
        ]
        assert seen == ["16", "20"]

    @pytest.mark.parametrize(
        ("who", "result"),
        [("siteAdmin", "SUCCESS"), ("host", "000001"), ("anonymous", "000001"), ("named", "000001")],
    )
    def test_a_caller_is_taken_for_another(self, who: str, result: str) -> None:
        site = having(TakenFor(who))
        assert site.result("GetUser", {"webExId": "attendee"}, caller="host") == result

    def test_whoever_is_named_needs_no_password(self) -> None:
        site = having(TakenFor("named"))
        assert site.result("GetUser", {}, caller="host", password="wrong") == "SUCCESS"
        assert site.result("GetUser", {}, caller="nobody", password="wrong") == "030002"

    def test_a_caller_is_taken_for_whom_the_call_is_about(self) -> None:
        site = having(TakenFor("owner"), settings=WAITING)
        site.result("SetUser", {"webExId": "host", "email": "new@example.com"}, caller="siteadmin")
        assert site.text("//use:email", "GetUser", {}) == "host@example.com"


class TestConditions:
    def test_a_change_is_missing(self) -> None:
        site = having(Changed(lacks=frozenset({STRANGERS})), operations=("LstsummarySession",))
        site.meeting()
        assert site.result("LstsummarySession", {}, caller="") == "SUCCESS"
        assert STRANGERS in site.site.changes

    def test_a_change_is_there_too_early(self) -> None:
        site = having(Changed(has=frozenset({STRANGERS})), version=Version.parse("40.1.0"))
        site.meeting()
        assert site.result("LstsummarySession", {}, caller="") == "000015"

    def test_a_setting_is_not_minded(self) -> None:
        wrong = Configured({"session_passwords_required": False})
        site = having(wrong, operations=("CreateMeeting",))
        assert site.text("//meet:meetingPassword", "CreateMeeting", site.form()) == ""
        assert site.site.settings.session_passwords_required

    def test_the_clock_is_ahead(self) -> None:
        site = having(ClockAhead(3600), operations=("CreateMeeting",))
        soon = site.date(timedelta(minutes=5))
        before = site.site.clock.offset
        assert site.result("CreateMeeting", site.form(startDate=soon)) == "060016"
        assert site.site.clock.offset == before


class TestStates:
    def test_nothing_is_kept(self) -> None:
        site = having(Forgetting(), operations=("CreateMeeting",))
        assert site.result("GetMeeting", {"meetingKey": site.meeting()}) == "060001"

    def test_what_is_refused_is_done(self) -> None:
        site = having(ActingAnyway(frozenset({PAST})), operations=("CreateMeeting",))
        assert site.result("CreateMeeting", site.form(startDate="01/01/2020 10:00:00")) == "060016"
        assert site.result("LstsummarySession", {}) == "SUCCESS"
        assert PAST in site.site.changes

    def test_what_is_asked_is_done_twice(self) -> None:
        site = having(DoingTwice(), operations=("CreateMeeting",))
        site.meeting()
        assert site.text("//serv:total", "LstsummarySession", {}) == "2"

    def test_everything_has_the_same_key(self) -> None:
        site = having(RepeatingKeys(), operations=("CreateMeeting",))
        assert site.meeting() == site.meeting()
        assert site.text("//serv:total", "LstsummarySession", {}) == "1"

    def test_a_call_is_answered_from_memory(self) -> None:
        site = having(Remembering(), operations=("GetUser",))
        before = site.text("//use:firstName", "GetUser", {"webExId": "host"})
        site.result("SetUser", {"webExId": "host", "firstName": "Robin"})
        assert site.text("//use:firstName", "GetUser", {"webExId": "host"}) == before
        assert site.text("//use:firstName", "GetUser", {}) == "Robin"

    def test_the_first_read_after_a_change_sees_the_past(self) -> None:
        site = having(Lagging())
        site.result("SetUser", {"webExId": "host", "firstName": "Robin"})
        seen = [site.text("//use:firstName", "GetUser", {}) for _ in range(2)]
        assert seen == ["Host", "Robin"]

    def test_a_call_gets_the_answer_of_the_one_before(self) -> None:
        site = having(MixingUp(), operations=("GetUser",))
        assert site.text("//use:webExId", "GetUser", {}) == "host"
        assert site.text("//use:webExId", "GetUser", {}, caller="attendee") == "host"
        assert site.text("//use:webExId", "GetUser", {}) == "attendee"

    @pytest.mark.parametrize(
        ("what", "address", "clicked"),
        [
            ("click links nothing", "host@example.com", "host@example.com"),
            ("no link works", "host@example.com", "host@example.com"),
            ("linked at once", "new@example.com", "new@example.com"),
            ("address is dropped", "nobody@example.com", "new@example.com"),
        ],
    )
    def test_what_happens_to_an_address(self, what: str, address: str, clicked: str) -> None:
        site = having(Spoiling(what), operations=("SetUser",), settings=WAITING)
        own_address(site, "new@example.com")
        assert site.text("//use:email", "GetUser", {}) == address
        confirm_email(site.site, site.site.outbox[-1].links[0].rpartition("/")[2])
        assert site.text("//use:email", "GetUser", {}) == clicked

    def test_what_happens_to_sessions(self) -> None:
        site = having(Spoiling("all sessions go"), operations=("SetUser",))
        site.meeting()
        own_address(site, "new@example.com")
        assert site.result("LstsummarySession", {}) == "000015"

    @pytest.mark.parametrize(
        ("what", "password"), [("passwords are forgotten", ""), ("passwords are others", "Other1Pass")]
    )
    def test_what_happens_to_passwords(self, what: str, password: str) -> None:
        site = having(Spoiling(what), operations=("CreateMeeting",))
        key = site.meeting()
        assert site.text("//meet:meetingPassword", "GetMeeting", {"meetingKey": key}) == password

    def test_what_happens_to_attendees(self) -> None:
        site = having(Spoiling("attendees are lost"), operations=("RegisterMeetingAttendee",))
        key = site.meeting()
        people = [{"person": {"name": n, "email": f"{n}@example.com"}, "sessionKey": key} for n in ("kim", "alex")]
        assert site.result("RegisterMeetingAttendee", {"attendees": people}) == "SUCCESS"
        assert site.text("//serv:total", "GetEnrollmentInfo", {"sessionKey": key}) == "1"

    def test_of_several_addresses_the_first_counts(self) -> None:
        site = having(FirstAddressCounts(), operations=("SetUser",), settings=WAITING)
        own_address(site, "first@example.com")
        own_address(site, "second@example.com")
        assert confirm_email(site.site, site.site.outbox[-1].links[0].rpartition("/")[2]) is not None
        assert site.text("//use:email", "GetUser", {}) == "first@example.com"

    def test_an_earlier_link_works_too(self) -> None:
        site = having(KeepingTheLink(), operations=("SetUser",), settings=WAITING)
        own_address(site, "first@example.com")
        own_address(site, "second@example.com")
        assert site.site.outbox[0].links == site.site.outbox[1].links
        assert confirm_email(site.site, site.site.outbox[0].links[0].rpartition("/")[2]) is not None
        assert site.text("//use:email", "GetUser", {}) == "second@example.com"

    def test_mails_are_others(self) -> None:
        fields = {"to": "x{}", "subject": "S", "body": "B", "language": "xx", "html": "true", "link": "{}0"}
        site = having(Mailing(fields, copies=2), operations=("SetUser",), settings=WAITING)
        own_address(site, "new@example.com")
        one, two = site.site.outbox
        assert one == two
        assert (one.to, one.subject, one.body, one.language, one.html) == ("xnew@example.com", "S", "B", "xx", True)
        assert one.links[0].endswith("0")

    def test_mails_are_lost(self) -> None:
        site = having(Mailing(copies=0), operations=("SetUser",), settings=WAITING)
        own_address(site, "new@example.com")
        assert site.site.outbox == []

    def test_a_mail_asks_where_nothing_waits(self) -> None:
        site = having(MailingAlways(), operations=("SetUser",))
        own_address(site, "new@example.com")
        assert [mail.to for mail in site.site.outbox] == ["new@example.com"]
