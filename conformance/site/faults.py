"""What an error of the HTTP library means, told from what had happened on the wire."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpcore2

from conformance.errors import ExchangeFault
from conformance.site.network import Wire, causes, system_error
from conformance.wire.pretty import printable

MAX_HEADERS = 100
MAX_HEADER = 8 * 1024
"""Bytes of one header, its name included."""

_SHOWN = 60


@dataclass(slots=True)
class Answer:
    """An answer as far as it has come; status 0 until its headers are complete."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[tuple[bytes, bytes]] = ()
    """The headers as they came, for whoever passes them on."""
    body: bytearray = field(default_factory=bytearray)

    def take_head(self, response: httpcore2.Response) -> None:
        """Keep status and headers; raise ExchangeFault ``header-limit`` where they are too many or too long."""
        if len(response.headers) > MAX_HEADERS:
            raise ExchangeFault("header-limit", f"{len(response.headers)} headers, at most {MAX_HEADERS} are read")
        headers: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            if len(raw_name) + len(raw_value) > MAX_HEADER:
                name = printable(raw_name[:_SHOWN].decode("latin-1"))
                raise ExchangeFault("header-limit", f"the header {name} is longer than {MAX_HEADER} bytes")
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            # Control characters may stand in a header; no one must be able to show them by mistake.
            value = value if value.isprintable() else printable(value)
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        self.headers = headers
        self.lines = response.headers
        self.status = response.status

    @property
    def announced(self) -> str:
        """The Content-Length; '' where it does not count."""
        return "" if "transfer-encoding" in self.headers else self.headers.get("content-length", "")

    @property
    def progress(self) -> str:
        """How much of the body had come."""
        return f"{len(self.body)} of {self.announced} bytes" if self.announced else f"{len(self.body)} bytes"


def meaning(error: Exception, wire: Wire | None, answer: Answer, inactivity: float) -> tuple[str, str]:
    """Return kind and words of the fault that an error of httpcore2 is."""
    if isinstance(error, httpcore2.ProxyError):
        return "proxy", f"the proxy refused: {printable(str(error)[:_SHOWN])}"
    if isinstance(error, httpcore2.TimeoutException):
        after = f" after {answer.progress} of the body" if answer.status else ""
        return "inactivity", f"the server said nothing for {inactivity:g} s{after}"
    if isinstance(error, httpcore2.LocalProtocolError | httpcore2.UnsupportedProtocol):
        return "address", printable(str(error))
    if isinstance(error, httpcore2.NetworkError):
        alert = next((one for one in causes(error) if isinstance(one, ssl.SSLError)), None)
        if alert is not None:
            reason = (alert.reason or str(alert)).replace("_", " ").lower()
            return "tls", f"after the handshake: {printable(reason)}"
        return "reset", f"{system_error(error) or 'the connection was closed'}{_after(wire, answer)}"
    return _misframed(error, wire, answer)


def _misframed(error: Exception, wire: Wire | None, answer: Answer) -> tuple[str, str]:
    """Tell what was wrong with bytes that came, or did not come."""
    ended = wire is None or wire.ended
    if answer.status and ended:
        return "truncated", answer.progress if answer.announced else f"no last chunk after {answer.progress}"
    if not answer.status and wire is not None and not b"HTTP/".startswith(wire.first[:5]):
        return "not-http", f"the server does not speak HTTP, it says '{_first_line(wire)}'"
    if ended:
        return "reset", f"the server closed the connection{_after(wire, answer)}"
    if not answer.status and any(getattr(one, "error_status_hint", 0) == 431 for one in causes(error)):
        return "header-limit", "the headers do not end"  # 431 is h11's word for the limit of what it keeps
    return "framing", printable(str(error)[:200])


def _after(wire: Wire | None, answer: Answer) -> str:
    if answer.status:
        return f" after {answer.progress} of the body"
    if wire is None or not wire.received:
        return " before the answer"
    interim = re.match(rb"HTTP/1\.\d (1\d\d)", wire.first)
    return f" after HTTP {interim[1].decode()}, which is no answer" if interim else " within the headers"


def _first_line(wire: Wire) -> str:
    lines = wire.first.lstrip().splitlines() or [b""]
    return printable(lines[0][:_SHOWN].decode("latin-1"))
