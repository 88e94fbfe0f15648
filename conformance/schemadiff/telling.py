"""What is said of a comparison, in every form alike: its headline, its places, who documents what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conformance.resources import schemas_root
from conformance.schema.evidence import Source
from conformance.schemadiff.components import Origin
from conformance.schemadiff.model import Finding, SchemaDiff
from conformance.schemadiff.rules import Severity

_NAMED = 6


def headline(diff: SchemaDiff) -> str:
    """Return the comparison in one sentence."""
    sets = f"{diff.old.label} -> {diff.new.label}"
    whom = f" for {diff.integration}" if diff.integration else ""
    if breaking := diff.of(Severity.BREAKING):
        operations = {name for finding in breaking for name in finding.operations}
        counts = f"{counted(len(breaking), 'breaking difference')} in {counted(len(operations), 'operation')}"
        return f"{sets}: SOMETHING BREAKS{whom}: {counts}"
    if diff.findings:
        return f"{sets}: NOTHING BREAKS{whom}: {tally(diff)}"
    left_out = f"; {counted(diff.left_out, 'difference')} of no concern" if diff.left_out else ""
    return f"{sets}: NO DIFFERENCE{whom}{left_out or ' on the wire'}"


def tally(diff: SchemaDiff) -> str:
    """Return how many findings there are of each severity."""
    return ", ".join(f"{len(diff.of(severity))} {severity}" for severity in Severity)


def reconciliation(diff: SchemaDiff) -> Iterator[str]:
    """Yield what documented changes say of the differences, and where both disagree; nothing of mere folders."""
    if not diff.reconciled:
        return
    if diff.findings:
        documented = len(diff.findings) - len(diff.undocumented)
        yield f"{documented} of {counted(len(diff.findings), 'difference')} documented by update notes"
    for finding in diff.undocumented:
        yield f"no note speaks of {place_of(finding)}: {finding.says}"
    for id_, rule in diff.unseen:
        yield f"{id_} says that it brought {rule}; between these schemas that did not change"
    if diff.silent:
        yield f"{counted(len(diff.silent), 'documented change')} of behaviour alone: {', '.join(diff.silent)}"


def place_of(finding: Finding) -> str:
    """Return what differs, with the direction where it has one: ``use:createUser/email (request)``."""
    direction = "" if finding.rule.direction == "both" else f" ({finding.rule.direction})"
    return f"{finding.path}{direction}"


def concerned(finding: Finding, most: int = _NAMED) -> str:
    """Return the operations of a finding; of many, the first and how many more."""
    names = finding.operations
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def evidence(finding: Finding) -> str:
    """Return how sure we are of a finding, where that is not by the provider's own schemas on both sides."""
    told: dict[str, None] = {}
    for side in (finding.before, finding.after):
        if side is not None and side.evidence.source not in (Source.OFFICIAL, Source.OFFICIAL_2011):
            note = f": {side.evidence.note}" if side.evidence.note else ""
            told[f"{side.evidence.source}{note}"] = None
    return "; ".join(told)


def locations(finding: Finding) -> str:
    """Return where it stands, in the old set and in the new one: ``a.xsd:3 -> b.xsd:4``."""
    return " -> ".join(told_place(side) for side in (finding.before, finding.after) if side is not None)


def told_place(origin: Origin) -> str:
    """Return a place as ``file:line``: from here, else within the shipped schemas, else within its set."""
    return f"{told_path(origin.place.path)}:{origin.place.line}"


def told_path(path: Path) -> str:
    """Return a path without the folders of this machine."""
    absolute = path.absolute()
    for root in (Path.cwd(), schemas_root().parent):
        if absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return "/".join(absolute.parts[-3:])


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}{'s' * (number != 1)}"
