"""Does a change concern a recorded request? True, false, or not to be told from the recording.

``where`` is asked with our own functions. One that can not tell leaves the answer open only where it matters: the
XPath is asked with both of its values, and where they come to the same, that is the answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from conformance.cases.model import Trace
from conformance.cases.plan import Change
from conformance.wire.pretty import printable
from conformance.wire.request import Request
from conformance.wire.times import GMT, ZONES, read_date
from conformance.wire.tree import Node

_SIGNS_IN = frozenset(
    (
        "webExID",
        "email",
        "password",
        "sessionTicket",
        "accessToken",
        "webExAccessToken",
        "samlResponse",
        "clientSecret",
    )
)
_MOST_OPEN = 6
"""Calls of one expression that may be left open; each doubles how often it is asked."""
_LONGEST_NAME = 80
_MOST_NAMES = 100
_ZONE_OF_TEXT = {text: number for number, (_, text) in enumerate(ZONES)}


def traces_of(change: Change) -> Sequence[Trace]:
    """Return how a change is recognised. One that says nothing of traffic concerns every call of its operations."""
    everything = Trace(operations=change.file.operations, says="is called", effect="changed")
    return change.file.traffic or (everything,)


def count_unknown(unknown: Counter[str], request: Request) -> None:
    """Count a request of an operation that the suite does not know, by its name; the many of a hostile one together."""
    name = printable(re.split(r"[.:]", request.xsi_type)[-1])[:_LONGEST_NAME] or "no operation"
    unknown[name if name in unknown or len(unknown) < _MOST_NAMES else "others"] += 1


def concerns(trace: Trace, request: Request, sent: datetime | None) -> bool | None:
    """Tell whether a request does what a trace describes; None where that can not be told.

    ``sent`` is when it was sent, aware; None where nobody knows.
    """
    if request.operation is None or request.operation.name not in trace.operations:
        return False
    if not trace.where:
        return True
    return Asked(request, sent).holds(trace.where)


class Asked:
    """One request, to be asked XPaths: without namespaces, bodyContent as the context node."""

    def __init__(self, request: Request, sent: datetime | None) -> None:
        self._security = request.security
        self._sent = sent
        self._content = _plain(request.content)

    def holds(self, where: str) -> bool | None:
        """Return the truth of an expression that the loader has let pass."""
        return self._holds(where, {})

    def _holds(self, where: str, assumed: Mapping[_Call, bool]) -> bool | None:
        calls = _Calls(self._security, self._sent, assumed)
        truth = bool(etree.XPath(f"boolean({where})", extensions=calls.functions())(self._content))
        if not calls.open:
            return truth
        if len(assumed) >= _MOST_OPEN:
            return None
        call = calls.open[0]
        both = {self._holds(where, {**assumed, call: value}) for value in (False, True)}
        return both.pop() if len(both) == 1 else None


def _plain(node: Node) -> etree._Element:
    """Return an element with its content, without namespaces."""
    root = etree.Element(node.name)
    waiting = [(node, root)]
    while waiting:
        source, element = waiting.pop()
        element.text = source.text or None
        waiting += [(child, etree.SubElement(element, child.name)) for child in source.children]
    return root


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that can not be told, by its function and the texts of its arguments."""

    function: str
    arguments: tuple[str, ...]


class _Calls:
    """The functions of ``where`` for one request; notes which calls can not be told."""

    def __init__(self, security: Mapping[str, str], sent: datetime | None, assumed: Mapping[_Call, bool]) -> None:
        self._security = security
        self._sent = sent
        self._assumed = assumed
        self.open: list[_Call] = []

    def functions(self) -> dict[tuple[str | None, str], Callable[..., Any]]:
        """Return the functions as lxml wants them."""
        return {
            (None, "past"): self._past,
            (None, "own"): self._own,
            (None, "signed-in"): self._signed_in,
            (None, "header"): self._header,
        }

    def _told(self, known: bool | None, function: str, *arguments: str) -> bool:
        if known is not None:
            return known
        call = _Call(function, arguments)
        if call not in self._assumed and call not in self.open:
            self.open.append(call)
        return self._assumed.get(call, False)

    def _past(self, _context: object, date: object, zone: object) -> bool:
        date_text, zone_text = _first_text(date), _first_text(zone)
        return self._told(_is_past(date_text, zone_text, self._sent), "past", date_text, zone_text)

    def _own(self, _context: object, web_ex_id: object) -> bool:
        asked, caller = _text(web_ex_id).strip(), self._security.get("webExID", "")
        known = asked.casefold() == caller.casefold() if asked and caller else None
        return self._told(known, "own", asked)

    def _signed_in(self, _context: object) -> bool:
        return not _SIGNS_IN.isdisjoint(self._security)

    def _header(self, _context: object, name: object) -> str:
        return self._security.get(_text(name), "")


def _is_past(date: str, zone: str, sent: datetime | None) -> bool | None:
    """Tell whether a date was past when the request was sent; an empty one says nothing and is not."""
    if not date:
        return False
    if sent is None:
        return None
    try:
        number = int(zone) if zone else GMT
    except ValueError:
        if zone not in _ZONE_OF_TEXT:
            return None
        number = _ZONE_OF_TEXT[zone]
    try:
        return read_date(date, number) < sent
    except ValueError:
        return None


def _first_text(value: object) -> str:
    """Return the first text of an argument that is not blank: the service takes an empty element as absent."""
    texts = (_text(part).strip() for part in (value if isinstance(value, list) else [value]))
    return next(filter(None, texts), "")


def _text(value: object) -> str:
    """Return an argument as XPath's ``string()`` does: of a set of nodes, the first."""
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if isinstance(value, etree._Element):
        return "".join(str(part) for part in value.itertext())
    return value if isinstance(value, str) else str(value)
