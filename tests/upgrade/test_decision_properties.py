"""What holds of every decision, whatever was seen."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from upgrade_lab import NOW, TO, UsesOnly, World, change, finding, waiver

from conformance.run.verdicts import Verdict
from conformance.traffic.model import Severity
from conformance.upgrade.evidence import CONCLUSIVE
from conformance.upgrade.model import Outcome, Word
from conformance.versions import Version

CHANGES = [
    change("40.2.0/starts"),
    change("40.1.2/passwords", {"one": ["CreateMeeting"], "two": ["CreateEvent"]}, ["40.1.2"]),
    change("40.6.0/later", {"three": ["GetUser"]}, ["40.6.0"]),
]
CASES = World(changes=CHANGES).cases
SLUGS = [case.partition("::")[2] for case in CASES]

verdicts = st.dictionaries(st.sampled_from(SLUGS), st.sampled_from(Verdict), max_size=len(SLUGS))
nights = st.fixed_dictionaries(
    {
        "verdicts": st.one_of(st.just({}), st.just({}), verdicts),
        "hours": st.sampled_from([1.0, 1.0, 6.0, 30.0, 36.0, 40.0, 200.0]),
    },
    optional={
        "only": st.lists(st.sampled_from(SLUGS), unique=True),
        "ended": st.none(),
        "told_version": st.sampled_from(["40.4.3", "40.2.0", "", "T31L"]),
        "schemas_digest": st.just("of yesterday"),
        "row": st.sampled_from(
            [{"digest": "of yesterday"}, {"waiver": "starts, Team A, until 2026-11-20"}, {"flipped": True}]
        ),
        "left": st.just(["meeting 12"]),
        "waivers": st.lists(
            st.builds(waiver, st.sampled_from(["applied", "expired", "unneeded", "not tried"])), max_size=2
        ),
    },
)
usual = {"verdicts": {}, "hours": 6.0}
"""A night that saw everything hold: decisions that are READY are among those that are tried."""


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a world of some nights, consistent as a history is: each run counted the results that it has."""
    profile = draw(st.sampled_from([None, None, UsesOnly(["40.2.0/starts"]), UsesOnly([])]))
    made = World(changes=CHANGES, asked={"profile": profile})
    made.asked["traffic"] = draw(st.lists(st.builds(finding, st.sampled_from(Severity)), max_size=1))
    made.asked["from_"] = draw(st.sampled_from([None, Version.parse("40.1.0"), Version.parse("40.4.0")]))
    for number, night in enumerate(draw(st.lists(st.one_of(st.just(usual), nights), max_size=4))):
        made.night(**{**night, "name": f"run {number}"})
    return made


def without_rows(made: World, dropped: set[int]) -> World:
    """Return the world with results lost; the runs still say what they counted."""
    kept = [row for number, row in enumerate(made.rows) if number not in dropped]
    return replace(made, rows=kept)


class TestNeverBetter:
    """With less evidence, or with one more failure, what was not READY does not become READY."""

    @settings(max_examples=300, deadline=None)
    @given(worlds(), st.data())
    def test_by_losing_results(self, made: World, data: st.DataObject) -> None:
        dropped = data.draw(st.sets(st.integers(0, max(0, len(made.rows) - 1))))
        before, after = made.decide().word, without_rows(made, dropped).decide().word
        assert before is Word.READY or after is not Word.READY

    @settings(max_examples=300, deadline=None)
    @given(worlds())
    def test_by_losing_what_is_oldest(self, made: World) -> None:
        ages = sorted({run.started for run in made.runs})
        words = [made.decide().word]
        for started in ages:
            kept = [run for run in made.runs if run.started > started]
            ids = {run.id for run in kept}
            words.append(replace(made, runs=kept, rows=[row for row in made.rows if row.run in ids]).decide().word)
        ready = [word is Word.READY for word in words]
        assert ready == sorted(ready, reverse=True)

    @settings(max_examples=300, deadline=None)
    @given(worlds(), st.data())
    def test_by_one_more_failure(self, made: World, data: st.DataObject) -> None:
        if not made.rows:
            return
        place = data.draw(st.integers(0, len(made.rows) - 1))
        failed = replace(made.rows[place], verdict=Verdict.FAIL, cause="result", reason="FAILURE")
        rows = [*made.rows, failed]
        runs = [
            replace(run, counts=Counter(run.counts) + Counter([Verdict.FAIL])) if run.id == failed.run else run
            for run in made.runs
        ]
        before, after = made.decide().word, replace(made, runs=runs, rows=rows).decide().word
        assert before is Word.READY or after is not Word.READY

    @settings(max_examples=200, deadline=None)
    @given(worlds(), st.integers(1, 400))
    def test_by_waiting(self, made: World, hours: int) -> None:
        before = made.decide().word
        future = any(reason.rule == "run-from-the-future" for reason in made.decide().reasons)
        made.asked["now"] = NOW + timedelta(hours=hours)
        assert before is Word.READY or future or made.decide().word is not Word.READY

    @settings(max_examples=200, deadline=None)
    @given(worlds(), st.sampled_from([1, 6, 30, 36, 40]))
    def test_by_a_smaller_greatest_age(self, made: World, hours: int) -> None:
        made.asked["max_age"] = timedelta(hours=41)
        before = made.decide().word
        made.asked["max_age"] = timedelta(hours=hours)
        assert before is Word.READY or made.decide().word is not Word.READY


class TestReady:
    @settings(max_examples=400, deadline=None)
    @given(worlds())
    def test_rests_on_current_evidence_for_every_case_that_counts(self, made: World) -> None:
        decision = made.decide()
        if decision.word is not Word.READY:
            return
        fresh = {run.id: run for run in decision.runs}
        assert all(NOW - run.started <= decision.max_age for run in fresh.values())
        assert all(run.told_version in (str(TO), "", "T31L") for run in fresh.values())
        profile = made.asked["profile"]
        for each in CHANGES:
            if profile is not None and each.id not in profile.changes:
                continue
            for case in [case for case in CASES if case.startswith(f"{each.id}::")]:
                seen = [row for row in made.rows if row.case == case and row.run in fresh and row.digest == each.digest]
                assert {row.verdict for row in seen} & (CONCLUSIVE - {Verdict.FAIL}), case

    @settings(max_examples=200, deadline=None)
    @given(worlds())
    def test_has_only_reasons_that_are_told_and_any_other_word_has_a_reason(self, made: World) -> None:
        decision = made.decide()
        outcomes = {reason.outcome for reason in decision.reasons}
        assert Outcome.IGNORE not in outcomes
        assert (outcomes <= {Outcome.TELL}) == (decision.word is Word.READY)
        assert decision.observed <= decision.planned == len(CASES)

    def test_is_reached(self) -> None:
        made = World(changes=CHANGES)
        made.night()
        assert made.decide().word is Word.READY


@settings(max_examples=200, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(made: World, chance: random.Random) -> None:
    runs, rows, changes = list(made.runs), list(made.rows), list(made.changes)
    for each in (runs, rows, changes):
        chance.shuffle(each)
    assert replace(made, runs=runs, rows=rows, changes=changes).decide() == made.decide()


@settings(max_examples=100, deadline=None)
@given(worlds(), worlds())
def test_what_was_seen_elsewhere_does_not_matter(made: World, other: World) -> None:
    names = {run.id: f"elsewhere {run.id}" for run in other.runs}
    sites = [("production", TO), ("staging", Version.parse("40.4.0"))]
    runs = [
        replace(run, id=names[run.id], site=sites[n % 2][0], api_version=sites[n % 2][1])
        for n, run in enumerate(other.runs)
    ]
    rows = [replace(row, run=names[row.run]) for row in other.rows]
    assert replace(made, runs=made.runs + runs, rows=made.rows + rows).decide() == made.decide()
