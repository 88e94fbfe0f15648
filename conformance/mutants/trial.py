"""Trying a mutant: the cases that it could concern, on sites that have its defect."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from conformance.cases.plan import PlannedCase
from conformance.mock.defect import Aimed
from conformance.mock.defect_answers import Answering
from conformance.mock.state import Defect, Proceed, Reply, Site
from conformance.mutants.defects import defect
from conformance.mutants.derive import Derived, derived
from conformance.mutants.load import Mutant, concerned
from conformance.mutants.outcome import QUIET, Outcome, judged, judged_control, judged_derived
from conformance.run.embedded import EmbeddedMock
from conformance.run.execute import Conditions, run_case
from conformance.run.verdicts import CaseResult
from conformance.schema.catalog import SchemaCatalog
from conformance.site.seam import SiteFacts
from conformance.versions import NEWEST, Version
from conformance.wire.request import Request

IN_FLIGHT = 16
_WORD = re.compile(r"\w+|\*")
CASE_SECONDS = 60.0


@dataclass(slots=True)
class _Listening:
    """Keeps the answers of a site that is right."""

    answers: list[bytes] = field(default_factory=list)

    def __call__(self, _: Site, request: Request, proceed: Proceed) -> Reply:
        reply = proceed(request)
        self.answers.append(reply.body)
        return reply


class Bench:
    """A running mock on which cases are tried, each on a site of its own with whatever defect. Use ``async with``."""

    def __init__(self, cases: Sequence[PlannedCase], schemas: SchemaCatalog) -> None:
        self.cases = cases
        self._schemas = schemas
        self._mock = EmbeddedMock(NEWEST).without_http()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._by_id = {case.id: case for case in cases}
        self._operations = {case.id: case.operations for case in cases}
        self._words = {case.id: frozenset(_WORD.findall(case.case.model_dump_json())) for case in cases}
        self._facts: SiteFacts | None = None

    async def __aenter__(self) -> Bench:
        self._facts = await self._mock.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._mock.close()

    async def results(
        self, cases: Iterable[PlannedCase], release: Version = NEWEST, having: Defect | None = None
    ) -> Mapping[str, CaseResult]:
        """Run cases on sites of a release that have a defect, held to that release."""
        if self._facts is None:
            raise RuntimeError("the bench is not open")
        conditions = Conditions(
            self._mock.like(release, having), self._facts, self._schemas.at(release), release, explains=False
        )

        async def one(case: PlannedCase) -> CaseResult:
            async with self._slots:
                return await run_case(case, conditions, CASE_SECONDS)

        done = await asyncio.gather(*map(one, cases))
        return {result.id: result for result in done}

    async def derived(self, cases: Sequence[PlannedCase]) -> list[Derived]:
        """Return the mutants of all that cases are answered by a mock without defect."""
        heard = {case.id: _Listening() for case in cases}
        done = await asyncio.gather(*(self.results([case], having=heard[case.id]) for case in cases))
        results = {id_: result for one in done for id_, result in one.items()}
        answers = {id_: listening.answers for id_, listening in heard.items()}
        return derived(cases, results, answers, self._schemas.at(NEWEST).model)

    async def outcome(self, mutant: Mutant) -> Outcome:
        """Try a mutant with the cases that could notice, of its file and of the files of those that must.

        One that nobody can notice is tried with every case that calls an operation in which it is wrong.
        """
        wrong = defect(mutant.entry.defect)
        kill = mutant.entry.killed_by
        stated = concerned(kill, mutant.change, self.cases) if kill else self.cases
        files = {mutant.change, *(case.change.id for case in stated)}
        cases = [case for case in self.cases if case.change.id in files and self._could_notice(case, wrong.operations)]
        results = await self.results(cases, mutant.release, wrong)
        return judged(mutant, self.cases, results, self._mock.secrets, befell=wrong.befell)

    async def control(self) -> Outcome:
        """Try all cases on the mock without any defect."""
        return judged_control(await self.results(self.cases), self._mock.secrets)

    async def outcome_of_derived(self, mutant: Derived) -> Outcome:
        """Try a derived mutant with the case that is to notice; one that is legal with every case that names it."""
        schemas = self._schemas.at(NEWEST)
        legal = mutant.is_legal(schemas)
        wrong = Aimed((Answering((mutant.edit,)),), (mutant.operation,))
        first, *others = mutant.cases
        results = await self.results([self._by_id[first]], NEWEST, wrong)
        if legal and all(result.verdict in QUIET for result in results.values()):
            names = mutant.names
            cases = [self._by_id[id_] for id_ in others if names & self._words[id_]]
            results = {**results, **await self.results(cases, NEWEST, wrong)}
        return judged_derived(mutant, results, legal=legal, assumed=mutant.may_be_assumed(schemas), befell=wrong.befell)

    def _could_notice(self, case: PlannedCase, patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(name, pattern) for name in self._operations[case.id] for pattern in patterns)
