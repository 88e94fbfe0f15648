"""What came of all mutants as a page: one file that fetches nothing and runs no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.mutants.outcome import RIGHT, Outcome
from conformance.mutants.summary import Summary
from conformance.page.environment import rendered, resource
from conformance.run.verdicts import ExitCode


@dataclass(frozen=True, slots=True)
class Section:
    """The written mutants of one documented change, or of the rules of every answer."""

    title: str
    outcomes: Sequence[Outcome]

    @property
    def wrong(self) -> int:
        """How many of them are not as they should be."""
        return sum(outcome.fate not in RIGHT for outcome in self.outcomes)


def render(summary: Summary) -> str:
    """Return the page."""
    proved = summary.exit_code is ExitCode.AS_DOCUMENTED
    return str(
        rendered(
            "mutants.html",
            summary=summary,
            proved=proved,
            kind="good" if proved else "bad",
            sections=list(_sections(summary)),
            right=RIGHT,
            css=resource("readiness.css"),
        )
    )


def _sections(summary: Summary) -> Iterator[Section]:
    titles = {change.id: f"{change.id}: {change.file.change}" for change in summary.changes}
    suite = [outcome for outcome in summary.outcomes if outcome.class_ == "suite"]
    for change, outcomes in groupby(summary.written, key=lambda outcome: outcome.change):
        yield Section(titles.get(change, "Rules of every answer"), list(outcomes))
    if suite:
        yield Section("Parts of the suite itself that do not do their work", suite)
