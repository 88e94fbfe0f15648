"""How a campaign goes: the same for a seed, to the smallest request, and to its end, whatever the site does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from fuzz_support import Listening, Ran, ran, refuse, seed

from conformance.errors import ExchangeFault, SuiteError, UserError
from conformance.fuzz.campaign import SILENT_IN_A_ROW
from conformance.fuzz.requests import Requests
from conformance.mock.call import Call, Handler
from conformance.run.engine import Engine
from conformance.schema.catalog import SchemaSet
from conformance.wire.answer import Answer

_CHANGING = re.compile(rb"cnf[0-9a-f]{8}n\d+|<siteName>[^<]*|<password>[^<]*|<meeting[kK]ey>\d{9}<|\d\d:\d\d:\d\d")
"""What is another in each run: marks, sites, passwords, keys, the time."""


def bodies(found: Ran) -> list[Mapping[str, Any]]:
    return [one.generated.body for one in found.outcome.found]


def sent(site: Listening) -> list[bytes]:
    return [_CHANGING.sub(b"", request) for request in site.sent]


def _key(request: bytes) -> bytes:
    return request.partition(b"<meetingKey>")[2][:9]


def test_a_seed_gives_the_same_requests_and_another_one_others(schemas: SchemaSet) -> None:
    ran("LstsummarySession", schemas, most=1)  # loads what is loaded late
    sites = [Listening(), Listening(), Listening()]
    for number, site in zip((7, 7, 8), sites, strict=True):
        ran("LstsummarySession", schemas, site, seed=number)
    first, same, other = map(sent, sites)
    assert first == same
    assert first != other


def test_what_is_found_does_not_change_what_is_asked(schemas: SchemaSet) -> None:
    healthy, broken = Listening(), Listening(["nul:GetMeeting"])
    ran("GetMeeting", schemas, healthy, seed=3)
    ran("GetMeeting", schemas, broken, seed=3)
    # Each read is sent twice where the first answer is sound.
    asked, again = healthy.calls("GetMeeting"), broken.calls("GetMeeting")
    assert [_CHANGING.sub(b"", one) for one in asked[::2]] == [
        _CHANGING.sub(b"", one) for one in again[: len(asked) // 2]
    ]


def test_the_request_that_is_shown_is_the_smallest(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    def needs_two_things(handler: Handler, call: Call) -> Mapping[str, Answer]:
        if call.content.value("order/orderAD") and call.content.find("sessionTypes"):
            return {"matchingRecords": {"total": "none", "returned": "0", "startFrom": "1"}}
        return handler(call)

    seed(monkeypatch, "LstsummarySession", needs_two_things)
    found = ran("LstsummarySession", schemas, most=60)
    assert found.ids == {"schema"}
    (body,) = bodies(found)
    assert body.keys() == {"order", "sessionTypes"}
    assert body["order"] in ({"orderAD": "ASC"}, {"orderAD": "DESC"})
    assert body["sessionTypes"] in ("", {})


def test_it_goes_on_after_a_finding(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    def two_defects(handler: Handler, call: Call) -> Mapping[str, Answer]:
        if call.content.find("hostEmail"):
            refuse("999999", "java.lang.IllegalStateException")(handler, call)
        if call.content.find("recurrence"):
            refuse("", "Without an id")(handler, call)
        return handler(call)

    seed(monkeypatch, "LstsummarySession", two_defects)
    found = ran("LstsummarySession", schemas, most=60)
    assert found.ids == {"trace", "envelope"}
    assert sorted(map(len, bodies(found))) == [1, 1]


def test_most_bounds_what_is_sent(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    site = Listening()
    outcome = ran("LstsummarySession", schemas, site, most=5).outcome
    assert outcome.sent <= 5
    assert len(site.calls("LstsummarySession")) == 2 * outcome.sent
    seed(monkeypatch, "LstsummarySession", refuse("", "Without an id"))
    outcome = ran("LstsummarySession", schemas, most=5).outcome
    assert 0 < outcome.sent <= 10


def test_it_ends_when_its_time_is_over(schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, seconds=1e-9).outcome
    assert outcome.ended == "the time limit of 1e-09 s was over"
    assert (outcome.sent, outcome.gave_up) == (0, False)


def test_it_gives_up_where_nothing_is_to_be_seen(schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, Listening(["maintenance:GetMeeting"])).outcome
    assert (outcome.sent, outcome.gave_up) == (SILENT_IN_A_ROW, True)
    assert "maintenance" in outcome.ended


def test_a_while_without_answers_is_no_reason_to_give_up(schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, Listening(["503:GetMeeting@1-4"])).outcome
    assert not outcome.gave_up
    assert outcome.observed > 0
    assert sum(outcome.untold.values()) == 4


def test_what_was_found_before_an_interrupt_is_told(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    calls: list[object] = []

    def interrupted(self: Engine, case: object, result: Any = Engine.result) -> Any:
        calls.append(case)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return result(self, case)

    monkeypatch.setattr(Engine, "result", interrupted)
    found = ran("GetMeeting", schemas, Listening(["nul:GetMeeting"]))
    assert (found.ids, found.outcome.ended, found.outcome.gave_up) == ({"not-a-message"}, "interrupted", True)


def test_a_defect_of_ours_voids_the_campaign(schemas: SchemaSet) -> None:
    def breaks(called: str) -> None:
        if called == "GetMeeting":
            raise RuntimeError("boom")

    with pytest.raises(SuiteError, match="boom"):
        ran("GetMeeting", schemas, Listening(instead=breaks))


def test_a_valid_request_that_is_not_voids_the_campaign(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    monkeypatch.setattr(Requests, "_refused", lambda *_: "never valid")
    with pytest.raises(SuiteError, match="was to be valid is not: never valid"):
        ran("GetMeeting", schemas)


def test_what_can_not_be_removed_is_told(schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, Listening(["cleanup-fails"]), most=20).outcome
    assert outcome.left
    assert "DelMeeting" in outcome.left[0]
    assert not outcome.found


def test_what_was_created_is_removed_at_once(schemas: SchemaSet) -> None:
    site = Listening()
    ran("CreateMeeting", schemas, site, most=12)
    read = [_key(request) for request in site.calls("GetMeeting")]
    assert read
    assert set(read) <= {_key(request) for request in site.calls("DelMeeting")}


def test_no_files_are_left_where_it_is_run(schemas: SchemaSet, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    ran("GetMeeting", schemas, most=2)
    assert not list(tmp_path.iterdir())


def test_an_operation_without_requests_is_told(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    monkeypatch.setattr(Requests, "_valid", lambda *_: None)
    with pytest.raises(UserError, match="no request of GetMeeting can be generated"):
        ran("GetMeeting", schemas)


def test_a_site_that_can_not_be_reached_is_told(schemas: SchemaSet) -> None:
    class Gone(Listening):
        async def open(self) -> Any:
            raise ExchangeFault("refused", "nobody is there")

    with pytest.raises(ExchangeFault):
        ran("GetMeeting", schemas, Gone())
