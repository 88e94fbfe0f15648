"""``conformance mutants``: proof that the cases can fail, each for the reason that it should fail for."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from conformance.cases.load import load_changes, plan
from conformance.commands import put, say
from conformance.errors import UnknownName, UserError
from conformance.mutants.campaign import Catalogue, catalogue, try_all
from conformance.mutants.summary import Summary
from conformance.run.verdicts import ExitCode
from conformance.wire.pretty import printable

_FORMATS = ("table", "json", "html")
_WIDTH = 118
_MOST_TOLD = 40


def try_mutants(change: str, output: str, to: Path | None, jobs: int, root: Path | None = None) -> ExitCode:
    """Try all mutants, or those of one documented change, and tell what came of them.

    AS_DOCUMENTED where each is killed for its stated reason or has a reason why nobody can notice it, and each case
    kills one; else FINDINGS, or SUITE_ERROR where a mutant made the suite fail. ``root`` is the folder of another
    catalogue. Raises UnknownName, and UserError for a fault of the catalogue or a file that can not be written.
    """
    started = time.monotonic()
    if output not in _FORMATS:
        raise UnknownName("format", output, _FORMATS)
    changes = load_changes()
    if change and change not in (known := [known.id for known in changes]):
        raise UnknownName("change", change, known)
    if jobs < 0:
        raise UserError(f"{jobs} processes are not possible; write 1 or more, or 0 for one a processor")
    what = catalogue(change, root)
    _note(_announcement(what))
    progress = _Progress()
    outcomes = try_all(what, jobs, progress.told)
    progress.clear()
    summary = Summary(outcomes, [case for one in changes for case in plan(one)], changes)
    if output == "table" and to is None:
        for line, style in _table(summary, time.monotonic() - started):
            say(printable(line), style)
    else:
        put(_rendered(summary, output, time.monotonic() - started), to)
        _note(summary.sentence)
    return summary.exit_code


def _announcement(what: Catalogue) -> str:
    parts = [f"{len(what.mutants)} mutants of the mock", f"{len(what.derived)} derived from its answers"]
    parts += [f"{len(what.suite)} of the suite itself"] if what.suite else []
    return ", ".join(parts)


def _rendered(summary: Summary, output: str, seconds: float) -> str:
    if output == "json":
        return json.dumps({"seconds": round(seconds, 1), **summary.as_json()}, indent=1, ensure_ascii=False) + "\n"
    if output == "html":
        from conformance.mutants.page import render  # noqa: PLC0415 - jinja2 is for those who want the page

        return render(summary)
    return "".join(f"{printable(line)}\n" for line, _ in _table(summary, seconds))


def _note(text: str) -> None:
    """Say something that is no part of what was asked for."""
    print(text, file=sys.stderr, flush=True)


class _Progress:
    """Counts on a terminal, in one line that is gone at the end."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def told(self, tried: int, of: int) -> None:
        if self._shown:
            print(f"\r{tried} of {of} ", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _table(summary: Summary, seconds: float) -> Iterator[tuple[str, str]]:
    """Yield the lines that people read, each with its style."""
    yield f"{'wrong in':14}{'mutants':>9}{'killed':>9}{'deviation':>11}{'equivalent':>12}{'not right':>11}", "bold"
    for row in summary.rows:
        numbers = f"{row.mutants:9}{row.killed:9}{row.as_deviation:11}{row.equivalent:12}{row.wrong:11}"
        yield f"{row.name:14}{numbers}", "red" if row.wrong else ""
    yield "", ""
    yield from _wrong(summary)
    yield from _alone(summary)
    if summary.equivalent:
        yield "Nobody can notice:", "bold"
        for outcome in summary.equivalent:
            yield f"  {outcome.id}", ""
            yield from ((line, "") for line in _wrapped(outcome.reason))
        yield "", ""
    if summary.legal:
        told = ", ".join(f"{operation} {number}" for operation, number in summary.legal.items())
        yield "Derived, legal by the schemas, and no clause speaks of it:", "bold"
        yield from ((line, "") for line in _wrapped(told))
        yield "", ""
    yield f"{summary.sentence} ({seconds:.0f} s)", "green" if summary.exit_code is ExitCode.AS_DOCUMENTED else "red"


def _wrong(summary: Summary) -> Iterator[tuple[str, str]]:
    for outcome in summary.wrong[:_MOST_TOLD]:
        yield f"{outcome.fate.upper()}: {outcome.id}", "red"
        yield from ((line, "") for line in _wrapped(f"{outcome.title} {outcome.place}"))
        if outcome.sign:
            yield from ((line, "") for line in _wrapped(f"seen: {outcome.sign}"))
    if len(summary.wrong) > _MOST_TOLD:
        yield f"and {len(summary.wrong) - _MOST_TOLD} more", "red"
    for case in summary.idle:
        yield f"KILLS NOTHING: {case}", "red"
    for change, clause in summary.unbroken:
        yield f"NEVER BROKEN: clause '{clause}' of {change}", "red"
    if summary.exit_code is not ExitCode.AS_DOCUMENTED:
        yield "", ""


def _alone(summary: Summary) -> Iterator[tuple[str, str]]:
    alone = {case: found for case, found in summary.alone.items() if found}
    if not alone:
        return
    yield "Killed by one case alone:", "bold"
    for case, found in alone.items():
        yield f"  {case}", ""
        yield from ((line, "") for line in _wrapped(", ".join(outcome.id.partition("::")[2] for outcome in found)))
    yield "", ""


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )
