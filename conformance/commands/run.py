"""``conformance run``: the plugin in a pytest of its own, with our progress instead of pytest's."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.cases.load import load_changes
from conformance.cases.waivers import load_waivers
from conformance.report.progress import Progress
from conformance.report.recorder import run_name
from conformance.resources import cases_root
from conformance.run.suite import RunOptions
from conformance.run.verdicts import ExitCode
from conformance.run.waive import today
from conformance.upgrade.model import Decision, Outcome
from conformance.wire.pretty import printable

# Other plugins of the environment have no business in this run; these are what it needs.
_PLUGINS = ("conformance.plugin", "pytest_html.plugin", "pytest_metadata.plugin")
# They are meant for the tests of the folder that the command is called in.
_SETTINGS_OF_PYTEST = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def run(
    paths: Sequence[Path],
    options: RunOptions,
    cases: Sequence[str],
    keyword: str,
    report: Path | None,
    *,
    dry_run: bool = False,
    pseudonymise: bool = False,
    history: str | None = None,
) -> ExitCode:
    """Run the cases at or below ``paths`` (none: the shipped ones) and return the exit code.

    Raises CaseFileErrors with all faults of all files, that of the waivers too, before anything is sent.
    """
    load_changes(paths or None)
    if options.waivers:
        load_waivers(options.waivers, today())
    for name in _SETTINGS_OF_PYTEST:
        os.environ.pop(name, None)
    progress = Progress(sys.stdout, report)
    status = pytest.main(
        [
            *_pytest_arguments(options),
            *(f"--conformance-case={case}" for case in cases),
            *(["-k", keyword] if keyword else []),
            *(["--conformance-dry-run"] if dry_run else []),
            *(["--conformance-pseudonymise"] if pseudonymise else []),
            *([f"--conformance-report={report}"] if report else []),
            *([f"--conformance-history={history}"] if history else []),
            *map(str, paths or [cases_root()]),
        ],
        plugins=[_OwnVoice(progress)],
    )
    progress.close()
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        print("COULD NOT TELL: nothing was tested; no case is named like that", file=sys.stderr)
        return ExitCode.COULD_NOT_TELL
    return ExitCode(int(status))


def report_folder(options: RunOptions) -> Path:
    """Return the folder a run writes to when none is given: ``reports/<run>``."""
    return Path("reports", run_name(datetime.now(UTC), options))


def _pytest_arguments(options: RunOptions) -> list[str]:
    limits = options.limits
    values = {
        "site": options.site,
        "config": options.config,
        "api-version": options.api_version,
        "mock-version": options.mock_version,
        "mock-clock": options.mock_clock.total_seconds(),
        "in-flight": limits.in_flight,
        "case-timeout": limits.case_time,
        "time-limit": limits.run_time,
        "schemas": options.schemas,
        "waivers": options.waivers,
    }
    return [
        "--disable-plugin-autoload",
        *(part for name in _PLUGINS for part in ("-p", name)),
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={Path.cwd()}",
        "--capture=no",
        f"--maxfail={limits.max_failures}",
        *(f"--conformance-{name}={value}" for name, value in values.items() if value is not None),
    ]


class _OwnVoice:
    """Silences pytest's terminal and brings in our progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_conformance_writers(self) -> list[Progress]:
        return [self._progress]

    def pytest_conformance_decided(self, decision: Decision | None, folder: Path, trouble: str) -> None:
        if decision is not None:
            weighty = [reason for reason in decision.reasons if reason.outcome is not Outcome.TELL]
            why = f": {weighty[0].says}" if weighty else ""
            print(f"readiness: {decision.word} for {decision.to}{printable(why)}")
            print(f"           {folder / 'readiness.html'}", flush=True)
        if trouble:
            print(f"note: {printable(trouble)}", file=sys.stderr)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        ended = isinstance(excinfo.value, pytest.exit.Exception)
        told = excinfo.value if ended else "interrupted; what ran is reported, the rest is not known"
        print(told, file=sys.stderr)
