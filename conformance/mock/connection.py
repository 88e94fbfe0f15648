"""Connections as old clients use them, where the HTTP server asks for more than HTTP does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import h11
from starlette.types import Receive, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_BLANK_LINES: Final = b"\r\n"
_PAUSE: Final = 0.2
"""Seconds without a byte after which nobody is taken to go on sending."""
_READ_ON: Final = 20 * 1024 * 1024
"""Bytes that are read, and not kept, for the sake of the answer to them."""


class Connection(H11Protocol):
    """A connection of a client, which may end its own side before it reads and write blank lines between requests."""

    _ended = False

    def handle_events(self) -> None:
        """Handle what arrived, but for blank lines in front of a request (RFC 9112, 2.2): some end bodies with one."""
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0].startswith((b"\r", b"\n")):
            rest = self.conn.trailing_data[0].lstrip(_BLANK_LINES)
            self.conn = h11.Connection(h11.SERVER)
            if rest:  # nothing at all would be the end
                self.conn.receive_data(rest)
        super().handle_events()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection of a client that has sent its request and waits for the answer."""
        self._ended = self._owes and self.conn.their_state in (h11.DONE, h11.MUST_CLOSE) and self.scheme == "http"
        return self._ended

    def on_response_complete(self) -> None:
        """Close the connection where the client has ended its side."""
        super().on_response_complete()
        if self._ended and not self._owes:
            self.transport.close()

    @property
    def _owes(self) -> bool:
        return self.conn.our_state in (h11.SEND_RESPONSE, h11.SEND_BODY)


async def refuse_the_rest(
    receive: Receive, send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    """Answer a request that is too long to be read, then close its connection.

    The client may still be sending. What it sends is read for a while: a connection that is closed with bytes unread
    is reset, and the answer with it.
    """
    pairs = [*headers, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    left = _READ_ON
    while left > 0:
        try:
            message = await asyncio.wait_for(receive(), _PAUSE)
        except TimeoutError:
            break
        if message["type"] != "http.request" or not message.get("more_body", False):
            break
        left -= len(message.get("body", b""))
    await send({"type": "http.response.body", "body": b""})
