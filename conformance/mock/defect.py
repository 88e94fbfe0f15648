"""What a defect of the mock is made of: in which calls it shows, and what is wrong there.

A defect is for whoever must be seen to notice it: a mock that is right but for one thing. Site.defect holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Literal, Protocol

from conformance.mock.state import Proceed, Reply, Site
from conformance.wire.request import Request

Calls = Literal["all", "first", "later"]


class Wrong(Protocol):
    """One thing that is wrong. ``befell`` counts the calls in which it made a difference, as far as it can tell."""

    befell: int

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer a call; ``proceed`` answers it as a site without defect does."""


@dataclass(slots=True)
class Aimed:
    """Things that are wrong in some calls only, the first one innermost.

    ``operations`` are patterns of names. ``calls`` are counted for each site by itself, of those operations alone.
    """

    wrong: Sequence[Wrong]
    operations: Sequence[str] = ("*",)
    calls: Calls = "all"
    _heard: dict[str, int] = field(default_factory=dict)

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer a call with what is wrong in it."""
        name = request.operation.name if request.operation else ""
        if any(fnmatchcase(name, pattern) for pattern in self.operations):
            self._heard[site.name] = heard = self._heard.get(site.name, 0) + 1
            if self.calls == "all" or (self.calls == "first") == (heard == 1):
                for one in self.wrong:
                    proceed = partial(_befall, one, site, proceed)
        return proceed(request)

    @property
    def befell(self) -> bool:
        """Whether everything that is wrong made a difference at least once."""
        return all(one.befell for one in self.wrong)


def _befall(one: Wrong, site: Site, proceed: Proceed, request: Request) -> Reply:
    return one(site, request, proceed)
