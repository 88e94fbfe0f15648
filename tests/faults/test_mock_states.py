"""Faults of what a site remembers, as clients see them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from mocks import CASE, PASSWORD, Bench, bench

from conformance.run.verdicts import Verdict
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response
from conformance.wire.times import write_date

MEETING = "Weekly"


@pytest.fixture(scope="module")
def faulty() -> Iterator[Bench]:
    """A mock to give faults to."""
    with bench() as running:
        yield running


class Caller:
    """A client of the mock, with a site as new."""

    def __init__(self, running: Bench, *faults: str) -> None:
        self.site = running.renew()
        running.server.faults.set(faults)
        self._endpoint = running.server.endpoint

    def ask(self, name: str, body: Body, caller: str = "host") -> Response:
        return read_response(self.post(name, body, caller).content)

    def post(self, name: str, body: Body, caller: str = "host") -> httpx2.Response:
        security = {"siteName": "go", "webExID": caller, "password": PASSWORD}
        return httpx2.post(self._endpoint, content=build_request(operation(name), security, body))

    def create(self) -> httpx2.Response:
        start = write_date(self.site.clock.now().replace(year=2100, day=1))
        schedule = {"startDate": start, "timeZoneID": "20", "duration": "30"}
        return self.post(
            "CreateMeeting",
            {
                "accessControl": {"meetingPassword": "Aa1bc2De3"},
                "metaData": {"confName": MEETING},
                "schedule": schedule,
            },
        )

    def key(self) -> str:
        return read_response(self.create().content).root.findtext(f".//{{{NAMESPACES['meet']}}}meetingkey") or ""

    def name(self, key: str) -> str:
        read = self.ask("GetMeeting", {"meetingKey": key})
        return read.root.findtext(f".//{{{NAMESPACES['meet']}}}confName") or read.exception_id or ""


class TestInterference:
    def test_each_read_finds_something_else(self, faulty: Bench) -> None:
        caller = Caller(faulty, "interference")
        key = caller.key()
        first, second = caller.name(key), caller.name(key)
        assert (first, second) == (f"{MEETING} (changed)", f"{MEETING} (changed) (changed)")

    def test_it_can_befall_the_first_read_alone(self, faulty: Bench) -> None:
        caller = Caller(faulty, "interference:GetMeeting@1-1")
        key = caller.key()
        assert caller.name(key) == caller.name(key) == f"{MEETING} (changed)"

    def test_accounts_suffer_it_too(self, faulty: Bench) -> None:
        caller = Caller(faulty, "interference")
        read = caller.ask("GetUser", {"webExId": "host"})
        assert read.root.findtext(f".//{{{NAMESPACES['use']}}}lastName") == "Example (changed)"


class TestSlowRead:
    def test_what_was_created_is_found_after_its_time(self, faulty: Bench) -> None:
        caller = Caller(faulty, "slow-read-after-write=0.5")
        start = time.monotonic()
        key = caller.key()
        while (seen := caller.name(key)) != MEETING:
            assert seen == "060001"
            assert time.monotonic() - start < 10
            time.sleep(0.02)
        assert time.monotonic() - start >= 0.5

    def test_it_can_be_deleted_meanwhile(self, faulty: Bench) -> None:
        caller = Caller(faulty, "slow-read-after-write=60")
        assert caller.ask("DelMeeting", {"meetingKey": caller.key()}).result == "SUCCESS"
        assert caller.site.sessions == {}

    def test_what_was_there_before_is_found(self, faulty: Bench) -> None:
        caller = Caller(faulty, "slow-read-after-write=60")
        assert caller.ask("GetUser", {"webExId": "host"}).result == "SUCCESS"

    def test_a_new_account_is_hidden_from_others_and_not_from_itself(self, faulty: Bench) -> None:
        caller = Caller(faulty, "slow-read-after-write=60")
        user = {"webExId": "kim", "firstName": "Kim", "lastName": "Sample", "email": "kim@example.com"}
        made = caller.ask("CreateUser", {**user, "password": PASSWORD, "active": "ACTIVATED"}, "siteadmin")
        assert made.result == "SUCCESS"
        assert caller.ask("GetUser", {"webExId": "kim"}, "siteadmin").exception_id == "030001"
        assert caller.ask("GetUser", {"webExId": "kim"}, "kim").result == "SUCCESS"


class TestDoubles:
    def test_a_session_is_there_twice_under_one_name(self, faulty: Bench) -> None:
        caller = Caller(faulty, "duplicate-create")
        key = caller.key()
        assert [session.name for session in caller.site.sessions.values()] == [MEETING, MEETING]
        assert caller.name(key) == MEETING

    def test_a_case_passes_and_leaves_the_double_behind(self, faulty: Bench, write_cases: Callable[..., Path]) -> None:
        result = faulty.run(write_cases(CASE), "duplicate-create")
        assert (result.verdict, result.leftovers) == (Verdict.PASS, ())
        assert len(faulty.site.sessions) == 1

    def test_an_answer_is_lost_after_the_deed(self, faulty: Bench) -> None:
        caller = Caller(faulty, "lost-answer:Create*@1-1")
        assert caller.create().status_code == 502
        assert caller.create().status_code == 200
        assert len(caller.site.sessions) == 2


class TestCleanUp:
    def test_nothing_can_be_deleted_and_the_result_says_what_is_left(
        self, faulty: Bench, write_cases: Callable[..., Path]
    ) -> None:
        result = faulty.run(write_cases(CASE), "cleanup-fails")
        assert [line.partition(":")[0] for line in result.leftovers] == ["DelMeeting", "DelUser"]
        assert len(faulty.site.sessions) == 1

    def test_it_can_fail_for_one_operation(self, faulty: Bench, write_cases: Callable[..., Path]) -> None:
        result = faulty.run(write_cases(CASE), "cleanup-fails:DelUser")
        assert [line.partition(":")[0] for line in result.leftovers] == ["DelUser"]
        assert faulty.site.sessions == {}


class TestWrongSite:
    def test_the_site_calls_itself_otherwise(self, faulty: Bench) -> None:
        caller = Caller(faulty, "wrong-site=elsewhere")
        text = caller.post("GetSite", {}, "siteadmin").text
        assert "<ns1:siteName>elsewhere</ns1:siteName>" in text
        assert "elsewhere.webex.example.com" in text
        assert ">go<" not in text
        assert "go.webex.example.com" not in text

    def test_so_do_its_links(self, faulty: Bench) -> None:
        text = Caller(faulty, "wrong-site=elsewhere").create().text
        assert "https://elsewhere.webex.example.com/" in text
