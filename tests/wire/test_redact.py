"""Keeping secrets out of what is shown: by element, and by value in every spelling."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import secrets

from conformance.wire.names import operation
from conformance.wire.redact import MASK, Redactor, is_secret
from conformance.wire.request import build_request

ELEMENTS = (
    "password",
    "sessionTicket",
    "webExAccessToken",
    "accessToken",
    "samlResponse",
    "clientSecret",
    "passwordHintAnswer",
    "hostPIN",
)

SPELLINGS = {
    "raw": lambda secret: secret,
    "XML text": escape,
    "XML attribute": lambda secret: quoteattr(secret)[1:-1],
    "XML with all entities": lambda secret: escape(secret, {'"': "&quot;", "'": "&apos;"}),
    "HTML": html.escape,
    "HTML with numbers": lambda secret: escape(secret, {'"': "&#34;", "'": "&#39;"}),
    "ASCII": lambda secret: escape(secret).encode("ascii", "xmlcharrefreplace").decode(),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON in UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "Python": lambda secret: repr(secret)[1:-1],
    "percent": lambda secret: quote(secret, safe=""),
    "percent in a path": quote,
    "percent, small letters": lambda secret: quote(secret, safe="").lower(),
    "form": quote_plus,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
}


class TestValues:
    @pytest.mark.parametrize("spelling", SPELLINGS)
    @pytest.mark.parametrize("secret", ["hunter2", "p&ss<w>'o\"rd", "Zür/ich 東京 +?", "a\tb\nc", "%41&amp;"])
    def test_a_secret_is_masked_in_every_spelling(self, secret: str, spelling: str) -> None:
        shown = Redactor([secret])(f"before {SPELLINGS[spelling](secret)} after")
        assert shown.replace("=", "") == f"before {MASK} after"

    @pytest.mark.parametrize("secret", ["", "a", "abc"])
    def test_a_short_secret_is_not_looked_for_everywhere(self, secret: str) -> None:
        assert Redactor([secret])("abcabc") == "abcabc"

    def test_without_secrets_a_text_stays(self) -> None:
        assert Redactor()("anything <goes/>") == "anything <goes/>"
        assert Redactor([])("") == ""

    def test_what_is_learnt_later_is_masked_beside_what_was_known(self) -> None:
        redact = Redactor(["first secret"])
        assert redact("first secret, ticket-1") == f"{MASK}, ticket-1"
        redact.learn("ticket-1", "first secret")
        assert redact("first secret, ticket-1") == f"{MASK}, {MASK}"

    def test_the_longest_of_overlapping_secrets_is_masked_as_one(self) -> None:
        assert Redactor(["pass", "password1", "word1"])("password1 pass word1") == f"{MASK} {MASK} {MASK}"

    def test_of_secrets_that_share_a_part_nothing_secret_is_left(self) -> None:
        shown = Redactor(["abcd", "cdef"])("abcdef")
        assert "abcd" not in shown
        assert "cdef" not in shown

    def test_a_secret_in_other_letters_is_masked_too(self) -> None:
        assert Redactor(["Hunter2"])("hunter2 HUNTER2") == f"{MASK} {MASK}"

    @pytest.mark.parametrize("secret", ["İstanbul", "abcΣ", "ſtraße", "KELVIN", "ŉabc", "\u0345abcd"])
    def test_letters_without_a_simple_small_form_are_masked_too(self, secret: str) -> None:
        assert Redactor([secret])(f"x{secret}y") == f"x{MASK}y"

    def test_a_secret_is_no_pattern(self) -> None:
        redact = Redactor(["a.b*c", "(((((", "\\d+[x"])
        assert redact("aXbbc a.b*c (((((, \\d+[x 123") == f"aXbbc {MASK} {MASK}, {MASK} 123"


class TestElements:
    @pytest.mark.parametrize("name", ELEMENTS)
    @pytest.mark.parametrize("tag", ["{}", "use:{}", "{} a='1'", "use:{}\n "])
    def test_an_element_that_holds_a_secret_is_masked_whatever_is_in_it(self, name: str, tag: str) -> None:
        opening = tag.format(name)
        closing = opening.split()[0]
        assert Redactor()(f"<x><{opening}>ab</{closing} ><y>ab</y></x>") == (
            f"<x><{opening}>{MASK}</{closing} ><y>ab</y></x>"
        )

    @pytest.mark.parametrize(
        "inner", ["a\nb", " x", "a&amp;b", "<![CDATA[a<b>c]]>", "<!-- c -->ab", "12<!-- -->34", "<?pi?>ab", "a<b/>c"]
    )
    def test_however_the_secret_is_written_there(self, inner: str) -> None:
        assert Redactor()(f"<password>{inner}</password><y/>") == f"<password>{MASK}</password><y/>"

    def test_each_of_them_is_masked_by_itself(self) -> None:
        shown = Redactor()("<password>a</password><b>c</b><password>d</password>")
        assert shown == f"<password>{MASK}</password><b>c</b><password>{MASK}</password>"

    def test_a_message_that_was_cut_off_is_masked_to_its_end(self) -> None:
        assert Redactor()("<a><password>hunt") == f"<a><password>{MASK}"

    @pytest.mark.parametrize(
        "text",
        [
            "<password/><y>stays</y>",
            "<password /> stays <y/>",
            "<password a='1'/> stays",
            "<password></password> stays",
            "<password>\n  <minLength>6</minLength>\n</password>",
            "<passwordHint>stays</passwordHint>",
            "<enforcePassword>true</enforcePassword>",
            "password: stays",
        ],
        ids=["empty", "blank", "attribute", "two tags", "group", "hint", "meeting", "text"],
    )
    def test_what_only_looks_like_one_stays(self, text: str) -> None:
        assert Redactor()(text) == text

    @pytest.mark.parametrize("name", ELEMENTS)
    def test_those_elements_are_known_by_name_in_any_case_as_the_service_reads_them(self, name: str) -> None:
        assert is_secret(name)
        assert is_secret(name.upper())
        assert Redactor()(f"<{name.upper()}>x1</{name.upper()}>") == f"<{name.upper()}>{MASK}</{name.upper()}>"
        assert not is_secret(f"{name}s")
        assert not is_secret(f"use:{name}")

    def test_a_request_is_shown_without_its_secrets_and_else_as_it_is(self) -> None:
        security = {"webExID": "host", "password": "p&ss", "siteName": "site"}
        sent = build_request(operation("CreateUser"), security, {"webExId": "p&sse", "password": "abc"}).decode()
        assert Redactor(["p&ss"])(sent) == (
            sent.replace("<password>p&amp;ss<", f"<password>{MASK}<")
            .replace("<password>abc<", f"<password>{MASK}<")
            .replace("p&amp;sse", f"{MASK}e")
        )


TEXTS = st.lists(st.sampled_from(["<password>", "</password>", "<a>", "x", " ", "="]) | st.text(max_size=4), max_size=6)


class TestProperties:
    @given(st.data(), st.lists(secrets, min_size=1, max_size=4), TEXTS)
    def test_no_secret_survives_anywhere(self, data: st.DataObject, known: list[str], around: list[str]) -> None:
        spelt = [SPELLINGS[data.draw(st.sampled_from(sorted(SPELLINGS)))](secret) for secret in known]
        text = "".join(data.draw(st.permutations(around + spelt + known)))
        shown = Redactor(known)(text)
        assert not [secret for secret in known if secret in shown]
        assert not [spelling for spelling in spelt if spelling.rstrip("=") in shown]

    @given(st.lists(secrets, max_size=3), TEXTS, st.data())
    def test_what_is_masked_already_is_left_alone(
        self, known: list[str], around: list[str], data: st.DataObject
    ) -> None:
        redact = Redactor(known)
        shown = redact("".join(data.draw(st.permutations(around + known))))
        assert redact(shown) == shown
