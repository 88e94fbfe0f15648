"""A project that uses the plugin, with the site ``lab`` of tests/run/lab.py behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lab
import pytest

# pytester forgets what a run in this process has imported; what is imported before is not imported again and again.
import conformance.cases.load
import conformance.report.html
import conformance.report.jsonl
import conformance.report.recorder
import conformance.run.embedded
import conformance.run.suite
import conformance.schema.explain  # noqa: F401

CONFTEST = """
from pathlib import Path

from lab import *  # what conftests of tests need

def pytest_conformance_provider(config, name):
    return Lab(log=Path(config.rootpath, "sent.log")) if name == "lab" else None
"""


# What these two plugins do at the end of each run, hundreds of times here, the run around it does once.
QUIET = ("-W", "error", "-p", "no:hypothesispytest", "-p", "no:unraisableexception")


@dataclass(frozen=True)
class Project:
    """A folder with a conftest that knows the site ``lab``, and ways to run pytest in it."""

    pytester: pytest.Pytester
    write: Callable[..., Path]

    @property
    def path(self) -> Path:
        """The folder."""
        return self.pytester.path

    def words(self, *words: str, name: str = "one", folder: str = "cases") -> Path:
        """Write a file with a case for each word, named by it, that deletes a user of that name.

        The lab answers it as the word says.
        """
        cases = "".join(
            f"- name: {word}\n  request: {{DelUser: {{webExId: {word}}}}}\n  before: {{result: FAILURE}}\n"
            for word in words
        )
        return self.write(cases, name=name, root=self.path / folder)

    def run(self, *arguments: str, site: str = "lab") -> pytest.RunResult:
        """Run pytest in this process, with warnings as errors."""
        return self.pytester.runpytest_inprocess(*QUIET, f"--conformance-site={site}", *arguments)

    def run_apart(self, *arguments: str, site: str = "lab") -> pytest.RunResult:
        """Run pytest in a process of its own."""
        return self.pytester.runpytest_subprocess(f"--conformance-site={site}", *arguments, timeout=60)

    @property
    def sent(self) -> list[str]:
        """What reached the lab, in requests."""
        log = self.path / lab.SENT
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if " " in line]

    @property
    def touched(self) -> bool:
        """Whether the lab was so much as opened."""
        return (self.path / lab.SENT).exists()

    def results(self, folder: str = "out") -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
        """Return header, cases and footer of results.jsonl, which must be in that order."""
        lines = (self.path / folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        assert [record["kind"] for record in records] == ["header", *["case"] * (len(records) - 2), "footer"]
        return records[0], records[1:-1], records[-1]
