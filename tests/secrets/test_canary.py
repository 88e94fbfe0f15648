"""Secrets in every place where a run meets one: none is in any file, stream or command line of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from canary_site import MARK, OWN, PLANTED
from leaving import Ended, run_in

WORDS = ("ok", "echo", "split", "raw", "status", "html", "brings", "fault", "crash")
CALLERS = ("host", "siteAdmin", "attendee")
MORE = f"""
- name: own credentials
  as: {{webExID: kim, password: "{OWN}"}}
  request: {{DelUser: {{webExId: echo}}}}
  before: {{result: FAILURE}}
- name: captured
  steps:
    - request: {{DelUser: {{webExId: brings}}}}
      before: {{result: FAILURE}}
      capture: {{made: //note, pw: //meetingPassword}}
    - request: {{DelUser: {{webExId: ok}}}}
      expect: {{result: SUCCESS, xpath: {{"//use:webExId": "${{made}}", "//use:status[.='${{pw}}']": "${{pw}}"}}}}
      before: {{result: FAILURE}}
- name: left over
  request: {{DelUser: {{webExId: ok}}}}
  before: {{result: FAILURE}}
  cleanup:
    - request: {{DelUser: {{webExId: fault}}}}
    - request: {{DelUser: {{webExId: echo}}}}
- name: mails
  steps:
    - mail: {{to: kim@example.com}}
      expect: {{subject: a, contains: b}}
      before: {{count: 0}}
- name: a link
  steps:
    - mail: {{to: kim@example.com}}
      expect: {{count: 1}}
      before: {{count: 0}}
      capture: {{where: link}}
    - open: ${{where}}
"""


def cases() -> str:
    """Return the cases: each word asked for by each way to sign in."""
    of_words = "".join(
        f"- name: {word} as {caller}\n  as: {caller}\n  request: {{DelUser: {{webExId: {word}}}}}\n"
        "  before: {result: FAILURE}\n"
        for word in WORDS
        for caller in CALLERS
    )
    return of_words + MORE


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path, write_cases: Callable[..., Path]) -> Run:
    """Run the cases in a folder of their own."""
    write_cases(cases(), root=tmp_path / "project" / "cases")
    return lambda *arguments, **environment: run_in(tmp_path / "project", *arguments, **environment)


COMMAND = ("-W", "error", "-m", "conformance", "run", "--site", "canary", "cases", "--report", "out")
LOUD = ("-X", "dev", "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "-vv", "-rA", "--showlocals")
LOUD += ("--log-level=DEBUG", "-o", "log_cli=true", "--log-file=all.log", "--conformance-site=canary")
LOUD += ("--conformance-report=out", "cases")
WAYS = {
    "the command": COMMAND,
    "the command until the first failure": (*COMMAND, "-x"),
    "the command, in development mode": ("-X", "dev", *COMMAND, "--in-flight", "1"),
    "pytest, told to tell all": LOUD,
    "pytest in two processes": (*LOUD, "-n", "2"),
}
REPORTS = {"out/results.jsonl", "out/report.html", "out/junit.xml"}


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_in_anything_that_a_run_leaves(run: Run, way: str) -> None:
    ended = run(*WAYS[way])
    assert ended.left.keys() >= REPORTS, ended.left["stderr"].decode()
    assert ended.code in (1, 3), ended.left["stderr"].decode()
    shown = {name for name, data in ended.left.items() if b"******" in data}
    assert shown >= REPORTS
    assert ended.found({**PLANTED, "any": MARK}) == {name: set() for name in [*PLANTED, "any"]}


def test_with_the_masks_off_every_secret_is_found(run: Run) -> None:
    ended = run(*COMMAND, BARE="1")
    found = ended.found(PLANTED)
    assert {named for named, places in found.items() if "out/results.jsonl" in places} == PLANTED.keys()
    assert set.union(*found.values()) >= {*REPORTS, "stdout"}
    assert not [named for named, places in found.items() if "ps" in places]


def test_with_the_masks_off_logs_hold_what_libraries_and_providers_log(run: Run) -> None:
    ended = run(*LOUD, BARE="1")
    found = ended.found(PLANTED)
    assert {named for named, places in found.items() if "all.log" in places} >= {"password", "ticket", "token", "own"}
    assert b"httpcore2" in ended.left["all.log"]
