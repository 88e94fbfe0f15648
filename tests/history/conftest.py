"""A history in a file and one in PostgreSQL: what is told of the one is told of the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import NotHere, PostgresServer

from conformance.history.store import History


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests."""
    try:
        server = PostgresServer()
    except NotHere as reason:
        pytest.skip(str(reason))
    with server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where there is no history yet, in either database."""
    if request.param == "sqlite":
        return str(tmp_path / "reports" / "history.sqlite3")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url()


@pytest.fixture
def history(where: str) -> Iterator[History]:
    """An empty history, in either database."""
    with History.open(where) as opened:
        yield opened


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[History]:
    """An empty history in a file, for what does not depend on the database."""
    with History.open(tmp_path / "history.sqlite3") as opened:
        yield opened


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every result is written when it comes, not with others."""
    monkeypatch.setattr("conformance.history.writer.BATCH", 1)
