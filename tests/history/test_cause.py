"""The cause of a verdict: the same for all cases that share a defect, another for another defect."""

from __future__ import annotations

from dataclasses import replace

import pytest
from history_support import VERDICTS, result, step
from hypothesis import given
from hypothesis import strategies as st

from conformance.history.cause import MAX_CAUSE, cause, plain, step_cause
from conformance.run.verdicts import Check, StepResult, Verdict

FAIL = Verdict.FAIL


def failed(*checks: Check, letter: str = "F", reason: str = "r") -> str:
    """Return the cause of a case whose step had these checks."""
    first = Check("schema.request", Verdict.PASS, "schemas of 40.4.3", "valid", "valid")
    return cause(result("a", letter, reason=reason, steps=(step(VERDICTS[letter], checks=(first, *checks)),)))


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (Check("exceptionID", FAIL, "serv:exceptionID", "060001", "060016"), "exceptionID serv:exceptionID 060016"),
        (Check("exceptionID", FAIL, "serv:exceptionID", "060016", "none"), "exceptionID serv:exceptionID none"),
        (
            Check("result", FAIL, "serv:result", "SUCCESS", "FAILURE", "060016 Session start time of qa@example.com"),
            "result serv:result FAILURE 060016",
        ),
        (Check("result", FAIL, "serv:result", "FAILURE", "SUCCESS"), "result serv:result SUCCESS"),
        (Check("open", FAIL, "the link", "refused", "ok"), "open the link ok"),
        (Check("xpath", FAIL, "//meet:confName", "text: a", "meeting-cnf1"), "xpath //meet:confName"),
        (
            Check("xpath", FAIL, "//m:meeting[m:key='700000004'][2]/m:phone2", "x", "y"),
            "xpath //m:meeting[m:key='…'][N]/m:phone2",
        ),
        (Check("mail.count", FAIL, "mail to a.b+7@example.com", "1", "0"), "mail.count mail to <address>"),
        (Check("schema.response.type", FAIL, "/a:b/c:d[3]", "x", "'11/23/2026'"), "schema.response.type /a:b/c:d[N]"),
    ],
)
def test_it_is_the_check_its_subject_and_the_code_that_was_seen(check: Check, told: str) -> None:
    assert failed(check) == told


def test_names_times_and_keys_do_not_part_what_is_one_defect() -> None:
    def check(name: str, key: str, time: str) -> Check:
        note = f"060016 {name} at {time}"
        return Check("result", FAIL, f"//m:meeting[m:confName='{name}'][{key}]", "SUCCESS", "FAILURE", note)

    one = failed(check("meeting-cnf1", "1", "11/22/2026 10:00:00"))
    assert one == failed(check("training-cnf2", "22", "2026-11-23T04:05:06Z"))
    assert one != failed(check("meeting-cnf1", "1", "x").__class__("result", FAIL, "y", "SUCCESS", "FAILURE", "060001"))


def test_another_code_is_another_cause() -> None:
    seen = {failed(Check("exceptionID", FAIL, "serv:exceptionID", "none", code)) for code in ("060016", "000015")}
    assert len(seen) == 2


def test_the_first_check_decides_that_has_the_verdict_of_the_case() -> None:
    inconclusive = Check("http.status", Verdict.INCONCLUSIVE, "HTTP status", "200", "HTTP 503, maintenance; 30")
    deviation = Check("reason", Verdict.DEVIATION, "serv:reason", "a", "b")
    first, second = (Check("exceptionID", FAIL, name, "x", "060016") for name in ("one", "two"))
    assert failed(deviation, first, second) == "exceptionID one 060016"
    assert failed(deviation, inconclusive, letter="?") == "http.status HTTP status 503"
    assert failed(deviation, letter="D") == "reason serv:reason"
    assert failed(deviation, first, letter="W") == "exceptionID one 060016"


def test_of_a_case_run_again_it_is_what_its_reason_tells() -> None:
    def ran(subject: str, number: int) -> StepResult:
        return replace(step(FAIL, checks=(Check("exceptionID", FAIL, subject, "x", "060016"),)), round=number)

    assert cause(result("a", "F", steps=(ran("one", 1), ran("two", 2)))) == "exceptionID two 060016"


@pytest.mark.parametrize(
    ("letter", "reason", "told"),
    [
        ("P", "", ""),
        ("?", "interference: failed in one way (x), then in another (y)", "inconclusive: interference"),
        (
            "N",
            "the site 'acme' is declared to have 3 rooms",
            "not applicable: the site '…' is declared to have N rooms",
        ),
        ("B", "", "blocked"),
        ("E", "", "suite error"),
    ],
)
def test_without_a_check_it_is_the_beginning_of_the_reason(letter: str, reason: str, told: str) -> None:
    assert cause(result("a", letter, reason=reason, steps=())) == told


def test_a_step_has_its_own() -> None:
    assert step_cause(step()) == ""
    assert step_cause(step(FAIL)) == "exceptionID serv:exceptionID 060016"
    assert step_cause(step(FAIL, checks=())) == ""


@given(st.text())
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(), st.text(), st.text(), st.sampled_from(["result", "exceptionID", "open", "http.status", "xpath"]))
def test_any_text_has_a_cause_of_bounded_length(subject: str, seen: str, note: str, id_: str) -> None:
    told = failed(Check(id_, FAIL, subject, "", seen, note))
    assert told.startswith(id_)
    assert len(told) <= MAX_CAUSE


@given(st.from_regex(r"[a-z]{3,9}-cnf[0-9a-f]{6}", fullmatch=True), st.integers(0, 10**9), st.datetimes())
def test_values_are_never_in_it(name: str, key: int, time: object) -> None:
    told = failed(Check("xpath", FAIL, f"//m[name='{name}' and key={key} and at='{time}']", name, f"{key} {time}"))
    assert told == "xpath //m[name='…' and key=N and at='…']"
