"""The examples of docs/case-format.md are what they say: complete ones load, the others are YAML of the format."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cases import model, xpaths
from conformance.cases.check import ROLES
from conformance.cases.document import read_document
from conformance.cases.load import ROOT_FILE, load_change, load_fixtures, plan
from conformance.cases.values import FUNCTIONS
from conformance.versions import Version
from conformance.wire.names import NAMESPACES

PAGE = Path(__file__).parents[2] / "docs" / "case-format.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(yaml[^\n]*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
CASES = [text for kind, text in BLOCKS if kind == "yaml case"]
FIXTURES = [text for kind, text in BLOCKS if kind == "yaml fixtures"]
PARTS = [text for kind, text in BLOCKS if kind == "yaml"]

Place = Callable[..., Path]


def test_the_page_has_examples_of_each_kind() -> None:
    assert len(CASES) >= 2
    assert len(FIXTURES) >= 1
    assert len(CASES) + len(FIXTURES) + len(PARTS) == len(BLOCKS)


@pytest.mark.parametrize("text", CASES, ids=range(len(CASES)))
def test_a_complete_example_loads(place: Place, text: str) -> None:
    releases = re.findall(r"[\d.]+", text.partition("released_in:")[2].partition("\n")[0])
    change = load_change(place(text, f"{max(map(Version.parse, releases))}/example.yaml"))
    assert plan(change)


@pytest.mark.parametrize("text", FIXTURES, ids=range(len(FIXTURES)))
def test_an_example_of_fixtures_loads(place: Place, folder: Path, text: str) -> None:
    place(text, ROOT_FILE)
    assert load_fixtures(folder)


@pytest.mark.parametrize("text", PARTS, ids=range(len(PARTS)))
def test_a_part_is_yaml_with_known_keys(place: Place, text: str) -> None:
    # Several ways to write one key stand below each other.
    for part in re.split(r"(?m)^(?=as:|given:)", text):
        if part.strip():
            data = read_document(place(part)).data
            keys = data if isinstance(data, dict) else [key for item in data for key in item]
            assert set(keys) <= KEYS | {"xpath"}


def test_every_key_of_the_format_is_explained() -> None:
    for key in KEYS:
        assert f"`{key}`" in TEXT or f"`{key}:" in TEXT, key


def test_every_name_that_cases_can_use_is_explained() -> None:
    for name in (*ROLES, *FUNCTIONS, *NAMESPACES):
        assert f"`{name}" in TEXT or f" {name} " in TEXT, name
    for name, uri in NAMESPACES.items():
        assert f"`{uri.removeprefix('http://www.webex.com/schemas/2002/06/')}`" in TEXT, name


def test_every_condition_is_explained() -> None:
    for key in keys_of(model.Condition):
        assert f"| `{key}: " in TEXT or f"`{key}: " in TEXT, key


def test_links_within_the_page_lead_somewhere() -> None:
    headings = re.findall(r"(?m)^#+ (.+)$", TEXT)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors


def test_xpaths_of_the_page_are_xpaths() -> None:
    for text in re.findall(r"^ *(//[^:\s]+:[^\s:]+(?::[^\s:]+)*|count\(.*?\)): ", "".join(PARTS), re.MULTILINE):
        xpaths.check(text)


def keys_of(kind: type[model.Value]) -> set[str]:
    """Return the keys of a part of the format."""
    return {field.alias or name for name, field in kind.model_fields.items()}


KEYS = set().union(
    *map(
        keys_of,
        (
            model.ChangeFile,
            model.Clause,
            model.Case,
            model.RequestStep,
            model.MailStep,
            model.OpenStep,
            model.Expectation,
            model.MailExpectation,
            model.Fixture,
            model.Given,
            model.RootFile,
        ),
    )
)
