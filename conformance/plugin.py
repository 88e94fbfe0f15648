"""The pytest plugin: case files as items, the engine behind them, the writers after them.

It collects YAML files below a folder with a ``conformance.yaml`` and touches nothing else. What is not
needed in a pytest run without such files is not imported in one.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import CaseFault, CaseFileErrors, ExchangeFault, SuiteError, UserError

if TYPE_CHECKING:
    from conformance.cases.plan import PlannedCase
    from conformance.report.recorder import Recorder
    from conformance.run.engine import Engine
    from conformance.run.suite import RunOptions
    from conformance.run.verdicts import CaseResult
    from conformance.schema.catalog import SchemaSet
    from conformance.site.seam import SiteFacts

_FAULTS = pytest.StashKey[list[CaseFault]]()
_ENGINE: pytest.StashKey[Engine] = pytest.StashKey()
_RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()
# What is to be told at the end, for example what kept xdist workers from running cases, and the exit code for it.
_TROUBLE: pytest.StashKey[tuple[str, int]] = pytest.StashKey()
# By node id: results that were taken and have not yet reached the writers.
_RESULTS: pytest.StashKey[dict[str, CaseResult]] = pytest.StashKey()

_MARKS_OF_PYTEST = {"skip", "skipif", "xfail"}
"""What a conftest may have given a case; pytest looks at it while it sets a test up."""


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
    option("api-version", None, "version the site is held to (default: the newest known)", metavar="V")
    option("mock-version", None, "version the embedded mock really is (default: the same)", metavar="V")
    option("mock-clock", 0.0, "seconds that the mock's clock is ahead of ours", metavar="SECONDS", type=float)
    option("in-flight", 16, "cases in flight at a time (default: 16)", metavar="N", type=int)
    option("case-timeout", 120.0, "seconds a case may take (default: 120)", metavar="SECONDS", type=float)
    option("time-limit", 0.0, "seconds the run may take; later cases are not run", metavar="SECONDS", type=float)
    option("schemas", None, "folder of schemas to use instead of the shipped ones", metavar="DIR", type=Path)
    option("report", None, "folder for report.html, junit.xml and results.jsonl", metavar="DIR", type=Path)
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
    config.stash[_FAULTS] = []
    config.stash[_RESULTS] = {}
    folder: Path | None = config.getoption("--conformance-report")
    if folder is None or _is_worker(config):
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


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaseFile | None:
    """Collect a YAML file below a folder of case files."""
    if file_path.suffix != ".yaml":
        return None
    from conformance.cases.load import ROOT_FILE, case_root

    if file_path.name == ROOT_FILE or case_root(file_path.parent) is None:
        return None
    return CaseFile.from_parent(parent, path=file_path)


class CaseFile(pytest.File):
    """A case file: its items are its planned cases."""

    def collect(self) -> Iterable[CaseItem]:
        """Yield the cases; faults are kept, so that all files' faults are told together."""
        from conformance.cases.load import load_change, plan

        try:
            change = load_change(self.path)
        except CaseFileErrors as error:
            self.config.stash[_FAULTS].extend(error.faults)
            return
        # Marks and keywords of a file are those of all its items.
        self.extra_keyword_matches.update((change.id, change.id.partition("/")[2], *change.file.operations))
        self.add_marker(pytest.mark.conformance)
        self.add_marker(pytest.mark.change(id=change.id, since=str(change.since)))
        for name in change.file.operations:
            self.add_marker(pytest.mark.operation(name=name))
        for planned in plan(change):
            yield CaseItem.from_parent(self, name=planned.slug, planned=planned)


class CaseItem(pytest.Item):
    """One planned case."""

    def __init__(self, *, planned: PlannedCase, **more: Any) -> None:
        super().__init__(**more)
        self.planned = planned
        if planned.case.assumed:
            self.add_marker(pytest.mark.assumed)

    def runtest(self) -> None:
        """Wait for the result of this case, which may long be there."""
        from conformance.run.verdicts import Verdict

        result = self.config.stash[_ENGINE].result(self.planned)
        self.config.stash[_RESULTS][self.nodeid] = result
        self.user_properties += [("verdict", result.verdict.value), ("change", result.change)]
        match result.verdict:
            case Verdict.PASS | Verdict.DEVIATION:
                return
            case Verdict.FAIL | Verdict.SUITE_ERROR:
                raise CaseDidNotHold(result)
            case verdict:
                pytest.skip(f"{verdict}: {result.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what the user sees of a failure; anything unexpected keeps its traceback."""
        if isinstance(excinfo.value, CaseDidNotHold):
            from conformance.report.text import explain_case

            return explain_case(excinfo.value.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the case stands. Its line is not known by now, but pytest wants one of what is skipped."""
        return self.path, 0, self.planned.id


class CaseDidNotHold(Exception):
    """Carries the result of a case that failed through pytest."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(result.reason)
        self.result = result


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse the run if any case file is wrong; then keep the cases that were asked for by id.

    An xdist worker has to say here what keeps it from running cases: later it would be taken to have crashed.
    """
    try:
        _select(config, items)
        if _is_worker(config):
            _start(config, items)
    except (pytest.UsageError, pytest.exit.Exception) as trouble:
        if not _is_worker(config):
            raise
        items.clear()
        config.workeroutput["conformance"] = str(trouble), getattr(trouble, "returncode", 4)  # type: ignore[attr-defined]


def _select(config: pytest.Config, items: list[pytest.Item]) -> None:
    from conformance.errors import UnknownName

    if faults := config.stash[_FAULTS]:
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
    if not failed and not config.option.collectonly and not _is_worker(config):
        _start(config, session.items)


def _start(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if isinstance(item, CaseItem)]
    cases = [item.planned for item in ours if item.get_closest_marker("skip") is None]
    if not cases:
        return
    from conformance.run.suite import build_engine, refuse_twins

    try:
        refuse_twins(cases)
        options = _options(config)
        provider = config.hook.pytest_conformance_provider(config=config, name=options.site)
        engine = build_engine(options, provider)
        engine.__enter__()
        config.stash[_ENGINE] = engine
        facts = engine.connect()
    except UserError as error:
        raise pytest.UsageError(str(error)) from error
    except ExchangeFault as fault:
        pytest.exit(f"COULD NOT TELL: the site can not be reached: {fault}", returncode=2)
    except SuiteError as error:
        pytest.exit(f"RUN VOID: {error}", returncode=3)
    if not _is_worker(config):
        _record(config, options, engine.schemas, cases, facts)
    # What was collected lives to the end: the garbage collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    # Under xdist, each worker collects all cases and runs some: there, a case is run when it is asked for.
    engine.start(cases, ahead=not _is_worker(config))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Under xdist, begin the record where the results come together, as soon as it is known of what."""
    config: pytest.Config = node.config
    paths = {config.rootpath / id_.partition("::")[0] for id_ in ids if ".yaml::" in id_}
    if not paths or _RECORDER in config.stash:
        return
    from conformance.cases.load import load_change, plan
    from conformance.schema.catalog import SchemaCatalog

    changes = {path: load_change(path) for path in sorted(paths)}
    slugs = {(config.rootpath / path, slug) for path, _, slug in (id_.partition("::") for id_ in ids)}
    cases = [case for path, change in changes.items() for case in plan(change) if (path, case.slug) in slugs]
    options = _options(config)
    _record(config, options, SchemaCatalog(options.schemas).at(options.api_version), cases, None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what kept an xdist worker from running cases; it is the same for all of them."""
    if trouble := (getattr(node, "workeroutput", None) or {}).get("conformance"):
        node.config.stash[_TROUBLE] = trouble


def _record(
    config: pytest.Config,
    options: RunOptions,
    schemas: SchemaSet,
    cases: list[PlannedCase],
    facts: SiteFacts | None,
) -> None:
    from conformance.report.jsonl import JsonLines
    from conformance.report.recorder import Recorder, describe
    from conformance.report.stream import Catalogue

    catalogue = Catalogue({c.change.id: c.change for c in cases}, {c.id: c for c in cases})
    writers = [writer for some in config.hook.pytest_conformance_writers(config=config) for writer in some]
    folder: Path | None = config.getoption("--conformance-report")
    if folder is not None:
        writers.append(JsonLines(folder / "results.jsonl"))
    if getattr(config.option, "htmlpath", None):
        from conformance.report.html import HtmlReport

        html = HtmlReport()
        config.pluginmanager.register(html, "conformance-html")
        writers.append(html)
    recorder = config.stash[_RECORDER] = Recorder(writers)
    recorder.start(describe(options, schemas, catalogue, facts), catalogue)
    # Results of several processes come in any order; where there is but one, in that of the items.
    order = list(catalogue.cases) if facts is None else []
    config.pluginmanager.register(_Records(recorder, config.stash[_RESULTS], order), "conformance-records")


class _Records:
    """Gives each report its result while the writers look at it; reports are kept to the end, evidence is not."""

    def __init__(self, recorder: Recorder, results: dict[str, CaseResult], order: list[str]) -> None:
        self._recorder = recorder
        self._results = results
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
            return (yield)
        finally:
            del report.conformance

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Pass on what still waits for earlier ones, which will not come now."""
        self._pass_on()

    def _pass_on(self) -> None:
        for id_ in [*self._order, *self._early]:
            if result := self._early.pop(id_, None):
                self._recorder.case(result)


def _options(config: pytest.Config) -> RunOptions:
    from conformance.run.engine import Limits
    from conformance.run.suite import RunOptions, clock_offset
    from conformance.versions import NEWEST, Version

    def version(name: str) -> Version | None:
        text = config.getoption(f"--conformance-{name}")
        return Version.parse(text) if text else None

    return RunOptions(
        site=config.getoption("--conformance-site"),
        api_version=version("api-version") or NEWEST,
        mock_version=version("mock-version"),
        mock_clock=clock_offset(config.getoption("--conformance-mock-clock")),
        schemas=config.getoption("--conformance-schemas"),
        limits=Limits(
            in_flight=config.getoption("--conformance-in-flight"),
            max_failures=config.getoption("maxfail") or 0,
            case_time=config.getoption("--conformance-case-timeout"),
            run_time=config.getoption("--conformance-time-limit"),
        ),
    )


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a case in one phase: it has no fixtures, so three phases would take twice the time for nothing.

    The last case of a file runs as pytest does it, which sets up and tears down what is around files, and so does
    one that a conftest has marked. Before somebody else's test takes its time, the cases in flight are let end.
    """
    if not isinstance(item, CaseItem):
        if engine := item.config.stash.get(_ENGINE, None):
            engine.settle()
        return None
    last = nextitem is None or nextitem.parent is not item.parent
    if last or item.config.getoption("setupshow", False) or _MARKS_OF_PYTEST & {m.name for m in item.iter_markers()}:
        return None
    hook, name, place = item.ihook, item.nodeid, item.location
    hook.pytest_runtest_logstart(nodeid=name, location=place)
    call = pytest.CallInfo.from_call(item.runtest, when="call", reraise=(pytest.exit.Exception, KeyboardInterrupt))
    report = hook.pytest_runtest_makereport(item=item, call=call)
    hook.pytest_runtest_logreport(report=report)
    if report.failed:
        hook.pytest_exception_interact(node=item, call=call, report=report)
    # Writers end a test at its teardown.
    more = {"keywords": report.keywords, "user_properties": report.user_properties}
    hook.pytest_runtest_logreport(
        report=pytest.TestReport(name, place, outcome="passed", longrepr=None, when="teardown", **more)
    )
    hook.pytest_runtest_logfinish(nodeid=name, location=place)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(
    config: pytest.Config, report: pytest.CollectReport | pytest.TestReport
) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
    """Let the result travel from an xdist worker as JSON data."""
    data = yield
    if data is not None and getattr(report, "when", "") == "call":
        result = config.stash[_RESULTS].pop(report.nodeid, None)
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

        config.stash[_RESULTS][report.nodeid] = CaseResult.from_json(sent)
    return report


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
    if engine := config.stash.get(_ENGINE, None):
        try:
            engine.stop()
        except Exception as error:  # noqa: BLE001 - of somebody's provider; the reports are still to be ended
            config.stash[_TROUBLE] = f"RUN VOID: the site could not be let go: {type(error).__name__}: {error}", 3
        gc.unfreeze()
    if recorder := config.stash.get(_RECORDER, None):
        recorder.finish()
        session.exitstatus = _exit_status(int(session.exitstatus), int(recorder.tally.exit_code))
    yield
    if trouble := config.stash.get(_TROUBLE, None):
        told, code = trouble
        if code == pytest.ExitCode.USAGE_ERROR:
            raise pytest.UsageError(told)
        pytest.exit(told, returncode=code)


def _exit_status(pytests: int, ours: int) -> int:
    """Let our exit code stand, unless other tests failed too or pytest could not go on."""
    if pytests not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return pytests
    return ours if ours == 3 else int(pytests) or ours
