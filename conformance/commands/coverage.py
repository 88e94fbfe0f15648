"""``conformance coverage``: what of the API was looked at, and what never was."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from conformance.cases.load import load_changes, plan
from conformance.commands import put, say
from conformance.coverage.sources import of_recordings, of_results, recorded_run, run_on_mock
from conformance.coverage.summary import Coverage, coverage
from conformance.errors import UnknownName
from conformance.run.verdicts import ExitCode
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import Version
from conformance.wire.pretty import printable

_FORMATS = ("table", "json", "html")
_WIDTH = 118
_MOST_TOLD = 40


def tell_coverage(
    sources: Sequence[Path], release: Version, output: str, to: Path | None, config: Path | None = None
) -> ExitCode:
    """Tell what was observed: by the run of a report folder, by recorded traffic, else by all cases on the mock.

    AS_DOCUMENTED, or COULD_NOT_TELL where nothing at all was observed. Raises UnknownName and UserError.
    """
    if output not in _FORMATS:
        raise UnknownName("format", output, _FORMATS)
    found = _coverage(sources, release, SchemaCatalog(config=config))
    if output == "table" and to is None:
        for line, style in _table(found):
            say(printable(line), style)
    else:
        put(_rendered(found, output), to)
    return ExitCode.AS_DOCUMENTED if any(one.calls for one in found.operations) else ExitCode.COULD_NOT_TELL


def _coverage(sources: Sequence[Path], release: Version, catalog: SchemaCatalog) -> Coverage:
    schemas = catalog.at(release)
    changes = load_changes()
    cases = [case for change in changes for case in plan(change)]
    runs = [(path, recorded_run(path)) for path in sources]
    if not sources:
        results = run_on_mock(cases, release, catalog)
    elif any(run is None for _, run in runs):
        return coverage(of_recordings(sources), schemas)
    else:
        results = [result for _, run in runs for result in run or ()]
    seen, proven = of_results(results, cases)
    return coverage(seen, schemas, changes, proven)


def _rendered(found: Coverage, output: str) -> str:
    if output == "json":
        return json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n"
    if output == "html":
        from conformance.coverage.page import render  # noqa: PLC0415 - jinja2 is for those who want the page

        return render(found)
    return "".join(f"{printable(line)}\n" for line, _ in _table(found))


def _table(found: Coverage) -> Iterator[tuple[str, str]]:
    """Yield the lines that people read, each with its style."""
    yield f"{'':22}{'observed':>9}{'of':>8}", "bold"
    for name, part in found.parts.items():
        yield f"{name:22}{part.seen:9}{len(part.known):8}", ""
    yield "", ""
    yield f"{'operation':44}{'calls':>7}{'elements sent':>16}{'answered':>12}", "bold"
    for service, operations in groupby(found.operations, key=lambda one: one.service):
        for one in operations:
            sent = f"{one.sent.seen}/{len(one.sent.known)}"
            answered = f"{one.answered.seen}/{len(one.answered.known)}"
            told = f"{service + ':' + one.name:44}{one.calls:7}{sent:>16}{answered:>12}"
            yield told, "" if one.calls else "yellow"
    yield "", ""
    for name in ("operations", "exception codes", "clauses"):
        if name in found.parts and (never := found.parts[name].never):
            yield f"Never observed, {name}:", "bold"
            more = [f"and {len(never) - _MOST_TOLD} more"] if len(never) > _MOST_TOLD else []
            joined = ("; " if name == "clauses" else ", ").join([*never[:_MOST_TOLD], *more])
            yield from ((f"  {line}", "") for line in textwrap.wrap(joined, _WIDTH - 2))
    if found.others:
        yield f"{found.others} requests call no operation that is known", ""
    yield found.sentence, "bold"
