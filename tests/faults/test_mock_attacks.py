"""Answers that attack whoever reads them: nothing is fetched, nothing is read, nothing takes long."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import exchange
from mocks import READ, Bench, bench

from conformance.cases.model import Expectation
from conformance.mock.fault import Heard, HttpAnswer
from conformance.mock.faults import switched
from conformance.run.judge import Sides, judge_response
from conformance.run.verdicts import CaseResult, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.wire.answer import success
from conformance.wire.names import operation

CANARY = "Canary-0f-a-File"


@pytest.fixture(scope="module")
def faulty() -> Iterator[Bench]:
    """A mock to give faults to."""
    with bench() as running:
        yield running


class Trap:
    """A server that notes whoever connects, and serves the canary."""

    def __init__(self) -> None:
        self.hits: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/evil"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                self.hits.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n" + CANARY.encode())

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def trap() -> Iterator[Trap]:
    """A server that nobody may ever call."""
    set_ = Trap()
    yield set_
    set_.close()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file that nobody may ever read."""
    file = tmp_path / "canary.txt"
    file.write_text(CANARY)
    return file


def test_the_trap_works(trap: Trap) -> None:
    with socket.create_connection(("127.0.0.1", int(trap.url.split(":")[2].partition("/")[0])), 5) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert CANARY.encode() in caller.recv(1000)
    assert trap.hits


def whole(result: CaseResult) -> str:
    """Return all that a report may show of a result."""
    return str(result.as_json())


@pytest.mark.parametrize("name", ["xxe-file", "parameter-entity", "external-dtd", "xinclude"])
def test_no_file_is_read_for_an_answer(
    faulty: Bench, write_cases: Callable[..., Path], canary: Path, name: str
) -> None:
    for form in (canary.as_uri(), str(canary)):
        result = faulty.run(write_cases(READ), f"{name}={form}")
        assert result.verdict is Verdict.FAIL
        assert canary.name in whole(result), "the attack did not reach us"
        assert CANARY not in whole(result)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("xxe-file", Verdict.FAIL),
        ("parameter-entity", Verdict.FAIL),
        ("external-dtd", Verdict.FAIL),
        ("xinclude", Verdict.FAIL),
        ("schema-location", Verdict.PASS),
    ],
    ids=["61-xxe-file", "61-parameter-entity", "61-external-dtd", "62-xinclude", "63-schema-location"],
)
def test_nobody_is_called_for_an_answer(
    faulty: Bench, write_cases: Callable[..., Path], trap: Trap, name: str, verdict: Verdict
) -> None:
    result = faulty.run(write_cases(READ), f"{name}={trap.url}")
    assert (result.verdict, trap.hits) == (verdict, [])
    assert trap.url in whole(result), "the attack did not reach us"
    assert CANARY not in whole(result)


def test_a_hint_to_a_schema_is_not_even_followed_to_explain_an_answer(
    faulty: Bench, write_cases: Callable[..., Path], trap: Trap
) -> None:
    """The explainer reads answers with another library, which follows such hints where it is let."""
    result = faulty.run(write_cases(READ), f"schema-location={trap.url}", "regex-bomb")
    assert (result.verdict, trap.hits) == (Verdict.FAIL, [])
    assert any(check.expected.startswith("value must be one of") for check in result.steps[-1].checks)


def attacked(name: str) -> bytes:
    """Return a body that suffers a fault."""
    body = success(operation("DelUser"), {"user": {"webExId": "kim", "status": "SUCCESS"}})
    one = switched(name)
    return one.fault.befall(Heard({}, None, one.value, {}), lambda: HttpAnswer(body)).body


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("billion-laughs", 0.1),
        ("quadratic-blow-up", 0.1),
        ("deep", 0.1),
        ("regex-bomb", 0.1),
        ("long-text", 1.0),
        ("long-attribute", 1.0),
        ("many-small-elements", 1.0),
        ("many-errors", 3.0),
    ],
)
def test_the_verdict_on_an_attack_is_quick(schemas: SchemaSet, name: str, seconds: float) -> None:
    answer = exchange(attacked(name))
    judge_response(exchange(attacked("bom")), operation("DelUser"), Sides(Expectation()), schemas, {})
    start = time.process_time()
    judgement = judge_response(answer, operation("DelUser"), Sides(Expectation()), schemas, {})
    assert time.process_time() - start < seconds
    assert judgement.invalid is not None or judgement.checks[0].verdict is Verdict.FAIL


def test_hostile_strings_are_kept_as_they_came(faulty: Bench, write_cases: Callable[..., Path]) -> None:
    """What reports make of them is proved where reports are."""
    shown = faulty.run(write_cases(READ), "hostile-strings").steps[-1].response
    assert all(text in shown for text in ("onload=", "]]&gt;", "=cmd()|", "\u009b31m", "\u202egnp.exe"))
