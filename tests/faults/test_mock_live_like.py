"""All shipped cases on one site that they share, described by a site file: as a live site, without being one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mocks import Bench

from conformance.mock.server import MockServer
from conformance.mock.sitefile import load_site
from conformance.run.verdicts import Verdict
from conformance.versions import DEFAULT_VERSION, Version

SITE = """\
site:
  name: go
  settings: {{session_passwords_required: {passwords}, email_change_needs_confirmation: {confirmed}}}
accounts:
  - {{webExID: boss, password: Zq7-boss-pass, email: boss@example.com, role: siteAdmin}}
  - {{webExID: ann, password: Zq7-ann-pass, email: ann@example.com, role: host}}
  - {{webExID: cat, password: Zq7-cat-pass, email: cat@example.com, role: attendee}}
access_anywhere: 12
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    """A mock."""
    with MockServer() as running:
        yield running


@pytest.mark.parametrize("version", [str(DEFAULT_VERSION), "40.2.0", "39"])
@pytest.mark.parametrize(("passwords", "confirmed"), [("true", "false"), ("false", "true")])
def test_every_case_holds_that_the_site_can_show(
    server: MockServer, tmp_path: Path, version: str, passwords: str, confirmed: str
) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(SITE.format(passwords=passwords, confirmed=confirmed))
    running = Bench(server, Version.parse(version))
    site = server.add_site(load_site(file, Version.parse(version)))
    settings = {
        "session passwords required": passwords,
        "email change needs confirmation": confirmed,
        "access anywhere sessions": "12",
    }
    results = running.run_shipped(site, settings)
    seen = {result.verdict for result in results.values()}
    odd = {
        result.id: result.reason
        for result in results.values()
        if result.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE) and "no mailbox" not in result.reason
    }
    assert odd == {}
    assert Verdict.PASS in seen
    assert [line for result in results.values() for line in result.leftovers] == []
    assert site.sessions == {}
    assert [account.web_ex_id for account in site.accounts.values() if account.active] == ["boss", "ann", "cat"]
