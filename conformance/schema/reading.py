"""What the service reads of the children of an element: their names without namespaces, in any case and any order.

What a row of names is read as is the same each time, so it is found out once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from conformance.schema.model import Particle, SchemaModel, TypeModel

EMPTY: Final = "empty; the service takes it as absent"
_NUMBERS: Final = frozenset({"boolean", "long", "int", "integer", "float", "double", "decimal"})
_LOOKED_AT: Final = frozenset(("", *_NUMBERS))
_LONGEST_KEPT: Final = 32
"""Of longer rows it is found out each time: those are lists, of which each is of another length."""
_MOST_KEPT: Final = 64
"""Rows of one type. A client can make up any number of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """An element that a type allows."""

    rank: int
    """Its place in the sequence."""
    particle: Particle
    builtin: str
    """The local name of the built-in type that it comes down to; empty where it holds elements."""

    @property
    def name(self) -> str:
        """Its name without its namespace."""
        return local_name(self.particle.name)

    def in_small_letters(self, text: str) -> str | None:
        """Return what a boolean in capitals, without blanks around it, is read as; None for any other text."""
        small = text.lower()
        return small if self.builtin == "boolean" and text != small and small in ("true", "false") else None

    @property
    def left_out_if_empty(self) -> bool:
        """Whether it is taken as absent when it is empty: a number or a boolean that has no default to mean."""
        return self.builtin in _NUMBERS and not self.particle.defaulted


@dataclass(frozen=True, slots=True)
class Note:
    """How the name or the place of a child departs from the schema."""

    id: str
    number: int
    """Which of the children it is, from 0."""
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """The children of one name in a row, of which more than the name has to be looked at."""

    name: str
    """As it is spelt."""
    child: Child
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row of children is read as."""

    children: Sequence[Child | None]
    """None for one that the schema does not know."""
    order: Sequence[int] | None
    """The numbers of the children in the order of the schema; None where they stand in it."""
    notes: Sequence[Note]
    known: bool
    """Whether the schema knows them all, and those that are in a namespace are in that of the schema."""
    respelt: Sequence[tuple[int, str]]
    """The numbers of those that have another name than the local one of the schema, and that."""
    groups: Sequence[Group]
    """Those that hold elements, or whose text may depart."""


class Content:
    """The children that a type allows, by local name."""

    def __init__(
        self, children: Mapping[str, tuple[int, Particle]], builtin: Callable[[Particle], str], *, ordered: bool
    ) -> None:
        self._children = {name: Child(rank, particle, builtin(particle)) for name, (rank, particle) in children.items()}
        self._by_small_letters = {name.lower(): child for name, child in reversed(self._children.items())}
        self._ordered = ordered
        self._kept: dict[tuple[str, ...], Reading] = {}

    def read(self, names: tuple[str, ...]) -> Reading:
        """Return what children of these names are read as; a name may be in a namespace (``{uri}name``)."""
        reading = self._kept.get(names)
        if reading is None:
            reading = self._read(names)
            if reading.known and len(names) <= _LONGEST_KEPT:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[names] = reading
        return reading

    def _read(self, names: tuple[str, ...]) -> Reading:
        known = {name: self._child(name) for name in set(names)}
        respelt = {name for name, child in known.items() if child is not None and name != child.name}
        notes = [
            Note("name-case", number, f"'{local}' instead of '{child.name}'")
            for number, name in _of(respelt, names)
            if (child := known[name]) and (local := local_name(name)) != child.name
        ]
        order = self._order([known[name] for name in names]) if self._ordered and len(known) > 1 else None
        if order is not None:
            first = next(number for number, placed in enumerate(order) if number != placed)
            notes.append(Note("order", first, "not in the order of the schema"))
        return Reading(
            [known[name] for name in names],
            order,
            notes,
            all(child and name in (local_name(name), child.particle.name) for name, child in known.items()),
            [(number, child.name) for number, name in _of(respelt, names) if (child := known[name])],
            _groups(names, known),
        )

    def _child(self, name: str) -> Child | None:
        local = local_name(name)
        return self._children.get(local) or self._by_small_letters.get(local.lower())

    def _order(self, children: Sequence[Child | None]) -> Sequence[int] | None:
        """Return the numbers of children in the order of the schema, those that it does not know last."""
        last = len(self._children)
        ranks = [last if child is None else child.rank for child in children]
        return None if ranks == sorted(ranks) else sorted(range(len(ranks)), key=ranks.__getitem__)


_contents: WeakKeyDictionary[SchemaModel, dict[int, Content]] = WeakKeyDictionary()


def content_of(type_: TypeModel, model: SchemaModel) -> Content:
    """Return the children of a type."""
    known = _contents.get(model)
    if known is None:
        known = _contents[model] = {}
    content = known.get(id(type_))
    if content is None:
        children = model.children_by_local_name(type_)
        content = known[id(type_)] = Content(children, model.builtin, ordered=type_.ordered)
    return content


def local_name(name: str) -> str:
    """Return ``name`` of ``{uri}name``."""
    return name.rpartition("}")[2]


def _of(some: Collection[str], names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield those of the names that are among some, each with its number."""
    return ((number, name) for number, name in enumerate(names) if name in some) if some else iter(())


def _groups(names: Sequence[str], known: Mapping[str, Child | None]) -> Sequence[Group]:
    looked_at = {name: child for name, child in known.items() if child and child.builtin in _LOOKED_AT}
    numbers: dict[str, list[int]] = {}
    for number, name in _of(looked_at, names):
        numbers.setdefault(name, []).append(number)
    return [Group(local_name(name), looked_at[name], own) for name, own in numbers.items()]


def in_capitals(text: str) -> str:
    """Return the words for a boolean that is written in capitals."""
    return f"'{text}' instead of '{text.lower()}'"
