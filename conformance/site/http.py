"""Sending requests over HTTP: no redirects, no cookies, no environment, hard limits on time and size.

HTTP libraries bound inactivity, not the whole exchange, and expand compressed bodies before anybody can
stop them; both bounds are kept here. What is used is the core of httpx2: an exchange takes two thirds of
the processor time it takes with all of httpx2, which brings redirects, cookies, the environment's proxies and
content decoding, none of them wanted here (0.34 to 0.52 ms, 2,000 calls on loopback).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import httpcore2

from conformance.errors import ExchangeFault
from conformance.site import tls
from conformance.site.addresses import Addresses, Resolver, is_literal, kind_of, system_resolver
from conformance.site.body import EVIDENCE, collect, decoded
from conformance.site.faults import Answer, meaning
from conformance.site.network import Network
from conformance.site.seam import Exchange
from conformance.site.transport import Transport, endpoint_url, web_address

_DEFAULT = Transport()
_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)
_AGAIN = (301, 307, 308)
"""Redirects after which the same request goes to the other address."""
_AGAIN_BY_GET = (*_AGAIN, 302, 303)


class HttpClient:
    """Posts requests to one endpoint, over a kept connection for each exchange that is under way.

    Raises UserError where the endpoint would be reached in the clear or the CA file can not be used.
    """

    def __init__(self, endpoint: str, transport: Transport = _DEFAULT, *, resolver: Resolver = system_resolver) -> None:
        self.endpoint = endpoint
        self.certificate_expires: datetime | None = None
        """When the certificate of the last peer ends; None as long as none was seen."""
        self._url = endpoint_url(endpoint)
        self._transport = transport
        self._hosts = {self._url.host, *(host.lower().encode() for host in transport.link_hosts)}
        self._addresses = Addresses(transport.private_addresses, resolver)
        self._proxy = urlsplit(transport.proxy)
        self._idle: dict[bytes, list[_Lane]] = {b"http": [], b"https": []}
        if transport.ca_file is not None:
            _ = self._trust  # a file that can not be used is told now

    async def post(self, request: bytes) -> Exchange:
        """Post one request; raise ExchangeFault where no complete answer came back in time."""
        return await self._send("POST", self._url, request)

    async def get(self, url: str) -> Exchange:
        """Fetch a link to a host that may be contacted; raise ExchangeFault where no complete answer came in time."""
        try:
            link = web_address(url)
        except ValueError as error:
            raise ExchangeFault("address", str(error), sent=False) from error
        if link.host not in self._hosts:
            detail = f"links to {link.host.decode()} are not followed; link_hosts names the hosts that may be contacted"
            raise ExchangeFault("address", detail, sent=False)
        return await self._send("GET", link, b"")

    async def relay(self, method: str, query: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Relayed:
        """Pass a request of somebody else on to the endpoint, with these headers, and return the answer as it came.

        ``query`` is added to the endpoint's address; its host replaces that of the headers. Redirects are not followed
        and nothing is decoded. Never raises ExchangeFault: what came of an answer that broke off is returned with it.
        """
        target = self._url.target + (b"?" + query if query else b"")
        url = httpcore2.URL(scheme=self._url.scheme, host=self._url.host, port=self._url.port, target=target)
        end = asyncio.get_running_loop().time() + self._transport.deadline_seconds
        request = httpcore2.Request(
            method,
            url,
            headers=[(b"Host", _host(url)), *headers, *_length(method, body)],
            content=body,
            extensions={"timeout": self._timeouts},
        )
        answer = Answer()
        started, clock = datetime.now(UTC), time.perf_counter()
        broken: ExchangeFault | None = None
        try:
            await self._fetch(request, answer, end)
        except ExchangeFault as fault:
            broken = fault
        return Relayed(answer.status, answer.lines, bytes(answer.body), started, time.perf_counter() - clock, broken)

    async def close(self) -> None:
        """Close all connections."""
        for lanes in self._idle.values():
            while lanes:
                await lanes.pop().pool.aclose()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return tls.trust(self._transport.ca_file)

    async def _send(self, method: str, url: httpcore2.URL, body: bytes) -> Exchange:
        end = asyncio.get_running_loop().time() + self._transport.deadline_seconds
        exchange = await self._exchange(method, url, body, end)
        if not self._transport.follow_same_host or exchange.status not in (_AGAIN if body else _AGAIN_BY_GET):
            return exchange
        location = exchange.headers.get("location", "")
        try:
            target = web_address(urljoin(bytes(url).decode(), location))
        except ValueError:
            return exchange
        if target.origin != url.origin:
            return exchange
        second = await self._exchange(method, target, body, end)
        return Exchange(
            second.request,
            second.status,
            second.headers,
            second.body,
            exchange.started,
            exchange.seconds + second.seconds,
            (f"HTTP {exchange.status} to {location}, followed",),
        )

    async def _exchange(self, method: str, url: httpcore2.URL, body: bytes, end: float) -> Exchange:
        answer = Answer()
        started, clock = datetime.now(UTC), time.perf_counter()
        request = httpcore2.Request(
            method, url, headers=_headers(url, body), content=body, extensions={"timeout": self._timeouts}
        )
        await self._fetch(request, answer, end)
        try:
            received = _decoded(answer)
        except ExchangeFault as fault:
            fault.partial = fault.partial or bytes(answer.body[:EVIDENCE])
            raise
        return Exchange(body, answer.status, answer.headers, received, started, time.perf_counter() - clock)

    async def _fetch(self, request: httpcore2.Request, answer: Answer, end: float) -> None:
        """Send a request and read what comes back into ``answer``; raise ExchangeFault where that is not all."""
        lane = self._lane(request.url)
        try:
            async with asyncio.timeout_at(end):
                await lane.fetch(request, answer)
        except ExchangeFault as fault:
            fault.partial = fault.partial or bytes(answer.body[:EVIDENCE])
            raise
        except TimeoutError as error:
            detail = f"no complete answer within {self._transport.deadline_seconds:g} s"
            raise lane.fault("deadline", detail, answer) from error
        except _ERRORS as error:
            kind, detail = meaning(error, lane.network.wire, answer, self._transport.inactivity_seconds)
            raise lane.fault(kind, detail, answer) from error
        finally:
            self._idle[request.url.scheme].append(lane)

    def _lane(self, url: httpcore2.URL) -> _Lane:
        idle = self._idle[url.scheme]
        if idle:
            lane = idle.pop()
            if lane.network.wire is not None:
                lane.network.wire.begin()
            return lane
        network = Network(self._transport, self._addresses, self._proxy.hostname or "", self._seen)
        if url.scheme == b"http":
            return _Lane(network, httpcore2.AsyncConnectionPool(max_connections=1, network_backend=network), 0)
        if not self._transport.proxy:
            pool = httpcore2.AsyncConnectionPool(self._trust, max_connections=1, network_backend=network)
            return _Lane(network, pool, 1)
        return self._proxied(url, network)

    def _proxied(self, url: httpcore2.URL, network: Network) -> _Lane:
        """Return a lane through the proxy, which looks names up itself: only a literal address can be refused here."""
        host = url.host.decode()
        if is_literal(host) and kind_of(host) and not self._transport.private_addresses:
            detail = f"{host} is a {kind_of(host)} address; contacted only where private_addresses says so"
            raise ExchangeFault("address", detail, sent=False)
        auth = self._transport.proxy_auth
        secured = self._proxy.scheme == "https"
        proxy = httpcore2.Proxy(
            self._transport.proxy,
            auth=None if auth is None else (auth[0].encode(), auth[1].encode()),
            ssl_context=self._trust if secured else None,
        )
        pool = httpcore2.AsyncConnectionPool(self._trust, proxy=proxy, max_connections=1, network_backend=network)
        return _Lane(network, pool, 2 if secured else 1)

    def _seen(self, expires: datetime | None) -> None:
        self.certificate_expires = expires

    @cached_property
    def _timeouts(self) -> dict[str, float]:
        connect, inactivity = self._transport.connect_seconds, self._transport.inactivity_seconds
        return {"connect": connect, "pool": connect, "read": inactivity, "write": inactivity}


@dataclass(frozen=True, slots=True)
class Relayed:
    """An answer as it came: nothing of it is decoded, and no header left out."""

    status: int
    """0 where no answer began."""
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    started: datetime
    seconds: float
    fault: ExchangeFault | None = None
    """Why there is no more of it."""


class _Lane:
    """A connection at a time. One pool for all would look at every connection before every request."""

    def __init__(self, network: Network, pool: httpcore2.AsyncConnectionPool, layers: int) -> None:
        self.network = network
        self.pool = pool
        self._layers = layers
        """Of TLS, below which nothing of a request is written."""

    async def fetch(self, request: httpcore2.Request, answer: Answer) -> None:
        """Send a request and read what comes back into ``answer``."""
        response = await self.pool.handle_async_request(request)
        try:
            answer.take_head(response)
            await collect(response.aiter_stream(), answer.body, answer.announced)
        except ExchangeFault as fault:
            if fault.kind != "too-large" or answer.status == 200:
                raise  # of any other status, nobody reads the body
        finally:
            await response.aclose()
        if _has_more(self.pool):
            await self.pool.aclose()

    def fault(self, kind: str, detail: str, answer: Answer) -> ExchangeFault:
        """Return a fault of the exchange that was under way."""
        wire = self.network.wire
        sent = wire is not None and wire.written and wire.layers >= self._layers
        return ExchangeFault(kind, detail, sent=sent, partial=bytes(answer.body[:EVIDENCE]))


def _has_more(pool: httpcore2.AsyncConnectionPool) -> bool:
    """Tell whether bytes came behind an answer: they would be taken for the answer to the next request.

    httpcore2 keeps them and does not tell; where its insides are not as known, the connection is not kept.
    """
    for connection in pool.connections:
        while (inner := getattr(connection, "_connection", None)) is not None:
            connection = inner  # noqa: PLW2901
        state = getattr(connection, "_h11_state", None)
        if state is None or state.trailing_data[0]:
            return True
    return False


def _decoded(answer: Answer) -> bytes:
    try:
        return decoded(answer.body, answer.headers.get("content-encoding", ""))
    except ExchangeFault:
        if answer.status == 200:
            raise
        return bytes(answer.body)  # what counts is the status


def _headers(url: httpcore2.URL, body: bytes) -> list[tuple[bytes, bytes]]:
    headers = [(b"Host", _host(url)), (b"Accept-Encoding", b"identity")]
    if body:
        headers += [(b"Content-Type", b"text/xml; charset=UTF-8"), (b"Content-Length", b"%d" % len(body))]
    return headers


def _length(method: str, body: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"Content-Length", b"%d" % len(body))] if body or method == "POST" else []


def _host(url: httpcore2.URL) -> bytes:
    host = b"[%b]" % url.host if b":" in url.host else url.host
    return host if url.port is None else b"%b:%d" % (host, url.port)
