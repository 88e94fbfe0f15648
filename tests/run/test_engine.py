"""Many cases in flight, one order of results; whatever happens, whoever waits gets an answer."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from lab import Lab, deleted, exchange

from conformance.cases.load import load_change, plan
from conformance.cases.plan import PlannedCase
from conformance.errors import ExchangeFault, SuiteError
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import CaseResult, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import Exchange
from conformance.versions import DEFAULT_VERSION
from conformance.wire.request import Request

HANGS_AFTER = 60.0

FIXTURES = """\
a user:
  does: Makes a user.
  steps:
    - request: {DelUser: {webExId: make}}
  cleanup:
    - request: {DelUser: {webExId: unmake}}
"""


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """Fail a test that hangs: that is what most of them are about."""

    def fail(*_: object) -> None:
        raise AssertionError(f"nothing came within {HANGS_AFTER:g} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


Make = Callable[..., list[PlannedCase]]


@pytest.fixture
def make(write_cases: Callable[..., Path]) -> Make:
    """Make cases, one for each word, that delete a user of that name."""

    def write(*words: str, given: str = "{}") -> list[PlannedCase]:
        rows = "\n".join(f'    - {{n: "{number}", word: {word}}}' for number, word in enumerate(words))
        text = f"""\
- name: case ${{row.n}}
  given: {given}
  table:
{rows}
  request: {{DelUser: {{webExId: "${{row.word}}"}}}}
  before: {{result: FAILURE}}
"""
        return plan(load_change(write_cases(text, fixtures=FIXTURES)))

    return write


@contextmanager
def running(
    lab: Lab, schemas: SchemaSet, cases: Sequence[PlannedCase], ahead: bool = True, **limits: float
) -> Iterator[Engine]:
    """Give an engine that has started, and stop it in the end."""
    with Engine(lab, schemas, DEFAULT_VERSION, Limits(**limits)) as engine:  # type: ignore[arg-type]
        engine.connect()
        engine.start(cases, ahead)
        yield engine


def results(engine: Engine, cases: Sequence[PlannedCase]) -> list[CaseResult]:
    return [engine.result(case) for case in cases]


def naps(seconds: float) -> Callable[[Request], Awaitable[Exchange]]:
    async def answer(_: Request) -> Exchange:
        await asyncio.sleep(seconds)
        return exchange(deleted())

    return answer


def test_results_are_those_of_the_cases_asked_for(make: Make, schemas: SchemaSet) -> None:
    cases = make("ok", "refuse", "ok", "down", "boom", "ok")
    with running(Lab(), schemas, cases) as engine:
        got = results(engine, cases)
    assert [result.id for result in got] == [case.id for case in cases]
    verdicts = ["PASS", "FAIL", "PASS", "INCONCLUSIVE", "SUITE_ERROR", "PASS"]
    assert [result.verdict.value for result in got] == verdicts


def test_cases_begin_in_the_order_in_which_they_were_given(make: Make, schemas: SchemaSet) -> None:
    lab = Lab()
    cases = make(*(f"w{number}" for number in range(30)))
    with running(lab, schemas, cases, in_flight=1) as engine:
        engine.result(cases[0])
        results(engine, cases[1:])
    assert [call.split()[-1] for call in lab.calls] == [f"w{number}" for number in range(30)]


@pytest.mark.parametrize("in_flight", [1, 3, 16])
@pytest.mark.parametrize("step", [1, -1])
def test_never_more_cases_are_in_flight_than_allowed_and_no_fewer(
    make: Make, schemas: SchemaSet, in_flight: int, step: int
) -> None:
    lab = Lab(words={"nap": naps(0.01)})
    cases = make(*["nap"] * 48)
    with running(lab, schemas, cases, in_flight=in_flight) as engine:
        assert {result.verdict for result in results(engine, cases[::step])} == {Verdict.PASS}
    assert lab.most_busy == in_flight


def test_results_run_ahead_only_so_far(make: Make, schemas: SchemaSet) -> None:
    lab = Lab(words={"slow": naps(1.0)})
    cases = make("slow", *["ok"] * 199)
    with running(lab, schemas, cases, in_flight=4) as engine:
        engine.result(cases[0])
        assert 60 <= len(lab.calls) <= 64 + 4
        results(engine, cases[1:])
    assert len(lab.calls) == 200


@pytest.mark.parametrize("step", [149, 7])
@pytest.mark.parametrize("in_flight", [1, 5])
def test_results_can_be_asked_for_in_any_order(make: Make, schemas: SchemaSet, step: int, in_flight: int) -> None:
    cases = make(*["ok"] * 150)
    order = [cases[number * step % 150] for number in range(150)]
    lab = Lab()
    with running(lab, schemas, cases, in_flight=in_flight) as engine:
        assert [result.id for result in results(engine, order)] == [case.id for case in order]
    assert len(lab.calls) == 150


def test_a_slow_case_does_not_keep_others_from_running(make: Make, schemas: SchemaSet) -> None:
    cases = make("hang", *["ok"] * 20)
    with running(Lab(), schemas, cases, in_flight=2) as engine:
        assert {result.verdict for result in results(engine, cases[1:])} == {Verdict.PASS}


def test_without_running_ahead_only_what_is_asked_for_runs(make: Make, schemas: SchemaSet) -> None:
    lab = Lab()
    cases = make("a", "b", "c")
    with running(lab, schemas, cases, ahead=False) as engine:
        results(engine, [cases[2], cases[0]])
    assert [call.split()[-1] for call in lab.calls] == ["c", "a"]


def test_a_case_that_was_never_started_has_no_result(make: Make, schemas: SchemaSet) -> None:
    first, second = make("ok", "ok")
    with running(Lab(), schemas, [first]) as engine, pytest.raises(SuiteError, match="never started"):
        engine.result(second)


def test_a_result_can_be_had_once_and_asking_again_does_not_hang(make: Make, schemas: SchemaSet) -> None:
    (case,) = make("ok")
    with running(Lab(), schemas, [case]) as engine:
        assert engine.result(case).verdict is Verdict.PASS
        with pytest.raises(SuiteError, match=r"40\.2\.0/one::case-0 .* was taken before"):
            engine.result(case)


def test_a_run_without_cases_ends(schemas: SchemaSet) -> None:
    lab = Lab()
    with running(lab, schemas, []):
        pass
    assert lab.asked == ["open", "close"]


# Limits


def test_no_case_begins_after_enough_failures_unless_it_is_asked_for(make: Make, schemas: SchemaSet) -> None:
    lab = Lab(words={"slow": naps(0.2)})
    cases = make("ok", "refuse", "down", "refuse", "slow", "ok")
    with running(lab, schemas, cases, in_flight=1, max_failures=2) as engine:
        results(engine, cases[:4])
        assert len(lab.calls) == 4
        assert engine.result(cases[5]).verdict is Verdict.PASS
    assert [call.split()[-1] for call in lab.calls] == ["ok", "refuse", "down", "refuse", "ok"]


def test_cases_after_the_time_of_the_run_are_told_as_not_run(make: Make, schemas: SchemaSet) -> None:
    lab = Lab(words={"nap": naps(0.3)})
    cases = make("nap", "ok", "ok")
    with running(lab, schemas, cases, in_flight=1, run_time=0.2) as engine:
        first, *others = results(engine, cases)
    assert first.verdict is Verdict.PASS
    assert {(r.verdict, r.reason) for r in others} == {(Verdict.INCONCLUSIVE, "the run's time limit of 0.2 s was over")}
    assert len(lab.calls) == 1


def test_a_case_may_take_its_time_only(make: Make, schemas: SchemaSet) -> None:
    cases = make("hang", "ok")
    with running(Lab(), schemas, cases, in_flight=1, case_time=0.2) as engine:
        first, second = results(engine, cases)
    assert (first.verdict, first.reason) == (Verdict.INCONCLUSIVE, "deadline: the case did not end within 0.2 s")
    assert second.verdict is Verdict.PASS


def test_settling_lets_cases_in_flight_end_and_begins_no_others(make: Make, schemas: SchemaSet) -> None:
    lab = Lab(words={"nap": naps(0.05)})
    cases = make("ok", *["nap"] * 20)
    with running(lab, schemas, cases, in_flight=4) as engine:
        engine.result(cases[0])
        assert lab.busy > 0
        engine.settle()
        assert lab.busy == 0
        assert len(lab.calls) < 21
        assert {result.verdict for result in results(engine, cases[1:])} == {Verdict.PASS}
    assert len(lab.calls) == 21


# Stopping


def test_stopping_cancels_what_runs_cleans_up_and_closes_the_site(make: Make, schemas: SchemaSet) -> None:
    lab = Lab(words={"slow": naps(0.3)})
    cases = make("hang", "hang", "slow", "hang", "hang", given="{user: a user}")
    with running(lab, schemas, cases, in_flight=3) as engine:
        engine.result(cases[2])
        began = lab.calls.count("host DelUser make")
    assert began >= 3
    assert lab.calls.count("host DelUser unmake") == lab.calls.count("host DelUser make")
    assert lab.asked[-1] == "close"
    assert lab.busy == 0


def test_an_interrupt_reaches_whoever_waits_and_what_runs_is_cleaned_up(make: Make, schemas: SchemaSet) -> None:
    before = signal.getsignal(signal.SIGINT)
    lab = Lab()
    cases = make("hang", "hang", given="{user: a user}")
    timer = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT])
    with running(lab, schemas, cases) as engine:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            engine.result(cases[0])
        timer.join()
        assert lab.calls.count("host DelUser hang") == 2
    assert lab.calls.count("host DelUser unmake") == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_while_nobody_waits_is_an_interrupt(make: Make, schemas: SchemaSet) -> None:
    (case,) = make("ok")
    with running(Lab(), schemas, [case]) as engine:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert engine.result(case).verdict is Verdict.PASS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_not_forgotten_where_all_results_are_there(
    make: Make, schemas: SchemaSet, number: signal.Signals
) -> None:
    lab = Lab(words={"interrupt": lambda _: signal.raise_signal(number) or exchange(deleted())})
    cases = make("ok", "interrupt", *["ok"] * 8)
    taken = []
    with running(lab, schemas, cases) as engine, pytest.raises(KeyboardInterrupt):
        taken.extend(engine.result(case) for case in cases)
    assert len(taken) < len(cases)


def test_stopping_twice_is_stopping(make: Make, schemas: SchemaSet) -> None:
    lab = Lab()
    with running(lab, schemas, make("ok")) as engine:
        engine.stop()
        engine.stop()
    assert lab.asked.count("close") == 1


# A provider that fails


@pytest.mark.parametrize("error", [ExchangeFault("refused", "nobody"), ValueError("a defect")])
def test_a_site_that_can_not_be_opened_is_told_where_it_is_connected(schemas: SchemaSet, error: Exception) -> None:
    lab = Lab(fails={"open": error})
    with Engine(lab, schemas, DEFAULT_VERSION, Limits()) as engine, pytest.raises(type(error), match=str(error)):
        engine.connect()


def test_a_site_that_can_not_be_closed_does_not_keep_the_engine_from_stopping(make: Make, schemas: SchemaSet) -> None:
    (case,) = make("ok")
    engine = Engine(Lab(fails={"close": RuntimeError("stuck")}), schemas, DEFAULT_VERSION, Limits())
    with engine:
        engine.connect()
        engine.start([case])
        assert engine.result(case).verdict is Verdict.PASS
        with pytest.raises(RuntimeError, match="stuck"):
            engine.stop()


def test_a_case_before_the_site_is_connected_raises_and_does_not_hang(make: Make, schemas: SchemaSet) -> None:
    (case,) = make("ok")
    with Engine(Lab(), schemas, DEFAULT_VERSION, Limits()) as engine:
        engine.start([case])
        with pytest.raises(SuiteError, match="before the site was connected"):
            engine.result(case)


def test_an_engine_that_was_never_entered_leaves_nothing_behind(schemas: SchemaSet) -> None:
    lab = Lab()
    Engine(lab, schemas, DEFAULT_VERSION, Limits()).stop()
    assert lab.asked == ["close"]
