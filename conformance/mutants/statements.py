"""The statements of each clause side by side: its cases, its rule in the schemas, its switch in the mock, its mutants.

Schemas, mock and cases say the same notes, each by itself. Here they are laid beside each other, so that where one
says more or less than the others is seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import conformance.mock
from conformance.cases.plan import Change, PlannedCase
from conformance.mutants.load import Mutant
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.evidence import Place
from conformance.versions import LINEAGE, Version
from conformance.wire.names import OPERATIONS, prefixed


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
        carried = [change for change in changes if release in change.released_in]
        named = {rule: change.id for change in carried for rule in change.file.schema_rules}
        brought = brought_by(catalog, release, base)
        for rule in sorted(brought - named.keys()):
            yield f"the schemas of {release} bring {rule}, of which no clause speaks"
        for rule in sorted(named.keys() - brought):
            yield f"{named[rule]} says that {release} brought {rule}; its schemas do not"


def _of_mock(changes: Sequence[Change]) -> Iterator[str]:
    known, asked = {change.id for change in changes}, switches()
    yield from (f"the mock never asks whether its site has {id_}" for id_ in sorted(known - asked.keys()))
    yield from (f"the mock asks for {id_}, which no case file documents" for id_ in sorted(asked.keys() - known))


def brought_by(catalog: SchemaCatalog, release: Version, base: Version) -> set[str]:
    """Return what the schemas of a release say otherwise than those it grew from.

    That are elements, as ``use:createUser/isHTMLEmail``, that are new, gone, or may stand there more or less often, and
    operations, by the types of their requests and answers.
    """
    new, old = catalog.at(release), catalog.at(base)
    types = {f"{{{op.namespace}}}{name}" for op in OPERATIONS.values() for name in (op.request_type, op.response_type)}
    found = {prefixed(name) for name in types if name in new.model.types and name not in old.model.types}
    for name in new.model.types.keys() & old.model.types.keys():
        found |= {f"{prefixed(name)}/{child}" for child in _differing(new, old, name)}
    return found


def _differing(new: SchemaSet, old: SchemaSet, type_: str) -> Iterator[str]:
    mine, theirs = (
        {name: (p.least, p.most, p.type) for name, (_, p) in schemas.model.children(schemas.model.types[type_]).items()}
        for schemas in (new, old)
    )
    yield from (name.rpartition("}")[2] for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


def _rules(change: Change, clause: str, catalog: SchemaCatalog) -> Iterator[tuple[str, str]]:
    schemas = catalog.at(change.since)
    for rule, clauses in change.file.schema_rules.items():
        if clause in clauses:
            place = _place(schemas, rule)
            yield rule, place.short if place else ""


def _place(schemas: SchemaSet, rule: str) -> Place | None:
    type_, _, child = rule.partition("/")
    model = next((model for name, model in schemas.model.types.items() if prefixed(name) == type_), None)
    if model is None or not child:
        return model.place if model else None
    return next(
        (p.place for name, (_, p) in schemas.model.children(model).items() if name.rpartition("}")[2] == child), None
    )


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
