"""``conformance compare``: two runs held against each other, and the answers of the two sites."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.commands import say
from conformance.compare.align import Kind
from conformance.compare.masks import RULES
from conformance.compare.model import Comparison, Move, MoveKind
from conformance.compare.payloads import Column, PayloadComparison, Row, compare_payloads
from conformance.compare.runs import comparable, compare_runs, first_failures, outcome
from conformance.compare.sources import Source, find
from conformance.history.cause import plain
from conformance.history.model import RunRecord
from conformance.report.markdown import inert
from conformance.run.verdicts import ExitCode, Verdict
from conformance.wire.pretty import printable

FORMATS = ("table", "json", "markdown")

FORMAT = 1
"""Of the JSON data; raised where something in it comes to mean something else."""

_STYLES = {
    MoveKind.BROKE: "bold red",
    MoveKind.FIXED: "green",
    MoveKind.LOST: "yellow",
    Column.UNDOCUMENTED: "bold red",
    Column.NOT_SEEN: "yellow",
}
_SHOWN_MARKDOWN = 50
"""Lines of a table in Markdown, which is for a chat or a pull request."""
_TEXT = 300


@dataclass(frozen=True, slots=True)
class _Compared:
    """All that is told."""

    comparison: Comparison
    payloads: PayloadComparison | None

    @property
    def code(self) -> ExitCode:
        code = outcome(self.comparison)
        if self.payloads is None or code is ExitCode.FINDINGS:
            return code
        if self.payloads.of(Column.UNDOCUMENTED):
            return ExitCode.FINDINGS
        return ExitCode.COULD_NOT_TELL if self.payloads.cut or not self.payloads.answers else code


def compare(a: str, b: str, history: str | None, config: Path | None, *, payloads: bool, output: str) -> ExitCode:
    """Compare run ``b`` with run ``a`` and print what differs, in one of ``FORMATS``.

    ``history`` says where runs are looked up by name; default: where ``config`` says, else ``reports/``.

    AS_DOCUMENTED where nothing broke, FINDINGS where something did or, with ``payloads``, answers differ in a way
    that nothing documents, COULD_NOT_TELL where that is not known. Raises UserError: no such run, no such file.

    As JSON an object; it only grows, and ``format`` is raised where a key comes to mean something else:

        format     1
        exit_code  as the command exits
        headline   the first line of the table
        a, b       the runs: id, name, site, started, ended (or null), api_version, planned, counts by verdict, results
        counts     how many cases by kind of move, and ``same``
        moves      objects with kind, case, change, before and after (verdicts or null), reason
        payloads   null without ``--payloads``, else answers, rows (column, changes, by, operation, kind, path,
                   before, after, count, places), not_compared, masked, cut (counts by reason), silent (changes)
    """
    one, other = find(a, b, lambda: _place(history, config))
    comparison = compare_runs(one.run, other.run, one.cases, other.cases)
    compared = _Compared(comparison, _payloads(one, other, config) if payloads else None)
    if output == "json":
        print(json.dumps(_as_json(compared), indent=2, ensure_ascii=True))
    elif output == "markdown":
        print("\n".join(_markdown(compared)))
    else:
        for line, style in _table(compared):
            say(_line(line), style)
    return compared.code


def list_rules() -> ExitCode:
    """Print the rules by which values of two answers are taken for the same."""
    for rule in RULES:
        say(f"{rule.name:<9} {rule.says}")
    return ExitCode.AS_DOCUMENTED


def _place(history: str | None, config: Path | None) -> str | Path:
    from conformance.history.settings import resolve_place  # noqa: PLC0415 - two files need no database

    return resolve_place(history, config)


def _payloads(one: Source, other: Source, config: Path | None) -> PayloadComparison:
    from conformance.cases.load import load_changes  # noqa: PLC0415 - only this needs the case files and the schemas
    from conformance.schema.catalog import SchemaCatalog  # noqa: PLC0415

    return compare_payloads(one.recorded(), other.recorded(), load_changes(), SchemaCatalog(config=config))


def _headline(compared: _Compared) -> str:
    comparison, payloads = compared.comparison, compared.payloads
    if broke := comparison.of(MoveKind.BROKE):
        changes = len({move.change for move in broke})
        return f"SOMETHING BROKE: {_counted(len(broke), 'case')} of {_counted(changes, 'documented change')}"
    if payloads is not None and (rows := payloads.of(Column.UNDOCUMENTED)):
        return f"UNDOCUMENTED: {_counted(len(rows), 'difference')} between the answers that nothing documents"
    if compared.code is ExitCode.COULD_NOT_TELL:
        return f"COULD NOT TELL: {'; '.join(_untold(compared))}"
    return f"NOTHING BROKE: {comparison.same} of {comparison.same + len(comparison.moves)} cases as they were"


def _untold(compared: _Compared) -> Iterator[str]:
    comparison = compared.comparison
    for name, run in (("A", comparison.a), ("B", comparison.b)):
        ran = sum(run.counts.values())
        if run.void:
            yield f"run {name} met a defect of the suite"
        elif not run.complete:
            yield f"run {name} did not end: {ran} of {_counted(run.planned, 'case')}"
    if not comparable(comparison):
        yield "no case is the same in both runs"
    if lost := comparison.of(MoveKind.LOST):
        yield f"{_counted(len(lost), 'case')} can not be told any more"
    if first := first_failures(comparison):
        yield f"{_counted(len(first), 'case')} of which nothing was known before do not hold"
    if compared.payloads is not None and not compared.payloads.answers:
        yield "no answers could be compared"
    if compared.payloads is not None and compared.payloads.cut:
        yield f"{_counted(compared.payloads.cut.total(), 'answer')} could only be compared in part"


def _table(compared: _Compared) -> Iterator[tuple[str, str]]:
    comparison = compared.comparison
    yield _headline(compared), "bold"
    yield f"  A: {_run(comparison.a)}", ""
    yield f"  B: {_run(comparison.b)}", ""
    yield f"  {_counts(comparison)}", ""
    for kind in MoveKind:
        moves = _shown(comparison, kind)
        if moves:
            yield "", ""
            yield f"{kind.value.upper()} ({len(comparison.of(kind))})", _STYLES.get(kind, "bold")
        for alike in _grouped(moves):
            change, reason = alike[0].change, alike[0].reason
            yield f"  {change}{f': {reason}' if reason else ''}", ""
            yield from ((f"      {_verdicts(move)}  {move.case.removeprefix(f'{change}::')}", "") for move in alike)
        if hidden := len(comparison.of(kind)) - len(moves):
            yield f"  and {hidden} more of another text that came to the same verdict", ""
    if compared.payloads is not None:
        yield from _payload_table(compared.payloads)


def _shown(comparison: Comparison, kind: MoveKind) -> list[Move]:
    """Return the moves that are listed: of other texts, those that came to the same verdict are only counted."""
    moves = comparison.of(kind)
    if kind is MoveKind.CHANGED and any(move.before is not move.after for move in moves):
        return [move for move in moves if move.before is not move.after]
    return moves[:1] if kind is MoveKind.CHANGED else moves


def _grouped(moves: Sequence[Move]) -> list[list[Move]]:
    """Return moves by change and reason: a cause is told once, with the values of the first case that has it."""
    groups: dict[tuple[str, str], list[Move]] = {}
    for move in moves:
        groups.setdefault((move.change, plain(move.reason)), []).append(move)
    return list(groups.values())


def _payload_table(payloads: PayloadComparison) -> Iterator[tuple[str, str]]:
    yield "", ""
    rows = {column: payloads.of(column) for column in Column}
    counts = ", ".join(f"{len(rows[column])} {column.value}" for column in Column)
    yield f"ANSWERS ({payloads.answers} pairs compared): {counts}", "bold"
    for column in Column:
        if rows[column]:
            yield "", ""
            yield f"{column.value.upper()} ({len(rows[column])})", _STYLES.get(column, "bold")
        for row in rows[column]:
            yield from _payload_row(row)
    notes = list(_notes(payloads))
    if notes:
        yield "", ""
    yield from ((f"note: {note}", "") for note in notes)


def _payload_row(row: Row) -> Iterator[tuple[str, str]]:
    yield f"  {_difference(row)}", ""
    if row.changes:
        why = "" if row.by == "case" else f" (by {row.by})" if row.by != "consequence" else " (as a consequence)"
        yield f"      {', '.join(row.changes)}{why}, {_counted(row.count, 'answer')}", ""
    else:
        yield f"      nothing between the two versions documents it, {_counted(row.count, 'answer')}", ""
    yield f"      at {row.places[0]}", ""


def _difference(row: Row) -> str:
    path = row.path.removeprefix("serv:body/").removeprefix("serv:bodyContent/")
    what = f"{row.operation or 'an answer'}: {row.kind or 'not seen'}, {path}"
    if row.kind == Kind.ADDED:
        return f"{what}: {_value(row.after)}"
    if row.kind == Kind.REMOVED:
        return f"{what}: was {_value(row.before)}"
    return f"{what}: {_value(row.before)} -> {_value(row.after)}"


def _value(text: str) -> str:
    return f"'{text}'" if not text.strip() else text


def _notes(payloads: PayloadComparison) -> Iterator[str]:
    for reason, count in payloads.not_compared.most_common():
        yield f"not compared: {count}: {reason}"
    for reason, count in payloads.cut.most_common():
        yield f"compared in part: {_counted(count, 'answer')}: {reason}"
    if payloads.masked:
        masked = ", ".join(f"{count} {rule}" for rule, count in payloads.masked.most_common())
        yield f"taken for the same by rule: {masked}; --rules tells what each rule is"
    for change in payloads.silent:
        yield f"{change}: no answer of these cases was to show it, and none did"


def _run(run: RunRecord) -> str:
    ran = sum(run.counts.values())
    end = "" if run.ended else ", did not end"
    really = f", really {run.mock_version}" if run.mock_version not in ("", str(run.api_version)) else ""
    return f"{run.name}  {run.site}, held to {run.api_version}{really}, {ran} of {run.planned} cases{end}"


def _counts(comparison: Comparison) -> str:
    counts = [f"{len(comparison.of(kind))} {kind.value}" for kind in MoveKind]
    new = (*comparison.of(MoveKind.ADDED), *comparison.of(MoveKind.CHANGED))
    failing = sum(move.after is Verdict.FAIL for move in new)
    told = f"; of the added and changed {failing} fail" if failing else ""
    return f"{', '.join(counts)}; {comparison.same} as they were{told}"


def _verdicts(move: Move) -> str:
    if move.before is None:
        return str(move.after)
    if move.after is None:
        return f"was {move.before}"
    return f"{move.before} -> {move.after}"


def _markdown(compared: _Compared) -> Iterator[str]:
    comparison = compared.comparison
    yield f"## {inert(_headline(compared))}"
    yield ""
    yield f"- A: {inert(_run(comparison.a))}"
    yield f"- B: {inert(_run(comparison.b))}"
    yield f"- {inert(_counts(comparison))}"
    moves = [move for kind in MoveKind for move in _shown(comparison, kind)]
    if moves:
        yield from ("", "| what | case | verdict | why |", "|---|---|---|---|")
    for move in moves[:_SHOWN_MARKDOWN]:
        yield f"| {move.kind.value} | {inert(move.case)} | {inert(_verdicts(move))} | {inert(move.reason)} |"
    yield from _more(len(moves))
    if compared.payloads is None:
        return
    rows = compared.payloads.rows
    if rows:
        yield from ("", "| | difference | documented by | answers |", "|---|---|---|---|")
    for row in rows[:_SHOWN_MARKDOWN]:
        by = inert(", ".join(row.changes)) or "nothing"
        yield f"| {row.column.value} | {inert(_difference(row))} | {by} | {row.count} |"
    yield from _more(len(rows))
    yield ""
    yield f"{compared.payloads.answers} pairs of answers compared"
    yield from (f"- {inert(note)}" for note in _notes(compared.payloads))


def _more(count: int) -> Iterator[str]:
    if count > _SHOWN_MARKDOWN:
        yield ""
        yield f"and {count - _SHOWN_MARKDOWN} more"


def _as_json(compared: _Compared) -> dict[str, Any]:
    comparison, payloads = compared.comparison, compared.payloads
    return {
        "format": FORMAT,
        "exit_code": int(compared.code),
        "headline": _headline(compared),
        "a": _run_as_json(comparison.a),
        "b": _run_as_json(comparison.b),
        "counts": {kind.value: len(comparison.of(kind)) for kind in MoveKind} | {"same": comparison.same},
        "moves": [
            {
                "kind": move.kind.value,
                "case": move.case,
                "change": move.change,
                "before": move.before and move.before.value,
                "after": move.after and move.after.value,
                "reason": move.reason,
            }
            for move in comparison.moves
        ],
        "payloads": None if payloads is None else _payloads_as_json(payloads),
    }


def _run_as_json(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "site": run.site,
        "started": run.started.isoformat(),
        "ended": run.ended and run.ended.isoformat(),
        "api_version": str(run.api_version),
        "planned": run.planned,
        "counts": {verdict.value: count for verdict, count in run.counts.items()},
        "results": run.results,
    }


def _payloads_as_json(payloads: PayloadComparison) -> dict[str, Any]:
    return {
        "answers": payloads.answers,
        "rows": [
            {
                "column": row.column.value,
                "changes": list(row.changes),
                "by": row.by,
                "operation": row.operation,
                "kind": row.kind,
                "path": row.path,
                "before": row.before,
                "after": row.after,
                "count": row.count,
                "places": list(row.places),
            }
            for row in payloads.rows
        ],
        "not_compared": dict(payloads.not_compared),
        "masked": dict(payloads.masked),
        "cut": dict(payloads.cut),
        "silent": list(payloads.silent),
    }


def _line(text: str) -> str:
    shown = printable(text).replace("\n", " ").replace("\t", " ")
    return shown if len(shown) <= _TEXT else f"{shown[: _TEXT - 3]}..."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
