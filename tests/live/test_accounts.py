"""How accounts sign in, and that no secret that was refused is ever sent again; counted on the site's side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lab import spellings
from live_lab import PASSWORDS, Staging, request, serving

from conformance.errors import ExchangeFault, UserError
from conformance.live.accounts import SIGN_IN, SignInRefused
from conformance.live.provider import LiveProvider
from conformance.site.seam import NotApplicable
from conformance.wire.names import operation
from conformance.wire.request import build_request

WRONG = "Zq7Wrong&<\u00fc/+"


class Clock:
    """Stands for ``time`` in the module under test."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def strftime(self, form: str) -> str:
        return "2026-11-22"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("conformance.live.accounts.time", clock)
    return clock


def security(provider: LiveProvider, *roles: str, between: Callable[[], None] = lambda: None) -> list[dict[str, str]]:
    """Return what a run asks for, in order."""

    async def run() -> list[dict[str, str]]:
        got = []
        async with serving(provider) as service:
            for role in roles:
                got.append(await service.accounts.security(role, service.ask))
                between()
        return got

    return asyncio.run(run())


def try_once(provider: LiveProvider, role: str = "host") -> None:
    async def run() -> None:
        async with serving(provider) as service:
            await service.accounts.try_once(role, service.ask)

    asyncio.run(run())


class TestPassword:
    def test_it_goes_with_each_request_and_nobody_signs_in(self, stage: Staging) -> None:
        assert security(stage.provider(), "host", "siteAdmin") == [
            {"webExID": "ann", "password": PASSWORDS["ann"]},
            {"webExID": "admin", "password": PASSWORDS["admin"]},
        ]
        assert stage.heard.requests == []

    def test_a_role_without_an_account(self, stage: Staging) -> None:
        with pytest.raises(NotApplicable, match="the site has no account for the role attendee"):
            security(stage.provider(roles=("host",)), "attendee")

    def test_roles_by_webex_id(self, stage: Staging) -> None:
        accounts = stage.provider().accounts
        assert [accounts.role_of(name) for name in ("ann", "ANN", "eve", "")] == ["host", "host", "", ""]


class TestTicket:
    def test_one_sign_in_and_the_ticket_from_then_on(self, stage: Staging) -> None:
        provider = stage.provider(sign_in="ticket")
        got = security(provider, "host", "host", "host")
        (sign_in,) = stage.heard.requests
        assert (sign_in.operation and sign_in.operation.name, sign_in.security["password"]) == (
            SIGN_IN,
            PASSWORDS["ann"],
        )
        (ticket,) = stage.site.tickets
        assert got == [{"webExID": "ann", "sessionTicket": ticket}] * 3
        assert ticket in provider.accounts.secrets

    def test_it_is_renewed_before_it_ends(self, stage: Staging, clock: Clock) -> None:
        provider = stage.provider(sign_in="ticket")
        seconds = iter([4300, 100, 0])  # of the 5400 that the site gives

        def pass_by() -> None:
            clock.now += next(seconds)

        first, second, third = security(provider, "host", "host", "host", between=pass_by)
        assert first == second != third
        assert len(stage.heard.of(SIGN_IN)) == 2
        assert third["sessionTicket"] == list(stage.site.tickets)[1]

    def test_concurrent_cases_sign_in_once(self, stage: Staging) -> None:
        async def run() -> list[dict[str, str]]:
            async with serving(stage.provider(sign_in="ticket")) as service:
                asked = (service.accounts.security("host", service.ask) for _ in range(16))
                return list(await asyncio.gather(*asked))

        got = asyncio.run(run())
        assert got == [got[0]] * 16
        assert stage.heard.names == [SIGN_IN]

    def test_it_lets_in(self, stage: Staging) -> None:
        async def run() -> str | None:
            async with serving(stage.provider(sign_in="ticket")) as service:
                ticket = await service.accounts.security("host", service.ask)
                stage.site.clock.offset = timedelta(seconds=5300)
                return (await service.ask("GetUser", ticket, {})).result

        assert asyncio.run(run()) == "SUCCESS"

    def test_one_that_the_site_forgot_is_replaced(self, stage: Staging) -> None:
        """Else a site that was restarted would fail every case that is left."""

        async def run() -> tuple[bytes, bytes]:
            async with serving(stage.provider(sign_in="ticket")) as service:

                async def ask() -> bytes:
                    ticket = await service.accounts.security("host", service.ask)
                    data = build_request(operation("GetUser"), {"siteName": "go", **ticket}, {})
                    return (await service.send(data, "c")).body

                await ask()
                stage.site.tickets.clear()
                return await ask(), await ask()

        forgotten, known = asyncio.run(run())
        assert b"030047" in forgotten
        assert b"SUCCESS" in known
        assert len(stage.heard.of(SIGN_IN)) == 2

    def test_an_answer_without_one(self, stage: Staging) -> None:
        stage.heard.set(["wrong-answer"])
        with pytest.raises(ExchangeFault, match="sign-in: AuthenticateUser for host brought no sessionTicket"):
            security(stage.provider(sign_in="ticket"), "host")


class TestToken:
    def provider(self, stage: Staging) -> LiveProvider:
        account = {"web_ex_id": "ann", "access_token": "file:ann.secret"}
        return stage.provider(accounts={"host": account})

    def test_it_goes_with_each_request(self, stage: Staging) -> None:
        assert security(self.provider(stage), "host") == [{"webExID": "ann", "webExAccessToken": PASSWORDS["ann"]}]
        assert stage.heard.requests == []

    def test_the_first_look_signs_in_with_it(self, stage: Staging) -> None:
        try_once(self.provider(stage))
        (sign_in,) = stage.heard.requests
        assert sign_in.content.value("accessToken") == PASSWORDS["ann"]
        assert "password" not in sign_in.security

    def test_a_refused_one_is_told_as_one(self, stage: Staging) -> None:
        del stage.site.accounts["ann"]
        provider = self.provider(stage)
        for _ in range(2):
            with pytest.raises(SignInRefused, match="put the right access token there"):
                try_once(provider)
        assert len(stage.heard.requests) == 1


class TestRefused:
    """Accounts are locked after some wrong passwords, so a password that was refused once is never sent again."""

    @pytest.fixture(autouse=True)
    def _wrong(self, stage: Staging) -> None:
        stage.secret("ann", WRONG)

    def refusal(self, stage: Staging, **changed: Any) -> str:
        with pytest.raises(SignInRefused) as refused:
            try_once(stage.provider(**changed))
        assert isinstance(refused.value, UserError)
        return str(refused.value)

    def test_it_is_told_whose(self, stage: Staging) -> None:
        assert self.refusal(stage) == (
            "credentials: the account ann (role host): the site refused it: 030002 Incorrect user or password;"
            " put the right password there"
        )

    def test_in_the_middle_of_a_run_it_is_no_defect_of_ours(self, stage: Staging) -> None:
        provider = stage.provider()
        provider.accounts.refused("host", "030002")

        async def run() -> None:
            async with provider.site({}) as site:
                await site.security("host")

        with pytest.raises(ExchangeFault, match="sign-in: credentials: the account ann") as fault:
            asyncio.run(run())
        assert not fault.value.sent

    @pytest.mark.parametrize("sign_in", ["password", "ticket"])
    def test_not_by_this_run(self, sign_in: Any, stage: Staging) -> None:
        async def run() -> None:
            async with serving(stage.provider(sign_in=sign_in)) as service:
                with pytest.raises(SignInRefused):
                    await service.accounts.try_once("host", service.ask)
                for _ in range(3):
                    with pytest.raises(SignInRefused, match=r"its password was refused before .*; not tried again"):
                        await service.accounts.try_once("host", service.ask)
                    with pytest.raises(SignInRefused, match="not tried again"):
                        await service.accounts.security("host", service.ask)
                assert (await service.accounts.security("siteAdmin", service.ask))["webExID"] == "admin"

        asyncio.run(run())
        assert [call.security["webExID"] for call in stage.heard.requests].count("ann") == 1

    def test_not_by_another_run(self, stage: Staging, clock: Clock) -> None:
        self.refusal(stage)
        for sign_in in ("password", "ticket"):
            with pytest.raises(SignInRefused) as refused:
                security(stage.provider(sign_in=sign_in), "host")
            assert str(refused.value) == (
                "credentials: the account ann (role host): its password was refused before (030002 on 2026-11-22);"
                " not tried again; put the right password there"
            )
        assert len(stage.heard.requests) == 1

    @pytest.mark.parametrize("names", [("ann", "ANN"), ("ANN", "ann")])
    def test_not_where_the_account_is_written_otherwise(self, names: tuple[str, str], stage: Staging) -> None:
        first, second = ({"host": {"web_ex_id": name, "password": "file:ann.secret"}} for name in names)
        assert "the site refused it" in self.refusal(stage, accounts=first)
        assert "refused before" in self.refusal(stage, accounts=second)
        assert len(stage.heard.requests) == 1

    def test_by_a_request_of_a_case_too(self, stage: Staging) -> None:
        async def run() -> None:
            async with serving(stage.provider()) as service:
                mine = request("GetUser", {}).replace(b"Zq7Ann+Canary", WRONG.replace("&<", "&amp;&lt;").encode())
                assert b"030002" in (await service.send(mine, "c")).body
                with pytest.raises(SignInRefused, match="refused before"):
                    await service.accounts.security("host", service.ask)

        asyncio.run(run())

    def test_a_password_that_a_case_makes_up_says_nothing_of_ours(self, stage: Staging) -> None:
        stage.secret("ann", PASSWORDS["ann"])

        async def run() -> None:
            async with serving(stage.provider()) as service:
                wrong = request("GetUser", {}).replace(b"Zq7Ann+Canary", b"not-the-password")
                assert b"030002" in (await service.send(wrong, "c")).body
                await service.accounts.security("host", service.ask)

        asyncio.run(run())

    def test_another_password_is_tried(self, stage: Staging) -> None:
        self.refusal(stage)
        stage.secret("ann", PASSWORDS["ann"])
        try_once(stage.provider())
        assert len(stage.heard.requests) == 2
        stage.secret("ann", WRONG)
        assert "refused before" in self.refusal(stage)
        assert len(stage.heard.requests) == 2

    def test_forgiven_it_is_tried_again(self, stage: Staging) -> None:
        self.refusal(stage)
        provider = stage.provider()
        provider.accounts.forgive()
        with pytest.raises(SignInRefused, match="the site refused it"):
            try_once(provider)
        assert len(stage.heard.requests) == 2

    def test_a_locked_account_counts_as_refused(self, stage: Staging) -> None:
        stage.heard.set(["locked-account"])
        assert "999999 The account is locked" in self.refusal(stage)
        assert "refused before (999999 on " in self.refusal(stage)
        assert len(stage.heard.requests) == 1

    @pytest.mark.parametrize("fault", ["rate-limit", "unknown-exception=000035", "unknown-exception=010107"])
    def test_a_site_that_is_busy_or_away_refused_nothing(self, fault: str, stage: Staging) -> None:
        stage.secret("ann", PASSWORDS["ann"])
        stage.heard.set([fault])
        with pytest.raises(ExchangeFault, match="service: AuthenticateUser answered 0"):
            try_once(stage.provider())
        stage.heard.set(())
        try_once(stage.provider())

    @pytest.mark.parametrize("fault", ["503=0", "maintenance", "429=9999"])
    def test_nor_did_one_that_did_not_answer(self, fault: str, stage: Staging) -> None:
        stage.secret("ann", PASSWORDS["ann"])
        stage.heard.set([fault])
        with pytest.raises(ExchangeFault):
            try_once(stage.provider())
        stage.heard.set(())
        try_once(stage.provider())


class TestMemory:
    def file(self, stage: Staging) -> Path:
        return stage.folder / ".conformance" / "stage" / "refused.json"

    def test_it_holds_no_secret_in_any_spelling(self, stage: Staging) -> None:
        stage.secret("ann", WRONG)
        # The site says the password back.
        stage.heard.set(["echo-secret-reason"])
        with pytest.raises(SignInRefused):
            try_once(stage.provider())
        text = self.file(stage).read_text(encoding="utf-8")
        held = [spelling for spelling in (*spellings(WRONG).values(), "Zq7Wrong") if spelling in text]
        assert held == []
        (record,) = json.loads(text).values()
        assert record.keys() == {"salt", "digest", "why"}
        assert record["why"].startswith("999999 on ")
        for path in self.file(stage).parent.iterdir():
            assert b"Zq7Wrong" not in path.read_bytes()

    def test_the_same_password_is_kept_otherwise_each_time(self, stage: Staging) -> None:
        stage.secret("ann", WRONG)
        seen = []
        for _ in range(2):
            provider = stage.provider()
            provider.accounts.forgive()
            with pytest.raises(SignInRefused):
                try_once(provider)
            seen.append(json.loads(self.file(stage).read_text())["ann"])
        assert seen[0]["digest"] != seen[1]["digest"]

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", "3", '{"ann": 3}', '{"ann": {}}', '{"ann": {"salt": "zz", "digest": "", "why": ""}}',
         '{"ann": {"salt": 3, "digest": "", "why": ""}}'],
    )  # fmt: skip
    def test_where_it_can_not_be_read_nothing_is_sent(self, text: str, stage: Staging) -> None:
        """Sending without knowing what was refused might lock the account."""
        self.file(stage).parent.mkdir(parents=True)
        self.file(stage).write_text(text)
        with pytest.raises(UserError, match=r"refused\.json: can not be read .*; remove it"):
            try_once(stage.provider())
        assert stage.heard.requests == []

    def test_two_accounts(self, stage: Staging) -> None:
        for name, role in (("ann", "host"), ("bob", "attendee")):
            stage.secret(name, WRONG)
            with pytest.raises(SignInRefused):
                try_once(stage.provider(), role)
        assert json.loads(self.file(stage).read_text()).keys() == {"ann", "bob"}
        for role in ("host", "attendee"):
            with pytest.raises(SignInRefused, match="refused before"):
                try_once(stage.provider(), role)
        assert len(stage.heard.requests) == 2
