"""Sending requests over HTTP: no redirects, no environment, hard limits on time and size.

HTTP libraries bound inactivity, not the whole exchange, and expand compressed bodies before anybody can
stop them; both bounds are kept here.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from datetime import UTC, datetime
from typing import Any

import httpx2

from conformance.errors import ExchangeFault
from conformance.site.seam import Exchange
from conformance.wire.limits import MAX_BODY, MAX_DECODED, MAX_RATIO

CONNECT_SECONDS = 5.0
INACTIVITY_SECONDS = 15.0
DEADLINE_SECONDS = 60.0

_HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "Accept-Encoding": "identity"}
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (httpx2.ConnectTimeout, "connect-timeout"),
    (httpx2.TimeoutException, "inactivity"),
    (httpx2.ConnectError, "refused"),
    (httpx2.RemoteProtocolError, "framing"),
    (httpx2.NetworkError, "reset"),
    (httpx2.TransportError, "transport"),
)


class HttpClient:
    """Posts requests to one endpoint, several at once over kept connections."""

    def __init__(self, endpoint: str, connections: int, deadline: float = DEADLINE_SECONDS) -> None:
        self.endpoint = endpoint
        self._deadline = deadline
        self._client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(INACTIVITY_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers=_HEADERS,
        )

    async def post(self, request: bytes) -> Exchange:
        """Post one request; raise ExchangeFault where no complete answer came back in time."""
        return await self._exchange("POST", self.endpoint, request)

    async def get(self, url: str) -> Exchange:
        """Fetch a link; raise ExchangeFault where no complete answer came back in time."""
        return await self._exchange("GET", url, b"")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _exchange(self, method: str, url: str, request: bytes) -> Exchange:
        started, clock = datetime.now(UTC), time.perf_counter()
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._client.stream(method, url, content=request or None) as response,
            ):
                body = await _read(response)
                return Exchange(
                    request=request,
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=_decoded(body, response.headers.get("content-encoding", "")),
                    started=started,
                    seconds=time.perf_counter() - clock,
                )
        except TimeoutError as error:
            raise ExchangeFault("deadline", f"no complete answer within {self._deadline:g} s") from error
        except httpx2.TransportError as error:
            kind = next(kind for cls, kind in _FAULTS if isinstance(error, cls))
            raise ExchangeFault(kind, str(error) or type(error).__name__) from error


async def _read(response: Any) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
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
    return decoded
