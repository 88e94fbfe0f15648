"""docs/waivers.md says what the code does: its example loads, its keys, states and options are all there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from eight import eight_changes

from conformance.cases.document import read_document
from conformance.cases.load import plan
from conformance.cases.waivers import FAILS_A_RUN, WaiverState, load_waivers
from conformance.report.junit import WAIVERS
from conformance.run.waive import waivers_file

PAGE = Path(__file__).parents[2] / "docs" / "waivers.md"
TEXT = PAGE.read_text(encoding="utf-8")


def block(kind: str) -> str:
    """Return the only block of that kind."""
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    return str(text)


def test_the_example_loads_names_what_there_is_and_shows_every_key(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(block("yaml"))
    waivers = load_waivers(path, date(2026, 11, 22))
    changes = eight_changes()
    known = {change.id for change in changes} | {case.id for change in changes for case in plan(change)}
    assert {waiver.waives for waiver in waivers} <= known
    shown = {key for entry in read_document(path).data["waivers"] for key in entry}
    listed = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert shown == {*listed}


def test_the_settings_are_read_as_they_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(block("toml"))
    assert waivers_file(None, path) == tmp_path / "waivers.yaml"


def test_every_state_is_explained_and_whether_it_fails_a_run() -> None:
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (yes|no) \|", TEXT, re.MULTILINE))
    assert rows == {state.value: "yes" if state in FAILS_A_RUN else "no" for state in WaiverState}


def test_the_entry_of_junit_is_named() -> None:
    assert f"`conformance::{WAIVERS}`" in TEXT
