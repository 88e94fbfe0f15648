"""Waivers: failures that somebody answers for, until a date.

What was made of each waiver by a run is told; one that is expired, not needed any more, or fits no case fails
the run, with the line to change. docs/waivers.md explains the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

from conformance.cases.document import Document, read_document
from conformance.cases.faults import parse
from conformance.cases.model import Value
from conformance.errors import CaseFault, CaseFileErrors
from conformance.wire.pretty import printable

LONGEST = timedelta(days=366)
"""How far ahead the last day of a waiver may be: what nobody looks at for a year is no exception any more."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EVERY_SITE = ""
_TARGET = re.compile(r"[^\s/:]+/[^\s/:]+(::\S+)?")


class WaiverState(StrEnum):
    """What a run made of a waiver."""

    APPLIED = "applied"
    """It turned failures into WAIVED."""
    EXPIRED = "expired"
    """Its last day has passed; what it waived fails again."""
    UNNEEDED = "unneeded"
    """What it waives holds now."""
    UNMATCHED = "unmatched"
    """No case is named like that."""
    NOT_TRIED = "not tried"
    """The run did not observe what it waives."""


FAILS_A_RUN = frozenset({WaiverState.EXPIRED, WaiverState.UNNEEDED, WaiverState.UNMATCHED})

_STATES: Mapping[str, str] = {
    WaiverState.APPLIED: "was applied",
    WaiverState.EXPIRED: "has expired",
    WaiverState.UNNEEDED: "is not needed any more",
    WaiverState.UNMATCHED: "fits nothing",
    WaiverState.NOT_TRIED: "was not tried",
}


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """What a run made of one waiver."""

    id: str
    """What it waives: a change, as ``40.2.0/anonymous-lstsummarysession``, or one case of it, ``...::a-slug``."""
    state: str
    """The value of a ``WaiverState``."""
    reason: str
    owner: str
    until: str
    """The last day it holds, as ``2026-12-01``."""
    place: str
    """Where it stands: ``waivers.yaml:12:5``."""
    cases: tuple[str, ...] = ()
    """The cases that it was applied to."""
    advice: str = ""
    """What to write instead, or to delete."""

    @property
    def fails_a_run(self) -> bool:
        """Whether somebody has to change its line."""
        return self.state in FAILS_A_RUN

    def __str__(self) -> str:
        """Return what became of it, and what to do, in one line."""
        told = f"{self.place}: waiver for {self.id} {_STATES.get(self.state, self.state)}"
        return f"{told}: {self.advice}" if self.advice else told


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver, as its file states it."""

    waives: str
    """The id of a change, or of one case."""
    reason: str
    owner: str
    until: date
    """The last day on which it holds, in UTC."""
    sites: tuple[str, ...]
    """The sites that it is for; empty: all."""
    checks: tuple[str, ...]
    """The checks that may fail; empty: any."""
    ticket: str
    place: str

    @property
    def change(self) -> str:
        """The id of the change that it concerns."""
        return self.waives.partition("::")[0]

    def covers(self, case: str) -> bool:
        """Tell whether it is a waiver for the case of that id."""
        return case == self.waives or case.partition("::")[0] == self.waives

    def is_for(self, site: str) -> bool:
        """Tell whether it is a waiver on that site."""
        return not self.sites or site in self.sites

    def __str__(self) -> str:
        """Return its id, who answers for it and until when."""
        return f"{self.waives}, {self.owner} until {self.until}{f' ({self.ticket})' if self.ticket else ''}"


class _Entry(Value):
    waives: str
    reason: str
    owner: str
    until: str
    sites: tuple[str, ...] | None = None
    checks: tuple[str, ...] | None = None
    ticket: str = ""


class _File(Value):
    format: Literal["1"]
    waivers: tuple[_Entry, ...]


def load_waivers(path: Path, today: date) -> list[Waiver]:
    """Read a file of waivers. Raises CaseFileErrors with all its faults."""
    document = read_document(_as_people_write_it(path))
    file = parse(document, _File, {"waivers": _Entry})
    faults = [fault for number, entry in enumerate(file.waivers) for fault in _faults(document, number, entry, today)]
    faults += _twins(document, file.waivers)
    if faults:
        raise CaseFileErrors(faults)
    return [_waiver(document, number, entry) for number, entry in enumerate(file.waivers)]


def _as_people_write_it(path: Path) -> Path:
    """Return the path from here, if it lies below: its place is told in reports that others read."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path


def _waiver(document: Document, number: int, entry: _Entry) -> Waiver:
    return Waiver(
        waives=entry.waives,
        reason=_line(entry.reason),
        owner=_line(entry.owner),
        until=date.fromisoformat(entry.until),
        sites=tuple(map(_line, entry.sites or ())),
        checks=tuple(map(_line, entry.checks or ())),
        ticket=_line(entry.ticket),
        place=_place(document, number),
    )


def _line(text: str) -> str:
    """Return a text in one line, inert: reports and terminals show it."""
    return printable(" ".join(text.split()))


def _place(document: Document, number: int) -> str:
    at = document.fault(("waivers", number), "")
    return f"{at.path}:{at.line}:{at.column}"


def _faults(document: Document, number: int, entry: _Entry, today: date) -> Iterator[CaseFault]:
    def fault(key: str, problem: str, advice: str) -> CaseFault:
        return document.fault(("waivers", number, key), problem, advice)

    if not (_TARGET.fullmatch(entry.waives) and entry.waives.isprintable()):
        wanted = "write the id of a change, as 40.2.0/anonymous-lstsummarysession, or of one of its cases"
        yield fault("waives", f"'{_line(entry.waives):.80}' is no id", wanted)
    if not entry.reason.strip():
        yield fault("reason", "the reason is blank", "write why this may fail for now")
    if not entry.owner.strip():
        yield fault("owner", "nobody answers for it", "write who does")
    if problem := _wrong_day(entry.until, today):
        yield fault("until", *problem)
    for key, listed in (("sites", entry.sites), ("checks", entry.checks)):
        if listed is not None and not all(text.strip() for text in listed or [""]):
            yield fault(key, f"'{key}' names none, so that nothing is waived", "name one, or leave the key out for all")


def _wrong_day(text: str, today: date) -> tuple[str, str] | None:
    try:
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        return f"'{_line(text):.40}' is no day", f"write its last day as {today + timedelta(days=30)}"
    if day - today > LONGEST:
        latest = today + LONGEST
        return f"{day} is more than a year ahead; a waiver is an exception for a time", f"write {latest} at the latest"
    return None


def _twins(document: Document, entries: Sequence[_Entry]) -> Iterator[CaseFault]:
    """Yield a fault for each waiver that another one stands for too, on any site: who answers would not be clear."""
    known: dict[str, dict[str, int]] = {}
    # Changes first: a waiver for a change is one for each of its cases.
    for number, entry in sorted(enumerate(entries), key=lambda numbered: "::" in numbered[1].waives):
        sites = entry.sites or (_EVERY_SITE,)
        for target in dict.fromkeys((entry.waives, entry.waives.partition("::")[0])):
            twin = _twin(known.get(target, {}), sites)
            if twin is not None:
                problem = f"{_place(document, twin)} waives {target} too"
                yield document.fault(("waivers", number, "waives"), problem, "keep one of them")
                break
        for site in sites:
            known.setdefault(entry.waives, {}).setdefault(site, number)


def _twin(known: Mapping[str, int], sites: Sequence[str]) -> int | None:
    """Return the number of a waiver for the same thing that is for one of the sites too."""
    if _EVERY_SITE in sites:
        return next(iter(known.values()), None)
    return next((known[site] for site in (_EVERY_SITE, *sites) if site in known), None)
