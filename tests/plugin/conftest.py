"""The fixture of all tests of the plugin."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import lab
import pytest
from projects import CONFTEST, Project

from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.versions import Version

SHIPPED = SchemaCatalog()


@pytest.fixture
def shared_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs in this process share the shipped schemas: compiling them takes longer than most runs."""
    compiled = SchemaCatalog.at

    def at(catalog: SchemaCatalog, version: Version) -> SchemaSet:
        return compiled(SHIPPED if catalog.root == schemas_root() else catalog, version)

    monkeypatch.setattr(SchemaCatalog, "at", at)


@pytest.fixture
def project(
    pytester: pytest.Pytester,
    write_cases: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    shared_schemas: None,
) -> Project:
    """Give a project."""
    here = str(Path(lab.__file__).parent)
    pytester.syspathinsert(here)
    monkeypatch.setenv("PYTHONPATH", here, prepend=os.pathsep)
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    pytester.makeconftest(CONFTEST)
    return Project(pytester, write_cases)
