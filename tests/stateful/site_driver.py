"""Two mock sites as a client meets them: bytes go out, bytes come back, and every answer is a valid message.

Of the mock it uses what a person at its command line has: sites with accounts, a clock to set, and a mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import httpx2

from conformance.mock import dispatch
from conformance.mock.building import add_account, new_site
from conformance.mock.clock import Clock
from conformance.mock.server import MockServer
from conformance.mock.state import Settings, Site
from conformance.mock.users import confirm_email
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import Version
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response

START = datetime(2020, 1, 15, 12, 0, 0, tzinfo=UTC)
SITES = ("go", "away")
ROLES = {"siteadmin": "siteAdmin", "host": "host", "other": "host", "attendee": "attendee", "watcher": "siteAdmin"}
"""The accounts that both sites have from the start."""

CATALOG = SchemaCatalog()


def password_of(site: str, name: str) -> str:
    """Return the password that an account starts with, which nothing else in a message looks like."""
    return f"key-of-{name}-at-{site}"


@dataclass(slots=True)
class StoppedClock(Clock):
    """A clock that goes on only when it is told to."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Answer:
    """What came back."""

    response: Response
    data: bytes

    @property
    def code(self) -> str | None:
        """The exceptionID; None for a SUCCESS."""
        return self.response.exception_id

    def texts(self, path: str, inside: object = None) -> list[str]:
        """Return the texts at an XPath below bodyContent, or below an element of it."""
        where = self.response.content if inside is None else inside
        return [found.xpath("string()") for found in where.xpath(path, namespaces=NAMESPACES)]

    def text(self, path: str, inside: object = None) -> str:
        """Return the text at an XPath; empty where there is none."""
        return "".join(self.texts(path, inside)[:1])

    def records(self, path: str) -> Iterable[object]:
        return self.response.content.xpath(path, namespaces=NAMESPACES)


class Transport(Protocol):
    """A way to the sites."""

    def open(self, sites: Mapping[str, Site]) -> None: ...

    def post(self, data: bytes) -> bytes: ...

    def follow(self, link: str) -> bool:
        """Open a link of a mail; tell whether it led to something."""

    def close(self) -> None: ...


class InProcess:
    """Asks the sites without a network."""

    def open(self, sites: Mapping[str, Site]) -> None:
        self._sites = sites

    def post(self, data: bytes) -> bytes:
        return dispatch.reply(self._sites, data).body

    def follow(self, link: str) -> bool:
        site, token = link.split("/")[-2:]
        return confirm_email(self._sites[site], token) is not None

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class OverSocket:
    """Asks the sites over HTTP on loopback."""

    server: MockServer
    client: httpx2.Client
    _names: list[str] = field(default_factory=list)

    def open(self, sites: Mapping[str, Site]) -> None:
        for name, site in sites.items():
            self.server.add_site(site)
            self._names.append(name)

    def post(self, data: bytes) -> bytes:
        answer = self.client.post(self.server.endpoint, content=data)
        assert answer.status_code == 200
        return answer.content

    def follow(self, link: str) -> bool:
        return self.client.get(link).status_code == 200

    def close(self) -> None:
        while self._names:
            self.server.remove_site(self._names.pop())


class World:
    """Both sites at one release, with the same settings and one clock."""

    def __init__(self, release: Version, transport: Transport, settings: Settings) -> None:
        self.clock = StoppedClock()
        self._schemas = CATALOG.at(release)
        self._transport = transport
        self._sites = {name: self._site(name, release, settings) for name in SITES}
        transport.open(self._sites)

    def _site(self, name: str, release: Version, settings: Settings) -> Site:
        passwords = {account: password_of(name, account) for account in ROLES}
        site = new_site(name, release, settings=settings, clock=self.clock, passwords=passwords)
        for account in ROLES.keys() - {"siteadmin", "host", "attendee"}:
            add_account(site, account, passwords[account], role=ROLES[account])
        return site

    def send(self, site: str, security: Mapping[str, str], name: str, body: Body) -> Answer:
        """Call an operation; whatever it answers must be valid at the release."""
        data = self._transport.post(build_request(operation(name), {"siteName": site, **security}, body))
        response = read_response(data)
        findings = self._schemas.judge_response(response.root)
        assert not findings, f"{name} is answered by what is not valid: {findings[0]}"
        assert (response.result == "SUCCESS") == (response.exception_id is None)
        return Answer(response, data)

    def last_link(self, site: str) -> str:
        """Return the link of the mail that the site sent last."""
        (link,) = self._sites[site].outbox[-1].links
        return link

    def follow(self, link: str) -> bool:
        return self._transport.follow(link)

    def close(self) -> None:
        self._transport.close()
