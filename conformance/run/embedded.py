"""The embedded mock as a site: each case gets a site of its own, so cases can not meet."""

from __future__ import annotations

import copy
import itertools
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from conformance.cases.model import NUMBERED_NEEDS
from conformance.errors import ExchangeFault
from conformance.mock import dispatch
from conformance.mock.building import ACCOUNT_OF_ROLE, new_site
from conformance.mock.clock import Clock
from conformance.mock.server import MockServer
from conformance.mock.state import Defect, Settings
from conformance.mock.state import Site as MockSite
from conformance.site.http import HttpClient
from conformance.site.look import look
from conformance.site.seam import Credentials, Exchange, ReceivedMail, SiteFacts, SiteProfile, by_password
from conformance.site.transport import Transport
from conformance.versions import Version
from conformance.wire.effects import Effect


class EmbeddedMock:
    """Gives each case a fresh mock site at one release, over real HTTP on loopback."""

    confirms_failures = False

    def __init__(
        self, version: Version, clock_offset: timedelta = timedelta(), changes: frozenset[str] | None = None
    ) -> None:
        """``changes`` replaces those that the version carries: a site that says one thing and does another."""
        self._version = version
        self._changes = changes
        self._clock_offset = clock_offset
        # The same for all sites of a run: what must never be shown is prepared once.
        self._passwords = {web_ex_id: secrets.token_urlsafe(12) for web_ex_id in ACCOUNT_OF_ROLE.values()}
        self._server = MockServer()
        self._numbers = itertools.count(1)
        self._client: HttpClient | None = None
        self._defect: Defect | None = None
        self._direct = False

    def like(self, version: Version, defect: Defect | None = None) -> EmbeddedMock:
        """Return a provider on the same running server whose sites are of another version and have a defect."""
        other = copy.copy(self)
        other._version, other._changes, other._defect = version, None, defect
        return other

    def without_http(self) -> EmbeddedMock:
        """Return a provider whose sites are called in this process: twice as fast, and the same but for HTTP itself."""
        other = copy.copy(self)
        other._direct = True
        return other

    @property
    def secrets(self) -> Sequence[str]:
        """The passwords of the accounts of all its sites."""
        return tuple(self._passwords.values())

    async def open(self) -> SiteFacts:
        """Start the server and look at a site of it."""
        self._server.start()
        self._client = HttpClient(self._server.endpoint, Transport(private_addresses=True))
        async with self.site({}) as site:
            return await look(site.send, site.profile.name, self._server.endpoint)

    @asynccontextmanager
    async def site(
        self,
        needs: Mapping[str, str],
        case: str = "",  # noqa: ARG002 - sites of the mock are not shared
        effect: Effect = Effect.READ,  # noqa: ARG002
    ) -> AsyncIterator[EmbeddedSite]:
        """Add a site that is what the case needs, for as long as the case runs."""
        if self._client is None:
            raise ExchangeFault("refused", "the embedded mock is not running")
        state = new_site(
            f"conf{next(self._numbers)}",
            self._version,
            settings=_settings(needs),
            clock=Clock(self._clock_offset),
            base_url=self._server.base_url,
            access_anywhere_sessions=int(needs.get("access anywhere sessions", "0")),
            recordings=int(needs.get("recordings", "0")),
            old_recordings=int(needs.get("old recordings", "0")),
            past_sessions=int(needs.get("past sessions", "0")),
            labs=int(needs.get("labs", "0")),
            programs=int(needs.get("programs", "0")),
            scheduled_events=int(needs.get("scheduled events", "0")),
            recorded_events=int(needs.get("recorded events", "0")),
            submitted_tests=int(needs.get("submitted tests", "0")),
            webinars=int(needs.get("webinars", "0")),
            webacd_queues=int(needs.get("webacd queues", "0")),
            session_templates=int(needs.get("session templates", "0")),
            calls_per_minute=int(needs.get("calls per minute", "0")),
            passwords=self._passwords,
            changes=self._changes,
        )
        state.defect = self._defect
        self._server.add_site(state)
        try:
            yield DirectSite(state, self._client) if self._direct else EmbeddedSite(state, self._client)
        finally:
            self._server.remove_site(state.name)

    def remarks(self) -> Sequence[str]:
        """Nothing: the mock is ours alone."""
        return ()

    def left(self) -> None:
        """Tell that the clean-ups of cases are all there is to know: each site goes with its case."""
        return

    async def close(self) -> None:
        """Stop the server."""
        if self._client is not None:
            await self._client.close()
        self._server.stop()


def _settings(needs: Mapping[str, str]) -> Settings:
    """Return the settings that a case needs; a need is spelled like its setting, with blanks."""
    stated = {name.replace(" ", "_"): value == "true" for name, value in needs.items() if name not in NUMBERED_NEEDS}
    return Settings(**stated)


class EmbeddedSite:
    """One site of the embedded mock."""

    def __init__(self, state: MockSite, client: HttpClient) -> None:
        self._state = state
        self._client = client
        accounts = {role: state.accounts[name.lower()] for role, name in ACCOUNT_OF_ROLE.items()}
        self.profile = SiteProfile(
            name=state.name,
            host=state.host_name,
            domain=state.domain,
            accounts={role: Credentials(a.web_ex_id, a.password, a.email) for role, a in accounts.items()},
        )

    async def send(self, request: bytes) -> Exchange:
        """Send over HTTP, as to any site."""
        return await self._client.post(request)

    async def security(self, role: str) -> Mapping[str, str]:
        """Sign in by password."""
        return by_password(self.profile, role)

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:  # noqa: ARG002
        """Read the outbox of the mock, which holds a mail as soon as it is sent."""
        return [
            ReceivedMail(mail.subject, mail.body, "html" if mail.html else "text", mail.language, mail.links)
            for mail in self._state.outbox
            if mail.to == to
        ]

    async def open(self, link: str) -> bool:
        """Follow the link over HTTP."""
        return (await self._client.get(link)).status == 200


class DirectSite(EmbeddedSite):
    """One site of the embedded mock that is called without HTTP; links are still followed over HTTP."""

    async def send(self, request: bytes) -> Exchange:
        """Hand the bytes to the mock and take its bytes."""
        reply = dispatch.reply({self._state.name: self._state}, request)
        now = self._state.clock.now()
        return Exchange(request, reply.status, {"content-type": "text/xml;charset=UTF-8"}, reply.body, now, 0.0)
