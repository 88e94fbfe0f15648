"""Thirty nights of a staging site that moves from 40.1.0 to 40.4.3, each played for real against the mock.

Only the dates are made up: every result comes from a run. ``python tests/story/nights.py FOLDER`` leaves the
thirty report folders and their history there, to be looked at.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from eight import eighty_six_cases

from conformance.cases.changes import changes_at
from conformance.cases.plan import PlannedCase
from conformance.errors import ExchangeFault
from conformance.history.store import History
from conformance.report.jsonl import JsonLines
from conformance.report.recorder import Recorder, describe
from conformance.report.stream import Catalogue, Footer, Header, Writer
from conformance.run.embedded import EmbeddedMock, EmbeddedSite
from conformance.run.engine import Engine, Limits
from conformance.run.suite import RunOptions
from conformance.run.verdicts import CaseResult
from conformance.schema.catalog import SchemaCatalog
from conformance.site.seam import Exchange, SiteFacts
from conformance.versions import Version
from conformance.wire.effects import Effect

SITE = "staging"
ENDPOINT = "https://acme-stage.webex.example.com/WBXService/XMLService"
LAST = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
LOST = "40.2.0/start-time-in-the-past"
"""What the site forgets for two nights."""


@dataclass(frozen=True)
class Night:
    """One night: when, what the site was, and what was wrong with it."""

    number: int
    version: Version
    lacks: str = ""
    """The change that the site does not show, though its version has it."""
    overloaded: bool = False
    """Every ninth case gets no answer but HTTP 503."""
    closed: bool = False
    """The site is down for maintenance."""

    @property
    def started(self) -> datetime:
        """When the run of this night began."""
        return LAST - timedelta(days=30 - self.number)

    @property
    def morning(self) -> datetime:
        """When somebody asks."""
        return self.started + timedelta(hours=5)

    @property
    def run(self) -> str:
        """The name of the run, which its report folder has too."""
        return f"{self.started:%Y-%m-%dT%H-%M-%SZ}-{self.version}"


def _at(number: int) -> Version:
    first_nights = {1: "40.1.0", 8: "40.1.2", 13: "40.2.0", 19: "40.4.0", 24: "40.4.3"}
    return Version.parse(next(text for first, text in reversed(first_nights.items()) if first <= number))


NIGHTS = [
    Night(
        number,
        _at(number),
        lacks=LOST if number in (27, 28) else "",
        overloaded=number == 16,
        closed=number == 21,
    )
    for number in range(1, 31)
]


class Site(EmbeddedMock):
    """The embedded mock, as it was in one night."""

    def __init__(self, night: Night) -> None:
        super().__init__(night.version, changes=changes_at(night.version) - {night.lacks})
        self._night = night
        self._order = {case.id: number for number, case in enumerate(all_cases())}

    async def open(self) -> SiteFacts:
        """Look at the site, unless it is closed."""
        if self._night.closed:
            raise ExchangeFault("maintenance", "the site answers that it is down for maintenance")
        return await super().open()

    @asynccontextmanager
    async def site(
        self, needs: Mapping[str, str], case: str = "", effect: Effect = Effect.READ
    ) -> AsyncIterator[EmbeddedSite]:
        """Give the case its site; some cases of an overloaded night get one that can not answer."""
        async with super().site(needs, case, effect) as site:
            lost = self._night.overloaded and self._order.get(case, 1) % 9 == 0
            yield _Overloaded(site) if lost else site


class _Overloaded(EmbeddedSite):
    def __init__(self, site: EmbeddedSite) -> None:
        self.profile = site.profile

    async def send(self, request: bytes) -> Exchange:
        raise ExchangeFault("http-status", "HTTP 503 Service Unavailable, three times", sent=True)


@cache
def all_cases() -> Sequence[PlannedCase]:
    """Return the shipped cases."""
    return eighty_six_cases()


@cache
def _catalog() -> SchemaCatalog:
    return SchemaCatalog()


def play(night: Night, folder: Path, history: History) -> Path:
    """Run all cases as in that night; return the folder of its report, which the history knows too."""
    report = folder / night.run
    report.mkdir(parents=True)
    cases = all_cases()
    options = RunOptions(site=SITE, api_version=night.version)
    schemas = _catalog().at(night.version)
    catalogue = Catalogue({case.change.id: case.change for case in cases}, {case.id: case for case in cases})
    results = report / "results.jsonl"
    recorder = Recorder([_Dated(writer, night) for writer in (JsonLines(results), history.writer(results))])
    with Engine(Site(night), schemas, night.version, Limits()) as engine:
        trouble = ""
        try:
            facts: SiteFacts | None = engine.connect()
        except ExchangeFault as fault:
            facts, trouble = None, str(fault)
        header = replace(describe(options, schemas, catalogue, facts), warnings=(trouble,) if trouble else ())
        recorder.start(header, catalogue)
        if facts is not None:
            engine.start(cases)
            for case in cases:
                recorder.case(engine.result(case))
    recorder.finish()
    return report


class _Dated:
    """A writer that is told of a night as if it were then, and as if the site were a real one."""

    def __init__(self, writer: Writer, night: Night) -> None:
        self._writer = writer
        self._night = night
        self._began = datetime.now(UTC)

    def started(self, header: Header, catalogue: Catalogue) -> None:
        began = self._night.started.isoformat()
        self._writer.started(
            replace(header, run=self._night.run, started=began, endpoint=ENDPOINT, mock_version=""), catalogue
        )

    def case(self, result: CaseResult) -> None:
        # The calls of a night are spread over its first minutes.
        late = self._night.started - self._began
        steps = tuple(
            replace(step, started=(datetime.fromisoformat(step.started) + late).isoformat(timespec="milliseconds"))
            if step.started
            else step
            for step in result.steps
        )
        self._writer.case(replace(result, steps=steps))

    def finished(self, footer: Footer) -> None:
        ended = self._night.started + timedelta(seconds=round(footer.seconds))
        self._writer.finished(replace(footer, ended=ended.isoformat()))


def play_all(folder: Path) -> list[Path]:
    """Play the thirty nights into ``folder``; the history stands there too."""
    with History.open(folder / "history.sqlite3") as history:
        return [play(night, folder, history) for night in NIGHTS]


if __name__ == "__main__":
    for told in play_all(Path(sys.argv[1])):
        print(told)
