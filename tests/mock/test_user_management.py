"""Users on sites that are limited, suspended, of Common Identity, of Control Hub, or know display names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conformance.mock.control_hub import CONTROL_HUB_USERS
from conformance.mock.display_name import DISPLAY_NAMES
from conformance.mock.rate_limit import RATE_LIMIT, WINDOW
from conformance.mock.user_management import ROLES, ROLES_REFUSED, SUSPENDED
from conformance.mock.users import confirm_email

NEW = {"firstName": "Ann", "lastName": "Lee", "webExId": "ann", "email": "ann@example.com", "password": "secret"}


def _set(site, **settings):
    site.settings = replace(site.settings, **settings)
    return site


class TestRateLimit:
    def test_calls_are_answered_again_when_the_window_is_over(self, make_site, ask):
        site = make_site(RATE_LIMIT)
        site.calls_per_minute = 1
        now = site.clock.now()
        assert ask(site, "GetLoginTicket", {}).ok
        site.clock.set(now + WINDOW - timedelta(seconds=1))
        assert ask(site, "GetLoginTicket", {}).code == "000045"
        site.clock.set(now + WINDOW + timedelta(seconds=1))
        assert ask(site, "GetLoginTicket", {}).ok

    def test_a_site_without_the_change_has_no_limit(self, make_site, ask):
        site = make_site()
        site.calls_per_minute = 1
        assert all(ask(site, "GetLoginTicket", {}).ok for _ in range(3))


class TestSuspendedSite:
    def test_an_administrator_changes_not_even_himself(self, make_site, ask):
        site = _set(make_site(SUSPENDED), suspended=True)
        assert ask(site, "SetUser", {"webExId": "siteadmin", "title": "Dr"}).code == "010107"
        assert ask(site, "SetUser", {"webExId": "host", "title": "Dr"}, caller="host").ok


class TestCommonIdentity:
    @pytest.mark.parametrize("role", ROLES)
    def test_no_administrator_of_any_kind_is_made(self, make_site, ask, role):
        site = _set(make_site(ROLES_REFUSED), common_identity=True)
        assert ask(site, "CreateUser", NEW | {"privilege": {role: "true"}}).code == "E030103"
        assert site.account("ann") is None


class TestDisplayName:
    def test_a_site_whose_toggle_is_off_ignores_it_and_has_kept_nothing_when_it_is_on(self, make_site, ask):
        site = make_site(DISPLAY_NAMES)
        assert ask(site, "CreateUser", NEW | {"displayName": "Annie"}).ok
        assert ask(site, "GetUser", {"webExId": "ann"}).texts("use:displayName") == []
        _set(site, display_names_enabled=True)
        assert ask(site, "GetUser", {"webExId": "ann"}).text("use:displayName") == "Ann Lee"


class TestControlHub:
    def test_the_user_waits_for_his_click_and_the_link_works_once(self, make_site, ask):
        site = _set(make_site(CONTROL_HUB_USERS), managed_in_control_hub=True)
        ask(site, "CreateUser", NEW | {"active": "ACTIVATED"})
        account = site.account("ann@example.com")
        assert ask(site, "GetUser", {"webExId": "ann@example.com"}).text("use:active") == "REQUEST_TO_ACTIVATE"
        link = account.activation
        assert confirm_email(site, link) is account
        assert ask(site, "GetUser", {"webExId": "ann@example.com"}).text("use:active") == "ACTIVATED"
        assert confirm_email(site, link) is None

    def test_a_new_address_is_the_new_webex_id(self, make_site, ask):
        site = _set(make_site(CONTROL_HUB_USERS), managed_in_control_hub=True)
        ask(site, "CreateUser", NEW)
        assert ask(site, "SetUser", {"webExId": "ann@example.com", "email": "lee@example.com"}).ok
        assert site.account("ann@example.com") is None
        assert site.account("lee@example.com").email == "lee@example.com"
