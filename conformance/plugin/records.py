"""From pytest's reports to the writers."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.plugin.readiness import history_writers, page_name
from conformance.plugin.state import RECORDER, RESULTS, WAIVERS
from conformance.plugin.waivers import read_waivers

if TYPE_CHECKING:
    from conformance.cases.plan import PlannedCase
    from conformance.report.recorder import Recorder
    from conformance.run.suite import RunOptions
    from conformance.run.verdicts import CaseResult
    from conformance.schema.catalog import SchemaSet
    from conformance.site.seam import SiteFacts


def record(
    config: pytest.Config,
    options: RunOptions,
    schemas: SchemaSet,
    cases: list[PlannedCase],
    facts: SiteFacts | None,
    *,
    trouble: str = "",
) -> None:
    """Begin the record of a run: announce it to all writers, and let the results through to them.

    ``facts`` are None where other processes hold the site; then results come in any order. ``trouble`` is what keeps
    the site from being tested at all.
    """
    from conformance.report.jsonl import JsonLines
    from conformance.report.markdown import Summary
    from conformance.report.recorder import Recorder, describe
    from conformance.report.stream import Catalogue
    from conformance.run.veil import masked

    if WAIVERS not in config.stash:
        read_waivers(config, options)
    catalogue = Catalogue({c.change.id: c.change for c in cases}, {c.id: c for c in cases})
    writers = [writer for some in config.hook.pytest_conformance_writers(config=config) for writer in some]
    folder: Path | None = config.getoption("--conformance-report")
    if folder is not None:
        writers += [JsonLines(folder / "results.jsonl"), Summary(folder / "summary.md"), *history_writers(config)]
    if getattr(config.option, "htmlpath", None):
        from conformance.report.html import HtmlReport

        html = HtmlReport(readiness=page_name(config))
        config.pluginmanager.register(html, "conformance-html")
        writers.append(html)
    recorder = config.stash[RECORDER] = Recorder(writers, config.stash[WAIVERS])
    header = describe(options, schemas, catalogue, facts, folder)
    recorder.start(replace(header, warnings=(*header.warnings, masked(trouble))) if trouble else header, catalogue)
    # Results of several processes come in any order; where there is but one, in that of the items.
    order = list(catalogue.cases) if facts is None else []
    config.pluginmanager.register(_Records(config, recorder, order), "conformance-records")


class _Records:
    """Gives each report its result while the writers look at it; reports are kept to the end, evidence is not."""

    def __init__(self, config: pytest.Config, recorder: Recorder, order: list[str]) -> None:
        self._config = config
        self._recorder = recorder
        self._results = config.stash[RESULTS]
        self._order = deque(order)
        self._early: dict[str, CaseResult] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None]:
        result = self._results.pop(report.nodeid, None) if report.when == "call" else None
        if result is None:
            return (yield)
        report.conformance = result  # type: ignore[attr-defined]
        self._early[result.id] = result
        while self._order and self._order[0] in self._early:
            self._recorder.case(self._early.pop(self._order.popleft()))
        if not self._order:
            self._pass_on()
        try:
            yield
        finally:
            del report.conformance
        if result.verdict == "SUITE_ERROR":
            from conformance.report.junit import call_it_error

            call_it_error(self._config, report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Pass on what still waits for earlier ones, which will not come now."""
        self._pass_on()

    def _pass_on(self) -> None:
        for id_ in [*self._order, *self._early]:
            if result := self._early.pop(id_, None):
                self._recorder.case(result)
