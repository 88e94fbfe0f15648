"""A run within a pytest session: from the selected items to the exit code."""

from __future__ import annotations

import gc
from collections.abc import Generator
from typing import TYPE_CHECKING, NoReturn

import pytest

from conformance.errors import ExchangeFault, SuiteError, UserError
from conformance.plugin.items import CaseItem
from conformance.plugin.options import run_options
from conformance.plugin.privacy import mask_logs, pseudonyms
from conformance.plugin.readiness import conclude, prepare
from conformance.plugin.records import record
from conformance.plugin.state import ENGINE, FAULTS, RECORDER, TROUBLE, is_worker
from conformance.plugin.waivers import read_waivers

if TYPE_CHECKING:
    from conformance.cases.plan import PlannedCase
    from conformance.run.engine import Engine
    from conformance.run.suite import RunOptions
    from conformance.site.seam import SiteFacts


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse the run if any case file is wrong; then keep the cases that were asked for by id.

    An xdist worker has to say here what keeps it from running cases: later it would be taken to have crashed.
    """
    try:
        _select(config, items)
        if is_worker(config):
            _start(config, items)
    except (pytest.UsageError, pytest.exit.Exception) as trouble:
        if not is_worker(config):
            raise
        items.clear()
        config.workeroutput["conformance"] = str(trouble), getattr(trouble, "returncode", 4)  # type: ignore[attr-defined]


def _select(config: pytest.Config, items: list[pytest.Item]) -> None:
    from conformance.errors import UnknownName

    if faults := config.stash[FAULTS]:
        raise pytest.UsageError("\n".join(map(str, sorted(set(faults)))))
    wanted = config.getoption("--conformance-case")
    if not wanted:
        return
    ours = [item for item in items if isinstance(item, CaseItem)]
    known = [item.planned.id for item in ours]
    for id_ in wanted:
        if id_ not in known:
            raise pytest.UsageError(str(UnknownName("case", id_, known)))
    dropped = [item for item in ours if item.planned.id not in wanted]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if item not in dropped]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Start the engine, before the first item asks for its result; not where collecting has failed."""
    config = session.config
    failed = session.testsfailed and not config.option.continue_on_collection_errors
    if not failed and not config.option.collectonly and not is_worker(config):
        _start(config, session.items)


def _start(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if isinstance(item, CaseItem)]
    cases = [item.planned for item in ours if item.get_closest_marker("skip") is None]
    if not cases:
        return
    from conformance.run.suite import build_engine, refuse_twins

    try:
        refuse_twins(cases)
        options = run_options(config)
        read_waivers(config, options)
        if config.getoption("--conformance-dry-run"):
            _rehearse(cases, options)
        prepare(config, options, cases)
        provider = config.hook.pytest_conformance_provider(config=config, name=options.site)
        if provider is None and options.mock_release is None:
            _refuse_workers(config)
        mask_logs(config)
        engine = build_engine(options, provider)
        engine.pseudonyms = pseudonyms(config)
        engine.__enter__()
        config.stash[ENGINE] = engine
        facts = _connected(config, options, engine, cases)
    except UserError as error:
        raise pytest.UsageError(str(error)) from error
    except ExchangeFault as fault:
        pytest.exit(f"COULD NOT TELL: the site can not be tested now: {fault}", returncode=2)
    except SuiteError as error:
        pytest.exit(f"RUN VOID: {error}", returncode=3)
    if not is_worker(config):
        record(config, options, engine.schemas, cases, facts)
    # What was collected lives to the end: the garbage collector need not look at it again and again.
    gc.freeze()
    # Under xdist, each worker collects all cases and runs some: there, a case is run when it is asked for.
    engine.start(cases, ahead=not is_worker(config))


def _connected(config: pytest.Config, options: RunOptions, engine: Engine, cases: list[PlannedCase]) -> SiteFacts:
    """Look at the site; a run that could not even do that is on record too, with the reason."""
    try:
        return engine.connect()
    except ExchangeFault as fault:
        if not is_worker(config):
            record(config, options, engine.schemas, cases, None, trouble=f"the site can not be tested now: {fault}")
        raise


def _rehearse(cases: list[PlannedCase], options: RunOptions) -> NoReturn:
    from conformance.run.rehearsal import rehearse

    for line in rehearse(cases, options):
        print(line)
    pytest.exit("nothing was sent", returncode=0)


def _refuse_workers(config: pytest.Config) -> None:
    if is_worker(config):
        raise UserError("a live site is tested from one process; --conformance-in-flight does what -n would")


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Name our verdicts where pytest knows only passed, failed and skipped."""
    result = getattr(report, "conformance", None)
    if result is None or result.verdict in ("PASS", "FAIL"):
        return None
    word = str(result.verdict)
    # What failed stays in the list of failures, where it is explained.
    category = "failed" if report.failed else word.lower().replace("_", " ")
    return category, "?" if word == "INCONCLUSIVE" else word[0], word


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Stop the engine, end the reports, and let the exit code say what the run came to."""
    config = session.config
    if engine := config.stash.get(ENGINE, None):
        try:
            engine.stop()
        except Exception as error:  # noqa: BLE001 - of somebody's provider; the reports are still to be ended
            config.stash[TROUBLE] = f"RUN VOID: the site could not be let go: {type(error).__name__}: {error}", 3
    if recorder := config.stash.get(RECORDER, None):
        if engine:
            recorder.finish(engine.provider.remarks(), engine.provider.left())
        else:
            recorder.finish()
        conclude(config)
        session.exitstatus = _exit_status(int(session.exitstatus), int(recorder.tally.exit_code))
    yield
    if trouble := config.stash.get(TROUBLE, None):
        told, code = trouble
        if code == pytest.ExitCode.USAGE_ERROR:
            raise pytest.UsageError(told)
        pytest.exit(told, returncode=code)


def _exit_status(pytests: int, ours: int) -> int:
    """Let our exit code stand, unless other tests failed too or pytest could not go on."""
    if pytests not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return pytests
    return ours if ours == 3 else int(pytests) or ours
