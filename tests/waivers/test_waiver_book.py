"""What is waived and what never is, and what each waiver is told at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.cases.load import load_change
from conformance.cases.plan import Change
from conformance.cases.waivers import Waiver, WaiverNote, WaiverState
from conformance.errors import UserError
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.run.waive import WaiverBook, waivers_file

TODAY = date(2026, 11, 22)
CHANGE = "40.2.0/one"
A, B = f"{CHANGE}::a", f"{CHANGE}::b"
CASES = "".join(f"- name: {n}\n  request: {{DelUser: {{webExId: {n}}}}}\n  before: {{result: FAILURE}}\n" for n in "ab")

Write = Callable[..., Path]


def waiver(waives: str = CHANGE, until: date = TODAY, **more: object) -> Waiver:
    """Return a waiver."""
    return replace(Waiver(waives, "a reason", "a team", until, (), (), "", "waivers.yaml:3:5"), **more)


def result(id_: str, verdict: Verdict = Verdict.FAIL, *failed: str, side: str = "expect") -> CaseResult:
    """Return a result in which these checks failed."""
    checks = tuple(Check(name, Verdict.FAIL, "x") for name in failed)
    steps = (StepResult("a step", verdict, (Check("result", Verdict.PASS, "x"), *checks)),)
    return CaseResult(id_, id_.partition("::")[0], verdict, side, "why", steps=steps)  # type: ignore[arg-type]


@pytest.fixture
def changes(write_cases: Write) -> dict[str, Change]:
    """The change of a run, with the cases a and b; beside it stands a file that the run does not ask for."""
    write_cases(CASES, name="another")
    change = load_change(write_cases(CASES))
    return {change.id: change}


def note(
    changes: dict[str, Change], one: Waiver, *results: CaseResult, site: str = "mock", today: date = TODAY
) -> WaiverNote:
    """Return what becomes of a waiver in a run with these results."""
    book = WaiverBook([one], site, today)
    for each in results:
        book.see(book.apply(each))
    (told,) = book.notes(changes)
    return told


class TestWhatIsWaived:
    def test_a_failure_keeps_its_reason_and_its_evidence(self) -> None:
        failed = result(A, Verdict.FAIL, "exceptionID")
        waived = WaiverBook([waiver()], "mock", TODAY).apply(failed)
        assert waived == replace(failed, verdict=Verdict.WAIVED, waiver="40.2.0/one, a team until 2026-11-22")

    @pytest.mark.parametrize("verdict", sorted({*Verdict} - {Verdict.FAIL}))
    def test_nothing_else_is(self, verdict: Verdict) -> None:
        other = result(A, verdict)
        assert WaiverBook([waiver()], "mock", TODAY).apply(other) is other

    @pytest.mark.parametrize(
        ("one", "is_waived"),
        [
            (waiver(A), True),
            (waiver(B), False),
            (waiver("40.2.0/on"), False),
            (waiver(f"{A}-longer"), False),
            (waiver(until=date(2026, 11, 21)), False),
            (waiver(until=date(2026, 11, 23)), True),
            (waiver(sites=("mock",)), True),
            (waiver(sites=("staging", "mock")), True),
            (waiver(sites=("staging",)), False),
            (waiver(checks=("exceptionID", "reason")), True),
            (waiver(checks=("exceptionID", "reason", "xpath")), True),
            (waiver(checks=("exceptionID",)), False),
            (waiver(checks=("mail.count",)), False),
        ],
    )
    def test_only_what_it_covers_on_its_sites_in_its_checks_to_its_last_day(self, one: Waiver, is_waived: bool) -> None:
        found = WaiverBook([one], "mock", TODAY).apply(result(A, Verdict.FAIL, "exceptionID", "reason"))
        assert (found.verdict is Verdict.WAIVED) is is_waived

    def test_a_failure_without_a_failed_check_is_none_of_certain_checks(self) -> None:
        found = WaiverBook([waiver(checks=("result",))], "mock", TODAY).apply(result(A))
        assert found.verdict is Verdict.FAIL

    @given(st.sampled_from(Verdict), st.sets(st.sampled_from(["result", "reason", "xpath"])), st.integers(-3, 3))
    def test_no_waiver_makes_a_result_lighter_than_it_says(
        self, verdict: Verdict, failed: set[str], ahead: int
    ) -> None:
        before = result(A, verdict, *failed)
        one = waiver(until=date.fromordinal(TODAY.toordinal() + ahead), checks=("result", "reason"))
        after = WaiverBook([one], "mock", TODAY).apply(before)
        waived = verdict is Verdict.FAIL and bool(failed) and "xpath" not in failed and ahead >= 0
        assert after.verdict is (Verdict.WAIVED if waived else verdict)
        assert replace(after, verdict=verdict, waiver="") == before


class TestWhatBecomesOfIt:
    def test_applied_with_the_cases_it_was_applied_to(self, changes: dict[str, Change]) -> None:
        told = note(changes, waiver(), result(A), result(B, Verdict.PASS))
        assert told == WaiverNote(CHANGE, "applied", "a reason", "a team", "2026-11-22", "waivers.yaml:3:5", (A,))
        assert not told.fails_a_run
        assert str(told) == "waivers.yaml:3:5: waiver for 40.2.0/one was applied"

    def test_applied_and_what_it_does_not_cover(self, changes: dict[str, Change]) -> None:
        one = waiver(checks=("reason",))
        told = note(changes, one, result(A, Verdict.FAIL, "reason"), result(B, Verdict.FAIL, "reason", "xpath"))
        assert (told.state, told.cases) == ("applied", (A,))
        assert told.advice == "1 case failed in what it does not cover: xpath"

    def test_not_needed_any_more(self, changes: dict[str, Change]) -> None:
        told = note(changes, waiver(), result(A, Verdict.PASS), result(B, Verdict.DEVIATION))
        assert told.fails_a_run
        assert str(told) == (
            "waivers.yaml:3:5: waiver for 40.2.0/one is not needed any more:"
            " what it waives holds on mock: delete it, or name under 'sites' those that it is for"
        )

    @pytest.mark.parametrize(
        ("sites", "end"),
        [
            (("mock",), "delete it, or name under 'sites' those that it is for"),
            (("mock", "staging"), "delete it, or leave only staging under 'sites'"),
        ],
    )
    def test_it_may_be_needed_on_its_other_sites(
        self, changes: dict[str, Change], sites: tuple[str, ...], end: str
    ) -> None:
        told = note(changes, waiver(sites=sites), result(A, Verdict.PASS), result(B, Verdict.PASS))
        assert told.advice == f"what it waives holds on mock: {end}"

    def test_what_does_not_apply_could_not_fail(self, changes: dict[str, Change]) -> None:
        some = note(changes, waiver(), result(A, Verdict.PASS), result(B, Verdict.NOT_APPLICABLE))
        none = note(changes, waiver(), result(A, Verdict.NOT_APPLICABLE), result(B, Verdict.NOT_APPLICABLE))
        assert (some.state, none.state) == ("unneeded", "not tried")

    @pytest.mark.parametrize(
        ("results", "told"),
        [
            ([], "0 of its 2 cases were run"),
            ([result(A, Verdict.PASS)], "1 of its 2 cases were run"),
            ([result(A, Verdict.PASS), result(B, Verdict.INCONCLUSIVE)], "not all of its cases could be observed"),
            ([result(A, Verdict.PASS), result(B, Verdict.BLOCKED)], "not all of its cases could be observed"),
            ([result(A, Verdict.PASS), result(B, Verdict.SUITE_ERROR)], "not all of its cases could be observed"),
            (
                [result(A, Verdict.PASS, side="before"), result(B, Verdict.PASS, side="before")],
                "the site is held to be without the change",
            ),
        ],
    )
    def test_what_was_not_observed_says_nothing_of_it(
        self, changes: dict[str, Change], results: list[CaseResult], told: str
    ) -> None:
        found = note(changes, waiver(), *results)
        assert (found.state, found.advice, found.fails_a_run) == ("not tried", told, False)

    def test_of_one_case_only_that_one_counts(self, changes: dict[str, Change]) -> None:
        assert note(changes, waiver(A), result(A, Verdict.PASS)).state == "unneeded"
        assert note(changes, waiver(A), result(B, Verdict.PASS)).state == "not tried"

    def test_expired(self, changes: dict[str, Change]) -> None:
        old = waiver(until=date(2026, 11, 21))
        fails = note(changes, old, result(A), result(B))
        holds = note(changes, old, result(A, Verdict.PASS), result(B, Verdict.PASS))
        assert fails.state == holds.state == "expired"
        assert fails.advice == "2026-11-21 has passed; mend what fails, or have it extended"
        assert holds.advice == "2026-11-21 has passed; what it waived holds now: delete it"

    @pytest.mark.parametrize(
        ("waives", "advice"),
        [
            ("40.2.0/onee", "there is no such change, did you mean '40.2.0/one'; mend its id, or delete it"),
            ("9.9/zzzzzzzzzzzz", "there is no such change; mend its id, or delete it"),
            (f"{A}a", f"there is no such case, did you mean '{A}'; mend its id, or delete it"),
            ("40.2.0/another::c", "there is no such case, did you mean '40.2.0/another::b'; mend its id, or delete it"),
        ],
    )
    def test_for_nothing_that_there_is(self, changes: dict[str, Change], waives: str, advice: str) -> None:
        told = note(changes, waiver(waives, sites=("staging",)))
        assert (told.state, told.advice) == ("unmatched", advice)

    @pytest.mark.parametrize("waives", ["40.2.0/another", "40.2.0/another::b"])
    def test_a_change_of_a_file_that_the_run_did_not_ask_for(self, changes: dict[str, Change], waives: str) -> None:
        assert note(changes, waiver(waives)).state == "not tried"

    def test_a_file_that_can_not_be_read_may_have_any_case(self, changes: dict[str, Change]) -> None:
        changes[CHANGE].path.with_name("another.yaml").write_text("no: case file")
        assert note(changes, waiver("40.2.0/another::x")).state == "not tried"

    def test_for_another_site(self, changes: dict[str, Change]) -> None:
        far = note(changes, waiver(sites=("production",), until=date(2026, 1, 1)), result(A), site="staging")
        near = note(changes, waiver(sites=("stagin",)), result(A), site="staging")
        assert far.advice == "it is for production, and this run was against staging"
        assert near.advice == "it is for stagin, and this run was against staging; is 'stagin' a slip of the pen?"
        assert far.state == near.state == "not tried"

    def test_a_run_without_waivers_has_no_notes(self, changes: dict[str, Change]) -> None:
        assert WaiverBook.open(None, "mock").notes(changes) == ()

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_each_waiver_has_one_note_and_applied_are_exactly_those_that_waived(
        self, changes: dict[str, Change], data: st.DataObject
    ) -> None:
        verdicts = st.sampled_from(sorted({*Verdict} - {Verdict.WAIVED}))
        results = [result(id_, data.draw(verdicts), "result") for id_ in data.draw(st.sets(st.sampled_from([A, B])))]
        one = waiver(data.draw(st.sampled_from([CHANGE, A])), date(2026, 11, data.draw(st.integers(20, 24))))
        book = WaiverBook([one], "mock", TODAY)
        applied = [book.apply(each) for each in results]
        for each in applied:
            book.see(each)
        (told,) = book.notes(changes)
        waived = [each.id for each in applied if each.verdict is Verdict.WAIVED]
        assert sorted(told.cases) == sorted(waived)
        assert (told.state == WaiverState.APPLIED) == bool(waived)


class TestWhichFile:
    def test_what_is_asked_for_comes_first(self, tmp_path: Path) -> None:
        (tmp_path / "conformance.toml").write_text('[upgrade]\nwaivers = "theirs.yaml"\n')
        assert waivers_file(Path("mine.yaml"), tmp_path / "conformance.toml") == Path("mine.yaml")

    def test_the_settings_file_names_one_beside_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "conformance.toml").write_text('[upgrade]\nwaivers = "theirs.yaml"\n')
        below = tmp_path / "below"
        below.mkdir()
        monkeypatch.chdir(below)
        assert waivers_file(None, None) == tmp_path / "theirs.yaml"
        assert waivers_file(None, tmp_path / "conformance.toml") == tmp_path / "theirs.yaml"

    @pytest.mark.parametrize("text", ["", "[upgrade]\n", "[sites.x]\n"])
    def test_a_file_that_lies_about_is_not_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "waivers.yaml").write_text("")
        (tmp_path / "conformance.toml").write_text(text)
        assert waivers_file(None, None) is None

    @pytest.mark.parametrize("value", ["1", '""', "[]"])
    def test_what_is_no_path(self, tmp_path: Path, value: str) -> None:
        path = tmp_path / "conformance.toml"
        path.write_text(f"[upgrade]\nwaivers = {value}\n")
        with pytest.raises(UserError, match=r"\[upgrade\] waivers: is no path; write waivers = "):
            waivers_file(None, path)
