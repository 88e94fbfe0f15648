"""What a hostile site sends is inert in all that a run leaves: files, streams, logs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from leaving import run_in

CASES = """
- name: hostile
  request: {DelUser: {webExId: hostile}}
  before: {result: FAILURE}
- name: hostile refusal
  request: {DelUser: {webExId: hostile refusal}}
  before: {result: FAILURE}
- name: hostile page
  request: {DelUser: {webExId: hostile page}}
  before: {result: FAILURE}
- name: hostile fault
  request: {DelUser: {webExId: hostile fault}}
  before: {result: FAILURE}
- name: hostile crash
  request: {DelUser: {webExId: hostile crash}}
  before: {result: FAILURE}
"""
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
REPORTED = ("--conformance-report=out", "cases")
WAYS = {
    "the command": ("-m", "conformance", "run", "--site", "canary", "cases", "--report", "out"),
    "pytest": (
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-rA",
        "--conformance-site=canary",
        "--conformance-report=out",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_terminal_or_browser_acts_on_it(way: str, tmp_path: Path, write_cases: Callable[..., Path]) -> None:
    write_cases(CASES, root=tmp_path / "cases")
    ended = run_in(tmp_path, "-W", "error", *WAYS[way])
    shown = {name: data for name, data in ended.left.items() if name != "ps" and not name.endswith(".sqlite3")}
    texts = {name: data.decode("utf-8") for name, data in shown.items()}
    assert texts.keys() >= {"out/results.jsonl", "out/junit.xml", "out/report.html", "stdout"}
    assert {name: ACTING.findall(text) for name, text in texts.items() if ACTING.search(text)} == {}
    assert "\\x1b[31m" in texts["stdout"]
    assert "<script>window.owned" not in texts["out/report.html"]
    names = {case.get("name") for case in ET.fromstring(texts["out/junit.xml"]).iter("testcase")}
    assert names >= {"hostile", "hostile-refusal", "hostile-page", "hostile-fault", "hostile-crash"}
