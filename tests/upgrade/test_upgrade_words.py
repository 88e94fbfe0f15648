"""How a decision speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from upgrade_lab import NOW, World, change

from conformance.errors import UserError
from conformance.upgrade import words


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "length"),
        [("36h", timedelta(hours=36)), ("90m", timedelta(minutes=90)), (" 7d ", timedelta(days=7))],
    )
    def test_is_read(self, text: str, length: timedelta) -> None:
        assert words.read_duration(text) == length

    @pytest.mark.parametrize("text", ["", "36", "h", "0h", "-1h", "1.5h", "36 h", "1w", "999999d", "٣h", "1h\x1b[31m"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(UserError, match=r"is no length of time; write it like 36h, 90m or 7d") as caught:
            words.read_duration(text)
        assert str(caught.value).isprintable()

    @given(st.integers(1, 99_999))
    def test_what_is_written_is_read_back(self, minutes: int) -> None:
        length = timedelta(minutes=minutes)
        assert words.read_duration(words.write_duration(length)) == length

    @pytest.mark.parametrize(
        ("minutes", "told"),
        [(-3, "0 min"), (0, "0 min"), (119, "119 min"), (120, "2 h"), (71 * 60, "71 h"), (72 * 60, "3 days")],
    )
    def test_ages_are_told_in_the_unit_that_suits_them(self, minutes: int, told: str) -> None:
        assert words.lasting(timedelta(minutes=minutes)) == told


class TestTexts:
    @given(st.text())
    def test_a_text_of_elsewhere_is_one_printable_line_of_bounded_length(self, text: str) -> None:
        line = words.plain(text)
        assert len(line) <= 300
        assert line.isprintable()

    def test_lists_say_how_many_more(self) -> None:
        assert words.listed(["a", "b"]) == "a, b"
        assert words.listed("abcde") == "a, b, c and 2 more"

    def test_a_moment_is_told_in_utc(self) -> None:
        assert words.at_time(NOW) == "2026-11-22 08:00 UTC"

    @pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-11-31"])
    def test_a_day_that_is_none(self, text: str) -> None:
        assert words.day_or_none(text) is None

    def test_a_file_is_told_without_the_folders_of_the_machine(self) -> None:
        found = replace(change(), path=Path("/home/somebody/checkout/cases/40.2.0/starts.yaml"))
        assert words.file_of(found) == "cases/40.2.0/starts.yaml"


class TestCommands:
    def command(self, cases: int = 9, **asked: object) -> str:
        made = World(asked=dict(asked))
        return words.run_command(made.question(), [f"40.2.0/starts::case-{n}" for n in range(cases)])

    def test_of_many_cases_all_are_run(self) -> None:
        assert self.command() == "conformance run --site staging --api-version 40.4.3"

    def test_of_few_cases_only_these(self) -> None:
        assert self.command(2).endswith("--case 40.2.0/starts::case-0 --case 40.2.0/starts::case-1")

    def test_what_the_user_named_is_named(self) -> None:
        assert self.command(run_with=["--config", "a b.toml"]).endswith("--config 'a b.toml'")

    def test_a_hostile_site_name_starts_no_command(self) -> None:
        assert self.command(site="x; rm -rf ~") == "conformance run --site 'x; rm -rf ~' --api-version 40.4.3"
