"""Which result counts for a case, and why none does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from upgrade_lab import SCHEMAS, UsesOnly, World, change, result, run

from conformance.run.verdicts import Verdict
from conformance.upgrade.evidence import Standing, survey, version_or_none
from conformance.upgrade.model import Word

CREATE = "40.2.0/starts::create"


def standing(made: World, case: str = CREATE) -> Standing:
    """Return what is known of one case."""
    known = survey(made.question(), made.runs, made.rows, {}, {})
    return next(each for each in known.standings if each.case.id == case)


def known(*nights: dict[str, object]) -> Standing:
    """Return what is known of the case after these nights, oldest first; each a verdict and what differs."""
    made = World()
    for number, night in enumerate(nights):
        verdict = night.pop("verdict", Verdict.PASS)
        made.night({"create": verdict}, f"run {number}", **{"hours": 9.0 - number, **night})
    return standing(made)


def told(one: Standing) -> tuple[str, str]:
    """Return which run's result is the evidence, and the rule where there is none."""
    return one.evidence.run.id if one.evidence else "", one.missing


class TestNewest:
    @pytest.mark.parametrize("verdict", ["PASS", "FAIL", "DEVIATION", "NOT_APPLICABLE", "WAIVED"])
    def test_the_newest_conclusive_result_counts(self, verdict: str) -> None:
        one = known({"verdict": Verdict.FAIL}, {"verdict": Verdict(verdict)})
        assert told(one) == ("run 1", "")
        assert one.verdict == verdict

    @pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.BLOCKED])
    def test_an_older_one_stands_where_the_newest_could_not_tell(self, verdict: Verdict) -> None:
        one = known({"verdict": Verdict.FAIL}, {"verdict": verdict}, {"verdict": verdict})
        assert told(one) == ("run 0", "")
        assert [seen.run.id for seen in one.unclear] == ["run 2", "run 1"]

    def test_what_could_never_be_told_is_not_known(self) -> None:
        one = known({"verdict": Verdict.BLOCKED}, {"verdict": Verdict.INCONCLUSIVE})
        assert told(one) == ("", "inconclusive")
        assert one.verdict is Verdict.INCONCLUSIVE
        assert one.before is None

    def test_an_old_result_does_not_stand_but_is_told(self) -> None:
        one = known({"hours": 50.0}, {"verdict": Verdict.INCONCLUSIVE})
        assert told(one) == ("", "inconclusive")
        assert one.before is not None
        assert one.before.run.id == "run 0"

    def test_a_case_that_nobody_ran(self) -> None:
        assert told(known({"only": ["set"]})) == ("", "no-evidence")
        assert known({"only": ["set"]}).verdict is None


class TestSameTime:
    @pytest.mark.parametrize("order", [1, -1])
    def test_the_worse_of_two_runs_counts(self, order: int) -> None:
        nights = [{"hours": 5.0}, {"hours": 5.0, "verdict": Verdict.FAIL}]
        assert known(*nights[::order]).verdict is Verdict.FAIL

    @pytest.mark.parametrize("order", [1, -1])
    def test_the_worse_of_two_results_of_one_run_counts(self, order: int) -> None:
        made = World()
        made.night()
        made.rows = [*made.rows, result("tonight", CREATE, made.changes[0], Verdict.FAIL)][::order]
        assert standing(made).verdict is Verdict.FAIL

    def test_what_could_not_tell_does_not_hide_a_failure(self) -> None:
        one = known({"hours": 5.0, "verdict": Verdict.FAIL}, {"hours": 5.0, "verdict": Verdict.INCONCLUSIVE})
        assert one.verdict is Verdict.FAIL

    @pytest.mark.parametrize("order", [1, -1])
    def test_it_does_not_matter_which_of_two_failures_is_told_first(self, order: int) -> None:
        made = World()
        made.night({"create": Verdict.FAIL})
        made.night({"create": Verdict.FAIL}, "twin", row={"reason": "another", "cause": "another"})
        made.rows = made.rows[::order]
        seen = standing(made).evidence
        assert seen is not None
        assert seen.run.id == "twin"


class TestRunsThatAreNotTrusted:
    @pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.DEVIATION, Verdict.NOT_APPLICABLE])
    def test_of_a_run_that_did_not_end_what_held_does_not_count(self, verdict: Verdict) -> None:
        assert told(known({"ended": None, "verdict": verdict})) == ("", "run-not-complete")

    @pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WAIVED])
    def test_of_a_run_that_did_not_end_failures_count(self, verdict: Verdict) -> None:
        assert told(known({"ended": None, "verdict": verdict})) == ("run 0", "")

    def test_a_run_that_came_to_fewer_cases_than_planned_is_not_complete(self) -> None:
        assert told(known({"planned": 3})) == ("", "run-not-complete")

    def test_a_run_that_lost_results_is_not_complete(self) -> None:
        made = World()
        made.night()
        made.rows = [row for row in made.rows if row.case == CREATE]
        assert told(standing(made)) == ("", "run-not-complete")

    def test_of_a_void_run_only_failures_count(self) -> None:
        made = World(changes=[change(cases={"create": ["CreateMeeting"], "set": [], "get": []})])
        made.night({"set": Verdict.SUITE_ERROR, "get": Verdict.FAIL})
        assert [told(standing(made, case)) for case in made.cases] == [
            ("", "suite-error"),
            ("", "suite-error"),
            ("tonight", ""),
        ]

    def test_a_run_that_only_counted_a_defect_is_void(self) -> None:
        assert told(known({"counts": {Verdict.SUITE_ERROR: 1, Verdict.PASS: 2}})) == ("", "suite-error")

    def test_what_another_version_did_is_no_evidence_not_even_a_failure(self) -> None:
        assert told(known({"told_version": "40.2.0", "verdict": Verdict.FAIL})) == ("", "site-is-another-version")

    @pytest.mark.parametrize("said", ["", "T31L", "40.4.3", "WebEx XML API V11.0.0"])
    def test_a_site_that_says_nothing_else_that_can_be_read_is_what_it_was_held_to(self, said: str) -> None:
        assert told(known({"told_version": said})) == ("run 0", "")

    def test_words_that_are_no_version(self) -> None:
        assert version_or_none("T31L") is None
        assert str(version_or_none(" 40.2.0 ")) == "40.2.0"


class TestOtherTexts:
    def test_results_of_another_text_of_the_case_file(self) -> None:
        assert told(known({"row": {"digest": "of yesterday"}, "verdict": Verdict.FAIL})) == ("", "other-cases")

    def test_results_got_with_other_schemas(self) -> None:
        assert told(known({"schemas_digest": "of yesterday", "verdict": Verdict.FAIL})) == ("", "other-schemas")

    def test_failures_of_a_killed_run_with_other_schemas(self) -> None:
        night = {"schemas_digest": "of yesterday", "verdict": Verdict.FAIL, "ended": None}
        assert told(known(night)) == ("", "other-schemas")

    def test_results_held_to_the_other_side_of_the_change(self) -> None:
        assert told(known({"row": {"side": "before"}})) == ("", "other-cases")

    def test_an_older_result_of_the_present_text_stands(self) -> None:
        assert told(known({}, {"row": {"digest": "of an experiment"}})) == ("run 0", "")

    def test_the_newest_says_why_there_is_no_evidence(self) -> None:
        nights = [{"schemas_digest": "of yesterday"}, {"verdict": Verdict.INCONCLUSIVE}]
        assert known(*nights).missing == "inconclusive"
        assert known({"verdict": Verdict.INCONCLUSIVE}, {"schemas_digest": "x"}).missing == "other-schemas"


class TestSuperseded:
    """A faulty run does not matter any more where every case that it bears on has newer evidence."""

    @pytest.mark.parametrize(
        "night",
        [
            {"verdicts": Verdict.SUITE_ERROR},
            {"ended": None},
            {"told_version": "40.2.0"},
            {"ended": None, "told_version": "40.2.0", "only": []},
        ],
        ids=["void", "killed", "another version", "another version, and killed at once"],
    )
    def test_by_a_newer_run_and_by_no_older_one(self, night: dict[str, object]) -> None:
        for hours, word in ((8, Word.READY), (2, None)):
            made = World()
            made.night(hours=5)
            made.night(name="faulty", **{"hours": hours, **night})
            assert (made.decide().word is Word.READY) == (word is Word.READY), hours

    def test_a_void_run_of_one_case_is_superseded_by_that_case(self) -> None:
        made = World()
        made.night(hours=9)
        made.night({"create": Verdict.SUITE_ERROR}, "void", hours=5, only=["create"])
        assert made.decide().word is Word.RUN_VOID
        made.night(name="again", hours=2, only=["create"])
        assert made.decide().word is Word.READY

    def test_a_killed_run_is_superseded_only_by_all_cases(self) -> None:
        made = World()
        made.night(hours=9)
        made.night(name="killed", hours=5, ended=None, only=[])
        made.night(name="again", hours=2, only=["create"])
        assert made.decide().word is Word.CANNOT_TELL
        made.night(name="the rest", hours=1, only=["set"])
        assert made.decide().word is Word.READY

    def test_a_faulty_run_too_old_to_matter(self) -> None:
        made = World(asked={"schemas_digest": SCHEMAS})
        made.night(name="killed", hours=50, ended=None)
        assert [reason.rule for reason in made.decide().reasons] == ["no-evidence"]

    def test_a_run_that_began_at_the_same_time_does_not_supersede(self) -> None:
        made = World()
        made.night(hours=5)
        made.night(name="killed", hours=5, ended=None, only=[])
        assert made.decide().word is Word.CANNOT_TELL

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_void_run_that_began_at_the_same_time_voids(self, order: int) -> None:
        made = World()
        made.night(hours=5)
        made.night(name="a void one", hours=5, counts={Verdict.PASS: 2, Verdict.SUITE_ERROR: 1})
        made.runs, made.rows = made.runs[::order], made.rows[::order]
        assert made.decide().word is Word.RUN_VOID

    @pytest.mark.parametrize("name", ["a void one", "z void one"])
    def test_so_does_one_that_met_the_defect_in_another_case(self, name: str) -> None:
        made = World()
        made.night(name="m", hours=5)
        made.night({"create": Verdict.SUITE_ERROR}, name, hours=5)
        one = standing(made, "40.2.0/starts::set")
        assert [seen.run.id for seen in one.passed_over["suite-error"]] == [name]

    def test_a_run_that_bears_on_nothing_that_is_used_is_no_reason(self) -> None:
        changes = [change(), change("40.1.2/others", {"other": ["GetUser"]})]
        made = World(changes=changes, asked={"profile": UsesOnly(["40.2.0/starts"])})
        made.night(hours=9)
        made.night({"other": Verdict.SUITE_ERROR}, "void", hours=5, only=["other"])
        assert made.decide().word is Word.READY


def test_runs_and_results_that_belong_to_nothing_are_passed_over() -> None:
    made = World()
    made.night()
    stranger = result("nobody", CREATE, made.changes[0], Verdict.FAIL)
    gone = replace(stranger, run="tonight", case="40.2.0/starts::gone")
    made.rows += [stranger, gone]
    made.runs.append(run("elsewhere", site="production"))
    assert made.decide().word is Word.READY
