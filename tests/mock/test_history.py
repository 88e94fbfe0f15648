"""LstAccessAnywhereHistory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conformance.mock.building import add_access_anywhere
from conformance.mock.history import CHANGE
from conformance.mock.state import AccessAnywhere
from conformance.wire.times import write_date

NAME = "LstAccessAnywhereHistory"
NOON = datetime(2019, 11, 29, 12, tzinfo=UTC)


def use(conf_id: int, start: timedelta, length: timedelta, host: str = "host") -> AccessAnywhere:
    begin = NOON + start
    return AccessAnywhere(conf_id, host, "dean", f"pc{9 - conf_id}", "192.0.2.1", begin, begin + length)


@pytest.fixture
def site(make_site):
    """Three uses of the host's: 12:00 to 12:10, 13:00 to 13:05, 14:00 to 14:30; one of the attendee's."""
    site = make_site(CHANGE)
    minutes = timedelta(minutes=1)
    site.access_anywhere = [
        use(1, 0 * minutes, 10 * minutes),
        use(2, 60 * minutes, 5 * minutes),
        use(3, 120 * minutes, 30 * minutes),
        use(4, 10 * minutes, minutes, host="attendee"),
    ]
    return site


def ids(answered) -> list[str]:
    return answered.texts("history:accessAnyWhereInfo/history:confID")


def start_scope(first: str, last: str) -> dict:
    return {"startTimeScope": {"sessionStartTimeStart": first, "sessionStartTimeEnd": last}}


def end_scope(first: str, last: str) -> dict:
    return {"endTimeScope": {"sessionEndTimeStart": first, "sessionEndTimeEnd": last}}


class TestBeforeTheChange:
    @pytest.mark.parametrize("caller", ["siteadmin", None, "stranger"])
    def test_the_operation_is_unknown_to_everybody(self, make_site, ask, caller):
        answered = ask(make_site(access_anywhere_sessions=3), NAME, caller=caller)
        assert (answered.code, answered.response.content) == ("000000", None)


class TestShape:
    def test_the_printed_example(self, make_site, ask):
        site = make_site(CHANGE)
        start = datetime(2019, 11, 29, 3, 5, 44, tzinfo=UTC)
        end = datetime(2019, 11, 29, 3, 10, 6, tzinfo=UTC)
        site.access_anywhere.append(AccessAnywhere(123456, "host", "dean", "6926_dean", "10.224.222.183", start, end))
        answered = ask(site, NAME)
        assert answered.response.content_type[1] == "LstAccessAnywhereHistoryResponse"
        assert answered.children() == ["history:matchingRecords", "history:accessAnyWhereInfo"]
        assert answered.children("history:matchingRecords") == ["serv:total", "serv:returned", "serv:startFrom"]
        names = ("confID", "userName", "computerName", "clientIP", "startTime", "endTime", "duration")
        assert answered.children("history:accessAnyWhereInfo") == [f"history:{name}" for name in names]
        assert [answered.text(f"history:accessAnyWhereInfo/history:{name}") for name in names] == [
            "123456",
            "dean",
            "6926_dean",
            "10.224.222.183",
            "11/29/2019 03:05:44",
            "11/29/2019 03:10:06",
            "5",
        ]

    @pytest.mark.parametrize(("seconds", "minutes"), [(0, "0"), (1, "1"), (60, "1"), (61, "2")])
    def test_begun_minutes_count(self, make_site, ask, seconds, minutes):
        site = make_site(CHANGE)
        site.access_anywhere.append(use(1, timedelta(), timedelta(seconds=seconds)))
        assert ask(site, NAME).text("history:accessAnyWhereInfo/history:duration") == minutes


class TestWhoSeesWhat:
    def test_an_administrator_sees_all_or_one_hosts(self, site, ask):
        assert ids(ask(site, NAME)) == ["1", "4", "2", "3"]
        assert ids(ask(site, NAME, {"hostWebexID": "Attendee"})) == ["4"]
        assert ask(site, NAME, {"hostWebexID": "nobody"}).code == "000015"

    def test_for_others_the_parameter_is_ignored(self, site, ask):
        assert ids(ask(site, NAME, {"hostWebexID": "attendee"}, caller="host")) == ["1", "2", "3"]
        assert ids(ask(site, NAME, {"hostWebexID": "host"}, caller="attendee")) == ["4"]

    def test_anonymous_is_refused(self, site, ask):
        assert ask(site, NAME, caller=None).code == "000001"


class TestScopes:
    def test_bounds_belong_to_the_scope(self, site, ask):
        assert ids(ask(site, NAME, start_scope("11/29/2019 12:00:00", "11/29/2019 13:00:00"))) == ["1", "4", "2"]
        assert ids(ask(site, NAME, start_scope("11/29/2019 12:00:01", "11/29/2019 12:59:59"))) == ["4"]
        assert ids(ask(site, NAME, end_scope("11/29/2019 14:30:00", "11/30/2019 00:00:00"))) == ["3"]

    def test_months_of_one_digit(self, site, ask):
        assert ids(ask(site, NAME, start_scope("9/1/2019 0:00:00", "11/29/2019 12:00:00"))) == ["1"]

    def test_an_open_scope(self, site, ask):
        open_end = {"startTimeScope": {"sessionStartTimeStart": "11/29/2019 13:30:00"}}
        assert ids(ask(site, NAME, open_end)) == ["3"]

    @pytest.mark.parametrize(
        ("method", "found"), [({}, ["2"]), ({"listMethod": "AND"}, ["2"]), ({"listMethod": "OR"}, ["1", "4", "2", "3"])]
    )
    def test_and_or_joins_the_scopes(self, site, ask, method, found):
        body = {
            **start_scope("11/29/2019 13:00:00", "11/29/2019 23:00:00"),
            **end_scope("11/29/2019 12:00:00", "11/29/2019 13:30:00"),
            "listControl": method,
        }
        assert ids(ask(site, NAME, body)) == found

    def test_or_with_one_scope_is_that_scope(self, site, ask):
        body = start_scope("11/29/2019 13:00:00", "11/29/2019 23:00:00") | {"listControl": {"listMethod": "OR"}}
        assert ids(ask(site, NAME, body)) == ["2", "3"]

    def test_or_does_not_reach_other_hosts(self, site, ask):
        body = start_scope("11/29/2019 00:00:00", "11/29/2019 23:00:00") | {"listControl": {"listMethod": "OR"}}
        assert ids(ask(site, NAME, body | {"hostWebexID": "attendee"})) == ["4"]

    @pytest.mark.parametrize("date", ["2019-11-29", "13/01/2019 00:00:00", "01/01/0001 00:00:00"])
    def test_what_is_no_date_is_refused(self, site, ask, date):
        assert ask(site, NAME, start_scope(date, "11/29/2019 23:00:00")).code == "999999"


class TestOrderAndPages:
    @pytest.mark.parametrize(
        ("by", "direction", "found"),
        [
            ("STARTTIME", "ASC", ["1", "4", "2", "3"]),
            ("STARTTIME", "DESC", ["3", "2", "4", "1"]),
            ("CONFID", "DESC", ["4", "3", "2", "1"]),
            ("DURATION", "ASC", ["4", "2", "1", "3"]),
            ("COMPUTERNAME", "ASC", ["4", "3", "2", "1"]),
            ("WEATHER", "DESC", ["1", "4", "2", "3"]),
        ],
    )
    def test_order(self, site, ask, by, direction, found):
        assert ids(ask(site, NAME, {"order": {"orderBy": by, "orderAD": direction}})) == found

    def test_a_page(self, site, ask):
        answered = ask(site, NAME, {"listControl": {"startFrom": "2", "maximumNum": "2"}})
        assert ids(answered) == ["4", "2"]
        numbers = [answered.text(f"history:matchingRecords/serv:{name}") for name in ("total", "returned", "startFrom")]
        assert numbers == ["4", "2", "2"]

    def test_past_the_end_there_is_no_record(self, site, ask):
        assert ask(site, NAME, {"listControl": {"startFrom": "5"}}).code == "000015"

    def test_nothing_found(self, site, ask):
        nothing = ask(site, NAME, start_scope("01/01/2018 00:00:00", "01/02/2018 00:00:00"))
        assert (nothing.code, nothing.response.reason) == ("000015", "Sorry, no record found")

    def test_fifty_unless_asked_for_more(self, make_site, ask):
        site = make_site(CHANGE, access_anywhere_sessions=60)
        assert len(ids(ask(site, NAME))) == 50
        assert len(ids(ask(site, NAME, {"listControl": {"maximumNum": "500"}}))) == 60


def test_generated_uses_are_recent_and_never_start_together(make_site, ask):
    site = make_site(CHANGE, access_anywhere_sessions=5)
    add_access_anywhere(site, "siteadmin", 1)
    starts = [use.start for use in site.access_anywhere[:5]]
    assert len(set(starts)) == 5
    assert all(timedelta() < site.clock.now() - start < timedelta(days=2) for start in starts)
    span = start_scope(write_date(min(starts)), write_date(max(starts)))
    assert len(ids(ask(site, NAME, span, caller="host"))) == 5
