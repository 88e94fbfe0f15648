"""What came of a mutant: who noticed, by what, and whether that is what was to be noticed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.cases.plan import PlannedCase
from conformance.mutants.derive import Derived
from conformance.mutants.load import Mutant, concerned
from conformance.mutants.model import KillEntry
from conformance.run.verdicts import CaseResult, Check, ExitCode, StepResult, Verdict, exit_code

QUIET = (Verdict.PASS, Verdict.NOT_APPLICABLE)
"""The verdicts of a case that noticed nothing."""

CONTROL = "control"
"""The id of the mock without any defect, on which all cases must pass."""

_BAD = (Verdict.FAIL, Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.SUITE_ERROR)


class Fate(StrEnum):
    """What came of a mutant; the first two are as they should be."""

    KILLED = "killed"
    """By the case and the check that its entry names."""
    EQUIVALENT = "equivalent"
    """Nobody noticed, and its entry says why nobody can."""
    OTHERWISE = "killed otherwise"
    """Something noticed, but not what its entry names."""
    SURVIVED = "survived"
    """Nobody noticed, and somebody should have."""
    UNREACHED = "not reached"
    """What is wrong in it never showed, so that nobody could notice."""
    NOTICED = "noticed after all"
    """Its entry says that nobody can notice, and somebody did."""
    SUITE_ERROR = "suite error"
    """It made the suite itself fail."""


RIGHT = frozenset({Fate.KILLED, Fate.EQUIVALENT})


LEGAL = "the schemas allow it, and no clause speaks of it"


@dataclass(frozen=True, slots=True)
class Sign:
    """What one case saw of a mutant."""

    case: str
    verdict: str
    step: str = ""
    check: str = ""
    subject: str = ""
    expected: str = ""
    observed: str = ""

    def __str__(self) -> str:
        """Return it in one line."""
        seen = f"{self.check} {self.subject}: expected {self.expected or 'none'}, got {self.observed}"
        return f"{self.verdict} {self.case}, {self.step}: {seen}" if self.check else f"{self.verdict} {self.case}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mutant."""

    id: str
    title: str
    class_: str
    change: str
    """The change that it breaks; empty where it breaks a rule of every answer."""
    breaks: str
    fate: Fate
    killers: tuple[str, ...] = ()
    """The cases that noticed."""
    sign: Sign | None = None
    """What the case that its entry names saw; else what the first case that noticed saw."""
    reason: str = ""
    """Why nobody can notice."""
    place: str = ""


def suite_trouble(results: Iterable[CaseResult], secrets: Sequence[str]) -> Sign | None:
    """Return what nothing may bring about: an error of the suite, a secret that is shown, an exit code that lies."""
    counts = Counter(result.verdict for result in results)
    for result in results:
        if result.verdict is Verdict.SUITE_ERROR:
            return next(_signs(result))
        told = json.dumps(result.as_json(), ensure_ascii=False)
        if any(secret in told for secret in secrets):
            return Sign(result.id, result.verdict.value, observed="the password of an account is in the result")
    if any(counts[verdict] for verdict in _BAD) and exit_code(counts) is ExitCode.AS_DOCUMENTED:
        return Sign("", "", observed=f"a run with {dict(counts)} ends with exit code 0")
    return None


def judged_control(results: Mapping[str, CaseResult], secrets: Sequence[str]) -> Outcome:
    """Return what came of the mock without any defect: nobody may notice anything."""
    trouble = suite_trouble(results.values(), secrets)
    noticed = [result for result in results.values() if result.verdict not in QUIET]
    return Outcome(
        id=CONTROL,
        title="The mock without any defect.",
        class_=CONTROL,
        change="",
        breaks="nothing",
        fate=Fate.SUITE_ERROR if trouble else Fate.NOTICED if noticed else Fate.EQUIVALENT,
        killers=tuple(result.id for result in noticed),
        sign=trouble or (next(_signs(noticed[0])) if noticed else None),
        reason="nothing is wrong in it",
    )


def judged(
    mutant: Mutant,
    cases: Sequence[PlannedCase],
    results: Mapping[str, CaseResult],
    secrets: Sequence[str],
    *,
    befell: bool,
) -> Outcome:
    """Return what came of a mutant, from the results of all cases that it could concern."""
    noticed = [result for result in results.values() if result.verdict not in QUIET]
    kill = mutant.entry.killed_by
    sign = _stated_sign(kill, mutant, cases, results) if kill else None
    if trouble := suite_trouble(results.values(), secrets):
        fate, sign = Fate.SUITE_ERROR, trouble
    elif sign:
        fate = Fate.KILLED
    elif noticed:
        fate, sign = (Fate.OTHERWISE if kill else Fate.NOTICED), next(_signs(noticed[0]))
    elif not befell:
        fate = Fate.UNREACHED
    else:
        fate = Fate.SURVIVED if kill else Fate.EQUIVALENT
    return Outcome(
        id=mutant.id,
        title=mutant.entry.title,
        class_=mutant.entry.class_,
        change=mutant.change,
        breaks=mutant.breaks,
        fate=fate,
        killers=tuple(result.id for result in noticed),
        sign=sign,
        reason=mutant.entry.equivalent,
        place=mutant.place,
    )


def judged_derived(
    mutant: Derived, results: Mapping[str, CaseResult], *, legal: bool, assumed: bool, befell: bool
) -> Outcome:
    """Return what came of a derived mutant, from the results of the cases that it was tried with.

    What breaks a rule of the schemas must be a FAIL by that rule, or a DEVIATION where the rule is only ``assumed``.
    What is ``legal`` may be noticed by a clause.
    """
    noticed = [result for result in results.values() if result.verdict not in QUIET]
    result = noticed[0] if noticed else next(iter(results.values()))
    sign = next(_signs(result)) if noticed else None
    by_schema = next(_schema_signs(result), None)
    reason = ""
    if result.verdict is Verdict.SUITE_ERROR:
        fate = Fate.SUITE_ERROR
    elif not befell:
        fate = Fate.UNREACHED
    elif legal:
        fate = Fate.KILLED if sign else Fate.EQUIVALENT
        reason = "" if sign else LEGAL
    elif sign is None:
        fate = Fate.SURVIVED
    else:
        right = by_schema and (by_schema.verdict == "FAIL" or (by_schema.verdict == "DEVIATION" and assumed))
        fate = Fate.KILLED if right else Fate.OTHERWISE
    return Outcome(
        id=mutant.id,
        title=mutant.title,
        class_="derived",
        change=mutant.cases[0].partition("::")[0],
        breaks="the schemas" if not legal else "nothing of the schemas",
        fate=fate,
        killers=tuple(result.id for result in noticed),
        sign=by_schema or sign,
        reason=reason,
    )


def _stated_sign(
    kill: KillEntry, mutant: Mutant, cases: Sequence[PlannedCase], results: Mapping[str, CaseResult]
) -> Sign | None:
    """Return what the first of the named cases saw, if each of them saw what was to be seen."""
    signs = []
    for case in concerned(kill, mutant.change, cases):
        result = results.get(case.id)
        if result is None or result.verdict != kill.verdict:
            return None
        stated = (sign for sign in _signs(result) if _is_stated(kill, sign))
        sign = next(stated, None)
        if sign is None:
            return None
        signs.append(sign)
    return signs[0] if signs else None


def _is_stated(kill: KillEntry, sign: Sign) -> bool:
    return sign.verdict == kill.verdict and sign.check == kill.check and kill.subject in sign.subject


def _signs(result: CaseResult) -> Iterator[Sign]:
    """Yield what made the verdict of a case, first what weighs as much as it."""
    for step in result.steps:
        for check in step.checks:
            if check.verdict is result.verdict:
                yield _sign(result, step, check)
    yield Sign(result.id, result.verdict.value, observed=result.reason)


def _schema_signs(result: CaseResult) -> Iterator[Sign]:
    """Yield what the schemas and the envelope told, whatever else decided."""
    for step in result.steps:
        for check in step.checks:
            if check.verdict is not Verdict.PASS and check.id.startswith(("schema.", "envelope.", "malformed.")):
                yield _sign(result, step, check)


def _sign(result: CaseResult, step: StepResult, check: Check) -> Sign:
    return Sign(
        result.id, check.verdict.value, step.name, check.id, check.subject, check.expected, check.observed[:200]
    )
