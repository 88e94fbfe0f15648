"""A client, the proxy, and a mock site behind it, all over sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from proxy_lab import PASSWORD, Lab

from conformance.mock.building import new_site
from conformance.mock.server import MockServer
from conformance.proxy.judging import Judge, Verdict
from conformance.proxy.passed import Passed
from conformance.proxy.recording import Recording
from conformance.proxy.server import Proxy
from conformance.schema.catalog import SchemaCatalog
from conformance.site.http import HttpClient
from conformance.site.transport import Transport
from conformance.versions import DEFAULT_VERSION


@pytest.fixture(scope="session")
def catalog() -> SchemaCatalog:
    return SchemaCatalog()


@pytest.fixture
def site(mock_server: MockServer) -> Iterator[MockServer]:
    mock_server.add_site(new_site("go", DEFAULT_VERSION, passwords={"host": PASSWORD}))
    yield mock_server
    mock_server.faults.set(())
    mock_server.remove_site("go")


@pytest.fixture
def between(catalog: SchemaCatalog, tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Put a proxy before an endpoint."""
    with ExitStack() as stack:

        def put(endpoint: str, **transport: float) -> Lab:
            told: list[tuple[Passed, Verdict]] = []
            recording = stack.enter_context(Recording(tmp_path / "recording"))
            client = HttpClient(endpoint, Transport(private_addresses=True, **transport))  # type: ignore[arg-type]
            judge = Judge(catalog, DEFAULT_VERSION)
            proxy = Proxy(client, recording, judge, lambda passed, verdict: told.append((passed, verdict)))
            return Lab(stack.enter_context(proxy), recording.folder, told)

        yield put
