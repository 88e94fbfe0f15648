"""How each documented change stands, in letters."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from upgrade_lab import UsesOnly, World, change

from conformance.cases.load import plan
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import ChangeState
from conformance.upgrade.states import operations_of
from conformance.versions import Version


def state(verdicts: Mapping[str, Verdict] | Verdict, **night: object) -> ChangeState:
    """Return the state of a change whose cases came to these verdicts."""
    made = World()
    made.night(verdicts, **night)
    return made.decide().changes[0]


class TestWord:
    @pytest.mark.parametrize(
        ("create", "set_", "letters"),
        [
            ("PASS", "PASS", "PPP"),
            ("PASS", "DEVIATION", "PPP"),
            ("FAIL", "PASS", "FFP"),
            ("FAIL", "INCONCLUSIVE", "FF?"),
            ("INCONCLUSIVE", "WAIVED", "??W"),
            ("WAIVED", "PASS", "WWP"),
            ("NOT_APPLICABLE", "PASS", "P-P"),
            ("NOT_APPLICABLE", "NOT_APPLICABLE", "---"),
            ("BLOCKED", "NOT_APPLICABLE", "??-"),
        ],
    )
    def test_over_all_and_by_operation(self, create: str, set_: str, letters: str) -> None:
        found = state({"create": Verdict(create), "set": Verdict(set_)})
        told = [found.word, found.by_operation["CreateMeeting"], found.by_operation["SetMeeting"]]
        assert "".join(told) == letters

    def test_a_waiver_that_has_expired_waives_nothing(self) -> None:
        assert state(Verdict.WAIVED, row={"waiver": "starts, Team A, until 2026-11-21"}).word == "F"

    def test_an_operation_without_cases_is_not_covered(self) -> None:
        found = change(cases={"create": ["CreateMeeting"]})
        bare = found.file.model_copy(update={"operations": ("CreateMeeting", "SetMeeting")})
        made = World(changes=[type(found)(found.id, found.path, bare, found.released_in, {}, found.digest)])
        made.night()
        assert made.decide().changes[0].by_operation == {"CreateMeeting": "P", "SetMeeting": "o"}

    def test_a_change_that_the_target_does_not_have_is_not_affected(self) -> None:
        made = World(changes=[change("40.6.0/later", {"one": ["GetUser"]}, ["40.6.0"])])
        made.night()
        assert [(each.word, each.scope) for each in made.decide().changes] == [("·", "later")]

    def test_a_case_that_calls_the_operation_in_its_fixtures_alone_is_of_all(self) -> None:
        cases = plan(change(cases={"create": ["CreateMeeting"], "mail": []}))
        assert [sorted(operations_of(case)) for case in cases] == [["CreateMeeting"], ["CreateMeeting"]]


class TestTheRest:
    def test_counts_are_of_the_evidence_else_of_the_newest_result(self) -> None:
        made = World()
        made.night({"set": Verdict.INCONCLUSIVE}, hours=9)
        made.night({"create": Verdict.BLOCKED, "set": Verdict.BLOCKED}, "again", hours=5)
        assert made.decide().changes[0].counts == {Verdict.PASS: 1, Verdict.BLOCKED: 1}

    @pytest.mark.parametrize(
        ("from_", "to", "scope"),
        [
            (None, "40.4.3", "new"),
            ("40.2.0", "40.4.3", "new"),
            ("40.2.4", "40.4.3", "there"),
            ("40.2.4", "40.4.0", "later"),
        ],
    )
    def test_scope_follows_the_trains(self, from_: str | None, to: str, scope: str) -> None:
        made = World(changes=[change("40.4.3/mail", {"one": ["CreateUser"]}, ["40.4.3", "40.2.4"])])
        made.asked = {"to": Version.parse(to), "from_": Version.parse(from_) if from_ else None}
        assert made.decide().changes[0].scope == scope

    def test_the_newest_release_comes_first(self) -> None:
        ids = ["40.1.0/b", "40.4.0/c", "40.1.0/a"]
        made = World(changes=[change(id_, released_in=[id_.partition("/")[0]]) for id_ in ids])
        assert [each.id for each in made.decide().changes] == ["40.4.0/c", "40.1.0/a", "40.1.0/b"]

    def test_what_the_integration_does_not_use_is_told(self) -> None:
        made = World(changes=[change(), change("40.1.2/others")], asked={"profile": UsesOnly(["40.2.0/starts"])})
        assert {each.id: each.used for each in made.decide().changes} == {"40.2.0/starts": True, "40.1.2/others": False}

    def test_what_the_notes_say_stands_in_it(self) -> None:
        found = state({})
        assert (found.title, found.releases, found.source, found.impact, found.advice) == (
            "What starts says",
            "40.2.0",
            "XML API Updates, a heading",
            "Clients get another answer.",
            "Send another request.",
        )
