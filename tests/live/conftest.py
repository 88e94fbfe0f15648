"""What the tests of live sites share: one mock, a site and a folder that are new for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_lab import Heard, Staging

from conformance.mock.server import MockServer


@pytest.fixture(scope="session")
def _listening() -> Iterator[tuple[MockServer, Heard]]:
    server, heard = MockServer(), Heard()
    server.faults = heard
    with server:
        yield server, heard


@pytest.fixture
def stage(_listening: tuple[MockServer, Heard], tmp_path: Path) -> Staging:
    """A site on the mock, without faults, that nothing was asked of yet."""
    server, heard = _listening
    heard.set(())
    heard.requests.clear()
    return Staging(server, heard, tmp_path)
