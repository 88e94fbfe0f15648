"""Where what was observed comes from: all cases on the embedded mock, a run of before, or recorded traffic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.cases.plan import PlannedCase
from conformance.coverage.observed import Observed
from conformance.report.results import open_results
from conformance.run.embedded import EmbeddedMock
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import CaseResult, Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.traffic.read import read_traffic
from conformance.versions import Version

_LOOKED_AT = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.DEVIATION, Verdict.WAIVED})
_RESULTS = "results.jsonl"


def run_on_mock(cases: Sequence[PlannedCase], release: Version, catalog: SchemaCatalog) -> list[CaseResult]:
    """Run the cases on the embedded mock at a release, and return their results."""
    with Engine(EmbeddedMock(release), catalog.at(release), release, Limits()) as engine:
        engine.connect()
        engine.start(cases)
        return [engine.result(case) for case in cases]


def of_results(results: Iterable[CaseResult], cases: Sequence[PlannedCase]) -> tuple[Observed, frozenset[str]]:
    """Return what results show, and the clauses that were looked at: those of each case that came to an end."""
    seen, proven = Observed(), set[str]()
    proves = {case.id: case.case.proves for case in cases}
    for result in results:
        for step in result.steps:
            if step.request:
                seen.add(step.request.encode(), step.response.encode())
        if result.verdict in _LOOKED_AT:
            proven.update(f"{result.change}: {clause}" for clause in proves.get(result.id, ()))
    return seen, frozenset(proven)


def recorded_run(path: Path) -> list[CaseResult] | None:
    """Return the results of a report folder or a results.jsonl; None where the path is neither."""
    file = path / _RESULTS if path.is_dir() else path
    return list(open_results(file).cases()) if file.name == _RESULTS and file.is_file() else None


def of_recordings(paths: Iterable[Path]) -> Observed:
    """Return what recordings show: HAR files, files of XML, or folders of them.

    Raises UserError for a path that can not be read.
    """
    seen = Observed()
    for recorded in read_traffic(paths):
        seen.add(recorded.request, recorded.response)
    return seen
