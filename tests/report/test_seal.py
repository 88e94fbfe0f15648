"""The policy of the page: pytest-html's script runs, and nothing else does, whatever gets into the page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from html_support import write_page

from conformance.report.html_seal import policy, seal, with_policy

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PLAIN = "<!DOCTYPE html>\n<html>\n  <head>\n    <title>x</title></head><body>{}<script>\n  let a = 1;\n</script></body>"
_META = re.compile(r'<head><meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def directives(page: str) -> dict[str, str]:
    found = _META.search(page)
    assert found, "the policy is not the first thing in the head"
    return dict(part.strip().partition(" ")[::2] for part in found[1].split(";"))


def test_the_policy_is_the_first_thing_in_the_head_and_allows_one_script() -> None:
    digest = base64.b64encode(hashlib.sha256(b"\n  let a = 1;\n").digest()).decode()
    assert directives(with_policy(PLAIN)) == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "media-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_a_script_elsewhere_in_the_page_is_not_allowed() -> None:
    hostile = PLAIN.format("<script>window.owned = 1</script>")
    assert directives(with_policy(hostile)) == directives(with_policy(PLAIN))


def test_a_page_without_a_script_allows_none() -> None:
    assert directives(with_policy("<html><head></head></html>"))["script-src"] == "'none'"


def test_a_page_with_files_beside_it_may_use_them() -> None:
    page = PLAIN.replace("<title>", '<link href="assets/style.css" rel="stylesheet" type="text/css"/><title>')
    found = directives(with_policy(page))
    assert found["style-src"] == "'unsafe-inline' 'self' file:"
    assert found["default-src"] == "'none'"


def test_a_page_is_sealed_once_and_one_without_a_head_is_left_alone() -> None:
    sealed = with_policy(PLAIN)
    assert with_policy(sealed) == sealed
    assert with_policy("no page") == "no page"


def test_no_script_has_the_hash_of_another() -> None:
    assert policy("a") != policy("b")


def test_sealing_leaves_nothing_else_behind(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(PLAIN)
    seal(page)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert page.read_text() == with_policy(PLAIN)


def test_a_page_that_can_not_be_written_is_told_and_left_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="report"):
        seal(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_page_of_a_run_is_sealed(tmp_path: Path) -> None:
    page = write_page(tmp_path).read_text(encoding="utf-8")
    assert directives(page)["script-src"].startswith("'sha256-")
    assert "onclick=" not in page


def test_a_page_without_cases_is_not_ours_to_seal(tmp_path: Path) -> None:
    page = write_page(tmp_path, stand_in="", tests="def test_other(): pass").read_text(encoding="utf-8")
    assert "Content-Security-Policy" not in page


@dataclass
class Asked:
    """A server that remembers what it was asked for."""

    port: int
    paths: set[str]


@pytest.fixture
def asked() -> Iterator[Asked]:
    paths: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.add(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield Asked(server.server_port, paths)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")
class TestInABrowser:
    @pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "as a check of this test, not sealed"])
    def test_what_gets_into_a_page_unescaped_is_neither_run_nor_fetched(
        self, browser: Any, asked: Asked, tmp_path: Path, sealed: bool
    ) -> None:
        place = f"http://127.0.0.1:{asked.port}"
        hostile = (
            "<script>window.owned = 1</script><img src=x onerror='window.owned = 1'>"
            "<svg onload='window.owned = 1'></svg><iframe srcdoc='<script>parent.owned = 1</script>'></iframe>"
            f"<img src='{place}/pixel'><link rel=stylesheet href='{place}/style.css'><object data='{place}/o'></object>"
        )
        page = write_page(tmp_path).read_text(encoding="utf-8").replace("<body>", f"<body>{hostile}", 1)
        if not sealed:
            page = _META.sub("<head>", page)
        (tmp_path / "hostile.html").write_text(page, encoding="utf-8")
        context = browser.new_context()
        tab = context.new_page()
        tab.goto((tmp_path / "hostile.html").as_uri())
        assert tab.evaluate("window.owned") == (None if sealed else 1)
        assert asked.paths == (set() if sealed else {"/pixel", "/style.css", "/o"})
        # The page itself works: its script has made the list of cases.
        assert tab.locator("tr.collapsible").count() == 3
        tab.locator("#show_all_details").click()
        assert tab.locator(".cf-case:visible").count() == 3
        context.close()

    def test_the_first_screen_says_what_is_left_and_what_is_to_be_known(self, browser: Any, tmp_path: Path) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        tab = context.new_page()
        tab.goto(write_page(tmp_path).as_uri())
        left = tab.get_by_text("LEFT ON THE SITE", exact=True)
        assert left.bounding_box()["y"] < 800
        assert json.loads(tab.evaluate("JSON.stringify([...document.querySelectorAll('.cf-know li')].length)")) >= 1
        context.close()
