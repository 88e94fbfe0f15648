"""``conformance changes``: what the provider documented, and which cases prove it."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from conformance.cases.load import load_changes, plan
from conformance.cases.model import Clause
from conformance.cases.plan import Change, PlannedCase
from conformance.commands import say
from conformance.run.verdicts import ExitCode

_WIDTH = 80
_WIDEST = 120

Proofs = Mapping[str, Sequence[PlannedCase]]
"""The cases that prove each clause of a change, in the order of the file."""


def list_changes(paths: Sequence[Path] | None, output: Literal["table", "json"]) -> ExitCode:
    """List the changes documented at or below ``paths`` (none: the shipped ones), oldest first.

    FINDINGS where a clause has no case. Raises CaseFileErrors for any other fault of a file.

    As JSON a list of objects, one for each change:

        id           "40.4.3/createuser-html-email"
        title        the change in one sentence
        kind         what sort of change it is, as "request element added"
        released_in  the releases that carry it, newest first: ["40.4.3", "40.2.4"]
        operations   the operations that it touches: ["CreateUser"]
        source       where it is documented
        file         path of its case file
        clauses      objects with id, says, assumed (what the notes leave open, else "") and cases: the ids of the
                     cases that prove the clause, as "40.4.3/createuser-html-email::a-welcome-in-plain-text"
    """
    changes = sorted(load_changes(paths, unproven=True), key=lambda change: (change.since, change.id))
    listed = [(change, _proofs(change)) for change in changes]
    if output == "json":
        print(json.dumps([_as_json(change, proofs) for change, proofs in listed], indent=2, ensure_ascii=False))
    else:
        _print_table(listed)
    return ExitCode.FINDINGS if any(_unproven(proofs) for _, proofs in listed) else ExitCode.AS_DOCUMENTED


def _proofs(change: Change) -> Proofs:
    planned = plan(change)
    return {clause: [case for case in planned if clause in case.case.proves] for clause in change.file.clauses}


def _unproven(proofs: Proofs) -> list[str]:
    return [clause for clause, cases in proofs.items() if not cases]


def _releases(change: Change) -> list[str]:
    return [str(release) for release in sorted(change.released_in, reverse=True)]


def _as_json(change: Change, proofs: Proofs) -> Mapping[str, Any]:
    file = change.file
    return {
        "id": change.id,
        "title": file.change,
        "kind": file.kind,
        "released_in": _releases(change),
        "operations": list(file.operations),
        "source": file.source,
        "file": str(change.path),
        "clauses": [
            {"id": id_, "says": clause.says, "assumed": clause.assumed, "cases": [case.id for case in proofs[id_]]}
            for id_, clause in file.clauses.items()
        ],
    }


def _print_table(listed: Sequence[tuple[Change, Proofs]]) -> None:
    width = min(_WIDEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else _WIDTH
    for change, proofs in listed:
        for line in _wrapped(f"{change.id}: {change.file.change}", width, "", "  "):
            say(line, "bold")
        since = "at every release" if change.file.is_baseline else f"released in {', '.join(_releases(change))}"
        carried = f"{since}; {', '.join(change.file.operations)}"
        for line in _wrapped(carried, width, "  ", "  "):
            say(line, "cyan")
        for id_, clause in change.file.clauses.items():
            for line in _clause(id_, clause, proofs[id_], width):
                say(line, "" if proofs[id_] else "red")
        say()
    _print_totals(listed)


def _clause(id_: str, clause: Clause, cases: Sequence[PlannedCase], width: int) -> Iterator[str]:
    number = _counted(len(cases), "case") if cases else "NO CASE"
    yield from _wrapped(f"{id_} ({number}): {clause.says}", width, "  ", "    ")
    if clause.assumed:
        yield from _wrapped(f"assumed: {clause.assumed}", width, "    ", "    ")
    if cases:
        yield from _wrapped(", ".join(case.slug for case in cases), width, "      ", "      ")


def _print_totals(listed: Sequence[tuple[Change, Proofs]]) -> None:
    clauses = sum(len(proofs) for _, proofs in listed)
    cases = len({case.id for _, proofs in listed for proving in proofs.values() for case in proving})
    parts = sum(change.file.is_baseline for change, _ in listed)
    baseline = f"{_counted(parts, 'part')} of the baseline, " if parts else ""
    changes = _counted(len(listed) - parts, "change")
    say(f"{changes}, {baseline}{_counted(clauses, 'clause')}, {_counted(cases, 'case')}")
    for change, proofs in listed:
        for clause in _unproven(proofs):
            say(f"no case proves clause '{clause}' of {change.id}", "red")


def _wrapped(text: str, width: int, first: str, further: str) -> list[str]:
    # Names are never broken: they are searched for and copied.
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
