"""What the plugin keeps between hooks, in pytest's typed stash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.errors import CaseFault

if TYPE_CHECKING:
    from conformance.report.recorder import Recorder
    from conformance.run.engine import Engine
    from conformance.run.verdicts import CaseResult
    from conformance.run.waive import WaiverBook

FAULTS = pytest.StashKey[list[CaseFault]]()
ENGINE: pytest.StashKey[Engine] = pytest.StashKey()
WAIVERS: pytest.StashKey[WaiverBook] = pytest.StashKey()
RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()
# What is to be told at the end, for example what kept xdist workers from running cases, and the exit code for it.
TROUBLE: pytest.StashKey[tuple[str, int]] = pytest.StashKey()
# By node id: results that were taken and have not yet reached the writers.
RESULTS: pytest.StashKey[dict[str, CaseResult]] = pytest.StashKey()


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process is a worker of xdist."""
    return hasattr(config, "workerinput")
