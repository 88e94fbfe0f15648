"""The ledger and the lease: what a run that is killed at any moment leaves for the next one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import conformance
from conformance.errors import ExchangeFault, UserError
from conformance.live.ledger import Entry, Ledger, StateFolder
from conformance.wire.effects import Key

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def entry(name: str, kind: str = "meeting", role: str = "host") -> Entry:
    return Entry(kind, name, role, "40.2.0/one::a", AT)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def names(ledger: Ledger) -> list[str]:
    return [str(entry) for entry in ledger.open_entries]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger-1.jsonl"


@contextmanager
def killed(ledger: Ledger) -> Iterator[Ledger]:
    """Leave the file as it is in the end, as if the process had been killed."""
    yield ledger
    if ledger._file is not None:
        ledger._file.close()


def written(path: Path) -> bytes:
    """Write a ledger of two objects, of which the first was removed and the second got a key; then be killed."""
    with killed(Ledger(path)) as ledger:
        first, second = ledger.intend(entry("one")), ledger.intend(entry("zw\u00f6lf", "user"))
        ledger.created(first, "71")
        ledger.close(first, "removed")
        ledger.created(second, "72")
    return path.read_bytes()


class TestLedger:
    def test_each_event_is_on_disk_when_it_is_told(self, path: Path) -> None:
        with killed(Ledger(path)) as ledger:
            assert not path.exists()
            told = ledger.intend(entry("one"))
            assert [line["event"] for line in lines(path)] == ["intent"]
            ledger.created(told, "71")
            assert [line["event"] for line in lines(path)] == ["intent", "created"]
            ledger.close(told, "removed")
            assert [(line["event"], line["name"], line["key"]) for line in lines(path)] == [
                ("intent", "one", ""),
                ("created", "one", "71"),
                ("removed", "one", ""),
            ]

    def test_each_event_outlives_a_loss_of_power(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        synced: list[int] = []
        monkeypatch.setattr("conformance.live.ledger.os.fsync", lambda _: synced.append(path.stat().st_size))
        with killed(Ledger(path)) as ledger:
            for number in range(3):
                ledger.intend(entry(f"c{number}"))
                assert synced[number:] == [path.stat().st_size], "the whole line was written, then synced"

    def test_it_is_read_as_it_was_written(self, path: Path) -> None:
        written(path)
        ledger = Ledger.read(path)
        assert names(ledger) == ["user zw\u00f6lf (key 72)"]
        (left,) = ledger.open_entries
        assert (left.kind, left.role, left.case, left.at) == ("user", "host", "40.2.0/one::a", AT)
        assert ledger.damage == ""

    def test_the_latest_object_is_the_first_to_be_removed(self, path: Path) -> None:
        with killed(Ledger(path)) as ledger:
            told = [ledger.intend(entry(name)) for name in "abc"]
            ledger.created(told[0], "1")
            assert names(ledger) == ["meeting c", "meeting b", "meeting a (key 1)"]

    def test_two_objects_of_one_name(self, path: Path) -> None:
        with killed(Ledger(path)) as ledger:
            first, second = ledger.intend(entry("same")), ledger.intend(entry("same"))
            ledger.created(first, "1")
            ledger.created(second, "2")
            ledger.close(first, "removed")
            for read in (ledger, Ledger.read(path)):
                assert names(read) == ["meeting same (key 2)"]
                found = read.open_entry(Key("session", "SAME"))
                assert found is not None
                assert found.key == "2"

    def test_what_is_owned(self, path: Path) -> None:
        with killed(Ledger(path)) as ledger:
            ledger.created(ledger.intend(entry("Kim-1")), "71")
            ledger.close(*ledger.open_entries, "removed")
            assert all(ledger.owns(Key("session", text)) for text in ("kim-1", "KIM-1", "71"))
            assert not any(ledger.owns(Key("session", text)) for text in ("", "7", "711", "kim", "72"))
            assert not any(ledger.owns(Key(sort, "71")) for sort in ("user", "library test", "recording"))
            assert ledger.open_entry(Key("session", "kim-1")) is None
            assert [ledger.name_of(Key("session", key)) for key in ("71", "72")] == ["Kim-1", "72"]

    def test_what_was_added_to_it_is_owned_and_no_object_of_its_own(self, path: Path) -> None:
        with killed(Ledger(path)) as ledger:
            ledger.add_part(Key("attendee", "71"))
            assert ledger.owns(Key("attendee", "71"))
            assert not ledger.owns(Key("session", "71"))
            assert (ledger.entries, ledger.open_entries) == ([], [])

    def test_nothing_left_no_file(self, path: Path) -> None:
        ledger = Ledger(path)
        ledger.close(ledger.intend(entry("a")), "removed")
        ledger.close(ledger.intend(entry("b")), "absent")
        ledger.end()
        assert not path.exists()
        Ledger(path).end()  # of a run that created nothing

    def test_something_left_the_file_stays(self, path: Path) -> None:
        ledger = Ledger(path)
        ledger.intend(entry("a"))
        ledger.end()
        assert names(Ledger.read(path)) == ["meeting a"]

    def test_what_was_left_can_be_ended_by_the_next_run(self, path: Path) -> None:
        written(path)
        ledger = Ledger.read(path)
        ledger.close(*ledger.open_entries, "removed")
        ledger.end()
        assert not path.exists()


class TestKilled:
    def test_at_every_byte(self, path: Path) -> None:
        """What was told before the cut counts; the line that was cut does not, and is no damage."""
        data = written(path)
        for cut in range(len(data) + 1):
            path.write_bytes(data[:cut])
            ledger = Ledger.read(path)
            assert ledger.damage == "", cut
            # A line counts from its last brace on, with or without its end.
            complete = data[:cut].count(b"\n") + (data[:cut].endswith(b"}"))
            expected = [
                [],
                ["meeting one"],
                ["user zw\u00f6lf", "meeting one"],
                ["user zw\u00f6lf", "meeting one (key 71)"],
                ["user zw\u00f6lf"],
                ["user zw\u00f6lf (key 72)"],
            ]
            assert names(ledger) == expected[complete], cut

    def test_at_every_byte_and_swept_in_part_nothing_is_damaged_or_forgotten(self, path: Path) -> None:
        data = written(path)
        for cut in range(len(data) + 1):
            path.write_bytes(data[:cut])
            with killed(Ledger.read(path)) as ledger:
                left = ledger.open_entries
                if not left:
                    continue
                ledger.close(left[0], "removed")
            again = Ledger.read(path)
            assert (again.damage, again.open_entries) == ("", left[1:]), cut

    def test_by_the_system_in_the_middle_of_a_run(self, path: Path) -> None:
        code = (
            "import os, sys; from pathlib import Path; from datetime import datetime, UTC\n"
            "from conformance.live.ledger import Entry, Ledger\n"
            "ledger = Ledger(Path(sys.argv[1]))\n"
            "told = ledger.intend(Entry('meeting', 'one', 'host', 'c', datetime.now(UTC)))\n"
            "ledger.created(told, '71')\n"
            "os.kill(os.getpid(), 9)\n"
        )
        done = subprocess.run([sys.executable, "-c", code, path], env=_environment(), timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL
        assert names(Ledger.read(path)) == ["meeting one (key 71)"]


class TestDamage:
    @pytest.mark.parametrize(
        "line",
        [
            b"{",
            b"null",
            b"3",
            b"[]",
            b"{}",
            b"\xff",
            b'{"event": "intent"}',
            b"[" * 100_000,
            b'{"event":"sold","kind":"meeting","name":"x","role":"","case":"","at":"2026-11-22","key":"","number":9}',
            b'{"event":"intent","kind":"car","name":"x","role":"","case":"","at":"2026-11-22","key":"","number":9}',
            b'{"event":"intent","kind":[],"name":"x","role":"","case":"","at":"2026-11-22","key":"","number":9}',
            b'{"event":"intent","kind":"meeting","name":"x","role":"","case":"","at":3,"key":"","number":9}',
            b'{"event":"intent","kind":"meeting","name":"x","role":"","case":"","at":"2026-11-22","key":"","number":1e999}',
        ],
    )
    def test_a_line_within_is_told_and_the_rest_counts(self, line: bytes, path: Path) -> None:
        before = written(path).splitlines(keepends=True)
        path.write_bytes(b"".join([*before[:2], line, b"\n", *before[2:]]))
        ledger = Ledger.read(path)
        assert ledger.damage == f"{path}: line 3 can not be read; what it tells of is not swept"
        assert names(ledger) == ["user zw\u00f6lf (key 72)"]
        ledger.close(*ledger.open_entries, "removed")
        ledger.end()
        assert path.exists(), "what it told of may still be there"
        assert Ledger.read(path).damage

    @given(st.binary(max_size=200))
    def test_bytes_of_anybody_are_read_without_an_error(
        self, tmp_path_factory: pytest.TempPathFactory, data: bytes
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "ledger-of-anybody.jsonl"
        path.write_bytes(data)
        assert Ledger.read(path).open_entries == []

    def test_an_object_without_a_time_zone_is_of_utc(self, path: Path) -> None:
        path.write_bytes(written(path).replace(b"+00:00", b""))
        (left,) = Ledger.read(path).open_entries
        assert left.at == AT


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(conformance.__file__).parents[1])}


@contextmanager
def _other_run(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Have the lease taken by another process, which then waits to be killed."""
    code = (
        "import sys, time; from pathlib import Path; from conformance.live.ledger import StateFolder\n"
        "state = StateFolder(Path(sys.argv[1])); state.take_lease(); print('taken', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "taken\n"
            yield process
        finally:
            process.kill()


class TestLease:
    def test_another_process_is_refused_and_told_who_has_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "state" / "stage"
        with _other_run(folder) as other:
            with pytest.raises(ExchangeFault, match="lease: another run has the site: process") as refused:
                StateFolder(folder).take_lease()
            assert f" {other.pid} since {datetime.now(UTC):%Y-%m-}" in str(refused.value)
            assert not refused.value.sent

    def test_whoever_holds_it_is_killed_it_is_free(self, tmp_path: Path) -> None:
        with _other_run(tmp_path) as other:
            other.kill()
            other.wait(60)
            state = StateFolder(tmp_path)
            state.take_lease()
            state.release()

    def test_released_it_is_free(self, tmp_path: Path) -> None:
        first, second = StateFolder(tmp_path), StateFolder(tmp_path)
        first.take_lease()
        with pytest.raises(ExchangeFault, match=f"process {os.getpid()} "):
            second.take_lease()
        first.release()
        second.take_lease()
        second.release()
        second.release()
        assert (tmp_path / "lease").read_text() == ""

    def test_nobody_else_may_look_into_the_folder(self, tmp_path: Path) -> None:
        state = StateFolder(tmp_path / "a")
        state.take_lease()
        state.release()
        assert (tmp_path / "a").stat().st_mode & 0o077 == 0

    def test_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("a file")
        with pytest.raises(UserError, match="a/stage: the ledger can not be written here: Not a directory"):
            StateFolder(tmp_path / "a" / "stage").take_lease()

    @pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
    def test_where_nothing_may_be_written(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(UserError, match="the ledger can not be written here: Permission denied"):
            StateFolder(tmp_path / "stage").take_lease()

    def test_the_ledgers_of_earlier_runs_oldest_first(self, tmp_path: Path) -> None:
        state = StateFolder(tmp_path)
        for number, run in enumerate("bca"):
            ledger = state.new_ledger(run)
            ledger.intend(entry(run))
            ledger.end()
            os.utime(ledger.path, (number, number))
        assert [names(ledger) for ledger in state.earlier_ledgers()] == [["meeting b"], ["meeting c"], ["meeting a"]]
