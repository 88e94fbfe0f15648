"""A message laid out for people: nothing of it is lost, and nothing in it acts on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.wire.pretty import pretty, printable

LONG = 200_000


def test_a_message_is_indented() -> None:
    assert pretty(b'<?xml version="1.0"?><a><b>x</b><c/></a>') == "<a>\n  <b>x</b>\n  <c/>\n</a>"


def test_texts_keep_their_blanks_and_references_their_meaning() -> None:
    assert pretty(b"<a> x &amp; &lt;y </a>") == "<a> x &amp; &lt;y </a>"


def test_letters_of_all_scripts_are_shown_as_they_are() -> None:
    assert pretty("<a>Zürich 東京</a>".encode()) == "<a>Zürich 東京</a>"
    assert pretty('<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>'.encode("latin-1")) == "<a>ü</a>"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", ""),
        (b"<a><b></a>", "<a><b></a>"),
        (b"<html><br></html>", "<html><br></html>"),
        (b"\xfc\x00", "\\xfc\\x00"),
        (b"line\n\ttab\r\n", "line\n\ttab\\x0d\n"),
        (b"\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', '<?xml version="1.0" encoding="klingon"?><a/>'),
    ],
)
def test_what_is_no_xml_is_shown_as_it_came(data: bytes, shown: str) -> None:
    assert pretty(data) == shown


def test_an_entity_is_not_expanded() -> None:
    assert "expanded" not in pretty(b"<!DOCTYPE a [<!ENTITY x 'expanded'>]><a>&x;</a>").partition("<a>")[2]


def test_what_is_too_long_is_cut_and_the_rest_counted() -> None:
    shown = pretty(b"<a>" + b"x" * LONG + b"</a>")
    assert shown.startswith("<a>xxx")
    assert shown.endswith("x\n... 7 more bytes")
    assert pretty(b"x" * LONG) == "x" * LONG


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain äöü 東京 👋\n\t", "plain äöü 東京 👋\n\t"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb", "a\\x0db"),
        ("\u009b31m", "\\x9b31m"),
        ("\u202eabc", "\\x202eabc"),
        ("\u2028", "\\x2028"),
        ("\ud800", "\\xd800"),
        ("\u00a0", "\\xa0"),
        ("\0", "\\x00"),
    ],
)
def test_what_a_terminal_or_a_browser_would_act_on_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_all_that_is_shown_can_be_printed_and_is_printed_as_it_is(text: str) -> None:
    shown = printable(text)
    assert all(character.isprintable() or character in "\n\t" for character in shown)
    assert printable(shown) == shown
    shown.encode()


@given(st.binary())
def test_any_bytes_can_be_shown(data: bytes) -> None:
    assert printable(pretty(data)) == pretty(data)


@given(
    st.recursive(
        st.sampled_from(["", "x", " y ", "&amp;"]),
        lambda inner: st.lists(inner, max_size=3).map(lambda parts: "".join(f"<a>{part}</a>" for part in parts)),
        max_leaves=8,
    )
)
def test_laying_out_changes_nothing_but_blanks_between_elements(inner: str) -> None:
    def flat(xml: str) -> list[tuple[str, str]]:
        return [(e.tag, (e.text or "") if not len(e) else "") for e in etree.fromstring(xml).iter()]

    data = f"<root>{inner}</root>"
    assert flat(pretty(data.encode())) == flat(data)
