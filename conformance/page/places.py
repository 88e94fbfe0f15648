"""Places in files, as programs read them: a path without this machine's folders, a line and a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from conformance.cases.document import read_document
from conformance.cases.load import plan
from conformance.cases.plan import Change
from conformance.errors import CaseFileErrors
from conformance.resources import cases_root
from conformance.wire.pretty import printable

# ``calls.har: entry 12:14:7`` is a line of a message, not of the file.
_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?)?(?:: .*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. Lines and columns count from 1; 0 is not known."""

    path: str
    line: int = 0
    column: int = 0

    @property
    def uri(self) -> str:
        """The path as a relative reference."""
        # A first part with a colon would be taken for a scheme; quoted, it is not.
        return quote(self.path, safe="/")


def read_place(text: str, root: Path | None = None) -> Place | None:
    """Return the place that a text tells as ``file:line:column``, its path from ``root`` (default: here).

    None where it tells none.
    """
    match = _PLACE.fullmatch(text.strip())
    if match is None:
        return None
    path = _relative(match["path"], root or Path.cwd())
    return Place(path, int(match["line"] or 0), int(match["column"] or 0)) if path else None


def case_places(changes: Iterable[Change], root: Path | None = None) -> Mapping[str, Place]:
    """Return where each case stands in its file, by id; a case whose file is gone by now is left out."""
    places: dict[str, Place] = {}
    for change in changes:
        try:
            document = read_document(change.path)
        except CaseFileErrors:
            continue
        numbers = {id(case): number for number, case in enumerate(change.file.cases)}
        path = _relative(str(change.path), root or Path.cwd())
        for planned in plan(change):
            at = document.fault(("cases", numbers[id(planned.case)]), "")
            places[planned.id] = Place(path, at.line, at.column)
    return places


def _relative(text: str, root: Path) -> str:
    """Return a path from ``root``; of one that lies elsewhere, no more than its name, or its place among the cases."""
    path = Path(text)
    if path.is_absolute():
        shipped = cases_root()
        if path.is_relative_to(root):
            path = path.relative_to(root)
        elif path.is_relative_to(shipped):
            path = path.relative_to(shipped.parent)
        else:
            path = Path(path.name)
    shown = path.as_posix()
    return printable(" ".join(shown.split())) if shown != "." else ""
