"""What a mock site remembers."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conformance.mock.clock import Clock
from conformance.wire.answer import Answer
from conformance.wire.request import Request


class Kind(StrEnum):
    """What a session is; the value is its ``com:serviceTypeType`` (teleconferences are meetings there)."""

    MEETING = "MeetingCenter"
    EVENT = "EventCenter"
    TRAINING = "TrainingCenter"
    TELECONFERENCE = "Teleconference"


@dataclass(frozen=True, slots=True)
class Settings:
    """The switches of Site Administration that documented changes depend on."""

    session_passwords_required: bool = True
    """"All meetings/events/sessions must have a password"; enabled by default (update notes 40.1.2)."""

    email_change_needs_confirmation: bool = False
    """"Confirmation required for the user to update email address" (update notes 40.4.0)."""


@dataclass(slots=True)
class Account:
    """One user. ``profile`` holds what CreateUser and SetUser were sent and GetUser gives back."""

    web_ex_id: str
    password: str
    email: str
    user_id: int
    first_name: str = ""
    last_name: str = ""
    site_admin: bool = False
    attendee_only: bool = False
    active: bool = True
    language_id: int = 1
    time_zone_id: int = 21
    registered: datetime | None = None
    profile: dict[str, Answer] = field(default_factory=dict)
    pending_email: tuple[str, str] | None = None
    """The address that waits for its confirmation, and the token of the link that confirms it."""
    modified: datetime | None = None
    """When CreateUser or SetUser last wrote the account."""

    @property
    def host(self) -> bool:
        """Whether the user may schedule."""
        return not self.attendee_only


@dataclass(slots=True)
class Attendee:
    """One person invited to or enrolled in a session."""

    attendee_id: int
    name: str
    email: str
    role: str = "ATTENDEE"
    join_status: str = "INVITE"
    register_id: int | None = None
    first_name: str = ""
    last_name: str = ""
    submitted: datetime | None = None
    """When the enrolment form was sent; None for a mere invitation."""
    ip_address: str = ""
    person: dict[str, Answer] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """A meeting, event, training session or teleconference.

    ``content`` holds what the caller sent, by element, in the order in which it is given back.
    """

    key: int
    kind: Kind
    conf_id: int
    uuid: str
    host: str
    name: str
    start: datetime
    time_zone_id: int
    duration: int
    password: str
    token: str
    """32 hexadecimal digits; the MTID of the links to this session derives from it."""
    session_type: int = 3
    listed: bool = True
    content: dict[str, Answer] = field(default_factory=dict)
    attendees: dict[int, Attendee] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the site sent. ``html`` tells its format, ``language`` its Content-Language."""

    to: str
    subject: str
    body: str
    html: bool
    language: str
    sent: datetime
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessAnywhere:
    """One use of a remote computer, as LstAccessAnywhereHistory reports it."""

    conf_id: int
    host: str
    user_name: str
    computer_name: str
    client_ip: str
    start: datetime
    end: datetime


@dataclass(slots=True)
class Site:
    """One Webex site with all its state."""

    name: str
    domain: str
    changes: frozenset[str]
    version: str
    settings: Settings = Settings()
    clock: Clock = field(default_factory=Clock)
    base_url: str = ""
    """Where the mock itself answers, for links in mails that must be followed for real."""
    accounts: dict[str, Account] = field(default_factory=dict)
    tickets: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Session tickets: whose, and until when."""
    sessions: dict[int, Session] = field(default_factory=dict)
    outbox: list[Mail] = field(default_factory=list)
    access_anywhere: list[AccessAnywhere] = field(default_factory=list)
    defect: Defect | None = None
    """In what the site is wrong; None where it is right."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(700_000_001))

    def has(self, change: str) -> bool:
        """Tell whether this site carries the documented change of that id."""
        return change in self.changes

    @property
    def host_name(self) -> str:
        """The site's own host name, as ``go.webex.example.com``."""
        return f"{self.name}.{self.domain}"

    def number(self) -> int:
        """Return a key no object of this site has had."""
        return next(self._numbers)

    def link(self, session: Session, role: str) -> str:
        """Return the address at which ``role`` (``host`` or ``attendee``) opens a session."""
        digest = hashlib.md5(f"{session.token}{role}".encode(), usedforsecurity=False).hexdigest()
        return f"https://{self.host_name}/{self.name}/j.php?MTID=m{digest}"

    def account(self, web_ex_id: str) -> Account | None:
        """Return the account of that Webex ID, whatever its case."""
        return self.accounts.get(web_ex_id.lower())

    def add_account(self, account: Account) -> Account:
        """Remember an account."""
        self.accounts[account.web_ex_id.lower()] = account
        return account

    def send(self, to: str, subject: str, body: str, *, html: bool, language: str, links: tuple[str, ...] = ()) -> None:
        """Put a mail into the outbox."""
        self.outbox.append(Mail(to, subject, body, html, language, self.clock.now(), links))


@dataclass(frozen=True, slots=True)
class Reply:
    """The bytes of an answer, and the site that gave it (None where no site was reached)."""

    body: bytes
    site: Site | None = None
    status: int = 200


Proceed = Callable[[Request], Reply]
"""Answers a request as a site without defect does, with all that this does to the site."""

Defect = Callable[[Site, Request, Proceed], Reply]
"""One way to be wrong: makes the answer of a site that has it (mock/defect.py)."""


def token() -> str:
    """Return 32 random hexadecimal digits, the form of the API's tokens."""
    return secrets.token_hex(16)
