"""What a case keeps to itself: secrets always, people where that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakSet

from conformance.run.steps import redacted
from conformance.run.verdicts import StepResult
from conformance.wire.pseudonyms import Key, Pseudonymiser
from conformance.wire.redact import Redactor


class Veil:
    """Learns from all that a case sends and gets what must not be shown, and makes its texts fit to be shown."""

    def __init__(self, key: Key | None = None) -> None:
        self._redact = Redactor()
        self._people = Pseudonymiser(key) if key else None
        self._before: frozenset[str] | None = None
        _WORN.add(self)

    @property
    def known(self) -> frozenset[str]:
        """The secrets that are masked."""
        return self._redact.known

    def learn(self, *secrets: str) -> None:
        """Add values that must never be shown."""
        self._redact.learn(*secrets)

    def see(self, text: str) -> str:
        """Learn what a message, a mail or a link brings; return it as it is."""
        self._redact.learn_from(text)
        if self._people:
            self._people.learn_from(text)
        return text

    def __call__(self, text: str) -> str:
        """Return a text as it may be shown."""
        text = self._redact(text)
        return self._people(text) if self._people else text

    def step(self, step: StepResult) -> StepResult:
        """Return a step as it may be shown by what is known now."""
        if self._before is None:
            self._before = self._redact.known
        return _shown(step, self)

    def steps(self, steps: Sequence[StepResult]) -> tuple[StepResult, ...]:
        """Return the steps of a case at its end: what a later step brought may stand in an earlier one."""
        late = self._redact.known - (self._before or frozenset())
        if len(steps) < 2 or not (late or self._people):
            return tuple(steps)
        return tuple(_shown(step, self) for step in steps)


def _shown(step: StepResult, show: Veil) -> StepResult:
    return replace(
        step,
        checks=redacted(step.checks, show),
        request=show(step.request),
        response=show(step.response),
        attempts=tuple(map(show, step.attempts)),
    )


_WORN: WeakSet[Veil] = WeakSet()


def masked(text: str) -> str:
    """Return a text of which it is not known whose it is, as all cases under way may show it."""
    for veil in list(_WORN):
        text = veil(text)
    return text
