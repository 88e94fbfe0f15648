"""The ids that are known, and failures that tell of the moment."""

from __future__ import annotations

import pytest

from conformance.cases.load import load_changes, plan
from conformance.wire.exception_ids import KNOWN, TELLING_IDS, Moment, circumstance, unknown


@pytest.mark.parametrize(
    ("code", "reason", "moment"),
    [
        ("000045", "API Rate Limit Reach", Moment.TRANSIENT),
        ("000035", "", Moment.TRANSIENT),
        ("999999", "exceededSiteHostLimit", Moment.QUOTA),
        ("010107", "The site is suspended", Moment.SITE),
        (None, "The site is not active", Moment.SITE),
        ("030002", "Account temporarily locked", Moment.CREDENTIALS),
        ("030002", "Your password has expired.", Moment.CREDENTIALS),
        ("030002", "Incorrect user or password", None),
        ("060026", "Meeting password must not be null", None),
        ("999999", "Maximum date range is 90 days for modified date query.", None),
        ("000001", "Access denied, additional privileges are required", None),
        (None, None, None),
    ],
)
def test_some_failures_tell_of_the_moment(code: str | None, reason: str | None, moment: Moment | None) -> None:
    told = circumstance(code, reason)
    assert (told.moment if told else None) is moment


def test_an_id_is_unknown_where_nobody_has_seen_it() -> None:
    assert unknown("098765")
    assert not any(map(unknown, KNOWN))
    assert not unknown(None)
    assert not unknown("")
    assert set(KNOWN) >= TELLING_IDS


def test_every_id_that_a_shipped_case_expects_is_known() -> None:
    cases = [case.case for change in load_changes() for case in plan(change)]
    steps = [step for case in cases for step in case.all_steps]
    expected = {getattr(getattr(step, side), "exception_id", None) for step in steps for side in ("expect", "before")}
    codes = {code for code in expected if code and code.isalnum()}
    assert codes
    assert codes <= set(KNOWN)
