"""What goes into a history comes out of it, from SQLite and from PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from history_support import (
    CHANGE,
    SITE,
    case_id,
    catalogue,
    digest,
    feed,
    header,
    night,
    nights,
    result,
    results_file,
    step,
    store,
)

from conformance.cases.waivers import WaiverNote
from conformance.history.letters import LETTERS
from conformance.history.store import History
from conformance.report.html_style import LOOKS
from conformance.run.verdicts import Check, Verdict
from conformance.versions import Version

OTHER = "40.4.3/createuser-html-email"


class TestRuns:
    def test_everything_of_a_run_is_kept(self, history: History) -> None:
        waiver = WaiverNote(case_id(), "applied", "known", "qa", "2026-12-01", "waivers.yaml:3:1", (case_id(),), "")
        head = header(planned=2)
        writer = history.writer(Path("reports/x/results.jsonl"))
        feed(writer, head, [result("a", "W"), result("b", "P")], remarks=("slow",), left=("m",), waivers=(waiver,))
        [run] = history.runs()
        for name in ("id", "endpoint", "site", "told_version", "mock_version", "schema_release", "suite_version"):
            assert getattr(run, name) == getattr(head, name)
        for name in ("schemas_digest", "cases_digest", "settings_digest", "clock_offset_seconds", "planned"):
            assert getattr(run, name) == getattr(head, name)
        assert (run.name, run.api_version, run.exit_code) == (head.run, Version(40, 4, 3), 0)
        assert (run.started, run.ended) == (night(0), night(0) + timedelta(minutes=5))
        assert run.counts == {Verdict.WAIVED: 1, Verdict.PASS: 1}
        assert (run.libraries, list(run.warnings), list(run.remarks)) == (
            head.libraries,
            ["the clock is off"],
            ["slow"],
        )
        assert (list(run.left), list(run.waivers)) == (["m"], [waiver])
        assert run.results == str(Path("reports/x/results.jsonl").absolute())
        assert run.complete
        assert not run.void

    def test_times_are_aware_and_in_utc_whatever_zone_they_were_told_in(self, history: History) -> None:
        began = datetime(2026, 10, 1, 4, 0, tzinfo=timezone(timedelta(hours=2)))
        store(history, header(started=began), [result()])
        [run] = history.runs()
        assert run.started == began
        assert run.started.tzinfo is UTC

    def test_they_come_newest_first_and_are_chosen_by_site_version_time_and_number(self, history: History) -> None:
        for number in (2, 0, 1):
            store(history, header(number), [result()])
        store(history, header(3, site="other", api_version="40.2.0"), [result()])
        started = [run.started for run in history.runs()]
        assert started == [night(3), night(2), night(1), night(0)]
        assert [run.started for run in history.runs(site=SITE, limit=2)] == [night(2), night(1)]
        assert [run.site for run in history.runs(version=Version(40, 2))] == ["other"]
        assert [run.started for run in history.runs(since=night(2))] == [night(3), night(2)]
        assert history.runs(site="nobody") == []

    def test_a_run_that_has_not_ended_is_there_with_what_is_known(self, history: History) -> None:
        head = header(planned=9)
        writer = history.writer(None)
        feed(writer, head, [result()], ends=False)
        [run] = history.runs()
        assert (run.ended, run.exit_code, run.complete) == (None, None, False)

    def test_an_interrupted_run_ended_but_is_not_complete(self, history: History) -> None:
        store(history, header(), [result()], planned=2)
        [run] = history.runs()
        assert run.ended is not None
        assert not run.complete

    def test_a_run_that_met_a_defect_of_the_suite_is_void(self, history: History) -> None:
        store(history, header(), [result("a", "E")])
        assert history.runs()[0].void


class TestCases:
    def test_everything_of_a_result_is_kept(self, history: History) -> None:
        told = replace(result("a", "F"), waiver="", seconds=1.25)
        head = store(history, header(), [told])
        [case] = history.cases([head.id])
        assert (case.run, case.case, case.change) == (head.id, case_id(), CHANGE)
        assert (case.verdict, case.side, case.reason, case.seconds) == (Verdict.FAIL, "expect", told.reason, 1.25)
        assert case.cause == "exceptionID serv:exceptionID 060016"
        assert case.digest == "dd" * 32
        assert len(case.evidence) == 64
        assert not case.flipped

    def test_a_waived_case_names_its_waiver(self, history: History) -> None:
        head = store(history, header(), [result("a", "W", waiver="a until 2026-12-01, qa")])
        assert history.cases([head.id])[0].waiver == "a until 2026-12-01, qa"

    def test_they_come_run_after_run_as_asked_for(self, history: History) -> None:
        heads = nights(history, a="PF", b="P ")
        ids = [heads[1].id, heads[0].id]
        assert [(case.run, case.case) for case in history.cases(ids)] == [
            (heads[1].id, case_id("a")),
            (heads[0].id, case_id("a")),
            (heads[0].id, case_id("b")),
        ]
        assert history.cases(["unknown"]) == []
        assert len(history.cases([heads[0].id, heads[0].id])) == 2

    def test_evidence_is_the_same_for_the_same_and_another_for_anything_else_that_was_seen(
        self, history: History
    ) -> None:
        base = step()
        others = [
            replace(base, response="<other/>"),
            replace(base, request="<other/>"),
            replace(base, status=500),
            replace(base, attempts=("HTTP 503",)),
            replace(base, checks=(Check("exceptionID", Verdict.PASS, "serv:exceptionID", "none", "none", "a note"),)),
        ]
        results = [result(str(number), steps=(one,)) for number, one in enumerate([base, base, *others])]
        head = store(history, header(), results)
        seen = {case.case: case.evidence for case in history.cases([head.id])}
        assert seen[case_id("0")] == seen[case_id("1")]
        assert len(set(seen.values())) == 1 + len(others)

    def test_a_case_run_again_to_another_end_has_flipped(self, history: History) -> None:
        again = replace(step(Verdict.PASS), name="again: a meeting is made", round=2)
        flipped = result("a", "?", steps=(step(Verdict.FAIL), again), reason="interference: failed, and held")
        twice = result("b", "F", steps=(step(Verdict.FAIL), replace(step(Verdict.FAIL), round=2)))
        head = store(history, header(), [flipped, twice])
        assert {case.case: case.flipped for case in history.cases([head.id])} == {
            case_id("a"): True,
            case_id("b"): False,
        }

    def test_requests_that_were_sent_again_are_counted(self, history: History) -> None:
        head = store(history, header(), [result(steps=(step(attempts=("HTTP 503", "reset")), step(attempts=("x",))))])
        assert history.cases([head.id])[0].retries == 3

    def test_texts_that_no_database_takes_are_escaped(self, history: History) -> None:
        told = result("a\0\x1b[31m\ud800", "F", reason="nul \0 and \udcff" + "x" * 9000)
        head = store(history, header(), [told])
        [case] = history.cases([head.id])
        assert case.case == case_id("a\\x00\\x1b[31m\\xd800")
        assert case.reason.startswith("nul \\x00 and \\xdcff")
        assert len(case.reason) == 4000

    def test_of_a_case_that_comes_twice_the_first_counts(self, history: History) -> None:
        head = store(history, header(), [result("a", "F"), result("a", "P")], planned=1)
        assert [case.verdict for case in history.cases([head.id])] == [Verdict.FAIL]

    def test_thousands_come_back_as_they_went(self, history: History) -> None:
        letters = "PFWD?BNE"
        results = [result(str(number), letters[number % 8]) for number in range(1500)]
        head = store(history, header(), results)
        found = {case.case: case.verdict for case in history.cases([head.id])}
        assert found == {one.id: one.verdict for one in results}


class TestCaseHistory:
    def test_it_comes_newest_first_with_the_runs(self, history: History) -> None:
        nights(history, a="PF?", b="PPP")
        store(history, header(9, site="other"), [result("a", "W")])
        told = history.case_history(case_id("a"))
        assert [(run.site, LETTERS[case.verdict]) for run, case in told] == [
            ("other", "W"),
            (SITE, "?"),
            (SITE, "F"),
            (SITE, "P"),
        ]
        assert all(run.id == case.run for run, case in told)
        assert len(history.case_history(case_id("a"), site=SITE, limit=2)) == 2
        assert history.case_history("unknown") == []

    def test_each_result_has_the_digest_of_its_own_night(self, history: History) -> None:
        for number in range(2):
            store(history, header(number), [result()], catalogue=catalogue({CHANGE: digest(str(number))}))
        assert [case.digest for _, case in history.case_history(case_id())] == [digest("1"), digest("0")]


class TestStrips:
    def test_they_are_letters_oldest_first_with_blanks_where_it_did_not_run(self, history: History) -> None:
        nights(history, a="PFWD?BNE", b="   P  F ", c="P       ")
        strips = history.strips(SITE)
        assert strips.cases == {case_id("a"): "PFWD?BNE", case_id("b"): "   P  F ", case_id("c"): "P       "}
        assert [run.started for run in strips.runs] == [night(number) for number in range(8)]

    def test_a_change_has_the_letter_of_its_heaviest_case_that_applies(self, history: History) -> None:
        nights(history, a="PPPNN", b="PFNNP", c="PDPN?")
        assert history.strips(SITE).changes == {CHANGE: "PFPN?"}

    def test_only_the_last_runs_and_what_is_in_them(self, history: History) -> None:
        nights(history, a="PPF", gone="P  ")
        assert history.strips(SITE, nights=2).cases == {case_id("a"): "PF"}
        assert history.strips("nobody").runs == []

    @pytest.mark.usefixtures("at_once")
    def test_a_run_that_did_not_end_is_in_them(self, history: History) -> None:
        store(history, header(0), [result("a", "F")], planned=2, ends=False)
        assert history.strips(SITE).cases == {case_id("a"): "F"}
        assert history.strips(SITE).changes == {CHANGE: "F"}

    def test_the_letters_are_those_of_the_reports(self) -> None:
        assert {verdict: look.letter for verdict, look in LOOKS.items()} == LETTERS


class TestBrokenSince:
    @pytest.mark.parametrize(
        ("strip", "since"),
        [
            ("F", 0),
            ("PF", 1),
            ("PFFF", 1),
            ("FPFF", 2),
            ("PF?BF", 1),
            ("PFNF", 1),
            ("PF F", 1),
            ("PFF?", 1),
            ("PWFW", 1),
            ("FDF", 2),
            ("FEF", 0),
            ("FP", None),
            ("F?P?", None),
            ("PD", None),
            ("??", None),
        ],
    )
    def test_it_is_the_first_run_of_the_unbroken_series(self, embedded: History, strip: str, since: int | None) -> None:
        heads = nights(embedded, a=strip, other="P" * len(strip))
        found = embedded.broken_since(SITE, [case_id("a"), case_id("other"), "unknown"])
        assert {case: run.id for case, run in found.items()} == (
            {} if since is None else {case_id("a"): heads[since].id}
        )

    def test_runs_held_to_the_other_side_neither_end_nor_begin_a_series(self, history: History) -> None:
        sides = [("expect", "F"), ("before", "P"), ("expect", "F"), ("before", "F")]
        heads = [
            store(history, header(number), [result("a", letter, side=side)])
            for number, (side, letter) in enumerate(sides)
        ]
        asked = [case_id("a")]
        assert history.broken_since(SITE, asked, side="expect")[asked[0]].id == heads[0].id
        assert history.broken_since(SITE, asked, side="before")[asked[0]].id == heads[3].id
        assert history.broken_since(SITE, asked)[asked[0]].id == heads[3].id

    def test_another_site_says_nothing(self, history: History) -> None:
        store(history, header(0, site="other"), [result("a", "F")])
        assert history.broken_since(SITE, [case_id("a")]) == {}


class TestLatencies:
    def test_each_call_is_counted_alone(self, history: History) -> None:
        taken = [step(seconds=number / 100) for number in range(1, 101)]
        other = step(operation="SetMeeting", seconds=2.5)
        mail = step(operation="", seconds=9.0)
        head = store(history, header(), [result(steps=(*taken, other, mail))])
        made, set_ = history.latencies([head.id])
        assert (made.run, made.operation, made.calls, made.p50, made.p95) == (head.id, "CreateMeeting", 100, 0.5, 0.95)
        assert (set_.operation, set_.calls, set_.p50, set_.p95) == ("SetMeeting", 1, 2.5, 2.5)

    @pytest.mark.usefixtures("at_once")
    def test_they_come_run_after_run_also_of_one_that_did_not_end(self, history: History) -> None:
        one = store(history, header(0), [result()])
        cut = store(history, header(1), [result(steps=(step(seconds=4.0),))], ends=False, planned=5)
        assert [(each.run, each.p50) for each in history.latencies([cut.id, one.id, "unknown"])] == [
            (cut.id, 4.0),
            (one.id, 0.25),
        ]


class TestFlaky:
    def test_it_is_what_flips_and_flips_back(self, history: History) -> None:
        nights(history, steady="PPPP", broke="PPFF", mended="FFPP", flaky="PFPF", repaired="PF?P", never="????")
        assert [(one.case, one.flips, one.flipped) for one in history.flaky(SITE)] == [(case_id("flaky"), 3, 0)]

    def test_a_flip_within_a_run_counts_with_those_between_runs(self, history: History) -> None:
        again = replace(step(Verdict.PASS), round=2, attempts=("HTTP 503",))
        store(history, header(0), [result("a", "?", steps=(step(Verdict.FAIL), again), reason="interference: x")])
        store(history, header(1), [result("a", "P")])
        [one] = history.flaky(SITE)
        assert (one.case, one.change, one.runs, one.flips, one.flipped) == (case_id("a"), CHANGE, 1, 1, 1)
        assert (one.retried, one.untold, one.strip) == (1, 1, "?P")

    def test_only_the_last_runs_are_looked_at(self, history: History) -> None:
        nights(history, a="PFPFPP")
        assert history.flaky(SITE, runs=2) == []

    def test_another_end_with_another_text_is_no_flip(self, history: History) -> None:
        for number, letter in enumerate("PFPF"):
            known = catalogue({CHANGE: digest(str(number)), OTHER: digest("same")})
            both = [result("a", letter), result("b", letter, change=OTHER)]
            store(history, header(number), both, catalogue=known)
        assert [one.change for one in history.flaky(SITE)] == [OTHER]

    def test_another_end_on_the_other_side_is_no_flip(self, history: History) -> None:
        for number, (side, letter) in enumerate([("expect", "F"), ("before", "P")] * 3):
            store(history, header(number), [result("a", letter, side=side)])
        assert history.flaky(SITE) == []


def test_the_same_run_live_and_imported_is_the_same_history(where: str, tmp_path: Path) -> None:
    results = [
        result("a", "F", steps=(step(Verdict.FAIL, attempts=("HTTP 503",)), step())),
        result("b", "W", waiver="w"),
    ]
    head = header(planned=2)
    file = results_file(tmp_path / "run", head, results)
    with History.open(where) as live, History.open(tmp_path / "imported.sqlite3") as imported:
        feed(live.writer(file), head, results)
        imported.import_results(file)
        assert live.runs() == imported.runs()
        assert live.cases([head.id]) == imported.cases([head.id])
        assert live.latencies([head.id]) == imported.latencies([head.id])
        assert live.strips(SITE) == imported.strips(SITE)
