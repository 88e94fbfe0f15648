"""What exchanges show of the API: which operations were called, which elements were sent, which failures came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from conformance.errors import MalformedMessage
from conformance.wire.request import read_request
from conformance.wire.response import read_response
from conformance.wire.tree import Node


@dataclass(slots=True)
class Observed:
    """What was seen so far. Paths are of local names below ``bodyContent``, as ``schedule/startDate``."""

    calls: Counter[str] = field(default_factory=Counter)
    """By operation, how often it was called."""
    sent: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By operation, the elements that requests held."""
    answered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By operation, the elements that answers held."""
    failures: Counter[str] = field(default_factory=Counter)
    """By exceptionID, how often it was answered."""
    others: int = 0
    """Requests that call no operation that we know, or that could not be read."""

    def add(self, request: bytes, response: bytes | None) -> None:
        """Look at one exchange; what can not be read of it is not counted."""
        try:
            read = read_request(request)
        except MalformedMessage:
            read = None
        operation = read.operation.name if read and read.operation else ""
        if read is None or not operation:
            self.others += 1
        else:
            self.calls[operation] += 1
            self.sent[operation].update(_paths_of_node(read.content))
        if response:
            self._answer(operation, response)

    def _answer(self, operation: str, data: bytes) -> None:
        try:
            response = read_response(data)
        except MalformedMessage:
            return
        if response.exception_id:
            self.failures[response.exception_id.strip()] += 1
        if operation and response.content is not None:
            self.answered[operation].update(_paths_of_element(response.content))


def _paths_of_node(node: Node, above: str = "") -> Iterator[str]:
    for child in node.children:
        path = f"{above}{child.name}"
        yield path
        yield from _paths_of_node(child, f"{path}/")


def _paths_of_element(element: etree._Element, above: str = "") -> Iterator[str]:
    for child in element.iterchildren("*"):
        path = f"{above}{etree.QName(child).localname}"
        yield path
        yield from _paths_of_element(child, f"{path}/")
