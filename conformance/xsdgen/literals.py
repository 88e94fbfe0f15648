"""Strategies for numbers, dates and bytes in all the ways in which they may be written."""

from __future__ import annotations

import base64
import math
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from xmlschema.validators import XsdSimpleType

from conformance.xsdgen.errors import Unsupported
from conformance.xsdgen.simple import builtin, facet, fits, whole_bounds

_FAR = 10**20
"""How far from nought an integer goes that may be as great as it likes."""
_FRACTION = 6
"""So many digits behind the point, unless fewer are allowed."""

_zones = st.sampled_from(["", "Z", "+14:00", "-05:30"])
_spellings = st.sampled_from(["{}", "{:+}", "{:03}", " {}\n"])


def whole_numbers(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return the integers of a type, both ends often; with signs, leading zeros and blanks around."""
    low, high = whole_bounds(type_)
    least = low if low is not None else min(-_FAR, (high or 0) - _FAR)
    most = high if high is not None else max(_FAR, (low or 0) + _FAR)
    if least > most:
        raise Unsupported(f"type {type_.name or 'without a name'}: no integer lies within its bounds")
    ends = st.sampled_from([end for end in (low, high) if end is not None] or [0])
    numbers = st.integers(least, most)
    return st.one_of(
        numbers.map(str), ends.map(str), st.tuples(_spellings, numbers).map(lambda parts: parts[0].format(parts[1]))
    )


def decimals(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return the decimals of a type, with as many digits behind the point as it allows, at most six."""
    places = facet(type_, "fractionDigits")
    digits = facet(type_, "totalDigits") or 18
    most_places = min(_FRACTION if places is None else int(places), digits)
    made = st.integers(0, most_places).flatmap(lambda places: _scaled(type_, places, digits))
    return made.filter(partial(fits, type_))


def _scaled(type_: XsdSimpleType, places: int, digits: int) -> SearchStrategy[str]:
    unit = 10**places
    low, high = _bound(type_, "min"), _bound(type_, "max")
    least = 1 - 10**digits if low is None else max(1 - 10**digits, math.ceil(low * unit))
    most = 10**digits - 1 if high is None else min(10**digits - 1, math.floor(high * unit))
    if least > most:
        return st.nothing()
    ends = st.sampled_from([least, most])
    return st.one_of(st.integers(least, most), ends).map(lambda number: f"{Decimal(number).scaleb(-places):f}")


def _bound(type_: XsdSimpleType, side: str) -> Decimal | None:
    bounds = [facet(type_, f"{side}{kind}") for kind in ("Inclusive", "Exclusive")]
    found = [Decimal(str(bound)) for bound in bounds if bound is not None]
    return (max if side == "min" else min)(found) if found else None


def floats(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return the numbers of ``float`` and ``double``: INF and NaN where no bound forbids them, and rare spellings."""
    low, high = _bound(type_, "min"), _bound(type_, "max")
    numbers = st.floats(
        min_value=None if low is None else float(low),
        max_value=None if high is None else float(high),
        allow_nan=False,
        allow_infinity=False,
    )
    bounded = low is not None or high is not None
    spelt = ("0", "INF", "-INF", "-0", "1E5", "+1.50", ".5", "5.", " 007.5 ", *(() if bounded else ("NaN",)))
    rare = [text for text in spelt if fits(type_, text)]
    made = numbers.map(repr)
    return (st.one_of(made, st.sampled_from(rare)) if rare else made).filter(partial(fits, type_))


def moments(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return the dates and times of a type, with and without a zone, and a fraction of a second."""
    name = builtin(type_)
    low, high = _end(type_, "min"), _end(type_, "max")
    zone = next((_zone(end) for end in (low, high) if end is not None), None)
    ends = {key: _read(name, end) for key, end in (("min_value", low), ("max_value", high)) if end is not None}
    made: dict[str, Any] = {"dateTime": st.datetimes, "date": st.dates, "time": st.times}
    plain = made[name](**ends).map(lambda moment: moment.isoformat())
    zoned = st.tuples(plain, _zones if zone is None else st.just(zone)).map("".join)
    return zoned.filter(partial(fits, type_))


def _end(type_: XsdSimpleType, side: str) -> str | None:
    bound = facet(type_, f"{side}Inclusive")
    bound = facet(type_, f"{side}Exclusive") if bound is None else bound
    return None if bound is None else str(bound)


def _zone(end: str) -> str:
    clock = end.partition("T")[2] or end[10:]
    for sign in "Z+-":
        if sign in clock:
            return clock[clock.index(sign) :]
    return ""


def _read(name: str, end: str) -> date | time | datetime:
    plain = end.removesuffix(_zone(end))
    try:
        if name == "dateTime":
            return datetime.fromisoformat(plain)
        return date.fromisoformat(plain) if name == "date" else time.fromisoformat(plain)
    except ValueError as error:
        raise Unsupported(f"the bound {end} of a xs:{name}: only years 1 to 9999 are generated") from error


def parts_of_dates(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return parts of dates, and durations."""
    name = builtin(type_)
    if name == "duration":
        return st.from_regex(r"-?P[0-9]{1,2}DT[0-9]{1,2}H[0-9]{1,2}M[0-9]{1,2}(\.[0-9]{1,3})?S", fullmatch=True).filter(
            partial(fits, type_)
        )
    shape = {"gYear": "%Y", "gYearMonth": "%Y-%m", "gMonth": "--%m", "gMonthDay": "--%m-%d", "gDay": "---%d"}[name]
    plain = st.dates(min_value=date(1000, 1, 1)).map(lambda day: day.strftime(shape))
    return st.tuples(plain, _zones).map("".join).filter(partial(fits, type_))


def binary(name: str, least: int, most: int) -> SearchStrategy[str]:
    """Return bytes in base64 or in hexadecimal digits; lengths are those of the bytes."""
    data = st.binary(min_size=least, max_size=most)
    if name == "hexBinary":
        return st.one_of(data.map(bytes.hex), data.map(lambda raw: raw.hex().upper()))
    return data.map(lambda raw: base64.b64encode(raw).decode())
