"""A failure on a site that others use too: run again, and only what is seen twice is held against the site."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from lab import Answerer, Lab, deleted, exchange, refused

from conformance.cases.load import load_change, plan
from conformance.errors import ExchangeFault
from conformance.run.confirm import confirmed
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import CaseResult, Check, ExitCode, StepResult, Verdict, exit_code
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import Exchange
from conformance.versions import DEFAULT_VERSION
from conformance.wire.request import Request

CASE = """\
- name: one
  steps:
    - name: look
      request: {DelUser: {webExId: ok}}
      expect: {result: SUCCESS}
      before: {result: FAILURE}
    - name: touch
      request: {DelUser: {webExId: now-and-then}}
      expect: {result: SUCCESS}
      before: {result: FAILURE}
  cleanup:
    - request: {DelUser: {webExId: cleaning}}
"""

GOOD, BAD = exchange(deleted()), exchange(refused("999999", "Broken"))
Outcome = Exchange | Exception


def result(
    verdict: Verdict, reason: str = "", *, leftovers: tuple[str, ...] = (), step: str = "touch", check: str = "result"
) -> CaseResult:
    checks = (Check("schema", Verdict.PASS, "schema"), Check(check, verdict, check, "SUCCESS", reason))
    step = StepResult(step, verdict, checks, attempts=("HTTP 503",))
    return CaseResult("a::b", "a", verdict, "expect", reason, "assumed", (step,), 1.25, leftovers)


FIRST = result(Verdict.FAIL, "result: expected SUCCESS, got FAILURE", leftovers=("one",))


class TestOutcomes:
    @pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.SUITE_ERROR])
    def test_what_is_seen_twice_is_what_it_is(self, verdict: Verdict) -> None:
        both = confirmed(FIRST, result(verdict, "the second reason"))
        assert (both.verdict, both.reason) == (verdict, "the second reason")

    @pytest.mark.parametrize("other", [{"step": "look"}, {"check": "exceptionID"}])
    def test_what_fails_in_another_way_the_second_time_is_interference(self, other: dict[str, str]) -> None:
        both = confirmed(FIRST, result(Verdict.FAIL, "the second reason", **other))
        assert (both.verdict, both.reason) == (
            Verdict.INCONCLUSIVE,
            (
                "interference: failed in one way (result: expected SUCCESS, got FAILURE),"
                " then in another (the second reason)"
            ),
        )

    @pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.DEVIATION])
    def test_what_held_the_second_time_is_interference(self, verdict: Verdict) -> None:
        both = confirmed(FIRST, result(verdict))
        assert (both.verdict, both.reason) == (
            Verdict.INCONCLUSIVE,
            "interference: failed (result: expected SUCCESS, got FAILURE), and held when it was run again",
        )

    @pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.NOT_APPLICABLE])
    def test_what_could_not_tell_the_second_time_can_not_tell(self, verdict: Verdict) -> None:
        both = confirmed(FIRST, result(verdict, "reset: gone"))
        assert (both.verdict, both.reason) == (
            Verdict.INCONCLUSIVE,
            "failed (result: expected SUCCESS, got FAILURE); run again, it could not tell: reset: gone",
        )

    @pytest.mark.parametrize("verdict", Verdict)
    def test_a_failure_never_becomes_a_pass_and_both_runs_are_shown(self, verdict: Verdict) -> None:
        both = confirmed(FIRST, result(verdict, leftovers=("two",)))
        assert exit_code({both.verdict: 1, Verdict.PASS: 9}) is not ExitCode.AS_DOCUMENTED
        assert [step.name for step in both.steps] == ["touch", "again: touch"]
        assert [step.verdict for step in both.steps] == [Verdict.FAIL, verdict]
        assert both.steps[1].attempts == ("HTTP 503",)
        assert (both.leftovers, both.seconds, both.assumed) == (("one", "two"), 2.5, "assumed")

    def test_the_second_run_is_marked_as_such_and_its_time_is_added(self) -> None:
        both = confirmed(replace(FIRST, seconds=1.2500001), replace(FIRST, seconds=1.2500002))
        assert [step.round for step in both.steps] == [1, 2]
        assert both.seconds == 2.5


@pytest.fixture
def run(write_cases: Callable[..., Path], schemas: SchemaSet) -> Callable[..., tuple[CaseResult, Lab]]:
    """Run a case on a site whose second step comes to one outcome after the other; return result and site."""

    def go(outcomes: Iterable[Outcome], *, confirms: bool = True) -> tuple[CaseResult, Lab]:
        coming = iter(outcomes)

        def answer(_: Request) -> Exchange:
            outcome = next(coming)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        words: dict[str, Answerer] = {"now-and-then": answer}
        lab = Lab(words=words, confirms_failures=confirms)
        cases = plan(load_change(write_cases(CASE)))
        with Engine(lab, schemas, DEFAULT_VERSION, Limits(1, 0, 30.0, 0.0)) as engine:
            engine.connect()
            engine.start(cases)
            return engine.result(cases[0]), lab

    return go


def touches(lab: Lab) -> int:
    return sum(call.endswith(" now-and-then") for call in lab.calls)


class TestRuns:
    def test_a_flaky_site_is_inconclusive(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        both, lab = run([BAD, GOOD])
        assert both.verdict is Verdict.INCONCLUSIVE
        assert both.reason.startswith("interference: failed (")
        assert [step.name for step in both.steps] == ["look", "touch", "again: look", "again: touch"]
        assert [step.verdict for step in both.steps if "touch" in step.name] == [Verdict.FAIL, Verdict.PASS]
        assert touches(lab) == 2

    def test_a_broken_site_fails(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        both, lab = run(itertools.repeat(BAD))
        assert both.verdict is Verdict.FAIL
        assert touches(lab) == 2

    def test_a_site_that_fails_in_one_way_and_another(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        both, _ = run([BAD, exchange(b"<serv:message")])
        assert both.verdict is Verdict.INCONCLUSIVE
        assert both.reason.startswith("interference: failed in one way (")

    def test_a_site_that_is_gone_the_second_time(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        both, _ = run([BAD, ExchangeFault("reset", "the connection was reset")])
        assert both.verdict is Verdict.INCONCLUSIVE
        assert "run again, it could not tell: " in both.reason
        assert "the connection was reset" in both.reason

    def test_each_run_cleans_up(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        _, lab = run([BAD, GOOD])
        assert [line.rpartition(" ")[2] for line in lab.calls if "GetAPIVersion" not in line] == [
            "ok", "now-and-then", "cleaning", "ok", "now-and-then", "cleaning",
        ]  # fmt: skip

    def test_what_holds_is_run_once(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        once, lab = run([GOOD])
        assert (once.verdict, touches(lab)) == (Verdict.PASS, 1)

    def test_what_could_not_tell_is_run_once(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        once, lab = run([ExchangeFault("reset", "the connection was reset")])
        assert (once.verdict, touches(lab)) == (Verdict.INCONCLUSIVE, 1)

    def test_a_site_that_nobody_else_uses_is_not_asked_again(self, run: Callable[..., tuple[CaseResult, Lab]]) -> None:
        once, lab = run([BAD], confirms=False)
        assert (once.verdict, touches(lab)) == (Verdict.FAIL, 1)
