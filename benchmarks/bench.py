"""Measures the promises on speed and memory, as ratios within one run. Exits 1 where one does not hold.

    python benchmarks/bench.py [--quick]

Both sides of every ratio run as whole pytest commands, one after the other, against the same server process.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from workload import write_cases, write_handwritten

from conformance.schema.catalog import SchemaCatalog
from conformance.versions import DEFAULT_VERSION

# Compiled modules are kept, as on any machine; both sides' own modules are compiled by the runs that warm up.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Measured:
    """One command: wall seconds and peak memory in kB."""

    seconds: float
    peak: int


@dataclass(frozen=True)
class Promise:
    """One line of the table."""

    name: str
    value: float
    bound: float
    unit: str = "x"

    @property
    def holds(self) -> bool:
        return self.value <= self.bound


@contextmanager
def server(delay: float) -> Iterator[dict[str, str]]:
    """Run the mock in a process of its own; yield the environment that leads to it."""
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            endpoint, password = (process.stdout.readline() if process.stdout else "").split()
            yield {"BENCH_ENDPOINT": endpoint, "BENCH_PASSWORD": password}
        finally:
            process.terminate()


def pytest_run(arguments: list[str], environment: dict[str, str], expected: int = 0) -> Measured:
    """Run pytest and measure it; anything but the expected exit code is an error."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**_ENVIRONMENT, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        raise SystemExit(f"{' '.join(command)} exited {process.returncode}:\n{out[-3000:]}")
    return Measured(seconds, usage.ru_maxrss)


def ours(folder: Path, in_flight: int, report: Path | None = None) -> list[str]:
    """Return the arguments that run case files by the plugin."""
    arguments = [str(folder), "--conformance-site=bench", f"--conformance-in-flight={in_flight}"]
    return [*arguments, f"--conformance-report={report}"] if report else arguments


def median(runs: int, measure: Callable[[], Measured]) -> Measured:
    """Return the median of several runs, by time."""
    measured = sorted((measure() for _ in range(runs)), key=lambda m: m.seconds)
    return measured[len(measured) // 2]


def main() -> int:
    """Measure all promises and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer cases and runs: a look, not a measurement")
    quick = parser.parse_args().quick
    count, runs, many = (400, 1, 1_000) if quick else (2_000, 3, 10_000)
    with tempfile.TemporaryDirectory() as folder, SchemaCatalog().at(DEFAULT_VERSION).materialised() as schema:
        promises = list(measure(Path(folder), schema, count, runs, many))
    for promise in promises:
        mark = "ok " if promise.holds else "NOT"
        print(f"{mark} {promise.name:<78} {promise.value:7.2f} {promise.unit:<3} (at most {promise.bound:.2f})")
    return 0 if all(promise.holds for promise in promises) else 1


def measure(folder: Path, schema: Path, count: int, runs: int, many: int) -> Iterator[Promise]:
    """Yield each promise, measured."""
    cases = write_cases(folder / "cases", count)
    handwritten = write_handwritten(folder / "handwritten", count)
    empty = write_cases(folder / "one", 1)
    with server(0.0) as site:
        site["BENCH_SCHEMA"] = str(schema)
        warm_up(site)
        pytest_run([str(handwritten)], site)
        pytest_run(ours(empty, 16), site)
        by_hand = median(runs, lambda: pytest_run([str(handwritten), "-p", "no:conformance"], site))
        plain = median(runs, lambda: pytest_run(ours(cases, 16), site))
        written = median(runs, lambda: pytest_run(ours(cases, 16, folder / "report"), site))
        yield Promise(f"{count} cases, writers off, to a hand-written test", plain.seconds / by_hand.seconds, 1.0)
        yield Promise(f"{count} cases, all writers on, to a hand-written test", written.seconds / by_hand.seconds, 1.6)
        few, big = write_cases(folder / "few", 100), write_cases(folder / "many", many)
        start = median(runs, lambda: pytest_run(ours(empty, 16), site))
        small, large = median(runs, lambda: pytest_run(ours(few, 16), site)), pytest_run(ours(big, 16), site)
        per_small = (small.seconds - start.seconds) / 99
        per_large = (large.seconds - start.seconds) / (many - 1)
        yield Promise(f"time a case, {many} cases to 100", per_large / per_small, 1.1)
        yield Promise("peak memory a case, writers off", (large.peak - small.peak) / (many - 100), 20, "kB")
        # What writers load once is no cost of a case. The decision at the end looks at all cases at once.
        few_reported = pytest_run(ours(few, 16, folder / "few-report"), site)
        reported = pytest_run(ours(big, 16, folder / "big-report"), site)
        by_case = (reported.peak - few_reported.peak) / (many - 100)
        yield Promise("peak memory a case, all writers on", by_case, 20, "kB")
    slow = write_cases(folder / "slow", 320)
    with server(0.2) as site:
        start = median(runs, lambda: pytest_run(ours(empty, 32), site))
        waiting = median(runs, lambda: pytest_run(ours(slow, 32), site))
        ideal = 320 / 32 * 0.2
        yield Promise("320 cases at 200 ms, 32 in flight, to the ideal", (waiting.seconds - start.seconds) / ideal, 1.6)


def warm_up(site: dict[str, str]) -> None:
    """Let the server import and compile what it needs before anything is measured."""
    for _ in range(20):
        httpx2.post(site["BENCH_ENDPOINT"], content=b"<x/>")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    sys.exit(main())
