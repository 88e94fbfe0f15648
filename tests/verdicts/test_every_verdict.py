"""Every check and every verdict that the source can make is made by a scene, from a case file to the case's result.

A check or a verdict that is added to ``conformance/run`` fails the tests of ``TestNothingIsLeftOut`` until there is a
scene for it in ``verdict_scenes.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from verdict_scenes import SCENES, play
from verdict_sources import PACKAGE, Source

from conformance.run.verdicts import CaseResult, ExitCode, Verdict, exit_code
from conformance.schema.catalog import SchemaCatalog

UNREACHED = {
    "schema.request.* FAIL": "a request of ours that is wrong is a defect of the case, so of the suite",
    "schema.request.* DEVIATION": "the same",
    "schema.response.* SUITE_ERROR": "an answer is the site's, never ours",
    "schema.request.type SUITE_ERROR": "the canonical form of a request has the type of its operation",
    "schema.request.other SUITE_ERROR": "the canonical form of a request has no attributes",
    "schema.response.missing DEVIATION": "no shipped rule that requires an element is assumed",
}
"""What the source seems to make and can not, with the reason: there, id and verdict depend on each other."""

BESIDE_CHECKS = {
    "confirm.confirmed INCONCLUSIVE": "a failure that does not come again",
    "engine._not_run INCONCLUSIVE": "a run without time",
    "execute._request SUITE_ERROR": "a request that lacks something",
    "execute.run_case PASS": "all is as expected",
    "execute.run_case NOT_APPLICABLE": "no such account",
    "execute.run_case INCONCLUSIVE": "a case without end",
    "execute.run_case BLOCKED": "a fixture that fails",
    "execute.run_case SUITE_ERROR": "a defect",
    "steps.assuming DEVIATION": "an assumption that does not hold",
    "waive.apply WAIVED": "a failure that is waived",
}
"""Functions that give a verdict without a check of their own, and the scene that comes to it."""

CAUGHT = {
    "NotApplicable": "no such account",
    "NotObservable": "a site that can not be looked at",
    "_Blocked": "a fixture that fails",
    "TimeoutError": "a case without end",
    "ExchangeFault": "a site that can not be reached",
    "Exception": "a defect",
}
"""What ends a case by being raised, and the scene in which it is."""

ITS_OWN_EVIDENCE = ("schema.", "envelope.", "malformed.", "security.")
"""Checks of these do not rest on what a case assumes."""

ADDED = """

def _thing(kind, heavy):
    verdict = Verdict.FAIL if heavy else Verdict.DEVIATION
    yield Check(f"new.{kind}", verdict, "body")
    yield Check(f"malformed.{kind}", Verdict.FAIL, "body")


def _calls():
    yield from _thing("thing", True)


def _own(result):
    return replace(result, verdict=Verdict.BLOCKED)
"""

SOURCE = Source()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, CaseResult]:
    """All scenes, played once."""
    catalog = SchemaCatalog()
    folder = tmp_path_factory.mktemp("scenes")
    return {name: play(each, folder / str(number), catalog) for number, (name, each) in enumerate(SCENES.items())}


@pytest.fixture(scope="module")
def assumed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, CaseResult]:
    """The scenes that fail, played again with cases that rest on an assumption."""
    catalog = SchemaCatalog()
    failing = {name: each for name, each in SCENES.items() if each.verdict == "FAIL" and not each.lab}
    folder = tmp_path_factory.mktemp("assumed")
    return {
        name: play(each, folder / str(number), catalog, assumed="It is so.")
        for number, (name, each) in enumerate(failing.items())
    }


def made(result: CaseResult) -> set[str]:
    """Return id and verdict of each check of a case."""
    return {f"{check.id} {check.verdict}" for step in result.steps for check in step.checks}


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_comes_to_its_verdict_by_its_checks(name: str, played: Mapping[str, CaseResult]) -> None:
    each, result = SCENES[name], played[name]
    wrong = {check for check in made(result) if not check.endswith(" PASS")}
    assert (result.verdict, wrong) == (each.verdict, set(each.checks)), result.reason
    assert result.reason.startswith(each.reason)
    assert bool(result.reason) == (result.verdict is not Verdict.PASS)


def test_only_what_rests_on_an_assumption_deviates_where_it_does_not_hold(assumed: Mapping[str, CaseResult]) -> None:
    for name, result in assumed.items():
        kept = {check for check in SCENES[name].checks if check.startswith(ITS_OWN_EVIDENCE)}
        turned = {check.replace(" FAIL", " DEVIATION") for check in SCENES[name].checks - kept}
        wrong = {check for check in made(result) if not check.endswith(" PASS")}
        fails = any(check.endswith(" FAIL") for check in kept)
        assert (result.verdict, wrong) == ("FAIL" if fails else "DEVIATION", kept | turned), name


class TestNothingIsLeftOut:
    def test_every_check_with_every_verdict_is_in_a_scene(self, played: Mapping[str, CaseResult]) -> None:
        seen = {check for result in played.values() for check in made(result)}
        lacking = {
            f"{each.place}: {each.id} {each.verdict}: no scene comes to it; add one to tests/verdicts/verdict_scenes.py"
            for each in SOURCE.checks()
            if not any(fnmatchcase(check, f"{each.id} {each.verdict}") for check in seen)
            and not any(fnmatchcase(f"{each.id} {each.verdict}", never) for never in UNREACHED)
        }
        assert lacking == set()

    def test_what_is_said_to_be_unreached_is(self, played: Mapping[str, CaseResult]) -> None:
        seen = {check for result in played.values() for check in made(result)}
        assert {check for check in seen for never in UNREACHED if fnmatchcase(check, never)} == set()
        could = {f"{each.id} {each.verdict}" for each in SOURCE.checks()}
        assert {never for never in UNREACHED if not any(fnmatchcase(each, never) for each in could)} == set()

    def test_every_check_of_a_scene_is_found_in_the_source(self, played: Mapping[str, CaseResult]) -> None:
        """What is not found there would not be missed either."""
        known = {f"{each.id} {each.verdict}" for each in SOURCE.checks()}
        seen = {check for result in played.values() for check in made(result)}
        assert {check for check in seen if not any(fnmatchcase(check, each) for each in known)} == set()
        assert "*" not in {each.id for each in SOURCE.checks()}

    def test_what_is_added_to_the_source_is_noticed(self, tmp_path: Path) -> None:
        package = Path(shutil.copytree(PACKAGE, tmp_path / "conformance", ignore=lambda *_: ["_data", "mock", "page"]))
        with (package / "run" / "carriage.py").open("a", encoding="utf-8") as file:
            file.write(ADDED)
        added = Source(package)
        told = {f"{each.id} {each.verdict}" for each in added.checks() - SOURCE.checks()}
        assert told == {"new.thing FAIL", "new.thing DEVIATION", "malformed.thing FAIL"}
        assert {f"{each.id} {each.verdict}" for each in added.verdicts() - SOURCE.verdicts()} == {
            "carriage._own BLOCKED"
        }

    def test_every_function_that_gives_a_verdict_has_a_scene(
        self, played: Mapping[str, CaseResult], assumed: Mapping[str, CaseResult]
    ) -> None:
        given = {f"{each.id} {each.verdict}": each.place for each in SOURCE.verdicts()}
        assert given.keys() == BESIDE_CHECKS.keys(), "name a scene for each in BESIDE_CHECKS"
        come = {**played, "an assumption that does not hold": assumed["a failure for a success"]}
        assert {site: str(come[name].verdict) for site, name in BESIDE_CHECKS.items()} == {
            site: site.rpartition(" ")[2] for site in BESIDE_CHECKS
        }

    def test_every_exception_that_ends_a_case_has_a_scene(self) -> None:
        assert SOURCE.caught("run_case") == CAUGHT.keys(), "name a scene for each in CAUGHT"
        assert {name for name in CAUGHT.values() if not SCENES[name].reason} == set()

    def test_every_verdict_is_what_a_case_comes_to(self, played: Mapping[str, CaseResult]) -> None:
        assert {result.verdict for result in played.values()} == set(Verdict)

    def test_no_scene_but_those_that_hold_or_are_waived_makes_a_run_as_documented(
        self, played: Mapping[str, CaseResult]
    ) -> None:
        green = {name for name, result in played.items() if exit_code({result.verdict: 1}) is ExitCode.AS_DOCUMENTED}
        assert {SCENES[name].verdict for name in green} == {"PASS", "DEVIATION", "WAIVED"}
