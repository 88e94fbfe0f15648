"""Many cases in flight, one order of results.

Cases wait for the site most of the time, so they run as coroutines, at most ``in_flight`` at a time, in the
order in which they were given. The event loop runs in the thread that asks for results, while it waits for
one: a second thread would only fight with it for the interpreter. A case that is asked for before its turn
is run at once, so any order of asking ends.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from conformance.cases.plan import PlannedCase
from conformance.errors import SuiteError
from conformance.run.confirm import confirmed
from conformance.run.execute import Conditions, run_case
from conformance.run.verdicts import CaseResult, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import SiteFacts, SiteProvider
from conformance.versions import Version
from conformance.wire.pseudonyms import Key

_ENDING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run; times in seconds, 0 for none."""

    in_flight: int = 16
    max_failures: int = 0
    case_time: float = 120.0
    run_time: float = 0.0


class Engine:
    """Runs cases. Use as a context manager; ``connect``, ``start`` once, then ``result`` for each case."""

    def __init__(self, provider: SiteProvider, schemas: SchemaSet, version: Version, limits: Limits) -> None:
        self.provider = provider
        self.limits = limits
        self.schemas = schemas
        self._version = version
        self._loop = asyncio.new_event_loop()
        self._waiting: deque[PlannedCase] = deque()
        self._known: set[str] = set()
        self._taken: set[str] = set()
        self._results: dict[str, asyncio.Future[CaseResult]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        # How far results may run ahead of whoever takes them; bounds what is held in memory.
        self._window = max(64, 4 * limits.in_flight)
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._workers = 0
        self._failures = 0
        self._deadline = 0.0
        self.pseudonyms: Key | None = None
        """To be set before ``connect``, where people are to have pseudonyms."""
        self._conditions: Conditions | None = None
        self._handlers: dict[signal.Signals, Any] = {}
        self._interrupted = False

    def __enter__(self) -> Engine:
        if threading.current_thread() is threading.main_thread():
            # Whoever ends the run, what it created on the site is to be removed.
            self._handlers = {number: signal.signal(number, self._on_interrupt) for number in _ENDING}
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def connect(self) -> SiteFacts:
        """Look at the site once; raise ExchangeFault where it can not be reached."""
        facts: SiteFacts = self._drive(self._loop.create_task(self.provider.open()))
        self._conditions = Conditions(self.provider, facts, self.schemas, self._version, pseudonyms=self.pseudonyms)
        return facts

    def start(self, cases: Sequence[PlannedCase], ahead: bool = True) -> None:
        """Take the cases of a run; with ``ahead`` they run before they are asked for."""
        self._known = {case.id for case in cases}
        self._waiting.extend(cases if ahead else ())
        if self.limits.run_time:
            self._deadline = self._loop.time() + self.limits.run_time

    def result(self, case: PlannedCase) -> CaseResult:
        """Return the result of a case that was started, waiting for it."""
        if case.id not in self._known:
            raise SuiteError(f"case {case.id} was never started, or its result was taken before")
        self._end_if_interrupted()
        if case.id not in self._taken:
            self._take(case)
            self._keep(self._loop.create_task(self._run(case)))
        self._employ()
        future = self._results[case.id]
        if future.done():
            # The others in flight get their turn while results are at hand.
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()
        result: CaseResult = self._drive(future)
        del self._results[case.id]
        self._known.discard(case.id)
        return result

    def settle(self) -> None:
        """Let the cases in flight end and begin no others until a result is asked for.

        To be called before something else takes the thread for long: deadlines do not stop meanwhile.
        """
        waiting, self._waiting = self._waiting, deque()
        if self._tasks:
            self._drive(self._loop.create_task(asyncio.wait(list(self._tasks))))
        self._waiting = waiting

    def stop(self) -> None:
        """Cancel what still runs, let clean-ups end, close the site. Can be called twice."""
        if self._loop.is_closed():
            return
        self._waiting.clear()
        self._interrupted = False
        try:
            self._drive(self._loop.create_task(self._end()))
        finally:
            self._loop.close()
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    def _drive(self, future: asyncio.Future[Any]) -> Any:
        """Run the loop until ``future`` is done; an interrupt ends that too."""
        future.add_done_callback(self._stop_loop)
        try:
            # A stop that was asked for earlier, by an interrupt, may still be due.
            while not future.done() and not self._interrupted:
                self._loop.run_forever()
        finally:
            future.remove_done_callback(self._stop_loop)
        if not future.done():
            self._end_if_interrupted()
        return future.result()

    def _end_if_interrupted(self) -> None:
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def _stop_loop(self, _: object) -> None:
        self._loop.stop()

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self._loop.is_running():
            signal.default_int_handler(number, frame)
        # An exception in the middle of the loop's own code would leave it broken.
        self._interrupted = True
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _employ(self) -> None:
        """Have a worker for each free place, as long as there is work and room for its results."""
        if len(self._results) > self._window // 2:
            return  # they would soon stop again
        wanted = min(self.limits.in_flight, len(self._waiting))
        while self._workers < wanted and not self._enough_failures():
            self._workers += 1
            self._keep(self._loop.create_task(self._work()))

    async def _work(self) -> None:
        try:
            while self._waiting and len(self._results) < self._window and not self._enough_failures():
                case = self._waiting.popleft()
                if case.id not in self._taken:
                    self._take(case)
                    await self._run(case)
        finally:
            self._workers -= 1

    def _take(self, case: PlannedCase) -> None:
        self._taken.add(case.id)
        self._results[case.id] = self._loop.create_future()

    async def _run(self, case: PlannedCase) -> None:
        future = self._results[case.id]
        try:
            async with self._slots:
                if self._deadline and self._loop.time() > self._deadline:
                    over = f"the run's time limit of {self.limits.run_time:g} s was over"
                    result = _not_run(case, over, self._version)
                else:
                    result = await run_case(case, self._connected(), self.limits.case_time)
                    if result.verdict is Verdict.FAIL and self.provider.confirms_failures:
                        result = confirmed(result, await run_case(case, self._connected(), self.limits.case_time))
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
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.provider.close()
        for future in self._results.values():
            if future.done() and not future.cancelled():
                future.exception()  # nobody asked; asyncio would complain of an exception never read


def _not_run(case: PlannedCase, reason: str, version: Version) -> CaseResult:
    side = case.change.side(version)
    return CaseResult(case.id, case.change.id, Verdict.INCONCLUSIVE, side, reason, assumed=case.case.assumed)
