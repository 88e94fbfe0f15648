"""Whole runs of the command against a site in another process, over TLS: they pass and leave nothing behind."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from dovecot import PASSWORD, USER, Dovecot, program
from lab import spellings
from live_sites import PASSWORDS, LiveMock, postman

KILLS = int(os.environ.get("CONFORMANCE_KILLS", "8"))
"""How often a run is killed; the nightly check of the project itself asks for more."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveMock]:
    mock = LiveMock(tmp_path_factory.mktemp("live"))
    yield mock
    mock.stop()


@pytest.fixture(autouse=True)
def nothing_is_left(site: LiveMock) -> Iterator[None]:
    site.write_profile()
    yield
    assert site.left() == []
    assert site.ledgers() == []


def verdicts(folder: Path) -> Counter[str]:
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    return Counter(line["verdict"] for line in lines if line["kind"] == "case")


def observed(folder: Path) -> set[str]:
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    return {line["id"] for line in lines if line["kind"] == "case" and line["verdict"] == "PASS"}


@pytest.mark.skipif(program() is None, reason="dovecot is not installed; apt-get install dovecot-imapd")
def test_the_whole_suite_passes_three_times_in_a_row_and_leaves_nothing(
    site: LiveMock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = LiveMock(tmp_path_factory.mktemp("other"), passwords_required=False)
    seen: list[set[str]] = []
    try:
        for live in (site, other):
            with Dovecot() as server, postman(live, server):
                mail = (
                    f'[sites.staging.mail]\nhost = "127.0.0.1"\nport = {server.plain_port}\ntls = "none"\n'
                    f'user = "{USER}"\npassword = "env:MAIL"\nwait_seconds = 3'
                )
                live.write_profile(limits=mail)
                for night in range(3 if live is site else 1):
                    code, output = live.call("run", "--site", "staging", "--report", f"night{night}", MAIL=PASSWORD)
                    assert code == 0, output
                    assert verdicts(live.folder / f"night{night}").keys() == {"PASS", "NOT_APPLICABLE"}
                    assert live.left() == []
                    assert live.ledgers() == []
                    seen.append(observed(live.folder / f"night{night}"))
    finally:
        other.stop()
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0] | seen[3]) == 86  # what one site's settings leave out, the other has


def test_without_a_mailbox_what_mails_hold_is_not_passed(site: LiveMock) -> None:
    code, output = site.call("run", "--site", "staging", "--report", "r")
    assert code == 2, output
    assert verdicts(site.folder / "r").keys() == {"PASS", "NOT_APPLICABLE", "INCONCLUSIVE"}
    assert "the site's profile has no mailbox" in output


def test_a_site_of_an_older_release_is_held_to_what_it_says_it_is(tmp_path: Path) -> None:
    older = LiveMock(tmp_path, version="40.1.0")
    try:
        code, output = older.call("run", "--site", "staging", "-k", "start-time-in-the-past")
        assert code == 0, output
        assert "held to 40.1.0" in output
        code, output = older.call("run", "--site", "staging", "-k", "start-time-in-the-past", "--api-version", "40.4.3")
        assert code == 1, output
        assert older.left() == []
    finally:
        older.stop()


def test_killed_at_any_point_the_sweep_leaves_the_site_as_it_was(site: LiveMock) -> None:
    site.write_profile(rate=100)  # so that a run always lasts longer than it is let live
    chance = random.Random(40)  # noqa: S311
    swept = 0
    for _ in range(KILLS):
        run = site.start("run", "--site", "staging", "--no-report", "-k", "start-time or generated or selectors")
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
    run = site.start("run", "--site", "staging", "--no-report", "-k", "generated")
    while not site.left():
        time.sleep(0.05)
    run.kill()
    run.communicate(timeout=10)
    site.write_profile()
    code, output = site.call("run", "--site", "staging", "--no-report", "-k", "past")
    assert code == 0, output
    assert "that were left on the site" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_and_is_not_green(site: LiveMock, number: signal.Signals) -> None:
    site.write_profile(rate=100)
    run = site.start("run", "--site", "staging", "--report", f"r{number}")
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
    first = site.start("run", "--site", "staging", "--no-report", "-k", "start-time")
    assert first.stdout is not None
    first.stdout.readline()
    code, output = site.call("run", "--site", "staging", "--no-report", "--api-version", "40.4.3")
    first.terminate()
    first.communicate(timeout=60)
    assert code == 2, output
    assert f"lease: another run has the site: process {first.pid}" in output


def test_a_production_site_is_only_read(site: LiveMock) -> None:
    site.write_profile(kind="production")
    before = site.state()
    code, output = site.call("run", "--site", "staging", "--report", "r")
    assert code in (0, 2), output
    assert "which is a production site: only reading is allowed there" in output
    after = site.state()
    assert after["sessions"] == before["sessions"]
    assert after["accounts"] == before["accounts"]
    assert verdicts(site.folder / "r")["PASS"] > 0


def test_no_password_is_in_anything_that_runs_leave(site: LiveMock) -> None:
    output = "".join(site.call(*command)[1] for command in (
        ("site", "check", "staging"),
        ("run", "--site", "staging", "--report", "canary"),
        ("run", "--site", "staging", "--dry-run"),
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
    import subprocess
    import sys

    from conformance.resources import cases_root

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "--conformance-site=staging",
         "--conformance-api-version=40.4.3", str(cases_root() / "40.2.0")],
        cwd=site.folder,
        env={"PASSWORD_ADMIN": "x", "PASSWORD_ANN": "x", "PASSWORD_BOB": "x", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 4
    assert "a live site is tested from one process" in ended.stdout + ended.stderr
