"""``${...}`` in case files: expressions that are worked out when a step runs, never before.

The language is Jinja2's expressions, sandboxed. Names are what fixtures and earlier steps captured, the row
of a decision table, the site, its accounts by role, and the functions below.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from conformance.errors import ConformanceError
from conformance.wire.times import GMT, write_date

Scope = Mapping[str, Any]


class Unresolved(ConformanceError):
    """An expression that could not be worked out."""


class NotCaptured(Unresolved):
    """An expression needs a value that no step has captured."""


class _Omit:
    """Stands for an element that is left out of the request."""

    def __repr__(self) -> str:
        return "omit"


OMIT: Final = _Omit()


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time that prints as the API writes dates, in a zone of the API (default GMT)."""

    at: datetime
    time_zone_id: int = GMT

    def __add__(self, other: timedelta) -> Moment:
        return Moment(self.at + other, self.time_zone_id)

    def __sub__(self, other: timedelta) -> Moment:
        return Moment(self.at - other, self.time_zone_id)

    def zone(self, time_zone_id: int | str) -> Moment:
        """Return the same moment as the clock shows it in the zone of that ``timeZoneID``."""
        return Moment(self.at, int(time_zone_id))

    def __str__(self) -> str:
        return write_date(self.at, self.time_zone_id)


RUN_MARK: Final = f"cnf{secrets.token_hex(4)}"
"""Stands in every name that this process makes up, so that names of two runs on one site do not meet."""

_NUMBERS: Final[Iterator[int]] = itertools.count(1)


def unique(prefix: str = "c") -> str:
    """Return a name that no other call returns, in this run or another one."""
    return f"{prefix}{RUN_MARK}n{next(_NUMBERS)}"  # letters and digits: any Webex ID may have them


FUNCTIONS: Final[dict[str, Any]] = {
    "seconds": lambda n: timedelta(seconds=n),
    "minutes": lambda n: timedelta(minutes=n),
    "hours": lambda n: timedelta(hours=n),
    "days": lambda n: timedelta(days=n),
    "unique": unique,
    "run": RUN_MARK,
    "omit": OMIT,
}

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    variable_start_string="${",
    variable_end_string="}",
    # Statements and comments are switched off: no text of a case looks like these.
    block_start_string="\x01%",
    block_end_string="%\x01",
    comment_start_string="\x01#",
    comment_end_string="#\x01",
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)
_ENVIRONMENT.globals = dict(FUNCTIONS)


def names_in(text: str) -> set[str]:
    """Return the names that the expressions of ``text`` need; raise Unresolved for bad syntax."""
    if "${" not in text:
        return set()
    try:
        return meta.find_undeclared_variables(_ENVIRONMENT.parse(text)) - FUNCTIONS.keys()
    except jinja2.TemplateSyntaxError as error:
        raise Unresolved(f"'{text}' cannot be read: {error.message}") from error
    except RecursionError as error:
        raise Unresolved(f"'{text[:40]}...' cannot be read: nested too deep") from error


def parts_in(text: str) -> set[tuple[str, str]]:
    """Return each ``name.part`` that the expressions of ``text`` read right off a name."""
    if "${" not in text:
        return set()
    found = _ENVIRONMENT.parse(text).find_all(nodes.Getattr)
    return {(node.node.name, node.attr) for node in found if isinstance(node.node, nodes.Name)}


def resolve(text: str, scope: Scope) -> Any:
    """Work out the expressions of ``text``: a text, or OMIT where the whole text is an omitted value."""
    if "${" not in text:
        return text
    try:
        if (whole := _whole_expression(text)) is not None:
            value = whole(**scope)
            return OMIT if value is OMIT else str(value)
        return _template(text).render(scope)
    except jinja2.UndefinedError as error:
        raise NotCaptured(f"'{text}': {error.message}") from error
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise Unresolved(f"'{text}': {error}") from error


def resolve_all(data: Any, scope: Scope) -> Any:
    """Work out every expression in nested data; omitted values fall out of mappings and lists."""
    if isinstance(data, str):
        return resolve(data, scope)
    if isinstance(data, Mapping):
        pairs = ((resolve(key, scope), resolve_all(value, scope)) for key, value in data.items())
        return {key: value for key, value in pairs if value is not OMIT}
    return [value for item in data if (value := resolve_all(item, scope)) is not OMIT]


@lru_cache(maxsize=2048)
def _template(text: str) -> jinja2.Template:
    return _ENVIRONMENT.from_string(text)


@lru_cache(maxsize=2048)
def _whole_expression(text: str) -> Any:
    """Compile ``${expression}`` where it is the whole text; None where there is more around it."""
    if not (text.startswith("${") and text.endswith("}") and text.count("${") == 1):
        return None
    return _ENVIRONMENT.compile_expression(text[2:-1], undefined_to_none=False)
