"""badge.svg: a picture that says its word to everybody, fetches nothing and runs nothing."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from output_samples import ACTED_ON, decision, decisions

from conformance.page.badge import badge
from conformance.upgrade.model import Decision, Word

SVG = "{http://www.w3.org/2000/svg}"
MOST = 700
"""Pixels: two short texts."""


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as the rules on contrast define it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("word", Word)
def test_it_says_its_word_in_text_in_its_title_and_by_a_glyph(word: Word) -> None:
    root = ET.fromstring(badge(decision(word)))
    left, right = (text.text for text in root.iter(f"{SVG}text"))
    title = root.find(f"{SVG}title")
    assert left == "Webex XML API 40.4.3"
    assert right is not None
    assert re.fullmatch(rf"\S {word}", right)
    assert title is not None
    assert title.text == f"{word}: 40.4.3 on staging, decided 22 Nov 2026 08:00 UTC"
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", title.get("id"))


def test_no_two_words_look_alike_and_all_can_be_read() -> None:
    fills, glyphs = set(), set()
    for word in Word:
        root = ET.fromstring(badge(decision(word)))
        colours = [str(rect.get("fill")) for rect in root.iter(f"{SVG}rect")]
        assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in colours)
        fills.add(colours[1])
        glyphs.add(str(list(root.iter(f"{SVG}text"))[1].text)[0])
    assert len(fills) == len(glyphs) == len(Word)


def test_its_texts_stand_within_their_boxes() -> None:
    root = ET.fromstring(badge(decision(Word.NOT_READY)))
    boxes = list(zip(root.iter(f"{SVG}rect"), root.iter(f"{SVG}text"), strict=True))
    assert len(boxes) == 2
    for rect, text in boxes:
        start, width = int(rect.get("x", "0")), int(rect.get("width", "0"))
        assert start < int(text.get("x", "0"))
        assert int(text.get("x", "0")) + int(text.get("textLength", "0")) < start + width
    assert sum(int(rect.get("width", "0")) for rect, _ in boxes) == int(root.get("width", "0"))


@given(decisions)
def test_any_text_is_only_text(made: Decision) -> None:
    shown = badge(made)
    assert not ACTED_ON & {*shown}
    root = ET.fromstring(shown)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} == {"svg", "title", "rect", "g", "text"}
    assert not {key for node in root.iter() for key in node.attrib if key.startswith("on") or "href" in key}
    assert int(root.get("width", "0")) < MOST
    assert root.tail is None


def test_it_names_no_other_place() -> None:
    assert re.findall(r"https?://[^\"' ]+", badge(decision())) == ["http://www.w3.org/2000/svg"]
