"""The first look at a site: what is seen, what is stated, what stops a run before it begins."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from live_lab import PASSWORDS, Heard, Staging

from conformance.errors import ExchangeFault, UserError
from conformance.live.accounts import SIGN_IN, SignInRefused
from conformance.live.preflight import Finding, Preflight
from conformance.live.provider import LiveProvider, ask_version
from conformance.live.settings import NEEDS, SiteSettings
from conformance.mock.server import MockServer
from conformance.mock.state import Settings
from conformance.site.seam import NotApplicable, NotObservable, SiteFacts
from conformance.versions import Version
from conformance.wire.effects import Effect


def look(provider: LiveProvider) -> SiteFacts:
    async def run() -> SiteFacts:
        try:
            return await provider.open()
        finally:
            await provider.close()

    return asyncio.run(run())


def found(stage: Staging, **changed: Any) -> dict[str, Finding]:
    """Return what is found on a site that can be used, by its subject."""
    provider = stage.provider(**changed)
    look(provider)
    return {finding.subject: finding for finding in provider.preflight.findings}


def stopped(stage: Staging, expected: type[Exception], **changed: Any) -> tuple[str, Preflight]:
    """Return what stops the first look, and how far it came."""
    provider = stage.provider(**changed)
    with pytest.raises(expected) as raised:
        look(provider)
    assert not [secret for secret in PASSWORDS.values() if secret in str(raised.value)]
    return str(raised.value), provider.preflight


class TestUsable:
    def test_all_that_is_looked_at(self, stage: Staging) -> None:
        findings = found(stage)
        assert list(findings) == [
            "endpoint",
            "version",
            "clock",
            "account siteAdmin",
            "account host",
            "account attendee",
            *(f"setting {name}" for name in NEEDS),
            "mailbox",
        ]
        assert findings["version"].told == "40.4.3"
        assert findings["account host"].told == "ann signs in"
        told = {"session passwords required", "access anywhere sessions"}
        assert {name for name, finding in findings.items() if finding.state != "ok"} == {
            *(f"setting {name}" for name in NEEDS if name not in told),
            "mailbox",
        }

    def test_each_account_signs_in_once_and_nothing_is_changed(self, stage: Staging) -> None:
        look(stage.provider())
        signed_in = [call.security["webExID"] for call in stage.heard.of(SIGN_IN)]
        assert signed_in == ["admin", "ann", "bob"]
        assert not [name for name in stage.heard.names if not name.startswith(("Get", "Lst", SIGN_IN))]

    def test_tickets_of_the_first_look_are_used(self, stage: Staging) -> None:
        look(stage.provider(sign_in="ticket"))
        assert len(stage.heard.of(SIGN_IN)) == 3
        assert all("sessionTicket" in call.security for call in stage.heard.of("GetSite"))

    def test_a_production_site_too(self, stage: Staging) -> None:
        assert found(stage, kind="production")["endpoint"].state == "ok"

    def test_without_accounts_what_needs_none_is_seen(self, stage: Staging) -> None:
        findings = found(stage, roles=())
        assert findings["version"].told == "40.4.3"
        assert findings["setting session passwords required"].state == "unknown"
        assert stage.heard.names == ["GetAPIVersion"]


class TestSettings:
    @pytest.mark.parametrize("required", [True, False])
    def test_seen(self, required: bool, stage: Staging) -> None:
        stage.site.settings = Settings(session_passwords_required=required)
        findings = found(stage)
        assert findings["setting session passwords required"].told == f"{str(required).lower()} (seen)"
        assert findings["setting access anywhere sessions"].told == "0 (seen)"

    def test_stated_beats_seen(self, stage: Staging) -> None:
        findings = found(stage, settings={"session passwords required": False, "access anywhere sessions": 12})
        assert findings["setting session passwords required"].told == "false (stated)"
        assert findings["setting access anywhere sessions"].told == "12 (stated)"
        assert stage.heard.of("LstAccessAnywhereHistory") == []

    def test_unknown(self, stage: Staging) -> None:
        finding = found(stage)["setting email change needs confirmation"]
        assert (finding.state, finding.told) == (
            "unknown",
            "the site does not tell; say it in the settings of the profile",
        )

    def test_where_the_site_does_not_let_us_ask(self, stage: Staging) -> None:
        stage.heard.set(["unknown-exception:GetSite=000001"])
        findings = found(stage)
        assert findings["GetSite"] == Finding("GetSite", "unknown", "000001 An unheard-of failure")
        assert findings["setting session passwords required"].state == "unknown"

    def test_a_release_that_has_no_access_anywhere_history(self, stage: Staging) -> None:
        stage.renew(Version.parse("39.11.0"))
        findings = found(stage)
        assert findings["setting access anywhere sessions"].state == "unknown"

    def test_which_cases_may_run(self, stage: Staging) -> None:
        provider = stage.provider(settings={"access anywhere sessions": 12})
        look(provider)
        provider.admit({"session passwords required": "true", "access anywhere sessions": "12"}, Effect.CREATE_OWN)
        provider.admit({"access anywhere sessions": "5"}, Effect.READ)
        with pytest.raises(NotApplicable, match="'access anywhere sessions' is 12 on this site, the case needs 13"):
            provider.admit({"access anywhere sessions": "13"}, Effect.READ)
        with pytest.raises(NotApplicable, match=r"'session passwords required' is true on this site, .* needs false"):
            provider.admit({"session passwords required": "false"}, Effect.READ)
        with pytest.raises(NotObservable, match=r"it is not known whether .* say it in \[sites.stage.settings\]"):
            provider.admit({"email change needs confirmation": "true"}, Effect.READ)
        with pytest.raises(NotApplicable, match="touches what others share"):
            provider.admit({}, Effect.TOUCH_SHARED)


class TestWarnings:
    @pytest.mark.parametrize("offset", [timedelta(hours=1), timedelta(minutes=-3)])
    def test_a_clock_that_is_far_off(self, offset: timedelta, stage: Staging) -> None:
        stage.site.clock.offset = offset
        provider = stage.provider()
        facts = look(provider)
        assert abs(facts.clock_offset - offset) < timedelta(seconds=30)
        (warning,) = facts.warnings
        assert warning.startswith(f"clock: {'+' if offset > timedelta() else '-'}")
        assert warning.endswith(" s against ours; dates of cases follow the site's clock")

    def test_a_clock_that_is_a_little_off(self, stage: Staging) -> None:
        stage.site.clock.offset = timedelta(seconds=60)
        provider = stage.provider()
        facts = look(provider)
        assert facts.warnings == ()
        assert facts.clock_offset > timedelta(seconds=30)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Any]:
    """Return what makes a site over TLS whose certificate ends after so many days."""
    servers: list[MockServer] = []

    def make(days: float) -> Staging:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        issued = authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) + timedelta(days=days, minutes=5))
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        server, heard = MockServer(tls_certificate=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem"), Heard()
        server.faults = heard
        server.start()
        servers.append(server)
        return Staging(server, heard, tmp_path)

    yield make
    for server in servers:
        server.stop()


class TestMailbox:
    def test_one_that_can_not_be_looked_into_is_a_warning_and_stops_nothing(self, stage: Staging) -> None:
        pytest.importorskip("imapclient", reason="IMAPClient, an extra of the package, is not installed")
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            mail = {
                "host": "127.0.0.1",
                "port": nobody.getsockname()[1],
                "tls": "none",
                "user": "box",
                "password": "file:bob.secret",
            }
            finding = found(stage, mail=mail)["mailbox"]
        assert finding.state == "warning"


class TestCertificate:
    def test_one_that_ends_soon(self, secured: Any) -> None:
        stage = secured(13)
        provider = stage.provider(ca_file="ca.pem")
        (warning,) = look(provider).warnings
        assert warning == f"certificate: ends {datetime.now(UTC) + timedelta(days=13):%Y-%m-%d}, in 13 days"

    def test_one_that_does_not(self, secured: Any) -> None:
        finding = found(secured(15), ca_file="ca.pem")["certificate"]
        assert (finding.state, finding.told.endswith(", in 15 days")) == ("ok", True)

    def test_one_of_nobody_we_trust(self, secured: Any) -> None:
        stage = secured(15)
        told, preflight = stopped(stage, ExchangeFault)
        assert told.startswith("tls: ")
        assert [(finding.subject, finding.state) for finding in preflight.findings] == [("endpoint", "fault")]
        assert stage.heard.requests == []


class TestStopped:
    def test_by_a_wrong_password_after_one_sign_in(self, stage: Staging) -> None:
        stage.secret("ann", "Zq7Wrong")
        for number in range(2):
            told, preflight = stopped(stage, SignInRefused)
            assert told.startswith("credentials: the account ann (role host): ")
            assert preflight.findings[-1].subject == "account host"
            assert preflight.findings[-1].state == "fault"
            assert [call.security["webExID"] for call in stage.heard.of(SIGN_IN)].count("ann") == 1, number

    @pytest.mark.parametrize("fault", ["401", "403"])
    def test_by_a_site_that_lets_nobody_in(self, fault: str, stage: Staging) -> None:
        stage.heard.set([fault])
        told, preflight = stopped(stage, UserError)
        assert told == f"{stage.server.endpoint}: credentials: the site answered HTTP {fault}"
        assert [finding.state for finding in preflight.findings] == ["fault"]
        assert stage.heard.names == ["GetAPIVersion"]

    def test_by_401_for_an_account_that_is_then_never_tried_again(self, stage: Staging) -> None:
        stage.heard.set([f"401:{SIGN_IN}"])
        assert stopped(stage, SignInRefused)[0] == (
            "credentials: AuthenticateUser for admin (role siteAdmin): the site answered HTTP 401"
        )
        stage.heard.set(())
        assert "was refused before" in stopped(stage, SignInRefused)[0]
        assert stage.heard.names.count(SIGN_IN) == 1

    def test_by_another_site_before_anything_is_created(self, stage: Staging) -> None:
        stage.heard.set(["wrong-site"])
        told, _ = stopped(stage, UserError)
        assert told == f"{stage.server.endpoint}: GetSite answers for the site 'other', the profile is for 'go'"
        assert not [name for name in stage.heard.names if name.startswith(("Create", "Set", "Del"))]

    def test_by_a_name_that_the_site_does_not_know(self, stage: Staging) -> None:
        told, _ = stopped(stage, ExchangeFault, site_name="nowhere")
        assert told.startswith("service: GetAPIVersion answered ")
        assert told.endswith("; is site_name right?")
        assert stage.heard.names == ["GetAPIVersion"]

    def test_by_an_address_that_must_not_be_contacted(self, stage: Staging) -> None:
        told, _ = stopped(stage, ExchangeFault, private_addresses=False)
        assert told.startswith("address: ")
        assert stage.heard.requests == []

    @pytest.mark.parametrize("fault", ["maintenance", "html-500", "json", "empty-body", "login-page"])
    def test_by_what_is_no_answer(self, fault: str, stage: Staging) -> None:
        stage.heard.set([fault])
        _, preflight = stopped(stage, ExchangeFault)
        assert [finding.subject for finding in preflight.findings] == ["endpoint"]
        assert stage.heard.names == ["GetAPIVersion"]

    def test_by_known_maintenance_before_anything_is_sent(self, stage: Staging) -> None:
        now = datetime.now(UTC)
        window = f"{now - timedelta(hours=1):%Y-%m-%dT%H:%MZ}/{now + timedelta(hours=1):%Y-%m-%dT%H:%MZ}"
        told, _ = stopped(stage, ExchangeFault, maintenance=[window])
        assert told.startswith("maintenance: the site's known maintenance lasts until ")
        assert stage.heard.requests == []
        provider = stage.provider(maintenance=[window])
        with pytest.raises(ExchangeFault, match="known maintenance"):  # nor is it asked for its version
            ask_version("stage", provider.settings, stage.folder)
        assert stage.heard.requests == []

    def test_no_secret_that_the_site_says_back_is_told(self, stage: Staging) -> None:
        stage.heard.set([f"echo-secret-reason:{SIGN_IN}"])
        told, _ = stopped(stage, SignInRefused)
        assert "Could not sign in with ******" in told


class TestVersion:
    def ask(self, stage: Staging, **changed: Any) -> Version:
        return ask_version("stage", SiteSettings.model_validate(stage.profile(**changed)), stage.folder)

    def test_it_is_asked_for_without_signing_in(self, stage: Staging) -> None:
        stage.renew(Version.parse("40.2.4"))
        assert self.ask(stage) == Version.parse("40.2.4")
        assert stage.heard.names == ["GetAPIVersion"]

    def test_a_site_that_does_not_tell(self, stage: Staging) -> None:
        stage.heard.set(["wrong-answer"])
        with pytest.raises(UserError, match=r"site 'stage' does not tell its version; say .* with --api-version"):
            self.ask(stage)

    def test_a_site_that_is_away(self, stage: Staging) -> None:
        with pytest.raises(ExchangeFault, match="refused: "):
            self.ask(stage, endpoint="http://127.0.0.1:9/x")
