"""Asking the history over many nights: strips, since when something is broken, what is flaky."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, Table, select

from conformance.history import tables
from conformance.history.letters import SIDES, Columns, ends, latest_side, shown
from conformance.history.model import FlakyCase, RunRecord, Strips
from conformance.history.reading import chunks, numbered_runs
from conformance.history.sealing import letters_of

_REPAIRED = 2
"""A case that broke and was repaired has come to another end this often."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """Runs of a site, oldest first, with the codes of their cases and changes."""

    numbers: Sequence[int]
    runs: Sequence[RunRecord]
    cases: Columns
    changes: Columns


def _packed(connection: Connection, site: str, limit: int = 0) -> _Packed:
    newest_first = numbered_runs(connection, site=site, limit=limit)
    oldest_first = newest_first[::-1]
    numbers = [no for no, _ in oldest_first]
    strip = tables.strips.c
    stored = {
        row.run_no: (bytes(row.cases), bytes(row.changes))
        for some in chunks(numbers)
        for row in connection.execute(select(tables.strips).where(strip.run_no.in_(some)))
    }
    codes = [stored.get(no) or letters_of(connection, no) for no in numbers]
    return _Packed(
        numbers,
        [run for _, run in oldest_first],
        Columns([cases for cases, _ in codes]),
        Columns([changes for _, changes in codes]),
    )


def read_strips(connection: Connection, site: str, nights: int) -> Strips:
    """Return the last ``nights`` runs of a site in letters, those of cases and changes that are in any of them."""
    packed = _packed(connection, site, nights)
    cases = {
        id_: shown(codes) for no, id_ in _ids(connection, tables.cases) if (codes := packed.cases.codes(no)).strip()
    }
    changes = {
        id_: shown(codes) for no, id_ in _ids(connection, tables.changes) if (codes := packed.changes.codes(no)).strip()
    }
    return Strips(packed.runs, cases, changes)


def read_broken_since(connection: Connection, site: str, cases: Sequence[str], side: str) -> dict[str, RunRecord]:
    """Return of each of these cases that is broken the first run of the unbroken series in which it is.

    Runs that could not tell neither begin nor end a series, nor do runs that held the site to the other side of
    the change: they looked for something else. ``side`` is the one that is asked for; empty: the last one seen.
    """
    packed = _packed(connection, site)
    wanted = set(cases)
    found: dict[str, RunRecord] = {}
    for no, id_ in _ids(connection, tables.cases):
        if id_ in wanted:
            codes = packed.cases.codes(no)
            looked_for = side or latest_side(codes)
            if looked_for:
                seen = ends(codes, looked_for)
                first = seen.find(b"F", seen.rfind(b"P") + 1)
                if first >= 0:
                    found[id_] = packed.runs[first]
    return found


def read_flaky(connection: Connection, site: str, runs: int) -> list[FlakyCase]:
    """Return the cases that came to another end and back again in the last runs of a site, worst first.

    A case that broke is not flaky, also where it was repaired, nor is one that changed its end with its text.
    """
    packed = _packed(connection, site, runs)
    within, retried = _unsteady(connection, packed.numbers)
    files = _files(connection, packed.numbers)
    unknown = [None] * len(packed.numbers)
    case, change = tables.cases.c, tables.changes.c
    found = []
    query = select(case.no, case.id, case.change_no, change.id).join(tables.changes, change.no == case.change_no)
    for no, id_, change_no, change_id in connection.execute(query):
        codes = packed.cases.codes(no)
        if not codes.strip():
            continue
        between = _flips(codes, files.get(change_no, unknown))
        inside = within.get(no, 0)
        if inside or between > _REPAIRED:
            letters = shown(codes)
            told = sum(letters.count(letter) for letter in "PDFW")
            untold = letters.count("?") + letters.count("B")
            found.append(FlakyCase(id_, change_id, told, between + inside, inside, retried.get(no, 0), untold, letters))
    return sorted(found, key=lambda one: (-one.flips, one.case))


def _flips(codes: bytes, files: Sequence[bytes | None]) -> int:
    """Return how often a case came to another end than the time before, on the same side, with the same text.

    ``files`` are the digests of its text, run by run.
    """
    flips = 0
    for side in SIDES:
        seen = ends(codes, side)
        if b"P" in seen and b"F" in seen:
            told = [place for place, end in enumerate(seen) if end != ord(" ")]
            flips += sum(seen[one] != seen[other] and files[one] == files[other] for one, other in pairwise(told))
    return flips


def _unsteady(connection: Connection, numbers: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return by case in how many of these runs it flipped within the run, and in how many a request was repeated."""
    result = tables.results.c
    within: dict[int, int] = {}
    retried: dict[int, int] = {}
    for some in chunks(numbers):
        query = select(result.case_no, result.flipped, result.retries).where(
            result.run_no.in_(some), (result.flipped > 0) | (result.retries > 0)
        )
        for case, flipped, retries in connection.execute(query):
            within[case] = within.get(case, 0) + (flipped > 0)
            retried[case] = retried.get(case, 0) + (retries > 0)
    return within, retried


def _files(connection: Connection, numbers: Sequence[int]) -> dict[int, list[bytes | None]]:
    """Return by change the digest of its case file, run by run."""
    file = tables.case_files.c
    place = {number: at for at, number in enumerate(numbers)}
    found: dict[int, list[bytes | None]] = {}
    for some in chunks(numbers):
        query = select(file.change_no, file.run_no, file.digest).where(file.run_no.in_(some))
        for change, run, digest in connection.execute(query):
            found.setdefault(change, [None] * len(numbers))[place[run]] = bytes(digest)
    return found


def _ids(connection: Connection, table: Table) -> list[tuple[int, str]]:
    return [(no, id_) for no, id_ in connection.execute(select(table.c.no, table.c.id).order_by(table.c.no))]
