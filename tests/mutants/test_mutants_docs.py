"""docs/mutants.md says all that there is to say, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from conformance.mock.defect_answers import VERBS, WHOLE
from conformance.mutants.model import Class, DefectEntry, KillEntry, MailEntry, Memory, MutantEntry, SuiteMutantEntry
from conformance.mutants.outcome import Fate

TEXT = (Path(__file__).parents[2] / "docs" / "mutants.md").read_text()
MODELS = (MutantEntry, DefectEntry, KillEntry, MailEntry, SuiteMutantEntry)
KEYS = sorted({field.alias or name for model in MODELS for name, field in model.model_fields.items()})


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained(key: str) -> None:
    assert f"`{key}`" in TEXT


@pytest.mark.parametrize("word", [*VERBS, *WHOLE, *get_args(Memory), *(set(get_args(Class)) - {"suite"})])
def test_every_word_is_named(word: str) -> None:
    assert f"`{word}`" in TEXT


@pytest.mark.parametrize("fate", Fate)
def test_everything_that_can_come_of_a_mutant_is_explained(fate: Fate) -> None:
    assert f"| {fate} |" in TEXT


def test_no_other_key_is_explained() -> None:
    told = {name for row in re.findall(r"(?m)^\| (`.+?`) \|", TEXT) for name in re.findall(r"`([^`]+)`", row)}
    assert told - set(KEYS) == set()
