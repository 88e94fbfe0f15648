"""Each rule finds its change, in the right direction, and the mirrored rule finds it the other way round."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tiny_api import EDITS, Edit, between, edited, write_set

from conformance.schemadiff.model import Finding
from conformance.schemadiff.rules import RULES, Severity, table

DOCS = Path(__file__).parents[2] / "docs" / "schema-diff.md"


def mirrored(found: list[Finding], back: list[Finding]) -> None:
    """Assert that each finding has one on the way back, of a rule that mirrors its own."""
    waiting = list(back)
    for finding in found:
        match = next(
            (
                other
                for other in waiting
                if other.rule.id in finding.rule.mirrors
                and finding.rule.id in other.rule.mirrors
                and (other.path, other.subject, other.operations) == (finding.path, finding.subject, finding.operations)
                and (other.old, other.new) == (finding.new, finding.old)
            ),
            None,
        )
        assert match is not None, (finding.rule.id, finding.path, finding.says)
        assert (match.before, match.after) == (finding.after, finding.before)
        waiting.remove(match)
    assert waiting == []


@pytest.mark.parametrize("edit", EDITS, ids=[edit.name for edit in EDITS])
def test_a_change_is_found_in_both_directions_and_backwards(tmp_path: Path, edit: Edit) -> None:
    old, new = write_set(tmp_path / "a"), write_set(tmp_path / "b", **edited(edit))
    found, back = between(old, new), between(new, old)
    told = {(finding.rule.id, finding.path, finding.subject) for finding in found}
    for rule in filter(None, (edit.request, edit.response)):
        assert {(rule, edit.path, edit.subject)} & told or (not edit.path and rule in {one for one, *_ in told}), told
    mirrored(found, back)
    assert between(new, new) == []


def test_what_is_harmless_one_way_can_hurt_the_other_way() -> None:
    severity = {rule.id: rule.severity for rule in RULES.values()}
    for aspect, request, response in (
        ("ENUM_VALUE_ADDED", Severity.COMPATIBLE, Severity.RISKY),
        ("ENUM_VALUE_REMOVED", Severity.BREAKING, Severity.COMPATIBLE),
        ("ELEMENT_MADE_OPTIONAL", Severity.COMPATIBLE, Severity.BREAKING),
        ("ELEMENT_MADE_REQUIRED", Severity.BREAKING, Severity.COMPATIBLE),
        ("TYPE_WIDENED", Severity.COMPATIBLE, Severity.BREAKING),
        ("FACET_LOOSENED", Severity.COMPATIBLE, Severity.RISKY),
    ):
        assert (severity[f"REQUEST_{aspect}"], severity[f"RESPONSE_{aspect}"]) == (request, response)


def test_every_rule_is_found_by_some_edit(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    base = write_set(tmp_path / "a")
    for number, edit in enumerate(EDITS):
        other = write_set(tmp_path / str(number), **edited(edit))
        seen.update(finding.rule.id for way in ((base, other), (other, base)) for finding in between(*way))
    assert RULES.keys() - seen.keys() == set()


class TestTable:
    def test_mirrors_are_rules_that_mirror_back_in_the_same_direction(self) -> None:
        for rule in RULES.values():
            assert rule.mirrors
            for mirror in rule.mirrors:
                assert rule.id in RULES[mirror].mirrors
                assert RULES[mirror].direction == rule.direction

    def test_each_rule_has_one_sentence_of_purpose_and_its_direction_in_its_name(self) -> None:
        for rule in RULES.values():
            assert rule.purpose.endswith(".")
            assert rule.purpose.count(". ") == 0
            head = rule.id.partition("_")[0].lower()
            assert rule.direction == (head if head in ("request", "response") else "both")
        assert len({rule.purpose for rule in RULES.values()}) >= len(RULES) - 1

    def test_the_page_of_the_docs_has_the_same_table(self) -> None:
        lines = DOCS.read_text(encoding="utf-8").splitlines()
        start = lines.index(next(table()))
        assert lines[start : start + len(RULES) + 2] == [*table()]
        assert lines[start + len(RULES) + 2] == ""
