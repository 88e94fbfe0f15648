"""readiness.html in a real browser that may fetch nothing: what a person sees, opens, searches and prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import Tab, needs_chromium
from page_samples import EMAIL, HOSTILE, PAST, SAMPLES, hostile, not_ready

from conformance.page.readiness import render

PAGES = {**SAMPLES, "hostile": hostile}

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of all samples, as files."""
    folder = tmp_path_factory.mktemp("readiness")
    written = {name: folder / f"{name}.html" for name in PAGES}
    for name, path in written.items():
        path.write_text(render(PAGES[name]()), encoding="utf-8")
    return written


@pytest.fixture
def window(browser: Any) -> Iterator[Tab]:
    opened = Tab(browser)
    yield opened
    opened.close()


@pytest.fixture
def scriptless(browser: Any) -> Iterator[Tab]:
    opened = Tab(browser, java_script_enabled=False)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answer_fits_the_first_screen(
    browser: Any, pages: dict[str, Path], tmp_path: Path, name: str, scheme: str
) -> None:
    window = Tab(browser, color_scheme=scheme)
    page = window.open(pages[name])
    page.screenshot(path=tmp_path / f"{name}-{scheme}.png")
    assert page.locator("h1 strong").inner_text() == SAMPLES[name]().decision.word.value
    for part in ("h1", ".lines", ".since", ".matrix", ".legend", ".counts", ".confidence"):
        box = page.locator(part).first.bounding_box()
        assert box["height"] > 0, part
        assert box["y"] + box["height"] <= 800, part
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    window.close()


def test_five_causes_with_long_texts_leave_the_matrix_in_sight(window: Tab, tmp_path: Path) -> None:
    data = not_ready()
    long = "a sentence of many words that says a thing at length " * 8
    texts = {"says": long, "title": long, "seen": long, "uses": long, "advice": long, "owners": (long,)}
    reasons = [replace(data.decision.reasons[0], change=str(number), **texts) for number in range(6)]
    path = tmp_path / "long.html"
    path.write_text(render(replace(data, decision=replace(data.decision, reasons=reasons))), encoding="utf-8")
    page = window.open(path)
    page.screenshot(path=tmp_path / "long.png")
    assert page.get_by_role("link", name="and 1 more cause").is_visible()
    box = page.locator(".confidence").bounding_box()
    assert box["y"] + box["height"] <= 800


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_closed_or_open(browser: Any, pages: dict[str, Path], name: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    window = Tab(browser, color_scheme=scheme)
    page = window.open(pages[name])
    for is_open in (False, True):
        if is_open and name != "hostile":  # that one is so large that axe takes minutes with all of it open
            page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    window.close()


def test_a_cause_leads_to_its_evidence_without_scripts(scriptless: Tab, pages: dict[str, Path], tmp_path: Path) -> None:
    page = scriptless.open(pages["not-ready"])
    page.get_by_role("link", name="A start time that has passed is refused").first.click()
    reason = page.locator("#reason-1")
    assert reason.bounding_box()["y"] < 100
    assert reason.get_by_text("scheduling team").is_visible()
    reason.locator("dd a").first.click()
    page.screenshot(path=tmp_path / "case.png")
    case = page.locator("details.case .body:visible")
    assert case.count() == 1
    assert case.get_by_text("//serv:exceptionID: expected 060016, got none").is_visible()
    assert case.locator("pre:visible", has_text="meetingkey").is_visible()
    assert page.locator(".search").is_hidden()


def test_expected_stands_beside_observed(scriptless: Tab, pages: dict[str, Path]) -> None:
    page = scriptless.open(pages["not-ready"])
    page.locator("#reason-1 dd a").first.click()
    cells = page.locator(".checks:visible td")
    expected, observed = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert cells.nth(0).inner_text() == "FAILURE"
    assert cells.nth(1).inner_text() == "SUCCESS"
    assert expected["y"] == observed["y"]
    assert expected["x"] + expected["width"] <= observed["x"] + 1


def test_everything_opens_without_scripts(scriptless: Tab, pages: dict[str, Path]) -> None:
    page = scriptless.open(pages["not-ready"])
    change = page.locator("details.change", has_text="A start time that has passed")
    change.locator("summary").first.click()
    change.locator("details.case > summary").first.click()
    change.get_by_text("Text for a ticket to the provider").first.click()
    ticket = change.locator("pre.copy:visible")
    assert "not as documented: A start time that has passed is refused" in ticket.inner_text()
    change.get_by_text("Request, secrets masked").first.click()
    assert change.locator("pre:visible", has_text="startDate").first.is_visible()


def test_search_finds_changes_cases_and_messages(window: Tab, pages: dict[str, Path], tmp_path: Path) -> None:
    page = window.open(pages["not-ready"])
    page.fill("#find", "no mailbox")
    assert page.locator("details.change:visible").count() == 1
    assert page.locator("details.case:visible").count() == 2
    assert page.locator("#found").inner_text() == "2 cases fit"
    page.screenshot(path=tmp_path / "search.png")
    page.fill("#find", "CREATEUSER isHTMLEmail")
    assert page.locator("details.change:visible").count() == 1
    page.fill("#find", "nothing is like this")
    assert page.locator("details.change:visible").count() == 0
    assert page.locator("#found").inner_text() == "0 cases fit"
    page.fill("#find", "")
    assert page.locator("details.change:visible").count() == 8
    assert page.locator("#found").inner_text() == ""


def test_all_can_be_opened_and_closed_at_once(window: Tab, pages: dict[str, Path]) -> None:
    page = window.open(pages["not-ready"])
    page.get_by_role("button", name="Open all").click()
    assert page.locator("#changes details:not([open])").count() == 0
    page.get_by_role("button", name="Close all").click()
    assert page.locator("#changes details[open]").count() == 0


def test_hostile_text_is_only_text(window: Tab, pages: dict[str, Path], tmp_path: Path) -> None:
    page = window.open(pages["hostile"])
    page.get_by_role("button", name="Open all").click()
    page.screenshot(path=tmp_path / "hostile.png")
    assert page.evaluate("window.owned") is None
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, [onerror], [onload]").count() == 0
    assert HOSTILE["image"] in page.locator("#reason-1").inner_text()
    assert r"user\x202egpj.exe" in page.locator("#reason-1").inner_text()
    assert "\x1b" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_the_keyboard_reaches_the_answer_first(window: Tab, pages: dict[str, Path]) -> None:
    page = window.open(pages["not-ready"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#reason-1"
    page.locator("details.change > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.change").first.get_attribute("open") is not None


def test_every_link_of_the_page_leads_to_something_that_is_then_seen(scriptless: Tab, pages: dict[str, Path]) -> None:
    page = scriptless.open(pages["not-ready"])
    targets = {link.get_attribute("href") for link in page.locator("main a").all()}
    assert len(targets) > 12
    for target in sorted(filter(None, targets)):
        page.goto(pages["not-ready"].as_uri() + target)
        assert page.locator(f'[id="{target[1:]}"]').is_visible(), target


def test_on_paper_what_does_not_hold_is_open(window: Tab, pages: dict[str, Path], tmp_path: Path) -> None:
    page = window.open(pages["not-ready"])
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator(f'[id^="case-{PAST.replace("/", "-")}"] .checks').first.is_visible()
    assert page.locator(f'[id^="case-{EMAIL.replace("/", "-")}"] .checks').first.is_visible()
    assert page.locator("pre:visible").count() == 0
    paper = tmp_path / "readiness.pdf"
    page.pdf(path=paper, format="A4")
    assert paper.read_bytes().startswith(b"%PDF")


def test_on_a_narrow_screen_nothing_runs_out_of_it(browser: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    window = Tab(browser)
    window.page.set_viewport_size({"width": 400, "height": 800})
    page = window.open(pages["not-ready"])
    page.screenshot(path=tmp_path / "narrow.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    window.close()


def test_it_is_legible_in_grey(window: Tab, pages: dict[str, Path]) -> None:
    """Each cell that is not empty says by a letter what its colour says."""
    page = window.open(pages["not-ready"])
    by_colour: dict[str, set[str]] = {}
    for cell in page.locator(".matrix .cell").all():
        colour = cell.evaluate("cell => getComputedStyle(cell).color")
        by_colour.setdefault(colour, set()).add(cell.locator("span").first.inner_text())
    letters = [letter for some in by_colour.values() for letter in some]
    assert len(letters) == len(set(letters))
    assert {"P", "F", "?", "·"} <= set(letters)


def test_the_samples_say_what_the_tests_of_this_file_look_for() -> None:
    assert {reason.change for reason in not_ready().decision.reasons} >= {PAST, EMAIL}
