"""Versions: reading them, trains, which release's rules hold, and what the shipped changes say of it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import versions

from conformance.cases.changes import change_index, changes_at
from conformance.errors import UserError
from conformance.versions import (
    BASELINE,
    DEFAULT_VERSION,
    LINEAGE,
    NEWEST,
    ROOT,
    Version,
    ancestry,
    nearest_release,
)

ON_TWO_TRAINS = (Version(40, 4, 3), Version(40, 2, 4))


def version(text: str) -> Version:
    """Read a version."""
    return Version.parse(text)


class TestReading:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("40.2.4", Version(40, 2, 4)),
            ("40.4", Version(40, 4, 0)),
            ("39", Version(39, 0, 0)),
            ("  40.10.12\n", Version(40, 10, 12)),
            ("040.02.4", Version(40, 2, 4)),
            ("10.0 SP12", Version(10, 0, 12)),
            ("10.0-sp12", Version(10, 0, 12)),
            ("10.0 SP5.10", Version(10, 0, 5, 10)),
            ("10.0.5.10", Version(10, 0, 5, 10)),
        ],
    )
    def test_missing_numbers_are_zero(self, text: str, expected: Version) -> None:
        assert Version.parse(text) == expected

    @pytest.mark.parametrize(
        "text", ["", " ", "newest", "v40", "40.", ".40", "40.2.4.1", "40,2", "-1", "1000", "40.2.4-rc1", "40 .2"]
    )
    def test_anything_else_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(UserError, match=r"is not an API version; write it like 40\.4\.3") as refused:
            Version.parse(text)
        assert f"'{text}'" in str(refused.value)

    @given(versions)
    def test_what_is_written_is_read_back(self, version: Version) -> None:
        assert Version.parse(str(version)) == version

    def test_a_bare_year_is_written_bare(self) -> None:
        assert [str(Version(39)), str(Version(40, 2)), str(Version(40, 2, 4))] == ["39", "40.2.0", "40.2.4"]

    def test_before_39_the_third_number_is_the_service_pack(self) -> None:
        written = [str(version(text)) for text in ("9", "10.0", "10.0 SP5", "10.0 SP5.10")]
        assert written == ["9.0", "10.0", "10.0.5", "10.0.5.10"]
        assert version("10.0 SP5") < version("10.0 SP5.10") < version("10.0 SP6") < version("10.0 SP12")

    def test_versions_are_ordered_by_number_not_by_text(self) -> None:
        assert version("40.2.9") < version("40.2.10") < version("40.10.0") < version("41")

    def test_the_train_is_year_and_month(self) -> None:
        assert version("40.2.4").train == version("40.2.0").train == (40, 2)
        assert version("40.4.4").train != version("41.4.4").train


class TestTrains:
    @pytest.mark.parametrize("has", ["40.2.4", "40.2.5", "40.4.3", "40.4.4", "40.6.0", "41.0.0"])
    def test_a_change_on_two_trains_is_there_past_either_of_them(self, has: str) -> None:
        assert version(has).has(ON_TWO_TRAINS)

    @pytest.mark.parametrize("lacks", ["39", "40.1.2", "40.2.0", "40.2.3", "40.3.0", "40.3.9", "40.4.0", "40.4.2"])
    def test_a_higher_number_on_another_train_does_not_have_it(self, lacks: str) -> None:
        assert not version(lacks).has(ON_TWO_TRAINS)

    def test_a_change_that_was_never_released_is_nowhere(self) -> None:
        assert not version("41").has(())

    def test_a_change_on_one_train_is_in_everything_newer(self) -> None:
        assert [version(text).has([version("40.2.0")]) for text in ("40.1.9", "40.2.0", "40.3.0")] == [
            False,
            True,
            True,
        ]

    @given(versions, st.integers(0, 6), st.lists(versions, max_size=3))
    def test_on_one_train_a_change_never_goes_away(self, site: Version, later: int, released: list[Version]) -> None:
        if site.has(released):
            assert Version(site.year, site.month, site.patch + later).has(released)

    @given(versions, st.lists(versions, min_size=1, max_size=3))
    def test_at_or_past_the_newest_release_every_change_is_there(self, site: Version, released: list[Version]) -> None:
        assert max(site, *released).has(released)

    @given(versions, st.lists(versions, min_size=1, max_size=3))
    def test_before_the_oldest_release_no_change_is_there(self, site: Version, released: list[Version]) -> None:
        assume(site < min(released))
        assert not site.has(released)

    @given(versions, st.lists(versions, min_size=2, max_size=4))
    def test_the_order_of_the_releases_does_not_matter(self, site: Version, released: list[Version]) -> None:
        assert site.has(released) == site.has(sorted(released)) == site.has(set(released))


class TestNearestRelease:
    @pytest.mark.parametrize("release", LINEAGE, ids=str)
    def test_a_known_release_is_its_own(self, release: Version) -> None:
        assert nearest_release(release) == release

    @pytest.mark.parametrize(
        ("unknown", "expected"),
        [
            ("3.9", "5.9"),
            ("9.0.6", "9.0.5"),
            ("10.0.4", "10.0.1"),
            ("11", "10.0.12"),
            ("39.10.0", "39"),
            ("40.0.9", "39.11.0"),
            ("40.1.1", "40.1.0"),
            ("40.1.9", "40.1.2"),
            ("40.2.3", "40.2.0"),
            ("40.2.9", "40.2.4"),
            ("40.3.0", "40.2.0"),
            ("40.4.2", "40.4.0"),
            ("40.4.9", "40.4.3"),
            ("41.0.0", "40.12.0"),
            ("43", "42.11.1"),
        ],
    )
    def test_an_unknown_version_keeps_the_rules_of_the_release_before_it(self, unknown: str, expected: str) -> None:
        assert nearest_release(version(unknown)) == version(expected)

    @given(versions)
    def test_its_rules_are_exactly_the_changes_that_the_version_has(self, site: Version) -> None:
        assert changes_at(site) == changes_at(nearest_release(site))


class TestLineage:
    def test_every_release_comes_down_to_the_root(self) -> None:
        for release in LINEAGE:
            assert ancestry(release)[0] == ROOT
            assert ancestry(release)[-1] == release

    def test_a_base_is_older_than_what_grew_from_it(self) -> None:
        for release in LINEAGE:
            assert list(ancestry(release)) == sorted(ancestry(release))

    def test_the_newest_release_does_not_grow_from_a_late_patch_of_an_older_train(self) -> None:
        assert (str(DEFAULT_VERSION), str(NEWEST)) == ("40.4.3", "42.11.1")
        assert DEFAULT_VERSION in ancestry(NEWEST)
        assert not {version("40.2.4"), version("9.0.5")} & set(ancestry(NEWEST))

    def test_every_shipped_change_came_with_known_releases(self) -> None:
        assert change_index()
        assert {release for releases in change_index().values() for release in releases} <= set(LINEAGE)

    def test_every_release_brought_something(self) -> None:
        brought = {release for releases in change_index().values() for release in releases}
        assert brought == set(LINEAGE) - {BASELINE}

    @pytest.mark.parametrize("release", LINEAGE, ids=str)
    def test_a_release_has_what_its_ancestry_brought_and_nothing_else(self, release: Version) -> None:
        brought = {id_ for id_, releases in change_index().items() if set(releases) & set(ancestry(release))}
        assert changes_at(release) == brought

    @pytest.mark.parametrize("release", set(LINEAGE) - {ROOT, BASELINE}, ids=str)
    def test_a_release_holds_all_that_its_base_holds_and_more(self, release: Version) -> None:
        assert changes_at(ancestry(release)[-2]) < changes_at(release)
