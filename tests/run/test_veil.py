"""What a case keeps to itself, as a whole: later steps' secrets in earlier ones, and people on request."""

from __future__ import annotations

from conformance.run.veil import Veil
from conformance.run.verdicts import Check, StepResult, Verdict
from conformance.wire.pseudonyms import Key

TICKET = "abcd-1234-efgh"


def step(text: str) -> StepResult:
    check = Check("xpath", Verdict.PASS, f"//a[.='{text}']", text, text, text)
    return StepResult("DelUser", Verdict.PASS, (check,), request=text, response=text, attempts=(text,))


def texts(step: StepResult) -> set[str]:
    (check,) = step.checks
    return {check.expected, check.observed, check.note, step.request, step.response, *step.attempts}


def test_every_text_of_a_step_is_masked() -> None:
    veil = Veil()
    veil.see(f"<sessionTicket>{TICKET}</sessionTicket>")
    shown = veil.step(step(TICKET))
    assert texts(shown) == {"******"}
    assert shown.checks[0].subject == "//a[.='******']"


def test_what_a_later_step_brings_is_masked_in_earlier_ones() -> None:
    veil = Veil()
    first = veil.step(step(TICKET))
    assert texts(first) == {TICKET}
    veil.see(f"<sessionTicket>{TICKET}</sessionTicket>")
    second = veil.step(step(TICKET))
    assert [texts(shown) for shown in veil.steps([first, second])] == [{"******"}] * 2


def test_where_nothing_new_was_brought_steps_stay_as_they_are() -> None:
    veil = Veil()
    steps = [veil.step(step("one")), veil.step(step("two"))]
    assert veil.steps(steps) == tuple(steps)


def test_people_are_replaced_on_request_only_and_secrets_before_them() -> None:
    message = f"<firstName>Kim</firstName><password>{TICKET}</password> kim@example.com"
    plain, veiled = Veil(), Veil(Key(b"k" * 32))
    plain.see(message)
    veiled.see(message)
    assert plain(message) == "<firstName>Kim</firstName><password>******</password> kim@example.com"
    shown = veiled(f"{message} {TICKET} Kim")
    assert "Kim" not in shown
    assert "kim@" not in shown
    assert TICKET not in shown
    assert veiled(shown) == shown
