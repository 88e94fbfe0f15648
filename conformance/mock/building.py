"""Building sites: at a version, with accounts to play every role, and back to how they were."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import timedelta

from conformance.cases.changes import changes_at
from conformance.mock import furnishing
from conformance.mock.clock import Clock
from conformance.mock.records import LONG_AGO, add_past_sessions, visits
from conformance.mock.state import (
    AccessAnywhere,
    Account,
    Recording,
    Settings,
    Site,
    token,
)
from conformance.versions import Version

DOMAIN = "webex.example.com"
MAIL_DOMAIN = "example.com"
SITE_NAME = r"^[A-Za-z0-9-]{1,63}$"
"""What a site may be called: it becomes a part of its host name."""

ACCOUNT_OF_ROLE: Mapping[str, str] = {"siteAdmin": "siteadmin", "host": "host", "attendee": "attendee"}
"""The Webex ID of the standard account that plays a role."""

_AS_SHIPPED = Settings()
_LENGTH = timedelta(minutes=4, seconds=22)
"""Length of the printed example of an Access Anywhere session, which is reported as 5 minutes."""
_APART = timedelta(minutes=97)


def new_site(
    name: str,
    version: Version,
    *,
    settings: Settings = _AS_SHIPPED,
    clock: Clock | None = None,
    base_url: str = "",
    access_anywhere_sessions: int = 0,
    recordings: int = 0,
    old_recordings: int = 0,
    past_sessions: int = 0,
    labs: int = 0,
    programs: int = 0,
    scheduled_events: int = 0,
    recorded_events: int = 0,
    submitted_tests: int = 0,
    webinars: int = 0,
    webacd_queues: int = 0,
    session_templates: int = 0,
    calls_per_minute: int = 0,
    passwords: Mapping[str, str] | None = None,
    changes: frozenset[str] | None = None,
) -> Site:
    """Return a site with one account for each role, and with so many records of what the host did.

    ``passwords`` by Webex ID; the others are random. ``changes`` replaces those that the version carries.
    """
    site = bare_site(name, version, settings=settings, clock=clock, base_url=base_url, changes=changes)
    for role, web_ex_id in ACCOUNT_OF_ROLE.items():
        password = (passwords or {}).get(web_ex_id) or secrets.token_urlsafe(12)
        add_account(site, web_ex_id, password, role=role, last_name="Example")
    host = ACCOUNT_OF_ROLE["host"]
    add_access_anywhere(site, host, access_anywhere_sessions)
    add_recordings(site, host, recordings)
    add_recordings(site, host, old_recordings, age=LONG_AGO)
    add_past_sessions(site, host, past_sessions)
    add_past_sessions(site, ACCOUNT_OF_ROLE["siteAdmin"], min(past_sessions, 1))
    furnishing.add_labs(site, labs)
    furnishing.add_programs(site, host, programs)
    furnishing.add_scheduled_events(site, host, scheduled_events)
    furnishing.add_recorded_events(site, host, recorded_events)
    furnishing.add_submitted_tests(site, host, submitted_tests)
    furnishing.add_webinars(site, host, webinars)
    furnishing.add_webacd_queues(site, webacd_queues)
    furnishing.add_session_templates(site, host, session_templates)
    site.calls_per_minute = calls_per_minute
    return site


def bare_site(
    name: str,
    version: Version,
    *,
    settings: Settings = _AS_SHIPPED,
    clock: Clock | None = None,
    base_url: str = "",
    changes: frozenset[str] | None = None,
) -> Site:
    """Return a site without any account."""
    return Site(
        name=name,
        domain=DOMAIN,
        changes=changes_at(version) if changes is None else changes,
        version=str(version),
        settings=settings,
        clock=clock or Clock(),
        base_url=base_url,
    )


def add_account(
    site: Site,
    web_ex_id: str,
    password: str,
    *,
    role: str,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
) -> Account:
    """Give the site an account that plays ``role``; its address derives from the Webex ID unless given."""
    return site.add_account(
        Account(
            web_ex_id=web_ex_id,
            password=password,
            email=email or f"{web_ex_id}@{MAIL_DOMAIN}",
            user_id=site.number(),
            first_name=first_name or web_ex_id.capitalize(),
            last_name=last_name,
            site_admin=role == "siteAdmin",
            attendee_only=role == "attendee",
            registered=site.clock.now(),
        )
    )


def add_access_anywhere(site: Site, web_ex_id: str, count: int) -> None:
    """Let a host have used a remote computer ``count`` times in the last days, never twice at once."""
    now = site.clock.now().replace(microsecond=0)
    for number in range(1, count + 1):
        start = now - number * _APART
        site.access_anywhere.append(
            AccessAnywhere(
                conf_id=site.number(),
                host=web_ex_id,
                user_name=web_ex_id,
                computer_name=f"{number:04}_{web_ex_id}",
                client_ip=f"192.0.2.{number % 254 + 1}",
                start=start,
                end=start + _LENGTH + timedelta(minutes=number % 30),
            )
        )


def add_recordings(site: Site, web_ex_id: str, count: int, age: timedelta = timedelta()) -> None:
    """Let a host have recorded ``count`` meetings in the days before ``age``, the newest first.

    Every second recording is a service's.
    """
    now = site.clock.now().replace(microsecond=0) - age
    for number in range(1, count + 1):
        created = now - number * _APART
        site.recordings.append(
            Recording(
                recording_id=site.number(),
                host=web_ex_id,
                name=f"Recording {number}",
                created=created,
                session_key=site.number(),
                conf_id=site.number(),
                of_service=number % 2 == 0,
                uuid=token(),
                accesses=list(visits(site, created, number)),
            )
        )


_STATE = (
    *("settings", "accounts", "tickets", "sessions", "outbox", "access_anywhere", "recordings", "past_sessions"),
    *("library_tests", "belongings"),
    *("queues", "agents", "session_templates", "meeting_place", "calls"),
)


def remember(site: Site) -> Callable[[], None]:
    """Return what puts the site back to how it is now. Numbers it gave out meanwhile stay used up."""
    kept = {name: deepcopy(getattr(site, name)) for name in _STATE}
    offset = site.clock.offset

    def reset() -> None:
        for name, value in kept.items():
            setattr(site, name, deepcopy(value))
        site.clock.offset = offset

    return reset
