"""Every shipped case at the releases beside its change, and at some others.

A case proves its change if it tells a site with the change from one without it, in both directions: held to a
release that has it, a site without it must not pass, and the other way round. Where both have it or neither has,
the case must pass. All of them, and what must stay, are run at a few releases.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from conformance.cases.load import load_changes, plan
from conformance.cases.plan import Change, PlannedCase
from conformance.report.stream import Catalogue, Tally
from conformance.report.text import summarise
from conformance.run.embedded import EmbeddedMock
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import CaseResult, ExitCode, Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import BASELINE, DEFAULT_VERSION, LINEAGE, NEWEST, ROOT, Version

CHANGES = load_changes()
CASES = [case for change in CHANGES for case in plan(change)]
RELEASES = list(LINEAGE)


def has(change: Change, release: Version) -> bool:
    return release.has(change.released_in)


def telling(held: Version, mock: Version) -> list[PlannedCase]:
    """Return the cases of the changes that one of the two releases has and the other has not."""
    return [case for case in CASES if has(case.change, held) != has(case.change, mock)]


STEPS = [(release, base) for release, base in LINEAGE.items() if base is not None]
LATE = [release for release in RELEASES if BASELINE <= release <= DEFAULT_VERSION]
"""The releases that an upgrade is most likely from and to: each of them against each other."""

NEIGHBOURS = [*STEPS, (ROOT, NEWEST), *((held, mock) for held in LATE for mock in LATE)]
PAIRS = [
    (held, mock)
    for held, mock in dict.fromkeys(pair for one, other in NEIGHBOURS for pair in ((one, other), (other, one)))
    if telling(held, mock)
]
EVERYTHING_AT = (ROOT, BASELINE, DEFAULT_VERSION, NEWEST)
"""Where all cases are run."""


def beside(release: Version) -> list[PlannedCase]:
    """Return the cases of the changes that came with a release or right after it; among the late ones, of all these."""
    came = {release, *(after for after, base in STEPS if base == release), *(LATE if release in LATE else ())}
    return [case for case in CASES if came.intersection(case.change.released_in) - {ROOT}]


def own(release: Version) -> list[PlannedCase]:
    """Return what is run at a release of its own."""
    return CASES if release in EVERYTHING_AT else beside(release)


Results = Callable[[Version, Version], dict[str, CaseResult]]


@pytest.fixture(scope="session")
def results() -> Results:
    """Run what a pair of releases can tell of: the cases that differ, or more if held to its own or the default one."""
    schemas = SchemaCatalog()

    @cache
    def run(held: Version, mock: Version) -> dict[str, CaseResult]:
        cases = own(mock) if held == mock else beside(mock) if held == DEFAULT_VERSION else telling(held, mock)
        with Engine(EmbeddedMock(mock), schemas.at(held), held, Limits()) as engine:
            engine.connect()
            engine.start(cases)
            return {case.id: engine.result(case) for case in cases}

    return run


def told(results: list[CaseResult]) -> list[str]:
    return [f"{result.verdict} {result.id} {result.reason}".rstrip() for result in results]


def is_assumed(case: PlannedCase) -> bool:
    return bool(case.case.assumed) or any(step.assumed for step in case.case.all_steps)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_site_passes_every_case_of_its_own_release(results: Results, release: Version) -> None:
    got = results(release, release)
    assert len(got) == len(own(release))
    assert told([result for result in got.values() if result.verdict is not Verdict.PASS]) == []


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_nothing_is_left_on_a_site(results: Results, release: Version) -> None:
    assert [result.id for result in results(release, release).values() if result.leftovers] == []


@pytest.mark.parametrize(("held", "mock"), PAIRS, ids=str)
def test_every_case_tells_two_releases_apart_of_which_one_has_its_change(
    results: Results, held: Version, mock: Version
) -> None:
    got = results(held, mock)
    assert {case.id for case in telling(held, mock)} <= got.keys()
    wrong = [
        got[case.id]
        for case in telling(held, mock)
        if got[case.id].verdict is not Verdict.FAIL
        and not (got[case.id].verdict is Verdict.DEVIATION and is_assumed(case))
    ]
    assert told(wrong) == []


@pytest.mark.parametrize(("held", "mock"), PAIRS, ids=str)
def test_a_case_fails_for_what_it_tests_and_not_for_its_scene(results: Results, held: Version, mock: Version) -> None:
    doubtful = (Verdict.FAIL, Verdict.SUITE_ERROR, Verdict.INCONCLUSIVE, Verdict.BLOCKED)
    steps = [step for result in results(held, mock).values() for step in result.steps]
    scenes = [(step.name, step.verdict) for step in steps if step.name.startswith("given ")]
    assert [scene for scene in scenes if scene[1] in doubtful] == []


def test_each_release_differs_in_some_change_from_the_one_that_it_grew_from() -> None:
    empty = {"39"}  # a name for what there was before notes were numbered by year
    assert {str(release) for release, base in STEPS if not telling(release, base)} == empty
    assert len([pair for pair in PAIRS if set(pair) <= set(LATE)]) == len(LATE) * (len(LATE) - 1)


@pytest.mark.parametrize("mock", LATE, ids=str)
def test_a_run_names_exactly_the_changes_that_came_later_than_the_site(results: Results, mock: Version) -> None:
    got = results(DEFAULT_VERSION, mock)
    tally = Tally(planned=len(got))
    for result in got.values():
        tally.add(result)
    catalogue = Catalogue({change.id: change for change in CHANGES}, {case.id: case for case in CASES})
    lines = list(summarise(tally, catalogue))
    later = [change for change in CHANGES if has(change, DEFAULT_VERSION) and not has(change, mock)]
    named = [change for change in CHANGES if any(f"  {change.file.change}  (" in line for line in lines)]
    assert [change.id for change in named] == [change.id for change in later]
    assert tally.exit_code == (ExitCode.FINDINGS if later else ExitCode.AS_DOCUMENTED)
    assert sum(line.startswith("    breaks: ") for line in lines) == len(later)
