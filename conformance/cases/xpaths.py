"""XPath 1.0 with our own table of prefixes: bound by namespace, whatever a response declares."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from conformance.errors import ConformanceError, nearest
from conformance.wire.names import NAMESPACES

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_PREFIX = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*):(?!:)(?=[\w*])")
_CALL = re.compile(r"([A-Za-z_][\w.-]*)\s*\(")
_VARIABLE = re.compile(r"\$[\w:.-]*")
# The functions of XPath 1.0, its node tests, and the operators that may stand before a bracket.
_CALLABLE = """
    last position count id local-name namespace-uri name string concat starts-with contains substring-before
    substring-after substring string-length normalize-space translate boolean not true false lang number sum floor
    ceiling round text node comment processing-instruction and or div mod
"""
_EXPRESSION = re.compile(r"\$\{[^}]*\}")
_EMPTY = etree.Element("empty")


class BadXPath(ConformanceError):
    """An XPath that does not compile or uses a prefix that is not ours."""


@lru_cache(maxsize=4096)
def compiled(expression: str) -> etree.XPath:
    """Compile an XPath; raise BadXPath."""
    # libxml2 notices unknown functions and variables only where it comes to them, so not in every message.
    plain = _LITERAL.sub("''", expression)
    for prefix in _PREFIX.findall(plain):
        if prefix not in NAMESPACES:
            raise BadXPath(f"prefix '{prefix}' is not declared{nearest(prefix, sorted(NAMESPACES))}")
    for function in _CALL.findall(plain):
        if function not in (known := _CALLABLE.split()):
            raise BadXPath(f"XPath 1.0 has no function '{function}'{nearest(function, known)}")
    if variable := _VARIABLE.search(plain):
        raise BadXPath(f"'{variable.group()}' is a variable, of which there are none; values are written ${{...}}")
    try:
        xpath = etree.XPath(expression, namespaces=NAMESPACES, smart_strings=False)
        xpath(_EMPTY)  # wrong numbers of arguments are only noticed here
    except (etree.XPathError, ValueError) as error:
        raise BadXPath(f"'{expression}' is not an XPath 1.0 expression: {error}") from error
    return xpath


def check(expression: str) -> None:
    """Raise BadXPath for an expression of a case file that can not become a valid XPath."""
    compiled(_EXPRESSION.sub("1", expression))


def evaluate(expression: str, root: etree._Element) -> list[etree._Element | str] | str:
    """Evaluate an XPath on a message: its nodes, or the text of its value."""
    value: bool | float | str | list[etree._Element | str] = compiled(expression)(root)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value


def text_of(value: list[etree._Element | str] | str) -> str:
    """Return what XPath's ``string()`` gives for a value; ``.text`` would end at the first comment."""
    if isinstance(value, str):
        return value
    if not value:
        return ""
    return value[0] if isinstance(value[0], str) else str(_STRING(value[0]))


_STRING = etree.XPath("string()")
