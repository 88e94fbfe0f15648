"""What is run: one case of one change, for one row of its table, held to one side."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.cases.model import Case, ChangeFile, Fixture, OpenStep, RequestStep, Side
from conformance.versions import Version
from conformance.wire.effects import SHARED, Effect, reads

_ROW = re.compile(r"\$\{\s*row\.(\w+)\s*\}")


@dataclass(frozen=True, slots=True)
class Change:
    """A documented change, as its file tells it."""

    id: str
    path: Path
    file: ChangeFile
    released_in: tuple[Version, ...]
    fixtures: Mapping[str, Fixture]
    """The fixtures its cases may use."""
    digest: str
    """SHA-256 of the file's bytes: results of other texts are not evidence for this one."""

    @property
    def since(self) -> Version:
        """The release whose folder the file stands in."""
        return max(self.released_in)

    def side(self, version: Version) -> Side:
        """Tell which expectation a site at ``version`` is held to."""
        return "expect" if version.has(self.released_in) else "before"


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One case, ready to run at any version."""

    id: str
    """Unique among all: ``40.2.0/anonymous-lstsummarysession::only-a-site-name``."""
    change: Change
    case: Case
    row: Mapping[str, str]

    @property
    def slug(self) -> str:
        """The part of the id that names the case in its file."""
        return self.id.partition("::")[2]

    @property
    def effect(self) -> Effect:
        """The most that the case does to a site, its fixtures and its clean-up included."""
        if self.case.touches == "shared" or not SHARED.isdisjoint(self.operations):
            return Effect.TOUCH_SHARED
        opens = any(isinstance(step, OpenStep) for step in self.case.all_steps)
        return Effect.CREATE_OWN if opens or not all(map(reads, self.operations)) else Effect.READ

    @property
    def operations(self) -> frozenset[str]:
        """The operations that the case calls, those of its fixtures and its clean-up included."""
        fixtures = [step for use in self.case.given.values() for step in self._fixture_steps(use.fixture)]
        called = {name for step in (*fixtures, *self.case.cleanup) for name in step.request}
        return self.own_operations | {self._of_row(name) for name in called}

    @property
    def own_operations(self) -> frozenset[str]:
        """The operations that its steps call; a name may stand in the row of its table."""
        steps = [step for step in self.case.all_steps if isinstance(step, RequestStep)]
        return frozenset(self._of_row(name) for step in steps for name in step.request)

    def _of_row(self, name: str) -> str:
        return _ROW.sub(lambda column: self.row.get(column[1], column[0]), name)

    def _fixture_steps(self, name: str) -> Iterator[RequestStep]:
        fixture = self.change.fixtures[name]
        yield from fixture.steps
        yield from fixture.cleanup
        for use in fixture.given.values():
            yield from self._fixture_steps(use.fixture)

    def __repr__(self) -> str:
        return f"<case {self.id}>"


def slug(name: str) -> str:
    """Turn a case's name into an id that a shell and ``-k`` take as it is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-") or "case"
