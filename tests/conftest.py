"""What all tests share: pytester, one mock over HTTP, compiled schemas, folders of case files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

# pytester forgets what a run in this process has imported; the compiled parts of SQLAlchemy can not be imported twice.
import conformance.history.store
import conformance.page.gather
import conformance.page.outputs
import conformance.upgrade.ask
import conformance.upgrade.gather  # noqa: F401
from conformance.mock.server import MockServer
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.versions import DEFAULT_VERSION

pytest_plugins = ["pytester"]

# Schemas that a developer has imported are of no concern to tests, nor to the commands that they start.
os.environ["XDG_DATA_HOME"] = str(Path(__file__).with_name("nothing-imported"))

# tests/run/lab.py stands behind tests of several folders, and behind the pytest runs that they start.
LAB = Path(__file__).parent / "run"
sys.path.insert(0, str(LAB))

HEAD = """\
change: {name} changes
released_in: [40.2.0]
kind: behaviour changed
operations: [DelUser]
source: made up
impact: Clients of {name} break.
advice: Mend them.
clauses: {{it: It changes.}}
cases:
"""

WriteCases = Callable[..., Path]


@pytest.fixture(scope="module")
def mock_server() -> Iterator[MockServer]:
    """A running mock server, shared by the tests of a module."""
    with MockServer() as server:
        yield server


@pytest.fixture(scope="session")
def schemas() -> SchemaSet:
    """The shipped schemas of the newest release."""
    return SchemaCatalog().at(DEFAULT_VERSION)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, for the tests of a module."""
    from browsing import started

    with started() as opened:
        yield opened


@pytest.fixture
def write_cases(tmp_path: Path) -> WriteCases:
    """Write a case file, with the head that it needs, into a folder of case files; return the file.

    Cases that say nothing of it prove the only clause.
    """

    def write(cases: str, name: str = "one", fixtures: str = "", root: Path | None = None) -> Path:
        folder = root or tmp_path / "cases"
        file = folder / "40.2.0" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        shared = f"fixtures:\n{indent(dedent(fixtures), '  ')}" if fixtures else ""
        (folder / "conformance.yaml").write_text(f"format: 1\n{shared}")
        text = re.sub(r"(?m)^- name:", "- proves: [it]\n  name:", dedent(cases).strip("\n"))
        file.write_text(HEAD.format(name=name) + indent(text, "  ") + "\n")
        return file

    return write
