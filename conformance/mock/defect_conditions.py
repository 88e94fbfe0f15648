"""Defects of what a site is: changes that it lacks or has too early, settings that it does not mind, its clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from conformance.mock.state import Proceed, Reply, Site
from conformance.wire.request import Request


@dataclass(slots=True)
class Changed:
    """Documented changes are missing, or there too early."""

    lacks: frozenset[str] = frozenset()
    has: frozenset[str] = frozenset()
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer like a site with other changes."""
        kept = site.changes
        site.changes = (kept - self.lacks) | self.has
        self.befell += site.changes != kept
        try:
            return proceed(request)
        finally:
            site.changes = kept


@dataclass(slots=True)
class Configured:
    """Settings are not minded: the site acts as if they were these."""

    settings: Mapping[str, bool] = field(default_factory=dict)
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer like a site with these settings."""
        kept = site.settings
        site.settings = replace(kept, **self.settings)
        self.befell += site.settings != kept
        try:
            return proceed(request)
        finally:
            site.settings = kept


@dataclass(slots=True)
class ClockAhead:
    """The site's clock is ahead."""

    seconds: int
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer at another time."""
        self.befell += 1
        site.clock.advance(timedelta(seconds=self.seconds))
        try:
            return proceed(request)
        finally:
            site.clock.advance(timedelta(seconds=-self.seconds))
