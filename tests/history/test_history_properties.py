"""Whatever a site did night after night: the fast answers are those of one who reads every result."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from history_support import SITE, case_id, header, result, store
from hypothesis import given, settings
from hypothesis import strategies as st

import conformance
from conformance.history.letters import BROKEN, HOLDS, LETTERS, VERDICTS, Columns, code, ends, pack, shown
from conformance.history.model import CaseRecord
from conformance.history.store import History
from conformance.run.verdicts import Verdict

NIGHTS = st.lists(
    st.dictionaries(
        st.sampled_from("abc"),
        st.tuples(st.sampled_from("PFWD?BNE"), st.sampled_from(["expect", "before"])),
        min_size=1,
    ),
    min_size=1,
    max_size=8,
)

CODES = st.dictionaries(st.integers(0, 40), st.tuples(st.sampled_from(VERDICTS), st.sampled_from(["expect", "before"])))


@given(st.lists(CODES, max_size=6))
def test_columns_are_the_packed_runs_turned(runs: Sequence[dict[int, tuple[Verdict, str]]]) -> None:
    columns = Columns([pack({number: code(*one) for number, one in run.items()}) for run in runs])
    for number in range(41):
        letters = "".join(LETTERS[run[number][0]] if number in run else " " for run in runs)
        assert shown(columns.codes(number)).ljust(len(runs)) == letters
        for side in ("expect", "before"):
            told = [run.get(number, (Verdict.INCONCLUSIVE, side)) for run in runs]
            wanted = "".join(
                " " if on != side else "P" if verdict in HOLDS else "F" if verdict in BROKEN else " "
                for verdict, on in told
            )
            assert ends(columns.codes(number), side).decode().ljust(len(runs)) == wanted


def series_begins(told: Sequence[CaseRecord]) -> str | None:
    """Return the run since which a case is broken, by reading its results one by one, oldest first."""
    conclusive = [case for case in told if case.verdict in HOLDS | BROKEN]
    if not conclusive:
        return None
    first = None
    for case in conclusive:
        if case.side == conclusive[-1].side:
            first = None if case.verdict in HOLDS else first or case.run
    return first


def flips(told: Sequence[CaseRecord]) -> int:
    """Return how often a case came to another end, by reading its results one by one, oldest first."""
    count = 0
    for side in ("expect", "before"):
        held = [case.verdict in HOLDS for case in told if case.side == side and case.verdict in HOLDS | BROKEN]
        count += sum(one != other for one, other in pairwise(held))
    return count


@settings(max_examples=40, deadline=None)
@given(nights=NIGHTS)
def test_the_fast_answers_are_those_of_one_who_reads_everything(
    nights: Sequence[dict[str, tuple[str, str]]], tmp_path_factory: object
) -> None:
    folder = tmp_path_factory.mktemp("history")  # type: ignore[attr-defined]
    with History.open(folder / "h.sqlite3") as history:
        for number, cases in enumerate(nights):
            results = [result(case, letter, side=side) for case, (letter, side) in cases.items()]
            store(history, header(number), results)
        since = history.broken_since(SITE, [case_id(case) for case in "abc"])
        flaky = {one.case: one.flips for one in history.flaky(SITE)}
        strips = history.strips(SITE).cases
        for case in map(case_id, "abc"):
            told = [one for _, one in reversed(history.case_history(case))]
            assert (since[case].id if case in since else None) == series_begins(told)
            assert flaky.get(case, 0) == (flips(told) if flips(told) > 2 else 0)
            assert strips.get(case, "").replace(" ", "") == "".join(LETTERS[one.verdict] for one in told)


def test_the_benchmark_asks_every_question(tmp_path: Path) -> None:
    program = Path(conformance.__file__).parents[1] / "benchmarks" / "history.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", program, "--cases", "60", "--nights", "4", "--within", "0"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for question in ("runs of a site", "cases of one run", "strips", "latencies", "broken since", "flaky"):
        assert question in done.stdout
