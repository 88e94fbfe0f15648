"""``conformance compare`` as a user calls it: two folders, two runs of a history, and what can be wrong with them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from comparing import Record, edited, records, write
from typer.testing import CliRunner

from conformance.cli import app
from conformance.history.store import History

ROW = "40.4.0/getenrollmentinfo-empty-domain"


def lines_of(recorded: Mapping[str, Path], name: str = "new") -> list[Record]:
    return records(recorded[name] / "results.jsonl")


def failing(lines: list[Record], change: str = ROW, reason: str = "//x: expected 1, got 2") -> list[Record]:
    """Return a run in which the first case of a change fails."""
    case = next(line for line in lines if line.get("change") == change)
    case |= {"verdict": "FAIL", "reason": reason}
    return lines


class TestTwoFolders:
    def test_two_versions_each_as_documented(self, recorded: Mapping[str, Path], compare) -> None:
        done = compare(recorded["old"], recorded["new"], "--payloads")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("NOTHING BROKE: 86 of 86 cases as they were\n")
        assert "0 undocumented and seen, 0 documented and not seen" in done.out
        assert "CreateMeeting: element added, meet:meetingPassword: ******" in done.out
        assert "40.4.3/createuser-html-email: no answer of these cases was to show it" in done.out
        assert "Aa1bc2De3" not in done.out

    def test_without_payloads_nothing_is_said_of_answers(self, recorded: Mapping[str, Path], compare) -> None:
        done = compare(recorded["old"], recorded["new"])
        assert (done.code, len(done.out.splitlines())) == (0, 4)

    def test_a_site_that_is_not_what_it_is_held_to(self, recorded: Mapping[str, Path], compare) -> None:
        done = compare(recorded["new"], recorded["late"])
        assert done.code == 1
        head = done.out.splitlines()[0]
        assert head.startswith("SOMETHING BROKE: ")
        assert head.endswith(" documented changes")
        assert "PASS -> FAIL  setmeeting-started-a-day-ago" in done.out
        assert done.out.count("mail to ") == 2, "a cause is told once, however many cases share it"
        assert "held to 40.4.3, really 40.1.0" in done.out
        back = compare(recorded["late"], recorded["new"])
        assert back.code == 0
        assert "FAIL -> PASS  setmeeting-started-a-day-ago" in back.out

    def test_a_difference_that_nothing_documents_fails(self, recorded: Mapping[str, Path], compare, tmp_path) -> None:
        target = tmp_path / "edited" / "results.jsonl"
        edited(recorded["new"] / "results.jsonl", target, "GetUser",
               lambda text: text.replace("</use:firstName>", "</use:firstName><use:more>1</use:more>"))  # fmt: skip
        done = compare(recorded["old"], target, "--payloads")
        assert done.code == 1
        assert done.out.startswith("UNDOCUMENTED: 1 difference between the answers that nothing documents\n")
        assert "GetUser: element added, use:more: 1" in done.out
        assert compare(recorded["old"], target).code == 0, "without --payloads nobody looked"

    def test_a_run_that_did_not_end(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        cut = tmp_path / "cut" / "results.jsonl"
        cut.parent.mkdir()
        whole = (recorded["new"] / "results.jsonl").read_bytes()
        cut.write_bytes(whole[: len(whole) // 2])
        done = compare(recorded["old"], cut, "--payloads")
        assert done.code == 2
        assert "COULD NOT TELL: run B did not end: " in done.out
        assert "not compared: " in done.out
        assert "only run A has the case" in done.out

    def test_what_can_not_be_told_any_more(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        lines = lines_of(recorded)
        case = next(line for line in lines if line.get("change") == ROW)
        case |= {"verdict": "INCONCLUSIVE", "reason": "deadline: no answer"}
        done = compare(recorded["new"], write(tmp_path / "x" / "results.jsonl", lines))
        assert (done.code, done.out.splitlines()[0]) == (2, "COULD NOT TELL: 1 case can not be told any more")
        assert f"{ROW}: deadline: no answer" in done.out

    def test_an_answer_too_large_to_compare(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        target = tmp_path / "edited" / "results.jsonl"
        many = "<serv:more/>" * 60_000
        edited(recorded["new"] / "results.jsonl", target, "GetUser",
               lambda text: text.replace("</serv:bodyContent>", f"{many}</serv:bodyContent>"))  # fmt: skip
        done = compare(recorded["again"], target, "--payloads")
        told = "COULD NOT TELL: 1 answer could only be compared in part"
        assert (done.code, done.out.splitlines()[0]) == (2, told)
        assert "note: compared in part: 1 answer: more than 50000 elements" in done.out

    def test_case_files_that_changed_are_counted_not_listed(
        self, recorded: Mapping[str, Path], compare, tmp_path: Path
    ) -> None:
        lines = lines_of(recorded)
        lines[0]["changes"] = dict.fromkeys(lines[0]["changes"], "0" * 64)
        done = compare(recorded["new"], write(tmp_path / "x" / "results.jsonl", lines), "--payloads")
        told = "COULD NOT TELL: no case is the same in both runs; no answers could be compared"
        assert (done.code, done.out.splitlines()[0]) == (2, told)
        assert "and 85 more of another text that came to the same verdict" in done.out


class TestFormats:
    def test_json(self, recorded: Mapping[str, Path], compare) -> None:
        done = compare(recorded["old"], recorded["late"], "--payloads", "--format", "json")
        data = json.loads(done.out)
        assert data["exit_code"] == done.code == 1
        assert data.keys() == {"format", "exit_code", "headline", "a", "b", "counts", "moves", "payloads"}
        assert data["counts"]["same"] + len(data["moves"]) == 86
        assert data["a"]["api_version"] == "40.1.0"
        assert {row["column"] for row in data["payloads"]["rows"]} >= {"documented and not seen"}
        assert Path(data["b"]["results"]) == recorded["late"] / "results.jsonl"

    def test_markdown_only_shows(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        lines = failing(lines_of(recorded), reason="a | b <script>\n@here [x](http://example.com) \x1b[31m")
        path = write(tmp_path / "x" / "results.jsonl", lines)
        done = compare(recorded["new"], path, "--format", "markdown", "--payloads")
        assert done.code == 1
        (row,) = [line for line in done.out.splitlines() if line.startswith("| broke")]
        assert "<script>" not in done.out
        assert "\x1b" not in done.out
        assert row.replace("\\|", "").count("|") == 5
        assert "](http" not in done.out

    def test_a_terminal_is_not_acted_on(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        lines = failing(lines_of(recorded), reason="x\x1b[2J\ny\x9b1m" + "z" * 5000)
        lines[0]["site"] = "evil\x1b]0;t\x07"
        done = compare(recorded["new"], write(tmp_path / "x" / "results.jsonl", lines))
        assert done.code == 1
        assert done.out.replace("\n", "").isprintable()
        assert max(map(len, done.out.splitlines())) <= 300

    def test_an_unknown_format(self, recorded: Mapping[str, Path], compare) -> None:
        done = compare(recorded["old"], recorded["new"], "--format", "tabel")
        assert (done.code, done.err) == (4, "unknown format 'tabel', did you mean 'table'?\n")

    def test_the_rules_can_be_listed(self, compare) -> None:
        done = compare("--rules")
        assert done.code == 0
        assert {line.split()[0] for line in done.out.splitlines()} >= {"time", "key", "sent", "people", "others"}


class TestHistory:
    @pytest.fixture
    def history(self, recorded: Mapping[str, Path], tmp_path: Path) -> Path:
        place = tmp_path / "reports" / "history.sqlite3"
        place.parent.mkdir()
        with History.open(place) as history:
            for name in ("old", "new", "again"):
                history.import_results(recorded[name])
        return place

    def headers(self, recorded: Mapping[str, Path], name: str) -> tuple[str, str]:
        header = lines_of(recorded, name)[0]
        return header["run"], header["id"]

    def test_the_last_two_runs_of_a_site(self, recorded: Mapping[str, Path], compare, history: Path) -> None:
        done = compare("mock:last~1", "mock:last", "--payloads")
        assert (done.code, done.err) == (0, "")
        assert f"A: {self.headers(recorded, 'new')[0]}" in done.out
        assert f"B: {self.headers(recorded, 'again')[0]}" in done.out
        assert compare("last~1", "last").code == 0

    def test_by_name_by_id_by_their_beginning_and_by_path(
        self, recorded: Mapping[str, Path], compare, history: Path
    ) -> None:
        name, id_ = self.headers(recorded, "old")
        for one in (name, id_, id_[:12], name[:-1]):
            done = compare(one, recorded["new"], "--history", history)
            assert (done.code, done.err) == (0, ""), one
            assert f"A: {name}" in done.out

    @pytest.mark.parametrize(
        ("one", "told"),
        [
            ("mokc:last", "unknown site 'mokc', did you mean 'mock'?"),
            ("mock:last~7", "'mock:last~7': the history reports/history.sqlite3 has only 3 runs of mock"),
            ("last~99", "has only 3 runs"),
            ("2", "is not one run but 3: "),
            ("nosuch", "unknown run 'nosuch', known are: "),
            ("", "unknown run ''"),
            ("x\x1b[2J", "unknown run 'x\\x1b[2J'"),
        ],
    )
    def test_a_run_that_there_is_not(self, compare, history: Path, one: str, told: str) -> None:
        done = compare(one, "mock:last")
        assert (done.code, done.out) == (4, "")
        assert told in done.err
        assert len(done.err.splitlines()) == 1

    def test_without_a_history_none_is_made(self, compare, tmp_path: Path) -> None:
        done = compare("mock:last~1", "mock:last")
        assert done.code == 4
        assert "there is no history at reports/history.sqlite3 to look it up in" in done.err
        assert not list(tmp_path.iterdir())

    def test_the_settings_file_says_where_it_is(self, compare, history: Path, tmp_path: Path) -> None:
        kept = tmp_path / "kept.sqlite3"
        history.rename(kept)
        settings = tmp_path / "other.toml"
        settings.write_text('[history]\nurl = "kept.sqlite3"\n')
        assert compare("last~1", "last", "--config", settings).code == 0
        assert compare("last~1", "last").code == 4

    def test_messages_that_are_gone(self, recorded: Mapping[str, Path], compare, history: Path, tmp_path: Path) -> None:
        lines = failing(lines_of(recorded))
        lines[0] |= {"run": "lost", "id": "f" * 32}
        path = write(tmp_path / "lost" / "results.jsonl", lines)
        with History.open(history) as opened:
            opened.import_results(path)
        path.unlink()
        assert compare(recorded["new"], "lost").code == 1, "the verdicts are in the history"
        done = compare(recorded["new"], "lost", "--payloads")
        assert done.code == 4
        assert "run lost: its results.jsonl is not there any more" in done.err

    def test_a_report_folder_that_was_written_anew(
        self, recorded: Mapping[str, Path], compare, history: Path, tmp_path: Path
    ) -> None:
        lines = lines_of(recorded)
        lines[0] |= {"run": "last-night", "id": "e" * 32}
        path = write(tmp_path / "nightly" / "results.jsonl", lines)
        with History.open(history) as opened:
            opened.import_results(path)
        lines[0] |= {"id": "d" * 32}
        write(path, lines)
        done = compare(recorded["new"], "last-night", "--payloads")
        assert done.code == 4
        assert "is run last-night by now" in done.err


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "not a results.jsonl"),
            ("no JSON\n", "not a results.jsonl"),
            ("[" * 100_000, "not a results.jsonl"),
            ('{"kind":"header","format":2}\n', "format 2 is not known"),
            ('{"kind":"header","format":1}\n', "header is not complete"),
            ("\0\0\0", "not a results.jsonl"),
        ],
    )
    def test_what_is_no_results_file(
        self, recorded: Mapping[str, Path], compare, tmp_path, text: str, told: str
    ) -> None:
        path = tmp_path / "x.jsonl"
        path.write_text(text)
        done = compare(path, recorded["new"])
        assert (done.code, done.out) == (4, "")
        assert told in done.err
        assert len(done.err.splitlines()) == 1

    @pytest.mark.parametrize(
        "header",
        [
            {"started": "yesterday"},
            {"started": 7},
            {"api_version": "new"},
            {"api_version": None},
            {"planned": "many"},
            {"changes": 5},
            {"changes": [1]},
            {"clock_offset_seconds": {}},
        ],
        ids=str,
    )
    def test_a_header_of_other_kinds(self, recorded: Mapping[str, Path], compare, tmp_path, header: Record) -> None:
        lines = lines_of(recorded)
        lines[0] |= header
        done = compare(recorded["new"], write(tmp_path / "x" / "results.jsonl", lines))
        assert (done.code, done.out) == (4, "")
        assert len(done.err.splitlines()) == 1
        assert "results.jsonl" in done.err

    def test_a_line_in_the_middle_that_is_none(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        lines = (recorded["new"] / "results.jsonl").read_text().splitlines()
        lines[5] = lines[5][:100]
        path = tmp_path / "x.jsonl"
        path.write_text("\n".join(lines) + "\n")
        done = compare(recorded["new"], path)
        assert done.code == 4
        assert f"{path}:6: not a line of results.jsonl" in done.err

    def test_steps_of_other_kinds(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        lines = lines_of(recorded)
        next(line for line in lines if line.get("steps"))["steps"][0]["response"] = {"not": "a text"}
        done = compare(recorded["new"], write(tmp_path / "x" / "results.jsonl", lines), "--payloads")
        assert (done.code, done.out) == (4, "")
        assert len(done.err.splitlines()) == 1

    def test_a_file_that_is_not_there(self, recorded: Mapping[str, Path], compare, tmp_path: Path) -> None:
        done = compare(tmp_path / "nothing", recorded["new"])
        assert done.code == 4
        assert "can not be read" in done.err


def test_two_folders_need_no_database(recorded: Mapping[str, Path]) -> None:
    code = (
        "import sys\nfrom conformance.cli import main\n"
        f"sys.argv = ['conformance', 'compare', {str(recorded['old'])!r}, {str(recorded['new'])!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n"
        "    print(sorted({'sqlalchemy', 'alembic', 'xmlschema'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_help_names_the_exit_codes() -> None:
    shown = CliRunner().invoke(app, ["compare", "--help"])
    assert shown.exit_code == 0
    assert "0 nothing broke, 1 something broke" in " ".join(shown.output.split())
