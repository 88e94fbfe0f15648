"""Servers on loopback that keep no promise of TCP, TLS or HTTP."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trustme

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server whose connections are handed to ``handler``, once a request was read.

    With ``tls``, a connection counts when its handshake is done.
    """

    handler: Handler
    reads: bool = True
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    name: str = "127.0.0.1"
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)
    """All bytes of requests that came, complete or not."""
    connections: int = 0

    async def __aenter__(self) -> Server:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._connected, self.host, self.port, ssl=self.tls, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def endpoint(self) -> str:
        """Where requests go."""
        return f"{'https' if self.tls else 'http'}://{self.name}:{self.port}/service"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            if self.reads:
                await self.read(reader)
            await self.handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client left
        finally:
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """Read one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            request = head + await reader.readexactly(sum(lengths))
        except asyncio.IncompleteReadError as error:
            self.seen += error.partial
            raise
        self.seen += request
        self.requests.append(request)
        return request


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return the bytes of an answer of that length."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def answering(*parts: bytes) -> Handler:
    """Return a handler that writes ``parts`` and closes."""

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return handle


def endless(head: bytes, part: bytes) -> Handler:
    """Return a handler that writes ``part`` as long as it is read."""

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(part)
            await writer.drain()

    return handle


def dripping(head: bytes, drop: bytes, seconds: float = 0.05) -> Handler:
    """Return a handler that writes ``drop`` again and again, slowly."""

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(seconds)

    return handle


async def never(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await asyncio.Event().wait()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break the connection off, without the goodbye of TCP."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def reset_in_the_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break off after some bytes of the request."""
    await reader.readexactly(20)
    await reset(reader, writer)


def reset_after(begun: bytes) -> Handler:
    """Return a handler that breaks off in the middle of its answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        await writer.drain()
        await asyncio.sleep(0.05)
        await reset(reader, writer)

    return handle


async def old_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a ClientHello as a server does that knows nothing newer than TLS 1.1."""
    await reader.read(1)
    writer.write(b"\x15\x03\x01\x00\x02\x02\x46")  # alert, fatal, protocol_version


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Silent:
    """A port of an address whose connections are never accepted: its queue is full."""

    def __init__(self, address: str, port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._sockets = [socket.socket(family, socket.SOCK_STREAM)]
        self._sockets[0].bind((address, port))
        self._sockets[0].listen(0)
        self.port = int(self._sockets[0].getsockname()[1])
        for _ in range(4):
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect_ex((address, self.port))
            self._sockets.append(sock)

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self._sockets:
            sock.close()


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return the context of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
