"""``conformance mutants`` as a user types it: the shipped catalogue holds, and one that does not is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import Tab, needs_chromium
from defective import CHANGE, catalogue, mutant

from conformance.cases.load import load_changes, plan
from conformance.mutants.outcome import Fate, Outcome, Sign
from conformance.mutants.page import render
from conformance.mutants.summary import Summary
from conformance.wire.names import OPERATIONS

CHANGES = load_changes()
CASES = [case for change in CHANGES for case in plan(change)]
CLASSES = {"release", "schema", "value", "envelope", "state", "time", "authorisation", "concurrency"}


def mutants(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "conformance", "mutants", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=1200,
        cwd=folder,
        check=False,
    )


def test_every_mutant_of_the_shipped_catalogue_comes_to_what_it_should(tmp_path: Path) -> None:
    # One test: the catalogue is tried once, by all processors.
    done = mutants("--format", "json", "--output", "mutants.json", folder=tmp_path)
    told = json.loads((tmp_path / "mutants.json").read_text())
    tried = told["mutants"]
    wrong = [(one["fate"], one["id"], one["sign"]) for one in tried if one["fate"] not in ("killed", "equivalent")]
    assert wrong == []
    assert (told["idle"], told["unbroken"]) == ([], [])
    assert done.returncode == told["exit_code"] == 0, done.stderr
    assert told["sentence"].startswith("EVERY MUTANT AS IT SHOULD BE: ")

    written = [one for one in tried if one["class"] in CLASSES]
    assert len(written) >= 150
    assert {one["class"] for one in written} == CLASSES
    assert all(one["reason"] for one in tried if one["fate"] == "equivalent")
    assert {one["change"] for one in written} == {"", *(change.id for change in CHANGES)}
    assert next(one for one in tried if one["class"] == "control")["killers"] == []

    derived = [one for one in tried if one["class"] == "derived"]
    called = {one["id"].removeprefix("derived/").partition(" ")[0] for one in derived}
    assert called == {operation for case in CASES for operation in case.own_operations & OPERATIONS.keys()}
    assert len(derived) > 1000

    suite = [one for one in tried if one["class"] == "suite"]
    assert len(suite) >= 30
    assert told["alone"].keys() == {case.id for case in CASES}


LACKS = f"defect: {{of: LstsummarySession, lacks: {CHANGE}}}"
HARMLESS = "defect: {of: LstsummarySession, answer: {at: //ep:session/ep:confName, do: text, to: <other>}}"


def test_a_survivor_is_told_with_its_place_and_fails_the_command(tmp_path: Path) -> None:
    root = catalogue(
        tmp_path / "own",
        mutant("one", LACKS, "killed by: {case: only-a-site-name, check: result}"),
        mutant("two", HARMLESS, "killed by: {case: only-a-site-name, check: xpath}"),
        mutant("three", LACKS, "killed by: {case: only-a-site-name, check: reason}"),
    )
    done = mutants("--change", CHANGE, "--catalogue", root, "--jobs", 1, folder=tmp_path)
    assert done.returncode == 1
    assert f"SURVIVED: {CHANGE}::two" in done.stdout
    assert f"own/{CHANGE}.yaml:9:5" in done.stdout
    assert f"KILLED OTHERWISE: {CHANGE}::three" in done.stdout
    assert "seen: FAIL" in done.stdout
    assert "expected FAILURE, got SUCCESS" in " ".join(done.stdout.split())
    assert f"NEVER BROKEN: clause 'credentials' of {CHANGE}" in done.stdout
    assert f"KILLS NOTHING: {CHANGE}::wrong-credentials-are-not-anonymous" not in done.stdout
    assert "NOT PROVED: 1 survived, 1 killed otherwise, 3 clauses that no killed mutant breaks" in done.stdout
    assert "3 mutants of the mock, " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--change", "40.2.0/anonymous"], "unknown change '40.2.0/anonymous', did you mean '40.2.0/anonymous-lst"),
        (["--format", "xml"], "unknown format 'xml', known are: table, json, html"),
        (["--catalogue", "none"], "none: no such folder of mutants"),
        (["--jobs", "-1"], "-1 processes are not possible"),
    ],
)
def test_what_can_not_be_asked_for(tmp_path: Path, arguments: list[str], told: str) -> None:
    done = mutants(*arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(told)


def test_faults_of_a_catalogue_are_told_with_their_places(tmp_path: Path) -> None:
    root = catalogue(tmp_path / "own", mutant("one", "defect: {laks: x}", "equivalent: No."))
    done = mutants("--catalogue", root, folder=tmp_path)
    assert done.returncode == 4
    assert done.stderr == f"{root}/{CHANGE}.yaml:7:14: unknown key 'laks', did you mean 'lacks'?\n"


def outcome(id_: str, fate: Fate, class_: str = "value", killers: tuple[str, ...] = (), reason: str = "") -> Outcome:
    """Return what came of a mutant with a hostile title."""
    sign = Sign(killers[0], "FAIL", "<step>", "xpath", "//x", "<script>", "\u202e") if killers else None
    return Outcome(id_, "Wrong <b>so</b>.", class_, CHANGE, "refused", fate, killers, sign, reason, "x.yaml:1:1")


OUTCOMES = (
    outcome(f"{CHANGE}::killed", Fate.KILLED, killers=(f"{CHANGE}::only-a-site-name",)),
    outcome(f"{CHANGE}::survived", Fate.SURVIVED),
    outcome(f"{CHANGE}::same", Fate.EQUIVALENT, reason="Nobody & nothing."),
    outcome("derived/GetUser SUCCESS::use:email remove", Fate.EQUIVALENT, "derived", reason="legal"),
    outcome("suite/verdicts::part", Fate.KILLED, "suite", killers=("control",)),
)


def test_the_page_holds_everything_and_nothing_hostile() -> None:
    page = render(Summary(OUTCOMES, CASES, CHANGES))
    assert "NOT PROVED: 1 survived, " in page
    for text in ("Wrong &lt;b&gt;so&lt;/b&gt;.", "Nobody &amp; nothing.", "only-a-site-name", "x.yaml:1:1", "GetUser"):
        assert text in page
    assert "<b>so" not in page
    assert "\u202e" not in page
    assert "<script" not in page


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody(browser: object, tmp_path: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    path = tmp_path / "mutants.html"
    path.write_text(render(Summary(OUTCOMES, CASES, CHANGES)), encoding="utf-8")
    tab = Tab(browser, color_scheme=scheme)
    page = tab.open(path)
    for details in page.locator("details").all():
        details.evaluate("element => element.open = true")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    assert page.locator("h1").inner_text().startswith("✗")
    tab.close()


@contextmanager
def trying(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command until it has said what it is going to try."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "conformance", "mutants", "--change", CHANGE, "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().endswith("derived from its answers\n")
        yield process


def test_an_interrupt_ends_it_and_its_processes_without_a_traceback(tmp_path: Path) -> None:
    with trying(tmp_path) as process:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")


def test_a_process_that_dies_makes_it_void(tmp_path: Path) -> None:
    with trying(tmp_path) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while len(pids := children.read_text().split()) < 3:  # two that try, and one that minds what they share
            time.sleep(0.01)
        for pid in pids:
            if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(int(pid), signal.SIGKILL)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "")
    assert err == "RUN VOID: a process in which mutants were tried has died\n"
