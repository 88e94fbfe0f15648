"""The embedded mock as a site: one of its own for each case."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from lab import exchange

from conformance.errors import ExchangeFault
from conformance.mock.state import Reply
from conformance.run.embedded import EmbeddedMock, EmbeddedSite
from conformance.site.look import look
from conformance.site.seam import Exchange, SiteFacts
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response

T = TypeVar("T")


def with_mock(work: Callable[[EmbeddedMock, SiteFacts], Awaitable[T]], clock: timedelta = timedelta()) -> T:
    """Do something with an open mock."""

    async def scenario() -> T:
        mock = EmbeddedMock(Version.parse("40.2.4"), clock)
        facts = await mock.open()
        try:
            return await work(mock, facts)
        finally:
            await mock.close()

    return asyncio.run(scenario())


async def ask(site: EmbeddedSite, name: str, body: Body, role: str = "siteAdmin") -> Response:
    account = site.profile.accounts[role]
    security = {"siteName": site.profile.name, "webExID": account.web_ex_id, "password": account.password}
    return read_response((await site.send(build_request(operation(name), security, body))).body)


@pytest.mark.parametrize("clock", [timedelta(), timedelta(hours=1), timedelta(days=-400)])
def test_a_first_look_tells_release_and_clock(clock: timedelta) -> None:
    async def facts_of(_: EmbeddedMock, facts: SiteFacts) -> SiteFacts:
        return facts

    facts = with_mock(facts_of, clock)
    assert "40.2.4" in facts.api_version
    assert facts.endpoint.startswith("http://127.0.0.1:")
    assert abs(facts.clock_offset - clock) < timedelta(seconds=10)
    assert bool(facts.clock_offset) == bool(clock)


def test_each_case_has_a_site_that_no_other_case_sees() -> None:
    async def work(mock: EmbeddedMock, _: SiteFacts) -> tuple[set[str], str | None, str | None]:
        async with mock.site({}) as one, mock.site({}) as other:
            names = {one.profile.name, other.profile.name}
            await ask(one, "SetUser", {"webExId": "host", "firstName": "Changed"})
            seen = await ask(other, "GetUser", {"webExId": "host"})
            first = seen.root.findtext(f".//{{{NAMESPACES['use']}}}firstName")
        gone = await ask(one, "GetUser", {"webExId": "host"})
        return names, first, gone.result

    names, first, gone = with_mock(work)
    assert len(names) == 2
    assert first == "Host"
    assert gone == "FAILURE"


def test_a_site_is_what_the_case_needs() -> None:
    async def work(mock: EmbeddedMock, _: SiteFacts) -> list[str | None]:
        meeting = {"metaData": {"confName": "x"}, "schedule": {"startDate": "01/01/2090 00:00:00", "duration": "30"}}
        answers = []
        for required in ("true", "false"):
            async with mock.site({"session passwords required": required}) as site:
                answer = await ask(site, "CreateMeeting", meeting, "host")
                answers.append(answer.root.findtext(f".//{{{NAMESPACES['meet']}}}meetingPassword"))
        return answers

    generated, none = with_mock(work)
    assert generated
    assert not none


def test_mails_can_be_read_and_their_links_followed_once() -> None:
    async def work(mock: EmbeddedMock, _: SiteFacts) -> tuple[int, list[bool]]:
        async with mock.site({"email change needs confirmation": "true"}) as site:
            # 40.2.4 does not know of confirmations: the address changes, and nobody is mailed.
            await ask(site, "SetUser", {"webExId": "host", "email": "new@example.com"}, "host")
            mails = await site.mails("new@example.com")
            return len(mails), [await site.open(f"{mock._server.base_url}/nowhere")]

    assert with_mock(work) == (0, [False])


def test_without_http_the_answers_are_the_same() -> None:
    async def answers(mock: EmbeddedMock, name: str, body: Body) -> tuple[str | None, int, bytes]:
        async with mock.site({}) as site:
            security = {"siteName": site.profile.name}
            answer = await site.send(build_request(operation(name), security, body))
            own = site.profile.name.encode()
            return answer.headers.get("content-type"), answer.status, answer.body.replace(own, b"site")

    async def work(mock: EmbeddedMock, _: SiteFacts) -> list[bool]:
        direct = mock.without_http()
        asked: list[tuple[str, Body]] = [
            ("GetAPIVersion", {}),
            ("GetUser", {}),
            ("GetSessionInfo", {"sessionKey": "1"}),
        ]
        return [await answers(mock, *one) == await answers(direct, *one) for one in asked]

    assert with_mock(work) == [True, True, True]


def test_a_provider_like_another_has_sites_of_its_own_kind_on_the_same_server() -> None:
    def refused(site: object, request: object, proceed: object) -> Reply:
        return Reply(b"<refused/>", status=503)

    async def work(mock: EmbeddedMock, _: SiteFacts) -> list[tuple[int, str]]:
        seen = []
        for one in (mock.like(Version.parse("40.4.3"), refused), mock.like(Version.parse("40.1.0")), mock):
            async with one.site({}) as site:
                request = build_request(operation("GetAPIVersion"), {"siteName": site.profile.name}, {})
                answer = await site.send(request)
                seen.append((answer.status, (await look(site.send, site.profile.name, "")).api_version))
        return seen

    assert with_mock(work) == [(503, ""), (200, "40.1.0"), (200, "40.2.4")]


def test_without_being_opened_there_is_no_site() -> None:
    async def scenario() -> None:
        async with EmbeddedMock(DEFAULT_VERSION).site({}):
            pass

    with pytest.raises(ExchangeFault, match=r"^refused: the embedded mock is not running$"):
        asyncio.run(scenario())


def test_closing_what_was_never_opened_is_nothing() -> None:
    asyncio.run(EmbeddedMock(DEFAULT_VERSION).close())


@pytest.mark.parametrize("body", [b"", b"<html>", b"<a/>"])
def test_a_first_look_at_what_is_no_site_tells_no_release(body: bytes) -> None:
    now = datetime.now(UTC)

    class Odd(EmbeddedSite):
        def __init__(self, profile: object) -> None:
            self.profile = profile  # type: ignore[assignment]

        async def send(self, request: bytes) -> Exchange:
            return replace(exchange(body), request=request, started=now)

    async def work(mock: EmbeddedMock, _: SiteFacts) -> SiteFacts:
        async with mock.site({}) as site:
            return await look(Odd(site.profile).send, "odd", "odd:")

    assert with_mock(work) == SiteFacts("odd:", "", timedelta())
