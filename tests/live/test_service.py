"""Requests on their way to a site that fails: what is sent again and what never is, counted on the other side."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from live_lab import Gateway, Staging, meeting, request, serving, user

from conformance.cases.values import unique
from conformance.errors import ExchangeFault
from conformance.live.service import Service, local_texts, response_of
from conformance.live.traffic import Traffic
from conformance.site.seam import Exchange, NotApplicable
from conformance.wire.effects import Key
from conformance.wire.request import Body

Act = Callable[[Service], Awaitable[Any]]


def run(stage: Staging, act: Act, *, sweep: bool = False, **changed: Any) -> Any:
    """Return what ``act`` comes to, with the service of a run."""

    async def whole() -> Any:
        async with serving(stage.provider(**changed), sweep=sweep) as service:
            return await act(service)

    return asyncio.run(whole())


def send(name: str, body: Any, caller: str = "ann") -> Act:
    return lambda service: service.send(request(name, body, caller), "40.2.0/one::a")


def invited(name: str, key: str) -> Body:
    """Return the body that invites somebody to a session."""
    return {"person": {"name": name, "email": f"{name}@example.com"}, "sessionKey": key}


def fault(stage: Staging, act: Act, **changed: Any) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as raised:
        run(stage, act, **changed)
    return raised.value


def first(count: int, operation: str = "") -> Callable[[str], bool]:
    """Return what is true of the first calls, of one operation where one is named."""
    left = iter(range(count))
    return lambda name: (not operation or name == operation) and next(left, None) is not None


READ = send("GetUser", {})


class TestReads:
    def test_an_answer_that_is_lost_is_asked_for_again(self, stage: Staging) -> None:
        with Gateway(stage.server.endpoint, first(2)) as gateway:
            answer = run(stage, READ, endpoint=gateway.endpoint)
        assert b"SUCCESS" in answer.body
        assert len(answer.attempts) == 2
        assert all(attempt.startswith("reset: ") for attempt in answer.attempts)
        assert gateway.came == ["GetUser"] * 3

    def test_up_to_twice_and_every_attempt_is_told(self, stage: Staging) -> None:
        with Gateway(stage.server.endpoint, lambda _: True) as gateway:
            lost = fault(stage, READ, endpoint=gateway.endpoint)
        assert (lost.kind, lost.sent) == ("reset", True)
        assert "; so did 2 earlier attempts (reset: " in lost.detail
        assert gateway.came == ["GetUser"] * 3

    @pytest.mark.parametrize("status", ["502", "503=0", "504"])
    def test_a_gateway_that_is_busy(self, status: str, stage: Staging) -> None:
        stage.heard.set([f"{status.partition('=')[0]}@1-2" + (f"={status[4:]}" if "=" in status else "")])
        answer = run(stage, READ)
        assert (answer.status, answer.attempts) == (200, (f"HTTP {status[:3]}",) * 2)
        stage.heard.set([status])
        stage.heard.requests.clear()
        answer = run(stage, READ)
        assert (answer.status, len(answer.attempts), len(stage.heard.requests)) == (int(status[:3]), 2, 3)

    def test_503_holds_back_as_long_as_it_says_up_to_the_longest(self, stage: Staging) -> None:
        stage.heard.set(["503@1-1=86400"])
        started = datetime.now(UTC)
        answer = run(stage, READ, limits={"longest_wait_seconds": 0.3})
        assert answer.status == 200
        assert timedelta(seconds=0.3) <= datetime.now(UTC) - started < timedelta(seconds=5)

    def test_500_is_not_asked_again(self, stage: Staging) -> None:
        stage.heard.set(["html-500"])
        assert run(stage, READ).status == 500
        assert len(stage.heard.requests) == 1

    def test_the_rate_limit_of_the_api(self, stage: Staging) -> None:
        stage.heard.set(["rate-limit@1-1"])

        async def act(service: Service) -> tuple[Exchange, list[str]]:
            return await READ(service), list(service.remarks())

        answer, remarks = run(stage, act)
        assert b"SUCCESS" in answer.body
        assert answer.attempts == ("exceptionID 000045",)
        assert "the site refused 1 requests for their rate; it was lowered to 500 a second" in remarks

    def test_the_rate_limit_of_the_api_again_and_again(self, stage: Staging) -> None:
        stage.heard.set(["rate-limit"])
        answer = run(stage, READ)
        assert b"000045" in answer.body
        assert len(stage.heard.requests) == 3

    def test_another_failure_is_an_answer(self, stage: Staging) -> None:
        answer = run(stage, send("GetUser", {"webExId": "nobody"}, "admin"))
        assert b"030001" in answer.body
        assert len(stage.heard.requests) == 1


class TestRefusedConnections:
    """Nothing was sent, so whatever it was can be sent again."""

    def waking(self, gateway: Gateway, service: Service) -> None:
        """Let the gateway listen only when the first attempt was refused."""

        class Waking(Traffic):
            async def admit(self, **what: Any) -> None:
                if self.retries == 1:
                    gateway.listen()
                await super().admit(**what)

        service.traffic = Waking(service.settings.limits)

    @pytest.mark.parametrize("name", ["CreateMeeting", "GetUser"])
    def test_once_and_then_it_is_there(self, name: str, stage: Staging) -> None:
        with Gateway(stage.server.endpoint, lambda _: False, listening=False) as gateway:

            async def act(service: Service) -> Exchange:
                self.waking(gateway, service)
                return await service.send(request(name, meeting(unique()) if name != "GetUser" else {}), "c")

            answer = run(stage, act, endpoint=gateway.endpoint)
        assert b"SUCCESS" in answer.body
        (attempt,) = answer.attempts
        assert attempt.startswith("refused: ")
        assert gateway.came == [name]

    def test_for_good(self, stage: Staging) -> None:
        with Gateway(stage.server.endpoint, lambda _: False, listening=False) as gateway:
            refused = fault(stage, READ, endpoint=gateway.endpoint)
            assert (refused.kind, refused.sent) == ("refused", False)
            assert "so did 2 earlier attempts" in refused.detail

            async def act(service: Service) -> None:
                with pytest.raises(ExchangeFault, match=r"refused: .*; so did 1 earlier attempts"):
                    await service.send(request("CreateMeeting", meeting(unique())), "c")
                assert service.ledger.open_entries == [], "what was never sent created nothing"

            run(stage, act, endpoint=gateway.endpoint)


class TestCreates:
    """A call that creates is never sent twice once it was on its way; what may be there is in the ledger."""

    @pytest.mark.parametrize(
        ("name", "body", "caller"),
        [("CreateMeeting", meeting, "ann"), ("CreateUser", user, "admin")],
    )
    @pytest.mark.parametrize("before", [False, True])
    def test_a_lost_answer(
        self, name: str, body: Callable[[str], Any], caller: str, before: bool, stage: Staging
    ) -> None:
        called = unique()

        async def act(service: Service) -> None:
            with pytest.raises(ExchangeFault, match="reset: ") as lost:
                await service.send(request(name, body(called), caller), "c")
            assert lost.value.sent
            (entry,) = service.ledger.open_entries
            assert (entry.name, entry.key, entry.case) == (called, "", "c")

        with Gateway(stage.server.endpoint, first(1), before=before) as gateway:
            run(stage, act, endpoint=gateway.endpoint)
        assert gateway.came == [name]
        assert len(stage.heard.of(name)) == (0 if before else 1)
        assert len(stage.ledgers) == 1

    @pytest.mark.parametrize("before", [False, True])
    def test_what_a_lost_answer_left_is_found_and_removed_in_the_end(self, before: bool, stage: Staging) -> None:
        async def act(service: Service) -> None:
            with pytest.raises(ExchangeFault):
                await service.send(request("CreateMeeting", meeting(unique())), "c")
            assert len(stage.names) == (0 if before else 1)

        with Gateway(stage.server.endpoint, first(1), before=before) as gateway:
            run(stage, act, sweep=True, endpoint=gateway.endpoint)
        assert stage.names == []
        assert len(stage.heard.of("DelMeeting")) == (0 if before else 1)
        assert stage.ledgers == []

    @pytest.mark.parametrize(
        "what", ["lost-answer", "502", "html-500", "maintenance", "empty-body", "429=0", "unknown-exception=000035"]
    )
    def test_no_answer_that_says_what_became_of_it(self, what: str, stage: Staging) -> None:
        stage.heard.set(
            [f"{what.partition('=')[0]}:CreateMeeting" + ("=" + what.partition("=")[2] if "=" in what else "")]
        )

        async def act(service: Service) -> None:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            assert len(service.ledger.open_entries) == 1

        run(stage, act, sweep=True)
        assert len(stage.heard.of("CreateMeeting")) == 1
        assert stage.names == []
        assert stage.ledgers == []

    @pytest.mark.parametrize("what", ["unknown-exception", "rate-limit"])
    def test_a_refusal_created_nothing(self, what: str, stage: Staging) -> None:
        stage.heard.set([what])

        async def act(service: Service) -> None:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            assert service.ledger.open_entries == []

        run(stage, act)
        assert len(stage.heard.requests) == 1

    def test_the_key_is_noted_and_the_removal_too(self, stage: Staging) -> None:
        async def act(service: Service) -> None:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            (entry,) = service.ledger.open_entries
            (session,) = stage.site.sessions.values()
            assert (entry.key, entry.name, entry.role) == (str(session.key), session.name, "host")
            await service.send(request("DelMeeting", {"meetingKey": entry.key}), "c")
            assert service.ledger.open_entries == []

        run(stage, act, sweep=True)
        assert stage.ledgers == []

    def test_a_removal_that_did_not_happen_is_none(self, stage: Staging) -> None:
        stage.heard.set(["cleanup-fails"])

        async def act(service: Service) -> None:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            (entry,) = service.ledger.open_entries
            await service.send(request("DelMeeting", {"meetingKey": entry.key}), "c")
            assert service.ledger.open_entries == [entry]

        run(stage, act)
        assert len(stage.ledgers) == 1

    def test_a_user_that_was_not_deactivated_is_not_removed(self, stage: Staging) -> None:
        """DelUser succeeds as a whole; how it went stands with each user."""
        name = unique()

        async def act(service: Service) -> None:
            await service.send(request("CreateUser", user(name), "admin"), "c")
            del stage.site.accounts[name]
            answer = await service.send(request("DelUser", {"webExId": name}, "admin"), "c")
            assert b"<use:status>FAILURE" in answer.body
            assert len(service.ledger.open_entries) == 1

        run(stage, act)

    def test_what_is_taken_from_a_session_does_not_remove_that(self, stage: Staging) -> None:
        async def act(service: Service) -> None:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            (entry,) = service.ledger.open_entries
            await service.send(request("CreateMeetingAttendee", invited("kim", entry.key)), "c")
            taken = {"attendeeEmail": {"email": "kim@example.com", "sessionKey": entry.key}}
            answer = await service.send(request("DelMeetingAttendee", taken), "c")
            assert b"SUCCESS" in answer.body
            assert service.ledger.open_entries == [entry]

        run(stage, act, sweep=True)
        assert stage.names == []

    @pytest.mark.parametrize("touch_shared", [False, True])
    def test_who_was_invited_to_our_own_session_may_be_taken_away(self, stage: Staging, touch_shared: bool) -> None:
        stage.add("CreateMeeting", meeting("of a stranger"))
        (theirs,) = stage.site.sessions.values()

        async def act(service: Service) -> None:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            (entry,) = service.ledger.open_entries
            invited_here = await service.send(request("CreateMeetingAttendee", invited("kim", entry.key)), "c")
            (ours,) = local_texts(response_of(invited_here), "attendeeId")
            assert service.ledger.owns(Key("attendee", ours))
            if touch_shared:  # what is there is of others all the same
                there = await service.send(request("CreateMeetingAttendee", invited("robin", str(theirs.key))), "c")
                (stranger,) = local_texts(response_of(there), "attendeeId")
                assert not service.ledger.owns(Key("attendee", stranger))
            answer = await service.send(request("DelMeetingAttendee", {"attendeeID": ours}), "c")
            assert b"SUCCESS" in answer.body

        run(stage, act, sweep=True, touch_shared=touch_shared)
        assert stage.names == ["of a stranger"]

    @pytest.mark.parametrize("name", ["DelMeeting", "SetMeeting"])
    def test_changes_are_not_sent_twice_either(self, name: str, stage: Staging) -> None:
        with Gateway(stage.server.endpoint, first(1, name)) as gateway:

            async def act(service: Service) -> None:
                await service.send(request("CreateMeeting", meeting(unique())), "c")
                (entry,) = service.ledger.open_entries
                with pytest.raises(ExchangeFault):
                    await service.send(request(name, {"meetingKey": entry.key}), "c")
                assert service.ledger.open_entries == [entry]

            run(stage, act, endpoint=gateway.endpoint)
        assert gateway.came.count(name) == 1

    def test_what_the_guard_refuses_reaches_nobody(self, stage: Staging) -> None:
        stage.add("CreateMeeting", meeting("of a stranger"))
        (session,) = stage.site.sessions.values()
        with pytest.raises(NotApplicable, match=f"DelMeeting would change {session.key}, which this run did not"):
            run(stage, send("DelMeeting", {"meetingKey": str(session.key)}))
        assert stage.heard.requests == []
        assert stage.ledgers == []


class TestReadAfterWrite:
    """Sites of many servers show late what was written."""

    async def create_and_read(self, service: Service) -> tuple[Exchange, list[str]]:
        await service.send(request("CreateMeeting", meeting(unique())), "c")
        (entry,) = service.ledger.open_entries
        answer = await service.send(request("GetMeeting", {"meetingKey": entry.key}), "c")
        return answer, list(service.remarks())

    def test_it_is_waited_for(self, stage: Staging) -> None:
        stage.heard.set(["slow-read-after-write=0.3"])
        answer, remarks = run(stage, self.create_and_read, limits={"settle_seconds": 10})
        assert b"SUCCESS" in answer.body
        assert len(answer.attempts) >= 2
        assert answer.attempts[0].startswith("exceptionID 060001, 0.0 s after the object was created")
        told = re.fullmatch(r"1 objects were found only some time after they were written, at most (.+) s", remarks[-1])
        assert told is not None
        assert 0.3 <= float(told[1]) < 5

    def test_up_to_the_limit(self, stage: Staging) -> None:
        stage.heard.set(["slow-read-after-write=3600"])
        answer, remarks = run(stage, self.create_and_read, limits={"settle_seconds": 0.5})
        assert b"060001" in answer.body
        assert answer.attempts
        assert remarks == []

    def test_not_where_it_was_removed(self, stage: Staging) -> None:
        async def act(service: Service) -> Exchange:
            await service.send(request("CreateMeeting", meeting(unique())), "c")
            (entry,) = service.ledger.open_entries
            await service.send(request("DelMeeting", {"meetingKey": entry.key}), "c")
            return await service.send(request("GetMeeting", {"meetingKey": entry.key}), "c")

        answer = run(stage, act, limits={"settle_seconds": 60})
        assert (b"060001" in answer.body, answer.attempts) == (True, ())

    def test_not_where_it_is_of_others(self, stage: Staging) -> None:
        answer = run(stage, send("GetMeeting", {"meetingKey": "71"}), limits={"settle_seconds": 60})
        assert (b"060001" in answer.body, answer.attempts) == (True, ())


def test_through_any_weather_nothing_is_created_twice_or_forgotten(stage: Staging) -> None:
    """Whatever is lost on the way: each create arrives at most once, and what is on the site is in the ledger."""
    chance = random.Random(7)  # noqa: S311

    async def act(service: Service) -> None:
        for _ in range(30):
            try:
                await service.send(request("CreateMeeting", meeting(unique())), "c")
                for entry in service.ledger.open_entries[:1]:
                    if entry.key:
                        await service.send(request("DelMeeting", {"meetingKey": entry.key}), "c")
            except ExchangeFault:
                service.traffic.succeeded()  # the circuit is not what is tested here
            assert set(stage.names) <= {entry.name for entry in service.ledger.open_entries}

    with Gateway(stage.server.endpoint, lambda _: chance.random() < 0.3) as gateway:
        run(stage, act, endpoint=gateway.endpoint)
    assert gateway.came.count("CreateMeeting") == 30
    created = [call.content.value("metaData/confName") for call in stage.heard.of("CreateMeeting")]
    assert len(created) == len(set(created))
