"""From a history to a decision: a real history in a file, and one that counts what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from upgrade_lab import NOW, World, change

from conformance.history.model import CaseRecord, FlakyCase, RunRecord
from conformance.history.store import History
from conformance.run.verdicts import Verdict
from conformance.upgrade.gather import RUNS_LOOKED_AT, answer
from conformance.upgrade.model import Word
from conformance.versions import Version

CREATE = "40.2.0/starts::create"


@dataclass
class Shelf:
    """A history that is a world, and keeps what was asked of it."""

    world: World
    read: list[str] = field(default_factory=list)
    asked_since: list[tuple[str, list[str], str]] = field(default_factory=list)

    def runs(
        self, *, site: str = "", version: Version | None = None, since: datetime | None = None, limit: int = 0
    ) -> list[RunRecord]:
        """Return runs, newest first."""
        found = [run for run in self.world.runs if run.site == site and run.api_version == version]
        found = [run for run in found if since is None or run.started >= since]
        found.sort(key=lambda run: run.started, reverse=True)
        return found[: limit or len(found)]

    def cases(self, runs: Sequence[str]) -> list[CaseRecord]:
        """Return all results of runs."""
        self.read += runs
        return [row for row in self.world.rows if row.run in runs]

    def broken_since(self, site: str, cases: Sequence[str], *, side: str = "") -> Mapping[str, RunRecord]:
        """Say that what is broken is so since the oldest run."""
        self.asked_since.append((site, list(cases), side))
        oldest = min(self.world.runs, key=lambda run: run.started)
        return dict.fromkeys(cases, oldest)

    def flaky(self, site: str, *, runs: int = 30) -> list[FlakyCase]:
        """Return a case that flips."""
        return [FlakyCase(CREATE, "40.2.0/starts", 9, 4, 0, 0, 0, "PFPPFP")]


class TestWhatIsRead:
    def test_runs_within_the_greatest_age_and_no_more_where_they_tell_of_every_case(self) -> None:
        made = World()
        for n, hours in enumerate((60, 36, 12)):
            made.night(name=f"run {n}", hours=hours)
        shelf = Shelf(made)
        assert answer(shelf, made.question()).word is Word.READY
        assert shelf.read == ["run 2", "run 1"]

    def test_older_runs_until_one_tells_of_what_no_newer_one_told(self) -> None:
        made = World()
        for n, hours in enumerate((120, 90, 60)):
            made.night({"create": Verdict.PASS if n == 1 else Verdict.BLOCKED}, f"run {n}", hours=hours)
        made.night({"create": Verdict.BLOCKED}, "tonight", hours=12)
        shelf = Shelf(made)
        (reason,) = [reason for reason in answer(shelf, made.question()).reasons if reason.rule == "inconclusive"]
        assert shelf.read == ["tonight", "run 2", "run 1"]
        assert reason.says.endswith("last known: PASS on 2026-11-18 14:00 UTC")

    def test_older_runs_where_the_newer_are_of_another_text(self) -> None:
        made = World()
        made.night(name="before", hours=50)
        made.night(row={"digest": "of an experiment"})
        shelf = Shelf(made)
        answer(shelf, made.question())
        assert shelf.read == ["tonight", "before"]

    def test_not_for_ever(self) -> None:
        made = World()
        for n in range(40):
            made.night(Verdict.BLOCKED, f"run {n}", hours=50 + n)
        shelf = Shelf(made)
        assert answer(shelf, made.question()).word is Word.CANNOT_TELL
        assert len(shelf.read) == RUNS_LOOKED_AT

    def test_since_when_is_asked_for_by_the_side_that_the_site_was_held_to(self) -> None:
        made = World(changes=[change(), change("40.6.0/later", {"one": ["GetUser"]}, ["40.6.0"])])
        made.night(Verdict.FAIL)
        shelf = Shelf(made)
        answer(shelf, made.question())
        assert sorted(shelf.asked_since) == [
            ("staging", ["40.2.0/starts::create", "40.2.0/starts::set"], "expect"),
            ("staging", ["40.6.0/later::one"], "before"),
        ]

    def test_what_flips_is_told_in_words(self) -> None:
        made = World()
        made.night()
        (reason,) = answer(Shelf(made), made.question()).reasons
        assert (reason.rule, reason.seen) == ("flaky", "create: 4 flips in 9 runs, PFPPFP")

    def test_no_history_is_no_evidence(self) -> None:
        decision = answer(None, World().question())
        assert (decision.word, decision.observed, decision.runs) == (Word.CANNOT_TELL, 0, [])


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """A history in a file."""
    with History.open(tmp_path / "history.sqlite3") as opened:
        yield opened


def test_a_history_that_is_new_can_not_tell(history: History) -> None:
    decision = answer(history, World().question())
    assert [reason.says for reason in decision.reasons] == ["nothing was ever run on staging at 40.4.3"]
    assert decision.at == NOW
    assert decision.max_age == timedelta(hours=36)
