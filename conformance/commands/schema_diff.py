"""``conformance schema-diff``: what is another way on the wire between two sets of schemas."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.commands import put, say
from conformance.errors import UnknownName
from conformance.report.markdown import inert
from conformance.run.verdicts import ExitCode
from conformance.schemadiff import telling
from conformance.schemadiff.components import Origin
from conformance.schemadiff.diff import compare_sources
from conformance.schemadiff.model import Finding, SchemaDiff
from conformance.schemadiff.reconcile import load_between
from conformance.schemadiff.rules import Severity, table
from conformance.schemadiff.sources import SchemaSource, find_source
from conformance.traffic.profile import load_profile
from conformance.wire.pretty import printable

FORMATS = ("table", "json", "markdown", "sarif", "html")
FAIL_ON = ("breaking", "risky", "none")

FORMAT = 1
"""Of the JSON data; raised where something in it comes to mean something else."""

_STYLES = {Severity.BREAKING: "bold red", Severity.RISKY: "yellow", Severity.COMPATIBLE: "bold"}
_SHOWN_MARKDOWN = 50
_TEXT = 400
_WIDTH = 120


def schema_diff(a: str, b: str, *, profile: Path | None, output: str, to: Path | None, fail_on: str) -> ExitCode:
    """Compare the sets that ``a`` and ``b`` name and tell what differs, in one of ``FORMATS``, to a file or here.

    FINDINGS where something is at least as heavy as ``fail_on``. Raises UserError: no such set, one that is not
    whole, a profile with faults.

    As JSON an object; it only grows, and ``format`` is raised where a key comes to mean something else:

        format       1
        exit_code    as the command exits
        headline     the first line of the table
        a, b         the sets: label, version (null of a folder), files
        counts       how many findings by severity
        integration  the one that findings concern, or null; left_out: how many do not concern it
        findings     objects with fingerprint, rule, direction, severity, path, subject, says, purpose, old, new,
                     operations, before and after (place, evidence, note; or null), documented_by, uses
        notes        null where the sets are not those of two releases, else undocumented (fingerprints), unseen
                     (change, rule) and silent (changes of behaviour alone)
    """
    if output not in FORMATS:
        raise UnknownName("format", output, FORMATS)
    if fail_on not in FAIL_ON:
        raise UnknownName("severity", fail_on, FAIL_ON)
    old, new = find_source(a), find_source(b)
    used = load_profile(profile) if profile else None
    changes = [] if old.version is None or new.version is None else load_between(old.version, new.version)
    diff = compare_sources(old, new, changes, used)
    code = _code(diff, fail_on)
    if output == "table" and to is None:
        for line, style in lines(diff):
            say(_line(line), style)
        return code
    put(_rendered(diff, output, code), to)
    if to is not None:
        print(_line(telling.headline(diff)), file=sys.stderr)
    return code


def list_rules() -> None:
    """Print the table of the rules."""
    for line in table():
        say(line)


def _code(diff: SchemaDiff, fail_on: str) -> ExitCode:
    heavy = bool(diff.of(Severity.BREAKING)) or (fail_on == "risky" and bool(diff.of(Severity.RISKY)))
    return ExitCode.FINDINGS if heavy and fail_on != "none" else ExitCode.AS_DOCUMENTED


def _rendered(diff: SchemaDiff, output: str, code: ExitCode) -> str:
    match output:
        case "json":
            return json.dumps(_as_json(diff, code), indent=2, ensure_ascii=True) + "\n"
        case "markdown":
            return "\n".join(_markdown(diff)) + "\n"
        case "sarif":
            from conformance.schemadiff.sarif import sarif_json  # noqa: PLC0415 - for those who want it

            return sarif_json(diff)
        case "html":
            from conformance.schemadiff.page import render  # noqa: PLC0415 - jinja2 is for those who want the page

            return render(diff)
        case _:
            return "".join(f"{_line(line)}\n" for line, _ in lines(diff))


def lines(diff: SchemaDiff) -> Iterator[tuple[str, str]]:
    """Yield the lines that people read, each with its style."""
    yield telling.headline(diff), "bold"
    if diff.integration:
        yield f"  {telling.counted(diff.left_out, 'other difference')} of no concern to it", ""
    for severity in Severity:
        found = diff.of(severity)
        if found:
            yield "", ""
            yield f"{severity.upper()} ({len(found)})", _STYLES[severity]
        for finding in found:
            yield from _finding(diff, finding)
    if told := list(telling.reconciliation(diff)):
        yield "", ""
        for line in told:
            parts = textwrap.wrap(line, _WIDTH, subsequent_indent="    ", break_on_hyphens=False)
            yield from ((part, "") for part in parts)


def _finding(diff: SchemaDiff, finding: Finding) -> Iterator[tuple[str, str]]:
    yield f"  {telling.place_of(finding)}: {finding.says}", ""
    yield f"      {finding.rule.id}, in {telling.concerned(finding)}", "dim"
    if diff.reconciled:
        notes = ", ".join(finding.notes)
        yield f"      {f'documented by {notes}' if notes else 'no note speaks of it'}", "dim" if notes else "yellow"
    if finding.uses:
        yield f"      you use {finding.uses}", "cyan"
    places, evidence = telling.locations(finding), telling.evidence(finding)
    yield f"      at {places}{f'; {evidence}' if evidence else ''}", "dim"


def _markdown(diff: SchemaDiff) -> Iterator[str]:
    yield f"## {inert(telling.headline(diff))}"
    if diff.integration:
        yield ""
        yield f"{telling.counted(diff.left_out, 'other difference')} of no concern to {inert(diff.integration)}"
    if diff.findings:
        documented = " documented by |" if diff.reconciled else ""
        yield ""
        yield f"| | where | what | operations |{documented}"
        yield f"|---|---|---|---|{'---|' if documented else ''}"
    for finding in diff.findings[:_SHOWN_MARKDOWN]:
        cells = [str(finding.severity), telling.place_of(finding), finding.says, telling.concerned(finding)]
        cells += [", ".join(finding.notes) or "nothing"] if diff.reconciled else []
        yield f"| {' | '.join(map(inert, cells))} |"
    if len(diff.findings) > _SHOWN_MARKDOWN:
        yield ""
        yield f"and {len(diff.findings) - _SHOWN_MARKDOWN} more"
    if diff.reconciled:
        yield ""
        yield from (f"- {inert(line)}" for line in telling.reconciliation(diff))


def _as_json(diff: SchemaDiff, code: ExitCode) -> dict[str, Any]:
    unseen = [{"change": id_, "rule": rule} for id_, rule in diff.unseen]
    undocumented = [finding.fingerprint for finding in diff.undocumented]
    return {
        "format": FORMAT,
        "exit_code": int(code),
        "headline": telling.headline(diff),
        "a": _set(diff.old),
        "b": _set(diff.new),
        "counts": {severity.value: len(diff.of(severity)) for severity in Severity},
        "integration": diff.integration or None,
        "left_out": diff.left_out,
        "findings": [_finding_as_json(finding) for finding in diff.findings],
        "notes": {"undocumented": undocumented, "unseen": unseen, "silent": [*diff.silent]}
        if diff.reconciled
        else None,
    }


def _set(source: SchemaSource) -> dict[str, Any]:
    version = None if source.version is None else str(source.version)
    return {"label": source.label, "version": version, "files": len(source.files)}


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule.id,
        "direction": finding.rule.direction,
        "severity": finding.severity.value,
        "path": finding.path,
        "subject": finding.subject,
        "says": finding.says,
        "purpose": finding.rule.purpose,
        "old": finding.old,
        "new": finding.new,
        "operations": list(finding.operations),
        "before": _side(finding.before),
        "after": _side(finding.after),
        "documented_by": list(finding.notes),
        "uses": finding.uses,
    }


def _side(origin: Origin | None) -> dict[str, str] | None:
    if origin is None:
        return None
    evidence = origin.evidence
    return {"place": telling.told_place(origin), "evidence": evidence.source.value, "note": evidence.note}


def _line(text: str) -> str:
    shown = printable(text).replace("\n", " ").replace("\t", " ")
    return shown if len(shown) <= _TEXT else f"{shown[: _TEXT - 3]}..."
