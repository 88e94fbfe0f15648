"""What comes of a mutant: tried for real, with catalogues that say the wrong thing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from defective import CHANGE, catalogue, mutant

from conformance.cases.load import load_changes, plan
from conformance.mock.defect_answers import Edit
from conformance.mutants.derive import Derived
from conformance.mutants.load import load_mutants
from conformance.mutants.outcome import CONTROL, Fate, Outcome, judged_derived, suite_trouble
from conformance.mutants.suite import load_suite_mutants, standing_in, suite_outcome
from conformance.mutants.trial import Bench
from conformance.run import matching
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.schema.catalog import SchemaCatalog

CHANGES = load_changes()
CASES = [case for change in CHANGES for case in plan(change)]
LACKS = f"defect: {{of: LstsummarySession, lacks: {CHANGE}}}"


def outcomes(root: Path) -> list[Outcome]:
    """Try all mutants of the mock below a folder."""

    async def tried() -> list[Outcome]:
        async with Bench(CASES, SchemaCatalog()) as bench:
            return [await bench.outcome(one) for one in load_mutants(CHANGES, CASES, root)]

    return asyncio.run(tried())


def only(root: Path, *lines: str) -> Outcome:
    """Try one mutant."""
    (outcome,) = outcomes(catalogue(root, mutant("one", *lines)))
    return outcome


def test_killed_by_the_case_and_the_check_that_are_stated(tmp_path: Path) -> None:
    outcome = only(tmp_path, LACKS, "killed by: {case: only-a-site-name, check: result}")
    assert outcome.fate is Fate.KILLED
    assert f"{CHANGE}::only-a-site-name" in outcome.killers
    assert outcome.sign is not None
    assert (outcome.sign.check, outcome.sign.expected, outcome.sign.observed) == ("result", "FAILURE", "SUCCESS")


@pytest.mark.parametrize(
    "stated",
    [
        "{case: only-a-site-name, check: reason}",
        "{case: only-a-site-name, check: result, verdict: DEVIATION}",
        "{case: only-a-site-name, check: result, subject: somewhere else}",
        '{case: "40.2.0/start-time-in-the-past::setmeeting-started-a-day-ago", check: result}',
        '{case: "*::*", check: result}',
    ],
    ids=["another check", "another verdict", "another subject", "a case that saw nothing", "not all of the cases"],
)
def test_killed_otherwise_than_stated(tmp_path: Path, stated: str) -> None:
    outcome = only(tmp_path, LACKS, f"killed by: {stated}")
    assert outcome.fate is Fate.OTHERWISE
    assert outcome.sign is not None


def test_survived(tmp_path: Path) -> None:
    harmless = "defect: {of: LstsummarySession, answer: {at: //ep:session/ep:hostEmail, do: text, to: other}}"
    outcome = only(tmp_path, harmless, "killed by: {case: only-a-site-name, check: result}")
    assert (outcome.fate, outcome.killers, outcome.sign) == (Fate.SURVIVED, (), None)


def test_equivalent_with_its_reason(tmp_path: Path) -> None:
    harmless = "defect: {of: LstsummarySession, answer: {at: //ep:session/ep:hostEmail, do: text, to: other}}"
    outcome = only(tmp_path, harmless, "equivalent: No case looks at the address.")
    assert (outcome.fate, outcome.reason) == (Fate.EQUIVALENT, "No case looks at the address.")


def test_said_to_be_equivalent_and_noticed(tmp_path: Path) -> None:
    assert only(tmp_path, LACKS, "equivalent: Nobody looks.").fate is Fate.NOTICED


@pytest.mark.parametrize("end", ["equivalent: Nobody looks.", "killed by: {case: only-a-site-name, check: result}"])
def test_a_defect_that_never_shows_is_no_proof(tmp_path: Path, end: str) -> None:
    never = "defect: {of: LstsummarySession, answer: {at: //ep:nothing, do: remove}}"
    assert only(tmp_path, never, end).fate is Fate.UNREACHED


def test_the_mock_without_defect_and_the_mutants_of_its_answers() -> None:
    async def tried() -> tuple[Outcome, list[Outcome], list[Outcome]]:
        async with Bench(CASES, SchemaCatalog()) as bench:
            derived = [one for one in await bench.derived(CASES) if one.operation == "CreateUser"]
            legal = [one for one in derived if one.path.endswith("use:userId") and one.edit.verb == "remove"]
            illegal = [one for one in derived if one.path.endswith("use:userId") and one.edit.verb != "remove"]
            return (
                await bench.control(),
                [await bench.outcome_of_derived(one) for one in legal],
                [await bench.outcome_of_derived(one) for one in illegal],
            )

    control, legal, illegal = asyncio.run(tried())
    assert (control.id, control.fate, control.killers) == (CONTROL, Fate.EQUIVALENT, ())
    # userId may be left out by the schemas, and a clause wants it.
    assert [(one.fate, one.breaks, one.sign and one.sign.check) for one in legal] == [
        (Fate.KILLED, "nothing of the schemas", "xpath")
    ]
    assert {one.id.rpartition(" ")[2] for one in illegal} == {"twice", "rename", "namespace", "empty", "blank", "text"}
    assert {one.fate for one in illegal} == {Fate.KILLED}
    assert all(one.sign and one.sign.check.startswith("schema.") for one in illegal)


def result(verdict: Verdict, text: str = "") -> CaseResult:
    """Return the result of a case."""
    steps = (StepResult("step", verdict, (Check("result", verdict, "serv:result", observed=text),)),)
    return CaseResult("40.2.0/x::y", "40.2.0/x", verdict, "expect", steps=steps)


def spoiled(verdict: Verdict, check: str, *, legal: bool = False, assumed: bool = False, befell: bool = True) -> Fate:
    """Return what comes of a derived mutant that a case saw so."""
    mutant = Derived("GetUser", "SUCCESS", "use:email", Edit("//use:email", "remove"), ("40.2.0/x::y",), b"")
    steps = (StepResult("step", verdict, (Check(check, verdict, "use:email"),)),)
    seen = CaseResult("40.2.0/x::y", "40.2.0/x", verdict, "expect", steps=steps)
    return judged_derived(mutant, {seen.id: seen}, legal=legal, assumed=assumed, befell=befell).fate


class TestDerived:
    @pytest.mark.parametrize(
        ("verdict", "check", "more", "fate"),
        [
            (Verdict.FAIL, "schema.response.missing", {}, Fate.KILLED),
            (Verdict.FAIL, "envelope.type", {}, Fate.KILLED),
            (Verdict.DEVIATION, "schema.response.unexpected", {"assumed": True}, Fate.KILLED),
            (Verdict.DEVIATION, "schema.response.unexpected", {}, Fate.OTHERWISE),
            (Verdict.FAIL, "xpath", {}, Fate.OTHERWISE),
            (Verdict.FAIL, "xpath", {"assumed": True}, Fate.OTHERWISE),
            (Verdict.PASS, "result", {}, Fate.SURVIVED),
            (Verdict.PASS, "result", {"assumed": True}, Fate.SURVIVED),
            (Verdict.PASS, "result", {"befell": False}, Fate.UNREACHED),
            (Verdict.PASS, "result", {"legal": True}, Fate.EQUIVALENT),
            (Verdict.FAIL, "xpath", {"legal": True}, Fate.KILLED),
            (Verdict.SUITE_ERROR, "value", {}, Fate.SUITE_ERROR),
            (Verdict.SUITE_ERROR, "value", {"legal": True}, Fate.SUITE_ERROR),
        ],
    )
    def test_what_is_illegal_must_be_refused_by_the_schemas(
        self, verdict: Verdict, check: str, more: dict[str, bool], fate: Fate
    ) -> None:
        assert spoiled(verdict, check, **more) is fate


class TestTrouble:
    def test_what_a_run_may_come_to_is_none(self) -> None:
        for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.DEVIATION):
            assert suite_trouble([result(verdict)], ["secret-password"]) is None

    def test_an_error_of_the_suite_is_told(self) -> None:
        trouble = suite_trouble([result(Verdict.SUITE_ERROR)], [])
        assert trouble is not None
        assert trouble.verdict == "SUITE_ERROR"

    def test_a_secret_that_is_shown_is_told_and_not_repeated(self) -> None:
        trouble = suite_trouble([result(Verdict.PASS, "it is secret-password")], ["secret-password"])
        assert trouble is not None
        assert "password of an account" in str(trouble.observed)
        assert "secret-password" not in str(trouble)

    def test_an_exit_code_that_hides_a_failure_is_told(self) -> None:
        with standing_in("conformance.mutants.outcome.exit_code", "says as documented"):
            trouble = suite_trouble([result(Verdict.FAIL)], [])
        assert trouble is not None
        assert "exit code 0" in trouble.observed


class TestSuite:
    def test_what_stands_in_is_gone_afterwards(self) -> None:
        before = dict(matching._MATCHERS)
        with standing_in("conformance.run.matching._MATCHERS[text]", "agrees"):
            assert list(matching.mismatches("a", {"text": "b"})) == []
        assert list(matching.mismatches("a", {"text": "b"})) == ["'b'"]
        assert before == matching._MATCHERS

    def test_a_part_that_nobody_misses_survives(self, tmp_path: Path) -> None:
        root = catalogue(tmp_path, mutant("one", LACKS, "killed by: {case: only-a-site-name, check: result}"))
        (root / "suite").mkdir()
        (root / "suite" / "parts.yaml").write_text(
            "about: One part.\nmutants:\n"
            "  - {id: idle, title: Wrong., replaces: 'conformance.run.matching._MATCHERS[text]', by: agrees,"
            f" noticed by: ['{CHANGE}::one']}}\n"
            "  - {id: missed, title: Wrong., replaces: conformance.run.judge._result, by: passes,"
            f" noticed by: [control, '{CHANGE}::one']}}\n"
        )
        mutants = load_mutants(CHANGES, CASES, root)

        async def tried() -> list[Outcome]:
            async with Bench(CASES, SchemaCatalog()) as bench:
                known = {one.id: one for one in mutants}
                return [await suite_outcome(one, bench, known) for one in load_suite_mutants(mutants, root)]

        idle, missed = asyncio.run(tried())
        assert (idle.fate, missed.fate) == (Fate.SURVIVED, Fate.KILLED)
        assert missed.sign is not None
        assert missed.sign.case == f"{CHANGE}::one"
