"""Sites of the mock with a defect, called in this process, and catalogues of mutants in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from conformance.mock.building import new_site
from conformance.mock.defect import Aimed, Wrong
from conformance.mock.dispatch import Reply, reply
from conformance.mock.state import Settings, Site
from conformance.versions import NEWEST, Version
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response
from conformance.wire.times import write_date

PASSWORD = "Pw1-for-all"
ROLES = ("siteadmin", "host", "attendee")
CHANGE = "40.2.0/anonymous-lstsummarysession"


@dataclass
class Defective:
    """A site that has a defect."""

    site: Site

    def reply(self, name: str, body: Body, caller: str = "host", password: str = PASSWORD) -> Reply:
        """Call an operation; nobody calls where ``caller`` is empty."""
        who = {"webExID": caller, "password": password} if caller else {}
        data = build_request(operation(name), {"siteName": self.site.name, **who}, body)
        return reply({self.site.name: self.site}, data)

    def call(self, name: str, body: Body, caller: str = "host", password: str = PASSWORD) -> Response:
        """Call an operation and read the answer."""
        return read_response(self.reply(name, body, caller, password).body)

    def result(self, name: str, body: Body, caller: str = "host", password: str = PASSWORD) -> str:
        """Return SUCCESS, or the exceptionID of a failure."""
        response = self.call(name, body, caller, password)
        return response.exception_id or response.result or ""

    def text(self, xpath: str, name: str, body: Body, caller: str = "host") -> str:
        """Return what stands at an XPath of the answer; nothing where it is absent."""
        found: Any = self.call(name, body, caller).root.xpath(xpath, namespaces=NAMESPACES)
        return str(found[0].xpath("string()")) if found else ""

    def meeting(self, **schedule: str) -> str:
        """Schedule a meeting for tomorrow and return its key."""
        return self.text("//meet:meetingkey", "CreateMeeting", self.form(**schedule))

    def form(self, **schedule: str) -> Mapping[str, Body]:
        """Return the body of a CreateMeeting."""
        start = {"startDate": self.date(timedelta(days=1)), "timeZoneID": "20"}
        return {"metaData": {"confName": "Weekly"}, "schedule": {**start, **schedule}}

    def date(self, ahead: timedelta) -> str:
        """Return a date as the API writes it, in GMT."""
        return write_date(self.site.clock.now() + ahead)


def having(*wrong: Wrong, version: Version = NEWEST, settings: Settings | None = None, **aim: Any) -> Defective:
    """Return a site that is wrong so."""
    site = new_site(
        "go",
        version,
        passwords=dict.fromkeys(ROLES, PASSWORD),
        settings=settings or Settings(),
        access_anywhere_sessions=5,
        base_url="http://127.0.0.1:1",
    )
    site.defect = Aimed(wrong, **aim)
    return Defective(site)


MUTANT = """\
- id: {id}
  title: Wrong.
  class: value
  clause: refused
  {more}
"""


def catalogue(root: Path, *mutants: str, change: str = CHANGE) -> Path:
    """Write a catalogue with one file, that of a documented change."""
    path = root / f"{change}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("about: Sites that are wrong.\nmutants:\n" + "".join(indent(dedent(m), "  ") for m in mutants))
    return root


def mutant(id_: str, *lines: str) -> str:
    """Return a mutant of the file; ``lines`` are its defect and who must notice."""
    return MUTANT.format(id=id_, more="\n  ".join(lines))
