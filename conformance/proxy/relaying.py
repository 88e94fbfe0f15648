"""The ASGI application of the proxy: what comes in goes to the site, what comes back goes to the client."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import ClassVar, Final

from starlette.types import Receive, Scope, Send

from conformance.mock.connection import Connection as Kept
from conformance.mock.connection import refuse_the_rest
from conformance.mock.http import SERVICE_PATH, read_body, served_path
from conformance.proxy.passed import Headers, Passed
from conformance.site.http import HttpClient, Relayed
from conformance.wire.carried import MAX_CARRIED

_HOP_BY_HOP: Final = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    )
)
"""Headers of one connection, which are never passed on (RFC 9110)."""
_OURS: Final = _HOP_BY_HOP | {b"host", b"content-length", b"expect"}
"""Headers of a request that the connection to the site has of its own."""
_TEXT: Final = (b"content-type", b"text/plain; charset=UTF-8")
_SLOWEST: Final = 60.0
"""Seconds that a client may take for a request."""
_LAST_WORDS: Final = 3.0
"""Seconds that a client may take for what is sent before its connection is broken off."""
_AT_A_TIME: Final = 64
"""Exchanges that are under way or being written down; the others wait."""


class Connection(Kept):
    """A connection of a client that can be broken off, as a site does: HTTP servers know no such answer."""

    open: ClassVar[dict[tuple[str, int], Connection]] = {}
    """Those of all clients, by the address of each."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        self._peer = transport.get_extra_info("peername")[:2]
        self._over = asyncio.Event()
        self.open[self._peer] = self

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.open.pop(self._peer, None)
        self._over.set()
        super().connection_lost(exc)

    async def break_off(self) -> None:
        """Send what was written, and close."""
        self.transport.close()
        try:
            await asyncio.wait_for(self._over.wait(), _LAST_WORDS)
        except TimeoutError:  # nobody reads it
            self.transport.abort()
            await self._over.wait()


class Relay:
    """Passes requests on to the one address that ``client`` posts to. ``passed`` is called after each answer."""

    def __init__(self, client: HttpClient, passed: Callable[[Passed], None]) -> None:
        self._client = client
        self._passed = passed
        self._numbers = itertools.count(1)
        self._slots = asyncio.Semaphore(_AT_A_TIME)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a client."""
        if served_path(scope) != SERVICE_PATH:
            await _refuse(send, 404, f"This proxy passes on what is sent to {SERVICE_PATH}, and nothing else.")
            return
        if scope["method"] not in ("GET", "POST"):
            await _refuse(send, 405, "This proxy passes on GET and POST.")
            return
        try:
            async with asyncio.timeout(_SLOWEST):
                body = await read_body(scope, receive, MAX_CARRIED)
        except TimeoutError:
            await _break_off(scope)
            return
        if body is None:
            sentence = f"This proxy passes on {MAX_CARRIED} bytes at most.\n"
            await refuse_the_rest(receive, send, 413, [_TEXT], sentence.encode())
            return
        async with self._slots:
            number = next(self._numbers)
            headers = [(name, value) for name, value in scope["headers"] if name not in _OURS]
            answer = await self._client.relay(scope["method"], scope["query_string"], headers, body)
            # It came, so it is recorded, whether or not the client is there to take it.
            try:
                await _answer(scope, send, answer)
            finally:
                await asyncio.to_thread(self._passed, self._seen(number, scope, body, answer))

    def _seen(self, number: int, scope: Scope, body: bytes, answer: Relayed) -> Passed:
        return Passed(
            number=number,
            method=scope["method"],
            path=scope["raw_path"],
            url=self._client.endpoint,
            query=scope["query_string"],
            headers=scope["headers"],
            body=body,
            status=answer.status,
            answer_headers=answer.headers,
            answer=answer.body,
            started=answer.started,
            seconds=answer.seconds,
            fault=answer.fault,
        )


async def _answer(scope: Scope, send: Send, answer: Relayed) -> None:
    if not answer.status:
        await _break_off(scope)
        return
    headers: Headers = [(name.lower(), value) for name, value in answer.headers if name.lower() not in _HOP_BY_HOP]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": answer.fault is not None})
    if answer.fault is not None:
        await _break_off(scope)


async def _break_off(scope: Scope) -> None:
    """Close the connection of a client where its answer ends, as the site did."""
    connection = Connection.open.get(tuple(scope["client"]))
    if connection is not None:
        await connection.break_off()


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = f"{sentence}\n".encode()
    headers = [
        _TEXT,
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
