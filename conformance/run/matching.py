"""Conditions on the value of an XPath: what each key of the format means, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from conformance.cases.xpaths import text_of

Value = list[etree._Element | str] | str
_SHOWN = 300
# As XML Schema writes numbers; Decimal would read "1_0", "NaN" and the digits of other scripts too.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def mismatches(value: Value, condition: Mapping[str, Any]) -> Iterator[str]:
    """Yield, for each key of the condition that does not hold, what was expected instead."""
    for key, wanted in condition.items():
        expected = _MATCHERS[key](value, wanted)
        if expected:
            yield expected


def shown(value: Value) -> str:
    """Describe a value for people; absent and empty are different things in XML."""
    if isinstance(value, str):
        return value
    if not value:
        return "absent"
    text = text_of(value)
    more = f" (first of {len(value)})" if len(value) > 1 else ""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    if not text:
        return f"present and empty{more}"
    return f"present and blank{more}" if not text.strip() else f"{cut}{more}"


def _text(value: Value, wanted: str) -> str:
    return "" if text_of(value) == wanted else f"'{wanted}'"


def _not(value: Value, wanted: str) -> str:
    return "" if text_of(value) != wanted else f"anything but '{wanted}'"


def _one_of(value: Value, wanted: list[str]) -> str:
    return "" if text_of(value) in wanted else f"one of {', '.join(wanted)}"


def _matches(value: Value, wanted: str) -> str:
    return "" if re.fullmatch(wanted, text_of(value)) else f"text that matches {wanted}"


def _contains(value: Value, wanted: str) -> str:
    return "" if wanted in text_of(value) else f"text that contains '{wanted}'"


def _count(value: Value, wanted: str) -> str:
    number = len(value) if isinstance(value, list) else 1
    return "" if str(number) == wanted else f"{wanted} of them, found {number}"


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text.strip()) else None


def _at_least(value: Value, wanted: str) -> str:
    number, bound = _number(text_of(value)), _number(wanted)
    return "" if number is not None and bound is not None and number >= bound else f"a number of at least {wanted}"


def _at_most(value: Value, wanted: str) -> str:
    number, bound = _number(text_of(value)), _number(wanted)
    return "" if number is not None and bound is not None and number <= bound else f"a number of at most {wanted}"


def _is_empty(value: Value) -> bool:
    first = value[0]  # it is asked of what is present
    return text_of(value) == "" and (isinstance(first, str) or first.find("*") is None)


def _present(value: Value, _: str) -> str:
    return "" if value else "present"


def _absent(value: Value, _: str) -> str:
    return "" if not value else "absent"


def _empty(value: Value, _: str) -> str:
    return "" if value and _is_empty(value) else "present, with neither text nor children"


def _blank(value: Value, _: str) -> str:
    return "" if value and not text_of(value).strip() else "present, with no text but blanks"


_MATCHERS: dict[str, Callable[[Value, Any], str]] = {
    "text": _text,
    "not": _not,
    "one of": _one_of,
    "matches": _matches,
    "contains": _contains,
    "count": _count,
    "at least": _at_least,
    "at most": _at_most,
    "present": _present,
    "absent": _absent,
    "empty": _empty,
    "blank": _blank,
}
