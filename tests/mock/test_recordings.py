"""Recordings and their recycle bin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOW, make_site, send

from conformance.mock.state import Recording, Site

BIN = "10.0.12/recording-recycle-bin"
FOUR_WEEKS = "11.0.7/lstrecording-of-four-weeks"
UUID = "42.11.1/lstrecording-uuid"


def site_with_recordings(*changes: str) -> Site:
    """One recording of the network and one of a service, both the host's, and one of somebody else's."""
    site = make_site(*changes)
    for number, (host, days, of_service) in enumerate((("host", 1, False), ("host", 40, True), ("other", 2, False)), 1):
        made = NOW - timedelta(days=days)
        site.recordings.append(Recording(number, host, f"Talk {number}", made, 70 + number, 90, uuid=f"u{number}"))
        site.recordings[-1].of_service = of_service
    return site


def listed(site: Site, caller: str = "host", name: str = "LstRecording") -> list[str]:
    return send(site, name, "", caller).all("ep:recording/ep:recordingID")


def test_a_host_gets_his_own_the_newest_first_and_an_administrator_all() -> None:
    site = site_with_recordings()
    assert listed(site) == ["1", "2"]
    assert listed(site, "admin") == ["1", "3", "2"]
    assert send(site, "LstRecording", {"hostWebExID": "other"}, "admin").all("ep:recording/ep:recordingID") == ["3"]
    assert send(site, "LstRecording", "", "guest").failure == NO_RECORD
    assert send(site, "LstRecording", "", "").failure == ACCESS_DENIED


def test_without_a_scope_four_weeks_are_listed_since_11_0_7() -> None:
    site = site_with_recordings(FOUR_WEEKS)
    assert listed(site) == ["1"]
    scope = {"createTimeStart": "12/01/2019 00:00:00", "createTimeEnd": "01/14/2020 12:00:00", "timeZoneID": "20"}
    answer = send(site, "LstRecording", {"createTimeScope": scope})
    assert answer.all("ep:recording/ep:recordingID") == ["1", "2"]
    assert answer.all("ep:recording/ep:createTime") == ["01/14/2020 12:00:00", "12/06/2019 12:00:00"]


def test_a_service_recording_tells_its_uuid_since_42_11_1() -> None:
    assert send(site_with_recordings(), "LstRecording", "").all("ep:recording/ep:recordingUUID") == []
    answer = send(site_with_recordings(UUID), "LstRecording", "")
    assert answer.all("ep:recording[ep:recordingID='2']/ep:recordingUUID") == ["u2"]
    assert answer.all("ep:recording[ep:recordingID='1']/ep:recordingUUID") == []


@pytest.mark.parametrize("operation", ["GetRecordingInfo", "DelRecording"])
def test_the_sort_of_a_recording_is_part_of_its_name(operation: str) -> None:
    site = site_with_recordings()
    assert send(site, operation, {"recordingID": "2"}).failure == NO_RECORD
    assert send(site, operation, {"recordingID": "2", "isServiceRecording": "true"}).ok
    assert send(site, operation, {"recordingID": "3"}).failure == ACCESS_DENIED
    assert send(site, operation, {"recordingID": "3"}, "admin").ok


def test_what_is_set_is_told_and_the_rest_stays() -> None:
    site = site_with_recordings()
    change = {
        "recording": {"recordingID": "1", "password": "Aa1bc2De3"},
        "basic": {"topic": "Renamed", "agenda": "All of it"},
        "playback": {"chat": "false"},
    }
    assert send(site, "SetRecordingInfo", change).ok
    assert send(site, "SetRecordingInfo", {"recording": {"recordingID": "1", "description": "Long"}}).ok
    answer = send(site, "GetRecordingInfo", {"recordingID": "1"})
    assert answer.all("ep:basic/*") == ["Renamed", "PUBLIC", "All of it", "Long"]
    assert answer.text("ep:playback/ep:chat") == "false"
    assert answer.text("ep:playback/ep:video") == "true"
    assert answer.text("ep:fileAccess/ep:password") == "Aa1bc2De3"
    assert send(site, "LstRecording", {"recordName": "renamed"}).text("ep:recording/ep:passwordReq") == "true"


def test_before_10_0_12_what_is_deleted_is_gone() -> None:
    site = site_with_recordings()
    assert send(site, "DelRecording", {"recordingID": "1"}).ok
    assert [recording.recording_id for recording in site.recordings] == [2, 3]


def test_what_is_deleted_waits_30_days_in_the_bin() -> None:
    site = site_with_recordings(BIN)
    send(site, "DelRecording", {"recordingID": "1"})
    assert listed(site) == ["2"]
    site.clock.set(NOW + timedelta(days=30, hours=-1))
    assert listed(site, name="LstRecordingInRecycleBin") == ["1"]
    site.clock.set(NOW + timedelta(days=30, hours=1))
    assert send(site, "LstRecordingInRecycleBin", "").failure == NO_RECORD
    assert send(site, "RecoverRecordingFromRecycleBin", {"recordingID": "1"}).failure == NO_RECORD


def test_a_bin_is_its_owners_alone() -> None:
    site = site_with_recordings(BIN)
    send(site, "DelRecording", {"recordingID": "1"})
    for operation in ("RecoverRecordingFromRecycleBin", "DelRecordingFromRecycleBin"):
        assert send(site, operation, {"recordingID": "1"}, "admin").failure == NO_RECORD
    assert send(site, "LstRecordingInRecycleBin", "", "admin").failure == NO_RECORD


def test_what_is_recovered_is_told_and_what_is_deleted_again_is_gone() -> None:
    site = site_with_recordings(BIN)
    send(site, "DelRecording", {"recordingID": "1"})
    answer = send(site, "RecoverRecordingFromRecycleBin", {"recordingID": ["1", "999"]})
    assert answer.all("ep:successfulRecoverRecordings/ep:recordingID") == ["1"]
    assert listed(site) == ["1", "2"]
    send(site, "DelRecording", {"recordingID": "1"})
    assert send(site, "DelRecordingFromRecycleBin", {"recordingID": "1"}).ok
    assert send(site, "RecoverRecordingFromRecycleBin", {"recordingID": "1"}).failure == NO_RECORD


def test_a_call_names_one_to_twenty_recordings() -> None:
    site = site_with_recordings(BIN)
    send(site, "DelRecording", {"recordingID": "1"})
    assert send(site, "RecoverRecordingFromRecycleBin", "").failure[0] == "999999"
    many = [str(number) for number in range(1, 22)]
    assert send(site, "RecoverRecordingFromRecycleBin", {"recordingID": many}).failure[0] == "999999"
    assert send(site, "RecoverRecordingFromRecycleBin", {"recordingID": many[:20]}).ok
