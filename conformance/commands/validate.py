"""``conformance validate``: payloads against the schemas of a release, each finding with its reasons."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.commands import say
from conformance.errors import MalformedMessage, UserError
from conformance.run.verdicts import ExitCode
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.evidence import Source
from conformance.schema.findings import MAX_FINDINGS, SchemaFinding
from conformance.schema.payload import Judged, judge_payload
from conformance.versions import Version
from conformance.wire.carried import MAX_CARRIED
from conformance.wire.departures import DEPARTURES, Strictness
from conformance.wire.pretty import printable
from conformance.wire.redact import MASK, is_secret
from conformance.wire.request import Departure

_MAX_NOTES = 20
_MAX_TEXT = 500


def validate(
    files: Sequence[Path],
    version: Version,
    schemas: Path | None,
    strictness: Strictness = Strictness.DOCUMENTED,
) -> ExitCode:
    """Say of each file whether it is valid at ``version``; ``-`` is standard input.

    FINDINGS where one is not, USAGE where one could not even be read; the others are judged all the same.
    What breaks only an assumed rule is told as a deviation and is valid, what departs from the schema and is known to
    work is a note; ``strictness`` says how much of both is put up with. ``schemas`` replaces the shipped.
    """
    if not files:
        raise UserError("no files given; '-' is standard input")
    catalog = SchemaCatalog(schemas)
    if schemas:
        catalog.at(version)  # what is wrong with a user's own is told before anything else
    verdicts = [_validate(file, version, catalog, strictness) for file in files]
    if len(files) > 1:
        counts = Counter(verdicts)
        unread = f", {counts[ExitCode.USAGE]} not read" if counts[ExitCode.USAGE] else ""
        valid, not_valid = counts[ExitCode.AS_DOCUMENTED], counts[ExitCode.FINDINGS]
        say(f"{len(files)} files: {valid} valid, {not_valid} not valid{unread}")
    return max(verdicts)


def _validate(file: Path, version: Version, catalog: SchemaCatalog, strictness: Strictness) -> ExitCode:
    name = "<stdin>" if str(file) == "-" else printable(str(file))
    try:
        data = _read(file)
    except OSError as error:
        say(f"{name}: cannot be read: {error.strerror or error}", "red", to=sys.stderr)
        return ExitCode.USAGE
    try:
        judged = judge_payload(data, catalog, version, strictness)
    except MalformedMessage as error:
        reason = f"not XML: {error.detail}" if error.kind == "not-xml" else error.detail
        say(f"{_place(name, error.line, error.column)}: not valid: {_text(reason)}", "bold red")
        return ExitCode.FINDINGS
    _tell(name, judged, f"schemas of {catalog.release(version)}")
    return ExitCode.AS_DOCUMENTED if judged.valid else ExitCode.FINDINGS


def _read(file: Path) -> bytes:
    """Read a file, and one byte past the limit at most: what is judged then says that it is too long."""
    if str(file) == "-":
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return sys.stdin.buffer.read(MAX_CARRIED + 1)
    with file.open("rb") as stream:
        return stream.read(MAX_CARRIED + 1)


def _tell(name: str, judged: Judged, held_to: str) -> None:
    verdict, style = ("valid", "green") if judged.valid else ("not valid", "bold red")
    assumed = sum(_is_assumed(finding) and not judged.counts(finding) for finding in judged.findings)
    also = f", {assumed} deviation{'s' * (assumed != 1)} from what is only assumed" if assumed else ""
    say(f"{name}: {verdict}: {judged.direction} {judged.name}, {held_to}{also}", style)
    for finding in judged.findings:
        for line in _finding(name, finding):
            say(line, "red" if judged.counts(finding) else "yellow")
    if len(judged.findings) >= MAX_FINDINGS:
        say(f"{name}: there may be more: the first {MAX_FINDINGS} are told")
    _tell_departures(name, judged.departures, judged.strictness)


def _tell_departures(name: str, departures: Sequence[Departure], strictness: Strictness) -> None:
    meanings = dict(DEPARTURES)
    for note in sorted(departures, key=lambda note: (note.line, note.column))[:_MAX_NOTES]:
        kind, style = ("refused", "red") if strictness.refuses(note.id) else ("note", "dim")
        severity = DEPARTURES[note.id].severity
        place = _place(name, note.line, note.column)
        say(f"{place}: {kind}: {_text(note.path)}: {note.id} ({severity}): {_text(note.note)}", style)
        if meaning := meanings.pop(note.id, None):  # once is enough
            say(f"    {meaning.reason}", style)
            say(f"    advice: {meaning.advice}", style)
    if len(departures) > _MAX_NOTES:
        say(f"{name}: {len(departures) - _MAX_NOTES} more notes")


def _finding(name: str, finding: SchemaFinding) -> Iterator[str]:
    kind = "deviation: " if _is_assumed(finding) else ""
    message, expected = finding.message, finding.expected
    if is_secret(finding.path.rpartition(":")[2].partition("[")[0]) and finding.rule not in ("unexpected", "missing"):
        message, expected = f"The value {MASK} is not allowed here.", ""
    # The path says already which element it is.
    message = message.partition(": ")[2] if message.startswith("Element '") else message
    yield f"{_place(name, finding.line, finding.column)}: {kind}{_text(finding.path)}: {_text(message)}"
    if expected:
        yield f"    expected: {_text(expected)}"
    note = f", {finding.evidence.note}" if finding.evidence.note else ""
    yield f"    rule: {finding.schema.short if finding.schema else 'XML Schema'} ({finding.evidence.source}{note})"


def _is_assumed(finding: SchemaFinding) -> bool:
    return finding.evidence.source is Source.ASSUMED


def _place(name: str, line: int, column: int) -> str:
    return ":".join([name, *(str(number) for number in (line, column) if number)])


def _text(text: str) -> str:
    """Return a text of a payload or a library as one line of bounded length that no terminal acts on."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= _MAX_TEXT else f"{line[:_MAX_TEXT]}..."
