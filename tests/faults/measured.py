"""Run in a process of its own: how much memory an answer takes at most, on top of what the client takes anyway."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
import time
from pathlib import Path

from wire_servers import Handler, Server, answer, answering, endless

from conformance.errors import ExchangeFault
from conformance.site.http import HttpClient
from conformance.site.transport import Transport

MB = 1_000_000
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


def bomb() -> bytes:
    """Return a gzip stream of 1 MB that expands to 1 GB, made without having it in memory."""
    member = gzip.compress(b"\0" * 64 * MB, 9)
    return member * (1000 // 64)


HANDLERS: dict[str, Handler] = {
    "big-body": endless(b"HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n", b"x" * 0x10000),
    "endless-chunks": endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNK),
    "endless-close": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 0x10000),
    "endless-headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n" * 1000),
    "endless-header": endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 0x10000),
    "endless-interim": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "gzip-bomb": answering(answer(bomb(), "Content-Encoding: gzip")),
}


def peak() -> int:
    """Return the most memory this process has had, in bytes. ``ru_maxrss`` would count what its parent had too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


async def kind_of(handler: Handler) -> str:
    transport = Transport(private_addresses=True, deadline_seconds=3.0)
    async with Server(handler) as server:
        client = HttpClient(server.endpoint, transport)
        try:
            return str((await client.post(b"<r/>")).status)
        except ExchangeFault as fault:
            return fault.kind
        finally:
            await client.close()


def main(name: str) -> None:
    asyncio.run(kind_of(answering(answer(gzip.compress(b"<a/>"), "Content-Encoding: gzip"))))
    before, clock = peak(), time.perf_counter()
    kind = asyncio.run(kind_of(HANDLERS[name]))
    print(json.dumps({"kind": kind, "grown": peak() - before, "seconds": time.perf_counter() - clock}))


if __name__ == "__main__":
    main(sys.argv[1])
