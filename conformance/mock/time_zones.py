"""LstTimeZone: the 62 zones, and how far each is from GMT at a date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from conformance.mock.call import Call, answers
from conformance.mock.refusal import bad_value
from conformance.mock.scheduling import date
from conformance.mock.stored import flag
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, ZONES, zone


@answers("LstTimeZone")
def lst_time_zone(call: Call) -> Mapping[str, Answer]:
    """Describe the zones asked for, or all, at ``date``, which is in GMT, or now (reference guide).

    A number that is no zone is refused (assumed).
    """
    moment = date(call.content, "date", GMT) or call.site.clock.now()
    wanted = [node.text.strip() for node in call.content.all("timeZoneID") if node.text.strip()]
    known = {str(number): number for number in range(len(ZONES))}
    if unknown := [text for text in wanted if text not in known]:
        raise bad_value(f"timeZoneID ({unknown[0]})")
    return {"timeZone": [_described(number, moment) for text, number in known.items() if not wanted or text in wanted]}


def _described(number: int, moment: datetime) -> Mapping[str, Answer]:
    """Return one ``site:timeZone``. ``gmtOffset`` is in minutes, summer time included (reference guide).

    The short name is the first word of the display name, as "Pacific", the labels those with the season (assumed).
    """
    name = ZONES[number][1]
    short = name.partition(", ")[2].rpartition(" (")[0]
    local = moment.astimezone(zone(number))
    described: dict[str, Answer] = {
        "timeZoneID": str(number),
        "gmtOffset": str((local.utcoffset() or timedelta()) // timedelta(minutes=1)),
        "description": name,
        "shortName": short,
        "hideTimeZoneName": "false",
        "fallInDST": flag(bool(local.dst())),
    }
    if _has_summer(number, moment):
        described |= {"standardLabel": f"{short} Standard", "daylightLabel": f"{short} Summer"}
    return described


def _has_summer(number: int, moment: datetime) -> bool:
    """Tell whether a zone changes its clocks in the year of ``moment``."""
    months = (moment.replace(month=month, day=1).astimezone(zone(number)) for month in range(1, 13))
    return any(local.dst() for local in months)
