"""What a report calls a step and its caller, what it says was wrong, and what was gone already."""

from __future__ import annotations

import pytest

from conformance.cases.model import MailStep, OpenStep, RequestStep
from conformance.run.steps import assuming, caller_name, first_problem, redacted, step_name, was_gone
from conformance.run.verdicts import Check, StepResult, Verdict

PASS = Check("schema.response", Verdict.PASS, "schemas", "valid", "valid")
DEVIATION = Check("reason", Verdict.DEVIATION, "serv:reason", "a", "b")
FAIL = Check("result", Verdict.FAIL, "serv:result", "SUCCESS", "FAILURE", "030001 Not found")


def step(*checks: Check, verdict: Verdict = Verdict.FAIL) -> StepResult:
    return StepResult("DelUser", verdict, checks)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ({"request": {"DelUser": {}}}, "DelUser"),
        ({"request": {"raw": "<a/>"}}, "raw"),
        ({"request": {"DelUser": {}}, "name": "the last one"}, "the last one"),
    ],
)
def test_a_request_is_called_by_its_name_else_by_its_operation(written: dict[str, object], name: str) -> None:
    assert step_name(RequestStep.model_validate(written)) == name


def test_a_look_at_mails_and_a_click_have_names_too() -> None:
    mail = {"mail": {"to": "kim@example.com"}, "expect": {"count": "1"}}
    assert step_name(MailStep.model_validate(mail)) == "mail"
    assert step_name(MailStep.model_validate({**mail, "name": "welcome"})) == "welcome"
    assert step_name(OpenStep.model_validate({"open": "https://example.com/"})) == "open link"
    assert step_name(OpenStep.model_validate({"open": "https://example.com/", "name": "click"})) == "click"


def test_a_caller_is_a_role_or_has_credentials_of_its_own() -> None:
    assert caller_name("host") == "host"
    assert caller_name({"webExID": "kim", "password": "secret"}) == "own credentials"


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ((PASS, DEVIATION, FAIL), "serv:result: expected SUCCESS, got FAILURE 030001 Not found"),
        ((Check("xpath", Verdict.FAIL, "//a", "", "b"), FAIL), "//a: expected none, got b"),
        ((Check("mail.count", Verdict.INCONCLUSIVE, "mailbox", "1", "dark"),), "mailbox: expected 1, got dark"),
    ],
)
def test_the_first_problem_is_the_first_check_that_blocks(checks: tuple[Check, ...], words: str) -> None:
    assert first_problem(step(*checks)) == words


@pytest.mark.parametrize(
    ("check", "gone"),
    [
        (FAIL, True),
        (Check("result", Verdict.FAIL, "serv:result", "SUCCESS", "FAILURE", "060001 No such session"), True),
        (Check("result", Verdict.FAIL, "serv:result", "SUCCESS", "FAILURE", "000001 Access denied"), False),
        (Check("result", Verdict.FAIL, "serv:result", "SUCCESS", "FAILURE", "x 030001"), False),
        (Check("reason", Verdict.FAIL, "serv:reason", "a", "b", "030001 Not found"), False),
    ],
)
def test_what_was_gone_is_known_by_the_id_of_the_failure(check: Check, gone: bool) -> None:
    assert was_gone(step(PASS, check)) is gone


def test_only_a_failure_that_rests_on_nothing_else_becomes_a_deviation() -> None:
    schema = Check("schema.response.value", Verdict.FAIL, "/a", "1", "x", "line 2")
    turned = assuming(step(PASS, FAIL), "It is so.")
    assert turned.verdict is Verdict.DEVIATION
    assert turned.checks == (
        PASS,
        Check("result", Verdict.DEVIATION, "serv:result", "SUCCESS", "FAILURE", "assumed: It is so."),
    )
    both = assuming(step(FAIL, schema), "It is so.")
    assert (both.verdict, both.checks[1]) == (Verdict.FAIL, schema)
    assert both.checks[0].verdict is Verdict.DEVIATION


@pytest.mark.parametrize("id_", ["schema.request.type", "envelope.type", "malformed.xml", "security.echo"])
def test_what_has_evidence_of_its_own_fails_whatever_a_case_assumes(id_: str) -> None:
    result = step(Check(id_, Verdict.FAIL, "body", "a", "b"))
    assert assuming(result, "It is so.") == result


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.FAIL])
def test_what_is_no_failure_is_left_as_it_is(verdict: Verdict) -> None:
    result = step(FAIL, verdict=verdict)
    assert assuming(result, "It is so.") is result


def test_without_an_assumption_a_failure_is_one() -> None:
    result = step(FAIL)
    assert assuming(result, "") is result


@pytest.mark.parametrize("part", ["subject", "expected", "observed", "note"])
def test_every_text_of_a_check_is_masked(part: str) -> None:
    def redact(text: str) -> str:
        return text.replace("secret", "******")

    told = {"subject": "a", "expected": "b", "observed": "c", "note": "d"}
    (masked,) = redacted([Check("xpath", Verdict.FAIL, **{**told, part: "a secret"})], redact)
    assert masked == Check("xpath", Verdict.FAIL, **{**told, part: "a ******"})
    clean = [Check("xpath", Verdict.FAIL, **told)]
    assert redacted(clean, redact) == tuple(clean)
