"""A decision on an upgrade, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from conformance.history.model import RunRecord
from conformance.run.verdicts import Verdict
from conformance.versions import Version

BASELINE = "baseline"
"""The scope of what must stay at every release; all else is new with an upgrade, was there, or comes later."""


class Word(StrEnum):
    """What a decision comes to; nothing else is ever said."""

    READY = "READY"
    NOT_READY = "NOT READY"
    CANNOT_TELL = "CANNOT TELL"
    RUN_VOID = "RUN VOID"


class DecisionCode(IntEnum):
    """Exit codes of a decision."""

    READY = 0
    NOT_READY = 1
    CANNOT_TELL = 2
    RUN_VOID = 3


EXIT_CODES: Mapping[Word, DecisionCode] = {
    Word.READY: DecisionCode.READY,
    Word.NOT_READY: DecisionCode.NOT_READY,
    Word.CANNOT_TELL: DecisionCode.CANNOT_TELL,
    Word.RUN_VOID: DecisionCode.RUN_VOID,
}


class Outcome(StrEnum):
    """What a rule of the policy makes of what it finds, heaviest first."""

    VOID = "run void"
    BLOCK = "not ready"
    UNKNOWN = "cannot tell"
    TELL = "tell"
    """It is told, and the version can be taken."""
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The run that a reason rests on."""

    run: str
    """Name of the run."""
    started: datetime
    age: timedelta


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause, in the order in which its reader asks: what, who says so, what it is to me, what was seen, what now.

    Cases that share a cause share a reason. Texts are plain, single lines, without secrets.
    """

    rule: str
    """Id of the rule of the policy, as ``change-broken``."""
    outcome: Outcome
    says: str
    """The whole reason in one sentence, to stand alone."""
    change: str = ""
    """Id of the documented change; empty for what concerns the run or the traffic as a whole."""
    title: str = ""
    """The change in one sentence."""
    releases: str = ""
    """The releases that carry it: ``40.4.3, 40.2.4``."""
    notes: str = ""
    """What the notes say: the clauses that are concerned."""
    source: str = ""
    """Where the provider documented it."""
    uses: str = ""
    """What the integration uses of it, with how often; empty without a profile."""
    owners: Sequence[str] = ()
    seen: str = ""
    """What was seen, in one line."""
    since: datetime | None = None
    """Start of the run in which it was first seen so, without a night between in which it was not."""
    since_run: str = ""
    advice: str = ""
    """What to change, or what to run."""
    cases: Sequence[str] = ()
    evidence: Evidence | None = None
    place: str = ""
    """A place in a file: of a waiver, of recorded traffic, or of the case file, as ``file:line:column``."""


class ChangeWord(StrEnum):
    """How a documented change stands, by the letter of the matrix."""

    HOLDS = "P"
    BROKEN = "F"
    WAIVED = "W"
    UNKNOWN = "?"
    NOT_APPLICABLE = "-"
    NOT_COVERED = "o"
    NOT_AFFECTED = "·"


@dataclass(frozen=True, slots=True)
class ChangeState:
    """How one documented change stands for one upgrade."""

    id: str
    title: str
    releases: str
    scope: str
    """``new`` with this upgrade, ``there`` already before it, ``later``: not yet in the target; or BASELINE."""
    used: bool
    """Whether the integration uses what it concerns; without a profile everything counts."""
    word: ChangeWord
    by_operation: Mapping[str, ChangeWord]
    counts: Mapping[Verdict, int]
    """Over its cases, the newest conclusive evidence of each, else the newest."""
    source: str = ""
    impact: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to "can we take this version?"."""

    word: Word
    to: Version
    from_: Version | None
    site: str
    at: datetime
    """When it was decided; ages are measured from then."""
    max_age: timedelta
    reasons: Sequence[Reason]
    """Heaviest first; those that only tell come last."""
    changes: Sequence[ChangeState]
    """Newest release first."""
    policy: Mapping[str, Outcome]
    """The rules that were applied, by id."""
    policy_source: str
    """``the shipped policy``, or the file."""
    profile: str
    """Name of the integration; empty without a profile."""
    runs: Sequence[RunRecord]
    """The runs whose evidence counts, newest first."""
    observed: int = 0
    """How many cases there is conclusive evidence for."""
    planned: int = 0
    """How many cases the target version has."""

    @property
    def code(self) -> DecisionCode:
        """The exit code."""
        return EXIT_CODES[self.word]

    def of(self, outcome: Outcome) -> list[Reason]:
        """Return the reasons of one weight."""
        return [reason for reason in self.reasons if reason.outcome is outcome]
