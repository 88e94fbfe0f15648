"""The templates of the page. Whatever enters one is escaped, and of control characters only their codes are left."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.page import looks
from conformance.upgrade.model import Outcome
from conformance.wire.pretty import printable


@cache
def environment() -> Environment:
    """Return what renders the templates."""
    made = Environment(
        loader=PackageLoader("conformance.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    made.filters.update(
        moment=looks.moment,
        day=looks.day,
        age=looks.age,
        duration=looks.duration,
        cut=looks.cut,
        count=looks.count,
        humps=humps,
    )
    made.globals.update(looks=looks, Outcome=Outcome)
    return made


def rendered(template: str, **values: object) -> Markup:
    """Return a part of the page."""
    return Markup(environment().get_template(template).render(**values))  # noqa: S704 - templates escape


@cache
def resource(name: str) -> Markup:
    """Return a style sheet or a script of ours as it is."""
    return Markup(files("conformance.page").joinpath("templates", name).read_text(encoding="utf-8"))  # noqa: S704


def humps(name: str) -> list[str]:
    """Return the parts of a name between which a line may break: ``CreateMeeting`` as ``Create`` and ``Meeting``."""
    return re.findall(r"[A-Z]*[^A-Z]+|[A-Z]+", name)


def _inert(value: object) -> object:
    return value if hasattr(value, "__html__") else printable(str(value))
