"""What a site has to answer: a model as small as the notes allow, which knows nothing of the mock.

Written from the update notes and the reference guide; where these leave something open, the model takes what the
mock says it assumes. A method answers for one operation: it returns what the caller is told, after changing what
the site remembers, or raises Refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from conformance.versions import Version

SELECTORS, GENERATED = "40.1.0", "40.1.2"
PAST_START = NO_ANONYMOUS_LIST = "40.2.0"
EMPTY_DOMAIN = CONFIRMED_EMAIL = "40.4.0"
"""The releases that brought the changes (update notes); none of these was noted for a second train."""

TICKET_LIFE = timedelta(seconds=5400)
DEFAULT_DURATION = 60

DENIED, NO_RECORD, NO_USER, BAD_CREDENTIALS, ID_TAKEN = "000001", "000015", "030001", "030002", "030004"
EMAIL_TAKEN, BAD_TICKET, NO_SESSION, PAST, NO_PASSWORD = "030005", "030047", "060001", "060016", "060026"

Facts = dict[str, object]


class Refused(Exception):
    """The call fails with this exceptionID."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class User:
    """Who can sign in. ``waiting`` is an address that nobody has confirmed yet, and the number of its mail."""

    web_ex_id: str
    password: str
    email: str
    first_name: str
    admin: bool = False
    attendee_only: bool = False
    active: bool = True
    waiting: tuple[str, int] | None = None


@dataclass(eq=False)
class Person:
    """Who is on the list of a session."""

    name: str
    email: str
    role: str = "ATTENDEE"
    status: str = "INVITE"
    enrolled: bool = False
    number: str = ""


@dataclass(frozen=True)
class Wish:
    """What a scheduling call sends; None is not sent. The start is in minutes from now."""

    name: str | None = None
    start: int | None = None
    duration: int | None = None
    password: str | None = None
    public: bool | None = None


@dataclass(frozen=True)
class Invitation:
    """What a call sends of a person; None is not sent."""

    name: str
    email: str
    role: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Profile:
    """What SetUser sends; None is not sent."""

    first_name: str | None = None
    email: str | None = None
    password: str | None = None
    new_id: str | None = None
    active: bool | None = None


class Listed(NamedTuple):
    """What a list call finds: all records, and by what the page is ordered the values in it, from ``first`` on."""

    records: Sequence[Facts]
    page: Sequence[object]
    first: int


@dataclass(frozen=True)
class Page:
    """Which records a list call asks for; None is not sent."""

    first: int | None = None
    most: int | None = None
    descending: bool = False

    def of(self, items: Iterable[Facts], order_by: str) -> Listed:
        """Return the records found and the page of them; refuse an empty one. How ties stand is left open."""
        found = sorted(items, key=lambda item: str(item[order_by]), reverse=self.descending)
        first = self.first or 1
        page = [item[order_by] for item in found[first - 1 : first - 1 + (self.most or 50)]]
        if not page:
            raise Refused(NO_RECORD)
        return Listed(found, page, first)


@dataclass(eq=False)
class Session:
    """A meeting or an event; the site tells its key, its UUID and, where it made one, its password."""

    kind: str
    host: User
    name: str
    start: datetime
    duration: int = DEFAULT_DURATION
    password: str | None = ""
    """None: the site makes one."""
    public: bool = True
    people: dict[str, Person] = field(default_factory=dict)
    key: str = ""
    uuid: str = ""

    @property
    def summary(self) -> Facts:
        """What every list tells."""
        return {
            "key": self.key,
            "name": self.name,
            "host": self.host.web_ex_id,
            "start": self.start,
            "duration": str(self.duration),
            "listed": "PUBLIC" if self.public else "UNLISTED",
        }


@dataclass
class ReferenceSite:
    """One site at a release. ``key``s, numbers and tickets are the site's own: the model is told them."""

    release: Version
    passwords_required: bool
    emails_confirmed: bool
    now: datetime
    users: list[User]
    sessions: dict[str, Session] = field(default_factory=dict)
    tickets: dict[str, tuple[User, datetime]] = field(default_factory=dict)
    mails: int = 0

    def has(self, release: str) -> bool:
        return self.release.has([Version.parse(release)])

    # --- who calls -----------------------------------------------------------------------------------------------

    def user(self, name: str) -> User | None:
        """Return who has that Webex ID, or that address."""
        return next((user for user in self.users if name in (user.web_ex_id, user.email)), None)

    def caller(self, name: str, password: str) -> User | None:
        """Return who signs in by Webex ID or address; None where nobody tries to."""
        if not name:
            return None
        known = self.user(name)
        if known is None or not known.active or known.password != password:
            raise Refused(BAD_CREDENTIALS)
        return known

    def holder(self, ticket: str) -> User:
        """Return who signs in by a ticket."""
        user, until = self.tickets.get(ticket, (None, self.now))
        if user is None or not user.active or until <= self.now:
            raise Refused(BAD_TICKET)
        return user

    def sign_in(self, caller: User | None) -> tuple[User, datetime]:
        """Return whose the new ticket is, and until when it is good."""
        return _signed_in(caller), self.now + TICKET_LIFE

    # --- sessions ------------------------------------------------------------------------------------------------

    def create(self, caller: User | None, kind: str, wish: Wish) -> Session:
        """Schedule; a missing password is made since 40.1.2, and was refused before, where one is required."""
        host = _signed_in(caller)
        if host.attendee_only:
            raise Refused(DENIED)
        password = wish.password or (None if self.passwords_required else "")
        if password is None and not self.has(GENERATED):
            raise Refused(NO_PASSWORD)
        session = Session(kind, host, name="", start=self.now, password=password)
        self._write(session, wish)
        return session

    def tells_password(self, session: Session) -> bool:
        """Tell whether the answer that creates a session holds its password."""
        return self.has(GENERATED) and session.password != ""

    def change(self, caller: User | None, kind: str, key: str, wish: Wish) -> None:
        self._write(self._owned(caller, key, kind), wish)

    def read(self, caller: User | None, kind: str, key: str) -> Facts:
        """GetMeeting, GetEvent: for owners and alternate hosts."""
        session = self._hosted(_signed_in(caller), key, kind)
        people = sorted(person.email for person in session.people.values())
        return {**session.summary, "password": session.password, "people": people}

    def look(self, caller: User | None, selector: str, value: str) -> Facts:
        """GetSessionInfo: for everybody, the password for those who have to do with the session."""
        found = self.sessions.get(value) if selector == "sessionKey" else None
        if selector == "meetingUuid" and self.has(SELECTORS):
            found = next((session for session in self.sessions.values() if session.uuid == value), None)
        if found is None:
            raise Refused(NO_SESSION)
        trusted = caller and (_owns(caller, found) or caller.email in found.people)
        return {
            **found.summary,
            "hostEmail": found.host.email,
            "passwordReq": bool(found.password),
            "password": found.password if trusted else "",
        }

    def delete(self, caller: User | None, kind: str | None, key: str) -> None:
        del self.sessions[self._owned(caller, key, kind).key]

    def list_meetings(self, caller: User | None, page: Page) -> Listed:
        me = _signed_in(caller)
        return page.of((s.summary for s in self.sessions.values() if s.kind == "Meeting" and _owns(me, s)), "name")

    def list_sessions(self, caller: User | None, page: Page) -> Listed:
        """Strangers were given the public ones, and nothing since 40.2.0."""
        if caller is None and self.has(NO_ANONYMOUS_LIST):
            raise Refused(NO_RECORD)
        shown = [s for s in self.sessions.values() if (_owns(caller, s) if caller else s.public)]
        secured = [{**s.summary, "passwordReq": bool(s.password)} for s in shown]
        return page.of(secured, "name")

    def _write(self, session: Session, wish: Wish) -> None:
        start = session.start if wish.start is None else self.now + timedelta(minutes=wish.start)
        refuses_past = session.kind == "Meeting" and self.has(PAST_START)
        if refuses_past and wish.start is not None and start < self.now:
            raise Refused(PAST)
        session.start = start
        session.name = wish.name or session.name
        session.duration = wish.duration or session.duration
        session.password = wish.password or session.password
        session.public = session.public if wish.public is None else wish.public

    def _session(self, key: str, kind: str | None = None) -> Session:
        session = self.sessions.get(key)
        if session is None or kind not in (None, session.kind):
            raise Refused(NO_SESSION)
        return session

    def _owned(self, caller: User | None, key: str, kind: str | None = None) -> Session:
        me = _signed_in(caller)
        session = self._session(key, kind)
        if not _owns(me, session):
            raise Refused(DENIED)
        return session

    def _hosted(self, me: User, key: str, kind: str | None = None) -> Session:
        session = self._session(key, kind)
        person = session.people.get(me.email)
        if not (_owns(me, session) or (person and person.role == "HOST")):
            raise Refused(DENIED)
        return session

    # --- people of a session -------------------------------------------------------------------------------------

    def invite(self, caller: User | None, key: str, sent: Invitation) -> Person:
        return self._enter(self._owned(caller, key), sent, enrols=sent.status == "REGISTER")

    def register(self, caller: User | None, key: str, sent: Invitation) -> Person:
        """Enrol somebody; everybody who signed in may."""
        _signed_in(caller)
        return self._enter(self._session(key), sent, enrols=True)

    def list_people(self, caller: User | None, key: str, page: Page) -> Listed:
        people = self._hosted(_signed_in(caller), key).people.values()
        return page.of(
            (
                {
                    "number": person.number,
                    "name": person.name,
                    "email": person.email,
                    "role": person.role,
                    "status": person.status,
                    "registered": person.enrolled,
                }
                for person in people
            ),
            "email",
        )

    def remove(self, caller: User | None, number: str) -> None:
        me = _signed_in(caller)
        on_lists = ((s, p) for s in self.sessions.values() for p in s.people.values() if p.number == number)
        session, person = next(on_lists, (None, None))
        if session is None or person is None:
            raise Refused(NO_RECORD)
        if not _owns(me, session):
            raise Refused(DENIED)
        del session.people[person.email]

    def enrolments(self, caller: User | None, key: str) -> dict[str, Facts]:
        """Who enrolled, by number; where from is told by address, and till 40.4.0 by name."""
        people = [person for person in self._owned(caller, key).people.values() if person.enrolled]
        if not people:
            raise Refused(NO_RECORD)
        return {p.number: {"email": p.email, "named domain": not self.has(EMPTY_DOMAIN)} for p in people}

    def _enter(self, session: Session, sent: Invitation, *, enrols: bool) -> Person:
        """Whoever is on the list already stays the same person; addresses are kept in lower case (guide)."""
        email = sent.email.lower()
        person = session.people.setdefault(email, Person(sent.name, email))
        person.name = sent.name
        person.role = sent.role or person.role
        person.status = sent.status or person.status
        person.enrolled = person.enrolled or enrols
        return person

    # --- users ---------------------------------------------------------------------------------------------------

    def create_user(self, caller: User | None, web_ex_id: str, email: str, password: str) -> None:
        _admin(caller)
        self._refuse_taken(web_ex_id, email)
        self.users.append(User(web_ex_id, password, email, first_name=""))

    def set_user(self, caller: User | None, web_ex_id: str, sent: Profile) -> bool:
        """Change a user; tell whether a mail asks for the confirmation of a new address."""
        me, user = self._reachable(caller, web_ex_id)
        self._refuse_taken(sent.new_id, sent.email, user)
        if not me.admin and sent.active is False:
            raise Refused(DENIED)
        user.web_ex_id = sent.new_id or user.web_ex_id
        user.first_name = sent.first_name or user.first_name
        user.password = sent.password or user.password
        by_admin = me.admin
        user.active = user.active if sent.active is None else sent.active
        if sent.email in (None, user.email):
            return False
        if self.has(CONFIRMED_EMAIL) and self.emails_confirmed and not by_admin:
            self.mails += 1
            user.waiting = (sent.email, self.mails)
            return True
        user.email, user.waiting = sent.email, None
        return False

    def confirm(self, mail: int) -> bool:
        """Follow the link of a mail; tell whether it still leads to something."""
        user = next((user for user in self.users if user.waiting and user.waiting[1] == mail), None)
        if user is None or user.waiting is None:
            return False
        email, user.waiting = user.waiting[0], None
        if any(other.email == email for other in self.users):
            return False
        user.email = email
        return True

    def get_user(self, caller: User | None, web_ex_id: str) -> Facts:
        _, user = self._reachable(caller, web_ex_id)
        return {
            "webExId": user.web_ex_id,
            "firstName": user.first_name,
            "email": user.email,
            "active": "ACTIVATED" if user.active else "DEACTIVATED",
        }

    def del_users(self, caller: User | None, web_ex_ids: Sequence[str]) -> dict[str, str]:
        """Deactivate users, and tell of each whether there is one."""
        _admin(caller)
        found = {name: next((u for u in self.users if u.web_ex_id == name), None) for name in web_ex_ids}
        for user in filter(None, found.values()):
            user.active = False
        return {name: "SUCCESS" if user else "FAILURE" for name, user in found.items()}

    def list_users(self, caller: User | None, page: Page) -> Listed:
        admin = _admin(caller)
        return page.of((self.get_user(admin, user.web_ex_id) for user in self.users), "webExId")

    def _reachable(self, caller: User | None, web_ex_id: str) -> tuple[User, User]:
        """Return who calls and whom he names: himself, or as an administrator anybody."""
        me = _signed_in(caller)
        user = next((user for user in self.users if user.web_ex_id == web_ex_id), None)
        if user is not me and not me.admin:
            raise Refused(DENIED)
        if user is None:
            raise Refused(NO_USER)
        return me, user

    def _refuse_taken(self, web_ex_id: str | None, email: str | None, owner: User | None = None) -> None:
        others = [user for user in self.users if user is not owner]
        if web_ex_id in [user.web_ex_id for user in others]:
            raise Refused(ID_TAKEN)
        if email in [user.email for user in others]:
            raise Refused(EMAIL_TAKEN)


def _signed_in(caller: User | None) -> User:
    if caller is None:
        raise Refused(DENIED)
    return caller


def _admin(caller: User | None) -> User:
    if not _signed_in(caller).admin:
        raise Refused(DENIED)
    return _signed_in(caller)


def _owns(user: User, session: Session) -> bool:
    return user.admin or user is session.host
