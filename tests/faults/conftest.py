"""One case, run by the engine's own hand against any endpoint, and certificates for its servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from lab import PASSWORD

from conformance.cases.load import load_change, plan
from conformance.cases.plan import PlannedCase
from conformance.run.execute import Conditions, run_case
from conformance.run.verdicts import CaseResult
from conformance.schema.catalog import SchemaSet
from conformance.site.addresses import Resolver, system_resolver
from conformance.site.http import HttpClient
from conformance.site.seam import Credentials, Exchange, ReceivedMail, SiteFacts, SiteProfile, by_password
from conformance.site.transport import Transport
from conformance.versions import DEFAULT_VERSION
from conformance.wire.effects import Effect

RunAgainst = Callable[..., Awaitable[CaseResult]]

CASE = """\
- name: one
  as: host
  request: {DelUser: {webExId: ok}}
  expect: {result: SUCCESS}
  before: {result: FAILURE, sent: invalid}
"""


class OneSite:
    """A site that is nothing but an endpoint."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        accounts = {"host": Credentials("host", PASSWORD, "host@example.com")}
        self.profile = SiteProfile("one", "one.example.com", "example.com", accounts)

    async def send(self, request: bytes) -> Exchange:
        return await self._client.post(request)

    async def security(self, role: str) -> Mapping[str, str]:
        return by_password(self.profile, role)

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        return []

    async def open(self, link: str) -> bool:
        return (await self._client.get(link)).status == 200


class OneProvider:
    """Gives every case the same endpoint."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    async def open(self) -> SiteFacts:
        return SiteFacts(self._client.endpoint, "", timedelta())

    @asynccontextmanager
    async def site(
        self, needs: Mapping[str, str], case: str = "", effect: Effect = Effect.READ
    ) -> AsyncIterator[OneSite]:
        yield OneSite(self._client)

    def remarks(self) -> Sequence[str]:
        return ()

    async def close(self) -> None:
        await self._client.close()


@pytest.fixture
def planned(write_cases: Callable[..., Path]) -> PlannedCase:
    """A case of one request that expects SUCCESS."""
    (case,) = plan(load_change(write_cases(CASE)))
    return case


@pytest.fixture
def run_against(planned: PlannedCase, schemas: SchemaSet) -> RunAgainst:
    """Run the case against an endpoint, over a client that is closed afterwards, or over one that is given."""

    async def run(
        endpoint: str | HttpClient, transport: Transport | None = None, resolver: Resolver = system_resolver
    ) -> CaseResult:
        client = endpoint
        if isinstance(client, str):
            client = HttpClient(client, transport or Transport(private_addresses=True), resolver=resolver)
        provider = OneProvider(client)
        try:
            return await run_case(planned, Conditions(provider, await provider.open(), schemas, DEFAULT_VERSION), 30.0)
        finally:
            if client is not endpoint:
                await provider.close()

    return run


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An issuer of certificates."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the certificate of the issuer."""
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return file
