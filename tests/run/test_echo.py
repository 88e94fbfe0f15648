"""Secrets of the caller that come back in an answer."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

import pytest
from lab import deleted, exchange, refused

from conformance.run.echo import echo_checks, secrets_sent
from conformance.run.verdicts import Verdict
from conformance.wire.answer import success
from conformance.wire.names import operation
from conformance.wire.request import Body, build_request, read_request

SECRET = 'Zq7&Canary"9'


def sent(security: Mapping[str, str], body: Body = "", name: str = "DelUser") -> set[str]:
    """Return the secrets that a request holds."""
    return set(secrets_sent(read_request(build_request(operation(name), {"siteName": "go", **security}, body))))


@pytest.mark.parametrize("name", ["password", "sessionTicket", "webExAccessToken"])
def test_what_proves_the_caller_is_a_secret(name: str) -> None:
    assert sent({"webExID": "kim", name: SECRET}) == {SECRET}


@pytest.mark.parametrize("name", ["accessToken", "samlResponse"])
def test_what_a_caller_signs_in_with_is_one_too(name: str) -> None:
    assert sent({"webExID": "kim"}, {name: SECRET}, "AuthenticateUser") == {SECRET}


def test_the_password_that_a_new_user_gets_is_none() -> None:
    assert sent({"webExID": "kim"}, {"webExId": "new", "password": SECRET}, "CreateUser") == set()


def test_what_the_request_tells_openly_is_none() -> None:
    assert sent({"webExID": "kim-sample", "password": "KIM-sample"}) == set()
    assert sent({"webExID": "kim", "password": SECRET}, {"webExId": f"x{SECRET}"}) == set()


def test_what_is_short_may_come_back_by_chance() -> None:
    assert sent({"webExID": "kim", "password": "12345"}) == set()
    assert sent({"webExID": "kim", "password": "123456"}) == {"123456"}


def found(body: bytes, headers: Mapping[str, str] | None = None, secret: str = SECRET) -> list[str]:
    """Return where a secret was found; every check is a FAIL that does not show it."""
    checks = list(echo_checks(replace(exchange(body), headers=headers or {}), (secret,)))
    assert all((check.id, check.verdict) == ("security.echo", Verdict.FAIL) for check in checks)
    assert secret not in str(checks)
    return [check.subject for check in checks]


@pytest.mark.parametrize(
    "spelt",
    [
        SECRET,
        SECRET.upper(),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
        f"user:{SECRET}",
    ],
    ids=["plain", "upper case", "percent", "base64", "hex", "within"],
)
def test_it_is_found_in_the_reason_in_any_spelling(spelt: str) -> None:
    assert found(refused("030002", f"no {spelt} here")) == ["body"]


def test_it_is_found_in_an_element_of_any_name_in_a_body_that_is_no_xml_and_beside_a_status() -> None:
    assert found(deleted(SECRET)) == ["body"]
    assert found(b"oops: " + SECRET.encode() + b"\xff") == ["body"]
    assert found(success(operation("GetUser"), {"password": SECRET})) == ["body"]


def test_it_is_found_in_headers() -> None:
    assert found(deleted(), {"x-a": "1", "x-debug": quote(SECRET), "set-cookie": f"u={SECRET}"}) == [
        "header x-debug, set-cookie"
    ]


def test_one_that_two_headers_hold_together_is_of_neither() -> None:
    assert found(deleted(), {"x-a": "Zq7", "x-b": "Canary"}, "Zq7 | Canary") == ["headers"]


def test_both_are_told() -> None:
    assert found(deleted(SECRET), {"x-debug": SECRET}) == ["body", "header x-debug"]


def test_an_answer_without_it_has_no_check() -> None:
    assert found(deleted("kim"), {"x-debug": "nothing"}) == []
    assert list(echo_checks(exchange(deleted(SECRET)), ())) == []


@pytest.mark.parametrize("element", ["meetingPassword", "sessionPassword", "eventPassword"])
def test_the_password_of_a_session_may_be_the_callers_by_chance(element: str) -> None:
    assert found(success(operation("GetMeeting"), {element: SECRET})) == []
    assert found(success(operation("GetMeeting"), {element: SECRET, "agenda": SECRET})) == ["body"]


def test_who_signs_in_with_a_ticket_may_get_the_same_again() -> None:
    assert found(success(operation("AuthenticateUser"), {"sessionTicket": SECRET})) == []
    assert found(success(operation("GetUser"), {"sessionTicket": SECRET})) == ["body"]
