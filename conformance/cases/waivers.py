"""Waivers: failures that somebody answers for, until a date.

What was made of each waiver by a run is told; one that is expired, not needed any more, or fits no case fails
the run, with the line to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WaiverState(StrEnum):
    """What a run made of a waiver."""

    APPLIED = "applied"
    """It turned failures into WAIVED."""
    EXPIRED = "expired"
    """Its last day has passed; what it waived fails again."""
    UNNEEDED = "unneeded"
    """What it waives holds now."""
    UNMATCHED = "unmatched"
    """No case is named like that."""
    NOT_TRIED = "not tried"
    """The run did not observe what it waives."""


FAILS_A_RUN = frozenset({WaiverState.EXPIRED, WaiverState.UNNEEDED, WaiverState.UNMATCHED})


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """What a run made of one waiver."""

    id: str
    """What it waives: a change, as ``40.2.0/anonymous-lstsummarysession``, or one case of it, ``...::a-slug``."""
    state: str
    """The value of a ``WaiverState``."""
    reason: str
    owner: str
    until: str
    """The last day it holds, as ``2026-12-01``."""
    place: str
    """Where it stands: ``waivers.yaml:12:5``."""
    cases: tuple[str, ...] = ()
    """The cases that it was applied to."""
    advice: str = ""
    """What to write instead, or to delete."""
