"""One call: who calls which operation on which site, and the registry of what answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.mock.refusal import Refusal, access_denied, bad_credentials, bad_ticket, bad_value
from conformance.mock.state import Account, Site
from conformance.wire.answer import Answer
from conformance.wire.request import Request
from conformance.wire.tree import Node


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has reached a service. ``caller`` is None for an anonymous call."""

    site: Site
    request: Request
    caller: Account | None
    client_ip: str = "127.0.0.1"

    @property
    def content(self) -> Node:
        """The request's bodyContent."""
        return self.request.content

    @property
    def account(self) -> Account:
        """The caller, who must have signed in."""
        if self.caller is None:
            raise access_denied()
        return self.caller

    def text(self, path: str, default: str = "") -> str:
        """Return the trimmed text at ``path``, or ``default`` where it is absent or blank."""
        return self.content.value(path) or default

    def number(self, path: str, default: int | None = None) -> int:
        """Return the number at ``path``; refuse the call where there is none and no default."""
        return number(self.content, path, default)

    def flag(self, path: str, default: bool = False) -> bool:
        """Return the boolean at ``path``; clients write true, TRUE and True."""
        value = self.content.value(path)
        return default if value is None else value.lower() in ("true", "1")


def number(node: Node, path: str, default: int | None = None) -> int:
    """Return the number at ``path`` below ``node``; see Call.number."""
    value = node.value(path)
    if value is None and default is not None:
        return default
    try:
        return int(value or "")
    except ValueError:
        raise bad_value(path) from None


Handler = Callable[[Call], Mapping[str, Answer]]


@dataclass(frozen=True, slots=True)
class Service:
    """What answers one operation."""

    handler: Handler
    anonymous: bool
    change: str
    """The documented change that brought the operation; empty for one that was always there."""

    def on(self, site: Site) -> bool:
        """Tell whether the operation exists on ``site``."""
        return not self.change or site.has(self.change)


SERVICES: dict[str, Service] = {}


def answers(operation: str, *, anonymous: bool = False, change: str = "") -> Callable[[Handler], Handler]:
    """Register what answers ``operation``: it returns the content of a SUCCESS or raises Refusal.

    Without ``anonymous``, callers must have signed in. With ``change``, only sites that carry that documented
    change know the operation.
    """

    def register(handler: Handler) -> Handler:
        SERVICES[operation] = Service(handler, anonymous, change)
        return handler

    return register


def identify(site: Site, security: Mapping[str, str]) -> Account | None:
    """Return the account that a securityContext signs in; None for an anonymous one; raise Refusal."""
    if ticket := security.get("sessionTicket"):
        owner, until = site.tickets.get(ticket, ("", site.clock.now()))
        account = site.account(owner)
        if account is None or not account.active or until <= site.clock.now():
            raise bad_ticket()
        return account
    name, email = security.get("webExID"), security.get("email")
    if not (name or email or "password" in security):
        return None
    account = site.account(name) if name else next((a for a in site.accounts.values() if a.email == email), None)
    if account is None or not account.active or account.password != security.get("password"):
        raise bad_credentials()
    return account


__all__ = ["SERVICES", "Call", "Refusal", "Service", "answers", "identify", "number"]
