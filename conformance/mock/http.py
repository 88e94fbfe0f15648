"""The HTTP face of the mock: the service's address, and the links in its mails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mock.clock import Clock
from conformance.mock.connection import refuse_the_rest
from conformance.mock.dispatch import reply
from conformance.mock.fault import HttpAnswer
from conformance.mock.faults import Faults
from conformance.mock.mail import CONFIRMATION_PATH
from conformance.mock.state import Reply, Site
from conformance.mock.users import confirm_email
from conformance.wire.carried import Carried, carried_by_http
from conformance.wire.limits import MAX_BODY

SERVICE_PATH = "/WBXService/XMLService"

# As recorded in 2016, on failures too.
_RECORDED_HEADERS = {
    "Content-Type": "text/xml;charset=UTF-8",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache",
    "Expires": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains;preload",
    "Server": "",
}


_PAIRS = {name.lower().encode(): value.encode() for name, value in _RECORDED_HEADERS.items()}


def application(sites: Mapping[str, Site], delay: float = 0.0, faults: Faults | None = None) -> ASGIApp:
    """Return the ASGI application that answers for ``sites``, by lower-case name.

    ``delay`` seconds pass before each answer of the service, to stand for a distant server. ``faults`` may be
    changed while the application serves.
    """
    service = _Service(sites, delay, faults)

    async def confirm(request: Request) -> Response:
        site = sites.get(request.path_params["site"].lower())
        # Programs that only look at a link, by HEAD, must not confirm anything.
        if site is None or request.method != "GET":
            return _page(404, "This link is not known.")
        account = confirm_email(site, request.path_params["token"])
        if account is None:
            return _page(404, "This link is no longer valid.")
        return _page(200, f"{account.email} is the e-mail address of your Webex account.")

    async def elsewhere(_request: Request, _error: Exception) -> Response:
        return _page(404, f"There is nothing here; the XML API is at {SERVICE_PATH}.")

    pages = Starlette(
        routes=[Route(f"{CONFIRMATION_PATH}/{{site}}/{{token}}", confirm, methods=["GET"])],
        exception_handlers={404: elsewhere},
    )
    pages.router.redirect_slashes = False

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        path = served_path(scope)
        await (service if path == SERVICE_PATH else pages)({**scope, "path": path}, receive, send)

    return served


def served_path(scope: Scope) -> str:
    """Return the path that is asked for, of a request line with the whole address too, as proxies are sent it."""
    path: str = scope.get("path", "")
    return urlsplit(path).path if "://" in path else path


class _Service:
    """The service's address. ASGI itself, because routing and the like take longer than an answer."""

    def __init__(self, sites: Mapping[str, Site], delay: float, faults: Faults | None) -> None:
        self._sites = sites
        self._delay = delay
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"]
        asks = scope["method"] == "GET" and b"xml=" in query.lower()
        if scope["method"] != "POST" and not asks:
            await _send(send, 405, {b"allow": b"GET, POST", b"date": _date(Clock())})
            return
        body = b"" if asks else await read_body(scope, receive, MAX_BODY)
        if body is None:
            await refuse_the_rest(receive, send, 413, [(b"date", _date(Clock()))])
            return
        if self._delay:
            await asyncio.sleep(self._delay)
        content_type = None if asks else _header(scope, b"content-type").decode("latin-1")
        found = carried_by_http(b"%b?%b" % (scope["raw_path"], query), content_type, body).as_known(body)
        answer, clock = self._answered(found, scope["client"][0] if scope["client"] else "127.0.0.1")
        headers = {**_PAIRS, b"date": _date(clock)}
        headers.update((name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items())
        await _send(send, answer.status, headers, answer.body)

    def _answered(self, found: Carried, caller: str) -> tuple[HttpAnswer, Clock]:
        if self._faults:

            def proceed() -> HttpAnswer:
                return _carried(reply(self._sites, found.message, caller, found.departures))

            return self._faults.answer(self._sites, found.message, proceed), _clock_of(self._sites)
        answered = reply(self._sites, found.message, caller, found.departures)
        return _carried(answered), answered.site.clock if answered.site else Clock()


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """Return the request's body; None as soon as it exceeds ``limit`` bytes, or when the client leaves."""
    announced = _header(scope, b"content-length")
    if announced.isdigit() and int(announced) > limit:
        return None
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)
    return None


def _header(scope: Scope, name: bytes) -> bytes:
    """Return the first header of that name, which is in small letters; nothing where there is none."""
    return next((value for known, value in scope["headers"] if known == name), b"")


async def _send(send: Send, status: int, headers: Mapping[bytes, bytes], body: bytes = b"") -> None:
    """Send an answer, a body in chunks as recorded: without its length the server does so."""
    pairs = [*headers.items()] if body else [*headers.items(), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _carried(reply: Reply) -> HttpAnswer:
    return HttpAnswer(reply.body, reply.status)


def _clock_of(sites: Mapping[str, Site]) -> Clock:
    """Return the clock of the only site; among several, none can be told from an answer that was not made."""
    return next(iter(sites.values())).clock if len(sites) == 1 else Clock()


def _date(clock: Clock) -> bytes:
    return format_datetime(clock.now(), usegmt=True).encode()


def _page(status: int, sentence: str) -> HTMLResponse:
    html = f"<!DOCTYPE html>\n<html><head><title>Webex</title></head><body><p>{escape(sentence)}</p></body></html>\n"
    return HTMLResponse(html, status)
