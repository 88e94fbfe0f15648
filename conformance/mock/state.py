"""What a mock site remembers."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conformance.mock.belongings import Belongings
from conformance.mock.clock import Clock
from conformance.mock.training_state import Lab, LibraryTest, ScheduledTest
from conformance.mock.user_state import Queue, SessionTemplate
from conformance.wire.answer import Answer
from conformance.wire.departures import Strictness
from conformance.wire.request import Request


class Kind(StrEnum):
    """What a session is; the value is its ``com:serviceTypeType`` (teleconferences are meetings there)."""

    MEETING = "MeetingCenter"
    EVENT = "EventCenter"
    TRAINING = "TrainingCenter"
    TELECONFERENCE = "Teleconference"
    SUPPORT = "SupportCenter"
    SALES = "SalesCenter"


@dataclass(frozen=True, slots=True)
class Settings:
    """The switches of Site Administration that documented changes depend on."""

    session_passwords_required: bool = True
    """"All meetings/events/sessions must have a password"; enabled by default (update notes 40.1.2)."""

    email_change_needs_confirmation: bool = False
    """"Confirmation required for the user to update email address" (update notes 40.4.0)."""

    recurring_exceptions_supported: bool = True
    """The flag "Support Exception Meeting" (release notes 7.4.0); that it is on where nobody says is assumed."""

    common_identity: bool = False
    """A "Spark Meet" site, whose users are those of Common Identity (release notes 9.0)."""

    display_names_enabled: bool = False
    """The feature toggle EnableDisplayName (update notes 40.11.0)."""

    managed_in_control_hub: bool = False
    """A classic site that was converted to Control Hub (update notes 41.11.0)."""

    classic_events_enabled: bool = True
    """"Enable classic Event" of the site's configuration (update notes 41.12.0)."""

    toll_calls_only: bool = False
    """The site offers no toll-free numbers (release notes 11.0 SP7)."""

    webex_11: bool = False
    """The site is of WebEx11, as GetSite's ``supportWebEx11`` tells (reference guide, SetTrainingSession)."""

    suspended: bool = False
    """The site is suspended: it takes free meetings only (update notes 42.5.0)."""


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
    activation: str = ""
    """Token of the link that verifies the user; empty where nothing waits for it."""

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
    tests: dict[int, ScheduledTest] = field(default_factory=dict)
    modified: datetime | None = None
    """When it was scheduled or last changed."""
    series: int = 0
    """Key of the series of which it replaces an occurrence; 0 for any other session."""
    replaced: tuple[datetime, ...] = ()
    """Starts of the occurrences of a series that exceptions replaced."""
    webinar: bool = False
    view_only: bool = False
    """Whether the attendees of a webinar may do nothing but watch."""


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


@dataclass(frozen=True, slots=True)
class RecordingAccess:
    """One visit to a recording. ``registered``: when the visitor filled in the form; None where he did not."""

    view_id: int
    name: str
    email: str
    time: datetime
    registered: datetime | None = None
    downloaded: bool = False
    viewed: bool = True


@dataclass(slots=True)
class Recording:
    """One network-based recording, or one recording of a service where ``of_service``."""

    recording_id: int
    host: str
    name: str
    created: datetime
    session_key: int
    conf_id: int
    service_type: str = "MeetingCenter"
    of_service: bool = False
    duration: int = 60
    """In seconds."""
    size: float = 1.0
    """In megabytes."""
    description: str = ""
    password: str = ""
    uuid: str = ""
    deleted: datetime | None = None
    """When it was moved to the recycle bin; None while it is not there."""
    content: dict[str, Answer] = field(default_factory=dict)
    accesses: list[RecordingAccess] = field(default_factory=list)


@dataclass(slots=True)
class Presence:
    """One person's time in a session that is over."""

    name: str
    email: str
    joined: datetime
    left: datetime
    role: str = "ATTENDEE"
    """A word of ``history:participantTypeType``: HOST, ATTENDEE or OTHER."""
    client_ip: str = "192.0.2.1"
    attendee_id: int = 0
    invited: bool = False
    registered: bool = False
    person: dict[str, Answer] = field(default_factory=dict)
    feedback: dict[str, Answer] = field(default_factory=dict)
    """What the person answered to the questions of the feedback form, by their names in GetFeedbackInfo."""


@dataclass(slots=True)
class PastSession:
    """One session that is over, as the history lists report it."""

    conf_id: int
    session_key: int
    kind: Kind
    host: str
    name: str
    start: datetime
    end: datetime
    time_zone_id: int
    people: list[Presence] = field(default_factory=list)
    session_type: int = 3
    content: dict[str, Answer] = field(default_factory=dict)
    """What was kept of it while it was scheduled."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that events belong to; programs are made in Site Administration, no operation creates one."""

    program_id: int
    name: str
    host: str


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
    recordings: list[Recording] = field(default_factory=list)
    past_sessions: list[PastSession] = field(default_factory=list)
    labs: dict[str, Lab] = field(default_factory=dict)
    """By their names in small letters."""
    library_tests: dict[int, LibraryTest] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)
    queues: dict[str, Queue] = field(default_factory=dict)
    """Queues of WebACD, by name in small letters."""
    agents: dict[int, set[int]] = field(default_factory=dict)
    """User IDs of the WebACD agents whom a manager has, by his."""
    session_templates: list[SessionTemplate] = field(default_factory=list)
    belongings: Belongings = field(default_factory=Belongings)
    """What its users keep there beside their sessions."""
    meeting_place: dict[str, Answer] = field(default_factory=dict)
    """The links to MeetingPlace that SetSite wrote."""
    calls: dict[int, list[datetime]] = field(default_factory=dict)
    """When a user called in the last minute, by his user ID."""
    calls_per_minute: int = 0
    """How many calls a user may make in a minute before he is refused with 000045; 0: any number (release notes 10.0,
    which announced it and told no number)."""
    defect: Defect | None = None
    """In what the site is wrong; None where it is right."""
    strictness: Strictness = Strictness.SERVICE
    """How much of what departs from the schema the site puts up with."""
    gate: Gate | None = None
    """What refuses departures on a site that is stricter than the service."""
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


Gate = Callable[[Request], str]
"""Tells why a request is refused that the service would read; nothing where it is not."""

Proceed = Callable[[Request], Reply]
"""Answers a request as a site without defect does, with all that this does to the site."""

Defect = Callable[[Site, Request, Proceed], Reply]
"""One way to be wrong: makes the answer of a site that has it (mock/defect.py)."""


def token() -> str:
    """Return 32 random hexadecimal digits, the form of the API's tokens."""
    return secrets.token_hex(16)
