"""How a site is reached: what may be contacted, through what, and how long it may take."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpcore2

from conformance.errors import UserError


@dataclass(frozen=True, slots=True)
class Transport:
    """The settings of a client. Raises UserError where the proxy is none."""

    ca_file: Path | None = None
    """Certificates (PEM) that are trusted, instead of those of the system."""
    proxy: str = ""
    """URL of the proxy that https goes through, without credentials; empty for none. The environment's are not used."""
    proxy_auth: tuple[str, str] | None = field(default=None, repr=False)
    """User and password for the proxy."""
    private_addresses: bool = False
    """Whether the site may have a loopback, private or link-local address."""
    link_hosts: frozenset[str] = frozenset()
    """Hosts, beside that of the endpoint, that links in mails may lead to."""
    connect_seconds: float = 5.0
    """For a name and all its addresses together, and again for the TLS handshake."""
    inactivity_seconds: float = 15.0
    """How long the server may say nothing."""
    deadline_seconds: float = 60.0
    """For the whole exchange, from the name to the last byte."""
    follow_same_host: bool = False
    """Whether one redirect to the same scheme, host and port is followed."""

    def __post_init__(self) -> None:
        """Refuse a proxy that can not be used; its URL is not shown where it holds a password."""
        if not self.proxy:
            return
        try:
            parts = urlsplit(self.proxy)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            parts, usable = urlsplit(""), False
        if "@" in self.proxy:
            raise UserError("the proxy's URL must hold no credentials; give them apart from it")
        if not usable or parts.path not in ("", "/") or parts.query:
            raise UserError(f"{self.proxy[:200]!r} is no proxy; write http://host:port")


def web_address(address: str) -> httpcore2.URL:
    """Read an address of the web; raise ValueError, in words for people, where it is none or holds credentials."""
    if "@" in re.split(r"[/?#]", address.partition("//")[2], maxsplit=1)[0]:  # before urlsplit, which may show them
        raise ValueError("an address must hold no credentials")
    try:
        parts = urlsplit(address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        url = httpcore2.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target=target)
    except TypeError as error:  # of httpcore2, for what is not ASCII
        raise ValueError(f"{_shown(address)} is no address: only ASCII may be in it") from error
    if url.scheme not in (b"http", b"https") or not url.host:
        raise ValueError(f"{_shown(address)} is no address of the web")
    if url.scheme == b"http" and not is_this_machine(url.host):
        raise ValueError(
            f"{_shown(address)} would send secrets in the clear; write https:// (http: is for loopback only)"
        )
    return url


def endpoint_url(endpoint: str) -> httpcore2.URL:
    """Read the address of an endpoint; raise UserError where requests must not be sent to it."""
    try:
        return web_address(endpoint)
    except ValueError as error:
        raise UserError(f"endpoint: {error}") from error


def is_this_machine(host: bytes) -> bool:
    """Tell whether a host, as it is written, is this machine and nothing else."""
    if host == b"localhost":
        return True
    try:
        return ipaddress.ip_address(host.decode("ascii")).is_loopback
    except ValueError:
        return False


def _shown(address: str) -> str:
    return repr(address[:200])
