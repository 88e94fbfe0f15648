"""A look at a payload before it is read: which way it goes, and where its elements start.

Requests and responses need different readers, and a file does not say which of them it is for.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from xml.parsers import expat

from conformance.errors import MalformedMessage
from conformance.wire.limits import MAX_BODY, MAX_DEPTH

_CHUNK = 1 << 12
"""Bytes that are looked at before it is asked whether a sign was among them: it is in the head."""


_FIRST_SIGN = re.compile(
    rb"(?:<\?xml\s[^<>]*+>)?\s*+<(?:[\w.-]++:)?[\w.-]++(?:\s[^<>]*+)?>"
    rb"\s*+<(?:[\w.-]++:)?header\s*+>\s*+<(?:[\w.-]++:)?(securityContext|response)[\s/>]"
)
"""The start of nearly every message up to the first sign of its direction; what is wrong in it, its reader tells."""


class Direction(StrEnum):
    """Which way a message goes."""

    REQUEST = "request"
    RESPONSE = "response"


def direction_of(data: bytes) -> Direction:
    """Tell which way a message goes, by the first sign of either; raise MalformedMessage where there is no XML.

    Signs are, in the order in which messages hold them: ``header/securityContext`` or ``header/response``,
    the type of ``bodyContent``, and whether the children of the root have a prefix.
    """
    if len(data) > MAX_BODY:
        raise MalformedMessage("limit", f"the message has more than {MAX_BODY} bytes")
    if not data.strip():
        raise MalformedMessage("empty", "there is nothing in it")
    if sign := first_sign(data):
        return sign
    signs = _Signs()
    try:
        for start in range(0, len(data), _CHUNK):
            _feed(signs.parser, data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
            if signs.found is not None:
                return signs.found
    except MalformedMessage:
        if signs.found is None:
            raise
        return signs.found  # its reader tells what is broken further on
    finally:
        del signs.parser  # it holds its handlers, which hold it: what goes in a circle is freed late
    return Direction.REQUEST if signs.unqualified else Direction.RESPONSE


def first_sign(data: bytes) -> Direction | None:
    """Return which way a message goes that begins as nearly all do; None for any other."""
    sign = _FIRST_SIGN.match(data)
    return None if sign is None else _BY_SIGN[sign[1]]


def element_starts(data: bytes, numbers: Collection[int] | None = None) -> dict[int, tuple[int, int]]:
    """Return line and column of the elements with these numbers, or of all, counted from 0 in document order.

    libxml2 knows no columns, and loses lines past 65535 in what it validates.
    """
    starts: dict[int, tuple[int, int]] = {}
    parser = expat.ParserCreate()
    number = 0

    def start(_tag: str, _attributes: object) -> None:
        nonlocal number
        if numbers is None or number in numbers:
            starts[number] = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
            if numbers is not None and len(starts) == len(numbers):
                parser.StartElementHandler = None
        number += 1

    parser.StartElementHandler = start
    _feed(parser, data, final=True)
    return starts


def _feed(parser: expat.XMLParserType, data: bytes, *, final: bool) -> None:
    try:
        parser.Parse(data, final)
    except expat.ExpatError as error:
        raise MalformedMessage("not-xml", expat.ErrorString(error.code), error.lineno, error.offset + 1) from error
    except (LookupError, ValueError, Warning) as error:  # of Python's codecs, which expat asks
        raise MalformedMessage("encoding", str(error)) from error


_BY_SIGN = {b"securityContext": Direction.REQUEST, b"response": Direction.RESPONSE}


class _Signs:
    """Watches the start of a message for a sign of its direction."""

    def __init__(self) -> None:
        self.found: Direction | None = None
        self.unqualified = False
        self._path: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _doctype(self, *_: object) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise MalformedMessage("doctype", "a DOCTYPE is not allowed", line, column)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise MalformedMessage("limit", f"elements are nested deeper than {MAX_DEPTH}")
        prefix, _, name = tag.rpartition(":")
        self._path.append(name)
        if len(self._path) == 2:
            self.unqualified = not prefix
        self.found = self._sign(prefix, attributes)
        if self.found is not None:  # what follows says nothing more
            self.parser.StartElementHandler = self.parser.EndElementHandler = None

    def _end(self, _tag: str) -> None:
        self._path.pop()

    def _sign(self, prefix: str, attributes: dict[str, str]) -> Direction | None:
        match self._path[1:]:
            case ["header", "securityContext"]:
                return Direction.REQUEST
            case ["header", "response"]:
                return Direction.RESPONSE
            case ["body", "bodyContent"]:
                of_type = next((value.strip() for key, value in attributes.items() if key.endswith(":type")), "")
                if of_type:
                    return Direction.RESPONSE if of_type.endswith("Response") else Direction.REQUEST
                return Direction.RESPONSE if prefix else Direction.REQUEST
            case _:
                return None
