"""Verdicts and what they rest on. A fault never becomes PASS; no evidence is never ready."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from conformance.cases.model import Side


class Verdict(StrEnum):
    """What a check, a step or a case came to; in order of weight, heaviest last."""

    PASS = "PASS"
    """The documented behaviour held."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The site is declared not to be what the case needs."""
    DEVIATION = "DEVIATION"
    """Something recommended or only assumed did not hold; shown, does not block."""
    WAIVED = "WAIVED"
    """The documented behaviour did not hold, and somebody answers for that until a date."""
    BLOCKED = "BLOCKED"
    """A step before it failed, so this could not be looked at."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """We could not observe: network, server error, rate limit, deadline, no mailbox."""
    FAIL = "FAIL"
    """The documented behaviour did not hold."""
    SUITE_ERROR = "SUITE_ERROR"
    """Our own defect; the run is void."""


_WEIGHT = {verdict: weight for weight, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the heaviest verdict; PASS where there is none."""
    return max(verdicts, key=_WEIGHT.__getitem__, default=Verdict.PASS)


class ExitCode(IntEnum):
    """Exit codes of a run."""

    AS_DOCUMENTED = 0
    FINDINGS = 1
    COULD_NOT_TELL = 2
    SUITE_ERROR = 3
    USAGE = 4


def exit_code(counts: Mapping[Verdict, int]) -> ExitCode:
    """Return the exit code of a run with these counts; nothing observed is COULD_NOT_TELL."""
    if counts.get(Verdict.SUITE_ERROR):
        return ExitCode.SUITE_ERROR
    if counts.get(Verdict.FAIL):
        return ExitCode.FINDINGS
    observed = sum(counts.get(verdict, 0) for verdict in (Verdict.PASS, Verdict.DEVIATION, Verdict.WAIVED))
    if counts.get(Verdict.INCONCLUSIVE) or counts.get(Verdict.BLOCKED) or not observed:
        return ExitCode.COULD_NOT_TELL
    return ExitCode.AS_DOCUMENTED


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a flat value object; ``asdict`` copies deeply and takes ten times as long."""
    return {name: getattr(value, name) for name in value.__slots__}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was expected, what was seen."""

    id: str
    """Stable: ``result``, ``exceptionID``, ``xpath``, ``schema.response.missing``, ``mail.count``, ..."""
    verdict: Verdict
    subject: str
    """What was looked at: an XPath, a path in the message, a field."""
    expected: str = ""
    observed: str = ""
    note: str = ""
    """Evidence, schema line or explanation."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step as it ran. Texts of messages are redacted."""

    name: str
    verdict: Verdict
    checks: tuple[Check, ...] = ()
    caller: str = ""
    request: str = ""
    response: str = ""
    status: int = 0
    started: str = ""
    seconds: float = 0.0
    attempts: tuple[str, ...] = ()
    """What earlier attempts at the same request came to."""
    operation: str = ""
    """What the request called; empty for mails, links and what names no operation."""
    round: int = 1
    """Which time the case ran: 2 where a failure was looked at again."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case as it ran."""

    id: str
    change: str
    verdict: Verdict
    side: Side
    reason: str = ""
    """In one line why the verdict is not PASS."""
    assumed: str = ""
    steps: tuple[StepResult, ...] = ()
    seconds: float = 0.0
    leftovers: tuple[str, ...] = field(default=())
    """Clean-up calls that failed: what may still be on the site."""
    waiver: str = ""
    """Of a WAIVED case, the waiver: its id, who answers for it and until when."""

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON data; ``CaseResult.from_json`` takes it back."""
        steps = [
            {
                **_fields(step),
                "verdict": step.verdict.value,
                "attempts": list(step.attempts),
                "checks": [{**_fields(check), "verdict": check.verdict.value} for check in step.checks],
            }
            for step in self.steps
        ]
        return {**_fields(self), "verdict": self.verdict.value, "steps": steps, "leftovers": list(self.leftovers)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CaseResult:
        """Take back what ``as_json`` gave."""
        steps = tuple(
            StepResult(
                **{
                    **step,
                    "verdict": Verdict(step["verdict"]),
                    "attempts": tuple(step["attempts"]),
                    "checks": tuple(Check(**{**c, "verdict": Verdict(c["verdict"])}) for c in step["checks"]),
                }
            )
            for step in data["steps"]
        )
        known = {**data, "verdict": Verdict(data["verdict"]), "steps": steps, "leftovers": tuple(data["leftovers"])}
        return cls(**known)
