"""Passwords of new sessions: change 40.1.2 by operation, by setting, and by what is sent."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from support import PASSWORD_MISSING, Answer, make_site, send

from conformance.mock.passwords import GENERATED, generated
from conformance.mock.state import Site


class Creator(NamedTuple):
    """A creating operation, and where in it things stand."""

    operation: str
    name: str
    sent: str
    answered: str
    after: str

    def create(self, site: Site, password: str | None) -> Answer:
        access = {} if password is None else {"accessControl": {self.sent: password}}
        return send(site, self.operation, {**access, "metaData": {self.name: "x"}})


CREATORS = (
    Creator("CreateMeeting", "confName", "meetingPassword", "meet:meetingPassword", "meetingUUID"),
    Creator("CreateEvent", "sessionName", "sessionPassword", "event:eventPassword", "sessionKey"),
    Creator("CreateTrainingSession", "confName", "sessionPassword", "train:sessionPassword", "sessionkey"),
    Creator("CreateTeleconferenceSession", "confName", "sessionPassword", "auo:sessionPassword", "sessionKey"),
)


@pytest.fixture(params=CREATORS, ids=lambda creator: creator.operation)
def creator(request: pytest.FixtureRequest) -> Creator:
    return request.param


def stored_password(site: Site) -> str:
    (session,) = site.sessions.values()
    return session.password


@pytest.mark.parametrize("required", [True, False])
def test_a_password_sent_comes_back_whatever_the_setting(creator: Creator, required: bool) -> None:
    site = make_site(GENERATED, passwords_required=required)
    answer = creator.create(site, "Own-1")
    assert answer.text(creator.answered) == "Own-1" == stored_password(site)
    names = answer.names()
    assert names[names.index(creator.after) + 1] == creator.answered.partition(":")[2]


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_missing_password_is_generated_where_the_setting_asks_for_one(creator: Creator, nothing: str | None) -> None:
    site = make_site(GENERATED, passwords_required=True)
    password = creator.create(site, nothing).text(creator.answered)
    assert re.fullmatch(r"[A-Za-z0-9]{11}", password)
    assert password == stored_password(site)


def test_no_password_is_generated_where_the_setting_is_off(creator: Creator) -> None:
    site = make_site(GENERATED, passwords_required=False)
    assert creator.create(site, None).all(creator.answered) == []
    assert stored_password(site) == ""


@pytest.mark.parametrize("nothing", [None, ""])
def test_before_the_change_a_missing_password_is_refused_where_the_setting_asks_for_one(
    creator: Creator, nothing: str | None
) -> None:
    site = make_site(passwords_required=True)
    assert creator.create(site, nothing).failure == PASSWORD_MISSING
    assert not site.sessions


@pytest.mark.parametrize(("required", "password"), [(True, "Own-1"), (False, "Own-1"), (False, None)])
def test_before_the_change_no_answer_tells_a_password(creator: Creator, required: bool, password: str | None) -> None:
    site = make_site(passwords_required=required)
    assert creator.create(site, password).all(creator.answered) == []
    assert stored_password(site) == (password or "")


def test_a_password_too_long_is_refused(creator: Creator) -> None:
    site = make_site(GENERATED)
    assert creator.create(site, "p" * 16).ok
    assert creator.create(site, "p" * 17).failure[0] == "999999"


def test_generated_passwords_are_random_and_of_both_cases_and_digits() -> None:
    passwords = {generated() for _ in range(200)}
    assert len(passwords) == 200
    for password in passwords:
        assert re.search("[a-z]", password)
        assert re.search("[A-Z]", password)
        assert re.search("[0-9]", password)


def test_changing_a_session_neither_asks_for_a_password_nor_makes_one(creator: Creator) -> None:
    site = make_site(GENERATED)
    assert creator.create(site, None).ok
    (key,) = site.sessions
    site.settings = make_site(passwords_required=True).settings
    operation = creator.operation.replace("Create", "Set")
    assert send(site, operation, {"sessionKey": str(key), "metaData": {creator.name: "y"}}).ok
    assert stored_password(site) == ""
