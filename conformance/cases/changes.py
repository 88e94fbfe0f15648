"""Which documented change was released when: the heads of the case files and nothing else of them.

The mock needs to know which changes a release carries. It reads them here, apart from the cases, so that
no expectation of a case can reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from conformance.errors import CaseFault, CaseFileErrors
from conformance.resources import cases_root
from conformance.versions import Version


def change_id(path: Path) -> str:
    """Return the id of the change that a case file documents: ``40.2.0/anonymous-lstsummarysession``."""
    return f"{path.parent.name}/{path.stem}"


@cache
def change_index(root: Path | None = None) -> Mapping[str, tuple[Version, ...]]:
    """Return the releases of each documented change below ``root`` (default: the shipped cases), by id."""
    folder = root or cases_root()
    return {change_id(path): _released_in(path) for path in sorted(folder.glob("*/*.yaml"))}


def changes_at(version: Version, root: Path | None = None) -> frozenset[str]:
    """Return the ids of the changes that a site at ``version`` has."""
    return frozenset(id_ for id_, releases in change_index(root).items() if version.has(releases))


def _released_in(path: Path) -> tuple[Version, ...]:
    """Read the ``released_in`` line of a case file, by YAML events, stopping right after it."""
    try:
        with path.open("rb") as file:
            events = yaml.parse(file, Loader=yaml.CBaseLoader)
            for event in events:
                if isinstance(event, yaml.ScalarEvent) and event.value == "released_in":
                    next(events)
                    releases: list[Version] = []
                    while isinstance(item := next(events), yaml.ScalarEvent):
                        releases.append(Version.parse(item.value))
                    return tuple(releases)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        fault = CaseFault(path, (mark.line + 1) if mark else 1, (mark.column + 1) if mark else 1, str(error.problem))
        raise CaseFileErrors([fault]) from error
    raise CaseFileErrors([CaseFault(path, 1, 1, "no 'released_in' found", "list the releases that carry the change")])
