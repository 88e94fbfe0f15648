"""Meetings that repeat: when they take place, and what stands in for one of their days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import NO_RECORD, NOT_FOUND, create, make_site, meeting, send

from conformance.mock.recurrence import EXCEPTIONS
from conformance.mock.state import Site
from conformance.wire.request import Body

# NOW is Wednesday, January 15, 2020; meetings start an hour later.


def days(site: Site, key: str) -> list[str]:
    """Return the starts of the occurrences of a meeting, as month/day."""
    body = {"order": {"orderBy": "STARTTIME", "orderAD": "ASC"}, "sessionKey": key, "recurrence": "true"}
    return [start[:5] for start in send(site, "LstsummarySession", body).all("ep:session/ep:startTime")]


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({"repeatType": "NO_REPEAT", "afterMeetingNumber": "3"}, ["01/15"]),
        ({"repeatType": "DAILY", "afterMeetingNumber": "3"}, ["01/15", "01/16", "01/17"]),
        ({"repeatType": "DAILY", "interval": "10", "afterMeetingNumber": "3"}, ["01/15", "01/25", "02/04"]),
        ({"repeatType": "DAILY", "expirationDate": "01/16/2020 23:59:59"}, ["01/15", "01/16"]),
        (
            {"repeatType": "DAILY", "dayInWeek": {"day": ["MONDAY", "FRIDAY"]}, "afterMeetingNumber": "3"},
            ["01/17", "01/20", "01/24"],
        ),
        ({"repeatType": "WEEKLY", "afterMeetingNumber": "2"}, ["01/15", "01/22"]),
        (
            {
                "repeatType": "WEEKLY",
                "interval": "2",
                "dayInWeek": {"day": ["TUESDAY", "FRIDAY"]},
                "afterMeetingNumber": "3",
            },
            ["01/17", "01/28", "01/31"],
        ),
        ({"repeatType": "MONTHLY", "afterMeetingNumber": "3"}, ["01/15", "02/15", "03/15"]),
        ({"repeatType": "MONTHLY", "dayInMonth": "31", "afterMeetingNumber": "3"}, ["01/31", "03/31", "05/31"]),
        (
            {
                "repeatType": "MONTHLY",
                "weekInMonth": "3",
                "dayInWeek": {"day": "MONDAY"},
                "afterMeetingNumber": "2",
            },
            ["01/20", "02/17"],
        ),
        ({"repeatType": "YEARLY", "afterMeetingNumber": "2"}, ["01/15", "01/15"]),
        ({"repeatType": "CONSTANT"}, ["01/15"]),
    ],
)
def test_the_days_of_a_series(repeat: Body, expected: list[str]) -> None:
    site = make_site()
    assert days(site, create(site, meeting(repeat=repeat))) == expected


def test_a_series_without_an_end_has_a_hundred_days() -> None:
    site = make_site()
    key = create(site, meeting(repeat={"repeatType": "DAILY"}))
    answer = send(site, "LstsummarySession", {"sessionKey": key, "recurrence": "true"})
    assert answer.text("ep:matchingRecords/serv:total") == "100"


def test_the_time_of_day_stays_where_summer_time_begins() -> None:
    site = make_site()
    schedule = {"startDate": "03/07/2020 09:00:00", "timeZoneID": "4", "duration": "30"}
    key = create(site, meeting(schedule=schedule, repeat={"repeatType": "DAILY", "afterMeetingNumber": "2"}))
    answer = send(site, "LstsummarySession", {"sessionKey": key, "recurrence": "true"})
    assert sorted(answer.all("ep:session/ep:startTime")) == ["03/07/2020 17:00:00", "03/08/2020 16:00:00"]


class TestExceptions:
    @pytest.fixture
    def site(self) -> Site:
        return make_site(EXCEPTIONS)

    @pytest.fixture
    def series(self, site: Site) -> str:
        return create(site, meeting(repeat={"repeatType": "DAILY", "afterMeetingNumber": "3"}))

    @staticmethod
    def exception(series: str) -> Body:
        schedule = {"startDate": "01/16/2020 15:00:00", "duration": "30"}
        return meeting("Later", schedule=schedule, repeat={"isException": "true", "seriesMeetingKey": series})

    def test_one_takes_the_place_of_the_nearest_day(self, site: Site, series: str) -> None:
        key = create(site, self.exception(series))
        assert days(site, series) == ["01/15", "01/17"]
        answer = send(site, "LstsummarySession", {"sessionKey": key, "recurrence": "true"})
        assert answer.text("ep:session/ep:isException") == "true"
        assert answer.text("ep:session/ep:seriesMeetingKey") == series

    def test_one_is_the_next_when_its_day_has_come(self, site: Site, series: str) -> None:
        key = create(site, self.exception(series))
        listing = {"sessionKey": key, "recurrence": "true"}
        assert send(site, "LstsummarySession", listing).text("ep:session/ep:isNextUpcomingInstance") == "false"
        site.clock.advance(timedelta(hours=12))
        assert send(site, "LstsummarySession", listing).text("ep:session/ep:isNextUpcomingInstance") == "true"

    def test_they_go_with_their_series(self, site: Site, series: str) -> None:
        key = create(site, self.exception(series))
        send(site, "DelMeeting", {"meetingKey": series})
        assert send(site, "LstsummarySession", {"sessionKey": key}).failure == NO_RECORD

    def test_one_of_no_series_is_not_found(self, site: Site) -> None:
        single = create(site)
        for series in (single, "1"):
            assert send(site, "CreateMeeting", self.exception(series)).failure == NOT_FOUND
        assert len(site.sessions) == 1

    def test_one_of_another_host_is_not_found(self, site: Site, series: str) -> None:
        assert send(site, "CreateMeeting", self.exception(series), caller="other").failure == NOT_FOUND

    def test_without_the_change_it_is_a_meeting_like_any_other(self) -> None:
        site = make_site()
        series = create(site, meeting(repeat={"repeatType": "DAILY", "afterMeetingNumber": "3"}))
        key = create(site, self.exception(series))
        assert days(site, series) == ["01/15", "01/16", "01/17"]
        answer = send(site, "LstsummarySession", {"sessionKey": key, "recurrence": "true"})
        assert answer.all("ep:session/ep:isException") == []

    def test_with_the_series_go_its_days(self, site: Site, series: str) -> None:
        send(site, "DelMeeting", {"meetingKey": series})
        answer = send(site, "LstsummarySession", {"sessionKey": series, "recurrence": "true"})
        assert answer.failure == NO_RECORD
