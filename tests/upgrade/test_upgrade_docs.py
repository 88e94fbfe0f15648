"""docs/upgrade.md says what is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.upgrade.model import EXIT_CODES, Outcome
from conformance.upgrade.policy import load_policy, shipped_policy
from conformance.upgrade.rules import RULES
from conformance.upgrade.settings import UpgradeSettings, load_upgrade

TEXT = Path(__file__).parents[2].joinpath("docs", "upgrade.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """Return the first block of code of that kind."""
    return TEXT.split(f"```{kind}\n", 1)[1].split("```", 1)[0]


def test_the_table_of_rules_is_the_rules() -> None:
    rows = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| `")]
    outcomes = shipped_policy().outcomes
    assert rows == [[f"`{rule.id}`", outcomes[rule.id], rule.means, rule.lightest] for rule in RULES.values()]


def test_the_table_of_words_is_the_words() -> None:
    told = dict(re.findall(r"^\| ([A-Z ]+) \| (\d) \|", TEXT, re.MULTILINE))
    assert told == {word.value: str(int(code)) for word, code in EXIT_CODES.items()}


def test_every_option_is_told() -> None:
    text = CliRunner().invoke(app, ["can-upgrade", "--help"]).output
    options = set(re.findall(r"--[a-z-]+", text)) - {"--help"}
    assert sorted(option for option in options if f"{option}" not in TEXT) == []


def test_every_outcome_is_told() -> None:
    assert [outcome for outcome in Outcome if f"`{outcome}`" not in TEXT] == []


def test_every_letter_of_the_transcript_is_told() -> None:
    assert set(re.findall(r"^([A-Zi?])  ", TEXT, re.MULTILINE)) <= set(re.findall(r"`([EF?i])`", TEXT))


def test_the_example_of_a_policy_is_one(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(block("yaml"))
    assert load_policy(path).outcomes["flaky"] is Outcome.BLOCK


def test_the_example_of_settings_has_every_key(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(block("toml"))
    read = load_upgrade(path)
    assert read.model_fields_set == set(UpgradeSettings.model_fields)


@pytest.mark.parametrize("name", re.findall(r"\]\((\w+\.md)\)", TEXT))
def test_what_it_links_to_is_there(name: str) -> None:
    assert Path(__file__).parents[2].joinpath("docs", name).is_file()
