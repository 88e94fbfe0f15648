"""Whole runs, and every word that they leave: files and terminal are as ``stored`` has them.

``CONFORMANCE_STORE=1 pytest tests/golden`` writes ``stored`` anew; look at the difference before it is committed. What
normal form the outputs are compared in, and what is left out of it, tells ``golden_forms.py``.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from golden_forms import Normal
from golden_runs import CANARY, COMMAND, PASSWORD, PYTEST, RUNS, Ended, start

from conformance.run.verdicts import ExitCode

STORED = Path(__file__).with_name("stored")
STORING = bool(os.environ.get("CONFORMANCE_STORE"))
RAW = re.compile(r"<script>window|<img src=x")
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What a terminal or a browser acts on."""
GREEN = ("AS DOCUMENTED", "READY for", "READY: 40")
NOT_GREEN = ("NOT AS DOCUMENTED", "NOT READY for", "NOT READY: 40")

Look = Callable[[Ended], None]


def ended(name: str, folder: Path, command: tuple[str, ...] = COMMAND) -> Ended:
    """Run one of the runs in a folder."""
    return start(RUNS[name], folder, command)


def compare(run: Ended, stored: Path) -> None:
    """Hold the outputs of a run against what is stored; write it anew where that is asked for."""
    forms = Normal(run).forms()
    if STORING:
        shutil.rmtree(stored, ignore_errors=True)
        for name, text in forms.items():
            (stored / name).parent.mkdir(parents=True, exist_ok=True)
            (stored / name).write_text(text, encoding="utf-8")
    files = (path for path in stored.rglob("*") if path.is_file())
    kept = {path.relative_to(stored).as_posix(): path.read_text(encoding="utf-8") for path in files}
    assert sorted(forms) == sorted(kept)
    for name, text in forms.items():
        assert text.splitlines() == kept[name].splitlines(), f"{stored.name}: {name} is not as it is stored"


def texts(run: Ended) -> Iterator[tuple[str, str]]:
    """Yield all that a run left that is text, by name."""
    yield from (("stdout", run.out), ("stderr", run.err))
    for name, path in run.files.items():
        if path.suffix != ".sqlite3":
            yield name, path.read_bytes().decode("utf-8")


def said(run: Ended, words: tuple[str, ...]) -> set[str]:
    """Return where a run says one of these."""
    without = (
        [(name, re.sub("|".join(NOT_GREEN), "", text)) for name, text in texts(run)] if words == GREEN else texts(run)
    )
    return {name for name, text in without if any(word in text for word in words)}


# What a reader needs of each


def all_pass(run: Ended) -> None:
    assert "AS DOCUMENTED: 2 documented changes hold" in run.out
    assert said(run, NOT_GREEN) == set()


def one_fails(run: Ended) -> None:
    assert "NOT AS DOCUMENTED: 1 of 2 documented changes do not hold" in run.out
    assert "    change: Look at the answer.\n" in run.out
    assert "again: conformance run --case 40.2.0/gone::refuse --api-version 40.4.3 --site golden" in run.out
    assert said(run, GREEN) == set()
    assert said(run, NOT_GREEN) >= {
        "stdout",
        "out/report.html",
        "out/readiness.html",
        "out/summary.md",
        "out/readiness.md",
    }


def could_not_tell(run: Ended) -> None:
    assert "COULD NOT TELL: 2 cases were not observed" in run.out
    assert "readiness: CANNOT TELL for 40.4.3" in run.out
    assert said(run, GREEN) == said(run, NOT_GREEN) == set()


def no_cases(run: Ended) -> None:
    assert run.err == "COULD NOT TELL: nothing was tested; no case is named like that\n"
    assert said(run, GREEN) == set()
    assert 'failures="1"' in run.files["out/junit.xml"].read_text(encoding="utf-8")


def broken_file(run: Ended) -> None:
    assert run.files == {}
    assert run.out == ""
    assert all(re.match(r"cases/40\.2\.0/gone\.yaml:\d+:\d+: ", line) for line in run.err.splitlines())
    assert len(run.err.splitlines()) == 5


def hostile(run: Ended) -> None:
    assert {name: ACTING.findall(text) for name, text in texts(run) if ACTING.search(text)} == {}
    pages = {name: text for name, text in texts(run) if name.endswith((".html", ".svg", ".md"))}
    assert {name for name, text in pages.items() if RAW.search(text)} == set()
    assert {name for name, text in pages.items() if "onerror" in "".join(attributes(text))} == set()
    assert secrets(run) == set()


def void(run: Ended) -> None:
    assert "RUN VOID: " in run.out
    assert said(run, GREEN) == set()


READERS: dict[str, Look] = {
    "all-pass": all_pass,
    "one-fails": one_fails,
    "could-not-tell": could_not_tell,
    "no-cases": no_cases,
    "broken-file": broken_file,
    "hostile": hostile,
    "void": void,
}


def attributes(page: str) -> list[str]:
    """Return the names of all attributes of a page that a browser would see."""
    names: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names.extend(name for name, _ in attrs)

    Reader().feed(page)
    return names


def secrets(run: Ended) -> set[str]:
    """Return where a run tells the password, or the part of it that every readable spelling holds."""
    everywhere = [*texts(run), *((name, path.read_bytes().decode("latin-1")) for name, path in run.files.items())]
    spelt = {CANARY, PASSWORD, quote(PASSWORD, safe=""), PASSWORD.encode().hex(), CANARY.encode().hex()}
    return {name for name, text in everywhere if any(one.lower() in text.lower() for one in spelt)}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_leaves_what_is_stored_and_what_its_reader_needs(name: str, tmp_path: Path) -> None:
    run = ended(name, tmp_path)
    assert run.code == RUNS[name].code
    READERS[name](run)
    compare(run, STORED / name)


def test_pytest_writes_what_the_command_writes(tmp_path: Path) -> None:
    run = ended("one-fails", tmp_path, PYTEST)
    forms = Normal(run).forms()
    assert run.code == RUNS["one-fails"].code
    kept = {name: (STORED / "one-fails" / name).read_text(encoding="utf-8") for name in forms if name != "terminal.txt"}
    assert {name for name, text in kept.items() if text.splitlines() != forms[name].splitlines()} == set()


def test_every_exit_code_is_one_of_a_run_that_is_stored() -> None:
    assert {run.code for run in RUNS.values()} == set(ExitCode)
    codes = {name: (STORED / name / "terminal.txt").read_text(encoding="utf-8").splitlines()[0] for name in RUNS}
    assert codes == {name: f"exit code {run.code}" for name, run in RUNS.items()}
    assert {path.name for path in STORED.iterdir()} == RUNS.keys() == READERS.keys()


def test_what_is_stored_is_small_and_holds_nothing_of_the_machine_that_wrote_it() -> None:
    stored = {path: path.read_text(encoding="utf-8") for path in STORED.rglob("*") if path.is_file()}
    assert sum(len(text.encode()) for text in stored.values()) < 600_000
    ours = re.compile(rf"{re.escape(str(Path.home()))}/|/tmp/|{CANARY}|\d{{4}}-\d\d-\d\dT|127\.0\.0\.1:\d|\.py:\d")
    assert {path.name for path, text in stored.items() if ours.search(text)} == set()


# The normal form itself

CHANGES: dict[str, Callable[[str], str]] = {
    "a word": lambda page: page.replace("Users are gone at once", "Users are gone at last", 1),
    "a verdict": lambda page: re.sub(r"NOT (AS DOCUMENTED|READY)", r"\1", page, count=1),
    "a number": lambda page: page.replace("1 of 2", "1 of 3", 1),
    "markup for text": lambda page: page.replace("Look at the answer.", "<b>Look</b> at the answer.", 1),
    "text for markup": lambda page: re.sub(r"<(h2[^>]*)>", r"&lt;\1&gt;", page, count=1),
    "an element less": lambda page: re.sub(r"<dt>[^<]*(</dt>)?<dd>[^<]*(</dd>)?", "", page, count=1),
    "an attribute less": lambda page: re.sub(r" scope=['\"]?col['\"]?", "", page, count=1),
    "an address": lambda page: re.sub(r"href=(['\"])[^'\"]*\1", r"href=\1http://example.com/\1", page, count=1),
    "a class": lambda page: re.sub(
        r"class=(['\"])[^'\"]*\b(k-bad|cf-bad)\b[^'\"]*\1", r"class=\1k-good\1", page, count=1
    ),
    "the policy of the page": lambda page: re.sub(
        r"default-src (&#39;|')none(&#39;|')", "default-src *", page, count=1
    ),
    "a handler": lambda page: page.replace("<h2", "<h2 onclick='x()'", 1),
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run with a failure."""
    return ended("one-fails", tmp_path_factory.mktemp("failed"))


@pytest.mark.parametrize("name", ["out/report.html", "out/readiness.html"])
@pytest.mark.parametrize("what", CHANGES)
def test_the_normal_form_of_a_page_notices_changes(name: str, what: str, failed: Ended, tmp_path: Path) -> None:
    page = failed.files[name].read_text(encoding="utf-8")
    body = page.find("additional-summary") if name == "out/report.html" and what != "the policy of the page" else 0
    changed = page[:body] + CHANGES[what](page[body:])
    assert changed != page
    (tmp_path / Path(name).name).write_text(changed, encoding="utf-8")
    normal = Normal(failed)
    before, after = (normal.of_file(name, path) for path in (failed.files[name], tmp_path / Path(name).name))
    assert before.splitlines() == (STORED / "one-fails" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert before != after


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("out/results.jsonl", '"verdict":"FAIL"', '"verdict":"PASS"'),
        ("out/summary.json", '"exit_code": 1', '"exit_code": 0'),
        ("out/results.sarif", '"startLine": ', '"startLine": 1'),
        ("out/junit.xml", 'failures="1"', 'failures="0"'),
        ("out/metrics.prom", 'word="NOT READY"} 1', 'word="NOT READY"} 0'),
        ("out/badge.svg", "NOT READY", "READY"),
        ("out/summary.md", "NOT AS", "AS"),
        ("out/readiness.md", "NOT READY", "READY"),
    ],
)
def test_the_normal_form_of_other_files_notices_changes(
    name: str, old: str, new: str, failed: Ended, tmp_path: Path
) -> None:
    text = failed.files[name].read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / Path(name).name
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    normal = Normal(failed)
    assert normal.of_file(name, failed.files[name]) != normal.of_file(name, changed)
