"""Section ``[upgrade]`` of the settings file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from conformance.errors import UserError
from conformance.upgrade.question import MAX_AGE
from conformance.upgrade.settings import UpgradeSettings, load_upgrade


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(folder: Path, text: str) -> UpgradeSettings:
    """Return the section of a settings file with that text."""
    path = folder / "conformance.toml"
    path.write_text(text)
    return load_upgrade(path)


class TestRead:
    def test_paths_start_from_the_file(self, folder: Path) -> None:
        (folder / "below").mkdir()
        read = load(
            folder / "below",
            '[upgrade]\nprofile = "p.yaml"\npolicy = "policy.yaml"\nwaivers = "w.yaml"\ntraffic = ["a.har", "/b"]\n',
        )
        below = folder / "below"
        assert (read.profile, read.policy, read.waivers) == (below / "p.yaml", below / "policy.yaml", below / "w.yaml")
        assert read.traffic == (below / "a.har", Path("/b"))
        assert read.max_age == MAX_AGE

    def test_the_greatest_age(self, folder: Path) -> None:
        assert load(folder, '[upgrade]\nmax_age = "7d"\n').max_age == timedelta(days=7)

    def test_the_nearest_file_is_read_where_none_is_named(self, folder: Path) -> None:
        load(folder, '[upgrade]\nmax_age = "90m"\n')
        assert load_upgrade(None).max_age == timedelta(minutes=90)

    def test_without_a_file_or_a_section_everything_is_as_usual(self, folder: Path) -> None:
        assert load_upgrade(None) == UpgradeSettings()
        assert load(folder, "[sites]\n") == UpgradeSettings()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('profle = "p.yaml"', "upgrade.profle: unknown key, did you mean 'profile'?"),
        ("profile = 3", "upgrade.profile: is no path; write it in quotes"),
        ('traffic = "a.har"', "upgrade.traffic: is no list; write ['calls.har']"),
        ("traffic = [1]", "upgrade.traffic.0: is no path; write it in quotes"),
        ("max_age = 36", "upgrade.max_age: is no length of time; write it like 36h, 90m or 7d"),
        ('max_age = "soon"', "upgrade.max_age: 'soon' is no length of time; write it like 36h, 90m or 7d"),
    ],
)
def test_a_fault_is_told_at_its_place(folder: Path, line: str, fault: str) -> None:
    with pytest.raises(UserError) as caught:
        load(folder, f"[upgrade]\n{line}\n")
    assert str(caught.value) == f"{folder / 'conformance.toml'}: {fault}"


def test_all_faults_are_told_at_once(folder: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(folder, "[upgrade]\nprofile = 1\npolicy = 2\n")
    assert len(str(caught.value).splitlines()) == 2
