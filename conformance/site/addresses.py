"""Names to addresses: asked once, kept for good, and only those that may be contacted.

A name that first leads to the site and later to a machine of our own network (DNS rebinding) would make the
suite send its requests there; so the first answer counts, and private addresses need leave.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from conformance.errors import ExchangeFault

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the addresses of a name, best first; raises OSError where there are none."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def system_resolver(host: str) -> Sequence[str]:
    """Ask the system for the addresses of a name.

    The thread is a daemon: a name server that does not answer can not be given up, and must not keep us from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(found: Sequence[str], error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)

    def ask() -> None:
        found: list[str] = []
        failed: Exception | None = None
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError) as error:
            failed = error
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(settle, found, failed)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return await answer


class Addresses:
    """The addresses of names, as they were when first asked for."""

    def __init__(self, private: bool = False, resolver: Resolver = system_resolver) -> None:
        self._private = private
        self._resolver = resolver
        self._pinned: dict[str, list[str]] = {}
        self._asking = asyncio.Lock()

    def knows(self, host: str) -> bool:
        """Tell whether the addresses of a name are pinned."""
        return host in self._pinned

    async def of(self, host: str, seconds: float, *, anywhere: bool = False) -> Sequence[str]:
        """Return the addresses to try, best first; ``anywhere`` lets them be private, for a proxy.

        Raises ExchangeFault ``dns`` where there are none and ``address`` where none of them may be contacted.
        """
        if host not in self._pinned:
            async with self._asking:
                if host not in self._pinned:
                    self._pinned[host] = self._allowed(host, await self._ask(host, seconds), anywhere)
        return tuple(self._pinned[host])

    def prefer(self, host: str, address: str) -> None:
        """Put an address that works before the others."""
        pinned = self._pinned[host]
        if pinned[0] != address:
            pinned.remove(address)
            pinned.insert(0, address)

    async def changed(self, host: str, seconds: float) -> str:
        """Tell what a name whose addresses do not answer leads to now, where that is something else; else ''.

        The new addresses are for the report: they are never contacted.
        """
        try:
            now = await self._ask(host, seconds)
        except ExchangeFault:
            return ""
        before = self._pinned[host]
        if not set(now).isdisjoint(before):
            return ""
        return f"{host} was {', '.join(before)} when the run began and is {', '.join(now)} now, which was not contacted"

    async def _ask(self, host: str, seconds: float) -> Sequence[str]:
        if is_literal(host):
            return [host]
        try:
            async with asyncio.timeout(seconds):
                found = await self._resolver(host)
        except TimeoutError as error:
            raise ExchangeFault("dns", f"no name server answered for {host} in {seconds:g} s", sent=False) from error
        except (OSError, UnicodeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise ExchangeFault("dns", f"{host}: {reason}", sent=False) from error
        if not found:
            raise ExchangeFault("dns", f"{host} has no address", sent=False)
        return found

    def _allowed(self, host: str, found: Sequence[str], anywhere: bool) -> list[str]:
        if host == "localhost":  # http: is allowed to it, so it must be what it says
            found = [address for address in found if kind_of(address) == "loopback"]
        kinds = {address: kind_of(address) for address in found}
        usable = [address for address, kind in kinds.items() if not kind or self._private or anywhere]
        if usable:
            return usable
        if not kinds:
            raise ExchangeFault("address", f"{host} leads to no loopback address", sent=False)
        told = ", ".join(f"{kind} address {address}".removesuffix(f" {host}") for address, kind in kinds.items())
        raise ExchangeFault(
            "address", f"{host} is a {told}; contacted only where private_addresses says so", sent=False
        )


def is_literal(host: str) -> bool:
    """Tell whether a host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def kind_of(address: str) -> str:
    """Return what keeps an address from being one of the internet (``loopback``, ``private``, ...); '' for nothing."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        # An address of IPv4 reaches the same machine in whatever form it is written.
        ip = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip)
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if ip.is_global and not ip.is_multicast:
        return ""
    return "private" if ip.is_private and not ip.is_unspecified else "reserved"
