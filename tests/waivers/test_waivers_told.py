"""How what is waived is worded: the headline, the page, the terminal; a waived change never holds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from html_support import HOSTILE, SECRETIVE, catalogue, change, check, fed, header, result, step

from conformance.cases.waivers import WaiverNote, WaiverState
from conformance.report.html_waivers import waiver_table
from conformance.report.stream import Footer, Tally, headline, headline_word
from conformance.report.text import result_line, waiver_lines
from conformance.run.verdicts import CaseResult, ExitCode, Verdict

ID = "40.2.0/blue-meetings"
CASE = f"{ID}::a"


def note(state: str = "applied", until: str = "2026-12-01", **more: object) -> WaiverNote:
    """Return what became of a waiver."""
    values: dict[str, object] = {"id": ID, "reason": "not used", "owner": "a team", "place": "w.yaml:3:5"}
    return WaiverNote(**{**values, "state": state, "until": until, **more})  # type: ignore[arg-type]


def counted(told: Sequence[str], *notes: WaiverNote, planned: int = 0) -> Tally:
    """Count results told as ``change verdict``, with ``before`` behind those that a site was held to so."""
    tally = Tally(planned=planned or len(told), waivers=notes)
    for number, text in enumerate(told):
        name, verdict, *side = text.split()
        tally.add(CaseResult(f"{name}::{number}", name, Verdict(verdict), "before" if side else "expect"))
    return tally


@pytest.mark.parametrize(
    ("told", "notes", "sentence"),
    [
        (
            ["a PASS", "b WAIVED"],
            [note()],
            "AS DOCUMENTED BUT FOR WAIVERS: 1 documented change holds, 1 does not hold and is waived until 2026-12-01",
        ),
        (
            ["a PASS", "a WAIVED", "b WAIVED", "c DEVIATION", "d PASS before", "e WAIVED before"],
            [note(until="2026-12-03"), note()],
            (
                "AS DOCUMENTED BUT FOR WAIVERS: 1 documented change holds, 1 are not there yet, as they should,"
                " 1 deviation from what is only assumed, 3 do not hold and are waived, the first until 2026-12-01"
            ),
        ),
        (
            ["a FAIL", "a WAIVED", "b WAIVED", "c PASS"],
            [note(), note("unneeded")],
            (
                "NOT AS DOCUMENTED: 1 of 3 documented changes do not hold, 1 does not hold and is waived until"
                " 2026-12-01; waivers to change: 1 not needed any more"
            ),
        ),
        (["a PASS"], [note("expired"), note("expired"), note("not tried")], "WAIVERS TO CHANGE: 2 expired"),
        (
            ["a PASS", "b INCONCLUSIVE", "c WAIVED"],
            [note("unmatched"), note()],
            (
                "WAIVERS TO CHANGE: 1 for nothing that there is; 1 does not hold and is waived until 2026-12-01;"
                " 1 cases were not observed"
            ),
        ),
        (["a WAIVED", "b BLOCKED"], [note()], "COULD NOT TELL: 1 cases were not observed"),
        (["a WAIVED", "b SUITE_ERROR"], [note("expired")], "RUN VOID: 1 case met a defect of the suite itself"),
    ],
)
def test_the_headline(told: list[str], notes: list[WaiverNote], sentence: str) -> None:
    tally = counted(told, *notes)
    assert headline(tally) == sentence
    assert sentence.startswith(headline_word(tally))


def test_a_run_that_was_cut_short_says_so_beside_its_waivers() -> None:
    tally = counted(["a PASS"], note("expired"), planned=3)
    assert headline(tally) == "WAIVERS TO CHANGE: 1 expired; only 1 of 3 cases ran"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (WaiverState.APPLIED, ExitCode.AS_DOCUMENTED),
        (WaiverState.NOT_TRIED, ExitCode.AS_DOCUMENTED),
        (WaiverState.EXPIRED, ExitCode.FINDINGS),
        (WaiverState.UNNEEDED, ExitCode.FINDINGS),
        (WaiverState.UNMATCHED, ExitCode.FINDINGS),
    ],
)
def test_which_states_fail_a_run(state: WaiverState, code: ExitCode) -> None:
    assert counted(["a PASS"], note(state)).exit_code is code
    assert counted(["a PASS", "b INCONCLUSIVE"], note(state)).exit_code is (code or ExitCode.COULD_NOT_TELL)
    assert counted(["a SUITE_ERROR"], note(state)).exit_code is ExitCode.SUITE_ERROR


def test_the_terminal_tells_lines_to_change_first_and_the_rest_as_notes() -> None:
    notes = [note(cases=(CASE,)), note("not tried", advice="of another site"), note("expired", advice="has passed")]
    assert list(waiver_lines(notes)) == [
        f"CHANGE w.yaml:3:5: waiver for {ID} has expired: has passed",
        f"waived: {ID}, 1 case, by a team until 2026-12-01: not used",
        f"note: w.yaml:3:5: waiver for {ID} was not tried: of another site",
    ]


def test_a_waived_case_has_its_reason_and_its_waiver_in_one_line() -> None:
    line = result_line(result(CASE, Verdict.WAIVED, waiver=f"{ID}, a\nteam until 2026-12-01"))
    assert line == f"WAIVED         {CASE}  1.50 s  why it is not  (waived: {ID}, a team until 2026-12-01)"


class TestPage:
    def page(self, *notes: WaiverNote) -> str:
        wrong = result(CASE, Verdict.WAIVED, step(check(subject="//serv:exceptionID")), waiver="somebody until then")
        report = fed([wrong], catalogue(change(ID)))
        report.finished(Footer({}, 0, 2.5, 0, waivers=notes))
        return str(report.summary(header(planned=1)))

    def test_what_is_waived_is_told_with_what_was_seen_and_who_answers(self) -> None:
        page = self.page(note(cases=(CASE,)))
        assert "What does not hold and is waived" in page
        assert "1 of 1 WAIVED" in page
        assert "<div class='cf-band cf-open' role=status><span aria-hidden=true>◊</span>" in page
        assert page.count(f"impact of {change(ID).file.change}") == 1
        assert "<code>//serv:exceptionID</code>: expected <code>FAILURE</code>, got <code>SUCCESS</code>" in page
        assert "<li>a team until 2026-12-01: not used" in page
        assert "does not hold, waived" in page

    def test_what_fails_and_is_waived_too_is_explained_once(self) -> None:
        results = [result(CASE, Verdict.WAIVED), result(f"{ID}::b", Verdict.FAIL)]
        report = fed(results, catalogue(change(ID)))
        report.finished(Footer({}, 1, 2.5, 0, waivers=[note(cases=(CASE,))]))
        page = str(report.summary(header(planned=2)))
        assert page.count(f"impact of {change(ID).file.change}") == 1
        assert "<li>a team until 2026-12-01: not used" in page

    def test_every_waiver_has_a_row_and_those_to_change_are_on_the_first_screen(self) -> None:
        page = self.page(note("expired", advice="has passed"), note("not tried"))
        assert page.index("WAIVERS TO CHANGE") < page.index("What does not hold and is waived")
        assert f"<li>w.yaml:3:5: waiver for {ID} has expired: has passed" in page
        assert page.count("<small>w.yaml:3:5</small>") == 2

    def test_without_waivers_nothing_is_said_of_them(self) -> None:
        assert "<h2>Waivers" not in self.page()
        assert str(waiver_table(())) == ""

    def test_hostile_texts_are_only_ever_text(self) -> None:
        text = " ".join(HOSTILE.values())
        page = self.page(note("expired", id=text, reason=text, owner=text, place=text, advice=text))
        assert not SECRETIVE.search(page)
        assert not [tag for tag in ("<script", "<img", "<svg") if tag in page]
