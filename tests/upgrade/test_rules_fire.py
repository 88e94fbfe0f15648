"""Each rule of a decision, on both sides: it fires where it should, and is silent where it should not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from upgrade_lab import UsesOnly, World, change, finding, waiver

from conformance.run.verdicts import Verdict
from conformance.traffic.model import Severity
from conformance.upgrade.model import Outcome, Reason
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
