"""docs/fuzz.md says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.fuzz.campaign import SILENT_IN_A_ROW, Aim
from conformance.fuzz.oracle import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "fuzz.md").read_text(encoding="utf-8")


def test_each_rule_is_on_the_page_in_its_words() -> None:
    assert dict(re.findall(r"^\| `([a-z-]+)` \| ([A-Z].*\.) \|$", PAGE, re.MULTILINE)) == dict(RULES)


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f"generated at most, {Aim(seed=0).most};" in PAGE
    assert {5: "five"}[SILENT_IN_A_ROW] + " requests" in PAGE.replace("\n  ", " ")
