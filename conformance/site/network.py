"""The sockets below the HTTP library: which address is contacted, and how far an exchange came on the wire.

httpcore2 tells that something failed, not whether a byte had been sent or what had come; its seam for network
backends is where both can be seen. The standard backend does the work.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpcore2

from conformance.errors import ExchangeFault
from conformance.site import tls
from conformance.site.addresses import Addresses
from conformance.site.transport import Transport

_STANDARD = httpcore2.AnyIOBackend()
_KEPT = 256
"""Bytes of the beginning of an answer that are kept to tell what spoke."""


class Network(httpcore2.AsyncNetworkBackend):
    """Opens the connections of one lane, and knows the last one."""

    def __init__(
        self,
        transport: Transport,
        addresses: Addresses,
        proxy_host: str,
        on_expiry: Callable[[datetime | None], None],
    ) -> None:
        self._transport = transport
        self._addresses = addresses
        self._proxy_host = proxy_host
        self.on_expiry = on_expiry
        """Called with the end of the certificate of each peer."""
        self.wire: Wire | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours goes for the name too
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of a name that answers; raise ExchangeFault where none does."""
        loop = asyncio.get_running_loop()
        seconds = self._transport.connect_seconds
        end = loop.time() + seconds
        pinned = self._addresses.knows(host)
        addresses = await self._addresses.of(host, seconds, anywhere=host == self._proxy_host)
        failures: list[tuple[str, Exception]] = []
        for tried, address in enumerate(addresses):
            # A dead address must leave time for the living one behind it.
            share = max(end - loop.time(), 0.01) / (len(addresses) - tried)
            try:
                stream = await _STANDARD.connect_tcp(
                    address, port, timeout=share, local_address=local_address, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failures.append((address, error))
                continue
            self._addresses.prefer(host, address)
            self.wire = Wire(stream, self, (address, port))
            return self.wire
        if pinned and (changed := await self._addresses.changed(host, min(seconds, 1.0))):
            raise ExchangeFault("address-changed", changed, sent=False)
        raise _unreachable(host, port, failures)

    async def certificate_for_another(self, address: tuple[str, int], host: str) -> Mapping[str, Any] | None:
        """Look at the certificate that was refused for its name: the ssl module shows none that it refused.

        A second connection, on which nothing but the handshake happens; the issuer must be trusted here too.
        """
        seconds = self._transport.connect_seconds
        try:
            plain = await _STANDARD.connect_tcp(*address, timeout=seconds)
            try:
                context = tls.trust(self._transport.ca_file, any_name=True)
                return _certificate(await plain.start_tls(context, host, timeout=seconds))
            finally:
                await plain.aclose()
        except (httpcore2.NetworkError, httpcore2.TimeoutException, OSError):
            return None


class Wire(httpcore2.AsyncNetworkStream):
    """A connection, and what went over it in the exchange that is under way."""

    def __init__(
        self, inner: httpcore2.AsyncNetworkStream, network: Network, address: tuple[str, int], layers: int = 0
    ) -> None:
        self._inner = inner
        self._network = network
        self._address = address
        self.layers = layers
        """How many handshakes of TLS are done."""
        self.begin()

    def begin(self) -> None:
        """Count anew, for another exchange."""
        self.written = False
        self.received = 0
        self.first = b""
        self.ended = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is."""
        try:
            data = await self._inner.read(max_bytes, timeout)
        except ssl.SSLError as error:  # an alert, or bytes that are no TLS; httpcore2 lets it through
            raise httpcore2.ReadError(error) from error
        if len(self.first) < _KEPT:
            self.first += data[: _KEPT - len(self.first)]
        self.received += len(data)
        self.ended = not data
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self.written = True
        try:
            await self._inner.write(buffer, timeout)
        except ssl.SSLError as error:
            raise httpcore2.WriteError(error) from error

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return the connection with TLS on it; raise ExchangeFault where the handshake fails."""
        host = server_hostname or ""
        try:
            stream = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:  # the deadline; httpcore2 would leave the connection open
            await self._inner.aclose()
            raise
        except httpcore2.ConnectTimeout as error:
            detail = f"{host} did not end the TLS handshake in {timeout:g} s"
            raise ExchangeFault("connect-timeout", detail, sent=False) from error
        except ValueError as error:  # of the ssl module
            raise ExchangeFault("address", f"{host!r} is no name of a host: {error}", sent=False) from error
        except (httpcore2.ConnectError, OSError) as error:
            raise await self._handshake_fault(error, host) from error
        secured = Wire(stream, self._network, self._address, self.layers + 1)
        self._network.wire = secured
        self._network.on_expiry(tls.expiry(_certificate(stream)))
        return secured

    def get_extra_info(self, info: str) -> Any:
        """Tell of the connection what httpcore2 asks for."""
        return self._inner.get_extra_info(info)

    async def _handshake_fault(self, error: Exception, host: str) -> ExchangeFault:
        cause = next((one for one in causes(error) if isinstance(one, ssl.SSLError)), None)
        if cause is None or isinstance(cause, ssl.SSLEOFError | ssl.SSLWantReadError):
            return ExchangeFault("tls", f"handshake: {host} closed the connection", sent=False)
        certificate = None
        # Behind a proxy, the address is that of the proxy.
        if getattr(cause, "verify_code", 0) in tls.NAME_MISMATCHES and not self.written:
            certificate = await self._network.certificate_for_another(self._address, host)
        kind, detail = tls.explained(cause, host, certificate)
        return ExchangeFault(kind, detail, sent=False)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Go from an error to those that lie under it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def system_error(error: BaseException) -> str:
    """Return what the system says of an error; '' where it says nothing."""
    numbers = (one.errno for one in causes(error) if isinstance(one, OSError) and not isinstance(one, ssl.SSLError))
    return next((os.strerror(number) for number in numbers if number), "")


def _certificate(stream: httpcore2.AsyncNetworkStream) -> Mapping[str, Any] | None:
    ssl_object = stream.get_extra_info("ssl_object")
    shown: Mapping[str, Any] | None = ssl_object.getpeercert() if ssl_object is not None else None
    return shown


def _unreachable(host: str, port: int, failures: Sequence[tuple[str, Exception]]) -> ExchangeFault:
    silent = all(isinstance(error, httpcore2.ConnectTimeout) for _, error in failures)
    told = []
    for address, error in failures:
        reason = "no answer" if isinstance(error, httpcore2.ConnectTimeout) else system_error(error) or str(error)
        told.append(f"{address} port {port}: {reason}")
    name = "" if [address for address, _ in failures] == [host] else f"{host}: "
    return ExchangeFault("connect-timeout" if silent else "refused", name + "; ".join(told), sent=False)
