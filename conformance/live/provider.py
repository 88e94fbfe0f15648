"""A live site behind the seam of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from conformance.cases.values import RUN_MARK
from conformance.errors import ExchangeFault, UserError
from conformance.live.accounts import Accounts, SignInRefused
from conformance.live.imap import ImapMailbox
from conformance.live.imap_connection import MailboxSettings
from conformance.live.ledger import Ledger, StateFolder
from conformance.live.preflight import Preflight
from conformance.live.reach import transport
from conformance.live.references import resolve
from conformance.live.service import Service
from conformance.live.settings import SiteSettings, refuse_effect, window_at
from conformance.live.sweep import remove_twins, sweep
from conformance.live.traffic import Traffic
from conformance.site.http import HttpClient
from conformance.site.seam import (
    Exchange,
    NotApplicable,
    NotObservable,
    ReceivedMail,
    SiteFacts,
    SiteProfile,
)
from conformance.versions import Version
from conformance.wire.effects import Effect
from conformance.wire.redact import Redactor

SWEEP_SECONDS = 60.0
"""How long the end of a run may take to remove what cases left."""


class LiveProvider:
    """Gives cases the site of a profile. One run at a time: the site is leased until ``close``."""

    confirms_failures = True
    """A failure on a site that others change too is looked at a second time."""

    def __init__(self, name: str, settings: SiteSettings, base: Path) -> None:
        """Read all secrets and make ready; nothing is sent. Raises UserError."""
        self.name = name
        self.settings = settings
        self.state = StateFolder(base / settings.state / name)
        self.accounts = Accounts(settings.accounts, base, self.state.path)
        self._transport = transport(settings, base)
        proxy_password = self._transport.proxy_auth[1] if self._transport.proxy_auth else ""
        mail = settings.mail
        mail_password = resolve(mail.password, base) if mail else ""
        self._more_secrets = tuple(secret for secret in (proxy_password, mail_password) if secret)
        self._redact = Redactor()
        self._mailbox = (
            ImapMailbox(
                MailboxSettings(
                    host=mail.host,
                    user=mail.user,
                    password=mail_password,
                    port=mail.port,
                    tls=mail.tls,
                    ca_file=base / mail.ca_file if mail.ca_file else None,
                    folder=mail.folder,
                    wait_seconds=mail.wait_seconds,
                )
            )
            if mail
            else None
        )
        self.service = self._new_service(base / settings.stop_file if settings.stop_file else None)
        self.preflight = Preflight()
        self._remarks: list[str] = []
        self._left: list[str] = []

    def _new_service(self, stop_file: Path | None) -> Service:
        client = HttpClient(self.settings.endpoint, self._transport)
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        ledger = self.state.new_ledger(f"{started}-{RUN_MARK}")
        return Service(self.settings, client, self.accounts, ledger, Traffic(self.settings.limits, stop_file))

    async def open(self) -> SiteFacts:
        """Take the lease, look at the site, remove what earlier runs left on it."""
        self.refuse_for_now()
        self.state.take_lease()
        with self.no_secret_in_errors():
            facts = await self.preflight.run(self.service)
            await self._open_mailbox()
            if self.settings.may_change:
                await self.sweep_earlier()
        return facts

    def refuse_for_now(self) -> None:
        """Raise ExchangeFault where nothing is to be sent at present: maintenance that is known, a stop file."""
        if end := window_at(self.settings.maintenance, datetime.now(UTC)):
            raise ExchangeFault("maintenance", f"the site's known maintenance lasts until {end:%Y-%m-%d %H:%M %Z}")
        self.service.traffic.check()

    @contextmanager
    def no_secret_in_errors(self) -> Iterator[None]:
        """Take the profile's secrets out of the errors that pass."""
        try:
            yield
        except ExchangeFault as fault:
            raise ExchangeFault(fault.kind, self.told(fault.detail), sent=fault.sent) from None
        except SignInRefused as error:
            raise SignInRefused(self.told(str(error))) from None
        except UserError as error:
            raise UserError(self.told(str(error))) from None

    def told(self, text: str) -> str:
        """Return a text without any secret of the profile: what a site answers may hold one."""
        self._redact.learn(*self.accounts.secrets, *self._more_secrets)
        return self._redact(text)

    async def sweep_earlier(self) -> bool:
        """Remove what earlier runs left; tell whether nothing is left of it."""
        clean = True
        for ledger in self.state.earlier_ledgers():
            if ledger.path == self.service.ledger.path:
                continue
            clean = await self._sweep(ledger) and clean
        return clean

    async def _sweep(self, ledger: Ledger) -> bool:
        swept = await sweep(self.service, ledger)
        twins = await remove_twins(self.service, ledger) if ledger.entries else []
        ledger.end()
        self._remarks += [self.told(line) for line in swept.lines()]
        self._left += [self.told(f"{what}: {why}") for what, why in swept.left.items()]
        self._remarks += [f"removed what was created twice: {twin}" for twin in twins]
        if ledger.damage:
            self._remarks.append(ledger.damage)
        return not swept.left and not ledger.damage

    async def _open_mailbox(self) -> None:
        if self._mailbox is None:
            self.preflight.note("mailbox", "unknown", "none in the profile; what mails hold is not observed")
            return
        try:
            await self._mailbox.open()
        except NotObservable as error:
            self.preflight.note("mailbox", "warning", str(error))
        else:
            self.preflight.note("mailbox", "ok", "can be looked into")

    @asynccontextmanager
    async def site(
        self, needs: Mapping[str, str], case: str = "", effect: Effect = Effect.READ
    ) -> AsyncIterator[LiveSite]:
        """Give a case the site, if it may run there and the site is what it needs."""
        self.service.traffic.check()
        self.admit(needs, effect)
        profile = SiteProfile(
            name=self.settings.site_name,
            host=self.settings.host_name,
            domain=self.settings.domain,
            accounts=self.accounts.credentials,
            mail_domain=self.settings.mail_domain,
            secrets=(*self.accounts.secrets, *self._more_secrets),
        )
        yield LiveSite(profile, self.service, self._mailbox, case)

    def admit(self, needs: Mapping[str, str], effect: Effect) -> None:
        """Raise NotApplicable where a case must not or can not run here, NotObservable where that is not known."""
        refuse_effect(self.settings, effect)
        for name, wanted in needs.items():
            known = self.preflight.settings.get(name, "")
            if not known:
                raise NotObservable(
                    f"it is not known whether '{name}' is {wanted} on this site; say it in [sites.{self.name}.settings]"
                )
            if not _is(known, wanted):
                raise NotApplicable(f"'{name}' is {known} on this site, the case needs {wanted}")

    def remarks(self) -> Sequence[str]:
        """Return what the end of the run must say."""
        return [*self._remarks, *map(self.told, self.service.remarks())]

    def left(self) -> Sequence[str]:
        """Return what could not be removed, of this run and of earlier ones; the ledgers still have it."""
        return self._left

    async def close(self) -> None:
        """Remove what cases left, then let go of the site. What is still there stays in the ledger."""
        try:
            if self.service.ledger.entries:
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._sweep(self.service.ledger)
        except TimeoutError:
            why = f"the sweep did not end within {SWEEP_SECONDS:g} s"
            self._left += [f"{entry}: {why}" for entry in self.service.ledger.open_entries]
        finally:
            self.service.ledger.end()
            await self.service.client.close()
            if self._mailbox is not None:
                await self._mailbox.close()
            self.state.release()


class LiveSite:
    """The site of one case."""

    def __init__(self, profile: SiteProfile, service: Service, mailbox: ImapMailbox | None, case: str) -> None:
        self.profile = profile
        self._service = service
        self._mailbox = mailbox
        self._case = case

    async def send(self, request: bytes) -> Exchange:
        """Send, if the request touches nothing but what is ours."""
        return await self._service.send(request, self._case)

    async def security(self, role: str) -> Mapping[str, str]:
        """Sign in as the profile says. What is refused in the middle of a run is no defect of the suite."""
        try:
            return await self._service.accounts.security(role, self._service.ask)
        except SignInRefused as error:
            raise ExchangeFault("sign-in", str(error), sent=False) from None

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        """Look into the mailbox of the profile."""
        if self._mailbox is None:
            raise NotObservable("the site's profile has no mailbox")
        return await self._mailbox.mails(to, count)

    async def open(self, link: str) -> bool:
        """Follow a link, if it leads to the site."""
        await self._service.traffic.admit()
        return (await self._service.client.get(link)).status == 200


def ask_version(name: str, settings: SiteSettings, base: Path) -> Version:
    """Ask a site which version it has. Raises UserError where it says none that we can read, ExchangeFault."""
    provider = LiveProvider(name, settings, base)
    provider.refuse_for_now()

    async def ask() -> SiteFacts:
        try:
            return await Preflight().version(provider.service)
        finally:
            await provider.service.client.close()

    with provider.no_secret_in_errors():
        told = asyncio.run(ask()).api_version
    if not told:
        raise UserError(f"site '{name}' does not tell its version; say what to hold it to with --api-version")
    return Version.parse(told)


def _is(known: str, wanted: str) -> bool:
    """Tell whether a setting is what a case needs: numbers at least, others just so."""
    if known.isdecimal() and wanted.isdecimal():
        return int(known) >= int(wanted)
    return known == wanted
