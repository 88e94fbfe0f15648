"""docs/mutants.md says all that there is to say, and nothing that is not there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import get_args

import pytest

from conformance.cases.load import load_changes, plan
from conformance.mock.defect_answers import VERBS, WHOLE
from conformance.mutants.load import load_mutants
from conformance.mutants.model import Class, DefectEntry, KillEntry, MailEntry, Memory, MutantEntry, SuiteMutantEntry
from conformance.mutants.outcome import Fate
from conformance.mutants.suite import load_suite_mutants
from conformance.mutants.trial import Bench
from conformance.schema.catalog import SchemaCatalog

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "mutants.md").read_text()
MODELS = (MutantEntry, DefectEntry, KillEntry, MailEntry, SuiteMutantEntry)
KEYS = sorted({field.alias or name for model in MODELS for name, field in model.model_fields.items()})


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained(key: str) -> None:
    assert f"`{key}`" in TEXT


@pytest.mark.parametrize("word", [*VERBS, *WHOLE, *get_args(Memory), *sorted(set(get_args(Class)) - {"suite"})])
def test_every_word_is_named(word: str) -> None:
    assert f"`{word}`" in TEXT


@pytest.mark.parametrize("fate", Fate)
def test_everything_that_can_come_of_a_mutant_is_explained(fate: Fate) -> None:
    assert f"| {fate} |" in TEXT


def test_no_other_key_is_explained() -> None:
    told = {name for row in re.findall(r"(?m)^\| (`.+?`) \|", TEXT) for name in re.findall(r"`([^`]+)`", row)}
    assert told - set(KEYS) == set()


def test_the_numbers_that_people_read_are_those_of_the_catalogue() -> None:
    changes = load_changes()
    cases = [case for change in changes for case in plan(change)]
    mutants = load_mutants(changes, cases)

    async def derived() -> int:
        async with Bench(cases, SchemaCatalog()) as bench:
            return len(await bench.derived(cases))

    announced = (
        f"{len(mutants)} mutants of the mock, {asyncio.run(derived())} derived from its answers,"
        f" {len(load_suite_mutants(mutants))} of the suite itself"
    )
    assert announced in TEXT
    assert announced in (DOCS.parent / "README.md").read_text()
    trust = " ".join((DOCS / "trust.md").read_text().replace(",", "").split())
    for number in re.findall(r"\d+", announced):
        assert f" {number} " in trust, number
