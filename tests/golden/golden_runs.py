"""Runs whose every output is stored: made-up case files, and a site that answers the same every time.

This module is also the site: ``conftest.py`` of the folder that a run is started in takes ``GoldenLab`` from it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import lab
from lab import Answerer, Lab, deleted, exchange, refused

import conformance

CANARY = "Zq7Golden"
PASSWORD = f"{CANARY}&<\"/+\u00fc'>"
MARKUP = "<script>window.owned = 1</script><img src=x onerror='window.owned = 1'>]]></pre></details>{{7*7}}${7*7}"
MOVING = "user\u202egpj.exe \u2066x a\u2028b \x7f\x9b2J"
HUGE = "All work and no play. " * 2_000


def _told(text: str) -> Answerer:
    return lambda _: exchange(deleted().replace(b">ok<", f">{escape(text)}<".encode()))


WORDS: Mapping[str, Answerer] = {
    "markup": _told(MARKUP),
    "moving": _told(MOVING),
    "huge": _told(HUGE),
    "reason": lambda _: exchange(refused("030001", f"{MARKUP} {MOVING}")),
    "page": lambda _: exchange(f"<html><body>{MARKUP}</body></html>".encode(), content_type="text/html"),
    "controls": lambda _: exchange(b"\x1b[31mred\x1b[0m \x00\x07", content_type="text/xml"),
}


class GoldenLab(Lab):
    """The lab, with a password and answers of its own."""

    def __init__(self) -> None:
        super().__init__(words=WORDS, password=PASSWORD)


CONFTEST = """\
from golden_runs import GoldenLab

def pytest_conformance_provider(config, name):
    return GoldenLab() if name == "golden" else None
"""
CHANGE = """\
change: {title}
released_in: [{release}]
kind: behaviour changed
operations: [DelUser]
source: The update notes of {release}
impact: A client that deletes users {breaks}.
advice: Look at the answer.
clauses: {{it: It is so.}}
cases:
{cases}"""
CASE = """\
- name: {word}
  proves: [it]
  request: {{DelUser: {{webExId: {word}}}}}
  expect: {expect}
  before: {{result: FAILURE, sent: invalid}}
"""


def change(
    release: str, title: str, *words: str, expect: str = "{result: SUCCESS}", breaks: str = "is concerned"
) -> str:
    """Return a case file with a case for each word that the site knows."""
    cases = "".join(CASE.format(word=word, expect=expect) for word in words)
    return CHANGE.format(title=title, release=release, breaks=breaks, cases=cases)


GONE = change("40.2.0", "Users are gone at once", "ok", "gone")
KEPT = change("40.4.0", "Users can be kept", "kept")
HELD = "{result: SUCCESS, xpath: {//use:webExId: kim}}"


@dataclass(frozen=True)
class Run:
    """A run: its case files by path, what else is asked for, and the exit code that it must end with."""

    files: Mapping[str, str]
    code: int
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


RUNS: Mapping[str, Run] = {
    "all-pass": Run({"40.2.0/gone": GONE, "40.4.0/kept": KEPT}, 0, environment={"TZ": "Pacific/Kiritimati"}),
    "one-fails": Run(
        {"40.2.0/gone": change("40.2.0", "Users are gone at once", "ok", "refuse"), "40.4.0/kept": KEPT},
        1,
        environment={"TZ": "America/St_Johns"},
    ),
    "could-not-tell": Run(
        {"40.2.0/gone": change("40.2.0", "Users are gone", "down", "unavailable"), "40.4.0/kept": KEPT}, 2
    ),
    "no-cases": Run({"40.2.0/gone": GONE}, 2, ("-k", "nothing_is_called_so")),
    "broken-file": Run(
        {
            "40.2.0/gone": GONE.replace("DelUser: {", "DelUsr: {").replace("proves: [it]", "proves: [is]"),
            "40.4.0/kept": KEPT,
        },
        4,
    ),
    "hostile": Run(
        {
            "40.2.0/gone": change("40.2.0", "Users <b>are</b> gone", "markup", "moving", "huge", expect=HELD),
            "40.4.0/kept": change("40.4.0", "Secrets are kept", "reason", "page", "controls", "echo"),
        },
        1,
    ),
    "void": Run({"40.2.0/gone": GONE, "40.4.0/kept": KEPT.replace("expect: {", "expect: {sent: unknown, ")}, 3),
}

SECONDS = 60
COMMAND = ("-W", "error", "-m", "conformance", "run", "cases", "--site", "golden", "--api-version", "40.4.3")
COMMAND += ("--in-flight", "1", "--report", "reports/out")
PYTEST = ("-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "cases", "--conformance-site=golden")
PYTEST += ("--conformance-api-version=40.4.3", "--conformance-in-flight=1", "--conformance-report=reports/out")


@dataclass(frozen=True)
class Ended:
    """What a run left: its exit code, its streams, and the folder it ran in."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def files(self) -> dict[str, Path]:
        """The files it wrote, by their path below the folder of reports."""
        reports = self.folder / "reports"
        return {path.relative_to(reports).as_posix(): path for path in sorted(reports.rglob("*")) if path.is_file()}


def start(run: Run, folder: Path, command: tuple[str, ...] = COMMAND) -> Ended:
    """Run the command in a folder of its own, in a process of its own."""
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    for name, text in run.files.items():
        file = folder / "cases" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder / "cases" / "conformance.yaml").write_text("format: 1\n", encoding="utf-8")
    homes = (Path(conformance.__file__).parents[1], Path(lab.__file__).parent, Path(__file__).parent)
    dropped = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTEST_ADDOPTS", "PYTHONWARNINGS", "GITHUB_ACTIONS", "CI")
    known = {key: value for key, value in os.environ.items() if key not in dropped and not key.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, *command, *run.arguments],
        cwd=folder,
        env={**known, "PYTHONPATH": os.pathsep.join(map(str, homes)), "COLUMNS": "100", **run.environment},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode(), folder)
