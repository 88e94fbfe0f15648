"""The eight changes of 40.1.0 to 40.4.3: for tests that need a catalogue and whose subject it is not.

They do not grow with what is shipped, so that numbers can be written out, and a run of them takes a second.
"""

from __future__ import annotations

from conformance.cases.load import load_changes, plan
from conformance.cases.plan import Change, PlannedCase
from conformance.resources import cases_root
from conformance.versions import DEFAULT_VERSION, Version

FOLDERS = [cases_root() / release for release in ("40.1.0", "40.1.2", "40.2.0", "40.4.0", "40.4.3")]


def eight_changes() -> list[Change]:
    """Return the changes."""
    return [change for change in load_changes() if Version(40) < change.since <= DEFAULT_VERSION]


def eighty_six_cases() -> list[PlannedCase]:
    """Return their cases."""
    return [case for change in eight_changes() for case in plan(change)]
