"""What the outcomes of all mutants come to: how many died, which cases they hang on, what nobody could notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.cases.plan import Change, PlannedCase
from conformance.mutants.outcome import CONTROL, RIGHT, Fate, Outcome
from conformance.run.verdicts import ExitCode

DERIVED = "derived"
_ORDER = (
    *("release", "schema", "value", "envelope", "state", "time", "authorisation", "concurrency"),
    *(DERIVED, "suite", CONTROL),
)


@dataclass(frozen=True, slots=True)
class Row:
    """How the mutants of one class fared."""

    name: str
    mutants: int
    killed: int
    as_deviation: int
    """Of the killed those that a case only told as a deviation, for the rule that they break is assumed."""
    equivalent: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All outcomes, and what they come to."""

    outcomes: Sequence[Outcome]
    cases: Sequence[PlannedCase]
    changes: Sequence[Change]

    @property
    def wrong(self) -> list[Outcome]:
        """The mutants that did not come to what they should have."""
        return [outcome for outcome in self.outcomes if outcome.fate not in RIGHT]

    @property
    def written(self) -> list[Outcome]:
        """The mutants of the mock that somebody wrote."""
        return [outcome for outcome in self.outcomes if outcome.class_ not in (DERIVED, "suite", CONTROL)]

    @property
    def equivalent(self) -> list[Outcome]:
        """The mutants that nobody can notice, each with a reason of its own."""
        return [o for o in self.outcomes if o.fate is Fate.EQUIVALENT and o.class_ not in (DERIVED, CONTROL)]

    @property
    def legal(self) -> Mapping[str, int]:
        """How many derived mutants are legal and no clause speaks of them, by operation."""
        found = (o for o in self.outcomes if o.fate is Fate.EQUIVALENT and o.class_ == DERIVED)
        return Counter(o.id.removeprefix(f"{DERIVED}/").partition(" ")[0] for o in found)

    @property
    def rows(self) -> list[Row]:
        """One row for each class."""
        return [_row(name, [o for o in self.outcomes if o.class_ == name]) for name in self._classes]

    @property
    def _classes(self) -> list[str]:
        known = {outcome.class_ for outcome in self.outcomes}
        return [name for name in _ORDER if name in known]

    @property
    def alone(self) -> Mapping[str, list[Outcome]]:
        """For each case the written mutants that it alone kills."""
        found: dict[str, list[Outcome]] = {case.id: [] for case in self._asked}
        for outcome in self.written:
            if len(outcome.killers) == 1:
                found.setdefault(outcome.killers[0], []).append(outcome)
        return found

    @property
    def idle(self) -> list[str]:
        """The cases that kill no written mutant: what they look at nobody has broken."""
        busy = {case for outcome in self.written for case in outcome.killers}
        return [case.id for case in self._asked if case.id not in busy]

    @property
    def unbroken(self) -> list[tuple[str, str]]:
        """The clauses, as change and clause, that no killed mutant breaks."""
        broken = {(o.change, o.breaks) for o in self.written if o.fate is Fate.KILLED}
        return [
            (change.id, clause)
            for change in self._concerned
            for clause in change.file.clauses
            if (change.id, clause) not in broken
        ]

    @property
    def _concerned(self) -> list[Change]:
        named = {outcome.change for outcome in self.written}
        return [change for change in self.changes if change.id in named]

    @property
    def _asked(self) -> list[PlannedCase]:
        named = {change.id for change in self._concerned}
        return [case for case in self.cases if case.change.id in named]

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with."""
        if any(outcome.fate is Fate.SUITE_ERROR for outcome in self.wrong):
            return ExitCode.SUITE_ERROR
        return ExitCode.FINDINGS if self.wrong or self.idle or self.unbroken else ExitCode.AS_DOCUMENTED

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        mutants = [outcome for outcome in self.outcomes if outcome.class_ != CONTROL]
        killed = sum(outcome.fate is Fate.KILLED for outcome in mutants)
        same = sum(outcome.fate is Fate.EQUIVALENT for outcome in mutants)
        counts = f"{len(mutants)} mutants: {killed} killed for the stated reason, {same} equivalent with a reason"
        if self.exit_code is ExitCode.AS_DOCUMENTED:
            return f"EVERY MUTANT AS IT SHOULD BE: {counts}, none survived"
        trouble = Counter(outcome.fate.value for outcome in self.wrong)
        told = [f"{number} {fate}" for fate, number in trouble.items()]
        told += [f"{len(self.idle)} cases kill nothing"] * bool(self.idle)
        told += [f"{len(self.unbroken)} clauses that no killed mutant breaks"] * bool(self.unbroken)
        return f"NOT PROVED: {', '.join(told)}; {counts}"

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON data."""
        return {
            "sentence": self.sentence,
            "exit_code": int(self.exit_code),
            "classes": [{name: getattr(row, name) for name in Row.__slots__} for row in self.rows],
            "alone": {case: [outcome.id for outcome in found] for case, found in self.alone.items()},
            "idle": self.idle,
            "unbroken": [{"change": change, "clause": clause} for change, clause in self.unbroken],
            "mutants": [_as_json(outcome) for outcome in self.outcomes],
        }


def _row(name: str, outcomes: Sequence[Outcome]) -> Row:
    killed = [outcome for outcome in outcomes if outcome.fate is Fate.KILLED]
    deviations = sum(outcome.sign is not None and outcome.sign.verdict == "DEVIATION" for outcome in killed)
    same = sum(outcome.fate is Fate.EQUIVALENT for outcome in outcomes)
    return Row(name, len(outcomes), len(killed), deviations, same, len(outcomes) - len(killed) - same)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    told = {name: getattr(outcome, name) for name in Outcome.__slots__ if name != "class_"}
    sign = outcome.sign and {name: getattr(outcome.sign, name) for name in type(outcome.sign).__slots__}
    return {**told, "class": outcome.class_, "fate": outcome.fate.value, "killers": list(outcome.killers), "sign": sign}
