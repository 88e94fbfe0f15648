"""Runs to make pages of: documented changes, results and the hostile strings that a site may send.

This is also a pytest plugin that stands in for ``conformance.plugin``: it feeds ``RESULTS`` to the page, one for
each test named ``test_case``, and drops them as the plugin does.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.model import Case, ChangeFile
from conformance.cases.plan import Change, PlannedCase
from conformance.report.html import HtmlReport
from conformance.report.stream import Catalogue, Footer, Header
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.versions import Version

HOSTILE: Mapping[str, str] = {
    "script": "<script>window.owned = 1</script>",
    "image": "<img src=x onerror='window.owned = 1'>",
    "out of an attribute": "'\"><svg onload=window.owned=1>",
    "end of cdata": "]]></pre></details></script>",
    "template": "${7*7} {{7*7}} {% raw %}",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "right to left": "user\u202egpj.exe",
    "control characters": "\x00\x01\x08\x7f\x9b",
    "line ends": "one\rtwo\u2028three\u2029four\x0bfive",
    "lone surrogate": "\udc80",
    "paint": "E   assert\nE   <b>\nEnd",
}
ALL_HOSTILE = " ".join(HOSTILE.values())
SECRETIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff]")
"""What must not stand in a page as it is."""

_BLOB = re.compile(r'data-jsonblob="([^"]*)"')


def change(id_: str = "40.2.0/blue-meetings", title: str = "Meetings can be blue", **more: Any) -> Change:
    """Return a documented change; its id says the release."""
    file = ChangeFile.model_validate(
        {
            "change": title,
            "released_in": [id_.partition("/")[0]],
            "kind": "behaviour changed",
            "operations": ["CreateMeeting", "SetMeeting"],
            "source": "the notes",
            "impact": f"impact of {title}",
            "advice": f"advice on {title}",
            "clauses": {"first": f"first of {title}", "second": {"says": f"second of {title}", "assumed": "not said"}},
            "cases": [{"name": "a case", "proves": ["first"], "request": {"CreateMeeting": {}}}],
            **more,
        }
    )
    return Change(id_, Path("x.yaml"), file, tuple(map(Version.parse, file.released_in)), {}, "0" * 64)


def catalogue(*changes: Change, cases: Mapping[str, tuple[str, ...]] | None = None) -> Catalogue:
    """Return a catalogue; ``cases`` says, by id of the case, which clauses it proves (default: the first)."""
    of = {c.id: c for c in changes}
    planned = {
        id_: PlannedCase(id_, of[id_.partition("::")[0]], Case.model_validate({"name": id_, "proves": proves}), {})
        for id_, proves in (cases or {}).items()
    }
    return Catalogue(of, planned)


def header(**more: Any) -> Header:
    """Return the header of a run."""
    values: dict[str, Any] = {
        "run": "2026-11-22T17-05-09Z-40.4.3",
        "started": "2026-11-22T17:05:09+00:00",
        "suite_version": "0.1.0",
        "site": "mock",
        "endpoint": "http://127.0.0.1:1/WBXService/XMLService",
        "api_version": "40.4.3",
        "told_version": "40.4.1",
        "mock_version": "40.1.0",
        "schema_release": "40.4.3",
        "schemas_digest": "a" * 64,
        "cases_digest": "b" * 64,
        "clock_offset_seconds": -3.0,
        "planned": 3,
        "libraries": {"lxml": "6.1"},
    }
    return Header(**{**values, **more})


def check(verdict: Verdict = Verdict.FAIL, **more: Any) -> Check:
    """Return a check of the result."""
    values = {"id": "result", "subject": "serv:result", "expected": "FAILURE", "observed": "SUCCESS"}
    return Check(verdict=verdict, **{**values, **more})


def step(*checks: Check, **more: Any) -> StepResult:
    """Return a step that came to its heaviest check."""
    values: dict[str, Any] = {
        "name": "CreateMeeting",
        "verdict": max((c.verdict for c in checks), key=list(Verdict).index, default=Verdict.PASS),
        "caller": "host",
        "request": "<message><body>the request</body></message>",
        "response": "<message><body>the response</body></message>",
        "status": 200,
        "seconds": 0.25,
    }
    return StepResult(checks=checks, **{**values, **more})


def result(id_: str, verdict: Verdict = Verdict.PASS, *steps: StepResult, **more: Any) -> CaseResult:
    """Return the result of a case."""
    steps = steps or (step(check(verdict)),)
    values: dict[str, Any] = {"side": "expect", "reason": "" if verdict is Verdict.PASS else "why it is not"}
    return CaseResult(id_, id_.partition("::")[0], verdict, steps=steps, seconds=1.5, **{**values, **more})


def fed(results: list[CaseResult], catalogue: Catalogue, **more: Any) -> HtmlReport:
    """Return a report that has seen a whole run."""
    report = HtmlReport()
    report.started(header(**{"planned": len(results), **more}), catalogue)
    for each in results:
        report.case(each)
    report.finished(Footer({}, 0, 2.5, 0))
    return report


GREEN = "40.4.0/green-meetings::a-green-one"
BLUE = "40.2.0/blue-meetings::a-blue-one"
GREY = "40.1.0/grey-meetings::a-grey-one"
CATALOGUE = catalogue(
    change("40.4.0/green-meetings", "Meetings can be green"),
    change("40.2.0/blue-meetings", f"Meetings can be blue {HOSTILE['script']}"),
    change("40.1.0/grey-meetings", "Meetings can be grey"),
    cases={GREEN: ("first",), BLUE: ("first", "second"), GREY: ("first",)},
)
RESULTS = (
    result(GREEN),
    result(
        BLUE,
        Verdict.FAIL,
        step(check(Verdict.PASS), name="given a meeting"),
        step(
            check(Verdict.PASS, subject="//held"),
            check(expected="the colour blue", observed=f"the colour red {ALL_HOSTILE}"),
            request=f"<message>{html.escape(ALL_HOSTILE.replace(HOSTILE['control characters'], ''))}</message>",
            response=ALL_HOSTILE,
        ),
        reason=ALL_HOSTILE,
        leftovers=(f"DelMeeting: {ALL_HOSTILE}",),
    ),
    result(GREY, Verdict.INCONCLUSIVE, step(check(Verdict.INCONCLUSIVE, id="exchange.timeout", observed="timeout"))),
)


def write_page(folder: Path, *options: str, stand_in: str = "late", tests: str = "") -> Path:
    """Let pytest write a page, with three cases from the stand-in, or without them where it is empty."""
    cases = "\n".join(f"def test_case_{n}(): pass" for n in range(len(RESULTS)))
    (folder / "test_all.py").write_text(f"import pytest\n{cases if stand_in else ''}\n{tests}\n")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    here = Path(__file__)
    plugins = ["-p", "pytest_html.plugin", "-p", "pytest_metadata.plugin", *(["-p", here.stem] if stand_in else [])]
    command = [sys.executable, "-m", "pytest", "--disable-plugin-autoload", *plugins, "-p", "no:cacheprovider"]
    command += ["--html=report.html", "--self-contained-html", *options]
    paths = os.pathsep.join([str(here.parent), str(here.parents[2])])
    environment = {**os.environ, "PYTHONPATH": paths, "STAND_IN": stand_in}
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    page = folder / "report.html"
    assert page.is_file(), ended.stdout + ended.stderr
    return page


def rows_of(page: str) -> dict[str, list[dict[str, Any]]]:
    """Return what pytest-html keeps of each test for its page."""
    found = _BLOB.search(page)
    assert found
    tests: dict[str, list[dict[str, Any]]] = json.loads(html.unescape(found[1]))["tests"]
    return tests


# The stand-in.


def pytest_configure(config: pytest.Config) -> None:
    """Begin before pytest-html asks for its columns, or leave it for later, as other processes have it or not."""
    config.stash[_REPORT] = HtmlReport()
    if os.environ["STAND_IN"] == "early":
        _begin(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin when it is known that there are cases."""
    if os.environ["STAND_IN"] == "late":
        _begin(session.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the result along with the report."""
    report = yield
    if item.name.startswith("test_case_") and call.when == "call":
        found = RESULTS[int(item.name[-1])]
        report.conformance = found  # type: ignore[attr-defined]
        outcomes: dict[Verdict, Any] = {Verdict.FAIL: "failed", Verdict.INCONCLUSIVE: "skipped"}
        report.outcome = outcomes.get(found.verdict, "passed")
        report.longrepr = ("test_all.py", 1, found.reason)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> Generator[None]:
    """Drop the result as soon as every plugin has seen its report."""
    yield
    report.__dict__.pop("conformance", None)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """End the run before the page is written."""
    report = session.config.stash[_REPORT]
    for found in RESULTS:
        report.case(found)
    report.finished(Footer({}, 1, 2.5, 1))
    yield


_REPORT = pytest.StashKey[HtmlReport]()


def _begin(config: pytest.Config) -> None:
    config.pluginmanager.register(config.stash[_REPORT], "conformance-html")
    config.stash[_REPORT].started(header(), CATALOGUE)
