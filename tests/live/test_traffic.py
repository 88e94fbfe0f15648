"""How much is sent, how fast, and when no more: by a clock that only moves where somebody waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from live_lab import Staging, meeting, request, serving

from conformance.cases.values import unique
from conformance.errors import ExchangeFault
from conformance.live.settings import SiteLimits
from conformance.live.traffic import FAILURES_IN_A_ROW, Traffic, wait_of
from conformance.site.seam import Exchange


class Clock:
    """Stands for ``time`` and ``asyncio`` in the module under test: who sleeps moves it, after all who sleep less."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("conformance.live.traffic.time", clock)
    monkeypatch.setattr("conformance.live.traffic.asyncio", clock)
    return clock


def limits(**changed: Any) -> SiteLimits:
    return SiteLimits.model_validate({"requests_per_second": 1000, **changed})


def admit(traffic: Traffic, **what: Any) -> None:
    asyncio.run(traffic.admit(**what))


def refusal(traffic: Traffic, **what: Any) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as refused:
        admit(traffic, **what)
    assert not refused.value.sent
    return refused.value


class TestBudget:
    def test_of_requests(self, clock: Clock) -> None:
        traffic = Traffic(limits(requests=2))
        admit(traffic)
        admit(traffic)
        assert str(refusal(traffic)) == "budget: the run's budget of 2 requests is used up"

    def test_of_objects_and_requests_that_create_none_go_on(self, clock: Clock) -> None:
        traffic = Traffic(limits(objects=1))
        admit(traffic, objects=1)
        assert str(refusal(traffic, objects=1)) == "budget: the run's budget of 1 objects is used up"
        admit(traffic)
        assert traffic.spent == {"requests": 2, "objects": 1, "mails": 0}

    def test_of_mails(self, clock: Clock) -> None:
        traffic = Traffic(limits(mails=3))
        admit(traffic, mails=2)
        assert str(refusal(traffic, mails=2)) == "budget: the run's budget of 3 mails is used up"
        admit(traffic, mails=1)
        assert traffic.spent["mails"] == 3

    def test_none_at_all(self, clock: Clock) -> None:
        traffic = Traffic(limits(objects=0, mails=0))
        assert "budget of 0 objects" in str(refusal(traffic, objects=1))
        assert "budget of 0 mails" in str(refusal(traffic, mails=1))

    @pytest.mark.parametrize("way", ["cleaning", "sweeping"])
    def test_what_cleans_up_is_admitted_beyond_it(self, way: str, clock: Clock) -> None:
        traffic = Traffic(limits(requests=1))
        admit(traffic)
        admit(traffic, **{way: True})
        assert traffic.spent["requests"] == 2
        refusal(traffic)

    def test_a_case_without_budget_still_deletes_what_it_created(self, stage: Staging) -> None:
        async def run() -> None:
            async with serving(stage.provider(limits={"requests": 1})) as service:
                created = await service.send(request("CreateMeeting", meeting(unique())), "c")
                assert b"SUCCESS" in created.body
                (entry,) = service.ledger.open_entries
                with pytest.raises(ExchangeFault, match="budget of 1 requests"):
                    await service.send(request("GetMeeting", {"meetingKey": entry.key}), "c")
                await service.send(request("DelMeeting", {"meetingKey": entry.key}), "c")
                assert service.ledger.open_entries == []

        asyncio.run(run())
        assert stage.heard.names == ["CreateMeeting", "DelMeeting"]
        assert stage.names == []

    def test_what_the_budget_refuses_is_not_sent_and_not_in_the_ledger(self, stage: Staging) -> None:
        async def run() -> None:
            async with serving(stage.provider(limits={"objects": 0})) as service:
                with pytest.raises(ExchangeFault, match="budget of 0 objects"):
                    await service.send(request("CreateMeeting", meeting(unique())), "c")
                assert service.ledger.open_entries == []

        asyncio.run(run())
        assert stage.heard.names == []


class TestRate:
    def test_requests_are_spread(self, clock: Clock) -> None:
        traffic = Traffic(limits(requests_per_second=4))
        for _ in range(5):
            admit(traffic)
        assert clock.slept == [0.25] * 4

    def test_who_comes_late_does_not_wait(self, clock: Clock) -> None:
        traffic = Traffic(limits(requests_per_second=4))
        admit(traffic)
        clock.now += 60
        admit(traffic)
        admit(traffic)
        assert clock.slept == [0.25]

    def test_many_at_once_share_it(self) -> None:
        async def run() -> float:
            traffic = Traffic(limits(requests_per_second=50))
            start = asyncio.get_running_loop().time()
            await asyncio.gather(*(traffic.admit() for _ in range(11)))
            return asyncio.get_running_loop().time() - start

        assert 0.2 <= asyncio.run(run()) < 2

    def test_what_waits_for_its_turn_is_not_sent_where_the_site_is_given_up_meanwhile(self) -> None:
        async def run() -> None:
            traffic = Traffic(limits(requests_per_second=20))
            await traffic.admit()
            waiting = [asyncio.ensure_future(traffic.admit()), asyncio.ensure_future(traffic.admit(sweeping=True))]
            await asyncio.sleep(0)
            with pytest.raises(ExchangeFault):
                traffic.slow_down("86400")
            with pytest.raises(ExchangeFault, match="circuit: rate limit"):
                await waiting[0]
            await waiting[1]

        asyncio.run(run())


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


class TestRateLimit:
    def test_a_short_wait_is_waited_and_the_rate_is_halved(self, clock: Clock) -> None:
        traffic = Traffic(limits(requests_per_second=4))
        assert traffic.slow_down("2") == 2
        admit(traffic)
        admit(traffic)
        assert clock.slept == [2, 0.5]
        assert list(traffic.remarks()) == [
            "the site refused 1 requests for their rate; it was lowered to 2 a second",
        ]

    def test_a_date_of_http(self, clock: Clock) -> None:
        traffic = Traffic(limits())
        assert 3 < traffic.slow_down(http_date(5)) <= 5

    def test_the_rate_has_an_end(self, clock: Clock) -> None:
        traffic = Traffic(limits(requests_per_second=1))
        for _ in range(9):
            traffic.slow_down("0")
        admit(traffic)
        admit(traffic)
        assert clock.slept == [2]

    def test_a_site_that_refuses_again_and_again_is_left_alone(self, clock: Clock) -> None:
        traffic = Traffic(limits(requests_per_second=1))
        for _ in range(9):
            traffic.slow_down("0")
        with pytest.raises(ExchangeFault, match="rate-limit: rate limit: the site refused 10 requests for their rate"):
            traffic.slow_down("0")
        with pytest.raises(ExchangeFault, match="circuit: rate limit"):
            traffic.check()

    @pytest.mark.parametrize(
        "retry_after",
        ["86400", "61", "-1", "soon", "nan", "inf", "1e400", "2 s", http_date(-60), http_date(86400), "Mon"],
        ids=[
            "a day",
            "longer",
            "negative",
            "word",
            "nan",
            "inf",
            "too large",
            "unit",
            "past",
            "tomorrow",
            "half a date",
        ],
    )
    def test_any_other_ends_the_run_on_the_site(self, retry_after: str, clock: Clock) -> None:
        traffic = Traffic(limits())
        with pytest.raises(ExchangeFault) as refused:
            traffic.slow_down(retry_after)
        assert str(refused.value) == f"rate-limit: rate limit: the site says Retry-After: {retry_after!r}"
        assert str(refusal(traffic)) == f"circuit: rate limit: the site says Retry-After: {retry_after!r}"
        admit(traffic, sweeping=True)
        assert f"nothing more was sent to the site: rate limit: the site says Retry-After: {retry_after!r}" in list(
            traffic.remarks()
        )

    def test_what_the_site_says_is_cut(self, clock: Clock) -> None:
        with pytest.raises(ExchangeFault) as refused:
            Traffic(limits()).slow_down("x" * 5000)
        assert len(str(refused.value)) < 150

    @pytest.mark.parametrize(
        ("text", "seconds"), [("", 0), (" 3 ", 3), ("0.5", 0.5), ("-2", -2), ("x", None), ("9" * 500, None)]
    )
    def test_what_a_header_asks_for(self, text: str, seconds: float | None) -> None:
        assert wait_of(text) == seconds

    def test_of_503_a_longer_wait_is_cut_to_the_longest(self, clock: Clock) -> None:
        for told, waited in (("1", [1]), ("3600", [60]), ("soon", []), ("-5", [])):
            clock.slept.clear()
            traffic = Traffic(limits(longest_wait_seconds=60))
            traffic.wait(told)
            admit(traffic)
            assert clock.slept == waited


class TestCircuit:
    def test_three_failures_in_a_row_open_it(self, clock: Clock) -> None:
        traffic = Traffic(limits())
        for number in range(FAILURES_IN_A_ROW):
            admit(traffic)
            traffic.failed(f"HTTP 50{number}")
        assert str(refusal(traffic)) == "circuit: the site failed 3 times in a row, at last with HTTP 502"
        refusal(traffic, cleaning=True)
        admit(traffic, sweeping=True)
        assert list(traffic.remarks()) == [
            "nothing more was sent to the site: the site failed 3 times in a row, at last with HTTP 502"
        ]

    def test_two_and_a_success_do_not(self, clock: Clock) -> None:
        traffic = Traffic(limits())
        for _ in range(4):
            traffic.failed("HTTP 500")
            traffic.failed("HTTP 500")
            traffic.succeeded()
        admit(traffic)
        assert list(traffic.remarks()) == []

    def test_it_stays_open(self, clock: Clock) -> None:
        traffic = Traffic(limits())
        for _ in range(3):
            traffic.failed("HTTP 500")
        traffic.succeeded()
        refusal(traffic)


class TestStopFile:
    def test_it_stops_the_run_when_it_comes(self, clock: Clock, tmp_path: Path) -> None:
        stop = tmp_path / "stop"
        traffic = Traffic(limits(), stop)
        admit(traffic)
        stop.touch()
        assert str(refusal(traffic)) == f"circuit: stopped: {stop} is there"
        stop.unlink()
        assert f"stopped: {stop} is there" in str(refusal(traffic)), "a run that was stopped does not begin again"

    def test_a_run_of_the_provider(self, stage: Staging) -> None:
        (stage.folder / "stop").touch()

        async def run() -> None:
            provider = stage.provider(stop_file="stop")
            try:
                await provider.open()
            finally:
                await provider.close()

        with pytest.raises(ExchangeFault, match=r"circuit: stopped: .*/stop is there"):
            asyncio.run(run())
        assert stage.heard.names == []


class TestOnTheWire:
    """The same rules, by what really reaches a site."""

    def send(self, stage: Staging, count: int, **changed: Any) -> list[Exchange | ExchangeFault]:
        async def run() -> list[Exchange | ExchangeFault]:
            got: list[Exchange | ExchangeFault] = []
            async with serving(stage.provider(**changed)) as service:
                for _ in range(count):
                    try:
                        got.append(await service.send(request("GetUser", {}), "c"))
                    except ExchangeFault as fault:
                        got.append(fault)
                self.remarks = list(service.remarks())
            return got

        return asyncio.run(run())

    def test_429_and_a_short_wait(self, stage: Staging) -> None:
        stage.heard.set(["429@1-1=0"])
        (answer,) = self.send(stage, 1)
        assert isinstance(answer, Exchange)
        assert (answer.status, answer.attempts) == (200, ("HTTP 429",))
        assert len(stage.heard.requests) == 2
        assert self.remarks == [
            "1 requests were sent again after the site or the network failed",
            "the site refused 1 requests for their rate; it was lowered to 500 a second",
        ]

    @pytest.mark.parametrize("value", ["86400", "soon", "-1", "Sat, 01 Jan 2000 00:00:00 GMT"])
    def test_429_and_no_wait_that_can_be_waited(self, value: str, stage: Staging) -> None:
        stage.heard.set([f"429={value}"])
        faults = self.send(stage, 3)
        assert [getattr(fault, "kind", "") for fault in faults] == ["rate-limit", "circuit", "circuit"]
        assert len(stage.heard.requests) == 1

    def test_html_500_three_times(self, stage: Staging) -> None:
        stage.heard.set(["html-500"])
        got = self.send(stage, 5)
        assert [answer.status for answer in got if isinstance(answer, Exchange)] == [500] * 3
        assert [fault.kind for fault in got if isinstance(fault, ExchangeFault)] == ["circuit"] * 2
        assert len(stage.heard.requests) == 3

    def test_a_request_that_is_given_up_is_one_failure_however_often_it_was_tried(self, stage: Staging) -> None:
        stage.heard.set(["504@1-6"])
        got = self.send(stage, 3)
        assert [answer.status for answer in got if isinstance(answer, Exchange)] == [504, 504, 200]
        assert len(stage.heard.requests) == 7

    def test_a_short_fault_of_all_that_is_in_flight_does_not_end_the_run(self, stage: Staging) -> None:
        stage.heard.set(["504@1-8"])

        async def run() -> list[int]:
            async with serving(stage.provider()) as service:
                reads = (service.send(request("GetUser", {}), "c") for _ in range(8))
                return [answer.status for answer in await asyncio.gather(*reads)]

        assert asyncio.run(run()) == [200] * 8
