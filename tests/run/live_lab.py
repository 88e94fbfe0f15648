"""The mock as a live site in this process: it remembers each request that reached it; profiles and secrets for it.

Beside it ``Gateway``, which loses answers between a client and the mock.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.errors import MalformedMessage
from conformance.live.provider import LiveProvider
from conformance.live.service import Service
from conformance.live.settings import SiteSettings
from conformance.mock.building import add_account, bare_site
from conformance.mock.fault import HttpAnswer, Proceed
from conformance.mock.faults import Faults
from conformance.mock.server import MockServer
from conformance.mock.state import Site
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.names import operation
from conformance.wire.request import Body, Request, build_request, read_request

PASSWORDS = {"admin": 'Zq7Admin&<"\u00fc', "ann": "Zq7Ann+Canary", "bob": "Zq7Bob/Canary"}
ROLES = {"siteAdmin": "admin", "host": "ann", "attendee": "bob"}
SOON = "12/31/2098 10:00:00"


class Heard(Faults):
    """Faults of a server that also remember each call that came."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    def __bool__(self) -> bool:
        return True

    def answer(self, sites: Mapping[str, Site], data: bytes, proceed: Proceed) -> HttpAnswer:
        with suppress(MalformedMessage):
            self.requests.append(read_request(data))
        return super().answer(sites, data, proceed)

    @property
    def names(self) -> list[str]:
        """The operations that were called."""
        return [request.operation.name if request.operation else "?" for request in self.requests]

    def of(self, name: str) -> list[Request]:
        """Return the calls of an operation."""
        return [request for request in self.requests if request.operation and request.operation.name == name]


class Staging:
    """A mock with the site ``go``, and a folder in which its secrets and its profile are."""

    def __init__(self, server: MockServer, heard: Heard, folder: Path) -> None:
        self.server = server
        self.heard = heard
        self.folder = folder
        for name, password in PASSWORDS.items():
            (folder / f"{name}.secret").write_text(password, encoding="utf-8")
        self.site = self.renew()

    def renew(self, version: Version = DEFAULT_VERSION) -> Site:
        """Serve the site as new."""
        site = bare_site("go", version)
        for role, name in ROLES.items():
            add_account(site, name, PASSWORDS[name], role=role)
        self.site = self.server.add_site(site)
        return self.site

    def profile(self, *, endpoint: str = "", roles: tuple[str, ...] = tuple(ROLES), **changed: Any) -> dict[str, Any]:
        """Return a profile as the file has it; ``sign_in`` is that of all accounts, limits are added to the usual."""
        limits = {"requests_per_second": 1000, "retry_seconds": 0.02, "settle_seconds": 0.0, "longest_wait_seconds": 2}
        sign_in = changed.pop("sign_in", "password")
        return {
            "endpoint": endpoint or self.server.endpoint,
            "site_name": "go",
            "kind": "staging",
            "host": "go.webex.example.com",
            "private_addresses": True,
            "accounts": {
                role: {
                    "web_ex_id": ROLES[role],
                    "email": f"{ROLES[role]}@example.com",
                    "password": f"file:{ROLES[role]}.secret",
                    "sign_in": sign_in,
                }
                for role in roles
            },
            **changed,
            "limits": {**limits, **changed.get("limits", {})},
        }

    def provider(self, **changed: Any) -> LiveProvider:
        """Return the site behind the seam."""
        return LiveProvider("stage", SiteSettings.model_validate(self.profile(**changed)), self.folder)

    def write(self, **changed: Any) -> Path:
        """Write the profile ``stage`` into conformance.toml."""
        file = self.folder / "conformance.toml"
        file.write_text("\n".join(_toml("sites.stage", self.profile(**changed))) + "\n", encoding="utf-8")
        return file

    def secret(self, name: str, password: str) -> None:
        """Put another password where the profile refers to."""
        (self.folder / f"{name}.secret").write_text(password, encoding="utf-8")

    @property
    def ledgers(self) -> list[Path]:
        """The files of runs that left something."""
        return sorted(self.folder.glob(".conformance/stage/ledger-*"))

    @property
    def names(self) -> list[str]:
        """The names of the sessions on the site."""
        return sorted(session.name for session in self.site.sessions.values())

    def add(self, name: str, body: Body, caller: str = "ann") -> None:
        """Let somebody else call an operation, past the suite."""
        answer = self._respond(build_request(operation(name), security(caller), body))
        assert b"SUCCESS" in answer, answer

    def _respond(self, data: bytes) -> bytes:
        from conformance.mock.dispatch import respond

        return respond(self.server.sites, data)


def _toml(table: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{table}]"
    for key, value in values.items():
        if not isinstance(value, Mapping):
            yield f'"{key}" = {str(value).lower() if isinstance(value, bool) else repr(value)}'
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _toml(f"{table}.{key}", value)


def security(name: str) -> dict[str, str]:
    """Return the securityContext of an account of the site."""
    return {"siteName": "go", "webExID": name, "password": PASSWORDS[name]}


def request(name: str, body: Body, caller: str = "ann") -> bytes:
    """Return a request of an account of the site."""
    return build_request(operation(name), security(caller), body)


def meeting(name: str) -> Body:
    """Return the body of a CreateMeeting."""
    return {
        "accessControl": {"meetingPassword": "Aa1bc2De3"},
        "metaData": {"confName": name},
        "schedule": {"startDate": SOON, "duration": "30"},
    }


def user(name: str, domain: str = "example.com") -> Body:
    """Return the body of a CreateUser."""
    return {
        "firstName": "Kim",
        "lastName": "Sample",
        "webExId": name,
        "email": f"{name}@{domain}",
        "password": "Aa1bc2De3",
        "active": "ACTIVATED",
    }


@asynccontextmanager
async def serving(provider: LiveProvider, *, sweep: bool = False) -> AsyncIterator[Service]:
    """Give the service of a run that holds the lease; without ``sweep``, it ends as if it was killed."""
    provider.state.take_lease()
    try:
        yield provider.service
    finally:
        if sweep:
            await provider.close()
        else:
            await provider.service.client.close()
            if provider.service.ledger._file is not None:
                provider.service.ledger._file.close()
            provider.state.release()


@contextmanager
def staging(folder: Path) -> Iterator[Staging]:
    """Start a mock of its own."""
    server, heard = MockServer(), Heard()
    server.faults = heard
    with server:
        yield Staging(server, heard, folder)


class Gateway:
    """Passes requests on to a server, one connection each; ``lose`` says by operation which get no answer.

    A request that is lost ``before`` never reaches the server; else the server does what it asks, and the
    connection ends without an answer.
    """

    def __init__(
        self, endpoint: str, lose: Callable[[str], bool], *, before: bool = False, listening: bool = True
    ) -> None:
        parts = urlsplit(endpoint)
        self._target = (str(parts.hostname), int(parts.port or 0))
        self._lose, self._before = lose, before
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}{parts.path}"
        self.came: list[str] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._ready = threading.Event()
        self._end: Callable[[], None] = lambda: None
        if listening:
            self.listen()

    def listen(self) -> None:
        """Accept connections from now on; before, they are refused."""
        self._thread.start()
        self._ready.wait(10)

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        if self._thread.is_alive():
            self._thread.join(10)
        self._socket.close()

    async def _serve(self) -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._end = lambda: loop.call_soon_threadsafe(ended.set)
        server = await asyncio.start_server(self._pass, sock=self._socket)
        self._ready.set()
        await ended.wait()
        server.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").lower().split("\r\n")
            length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
            body = await reader.readexactly(length)
            called = read_request(body).operation
            name = called.name if called else ""
            self.came.append(name)
            lost = self._lose(name)
            if not (lost and self._before):
                answer = await self._forwarded(head, body)
                if not lost:
                    writer.write(answer)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            writer.close()

    async def _forwarded(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        writer.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + body)
        answer = await reader.read()
        writer.close()
        return answer
