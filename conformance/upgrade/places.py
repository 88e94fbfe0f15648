"""Where the cases of a reason stand in their files, so that an editor opens them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from conformance.cases.document import Document, read_document
from conformance.cases.load import plan
from conformance.cases.plan import Change
from conformance.errors import CaseFileErrors
from conformance.upgrade.model import Decision, Reason
from conformance.upgrade.words import file_of, plain


def located(decision: Decision, changes: Sequence[Change]) -> Decision:
    """Return the decision with the place of each reason's first case as ``file:line:column``.

    A file that can not be read any more keeps its name alone.
    """
    files = {change.id: change for change in changes}
    documents = cache(_document)

    def place(reason: Reason) -> Reason:
        change = files.get(reason.change)
        if change is None or reason.place != file_of(change):
            return reason
        document = documents(change.path)
        return replace(reason, place=_place(document, change, reason.cases)) if document else reason

    return replace(decision, reasons=[place(reason) for reason in decision.reasons])


def _document(path: Path) -> Document | None:
    try:
        return read_document(path)
    except CaseFileErrors:
        return None


def _place(document: Document, change: Change, cases: Sequence[str]) -> str:
    """Return the place of the first of these cases, else that of the change."""
    numbers = {case.id: change.file.cases.index(case.case) for case in plan(change)}
    number = numbers.get(cases[0]) if cases else None
    at = document.fault(() if number is None else ("cases", number), "")
    return f"{_from_here(change)}:{at.line}:{at.column}"


def _from_here(change: Change) -> str:
    """Return the file as it is written in the folder that the command was called in."""
    path, here = change.path.absolute(), Path.cwd()
    return plain(path.relative_to(here).as_posix()) if path.is_relative_to(here) else file_of(change)
