"""What is found between two sets of schemas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.schema.evidence import Source
from conformance.schemadiff.compare import Path
from conformance.schemadiff.components import Origin
from conformance.schemadiff.rules import Rule, Severity
from conformance.schemadiff.sources import SchemaSource

_MOST = 120
"""Of the letters of a text before and after that are said: enumerations can be long."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, and all operations that it is in."""

    rule: Rule
    path: str
    subject: str
    old: str
    new: str
    before: Origin | None
    after: Origin | None
    elements: Mapping[str, Sequence[Path]]
    """By operation, in order, where in its messages it is; a few of the places, where there are many."""
    siblings: frozenset[str]
    """What stands, or stood, beside it, by full name."""
    names: frozenset[str]
    """All names by which a documented change may call it: ``meet:createMeeting/metaData``."""
    notes: tuple[str, ...] = ()
    """The documented changes that speak of it, where the sets are those of two releases."""
    uses: str = ""
    """What an integration uses of it, where it was asked for one."""

    @property
    def severity(self) -> Severity:
        """What it means for a client."""
        return self.rule.severity

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that it is in."""
        return tuple(self.elements)

    @property
    def says(self) -> str:
        """The difference in a few words, without its place."""
        return self.rule.says.format(old=_short(self.old), new=_short(self.new), subject=self.subject)

    @property
    def assumed(self) -> str:
        """What is only assumed of it by the schemas of either side; empty where nothing is."""
        sides = [side.evidence for side in (self.before, self.after) if side is not None]
        return "; ".join(dict.fromkeys(e.note or "a guess" for e in sides if e.source is Source.ASSUMED))

    @property
    def fingerprint(self) -> str:
        """What is the same of it as long as it is the same difference, wherever its files and lines go."""
        parts = [self.rule.id, self.rule.direction, self.path, self.subject, *self.operations]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """All that is found, and what documented changes say of it."""

    old: SchemaSource
    new: SchemaSource
    findings: Sequence[Finding]
    """Heaviest first, then by operation and path."""
    reconciled: bool = False
    """Whether documented changes were asked: they are of two releases."""
    unseen: Sequence[tuple[str, str]] = ()
    """Documented changes that say what they brought to the schemas, where these did not change: id and rule."""
    silent: Sequence[str] = ()
    """Documented changes between the sets that say nothing of schemas: of behaviour alone."""
    integration: str = ""
    """The name of the integration that the findings concern; empty: whoever."""
    left_out: int = 0
    """How many findings do not concern it."""

    def of(self, severity: Severity) -> list[Finding]:
        """Return the findings of a severity."""
        return [finding for finding in self.findings if finding.severity is severity]

    @property
    def undocumented(self) -> list[Finding]:
        """The findings of which no documented change speaks."""
        return [finding for finding in self.findings if self.reconciled and not finding.notes]
