"""What is taken for the same in two answers, rule by rule, and what a rule must not hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import xml_texts

from conformance.compare.masks import KEYS, RULES, Masks

UUID = "89c055e0f670a97fa31888ed0ce264e5"
DASHED = "5ad4b1b2-51c5-4a2c-8a2d-9d5f3f1b2c3d"

SAME = [
    ("time", "startDate", "11/22/2026 02:14:09", "9/1/2027 12:00:00"),
    ("time", "whatever", "2026-11-22T02:14:09Z", "2027-01-01T00:00:00Z"),
    ("time", "createTime", "1763776449123", "1763776450000"),
    ("key", "sessionkey", "700000004", "9"),
    ("key", "reason", "Session 700000004 is not there", "Session 700123 is not there"),
    ("uuid", "meetingUUID", UUID, UUID[::-1]),
    ("uuid", "whatever", DASHED, DASHED.upper()),
    ("made-up", "title", "meetingcnf0123abcdn7", "meetingcnfdcba3210n12"),
    ("made-up", "email", "new.usercnf0123abcdn7@example.com", "new.usercnfdcba3210n12@example.com"),
    ("url", "host", "https://a.example.com/a/j.php?MTID=m1", "https://b.example.com/b/j.php?MTID=m22"),
    ("host", "sipURL", "700@a.example.com", "700@b.example.com"),
    ("address", "clientIP", "192.0.2.1", "198.51.100.200"),
    ("people", "firstName", "Kim", "Robin"),
    ("people", "hostWebExID", "kim.sample", "robin.test"),
    ("count", "total", "12", "7"),
]

OTHER = [
    ("startDate", "11/22/2026 02:14:09", "2026-11-22T02:14:09Z", "another way to write a time"),
    ("startDate", "11/22/2026 02:14:09", "", "a time that is gone"),
    ("sessionkey", "700000004", "", "a key that is gone"),
    ("sessionkey", "700000004", "x", "a key that is no number"),
    ("duration", "60", "90", "a number that is no key"),
    ("meetingUUID", UUID, "700", "no UUID any more"),
    ("title", "meetingcnf0123abcdn7", "renamedcnfdcba3210n12", "another name of ours"),
    ("email", "new.usercnf0123abcdn7@example.com", "usercnfdcba3210n12@example.com", "another address of ours"),
    ("host", "https://a.example.com/a/j.php?MTID=m1", "https://b.example.com/b/k.php?MTID=m22", "another path"),
    ("host", "https://a.example.com/a/j.php?MTID=m1", "https://b.example.com/b/j.php?PW=m22", "another parameter"),
    ("host", "https://a.example.com/a", "http://b.example.com/b", "another scheme"),
    ("clientIP", "192.0.2.1", "localhost", "no address any more"),
    ("firstName", "Kim", "", "a name that is gone"),
    ("status", "NOT_INPROGRESS", "INPROGRESS", "another state"),
    ("domain", " ", "", "a blank"),
    ("reason", "Session 700000004 is not there", "Session 700000004 is there", "another sentence"),
]


def masks() -> Masks:
    return Masks(frozenset({"a.example.com"}), frozenset({"b.example.com"}))


@pytest.mark.parametrize(("rule", "name", "a", "b"), SAME, ids=[f"{rule}-{name}" for rule, name, *_ in SAME])
def test_each_rule_takes_for_the_same_what_it_says(rule: str, name: str, a: str, b: str) -> None:
    assert masks().same(name, a, b, listing=True) == rule


@pytest.mark.parametrize(("name", "a", "b"), [row[:3] for row in OTHER], ids=[row[3] for row in OTHER])
def test_no_rule_hides(name: str, a: str, b: str) -> None:
    assert masks().same(name, a, b, listing=True) is None
    swapped = Masks(frozenset({"b.example.com"}), frozenset({"a.example.com"}))
    assert swapped.same(name, b, a, listing=True) is None


def test_every_rule_is_listed_and_every_listed_rule_is_used() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert {row[0] for row in SAME} | {"sent", "others"} == set(names)
    assert all(rule.says and "\n" not in rule.says for rule in RULES)


def test_counts_count_where_the_answer_is_no_list() -> None:
    assert masks().same("total", "12", "7", listing=False) is None


@given(st.sampled_from([*KEYS, "reason", "total", "status"]), xml_texts, st.booleans())
def test_a_value_is_the_same_as_itself_without_any_rule(name: str, value: str, listing: bool) -> None:
    assert masks().same(name, value, value, listing=listing) == ""


@given(st.sampled_from([*KEYS, "reason", "total", "status"]), xml_texts, xml_texts)
def test_what_differs_one_way_differs_the_other_way(name: str, a: str, b: str) -> None:
    one, other = Masks(), Masks()
    assert one.same(name, a, b, listing=True) == other.same(name, b, a, listing=True)


class TestSent:
    REQUEST = (
        "<serv:message><header><securityContext><webExID>{who}</webExID></securityContext></header><body>"
        "<bodyContent xsi:type='java:com.webex.service.binding.meeting.CreateMeeting'><metaData>"
        "<confName>{name}</confName></metaData><status>{status}</status></bodyContent></body></serv:message>"
    )

    def learnt(self) -> Masks:
        known = masks()
        known.learn(
            self.REQUEST.format(who="kim", name="weekly", status="A"),
            self.REQUEST.format(who="robin", name="daily", status="A"),
        )
        return known

    def test_what_each_run_sent_itself_at_the_same_place_is_the_same(self) -> None:
        assert self.learnt().same("title", "weekly", "daily", listing=False) == "sent"

    def test_what_the_other_run_sent_is_not(self) -> None:
        assert self.learnt().same("title", "daily", "weekly", listing=False) is None

    def test_a_name_that_was_sent_and_does_not_come_back_is_a_difference(self) -> None:
        assert self.learnt().same("confName", "weekly", "something else", listing=False) is None

    def test_the_caller_corresponds_but_what_is_his_is_not_ours(self) -> None:
        known = self.learnt()
        assert known.same("hostWebExID", "kim", "robin", listing=False) == "sent"
        assert not known.owns("hostWebExID", "kim", of_a=True)
        assert known.owns("confName", "weekly", of_a=True)
        assert not known.owns("confName", "weekly", of_a=False)

    @pytest.mark.parametrize("text", ["", "no XML", "<message/>", "<a><b>", "\ud800", "\0"])
    def test_what_is_no_request_teaches_nothing(self, text: str) -> None:
        known = masks()
        known.learn(text, self.REQUEST.format(who="x", name="y", status="z"))
        assert not known.pairs


def test_links_that_are_none_are_compared_as_they_stand() -> None:
    assert masks().same("host", "http://[::1/x", "http://[::1/y", listing=False) is None
