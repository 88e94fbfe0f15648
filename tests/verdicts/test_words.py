"""What is told of each scene, word by word, as ``words.txt`` holds it.

``CONFORMANCE_STORE=1 pytest tests/verdicts/test_words.py`` writes that file anew; look at the difference before it is
committed. Left out are the words of libraries, and in which lines of the schemas rules stand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from verdict_scenes import SCENES, play

from conformance.run.verdicts import CaseResult, Check, Verdict
from conformance.schema.catalog import SchemaCatalog

STORED = Path(__file__).with_name("words.txt")
LIBRARIES = re.compile(
    r"request\.malformed|value$|schema\.\w+\.(?!count|operation)|malformed\.(not-xml|encoding)|schema\.request$"
)
"""Checks whose observation, or expectation, is a sentence of libxml2, xmlschema, expat or Python."""


def told(name: str, result: CaseResult) -> Iterator[str]:
    """Yield the lines of a scene."""
    wrong = [check for step in result.steps for check in step.checks if check.verdict is not Verdict.PASS]
    of_library = any(LIBRARIES.match(check.id) for check in wrong)
    reason = result.reason.partition(": ")[0] if of_library else result.reason
    yield f"## {name}: {result.verdict} {plain(reason)}".rstrip()
    for step in result.steps:
        yield f"{step.name} by {step.caller or 'nobody'}: {step.verdict} {step.status} {step.operation}".rstrip()
        for check in step.checks:
            yield from (f"  {line}" for line in lines(check))


def lines(check: Check) -> Iterator[str]:
    """Yield what a check says."""
    expected, observed, note = check.expected, check.observed, check.note
    if LIBRARIES.match(check.id):
        expected, observed = "", observed if observed == "valid" else "(words of a library)"
    yield f"{check.verdict} {check.id}: {check.subject}"
    for kind, text in (("expected", expected), ("observed", observed), ("note", re.sub(r"\.xsd:\d+", ".xsd", note))):
        if text:
            yield f"  {kind}: {plain(text)}"


def plain(text: str) -> str:
    """Return a text on one line."""
    ours = re.sub(r"(is not an XPath 1\.0 expression): .*", r"\1", text)
    return ours.encode("unicode_escape").decode("ascii")


def test_every_word_is_as_it_is_stored(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, catalog = tmp_path_factory.mktemp("words"), SchemaCatalog()
    results = {name: play(each, folder / str(number), catalog) for number, (name, each) in enumerate(SCENES.items())}
    text = "\n".join(line for name, result in results.items() for line in told(name, result)) + "\n"
    if os.environ.get("CONFORMANCE_STORE"):
        STORED.write_text(text, encoding="utf-8")
    assert text.splitlines() == STORED.read_text(encoding="utf-8").splitlines()
