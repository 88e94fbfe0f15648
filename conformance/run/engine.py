"""Many cases in flight, one order of results.

Cases wait for the site most of the time. They run as coroutines on one background thread, at most
``in_flight`` at a time, in the order in which they were given; whoever wants a result waits for it. A case
that is asked for before its turn is run at once, so any order of asking ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from conformance.cases.plan import PlannedCase
from conformance.errors import SuiteError
from conformance.run.execute import Conditions, run_case
from conformance.run.verdicts import CaseResult, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import SiteFacts, SiteProvider
from conformance.versions import Version
from conformance.wire.redact import Redactor


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run; times in seconds, 0 for none."""

    in_flight: int = 16
    max_failures: int = 0
    case_time: float = 120.0
    run_time: float = 0.0


class Engine:
    """Runs cases in the background. Use as a context manager; ``start`` once, then ``result`` for each case."""

    def __init__(self, provider: SiteProvider, schemas: SchemaSet, version: Version, limits: Limits) -> None:
        self.provider = provider
        self.limits = limits
        self.redact = Redactor()
        self.schemas = schemas
        self._version = version
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="conformance-engine", daemon=True)
        self._waiting: deque[PlannedCase] = deque()
        self._futures: dict[str, Future[CaseResult]] = {}
        self._taken: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failures = 0
        self._deadline = 0.0
        self._conditions: Conditions | None = None
        self._slots = asyncio.Semaphore(limits.in_flight)
        # How far results may run ahead of whoever takes them; bounds what is held in memory.
        self._room = asyncio.Semaphore(max(64, 4 * limits.in_flight))

    def __enter__(self) -> Engine:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def connect(self) -> SiteFacts:
        """Look at the site once; raise ExchangeFault where it can not be reached."""
        facts: SiteFacts = self._call(self.provider.open())
        self._conditions = Conditions(self.provider, facts, self.schemas, self._version, self.redact)
        return facts

    def start(self, cases: Sequence[PlannedCase], ahead: bool = True) -> None:
        """Take the cases of a run; with ``ahead`` they run before they are asked for."""
        self._futures = {case.id: Future() for case in cases}
        self._call(self._begin(cases if ahead else ()))

    def result(self, case: PlannedCase) -> CaseResult:
        """Return the result of a case that was started, waiting for it."""
        future = self._futures.get(case.id)
        if future is None:
            raise SuiteError(f"case {case.id} was never started")
        if not future.done():
            self._loop.call_soon_threadsafe(self._run_now, case)
        result = future.result()
        self._futures[case.id] = _TAKEN
        self._loop.call_soon_threadsafe(self._room.release)
        return result

    def stop(self) -> None:
        """Cancel what still runs, let clean-ups end, close the site. Can be called twice."""
        if not self._thread.is_alive():
            return
        try:
            self._call(self._end())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _begin(self, cases: Sequence[PlannedCase]) -> None:
        self._waiting.extend(cases)
        if self.limits.run_time:
            self._deadline = self._loop.time() + self.limits.run_time
        for _ in range(min(self.limits.in_flight, len(cases))):
            self._keep(self._loop.create_task(self._worker()))

    async def _worker(self) -> None:
        while self._waiting and not self._enough_failures():
            await self._room.acquire()
            if not self._waiting or self._enough_failures():
                return
            case = self._waiting.popleft()
            if case.id not in self._taken:
                await self._run(case)

    def _run_now(self, case: PlannedCase) -> None:
        if case.id not in self._taken:
            self._taken.add(case.id)
            self._keep(self._loop.create_task(self._run(case)))

    async def _run(self, case: PlannedCase) -> None:
        self._taken.add(case.id)
        future = self._futures[case.id]
        try:
            if self._deadline and self._loop.time() > self._deadline:
                result = _not_run(case, f"the run's time limit of {self.limits.run_time:g} s was over", self._version)
            else:
                async with self._slots:
                    result = await run_case(case, self._connected(), self.limits.case_time)
        except asyncio.CancelledError:
            future.set_result(_not_run(case, "the run was interrupted", self._version))
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits for the result must be told
            future.set_exception(error)
            return
        if result.verdict in (Verdict.FAIL, Verdict.SUITE_ERROR):
            self._failures += 1
        future.set_result(result)

    def _connected(self) -> Conditions:
        if self._conditions is None:
            raise SuiteError("a case was run before the site was connected")
        return self._conditions

    def _enough_failures(self) -> bool:
        return 0 < self.limits.max_failures <= self._failures

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        self._waiting.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.provider.close()


_TAKEN: Future[CaseResult] = Future()


def _not_run(case: PlannedCase, reason: str, version: Version) -> CaseResult:
    side = case.change.side(version)
    return CaseResult(case.id, case.change.id, Verdict.INCONCLUSIVE, side, reason, assumed=case.case.assumed)
