"""The rules: what can differ between two sets, in which direction, and what it means for a client.

What is harmless in a request can hurt in an answer: a service that allows more takes all that clients send, but says
what they have never read. So most aspects have two rules, one for each direction, of different severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Direction = Literal["request", "response"]
DIRECTIONS: tuple[Direction, ...] = ("request", "response")


class Severity(StrEnum):
    """What a difference means for a client that was made for the old set, heaviest first."""

    BREAKING = "breaking"
    """A message that was right is not any more, or an answer is one that it could not be."""
    RISKY = "risky"
    """Works with a client that is lenient, or as long as the service is; not with a strict one."""
    COMPATIBLE = "compatible"
    """Nothing that a client does or has read before is concerned."""


BREAKING, RISKY, COMPATIBLE = Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Ids are stable: what is retired is never used again for anything else."""

    id: str
    direction: Literal["request", "response", "both"]
    severity: Severity
    purpose: str
    """One sentence: what it finds and why that matters."""
    says: str
    """What is told of a finding, with ``{old}``, ``{new}`` and ``{subject}``."""
    mirrors: tuple[str, ...]
    """By which of these rules the same is found when the sets change places."""
    touches: Literal["self", "around", "all"] = "self"
    """Whom it concerns: who uses the element, who uses what it stands in, or each caller of the operation."""


_ALL: dict[str, Rule] = {}


def _rule(
    id_: str,
    severity: Severity,
    says: str,
    mirrors: str,
    purpose: str,
    *,
    touches: Literal["self", "around", "all"] = "self",
) -> None:
    head = id_.partition("_")[0].lower()
    direction: Literal["request", "response", "both"] = (
        "request" if head == "request" else "response" if head == "response" else "both"
    )
    _ALL[id_] = Rule(id_, direction, severity, purpose, says, tuple(mirrors.split()), touches)


def _pair(
    aspect: str,
    request: tuple[Severity, str],
    response: tuple[Severity, str],
    says: str,
    mirror: str = "",
    *,
    touches: Literal["self", "around", "all"] = "self",
) -> None:
    for direction, (severity, purpose) in zip(DIRECTIONS, (request, response), strict=True):
        head = direction.upper()
        _rule(f"{head}_{aspect}", severity, says, f"{head}_{mirror or aspect}", purpose, touches=touches)


_rule(
    "OPERATION_REMOVED",
    BREAKING,
    "is not there any more",
    "OPERATION_ADDED",
    "An operation that clients call is gone.",
    touches="all",
)
_rule(
    "OPERATION_ADDED",
    COMPATIBLE,
    "is new",
    "OPERATION_REMOVED",
    "A new operation is called by nobody yet.",
    touches="all",
)
_pair(
    "TYPE_REMOVED",
    (BREAKING, "An operation has no request type any more, so nothing that clients send to it is right."),
    (BREAKING, "An operation has no response type any more, so what clients read of it does not come."),
    "has no type any more",
    "TYPE_ADDED",
    touches="all",
)
_pair(
    "TYPE_ADDED",
    (COMPATIBLE, "An operation of which only answers were described can be called by the schema."),
    (RISKY, "An operation whose answers had no content answers with some."),
    "has a type now",
    "TYPE_REMOVED",
    touches="all",
)
_rule(
    "REQUEST_ELEMENT_ADDED_REQUIRED",
    BREAKING,
    "is new: {new}",
    "REQUEST_ELEMENT_REMOVED",
    "A request must carry an element or attribute that no client sends yet.",
    touches="around",
)
_rule(
    "REQUEST_ELEMENT_ADDED_OPTIONAL",
    COMPATIBLE,
    "is new: {new}",
    "REQUEST_ELEMENT_REMOVED",
    "A request may carry a new element or attribute; who leaves it out sends what was right before.",
)
_rule(
    "REQUEST_ELEMENT_REMOVED",
    BREAKING,
    "is not known any more; was {old}",
    "REQUEST_ELEMENT_ADDED_REQUIRED REQUEST_ELEMENT_ADDED_OPTIONAL",
    "A client that still sends the element or attribute sends what the schema does not know.",
)
_rule(
    "RESPONSE_ELEMENT_ADDED",
    RISKY,
    "is new, with others after it: {new}",
    "RESPONSE_ELEMENT_REMOVED RESPONSE_OPTIONAL_ELEMENT_REMOVED",
    "A new element stands before others, where a client that reads in order meets it in place of the next one.",
    touches="around",
)
_rule(
    "RESPONSE_ELEMENT_APPENDED",
    COMPATIBLE,
    "is new, after all others: {new}",
    "RESPONSE_ELEMENT_REMOVED RESPONSE_OPTIONAL_ELEMENT_REMOVED",
    "A new element or attribute comes after all that was known; only a client that refuses what it does not know can"
    " trip over it.",
    touches="around",
)
_rule(
    "RESPONSE_ELEMENT_REMOVED",
    BREAKING,
    "does not come any more; was {old}",
    "RESPONSE_ELEMENT_ADDED RESPONSE_ELEMENT_APPENDED",
    "An element or attribute that every answer had does not come any more.",
)
_rule(
    "RESPONSE_OPTIONAL_ELEMENT_REMOVED",
    RISKY,
    "does not come any more; was {old}",
    "RESPONSE_ELEMENT_ADDED RESPONSE_ELEMENT_APPENDED",
    "An element or attribute that could be absent always is; a client that needs it gets it no more.",
)
_pair(
    "ELEMENT_MOVED",
    (RISKY, "The order of a sequence changed; the service is known to take any order, a validator on the way is not."),
    (RISKY, "The order of a sequence changed; a client that reads in order does not find the element."),
    "stands elsewhere: was after {old}, is after {new}",
)
_pair(
    "NESTING_CHANGED",
    (BREAKING, "An element stands in another one than before, so where clients send it, it is not known."),
    (BREAKING, "An element stands in another one than before, so where clients look for it, it is not."),
    "was {old}, is {new}",
)
_pair(
    "NAMESPACE_CHANGED",
    (RISKY, "An element is of another namespace; the service is known to read names alone, a validator is not."),
    (BREAKING, "An element is of another namespace, so that a client that knows the old name finds nothing."),
    "was {old}, is {new}",
)
_pair(
    "ORDER_FIXED",
    (RISKY, "Children that could come in any order have one now; the service is known to take any."),
    (COMPATIBLE, "Children that came in any order come in one; who could read any can read that."),
    "had no order, has one",
    "ORDER_FREED",
    touches="around",
)
_pair(
    "ORDER_FREED",
    (COMPATIBLE, "Children that had an order may come in any; the old one is among them."),
    (RISKY, "Children that had an order come in any; a client that reads in order does not find them."),
    "had an order, has none",
    "ORDER_FIXED",
    touches="around",
)
_pair(
    "ELEMENT_MADE_REQUIRED",
    (BREAKING, "A request without the element or attribute was right and is not any more."),
    (COMPATIBLE, "What could be absent always comes; a client that copes with less copes with that."),
    "was {old}, is {new}",
    "ELEMENT_MADE_OPTIONAL",
    touches="around",
)
_pair(
    "ELEMENT_MADE_OPTIONAL",
    (COMPATIBLE, "A request may leave out what it had to carry; who carries it is right all the same."),
    (BREAKING, "What every answer had can be absent, for which no client had to be ready."),
    "was {old}, is {new}",
    "ELEMENT_MADE_REQUIRED",
)
_pair(
    "ELEMENT_REPEATS",
    (COMPATIBLE, "An element that could be sent once can be sent more often; once is still right."),
    (BREAKING, "An element that came once comes more often, and a client reads one of them or none."),
    "was {old}, is {new}",
    "ELEMENT_NO_LONGER_REPEATS",
)
_pair(
    "ELEMENT_NO_LONGER_REPEATS",
    (BREAKING, "A client that sends the element more than once sends what is not allowed any more."),
    (COMPATIBLE, "An element that came more often comes once; one was possible before."),
    "was {old}, is {new}",
    "ELEMENT_REPEATS",
)
_pair(
    "CARDINALITY_NARROWED",
    (BREAKING, "The element must be sent more often, or can be sent less often, than some clients do."),
    (COMPATIBLE, "How often the element comes is within what was possible before."),
    "was {old}, is {new}",
    "CARDINALITY_WIDENED",
)
_pair(
    "CARDINALITY_WIDENED",
    (COMPATIBLE, "How often the element can be sent is less limited; every number that was right is."),
    (RISKY, "The element comes less or more often than it could, which a client may have counted on."),
    "was {old}, is {new}",
    "CARDINALITY_NARROWED",
)
_pair(
    "MADE_EXCLUSIVE",
    (BREAKING, "Elements that could be sent together exclude each other, so a request with both is wrong."),
    (COMPATIBLE, "Elements that could come together do not any more; either alone was possible."),
    "{subject} exclude each other",
    "NO_LONGER_EXCLUSIVE",
    touches="around",
)
_pair(
    "NO_LONGER_EXCLUSIVE",
    (COMPATIBLE, "Elements that excluded each other can be sent together; either alone still can."),
    (RISKY, "Elements that excluded each other come together, and a client may look for the first alone."),
    "{subject} can stand together",
    "MADE_EXCLUSIVE",
    touches="around",
)
_pair(
    "ONE_OF_REQUIRED",
    (BREAKING, "One of several elements must be sent, and a request with none of them is not right any more."),
    (COMPATIBLE, "One of several elements always comes; none was possible and is not."),
    "one of {subject} is required",
    "ONE_OF_NOT_REQUIRED",
    touches="around",
)
_pair(
    "ONE_OF_NOT_REQUIRED",
    (COMPATIBLE, "A request may leave out all of several elements; who sends one is right all the same."),
    (RISKY, "None of several elements may come, of which there was always one."),
    "none of {subject} is required",
    "ONE_OF_REQUIRED",
    touches="around",
)
_pair(
    "MADE_DEPENDENT",
    (BREAKING, "An element that could be sent by itself needs another one, so a request without that is wrong."),
    (COMPATIBLE, "An element that could come by itself comes with another one; both were possible."),
    "{subject} is not allowed",
    "NO_LONGER_DEPENDENT",
    touches="around",
)
_pair(
    "NO_LONGER_DEPENDENT",
    (COMPATIBLE, "An element that needed another one can be sent by itself; both together still can."),
    (RISKY, "An element can come without another one that always came with it."),
    "{subject} is allowed",
    "MADE_DEPENDENT",
    touches="around",
)
_pair(
    "TYPE_CHANGED",
    (BREAKING, "The type became one of other values or another content, so what clients send may be wrong."),
    (BREAKING, "The type became one of other values or another content, which clients can not read."),
    "was {old}, is {new}",
)
_pair(
    "TYPE_NARROWED",
    (BREAKING, "The type allows only some of the values that clients send."),
    (COMPATIBLE, "The type allows only some of the values that clients can read."),
    "was {old}, is {new}",
    "TYPE_WIDENED",
)
_pair(
    "TYPE_WIDENED",
    (COMPATIBLE, "The type allows all values that clients send, and others."),
    (BREAKING, "The type allows values that do not fit into what clients read it into."),
    "was {old}, is {new}",
    "TYPE_NARROWED",
)
_pair(
    "ENUM_VALUE_ADDED",
    (COMPATIBLE, "A new value can be sent; all others still can."),
    (RISKY, "A value can come that clients have never seen."),
    "takes '{new}' too",
    "ENUM_VALUE_REMOVED",
)
_pair(
    "ENUM_VALUE_REMOVED",
    (BREAKING, "A value that clients send is not allowed any more."),
    (COMPATIBLE, "A value that clients can read does not come any more."),
    "does not take '{old}' any more",
    "ENUM_VALUE_ADDED",
)
_pair(
    "FACET_TIGHTENED",
    (BREAKING, "A limit on values, or on what stands beside elements, is narrower than what clients may send."),
    (COMPATIBLE, "A limit is narrower; all that comes was possible before."),
    "{subject} was {old}, is {new}",
    "FACET_LOOSENED",
)
_pair(
    "FACET_LOOSENED",
    (COMPATIBLE, "A limit is wider; all that clients send is within it."),
    (RISKY, "A limit is wider, so a value can be longer or larger than a client has room for."),
    "{subject} was {old}, is {new}",
    "FACET_TIGHTENED",
)
_pair(
    "FACET_CHANGED",
    (BREAKING, "A limit such as a pattern is another one, and which of both is narrower can not be told."),
    (RISKY, "A limit such as a pattern is another one, and which of both is narrower can not be told."),
    "{subject} was {old}, is {new}",
)
_pair(
    "MADE_NILLABLE",
    (COMPATIBLE, "The element can be sent as nil; its values are as before."),
    (RISKY, "The element can come as nil, without a value that a client reads."),
    "can be nil",
    "NO_LONGER_NILLABLE",
)
_pair(
    "NO_LONGER_NILLABLE",
    (BREAKING, "A client that sends the element as nil sends what is not allowed any more."),
    (COMPATIBLE, "The element always has a value."),
    "can not be nil",
    "MADE_NILLABLE",
)
_pair(
    "DEFAULT_CHANGED",
    (RISKY, "What an absent or empty element or attribute means to the service is another value than before."),
    (RISKY, "What an absent or empty element or attribute means to a reader is another value than before."),
    "default was {old}, is {new}",
)

RULES: Mapping[str, Rule] = _ALL


def table() -> Iterator[str]:
    """Yield the lines of the table of rules, as docs/schema-diff.md has it."""
    yield "| rule | direction | severity | what it is for | mirror |"
    yield "|---|---|---|---|---|"
    for rule in RULES.values():
        mirrors = ", ".join(f"`{mirror}`" for mirror in rule.mirrors)
        yield f"| `{rule.id}` | {rule.direction} | {rule.severity} | {rule.purpose} | {mirrors} |"
