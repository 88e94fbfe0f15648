"""The mock as a server on this machine: in the background for tests, in the foreground for people.

Nothing else than loopback addresses is served: the mock guards no secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Self

from conformance.errors import SuiteError, UnknownName, UserError
from conformance.mock.building import remember
from conformance.mock.faults import Faults
from conformance.mock.state import Site

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

_START_DEADLINE = 30.0
_GRACE = 3
"""Whole seconds that calls under way are given when the server stops."""


class MockServer:
    """Serves ``sites`` on a port of their own (0: any free one), and a panel on another if asked for.

        with MockServer() as server:
            server.add_site(new_site("go", Version.parse("40.4.3")))
            post(server.endpoint, ...)

    ``delay`` seconds pass before each answer. Leave keys of ``sites`` to add_site: they are lower case.
    ``faults`` are what mock/faults.py knows, as it is asked for there; ``server.faults.set`` changes them while
    the server runs. With a certificate and its key, both PEM files, the service (not the panel) speaks HTTPS.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        panel_port: int | None = None,
        delay: float = 0.0,
        *,
        faults: Iterable[str] = (),
        tls_certificate: Path | None = None,
        tls_key: Path | None = None,
    ) -> None:
        self.faults = Faults(faults)
        self._tls = _tls_files(tls_certificate, tls_key)
        self.sites: dict[str, Site] = {}
        self._resets: dict[str, Callable[[], None]] = {}
        self._host = _loopback(host)
        self._ports = [port] if panel_port is None else [port, panel_port]
        self._delay = delay
        self._origins: list[str] = []
        self._servers: list[uvicorn.Server] = []
        self._thread: threading.Thread | None = None
        self._ended: SimpleQueue[int] = SimpleQueue()

    @property
    def base_url(self) -> str:
        """The server's address, as ``http://127.0.0.1:8080``."""
        return self._origin(0)

    @property
    def endpoint(self) -> str:
        """The address of the service, as ``http://127.0.0.1:8080/WBXService/XMLService``."""
        from conformance.mock.http import SERVICE_PATH  # noqa: PLC0415 - starlette is for those who serve

        return f"{self.base_url}{SERVICE_PATH}"

    @property
    def panel_url(self) -> str | None:
        """The panel's address; None where there is no panel."""
        return self._origin(1) if len(self._ports) > 1 else None

    def add_site(self, site: Site) -> Site:
        """Serve ``site``, and let the links in its mails lead here unless they lead elsewhere."""
        if self._origins:
            site.base_url = site.base_url or self.base_url
        self._resets[site.name.lower()] = remember(site)
        self.sites[site.name.lower()] = site
        return site

    def remove_site(self, name: str) -> None:
        """Serve the site of that name no longer."""
        self._resets.pop(name.lower(), None)
        if self.sites.pop(name.lower(), None) is None:
            raise UnknownName("site", name, sorted(self.sites))

    def reset_site(self, name: str) -> None:
        """Put the site of that name back to how it was when it was added."""
        reset = self._resets.get(name.lower())
        if reset is None:
            raise UnknownName("site", name, sorted(self._resets))
        reset()

    def start(self) -> None:
        """Serve in a thread of its own; return when calls are answered.

        Raise UserError where a port is taken.
        """
        if self._thread:
            raise SuiteError("the mock runs already")
        import uvicorn  # noqa: PLC0415 - takes longer than all the rest of the package

        with contextlib.ExitStack() as sockets:
            listening = [sockets.enter_context(_listen(self._host, port)) for port in self._ports]
            self._origins = [
                _origin(sock, "https" if self._tls and not index else "http") for index, sock in enumerate(listening)
            ]
            for site in self.sites.values():
                site.base_url = site.base_url or self.base_url
            self._ended = SimpleQueue()
            self._servers = [
                uvicorn.Server(_configuration(app, None if index else self._tls))
                for index, app in enumerate(self._applications())
            ]
            self._thread = threading.Thread(target=self._run, args=[listening], name="mock", daemon=True)
            self._thread.start()
            sockets.pop_all()  # the servers close them
        self._wait_for_start()

    def stop(self) -> None:
        """Answer the calls under way, then close all sockets. A server that does not run stays so."""
        for server in self._servers:
            server.should_exit = True
        if self._thread:
            self._thread.join()
        for site in self.sites.values():
            if site.base_url in self._origins:
                site.base_url = ""  # another start may get another port
        self._thread, self._servers, self._origins = None, [], []

    def serve_forever(self) -> None:
        """Serve until SIGINT or SIGTERM arrives, then stop. To be called in the main thread."""
        handled = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in handled}
        if not self._thread:
            self.start()
        try:
            for number in handled:
                # A SimpleQueue may be put to while it is waited for in the same thread; an Event may not.
                signal.signal(number, lambda number, _frame: self._ended.put(number))
            self._ended.get()
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _origin(self, index: int) -> str:
        if not self._origins:
            raise SuiteError("the mock has no address before it is started")
        return self._origins[index]

    def _applications(self) -> list[Starlette]:
        from conformance.mock.http import application  # noqa: PLC0415 - see endpoint

        service = application(self.sites, self._delay, self.faults)
        if len(self._ports) == 1:
            return [service]
        from conformance.mock.panel import panel  # noqa: PLC0415 - see endpoint

        return [service, panel(self)]

    def _run(self, listening: list[socket.socket]) -> None:
        async def serve() -> None:
            await asyncio.gather(
                *(server.serve(sockets=[sock]) for server, sock in zip(self._servers, listening, strict=True))
            )

        try:
            asyncio.run(serve())
        finally:
            for sock in listening:
                sock.close()
            self._ended.put(0)

    def _wait_for_start(self) -> None:
        deadline = time.monotonic() + _START_DEADLINE
        while not all(server.started for server in self._servers):
            if not (self._thread and self._thread.is_alive()) or time.monotonic() > deadline:
                self.stop()
                raise SuiteError("the mock did not start")
            time.sleep(0.001)


def _loopback(host: str) -> str:
    """Return the loopback address that ``host`` names; raise UserError where it names none."""
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise UserError(f"'{host}' is not an IP address; the mock serves 127.0.0.1 or ::1") from None
    if not address.is_loopback:
        raise UserError(f"the mock serves loopback addresses only, not '{host}'; use 127.0.0.1 or ::1")
    return str(address)


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise UserError(f"{port} is not a port; ports are 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off (40 ms an answer) only where the protocol is named.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(1024)
    except OSError as error:
        sock.close()
        raise UserError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    return sock


def _tls_files(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Return the files of a certificate and its key; raise UserError where they can not be used."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise UserError("HTTPS needs both a certificate and its key, as PEM files")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        for path in (certificate, key):
            if not path.is_file():
                raise UserError(f"{path}: no such file") from None
        raise UserError(f"{certificate} and {key} are no certificate and its key: {error}") from error
    return certificate, key


def _origin(sock: socket.socket, scheme: str) -> str:
    host, port = sock.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _configuration(app: Starlette, tls: tuple[Path, Path] | None) -> uvicorn.Config:
    """Return settings under which only errors are logged and the application makes all headers."""
    import uvicorn  # noqa: PLC0415 - see MockServer.start

    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=60,  # longer than clients keep one that they might use again
        timeout_graceful_shutdown=_GRACE,
        ssl_certfile=tls[0] if tls else None,
        ssl_keyfile=tls[1] if tls else None,
    )
