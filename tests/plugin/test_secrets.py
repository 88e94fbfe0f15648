"""A site that echoes the password: it is in nothing that a run writes or shows."""

from __future__ import annotations

import pytest
from lab import CANARY, PASSWORD, spellings
from projects import CONFTEST, Project

LOUD = """
from conformance.site.seam import ReceivedMail

SHOUT = shout(PASSWORD)
ALL = " | ".join(spellings(PASSWORD).values())

def crash(_):
    raise RuntimeError(ALL)

def fault(_):
    raise ExchangeFault("reset", ALL)

def no_such(_):
    raise NotApplicable(SHOUT)

WORDS_OF_OURS = {
    "crash": crash,
    "fault": fault,
    "no-such": no_such,
    "value": lambda _: exchange(deleted(SHOUT)),
    "raw": lambda _: exchange(ALL.encode()),
    "html": lambda _: exchange(f"<html>{ALL}<br></html>".encode(), content_type=f"text/html; x={ALL}"),
    "element": lambda _: exchange(success(operation("DelUser"), {"user": {"webExId": SHOUT, "x": SHOUT}})),
    "status": lambda _: exchange(ALL.encode(), 500),
}

def pytest_conformance_provider(config, name):
    mail = ReceivedMail(SHOUT, SHOUT, "text", SHOUT, (SHOUT,))
    return Lab(words=WORDS_OF_OURS, mailbox=[mail], links={SHOUT: False})
"""
CASES = """\
- name: deviation
  request: {DelUser: {webExId: echo}}
  expect: {result: FAILURE, reason: another one}
  before: {result: SUCCESS}
- name: xpath
  request: {DelUser: {webExId: echo}}
  expect: {result: FAILURE, xpath: {//serv:reason: {matches: a}, //serv:message: {not: x}}}
  before: {result: SUCCESS}
- name: captured
  steps:
    - request: {DelUser: {webExId: echo}}
      expect: {result: FAILURE}
      before: {result: SUCCESS}
      capture: {told: //serv:reason}
    - request: {DelUser: {webExId: "${told}"}}
      expect: {result: FAILURE, reason: "${told}", xpath: {"//use:user[.='${told[:1]}']": "${told}"}}
- name: own credentials
  as: {webExID: kim, password: another Zq7Canary9 of mine}
  request: {DelUser: {webExId: echo}}
  before: {result: FAILURE}
- name: left over
  request: {DelUser: {webExId: ok}}
  before: {result: FAILURE}
  cleanup:
    - request: {DelUser: {webExId: echo}}
    - request: {DelUser: {webExId: crash}}
- name: mails
  steps:
    - mail: {to: kim@example.com}
      expect: {subject: a}
      before: {count: 0}
- name: a link
  steps:
    - mail: {to: kim@example.com}
      expect: {count: 1}
      before: {count: 0}
      capture: {where: link}
    - open: ${where}
"""
FORBIDDEN = {
    CANARY.lower(),
    *(text.lower() for secret in (PASSWORD, "another Zq7Canary9 of mine") for text in spellings(secret).values()),
    *(spellings(CANARY)[name].lower() for name in ("hex",)),
}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_an_echoed_password_is_in_no_artefact_and_in_no_output(project: Project, workers: list[str]) -> None:
    project.pytester.makeconftest(CONFTEST + LOUD)
    words = ["echo", "crash", "fault", "no-such", "value", "raw", "html", "element", "status"]
    project.words(*words, name="words")
    project.write(CASES, root=project.path / "cases")
    options = ["-vv", "-rA", "--showlocals", "--log-level=DEBUG", "-o", "log_cli=true", "--conformance-report=out"]
    result = project.run_apart(*options, *workers)
    _, cases, _ = project.results()
    assert len(cases) == len(words) + 7
    written = [*(project.path / "out").iterdir(), project.path / "history.sqlite3"]
    artefacts = {path.name: path.read_text(encoding="utf-8", errors="ignore") for path in written}
    assert artefacts.keys() >= {"results.jsonl", "junit.xml", "report.html", "summary.md", "readiness.html"}
    shown = {**artefacts, "stdout": result.stdout.str(), "stderr": result.stderr.str()}
    assert "******" in shown["stdout"]
    leaks = {
        f"{name}: {text[max(0, at - 60) : at + 60]}"
        for name, text in shown.items()
        for secret in FORBIDDEN
        if (at := text.lower().find(secret)) >= 0
    }
    assert leaks == set()
