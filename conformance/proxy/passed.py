"""One exchange that passed through the proxy, as it was sent and as it came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conformance.errors import ExchangeFault
from conformance.site.body import decoded

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Passed:
    """A request and what came back for it. Bodies are those on the wire; nothing in here is masked."""

    number: int
    method: str
    path: bytes
    """What the request line asks for, but for the query: a path, or the whole address."""
    url: str
    """The address at the site, without its query."""
    query: bytes
    headers: Headers
    body: bytes
    status: int
    """0 where no answer began."""
    answer_headers: Headers
    answer: bytes
    started: datetime
    seconds: float
    fault: ExchangeFault | None = None
    """Why there is no more of the answer."""

    @property
    def content_type(self) -> str:
        """The Content-Type of the request; empty where it has none."""
        return value(self.headers, b"content-type")

    @property
    def message(self) -> bytes:
        """The body of the answer without its content encoding; as it came where that can not be undone."""
        try:
            return decoded(bytearray(self.answer), value(self.answer_headers, b"content-encoding"))
        except ExchangeFault:
            return self.answer


def value(headers: Headers, name: bytes) -> str:
    """Return the first header of that name, which is in small letters; empty where there is none."""
    return next((found.decode("latin-1") for known, found in headers if known.lower() == name), "")
