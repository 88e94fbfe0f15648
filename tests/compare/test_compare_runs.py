"""Two runs held against each other: where each case goes, and what it comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from comparing import case, run
from hypothesis import given
from hypothesis import strategies as st

from conformance.compare.model import Comparison, MoveKind
from conformance.compare.runs import comparable, compare_runs, first_failures, outcome
from conformance.history.model import CaseRecord
from conformance.run.verdicts import ExitCode, Verdict

PASS, FAIL = Verdict.PASS, Verdict.FAIL

cases = st.lists(
    st.builds(
        case,
        st.sampled_from("abcdef"),
        st.sampled_from(Verdict),
        digest=st.sampled_from(["d", "e", ""]),
        reason=st.sampled_from(["", "one", "other"]),
        cause=st.sampled_from(["", "x", "y"]),
        side=st.sampled_from(["expect", "before"]),
    ),
    unique_by=lambda record: record.case,
)

MIRRORED = {
    MoveKind.BROKE: MoveKind.FIXED,
    MoveKind.FIXED: MoveKind.BROKE,
    MoveKind.LOST: MoveKind.FOUND,
    MoveKind.FOUND: MoveKind.LOST,
    MoveKind.ADDED: MoveKind.REMOVED,
    MoveKind.REMOVED: MoveKind.ADDED,
    MoveKind.CHANGED: MoveKind.CHANGED,
    MoveKind.MOVED: MoveKind.MOVED,
}


def comparison(a: list[CaseRecord], b: list[CaseRecord]) -> Comparison:
    return compare_runs(run(a, name="a"), run(b, name="b"), a, b)


def one(before: CaseRecord, after: CaseRecord) -> Comparison:
    return comparison([before], [after])


class TestProperties:
    @given(cases, cases)
    def test_the_other_way_round_everything_is_the_other_way_round(
        self, a: list[CaseRecord], b: list[CaseRecord]
    ) -> None:
        there, back = comparison(a, b), comparison(b, a)
        for kind, mirrored in MIRRORED.items():
            assert {move.case for move in there.of(kind)} == {move.case for move in back.of(mirrored)}
        assert there.same == back.same

    @given(cases, cases)
    def test_each_case_is_in_exactly_one_place(self, a: list[CaseRecord], b: list[CaseRecord]) -> None:
        found = comparison(a, b)
        everything = {record.case for record in (*a, *b)}
        assert len(found.moves) + found.same == len(everything)
        assert all(count == 1 for count in Counter(move.case for move in found.moves).values())
        assert {move.case for move in found.moves} <= everything

    @given(cases)
    def test_a_run_compared_with_itself_has_no_moves(self, a: list[CaseRecord]) -> None:
        found = comparison(a, a)
        assert (found.moves, found.same) == ([], len(a))

    @given(cases, cases)
    def test_what_only_one_run_has_is_neither_broken_nor_fixed(self, a: list[CaseRecord], b: list[CaseRecord]) -> None:
        both = {record.case for record in a} & {record.case for record in b}
        for move in comparison(a, b).moves:
            assert (move.case in both) == (move.kind not in (MoveKind.ADDED, MoveKind.REMOVED))

    @given(cases, cases)
    def test_another_text_is_neither_broken_nor_fixed(self, a: list[CaseRecord], b: list[CaseRecord]) -> None:
        before, after = {r.case: r.digest for r in a}, {r.case: r.digest for r in b}
        for move in comparison(a, b).moves:
            if move.case in before and move.case in after:
                other = bool(before[move.case] and after[move.case] and before[move.case] != after[move.case])
                assert (move.kind is MoveKind.CHANGED) == other

    @given(cases, cases)
    def test_nothing_broke_is_said_only_where_nothing_did(self, a: list[CaseRecord], b: list[CaseRecord]) -> None:
        found = comparison(a, b)
        if outcome(found) is ExitCode.AS_DOCUMENTED:
            assert not found.of(MoveKind.BROKE)
            assert not found.of(MoveKind.LOST)
            assert not any(move.after is FAIL and move.before in (Verdict.INCONCLUSIVE, Verdict.BLOCKED)
                           and move.kind is not MoveKind.CHANGED for move in found.moves)  # fmt: skip

    def test_every_pair_of_verdicts_has_its_place(self) -> None:
        table = {
            (before, after): [move.kind for move in one(case("a", before), case("a", after)).moves]
            for before, after in product(Verdict, Verdict)
        }
        broke = {pair for pair, kinds in table.items() if kinds == [MoveKind.BROKE]}
        lost = {pair for pair, kinds in table.items() if kinds == [MoveKind.LOST]}
        assert broke == {(PASS, FAIL), (Verdict.DEVIATION, FAIL)}
        assert lost == {
            (before, after)
            for before in (PASS, FAIL, Verdict.DEVIATION, Verdict.WAIVED)
            for after in (Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.SUITE_ERROR)
        }
        assert all(kinds == [] for (before, after), kinds in table.items() if before is after)
        assert table[FAIL, Verdict.WAIVED] == table[Verdict.WAIVED, FAIL] == [MoveKind.MOVED]


class TestReasons:
    def test_what_broke_tells_why(self) -> None:
        (move,) = one(case("a"), case("a", FAIL, reason="expected 1, got 2")).moves
        assert (move.before, move.after, move.reason) == (PASS, FAIL, "expected 1, got 2")

    def test_what_is_fixed_tells_what_it_was(self) -> None:
        (move,) = one(case("a", FAIL, reason="expected 1, got 2"), case("a")).moves
        assert move.reason == "was: expected 1, got 2"

    def test_a_case_that_fails_for_another_cause_has_moved(self) -> None:
        before, after = case("a", FAIL, cause="x", reason="one"), case("a", FAIL, cause="y", reason="other")
        (move,) = one(before, after).moves
        assert (move.kind, move.reason) == (MoveKind.MOVED, "fails otherwise; was: one; now: other")

    def test_of_a_case_that_is_told_twice_the_last_counts(self) -> None:
        assert comparison([case("a")], [case("a", FAIL), case("a")]).moves == []

    def test_moves_come_by_kind_then_by_case(self) -> None:
        a = [case("b"), case("a"), case("c", FAIL), case("z")]
        b = [case("b", FAIL), case("a", FAIL), case("c"), case("n")]
        found = [(move.kind, move.case) for move in comparison(a, b).moves]
        assert found == [
            (MoveKind.BROKE, "c::a"),
            (MoveKind.BROKE, "c::b"),
            (MoveKind.FIXED, "c::c"),
            (MoveKind.ADDED, "c::n"),
            (MoveKind.REMOVED, "c::z"),
        ]


class TestOutcome:
    def test_nothing_broke(self) -> None:
        assert outcome(one(case("a"), case("a"))) is ExitCode.AS_DOCUMENTED

    def test_something_broke_whatever_else_is_not_known(self) -> None:
        a, b = [case("a"), case("b")], [case("a", FAIL), case("b", Verdict.INCONCLUSIVE)]
        assert outcome(comparison(a, b)) is ExitCode.FINDINGS

    @pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.BLOCKED])
    def test_what_can_not_be_told_any_more(self, verdict: Verdict) -> None:
        assert outcome(one(case("a"), case("a", verdict))) is ExitCode.COULD_NOT_TELL

    @pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.NOT_APPLICABLE])
    def test_a_failure_of_what_was_not_known_may_always_have_been(self, verdict: Verdict) -> None:
        found = one(case("a", verdict), case("a", FAIL))
        assert [move.case for move in first_failures(found)] == ["c::a"]
        assert outcome(found) is ExitCode.COULD_NOT_TELL

    @pytest.mark.parametrize("change", [{"ended": None}, {"planned": 2}, {"counts": {Verdict.SUITE_ERROR: 1}}])
    def test_a_run_that_is_not_whole_tells_nothing(self, change: dict[str, object]) -> None:
        whole = one(case("a"), case("a"))
        assert outcome(replace(whole, a=replace(whole.a, **change))) is ExitCode.COULD_NOT_TELL
        assert outcome(replace(whole, b=replace(whole.b, **change))) is ExitCode.COULD_NOT_TELL

    @pytest.mark.parametrize(
        ("a", "b"),
        [([], []), ([case("a")], [case("b")]), ([case("a", digest="1")], [case("a", digest="2")])],
        ids=["nothing", "other cases", "other texts"],
    )
    def test_runs_without_a_case_in_common_tell_nothing(self, a: list[CaseRecord], b: list[CaseRecord]) -> None:
        found = comparison(a, b)
        assert comparable(found) == 0
        assert outcome(found) is ExitCode.COULD_NOT_TELL

    def test_a_new_case_that_fails_broke_nothing(self) -> None:
        assert outcome(comparison([case("a")], [case("a"), case("n", FAIL)])) is ExitCode.AS_DOCUMENTED
