"""How sure we are of a rule. No official schema after 2011 is public, so each rule says where it is from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

EVIDENCE_NAMESPACE = "urn:webex-conformance:evidence"


class Source(StrEnum):
    """Where a rule of the schemas comes from."""

    OFFICIAL = "official"
    """The provider's own schemas of that release, which the user has imported."""
    OFFICIAL_2011 = "official-2011"
    """The provider's own schemas of 2011."""
    DOCUMENTED = "documented"
    """The update notes or the reference guide."""
    OBSERVED = "observed"
    """Recorded traffic."""
    ASSUMED = "assumed"
    """Our guess; an answer that breaks only this is a deviation, never a failure."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The source of one rule, and what is to be said of it."""

    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands."""

    path: Path
    line: int

    @property
    def short(self) -> str:
        """The place within the schemas folder: ``40.4.3/user/CreateUser.xsd:21``."""
        return f"{'/'.join(self.path.parts[-3:])}:{self.line}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
