"""A site whose answers a test writes byte by byte, and which remembers what it was sent."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Upstream:
    """``answers`` are sent one after the other, the last one again and again; None says nothing, b"" only closes."""

    answers: list[bytes | None]
    close: bool = True
    """Whether the connection is closed after an answer."""
    heard: list[bytes] = field(default_factory=list)
    endpoint: str = ""

    def answer(self) -> bytes | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def upstream(*answers: bytes | None, close: bool = True) -> Iterator[Upstream]:
    """Serve on loopback until the end of the block."""
    site = Upstream([*answers], close)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site.endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}/WBXService/XMLService"
        listening.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=_converse, args=[site, connection, over], daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            over.set()
            thread.join()


def _converse(site: Upstream, connection: socket.socket, over: threading.Event) -> None:
    with connection:
        connection.settimeout(10)
        while (request := _request(connection)) is not None:
            site.heard.append(request)
            answer = site.answer()
            if answer is None:
                over.wait(10)
                return
            connection.sendall(answer)
            if site.close:
                return


def _request(connection: socket.socket) -> bytes | None:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received:
            return None
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answered(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return an answer of HTTP."""
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"", body]
    return b"\r\n".join(lines)
