"""readiness.md, and all outputs as files: complete, replaced as a whole, and refused in words."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from eight import eight_changes
from hypothesis import given
from markdown_it import MarkdownIt
from output_samples import ACTED_ON, STARTS, decision, decisions, empty, hostile, reason

from conformance.errors import UserError
from conformance.page.markdown import markdown
from conformance.page.outputs import write, write_outputs
from conformance.report.markdown import MAX_LINES
from conformance.upgrade.model import Decision, Outcome, Word

FILES = ["summary.json", "readiness.md", "badge.svg", "metrics.prom", "results.sarif"]


class TestMarkdown:
    def test_what_it_says(self) -> None:
        since = "(since 22 Nov 2026 02:00 UTC) → send a start that is ahead"
        assert markdown(decision()).splitlines() == [
            "## ✗ NOT READY: 40.4.3 on staging, from 40.1.0, as billing uses it",
            "",
            "Decided 22 Nov 2026 08:00 UTC by the shipped policy; evidence up to 36 h old",
            "",
            f"- ✗ **not ready**: 40.2.0 CreateMeeting refuses a start that has passed: 2 cases fail {since}",
            "- ✗ **not ready**: the waiver for 40.1.0/x has expired → mend what fails",
            rf"- ✗ **not ready**: your CreateMeeting sends a start time that has passed \(3 of 40 requests\) {since}",
            f"- ? **cannot tell**: 1 case could not tell {since}",
            f"- i **tell**: 1 deviation {since}",
            "",
            "Observed 5 of 6 cases; 2 documented changes; newest run 2026-11-22T02-00-00Z-40.4.3, 6 h old",
        ]

    def test_of_nothing(self) -> None:
        assert markdown(empty()).splitlines()[-1] == "Observed 0 of 0 cases; 0 documented changes; no run counts"

    @pytest.mark.parametrize("number", [0, 1, 10, 11, 12, 13, 1000])
    def test_it_has_at_most_20_lines_and_counts_the_rest(self, number: int) -> None:
        lines = markdown(decision(reasons=[reason()] * number)).splitlines()
        assert len(lines) <= MAX_LINES
        told = len([line for line in lines if "**" in line])
        more = next((int(line.split()[2]) for line in lines if line.startswith("- and ")), 0)
        assert told + more == number
        assert lines[-1].startswith("Observed ")

    def test_what_is_ignored_is_not_told(self) -> None:
        assert "**" not in markdown(decision(reasons=[reason(outcome=Outcome.IGNORE)]))

    @given(decisions)
    def test_any_text_is_only_text(self, made: Decision) -> None:
        text = markdown(made)
        assert not ACTED_ON & {*text}
        assert len(text.splitlines()) <= MAX_LINES
        tokens = MarkdownIt("commonmark", {"linkify": False}).parse(text)
        kinds = {inner.type for token in tokens for inner in token.children or []}
        assert kinds <= {"text", "strong_open", "strong_close", "text_special"}
        assert {token.type for token in tokens} <= {
            "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "bullet_list_open",
            "bullet_list_close", "list_item_open", "list_item_close",
        }  # fmt: skip

    def test_nobody_is_mentioned_and_nothing_is_linked(self) -> None:
        text = markdown(hostile())
        assert not [word for word in ("@everyone", "https://", "<script", " #1 ") if word in text]


class TestFiles:
    @pytest.mark.parametrize("word", Word)
    def test_all_are_written(self, tmp_path: Path, word: Word) -> None:
        written = write_outputs(decision(word), tmp_path / "new" / "folder", eight_changes())
        assert [path.name for path in written] == FILES
        assert sorted(path.name for path in written[0].parent.iterdir()) == sorted(FILES)
        assert json.loads(written[0].read_text(encoding="utf-8"))["decision"]["word"] == word
        for path in written[1:3]:
            assert word in path.read_text(encoding="utf-8")
        assert f'word="{word}"}} 1' in written[3].read_text(encoding="utf-8")
        assert json.loads(written[4].read_text(encoding="utf-8"))["version"] == "2.1.0"

    def test_the_line_of_a_case_is_that_of_the_case_files(self, tmp_path: Path) -> None:
        case = f"{STARTS}::createmeeting-nothing-is-scheduled"
        written = write_outputs(decision(reasons=[reason(cases=(case,), place="")]), tmp_path, eight_changes())
        (result,) = json.loads(written[4].read_text(encoding="utf-8"))["runs"][0]["results"]
        location = result["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"] == f"cases/{STARTS}.yaml"
        assert location["region"]["startLine"] > 1

    def test_others_can_read_them_and_they_are_replaced(self, tmp_path: Path) -> None:
        before = os.umask(0o022)
        try:
            write_outputs(decision(), tmp_path)
            first = (tmp_path / "metrics.prom").stat()
            write_outputs(empty(), tmp_path)
        finally:
            os.umask(before)
        second = (tmp_path / "metrics.prom").stat()
        assert stat.S_IMODE(second.st_mode) == 0o644
        assert first.st_ino != second.st_ino
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)

    def test_a_collector_never_sees_a_part(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[str] = []
        replace_file = Path.replace

        def looked_at(self: Path, target: Path) -> Path:
            seen.extend(path.name for path in tmp_path.glob("*.prom"))
            return replace_file(self, target)

        monkeypatch.setattr(Path, "replace", looked_at)
        write(tmp_path / "metrics.prom", "x 1\n")
        assert seen == []
        assert (tmp_path / "metrics.prom").read_text() == "x 1\n"

    def test_a_folder_that_can_not_be_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(UserError, match=r"file/out: can not be written: Not a directory"):
            write_outputs(decision(), tmp_path / "file" / "out")

    def test_what_can_not_be_written_leaves_no_part_and_the_old_file(self, tmp_path: Path) -> None:
        (tmp_path / "metrics.prom").mkdir()
        with pytest.raises(UserError, match="can not be written"):
            write_outputs(decision(), tmp_path)
        assert not list(tmp_path.glob(".*"))

    def test_hostile_texts_can_be_written(self, tmp_path: Path) -> None:
        for path in write_outputs(hostile(), tmp_path):
            assert not ACTED_ON & {*path.read_text(encoding="utf-8")}
