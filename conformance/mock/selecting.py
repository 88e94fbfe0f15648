"""Which session a GetSessionInfo names: by key, and since 40.1.0 by the other four selectors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from conformance.mock.call import Call
from conformance.mock.refusal import session_not_found
from conformance.mock.scheduling import named
from conformance.mock.state import Account, Kind, Session, Site
from conformance.wire.times import GMT

SELECTORS = "40.1.0/getsessioninfo-selectors"

_FIRST_ROOM = 200_000_000
"""Added to a user's number gives the key of his personal room; sessions get theirs far from it (assumed)."""


def selected(call: Call) -> Session:
    """Return the session that the call names; 060001 where it names none (assumed).

    ``sessionKey`` wins over the others, and of these the first in documented order (assumed). A site
    without the change ignores them as elements that it does not know (assumed).
    """
    site = call.site
    if call.text("sessionKey"):
        return by_number(site, call.text("sessionKey")) or named(call, "sessionKey")
    if site.has(SELECTORS):
        for element, select in _SELECTORS.items():
            if value := call.text(element):
                session = select(site, value)
                if session is None:
                    break
                return session
    raise session_not_found()


def by_number(site: Site, number: str) -> Session | None:
    """Return the session of that number, which may be a personal room."""
    if not re.fullmatch(r"[0-9]{1,18}", number):
        return None
    owners = (account for account in site.accounts.values() if _FIRST_ROOM + account.user_id == int(number))
    return site.sessions.get(int(number)) or personal_room(site, next(owners, None))


def personal_room(site: Site, account: Account | None) -> Session | None:
    """Return the personal room of an account that may host; rooms are always there (assumed).

    It has no password and is not listed, and starts whenever it is asked for (assumed).
    """
    if account is None or not (account.active and account.host):
        return None
    digest = hashlib.sha256(f"{site.name}/{account.web_ex_id.lower()}".encode()).hexdigest()
    return Session(
        key=_FIRST_ROOM + account.user_id,
        kind=Kind.MEETING,
        conf_id=10**17 + int(digest[32:], 16) % (9 * 10**17),
        uuid=digest[32:],
        host=account.web_ex_id,
        name=f"{account.first_name or account.web_ex_id}'s Personal Room",
        start=site.clock.now(),
        time_zone_id=GMT,
        duration=60,
        password="",
        token=digest[:32],
        listed=False,
        content={"accessControl": {"listToPublic": "false"}},
    )


def _by_room_url(site: Site, url: str) -> Session | None:
    """Find ``https://SITE.DOMAIN/join/WEBEXID`` (update notes 40.1.0)."""
    start = f"https://{site.host_name}/join/".lower()
    if not url.lower().startswith(start):
        return None
    return personal_room(site, site.account(url[len(start) :].rstrip("/")))


def _by_sip_url(site: Site, url: str) -> Session | None:
    """Find ``WEBEXID@SITE.DOMAIN``, ``KEY_SITE@DOMAIN`` or ``KEY@SITE.DOMAIN`` (update notes 40.1.0)."""
    user, _, host = url.rpartition("@")
    if host.lower() == site.host_name.lower():
        # A Webex ID may be all digits; then the number of a session goes before it (assumed).
        return by_number(site, user) or personal_room(site, site.account(user))
    number, _, name = user.partition("_")
    if host.lower() == site.domain.lower() and name.lower() == site.name.lower():
        return by_number(site, number)
    return None


def _by_link(site: Site, link: str) -> Session | None:
    """Find the session to which a host's or attendee's link leads."""
    return next((s for s in site.sessions.values() if link in (site.link(s, "attendee"), site.link(s, "host"))), None)


def _by_uuid(site: Site, uuid: str) -> Session | None:
    return next((session for session in site.sessions.values() if session.uuid == uuid), None)


_SELECTORS: dict[str, Callable[[Site, str], Session | None]] = {
    "pmrUrl": _by_room_url,
    "sipUrl": _by_sip_url,
    "meetingLink": _by_link,
    "meetingUuid": _by_uuid,
}
