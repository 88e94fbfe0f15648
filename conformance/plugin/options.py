"""Options, markers and where reports go."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.plugin.state import FAULTS, RESULTS, is_worker

if TYPE_CHECKING:
    from conformance.run.suite import RunOptions


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Make our hooks known."""
    from conformance import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options of ``conformance run``, under names that meet nobody else's."""
    group = parser.getgroup("conformance", "Webex XML API conformance")

    def option(name: str, default: Any, help_: str, **more: Any) -> None:
        group.addoption(f"--conformance-{name}", default=default, help=help_, **more)

    option("site", "mock", "site to test (default: the embedded mock)", metavar="NAME")
    option("config", None, "file with the sites (default: conformance.toml here or above)", metavar="FILE", type=Path)
    option("api-version", None, "version the site is held to (default: its profile's, else 40.4.3)", metavar="V")
    option("dry-run", False, "tell what would be sent and created, and send nothing", action="store_true")
    option("mock-version", None, "version the embedded mock really is (default: the same)", metavar="V")
    option("mock-clock", 0.0, "seconds that the mock's clock is ahead of ours", metavar="SECONDS", type=float)
    option("in-flight", 16, "cases in flight at a time (default: 16)", metavar="N", type=int)
    option("case-timeout", 120.0, "seconds a case may take (default: 120)", metavar="SECONDS", type=float)
    option("time-limit", 0.0, "seconds the run may take; later cases are not run", metavar="SECONDS", type=float)
    option("schemas", None, "folder of schemas to use instead of the shipped ones", metavar="DIR", type=Path)
    option("waivers", None, "file of waivers (default: that of the settings file)", metavar="FILE", type=Path)
    option("report", None, "folder for the reports", metavar="DIR", type=Path)
    option("history", None, "where runs are kept (default: history.sqlite3 beside the report folder)", metavar="WHERE")
    option("pseudonymise", False, "replace people and their addresses in all reports", action="store_true")
    option("case", [], "run only the case of that id; can be given again", metavar="ID", action="append")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Declare markers and, before they look for it, tell the report writers of pytest where to write."""
    for marker in (
        "conformance: a case of a documented change",
        "change(id, since): the documented change that a case proves",
        "operation(name): an operation of that change",
        "assumed: a case that rests on an assumption",
    ):
        config.addinivalue_line("markers", marker)
    # The last of all to be done: pytest's own checks at the end need not look at what the run froze either.
    config.add_cleanup(gc.unfreeze)
    config.stash[FAULTS] = []
    config.stash[RESULTS] = {}
    folder: Path | None = config.getoption("--conformance-report")
    if folder is None or is_worker(config):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.jsonl").open("w").close()
    except OSError as error:
        raise pytest.UsageError(f"{folder}: reports can not be written here: {error.strerror}") from error
    if hasattr(config.option, "xmlpath"):
        config.option.xmlpath = config.option.xmlpath or str(folder / "junit.xml")
    if hasattr(config.option, "htmlpath"):
        config.option.htmlpath = config.option.htmlpath or str(folder / "report.html")
        config.option.self_contained_html = True


def run_options(config: pytest.Config) -> RunOptions:
    """Return what the user asked for; raise UserError, ExchangeFault where a site is asked for its version."""
    from conformance.run.engine import Limits
    from conformance.run.suite import RunOptions, clock_offset, held_to
    from conformance.run.waive import waivers_file
    from conformance.versions import Version

    site, sites = config.getoption("--conformance-site"), config.getoption("--conformance-config")
    mock_version = config.getoption("--conformance-mock-version")
    dry_run = config.getoption("--conformance-dry-run")
    return RunOptions(
        site=site,
        config=sites,
        api_version=held_to(site, config.getoption("--conformance-api-version"), sites, ask=not dry_run),
        mock_version=Version.parse(mock_version) if mock_version else None,
        mock_clock=clock_offset(config.getoption("--conformance-mock-clock")),
        schemas=config.getoption("--conformance-schemas"),
        waivers=waivers_file(config.getoption("--conformance-waivers"), sites),
        limits=Limits(
            in_flight=config.getoption("--conformance-in-flight"),
            max_failures=config.getoption("maxfail") or 0,
            case_time=config.getoption("--conformance-case-timeout"),
            run_time=config.getoption("--conformance-time-limit"),
        ),
    )
