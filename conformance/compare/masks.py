"""What differs between any two answers and means nothing: times, keys, made-up names, the sites' own names.

Each rule has a name, is listed by ``RULES``, and is counted where it makes two values the same, so that nothing
disappears unseen. A mask keeps the shape of what it hides: a date that is written in another way still differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from conformance.errors import MalformedMessage
from conformance.wire.request import read_request
from conformance.wire.tree import Node

KEYS = (
    "sessionKey",
    "sessionkey",
    "meetingKey",
    "meetingkey",
    "attendeeID",
    "attendeeId",
    "registerID",
    "recordingID",
    "recordingUUID",
    "meetingUUID",
    "confID",
    "webExId",
    "webExID",
    "userId",
    "email",
)
"""The elements that tell one row of a list from another, by local name; the first that a row has is its key."""

_NUMBERED = frozenset(name for name in KEYS if name not in ("webExId", "webExID", "email")) | {
    "hostSessionKey",
    "seriesMeetingKey",
    "seriesMeetingID",
    "meetingID",
    "siteID",
    "caseID",
    "eventID",
}
_PEOPLE = frozenset((
    "firstName",
    "lastName",
    "name",
    "email",
    "webExId",
    "webExID",
    "hostWebExID",
    "hostWebExId",
    "hostWebexID",
    "otherHostWebExID",
    "hostEmail",
    "userName",
    "presenter",
    "confName",
    "sessionName",
    "computerName",
    "personalMeetingRoomURL",
    "sipURL",
))  # fmt: skip
_COUNTS = frozenset({"total", "returned"})
_DURATIONS = frozenset({"respTime", "createTime", "timeToLive"})

_TIME = re.compile(r"\b\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}\b|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b[0-9a-fA-F]{32}\b")
_MADE_UP = re.compile(r"cnf[0-9a-f]{8}n\d+")
"""As ``cases.values.unique`` makes names up."""
_URL = re.compile(r"\bhttps?://[^\s\"'<>]+")
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_NUMBER = re.compile(r"(?<![\w.])\d{6,}(?![\w.])")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason why a value may differ: its name, and what it takes for the same, in a sentence."""

    name: str
    says: str


RULES = (
    Rule("sent", "each run reads the value that it sent itself, at the same place of the same case"),
    Rule("time", "dates and times, as long as they are written in the same way; how long a call took"),
    Rule("key", f"numbers that sites give out: {', '.join(sorted(_NUMBERED))}; numbers of six digits in a reason"),
    Rule("uuid", "UUIDs, with and without hyphens"),
    Rule("made-up", "names that a run made up; what stands around them counts"),
    Rule("url", "of links the host, the site's name, numbers, and the values of parameters; the rest counts"),
    Rule("host", "the host names of the two sites"),
    Rule("address", "IP addresses"),
    Rule("people", "names and addresses of people, and of their sessions, that neither run sent"),
    Rule("count", "how many records a list has in all and on this page; the rows themselves are compared"),
    Rule("others", "rows of lists that hold nothing which a run sent, made up or got: those of others on the site"),
)
"""Every rule, in the order in which they are tried. ``others`` is about rows, the rest about values."""


def _time_shape(match: re.Match[str]) -> str:
    # One digit or two is not told apart: it depends on the day.
    return f"<{re.sub(r'0+', '0', _DIGITS.sub('0', match[0]))}>"


def _link_shape(match: re.Match[str]) -> str:
    try:
        parts = urlsplit(match[0])
        site = (parts.hostname or "").partition(".")[0]
    except ValueError:  # a port that is none, brackets that do not close: compared as it stands
        return match[0]
    path = "/".join("<site>" if site and step == site else _DIGITS.sub("0", step) for step in parts.path.split("/"))
    names = "&".join(f"{name}=" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return f"<{parts.scheme}://host{path}{'?' if names else ''}{names}>"


@dataclass(slots=True)
class Masks:
    """The rules for one pair of cases: what is volatile in general, and what these two runs sent.

    ``hosts_a`` and ``hosts_b`` are the names of the two sites.
    """

    hosts_a: frozenset[str] = frozenset()
    hosts_b: frozenset[str] = frozenset()
    pairs: set[tuple[str, str]] = field(default_factory=set)
    """Values that the two runs sent at the same place, where they are not the same."""
    sent_a: set[str] = field(default_factory=set)
    """What run A sent, but for who the caller is: much on a site is an account's without being a case's."""
    sent_b: set[str] = field(default_factory=set)
    corresponds_a: set[str] = field(default_factory=set)
    """The values of run A that stand for another one of run B."""
    corresponds_b: set[str] = field(default_factory=set)

    def learn(self, request_a: str, request_b: str) -> None:
        """Take what the two runs sent in the same step; what can not be read teaches nothing."""
        leaves_a, leaves_b = dict(_leaves(request_a)), dict(_leaves(request_b))
        self.sent_a.update(value for place, value in leaves_a.items() if not _is_caller(place))
        self.sent_b.update(value for place, value in leaves_b.items() if not _is_caller(place))
        for place in leaves_a.keys() & leaves_b.keys():
            if leaves_a[place] != leaves_b[place]:
                self.pairs.add((leaves_a[place], leaves_b[place]))
                self.corresponds_a.add(leaves_a[place])
                self.corresponds_b.add(leaves_b[place])

    def same(self, name: str, a: str, b: str, *, listing: bool) -> str | None:
        """Tell whether two values of an element of that local name are the same.

        Empty where they are without a mask, else the name of the rule that makes them so; None where they differ.
        ``listing`` says that the answer is one of a list.
        """
        if a == b:
            return ""
        if (a, b) in self.pairs:
            return "sent"
        shown_a, shown_b = a, b
        for rule, mask in self._rules(name, listing=listing):
            shown_a, shown_b = mask(shown_a, self.hosts_a), mask(shown_b, self.hosts_b)
            if shown_a == shown_b:
                return rule
        if name in _PEOPLE and a and b and not (self.own_a(a) or self.own_b(b)):
            return "people"
        return None

    def token(self, name: str, value: str, *, of_a: bool, listing: bool) -> str:
        """Return a value as it is when all rules were applied to it alone: what equal rows have in common."""
        if value in (self.corresponds_a if of_a else self.corresponds_b):
            return "<sent>"
        shown = value
        for _, mask in self._rules(name, listing=listing):
            shown = mask(shown, self.hosts_a if of_a else self.hosts_b)
        own = self.own_a(value) if of_a else self.own_b(value)
        return "<person>" if name in _PEOPLE and value and not own else shown

    def own_a(self, value: str) -> bool:
        """Tell whether run A sent the value or made it up."""
        return value in self.sent_a or bool(_MADE_UP.search(value))

    def own_b(self, value: str) -> bool:
        """Tell whether run B sent the value or made it up."""
        return value in self.sent_b or bool(_MADE_UP.search(value))

    def owns(self, name: str, value: str, *, of_a: bool) -> bool:
        """Tell whether a value names something of the run: a key or a name that it sent or made up."""
        return (name in KEYS or name in _PEOPLE) and (self.own_a(value) if of_a else self.own_b(value))

    @staticmethod
    def _rules(name: str, *, listing: bool) -> Iterator[tuple[str, Callable[[str, frozenset[str]], str]]]:
        if name in _DURATIONS:
            yield "time", lambda text, _: _DIGITS.sub("0", text)
        yield "time", lambda text, _: _TIME.sub(_time_shape, text)
        if name in _NUMBERED:
            yield "key", lambda text, _: "<key>" if text.isdecimal() else text
        if name == "reason":
            yield "key", lambda text, _: _NUMBER.sub("<key>", text)
        yield "uuid", lambda text, _: _UUID.sub("<uuid>", text)
        yield "made-up", lambda text, _: _MADE_UP.sub("<made-up>", text)
        yield "url", lambda text, _: _URL.sub(_link_shape, text)
        yield "host", _hostless
        yield "address", lambda text, _: _ADDRESS.sub("<address>", text)
        if listing and name in _COUNTS:
            yield "count", lambda text, _: "<count>" if text.isdecimal() else text


def _is_caller(place: tuple[tuple[str, int], ...]) -> bool:
    return bool(place) and place[0][0] == "header"


def _hostless(text: str, hosts: frozenset[str]) -> str:
    for host in sorted(hosts, key=lambda host: (-len(host), host)):
        text = re.sub(rf"(?<![\w-]){re.escape(host)}(?![\w-])", "<host>", text, flags=re.IGNORECASE)
    return text


def _leaves(request: str) -> Mapping[tuple[tuple[str, int], ...], str]:
    """Return the values of a request by their place; none of what is no request."""
    try:
        message = read_request(request.encode("utf-8", "surrogatepass")).message
    except (MalformedMessage, UnicodeError):
        return {}
    found: dict[tuple[tuple[str, int], ...], str] = {}
    pending: list[tuple[Node, tuple[tuple[str, int], ...]]] = [(message, ())]
    while pending:
        node, place = pending.pop()
        if not node.children and node.text.strip():
            found[place] = node.text.strip()
        seen: dict[str, int] = {}
        for child in node.children:
            seen[child.name] = seen.get(child.name, 0) + 1
            pending.append((child, (*place, (child.name, seen[child.name]))))
    return found
