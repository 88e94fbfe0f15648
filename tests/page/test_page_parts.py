"""The parts of the readiness page: what is said, drawn and left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_samples import (
    ALL_HOSTILE,
    ANONYMOUS,
    PAST,
    SAMPLES,
    TONIGHT,
    cannot_tell,
    decision,
    file_of,
    footer,
    header,
    night,
    nights,
    not_ready,
    page,
    planned,
    ready,
    reason,
    result,
    shipped,
    state,
    step,
)

from conformance.cases.waivers import WaiverNote
from conformance.compare.model import Comparison, Move, MoveKind
from conformance.history.model import Latency
from conformance.page import looks
from conformance.page.coverage import coverage
from conformance.page.drilldown import Anchors, changes, rollout, with_evidence
from conformance.page.headline import headline, sentence
from conformance.page.plots import latency_plots, strip_plot
from conformance.page.strips import strip
from conformance.page.ticket import commands, laid_out, ticket
from conformance.run.verdicts import Check, Verdict
from conformance.upgrade.model import BASELINE, ChangeWord, Outcome, Reason, Word
from conformance.versions import Version


class TestLooks:
    def test_every_state_that_can_be_has_a_look_of_its_own(self) -> None:
        assert looks.VERDICTS.keys() == set(Verdict)
        assert looks.WORDS.keys() == set(Word)
        assert looks.CHANGES.keys() == set(ChangeWord)
        assert looks.OUTCOMES.keys() == set(Outcome)
        for some in (looks.VERDICTS, looks.CHANGES):
            told = [(look.letter, look.word) for look in some.values()]
            assert len({letter for letter, _ in told}) == len({word for _, word in told}) == len(told)

    def test_nothing_unknown_looks_good(self) -> None:
        for verdict in set(Verdict) - {Verdict.PASS}:
            assert looks.VERDICTS[verdict].kind != "good"
        for word in set(ChangeWord) - {ChangeWord.HOLDS}:
            assert looks.CHANGES[word].kind != "good"
        assert looks.look_of_letter(" ").kind == looks.look_of_letter("x").kind == "dim"

    @pytest.mark.parametrize(
        ("span", "told"),
        [
            (timedelta(seconds=-5), "0 min"),
            (timedelta(minutes=119), "119 min"),
            (timedelta(hours=2), "2 h"),
            (timedelta(hours=47, minutes=59), "47 h"),
            (timedelta(days=2), "2 days"),
        ],
    )
    def test_an_age_is_told_in_its_largest_unit(self, span: timedelta, told: str) -> None:
        assert looks.age(span) == told

    @pytest.mark.parametrize(("seconds", "told"), [(0.25, "250 ms"), (4.25, "4.2 s"), (252, "4 m 12 s")])
    def test_a_duration_is_told_as_people_do(self, seconds: float, told: str) -> None:
        assert looks.duration(seconds) == told

    def test_a_time_is_read_in_utc_or_not_at_all(self) -> None:
        assert looks.read_time("2026-11-22T02:14:09+00:00") == looks.read_time("2026-11-22T02:14:09") == TONIGHT
        assert looks.read_time(ALL_HOSTILE) is None
        assert looks.moment(TONIGHT) == "22 Nov 2026 02:14 UTC"

    @given(st.text(max_size=400), st.integers(2, 200))
    def test_a_text_that_is_cut_fits_and_says_so(self, text: str, most: int) -> None:
        shown = looks.cut(text, most)
        assert len(shown) <= most
        assert shown == text or shown.endswith("…")


class TestStrips:
    def test_it_is_told_in_pieces_with_their_days(self) -> None:
        told = strip("PPF", [night(2), night(1), night(0)])
        assert [piece.letters for piece in told.pieces] == ["PP", "F"]
        assert told.told == "pass, 20 Nov 2026 to 21 Nov 2026; fail, 22 Nov 2026"

    def test_what_is_missing_at_its_start_was_not_run(self) -> None:
        told = strip("F", [night(1), night(0)])
        assert [(piece.letters, piece.look.word) for piece in told.pieces] == [("·", "not run"), ("F", "fail")]

    def test_without_runs_there_is_none(self) -> None:
        assert strip("PPP", []).told == "no earlier runs"

    @given(st.text("PFWD?BNE o-x\u202e", max_size=60), st.integers(0, 40))
    def test_it_has_one_letter_a_night_whatever_it_is_made_of(self, letters: str, number: int) -> None:
        told = strip(letters, nights(number))
        assert sum(len(piece.letters) for piece in told.pieces) == number


class TestRollout:
    CHANGE = file_of("40.4.0/getenrollmentinfo-empty-domain")

    def test_it_came_between_two_nights(self) -> None:
        assert rollout(self.CHANGE, nights()) == (
            "rolled out on this site by 11 Nov 2026; not there yet on 10 Nov 2026"
        )

    def test_it_was_there_all_the_time(self) -> None:
        assert "in every run since 24 Oct 2026" in rollout(file_of(PAST), nights())

    def test_it_is_not_there_yet(self) -> None:
        assert rollout(self.CHANGE, [night(1, behaves_as="40.2.0")]) == "not on this site yet, as of 21 Nov 2026"

    @pytest.mark.parametrize("behaves", ["", "no version"])
    def test_nothing_is_said_where_no_release_fits(self, behaves: str) -> None:
        assert rollout(self.CHANGE, [night(0, behaves_as=behaves)]) == ""

    def test_a_site_that_fell_back_does_not_have_it(self) -> None:
        runs = [night(2, behaves_as="40.4.3"), night(1, behaves_as="40.2.0")]
        assert rollout(self.CHANGE, runs).startswith("not on this site yet")


class TestHeadline:
    @pytest.mark.parametrize("name", SAMPLES)
    def test_the_word_is_that_of_the_decision(self, name: str) -> None:
        data = SAMPLES[name]()
        assert headline(data).look.word == data.decision.word.value

    def test_it_names_how_many_changes_break_and_no_percentage(self) -> None:
        assert sentence(not_ready().decision) == "2 of 8 documented changes break this integration"
        assert "%" not in "".join(sentence(sample().decision) for sample in SAMPLES.values())

    def test_ready_says_what_it_rests_on(self) -> None:
        assert sentence(ready().decision) == (
            "8 documented changes looked at: 7 hold, 1 waived; nothing stands in the way of 40.4.3"
        )
        nothing = replace(decision(Word.READY), changes=[])
        assert sentence(nothing) == "no documented change concerns you; nothing stands in the way of 40.4.3"

    def test_no_evidence_is_told_as_such(self) -> None:
        assert sentence(cannot_tell().decision) == "there is no evidence that counts about 40.4.3"
        some = replace(cannot_tell().decision, observed=3)
        assert sentence(some).startswith("1 thing could not be told; what could be told")

    def test_without_a_profile_nobody_is_named(self) -> None:
        told = sentence(replace(not_ready().decision, profile=""))
        assert told == "2 of 8 documented changes stand in the way"

    def test_what_is_no_change_stands_in_the_way_too(self) -> None:
        expired = Reason("waiver-expired", Outcome.BLOCK, "A waiver has expired.")
        told = sentence(decision(Word.NOT_READY, [expired]))
        assert told == "1 other thing stands in the way"

    def test_a_cause_tells_what_since_when_what_to_do_and_who(self) -> None:
        cause = headline(not_ready()).causes[0]
        assert cause.title == "A start time that has passed is refused"
        assert cause.since == "since 20 Nov 2026 (2 days)"
        assert cause.seen.startswith("3 cases: expected exceptionID 060016")
        assert cause.uses.startswith("CreateMeeting (412 calls)")
        assert cause.advice.startswith("For an instant meeting")
        assert cause.owners == "scheduling team"

    def test_many_causes_are_counted_not_hidden(self) -> None:
        told = headline(page(decision(Word.NOT_READY, [Reason("x", Outcome.BLOCK, "why")] * 9)))
        assert (len(told.causes), told.more) == (5, 4)

    def test_causes_of_one_change_share_a_line(self) -> None:
        one = reason(PAST, Outcome.BLOCK, seen="got 1", cases=["a", "b"], since=TONIGHT, owners=("team one",))
        two = reason(PAST, Outcome.BLOCK, seen="got 2", cases=["b", "c"], since=night(3).started, owners=("team two",))
        other = reason(ANONYMOUS, Outcome.BLOCK, seen="got 3")
        told = headline(page(decision(Word.NOT_READY, [one, other, two])))
        assert [cause.number for cause in told.causes] == [1, 2]
        assert told.causes[0].seen == "3 cases: got 1; got 2"
        assert told.causes[0].since == "since 19 Nov 2026 (3 days)"
        assert told.causes[0].owners == "team one, team two"
        assert told.more == 0

    def test_what_is_only_told_stands_there_where_nothing_weighs_more(self) -> None:
        assert [cause.look.word for cause in headline(ready()).causes] == ["told, blocks nothing"]
        assert all(cause.look.kind != "dim" for cause in headline(not_ready()).causes)

    def test_what_moved_since_the_run_before_is_counted_each_kind_apart(self) -> None:
        moves = [Move(kind, f"a::{kind}", "a", Verdict.PASS, Verdict.PASS) for kind in MoveKind]
        data = page(decision(Word.READY), comparison=Comparison(night(1), night(0), moves, 3))
        told = headline(data)
        assert told.since_title == "Since the run before, 21 Nov 2026 02:14 UTC"
        assert [item.number for item in told.since] == [1] * len(MoveKind) + [0]

    def test_the_first_run_has_nothing_before_it(self) -> None:
        told = headline(cannot_tell())
        assert told.since_title == "No earlier run of this site to hold this one against"
        assert [item.text for item in told.since] == ["left on the site"]

    @pytest.mark.parametrize(
        ("until", "told"),
        [
            ("2026-11-25", "waiver in force, ends in 3 days"),
            ("2026-11-23", "waiver in force, ends in 1 day"),
            ("2026-11-22", "waiver in force, ends today"),
        ],
    )
    def test_a_waiver_that_ends_soon_is_told(self, until: str, told: str) -> None:
        note = WaiverNote(ANONYMOUS, "applied", "why", "who", until, "w.yaml:1:1")
        data = page(decision(Word.READY), footer=footer(waivers=(note,)))
        assert told in [item.text for item in headline(data).since]

    def test_an_expired_waiver_is_told_and_one_of_no_date_breaks_nothing(self) -> None:
        notes = [WaiverNote("x", state, "why", "who", "someday", "w.yaml:1:1") for state in ("expired", "applied")]
        told = headline(page(decision(Word.READY), footer=footer(waivers=notes)))
        assert [(item.text, item.kind) for item in told.since if "waiver" in item.text] == [
            ("waiver has expired", "bad")
        ]

    def test_what_is_left_on_the_site_is_counted(self) -> None:
        told = headline(page(decision(Word.READY), footer=footer(left=("meeting 1", "meeting 2"))))
        assert [(item.number, item.kind) for item in told.since][-1] == (2, "bad")

    def test_of_many_changes_only_those_that_hold_are_folded(self) -> None:
        base = not_ready()
        many = [
            replace(state(shipped()[0], word), id=f"{word}{number}")
            for number in range(5)
            for word in (ChangeWord.HOLDS, ChangeWord.UNKNOWN, ChangeWord.NOT_COVERED, ChangeWord.BROKEN)
        ]
        told = headline(replace(base, decision=replace(base.decision, changes=many)))
        assert {row.state.word for row in told.folded} == {ChangeWord.HOLDS}
        assert len(told.rows) == 15
        assert [len(row.cells) for row in (*told.rows, *told.folded)] == [len(told.operations)] * 15 + [0] * 5

    def test_operations_have_columns_up_to_a_number(self) -> None:
        base = not_ready()
        for number, columns in ((24, 24), (25, 0)):
            by_operation = {f"Operation{one}": ChangeWord.BROKEN for one in range(number)}
            wide = replace(state(shipped()[0], ChangeWord.BROKEN), by_operation=by_operation)
            told = headline(replace(base, decision=replace(base.decision, changes=[wide])))
            assert (len(told.operations), len(told.rows[0].cells)) == (columns, columns)

    def test_parts_of_the_baseline_are_no_documented_changes(self) -> None:
        base = not_ready().decision
        broken = {reason.change for reason in base.of(Outcome.BLOCK)}
        assert len(broken) == 2
        states = [replace(one, scope=BASELINE) if one.id == min(broken) else one for one in base.changes]
        assert sentence(replace(base, changes=states)) == (
            "1 of 7 documented changes and 1 of 1 part of the baseline break this integration"
        )
        hold = [replace(one, word=ChangeWord.HOLDS) for one in states]
        assert sentence(replace(base, word=Word.READY, changes=hold)).startswith(
            "7 documented changes and 1 part of the baseline looked at: 8 hold; "
        )

    def test_the_numbers_tell_what_was_not_observed(self) -> None:
        told = {item.text: item.number for item in headline(not_ready()).counts}
        assert told["of 86 cases have evidence that counts"] == len(planned()) - 2
        assert (told["failed tonight"], told["could not be told"]) == (4, 2)

    def test_a_run_that_did_not_end_and_a_clock_that_is_off_lessen_the_confidence(self) -> None:
        told = headline(page(decision(Word.CANNOT_TELL), footer=None, header=header(clock_offset_seconds=-40.0)))
        assert "the run did not end" in told.confidence
        assert "the site's clock is off by -40 s" in told.confidence
        assert "no run counts as evidence" in headline(cannot_tell()).confidence

    def test_a_mock_that_really_is_another_version_is_told(self) -> None:
        told = headline(page(decision(Word.READY), header=header(mock_version="40.1.0", started="no time")))
        assert told.identity["Site"] == "staging, really 40.1.0"
        assert told.identity["Age"] == "not known"


class TestChanges:
    def test_what_a_run_tells_of_no_known_change_comes_last(self) -> None:
        data = page(decision(Word.READY))
        strange = replace(result("x/y::z", Verdict.FAIL), change="x/y")
        views = changes(replace(data, results=[*data.results, strange]), Anchors())
        assert [view.id for view in views][-1] == "x/y"
        assert views[-1].tally == "1 fail"

    def test_what_does_not_hold_stands_before_what_was_not_run_and_what_holds(self) -> None:
        data = not_ready()
        view = next(view for view in changes(replace(data, results=data.results[:-5]), Anchors()) if view.id == PAST)
        assert [case.look.word for case in view.cases][:4] == ["fail"] * 3 + ["pass"]
        assert view.tally == "3 fail, 12 pass"
        newest = changes(replace(data, results=data.results[:-5]), Anchors())[0]
        assert newest.tally == "5 not run tonight"

    def test_of_a_step_only_what_did_not_hold_is_listed(self) -> None:
        data = not_ready()
        case = next(view for view in changes(data, Anchors()) if view.id == PAST).cases[0]
        full = with_evidence(case, data)
        assert [each.look.word for each in full.steps] == ["pass", "fail"]
        assert [check.id for _, check in full.steps[1].checks] == ["result", "exceptionID"]
        assert full.steps[1].held == 1
        assert not full.steps[0].request
        assert full.steps[1].request.startswith("<serv:message")

    def test_many_steps_are_cut_and_counted(self) -> None:
        id_ = next(iter(planned()))
        steps = tuple(step(Check("x", Verdict.FAIL, "s")) for _ in range(50))
        data = page(decision(Word.READY), results=[replace(result(id_, Verdict.FAIL), steps=steps)])
        case = next(case for view in changes(data, Anchors()) for case in view.cases if case.id == id_)
        full = with_evidence(case, data)
        assert (len(full.steps), full.more_steps) == (30, 20)
        assert sum(bool(each.response) for each in full.steps) == 3

    @given(st.lists(st.text(max_size=12), max_size=12))
    def test_places_in_the_page_have_ids_of_their_own(self, names: list[str]) -> None:
        anchors = Anchors()
        given_ = {name: anchors("case", name) for name in names}
        assert len(set(given_.values())) == len(given_)
        assert all(set(id_) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.") for id_ in given_.values())
        assert given_ == {name: anchors("case", name) for name in names}


class TestTicket:
    def test_it_holds_all_that_the_provider_asks_for(self) -> None:
        data = not_ready()
        case = next(each for each in data.results if each.verdict is Verdict.FAIL and each.change == PAST)
        told = ticket(data, case, 3000, 300)
        for part in (
            "XML API 40.4.3: not as documented: A start time that has passed is refused",
            "Documented in: XML API 40.2.0 Updates",
            "//serv:exceptionID: expected 060016, got nothing",
            "First seen on 20 Nov 2026",
            "GetAPIVersion says 40.4.3",
            "<startDate>11/22/2026 01:14:09</startDate>",
            "Response, HTTP 200:",
            "the site's is ahead by 3 s",
        ):
            assert part in told

    def test_there_is_none_where_no_exchange_shows_it(self) -> None:
        data = not_ready()
        inconclusive = next(each for each in data.results if each.verdict is Verdict.INCONCLUSIVE)
        assert ticket(data, inconclusive, 3000, 300) == ""

    def test_a_message_is_masked_again_and_cut(self) -> None:
        shown = laid_out("<a><password>hunter2hunter2</password></a>", 1000)
        assert "hunter2" not in shown
        assert "more characters, see results.jsonl" in laid_out("x" * 99, 10)

    def test_commands_can_be_copied_into_a_shell_whatever_the_names_are(self) -> None:
        data = not_ready()
        hostile = replace(data, decision=replace(data.decision, site="a; rm -rf b", from_=None))
        told = commands(hostile, PAST)
        assert told["Ask again"] == "conformance can-upgrade --to 40.4.3 --site 'a; rm -rf b'"
        assert told["Hold the run against the one before"].startswith("conformance compare 2026-11-21T")
        assert "Hold the run against the one before" not in commands(cannot_tell(), PAST)


class TestPlots:
    def test_every_night_has_its_letter_in_its_place(self) -> None:
        runs = nights(3)
        plot = strip_plot([("a", strip("PPF", runs))], runs)
        (row,) = plot.rows
        places = [int(place) for block in row.blocks for place in block.places.split()]
        assert "".join(block.letters for block in row.blocks) == "PPF"
        assert places == sorted(places)
        assert len({b - a for a, b in pairwise(places)}) == 1
        assert [label for _, label in plot.ticks] == ["20 Nov 2026", "21 Nov 2026", "22 Nov 2026"]

    def test_it_tells_when_the_site_came_to_be_held_to_another_version(self) -> None:
        runs = nights(3)
        runs[2] = replace(runs[2], api_version=Version.parse("40.4.3"))
        runs[:2] = [replace(run, api_version=Version.parse("40.4.0")) for run in runs[:2]]
        plot = strip_plot([("a", strip("PPF", runs))], runs)
        (row,) = plot.rows
        first, later = plot.versions
        assert (first[1], later[1]) == ("40.4.0", "40.4.3")
        assert later[0] - first[0] == 2 * (row.blocks[0].width + 1) / len(row.blocks[0].letters)
        assert plot.moves == "40.4.0 from 20 Nov 2026, 40.4.3 from 22 Nov 2026"

    def test_a_night_without_calls_is_a_gap(self) -> None:
        runs = nights(4)
        times = [Latency(runs[n].id, "GetUser", 3, 0.1, 0.2) for n in (0, 1, 3)]
        (plot,) = latency_plots(times, runs)
        assert plot.p50.count("M") == 2
        assert plot.told == "p95 from 200 ms to 200 ms in 3 runs"

    def test_times_of_runs_that_are_not_shown_are_left_out(self) -> None:
        assert latency_plots([Latency("other", "GetUser", 3, 0.1, 0.2)], nights(4)) == []

    def test_calls_that_took_no_time_are_no_trouble(self) -> None:
        (plot,) = latency_plots([Latency(night(0).id, "GetUser", 1, 0.0, 0.0)], [night(0)])
        assert plot.last_p95 == "0 ms"

    def test_the_slowest_stands_first(self) -> None:
        data = not_ready()
        assert latency_plots(data.latencies, data.nights)[0].operation == "SetUser"


class TestCoverage:
    def test_operations_that_were_called_and_those_that_never_were(self) -> None:
        told = coverage(not_ready())
        assert told.called["CreateMeeting"] > 0
        assert "DelMeeting" in told.never
        assert not told.called.keys() & set(told.never)

    def test_an_unknown_operation_is_counted_apart(self) -> None:
        id_ = next(iter(planned()))
        told = coverage(page(decision(Word.READY), results=[result(id_, steps=(step(operation=ALL_HOSTILE),))]))
        assert (told.called, told.others) == ({}, 1)

    def test_a_clause_without_a_case_is_named(self) -> None:
        data = page(decision(Word.READY), planned={})
        assert all(each.unproven == list(each.change.file.clauses) for each in coverage(data).changes)
        assert all(not each.unproven for each in coverage(not_ready()).changes)
