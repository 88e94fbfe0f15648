"""Thirty nights of a staging site, asked each morning whether its version can be taken.

The site moves from 40.1.0 to 40.4.3; one night it is overloaded, one night it is closed, and for two nights it
forgets a documented change that it had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from eight import eight_changes
from nights import LOST, NIGHTS, SITE, Night, play

from conformance.history.store import History
from conformance.page.gather import make_readiness
from conformance.upgrade.ask import Asked, ask
from conformance.upgrade.gather import answer
from conformance.upgrade.model import Decision, Outcome, Word
from conformance.upgrade.question import Question
from conformance.upgrade.text import lines
from conformance.versions import DEFAULT_VERSION, Version

CHANGES = eight_changes()


@dataclass(frozen=True)
class Morning:
    """What was answered in the morning after a night."""

    night: Night
    own: Decision
    """About the version that the site has."""
    newest: Decision
    """About 40.4.3."""
    report: Path


@cache
def _question(to: Version) -> Question:
    return ask(Asked(to=to, site=SITE), CHANGES)


def _asked(history: History, to: Version, night: Night) -> Decision:
    return answer(history, replace(_question(to), now=night.morning))


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Morning]]:
    """All mornings, by the number of the night; each is asked before the next night."""
    folder = tmp_path_factory.mktemp("story")
    told: dict[int, Morning] = {}
    with History.open(folder / "history.sqlite3") as history:
        for night in NIGHTS:
            report = play(night, folder, history)
            own = _asked(history, night.version, night)
            newest = own if night.version == DEFAULT_VERSION else _asked(history, DEFAULT_VERSION, night)
            make_readiness(history, report, own, CHANGES)
            told[night.number] = Morning(night, own, newest, report)
        yield told


def words(mornings: dict[int, Morning]) -> dict[int, Word]:
    return {number: morning.own.word for number, morning in mornings.items()}


def block(decision: Decision, outcome: Outcome) -> str:
    (reason,) = decision.of(outcome)
    return reason.says


def test_each_morning_has_the_right_word(mornings: dict[int, Morning]) -> None:
    not_ready = dict.fromkeys((27, 28), Word.NOT_READY)
    # The night that was closed saw nothing; what the night before saw is still young enough, but may have changed.
    cannot_tell = dict.fromkeys((21,), Word.CANNOT_TELL)
    assert words(mornings) == dict.fromkeys(range(1, 31), Word.READY) | not_ready | cannot_tell


def test_nobody_is_told_that_40_4_3_is_ready_before_the_site_has_it(mornings: dict[int, Morning]) -> None:
    early = [morning for morning in mornings.values() if morning.night.version != DEFAULT_VERSION]
    assert [morning.night.number for morning in early] == list(range(1, 24))
    assert {morning.newest.word for morning in early} == {Word.CANNOT_TELL}


def test_what_the_overloaded_night_lost_is_taken_from_the_night_before_and_told(mornings: dict[int, Morning]) -> None:
    decision = mornings[16].own
    assert [run.started for run in decision.runs] == [NIGHTS[15].started, NIGHTS[14].started]
    older = [reason for reason in decision.reasons if reason.rule == "older-result-stands"]
    assert older
    assert all("HTTP 503" in reason.seen or "HTTP 503" in reason.says for reason in older)


def test_the_closed_night_says_why_and_what_to_run(mornings: dict[int, Morning]) -> None:
    told = "\n".join(line for line, _ in lines(mornings[21].own, 200))
    assert "down for maintenance" in told
    assert "conformance run --site staging --api-version 40.4.0" in told
    page = (mornings[21].report / "readiness.html").read_text(encoding="utf-8")
    first = re.sub(r"<[^>]+>", "", page.partition("What the answer rests on")[0])
    assert "down for maintenance" in first
    assert "86 not run" in " ".join(first.split())


@pytest.mark.parametrize("number", [27, 28])
def test_the_regression_is_one_cause_with_its_first_night_and_what_to_change(
    number: int, mornings: dict[int, Morning]
) -> None:
    (reason,) = mornings[number].own.of(Outcome.BLOCK)
    assert (reason.rule, reason.change) == ("change-broken", LOST)
    assert reason.since == NIGHTS[26].started
    assert len(reason.cases) == 15
    assert reason.seen == "serv:result: expected FAILURE, got SUCCESS"
    assert "fails with 060016" in reason.notes
    assert "five minutes ahead" in reason.advice


def test_after_the_repair_it_is_ready_and_nothing_is_called_flaky(mornings: dict[int, Morning]) -> None:
    decision = mornings[29].own
    assert decision.word is Word.READY
    assert [reason.rule for reason in decision.reasons if reason.rule == "flaky"] == []


def test_the_page_of_each_morning_says_its_word_and_shows_the_nights(mornings: dict[int, Morning]) -> None:
    for morning in mornings.values():
        page = (morning.report / "readiness.html").read_text(encoding="utf-8")
        (heading,) = re.findall(r"<h1.*?</h1>", page, re.DOTALL)
        assert morning.own.word.value in re.sub(r"<[^>]+>", "", heading), morning.night.number
        assert len(page.encode()) < 1_500_000
    last = (mornings[30].report / "readiness.html").read_text(encoding="utf-8")
    assert "FF" in re.sub(r"<[^>]+>", "", last)


def test_the_history_knows_when_the_site_moved(mornings: dict[int, Morning]) -> None:
    runs = [run for morning in mornings.values() for run in morning.own.runs if run.name == morning.night.run]
    behaves = {run.name: run.behaves_as for run in runs}
    assert {behaves[NIGHTS[n - 1].run] for n in (1, 7)} == {"40.1.0"}
    assert {behaves[NIGHTS[n - 1].run] for n in (24, 30)} == {"40.4.3"}
    assert behaves[NIGHTS[26].run] == ""
