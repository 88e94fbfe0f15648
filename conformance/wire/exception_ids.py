"""The exceptionIDs that were ever seen or documented, and what some failures say of the moment.

The full table of the reference guide is not public; an id that is missing here is not wrong, only unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

KNOWN: Mapping[str, str] = {
    "000000": "the request could not be forwarded to a service",
    "000001": "access denied, additional privileges are required",
    "000015": "no record found",
    "000035": "the service did not respond",
    "000045": "the API rate limit was reached",
    "000047": "a filter is missing",
    "010106": "the classic event is switched off",
    "010107": "the site is suspended",
    "030001": "no such user",
    "030002": "wrong user or password",
    "030004": "the user's name or e-mail address exists already",
    "030005": "the user's name or e-mail address exists already",
    "030047": "not a valid session ticket",
    "E030103": "the role can not be assigned",
    "040007": "subject of a forum thread on CreateMeeting with attendees; its text was not seen",
    "040015": "too many attendees in one call",
    "060001": "no such session",
    "060016": "the session would start in the past",
    "060019": "no such host",
    "060021": "no permission to schedule for the host",
    "060026": "the session's password is missing",
    "060042": "a started session can not be deleted or repeated otherwise",
    "999999": "a failure without an id of its own; its reason says which",
}
"""By id, what it means in short."""


class Moment(StrEnum):
    """What a failure tells of the site as it is now, not of its release."""

    TRANSIENT = "transient"
    """The service is busy or away."""
    QUOTA = "quota"
    """The site may not hold more of what was to be created."""
    CREDENTIALS = "credentials"
    """The account can not be used at present."""
    SITE = "site"
    """The whole site can not be used at present."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Why a failure is none of what is tested."""

    moment: Moment
    note: str


_BY_ID: Mapping[str, Moment] = {
    "000035": Moment.TRANSIENT,  # recorded
    "000045": Moment.TRANSIENT,  # announced in the notes of 10.0
    "010107": Moment.SITE,
}

TELLING_IDS = frozenset(_BY_ID)
"""The ids that tell of the moment by themselves."""

# No id is documented for these; reasons are read because nothing else tells them.
_BY_REASON: tuple[tuple[re.Pattern[str], Moment, str], ...] = (
    (
        re.compile(r"exceeded\s*site\s*host\s*limit", re.IGNORECASE),
        Moment.QUOTA,
        "the site's limit of hosts is reached",
    ),
    (
        re.compile(r"\baccount\b.{0,40}\b(?:locked|expired)|\bpassword\b.{0,40}\bexpired", re.IGNORECASE),
        Moment.CREDENTIALS,
        "the account is locked or its password has expired",
    ),
    (re.compile(r"\bsite is (?:not active|suspended)", re.IGNORECASE), Moment.SITE, "the site is not active"),
)


def circumstance(exception_id: str | None, reason: str | None) -> Circumstance | None:
    """Return what a failure tells of the moment; None where it tells of what was asked."""
    if exception_id is not None and exception_id in _BY_ID:
        return Circumstance(_BY_ID[exception_id], KNOWN[exception_id])
    for pattern, moment, note in _BY_REASON:
        if reason and pattern.search(reason):
            return Circumstance(moment, note)
    return None


def unknown(exception_id: str | None) -> bool:
    """Tell whether an id is one that nobody has seen or documented."""
    return bool(exception_id) and exception_id not in KNOWN
