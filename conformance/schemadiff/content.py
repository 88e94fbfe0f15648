"""What a type allows, flattened: its children with those of its bases, how often each, in which order, which together.

Two types that are written in different ways but allow the same have the same content here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations, product
from math import prod

from conformance.errors import UserError
from conformance.schemadiff.components import (
    ANY_TYPE,
    UNBOUNDED,
    XS,
    ComplexType,
    ElementUse,
    Group,
    Origin,
    Schema,
    SimpleType,
    TypeRef,
)
from conformance.wire.names import prefixed

Names = frozenset[str]
Need = tuple[str, Names]
"""Where the first is there, at least one of the others must be; an empty first one is always there."""

_MOST_NEEDS = 64
"""Of one choice; where more follow from its branches, they are not looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """An element or attribute of a type; one that a content model names twice is one child."""

    use: ElementUse
    least: int
    most: int
    owner: str
    """What declares it: ``meet:meetingType``; of a type without name, its element: ``meet:createMeeting/schedule``."""

    @property
    def name(self) -> str:
        """Its name, ``@`` before that of an attribute."""
        return self.use.name

    @property
    def path(self) -> str:
        """The path to it from the type that declares it: ``meet:meetingType/metaData``."""
        return f"{self.owner}/{shown(self.name)}"


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a type with children allows."""

    owner: str
    origin: Origin | None
    children: Mapping[str, Child]
    """By name, in the order in which they stand; attributes come last."""
    ordered: bool
    exclusive: frozenset[Names]
    """Pairs of which only one can be there."""
    needs: frozenset[Need]
    """Which elements need others, beside those that are simply required."""
    mixed: bool


def empty(owner: str) -> Content:
    """Return what a type without children allows."""
    return Content(owner, None, {}, True, frozenset(), frozenset(), False)


def shown(name: str) -> str:
    """Return the name of an element or attribute as people write it below its type: without a namespace."""
    at = "@" if name.startswith("@") else ""
    return at + name.rpartition("}")[2].removeprefix("@")


class Flattener:
    """Flattens the types of one set, each once."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._known: dict[int, Content] = {}

    def content(self, type_: ComplexType, owner: str) -> Content:
        """Return the content of a type; ``owner`` is how a type without a name is called. Raises UserError."""
        known = self._known.get(id(type_))
        if known is None:
            known = self._known[id(type_)] = self._flatten(type_, prefixed(type_.name) if type_.name else owner)
        return known

    def resolved(self, reference: TypeRef) -> TypeRef:
        """Return the type that a name stands for; a built-in one stays a name. Raises UserError for no type at all."""
        if not isinstance(reference, str):
            return reference
        found = self.schema.types.get(reference, reference)
        if isinstance(found, str) and found and not found.startswith(f"{{{XS}}}"):
            raise UserError(f"the type {prefixed(found)} is not defined")
        return found

    def _flatten(self, type_: ComplexType, owner: str) -> Content:
        groups: list[Group] = []
        owners: dict[int, str] = {}
        attributes: dict[str, Child] = {}
        for step in self._chain(type_):
            whose = prefixed(step.name) if step.name else owner
            if step.derivation == "restriction":
                groups.clear()
            if step.content is not None:
                group = self._expanded(step.content, ())
                groups.append(group)
                owners |= {id(use): whose for use in _uses(group)}
            for use in self._attributes(step.attributes.uses, step.attributes.groups):
                attributes[use.name] = Child(use, use.least, use.most, whose)
        whole = Group("sequence", 1, 1, tuple(groups))
        first: dict[str, ElementUse] = {}
        for use in _uses(whole):
            first.setdefault(use.name, use)
        bounds = _bounds(whole)
        children = {
            name: Child(use, *bounds[name], owners[id(use)]) for name, use in first.items() if bounds[name][1] > 0
        }
        children |= {name: child for name, child in attributes.items() if child.most > 0}
        return Content(
            owner,
            type_.origin,
            children,
            _ordered(whole),
            _exclusive(whole),
            _needs(whole),
            type_.mixed,
        )

    def _chain(self, type_: ComplexType) -> list[ComplexType]:
        """Return the type after all its bases that have children or attributes."""
        steps = [type_]
        while isinstance(base := self.resolved(steps[0].base), ComplexType):
            if base in steps:
                raise UserError(f"{base.origin.place}: {prefixed(base.name)} is derived from itself")
            steps.insert(0, base)
        return steps

    def _expanded(self, group: Group, around: tuple[str, ...]) -> Group:
        """Return a group with its named groups, and with its elements as their global ones declare them."""
        if group.kind == "group":
            definition = self.schema.groups.get(group.name)
            if definition is None or group.name in around:
                raise UserError(f"the group {prefixed(group.name)} is {'within itself' if around else 'not defined'}")
            return replace(self._expanded(definition, (*around, group.name)), least=group.least, most=group.most)
        parts = (
            self._expanded(part, around) if isinstance(part, Group) else self._declared(part) for part in group.parts
        )
        return replace(group, parts=tuple(parts))

    def _declared(self, use: ElementUse) -> ElementUse:
        if not use.reference:
            return use
        attribute = use.name.startswith("@")
        known = self.schema.attributes if attribute else self.schema.elements
        found = known.get(use.name.removeprefix("@"))
        if found is None and attribute:
            return replace(use, reference=False)  # xml:lang and its like need no file
        if found is None:
            raise UserError(f"{use.origin.place}: {prefixed(use.name)} is not defined")
        default, fixed = (use.default, use.fixed) if attribute else (None, None)
        return replace(
            found,
            least=use.least,
            most=use.most,
            origin=use.origin,
            default=default or found.default,
            fixed=fixed or found.fixed,
        )

    def _attributes(self, uses: tuple[ElementUse, ...], groups: tuple[str, ...]) -> Iterator[ElementUse]:
        yield from map(self._declared, uses)
        waiting, seen = [*groups], set[str]()
        while waiting:
            name = waiting.pop()
            group = self.schema.attribute_groups.get(name)
            if group is None:
                raise UserError(f"the attribute group {prefixed(name)} is not defined")
            if name not in seen:
                seen.add(name)
                yield from map(self._declared, group.uses)
                waiting += group.groups


def _uses(part: Group | ElementUse) -> Iterator[ElementUse]:
    """Yield the elements of a group in order; the branches of a choice, which has none, by their names."""
    if isinstance(part, ElementUse):
        yield part
        return
    branches = [list(_uses(inner)) for inner in part.parts]
    if part.kind == "choice":
        branches.sort(key=lambda uses: [use.name for use in uses])
    yield from chain.from_iterable(branches)


def _bounds(part: Group | ElementUse) -> dict[str, tuple[int, int]]:
    """Return how often each element can stand in a part at least and at most."""
    if isinstance(part, ElementUse):
        return {part.name: (part.least, part.most)}
    branches = [_bounds(inner) for inner in part.parts]
    found: dict[str, tuple[int, int]] = {}
    for name in dict.fromkeys(chain.from_iterable(branches)):
        least, most = zip(*(branch.get(name, (0, 0)) for branch in branches), strict=True)
        together = (min, max) if part.kind == "choice" else (sum, sum)
        found[name] = (
            min(UNBOUNDED, together[0](least) * part.least),
            min(UNBOUNDED, together[1](most) * part.most),
        )
    return found


def _ordered(part: Group | ElementUse) -> bool:
    """Tell whether the order of the elements is given."""
    if isinstance(part, ElementUse):
        return True
    free = part.kind == "all" or part.most > 1
    return not (free and len({use.name for use in _uses(part)}) > 1) and all(map(_ordered, part.parts))


def _exclusive(whole: Group) -> frozenset[Names]:
    if not _has_choice(whole):
        return frozenset()
    names = sorted({use.name for use in _uses(whole)})
    return frozenset(frozenset(pair) for pair in combinations(names, 2)) - _together(whole)


def _has_choice(part: Group | ElementUse) -> bool:
    return isinstance(part, Group) and (part.kind == "choice" or any(map(_has_choice, part.parts)))


def _together(part: Group | ElementUse) -> frozenset[Names]:
    """Return the pairs of names that can stand in one instance of a part."""
    if isinstance(part, ElementUse):
        return frozenset()
    within = frozenset(chain.from_iterable(map(_together, part.parts)))
    if part.kind == "choice" and part.most <= 1:
        return within
    names = [{use.name for use in _uses(inner)} for inner in part.parts]
    if part.most > 1:
        names *= 2
    crossed = chain.from_iterable(product(one, other) for one, other in combinations(names, 2))
    return within | {frozenset(pair) for pair in crossed if pair[0] != pair[1]}


def _needs(whole: Group) -> frozenset[Need]:
    """Return what elements need, without what follows from the rest."""
    if not _is_nested(whole):
        return frozenset()
    found = {("", names) for names in _required(whole)} | set(_dependent(whole))
    return frozenset(need for need in found if not any(follows(need, other) for other in found if other != need))


def follows(need: Need, other: Need) -> bool:
    """Tell whether a need is met wherever another one is."""
    return other[0] in ("", need[0]) and (other[1] <= need[1] or need[0] in need[1])


def _is_nested(whole: Group) -> bool:
    """Tell whether some elements can be there only with others: not, where each stands in the sequence by itself."""
    return any(
        isinstance(inner, Group) and (inner.kind == "choice" or inner.least == 0 or _is_nested(inner))
        for inner in whole.parts
    )


def _required(part: Group | ElementUse) -> Iterator[Names]:
    """Yield sets of which each has one in whatever a part lets in; none for a part that can be left out."""
    if part.least == 0:
        return
    if isinstance(part, ElementUse):
        yield frozenset({part.name})
    elif part.kind != "choice":
        yield from chain.from_iterable(map(_required, part.parts))
    else:
        branches = [list(_required(inner)) for inner in part.parts]
        if prod(map(len, branches)) <= _MOST_NEEDS:
            yield from (frozenset[str]().union(*sets) for sets in product(*branches))


def _dependent(part: Group | ElementUse) -> Iterator[Need]:
    if isinstance(part, ElementUse):
        return
    yield from chain.from_iterable(map(_dependent, part.parts))
    if part.kind == "choice":
        return
    required = [frozenset(_required(inner)) for inner in part.parts]
    for number, inner in enumerate(part.parts):
        others = frozenset[Names]().union(*(sets for other, sets in enumerate(required) if other != number))
        yield from ((use.name, names) for use in _uses(inner) for names in others)


def has_value(type_: TypeRef) -> bool:
    """Tell whether what is of a resolved type has a value, and no children."""
    if isinstance(type_, ComplexType):
        return type_.simple
    return isinstance(type_, SimpleType) or type_ != ANY_TYPE
