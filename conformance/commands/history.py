"""``conformance history``: what is known of the runs so far."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.commands import say
from conformance.errors import UnknownName, UserError
from conformance.history.letters import BROKEN, HOLDS, LETTERS
from conformance.history.model import CaseRecord, FlakyCase, Imported, RunRecord
from conformance.history.place import place_of
from conformance.history.settings import load_settings, resolve_place
from conformance.history.store import History
from conformance.report.stream import HEADLINES
from conformance.run.verdicts import ExitCode, Verdict
from conformance.wire.pretty import printable

FORMATS = ("table", "json")
LIMIT = 20
_FLAKY_RUNS = 30
_STYLES: Mapping[str, str] = {"AS DOCUMENTED": "green", "NOT AS DOCUMENTED": "red", "RUN VOID": "red"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which history, and what of it."""

    where: str | None = None
    config: Path | None = None
    site: str = ""
    limit: int = LIMIT
    output: str = "table"


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which a case was broken at a site."""

    site: str
    side: str
    first: RunRecord
    fixed: RunRecord | None
    """The run in which it was first seen to hold again; None where it is still broken."""
    runs: int
    """In how many runs it was seen broken."""


def list_runs(asked: Asked) -> ExitCode:
    """List the last runs, newest first.

    As JSON a list of objects, one for each run: the fields of ``RunRecord``, and ``complete`` and ``word``.
    """
    with _existing(asked) as history:
        runs = history.runs(site=asked.site, limit=asked.limit)
        if asked.output == "json":
            _print_json([run_json(run) for run in runs])
        elif not runs:
            say(f"{history.where}: no run{f' of {printable(asked.site)}' if asked.site else ''} is there yet")
        else:
            _print_runs(runs)
    return ExitCode.AS_DOCUMENTED


def show_case(case: str, asked: Asked) -> ExitCode:
    """Show what each run made of a case, since when it was broken, and when it was fixed.

    As JSON an object with ``case``, ``broken`` (a list with site, side, since, fixed and runs) and ``runs`` (a list
    with the run, and the fields of ``CaseRecord``), newest first. Raises UnknownName.
    """
    with _existing(asked) as history:
        told = history.case_history(case, site=asked.site)
        if not told:
            raise UnknownName("case", printable(case), history.case_ids())
    broken = list(spells(told))
    shown = told[: asked.limit] if asked.limit > 0 else told
    if asked.output == "json":
        _print_json(
            {
                "case": case,
                "broken": [_spell_json(spell) for spell in broken],
                "runs": [
                    {**_plain(asdict(one)), "name": run.name, "started": run.started.isoformat(), "site": run.site}
                    for run, one in shown
                ],
            }
        )
    else:
        _print_case(case, told, shown, broken)
    return ExitCode.AS_DOCUMENTED


def show_flaky(asked: Asked) -> ExitCode:
    """Show which cases came to another end and back again within the last 30 runs of each site.

    As JSON a list of objects: ``site`` and the fields of ``FlakyCase``.
    """
    with _existing(asked) as history:
        sites = [asked.site] if asked.site else sorted({run.site for run in history.runs()})
        found = [(site, case) for site in sites for case in history.flaky(site, runs=_FLAKY_RUNS)]
    shown = found[: asked.limit] if asked.limit > 0 else found
    if asked.output == "json":
        _print_json([{"site": site, **asdict(case)} for site, case in shown])
        return ExitCode.AS_DOCUMENTED
    for site, case in shown:
        say(_one_line(f"{case.case}  on {site}"), "bold")
        say(f"  {_flips(case)}")
        say(f"  {case.strip.strip()}")
    say(f"{_counted(len(found), 'case')} did not come to the same end each time in the last {_FLAKY_RUNS} runs")
    return ExitCode.AS_DOCUMENTED


def import_files(files: Sequence[Path], asked: Asked) -> ExitCode:
    """Take runs from results.jsonl files or report folders. Raises UserError with a line for each that is wrong."""
    faults = []
    with History.open(resolve_place(asked.where, asked.config)) as history:
        for file in files:
            try:
                say(_import_told(history.import_results(file)))
            except UserError as error:
                faults.append(_one_line(str(error)))
    if faults:
        raise UserError("\n".join(faults))
    return ExitCode.AS_DOCUMENTED


def prune_runs(keep_days: int | None, keep_runs: int | None, asked: Asked) -> ExitCode:
    """Forget old runs, and say which; without a limit given, by that of the settings file. Raises UserError."""
    if keep_days is None and keep_runs is None:
        keep_days = load_settings(asked.config)[0].keep_days
        if keep_days is None:
            raise UserError("nothing says how long runs are kept; give --keep-days N or --keep-runs N")
    with _existing(asked) as history:
        gone = history.prune(keep_days=keep_days, keep_runs=keep_runs)
        for run in gone:
            say(_one_line(f"removed {run.name} of {run.site}"))
        say(f"{_counted(len(gone), 'run')} removed, {_counted(len(history.runs()), 'run')} kept")
    return ExitCode.AS_DOCUMENTED


def spells(told: Sequence[tuple[RunRecord, CaseRecord]]) -> Iterator[Spell]:
    """Yield each time in which a case was broken, by site and side, the oldest first. ``told`` is newest first.

    Runs that could not tell do not end such a time.
    """
    for site, side in sorted({(run.site, case.side) for run, case in told}):
        first, seen = None, 0
        for run, case in reversed(told):
            if (run.site, case.side) != (site, side):
                continue
            if case.verdict in BROKEN:
                first, seen = first or run, seen + 1
            elif case.verdict in HOLDS and first:
                yield Spell(site, side, first, run, seen)
                first, seen = None, 0
        if first:
            yield Spell(site, side, first, None, seen)


def word(run: RunRecord) -> str:
    """Return what a run came to, in the words of the reports."""
    if run.ended is None:
        return "DID NOT END"
    return HEADLINES.get(ExitCode(run.exit_code), "") if run.exit_code in set(ExitCode) else ""


def run_json(run: RunRecord) -> Mapping[str, Any]:
    """Return a run as JSON data."""
    return {**_plain(asdict(run)), "api_version": str(run.api_version), "complete": run.complete, "word": word(run)}


def _existing(asked: Asked) -> History:
    """Open a history that is there; looking at one does not make it. Raises UserError."""
    if asked.output not in FORMATS:
        raise UnknownName("format", asked.output, list(FORMATS))
    where = resolve_place(asked.where, asked.config)
    place = place_of(where)
    if place.embedded and not Path(str(place.url.database)).exists():
        raise UserError(f"{place.shown}: there is no history yet; a run writes it, or conformance history import")
    return History.open(where)


def _print_runs(runs: Sequence[RunRecord]) -> None:
    head = ("started", "site", "held to", "behaves as", "cases", "word")
    rows = [
        (moment(run.started), run.site, str(run.api_version), run.behaves_as or "?", _letters(run), _ending(run))
        for run in runs
    ]
    texts = [tuple(map(_one_line, row)) for row in (head, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for row, run in zip(texts, (None, *runs), strict=True):
        line = "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        say(line, _STYLES.get(word(run), "yellow") if run else "bold")


def _letters(run: RunRecord) -> str:
    told = [f"{LETTERS[verdict]}{run.counts[verdict]}" for verdict in reversed(Verdict) if run.counts.get(verdict)]
    return " ".join(told) or "none"


def _ending(run: RunRecord) -> str:
    if run.complete:
        return word(run)
    return f"{word(run)}, {sum(run.counts.values())} of {run.planned} cases"


def _print_case(
    case: str,
    told: Sequence[tuple[RunRecord, CaseRecord]],
    shown: Sequence[tuple[RunRecord, CaseRecord]],
    broken: Sequence[Spell],
) -> None:
    say(_one_line(case), "bold")
    for site in sorted({run.site for run, _ in told}):
        strip = "".join(LETTERS[one.verdict] for run, one in reversed(told) if run.site == site)
        say(_one_line(f"  {strip}  on {site}, oldest first"))
    for spell in broken:
        say(_one_line(f"  {_spell_told(spell)}"), "red" if spell.fixed is None else "")
    if not broken:
        say("  never seen broken")
    for run, one in shown:
        held = f"held to {run.api_version}" + (" (before the change)" if one.side == "before" else "")
        line = f"  {moment(run.started)}  {run.site}  {held}  {one.verdict.replace('_', ' ')}"
        say(_one_line(f"{line}  {one.waiver or one.reason}".rstrip()))


def _spell_told(spell: Spell) -> str:
    side = " of the time before the change" if spell.side == "before" else ""
    held = f"on {spell.site}{side}: first seen broken {moment(spell.first.started)}, in {_counted(spell.runs, 'run')}"
    return f"{held}, fixed {moment(spell.fixed.started)}" if spell.fixed else f"{held}, not fixed since"


def _spell_json(spell: Spell) -> Mapping[str, Any]:
    return {
        "site": spell.site,
        "side": spell.side,
        "since": spell.first.started.isoformat(),
        "fixed": spell.fixed.started.isoformat() if spell.fixed else None,
        "runs": spell.runs,
    }


def _import_told(imported: Imported) -> str:
    if imported.already:
        what = "already there"
    else:
        what = f"{_counted(imported.cases, 'case')} imported"
        what += "" if imported.ended else ", of a run that did not end"
    return _one_line(f"{imported.path}: run {imported.name}: {what}")


def _flips(case: FlakyCase) -> str:
    told = f"{_counted(case.flips, 'flip')} in {_counted(case.runs, 'run')}, {case.flipped} of them within a run"
    more = f"; could not be told {case.untold} times" if case.untold else ""
    return told + more + (f"; requests were sent again in {_counted(case.retried, 'run')}" if case.retried else "")


def moment(time: datetime) -> str:
    """Return a time as people write it."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _print_json(data: Any) -> None:
    say(json.dumps(data, indent=2, ensure_ascii=True, default=str))


def _one_line(text: str) -> str:
    return printable(text).replace("\n", " ").replace("\t", " ")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
