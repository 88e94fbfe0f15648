"""The file of waivers: what it may say, and that every fault is told at its place with what to write instead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.cases.waivers import Waiver, load_waivers
from conformance.errors import CaseFault, CaseFileErrors

TODAY = date(2026, 11, 22)
ONE = """\
format: 1
waivers:
  - waives: 40.2.0/one
    reason: a reason
    owner: a team
    until: 2026-12-01
"""
ID = "write the id of a change, as 40.2.0/anonymous-lstsummarysession, or of one of its cases"
NONE = "names none, so that nothing is waived; name one, or leave the key out for all"
TOO_FAR = "2028-01-01 is more than a year ahead; a waiver is an exception for a time; write 2027-11-23 at the latest"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path here, so that faults name the file alone."""
    monkeypatch.chdir(tmp_path)
    return Path("waivers.yaml")


def faults(file: Path, text: str) -> list[str]:
    """Return the faults of a file with that text."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CaseFileErrors) as caught:
        load_waivers(file, TODAY)
    return str(caught.value).splitlines()


class TestWhatItSays:
    def test_all_keys(self, file: Path) -> None:
        file.write_text(
            "format: 1\nwaivers:\n- waives: 40.2.0/one::a-case\n  reason: >-\n    two\n    lines\n  owner: a team\n"
            "  until: 2026-12-01\n  sites: [staging, mock]\n  checks: [exceptionID]\n  ticket: SUP-1\n"
        )
        (waiver,) = load_waivers(file, TODAY)
        assert waiver == Waiver(
            "40.2.0/one::a-case",
            "two lines",
            "a team",
            date(2026, 12, 1),
            ("staging", "mock"),
            ("exceptionID",),
            "SUP-1",
            "waivers.yaml:3:3",
        )
        assert str(waiver) == "40.2.0/one::a-case, a team until 2026-12-01 (SUP-1)"
        assert waiver.change == "40.2.0/one"
        assert waiver.is_for("mock")
        assert not waiver.is_for("production")

    def test_without_sites_and_checks_it_is_for_all(self, file: Path) -> None:
        file.write_text(ONE)
        (waiver,) = load_waivers(file, TODAY)
        assert (waiver.sites, waiver.checks, waiver.ticket) == ((), (), "")
        assert waiver.is_for("any")
        assert waiver.covers("40.2.0/one::any")
        assert not waiver.covers("40.2.0/one-more::any")

    def test_a_file_may_have_none(self, file: Path) -> None:
        file.write_text("format: 1\nwaivers: []\n")
        assert load_waivers(file, TODAY) == []

    def test_a_path_below_here_is_told_from_here(self, file: Path) -> None:
        file.write_text(ONE)
        (waiver,) = load_waivers(file.resolve(), TODAY)
        assert waiver.place == "waivers.yaml:3:5"

    @pytest.mark.parametrize("until", ["2026-11-22", "2020-01-01", "2027-11-23"])
    def test_its_last_day_may_have_passed_or_be_a_year_ahead(self, file: Path, until: str) -> None:
        file.write_text(ONE.replace("2026-12-01", until))
        assert str(load_waivers(file, TODAY)[0].until) == until


class TestFaults:
    @pytest.mark.parametrize(
        ("was", "is_", "told"),
        [
            ("format: 1", "format: 2", "1:1: '2' is not allowed here; write '1'"),
            ("    owner: a team\n", "", "3:5: key 'owner' is missing; add 'owner:'"),
            ("    until", "    ticke: x\n    until", "6:5: unknown key 'ticke', did you mean 'ticket'?"),
            ("reason: a reason", 'reason: " "', "4:5: the reason is blank; write why this may fail for now"),
            ("owner: a team", 'owner: ""', "5:5: nobody answers for it; write who does"),
            ("40.2.0/one", '"a/\\e[31m"', f"3:5: 'a/\\x1b[31m' is no id; {ID}"),
            ("2026-12-01", "soon", "6:5: 'soon' is no day; write its last day as 2026-12-22"),
            ("2026-12-01", "2026-02-30", "6:5: '2026-02-30' is no day; write its last day as 2026-12-22"),
            ("2026-12-01", "20261201", "6:5: '20261201' is no day; write its last day as 2026-12-22"),
            ("2026-12-01", "2028-01-01", f"6:5: {TOO_FAR}"),
            ("40.2.0/one", "everything", f"3:5: 'everything' is no id; {ID}"),
            ("40.2.0/one", '"40.2.0/one::"', f"3:5: '40.2.0/one::' is no id; {ID}"),
            ("    until", "    sites: []\n    until", f"6:5: 'sites' {NONE}"),
            ("    until", "    checks: ['']\n    until", f"6:5: 'checks' {NONE}"),
            ("    until", "    sites: staging\n    until", "6:5: found the text 'staging'; write a list"),
            (ONE[len("format: 1\nwaivers:") :], "", "2:1: found nothing; write a list"),
        ],
    )
    def test_each_is_told_at_its_place(self, file: Path, was: str, is_: str, told: str) -> None:
        assert faults(file, ONE.replace(was, is_)) == [f"waivers.yaml:{told}"]

    def test_all_faults_are_told_together(self, file: Path) -> None:
        text = ONE.replace("a reason", "''").replace("a team", "''").replace("2026-12-01", "never")
        assert [line.split(":")[1] for line in faults(file, text)] == ["4", "5", "6"]

    def test_a_file_that_is_not_there(self, file: Path) -> None:
        with pytest.raises(CaseFileErrors, match=r"^waivers\.yaml:1:1: cannot be read: No such file"):
            load_waivers(file, TODAY)

    def test_what_is_no_yaml(self, file: Path) -> None:
        assert faults(file, "waivers: [\n")[0].startswith("waivers.yaml:2:1: ")
        assert faults(file, "&a [*a]") == ["waivers.yaml:1:1: anchors and aliases are not allowed; write the value out"]


class TestTwins:
    def entry(self, waives: str, sites: str = "") -> str:
        more = f"    sites: [{sites}]\n" if sites else ""
        return f"  - waives: {waives}\n    reason: r\n    owner: o\n    until: 2026-12-01\n{more}"

    @pytest.mark.parametrize(
        ("first", "second", "told"),
        [
            (("a/b", ""), ("a/b", ""), "7:5: waivers.yaml:3:5 waives a/b too; keep one of them"),
            (("a/b", "x"), ("a/b", ""), "8:5: waivers.yaml:3:5 waives a/b too; keep one of them"),
            (("a/b", ""), ("a/b", "x, y"), "7:5: waivers.yaml:3:5 waives a/b too; keep one of them"),
            (("a/b", "x, y"), ("a/b", "z, y"), "8:5: waivers.yaml:3:5 waives a/b too; keep one of them"),
            (("a/b", ""), ("a/b::c", ""), "7:5: waivers.yaml:3:5 waives a/b too; keep one of them"),
            (("a/b::c", ""), ("a/b", ""), "3:5: waivers.yaml:7:5 waives a/b too; keep one of them"),
        ],
    )
    def test_one_failure_has_one_waiver(
        self, file: Path, first: tuple[str, str], second: tuple[str, str], told: str
    ) -> None:
        text = "format: 1\nwaivers:\n" + self.entry(*first) + self.entry(*second)
        assert faults(file, text) == [f"waivers.yaml:{told}"]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (("a/b", "x"), ("a/b", "y")),
            (("a/b", "x"), ("a/b::c", "y")),
            (("a/b::c", ""), ("a/b::d", "")),
            (("a/b", ""), ("a/bc", "")),
        ],
    )
    def test_others_stand_side_by_side(self, file: Path, first: tuple[str, str], second: tuple[str, str]) -> None:
        file.write_text("format: 1\nwaivers:\n" + self.entry(*first) + self.entry(*second))
        assert len(load_waivers(file, TODAY)) == 2

    def test_many_waivers_are_looked_at_in_no_time(self, file: Path) -> None:
        # Compared each with each, these would be 200 million comparisons.
        file.write_text("format: 1\nwaivers:\n" + "".join(self.entry("a/b", f"s{n}") for n in range(20_000)))
        assert len(load_waivers(file, TODAY)) == 20_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: (ONE + text).encode("utf-8", "replace")))
)
def test_any_file_is_waivers_or_told_at_a_place(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(data)
    try:
        loaded = load_waivers(path, TODAY)
        told: tuple[CaseFault, ...] = ()
    except CaseFileErrors as error:
        loaded, told = [], error.faults
    assert all(fault.line >= 1 and fault.column >= 1 for fault in told)
    assert all(waiver.reason and waiver.owner for waiver in loaded)
