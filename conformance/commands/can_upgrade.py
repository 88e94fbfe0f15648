"""``conformance can-upgrade``: can this site's integration take that version?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.commands import say
from conformance.config import find_file
from conformance.errors import UnknownName
from conformance.history.settings import resolve_place
from conformance.history.store import History
from conformance.live.settings import site_names
from conformance.page.annotations import annotations as workflow_commands
from conformance.page.outputs import write_outputs
from conformance.page.places import case_places
from conformance.page.summary import summary_json
from conformance.run.suite import MOCK
from conformance.upgrade.ask import Asked, ask
from conformance.upgrade.gather import Source, answer
from conformance.upgrade.model import Decision, DecisionCode
from conformance.upgrade.places import located
from conformance.upgrade.text import lines
from conformance.upgrade.words import listed, plain

_WIDTH = 80
_WIDEST = 120
_OUTPUTS = ("text", "json", "github")


def can_upgrade(asked: Asked, history: str | None, output: str, report: Path | None) -> DecisionCode:
    """Decide, and print the word and its reasons; the exit code is that of the word.

    ``history`` is where the runs are, as ``resolve_place`` reads it; ``report`` a folder for what programs read.
    Raises UserError for what can not be read, and for a site that nobody names.
    """
    if output not in _OUTPUTS:
        raise UnknownName("format", output, _OUTPUTS)
    question = ask(asked)
    with _history(history, asked.config) as source:
        _refuse_unknown_site(asked, source)
        decision = located(answer(source, question), question.changes)
        hint = _hint(source, decision)
    if report is not None:
        write_outputs(decision, report, question.changes)
    match output:
        case "json":
            print(summary_json(decision), end="")
        case "github":
            for line in workflow_commands(decision, case_places(question.changes)):
                print(line)
        case _:
            _print(decision, hint)
    return decision.code


def _print(decision: Decision, hint: str) -> None:
    for line, style in lines(decision, _width()):
        say(line, style)
    if hint:
        say(hint)


@contextmanager
def _history(asked: str | None, config: Path | None) -> Iterator[History | None]:
    """Open the history; None where there is none, for asking does not make one."""
    where = resolve_place(asked, config)
    if isinstance(where, Path) and not where.exists():
        yield None
        return
    with History.open(where) as history:
        yield history


def _refuse_unknown_site(asked: Asked, history: Source | None) -> None:
    """Raise UnknownName for a site that neither the settings file nor a run names, where others are named."""
    file = asked.config or find_file()
    named = {MOCK, *(site_names(file) if file else ())}
    known = named | ({run.site for run in history.runs()} if history and asked.site not in named else set())
    if asked.site not in known and known != {MOCK}:
        raise UnknownName("site", plain(asked.site), sorted(map(plain, known)))


def _hint(history: Source | None, decision: Decision) -> str:
    """Return which versions the site was held to, where it never was to the one that is asked for."""
    if history is None or decision.observed:
        return ""
    held = sorted({run.api_version for run in history.runs(site=decision.site)} - {decision.to}, reverse=True)
    return f"Runs of {plain(decision.site)} are held to {listed(map(str, held))}." if held else ""


def _width() -> int:
    return min(_WIDEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else _WIDTH
