"""The sweep: it removes all that a run left, and nothing of anybody else, however much it looks like that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from live_lab import SOON, Gateway, Staging, meeting, request, serving, user

from conformance.cases.values import RUN_MARK, unique
from conformance.live.ledger import Entry, Ledger, StateFolder
from conformance.live.provider import LiveProvider
from conformance.wire.effects import EVENT, KINDS, LIBRARY_TEST, MEETING, TRAINING, USER, ObjectKind
from conformance.wire.request import Body

OTHER_MARK = "cnf01234567"


def session(kind: ObjectKind, name: str) -> Body:
    """Return the body that creates a session, or a test of the library."""
    if kind is LIBRARY_TEST:
        return {"display": {"onePerPage": "true"}, "questestinterop": {"assessment": {"@title": name, "item": "1"}}}
    if kind is EVENT:
        return {
            "accessControl": {"sessionPassword": "Aa1bc2De3"},
            "schedule": {"startDate": SOON, "duration": "30"},
            "metaData": {"sessionName": name},
        }
    if kind is TRAINING:
        return {
            "accessControl": {"sessionPassword": "Aa1bc2De3"},
            "schedule": {"startDate": SOON, "duration": "30"},
            "metaData": {"confName": name},
        }
    return meeting(name)


def body_of(kind: ObjectKind, name: str) -> Body:
    return user(name) if kind is USER else session(kind, name)


def caller_of(kind: ObjectKind) -> str:
    return "admin" if kind is USER else "ann"


def leave(stage: Staging, *kinds: ObjectKind, faults: tuple[str, ...] = ()) -> list[str]:
    """Let a run create objects and be killed; return their names."""
    names = [unique() for _ in kinds]

    async def run() -> None:
        async with serving(stage.provider()) as service:
            for kind, name in zip(kinds, names, strict=True):
                await service.send(request(kind.create, body_of(kind, name), caller_of(kind)), "c")

    stage.heard.set(faults)
    asyncio.run(run())
    stage.heard.set(())
    stage.heard.requests.clear()
    return names


def told(provider: LiveProvider) -> list[str]:
    """Return what the end of a run says, and what is left."""
    return [*provider.remarks(), *(f"LEFT ON THE SITE: {left}" for left in provider.left())]


def sweep(stage: Staging, **changed: Any) -> tuple[bool, list[str]]:
    """Sweep as the command does; return whether nothing is left, and what is told."""

    async def run(provider: LiveProvider) -> bool:
        provider.state.take_lease()
        try:
            return await provider.sweep_earlier()
        finally:
            await provider.close()

    # The ledger of a run is told from those of earlier ones by its name, which this process would use again.
    for number, path in enumerate(stage.ledgers):
        path.rename(path.with_name(f"ledger-2026112{number}-{OTHER_MARK}.jsonl"))
    provider = stage.provider(**changed)
    clean = asyncio.run(run(provider))
    return clean, told(provider)


def active(stage: Staging) -> set[str]:
    return {account.web_ex_id for account in stage.site.accounts.values() if account.active}


def kept(stage: Staging) -> list[str]:
    """Return the names of sessions and tests."""
    return [*stage.names, *(test.title for test in stage.site.library_tests.values())]


OBJECTS = [kind for kind in KINDS.values() if kind is not USER]
STRANGERS = ["Weekly", f"c-{OTHER_MARK}-1", "c-", "cnf", ""]


@pytest.fixture
def strangers(stage: Staging) -> Iterator[Callable[..., None]]:
    """Put what others have on the site, with names like those that are given; afterwards all of it is still there."""
    sessions: list[str] = ["Weekly", f"c-{OTHER_MARK}-1"]
    users: set[str] = set()

    def add(*names: str) -> None:
        alike = [text for name in names for text in (f"{name}x", f"x{name}", f"{name}.{name}")]
        sessions.extend([*alike, *(name.upper() for name in names), *(f"{name} copy" for name in names)])
        users.update(alike)
        for name in sessions:
            for kind in OBJECTS:
                stage.add(kind.create, session(kind, name))
        for name in users:
            stage.add("CreateUser", user(name), "admin")

    yield add
    assert users
    assert [name for name in sessions if kept(stage).count(name) != len(OBJECTS)] == []
    assert users <= active(stage)


class TestRemoved:
    @pytest.mark.parametrize("keyed", [True, False], ids=["keyed", "unkeyed"])
    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_of_every_kind(self, kind: ObjectKind, keyed: bool, stage: Staging, strangers: Callable[..., None]) -> None:
        (name,) = leave(stage, kind, faults=() if keyed else (f"lost-answer:{kind.create}",))
        strangers(name)
        (entry,) = Ledger.read(stage.ledgers[0]).open_entries
        assert bool(entry.key) == (keyed and kind is not USER)
        assert name in (*kept(stage), *active(stage))
        clean, remarks = sweep(stage)
        assert name not in (*kept(stage), *active(stage))
        assert clean
        assert remarks == [f"swept 1 objects that were left on the site: {entry}"]
        assert stage.ledgers == []
        assert [call for call in stage.heard.names if call.startswith(("Del", "Set", "Create"))] == [kind.delete]

    def test_all_of_a_run_the_latest_first(self, stage: Staging, strangers: Callable[..., None]) -> None:
        names = leave(stage, *KINDS.values(), MEETING)
        strangers(*names[:2])
        clean, (remark,) = sweep(stage)
        assert clean
        assert remark.startswith(f"swept {len(names)} objects that were left on the site: meeting {names[-1]} (key ")
        assert remark.endswith(", ...")
        assert not {*names} & {*kept(stage), *active(stage)}

    def test_of_several_runs(self, stage: Staging) -> None:
        leave(stage, MEETING)
        stage.ledgers[0].rename(stage.ledgers[0].with_name("ledger-0.jsonl"))
        leave(stage, MEETING)
        assert len(stage.ledgers) == 2
        clean, remarks = sweep(stage)
        assert (clean, len(remarks), stage.names, stage.ledgers) == (True, 2, [], [])

    def test_what_was_created_twice(self, stage: Staging, strangers: Callable[..., None]) -> None:
        (name,) = leave(stage, MEETING, faults=("duplicate-create",))
        assert stage.names.count(name) == 2
        strangers(name)
        clean, remarks = sweep(stage)
        assert clean
        assert name not in stage.names
        assert remarks[1].startswith(f"removed what was created twice: session {name} (key ")

    def test_a_test_that_was_created_twice(self, stage: Staging, strangers: Callable[..., None]) -> None:
        (name,) = leave(stage, LIBRARY_TEST)
        stage.add("UploadIMStest", session(LIBRARY_TEST, name))
        strangers(name)
        clean, remarks = sweep(stage)
        assert clean
        assert name not in kept(stage)
        assert remarks[1].startswith(f"removed what was created twice: library test {name} (key ")

    def test_a_copy_as_what_it_was_copied_from(self, stage: Staging, strangers: Callable[..., None]) -> None:
        """Also where the answer, and with it the key of the copy, was lost."""
        name = unique()

        async def run() -> None:
            async with serving(stage.provider()) as service:
                await service.send(request("UploadIMStest", session(LIBRARY_TEST, name)), "c")
                (entry,) = service.ledger.open_entries
                copy = request("CopyLibTests", {"testID": entry.key, "copyToType": "SHARE"})
                await service.send(copy, "c")
                assert [entry.name for entry in service.ledger.open_entries] == [name, name]
                stage.heard.set(["lost-answer:CopyLibTests"])
                answer = await service.send(copy, "c")
                assert answer.status == 502

        asyncio.run(run())
        stage.heard.set(())
        strangers(name)
        assert kept(stage).count(name) == 3
        assert sweep(stage)[0]
        assert name not in kept(stage)

    def test_of_several_that_one_call_created_each(self, stage: Staging) -> None:
        name = unique()
        days = ["12/30/2098 10:00:00", "12/31/2098 10:00:00"]
        body: Any = session(TRAINING, name)
        body["schedule"]["startDate"] = days
        body["repeat"] = {"repeatType": "MULTIPLE_SESSION", "occurenceType": "IRREGULARLY"}

        async def run() -> None:
            async with serving(stage.provider()) as service:
                await service.send(request("CreateTrainingSession", body), "c")
                first, second = (entry.key for entry in service.ledger.open_entries)
                assert {first, second} == {str(key) for key in stage.site.sessions}
                await service.send(request("DelTrainingSession", {"sessionKey": first}), "c")

        asyncio.run(run())
        assert stage.names == [name]
        clean, remarks = sweep(stage)
        assert (clean, stage.names, len(remarks)) == (True, [], 1)

    def test_what_was_created_twice_and_nobody_knows_the_key(self, stage: Staging) -> None:
        (name,) = leave(stage, MEETING, faults=("lost-answer:CreateMeeting", "duplicate-create"))
        assert stage.names == [name] * 2
        assert sweep(stage)[0]
        assert stage.names == []

    def test_of_long_lists_every_page(self, stage: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("conformance.live.sweep._PAGE", 2)
        (name,) = leave(stage, MEETING, faults=("lost-answer:CreateMeeting",))
        for _ in range(4):
            stage.add("CreateMeeting", meeting(name))
        assert sweep(stage)[0]
        assert stage.names == []
        starts = [call.content.value("listControl/startFrom") for call in stage.heard.of("LstsummarySession")]
        assert starts[:3] == ["1", "3", "5"]

    def test_the_twin_of_what_the_case_removed(self, stage: Staging) -> None:
        """The end of a run looks for it too: the case knew of one only."""

        async def run() -> None:
            provider = stage.provider()
            async with serving(provider, sweep=True) as service:
                await service.send(request("CreateMeeting", meeting(unique())), "c")
                (entry,) = service.ledger.open_entries
                await service.send(request("DelMeeting", {"meetingKey": entry.key}), "c")
                assert len(stage.names) == 1
            assert "removed what was created twice: session " in "".join(provider.remarks())

        stage.heard.set(["duplicate-create"])
        asyncio.run(run())
        assert stage.names == []

    def test_a_user_is_deactivated_and_not_again(self, stage: Staging) -> None:
        (name,) = leave(stage, USER)
        stage.add("DelUser", {"webExId": name}, "admin")
        assert sweep(stage)[0]
        assert stage.heard.names == ["GetUser"]
        assert not stage.site.accounts[name].active


class TestGone:
    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_what_is_gone_already_is_closed(self, kind: ObjectKind, stage: Staging) -> None:
        (name,) = leave(stage, kind)
        stage.site.sessions.clear()
        stage.site.library_tests.clear()
        stage.site.accounts.pop(name, None)
        assert sweep(stage) == (True, [])
        assert stage.ledgers == []

    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_what_never_came_to_be_is_closed(self, kind: ObjectKind, stage: Staging) -> None:
        leave(stage, kind, faults=("502",))
        assert len(stage.ledgers) == 1
        assert sweep(stage) == (True, [])
        assert stage.ledgers == []

    def test_what_may_still_come_to_be_is_waited_for(self, stage: Staging) -> None:
        leave(stage, MEETING, faults=("502",))
        before = datetime.now(UTC)
        (entry,) = Ledger.read(stage.ledgers[0]).open_entries
        assert sweep(stage, limits={"settle_seconds": 0.5})[0]
        assert (datetime.now(UTC) - entry.at).total_seconds() >= 0.5
        assert (datetime.now(UTC) - before).total_seconds() < 5


class TestLeft:
    def test_what_can_not_be_removed_is_told_and_stays_in_the_ledger(self, stage: Staging) -> None:
        stuck, user = leave(stage, MEETING, USER)
        stage.heard.set(["cleanup-fails:DelMeeting"])
        clean, remarks = sweep(stage)
        assert not clean
        assert f"swept 1 objects that were left on the site: user {user}" in remarks
        (left,) = [remark for remark in remarks if remark.startswith("LEFT ON THE SITE: ")]
        assert left.startswith(f"LEFT ON THE SITE: meeting {stuck} (key ")
        assert left.endswith("DelMeeting answered 000035 ASService not responding")
        (path,) = stage.ledgers
        assert [entry.name for entry in Ledger.read(path).open_entries] == [stuck]
        stage.heard.set(())
        assert sweep(stage)[0]
        assert (stage.names, stage.ledgers) == ([], [])

    def test_what_fails_for_a_moment_is_tried_again(self, stage: Staging) -> None:
        leave(stage, MEETING)
        stage.heard.set(["cleanup-fails:DelMeeting@1-1"])
        clean, told = sweep(stage)
        assert (clean, stage.names, stage.ledgers) == (True, [], [])
        assert [line for line in told if line.startswith("LEFT")] == []

    def test_at_the_end_of_a_run_too(self, stage: Staging) -> None:
        async def run() -> list[str]:
            provider = stage.provider()
            async with serving(provider, sweep=True) as service:
                await service.send(request("CreateMeeting", meeting(unique())), "c")
                stage.heard.set(["cleanup-fails"])
            return told(provider)

        assert any(remark.startswith("LEFT ON THE SITE: meeting ") for remark in asyncio.run(run()))
        assert len(stage.ledgers) == 1

    def test_where_the_site_is_away(self, stage: Staging) -> None:
        leave(stage, MEETING, MEETING, MEETING, MEETING)
        with Gateway(stage.server.endpoint, lambda _: True) as gateway:
            clean, remarks = sweep(stage, endpoint=gateway.endpoint)
        assert not clean
        assert [remark[:18] for remark in remarks][-4:] == ["LEFT ON THE SITE: "] * 4
        assert sweep(stage)[0], "a circuit that opened is of that run only"

    def test_where_an_account_is_missing(self, stage: Staging) -> None:
        leave(stage, USER)
        clean, (remark,) = sweep(stage, roles=("host",))
        assert not clean
        assert remark.endswith("the site has no account for the role siteAdmin")

    def test_where_the_removal_does_not_end(self, stage: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
        leave(stage, MEETING)
        monkeypatch.setattr("conformance.live.sweep.ENTRY_SECONDS", 0.2)

        async def run() -> tuple[bool, list[str]]:
            provider = stage.provider()
            provider.service.traffic.wait("0.4")
            provider.state.take_lease()
            clean = await provider.sweep_earlier()
            await provider.close()
            return clean, told(provider)

        stage.ledgers[0].rename(stage.ledgers[0].with_name("ledger-0.jsonl"))
        clean, (remark,) = asyncio.run(run())
        assert not clean
        assert remark.endswith("not done within 0.2 s")
        assert len(stage.ledgers) == 1

    def test_of_a_damaged_ledger_the_rest_is_swept_and_the_file_kept(self, stage: Staging) -> None:
        leave(stage, MEETING, MEETING)
        lines = stage.ledgers[0].read_bytes().splitlines(keepends=True)
        stage.ledgers[0].write_bytes(b"".join([lines[0], b"{damaged\n", *lines[2:]]))
        clean, remarks = sweep(stage)
        assert not clean
        assert remarks[-1].endswith("line 2 can not be read; what it tells of is not swept")
        assert stage.names == []
        assert len(stage.ledgers) == 1


class TestNothingElse:
    def test_a_ledger_that_names_nothing_removes_nothing(self, stage: Staging, strangers: Callable[..., None]) -> None:
        strangers(f"c-{RUN_MARK}-1")
        state = StateFolder(stage.folder / ".conformance" / "stage")
        state.take_lease()
        state.release()
        (state.path / "ledger-0.jsonl").write_bytes(b"")
        assert sweep(stage) == (True, [])
        assert stage.heard.requests == []

    @pytest.mark.parametrize("name", STRANGERS)
    def test_what_has_the_name_of_another_run_stays(self, name: str, stage: Staging) -> None:
        stage.add("CreateMeeting", meeting(name or "x"))
        leave(stage, MEETING, faults=("502",))
        assert sweep(stage)[0]
        assert stage.names == [name or "x"]

    def test_a_key_that_is_no_longer_ours_is_the_only_thing_that_is_tried(self, stage: Staging) -> None:
        """A key is the site's own word for the object: it is never given to another."""
        leave(stage, MEETING)
        (entry,) = Ledger.read(stage.ledgers[0]).open_entries
        stage.site.sessions.clear()
        stage.add("CreateMeeting", meeting("Weekly"))
        assert sweep(stage)[0]
        assert stage.names == ["Weekly"]
        assert [call.content.value("meetingKey") for call in stage.heard.of("DelMeeting")] == [entry.key]

    def test_other_hosts_are_not_looked_at_for_twins(self, stage: Staging) -> None:
        (name,) = leave(stage, MEETING)
        stage.add("CreateMeeting", meeting(name), "admin")
        assert sweep(stage)[0]
        assert stage.names == [name]


def test_an_entry_without_a_role_is_removed_by_the_administrator(stage: Staging) -> None:
    leave(stage, MEETING)
    path = stage.ledgers[0]
    path.write_bytes(path.read_bytes().replace(b'"role": "host"', b'"role": ""'))
    (entry,) = Ledger.read(path).open_entries
    assert isinstance(entry, Entry)
    assert sweep(stage)[0]
    assert stage.names == []
    assert {call.security["webExID"] for call in stage.heard.of("DelMeeting")} == {"admin"}
