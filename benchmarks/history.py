"""How long the questions of the report take over a large history, and how much room it needs.

    python benchmarks/history.py --cases 10000 --nights 365

Builds a history of one site with that many cases every night, in a folder that is removed afterwards: three steps
a case, one case in two hundred broken or not told, some broken for many nights. The first night goes through the
writer of a run; the others are copied inside the database, with evidence of their own. Each question is asked five
times on a history that was just opened; the median is told, and whether it is within ``--within`` milliseconds
(exit code 1 if not; 0 turns that off). ``busy`` is the processor time, which others on the machine do not change.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from conformance.history import recording
from conformance.history.database import Database
from conformance.history.letters import VERDICTS
from conformance.history.place import place_of
from conformance.history.sealing import seal
from conformance.history.store import History
from conformance.report.stream import Catalogue, Footer, Header
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.versions import DEFAULT_VERSION

SITE = "bench"
PER_CHANGE = 20
ASKED = 5
FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)
OPERATIONS = ("CreateMeeting", "SetMeeting", "GetMeeting", "DelMeeting", "CreateUser", "SetUser", "LstSummarySession")
DIGEST = "5a" * 32
MESSAGE = "<serv:message><body><bodyContent/></body></serv:message>" * 20

COPY_RESULTS = """
    INSERT INTO conformance_results (run_no, case_no, verdict, side, cause_no, reason_no, waiver_no, flipped, retries,
                                     micros, evidence)
    SELECT :no, case_no,
           CASE WHEN case_no % 997 = 0 AND :no > 100 THEN 6 WHEN abs(random()) % 200 = 0 THEN 5 + abs(random()) % 2
                ELSE 0 END,
           side, cause_no, reason_no, waiver_no, abs(random()) % 2000 = 0, abs(random()) % 500 = 0,
           1000 + abs(random()) % 900000, randomblob(32)
    FROM conformance_results WHERE run_no = :first
"""
NAME_CAUSES = """
    UPDATE conformance_results SET cause_no = (SELECT min(no) FROM conformance_texts), reason_no = 1 + case_no % 3
    WHERE run_no = :no AND verdict > 0
"""
COPY_STEPS = """
    INSERT INTO conformance_steps (run_no, case_no, step, attempt, round, name_no, operation_no, verdict, cause_no,
                                   status, after_millis, micros, evidence)
    SELECT :no, case_no, step, attempt, round, name_no, operation_no, verdict, cause_no, status, after_millis,
           1000 + abs(random()) % 300000, randomblob(16)
    FROM conformance_steps WHERE run_no = :first
"""


def header(night: int, cases: int) -> Header:
    """Return the header of one night."""
    started = FIRST + timedelta(days=night)
    return Header(
        run=f"{started:%Y-%m-%dT%H-%M-%SZ}-{DEFAULT_VERSION}",
        started=started.isoformat(),
        suite_version="0",
        site=SITE,
        endpoint="https://bench.example.com/WBXService/XMLService",
        api_version=str(DEFAULT_VERSION),
        told_version=str(DEFAULT_VERSION),
        mock_version="",
        schema_release=str(DEFAULT_VERSION),
        schemas_digest=DIGEST,
        cases_digest=DIGEST,
        clock_offset_seconds=0.0,
        planned=cases,
        id=f"night-{night}",
    )


def result(number: int) -> CaseResult:
    """Return a case of the first night."""
    change = change_of(number)
    wrong = number % 200 == 0
    check = Check(
        "exceptionID", Verdict.FAIL if wrong else Verdict.PASS, "serv:exceptionID", "none", f"06000{number % 7}"
    )
    step = StepResult(
        "a step",
        check.verdict,
        (check,),
        request=MESSAGE,
        response=MESSAGE,
        status=200,
        started=FIRST.isoformat(),
        seconds=0.1,
    )
    steps = tuple(
        replace(step, name=f"step {place}", operation=OPERATIONS[(number + place) % len(OPERATIONS)])
        for place in range(3)
    )
    reason = f"expected none, found 06000{number % 7}" if wrong else ""
    return CaseResult(f"{change}::case-{number}", change, check.verdict, "expect", reason, steps=steps, seconds=0.3)


def change_of(number: int) -> str:
    """Return the change that a case proves."""
    return f"40.4.3/change-{number // PER_CHANGE}"


def footer(night: int) -> Footer:
    """Return how a night ended."""
    ended = FIRST + timedelta(days=night, minutes=20)
    return Footer(counts={}, exit_code=1, seconds=1200.0, leftovers=0, ended=ended.isoformat())


def first_night(path: Path, cases: int) -> float:
    """Write the first night as a run does; return the seconds that the run spent on it."""
    results = [result(number) for number in range(cases)]
    with History.open(path) as history:
        writer = history.writer(None)
        begun = time.perf_counter()
        writer.started(header(0, cases), Catalogue())
        for one in results:
            writer.case(one)
        writer.finished(footer(0))
        assert not writer.trouble, writer.trouble
        return time.perf_counter() - begun


def more_nights(path: Path, cases: int, nights: int) -> None:
    """Copy the first night."""
    digests = {change_of(number): DIGEST for number in range(0, cases, PER_CHANGE)}
    database = Database(place_of(path))
    with database.reading() as connection:
        first = connection.execute(text("SELECT min(no) FROM conformance_runs")).scalar_one()
    for night in range(1, nights):
        with database.writing() as connection:
            _copy(connection, first, header(night, cases), digests, footer(night))
    database.close()


def _copy(connection: Connection, first: int, told: Header, digests: dict[str, str], ended: Footer) -> None:
    no = recording.begin(connection, told, digests, "")
    for statement in (COPY_RESULTS, NAME_CAUSES, COPY_STEPS):
        names = {"no": no, "first": first}
        connection.execute(text(statement), {key: names[key] for key in names if f":{key}" in statement})
    recording.end(connection, no, recording.started_at(told), ended)
    seal(connection, no, {}, DEFAULT_VERSION)
    counts = connection.execute(
        text("SELECT verdict, count(*) FROM conformance_results WHERE run_no = :no GROUP BY verdict"), {"no": no}
    )
    recording.tell_counts(connection, no, {VERDICTS[number]: count for number, count in counts})


def ask(path: Path, question: Callable[[History], Any]) -> tuple[float, float, float, int]:
    """Return first, median and median processor time of a question in seconds, and how many values it gave."""
    taken, worked, size = [], [], 0
    for _ in range(ASKED):
        with History.open(path) as history:
            begun, busy = time.perf_counter(), time.process_time()
            answer = question(history)
            taken.append(time.perf_counter() - begun)
            worked.append(time.process_time() - busy)
        size = len(answer.cases) if hasattr(answer, "cases") else len(answer)
    return taken[0], statistics.median(taken), statistics.median(worked), size


def questions(path: Path, nights: int) -> dict[str, Callable[[History], Any]]:
    """Return what the report asks."""
    with History.open(path) as history:
        runs = [run.id for run in history.runs(site=SITE)]
        failed = [case.case for case in history.cases(runs[:1]) if case.verdict is Verdict.FAIL]
        every = [case.case for case in history.cases(runs[:1])]
    return {
        "runs of a site": lambda history: history.runs(site=SITE),
        "cases of one run": lambda history: history.cases(runs[:1]),
        f"strips of {min(30, nights)} nights": lambda history: history.strips(SITE, nights=30),
        f"latencies of {min(30, nights)} nights": lambda history: history.latencies(runs[:30]),
        f"latencies of {nights} nights": lambda history: history.latencies(runs),
        f"broken since, {len(failed)} failed cases": lambda history: history.broken_since(SITE, failed),
        f"broken since, {len(every)} cases": lambda history: history.broken_since(SITE, every),
        "flaky in 30 nights": lambda history: history.flaky(SITE, runs=30),
        "history of one case": lambda history: history.case_history(every[0], site=SITE),
    }


def main() -> int:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--within", type=float, default=200.0, help="milliseconds; 0: any time will do")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite3"
        begun = time.perf_counter()
        writing = first_night(path, asked.cases)
        more_nights(path, asked.cases, asked.nights)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        rows = asked.cases * asked.nights
        print(f"{asked.cases} cases x {asked.nights} nights, built in {time.perf_counter() - begun:.0f} s")
        print(f"writing one night beside its run: {writing:.2f} s, {writing / asked.cases * 1e6:.0f} us a case")
        print(f"size: {size / 1e6:.1f} MB, {size / asked.nights / 1e6:.2f} MB a night, {size / rows:.0f} bytes a case")
        print(f"{'question':34} {'values':>7} {'first':>8} {'median':>8} {'busy':>8}")
        slow = False
        for name, question in questions(path, asked.nights).items():
            first, median, busy, values = ask(path, question)
            over = bool(asked.within) and median * 1000 > asked.within
            slow = slow or over
            times = "".join(f" {seconds * 1000:5.0f} ms" for seconds in (first, median, busy))
            print(f"{name:34} {values:7}{times}{'  TOO SLOW' * over}")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
