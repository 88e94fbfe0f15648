"""What the tests of generated requests share: a live site that is a mock, new for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_lab import Heard, Staging

from conformance.mock.server import MockServer
from conformance.run import suite
from conformance.schema.catalog import SchemaCatalog


@pytest.fixture(scope="module")
def _listening() -> Iterator[tuple[MockServer, Heard]]:
    server, heard = MockServer(), Heard()
    server.faults = heard
    with server:
        yield server, heard


@pytest.fixture
def stage(_listening: tuple[MockServer, Heard], tmp_path: Path) -> Staging:
    """A site on the mock that nothing was asked of yet, and a folder with its profile."""
    server, heard = _listening
    heard.set(())
    heard.requests.clear()
    return Staging(server, heard, tmp_path)


@pytest.fixture(scope="session")
def catalog() -> SchemaCatalog:
    """The shipped schemas, compiled once for all commands."""
    return SchemaCatalog()


@pytest.fixture
def compiled(catalog: SchemaCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands use the schemas that are compiled already."""
    monkeypatch.setattr(suite, "SchemaCatalog", lambda root, config: SchemaCatalog(root, config) if root else catalog)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
