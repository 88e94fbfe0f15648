"""A mock that has faults, as a site that the engine's own hand runs cases on, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from eight import eight_changes

from conformance.cases.load import load_change, plan
from conformance.cases.plan import PlannedCase
from conformance.mock.building import ACCOUNT_OF_ROLE, new_site
from conformance.mock.server import MockServer
from conformance.mock.state import Site as MockSite
from conformance.run.execute import Conditions, run_case
from conformance.run.verdicts import CaseResult, Check, Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.site.http import HttpClient
from conformance.site.seam import (
    Credentials,
    Exchange,
    NotApplicable,
    NotObservable,
    ReceivedMail,
    SiteFacts,
    SiteProfile,
    by_password,
)
from conformance.site.transport import Transport
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.effects import Effect

PASSWORD = "Zq7Canary-Password"

# Creates, reads and deletes, so that every fault finds a call to befall.
CASE = """\
- name: one
  as: host
  steps:
    - as: siteAdmin
      request:
        CreateUser:
          firstName: Kim
          lastName: Sample
          webExId: kim
          email: kim@example.com
          password: Aa1bc2De3
          active: ACTIVATED
    - request:
        CreateMeeting:
          accessControl: {meetingPassword: Aa1bc2De3}
          metaData: {confName: "Z\u00fcrich"}
          schedule: {startDate: "${now + days(1)}", timeZoneID: 20, duration: 30}
      capture: {key: //meet:meetingkey}
    - request: {GetMeeting: {meetingKey: "${key}"}}
      expect: {result: SUCCESS, xpath: {//meet:confName: "Z\u00fcrich"}}
      before: {result: FAILURE}
  cleanup:
    - request: {DelMeeting: {meetingKey: "${key}"}}
    - as: siteAdmin
      request: {DelUser: {webExId: kim}}
"""
READ = """\
- name: one
  as: host
  request: {GetUser: {webExId: host}}
  expect: {result: SUCCESS, xpath: {//use:email: host@example.com}}
  before: {result: FAILURE}
"""


@dataclass
class SharedMock:
    """Gives every case the same site of a mock, as a live site is the same for all of them."""

    endpoint: str
    profile: SiteProfile
    settings: Mapping[str, str]

    def __post_init__(self) -> None:
        hosts = frozenset({urlsplit(self.endpoint).hostname or ""})
        self._client = HttpClient(self.endpoint, Transport(private_addresses=True, link_hosts=hosts))

    async def open(self) -> SiteFacts:
        return SiteFacts(self.endpoint, "", timedelta())

    @asynccontextmanager
    async def site(
        self, needs: Mapping[str, str], case: str = "", effect: Effect = Effect.READ
    ) -> AsyncIterator[SharedMock]:
        for name, wanted in needs.items():
            had = self.settings.get(name, "")
            if had != wanted and not (wanted.isdecimal() and had.isdecimal() and int(had) >= int(wanted)):
                raise NotApplicable(f"{name} is {had}, not {wanted}")
        yield self

    async def send(self, request: bytes) -> Exchange:
        return await self._client.post(request)

    async def security(self, role: str) -> Mapping[str, str]:
        return by_password(self.profile, role)

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        raise NotObservable("no mailbox")

    def remarks(self) -> Sequence[str]:
        return ()

    async def close(self) -> None:
        await self._client.close()


def profile_of(site: MockSite) -> SiteProfile:
    """Return who a site of the mock is, as a configuration of a live one says it."""
    accounts = {}
    for account in site.accounts.values():
        role = "siteAdmin" if account.site_admin else "attendee" if account.attendee_only else "host"
        accounts[role] = Credentials(account.web_ex_id, account.password, account.email)
    return SiteProfile(site.name, site.host_name, site.domain, accounts)


class Bench:
    """A running mock with one site, and cases to run on it."""

    def __init__(self, server: MockServer, version: Version = DEFAULT_VERSION) -> None:
        self.server = server
        self.version = version
        self.schemas = SchemaCatalog()
        self.site = self.renew()

    def renew(self) -> MockSite:
        """Serve a site as new."""
        passwords = dict.fromkeys(ACCOUNT_OF_ROLE.values(), PASSWORD)
        self.site = self.server.add_site(new_site("go", self.version, passwords=passwords, access_anywhere_sessions=12))
        return self.site

    def run(self, file: Path, *faults: str) -> CaseResult:
        """Run the only case of a file on a site that has these faults."""
        self.renew()
        self.server.faults.set(faults)
        (case,) = plan(load_change(file))
        provider = SharedMock(self.server.endpoint, profile_of(self.site), {})

        async def one() -> CaseResult:
            try:
                return await run_case(case, self._conditions(provider), 30.0)
            finally:
                await provider.close()

        return asyncio.run(one())

    def run_shipped(self, site: MockSite, settings: Mapping[str, str]) -> dict[str, CaseResult]:
        """Run all shipped cases at once, on one site that they share."""
        self.server.faults.set(())
        provider = SharedMock(self.server.endpoint, profile_of(site), settings)

        async def all_of_them() -> dict[str, CaseResult]:
            try:
                cases = [case for change in eight_changes() for case in plan(change)]
                slots = asyncio.Semaphore(16)
                conditions = self._conditions(provider)

                async def one(case: PlannedCase) -> CaseResult:
                    async with slots:
                        return await run_case(case, conditions, 60.0)

                return {result.id: result for result in await asyncio.gather(*map(one, cases))}
            finally:
                await provider.close()

        return asyncio.run(all_of_them())

    def _conditions(self, provider: SharedMock) -> Conditions:
        return Conditions(
            provider, SiteFacts(provider.endpoint, "", timedelta()), self.schemas.at(self.version), self.version
        )


@contextmanager
def bench() -> Iterator[Bench]:
    """Start a mock."""
    with MockServer() as server:
        yield Bench(server)


def problem(result: CaseResult) -> Check:
    """Return the first check that made the verdict of a case."""
    assert result.verdict is not Verdict.PASS
    return next(check for step in result.steps for check in step.checks if check.verdict is result.verdict)
