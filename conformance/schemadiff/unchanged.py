"""Which types are the very same in two sets: releases share most of their files, and what is shared is not compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from conformance.schemadiff.components import AttributeGroup, ComplexType, ElementUse, Group, Schema, SimpleType

_Component: TypeAlias = SimpleType | ComplexType | ElementUse | Group | AttributeGroup
_KINDS = ("types", "elements", "attributes", "groups", "attribute_groups")
_Key = tuple[str, str]


def changed_types(old: Schema, new: Schema) -> set[str]:
    """Return the names of all types that were read from other files in both sets, or need something that was."""
    waiting: list[_Key] = []
    users: defaultdict[_Key, list[_Key]] = defaultdict(list)
    for kind in _KINDS:
        mine, theirs = getattr(old, kind), getattr(new, kind)
        for name in mine.keys() | theirs.keys():
            if mine.get(name) is not theirs.get(name):
                waiting.append((kind, name))
            else:
                for needed in _needed(mine[name]):
                    users[needed].append((kind, name))
    changed: set[_Key] = set()
    while waiting:
        key = waiting.pop()
        if key not in changed:
            changed.add(key)
            waiting += users[key]
    return {name for kind, name in changed if kind == "types"}


def _needed(component: _Component) -> Iterator[_Key]:
    """Yield the global components that one refers to, itself or by what is written within it."""
    waiting: list[_Component | str | None] = [component]
    while waiting:
        match waiting.pop():
            case str() as name:
                yield "types", name
            case SimpleType() as type_:
                waiting += [type_.base, *type_.members]
            case ComplexType() as type_:
                waiting += [type_.base, type_.content, type_.attributes, type_.text]
            case Group() as group:
                yield "groups", group.name
                waiting += group.parts
            case AttributeGroup() as group:
                yield from (("attribute_groups", name) for name in group.groups)
                waiting += group.uses
            case ElementUse(reference=True, name=name):
                yield "attributes" if name.startswith("@") else "elements", name.removeprefix("@")
            case ElementUse() as use:
                waiting.append(use.type)
