"""What departs in the names and the order of a request's elements, and what puts it right.

It is found for all elements of a path together. It depends on nothing but the shape of the message: of the small ones,
which are sent again and again, it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from lxml import etree

from conformance.schema.canonical import CONTENT
from conformance.schema.catalog import SchemaSet
from conformance.schema.model import SchemaModel, TypeModel
from conformance.schema.reading import Child, Reading, content_of, local_name
from conformance.wire.names import MESSAGE, NAMESPACES

if TYPE_CHECKING:
    from _typeshed import SupportsGetItem

_OF_ANSWERS: Final = f"{{{NAMESPACES['serv']}}}response"
_LARGEST_KEPT: Final = 64
"""Elements of a message whose shape is kept; larger ones hold lists, of which each is of another length."""
_MOST_KEPT: Final = 512
"""Shapes. A client can make up any number of them."""

Shape = tuple[str, tuple[str, ...], tuple[int, ...]]
"""The type of the content, and the names and the numbers of children of all elements, in the order of the bytes."""
T = TypeVar("T")
S = TypeVar("S")


@dataclass(slots=True)
class Plan(Generic[T]):
    """What departs, and what puts it right, told of elements or of their numbers."""

    notes: list[tuple[T, tuple[str, str, str]]] = field(default_factory=list)
    """The element of each departure, and its id, path and words."""
    names: list[tuple[T, str]] = field(default_factory=list)
    """The elements that have another name in the schema, with that."""
    orders: list[list[T]] = field(default_factory=list)
    """Siblings in the order of the schema, where they stand in another."""
    texts: list[tuple[list[T], Child, str]] = field(default_factory=list)
    """Elements of a path whose texts may depart."""
    hollow: list[T] = field(default_factory=list)
    """Those that are for elements and hold none."""

    def of(self, others: SupportsGetItem[T, S]) -> Plan[S]:
        """Return the same plan, told of what stands for its elements in ``others``."""
        return Plan(
            [(others[one], told) for one, told in self.notes],
            [(others[one], name) for one, name in self.names],
            [[others[one] for one in row] for row in self.orders],
            [([others[one] for one in row], child, path) for row, child, path in self.texts],
            [others[one] for one in self.hollow],
        )


_kept: WeakKeyDictionary[SchemaSet, dict[Shape, Plan[int]]] = WeakKeyDictionary()


def plan_for(root: etree._Element, schemas: SchemaSet, type_name: str) -> Plan[etree._Element] | None:
    """Return the plan for a request whose content is of a type.

    None where the schemas do not know an element, or not in its namespace, and for an answer.
    """
    elements = list(islice(root.iter(), _LARGEST_KEPT + 1))
    if len(elements) > _LARGEST_KEPT:
        return _plan(root, schemas.model, type_name)
    shape = (type_name, tuple([element.tag for element in elements]), tuple(map(len, elements)))
    kept = _kept.get(schemas)
    if kept is None:
        kept = _kept[schemas] = {}
    if known := kept.get(shape):
        return known.of(elements)
    plan = _plan(root, schemas.model, type_name)
    if plan is not None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[shape] = plan.of({element: number for number, element in enumerate(elements)})
    return plan


def _plan(root: etree._Element, model: SchemaModel, type_name: str) -> Plan[etree._Element] | None:
    plan: Plan[etree._Element] = Plan()
    kinds = [(model.type_of(model.elements[MESSAGE]), f"/{local_name(root.tag)}", [root])]
    for kind, path, elements in kinds:
        for names, rows in _alike(elements, plan).items():
            reading = None if kind is None else content_of(kind, model).read(names)
            if reading is None or not reading.known:
                return None
            _add_names(plan, reading, names, rows, path)
            for group in reading.groups:
                members = [child for number in group.numbers for child in rows[number :: len(names)]]
                within = f"{path}/{group.name}"
                if group.child.builtin:
                    plan.texts.append((members, group.child, within))
                elif group.child.particle.name == _OF_ANSWERS:
                    return None
                else:
                    kinds.append((_type_of(group.child, model, type_name), within, members))
    return plan


def _type_of(child: Child, model: SchemaModel, type_name: str) -> TypeModel | None:
    return model.types[type_name] if child.particle.name == CONTENT else model.type_of(child.particle)


def _alike(
    elements: Sequence[etree._Element], plan: Plan[etree._Element]
) -> Mapping[tuple[str, ...], Sequence[etree._Element]]:
    """Return the children of elements by their names, those of one element behind those of another."""
    rows = [element[:] for element in elements]
    children = list(chain.from_iterable(rows))
    names = [child.tag for child in children]
    first = tuple(names[: len(rows[0])])
    if first and names == [*first] * len(rows) and set(map(len, rows)) == {len(first)}:
        return {first: children}
    alike: dict[tuple[str, ...], list[etree._Element]] = {}
    for element, row in zip(elements, rows, strict=True):
        if row:
            alike.setdefault(tuple([child.tag for child in row]), []).extend(row)
        else:
            plan.hollow.append(element)
    return alike


def _add_names(
    plan: Plan[etree._Element],
    reading: Reading,
    names: Sequence[str],
    rows: Sequence[etree._Element],
    path: str,
) -> None:
    width = len(names)
    for note in reading.notes:
        told = (note.id, f"{path}/{local_name(names[note.number])}", note.words)
        plan.notes.extend([(child, told) for child in rows[note.number :: width]])
    for number, name in reading.respelt:
        plan.names.extend([(child, name) for child in rows[number::width]])
    if reading.order is not None:
        for start in range(0, len(rows), width):
            plan.orders.append([rows[start + number] for number in reading.order])
