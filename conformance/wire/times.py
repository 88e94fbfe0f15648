"""Dates and time zones as the API writes them.

Dates are ``MM/DD/YYYY HH:mm:ss`` without a zone; the zone is a ``timeZoneID`` from 0 to 61 beside them.
One-digit months and days occur in the documentation's own examples ("9/29/2019").
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

GMT = 20
"""``timeZoneID`` of Greenwich, what a call without a zone means; 21, "GMT (London)", keeps summer time."""

# IANA name and the text of com:timeZoneType, at the index of the timeZoneID. The API's texts carry the
# offset without daylight saving; which IANA zone is meant is our reading of the city named (assumed).
ZONES: tuple[tuple[str, str], ...] = (
    ("Etc/GMT+12", "GMT-12:00, Dateline (Eniwetok)"),  # 0
    ("Pacific/Pago_Pago", "GMT-11:00, Samoa (Samoa)"),  # 1
    ("Pacific/Honolulu", "GMT-10:00, Hawaii (Honolulu)"),  # 2
    ("America/Anchorage", "GMT-09:00, Alaska (Ancorage)"),  # 3
    ("America/Los_Angeles", "GMT-08:00, Pacific (San Jose)"),  # 4
    ("America/Phoenix", "GMT-07:00, Mountain (Arizona)"),  # 5
    ("America/Denver", "GMT-07:00, Mountain (Denver)"),  # 6
    ("America/Chicago", "GMT-06:00, Central (Chicago)"),  # 7
    ("America/Mexico_City", "GMT-06:00, Mexico (Mexico City,Tegucigalpa)"),  # 8
    ("America/Regina", "GMT-06:00, Central (Regina)"),  # 9
    ("America/Bogota", "GMT-05:00, S. America Pacific (Bogota)"),  # 10
    ("America/New_York", "GMT-05:00, Eastern (New York)"),  # 11
    ("America/Indiana/Indianapolis", "GMT-05:00, Eastern (Indiana)"),  # 12
    ("America/Halifax", "GMT-04:00, Atlantic (Halifax)"),  # 13
    ("America/Caracas", "GMT-04:00, S. America Western (Caracas)"),  # 14
    ("America/St_Johns", "GMT-03:30, Newfoundland (Newfoundland)"),  # 15
    ("America/Sao_Paulo", "GMT-03:00, S. America Eastern (Brasilia)"),  # 16
    ("America/Argentina/Buenos_Aires", "GMT-03:00, S. America Eastern (Buenos Aires)"),  # 17
    ("Atlantic/South_Georgia", "GMT-02:00, Mid-Atlantic (Mid-Atlantic)"),  # 18
    ("Atlantic/Azores", "GMT-01:00, Azores (Azores)"),  # 19
    ("Etc/GMT", "GMT+00:00, Greenwich (Casablanca)"),  # 20
    ("Europe/London", "GMT+00:00, GMT (London)"),  # 21
    ("Europe/Amsterdam", "GMT+01:00, Europe (Amsterdam)"),  # 22
    ("Europe/Paris", "GMT+01:00, Europe (Paris)"),  # 23
    ("Europe/Prague", "GMT+01:00, Europe (Prague)"),  # 24
    ("Europe/Berlin", "GMT+01:00, Europe (Berlin)"),  # 25
    ("Europe/Athens", "GMT+02:00, Greece (Athens)"),  # 26
    ("Europe/Bucharest", "GMT+02:00, Eastern Europe (Bucharest)"),  # 27
    ("Africa/Cairo", "GMT+02:00, Egypt (Cairo)"),  # 28
    ("Africa/Johannesburg", "GMT+02:00, South Africa (Pretoria)"),  # 29
    ("Europe/Helsinki", "GMT+02:00, Northern Europe (Helsinki)"),  # 30
    ("Asia/Jerusalem", "GMT+02:00, Israel (Tel Aviv)"),  # 31
    ("Asia/Baghdad", "GMT+03:00, Saudi Arabia (Baghdad)"),  # 32
    ("Europe/Moscow", "GMT+03:00, Russian (Moscow)"),  # 33
    ("Africa/Nairobi", "GMT+03:00, Nairobi (Nairobi)"),  # 34
    ("Asia/Tehran", "GMT+03:00, Iran (Tehran)"),  # 35
    ("Asia/Dubai", "GMT+04:00, Arabian (Abu Dhabi, Muscat)"),  # 36
    ("Asia/Baku", "GMT+04:00, Baku (Baku)"),  # 37
    ("Asia/Kabul", "GMT+04:00, Afghanistan (Kabul)"),  # 38
    ("Asia/Yekaterinburg", "GMT+05:00, West Asia (Ekaterinburg)"),  # 39
    ("Asia/Karachi", "GMT+05:00, West Asia (Islamabad)"),  # 40
    ("Asia/Kolkata", "GMT+05:30, India (Bombay)"),  # 41
    ("Asia/Colombo", "GMT+06:00, Columbo (Columbo)"),  # 42
    ("Asia/Almaty", "GMT+06:00, Central Asia (Almaty)"),  # 43
    ("Asia/Bangkok", "GMT+07:00, Bangkok (Bangkok)"),  # 44
    ("Asia/Shanghai", "GMT+08:00, China (Beijing)"),  # 45
    ("Australia/Perth", "GMT+08:00, Australia Western (Perth)"),  # 46
    ("Asia/Singapore", "GMT+08:00, Singapore (Singapore)"),  # 47
    ("Asia/Hong_Kong", "GMT+08:00, Taipei (Hong Kong)"),  # 48
    ("Asia/Tokyo", "GMT+09:00, Tokyo (Tokyo)"),  # 49
    ("Asia/Seoul", "GMT+09:00, Korea (Seoul)"),  # 50
    ("Asia/Yakutsk", "GMT+09:30, Yakutsk (Yakutsk)"),  # 51
    ("Australia/Adelaide", "GMT+09:30, Australia Central (Adelaide)"),  # 52
    ("Australia/Darwin", "GMT+09:30, Australia Central (Darwin)"),  # 53
    ("Australia/Brisbane", "GMT+10:00, Australia Eastern (Brisbane)"),  # 54
    ("Australia/Sydney", "GMT+10:00, Australia Eastern (Sydney)"),  # 55
    ("Pacific/Guam", "GMT+10:00, West Pacific (Guam)"),  # 56
    ("Australia/Hobart", "GMT+10:00, Tasmania (Hobart)"),  # 57
    ("Asia/Vladivostok", "GMT+10:00, Vladivostok (Vladivostok)"),  # 58
    ("Pacific/Guadalcanal", "GMT+11:00, Central Pacific (Solomon Is)"),  # 59
    ("Pacific/Auckland", "GMT+12:00, New Zealand (Wellington)"),  # 60
    ("Pacific/Fiji", "GMT+12:00, Fiji (Fiji)"),  # 61
)

_DATE = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s*")


def zone(time_zone_id: int) -> ZoneInfo:
    """Return the zone of a ``timeZoneID``; ``-1`` (the schema's default) is GMT. Raise ValueError past 61."""
    if time_zone_id == -1:
        time_zone_id = GMT
    if not 0 <= time_zone_id < len(ZONES):
        raise ValueError(f"timeZoneID {time_zone_id} is not between 0 and {len(ZONES) - 1}")
    return ZoneInfo(ZONES[time_zone_id][0])


def write_date(moment: datetime, time_zone_id: int = GMT) -> str:
    """Write an aware datetime in the API's format, as the clock shows it in that zone."""
    return moment.astimezone(zone(time_zone_id)).strftime("%m/%d/%Y %H:%M:%S")


def read_date(text: str, time_zone_id: int = GMT) -> datetime:
    """Read a date of the API into an aware UTC datetime; raise ValueError for anything else."""
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a date like 09/29/2019 02:42:34")
    month, day, year, hour, minute, second = (int(part or 0) for part in match.groups())
    local = datetime(year, month, day, hour, minute, second, tzinfo=zone(time_zone_id))
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"'{text}' is out of range") from error
