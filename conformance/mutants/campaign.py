"""Trying all mutants, in as many processes as there are processors."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from conformance.cases.load import load_changes, plan
from conformance.errors import SuiteError
from conformance.mutants.derive import Derived
from conformance.mutants.load import Mutant, load_mutants
from conformance.mutants.outcome import Outcome
from conformance.mutants.suite import SuiteMutant, load_suite_mutants, suite_outcome
from conformance.mutants.trial import Bench
from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog

Result = TypeVar("Result")
Done = Callable[[int, int], None]
"""Is told how many of how many mutants were tried."""

_SHARE = 12
"""Mutants that a process takes at a time; of derived ones, which run one case each, ten times as many."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is to be tried."""

    mutants: Sequence[Mutant]
    derived: Sequence[Derived]
    suite: Sequence[SuiteMutant]
    root: Path | None = None
    """The folder it was read from; none: that of the shipped ones."""

    def __len__(self) -> int:
        return 1 + len(self.mutants) + len(self.derived) + len(self.suite)


class _Worker:
    """One process: a bench of its own, with a loop that lasts as long as the process."""

    def __init__(self, root: Path | None) -> None:
        changes = load_changes()
        self.cases = [case for change in changes for case in plan(change)]
        self.mutants = {mutant.id: mutant for mutant in load_mutants(changes, self.cases, root)}
        self._loop = asyncio.new_event_loop()
        # Cases, mock and shipped schemas are what is proved; schemas that a user has imported are of another hand.
        self.bench = Bench(self.cases, SchemaCatalog(schemas_root()))
        self.run(self.bench.__aenter__())

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        try:
            return self._loop.run_until_complete(work)
        except KeyboardInterrupt:
            self._loop.set_exception_handler(lambda *_: None)  # what was under way has nobody to tell any more
            raise

    def close(self) -> None:
        self.run(self.bench.__aexit__())
        self._loop.close()

    async def control(self) -> list[Outcome]:
        return [await self.bench.control()]

    async def tried(self, share: Sequence[Mutant]) -> list[Outcome]:
        return await asyncio.gather(*map(self.bench.outcome, share))

    async def tried_derived(self, share: Sequence[Derived]) -> list[Outcome]:
        return await asyncio.gather(*map(self.bench.outcome_of_derived, share))

    async def tried_suite(self, share: Sequence[SuiteMutant]) -> list[Outcome]:
        # One after the other: what stands in for a part of the suite does so in the whole process.
        return [await suite_outcome(mutant, self.bench, self.mutants) for mutant in share]


def catalogue(change: str = "", root: Path | None = None) -> Catalogue:
    """Return all mutants below ``root`` (none: the shipped ones), or those of one documented change.

    Mutants of the suite are no change's. Raises UserError for a fault of their files.
    """
    with _working(root) as worker:
        cases = [case for case in worker.cases if change in ("", case.change.id)]
        mutants, derived = list(worker.mutants.values()), worker.run(worker.bench.derived(cases))
    if change:
        return Catalogue([mutant for mutant in mutants if mutant.change == change], derived, (), root)
    return Catalogue(mutants, derived, load_suite_mutants(mutants, root), root)


def try_all(what: Catalogue, jobs: int = 0, done: Done | None = None) -> list[Outcome]:
    """Try all mutants and the mock without defect; return what came of each, in the order of the catalogue.

    Whoever interrupts it ends the processes too. Raises SuiteError where one of them dies.
    """
    # Those of the suite take the longest: they come first, and are told last.
    suite = [("tried_suite", share) for share in _shares(what.suite, _SHARE)]
    shares: list[tuple[str, Sequence[Any]]] = [
        *suite,
        ("control", ()),
        *(("tried", share) for share in _shares(what.mutants, _SHARE)),
        *(("tried_derived", share) for share in _shares(what.derived, 10 * _SHARE)),
    ]
    results: dict[int, list[Outcome]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs or len(os.sched_getaffinity(0)), context, _begin, (what.root,)) as pool:
        try:
            with _deaf_to_interrupts():
                waiting = {pool.submit(_try, kind, share): number for number, (kind, share) in enumerate(shares)}
            for future in as_completed(waiting):
                results[waiting[future]] = future.result()
                if done:
                    done(sum(map(len, results.values())), len(what))
        except BrokenProcessPool as error:
            raise SuiteError("a process in which mutants were tried has died") from error
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise
    order = [*range(len(suite), len(shares)), *range(len(suite))]
    return [outcome for number in order for outcome in results[number]]


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that do not hear an interrupt, which a terminal sends to all: the command ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _shares(mutants: Sequence[Result], size: int) -> Iterator[Sequence[Result]]:
    for start in range(0, len(mutants), size):
        yield mutants[start : start + size]


@contextmanager
def _working(root: Path | None) -> Iterator[_Worker]:
    worker = _Worker(root)
    try:
        yield worker
    finally:
        worker.close()


_worker: _Worker | None = None


def _begin(root: Path | None) -> None:
    global _worker  # noqa: PLW0603 - a process has one, made when the process begins
    _worker = _Worker(root)


def _try(kind: str, share: Sequence[Any]) -> list[Outcome]:
    if _worker is None:
        raise RuntimeError("the process has not begun")
    work = _worker.control() if kind == "control" else getattr(_worker, kind)(share)
    outcomes: list[Outcome] = _worker.run(work)
    return outcomes
