"""Generated requests on a live site: what must not be sent is not, and what was created is gone afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from live_lab import Staging

from conformance.cases.values import RUN_MARK
from conformance.commands.fuzz import Asked, fuzz
from conformance.errors import UserError
from conformance.run.suite import RunOptions
from conformance.run.verdicts import ExitCode
from conformance.wire.effects import reads
from conformance.wire.names import OPERATIONS

pytestmark = pytest.mark.usefixtures("compiled")

FEW = 8
CANARY = "Zq7"
"""Begins all passwords of the stage."""


def on_stage(stage: Staging, operation: str, *, changed: dict[str, Any] | None = None, **asked: Any) -> ExitCode:
    file = stage.write(**(changed or {}))
    return fuzz(Asked(operation, **{"most": FEW, "seed": 1, **asked}), RunOptions(site="stage", config=file))


def refused(stage: Staging, operation: str, **asked: Any) -> str:
    with pytest.raises(UserError) as error:
        on_stage(stage, operation, **asked)
    assert stage.heard.requests == []  # told before anything was sent
    return str(error.value)


WRITING = [name for name in OPERATIONS if not reads(name)]


@pytest.mark.parametrize("operation", WRITING)
def test_what_changes_a_site_is_not_sent_unless_that_is_allowed(stage: Staging, operation: str) -> None:
    assert refused(stage, operation) == f"{operation} changes the site; --allow-writes lets it"


@pytest.mark.parametrize("permission", ["", "cases may create and delete objects on the production site go"])
def test_a_production_site_is_never_written(stage: Staging, permission: str) -> None:
    changed = {"kind": "production", "change_production": permission}
    for operation in ("CreateMeeting", "GetMeeting"):  # to read a meeting, one would be created
        assert "never written" in refused(stage, operation, allow_writes=True, changed=changed)


def test_a_production_site_can_be_read(stage: Staging, here: Path) -> None:
    assert on_stage(stage, "GetMeeting", changed={"kind": "production"}) == ExitCode.AS_DOCUMENTED
    assert all(map(reads, stage.heard.names))


def test_no_sign_ins_are_made_up(stage: Staging) -> None:
    assert "lock the account" in refused(stage, "AuthenticateUser")


def test_without_leave_to_write_nothing_is_created_to_be_read(stage: Staging, here: Path) -> None:
    assert on_stage(stage, "GetMeeting") == ExitCode.AS_DOCUMENTED
    assert all(map(reads, stage.heard.names))
    assert stage.heard.names.count("GetMeeting") > 2
    assert stage.ledgers == []


@pytest.mark.parametrize(
    "operation",
    [
        *("CreateMeeting", "SetMeeting", "CreateUser", "SetUser", "DelUser", "DelMeeting"),
        *("SetSalesSession", "UploadIMStest", "CopyLibTests"),
    ],
)
def test_only_what_bears_our_mark_is_touched_and_all_of_it_is_removed(
    stage: Staging, here: Path, operation: str
) -> None:
    before = set(stage.site.accounts)
    code = on_stage(stage, operation, allow_writes=True, invalid=True)
    assert code in (ExitCode.AS_DOCUMENTED, ExitCode.FINDINGS)
    assert stage.heard.of(operation)
    assert stage.names == []
    assert stage.site.library_tests == {}
    assert {name for name, account in stage.site.accounts.items() if account.active} == before
    assert stage.ledgers == []
    for called in ("CreateMeeting", "CreateUser", "CreateSalesSession"):
        for request in stage.heard.of(called):
            name = request.content.value("metaData/confName") or request.content.value("webExId")
            assert RUN_MARK in (name or "")


def test_nobody_is_written_to_but_our_own_addresses(stage: Staging, here: Path) -> None:
    on_stage(stage, "CreateMeetingAttendee", allow_writes=True, most=20)
    assert stage.heard.of("CreateMeetingAttendee")
    for mail in stage.site.outbox:
        assert mail.to.endswith("@example.com")
        assert RUN_MARK in mail.to


def test_what_the_guard_refuses_is_counted_and_no_finding(
    stage: Staging, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = on_stage(stage, "DelMeetingAttendee", allow_writes=True, most=20)
    told = capsys.readouterr().out
    assert "not sent: DelMeetingAttendee would change what it does not name, which this run did not create" in told
    assert code in (ExitCode.AS_DOCUMENTED, ExitCode.COULD_NOT_TELL)


def test_the_budget_of_the_site_holds(stage: Staging, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = {"api_version": "40.4.3", "limits": {"requests": 12}}
    code = on_stage(stage, "LstsummarySession", most=30, changed=changed)
    assert len(stage.heard.requests) <= 12
    assert "budget of 12 requests is used up" in capsys.readouterr().out
    assert code == ExitCode.COULD_NOT_TELL


def test_a_failure_counts_when_it_is_seen_twice(stage: Staging, here: Path) -> None:
    stage.heard.set(["nul:GetMeeting@1-1"])
    assert on_stage(stage, "GetMeeting") == ExitCode.AS_DOCUMENTED
    stage.heard.set(["nul:GetMeeting"])
    assert on_stage(stage, "GetMeeting") == ExitCode.FINDINGS


def test_no_secret_of_the_profile_is_told_or_kept(
    stage: Staging, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.heard.set(["echo-secret-body:GetMeeting"])
    assert on_stage(stage, "GetMeeting", output=here / "out") == ExitCode.FINDINGS
    texts = [
        capsys.readouterr().out,
        *(file.read_text("utf-8") for file in (here / "out").rglob("*.*") if file.is_file()),
    ]
    assert len(texts) > 4
    assert not [text for text in texts if CANARY in text]
