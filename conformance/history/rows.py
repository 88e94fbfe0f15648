"""From results to rows: what is kept of a case, without the messages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.history.cause import cause, step_cause
from conformance.history.letters import NUMBERS, SIDES
from conformance.history.words import MAX_ID, clean
from conformance.run.verdicts import CaseResult, StepResult, Verdict, worst

_MOST_MICROS = 2**62
_MOST_MILLIS = 2**31 - 1
_MOST_SMALL = 2**15 - 1
_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class StepRow:
    """One attempt at one step."""

    step: int
    attempt: int
    round: int
    name: str
    operation: str
    verdict: Verdict
    cause: str
    """Of an attempt that was followed by another, what it came to."""
    status: int
    after_millis: int | None
    micros: int | None
    evidence: bytes


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case and its steps; texts are clean."""

    case: str
    change: str
    verdict: Verdict
    side: str
    cause: str
    reason: str
    waiver: str
    flipped: bool
    retries: int
    micros: int
    evidence: bytes
    steps: Sequence[StepRow]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one case of its run."""
        return self.case, self.change

    @property
    def numbers(self) -> dict[str, int | bytes]:
        """The columns of the row that are no texts."""
        return {
            "verdict": NUMBERS[self.verdict],
            "side": SIDES.index(self.side),
            "flipped": int(self.flipped),
            "retries": self.retries,
            "micros": self.micros,
            "evidence": self.evidence,
        }

    @property
    def texts(self) -> Iterator[str]:
        """Every text of it and of its steps that has a number of its own; the empty one has none."""
        yield from filter(None, (self.cause, self.reason, self.waiver))
        for step in self.steps:
            yield from filter(None, (step.name, step.cause))


def row_of(result: CaseResult, started: datetime) -> CaseRow:
    """Return the row of a result. ``started`` is when its run began. Raises ValueError for an unknown side, and
    TypeError or AttributeError where a value is not of its kind.
    """
    if result.side not in SIDES:
        raise ValueError(f"side {result.side!r:.40} is neither expect nor before")
    digests = [_digest(step) for step in result.steps]
    return CaseRow(
        case=clean(result.id, MAX_ID),
        change=clean(result.change, MAX_ID),
        verdict=result.verdict,
        side=result.side,
        cause=clean(cause(result)),
        reason=clean(result.reason),
        waiver=clean(result.waiver),
        flipped=_flipped(result),
        retries=min(sum(len(step.attempts) for step in result.steps), _MOST_SMALL),
        micros=micros(result.seconds) or 0,
        evidence=hashlib.sha256(b"".join(digests)).digest(),
        steps=tuple(_steps(result, digests, started)),
    )


def micros(seconds: float) -> int | None:
    """Return seconds as whole microseconds; None for what is no time."""
    return round(seconds * _MICROS) if 0 <= seconds < _MOST_MICROS / _MICROS else None


def moment(text: str) -> datetime | None:
    """Read an aware time as results hold it; None for what is none."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _flipped(result: CaseResult) -> bool:
    """Tell whether the case, run again, came to another end."""
    rounds = {step.round for step in result.steps}
    ends = {worst(step.verdict for step in result.steps if step.round == number) for number in rounds}
    return len(ends) > 1


def _steps(result: CaseResult, digests: Sequence[bytes], started: datetime) -> Iterator[StepRow]:
    for number, (step, digest) in enumerate(zip(result.steps, digests, strict=True)):
        name, operation = clean(step.name, MAX_ID), clean(step.operation, MAX_ID)
        for attempt, told in enumerate(step.attempts):
            # Of an attempt that was followed by another, only its words are known.
            seen = hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:16]
            verdict = Verdict.INCONCLUSIVE
            yield StepRow(number, attempt, step.round, name, operation, verdict, clean(told), 0, None, None, seen)
        yield StepRow(
            step=number,
            attempt=len(step.attempts),
            round=_small(step.round),
            name=name,
            operation=operation,
            verdict=step.verdict,
            cause=clean(step_cause(step)),
            status=_small(step.status),
            after_millis=_after(step.started, started),
            micros=micros(step.seconds),
            evidence=digest[:16],
        )


def _small(number: int) -> int:
    return int(number) if 0 <= number <= _MOST_SMALL else 0


def _after(text: str, started: datetime) -> int | None:
    begun = moment(text) if text else None
    if begun is None:
        return None
    millis = round((begun - started).total_seconds() * 1000)
    return millis if abs(millis) <= _MOST_MILLIS else None


def _digest(step: StepResult) -> bytes:
    """Return the SHA-256 of what a step saw: what it came to, its checks, its messages; not how long it took."""
    sha = hashlib.sha256()
    for text in (step.name, step.verdict.value, step.caller, str(step.status), step.request, step.response):
        _add(sha, text)
    for check in step.checks:
        for text in (check.id, check.verdict.value, check.subject, check.expected, check.observed, check.note):
            _add(sha, text)
    for attempt in step.attempts:
        _add(sha, attempt)
    return sha.digest()


def _add(sha: hashlib._Hash, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    sha.update(b"%d:" % len(data))
    sha.update(data)
