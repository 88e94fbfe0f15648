"""Generated requests sent to a site, one after the other, until enough is known or nothing more can be seen.

First all requests of a seed, whatever they come to: so a seed gives the same requests against any site. Then the
requests that showed something are made small. None is sent twice, but to a server that erred.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, settings
from hypothesis.errors import Unsatisfiable

from conformance.errors import SuiteError, UserError
from conformance.fuzz.oracle import Finding, findings, observed, server_error
from conformance.fuzz.requests import Generated, Requests
from conformance.fuzz.scenario import Scenario
from conformance.fuzz.smaller import smallest
from conformance.run.engine import Engine
from conformance.run.verdicts import CaseResult, Verdict

SILENT_IN_A_ROW = 5
"""How many requests in a row may come to nothing before the campaign ends."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a campaign does, and how long."""

    seed: int
    most: int = 200
    """How many requests are generated at most; making a finding small may take as many again."""
    seconds: float = 0.0
    """After how long it ends; 0 for no limit."""
    invalid: bool = False
    """Whether requests that the schemas refuse are sent too."""
    scene: bool = True
    """Whether requests may be about objects that are created for them."""
    deviations: bool = False
    """Whether what breaks only an assumed or recommended rule is a finding."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the smallest request that showed it."""

    finding: Finding
    generated: Generated


@dataclass(slots=True)
class Outcome:
    """What a campaign came to."""

    found: list[Found] = field(default_factory=list)
    sent: int = 0
    observed: int = 0
    """How many of the requests were answered, so that there was something to judge."""
    untold: Counter[str] = field(default_factory=Counter)
    """Why others could not be judged."""
    refused: Counter[str] = field(default_factory=Counter)
    """Why others were not sent at all."""
    deviations: set[_Key] = field(default_factory=set)
    """What was seen of deviations, whether these are findings or not."""
    left: list[str] = field(default_factory=list)
    """What is or may be still on the site."""
    remarks: list[str] = field(default_factory=list)
    """What the site has to say at the end: what was sent again, slowed down, swept."""
    ended: str = ""
    """Why it ended before its time."""
    gave_up: bool = False
    """Whether it ended because nothing more could be seen."""


class _Over(BaseException):
    """The end of a campaign; no Exception, which Hypothesis would take for a finding."""

    def __init__(self, why: str = "", *, gave_up: bool = False, defect: str = "") -> None:
        super().__init__(why)
        self.gave_up = gave_up
        self.defect = defect


class Campaign:
    """One campaign on the site of an engine that is connected."""

    def __init__(self, engine: Engine, scenario: Scenario, aim: Aim) -> None:
        """Raises UserError where nothing can be generated."""
        self.outcome = Outcome()
        self._engine = engine
        self._scenario = scenario
        self._aim = aim
        self._requests = Requests(
            scenario.operation, engine.schemas, scenario.caller, scene=aim.scene, invalid=aim.invalid
        )
        self._numbers = itertools.count(1)
        self._clock = time.monotonic()
        self._seen: dict[str, tuple[Finding, ...]] = {}
        self._found: dict[_Key, Found] = {}
        self._silent = 0

    def run(self) -> Outcome:
        """Send the requests of the seed and make small what was found; raise SuiteError for a defect of ours."""
        try:
            self._look()
            for key in list(self._found):
                self._make_small(key)
        except _Over as end:
            if end.defect:
                raise SuiteError(end.defect) from None
            self.outcome.ended, self.outcome.gave_up = str(end), end.gave_up
        except KeyboardInterrupt:
            self.outcome.ended, self.outcome.gave_up = "interrupted", True
        self.outcome.found = list(self._found.values())
        return self.outcome

    def _look(self) -> None:
        @hypothesis.seed(self._aim.seed)
        @settings(
            max_examples=self._aim.most,
            database=None,
            derandomize=False,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=tuple(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(self._requests.generated)
        def look(generated: Generated) -> None:
            if generated.defect:
                raise _Over(defect=f"a request that was to be valid is not: {generated.defect}")
            for finding in self._findings(generated):
                self._found.setdefault(finding.key, Found(finding, generated))

        try:
            look()
        except Unsatisfiable as error:
            raise UserError(f"no request of {self._scenario.operation.name} can be generated") from error

    def _make_small(self, key: _Key) -> None:
        """Leave out of the request of a finding whatever it shows itself without; that may take as many requests."""
        allowed = self.outcome.sent + self._aim.most

        def works(body: Mapping[str, Any]) -> bool:
            smaller = self._requests.again(body, self._found[key].generated)
            if smaller is None or (smaller.text not in self._seen and self.outcome.sent >= allowed):
                return False
            shown = next((finding for finding in self._findings(smaller) if finding.key == key), None)
            if shown is not None:
                self._found[key] = Found(shown, smaller)
            return shown is not None

        smallest(self._found[key].generated.body, works)

    def _findings(self, generated: Generated) -> tuple[Finding, ...]:
        if generated.text not in self._seen:
            self._seen[generated.text] = self._ask(generated)
        return self._seen[generated.text]

    def _ask(self, generated: Generated) -> tuple[Finding, ...]:
        if self._aim.seconds and time.monotonic() - self._clock > self._aim.seconds:
            raise _Over(f"the time limit of {self._aim.seconds:g} s was over")
        self.outcome.sent += 1
        result = self._run(generated)
        found = findings(result)
        if (error := server_error(result)) and self._repeats(error, generated):
            found = (error,)
        self._count(result, told=bool(found))
        self.outcome.deviations |= {finding.key for finding in found if finding.deviation}
        return tuple(finding for finding in found if self._aim.deviations or not finding.deviation)

    def _run(self, generated: Generated) -> CaseResult:
        case = self._scenario.planned(generated, next(self._numbers))
        self._engine.start([case], ahead=False)
        result = self._engine.result(case)
        self.outcome.left += result.leftovers
        if result.verdict is Verdict.SUITE_ERROR:
            raise _Over(defect=_defect(result))
        return result

    def _repeats(self, error: Finding, generated: Generated) -> bool:
        """Tell whether the server errs at a request again, and answers another one between.

        A server that errs may close its connection, which is then told of the next request; so this is tried twice.
        """
        return any(self._answers() and self._errs(error, generated) for _ in range(2))

    def _answers(self) -> bool:
        probe = self._scenario.probe(next(self._numbers))
        self._engine.start([probe], ahead=False)
        return self._engine.result(probe).verdict in (Verdict.PASS, Verdict.DEVIATION)

    def _errs(self, error: Finding, generated: Generated) -> bool:
        again = server_error(self._run(generated))
        return again is not None and again.key == error.key

    def _count(self, result: CaseResult, *, told: bool) -> None:
        if told or observed(result):
            self.outcome.observed += 1
            self._silent = 0
            return
        reasons = self.outcome.refused if result.verdict is Verdict.NOT_APPLICABLE else self.outcome.untold
        reasons[result.reason] += 1
        self._silent += result.verdict is not Verdict.NOT_APPLICABLE
        if self._silent >= SILENT_IN_A_ROW:
            last = f"{self._silent} requests in a row could not be judged, at last: {result.reason}"
            raise _Over(last, gave_up=True)


def _defect(result: CaseResult) -> str:
    trace = result.steps[-1].response if result.steps else ""
    return f"{result.id}: {result.reason}\n{trace}".rstrip()


@contextmanager
def no_files_of_hypothesis() -> Iterator[None]:
    """Let Hypothesis keep its tables in a place of their own: a campaign leaves no ``.hypothesis`` where it is run."""
    with TemporaryDirectory(prefix="conformance-fuzz-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(None)
