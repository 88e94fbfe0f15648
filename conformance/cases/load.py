"""From files to planned cases. All faults of all files are told at once, each at its place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from conformance.cases.changes import change_id
from conformance.cases.check import check_change, check_fixtures, check_proofs
from conformance.cases.document import read_document
from conformance.cases.faults import parse
from conformance.cases.model import ChangeFile, Fixture, RootFile
from conformance.cases.plan import Change, PlannedCase, slug
from conformance.cases.values import resolve
from conformance.errors import CaseFault, CaseFileErrors, UserError
from conformance.resources import cases_root
from conformance.versions import Version

ROOT_FILE = "conformance.yaml"


def case_root(path: Path) -> Path | None:
    """Return the folder of case files that ``path`` lies in: the nearest with a ``conformance.yaml``."""
    return next((folder for folder in (path, *path.parents) if (folder / ROOT_FILE).is_file()), None)


def case_files(paths: Iterable[Path]) -> list[Path]:
    """Return the case files at or below ``paths``, sorted; raise UserError for a path that holds none."""
    found: set[Path] = set()
    for path in paths:
        root = case_root(path.resolve())
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
        below = [path] if path.is_file() else [*path.rglob("*.yaml")]
        files = [file for file in below if file.name != ROOT_FILE]
        if root is None or not files:
            raise UserError(f"{path}: no case files here; a folder of case files holds a {ROOT_FILE}")
        found.update(files)
    return sorted(found)


def load_changes(paths: Iterable[Path] | None = None, *, unproven: bool = False) -> list[Change]:
    """Read the case files at or below ``paths`` (default: the shipped ones).

    Raises CaseFileErrors with every fault of every file; ``unproven`` lets clauses without a case pass.
    """
    changes: list[Change] = []
    errors: list[CaseFault] = []
    for path in case_files(paths if paths is not None else [cases_root()]):
        try:
            changes.append(load_change(path, unproven=unproven))
        except CaseFileErrors as error:
            errors.extend(error.faults)
    if errors:
        raise CaseFileErrors(list(dict.fromkeys(errors)))
    return changes


def load_change(path: Path, *, unproven: bool = False) -> Change:
    """Read one case file; raise CaseFileErrors with all its faults. See load_changes for ``unproven``."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        digest = ""  # reading it tells why
    return _loaded(path, case_root(path.resolve()), digest, unproven=unproven)


@lru_cache(maxsize=1024)  # one command asks for the same files several times
def _loaded(path: Path, root: Path | None, digest: str, *, unproven: bool) -> Change:
    fixtures = {**load_fixtures(cases_root()), **(load_fixtures(root) if root else {})}
    document = read_document(path)
    file = parse(document, ChangeFile)
    found = check_change(document, file, fixtures)
    if not unproven:
        found += check_proofs(document, file)
    if found:
        raise CaseFileErrors(found)
    return Change(
        id=change_id(path),
        path=path,
        file=file,
        released_in=tuple(Version.parse(release) for release in file.released_in),
        fixtures=fixtures,
        digest=digest,
    )


@cache
def load_fixtures(root: Path) -> Mapping[str, Fixture]:
    """Read the fixtures of a folder of case files."""
    document = read_document(root / ROOT_FILE)
    file = parse(document, RootFile)
    shipped = {} if root == cases_root() else load_fixtures(cases_root())
    found = check_fixtures(document, {**shipped, **file.fixtures}, file)
    if found:
        raise CaseFileErrors(found)
    return file.fixtures


def plan(change: Change) -> list[PlannedCase]:
    """Return the cases of a change, one for each row of a table, in the order of the file."""
    planned = []
    for case in change.file.cases:
        for row in case.table or ({},):
            name = str(resolve(case.name, {"row": row}))
            planned.append(PlannedCase(f"{change.id}::{slug(name)}", change, case, row))
    return planned
