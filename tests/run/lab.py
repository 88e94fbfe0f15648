"""A site that does what it is told: the webExId of a DelUser says how it is answered.

``Lab`` stands behind runs of the engine here, and behind whole pytest runs as the site ``lab`` in tests/plugin.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from conformance.errors import ExchangeFault, MalformedMessage
from conformance.site.seam import (
    Credentials,
    Exchange,
    NotApplicable,
    NotObservable,
    ReceivedMail,
    SiteFacts,
    SiteProfile,
    by_password,
)
from conformance.wire.answer import failure, success
from conformance.wire.names import operation
from conformance.wire.request import Request, read_request

CANARY = "Zq7Canary9"
PASSWORD = f"{CANARY}&<\"/+\u00fc'>"
"""Every spelling of it differs from the plain one, and those that can be read hold the canary."""

SENT = "sent.log"
NOT_FOUND = ("030001", "Corresponding User not found")


def spellings(secret: str) -> dict[str, str]:
    """Return the forms in which a secret must never be shown."""
    raw = secret.encode()
    return {
        "raw": secret,
        "XML": escape(secret),
        "XML attribute": escape(secret, {'"': "&quot;", "'": "&apos;"}),
        "URL": quote(secret, safe=""),
        "base64": base64.b64encode(raw).decode(),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
    }


def shout(secret: str) -> str:
    """Return a text that tells a secret in every way that a text of a message can; writing it escapes it for XML."""
    return " | ".join(text for name, text in spellings(secret).items() if not name.startswith("XML"))


def exchange(body: bytes, status: int = 200, content_type: str = "text/xml;charset=UTF-8") -> Exchange:
    """Return an exchange that brought ``body`` back."""
    return Exchange(b"", status, {"content-type": content_type}, body, datetime.now(UTC), 0.0)


def deleted(web_ex_id: str = "ok") -> bytes:
    """Return the SUCCESS of a DelUser."""
    return success(operation("DelUser"), {"user": {"webExId": web_ex_id, "status": "SUCCESS"}})


def refused(code: str, reason: str) -> bytes:
    """Return the FAILURE of a DelUser."""
    return failure(operation("DelUser"), code, reason)


def _echo(request: Request) -> Exchange:
    return exchange(refused("030001", shout(request.security["password"])))


async def _hang(_: Request) -> Exchange:
    await asyncio.Event().wait()
    raise AssertionError("never reached")


async def _nap(_: Request) -> Exchange:
    await asyncio.sleep(0.5)
    return exchange(deleted())


def _raise(error: Exception) -> Callable[[Request], Exchange]:
    def answer(_: Request) -> Exchange:
        raise error

    return answer


Answerer = Callable[[Request], Exchange | Awaitable[Exchange]]

WORDS: Mapping[str, Answerer] = {
    "ok": lambda _: exchange(deleted()),
    "refuse": lambda _: exchange(refused(*NOT_FOUND)),
    "busy": lambda _: exchange(refused("000045", "Too many calls")),
    "echo": _echo,
    "hang": _hang,
    "nap": _nap,
    "down": _raise(ExchangeFault("reset", "the connection was reset")),
    "boom": _raise(RuntimeError("boom")),
    "nobody": _raise(NotApplicable("there is no such thing here")),
    "unavailable": lambda _: exchange(b"try later", 503),
    "page": lambda _: exchange(b"<html><body>Maintenance</body></html>", content_type="text/html"),
    "garbage": lambda _: exchange(b"<serv:message"),
    "invalid": lambda _: exchange(success(operation("DelUser"), {"user": {"status": "SUCCESS"}})),
    "deviant": lambda _: exchange(
        success(operation("DelUser"), {"user": {"webExId": "x", "status": "SUCCESS", "new": "1"}})
    ),
    "other": lambda _: exchange(success(operation("CreateUser"), {"userId": "1"})),
}


@dataclass
class Lab:
    """The provider: each case gets a site that logs what it is asked."""

    words: Mapping[str, Answerer] = field(default_factory=dict)
    mailbox: Sequence[ReceivedMail] | None = None
    links: Mapping[str, bool] = field(default_factory=dict)
    clock_offset: timedelta = timedelta()
    password: str = PASSWORD
    log: Path | None = None
    """A file that gets a line for whatever reaches the site, also from another process."""
    fails: Mapping[str, Exception] = field(default_factory=dict)
    """What ``open``, ``site``, ``leave`` or ``close`` raises."""
    confirms_failures: bool = False
    asked: list[str] = field(default_factory=list)
    needs: list[Mapping[str, str]] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0

    async def open(self) -> SiteFacts:
        self._note("open")
        return SiteFacts("lab:", "40.4.3", self.clock_offset)

    @asynccontextmanager
    async def site(self, needs: Mapping[str, str], case: str = "", effect: str = "read") -> AsyncIterator[LabSite]:
        self._note("site")
        self.needs.append(needs)
        if needs.get("access anywhere sessions") == "99":
            raise NotApplicable("the lab has no 99 sessions")
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            yield LabSite(self)
        finally:
            self.busy -= 1
        self._note("leave")

    def remarks(self) -> Sequence[str]:
        return ()

    def left(self) -> Sequence[str] | None:
        return None

    async def close(self) -> None:
        self._note("close")

    def _note(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]
        self.note(what)

    def note(self, line: str) -> None:
        self.asked.append(line)
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    def hear(self, request: bytes) -> None:
        """Get each request as it came."""

    @property
    def calls(self) -> list[str]:
        """What was asked of sites, without their coming and going."""
        return [line for line in self.asked if " " in line]


class LabSite:
    """One site of the lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        accounts = {role: Credentials(role, lab.password, f"{role}@example.com") for role in ("host", "siteAdmin")}
        self.profile = SiteProfile("lab", "lab.example.com", "example.com", accounts)

    async def send(self, request: bytes) -> Exchange:
        self._lab.hear(request)
        try:
            read = read_request(request)
        except MalformedMessage:
            return exchange(failure(None, "000000", "Fail to forward request:null"))
        word = read.content.value("webExId") or "-"
        name = read.operation.name if read.operation else "unknown"
        self._lab.note(f"{read.security.get('webExID', 'anonymous')} {name} {word}")
        if name == "GetAPIVersion":
            return exchange(success(operation(name), {"apiVersion": "40.4.3"}))
        answered = {**WORDS, **self._lab.words}.get(word, WORDS["ok"])(read)
        return answered if isinstance(answered, Exchange) else await answered

    async def security(self, role: str) -> Mapping[str, str]:
        return by_password(self.profile, role)

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        self._lab.note(f"mails {to}")
        if self._lab.mailbox is None:
            raise NotObservable("the lab has no mailbox")
        return self._lab.mailbox

    async def open(self, link: str) -> bool:
        self._lab.note(f"link {link}")
        return self._lab.links[link]
