"""Results that come from the worker processes of xdist."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from conformance.plugin.options import run_options
from conformance.plugin.readiness import prepare
from conformance.plugin.records import record
from conformance.plugin.state import RECORDER, RESULTS, TROUBLE


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Under xdist, begin the record where the results come together, as soon as it is known of what."""
    config: pytest.Config = node.config
    named = [(config.rootpath / path, slug) for path, _, slug in (id_.partition("::") for id_ in ids)]
    yaml = {path for path, _ in named if path.suffix == ".yaml"}
    if not yaml or RECORDER in config.stash:
        return
    from conformance.cases.load import case_root, load_change, plan
    from conformance.schema.catalog import SchemaCatalog

    slugs = {(path, slug) for path, slug in named if path in yaml and case_root(path.parent) is not None}
    if not slugs:
        return  # YAML files of another plugin
    changes = {path: load_change(path) for path in sorted({path for path, _ in slugs})}
    cases = [case for path, change in changes.items() for case in plan(change) if (path, case.slug) in slugs]
    options = run_options(config)
    prepare(config, options, cases)
    record(config, options, SchemaCatalog(options.schemas, options.config).at(options.api_version), cases, None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what kept an xdist worker from running cases; it is the same for all of them."""
    if trouble := (getattr(node, "workeroutput", None) or {}).get("conformance"):
        node.config.stash[TROUBLE] = trouble


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(
    config: pytest.Config, report: pytest.CollectReport | pytest.TestReport
) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
    """Let the result travel from an xdist worker as JSON data."""
    data = yield
    if data is not None and getattr(report, "when", "") == "call":
        result = config.stash[RESULTS].pop(report.nodeid, None)
        if result is not None:
            data["conformance"] = result.as_json()
    return data


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(
    config: pytest.Config, data: dict[str, Any]
) -> Generator[None, pytest.CollectReport | pytest.TestReport | None, pytest.CollectReport | pytest.TestReport | None]:
    """Take a result back that an xdist worker sent."""
    sent = data.pop("conformance", None)
    report = yield
    if report is not None and sent is not None:
        from conformance.run.verdicts import CaseResult

        config.stash[RESULTS][report.nodeid] = CaseResult.from_json(sent)
    return report
