"""What a run creates on a site, on disk before it is created; and the lease that keeps runs apart.

A ledger is a file of JSON lines, one event each, appended and flushed to the disk. An object is *open* from its
``intent`` until it is known to be ``removed``, or that it never came to be (``absent``). A run that left
nothing behind leaves no ledger behind.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from conformance.errors import ExchangeFault, UserError
from conformance.wire.effects import KINDS, Key

_PREFIX = "ledger-"
Event = Literal["intent", "created", "removed", "absent"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One object that a run created, or may have created. ``role`` is who asked for it."""

    kind: str
    """The ``word`` of an ``ObjectKind``."""
    name: str
    role: str
    case: str
    at: datetime
    key: str = ""
    """Empty until the site told it."""
    number: int = 0
    """Unique within its ledger; two objects may have one name."""

    def is_called(self, key: Key) -> bool:
        """Tell whether a key, or a name in its place, is this object's."""
        return key.of == KINDS[self.kind].sort and key.text.casefold() in (self.name.casefold(), self.key)

    def __str__(self) -> str:
        key = f" (key {self.key})" if self.key else ""
        return f"{self.kind} {self.name}{key}"


class Ledger:
    """The ledger of one run. The file begins with its first entry."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = ""
        """Which lines could not be read; their objects are not known."""
        self._open: dict[int, Entry] = {}
        self._closed: dict[int, Entry] = {}
        self._parts: set[Key] = set()
        self._file: IO[str] | None = None
        self._cut = 0
        """How many bytes at the end are of a line that a killed run did not write to its end."""

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Read the ledger of an earlier run. A last line that was cut short is what a killed run leaves."""
        ledger = cls(path)
        damaged: list[str] = []
        lines = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                if line:
                    ledger._take(json.loads(line))
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
                if number < len(lines):
                    damaged.append(str(number))
                else:
                    ledger._cut = len(line)
        if damaged:
            ledger.damage = f"{path}: line {', '.join(damaged)} can not be read; what it tells of is not swept"
        return ledger

    def intend(self, entry: Entry) -> Entry:
        """Note an object before the call that creates it; return its entry."""
        entry = replace(entry, number=len(self._open) + len(self._closed) + 1)
        self._write("intent", entry)
        return entry

    def created(self, entry: Entry, key: str) -> None:
        """Note the key that the site gave an object."""
        self._write("created", replace(entry, key=key))

    def close(self, entry: Entry, event: Literal["removed", "absent"]) -> None:
        """Note that an object is not on the site."""
        self._write(event, entry)

    def add_part(self, key: Key) -> None:
        """Note what was added to an object of this run, and goes with it."""
        self._parts.add(key)

    def owns(self, key: Key) -> bool:
        """Tell whether an object, or a part of one, is of this run, removed ones included."""
        return key in self._parts or any(entry.is_called(key) for entry in self.entries)

    def open_entry(self, key: Key) -> Entry | None:
        """Return the open object of that key or name."""
        return next((entry for entry in self._open.values() if entry.is_called(key)), None)

    def name_of(self, key: Key) -> str:
        """Return the name of an object of this run, removed ones included; else the key itself."""
        return next((entry.name for entry in self.entries if entry.is_called(key)), key.text)

    @property
    def open_entries(self) -> list[Entry]:
        """What is, or may be, still on the site; the latest first."""
        return sorted(self._open.values(), key=lambda entry: -entry.number)

    @property
    def entries(self) -> list[Entry]:
        """Every object of this run."""
        return [*self._open.values(), *self._closed.values()]

    def end(self) -> None:
        """Close the file, and remove it where nothing is open and nothing was unreadable."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if not self._open and not self.damage:
            self.path.unlink(missing_ok=True)

    def _write(self, event: Event, entry: Entry) -> None:
        record = {
            "event": event,
            "kind": entry.kind,
            "name": entry.name,
            "role": entry.role,
            "case": entry.case,
            "at": entry.at.isoformat(timespec="milliseconds"),
            "key": entry.key,
            "number": entry.number,
        }
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8")
            if self._cut:
                self._file.truncate(self._file.tell() - self._cut)  # else it would be damage, once others follow it
            elif self._file.tell() and not self.path.read_bytes().endswith(b"\n"):
                self._file.write("\n")
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        at = datetime.fromisoformat(record["at"])
        entry = Entry(
            kind=KINDS[record["kind"]].word,
            name=str(record["name"]),
            role=str(record["role"]),
            case=str(record["case"]),
            at=at if at.tzinfo else at.replace(tzinfo=UTC),
            key=str(record["key"]),
            number=int(record["number"]),
        )
        match record["event"]:
            case "intent" | "created":
                self._open[entry.number] = entry
            case "removed" | "absent":
                self._open.pop(entry.number, None)
                self._closed[entry.number] = entry
            case other:
                raise ValueError(other)


class StateFolder:
    """Where a site's ledgers and its lease are: ``<state>/<site>``. Has to outlive the run that writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lease: IO[str] | None = None

    def take_lease(self) -> None:
        """Let no other run use the site until ``release``, or the end of this process, however it ends.

        Raises ExchangeFault where another run has it, UserError where nothing can be written here.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lease = (self.path / "lease").open("a+", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{self.path}: the ledger can not be written here: {error.strerror}") from error
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lease.seek(0)
            holder = lease.read(200).strip()
            lease.close()
            raise ExchangeFault("lease", f"another run has the site: {holder or 'unknown'}", sent=False) from None
        lease.truncate(0)
        lease.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        lease.flush()
        self._lease = lease

    def release(self) -> None:
        """Let other runs use the site."""
        if self._lease is not None:
            self._lease.truncate(0)
            self._lease.close()
            self._lease = None

    def new_ledger(self, run: str) -> Ledger:
        """Return the ledger of a run that begins."""
        return Ledger(self.path / f"{_PREFIX}{run}.jsonl")

    def earlier_ledgers(self) -> Iterator[Ledger]:
        """Yield what earlier runs left, oldest first."""
        for path in sorted(self.path.glob(f"{_PREFIX}*.jsonl"), key=lambda path: path.stat().st_mtime):
            yield Ledger.read(path)
