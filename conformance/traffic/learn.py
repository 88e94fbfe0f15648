"""Learning a profile from recorded traffic: names of operations and elements, never a value of a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import yaml

from conformance.cases.traces import answer_names, request_paths
from conformance.errors import MalformedMessage
from conformance.schema.canonical import canonicalise
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.model import SchemaModel
from conformance.traffic.model import Recorded
from conformance.traffic.read import Reading
from conformance.traffic.where import count_unknown
from conformance.versions import NEWEST
from conformance.wire.departures import DEPARTURES
from conformance.wire.names import prefixed
from conformance.wire.pretty import printable
from conformance.wire.request import read_request
from conformance.wire.response import read_response
from conformance.wire.tree import Node

PRUNE: Final = "what the answers held: prune what you do not read"
_MOST_NAMED = 5


@dataclass(slots=True)
class LearntUse:
    """What was recorded of one operation."""

    calls: int = 0
    sends: set[str] = field(default_factory=set)
    reads: set[str] | None = None
    """What successful answers held; None where none was recorded, so that nothing is known of them."""
    foreign: int = 0
    """Elements of requests that the newest schemas do not know; they are left out."""
    departures: Counter[str] = field(default_factory=Counter)
    """How many requests departed from the schema, by the id of the departure."""


@dataclass(slots=True)
class Learnt:
    """What was recorded of an integration."""

    operations: dict[str, LearntUse] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    """Requests of operations that the suite does not know."""
    first: datetime | None = None
    last: datetime | None = None

    @property
    def requests(self) -> int:
        """How many requests it was learnt from."""
        return sum(use.calls for use in self.operations.values())


def learn(recorded: Iterable[Recorded], catalog: SchemaCatalog | None = None) -> Learnt:
    """Return what recorded traffic shows of an integration."""
    model = (catalog or SchemaCatalog()).at(NEWEST).model
    learnt = Learnt()
    for one in recorded:
        _take(learnt, one, model)
    return learnt


def _take(learnt: Learnt, recorded: Recorded, model: SchemaModel) -> None:
    try:
        request = read_request(recorded.request)
    except MalformedMessage:
        return  # whoever read the recording has told it
    if request.operation is None:
        count_unknown(learnt.unknown, request)
        return
    name = request.operation.name
    use = learnt.operations.setdefault(name, LearntUse())
    use.calls += 1
    sent, known = set(_leaves(request.content)), request_paths(name)
    use.sends |= sent & known
    use.foreign += bool(sent - known)
    departures = (*recorded.departures, *canonicalise(request, model).departures)
    use.departures.update({departure.id for departure in departures})
    held = _held(name, recorded.response)
    if held is not None:
        use.reads = held | (use.reads or set())
    if recorded.sent is not None:
        learnt.first = min(recorded.sent, learnt.first or recorded.sent)
        learnt.last = max(recorded.sent, learnt.last or recorded.sent)


def _leaves(content: Node) -> Iterator[str]:
    """Yield the paths of the elements that hold no others."""
    waiting = [(child, child.name) for child in content.children]
    while waiting:
        node, path = waiting.pop()
        if not node.children:
            yield path
        waiting += [(child, f"{path}/{child.name}") for child in node.children]


def _held(name: str, answer: bytes | None) -> set[str] | None:
    """Return the XPaths of what a successful answer held; None where there is none that can be read."""
    if answer is None:
        return None
    try:
        response = read_response(answer)
    except MalformedMessage:
        return None
    if response.result != "SUCCESS" or response.content is None:
        return None
    leaves = (str(element.tag) for element in response.content.iterdescendants("*") if not len(element))
    return {f"//{found}" for tag in leaves if (found := prefixed(tag)) in answer_names(name)}


def profile_text(learnt: Learnt, reading: Reading, name: str, owner: str, now: datetime) -> str:
    """Return the profile as a file: YAML, with a head that says where it comes from. Takes names as they are given."""
    return "\n".join([*_head(learnt, reading, now), *_body(learnt, name, owner), ""])


def _head(learnt: Learnt, reading: Reading, now: datetime) -> Iterator[str]:
    yield "# An integration profile, learnt from recorded traffic."
    yield "#"
    files = reading.files[:_MOST_NAMED]
    more = len(reading.files) - len(files)
    yield f"# From {', '.join(map(_comment, files))}{f' and {more} more' if more > 0 else ''}:"
    when = f", sent {_moment(learnt.first)} to {_moment(learnt.last)}" if learnt.first and learnt.last else ""
    yield f"# {_counted(learnt.requests, 'request')}{when}; written {_moment(now)}."
    for line in left_out(learnt, reading):
        yield f"# {_comment(line)}"
    for id_, operations in tolerated(learnt).items():
        yield f"# Tolerated: {id_}: {_counted(sum(operations.values()), 'request')}: {DEPARTURES[id_].reason}."
    yield "#"
    yield "# It holds names of operations and elements, and no value of any message. 'sends' is what requests held."
    yield "# 'reads' is what answers held, which is all that the client could read: take out what it does not read,"
    yield "# for each element here can hold up an upgrade. An operation without 'sends' or 'reads' uses everything."
    yield ""


def _body(learnt: Learnt, name: str, owner: str) -> Iterator[str]:
    yield f"integration: {_scalar(name)}"
    if owner:
        yield f"owner: {_scalar(owner)}"
    yield "operations:"
    for operation, use in sorted(learnt.operations.items()):
        yield f"  {operation}:"
        yield f"    calls: {use.calls}"
        yield from _listed("sends", use.sends)
        if use.reads is not None:
            yield from _listed("reads", use.reads, PRUNE)


def _listed(key: str, values: set[str], comment: str = "") -> Iterator[str]:
    if not values:
        yield f"    {key}: []"
        return
    yield f"    {key}:{f'  # {comment}' if comment else ''}"
    yield from (f"      - {value}" for value in sorted(values))


def left_out(learnt: Learnt, reading: Reading) -> Iterator[str]:
    """Yield in sentences what of the recordings is not in the profile."""
    if reading.others:
        yield f"Not of the API: {_counted(reading.others, 'entry', 'entries')}."
    if unread := len(reading.unread) + reading.unread_more:
        yield f"Could not be read: {_counted(unread, 'message')}."
    for name, count in sorted(learnt.unknown.items()):
        yield f"Not known to the suite, so left out: {name} ({_counted(count, 'request')})."
    for name, use in sorted(learnt.operations.items()):
        if use.foreign:
            yield f"Left out: elements of {name} that the schemas do not know ({_counted(use.foreign, 'request')})."


def tolerated(learnt: Learnt) -> Mapping[str, Mapping[str, int]]:
    """Return how many requests of which operation departed from the schema, by the id of the departure."""
    found: dict[str, dict[str, int]] = {}
    for name, use in sorted(learnt.operations.items()):
        for id_, count in use.departures.items():
            found.setdefault(id_, {})[name] = count
    return dict(sorted(found.items()))


def _scalar(text: str) -> str:
    """Return a text as YAML reads it back, on one line; what is not printable is escaped."""
    plain = text.isprintable()
    dumped = yaml.safe_dump(
        [text], default_flow_style=True, width=10**9, allow_unicode=plain, default_style=None if plain else '"'
    )
    return str(dumped).strip()[1:-1]


def _comment(text: str) -> str:
    return printable(" ".join(text.split()))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
