"""Case files and cases, as pytest sees them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import CaseFileErrors
from conformance.plugin.state import ENGINE, FAULTS, RESULTS, WAIVERS

if TYPE_CHECKING:
    from conformance.cases.plan import PlannedCase
    from conformance.run.verdicts import CaseResult

_MARKS_OF_PYTEST = {"skip", "skipif", "xfail"}
"""What a conftest may have given a case; pytest looks at it while it sets a test up."""


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
            self.config.stash[FAULTS].extend(error.faults)
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

        result = self.config.stash[WAIVERS].apply(self.config.stash[ENGINE].result(self.planned))
        self.config.stash[RESULTS][self.nodeid] = result
        self.user_properties += [("verdict", result.verdict.value), ("change", result.change)]
        if result.waiver:
            self.user_properties.append(("waiver", result.waiver))
        match result.verdict:
            case Verdict.PASS | Verdict.DEVIATION | Verdict.WAIVED:
                return
            case Verdict.FAIL | Verdict.SUITE_ERROR:
                raise CaseDidNotHold(result)
            case verdict:
                from conformance.wire.pretty import printable

                # Told of the case's file, not of this one, which stands elsewhere on each machine.
                raise pytest.skip.Exception(printable(f"{verdict}: {result.reason}"), _use_item_location=True)

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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a case in one phase: it has no fixtures, so three phases would take twice the time for nothing.

    The last case of a file runs as pytest does it, which sets up and tears down what is around files, and so does
    one that a conftest has marked. Before somebody else's test takes its time, the cases in flight are let end.
    """
    if not isinstance(item, CaseItem):
        if engine := item.config.stash.get(ENGINE, None):
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
