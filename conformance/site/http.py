"""Sending requests over HTTP: no redirects, no environment, hard limits on time and size.

HTTP libraries bound inactivity, not the whole exchange, and expand compressed bodies before anybody can
stop them; both bounds are kept here. What is used is the core of httpx2: an exchange takes two thirds of
the processor time it takes with all of httpx2, which brings redirects, cookies, proxies and content
decoding, none of them wanted here (0.34 to 0.52 ms, 2,000 calls on loopback).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterable
from datetime import UTC, datetime
from functools import cached_property

import httpcore2

from conformance.errors import ExchangeFault
from conformance.site.seam import Exchange
from conformance.wire.limits import MAX_BODY, MAX_DECODED, MAX_RATIO

CONNECT_SECONDS = 5.0
INACTIVITY_SECONDS = 15.0
DEADLINE_SECONDS = 60.0

_TIMEOUTS = {
    "timeout": {
        "connect": CONNECT_SECONDS,
        "pool": CONNECT_SECONDS,
        "read": INACTIVITY_SECONDS,
        "write": INACTIVITY_SECONDS,
    }
}
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (httpcore2.ConnectTimeout, "connect-timeout"),
    (httpcore2.TimeoutException, "inactivity"),
    (httpcore2.ConnectError, "refused"),
    (httpcore2.RemoteProtocolError, "framing"),
    (httpcore2.NetworkError, "reset"),
    (Exception, "transport"),
)


class HttpClient:
    """Posts requests to one endpoint, over a kept connection for each exchange that is under way."""

    def __init__(self, endpoint: str, deadline: float = DEADLINE_SECONDS) -> None:
        self.endpoint = endpoint
        self._deadline = deadline
        # A pool each: one for all would look at every connection before every request.
        self._idle: list[httpcore2.AsyncConnectionPool] = []

    async def post(self, request: bytes) -> Exchange:
        """Post one request; raise ExchangeFault where no complete answer came back in time."""
        return await self._exchange("POST", self.endpoint, request)

    async def get(self, url: str) -> Exchange:
        """Fetch a link; raise ExchangeFault where no complete answer came back in time."""
        return await self._exchange("GET", url, b"")

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await self._idle.pop().aclose()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _new_pool(self, url: httpcore2.URL) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=self._trust if url.scheme == b"https" else None, max_connections=1
        )

    async def _exchange(self, method: str, address: str, body: bytes) -> Exchange:
        url = _url(address)
        pool = self._idle.pop() if self._idle else self._new_pool(url)
        started, clock = datetime.now(UTC), time.perf_counter()
        try:
            async with asyncio.timeout(self._deadline):
                request = httpcore2.Request(
                    method, url, headers=_headers(url, body), content=body, extensions=_TIMEOUTS
                )
                response = await pool.handle_async_request(request)
                try:
                    received = await _read(response.aiter_stream())
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise ExchangeFault("deadline", f"no complete answer within {self._deadline:g} s") from error
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as error:
            raise ExchangeFault(_kind(error), str(error) or type(error).__name__) from error
        finally:
            self._idle.append(pool)
        headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
        return Exchange(
            request=body,
            status=response.status,
            headers=headers,
            body=_decoded(received, headers.get("content-encoding", "")),
            started=started,
            seconds=time.perf_counter() - clock,
        )


def _url(address: str) -> httpcore2.URL:
    """Read an address, which a mail of the site may have held."""
    try:
        url = httpcore2.URL(address)
    except (ValueError, TypeError) as error:
        raise ExchangeFault("address", f"{address[:200]!r} is no address: {error}") from error
    if url.scheme not in (b"http", b"https") or not url.host:
        raise ExchangeFault("address", f"{address[:200]!r} is no address of the web")
    return url


def _kind(error: BaseException) -> str:
    """Name a fault by what lies under it: TLS and names that do not exist end in a ConnectError too."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError | socket.gaierror):
            return "tls" if isinstance(cause, ssl.SSLError) else "dns"
        cause = cause.__cause__ or cause.__context__
    return next(kind for cls, kind in _FAULTS if isinstance(error, cls))


def _headers(url: httpcore2.URL, body: bytes) -> list[tuple[bytes, bytes]]:
    port = b"" if url.port is None else b":%d" % url.port
    headers = [(b"Host", url.host + port), (b"Accept-Encoding", b"identity")]
    if body:
        headers += [(b"Content-Type", b"text/xml; charset=UTF-8"), (b"Content-Length", b"%d" % len(body))]
    return headers


async def _read(stream: AsyncIterable[bytes]) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > MAX_BODY:
            raise ExchangeFault("too-large", f"the body is larger than {MAX_BODY} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _decoded(body: bytes, encoding: str) -> bytes:
    """Undo a content encoding that we did not ask for, within bounds."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    if encoding.strip().lower() not in ("gzip", "deflate"):
        raise ExchangeFault("encoding", f"content encoding '{encoding[:40]}' was not asked for")
    limit = min(MAX_DECODED, max(len(body), 1) * MAX_RATIO)
    expander = zlib.decompressobj(wbits=47)  # gzip or zlib, told by their headers
    try:
        decoded = expander.decompress(body, limit + 1)
    except zlib.error as error:
        raise ExchangeFault("encoding", f"the body is not {encoding}: {error}") from error
    if len(decoded) > limit:
        raise ExchangeFault("too-large", f"the body expands beyond {limit} bytes")
    if not expander.eof:
        raise ExchangeFault("truncated", f"the {encoding} body ends early")
    if expander.unused_data:
        raise ExchangeFault("encoding", f"{len(expander.unused_data)} bytes follow the {encoding} body")
    return decoded
