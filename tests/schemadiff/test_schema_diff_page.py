"""The page of a comparison in a real browser that may fetch nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import Tab, needs_chromium
from tiny_api import EDITS, USER, write_set

from conformance.cases.load import load_changes
from conformance.schemadiff.diff import compare_sources
from conformance.schemadiff.page import render
from conformance.schemadiff.sources import find_source, of_folder

HOSTILE = "&lt;img src=x onerror=alert(1)&gt;&lt;/style&gt;"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of two releases, of a set that breaks in many ways and says hostile things, and of no difference."""
    folder = tmp_path_factory.mktemp("pages")
    text = USER.replace('<xs:enumeration value="Event"/>', f'<xs:enumeration value="{HOSTILE}"/>')
    for edit in EDITS[3:14]:
        text = text.replace(edit.old, edit.new)
    old, new = of_folder(write_set(folder / "a")), of_folder(write_set(folder / "b", user=text))
    diffs = {
        "releases": compare_sources(find_source("39.11.0"), find_source("40.4.3"), load_changes()),
        "breaking": compare_sources(old, new),
        "same": compare_sources(old, old),
    }
    for name, diff in diffs.items():
        (folder / f"{name}.html").write_text(render(diff), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in diffs}


@needs_chromium
@pytest.mark.parametrize(
    ("name", "scheme"), [("releases", "light"), ("breaking", "light"), ("breaking", "dark"), ("same", "dark")]
)
def test_axe_finds_nothing_and_the_page_keeps_to_its_width(
    browser: Any, pages: dict[str, Path], tmp_path: Path, name: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    window = Tab(browser, color_scheme=scheme)
    page = window.open(pages[name])
    page.screenshot(path=tmp_path / f"{name}-{scheme}.png")
    assert axe.Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    window.close()


@needs_chromium
def test_it_says_what_breaks_where_and_what_hostile_schemas_say_is_only_text(
    browser: Any, pages: dict[str, Path]
) -> None:
    window = Tab(browser)
    page = window.open(pages["breaking"])
    assert "SOMETHING BREAKS" in page.locator("h1").inner_text()
    assert page.locator("img").count() == 0
    assert page.get_by_text("takes '<img src=x onerror=alert(1)></style>' too").count() == 2
    assert page.get_by_text("REQUEST_ELEMENT_ADDED_REQUIRED").count() >= 1
    window.close()


@needs_chromium
def test_between_releases_it_lays_the_notes_beside_the_schemas(browser: Any, pages: dict[str, Path]) -> None:
    window = Tab(browser)
    page = window.open(pages["releases"])
    assert page.get_by_text("documented by 40.4.3/createuser-html-email").count() == 1
    assert page.get_by_role("heading", name="Update notes and schemas").is_visible()
    assert page.get_by_text("11 of 11 differences documented by update notes").is_visible()
    window.close()
