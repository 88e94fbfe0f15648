"""The profile of a user: taken from CreateUser and SetUser, given back by GetUser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conformance.mock.mail import language
from conformance.mock.state import Account
from conformance.mock.user_elements import DEFAULTS, LAYOUT, OF_THE_ACCOUNT, REPEATED, TEXTS_ONLY
from conformance.wire.answer import Answer
from conformance.wire.redact import MASK
from conformance.wire.times import ZONES, write_date, zone
from conformance.wire.tree import Node

_NEVER_REGISTERED = "01/01/1970 00:00:01"
"""``registrationDate`` of a user whose registration is not known, as recorded."""


def read_profile(content: Node) -> dict[str, Answer]:
    """Return what CreateUser or SetUser was sent and GetUser gives back; unknown elements are ignored."""
    return {name: value for name, value in _read(content, "").items() if name not in OF_THE_ACCOUNT}


def merge(old: Mapping[str, Answer], new: Mapping[str, Answer]) -> dict[str, Answer]:
    """Lay ``new`` over ``old``, element by element; a repeated element is replaced whole (assumed)."""
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        merged[name] = merge(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged


def describe(account: Account, now: datetime) -> dict[str, Answer]:
    """Return the content of a GetUser response."""
    stored = merge(DEFAULTS, account.profile)
    own: dict[str, Answer] = {
        "firstName": account.first_name,
        "lastName": account.last_name,
        "webExId": account.web_ex_id,
        "email": account.email,
        "password": MASK,
        "timeZoneID": str(account.time_zone_id),
        "timeZone": ZONES[account.time_zone_id][1],
        "timeZoneWithDST": _with_daylight_saving(account.time_zone_id, now),
        "privilege": {
            "host": _boolean(account.host),
            "siteAdmin": _boolean(account.site_admin),
            "attendeeOnly": _boolean(account.attendee_only),
        },
        "language": account.profile.get("language", language(account.language_id).name),
        "active": active(account),
        "languageID": str(account.language_id),
        "registrationDate": registration_date(account) or _NEVER_REGISTERED,
        "userId": str(account.user_id),
    }
    return _arranged(merge(stored, own), "")


def active(account: Account) -> str:
    """Return the account's ``use:activeType``."""
    return "ACTIVATED" if account.active else str(account.profile.get("active", "DEACTIVATED"))


def registration_date(account: Account) -> str | None:
    """Return when the user was registered, in GMT (assumed)."""
    return write_date(account.registered) if account.registered else None


def _read(node: Node, path: str) -> dict[str, Answer]:
    """Return the known elements below ``node`` in their order; empty ones count as absent (recorded)."""
    values: dict[str, Answer] = {}
    for name in LAYOUT[path].split():
        local = name.rpartition(":")[2]
        below = f"{path}/{local}".lstrip("/")
        sent = (child for child in node.children if child.name == local)
        found = [value for child in sent if (value := _value(child, path, below))]
        if found:
            values[name] = found if below in REPEATED else found[0]
    return values


def _value(node: Node, path: str, below: str) -> Answer:
    if below in LAYOUT:
        return _read(node, below)
    text = node.text.strip()
    is_boolean = text.lower() in ("true", "false") and path not in TEXTS_ONLY
    return text.lower() if is_boolean else text


def _arranged(values: Mapping[str, Answer], path: str) -> dict[str, Answer]:
    arranged: dict[str, Answer] = {}
    for name in LAYOUT[path].split():
        if name in values:
            value = values[name]
            below = f"{path}/{name}".lstrip("/")
            arranged[name] = _arranged(value, below) if isinstance(value, Mapping) else value
    return arranged


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _with_daylight_saving(time_zone_id: int, now: datetime) -> str:
    """Name the zone as it is now: "Berlin (Europe Summer Time, GMT+02:00)" (recorded in summer).

    What it is called in winter was not seen: "Standard" (assumed).
    """
    region, _, city = ZONES[time_zone_id][1].partition(", ")[2].rstrip(")").partition(" (")
    local = now.astimezone(zone(time_zone_id))
    season = "Summer" if local.dst() else "Standard"
    offset = local.strftime("%z")
    return f"{city} ({region} {season} Time, GMT{offset[:3]}:{offset[3:]})"
