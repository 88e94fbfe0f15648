"""Sites to try the mock on, and calls to them as clients make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from conformance.mock import dispatch
from conformance.mock.clock import Clock
from conformance.mock.state import Account, Settings, Site
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response

NOW = datetime(2020, 1, 15, 12, 0, 0, tzinfo=UTC)
PASSWORD = "Secret-1"

ACCESS_DENIED = ("000001", "Access denied, additional privileges are required")
NO_RECORD = ("000015", "Sorry, no record found")
NOT_FOUND = ("060001", "Corresponding Meeting not found")
IN_THE_PAST = ("060016", "Session start time should be later than current time.")
PASSWORD_MISSING = ("060026", "Meeting password must not be null")


def make_site(*changes: str, passwords_required: bool = False, now: datetime = NOW) -> Site:
    """Return a site with those documented changes, on which host, other, admin and guest have accounts."""
    clock = Clock()
    clock.set(now)
    settings = Settings(session_passwords_required=passwords_required)
    site = Site("go", "webex.example.com", frozenset(changes), "39", settings, clock)
    for name, admin, attendee in (
        ("host", False, False),
        ("other", False, False),
        ("admin", True, False),
        ("guest", False, True),
    ):
        site.add_account(
            Account(
                web_ex_id=name,
                password=PASSWORD,
                email=f"{name}@example.com",
                user_id=site.number(),
                first_name=name.capitalize(),
                last_name="Example",
                site_admin=admin,
                attendee_only=attendee,
            )
        )
    return site


@dataclass(frozen=True)
class Answer:
    """An answer, with what tests ask of it."""

    response: Response

    @property
    def ok(self) -> bool:
        return self.response.result == "SUCCESS"

    @property
    def failure(self) -> tuple[str | None, str | None]:
        return self.response.exception_id, self.response.reason

    def all(self, path: str) -> list[str]:
        """Return the texts of all elements at a path below bodyContent, with the suite's prefixes."""
        content = self._content()
        return [str(found.xpath("string()")) for found in content.xpath(path, namespaces=NAMESPACES)]

    def text(self, path: str) -> str:
        """Return the text of the one element at a path."""
        (found,) = self.all(path)
        return found

    def names(self, path: str = ".") -> list[str]:
        """Return the local names of the children of the one element at a path."""
        (parent,) = self._content().xpath(path, namespaces=NAMESPACES)
        return [etree.QName(child).localname for child in parent]

    def _content(self) -> etree._Element:
        assert self.response.content is not None, self.failure
        assert self.ok, self.failure
        return self.response.content


def send(site: Site, name: str, body: Body, caller: str = "host", client_ip: str = "192.0.2.7") -> Answer:
    """Call an operation; an empty ``caller`` sends nothing but the site's name."""
    security = {"siteName": site.name}
    if caller:
        security |= {"webExID": caller, "password": PASSWORD}
    data = build_request(operation(name), security, body)
    return Answer(read_response(dispatch.respond({site.name: site}, data, client_ip)))


def meeting(name: str = "Weekly", **groups: Body) -> Mapping[str, Body]:
    """Return the body of a CreateMeeting that starts an hour from NOW unless ``schedule`` is given."""
    schedule = {"startDate": "01/15/2020 13:00:00", "duration": "30"}
    return {"metaData": {"confName": name}, "schedule": schedule, **groups}


def create(site: Site, body: Body | None = None, name: str = "CreateMeeting", caller: str = "host") -> str:
    """Schedule a session and return its key."""
    answer = send(site, name, meeting() if body is None else body, caller)
    return answer.all("*[local-name() = 'meetingkey' or local-name() = 'sessionKey' or local-name() = 'sessionkey']")[0]
