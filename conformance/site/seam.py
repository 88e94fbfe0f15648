"""What the run engine knows of a site, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from conformance.wire.effects import Effect


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account of the site. The password never shows in a repr."""

    web_ex_id: str
    password: str = field(repr=False)
    email: str = ""


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """Who a site is: its name in the securityContext, its host names, its accounts by role."""

    name: str
    host: str
    domain: str
    accounts: Mapping[str, Credentials]
    mail_domain: str = "example.com"
    """Where the addresses of users that cases create are."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must never be shown, beside the passwords of the accounts: tickets, tokens."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back for it."""

    request: bytes
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    started: datetime
    seconds: float
    attempts: tuple[str, ...] = ()
    """What earlier attempts at the same request came to, in words."""

    @property
    def date(self) -> datetime | None:
        """The time that the server says it is, from its Date header; None where it says nothing usable."""
        try:
            date = parsedate_to_datetime(self.headers.get("date", ""))
            return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail that the site sent; ``format`` is ``html`` or ``text``, ``language`` its Content-Language."""

    subject: str
    body: str
    format: str
    language: str
    links: tuple[str, ...] = ()


class NotApplicable(Exception):
    """The site is not, and can not be made, what a case needs."""


class NotObservable(Exception):
    """We have no way to see what a step looks at, for example no mailbox."""


class Site(Protocol):
    """One site that a case talks to."""

    profile: SiteProfile

    async def send(self, request: bytes) -> Exchange:
        """Send one request. Raises ExchangeFault where no complete answer came back."""
        ...

    async def security(self, role: str) -> Mapping[str, str]:
        """Return what the securityContext says for a caller in that role, beside the site's name.

        Raises NotApplicable where the site has no account for it, ExchangeFault where signing in failed.
        """
        ...

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        """Return the mails to an address, oldest first; where ``count`` are expected, wait for so many.

        Raises NotObservable without a mailbox.
        """
        ...

    async def open(self, link: str) -> bool:
        """Follow a link that a mail held; tell whether the site accepted it."""
        ...


class NoAccount(dict[str, str]):
    """Stands for the account of a role that a site has none for: a case that needs a part of it does not apply."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def __missing__(self, _: str) -> str:
        raise NotApplicable(f"the site has no account for the role {self._role}")


def by_password(profile: SiteProfile, role: str) -> Mapping[str, str]:
    """Return the securityContext of the account that plays ``role``; raise NotApplicable where there is none."""
    account = profile.accounts.get(role)
    if account is None:
        raise NotApplicable(f"the site has no account for the role {role}")
    return {"webExID": account.web_ex_id, "password": account.password}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a first look at the site showed."""

    endpoint: str
    api_version: str
    """What GetAPIVersion says, from ``apiVer``; empty where it could not be seen."""
    clock_offset: timedelta
    """How far the site's clock is ahead of ours."""
    warnings: tuple[str, ...] = ()
    """What the first screen of a report must say of the site, for example a certificate that ends soon."""


class SiteProvider(Protocol):
    """Gives each case the site it runs on."""

    confirms_failures: bool
    """Whether a case that failed is run a second time, because others may have changed the site meanwhile."""

    async def open(self) -> SiteFacts:
        """Connect and look once. Raises ExchangeFault where the site can not be reached."""
        ...

    def site(
        self, needs: Mapping[str, str], case: str = "", effect: Effect = Effect.READ
    ) -> AbstractAsyncContextManager[Site]:
        """Return a site that is what ``needs`` says, by the names of the case format, for the case of that id.

        ``effect`` is the most that the case does to the site. Raises NotApplicable, NotObservable where it
        is not known whether the site is so, ExchangeFault where it can not be used now.
        """
        ...

    def remarks(self) -> Sequence[str]:
        """Return what the end of the run must say of the site: what was retried, slowed down, swept."""
        ...

    def left(self) -> Sequence[str] | None:
        """Return, after ``close``, what is or may be still on the site; None where that is not known."""
        ...

    async def close(self) -> None:
        """Let go of connections and servers."""
        ...
