"""Whole runs of the command against a site in another process, over TLS: they pass and leave nothing behind."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dovecot import PASSWORD, USER, Dovecot, program
from eight import FOLDERS
from lab import spellings
from live_sites import PASSWORDS, LiveMock, postman

from conformance.cases.load import load_changes, plan
from conformance.resources import cases_root

KILLS = int(os.environ.get("CONFORMANCE_KILLS", "8"))
"""How often a run is killed; the nightly check of the project itself asks for more."""

FEW = [*map(str, FOLDERS)]
"""Enough cases to show how a run behaves."""

NEVER_SENT = {
    "5.9/users::another-webex-id": "SetUser would give a user another name, under which no sweep would find him"
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveMock]:
    mock = LiveMock(tmp_path_factory.mktemp("live"))
    yield mock
    mock.stop()


@pytest.fixture(autouse=True)
def nothing_is_left(site: LiveMock) -> Iterator[None]:
    site.write_profile()
    before = site.shared()
    yield
    assert site.left() == []
    assert site.ledgers() == []
    assert site.shared() == before


def results(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["kind"] == "case"]


def verdicts(folder: Path) -> Counter[str]:
    return Counter(line["verdict"] for line in results(folder))


@pytest.mark.skipif(program() is None, reason="dovecot is not installed; apt-get install dovecot-imapd")
def test_the_whole_suite_passes_again_and_again_and_leaves_nothing(
    site: LiveMock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Twice on one site, then what that one could not show on one that is set otherwise and may be touched."""
    other = LiveMock(tmp_path_factory.mktemp("other"), session_passwords_required=False, display_names_enabled=True)
    nights: list[dict[str, dict[str, Any]]] = []
    files: list[str] = []
    try:
        for live in (site, site, other):
            with Dovecot() as server, postman(live, server):
                mail = (
                    f'[sites.staging.mail]\nhost = "127.0.0.1"\nport = {server.plain_port}\ntls = "none"\n'
                    f'user = "{USER}"\npassword = "env:MAIL"\nwait_seconds = 2'
                )
                live.write_profile("touch_shared = true" if live is other else "", limits=mail)
                report = f"night{len(nights)}"
                what = (*(files if live is other else ()), "--in-flight", "64", "--report", report)
                code, output = live.call("run", "--site", "staging", *what, MAIL=PASSWORD)
            assert code == 0, output
            assert verdicts(live.folder / report).keys() == {"PASS", "NOT_APPLICABLE"}
            assert live.left() == []
            assert live.ledgers() == []
            nights.append({line["id"]: line for line in results(live.folder / report)})
            unseen = {case: line["reason"] for case, line in nights[-1].items() if line["verdict"] != "PASS"}
            files = sorted({f"{cases_root()}/{case.partition('::')[0]}.yaml" for case in unseen})
    finally:
        other.stop()
    first, second, third = nights
    assert len(first) == sum(len(list(plan(change))) for change in load_changes())
    assert {case: line["verdict"] for case, line in first.items()} == {
        case: line["verdict"] for case, line in second.items()
    }
    # Only what neither site is, and what the guard never lets through, nobody has seen.
    lacking = re.compile(r"'(.*)' is (?:0|false|true) on this site, the case needs (?:true|false|\d+)")
    assert {case: why for case, why in unseen.items() if not lacking.fullmatch(why)} == NEVER_SENT
    assert len(third) - len(unseen) > 20


def test_without_a_mailbox_what_mails_hold_is_not_passed(site: LiveMock) -> None:
    code, output = site.call("run", *FEW, "--site", "staging", "--report", "r")
    assert code == 2, output
    assert verdicts(site.folder / "r").keys() == {"PASS", "NOT_APPLICABLE", "INCONCLUSIVE"}
    assert "the site's profile has no mailbox" in output


def test_a_site_of_an_older_release_is_held_to_what_it_says_it_is(tmp_path: Path) -> None:
    older = LiveMock(tmp_path, version="40.1.0")
    try:
        code, output = older.call("run", *FEW, "--site", "staging", "-k", "start-time-in-the-past")
        assert code == 0, output
        assert "held to 40.1.0" in output
        code, output = older.call(
            "run", *FEW, "--site", "staging", "-k", "start-time-in-the-past", "--api-version", "40.4.3"
        )
        assert code == 1, output
        assert older.left() == []
    finally:
        older.stop()


def test_killed_at_any_point_the_sweep_leaves_the_site_as_it_was(site: LiveMock) -> None:
    site.write_profile(rate=100)  # so that a run always lasts longer than it is let live
    chance = random.Random(40)  # noqa: S311
    swept = 0
    for _ in range(KILLS):
        run = site.start("run", *FEW, "--site", "staging", "--no-report", "-k", "start-time or generated or selectors")
        assert run.stdout is not None
        run.stdout.readline()  # the run has begun
        time.sleep(chance.uniform(0.0, 0.7))
        run.kill()
        run.communicate(timeout=10)
        before = site.left()
        code, output = site.call("sweep", "staging")
        assert code == 0, output
        assert site.left() == [], output
        assert site.ledgers() == []
        swept += bool(before)
    assert swept >= KILLS // 4  # else it was never killed where it hurts


def test_the_next_run_removes_what_a_killed_one_left(site: LiveMock) -> None:
    site.write_profile(rate=20)
    run = site.start("run", *FEW, "--site", "staging", "--no-report", "-k", "generated")
    while not site.left():
        time.sleep(0.05)
    run.kill()
    run.communicate(timeout=10)
    site.write_profile()
    code, output = site.call("run", *FEW, "--site", "staging", "--no-report", "-k", "past")
    assert code == 0, output
    assert "that were left on the site" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_and_is_not_green(site: LiveMock, number: signal.Signals) -> None:
    site.write_profile(rate=100)
    run = site.start("run", *FEW, "--site", "staging", "--report", f"r{number}")
    assert run.stdout is not None
    run.stdout.readline()
    time.sleep(0.4)
    run.send_signal(number)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 2, output
    assert "interrupted; what ran is reported, the rest is not known" in output
    assert (site.folder / f"r{number}" / "results.jsonl").read_text(encoding="utf-8").count('"kind":"footer"') == 1


def test_a_second_run_on_the_same_site_is_refused(site: LiveMock) -> None:
    site.write_profile(rate=10)
    first = site.start("run", *FEW, "--site", "staging", "--no-report", "-k", "start-time")
    assert first.stdout is not None
    first.stdout.readline()
    code, output = site.call("run", *FEW, "--site", "staging", "--no-report", "--api-version", "40.4.3")
    first.terminate()
    first.communicate(timeout=60)
    assert code == 2, output
    assert f"lease: another run has the site: process {first.pid}" in output


def test_a_production_site_is_only_read(site: LiveMock) -> None:
    site.write_profile(kind="production")
    before = site.state()
    code, output = site.call("run", *FEW, "--site", "staging", "--report", "r")
    assert code in (0, 2), output
    assert "which is a production site: only reading is allowed there" in output
    after = site.state()
    assert after["sessions"] == before["sessions"]
    assert after["accounts"] == before["accounts"]
    assert verdicts(site.folder / "r")["PASS"] > 0


def test_no_password_is_in_anything_that_runs_leave(site: LiveMock) -> None:
    output = "".join(site.call(*command)[1] for command in (
        ("site", "check", "staging"),
        ("run", *FEW, "--site", "staging", "--report", "canary"),
        ("run", *FEW, "--site", "staging", "--dry-run"),
        ("sweep", "staging"),
    ))  # fmt: skip
    written = {path: path.read_bytes() for path in site.folder.rglob("*") if path.is_file() and path.suffix != ".pem"}
    assert written.pop(site.folder / "site.yaml")  # of the mock, which has to know them
    assert any(path.name == "results.jsonl" for path in written)
    for password in PASSWORDS.values():
        for spelling in spellings(password).values():
            assert spelling not in output
            assert [path for path, data in written.items() if spelling.encode() in data] == []


def test_workers_of_xdist_do_not_share_a_live_site(site: LiveMock) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "--conformance-site=staging",
         "--conformance-api-version=40.4.3", str(cases_root() / "40.2.0")],
        cwd=site.folder,
        env={**os.environ, "PASSWORD_ADMIN": "x", "PASSWORD_ANN": "x", "PASSWORD_BOB": "x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 4
    assert "a live site is tested from one process" in ended.stdout + ended.stderr
