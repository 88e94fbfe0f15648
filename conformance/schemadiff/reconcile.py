"""Three statements of one release: what its schemas brought, what the update notes say of it, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.cases.changes import change_id, change_index
from conformance.cases.load import case_files, load_changes
from conformance.cases.plan import Change
from conformance.resources import cases_root
from conformance.schemadiff.model import Finding
from conformance.versions import Version


def load_between(old: Version, new: Version) -> list[Change]:
    """Read the shipped documented changes that one of two versions has and the other has not, and no others."""
    wanted = {id_ for id_, releases in change_index().items() if old.has(releases) is not new.has(releases)}
    return load_changes(path for path in case_files([cases_root()]) if change_id(path) in wanted)


def between(changes: Iterable[Change], old: Version, new: Version) -> list[Change]:
    """Return the documented changes that one of two versions has and the other has not."""
    return [
        change
        for change in changes
        if not change.file.is_baseline and old.has(change.released_in) is not new.has(change.released_in)
    ]


def reconciled(findings: Sequence[Finding], changes: Sequence[Change]) -> tuple[list[Finding], list[tuple[str, str]]]:
    """Return the findings with the changes that speak of each, and what changes say that no finding shows.

    The second is of pairs: the id of the change, and the rule of the schemas that it says to have brought.
    """
    told = [(change.id, rule) for change in changes for rule in change.file.schema_rules]
    noted = [
        replace(finding, notes=tuple(dict.fromkeys(id_ for id_, rule in told if rule in finding.names)))
        for finding in findings
    ]
    shown = frozenset[str]().union(*(finding.names for finding in findings))
    return noted, [(id_, rule) for id_, rule in told if rule not in shown]
