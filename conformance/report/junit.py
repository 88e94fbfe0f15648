"""What junit.xml says beyond pytest's own: that a run can not be relied on, and which errors are ours.

Many CI servers read only this file. INCONCLUSIVE is skipped there, so a run that could not tell would look green.
"""

from __future__ import annotations

from typing import Any

import pytest

_SUITE = "conformance"
CONCLUSIVE = "the run is conclusive"
"""The test case that is added, and has failed, where a run is not."""
WAIVERS = "every waiver is needed, and holds"
"""The test case that is added, and has failed, where somebody has to change a waiver."""


def junit_log(config: pytest.Config) -> Any:
    """Return the plugin of pytest that writes junit.xml; None where it does not."""
    plugins = config.pluginmanager.get_plugins()
    return next((p for p in plugins if type(p).__module__ == "_pytest.junitxml" and hasattr(p, "logfile")), None)


def add_inconclusive(config: pytest.Config, why: str) -> None:
    """Add the failed entry, with ``why`` as its text. To be called before pytest ends its session."""
    _add(config, CONCLUSIVE, why)


def add_waivers(config: pytest.Config, told: str) -> None:
    """Add the failed entry of waivers, with the lines to change as its text. To be called as add_inconclusive."""
    _add(config, WAIVERS, told)


def _add(config: pytest.Config, name: str, text: str) -> None:
    log = junit_log(config)
    if log is None:
        return
    id_, place = f"{_SUITE}::{name}", (_SUITE, None, name)
    # Told to this one writer only: to others it is no test.
    log.pytest_runtest_logreport(report=pytest.TestReport(id_, place, {}, "failed", text, "call"))
    log.pytest_runtest_logreport(report=pytest.TestReport(id_, place, {}, "passed", None, "teardown"))


def call_it_error(config: pytest.Config, report: pytest.TestReport) -> None:
    """Make an error of the failure that was just written for ``report``: it is ours, not the site's."""
    log = junit_log(config)
    if log is None:
        return
    for node in log.node_reporter(report).nodes:
        if node.tag == "failure":
            node.tag = "error"
            log.stats["failure"] -= 1
            log.stats["error"] += 1
