"""``conformance schemas``: the provider's own schemas as the authority for a release."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from conformance.commands import say
from conformance.commands.schema_diff import lines
from conformance.errors import UserError
from conformance.run.verdicts import ExitCode
from conformance.schema.importing import import_schemas
from conformance.schema.store import ImportedSet, imported_sets, keep, remove, staged, store_folder
from conformance.schemadiff.diff import compare_sources
from conformance.schemadiff.sources import of_imported, of_release
from conformance.schemadiff.telling import counted, tally
from conformance.versions import Version
from conformance.wire.pretty import printable

_MOST_NOTES = 20
_MOST_LINES = 60


def import_(path: Path, release: Version, config: Path | None) -> ExitCode:
    """Check the schemas of a zip or folder, say what they have that ours have not, and keep them for ``release``.

    Raises UserError for what can not be used; then nothing that was there before is another.
    """
    with staged(config) as staging:
        notes = import_schemas(path, staging)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        read = ImportedSet(release, staging, path.name, now)
        diff = compare_sources(of_release(release, told="shipped"), of_imported(read, release))
        for note in notes[:_MOST_NOTES]:
            say(printable(note), "dim")
        if len(notes) > _MOST_NOTES:
            say(f"and {counted(len(notes) - _MOST_NOTES, 'more note')}", "dim")
        told = list(lines(diff))
        for line, style in told[:_MOST_LINES]:
            say(printable(line), style)
        if len(told) > _MOST_LINES:
            say(f"... all of it: conformance schema-diff shipped:{release} {release}", "dim")
        kept = keep(staging, release, path.name, now)
    say()
    say(f"imported {counted(len(kept.files), 'file')} as {release}: {tally(diff)} against ours", "green")
    say(f"kept in {printable(str(kept.folder))}; from now on they judge what is held to {release}")
    return ExitCode.AS_DOCUMENTED


def list_(config: Path | None) -> ExitCode:
    """List the imported schemas."""
    found = imported_sets(config)
    for one in found:
        say(f"{one.release}: {counted(len(one.files), 'file')} from {printable(one.source)}, imported {one.imported}")
        say(f"    {printable(str(one.folder))}", "dim")
    if not found:
        say(f"no schemas are imported; they would be kept in {printable(str(store_folder(config)))}")
    return ExitCode.AS_DOCUMENTED


def remove_(release: Version, config: Path | None) -> ExitCode:
    """Forget the imported schemas of a release; ours hold again. Raises UserError where there are none."""
    if not remove(release, config):
        raise UserError(f"no schemas of {release} are imported; see 'conformance schemas list'")
    say(f"removed the imported schemas of {release}; the shipped ones hold again", "green")
    return ExitCode.AS_DOCUMENTED
