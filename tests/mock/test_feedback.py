"""GetFeedbackInfo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOT_FOUND, NOW, make_site, send

from conformance.mock.state import Kind, PastSession, Presence, Site

NAME = "GetFeedbackInfo"


@pytest.fixture
def site() -> Site:
    """A training session of the host's, to which one of two guests gave feedback."""
    site = make_site()
    start, end = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    people = [
        Presence("Ann", "ann@example.com", start, end, attendee_id=5, feedback={"setup": "Good", "comment": "Nice"}),
        Presence("Bob", "bob@example.com", start, end, attendee_id=6),
    ]
    site.past_sessions.append(PastSession(11, 12, Kind.TRAINING, "host", "Talk", start, end, 20, people))
    return site


def test_feedback_is_told_of_those_who_gave_it(site: Site) -> None:
    answer = send(site, NAME, {"confID": "11"})
    assert answer.names("att:session") == ["confID", "attendee", "matchingRecords"]
    assert answer.text("att:session/att:confID") == "11"
    assert answer.all("att:session/att:attendee/att:attendeeID") == ["5"]
    assert answer.names(".//att:defaultFields") == ["setup", "comment"]
    assert answer.all("att:session/att:matchingRecords/*") == ["1", "1", "1"]


def test_it_is_for_the_host_and_administrators(site: Site) -> None:
    assert send(site, NAME, {"confID": "11"}, "admin").ok
    assert send(site, NAME, {"confID": "11"}, "other").failure == NOT_FOUND
    assert send(site, NAME, {"confID": "11"}, "").failure == ACCESS_DENIED


def test_nothing_to_tell(site: Site) -> None:
    assert send(site, NAME, {"confID": "12"}).failure == NOT_FOUND
    assert send(site, NAME, "").failure[0] == "999999"
    site.past_sessions[0].people[0].feedback = {}
    assert send(site, NAME, {"confID": "11"}).failure == NO_RECORD
