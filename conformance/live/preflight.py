"""What is looked at before a run: that the site is there, who it is, that our accounts can sign in, how it is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from conformance.errors import ExchangeFault, UserError
from conformance.live.accounts import SIGN_IN, SignInRefused
from conformance.live.service import Service, local_text, response_of
from conformance.live.settings import AUTO, NEEDS
from conformance.site.look import look
from conformance.site.seam import Exchange, SiteFacts

_CERTIFICATE_WARNING = timedelta(days=14)
_CLOCK_WARNING = timedelta(seconds=120)
_ADMIN, _HOST = "siteAdmin", "host"
SETTING = "setting "
"""Begins the subject of a finding about a setting."""

_PASSWORDS, _ACCESS_ANYWHERE = "session passwords required", "access anywhere sessions"

State = Literal["ok", "warning", "unknown", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    told: str


@dataclass(slots=True)
class Preflight:
    """What a first look came to; filled as it goes, so that it tells how far it came."""

    findings: list[Finding] = field(default_factory=list)
    facts: SiteFacts | None = None
    settings: dict[str, str] = field(default_factory=dict)
    """The settings that are known, by the names of the case format."""

    def note(self, subject: str, state: State, told: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(subject, state, told))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the first screen of a report must say."""
        return tuple(f"{finding.subject}: {finding.told}" for finding in self.findings if finding.state == "warning")

    async def run(self, service: Service) -> SiteFacts:
        """Look at everything, each account signing in once.

        Raises ExchangeFault where the site can not be used now, UserError where the profile is wrong.
        """
        self.facts = await self.version(service)
        self._certificate(service)
        self._clock(self.facts)
        for role in service.accounts.credentials:
            await self._account(service, role)
        await self._settings(service)
        self.facts = replace(self.facts, warnings=self.warnings)
        return self.facts

    async def version(self, service: Service) -> SiteFacts:
        """Ask for version and time. Raises ExchangeFault, UserError where the site lets nobody in."""

        async def send(request: bytes) -> Exchange:
            exchange = await service.send(request, "")
            answer = response_of(exchange)
            if answer.result == "FAILURE":
                told = f"GetAPIVersion answered {answer.exception_id} {answer.reason}; is site_name right?"
                raise ExchangeFault("service", told)
            return exchange

        try:
            facts = await look(send, service.settings.site_name, service.settings.endpoint)
        except ExchangeFault as fault:
            self.note("endpoint", "fault", str(fault))
            if fault.kind == "credentials":
                raise UserError(f"{service.settings.endpoint}: {fault}") from fault
            raise
        self.note("endpoint", "ok", f"{service.settings.endpoint} answers")
        told = facts.api_version
        self.note("version", "ok" if told else "unknown", told or "GetAPIVersion tells no apiVer")
        return facts

    def _certificate(self, service: Service) -> None:
        expires = service.client.certificate_expires
        if expires is None:
            return
        left = expires - datetime.now(UTC)
        soon = left < _CERTIFICATE_WARNING
        self.note("certificate", "warning" if soon else "ok", f"ends {expires:%Y-%m-%d}, in {left.days} days")

    def _clock(self, facts: SiteFacts) -> None:
        offset = facts.clock_offset
        far = abs(offset) > _CLOCK_WARNING
        told = f"{offset.total_seconds():+.0f} s against ours; dates of cases follow the site's clock"
        self.note("clock", "warning" if far else "ok", told if offset else "the same as ours")

    async def _account(self, service: Service, role: str) -> None:
        web_ex_id = service.accounts.credentials[role].web_ex_id
        try:
            await service.accounts.try_once(role, service.ask)
        except SignInRefused as error:
            self.note(f"account {role}", "fault", str(error))
            raise
        except ExchangeFault as fault:
            self.note(f"account {role}", "fault", str(fault))
            if fault.kind == "credentials":
                service.accounts.refused(role, str(fault.detail))
                raise SignInRefused(f"credentials: {SIGN_IN} for {web_ex_id} (role {role}): {fault.detail}") from fault
            raise
        self.note(f"account {role}", "ok", f"{web_ex_id} signs in")

    async def _settings(self, service: Service) -> None:
        """Fill in what is known of the site's settings: as the profile states it, else as the site tells it."""
        stated = {name: service.settings.settings.get(name, AUTO) for name in NEEDS}
        seen = await self._told_by_the_site(service, stated)
        for name, value in stated.items():
            known = value if value != AUTO else seen.get(name, "")
            if not known:
                self.note(
                    f"{SETTING}{name}", "unknown", "the site does not tell; say it in the settings of the profile"
                )
                continue
            self.settings[name] = known
            self.note(f"{SETTING}{name}", "ok", f"{known} ({'stated' if value != AUTO else 'seen'})")

    async def _told_by_the_site(self, service: Service, stated: Mapping[str, str]) -> dict[str, str]:
        seen: dict[str, str] = {}
        accounts = service.accounts.credentials
        if role := next((role for role in (_ADMIN, _HOST) if role in accounts), ""):
            security = await service.accounts.security(role, service.ask)
            answer = await service.ask("GetSite", security, {})
            if answer.result == "SUCCESS":
                self._same_site(service, local_text(answer, "siteName"))
                seen[_PASSWORDS] = local_text(answer, "allMeetingsPassword").lower()
            else:
                self.note("GetSite", "unknown", f"{answer.exception_id} {answer.reason}")
        if _HOST in accounts and stated[_ACCESS_ANYWHERE] == AUTO:
            seen[_ACCESS_ANYWHERE] = await self._access_anywhere(service)
        return seen

    def _same_site(self, service: Service, name: str) -> None:
        """Refuse a site that is another one than the profile says, before anything is created there."""
        if name and name.casefold() != service.settings.site_name.casefold():
            told = f"GetSite answers for the site '{name}', the profile is for '{service.settings.site_name}'"
            self.note("site", "fault", told)
            raise UserError(f"{service.settings.endpoint}: {told}")

    async def _access_anywhere(self, service: Service) -> str:
        """Count the uses of Access Anywhere on record; where there is no such operation, that is not known."""
        security = await service.accounts.security(_HOST, service.ask)
        answer = await service.ask("LstAccessAnywhereHistory", security, {"listControl": {"maximumNum": "1"}})
        if answer.exception_id == "000015":
            return "0"
        return local_text(answer, "total") if answer.result == "SUCCESS" else ""
