"""Beside the reports of a run: its place in the history, and the answer to whether its version can be taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.errors import UserError

if TYPE_CHECKING:
    from conformance.cases.plan import Change, PlannedCase
    from conformance.history.store import History
    from conformance.history.writer import HistoryWriter
    from conformance.report.stream import Writer
    from conformance.run.suite import RunOptions
    from conformance.upgrade.model import Decision
    from conformance.upgrade.question import Question


@dataclass(slots=True)
class Readiness:
    """What is prepared before a run, so that its end can not fail for what was wrong at its beginning."""

    folder: Path
    question: Question
    place: str | Path
    """Where the history is."""
    history: History | None = None
    writer: HistoryWriter | None = None
    decision: Decision | None = None
    trouble: str = ""
    """Why the run is not in the history, or its readiness is not told; empty where they are."""


READINESS = pytest.StashKey[Readiness]()


def prepare(config: pytest.Config, options: RunOptions, cases: Iterable[PlannedCase]) -> None:
    """Read what the decision depends on, before anything is sent; where no reports are written, nothing is done.

    Raises UserError for files that are wrong.
    """
    folder: Path | None = config.getoption("--conformance-report")
    if folder is None:
        return
    from conformance.history.settings import resolve_place
    from conformance.upgrade.ask import Asked, ask

    asked = Asked(to=options.api_version, site=options.site, config=options.config, schemas=options.schemas)
    question = ask(asked, _whole(cases))
    place = resolve_place(config.getoption("--conformance-history"), options.config, reports=folder.parent)
    config.stash[READINESS] = Readiness(folder, question, place)


def history_writers(config: pytest.Config) -> list[Writer]:
    """Open the history and return the writer that stores the run there.

    A history that can not be reached is told at the end: no night is lost for it.
    """
    readiness = config.stash.get(READINESS, None)
    if readiness is None:
        return []
    from conformance.history.store import History

    try:
        readiness.history = History.open(readiness.place)
    except UserError as error:
        later = f"conformance history import {readiness.folder}"
        readiness.trouble = f"the run is not in the history: {error}; later: {later}"
        return []
    readiness.writer = readiness.history.writer(readiness.folder / "results.jsonl")
    return [readiness.writer]


def page_name(config: pytest.Config) -> str:
    """Return the name of the page that will be written beside the reports; empty where none will."""
    readiness = config.stash.get(READINESS, None)
    if readiness is None or readiness.history is None:
        return ""
    from conformance.page.readiness import FILE

    return FILE


def conclude(config: pytest.Config) -> None:
    """Decide by what the history holds now, and write the page and the files for programs."""
    readiness = config.stash.get(READINESS, None)
    if readiness is None:
        return
    if readiness.history is not None:
        html = getattr(config.option, "htmlpath", None)
        report = Path(html).name if html and Path(html).parent == readiness.folder else ""
        try:
            _decide(readiness, readiness.history, report)
        except (UserError, OSError) as error:
            readiness.trouble = f"readiness is not told: {error}"
        finally:
            readiness.history.close()
    config.hook.pytest_conformance_decided(
        config=config, decision=readiness.decision, folder=readiness.folder, trouble=readiness.trouble
    )


def _decide(readiness: Readiness, history: History, report: str) -> None:
    from conformance.page.gather import make_readiness
    from conformance.page.outputs import write_outputs
    from conformance.upgrade.gather import answer
    from conformance.upgrade.places import located

    if readiness.writer is not None and readiness.writer.trouble:
        readiness.trouble = f"the run is not whole in the history: {readiness.writer.trouble}"
    question = replace(readiness.question, now=datetime.now(UTC))
    decision = located(answer(history, question), question.changes)
    make_readiness(history, readiness.folder, decision, question.changes, report=report)
    write_outputs(decision, readiness.folder, question.changes)
    readiness.decision = decision


def _whole(cases: Iterable[PlannedCase]) -> list[Change]:
    """Return all changes of the folders that the cases come from: what was not selected counts all the same."""
    from conformance.cases.load import case_files, case_root, load_change

    known = {case.change.path.resolve(): case.change for case in cases}
    roots = {root for path in known if (root := case_root(path))}
    return [known.get(path.resolve()) or load_change(path) for root in sorted(roots) for path in case_files([root])]
