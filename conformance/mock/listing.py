"""Lists: filtering, ordering and cutting a page, the same way for every list operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.mock.call import number
from conformance.mock.refusal import no_record
from conformance.wire.answer import Answer
from conformance.wire.tree import Node

Item = TypeVar("Item")

DEFAULT_NUMBER = 50
"""Records of a list where ``maximumNum`` is absent (reference guide, list requests)."""

MAXIMUM_NUMBER = 500
"""The most that ``maximumNum`` can ask for (reference guide); more is cut down to it (assumed)."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """The records that one answer holds, out of ``total``, from the ``start``-th on, counted from 1."""

    items: Sequence[Item]
    total: int
    start: int


def page(items: Sequence[Item], control: Node | None) -> Page[Item]:
    """Cut the page that a ``listControl`` asks for; refuse the call where it would be empty.

    A list of nothing is 000015 (recorded); so is a page past the end (assumed). Clients send 0 as the
    first record, which is answered as 1, and fewer than 1 record, which is answered as absent (assumed).
    """
    control = control or Node("listControl")
    start = max(1, number(control, "startFrom", 1))
    wanted = number(control, "maximumNum", DEFAULT_NUMBER)
    size = min(wanted, MAXIMUM_NUMBER) if wanted > 0 else DEFAULT_NUMBER
    shown = items[start - 1 : start - 1 + size]
    if not shown:
        raise no_record()
    return Page(shown, len(items), start)


def matching_records(page: Page[Item]) -> Mapping[str, Answer]:
    """Return the children of ``matchingRecords``, which stands first or last by service (2011 schemas)."""
    return {
        "serv:total": str(page.total),
        "serv:returned": str(len(page.items)),
        "serv:startFrom": str(page.start),
    }


def matching(items: Iterable[Item], control: Node | None, criteria: Sequence[Callable[[Item], bool]]) -> list[Item]:
    """Return the items that meet the criteria: all of them, or any where ``listMethod`` is OR.

    AND is the default (reference guide). Without a criterion every item is returned.
    """
    method = (control.value("listMethod") if control else None) or "AND"
    join = any if method.upper() == "OR" and criteria else all
    return [item for item in items if join(criterion(item) for criterion in criteria)]


def ordered(items: Iterable[Item], order: Node | None, keys: Mapping[str, Callable[[Item], str | float]]) -> list[Item]:
    """Sort by every ``orderBy``, the first weighing most, each with the ``orderAD`` of its rank.

    Clients write the pairs interleaved or all ``orderBy`` first, so the pairs are told by rank alone. ASC is
    the default; what is not in ``keys`` does not sort (assumed: clients send HOSTNAME and STATUS). Text is
    compared with its case, unless ``caseSensitive`` is false (an element of the ep service).
    """
    result = list(items)
    if order is None:
        return result
    fold = (order.value("caseSensitive") or "true").lower() in ("false", "0")
    directions = [node.text.strip().upper() for node in order.all("orderAD")]
    for rank, node in reversed(list(enumerate(order.all("orderBy")))):
        key = keys.get(node.text.strip().upper())
        if key:
            descending = rank < len(directions) and directions[rank] == "DESC"
            result.sort(key=_folded(key) if fold else key, reverse=descending)
    return result


def _folded(key: Callable[[Item], str | float]) -> Callable[[Item], str | float]:
    def folded(item: Item) -> str | float:
        value = key(item)
        return value.casefold() if isinstance(value, str) else value

    return folded
