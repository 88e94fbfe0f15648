"""People in shared reports: the same pseudonym all over a run, another one in the next."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.pseudonyms import Key, Pseudonymiser

KEY = Key(b"k" * 32)
PERSON = re.compile(r"person-[0-9a-f]{8}")
MAIL = re.compile(r"[0-9a-f]{8}@pseudonym\.invalid")


def after(brought: str, shown: str, key: Key = KEY) -> str:
    people = Pseudonymiser(key)
    people.learn_from(brought)
    return people(shown)


@pytest.mark.parametrize("name", ["use:firstName", "lastName", "hostWebExID", "webExId", "com:name", "attendeeName"])
def test_a_name_is_replaced_in_its_element_and_elsewhere(name: str) -> None:
    message = f"<{name}>Kim O&apos;Doe</{name}>"
    shown = after(message, f"{message} not Kim O'Doe but Kimberly")
    (first, second) = PERSON.findall(shown)
    assert first == second
    assert shown == f"<{name}>{first}</{name}> not {first} but Kimberly"


def test_names_are_those_of_people_only() -> None:
    text = "<ep:name>Weekly</ep:name><confName>Talk</confName><name>field</name><host>Kim</host>"
    assert after(text, text) == text
    shown = after("", "<att:person><name>Kim</name></att:person>")
    assert PERSON.search(shown)


@pytest.mark.parametrize("spelt", ["kim.doe@example.com", "kim.doe%40example.com", "KIM.DOE@EXAMPLE.COM"])
def test_an_address_is_replaced_wherever_it_stands(spelt: str) -> None:
    shown = after("", f"To: {spelt}, again kim.doe@example.com")
    first, second = MAIL.findall(shown)
    assert (first, shown) == (second, f"To: {first}, again {first}")


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_an_ip_address_is_replaced(address: str) -> None:
    shown = after("", f"from {address}, <ipAddress>{address}</ipAddress>")
    assert re.fullmatch(r"from (ip-[0-9a-f]{8}), <ipAddress>\1</ipAddress>", shown)


@pytest.mark.parametrize("text", ["127.0.0.1:8080", "::1", "40.4.3", "1.2.3.4.5", "12:30:45", "999.1.1.1", "a::b::c"])
def test_what_is_nobodys_address_stays(text: str) -> None:
    assert after("", text) == text


def test_the_names_of_elements_stay() -> None:
    text = "<webExID>host</webExID><serv:host>x</serv:host><host/> </host>"
    shown = after(text, text)
    assert PERSON.sub("host", shown) == text
    assert len(PERSON.findall(shown)) == 1


def test_of_two_runs_the_pseudonyms_differ() -> None:
    message = "<firstName>Kim</firstName>"
    assert after(message, message) == after(message, message)
    assert after(message, message, Key()) != after(message, message, Key())


def test_a_short_name_is_replaced_in_its_element_only() -> None:
    shown = after("<firstName>Al</firstName>", "<firstName>Al</firstName> Al")
    assert re.fullmatch(r"<firstName>person-[0-9a-f]{8}</firstName> Al", shown)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&"), min_size=3, max_size=20))
def test_what_is_replaced_stays_as_it_is(name: str) -> None:
    people = Pseudonymiser(KEY)
    message = f"<firstName>{name}</firstName> {name}, kim@example.com at 203.0.113.7"
    people.learn_from(message)
    shown = people(message)
    assert people(shown) == shown


def test_a_mask_is_no_person() -> None:
    assert after("", "<webExID>******</webExID>") == "<webExID>******</webExID>"
