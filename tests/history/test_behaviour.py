"""Which release a site behaves as: told from what was seen, for every release and whatever it was held to."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from eight import FOLDERS
from history_support import header, result, store

from conformance.cases.changes import change_index, changes_at
from conformance.history.behaviour import behaves_as, seen_changes
from conformance.history.store import History
from conformance.resources import cases_root
from conformance.run.verdicts import Verdict
from conformance.versions import DEFAULT_VERSION, LINEAGE, NEWEST, ROOT, Version

PASS, FAIL, WAIVED, DEVIATION = Verdict.PASS, Verdict.FAIL, Verdict.WAIVED, Verdict.DEVIATION
RELEASES = {
    "old": [Version(40, 1, 0)],
    "middle": [Version(40, 2, 0)],
    "new": [Version(40, 4, 3), Version(40, 2, 4)],
}


def v(text: str) -> Version:
    return Version.parse(text)


class TestSeen:
    @pytest.mark.parametrize(
        ("side", "verdicts", "there"),
        [
            ("expect", [PASS, PASS], True),
            ("before", [PASS], False),
            ("expect", [FAIL, FAIL], False),
            ("before", [FAIL], True),
            ("expect", [WAIVED], False),
            ("expect", [PASS, FAIL], None),
            ("before", [PASS, FAIL], None),
            ("expect", [PASS, Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.NOT_APPLICABLE, DEVIATION], True),
            ("expect", [Verdict.INCONCLUSIVE, Verdict.SUITE_ERROR], None),
            ("expect", [DEVIATION], None),
        ],
    )
    def test_a_change_is_there_or_not_or_can_not_be_told(
        self, side: str, verdicts: list[Verdict], there: bool | None
    ) -> None:
        seen = seen_changes(("c", side, verdict) for verdict in verdicts)
        assert seen == ({} if there is None else {"c": there})


class TestRelease:
    @pytest.mark.parametrize(
        ("seen", "held_to", "release"),
        [
            ({"old": True, "middle": True, "new": True}, "40.4.3", "40.4.3"),
            ({"old": True, "middle": True, "new": True}, "40.2.4", "40.2.4"),
            ({"old": True, "middle": True, "new": False}, "40.4.3", "40.4.0"),
            ({"old": True, "middle": True, "new": False}, "40.2.0", "40.2.0"),
            ({"old": True, "middle": False, "new": False}, "40.4.3", "40.1.2"),
            ({"old": False}, "40.4.3", "39.11.0"),
            ({"new": True}, "39", "40.2.4"),
            ({"old": False, "new": True}, "40.4.3", ""),
            ({}, "40.4.3", ""),
            ({"unknown": True}, "40.4.3", ""),
            ({"old": True, "unknown": False}, "40.1.0", "40.1.0"),
            ({"old": True}, "41.1", "40.12.0"),
        ],
    )
    def test_it_agrees_with_all_that_was_seen_and_is_the_nearest(
        self, seen: dict[str, bool], held_to: str, release: str
    ) -> None:
        assert behaves_as(seen, RELEASES, v(held_to)) == release

    def test_of_two_as_near_it_is_the_newer(self) -> None:
        # 40.1.2 and 40.2.4 stand on both sides of 40.2.0.
        releases = {"one": [v("40.1.2")], "two": [v("40.2.0")], "three": [v("40.2.4")]}
        assert behaves_as({"one": True}, releases, v("40.2.0")) == "40.2.0"
        only = {"a": [v("40.1.0")]}
        assert behaves_as({"a": True}, only, v("39")) == "40.1.0"

    @pytest.mark.parametrize("release", LINEAGE, ids=str)
    def test_every_release_is_known_by_the_shipped_changes(self, release: Version) -> None:
        seen = {change: release.has(releases) for change, releases in change_index().items()}
        same = {str(other) for other in LINEAGE if changes_at(other) == changes_at(release)}
        order = sorted(LINEAGE)
        beside = order[max(order.index(release) - 1, 0) : order.index(release) + 2]
        for held_to in (ROOT, DEFAULT_VERSION, NEWEST, *beside):
            told = behaves_as(seen, change_index(), held_to)
            assert told in same, held_to
            assert told == str(held_to) or str(held_to) not in same

    def test_only_two_pairs_of_releases_have_the_same_changes(self) -> None:
        # 8.0 SP11 brought what 7.4 had, on another train; 39 is a name for what there was before 39.11.0.
        alike = [
            (str(one), str(other)) for one, other in combinations(LINEAGE, 2) if changes_at(one) == changes_at(other)
        ]
        assert alike == [("7.4", "8.0.11"), ("11.0.9", "39")]


@pytest.mark.parametrize(
    ("release", "held_to"), [("39", "40.4.3"), ("40.2.4", "40.4.3"), ("40.4.0", "40.4.3"), ("40.4.3", "40.1.2")]
)
def test_a_mock_of_a_release_behaves_as_it_whatever_it_is_held_to(release: str, held_to: str, tmp_path: Path) -> None:
    versions = ["--mock-version", release, "--api-version", held_to]
    cases = [cases_root() / "39.11.0", *FOLDERS]
    subprocess.run(
        [sys.executable, "-m", "conformance", "run", *cases, "--report", str(tmp_path / "report"), *versions],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    with History.open(tmp_path / "h.sqlite3") as history:
        history.import_results(tmp_path / "report")
        [run] = history.runs()
    assert (run.api_version, run.behaves_as) == (v(held_to), release)


def test_the_changes_of_the_run_itself_are_used_before_the_shipped_ones(history: History) -> None:
    """The catalogue of the tests says that the change came with 40.2.0, as the shipped cases do; another does not."""
    store(history, header(api_version="40.1.2"), [result("a", "P", side="before")])
    store(history, header(1, api_version="40.4.3"), [result("a", "F")])
    store(history, header(2, api_version="40.4.3"), [result("a", "P"), result("b", "F")])
    assert [run.behaves_as for run in history.runs()] == ["", "40.1.2", "40.1.2"]
