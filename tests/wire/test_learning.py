"""What messages, mails and links bring that must be masked from then on; what must stay readable."""

from __future__ import annotations

import pytest

from conformance.wire.redact import MASK, Redactor, is_secret, secrets_in

TICKETS = ("sessionTicket", "accessToken", "webExAccessToken", "ticket", "guestToken", "clientSecret", "samlResponse")
PASSWORDS = ("password", "meetingPassword", "sessionPassword", "eventPassword", "panelistPassword", "meetingPW")
CODES = ("hostKey", "hostPIN", "RegID", "registerID", "subscriberAccessCode", "participantAccessCode", "moderatorCode")
MTID = "m26bf5e25ca587d32302fb29951b92e15"


def after(brought: str, shown: str) -> str:
    redact = Redactor()
    redact.learn_from(brought)
    return redact(shown)


@pytest.mark.parametrize("name", [*TICKETS, *PASSWORDS])
def test_what_an_element_brings_is_masked_everywhere_from_then_on(name: str) -> None:
    assert is_secret(name)
    assert secrets_in(f"<x:{name}>aB3-xY&amp;9</x:{name}>") == {"aB3-xY&9"}
    assert after(f"<{name}>aB3-xY&amp;9</{name}>", "//x: expected aB3-xY&9, got aB3-xY%269") == (
        f"//x: expected {MASK}, got {MASK}"
    )


@pytest.mark.parametrize("name", CODES)
def test_a_number_that_an_element_brings_is_masked_where_it_stands_alone(name: str) -> None:
    brought = f"<x:{name}>4711</x:{name}>"
    assert after(brought, brought) == f"<x:{name}>{MASK}</x:{name}>"
    assert after(brought, "expected '4711', got 4711") == f"expected '{MASK}', got {MASK}"
    for stays in ("47110815", "1.4711", "2026-4711-1", "a4711", "<x4711>"):
        assert after(brought, stays) == stays


def test_a_short_word_is_masked_where_it_stands_alone() -> None:
    assert after("<password>host</password>", "<serv:host>the host</serv:host> hosts </host>") == (
        f"<serv:host>the {MASK}</serv:host> hosts </host>"
    )


@pytest.mark.parametrize("value", ["true", "FAILURE", "", "abc", "******", "password"])
def test_what_is_no_secret_of_anybody_is_not_learnt(value: str) -> None:
    text = f"<reason>{value} stays</reason>"
    assert after(f"<meetingPassword>{value}</meetingPassword>", text) == text


@pytest.mark.parametrize(
    "written",
    [
        "<![CDATA[se&cret<1>]]>",
        "se&amp;cret&lt;1&gt;",
        "se<!-- no -->&#38;cret&lt;1&#x3e;",
        "\n se&amp;cret&lt;1> ",
        "se<![CDATA[&cret]]>&lt;<!-- no -->1<?no no?>&gt;",
    ],
)
def test_a_value_is_learnt_as_it_is_meant_however_it_is_written(written: str) -> None:
    assert secrets_in(f"<a><password>{written}</password></a>") == {"se&cret<1>"}


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (f"https://a.example.com/a/j.php?MTID={MTID}", f"https://a.example.com/a/j.php?MTID={MASK}"),
        (f"https://a.example.com/a/j.php?x=1&amp;MTID={MTID}&amp;y=2", f"https://a.example.com/a/j.php?x=1&amp;MTID={MASK}&amp;y=2"),
        ("https://a.example.com/p.php?AT=LI&WID=kim&TK=abcd1234&MU=x", f"https://a.example.com/p.php?AT=LI&WID=kim&TK={MASK}&MU=x"),
        ("http://127.0.0.1:80/mail/confirm/site/0123456789abcdef0123456789abcdef", f"http://127.0.0.1:80/mail/confirm/site/{MASK}"),
        ("Open https://example.com/v/a0123456789abcdef. Now.", f"Open https://example.com/v/{MASK}. Now."),
        ("https://example.com/?to=https%3A%2F%2Fb%2Fj.php%3FMTID%3Dm1234abc%26x%3D1", f"https://example.com/?to=https%3A%2F%2Fb%2Fj.php%3FMTID%3D{MASK}%26x%3D1"),
        ("https://example.com/a#access_token=abcd1234", f"https://example.com/a#access_token={MASK}"),
    ],
)  # fmt: skip
def test_the_part_of_a_link_that_lets_its_bearer_in_is_masked(link: str, shown: str) -> None:
    assert Redactor()(link) == shown


def test_and_is_known_by_itself_from_then_on() -> None:
    assert after(f"https://a.example.com/a/j.php?MTID={MTID}", f"MTID is {MTID}") == f"MTID is {MASK}"
    assert after("http://x.example.com/c/a0123456789abcdef0", "a0123456789abcdef0") == MASK


@pytest.mark.parametrize(
    "text",
    [
        "<meet:meetingkey>123456789</meet:meetingkey>",
        "<ep:meetingUUID>0a1b2c3d4e5f60718293a4b5c6d7e8f9</ep:meetingUUID>",
        "https://go.example.com/join/conformance-user-1234567",
        "http://www.webex.com/schemas/2002/06/service/meeting",
        "40.2.0/anonymous-lstsummarysession::signed-in-the-session-is-listed",
        "<passwordReq>true</passwordReq><enforcePassword>true</enforcePassword>",
        "<use:passwordCriteria>\n <minLength>6</minLength></use:passwordCriteria>",
        "https://a.example.com/a/j.php?x=1",
    ],
)
def test_what_a_reader_needs_stays(text: str) -> None:
    assert after(text, text) == text
    assert secrets_in(text) == set()
