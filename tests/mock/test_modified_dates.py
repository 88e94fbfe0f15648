"""Sessions listed by when they were last modified."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import NO_RECORD, create, make_site, send

from conformance.mock.modified import MODIFIED_DATES

# Everything is scheduled at NOW, January 15, 2020, 12:00.


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("01/14/2020 00:00:00", "01/16/2020 00:00:00", True),
        ("01/15/2020 12:00:00", "01/15/2020 12:00:00", True),
        ("01/15/2020 12:00:01", "01/16/2020 00:00:00", False),
        ("01/01/2020 00:00:00", "01/15/2020 11:59:59", False),
        ("01/01/2020 12:00:00", "03/01/2020 00:00:00", True),  # two weeks to the second
        ("01/01/2020 11:59:59", "03/01/2020 00:00:00", False),  # the fortnight ends a second too early
        ("01/14/2020 00:00:00", "", True),
        ("", "01/29/2020 12:00:00", True),
        ("", "01/29/2020 12:00:01", False),
    ],
)
def test_ranges_have_two_weeks_at_most(start: str, end: str, found: bool) -> None:
    site = make_site(MODIFIED_DATES)
    key = create(site)
    body = {"sessionKey": key, "modifiedDateStart": start, "modifiedDateEnd": end}
    answer = send(site, "LstsummarySession", {name: value for name, value in body.items() if value})
    assert answer.ok if found else answer.failure == NO_RECORD


def test_a_change_moves_a_session_into_a_later_range() -> None:
    site = make_site(MODIFIED_DATES)
    key = create(site)
    body = {"sessionKey": key, "modifiedDateStart": "01/20/2020 00:00:00", "modifiedDateEnd": "01/22/2020 00:00:00"}
    site.clock.advance(timedelta(days=6))
    assert send(site, "LstsummarySession", body).failure == NO_RECORD
    send(site, "SetMeeting", {"meetingkey": key, "metaData": {"agenda": "Other"}})
    assert send(site, "LstsummarySession", body).text("ep:session/ep:sessionKey") == key


def test_without_the_change_the_dates_are_unknown_elements() -> None:
    site = make_site()
    body = {"sessionKey": create(site), "modifiedDateEnd": "01/01/2001 00:00:00"}
    assert send(site, "LstsummarySession", body).ok
