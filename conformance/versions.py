"""API versions, the trains they run on, and which release carries which change.

Versions are numbered ``year.month.patch`` and released on *trains* (``year.month``): the change noted as
"40.4.3, 40.2.4" is in 40.2.4 but not in 40.4.0, although 40.4.0 is the higher number.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from conformance.errors import UserError

_VERSION = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One API version, for example ``40.2.4``; ``39`` means what held before 40.1.0."""

    year: int
    month: int = 0
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``40.2.4``; raise UserError for anything that is not a version."""
        match = _VERSION.fullmatch(text.strip())
        if not match:
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
        return str(self.year) if self.month == self.patch == 0 else f"{self.year}.{self.month}.{self.patch}"


BASELINE = Version(39)

LINEAGE: dict[Version, Version | None] = {
    Version.parse(release): Version.parse(base) if base else None
    for release, base in {
        "39": "",
        "40.1.0": "39",
        "40.1.2": "40.1.0",
        "40.2.0": "40.1.2",
        "40.2.4": "40.2.0",
        "40.4.0": "40.2.0",
        "40.4.3": "40.4.0",
    }.items()
}
"""Each known release and the one it grew from. 40.4.0 grew from 40.2.0: it lacks what 40.2.4 brought."""

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
    return max(candidates, default=BASELINE)
