"""``site check``, ``sweep`` and ``run --dry-run`` as a user calls them; what reached the site is counted there."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from calling import Ended, Run
from live_lab import PASSWORDS, Staging, meeting, request, serving, staging

from conformance.cases.load import load_changes, plan
from conformance.cases.values import unique
from conformance.cli import main
from conformance.live.accounts import SIGN_IN
from conformance.wire.effects import Effect

PLANNED = [case for change in load_changes() for case in plan(change)]
CASES = len(PLANNED)
SHARED = sum(case.effect is Effect.TOUCH_SHARED for case in PLANNED)
WRONG = "Zq7Wrong-Canary"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Staging]:
    """A mock of its own, and a profile for it in the folder in which the command is called."""
    with staging(tmp_path) as stage:
        stage.write()
        yield stage


@pytest.fixture
def here(stage: Staging, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Call the command in this process, which is much faster, beside the mock."""

    def call(*arguments: str) -> Ended:
        monkeypatch.chdir(stage.folder)
        monkeypatch.setattr("sys.argv", ["conformance", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return quiet(Ended(int(code), *capfd.readouterr()))

    return call


def quiet(ended: Ended) -> Ended:
    """Return what a command came to, after looking that it told no secret and no traceback."""
    told = ended.out + ended.err
    assert "Zq7" not in told
    assert "Traceback" not in told
    return ended


def leave(stage: Staging) -> str:
    """Let a run create a meeting and be killed; return its name."""
    name = unique()

    async def run() -> None:
        async with serving(stage.provider()) as service:
            await service.send(request("CreateMeeting", meeting(name)), "c")

    asyncio.run(run())
    stage.heard.requests.clear()
    # The run of a test has the mark of this process, as a later one would not.
    (path,) = stage.folder.glob(".conformance/stage/ledger-2*")
    path.rename(path.with_name(f"ledger-{name}.jsonl"))
    return name


class TestCheck:
    def test_a_site_that_can_be_tested(self, stage: Staging, command: Run) -> None:
        ended = quiet(command("site", "check", "stage"))
        assert (ended.code, ended.err) == (0, "")
        assert ended.lines[:7] == [
            f"  ok         endpoint: {stage.server.endpoint} answers",
            "  ok         version: 40.4.3",
            "  ok         clock: the same as ours",
            "  ok         account siteAdmin: admin signs in",
            "  ok         account host: ann signs in",
            "  ok         account attendee: bob signs in",
            "  ok         setting session passwords required: true (seen)",
        ]
        assert "  not known  mailbox: none in the profile; what mails hold is not observed" in ended.lines
        assert len([line for line in ended.lines if "settings, which the site does not tell" in line]) == 1
        assert "email change needs confirmation, recurring exceptions supported," in " ".join(ended.out.split())
        (counted,) = [line for line in ended.lines if line.endswith("cases would run and be observed")]
        would, of = map(int, re.findall(r"\d+", counted))
        reasons = ended.lines[ended.lines.index(counted) + 1 :]
        assert of == CASES
        assert 0 < would < of
        assert would + sum(int(line.split()[0]) for line in reasons) == of
        assert any("'session passwords required' is true on this site, the case needs false" in r for r in reasons)
        assert any("say it in [sites.stage.settings]" in reason for reason in reasons)
        assert stage.heard.names.count(SIGN_IN) == 3
        assert stage.ledgers == []

    def test_what_is_stated_is_held_and_warnings_are_seen(self, stage: Staging, here: Callable[..., Ended]) -> None:
        stage.site.clock.offset = timedelta(hours=1)
        stated = {"email change needs confirmation": True, "access anywhere sessions": 12}
        stage.write(settings=stated)
        ended = here("site", "check", "stage")
        assert ended.code == 0
        assert any(re.fullmatch(r"  WARNING    clock: \+3[56]\d\d s against ours; .*", line) for line in ended.lines)
        assert "  ok         setting access anywhere sessions: 12 (stated)" in ended.lines
        unsaid = [line for line in ended.out.partition("would run")[2].splitlines() if "say it in" in line]
        assert unsaid
        assert not any(name in line for line in unsaid for name in stated)

    def test_of_a_production_site_only_reading_cases_would_run(
        self, stage: Staging, here: Callable[..., Ended]
    ) -> None:
        stage.write(kind="production")
        ended = here("site", "check", "stage")
        assert ended.code == 0
        assert "not: the case changes the site, which is a production site: only reading is allowed there" in ended.out

    def test_a_wrong_password_is_sent_once_and_never_again(self, stage: Staging, here: Callable[..., Ended]) -> None:
        stage.secret("ann", WRONG)
        first, second = (here("site", "check", "stage") for _ in range(2))
        assert (first.code, second.code) == (4, 4)
        told = "credentials: the account ann (role host): "
        assert first.err.startswith(f"{told}the site refused it: 030002")
        assert second.err.startswith(f"{told}its password was refused before (030002 on ")
        assert f"  FAULT      account host: {told}" in first.out
        assert [call.security["webExID"] for call in stage.heard.of(SIGN_IN)].count("ann") == 1
        third = here("site", "check", "stage", "--forget-refusals")
        assert (third.code, third.err.startswith(f"{told}the site refused it")) == (4, True)
        stage.secret("ann", PASSWORDS["ann"])
        assert here("site", "check", "stage").code == 0
        for path in stage.folder.rglob(".conformance/**/*"):
            assert path.is_dir() or b"Zq7" not in path.read_bytes()

    def test_no_listener(self, stage: Staging, command: Run) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            stage.write(endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}/WBXService/XMLService")
            ended = quiet(command("site", "check", "stage"))
        assert ended.code == 2
        assert ended.err.startswith("COULD NOT TELL: the site can not be tested now: refused: ")
        assert len(ended.err.splitlines()) == 1
        assert ended.lines[0].startswith("  FAULT      endpoint: refused: ")

    def test_another_site_answers(self, stage: Staging, here: Callable[..., Ended]) -> None:
        stage.heard.set(["wrong-site"])
        ended = here("site", "check", "stage")
        assert ended.code == 4
        assert ended.err.endswith("GetSite answers for the site 'other', the profile is for 'go'\n")
        assert ended.lines[-1] == "  FAULT      site: GetSite answers for the site 'other', the profile is for 'go'"

    def test_it_removes_what_a_killed_run_left(self, stage: Staging, here: Callable[..., Ended]) -> None:
        name = leave(stage)
        ended = here("site", "check", "stage")
        assert f"swept 1 objects that were left on the site: meeting {name} (key " in ended.out
        assert stage.names == []

    def test_profiles_that_are_wrong_are_one_line_a_fault(self, stage: Staging, here: Callable[..., Ended]) -> None:
        stage.write(kind="test", mail_domain="a b")
        ended = here("site", "check", "stage")
        assert (ended.code, ended.out) == (4, "")
        assert [line.split(": ")[1] for line in ended.err.splitlines()] == [
            "sites.stage.kind",
            "sites.stage.mail_domain",
        ]
        ended = here("site", "check", "stag")
        assert (ended.code, ended.err) == (4, "unknown site 'stag', did you mean 'stage'?\n")

    def test_a_secret_that_is_not_there(self, stage: Staging, here: Callable[..., Ended]) -> None:
        (stage.folder / "ann.secret").unlink()
        ended = here("site", "check", "stage")
        assert (ended.code, ended.out) == (4, "")
        assert ended.err.endswith("ann.secret: can not be read: No such file or directory\n")
        assert stage.heard.requests == []

    def test_a_file_that_is_named(self, stage: Staging, here: Callable[..., Ended]) -> None:
        stage.write().rename(stage.folder / "other.toml")
        assert here("site", "check", "stage").code == 4
        assert here("site", "check", "stage", "--config", "other.toml").code == 0


class TestSweep:
    def test_nothing_was_left(self, stage: Staging, here: Callable[..., Ended]) -> None:
        ended = here("sweep", "stage")
        assert (ended.code, ended.out, ended.err) == (0, "nothing is left on the site\n", "")
        assert stage.heard.requests == []

    def test_what_was_left_is_removed(self, stage: Staging, command: Run) -> None:
        stage.add("CreateMeeting", meeting("Weekly"))
        name = leave(stage)
        ended = quiet(command("sweep", "stage"))
        assert (ended.code, ended.err) == (0, "")
        assert ended.lines[0].startswith(f"swept 1 objects that were left on the site: meeting {name} (key ")
        assert ended.lines[1:] == ["nothing is left on the site"]
        assert (stage.names, stage.ledgers) == (["Weekly"], [])

    def test_what_can_not_be_removed_is_told(self, stage: Staging, here: Callable[..., Ended]) -> None:
        name = leave(stage)
        stage.heard.set(["cleanup-fails"])
        ended = here("sweep", "stage")
        assert (ended.code, ended.err) == (1, "")
        assert ended.lines[0].startswith(f"LEFT ON THE SITE: meeting {name} (key ")
        assert ended.lines[1:] == ["something is left on the site"]
        assert len(stage.ledgers) == 1

    def test_a_site_that_is_away(self, stage: Staging, here: Callable[..., Ended]) -> None:
        leave(stage)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            stage.write(endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}/WBXService/XMLService")
            ended = here("sweep", "stage")
        assert (ended.code, ended.out) == (2, "")
        assert len(stage.ledgers) == 1

    def test_a_wrong_password_is_sent_once_however_much_was_left(
        self, stage: Staging, here: Callable[..., Ended]
    ) -> None:
        leave(stage)
        leave(stage)
        stage.secret("ann", WRONG)
        ended = here("sweep", "stage")
        assert ended.code == 4
        assert [call.security.get("webExID") for call in stage.heard.requests].count("ann") == 1
        assert len(stage.ledgers) == 2

    def test_another_site_is_not_swept(self, stage: Staging, here: Callable[..., Ended]) -> None:
        leave(stage)
        stage.heard.set(["wrong-site"])
        assert here("sweep", "stage").code == 4
        assert not [name for name in stage.heard.names if name.startswith("Del")]

    def test_a_run_that_is_under_way_is_not_disturbed(self, stage: Staging, here: Callable[..., Ended]) -> None:
        provider = stage.provider()
        provider.state.take_lease()
        ended = here("sweep", "stage")
        provider.state.release()
        assert ended.code == 2
        assert "lease: another run has the site: process " in ended.err

    def test_a_production_site_is_not_touched(self, stage: Staging, here: Callable[..., Ended]) -> None:
        leave(stage)
        stage.write(kind="production")
        ended = here("sweep", "stage")
        assert (ended.code, ended.err) == (
            4,
            "site 'stage' is a production site that nothing may be changed on\n",
        )
        assert stage.heard.requests == []


class TestDryRun:
    def test_it_tells_all_and_sends_nothing(self, stage: Staging, command: Run) -> None:
        ended = quiet(command("run", "--site", "stage", "--dry-run"))
        assert (ended.code, ended.err) == (0, "nothing was sent\n")
        assert stage.heard.requests == []
        assert re.search(
            rf"{CASES - SHARED} of {CASES} cases would send \d+ requests, and create \d+ x meeting, ", ended.out
        )
        assert "    CreateMeeting as host  creates a meeting  {" in ended.out
        assert "password: ******" in ended.out.lower()
        assert not re.search(r"(?i)password: (?!\*{6}[,}]|\$\{)\S", ended.out)
        assert sorted(path.name for path in stage.folder.iterdir() if path.is_dir()) == []

    def test_what_would_not_run_is_told(self, stage: Staging, command: Run) -> None:
        stage.write(kind="production")
        ended = quiet(command("run", "--site", "stage", "--dry-run"))
        assert ended.code == 0
        assert "  not run: the case changes the site, which is a production site" in ended.out
        assert "and create nothing, all to be removed again" in ended.out
        assert stage.heard.requests == []

    def test_of_one_case(self, stage: Staging, command: Run) -> None:
        ended = quiet(command("run", "--site", "stage", "--dry-run", "-k", "no-welcome-asked-for"))
        assert "1 of 1 cases would send " in ended.out
        assert "CreateUser as siteAdmin  creates a user  {" in ended.out
        assert "    DelUser as siteAdmin  {webExId: " in ended.out

    def test_a_wrong_profile_is_told(self, stage: Staging, command: Run) -> None:
        stage.write(kind="test")
        ended = quiet(command("run", "--site", "stage", "--dry-run"))
        assert ended.code == 4
        assert "sites.stage.kind: Input should be 'staging' or 'production'" in ended.err + ended.out

    def test_of_the_mock(self, command: Run) -> None:
        ended = quiet(command("run", "--dry-run", "-k", "only-a-site-name"))
        assert (ended.code, "cases would send " in ended.out) == (0, True)


def test_the_mock_is_no_site_of_a_file(here: Callable[..., Ended]) -> None:
    ended = here("site", "check", "mock")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "the mock is made for each run and gone with it: nothing of it can be checked or swept\n"


def test_a_sites_file_does_not_change_runs_on_the_mock(tmp_path: Path, command: Run) -> None:
    (tmp_path / "conformance.toml").write_text("sites = 3\n")
    ended = quiet(command("run", "--no-report", "-k", "only-a-site-name"))
    assert (ended.code, ended.err) == (0, "")
