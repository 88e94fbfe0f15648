"""Answers that are cut short, framed wrongly, too large or packed: told, bounded, and only then a finding."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import measured
import pytest
from lab import deleted
from wire_servers import Handler, Server, answer, answering, dripping, never

from conformance.errors import ExchangeFault
from conformance.run.verdicts import CaseResult, Verdict
from conformance.site.http import HttpClient
from conformance.site.transport import Transport
from conformance.wire.limits import MAX_BODY

RunAgainst = Callable[..., Awaitable[CaseResult]]

HERE = Transport(private_addresses=True, inactivity_seconds=0.3, deadline_seconds=1.0)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(deleted())


def after(handler: Handler, run_against: RunAgainst) -> CaseResult:
    """Run the case against a server with that handler."""

    async def scenario() -> CaseResult:
        async with Server(handler) as server:
            return await run_against(server.endpoint, HERE)

    clock = time.perf_counter()
    result = asyncio.run(scenario())
    assert time.perf_counter() - clock < 5
    return result


def told(result: CaseResult, verdict: Verdict, words: str) -> None:
    assert result.verdict is verdict, result.reason
    assert result.reason.startswith(f"exchange: expected an answer, got {words}"), result.reason


@pytest.mark.parametrize(
    ("handler", "words", "kept"),
    [
        pytest.param(
            answering(OK + b"Content-Length: 100\r\n\r\n<half/>"),
            "truncated: 7 of 100 bytes",
            "<half/>",
            id="13-short-body",
        ),
        pytest.param(
            answering(CHUNKED + b"7\r\n<half/>\r\n"),
            "truncated: no last chunk after 7 bytes",
            "<half/>",
            id="14-no-last-chunk",
        ),
        pytest.param(
            answering(CHUNKED + b"64\r\n<half/>"), "truncated: no last chunk after ", "<half/>", id="14-half-a-chunk"
        ),
        pytest.param(
            answering(OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>"),
            "framing: conflicting Content-Length headers",
            "",
            id="16-two-lengths",
        ),
        pytest.param(answering(OK + b"Content-Length: many\r\n\r\n<a/>"), "framing: ", "", id="16-no-length"),
        pytest.param(answering(CHUNKED + b"3\r\n<a>\r\nxyz\r\n"), "framing: ", "<a>", id="16-bad-chunk"),
        pytest.param(
            dripping(OK + b"Content-Length: 1000\r\n\r\n", b"x"),
            "deadline: no complete answer within 1 s",
            "xxx",
            id="17-slow-body",
        ),
        pytest.param(dripping(OK, b"X: 1\r\n"), "deadline: no complete answer within 1 s", "", id="18-slow-headers"),
        pytest.param(
            answering(OK + b"".join(b"X-%d: 1\r\n" % n for n in range(5000)) + b"Content-Length: 0\r\n\r\n"),
            "header-limit: 5001 headers, at most 100 are read",
            "",
            id="19-many-headers",
        ),
        pytest.param(
            answering(OK + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n"), "header-limit: ", "", id="19-long-header"
        ),
        pytest.param(
            answering(OK + b"X-Long: " + b"x" * 9_000 + b"\r\nContent-Length: 0\r\n\r\n"),
            "header-limit: the header X-Long is longer than 8192 bytes",
            "",
            id="19-header-of-9-kB",
        ),
        pytest.param(
            answering(answer(PACKED[:-8], "Content-Encoding: gzip")),
            "truncated: the gzip stream of ",
            "<?xml",
            id="25-truncated-gzip",
        ),
        pytest.param(
            answering(b"HTTP/1.1 100 Continue\r\n\r\n"),
            "reset: the server closed the connection after HTTP 100, which is no answer",
            "",
            id="27-interim-then-close",
        ),
        pytest.param(
            answering(OK + b"Content-Ty"), "reset: the server closed the connection within the headers", "", id="27-cut"
        ),
    ],
)
def test_an_answer_that_did_not_come_whole(run_against: RunAgainst, handler: Handler, words: str, kept: str) -> None:
    result = after(handler, run_against)
    told(result, Verdict.INCONCLUSIVE, words)
    assert result.steps[0].response.startswith(kept)
    assert bool(result.steps[0].response) == bool(kept)


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        pytest.param(
            answering(OK + b"Content-Length: 500000000\r\n\r\n<a>"),
            f"too-large: the body is larger than {MAX_BODY} bytes",
            id="20-big-body",
        ),
        pytest.param(
            measured.HANDLERS["endless-chunks"],
            f"too-large: the body is larger than {MAX_BODY} bytes",
            id="21-endless-chunks",
        ),
        pytest.param(
            answering(answer(gzip.compress(b"x" * 50_000_000), "Content-Encoding: gzip")),
            "decompression: decompression limit: ",
            id="22-gzip-bomb",
        ),
        pytest.param(
            answering(answer(b"<a/>", "Content-Encoding: " + ", ".join(["gzip"] * 20))),
            "encoding: 20 content encodings, one over the other: gzip, gzip",
            id="23-nested",
        ),
        pytest.param(
            answering(answer(b"<a/>", *["Content-Encoding: gzip"] * 2)),
            "encoding: 2 content encodings",
            id="23-in-two-headers",
        ),
        pytest.param(
            answering(answer(b"<a/>", "Content-Encoding: br")),
            "encoding: content encoding 'br' was not asked for",
            id="23-unknown",
        ),
        pytest.param(
            answering(answer(deleted(), "Content-Encoding: gzip")),
            "encoding: the body is not gzip: ",
            id="24-plain-as-gzip",
        ),
    ],
)
def test_an_answer_that_must_never_come(run_against: RunAgainst, handler: Handler, words: str) -> None:
    told(after(handler, run_against), Verdict.FAIL, words)


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(answering(answer(b"", status="503 Busy") + b""), id="39-plain"),
        pytest.param(answering(answer(b"<a/>", "Content-Encoding: gzip", status="503 Busy")), id="39-encoding"),
        pytest.param(answering(answer(b"", "Content-Encoding: a, b", status="503 Busy")), id="39-nested"),
        pytest.param(answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 500000000\r\n\r\n<a>"), id="39-big-body"),
    ],
)
def test_of_a_server_in_trouble_the_status_counts(run_against: RunAgainst, handler: Handler) -> None:
    result = after(handler, run_against)
    assert (result.verdict, result.steps[0].checks[-1].id) == (Verdict.INCONCLUSIVE, "http.status"), result.reason


@pytest.mark.parametrize("body", [pytest.param(deleted()[:-20], id="15-no-length-cut")])
def test_a_body_without_length_that_is_cut_is_no_message(run_against: RunAgainst, body: bytes) -> None:
    result = after(answering(OK + b"Content-Type: text/xml\r\n\r\n" + body), run_against)
    assert result.verdict is Verdict.FAIL
    check = result.steps[0].checks[-1]
    assert check.id.startswith("malformed.")
    assert check.note.startswith("possible truncation")


@pytest.mark.parametrize("packed", [pytest.param(PACKED, id="25-whole-gzip"), pytest.param(deleted(), id="13-whole")])
def test_a_whole_answer_passes(run_against: RunAgainst, packed: bytes) -> None:
    headers = ["Content-Encoding: gzip"] if packed is PACKED else []
    assert after(answering(answer(packed, *headers)), run_against).verdict is Verdict.PASS


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("name", "kind", "seconds"),
    [
        pytest.param("endless-headers", "header-limit", 4, id="19-endless-headers"),
        pytest.param("endless-header", "header-limit", 4, id="19-endless-header"),
        pytest.param("big-body", "too-large", 4, id="20-big-body"),
        pytest.param("endless-chunks", "too-large", 5, id="21-endless-chunks"),
        pytest.param("endless-close", "too-large", 5, id="21-endless-body"),
        pytest.param("gzip-bomb", "decompression", 3, id="22-gzip-bomb"),
        pytest.param("endless-interim", "deadline", 5, id="27-endless-interim"),
    ],
)
def test_memory_stays_flat(name: str, kind: str, seconds: float) -> None:
    support = Path(measured.__file__)
    done = subprocess.run(
        [sys.executable, str(support), name], capture_output=True, text=True, timeout=60, check=True, cwd=support.parent
    )
    seen = json.loads(done.stdout)
    assert seen["kind"] == kind
    assert seen["grown"] < 64_000_000
    assert seen["seconds"] < seconds


@pytest.mark.parametrize(
    "value",
    [pytest.param("a\x1b[2J\x07\x9b", id="28-escape-and-bell"), pytest.param("a\x85X-More: 1", id="28-line-like")],
)
def test_control_bytes_in_headers_are_escaped_where_they_come_in(run_against: RunAgainst, value: str) -> None:
    async def scenario() -> tuple[dict[str, str], CaseResult]:
        headers = (f"X-Odd: {value}", f"Location: {value}", f"Content-Type: text/{value}", f"Retry-After: {value}")
        async with Server(answering(answer(b"", *headers, status="302 Found"))) as server:
            client = HttpClient(server.endpoint, HERE)
            exchange = await client.post(b"<r/>")
            await client.close()
            return dict(exchange.headers), await run_against(server.endpoint, HERE)

    headers, result = asyncio.run(scenario())
    assert headers["x-odd"].startswith("a\\x")
    shown = "".join([*headers.values(), json.dumps(result.as_json(), ensure_ascii=False)])
    assert shown.isprintable()


def kept_alive(then: Handler) -> Handler:
    """Return a handler that answers once, and does something else with what comes next on the same connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(answer(deleted()))(reader, writer)
        await reader.readuntil(b"\r\n\r\n")
        await then(reader, writer)

    return handle


@pytest.mark.parametrize(
    ("handler", "connections"),
    [
        pytest.param(answering(answer(deleted())), 3, id="29-closed-while-idle"),
        pytest.param(answering(answer(deleted()) * 2), 3, id="30-an-answer-too-many"),
        pytest.param(answering(answer(deleted()) + b"HTTP/1.1 200 O"), 3, id="30-half-an-answer-too-many"),
    ],
)
def test_a_connection_that_can_not_be_used_again_is_not(
    run_against: RunAgainst, handler: Handler, connections: int
) -> None:
    async def scenario() -> tuple[list[CaseResult], int]:
        async with Server(handler) as server:
            client = HttpClient(server.endpoint, HERE)
            results = []
            for _ in range(3):
                results.append(await run_against(client))
                await asyncio.sleep(0.05)
            await client.close()
            return results, server.connections

    results, seen = asyncio.run(scenario())
    assert [result.verdict for result in results] == [Verdict.PASS] * 3
    assert seen == connections


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        pytest.param(answering(), "reset", id="29-closed-after-a-request"),
        pytest.param(never, "inactivity", id="29-silent-after-a-request"),
    ],
)
def test_a_kept_connection_that_ends_after_a_request_leaves_its_fate_open(then: Handler, kind: str) -> None:
    async def scenario() -> tuple[ExchangeFault, int]:
        async with Server(kept_alive(then)) as server:
            client = HttpClient(server.endpoint, HERE)
            await client.post(b"<r/>")
            with pytest.raises(ExchangeFault) as caught:
                await client.post(b"<r/>")
            await client.close()
            return caught.value, server.connections

    fault, connections = asyncio.run(scenario())
    assert (fault.kind, fault.sent, connections) == (kind, True, 1)
