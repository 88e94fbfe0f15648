"""What a reason tells: cause, clauses, use, evidence, since when, what to do; and how causes are folded."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from upgrade_lab import NOW, TO, UsesOnly, World, change, finding, result, run, waiver

from conformance.run.verdicts import Verdict
from conformance.traffic.model import Severity
from conformance.upgrade.model import Decision, Outcome, Reason
from conformance.upgrade.rules import RULES
from conformance.versions import Version

CREATE, SET = "40.2.0/starts::create", "40.2.0/starts::set"


def of(decision: Decision, rule: str) -> list[Reason]:
    return [reason for reason in decision.reasons if reason.rule == rule]


def only(made: World, rule: str) -> Reason:
    (reason,) = of(made.decide(), rule)
    return reason


def broken(**asked: object) -> World:
    made = World(asked=dict(asked))
    made.night({"create": Verdict.FAIL})
    return made


class TestBroken:
    def test_it_tells_all_that_its_reader_asks(self) -> None:
        made = broken(profile=UsesOnly(["40.2.0/starts"]))
        made.broken_since = {CREATE: run("three nights ago", hours=78)}
        reason = only(made, "change-broken")
        assert reason.says == "40.2.0 What starts says: does not hold on staging, 1 of 2 cases"
        assert (reason.change, reason.title, reason.releases) == ("40.2.0/starts", "What starts says", "40.2.0")
        assert reason.notes == "The clause of create."
        assert reason.source == "XML API Updates, a heading"
        assert (reason.uses, reason.owners) == ("CreateMeeting (412 calls)", ("Team A",))
        assert reason.seen == "exceptionID: expected 060016, got 060001"
        assert (reason.since, reason.since_run) == (NOW - timedelta(hours=78), "three nights ago")
        assert reason.advice == "Send another request."
        assert reason.cases == (CREATE,)
        assert reason.evidence is not None
        assert (reason.evidence.run, reason.evidence.age) == ("tonight", timedelta(hours=6))
        assert reason.place == "cases/40.2.0/starts.yaml"

    def test_without_older_runs_it_began_with_the_run_that_saw_it(self) -> None:
        assert only(broken(), "change-broken").since_run == "tonight"

    def test_cases_of_one_cause_share_a_reason_and_the_oldest_beginning(self) -> None:
        made = World()
        made.night(Verdict.FAIL)
        made.broken_since = {CREATE: run("later", hours=30), SET: run("first", hours=54)}
        reason = only(made, "change-broken")
        assert reason.cases == (CREATE, SET)
        assert reason.notes == "The clause of create. The clause of set."
        assert reason.since_run == "first"

    def test_causes_are_told_apart(self) -> None:
        made = World()
        made.night(Verdict.FAIL)
        made.rows = [replace(row, cause=row.case) for row in made.rows]
        assert [reason.cases for reason in of(made.decide(), "change-broken")] == [(CREATE,), (SET,)]

    def test_changes_are_told_apart(self) -> None:
        made = World(changes=[change(), change("40.1.2/others")])
        made.night(Verdict.FAIL)
        assert [reason.change for reason in of(made.decide(), "change-broken")] == ["40.1.2/others", "40.2.0/starts"]

    def test_a_site_that_has_a_change_too_early(self) -> None:
        made = World(changes=[change("40.6.0/later", {"one": ["GetUser"]}, ["40.6.0"]), change()])
        made.night({"one": Verdict.FAIL})
        says = only(made, "change-later").says
        assert says == (
            "40.6.0 What later says: 40.4.3 does not have it, yet the site is not as before it, on staging, 1 of 1 case"
        )


class TestWaived:
    @pytest.mark.parametrize(("until", "word"), [("2026-11-22", "READY"), ("2026-11-21", "NOT READY")])
    def test_the_note_of_the_run_says_until_when(self, until: str, word: str) -> None:
        made = World()
        made.night(
            {"create": Verdict.WAIVED},
            row={"waiver": "starts, Team A until 2030-01-01"},
            waivers=[waiver(until=until, cases=[CREATE])],
        )
        assert made.decide().word == word

    def test_the_note_counts_and_not_what_the_result_says(self) -> None:
        made = World()
        ended = {"waiver": "starts, Team A until 2020-01-01"}
        made.night({"create": Verdict.WAIVED}, row=ended, waivers=[waiver(until="2026-12-31", cases=[CREATE])])
        assert (made.decide().word, len(of(made.decide(), "waived"))) == ("READY", 1)

    def test_the_note_of_another_case_says_nothing(self) -> None:
        made = World()
        ended = {"waiver": "starts, Team A until 2020-01-01"}
        made.night({"create": Verdict.WAIVED}, row=ended, waivers=[waiver(until="2026-12-31", cases=[SET])])
        assert (made.decide().word, of(made.decide(), "waived")) == ("NOT READY", [])

    def test_of_several_days_the_first_counts(self) -> None:
        made = World()
        made.night({"create": Verdict.WAIVED}, row={"waiver": "x, A until 2030-01-01 until 2026-11-01"})
        assert made.decide().word == "NOT READY"

    def test_a_waiver_that_expired_since_the_run_is_told_with_its_place(self) -> None:
        made = World()
        made.night(waivers=[waiver(until="2026-11-21")])
        reason = only(made, "waiver-expired")
        assert reason.says == "the waiver for 40.2.0/starts has expired: its last day was 2026-11-21"
        assert (reason.place, reason.owners) == ("waivers.yaml:3:5", ("Team A",))

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Honolulu"])
    def test_days_are_those_of_utc_wherever_it_is_decided(self, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
        made = World(asked={"now": NOW.replace(hour=22 if "Kiri" in zone else 1)})
        made.night(
            {"create": Verdict.WAIVED},
            hours=8,
            row={"waiver": "starts, Team A until 2026-11-22"},
            waivers=[waiver(until="2026-11-22")],
        )
        ended = World(asked=dict(made.asked))
        ended.night(
            {"create": Verdict.WAIVED},
            hours=8,
            row={"waiver": "starts, Team A until 2026-11-21"},
            waivers=[waiver(until="2026-11-21")],
        )
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        try:
            assert not of(made.decide(), "waiver-expired")
            assert len(of(ended.decide(), "waiver-expired")) == 2
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_the_waiver_of_a_case_is_told_of_its_change(self) -> None:
        made = World()
        made.night(waivers=[waiver("unneeded", id=CREATE), waiver("unmatched", id="40.9.9/none::x")])
        assert only(made, "waiver-unneeded").change == "40.2.0/starts"
        assert only(made, "waiver-unmatched").change == ""

    def test_only_the_newest_run_says_what_waivers_there_are(self) -> None:
        made = World()
        made.night(name="before", hours=9, waivers=[waiver("expired")])
        made.night()
        assert not of(made.decide(), "waiver-expired")

    def test_a_last_day_that_is_none_expires_nothing_by_itself(self) -> None:
        made = World()
        made.night(waivers=[waiver(until="some day")])
        assert made.decide().word == "READY"


class TestNotKnown:
    def test_results_of_another_text_share_a_reason_whatever_they_came_to(self) -> None:
        made = World()
        made.night(Verdict.FAIL, row={"digest": "of yesterday"})
        made.rows = [replace(row, cause=row.case, reason=row.case) for row in made.rows]
        reason = only(made, "other-cases")
        assert (reason.cases, reason.seen) == ((CREATE, SET), "")

    def test_of_several_that_were_known_before_the_newest_is_told(self) -> None:
        made = World()
        made.night(hours=80, name="old", only=["create"])
        made.night(hours=60, name="newer", only=["set"])
        made.night(Verdict.INCONCLUSIVE, hours=20)
        assert only(made, "inconclusive").says.endswith("; last known: PASS on 2026-11-19 20:00 UTC")

    def test_what_could_not_be_told_is_folded_by_reason_over_changes(self) -> None:
        made = World(changes=[change(), change("40.1.2/others")])
        made.night(Verdict.INCONCLUSIVE, row={"cause": "", "reason": "no answer within 30 s"})
        made.rows = [replace(row, reason=row.reason.replace("30", str(n))) for n, row in enumerate(made.rows)]
        reason = only(made, "inconclusive")
        assert reason.says == "4 cases of 2 changes could not be told on staging: no answer within 0 s"
        assert (reason.change, len(reason.cases)) == ("", 4)
        assert reason.advice == "conformance run --site staging --api-version 40.4.3"

    def test_since_when_it_can_not_be_told_and_what_was_known_before(self) -> None:
        made = World()
        made.night({"create": Verdict.FAIL}, "known", hours=80)
        for n, hours in enumerate((54, 30, 6)):
            made.night({"create": Verdict.BLOCKED}, f"run {n}", hours=hours)
        reason = only(made, "inconclusive")
        assert (reason.since, reason.since_run) == (NOW - timedelta(hours=54), "run 0")
        assert reason.says.endswith("; last known: FAIL on 2026-11-19 00:00 UTC")
        assert reason.advice.endswith(f"--case {CREATE}")

    def test_old_evidence_says_how_old(self) -> None:
        made = World()
        made.night(hours=50)
        reason = only(made, "old-evidence")
        assert reason.says == (
            "what is known of 2 cases of 1 change is too old: 50 h where 36 h is the most, since 2026-11-20 06:00 UTC"
        )
        assert reason.since == NOW - timedelta(hours=50)

    def test_nothing_was_ever_run(self) -> None:
        reason = only(World(), "no-evidence")
        assert reason.says == "nothing was ever run on staging at 40.4.3"
        assert reason.advice == (
            "conformance run --site staging --api-version 40.4.3 --case 40.2.0/starts::create --case 40.2.0/starts::set"
        )

    def test_an_older_result_that_stands_is_told_with_its_age(self) -> None:
        made = World()
        made.night(hours=30)
        made.night({"create": Verdict.INCONCLUSIVE}, "tonight again")
        assert only(made, "older-result-stands").says == (
            "1 case could not be told in the newest run; what was seen 30 h ago stands"
        )

    def test_what_is_not_used_is_told_in_one_line(self) -> None:
        made = World(changes=[change(), change("40.1.2/others")], asked={"profile": UsesOnly(["40.2.0/starts"])})
        made.night(only=["create", "set"])
        made.rows = [row for row in made.rows if row.change == "40.2.0/starts"]
        made.runs = [replace(each, planned=2, counts={Verdict.PASS: 2}) for each in made.runs]
        assert only(made, "unknown-unused").says == (
            "1 change that the integration does not use was not fully observed: 40.1.2/others"
        )
        assert made.decide().word == "READY"


class TestRuns:
    def test_several_killed_runs_share_a_reason(self) -> None:
        made = World()
        for n in range(3):
            made.night(name=f"killed {n}", hours=9 - n, ended=None)
        reason = only(made, "run-not-complete")
        assert reason.says == (
            "the run of 2026-11-22 01:00 UTC did not end, or has not yet (and 2 runs more): no evidence for 2 cases"
        )
        assert reason.advice.startswith("wait for its end, or conformance run")

    def test_a_run_that_lost_results(self) -> None:
        made = World()
        made.night()
        made.rows.pop()
        assert "does not have all its results" in only(made, "run-not-complete").says

    def test_a_run_that_was_kept_from_its_cases_says_by_what(self) -> None:
        made = World()
        made.night(only=[], planned=86, warnings=["the site is down for maintenance"])
        reason = only(made, "run-not-complete")
        assert reason.says.startswith("the run of 2026-11-22 02:00 UTC came to 0 of 86 cases: no evidence")
        assert reason.seen == "the site is down for maintenance"

    def test_another_version(self) -> None:
        made = World()
        made.night(told_version="40.2.0")
        reason = only(made, "site-is-another-version")
        assert reason.says == "staging says it is 40.2.0, it was held to 40.4.3: no evidence for 2 cases"
        assert reason.advice == "when the site is 40.4.3: conformance run --site staging --api-version 40.4.3"

    def test_what_the_newest_run_left_is_told_not_what_older_ones_did(self) -> None:
        made = World()
        made.night(name="before", hours=9, left=["meeting 1"])
        made.night(left=["meeting 2"])
        assert [reason.says for reason in of(made.decide(), "left-on-site")] == [
            "the newest run left 1 object on staging: meeting 2"
        ]


class TestTraffic:
    def test_a_finding_tells_the_change_and_how_often(self) -> None:
        made = World(asked={"traffic": [finding()]})
        made.night()
        reason = only(made, "traffic-refused")
        assert reason.says == "your CreateMeeting sends a start time that has passed: refused from 40.2.0"
        assert (reason.change, reason.seen, reason.place) == (
            "40.2.0/starts",
            "3 of 40 recorded requests",
            "calls.har: entry 12:14:7",
        )
        assert reason.uses == "CreateMeeting (3 of 40 recorded requests)"
        assert made.decide().word == "NOT READY"

    def test_a_finding_of_no_change_of_ours(self) -> None:
        made = World(asked={"traffic": [finding(Severity.LENIENT, change="", of=1, count=1)]})
        made.night()
        assert (only(made, "traffic-lenient").change, made.decide().word) == ("", "READY")

    def test_a_profile_that_leaves_it_out_does_not_hide_what_was_recorded(self) -> None:
        made = World(asked={"traffic": [finding()], "profile": UsesOnly([])})
        made.night()
        assert made.decide().word == "NOT READY"


class TestDecision:
    def test_it_tells_what_was_asked_and_what_it_rests_on(self) -> None:
        made = World(asked={"from_": Version.parse("40.1.2"), "profile": UsesOnly(["40.2.0/starts"])})
        made.night(name="first", hours=9)
        made.night(name="second", only=["create"])
        made.night(name="nothing of it", hours=3, only=[])
        decision = made.decide()
        assert (decision.to, str(decision.from_), decision.site, decision.at) == (TO, "40.1.2", "staging", NOW)
        assert (decision.profile, decision.policy_source) == ("billing", "the shipped policy")
        assert [each.name for each in decision.runs] == ["second", "first"]
        assert (decision.observed, decision.planned) == (2, 2)

    def test_the_heaviest_reason_comes_first(self) -> None:
        made = World(changes=[change(), change("40.1.2/others", {"one": ["GetUser"], "three": ["GetUser"]})])
        made.night({"create": Verdict.FAIL, "one": Verdict.SUITE_ERROR, "three": Verdict.DEVIATION}, left=["meeting 2"])
        rules = [reason.rule for reason in made.decide().reasons]
        assert rules[:2] == ["suite-error", "change-broken"]
        assert rules[-1] == "left-on-site"

    def test_hostile_texts_are_single_printable_lines(self) -> None:
        evil = "a\nb\x1b[31m\u202e" + "x" * 5_000
        made = broken(site=evil)
        made.runs = [
            replace(each, site=evil, name=evil, left=[evil], waivers=[waiver("expired", reason=evil)])
            for each in made.runs
        ]
        made.rows = [replace(row, reason=evil) for row in made.rows]
        for reason in made.decide().reasons:
            texts = [reason.says, reason.seen, reason.since_run, reason.advice, reason.place, *reason.owners]
            texts += [reason.evidence.run] if reason.evidence else []
            assert all(text.isprintable() and len(text) < 1_500 for text in texts), reason

    def test_a_case_may_be_there_twice(self) -> None:
        made = World()
        made.night()
        made.rows.append(result("tonight", CREATE, made.changes[0]))
        assert made.decide().word == "READY"


def test_what_is_recorded_is_told_with_what_the_profile_knows_of_its_use() -> None:
    made = World(asked={"profile": UsesOnly(["40.2.0/starts"]), "traffic": [finding()]})
    made.night()
    assert only(made, "traffic-refused").uses == "CreateMeeting (412 calls)"


def test_why_cases_are_not_applicable_is_told() -> None:
    made = World()
    made.night({"create": Verdict.NOT_APPLICABLE}, row={"reason": "the site has no such account"})
    assert only(made, "not-applicable").seen == "the site has no such account"


@pytest.mark.parametrize(("until", "new"), [("2026-11-22", True), ("2026-11-21", False)])
def test_a_change_that_is_new_and_waived_is_told_as_new(until: str, new: bool) -> None:
    made = World(asked={"from_": Version.parse("40.1.2")})
    made.night({"create": Verdict.WAIVED}, row={"waiver": f"starts, Team A until {until}"})
    assert bool(of(made.decide(), "change-new")) is new


def test_changes_that_are_not_used_and_not_known_are_counted() -> None:
    made = World(
        changes=[change(), change("40.1.2/others"), change("40.1.0/third")],
        asked={"profile": UsesOnly(["40.2.0/starts"])},
    )
    made.night(Verdict.INCONCLUSIVE)
    assert only(made, "unknown-unused").says == (
        "2 changes that the integration does not use were not fully observed: 40.1.0/third, 40.1.2/others"
    )
    made.changes.pop()
    assert only(made, "unknown-unused").says == (
        "1 change that the integration does not use was not fully observed: 40.1.2/others"
    )


def test_a_decision_tells_the_rules_by_which_it_was_made() -> None:
    made = World()
    made.policy(flaky=Outcome.BLOCK)
    decision = made.decide()
    assert decision.policy["flaky"] is Outcome.BLOCK
    assert decision.policy.keys() == RULES.keys()
    assert decision.policy_source == "mine.yaml"
