"""A mock site as the callers of the recorded requests knew theirs: their accounts, their ticket, their sessions.

A request is sent as it was recorded, so the site has to be the one it asks for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from conformance.mock.building import add_account, bare_site
from conformance.mock.clock import Clock
from conformance.mock.dispatch import respond
from conformance.mock.state import Site
from conformance.versions import DEFAULT_VERSION
from conformance.wire.names import operation
from conformance.wire.request import Body, Request, build_request, read_request
from conformance.wire.response import read_response

NOW = datetime(2020, 1, 15, 12, 0, 0, tzinfo=UTC)
"""Dates of 2004 and 2005 in the requests are past, those of late 2020 and 2030 are not."""

TICKET = "AAABX0k3ZmkAABUY"
ACCOUNTS = {
    "hostid": ("hostpassword", "host"),
    "testuser": ("password123", "host"),
    "jdoe": ("hostpassword", "host"),
    "userID": ("*****", "host"),
    "test": ("P@ss1234", "host"),
    "xxx": ("xxxx", "host"),
    "siteadmin": ("P@ss1234", "siteAdmin"),
    "administrator": ("xxxx", "siteAdmin"),
}
"""Who calls, with the password that is sent and the role that the call is for."""

_KEYS = ("meetingKey", "meetingkey", "sessionKey")


def site_for(data: bytes) -> Site:
    """Return the site that a request calls: with its caller, and for what is not to be created a session of his.

    The session has the key that the request names, or 1.
    """
    request = read_request(data)
    clock = Clock()
    clock.set(NOW)
    site = bare_site(request.security.get("siteName", "unnamed"), DEFAULT_VERSION, clock=clock)
    caller = request.security.get("webExID", "")
    if caller:
        password, role = ACCOUNTS[caller]
        add_account(site, caller, password, role=role)
        site.tickets[TICKET] = (caller, NOW + timedelta(hours=1))
        if "Create" not in request.xsi_type:
            keys = [node.text for node in request.content.walk() if node.name in _KEYS and node.text.strip()]
            _schedule(site, caller, int(keys[0]) if keys else 1, request)
    return site


def _schedule(site: Site, host: str, key: int, request: Request) -> None:
    """Give the site the session that a request names, of the kind of its service, with somebody enrolled."""
    kind = "TeleconferenceSession" if "Teleconference" in request.xsi_type else "Meeting"
    _call(site, host, f"Create{kind}", {"metaData": {"confName": "Recorded"}})
    (session,) = [session for session in site.sessions.values() if session.name == "Recorded"]
    del site.sessions[session.key]
    site.sessions[key] = replace(session, key=key, name=f"Recorded {key}")
    person: Body = {"name": "Kim Lee", "email": "kim@example.com"}
    _call(site, host, "RegisterMeetingAttendee", {"person": person, "sessionKey": str(key)})


def _call(site: Site, caller: str, name: str, body: Body) -> None:
    security = {"siteName": site.name, "webExID": caller, "password": ACCOUNTS[caller][0]}
    answer = read_response(respond({site.name.lower(): site}, build_request(operation(name), security, body)))
    assert answer.result == "SUCCESS", answer.reason
