"""What a host did before anybody asks: sessions that are over, visits to recordings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from conformance.mock.state import Account, Kind, PastSession, Presence, RecordingAccess, Site
from conformance.wire.answer import Answer

_APART = timedelta(minutes=97)
_LENGTH = timedelta(minutes=30)
LONG_AGO = timedelta(days=100)
"""Longer than the history service remembers, and than lists look back that are asked for no time."""

_TYPES: Mapping[Kind, int] = {Kind.MEETING: 3, Kind.EVENT: 9, Kind.TRAINING: 7, Kind.SUPPORT: 13, Kind.SALES: 15}
"""The session type of each kind of session (assumed for support and sales, of which no sample has one)."""

_GUEST: Mapping[str, Answer] = {
    "firstName": "Guest",
    "lastName": "Sample",
    "title": "Engineer",
    "company": "Example",
    "phones": {"phone": "1-555-0100"},
    "address": {
        "address1": "1 Sample Street",
        "city": "Sampletown",
        "state": "CA",
        "zipCode": "00000",
        "country": "US",
    },
}
_SALE: Mapping[str, Answer] = {"metaData": {"account": "Example Account", "opportunity": "Example Opportunity"}}


def add_past_sessions(site: Site, web_ex_id: str, count: int) -> None:
    """Let a host have held ``count`` sessions of each kind in the last days, never two of a kind at once.

    Each had one guest. One more of each kind was held so long ago that the history service has forgotten it.
    """
    now = site.clock.now().replace(microsecond=0)
    starts = [now - number * _APART for number in range(1, count + 1)]
    for kind in _TYPES:
        for number, start in enumerate([*starts, now - LONG_AGO] if count else [], 1):
            site.past_sessions.append(_held(site, site.accounts[web_ex_id.lower()], kind, number, start))


def _held(site: Site, owner: Account, kind: Kind, number: int, start: datetime) -> PastSession:
    end = start + _LENGTH
    return PastSession(
        conf_id=site.number(),
        session_key=site.number(),
        kind=kind,
        host=owner.web_ex_id,
        name=f"{kind.removesuffix('Center')} {number}",
        start=start,
        end=end,
        time_zone_id=owner.time_zone_id,
        people=[
            Presence(f"{owner.first_name} {owner.last_name}", owner.email, start, end, "HOST"),
            Presence(
                "Guest Sample",
                f"guest{number}@example.com",
                start + timedelta(minutes=1),
                end,
                attendee_id=site.number(),
                invited=True,
                registered=number % 2 == 0,
                person=dict(_GUEST),
                feedback={"setup": "Good", "easeOfUse": "Excellent", "performance": "Good", "comment": f"No. {number}"},
            ),
        ],
        session_type=_TYPES[kind],
        content=dict(_SALE) if kind is Kind.SALES else {},
    )


def visits(site: Site, created: datetime, number: int) -> Iterator[RecordingAccess]:
    """Yield two visits to the ``number``-th recording, a minute and two after it was made; the first one registered."""
    for guest in (1, 2):
        moment = created + timedelta(minutes=guest)
        yield RecordingAccess(
            view_id=site.number(),
            name="Guest Sample",
            email=f"guest{guest}@example.com",
            time=moment,
            registered=moment if guest == 1 else None,
            downloaded=guest == 2 and number % 2 == 0,
        )
