"""GetSite, GetAPIVersion, and the sites that are built for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conformance.mock import building
from conformance.mock.building import ACCOUNT_OF_ROLE, new_site, remember
from conformance.mock.clock import Clock
from conformance.mock.dispatch import respond
from conformance.mock.state import Settings
from conformance.versions import Version


class TestGetAPIVersion:
    @pytest.mark.parametrize(
        ("version", "number"), [("40.4.3", "40.4.3"), ("39", "39.7.0"), ("40", "40.0.0"), ("40.4", "40.4.0")]
    )
    def test_anybody_is_told_the_full_number(self, make_site, ask, version, number):
        answered = ask(make_site(version=version), "GetAPIVersion", caller=None)
        assert answered.children() == ["ep:apiVersion", "ep:release", "ep:apiVer"]
        assert answered.text("ep:apiVersion") == "WebEx XML API V11.0.0"
        assert answered.text("ep:apiVer") == number

    def test_the_train_is_told_on_request(self, make_site, ask):
        told = ask(make_site(), "GetAPIVersion", {"returnTrainReleaseVersion": "TRUE"}, caller=None)
        assert told.text("ep:trainReleaseVersion")
        untold = ask(make_site(), "GetAPIVersion", {"returnTrainReleaseVersion": "false"}, caller=None)
        assert untold.texts("ep:trainReleaseVersion") == []


class TestGetSite:
    @pytest.mark.parametrize("required", [True, False])
    def test_tells_whether_sessions_need_passwords(self, make_site, ask, required):
        site = make_site(settings=Settings(session_passwords_required=required))
        told = ask(site, "GetSite", caller="attendee")
        path = "site:siteInstance/site:securityOptions/site:allMeetingsPassword"
        assert told.text(path) == str(required).lower()

    def test_has_what_the_schema_requires_in_order(self, make_site, ask):
        children = ask(make_site(), "GetSite").children("site:siteInstance")
        assert " ".join(child.removeprefix("site:") for child in children) == (
            "metaData ucf resourceRestrictions supportAPI supportedServices securityOptions defaults "
            "scheduleMeetingOptions passwordCriteria accountPasswordCriteria meetingPlace"
        )

    def test_is_not_for_anonymous_callers(self, make_site, ask):
        assert ask(make_site(), "GetSite", caller=None).code == "000001"

    def test_is_written_with_the_recorded_prefix(self, make_site, as_bytes):
        site = make_site()
        body = respond({"go": site}, as_bytes("go", "GetSite", "", "host"))
        assert b'xsi:type="ns1:getSiteResponse"' in body
        assert b"<ns1:siteName>go</ns1:siteName>" in body


class TestBuilding:
    def test_every_role_has_an_account_with_a_password_of_its_own(self):
        site = new_site("go", Version.parse("40.4.3"))
        accounts = {role: site.accounts[web_ex_id] for role, web_ex_id in ACCOUNT_OF_ROLE.items()}
        assert accounts["siteAdmin"].site_admin
        assert accounts["host"].host
        assert not accounts["host"].site_admin
        assert accounts["attendee"].attendee_only
        assert len({account.password for account in accounts.values()}) == 3
        assert [account.email for account in site.accounts.values()] == [
            "siteadmin@example.com",
            "host@example.com",
            "attendee@example.com",
        ]

    def test_the_version_decides_the_changes(self, monkeypatch):
        monkeypatch.setattr(building, "changes_at", lambda version: frozenset({f"all of {version}"}))
        assert new_site("go", Version.parse("40.2.4")).changes == {"all of 40.2.4"}
        assert new_site("go", Version.parse("40.2.4"), changes=frozenset()).changes == frozenset()

    def test_reset_brings_back_the_beginning(self, make_site, ask):
        site = make_site(clock=Clock(timedelta(hours=1)), access_anywhere_sessions=2)
        before = [site.account(name) for name in ("siteadmin", "host", "attendee")]
        reset = remember(site)
        for _ in range(2):
            ask(site, "SetUser", {"webExId": "host", "newWebExId": "helga", "address": {"city": "Ulm"}})
            ask(site, "DelUser", {"webExId": "attendee"})
            ask(site, "CreateUser", {"webExId": "x", "email": "x@y", "password": "z", "sendWelcome": "true"})
            ask(site, "AuthenticateUser")
            site.clock.advance(timedelta(days=1))
            number = site.number()
            assert site.outbox
            reset()
            assert [account.web_ex_id for account in site.accounts.values()] == ["siteadmin", "host", "attendee"]
            assert all(account.active for account in site.accounts.values())
            assert (site.tickets, site.outbox, site.sessions) == ({}, [], {})
            assert {use.host for use in site.access_anywhere} == {"host"}
            assert site.clock.offset == timedelta(hours=1)
            assert site.number() > number
        assert site.account("host") is not before[1]
