"""How a decision speaks: times, ages, numbers, names of cases, and the commands it offers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from conformance.cases.plan import Change
from conformance.errors import UserError
from conformance.upgrade.model import BASELINE, ChangeState
from conformance.upgrade.question import Question
from conformance.wire.pretty import printable

_LONGEST = 300
_FEW = 3
_DURATION = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def plain(text: str) -> str:
    """Return a text of elsewhere as one printable line, cut where it is long."""
    line = " ".join(printable(text[: 4 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def counted(number: int, noun: str) -> str:
    """Return ``1 case``, ``2 cases``."""
    return f"{number} {noun}{'s' * (number != 1)}"


def changes_and_baseline(states: Sequence[ChangeState]) -> str:
    """Return ``8 documented changes``, or ``8 documented changes and 2 parts of the baseline``."""
    return " and ".join(kind for _, kind in _kinds(states)) or counted(0, "documented change")


def of_each_kind(states: Sequence[ChangeState], chosen: Collection[str]) -> str:
    """Return how many are chosen of each kind of which any is: ``1 of 8 documented changes``."""
    numbers = ((len(ids.intersection(chosen)), kind) for ids, kind in _kinds(states))
    return " and ".join(f"{number} of {kind}" for number, kind in numbers if number)


def _kinds(states: Sequence[ChangeState]) -> Iterator[tuple[set[str], str]]:
    """Yield the documented changes and the parts of the baseline, where there are any, each with how many there are."""
    for baseline, noun, rest in ((False, "documented change", ""), (True, "part", " of the baseline")):
        if ids := {state.id for state in states if (state.scope == BASELINE) is baseline}:
            yield ids, f"{counted(len(ids), noun)}{rest}"


def listed(names: Iterable[str], most: int = _FEW) -> str:
    """Return names with commas, at most so many, with how many more there are."""
    every = [plain(name) for name in names]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")


def at_time(moment: datetime) -> str:
    """Return a moment as ``2026-11-22 02:14 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def day_or_none(text: str) -> date | None:
    """Read a day as ``2026-12-01``; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def lasting(age: timedelta) -> str:
    """Return a length of time in the unit that suits it: ``20 min``, ``6 h``, ``3 days``."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 72 * 60 else f"{minutes // (24 * 60)} days"


def read_duration(text: str) -> timedelta:
    """Read ``36h``, ``90m`` or ``7d``; raise UserError for what is none, and for no time at all."""
    match = _DURATION.fullmatch(text.strip())
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not length:
        raise UserError(f"'{plain(text)}' is no length of time; write it like 36h, 90m or 7d")
    return length


def write_duration(length: timedelta) -> str:
    """Return a length of time as ``read_duration`` reads it: in days or hours where it is whole ones."""
    minutes = int(length.total_seconds() // 60)
    if minutes % (24 * 60) == 0:
        return f"{minutes // (24 * 60)}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def releases(change: Change) -> str:
    """Return the releases that carry a change, newest first: ``40.4.3, 40.2.4``."""
    return ", ".join(str(release) for release in sorted(change.released_in, reverse=True))


def name_of(change: Change) -> str:
    """Return a change as its reader knows it: the releases, then its sentence."""
    return f"{releases(change)} {plain(change.file.change)}"


def file_of(change: Change) -> str:
    """Return the case file of a change by its last folders: ``cases/40.2.0/a.yaml``, whatever machine it is on."""
    return plain("/".join(change.path.parts[-3:]))


def run_command(question: Question, cases: Sequence[str] = ()) -> str:
    """Return the command that gets the evidence: of these cases where they are few, else of all."""
    parts = ["conformance", "run", "--site", question.site, "--api-version", str(question.to), *question.run_with]
    if len(cases) <= _FEW:
        parts += [part for case in cases for part in ("--case", case)]
    command = shlex.join(parts)
    return command if command.isprintable() else " ".join(printable(command).split())
