"""What the tests of the mock share: sites with chosen changes, and a way to ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2
import pytest

from conformance.mock.building import new_site
from conformance.mock.dispatch import respond
from conformance.mock.server import MockServer
from conformance.mock.state import Site
from conformance.versions import Version
from conformance.wire.names import NAMESPACES, operation, prefixed
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response

PASSWORDS = {"siteadmin": "adminpass", "host": "hostpass", "attendee": "attpass"}


@dataclass(frozen=True)
class Answered:
    """A response, read by the prefixes that the suite uses."""

    response: Response

    @property
    def code(self) -> str | None:
        """The exceptionID; None for a SUCCESS."""
        assert (self.response.exception_id is None) == (self.response.result == "SUCCESS")
        return self.response.exception_id

    @property
    def ok(self) -> bool:
        """Whether it is a SUCCESS."""
        return self.code is None

    def texts(self, path: str) -> list[str]:
        """Return the texts at a path like ``use:user/use:webExId`` below bodyContent."""
        assert self.response.content is not None
        return [element.text or "" for element in self.response.content.findall(path, NAMESPACES)]

    def text(self, path: str) -> str:
        """Return the one text at ``path``."""
        (text,) = self.texts(path)
        return text

    def children(self, path: str = ".") -> list[str]:
        """Return the prefixed names of the children of the one element at ``path``."""
        assert self.response.content is not None
        (element,) = self.response.content.findall(path, NAMESPACES)
        return [prefixed(child.tag) for child in element]


Ask = Callable[..., Answered]


def _bytes(site_name: str, name: str, body: Body, caller: str | None, password: str = "") -> bytes:
    """Return a request as ``caller`` (None: anonymous), with the password the fixtures gave him."""
    security = {"siteName": site_name}
    if caller is not None:
        security |= {"webExID": caller, "password": password or PASSWORDS.get(caller, "secret")}
    return build_request(operation(name), security, body)


@pytest.fixture
def make_site() -> Callable[..., Site]:
    """Make sites that carry exactly the given changes."""

    def make(*changes: str, name: str = "go", version: str = "40.4.3", **options: object) -> Site:
        return new_site(name, Version.parse(version), changes=frozenset(changes), passwords=PASSWORDS, **options)

    return make


@pytest.fixture
def as_bytes() -> Callable[..., bytes]:
    """Write requests."""
    return _bytes


@pytest.fixture
def ask() -> Ask:
    """Ask a site, in process."""

    def send(
        site: Site, name: str, body: Body = "", *, caller: str | None = "siteadmin", password: str = ""
    ) -> Answered:
        data = _bytes(site.name, name, body, caller, password)
        return Answered(read_response(respond({site.name.lower(): site}, data)))

    return send


@pytest.fixture(scope="session")
def _running() -> Iterator[MockServer]:
    with MockServer(panel_port=0) as running:
        yield running


@pytest.fixture
def server(_running: MockServer) -> Iterator[MockServer]:
    """A running server without sites, with a panel. Not to be stopped: others use it too."""
    yield _running
    for name in list(_running.sites):
        _running.remove_site(name)


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    """An HTTP client."""
    with httpx2.Client(timeout=10) as opened:
        yield opened


@pytest.fixture
def post(client: httpx2.Client) -> Callable[..., httpx2.Response]:
    """Send a call over the network."""

    def send(
        server: MockServer, site: str, name: str, body: Body = "", caller: str | None = "siteadmin"
    ) -> httpx2.Response:
        return client.post(server.endpoint, content=_bytes(site, name, body, caller))

    return send
