"""The HTTP face of the mock: the service's address, and the links in its mails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import format_datetime
from html import escape

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from conformance.mock.clock import Clock
from conformance.mock.dispatch import reply
from conformance.mock.fault import HttpAnswer
from conformance.mock.faults import Faults
from conformance.mock.mail import CONFIRMATION_PATH
from conformance.mock.state import Reply, Site
from conformance.mock.users import confirm_email
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


def application(sites: Mapping[str, Site], delay: float = 0.0, faults: Faults | None = None) -> Starlette:
    """Return the ASGI application that answers for ``sites``, by lower-case name.

    ``delay`` seconds pass before each answer of the service, to stand for a distant server. ``faults`` may be
    changed while the application serves.
    """

    async def service(request: Request) -> Response:
        data = await read_body(request, MAX_BODY)
        if data is None:
            # The rest of the body is on its way: the connection cannot be used again.
            return Response(status_code=413, headers={"Connection": "close", "Date": _date(Clock())})
        if delay:
            await asyncio.sleep(delay)
        caller = request.client.host if request.client else "127.0.0.1"
        if faults:
            answer = faults.answer(sites, data, lambda: _carried(reply(sites, data, caller)))
            headers = _RECORDED_HEADERS | {"Date": _date(_clock_of(sites))} | dict(answer.headers)
            return Response(answer.body, answer.status, headers)
        answered = reply(sites, data, caller)
        clock = answered.site.clock if answered.site else Clock()
        return Response(answered.body, answered.status, _RECORDED_HEADERS | {"Date": _date(clock)})

    async def confirm(request: Request) -> Response:
        site = sites.get(request.path_params["site"].lower())
        # Programs that only look at a link, by HEAD, must not confirm anything.
        if site is None or request.method != "GET":
            return _page(404, "This link is not known.")
        account = confirm_email(site, request.path_params["token"])
        if account is None:
            return _page(404, "This link is no longer valid.")
        return _page(200, f"{account.email} is now the e-mail address of your Webex account.")

    app = Starlette(
        routes=[
            Route(SERVICE_PATH, service, methods=["POST"]),
            Route(f"{CONFIRMATION_PATH}/{{site}}/{{token}}", confirm, methods=["GET"]),
        ]
    )
    app.router.redirect_slashes = False
    return app


async def read_body(request: Request, limit: int) -> bytes | None:
    """Return the request's body; None as soon as it exceeds ``limit`` bytes, or when the client leaves."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


def _carried(reply: Reply) -> HttpAnswer:
    return HttpAnswer(reply.body, reply.status)


def _clock_of(sites: Mapping[str, Site]) -> Clock:
    """Return the clock of the only site; among several, none can be told from an answer that was not made."""
    return next(iter(sites.values())).clock if len(sites) == 1 else Clock()


def _date(clock: Clock) -> str:
    return format_datetime(clock.now(), usegmt=True)


def _page(status: int, sentence: str) -> HTMLResponse:
    html = f"<!DOCTYPE html>\n<html><head><title>Webex</title></head><body><p>{escape(sentence)}</p></body></html>\n"
    return HTMLResponse(html, status)
