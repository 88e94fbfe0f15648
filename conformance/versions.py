"""API versions, the trains they run on, and which release carries which change.

Versions are numbered ``year.month.patch`` and released on *trains* (``year.month``): the change noted as
"40.4.3, 40.2.4" is in 40.2.4 but not in 40.4.0, although 40.4.0 is the higher number. Before 39 the third number
is the service pack: 10.0 SP12 is ``10.0.12``, and 10.0 SP5.10 is ``10.0.5.10``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from conformance.errors import UserError

_VERSION = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?(?:(?:\.|[ -]?SP)(\d{1,3})(?:\.(\d{1,3}))?)?", re.IGNORECASE)
_NUMBERED_BY_YEAR = 39


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One API version, for example ``40.2.4``; ``39`` means what held before 39.11.0."""

    year: int
    month: int = 0
    patch: int = 0
    part: int = 0
    """The second number of a service pack: 10 in 10.0 SP5.10."""

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``40.2.4``, ``10.0.12`` or ``10.0 SP12``; raise UserError for anything that is not a version."""
        match = _VERSION.fullmatch(text.strip())
        if not match or (match[4] and int(match[1]) >= _NUMBERED_BY_YEAR):
            raise UserError(f"'{text}' is not an API version; write it like 40.4.3")
        return cls(*(int(part or 0) for part in match.groups()))

    @property
    def train(self) -> tuple[int, int]:
        """The release train: ``(40, 2)`` for 40.2.4."""
        return (self.year, self.month)

    def has(self, released_in: Collection[Version]) -> bool:
        """Tell whether a site at this version has a change that was released in ``released_in``.

        It has, if it is at or past a release of the change on its own train, or at or past the newest one.
        """
        if not released_in:
            return False
        return self >= max(released_in) or any(r.train == self.train and self >= r for r in released_in)

    def __str__(self) -> str:
        if self.patch == 0 and self.year < _NUMBERED_BY_YEAR:
            return f"{self.year}.{self.month}"
        if self.month == self.patch == 0:
            return str(self.year)
        return f"{self.year}.{self.month}.{self.patch}" + (f".{self.part}" if self.part else "")


ROOT = Version(5, 9)
"""What the official schemas of 2011 describe, the last that are public (about XML API 5.8 or 5.9)."""

BASELINE = Version(39)
"""Where comparisons start that are not told where to."""

DEFAULT_VERSION = Version(40, 4, 3)
"""What a run is held to that is not told: the last release before which no update notes are missing. Those of
40.5 to 40.9, 41.1 to 41.10, 42.2 to 42.4 and 42.7 to 42.9 could not be read, so what is known of the releases after
it is not all that changed."""

LINEAGE: dict[Version, Version | None] = {
    Version.parse(release): Version.parse(base) if base else None
    for release, base in {
        "5.9": "",
        "7.4": "5.9",
        "8.0.11": "5.9",
        "9.0": "8.0.11",
        "9.0.2": "9.0",
        "9.0.5": "9.0.2",
        "10.0": "9.0.2",
        "10.0.1": "10.0",
        "10.0.5.10": "10.0.1",
        "10.0.8": "10.0.5.10",
        "10.0.12": "10.0.8",
        "11.0.4": "10.0.12",
        "11.0.7": "11.0.4",
        "11.0.8": "11.0.7",
        "11.0.9": "11.0.8",
        "39": "11.0.9",
        "39.11.0": "39",
        "40.1.0": "39.11.0",
        "40.1.2": "40.1.0",
        "40.2.0": "40.1.2",
        "40.2.4": "40.2.0",
        "40.4.0": "40.2.0",
        "40.4.3": "40.4.0",
        "40.11.0": "40.4.3",
        "40.12.0": "40.11.0",
        "41.11.0": "40.12.0",
        "41.12.0": "41.11.0",
        "42.1.0": "41.12.0",
        "42.5.0": "42.1.0",
        "42.6.0": "42.5.0",
        "42.10.0": "42.6.0",
        "42.11.1": "42.10.0",
    }.items()
}
"""Each known release that changed something, and the one it grew from.

40.4.0 grew from 40.2.0: it lacks what 40.2.4 brought. 10.0 lacks what came to 9.0.5, until 10.0.1."""

NEWEST = max(LINEAGE)


@cache
def ancestry(release: Version) -> tuple[Version, ...]:
    """Return the known releases that ``release`` contains, oldest first, itself last."""
    base = LINEAGE[release]
    return (release,) if base is None else (*ancestry(base), release)


@cache
def nearest_release(version: Version) -> Version:
    """Return the known release whose rules hold at ``version``.

    On the version's own train that is the newest one not past it; else the newest one not past it on the
    main line, which leaves out late patches of older trains.
    """
    main_line = ancestry(NEWEST)
    candidates = [r for r in LINEAGE if r <= version and (r.train == version.train or r in main_line)]
    return max(candidates, default=ROOT)
