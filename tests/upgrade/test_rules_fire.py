"""Each rule of a decision, on both sides: it fires where it should, and is silent where it should not.

``decisions.txt`` holds what is told in each scene, word by word; with ``CONFORMANCE_STORE=1`` it is written anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from upgrade_lab import UsesOnly, World, change, finding, run, waiver

from conformance.run.verdicts import Verdict
from conformance.traffic.model import Severity
from conformance.upgrade.model import Decision, Outcome, Reason
from conformance.upgrade.policy import shipped_policy
from conformance.upgrade.rules import RULES
from conformance.versions import Version

CREATE = "40.2.0/starts::create"

Scene = Callable[[], World]


def world(*nights: Mapping[str, object], **asked: object) -> World:
    """Return a world with these nights, the newest last."""
    made = World(asked=dict(asked))
    for night in nights:
        made.night(**night)
    return made


def of_two_changes(**night: object) -> World:
    """Return a world with a change that the integration uses and one that it does not."""
    made = World(changes=[change(), change("40.1.2/others")], asked={"profile": UsesOnly(["40.2.0/starts"])})
    made.night(**night)
    made.rows = [
        replace(row, verdict=Verdict.PASS, cause="", reason="") if row.change == "40.2.0/starts" else row
        for row in made.rows
    ]
    return made


def unused(verdict: Verdict) -> World:
    """Return a world in which the cases of the change that is not used came to ``verdict``."""
    made = of_two_changes(verdicts=verdict)
    counts = {Verdict.PASS: 2, verdict: 2}
    made.runs = [replace(run, counts=counts) for run in made.runs]
    return made


def later(verdict: Verdict) -> World:
    """Return a world whose change the target does not have yet, beside one that it has."""
    made = World(changes=[change("40.6.0/later", {"one": ["GetUser"]}, ["40.6.0"]), change()])
    made.night({"one": verdict})
    return made


def lost(to: str) -> World:
    """Return an upgrade from 40.2.4, with a change of 40.4.3 that was brought to 40.2.4 too."""
    version = Version.parse(to)
    made = World(
        changes=[change("40.4.3/mail", {"one": ["CreateUser"]}, ["40.4.3", "40.2.4"]), change()],
        asked={"to": version, "from_": Version.parse("40.2.4")},
    )
    made.night(api_version=version, told_version=to)
    sides = {each.id: each.side(version) for each in made.changes}
    made.rows = [replace(row, side=sides[row.change]) for row in made.rows]
    return made


def flaky(**words: str) -> World:
    """Return a world that holds, with cases that flip."""
    made = world({})
    made.flaky = words
    return made


def with_left(*left: str) -> World:
    return world({"left": left})


def no_changes() -> World:
    return World(changes=[change("40.6.0/later", {"one": ["GetUser"]}, ["40.6.0"])])


def future(hours: float) -> World:
    return world({}, {"name": "ahead", "hours": -hours})


SCENES: Mapping[str, tuple[Scene, Scene]] = {
    "suite-error": (
        lambda: world({}, {"name": "void", "hours": 2, "verdicts": {"create": Verdict.SUITE_ERROR}}),
        lambda: world({"name": "void", "hours": 8, "verdicts": {"create": Verdict.SUITE_ERROR}}, {}),
    ),
    "change-broken": (lambda: world({"verdicts": {"create": Verdict.FAIL}}), lambda: world({})),
    "change-later": (lambda: later(Verdict.FAIL), lambda: later(Verdict.PASS)),
    "waiver-expired": (
        lambda: world({"verdicts": Verdict.WAIVED, "row": {"waiver": "starts, Team A, until 2026-11-21"}}),
        lambda: world({"verdicts": Verdict.WAIVED, "row": {"waiver": "starts, Team A, until 2026-11-22"}}),
    ),
    "traffic-refused": (
        lambda: world({}, traffic=[finding(Severity.REFUSED)]),
        lambda: world({}, traffic=[finding(Severity.CHANGED)]),
    ),
    "no-evidence": (lambda: world({"only": ["create"]}), lambda: world({})),
    "nothing-observed": (
        lambda: world({"verdicts": Verdict.NOT_APPLICABLE}),
        lambda: world({"verdicts": {"create": Verdict.NOT_APPLICABLE}}),
    ),
    "site-is-another-version": (
        lambda: world({"told_version": "40.2.0"}),
        lambda: world({"told_version": "T31L"}),
    ),
    "run-from-the-future": (lambda: future(0.1), lambda: future(0.05)),
    "run-not-complete": (
        lambda: world({}, {"name": "killed", "hours": 1, "ended": None, "only": ["create"]}),
        lambda: world({"name": "killed", "hours": 7, "ended": None, "only": ["create"]}, {}),
    ),
    "inconclusive": (
        lambda: world({"verdicts": {"create": Verdict.INCONCLUSIVE}}),
        lambda: world({"hours": 8}, {"name": "b", "verdicts": {"create": Verdict.INCONCLUSIVE}}),
    ),
    "old-evidence": (lambda: world({"hours": 36.1}), lambda: world({"hours": 36})),
    "other-cases": (lambda: world({"row": {"digest": "of yesterday"}}), lambda: world({})),
    "other-schemas": (lambda: world({"schemas_digest": "of yesterday"}), lambda: world({})),
    "change-not-observed": (
        lambda: world({"verdicts": Verdict.NOT_APPLICABLE}),
        lambda: world({"verdicts": Verdict.NOT_APPLICABLE}, profile=UsesOnly([])),
    ),
    "change-lost": (lambda: lost("40.4.0"), lambda: lost("40.4.3")),
    "traffic-unknown": (
        lambda: world({}, traffic=[finding(Severity.UNKNOWN)]),
        lambda: world({}, traffic=[finding(Severity.LENIENT)]),
    ),
    "traffic-changed": (
        lambda: world({}, traffic=[finding(Severity.CHANGED)]),
        lambda: world({}, traffic=[finding(Severity.UNKNOWN)]),
    ),
    "traffic-lenient": (
        lambda: world({}, traffic=[finding(Severity.LENIENT)]),
        lambda: world({}, traffic=[finding(Severity.REFUSED)]),
    ),
    "waived": (
        lambda: world({"verdicts": {"create": Verdict.WAIVED}}),
        lambda: world({"verdicts": {"create": Verdict.WAIVED}, "row": {"waiver": "a date is not told"}}),
    ),
    "waiver-unneeded": (
        lambda: world({"waivers": [waiver("unneeded")]}),
        lambda: world({"waivers": [waiver("applied")]}),
    ),
    "waiver-unmatched": (
        lambda: world({"waivers": [waiver("unmatched")]}),
        lambda: world({"waivers": [waiver("not tried")]}),
    ),
    "change-broken-unused": (lambda: unused(Verdict.FAIL), lambda: unused(Verdict.PASS)),
    "unknown-unused": (lambda: unused(Verdict.INCONCLUSIVE), lambda: unused(Verdict.FAIL)),
    "older-result-stands": (
        lambda: world({"hours": 8}, {"name": "b", "verdicts": {"create": Verdict.BLOCKED}}),
        lambda: world({"hours": 8}, {"name": "b", "verdicts": {"create": Verdict.FAIL}}),
    ),
    "not-applicable": (
        lambda: world({"verdicts": {"create": Verdict.NOT_APPLICABLE}}),
        lambda: world({"verdicts": Verdict.NOT_APPLICABLE}),
    ),
    "deviation": (lambda: world({"verdicts": {"create": Verdict.DEVIATION}}), lambda: world({})),
    "flaky": (lambda: flaky(**{CREATE: "4 flips in 30 runs"}), lambda: flaky(**{"another::case": "4 flips"})),
    "left-on-site": (lambda: with_left("meeting 12"), with_left),
    "change-new": (
        lambda: world({}, from_=Version.parse("40.1.2")),
        lambda: world({}, from_=Version.parse("40.2.0")),
    ),
}


def found(scene: Scene, rule: str) -> list[Reason]:
    return [reason for reason in scene().decide().reasons if reason.rule == rule]


class TestEachRule:
    def test_each_has_its_two_scenes(self) -> None:
        assert list(SCENES) == list(RULES)

    @pytest.mark.parametrize("rule", RULES)
    def test_it_fires(self, rule: str) -> None:
        reasons = found(SCENES[rule][0], rule)
        assert reasons
        for reason in reasons:
            assert reason.outcome is shipped_policy().outcomes[rule]
            assert reason.says
            assert "\n" not in reason.says

    @pytest.mark.parametrize("rule", RULES)
    def test_it_is_silent(self, rule: str) -> None:
        assert not found(SCENES[rule][1], rule)

    @pytest.mark.parametrize("rule", RULES)
    def test_the_word_is_never_lighter_than_the_outcome_that_the_policy_gives_it(self, rule: str) -> None:
        words = {Outcome.VOID: {3}, Outcome.BLOCK: {1, 3}, Outcome.UNKNOWN: {1, 2, 3}, Outcome.TELL: {0, 1, 2, 3}}
        assert SCENES[rule][0]().decide().code in words[shipped_policy().outcomes[rule]]

    @pytest.mark.parametrize("rule", RULES)
    @pytest.mark.parametrize("outcome", Outcome)
    def test_the_policy_gives_it_its_weight(self, rule: str, outcome: Outcome) -> None:
        made = SCENES[rule][0]()
        made.policy(**{rule: outcome})
        outcomes = {reason.outcome for reason in made.decide().reasons if reason.rule == rule}
        assert outcomes == (set() if outcome is Outcome.IGNORE else {outcome})

    @pytest.mark.parametrize(
        "rule", [rule for rule, outcome in shipped_policy().outcomes.items() if outcome is Outcome.UNKNOWN]
    )
    def test_what_is_not_known_says_what_to_do(self, rule: str) -> None:
        assert all(reason.advice for reason in found(SCENES[rule][0], rule))


def test_nothing_is_observed_of_a_version_without_changes() -> None:
    decision = no_changes().decide()
    assert [(reason.rule, reason.says) for reason in decision.reasons][-1] == (
        "nothing-observed",
        "40.4.3 has no documented change that there are cases for",
    )
    assert decision.code == 2


def test_that_nothing_was_observed_is_told_beside_what_was_never_run() -> None:
    made = world({"verdicts": Verdict.NOT_APPLICABLE, "only": ["create"]})
    assert {reason.rule for reason in made.decide().reasons} == {"no-evidence", "nothing-observed", "not-applicable"}


def test_that_nothing_was_observed_is_told_where_the_policy_takes_what_could_not_be_told_lightly() -> None:
    made = world({"verdicts": Verdict.INCONCLUSIVE})
    assert [reason.rule for reason in made.decide().reasons] == ["inconclusive"]
    made.policy(inconclusive=Outcome.TELL)
    assert [reason.rule for reason in made.decide().reasons] == ["nothing-observed", "inconclusive"]


def test_a_greatest_age_of_the_users_own() -> None:
    assert world({"hours": 6}, max_age=timedelta(hours=5)).decide().code == 2
    assert world({"hours": 6}, max_age=timedelta(hours=6)).decide().code == 0


# What is told, word by word


def two_that_broke() -> World:
    """Return a world with failures of two causes, of a change that is used and of one that is not."""
    made = World(changes=[change(), change("40.1.2/others")], asked={"profile": UsesOnly(["40.2.0/starts"])})
    made.night(Verdict.FAIL, waivers=[waiver("unneeded", owner="", advice="delete it", place="w.yaml:9:3")])
    made.rows = [replace(row, cause=f"{row.cause} {row.case}", reason=f"{row.reason} {row.case}") for row in made.rows]
    made.broken_since = {CREATE: run("first", hours=78)}
    return made


def two_waivers() -> World:
    """Return a world with failures that two waivers cover, and one that has expired."""
    made = World(changes=[change(cases={"a": ["GetUser"], "b": ["GetUser"], "c": ["SetUser"], "d": ["DelUser"]})])
    made.night({"a": Verdict.WAIVED, "b": Verdict.WAIVED, "c": Verdict.WAIVED})
    until = {"a": "2026-12-31", "b": "2026-11-30", "c": "2026-11-01"}
    made.rows = [
        replace(row, waiver=f"Team {slug}, until {until[slug]}" if slug in until else "")
        for row in made.rows
        for slug in [row.case[-1]]
    ]
    return made


def many_faulty_runs() -> World:
    """Return a world with runs of every fault, none of which anything newer took the place of."""
    void = {"create": Verdict.SUITE_ERROR}
    return world(
        {"name": "good", "hours": 30},
        {"name": "void", "hours": 9, "verdicts": void},
        {
            "name": "void again",
            "hours": 8,
            "verdicts": void,
            "warnings": ("the clock is off",),
            "remarks": ("slow", "so slow"),
        },
        {"name": "other", "hours": 7, "told_version": "40.2.0"},
        {"name": "killed", "hours": 6, "ended": None, "only": ["create"]},
        {"name": "short", "hours": 5, "planned": 7, "only": ["create"]},
        {"name": "lost", "hours": 4, "counts": {Verdict.PASS: 2}, "only": ["create"]},
        {"name": "ahead", "hours": -3},
        {"name": "far ahead", "hours": -40},
    )


def not_told() -> World:
    """Return a world in which cases could not be told for two reasons, after nights in which they were."""
    made = world(
        {"hours": 80, "name": "old"},
        {"hours": 20, "name": "first", "verdicts": Verdict.INCONCLUSIVE},
        {"hours": 8, "name": "second", "verdicts": Verdict.INCONCLUSIVE},
    )
    made.rows = [replace(row, cause="", reason=f"port {row.run}: {row.case} {len(row.run)}") for row in made.rows]
    return made


def two_changes_not_told() -> World:
    """Return a world in which cases of two changes could not be told for one reason."""
    made = World(changes=[change(), change("40.1.2/others")])
    made.night(Verdict.INCONCLUSIVE, row={"cause": "deadline", "reason": "deadline: 12 s"})
    return made


def older_stands() -> World:
    """Return a world in which older results stand for two reasons."""
    made = world({"hours": 8}, {"name": "b", "hours": 2, "verdicts": Verdict.INCONCLUSIVE})
    made.rows = [replace(row, reason=f"{row.case}: port {number}") for number, row in enumerate(made.rows)]
    return made


MORE: Mapping[str, Scene] = {
    "two that broke": two_that_broke,
    "two waivers": two_waivers,
    "many faulty runs": many_faulty_runs,
    "not told": not_told,
    "two changes not told": two_changes_not_told,
    "older results stand": older_stands,
    "never run": World,
    "no changes": no_changes,
    "much left": lambda: with_left(*(f"meeting {number}" for number in range(30))),
    "a change that flips and one that went from one end to the other": lambda: flaky(
        **{CREATE: "4 flips in 30 runs", "40.2.0/starts::set": ""}
    ),
    "traffic of a change and of none": lambda: world(
        {}, traffic=[finding(), finding(Severity.UNKNOWN, change="", operation="GetUser", count=1, of=1)]
    ),
    "expired by the calendar": lambda: world(
        {"waivers": [waiver(until="2026-11-21", advice="", cases=("b", "a")), waiver("unmatched", id="40.9.9/none::x")]}
    ),
    "all at once": lambda: world({"verdicts": {"create": Verdict.FAIL}, "left": ("a",)}, from_=Version.parse("40.1.2")),
}


def told(decision: Decision) -> Iterator[str]:
    """Yield the lines of a decision: all that is not empty."""
    yield f"{decision.word}: {decision.observed} of {decision.planned}, runs {[run.name for run in decision.runs]}"
    for name in ("to", "from_", "site", "at", "max_age", "policy_source", "profile"):
        yield f"  {name}: {getattr(decision, name)}"
    yield from (f"  {each.id}: {each.scope}, {each.word.name}, used {each.used}" for each in decision.changes)
    for each in decision.reasons:
        yield f"- {each.outcome}: {each.rule}"
        values = {part.name: getattr(each, part.name) for part in fields(Reason)[2:]}
        values["evidence"] = f"{each.evidence.run}, {each.evidence.age} old" if each.evidence else ""
        yield from (f"    {name}: {value}" for name, value in values.items() if value)


def test_every_word_is_as_it_is_stored() -> None:
    stored = Path(__file__).with_name("decisions.txt")
    scenes = {**{rule: fires for rule, (fires, _) in SCENES.items()}, **MORE}
    text = "".join(
        f"## {name}\n" + "".join(f"{line}\n" for line in told(made().decide())) for name, made in scenes.items()
    )
    if os.environ.get("CONFORMANCE_STORE"):
        stored.write_text(text, encoding="utf-8")
    assert text.splitlines() == stored.read_text(encoding="utf-8").splitlines()
