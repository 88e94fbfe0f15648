"""A site that gives every secret away, over real HTTP, wherever a server, a provider or a mail can.

It runs in the processes that the tests start; ``BARE`` in the environment takes the masks off.
"""

from __future__ import annotations

import logging
import os
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from lab import Lab, LabSite, deleted, refused

from conformance.errors import ExchangeFault
from conformance.run.logs import MaskedLogs
from conformance.site.http import HttpClient
from conformance.site.seam import Credentials, Exchange, ReceivedMail, SiteFacts
from conformance.site.transport import Transport
from conformance.wire.redact import Redactor
from conformance.wire.request import Request, read_request

MARK = "Zq7Canary"


def mark(name: str) -> str:
    """Return the mark of a secret, which is in it in one piece and survives most spellings as it is."""
    return f"{MARK}{name}9xK"


PASSWORD = f"pä&ss<{mark('Password')}\"/+'>"
TICKET = f"{mark('Ticket')}+/=="
TOKEN = f"{mark('AccessToken')}_-"
PROXY = f"{mark('Proxy')}@:"
OWN = f"{mark('Own')} of the case"
MADE_UP = mark("MadeUp")
GUEST = mark("Guest")
MTID = mark("Mtid")
LINK = f"{mark('Link').lower()}0123456789abcdef"
MAIL = mark("Mail")
PLANTED = {
    "password": mark("Password"),
    "ticket": mark("Ticket"),
    "token": mark("AccessToken"),
    "proxy": mark("Proxy"),
    "own": mark("Own"),
    "made up": MADE_UP,
    "guest": GUEST,
    "mtid": MTID,
    "link": mark("Link"),
    "mail": MAIL,
}
HOSTILE = "<script>window.owned = 1</script> \x1b[31mred\x1b[0m \x07 \x9b2J user\u202egpj.exe "
HOSTILE += "\u2066x ]]> =cmd() a\u2028b \x7f"
# XML can carry all of it but these.
OF_XML = escape("".join(c for c in HOSTILE if c not in "\x1b\x07"))
KNOWN = (PASSWORD, TICKET, TOKEN, PROXY)


def shout(*secrets: str) -> str:
    """Return the secrets in many spellings, as one text."""
    told = []
    for secret in secrets:
        raw = secret.encode()
        told += [secret, escape(secret), quote(secret, safe=""), quote(quote(secret, safe="")), repr(raw)]
        told += [raw.hex(), raw.hex().upper(), *(b64encode(b"u:"[:n] + raw + b"x").decode() for n in range(3))]
        told += ["".join(f"&#{ord(c)};" for c in secret), "".join(f"&#x{ord(c):x};" for c in secret)]
        told += ["".join(f"\\u{ord(c):04x}" for c in secret), "".join(f"%{byte:02X}" for byte in raw)]
    return " | ".join(told)


def split(secret: str) -> str:
    """Return a secret as XML that comments and CDATA sections split."""
    first, last = escape(secret[:12]), secret[12:].replace("]]>", "")
    return f"{first[:-3]}<!-- no -->{first[-3:]}<![CDATA[{last}]]>"


def _brings() -> bytes:
    link = f"https://example.com/site/j.php?MTID={MTID}&amp;x=1"
    more = f"<meetingPassword>{MADE_UP}</meetingPassword><guestToken>{GUEST}</guestToken><host>{link}</host>"
    return deleted().replace(b"</use:user>", f"{more}<note>{MADE_UP} {GUEST} {MTID}</note></use:user>".encode())


def answer(word: str, request: Request) -> tuple[int, bytes]:
    """Return status and body of the answer that a word asks for."""
    sent = [value for name, value in request.security.items() if name not in ("webExID", "siteName")]
    bodies = {
        "echo": lambda: refused("030001", shout(*sent, *KNOWN)),
        "split": lambda: deleted().replace(b">ok<", f">{split(PASSWORD)} {split(TICKET)}<".encode()),
        "raw": lambda: shout(*sent, *KNOWN).encode(),
        "status": lambda: shout(*KNOWN).encode(),
        "html": f"<html><body>{shout(*KNOWN)}</body></html>".encode,
        "brings": _brings,
        "hostile": lambda: deleted().replace(b">ok<", f">{OF_XML}<".encode()),
        "hostile refusal": lambda: refused("030001", OF_XML),
        "hostile page": f"<html><body>{HOSTILE}</body></html>".encode,
    }
    return (500 if word == "status" else 200), bodies.get(word, deleted)()


def fail(word: str, request: bytes) -> None:
    """Raise what a provider may raise."""
    if word == "hostile crash":
        raise RuntimeError(HOSTILE)
    if word == "hostile fault":
        raise ExchangeFault("proxy", HOSTILE, partial=HOSTILE.encode())
    if word == "crash":
        raise RuntimeError(f"{request!r} through http://user:{PROXY}@127.0.0.1 {shout(*KNOWN)}")
    if word == "fault":
        basic = b64encode(f"user:{PROXY}".encode()).decode()
        detail = f"the proxy refused Proxy-Authorization: Basic {basic}; {shout(*KNOWN)}"
        raise ExchangeFault("proxy", detail, partial=f"<a>{shout(*KNOWN)}<password>{PASSWORD[:9]}".encode())


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = read_request(body)
        status, told = answer(request.content.value("webExId") or "", request)
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if told.startswith(b"<html") else f"text/xml; x={quote(TOKEN)}")
        self.send_header("Set-Cookie", f"ticket={TICKET}")
        self.send_header("X-Debug", quote(PASSWORD))
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class CanaryLab(Lab):
    """The provider."""

    async def open(self) -> SiteFacts:
        if os.environ.get("BARE"):
            Redactor.__call__ = lambda _, text: text  # type: ignore[method-assign]
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.client = HttpClient(f"http://127.0.0.1:{self.server.server_port}/", Transport(private_addresses=True))
        return await super().open()

    @asynccontextmanager
    async def site(self, needs: Mapping[str, str], case: str = "", effect: str = "read") -> AsyncIterator[LabSite]:
        yield CanarySite(self)

    def remarks(self) -> Sequence[str]:
        return (f"the proxy was {shout(*KNOWN)}",)

    async def close(self) -> None:
        await self.client.close()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class CanarySite(LabSite):
    """The site: an account for each way to sign in."""

    def __init__(self, lab: CanaryLab) -> None:
        super().__init__(lab)
        self.lab = lab
        accounts = {
            role: Credentials(role, os.environ["CANARY_PASSWORD"]) for role in ("host", "siteAdmin", "attendee")
        }
        self.profile = replace(self.profile, accounts=accounts, secrets=(TICKET, TOKEN, PROXY))

    async def security(self, role: str) -> Mapping[str, str]:
        ways = {"siteAdmin": {"sessionTicket": TICKET}, "attendee": {"webExAccessToken": TOKEN}}
        return {"webExID": role, **ways.get(role, {"password": PASSWORD})}

    async def send(self, request: bytes) -> Exchange:
        logging.getLogger("provider").warning("sending %s", request)
        word = read_request(request).content.value("webExId") or ""
        try:
            fail(word, request)
        except Exception:
            logging.getLogger("provider").exception("it failed for %r", request)
            raise
        return await self.lab.client.post(request)

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        link = f"https://example.com/mail/confirm/site/{LINK}"
        body = f"Open {link} or https://example.com/x?token={MAIL} with {shout(PASSWORD)}"
        return [ReceivedMail(shout(TICKET), body, "text", "en", (link,))]

    async def open(self, link: str) -> bool:
        return False


if os.environ.get("BARE"):
    MaskedLogs.start = lambda _: None  # type: ignore[method-assign]
