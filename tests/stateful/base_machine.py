"""The mock and the reference model side by side: each step asks both, and the first difference fails.

What can be called is added by the rules of the other modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

import site_calls as calls
from drawn_values import OWN_PASSWORD, WRONG, Told, releases
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from reference_model import Facts, Listed, Page, ReferenceSite, Refused, User, Wish
from site_driver import ROLES, SITES, START, Answer, InProcess, Transport, World, password_of

from conformance.mock.state import Settings
from conformance.versions import Version
from conformance.wire.request import Body


class BaseMachine(RuleBasedStateMachine):
    """Two sites at one release, those who sign in, and the time that passes."""

    transport: Transport = InProcess()

    @initialize(release=releases, passwords=st.booleans(), confirmed=st.sampled_from([False, True, True]))
    def begin(self, release: Version, passwords: bool, confirmed: bool) -> None:
        self.world = World(release, self.transport, Settings(passwords, confirmed))
        self.models = {name: ReferenceSite(release, passwords, confirmed, START, _first_users(name)) for name in SITES}
        self.tickets: dict[str, list[str]] = {name: [] for name in SITES}
        self.keys: set[tuple[str, str]] = set()
        self.secrets = {password_of(site, name) for site in SITES for name in ROLES} | {OWN_PASSWORD}
        self.called = SITES[0]

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    @rule(minutes=st.sampled_from([90, 1, 1440]))
    def pass_time(self, minutes: int) -> None:
        passed = timedelta(minutes=minutes)
        self.world.clock.moment += passed
        for model in self.models.values():
            model.now += passed

    def total_agrees(self, operation: str, known: Collection[object]) -> None:
        """Hold what an administrator is told whom nobody changes: how many objects the site called last has."""
        body = calls.listing(Page(most=1), "")
        _, answer = self.ask(self.called, "watcher", operation, body, _refuse_none, known)
        assert answer.code or calls.read_counts(answer) == [len(known), 1, 1]

    def ask(
        self, site: str, by: str, operation: str, body: Body, predict: Callable[..., Told], *wanted: object
    ) -> tuple[Told | None, Answer]:
        """Call an operation on the mock and on the model; return what the model says and what the mock answered.

        ``predict``, a method of the model, is called with who signs in and ``wanted``. Both must refuse with the
        same exceptionID, or both succeed; what the model says of a refused call is None.
        """
        self.called = site
        security, caller = self._credentials(site, by)
        try:
            told, refused = predict(caller(), *wanted), None
        except Refused as refusal:
            told, refused = None, refusal.code
        answer = self.world.send(site, security, operation, body)
        assert answer.code == refused, f"{operation}: {refused or 'SUCCESS'} expected, got {answer.code or 'SUCCESS'}"
        revealed = [secret for secret in self.secrets if secret.encode() in answer.data]
        assert not revealed, f"{operation} tells the password of an account: {revealed}"
        others = [other for other in SITES if other != site and _mark(other).encode() in answer.data]
        assert not others, f"{operation} on {site} tells of {others}"
        return told, answer

    def _credentials(self, site: str, by: str) -> tuple[Mapping[str, str], Callable[[], User | None]]:
        """Return what is sent to sign in, and what finds who that is in the model."""
        model = self.models[site]
        if number := re.fullmatch(r"ticket (\d)", by):
            issued = dict(enumerate(self.tickets[site], 1))
            ticket = issued.get(int(number[1]), "never issued")
            return {"sessionTicket": ticket}, lambda: model.holder(ticket)
        name = by.removesuffix(WRONG)
        password = "wrong" if by.endswith(WRONG) else _password(model.users, name)
        sent = {"email" if "@" in name else "webExID": name, "password": password} if name else {}
        return sent, lambda: model.caller(name, password)


def marked(wish: Wish, site: str) -> Wish:
    """Return the wish with a name that says on which site the session is."""
    name = wish.name and wish.name + _mark(site)
    return Wish(name, wish.start, wish.duration, wish.password, wish.public)


def same(expected: object, found: object) -> None:
    """Hold what the mock tells to what the model says."""
    assert found == expected


def same_page(expected: Listed, order_by: str, answer: Answer, records: Sequence[Facts]) -> None:
    """Hold a list to the model: its counts, its order, and each record."""
    assert calls.read_counts(answer) == [len(expected.records), len(expected.page), expected.first]
    assert [record[order_by] for record in records] == expected.page
    assert all(record in expected.records for record in records)
    assert all(records.count(record) == 1 for record in records)


def _first_users(site: str) -> list[User]:
    return [
        User(
            name,
            password_of(site, name),
            f"{name}@example.com",
            name.capitalize(),
            admin=role == "siteAdmin",
            attendee_only=role == "attendee",
        )
        for name, role in ROLES.items()
    ]


def _password(users: Sequence[User], name: str) -> str:
    """Return the password that whoever calls himself by that name knows, confirmed address or not."""
    for user in users:
        if name in (user.web_ex_id, user.email, *(user.waiting or ())):
            return user.password
    return "of nobody"


def _mark(site: str) -> str:
    return f" made on {site}"


def _refuse_none(_caller: User | None, known: object) -> None:
    if not known:
        raise Refused("000015")
