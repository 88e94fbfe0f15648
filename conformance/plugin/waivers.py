"""The waivers of a run: read before anything is sent, told at the end where somebody has to change one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.plugin.state import RECORDER, WAIVERS

if TYPE_CHECKING:
    from conformance.run.suite import RunOptions


def read_waivers(config: pytest.Config, options: RunOptions) -> None:
    """Read the waivers of a run; raise CaseFileErrors with all faults of the file."""
    from conformance.run.waive import WaiverBook

    config.stash[WAIVERS] = WaiverBook.open(options.waivers, options.site)


def waivers_to_change(config: pytest.Config) -> list[str]:
    """Return a line for each waiver that fails the run; known once the run has ended."""
    if RECORDER not in config.stash:
        return []
    from conformance.wire.pretty import printable

    notes = config.stash[RECORDER].tally.waivers_to_change
    return [printable(str(note)).replace("\n", " ") for note in notes]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which waivers fail the run: pytest itself has no test for that."""
    if told := waivers_to_change(config):
        terminalreporter.section("waivers to change")
        for line in told:
            terminalreporter.line(line, red=True)
