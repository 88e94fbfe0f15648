"""``conformance changes --links``: what cases, schemas, mock and mutants state of each clause, side by side."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Literal

from conformance.cases.load import load_changes, plan
from conformance.commands import say
from conformance.mutants.load import load_mutants
from conformance.mutants.statements import Statement, disagreements, statements
from conformance.run.verdicts import ExitCode
from conformance.schema.catalog import SchemaCatalog

_WIDTH = 118


def list_links(paths: Sequence[Path] | None, output: Literal["table", "json"]) -> ExitCode:
    """List the clauses of the changes at or below ``paths`` (none: the shipped ones) with all that is stated of them.

    FINDINGS where the statements disagree, of which the shipped changes alone are asked: others have no mock. As JSON
    an object with ``clauses`` (the fields of a Statement) and ``disagreements`` (one line each). Raises CaseFileErrors
    for faults of files.
    """
    catalog = SchemaCatalog()
    shipped = load_changes()
    mutants = load_mutants(shipped, [case for change in shipped for case in plan(change)])
    changes = load_changes(paths) if paths else shipped
    stated = statements(changes, [case for change in changes for case in plan(change)], mutants, catalog)
    disagreeing = [] if paths else disagreements(changes, stated, catalog)
    if output == "json":
        told = {"clauses": [asdict(one) for one in stated], "disagreements": disagreeing}
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for change, clauses in groupby(stated, key=lambda one: one.change):
            say(change, "bold")
            for one in clauses:
                for line in _lines(one):
                    say(line)
            say()
        for line in disagreeing:
            say(f"DISAGREE: {line}", "red")
        say(f"{len(stated)} clauses, {len(disagreeing) or 'no'} disagreements")
    return ExitCode.FINDINGS if disagreeing else ExitCode.AS_DOCUMENTED


def _lines(one: Statement) -> Iterator[str]:
    yield from _wrapped(f"{one.clause}: {one.says}", "  ")
    if one.assumed:
        yield from _wrapped(f"assumed: {one.assumed}", "    ")
    yield from _wrapped(f"cases    {', '.join(id_.partition('::')[2] for id_ in one.cases)}", "    ")
    rules = ", ".join(f"{rule} ({place})" for rule, place in one.rules)
    yield from _wrapped(f"schemas  {rules or 'no schema rule'}", "    ")
    yield from _wrapped(f"mock     {', '.join(one.switches)}", "    ")
    yield from _wrapped(f"mutants  {', '.join(id_.partition('::')[2] for id_ in one.mutants)}", "    ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}         ",
        break_long_words=False,
        break_on_hyphens=False,
    )
