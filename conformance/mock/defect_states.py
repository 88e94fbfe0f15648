"""Defects of memory: what a site keeps, forgets, repeats or mixes up, and the mails that it sends."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from conformance.mock.building import remember
from conformance.mock.mail import send_confirmation
from conformance.mock.state import Account, Mail, Proceed, Reply, Site
from conformance.wire.effects import reads
from conformance.wire.request import Request

_KEY = 700_000_000
"""The one before the first that a site gives out."""


def _key(request: Request) -> str:
    """Return what two calls have in common that ask for the same in the same way."""
    named = request.operation.name if request.operation else ""
    return f"{named} {sorted(request.security.items())} {[(node.name, node.text) for node in request.content.walk()]}"


@dataclass(slots=True)
class Forgetting:
    """Calls are answered as if they had been done, and nothing of it is kept."""

    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer, then put the site back."""
        reset = remember(site)
        reply = proceed(request)
        reset()
        self.befell += 1
        return reply


@dataclass(slots=True)
class ActingAnyway:
    """Refused calls are done all the same, as a site without some change would do them."""

    without: frozenset[str]
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Refuse, and do it."""
        reply = proceed(request)
        if b"<serv:result>FAILURE" not in reply.body:
            return reply
        kept, site.changes = site.changes, site.changes - self.without
        proceed(request)
        site.changes = kept
        self.befell += 1
        return reply


@dataclass(slots=True)
class DoingTwice:
    """What is asked is done twice; the second answer is given."""

    befell: int = 0

    def __call__(self, _: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Do it, and do it again."""
        proceed(request)
        self.befell += 1
        return proceed(request)


@dataclass(slots=True)
class RepeatingKeys:
    """Everything that is created on a site gets the same key."""

    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer with numbers that have been given out before."""
        kept, site._numbers = site._numbers, itertools.repeat(_KEY)
        self.befell += 1
        reply = proceed(request)
        site._numbers = kept
        return reply


@dataclass(slots=True)
class Remembering:
    """A call that was made before is answered as it was then, whatever has happened since."""

    befell: int = 0
    _first: dict[str, Reply] = field(default_factory=dict)

    def __call__(self, _: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer from memory where there is one."""
        key = _key(request)
        self.befell += key in self._first
        if key not in self._first:
            self._first[key] = proceed(request)
        return self._first[key]


@dataclass(slots=True)
class Lagging:
    """The first read after a change sees the site as it was before the change."""

    befell: int = 0
    _before: dict[str, Callable[[], None]] = field(default_factory=dict)

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer a read from the past, once for each change."""
        if request.operation is None or not reads(request.operation.name):
            self._before[site.name] = remember(site)
            return proceed(request)
        past = self._before.pop(site.name, None)
        if past is None:
            return proceed(request)
        self.befell += 1
        present = remember(site)
        past()
        reply = proceed(request)
        present()
        return reply


@dataclass(slots=True)
class MixingUp:
    """A call gets the answer of the call of the same operation before it on the site, whoever made that one."""

    befell: int = 0
    _last: dict[str, Reply] = field(default_factory=dict)

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer with what somebody else was told."""
        key = f"{site.name} {request.operation.name if request.operation else ''}"
        reply, last = proceed(request), self._last.get(key)
        self._last[key] = reply
        self.befell += last is not None
        return last or reply


def _click_links_nothing(site: Site) -> None:
    for account in site.accounts.values():
        if account.pending_email:
            account.pending_email = (account.email, account.pending_email[1])


def _no_link_works(site: Site) -> None:
    for account in site.accounts.values():
        account.pending_email = None


def _linked_at_once(site: Site) -> None:
    for account in site.accounts.values():
        if account.pending_email:
            account.email = account.pending_email[0]


def _address_is_dropped(site: Site) -> None:
    for account in site.accounts.values():
        if account.pending_email:
            account.email = f"nobody@{account.email.partition('@')[2]}"


def _all_sessions_go(site: Site) -> None:
    site.sessions.clear()


def _attendees_are_lost(site: Site) -> None:
    for session in site.sessions.values():
        while len(session.attendees) > 1:
            session.attendees.popitem()


def _passwords_are_forgotten(site: Site) -> None:
    for session in site.sessions.values():
        session.password = ""


def _passwords_are_others(site: Site) -> None:
    for session in site.sessions.values():
        session.password = session.password and "Other1Pass"


AFTERWARDS: Mapping[str, Callable[[Site], None]] = {
    "click links nothing": _click_links_nothing,
    "no link works": _no_link_works,
    "linked at once": _linked_at_once,
    "address is dropped": _address_is_dropped,
    "all sessions go": _all_sessions_go,
    "attendees are lost": _attendees_are_lost,
    "passwords are forgotten": _passwords_are_forgotten,
    "passwords are others": _passwords_are_others,
}
"""What can happen to a site after a call that seemed right."""


@dataclass(slots=True)
class Spoiling:
    """Something happens to the site after the call, which is answered as if it had not."""

    what: str
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer, then let it happen."""
        reply = proceed(request)
        AFTERWARDS[self.what](site)
        self.befell += 1
        return reply


@dataclass(slots=True)
class FirstAddressCounts:
    """Of several new addresses of a user the first one is that which a click links, not the latest."""

    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer, and keep the address that waits already; its link is the latest."""
        waiting = _waiting(site)
        reply = proceed(request)
        for account, earlier, latest in _overtaken(site, waiting):
            account.pending_email = (earlier[0], latest[1])
            self.befell += 1
        return reply


@dataclass(slots=True)
class KeepingTheLink:
    """Every change of an address that waits is confirmed by the link of the first one."""

    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer, and give the new address the link that was mailed for the one before it."""
        waiting = _waiting(site)
        reply = proceed(request)
        for account, earlier, latest in _overtaken(site, waiting):
            account.pending_email = (latest[0], earlier[1])
            mail = site.outbox[-1]
            site.outbox[-1] = replace(mail, links=tuple(link.replace(latest[1], earlier[1]) for link in mail.links))
            self.befell += 1
        return reply


_Pending = tuple[str, str]


def _waiting(site: Site) -> Mapping[str, _Pending | None]:
    return {name: account.pending_email for name, account in site.accounts.items()}


def _overtaken(site: Site, waiting: Mapping[str, _Pending | None]) -> Iterator[tuple[Account, _Pending, _Pending]]:
    """Yield the accounts of which an address waited that another one has taken the place of, with both."""
    for name, earlier in waiting.items():
        account = site.accounts.get(name)
        if account and earlier and account.pending_email and account.pending_email != earlier:
            yield account, earlier, account.pending_email


@dataclass(slots=True)
class Mailing:
    """The mails that a call sends are others: ``fields`` of them, or how many there are."""

    fields: Mapping[str, str] = field(default_factory=dict)
    copies: int = 1
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer, and change what was put into the outbox meanwhile."""
        before = len(site.outbox)
        reply = proceed(request)
        sent = site.outbox[before:]
        site.outbox[before:] = [self._changed(mail) for mail in sent for _ in range(self.copies)]
        self.befell += len(sent)
        return reply

    def _changed(self, mail: Mail) -> Mail:
        changes: dict[str, object] = {
            name: value.replace("{}", getattr(mail, name)) for name, value in self.fields.items() if name in _TEXTS
        }
        if "html" in self.fields:
            changes["html"] = self.fields["html"] == "true"
        if "link" in self.fields:
            changes["links"] = tuple(self.fields["link"].replace("{}", link) for link in mail.links)
        return replace(mail, **changes)  # type: ignore[arg-type]


_TEXTS = ("to", "subject", "body", "language")


@dataclass(slots=True)
class MailingAlways:
    """A mail asks for a click where nothing waits for one."""

    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer, and mail where the call itself mailed nothing."""
        before = len(site.outbox)
        reply = proceed(request)
        account = site.account(request.content.value("webExId") or "")
        if len(site.outbox) == before and account is not None:
            send_confirmation(site, account, request.content.value("email") or account.email, "0")
            self.befell += 1
        return reply
