"""The statements of each clause side by side: its cases, its rule in the schemas, its switch in the mock, its mutants.

Schemas, mock and cases say the same notes, each by itself. Here they are laid beside each other, so that where one
says more or less than the others is seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path

import conformance.mock
from conformance.cases.plan import Change, PlannedCase
from conformance.mutants.load import Mutant
from conformance.schema.catalog import SchemaCatalog
from conformance.schemadiff.diff import findings_between
from conformance.schemadiff.model import Finding
from conformance.schemadiff.reconcile import reconciled
from conformance.schemadiff.sources import of_release
from conformance.versions import LINEAGE, Version


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of one clause. Without ``rules`` no schema speaks of it."""

    change: str
    clause: str
    says: str
    assumed: str
    cases: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    """Rules of the schemas, as ``use:createUser/isHTMLEmail``, each with its place."""
    switches: tuple[str, ...]
    """Where the mock asks whether its site has the change: ``mock/users.py:41``."""
    mutants: tuple[str, ...]


def statements(
    changes: Sequence[Change], cases: Sequence[PlannedCase], mutants: Sequence[Mutant], catalog: SchemaCatalog
) -> list[Statement]:
    """Return what is stated of each clause of the changes, in the order of their files."""
    asked = switches()
    return [
        Statement(
            change.id,
            clause,
            told.says,
            told.assumed,
            tuple(case.id for case in cases if case.change.id == change.id and clause in case.case.proves),
            tuple(_rules(change, clause, catalog)),
            tuple(asked.get(change.id, ())),
            tuple(m.id for m in mutants if (m.change, m.entry.clause) == (change.id, clause)),
        )
        for change in changes
        for clause, told in change.file.clauses.items()
    ]


def disagreements(changes: Sequence[Change], stated: Sequence[Statement], catalog: SchemaCatalog) -> list[str]:
    """Return where one statement says what another one does not, each in one line."""
    return [*_of_clauses(stated), *_of_schemas(changes, catalog), *_of_mock(changes)]


def _of_clauses(stated: Sequence[Statement]) -> Iterator[str]:
    for one in stated:
        for what, found in (("case proves", one.cases), ("mutant breaks", one.mutants)):
            if not found:
                yield f"no {what} clause '{one.clause}' of {one.change}"


def _of_schemas(changes: Sequence[Change], catalog: SchemaCatalog) -> Iterator[str]:
    for release, base in LINEAGE.items():
        if base is None:
            continue
        found, unseen = reconciled(
            brought_by(catalog.root, release, base), [change for change in changes if release in change.released_in]
        )
        for path in dict.fromkeys(sorted(finding.path for finding in found if not finding.notes)):
            yield f"the schemas of {release} bring {path}, of which no clause speaks"
        for id_, rule in sorted(unseen, key=itemgetter(1)):
            yield f"{id_} says that {release} brought {rule}; its schemas do not"


def _of_mock(changes: Sequence[Change]) -> Iterator[str]:
    known, asked = {change.id for change in changes if not change.file.is_baseline}, switches()
    yield from (f"the mock never asks whether its site has {id_}" for id_ in sorted(known - asked.keys()))
    yield from (f"the mock asks for {id_}, which no case file documents" for id_ in sorted(asked.keys() - known))


@cache
def brought_by(root: Path, release: Version, base: Version) -> Sequence[Finding]:
    """Return what the schemas of a release, below ``root``, say otherwise than those it grew from."""
    return findings_between(of_release(base, root), of_release(release, root))


def _rules(change: Change, clause: str, catalog: SchemaCatalog) -> Iterator[tuple[str, str]]:
    """Yield the rules of the schemas that a clause speaks of, each with its place in the release that brought it."""
    base = LINEAGE[change.since]
    found = brought_by(catalog.root, change.since, base) if base else ()
    for rule, clauses in change.file.schema_rules.items():
        if clause in clauses:
            sides = (finding.after or finding.before for finding in found if rule in finding.names)
            yield rule, next((side.place.short for side in sides if side), "")


@cache
def switches() -> Mapping[str, Sequence[str]]:
    """Return, by change, the places in the mock that ask whether a site has it."""
    found: dict[str, list[str]] = {}
    for path in sorted(Path(conformance.mock.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_bytes())
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            for asked in _asked_for(node):
                id_ = constants.get(asked.id) if isinstance(asked, ast.Name) else getattr(asked, "value", None)
                if isinstance(id_, str):
                    found.setdefault(id_, []).append(f"mock/{path.name}:{asked.lineno}")
    return found


def _asked_for(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what ``site.has(...)`` and ``@answers(..., change=...)`` ask for."""
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "has":
        yield from node.args
    if isinstance(node.func, ast.Name) and node.func.id == "answers":
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "change")
