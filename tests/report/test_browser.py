"""The page in a real browser that may fetch nothing: what a person sees and can open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Tab, needs_chromium
from eight import FOLDERS
from html_support import ALL_HOSTILE, BLUE, HOSTILE, write_page

CHECKOUT = Path(__file__).parents[2]

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def stood_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three cases: one holds, one fails with hostile texts, one could not be told."""
    return write_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run against a mock that lacks most changes."""
    folder = tmp_path_factory.mktemp("real")
    command = [sys.executable, "-m", "conformance", "run", *map(str, FOLDERS), "--report", str(folder)]
    command += ["--api-version", "40.4.3", "--mock-version", "40.1.0"]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False)
    assert (folder / "report.html").is_file(), ended.stdout + ended.stderr
    return folder / "report.html"


@pytest.fixture
def tab(browser: Any) -> Iterator[Tab]:
    tab = Tab(browser)
    yield tab
    tab.close()


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def changes_by_outcome(folder: Path) -> dict[bool, set[str]]:
    """Return the changes that failed and those that did not, as results.jsonl has them."""
    records = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    cases = [record for record in records if record["kind"] == "case"]
    failed = {case["change"] for case in cases if case["verdict"] == "FAIL"}
    return {True: failed, False: {case["change"] for case in cases} - failed}


def test_the_first_screen_says_what_does_not_hold(tab: Tab, real: Path, tmp_path: Path) -> None:
    page = tab.open(real)
    page.screenshot(path=tmp_path / "first-screen.png")
    changes = changes_by_outcome(real.parent)
    assert page.title() == "Webex XML API 40.4.3 - NOT AS DOCUMENTED"
    headline = page.get_by_text(f"NOT AS DOCUMENTED: {len(changes[True])} of ")
    assert headline.is_visible()
    lines = page.locator(".cf-index a.cf-FAIL")
    assert {line.get_attribute("href") for line in lines.all()} == {f"#cf-FAIL-{id_}" for id_ in changes[True]}
    assert all(line.bounding_box()["y"] < 800 for line in lines.all())
    assert page.locator("section.cf-FAIL").count() == len(changes[True])
    assert changes[False]
    assert fits(page)


def test_cases_are_folded_until_one_is_opened(tab: Tab, real: Path) -> None:
    page = tab.open(real)
    assert page.locator(".cf-case:visible").count() == 0
    assert page.locator("tr.collapsible").first.inner_text().startswith("✗ FAIL")
    page.locator("tr.collapsible .cf-v").first.click()
    assert page.locator(".cf-case:visible").count() == 1
    page.locator("tr.collapsible .cf-v").first.click()
    assert page.locator(".cf-case:visible").count() == 0


def test_a_case_that_failed_shows_expected_beside_observed(tab: Tab, stood_in: Path, tmp_path: Path) -> None:
    page = tab.open(stood_in)
    page.locator("tr.collapsible", has_text="a-blue-one").locator(".cf-v").click()
    case = page.locator(".cf-case:visible")
    case.screenshot(path=tmp_path / "case.png")
    expected, observed = case.get_by_text("the colour blue"), case.get_by_text("the colour red")
    observed = observed.and_(case.locator("td"))
    left, right = expected.bounding_box(), observed.bounding_box()
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"] + 1
    messages = case.locator("details[open] details[open] > pre:visible")
    assert messages.count() == 2
    assert messages.first.inner_text().startswith("<message>")
    assert HOSTILE["script"] in messages.last.inner_text()
    assert case.locator("code", has_text=f"--case {BLUE} --api-version 40.4.3").is_visible()
    assert fits(page)


def test_hostile_text_is_only_text(tab: Tab, stood_in: Path) -> None:
    page = tab.open(stood_in)
    page.get_by_role("button", name="Show all details").click()
    for details in page.locator(".cf-case details:not([open]) > summary").all():
        if details.is_visible():
            details.click()
    page.wait_for_timeout(100)
    assert page.evaluate("window.owned") is None
    assert page.locator(".cf-case :is(script, img, svg), .cf :is(script, img, svg)").count() == 0
    assert page.locator(".cf-case [onerror], .cf-case [onload]").count() == 0
    assert HOSTILE["image"] in page.locator(".cf-why", has_text="FAIL").inner_text()
    assert r"user\x202egpj.exe" in page.locator(".cf-why", has_text="FAIL").inner_text()
    assert "\x1b" in ALL_HOSTILE
    assert "\x1b" not in page.content()


def test_a_link_to_a_case_opens_it(tab: Tab, stood_in: Path) -> None:
    page = tab.open(stood_in)
    page.locator("section.cf-FAIL small a", has_text="a-blue-one").click()
    assert page.locator(".cf-case:visible").count() == 1
    assert page.locator(".cf-case:visible", has_text=BLUE).count() == 1


def test_rows_are_sorted_and_filtered(tab: Tab, stood_in: Path) -> None:
    page = tab.open(stood_in)

    def cases() -> list[str]:
        return [str(text) for text in page.locator("td.col-case").all_inner_texts()]

    assert cases() == ["a-blue-one", "a-grey-one", "a-green-one"]
    page.locator("th", has_text="Change").last.click()
    assert cases() == ["a-grey-one", "a-blue-one", "a-green-one"]
    page.locator("input[data-test-result=passed]").click()
    assert cases() == ["a-grey-one", "a-blue-one"]


def test_the_environment_is_out_of_the_way(tab: Tab, stood_in: Path) -> None:
    page = tab.open(stood_in)
    assert not page.locator("#environment").is_visible()
    page.locator("#environment-header").click()
    assert page.locator("#environment").is_visible()


def test_without_scripts_the_summary_is_there(browser: Any, stood_in: Path) -> None:
    tab = Tab(browser, java_script_enabled=False)
    page = tab.open(stood_in)
    assert page.get_by_text("NOT AS DOCUMENTED: 1 of 3 documented changes do not hold").is_visible()
    assert page.locator("section.cf-FAIL").get_by_text("What to change").is_visible()
    assert page.locator("noscript p").is_visible()
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, stood_in: Path, scheme: str, tmp_path: Path) -> None:
    """WCAG asks for a contrast of 4.5 to 1; so greyscale and bad screens are no trouble."""
    tab = Tab(browser, color_scheme=scheme)
    page = tab.open(stood_in)
    page.get_by_role("button", name="Show all details").click()
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    weak = page.evaluate(_WEAK_CONTRASTS)
    assert weak == []
    tab.close()


def test_on_paper_cases_that_failed_are_open(tab: Tab, stood_in: Path) -> None:
    page = tab.open(stood_in)
    page.emulate_media(media="print")
    assert page.locator(".cf-case:visible").count() == 1
    assert page.locator(".cf-case:visible", has_text="the colour blue").count() == 1
    assert not page.locator(".filters").is_visible()


_WEAK_CONTRASTS = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor)
      if (c.length === 3 || c[3] === 1) return c
    }
    return [255, 255, 255]
  }
  const weak = []
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    if (!own || !element.checkVisibility()) continue
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))]
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (contrast < 4.5) weak.push(`${element.className} ${contrast.toFixed(2)} ${element.innerText}`)
  }
  return weak
}"""
