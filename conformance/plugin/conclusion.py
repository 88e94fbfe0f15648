"""A run that can not be relied on is not green anywhere: neither by its exit code nor in junit.xml."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import pytest

from conformance.plugin.items import CaseItem
from conformance.plugin.state import FAULTS, RECORDER, TROUBLE, is_worker
from conformance.plugin.waivers import waivers_to_change

_NOT_RUN = {
    pytest.ExitCode.INTERRUPTED: "COULD NOT TELL: the run was interrupted",
    pytest.ExitCode.INTERNAL_ERROR: "RUN VOID: pytest or a plugin of it failed",
    pytest.ExitCode.USAGE_ERROR: "NOT RUN: what was asked for can not be done; the output of the command says why",
    pytest.ExitCode.NO_TESTS_COLLECTED: "COULD NOT TELL: nothing was tested",
}


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Look at the end of the session, unless nothing is to be run."""
    config = session.config
    if not (is_worker(config) or config.option.collectonly or config.getoption("--conformance-dry-run", False)):
        config.pluginmanager.register(_Conclusion(config), "conformance-conclusion")


class _Conclusion:
    """Hears why a session was ended, and says so where it is not heard."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ended = ""

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what the session was ended with."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._ended = str(excinfo.value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Add the failed entry, after the exit code is known and before junit.xml is written."""
        if not _is_ours(session):
            return
        if session.exitstatus == pytest.ExitCode.OK and RECORDER not in session.config.stash:
            session.exitstatus = 2  # tests of others have passed; of ours there were none
            self._ended = _NOT_RUN[pytest.ExitCode.NO_TESTS_COLLECTED]
        from conformance.report.junit import add_inconclusive, add_waivers

        if why := "\n".join(dict.fromkeys(self._why(session))):
            add_inconclusive(session.config, why)
        if told := "\n".join(waivers_to_change(session.config)):
            add_waivers(session.config, told)

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Name the page for what it is where no case comes to name it otherwise."""
        if self._config.getoption("--conformance-report"):
            report.title = "Webex XML API - no case was run"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str], session: pytest.Session) -> None:
        """Say on the page, where no case was run, why that is so: an empty page could be taken for a good one."""
        if RECORDER not in session.config.stash and _is_ours(session):
            from conformance.wire.pretty import printable

            why = "\n".join(dict.fromkeys(self._why(session)))
            prefix.append(f"<p><strong>{escape(printable(why))}</strong></p>")

    def _why(self, session: pytest.Session) -> Iterator[str]:
        status, stash = int(session.exitstatus), session.config.stash
        recorder, trouble = stash.get(RECORDER, None), stash.get(TROUBLE, None)
        if trouble is not None:
            yield trouble[0]
        if self._ended:
            yield self._ended
        if recorder is None:
            if status != pytest.ExitCode.TESTS_FAILED and not self._ended and trouble is None:
                yield _NOT_RUN.get(pytest.ExitCode(status), f"NOT RUN: exit code {status}")
            return
        from conformance.report.stream import headline

        tally = recorder.tally
        ran, planned = tally.total.total(), tally.planned
        if status > 1 or tally.exit_code > 1 or ran < planned:
            yield headline(tally)
        if ran < planned:
            yield f"Only {ran} of {planned} cases ran."


def _is_ours(session: pytest.Session) -> bool:
    stash = session.config.stash
    return bool(
        RECORDER in stash
        or TROUBLE in stash
        or stash[FAULTS]
        or session.config.getoption("--conformance-report")
        or any(isinstance(item, CaseItem) for item in getattr(session, "items", ()))
    )
