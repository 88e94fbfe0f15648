"""Secrets that are spelt in no usual way: mixtures of escapes, split, cut off, encoded with what stands beside."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import secrets

from conformance.wire.redact import MASK, Redactor

SECRET = "Zür/p&ss <w>'1\""


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


ESCAPES: dict[str, Callable[[str], str]] = {
    "decimal": lambda c: f"&#{ord(c)};",
    "decimal with zeros": lambda c: f"&#000{ord(c)};",
    "hexadecimal": lambda c: f"&#x{ord(c):x};",
    "HEXADECIMAL": lambda c: f"&#X00{ord(c):X};",
    "named": lambda c: {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;", "ü": "&uuml;"}.get(
        c, f"&#{ord(c)};"
    ),
    "percent": percent,
    "PERCENT": lambda c: percent(c).upper(),
    "percent twice": lambda c: percent(c).replace("%", "%25"),
    "percent of an entity": lambda c: percent(f"&#{ord(c)};"),
    "entity of a percent": lambda c: percent(c).replace("%", "&#37;"),
    "JSON": lambda c: "".join(f"\\u{unit:04x}" for unit in memoryview(c.encode("utf-16-le")).cast("H")),
    "Python": lambda c: f"\\U{ord(c):08x}",
    "bytes": lambda c: "".join(f"\\x{byte:02x}" for byte in c.encode()),
    "JSON of an entity": lambda c: "".join(f"\\u{ord(each):04x}" for each in f"&#{ord(c)};"),
    "CDATA": lambda c: f"<![CDATA[{c}]]>" if c != ">" else "&gt;",
    "behind a comment": lambda c: f"<!-- > & -->&#{ord(c)};",
    "behind an instruction": lambda c: f"<?pi x?>&#{ord(c)};",
}

SAFE = st.text(st.sampled_from("abcXYZ019 .,:;()[]=-_\n\t"), max_size=12)
"""Context that makes nothing else of what it stands beside."""


@pytest.mark.parametrize("name", ESCAPES)
def test_a_secret_is_masked_in_every_escape(name: str) -> None:
    spelt = "".join(map(ESCAPES[name], SECRET))
    assert SECRET not in spelt
    shown = Redactor([SECRET])(f"<a>before {spelt} after</a>")
    assert (shown.startswith("<a>before "), MASK in shown, shown.endswith(" after</a>")) == (True, True, True)
    assert spelt not in shown
    assert len(shown) < len(f"<a>before {MASK} after</a>") + 20  # at most a comment before it is left


@given(st.data(), secrets, SAFE, SAFE)
def test_a_secret_is_masked_in_every_mixture_of_escapes(
    data: st.DataObject, secret: str, before: str, after: str
) -> None:
    simple = sorted(name for name in ESCAPES if " of " not in name and "twice" not in name)
    escapes = [data.draw(st.sampled_from(simple)) for _ in secret]
    # A backslash before an escape that begins with one can not be told from an escaped backslash.
    assume("\\" not in secret or len(set(escapes)) == 1)
    spelt = [ESCAPES[name](character) for name, character in zip(escapes, secret, strict=True)]
    shown = Redactor([secret])(f"{before}{''.join(spelt)}{after}")
    assert MASK in shown
    assert "".join(spelt) not in shown
    # Of the whole, no more is left than a comment or an instruction that stood before its first character.
    left = shown.replace(before, "", 1)
    assert not [part for part in spelt[1:] if len(part) > 5 and part in left and part not in (before, after)]


@pytest.mark.parametrize(
    "split",
    [
        "Se<!-- -->cret12",
        "Se<!-- a\nb -->cr<!---->et12",
        "<![CDATA[Se]]>cret12",
        "<![CDATA[Se]]><![CDATA[cret12]]>",
        "Se<![CDATA[cret]]>&#49;2",
        "Se<?x y?>cret12",
        "Se&#99;<!-- -->ret12",
    ],
)
def test_what_splits_a_secret_hides_nothing(split: str) -> None:
    shown = Redactor(["Secret12"])(f"<serv:reason>is {split} wrong</serv:reason>")
    assert shown in (
        f"<serv:reason>is {MASK} wrong</serv:reason>",
        f"<serv:reason>is <![CDATA[{MASK} wrong</serv:reason>",
        f"<serv:reason>is <![CDATA[{MASK}]]> wrong</serv:reason>",
    )


@given(secrets, st.binary(max_size=8), st.binary(max_size=8), st.sampled_from(["standard", "urlsafe"]))
def test_a_secret_is_masked_within_a_longer_base64_text(secret: str, before: bytes, after: bytes, kind: str) -> None:
    encode: Any = getattr(base64, f"{kind}_b64encode")
    encoded = encode(before + secret.encode() + after).decode()
    shown = Redactor([secret])(f"Basic {encoded} end")
    assert MASK in shown
    start, bits = -(-len(before) * 8 // 6), (len(before) + len(secret.encode())) * 8 // 6
    assert encoded[start:bits] not in shown


def test_base64_in_lines_is_read_as_one() -> None:
    encoded = base64.encodebytes(b"x" * 50 + b"a long secret of ours" + b"y" * 50).decode()
    assert "\n" in encoded.strip()
    shown = Redactor(["a long secret of ours"])(encoded)
    assert MASK in shown
    assert len(shown.replace(MASK, "").strip()) < len(encoded) - 24


@pytest.mark.parametrize("cut", ["'{}'", "({})", "{}", "{}...", "{}…", '"{}", '])
@pytest.mark.parametrize("length", [8, 10, 15])
def test_a_secret_that_was_cut_off_is_masked_as_far_as_it_goes(cut: str, length: int) -> None:
    told = cut.format(f"it is {'hunter2-and-more'[:length]}")
    assert Redactor(["hunter2-and-more"])(told) == cut.format(f"it is {MASK}")


def test_a_word_that_a_secret_begins_with_stays_where_nothing_is_cut() -> None:
    assert Redactor(["meeting2024"])("this meeting is <meeting>1</meeting>") == "this meeting is <meeting>1</meeting>"


@given(st.lists(secrets, min_size=1, max_size=3), st.data())
def test_masking_what_is_masked_changes_nothing(known: list[str], data: st.DataObject) -> None:
    pieces = st.sampled_from(
        ["<!--", "-->", "<![CDATA[", "]]>", "<password>", "</password>", "&", "%", "\\", "x", "%2"]
    )
    escaped = st.builds(
        lambda text, name: "".join(map(ESCAPES[name], text)), st.sampled_from(known), st.sampled_from(sorted(ESCAPES))
    )
    text = "".join(data.draw(st.lists(pieces | escaped | st.sampled_from(known) | st.text(max_size=3), max_size=10)))
    redact = Redactor(known)
    shown = redact(text)
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "hostile",
    [
        *("<!--" * 50_000, "<![CDATA[" * 30_000, "&#x41;" * 30_000, "%25" * 60_000, "\\u0041" * 30_000),
        *("<?" * 100_000, "<password>" * 20_000, "<a password=" * 20_000, "&token=" * 30_000, "://" * 60_000),
        *("a" * 59 + "\n" * 100_000, escape("<a b='c'>&amp;%25") * 8_000, "-->" * 60_000, "<!-->" * 40_000),
        *("://a/" * 40_000, "/a" * 90_000, ("<password>" + "<!--" * 1000 + "</password>") * 40),
        ("<password>" + "<![CDATA[" * 500 + "</password>") * 40,
    ],
    ids=lambda text: text[:9].strip(),
)
def test_no_text_takes_long(hostile: str) -> None:
    redact = Redactor(["hunter2-and-more"])
    clock = time.perf_counter()
    redact.learn_from(hostile)
    redact(hostile)
    assert time.perf_counter() - clock < 5
