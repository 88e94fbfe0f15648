"""Measures the mock as a server: its rate and its memory. Exits 1 where a promise does not hold.

    python benchmarks/serving.py [--requests N]

The rate of CreateMeeting is measured against a bare starlette endpoint that returns the bytes of the same answer: one
worker each, in turns, by wrk where the machine has it, else by pipelined requests. Memory is that of requests which
leave nothing behind: a meeting that is created, read and deleted, a list, and a sign-in that is refused. What a
meeting takes that stays is told, and no promise: a site keeps what it is given.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from conformance.wire.names import operation
from conformance.wire.request import Body, build_request

LEAST_RATE = 0.25
MOST_GROWTH = 20
"""Bytes a request: whatever is kept of each one takes more."""
ROUNDS, SECONDS = 3, 4.0
WARM_UP = 0.2
"""The part of the requests after which memory is looked at first: caches have filled, and the allocator has its own."""
IN_FLIGHT = 8

_HERE = Path(__file__).parent


@contextmanager
def serving(script: str, argument: str) -> Iterator[tuple[int, list[str]]]:
    """Run a server in a process of its own; yield its process id and what it tells: its address first."""
    command = [sys.executable, str(_HERE / script), argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.pid, (process.stdout.readline() if process.stdout else "").split()
        finally:
            process.terminate()


def request(password: str, name: str, body: Body, user: str = "host") -> bytes:
    """Return a request to the mock site of the benchmarks."""
    return build_request(operation(name), {"webExID": user, "password": password, "siteName": "mock"}, body)


def meeting(password: str) -> bytes:
    """Return a request for a meeting."""
    when = {"startDate": "02/01/2030 10:00:00", "duration": "20"}
    access = {"meetingPassword": "Pass-1234"}
    body = {"accessControl": access, "metaData": {"confName": "Sample"}, "schedule": when}
    return request(password, "CreateMeeting", body)


class Client:
    """One connection that is kept."""

    def __init__(self, endpoint: str) -> None:
        self._url = urlsplit(endpoint)
        self._connection = HTTPConnection(self._url.hostname or "", self._url.port)

    def post(self, body: bytes) -> bytes:
        """Send a request and return the body of its answer."""
        self._connection.request("POST", self._url.path, body, {"Content-Type": "text/xml"})
        answer: bytes = self._connection.getresponse().read()
        return answer


def rate(endpoint: str, body: bytes) -> float:
    """Return how many requests a second an endpoint answers."""
    return _by_wrk(endpoint, body) if shutil.which("wrk") else _pipelined(endpoint, body)


def _by_wrk(endpoint: str, body: bytes) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "text/xml"\nwrk.body = [==[{body.decode()}]==]\n'
        )
        script.flush()
        command = ["wrk", "-t1", f"-c{IN_FLIGHT}", f"-d{SECONDS:.0f}s", "-s", script.name, endpoint]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s*([\d.]+)", told)
    if found is None or "Non-2xx" in told:
        raise SystemExit(f"{' '.join(command)}:\n{told}")
    return float(found[1])


def _pipelined(endpoint: str, body: bytes) -> float:
    url = urlsplit(endpoint)
    head = f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}"
    answered, begun = 0, time.perf_counter()
    with socket.create_connection((url.hostname, url.port)) as connection:
        while time.perf_counter() - begun < SECONDS:
            connection.sendall((f"{head}\r\n\r\n".encode() + body) * IN_FLIGHT)
            received = b""
            while received.count(b"</serv:message>") < IN_FLIGHT:
                received += connection.recv(1 << 16)
            if received.count(b"HTTP/1.1 200") != IN_FLIGHT:
                raise SystemExit(f"{endpoint}: {received[:500]!r}")
            answered += IN_FLIGHT
    return answered / (time.perf_counter() - begun)


def resident(process: int) -> int:
    """Return the bytes of memory that a process has."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"the memory of process {process} is not told")


def passing(client: Client, password: str) -> Iterator[None]:
    """Send requests that leave nothing behind, for ever; yield after each."""
    while True:
        created = client.post(meeting(password))
        yield
        key = created.partition(b"<meet:meetingkey>")[2].partition(b"<")[0].decode()
        for name, body, user, sign in (
            ("GetMeeting", {"meetingKey": key}, "host", b"SUCCESS"),
            ("LstsummaryUser", {}, "siteadmin", b"FAILURE"),  # it has another password
            ("LstsummarySession", {"listControl": {"maximumNum": "10"}}, "host", b"SUCCESS"),
            ("DelMeeting", {"meetingKey": key}, "host", b"SUCCESS"),
        ):
            answer = client.post(request(password, name, body, user))
            if sign not in answer:
                raise SystemExit(f"{name}: {answer.decode()}")
            yield


def told(name: str, value: float, unit: str, bound: float, *, at_most: bool) -> bool:
    """Print a promise and tell whether it holds."""
    holds = value <= bound if at_most else value >= bound
    print(
        f"{'ok ' if holds else 'NOT'} {name:<64}{value:8.2f} {unit:<8} (at {'most' if at_most else 'least'} {bound:g})"
    )
    return holds


def compared() -> bool:
    """Measure the rate of CreateMeeting."""
    with serving("server.py", "0") as (process, [endpoint, password]), tempfile.TemporaryDirectory() as folder:
        body = meeting(password)
        answer = Path(folder, "answer.xml")
        answer.write_bytes(Client(endpoint).post(body))
        if b"SUCCESS" not in answer.read_bytes():
            raise SystemExit(answer.read_text(encoding="utf-8"))
        with serving("fixed.py", str(answer)) as (_, [bare]):
            rate(endpoint, body)
            kept = resident(process)
            pairs = [(rate(bare, body), rate(endpoint, body)) for _ in range(ROUNDS)]
        grown, created = resident(process) - kept, sum(ours for _, ours in pairs) * SECONDS
    ratio = median(ours / theirs for theirs, ours in pairs)
    by = "wrk" if shutil.which("wrk") else "pipelined requests"
    bare_rate, our_rate = (median(side) for side in zip(*pairs, strict=True))
    print(f"    a second, by {by}: bare {bare_rate:.0f}, CreateMeeting {our_rate:.0f}")
    print(f"    a meeting that stays takes {grown / created:.0f} bytes")
    return told("CreateMeeting, to a bare starlette endpoint", ratio, "x", LEAST_RATE, at_most=False)


def kept_flat(count: int) -> bool:
    """Measure how the memory of the mock grows by requests that leave nothing behind."""
    with serving("server.py", "0") as (process, [endpoint, password]):
        requests = passing(Client(endpoint), password)
        first = int(count * WARM_UP)
        for _ in islice(requests, first):
            pass
        before = resident(process)
        for _ in islice(requests, count - first):
            pass
        slope = (resident(process) - before) / (count - first)
    print(f"    {before / 2**20:.1f} MiB after {first} requests")
    return told(f"growth over {count - first} requests", slope, "B each", MOST_GROWTH, at_most=True)


def main() -> int:
    """Measure both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=100_000, help="how many, for the memory")
    count = parser.parse_args().requests
    held = [compared(), kept_flat(count)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
