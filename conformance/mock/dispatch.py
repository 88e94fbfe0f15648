"""From the bytes of a request to the bytes of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.errors import MalformedMessage

# Importing a service registers what it answers.
from conformance.mock import (  # noqa: F401
    attendees,
    authentication,
    contacts,
    event_list,
    event_mails,
    events,
    feedback,
    history,
    ims_tests,
    labs,
    library_tests,
    login,
    meeting_types,
    meetings,
    one_click,
    open_sessions,
    personal_room,
    record_access,
    recordings,
    recycle_bin,
    sales_records,
    sales_sessions,
    scheduled_tests,
    session_history,
    session_templates,
    sessions,
    site_info,
    site_type,
    support,
    teleconferences,
    time_zones,
    trainings,
    user_list,
    users,
    webacd,
)
from conformance.mock.call import SERVICES, Call, identify
from conformance.mock.rate_limit import count_call
from conformance.mock.refusal import Refusal, access_denied, departure, no_such_site, not_forwarded
from conformance.mock.state import Account, Reply, Site
from conformance.wire import answer
from conformance.wire.names import Operation
from conformance.wire.request import Departure, Request, read_request


def respond(sites: Mapping[str, Site], data: bytes, client_ip: str = "127.0.0.1") -> bytes:
    """Answer a request; whatever the bytes are, the answer is a message."""
    return reply(sites, data, client_ip).body


def reply(
    sites: Mapping[str, Site], data: bytes, client_ip: str = "127.0.0.1", departures: Sequence[Departure] = ()
) -> Reply:
    """Answer a request and tell which site answered, whose clock dates the answer.

    ``departures`` are those that were put up with to get at the message.
    """
    try:
        request = read_request(data)
    except MalformedMessage:
        return Reply(_failure(None, not_forwarded()))
    if departures:
        request = replace(request, departures=(*departures, *request.departures))
    try:
        site = _site(sites, request)
    except Refusal as refusal:
        return Reply(_failure(request.operation, refusal))

    def proceed(request: Request) -> Reply:
        return Reply(_answer(site, request, client_ip), site)

    return site.defect(site, request, proceed) if site.defect else proceed(request)


def _answer(site: Site, request: Request, client_ip: str) -> bytes:
    operation = request.operation
    try:
        service = SERVICES.get(operation.name) if operation else None
        if operation is None or service is None or not service.on(site):
            raise not_forwarded()
        if site.gate and (why := site.gate(request)):
            raise departure(why)
        caller = _caller(site, request)
        if caller is None and not service.anonymous:
            raise access_denied()
        if caller is not None:
            count_call(site, caller)
        content = service.handler(Call(site, request, caller, client_ip))
    except Refusal as refusal:
        return _failure(operation, refusal)
    return answer.success(operation, content)


def _failure(operation: Operation | None, refusal: Refusal) -> bytes:
    return answer.failure(operation if refusal.dispatched else None, refusal.exception_id, refusal.reason)


def _site(sites: Mapping[str, Site], request: Request) -> Site:
    """Find the site that is called; a server with one site answers for it where none is named."""
    name = request.security.get("siteName")
    if name is None and len(sites) == 1:
        return next(iter(sites.values()))
    site = sites.get((name or "").lower())
    if site is None:
        raise no_such_site()
    return site


def _caller(site: Site, request: Request) -> Account | None:
    token = request.content.value("accessToken")
    if token and request.operation and request.operation.name == "AuthenticateUser":
        # The mock knows no tokens but trusts them: the account named in the header signs in (assumed).
        return site.account(request.security.get("webExID", ""))
    return identify(site, request.security)
