"""People in the reports of the real command: there, or on request replaced, in every file and stream."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from leaving import run_in

from conformance.resources import cases_root

CASE = "40.4.0/setuser-email-verification::the-answer-to-a-change-that-has-to-wait"
COMMAND = ("-W", "error", "-m", "conformance", "run", "--case", CASE, "--report", "out")
REPORTS = {"out/results.jsonl", "out/report.html"}
PERSON = re.compile(rb"[\w.+-]+@(?!pseudonym\.invalid)[\w-]+\.[\w.]+|(?<=<firstName>)(?!person-)[^<]+")


@pytest.mark.parametrize("asked", [True, False], ids=["replaced", "as a check of this test, not replaced"])
def test_people_are_in_nothing_that_a_run_leaves(tmp_path: Path, asked: bool) -> None:
    ended = run_in(tmp_path, *COMMAND, *(["--pseudonymise"] if asked else []))
    assert ended.code == 0, ended.left["stderr"].decode()
    assert ended.left.keys() >= REPORTS
    told = {name for name, data in ended.left.items() if PERSON.search(data.replace(b"&lt;", b"<"))}
    assert (told, told >= REPORTS) == (set(), False) if asked else told >= REPORTS
    replaced = {name for name, data in ended.left.items() if b"@pseudonym.invalid" in data}
    assert replaced >= (REPORTS if asked else set())


def test_processes_of_one_run_share_their_pseudonyms(tmp_path: Path) -> None:
    shipped = cases_root()
    (tmp_path / "cases" / "40.4.0").mkdir(parents=True)
    for name in ("conformance.yaml", "40.4.0/setuser-email-verification.yaml"):
        shutil.copy(shipped / name, tmp_path / "cases" / name)
    arguments = ("-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", "--conformance-pseudonymise")
    ended = run_in(tmp_path, *arguments, "--conformance-report=out", "cases")
    assert ended.code == 0, ended.left["stdout"].decode()
    lines = [line for line in ended.left["out/results.jsonl"].splitlines() if b'"kind":"case"' in line]
    people = [set(re.findall(rb"<webExID>(person-[0-9a-f]{8})</webExID>", line)) for line in lines]
    assert len(people) > 5
    # The site's administrator signs in in every case, in whichever process.
    assert len(set.intersection(*people)) == 1
