"""ASGI applications on loopback ports: in a thread of their own for tests, in the foreground for people.

Nothing else than loopback addresses is served: who serves here guards no secret.
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
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from conformance.errors import SuiteError, UserError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_START_DEADLINE = 30.0
_LOOK = 0.1
"""Seconds between two looks at what ended a server."""
_GRACE = 3
"""Whole seconds that calls under way are given when a server stops."""


class Serving:
    """Serves each of some applications on a port of its own (0: any free one); the first may speak HTTPS.

    ``protocol`` makes the connections of the first one, where they are to do more than those of the mock. ``at_end``
    is awaited in the loop of the servers after the last call.
    """

    def __init__(
        self,
        host: str,
        ports: Sequence[int],
        tls: tuple[Path, Path] | None = None,
        *,
        protocol: type[asyncio.Protocol] | None = None,
        at_end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.origins: list[str] = []
        """The addresses that are served, as ``http://127.0.0.1:8080``; none before the start."""
        self._host = _loopback(host)
        self._ports = ports
        self._tls = tls
        self._protocol = protocol
        self._at_end = at_end
        self._servers: list[uvicorn.Server] = []
        self._thread: threading.Thread | None = None
        self._ended: SimpleQueue[int] = SimpleQueue()

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._thread is not None

    def start(self, applications: Callable[[], Sequence[ASGIApp]]) -> None:
        """Serve in a thread of its own; return when calls are answered.

        ``applications`` is called when the addresses are known. Raise UserError where a port is taken.
        """
        if self._thread:
            raise SuiteError("the server runs already")
        import uvicorn  # noqa: PLC0415 - takes longer than all the rest of the package

        with contextlib.ExitStack() as sockets:
            listening = [sockets.enter_context(_listen(self._host, port)) for port in self._ports]
            self.origins = [
                _origin(sock, "https" if self._tls and not index else "http") for index, sock in enumerate(listening)
            ]
            self._ended = SimpleQueue()
            self._servers = [
                uvicorn.Server(_configuration(app, *((None, None) if index else (self._tls, self._protocol))))
                for index, app in enumerate(applications())
            ]
            self._thread = threading.Thread(target=self._run, args=[listening], name="serving", daemon=True)
            self._thread.start()
            sockets.pop_all()  # the servers close them
        self._wait_for_start()

    def stop(self) -> None:
        """Answer the calls under way, then close all sockets. A server that does not run stays so."""
        for server in self._servers:
            server.should_exit = True
        if self._thread:
            self._thread.join()
        self._thread, self._servers, self.origins = None, [], []

    def end(self) -> None:
        """Let ``wait`` return. May be called in any thread."""
        self._ended.put(0)

    def wait(self, then: Callable[[], None]) -> None:
        """Wait until SIGINT or SIGTERM arrives, or the servers end; then do that, undisturbed by another signal.

        To be called in the main thread.
        """
        handled = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in handled}
        try:
            for number in handled:
                # A SimpleQueue may be put to while it is waited for in the same thread; an Event may not.
                signal.signal(number, lambda number, _frame: self._ended.put(number))
            self._wait_for_end()
        finally:
            then()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait_for_end(self) -> None:
        """Wait, and look now and then: a signal that comes just before a thread goes to sleep does not wake it."""
        while True:
            with contextlib.suppress(Empty):
                self._ended.get(timeout=_LOOK)
                return

    def _run(self, listening: list[socket.socket]) -> None:
        async def serve() -> None:
            await asyncio.gather(
                *(server.serve(sockets=[sock]) for server, sock in zip(self._servers, listening, strict=True))
            )
            if self._at_end is not None:
                await self._at_end()

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
                raise SuiteError("the server did not start")
            time.sleep(0.001)


def _loopback(host: str) -> str:
    """Return the loopback address that ``host`` names; raise UserError where it names none."""
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise UserError(f"'{host}' is not an IP address; use 127.0.0.1 or ::1") from None
    if not address.is_loopback:
        raise UserError(f"loopback addresses only are served, not '{host}'; use 127.0.0.1 or ::1")
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


def tls_files(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
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


def _configuration(
    app: ASGIApp, tls: tuple[Path, Path] | None, protocol: type[asyncio.Protocol] | None
) -> uvicorn.Config:
    """Return settings under which only errors are logged and the application makes all headers."""
    import uvicorn  # noqa: PLC0415 - see Serving.start

    from conformance.mock.connection import Connection  # noqa: PLC0415

    return uvicorn.Config(
        app,
        loop="asyncio",
        http=protocol or Connection,
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
