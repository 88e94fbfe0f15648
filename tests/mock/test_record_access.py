"""Who looked at recordings: LstrecordaccessHistory and LstrecordaccessDetailHistory."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOW, make_site, send

from conformance.mock.record_access import DEFAULT_RANGE
from conformance.mock.state import Recording, RecordingAccess, Site

DAY = timedelta(days=1)
COUNTED, ONE_BY_ONE = "LstrecordaccessHistory", "LstrecordaccessDetailHistory"


def recording(number: int, created: datetime, host: str = "host", visits: int = 2) -> Recording:
    """Return a recording that its first visitor downloaded after he registered, each an hour after the other."""
    accesses = [
        RecordingAccess(
            view_id=10 * number + visit,
            name="Ann Lee",
            email=f"ann{visit}@example.com",
            time=created + visit * timedelta(hours=1),
            registered=created if visit == 1 else None,
            downloaded=visit == 1,
            viewed=visit == 2,
        )
        for visit in range(1, visits + 1)
    ]
    return Recording(number, host, f"Talk {9 - number}", created, number, number, accesses=accesses)


@pytest.fixture
def site() -> Site:
    """Give the host recordings 3, 2 and 1, made 1, 2 and 100 days ago, and one that nobody saw; 4 is another host's."""
    site = make_site()
    ages = {3: 1, 2: 2, 1: 100}
    site.recordings = [recording(number, NOW - age * DAY) for number, age in ages.items()]
    site.recordings += [recording(5, NOW - DAY, visits=0), recording(4, NOW - 3 * DAY, "other")]
    return site


def ids(site: Site, body: object = "", caller: str = "host") -> list[str]:
    return send(site, COUNTED, body, caller).all("*/history:recordID")  # type: ignore[arg-type]


def scope(which: str, first: str, last: str) -> dict:
    return {f"{which}TimeScope": {f"{which}TimeStart": first, f"{which}TimeEnd": last}}


def test_visits_are_counted(site: Site) -> None:
    answer = send(site, COUNTED, {"recordName": "tALK 7"})
    names = ["recordID", "recordName", "creationTime", "registered", "downloaded", "viewed", "timeZoneID"]
    assert answer.names("history:recordAccessHistory") == names
    told = [answer.text(f"*/history:{name}") for name in names]
    assert told == ["2", "Talk 7", "01/13/2020 12:00:00", "1", "1", "1", "20"]


def test_whose(site: Site) -> None:
    assert ids(site, {"hostWebExID": "other"}) == ["1", "2", "3"]
    assert ids(site, "", "admin") == ["1", "4", "2", "3"]
    assert ids(site, {"hostWebExID": "other"}, "admin") == ["4"]
    assert send(site, COUNTED, "", "guest").failure == NO_RECORD
    assert send(site, COUNTED, "", "").failure == ACCESS_DENIED


@pytest.mark.parametrize(
    ("by", "found"), [("RECORDID", ["3", "2", "1"]), ("RECORDNAME", ["1", "2", "3"]), ("UPLOADTIME", ["3", "2", "1"])]
)
def test_order(site: Site, by: str, found: list[str]) -> None:
    assert ids(site, {"order": {"orderBy": by, "orderAD": "DESC"}}) == found
    assert ids(site, {"order": {"orderBy": by}, "listControl": {"maximumNum": "1"}}) == found[-1:]


def test_scopes(site: Site) -> None:
    made, seen = "01/13/2020 12:00:00", "01/14/2020 14:00:00"
    assert ids(site, scope("creation", made, made)) == ["2"]
    assert ids(site, scope("view", seen, seen)) == ["3"]
    between = scope("view", "01/14/2020 13:00:01", "01/14/2020 13:59:59")
    assert send(site, COUNTED, between).failure == NO_RECORD
    both = {**scope("creation", made, made), **scope("view", seen, seen)}
    assert send(site, COUNTED, both).failure == NO_RECORD
    assert ids(site, {**both, "listControl": {"listMethod": "OR"}}) == ["2", "3"]


def test_dates_are_read_and_told_in_the_zone(site: Site) -> None:
    body = {"timeZoneID": "45", **scope("creation", "01/13/2020 20:00:00", "01/13/2020 20:00:00")}
    answer = send(site, COUNTED, body)
    assert answer.text("*/history:creationTime") == "01/13/2020 20:00:00"
    visits = send(site, ONE_BY_ONE, {"recordID": "2", "timeZoneID": "45"})
    assert visits.all("*/history:accessTime") == ["01/13/2020 21:00:00", "01/13/2020 22:00:00"]
    assert visits.all("*/history:timeZoneID") == ["45", "45"]


def test_since_11_0_sp8_a_call_without_scope_looks_back_90_days(site: Site) -> None:
    site.changes = frozenset({DEFAULT_RANGE})
    assert ids(site) == ["2", "3"]
    assert ids(site, scope("creation", "01/01/2019 00:00:00", "01/15/2020 00:00:00")) == ["1", "2", "3"]
    assert ids(site, scope("view", "01/01/2019 00:00:00", "01/15/2020 00:00:00")) == ["1", "2", "3"]
    site.recordings[0].created = NOW - 90 * DAY + timedelta(minutes=1)
    assert ids(site) == ["3", "2"]


def test_visits_one_by_one(site: Site) -> None:
    answer = send(site, ONE_BY_ONE, {"recordID": "3"})
    assert answer.all("*/history:viewID") == ["31", "32"]
    assert answer.all("*/history:registered") == ["true", "false"]
    assert answer.all("*/history:registerDate") == ["01/14/2020 12:00:00"]
    assert answer.all("*/history:regFields") == []
    assert answer.all("history:matchingRecords/*") == ["2", "2", "1"]
    asked = send(site, ONE_BY_ONE, {"recordID": "3", "returnRegFields": "true"})
    assert asked.all("history:recordDetail[1]/history:regFields/*") == ["Ann", "Lee"]
    assert len(asked.all("*/history:regFields")) == 1


def test_without_a_recording_all_visits_that_the_caller_may_see_are_listed_by_time(site: Site) -> None:
    assert send(site, ONE_BY_ONE, "").all("*/history:viewID") == ["11", "12", "21", "22", "31", "32"]
    assert send(site, ONE_BY_ONE, {"recordID": "4"}).failure == NO_RECORD
    assert send(site, ONE_BY_ONE, {"recordID": "4"}, "admin").all("*/history:viewID") == ["41", "42"]
    assert send(site, ONE_BY_ONE, {"recordID": "x"}).failure[0] == "999999"
