"""Rules for users: created, changed, read, deactivated, listed; their tickets, and the links of their mails."""

from __future__ import annotations

from collections.abc import Sequence

import site_calls as calls
from base_machine import BaseMachine, same, same_page
from drawn_values import ADDRESSES, DELETED, Caller, callers, names, pages, profiles
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule
from reference_model import Page, Profile
from site_driver import password_of

from conformance.wire.request import Body


class AccountRules(BaseMachine):
    """Who has an account signs in, until he is deactivated."""

    @invariant()
    def as_many_users(self) -> None:
        self.total_agrees("LstsummaryUser", self.models[self.called].users)

    @rule(who=callers)
    def sign_in(self, who: Caller) -> None:
        by, site = who
        model = self.models[site]
        good, answer = self.ask(site, by, "AuthenticateUser", "", model.sign_in)
        if good:
            ticket = answer.text("use:sessionTicket")
            assert ticket not in model.tickets
            model.tickets[ticket] = good
            self.tickets[site].append(ticket)

    @rule(who=callers, ids=st.sampled_from(DELETED))
    def delete_users(self, who: Caller, ids: Sequence[str]) -> None:
        by, site = who
        body: Body = {"webExId": ids}
        told, answer = self.ask(site, by, "DelUser", body, self.models[site].del_users, ids)
        if told:
            same(told, calls.read_statuses(answer))


class UserRules(BaseMachine):
    """Accounts are made, changed and told of. Of a mail the bundle holds site, number and link."""

    mails = Bundle("mails")

    @rule(who=callers, name=st.sampled_from(["newcomer", "host"]), email=st.sampled_from(ADDRESSES))
    def create_user(self, who: Caller, name: str, email: str) -> None:
        by, site = who
        password = password_of(site, name)
        self.secrets.add(password)
        body = {"webExId": name, "email": email, "password": password, "active": "ACTIVATED"}
        self.ask(site, by, "CreateUser", body, self.models[site].create_user, name, email, password)

    @rule(target=mails, who=callers, name=names, sent=profiles)
    def change_user(self, who: Caller, name: str, sent: Profile) -> object:
        by, site = who
        model = self.models[site]
        asked, _ = self.ask(site, by, "SetUser", calls.profile(name, sent), model.set_user, name, sent)
        return (site, model.mails, self.world.last_link(site)) if asked else multiple()

    @rule(mail=mails)
    def visit_link(self, mail: tuple[str, int, str]) -> None:
        site, number, link = mail
        assert self.world.follow(link) == self.models[site].confirm(number)

    @rule(who=callers, name=names)
    def read_user(self, who: Caller, name: str) -> None:
        by, site = who
        told, answer = self.ask(site, by, "GetUser", {"webExId": name}, self.models[site].get_user, name)
        if told:
            same([told], calls.read_users(answer, "."))
            assert answer.text("use:password") == "******"

    @rule(who=callers, page=pages)
    def list_users(self, who: Caller, page: Page) -> None:
        by, site = who
        body = calls.listing(page, "WEBEXID")
        found, answer = self.ask(site, by, "LstsummaryUser", body, self.models[site].list_users, page)
        if found:
            same_page(found, "webExId", answer, calls.read_users(answer))
