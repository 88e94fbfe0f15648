"""Two contents held against each other, one level deep: what differs, and which children to look into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.schemadiff.components import ANY_TYPE, UNBOUNDED, ComplexType, ElementUse, Origin, TypeRef
from conformance.schemadiff.content import Child, Content, Flattener, Names, follows, has_value, shown
from conformance.schemadiff.rules import DIRECTIONS, Direction
from conformance.schemadiff.values import compare_values, values_of
from conformance.wire.names import prefixed

Path = tuple[str, ...]
"""An element of a message: the full names on the way from bodyContent to it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two types, with the rule that finds it in each direction."""

    rules: Mapping[Direction, str]
    path: str
    """The same whichever way the sets are compared: ``meet:meetingType/metaData``, ``com:serviceType``."""
    subject: str = ""
    """What of it, where one place can have several such differences: a value, a facet."""
    old: str = ""
    new: str = ""
    before: Origin | None = None
    after: Origin | None = None
    names: frozenset[str] = frozenset()
    """All names of the place: by the type that declares it, and by those that take it from there."""
    child: str = ""
    """The child that it is about; empty where it is about the content as a whole."""
    gone: ElementUse | None = None
    """The element, where it is in the old set alone."""
    come: ElementUse | None = None
    """The element, where it is in the new set alone."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A child of both types whose own types have children or attributes; None where one has none."""

    name: str
    old: ComplexType | None
    new: ComplexType | None
    owner: str


def both(aspect: str) -> Mapping[Direction, str]:
    """Return the rules of an aspect that is looked at in both directions in the same way."""
    return {direction: f"{direction.upper()}_{aspect}" for direction in DIRECTIONS}


class Comparison:
    """Compares contents of two sets; tells nothing twice that two types with the same base have from it."""

    def __init__(self, old: Flattener, new: Flattener) -> None:
        self._old = old
        self._new = new

    def of(self, old: Content, new: Content) -> tuple[list[Difference], list[Edge]]:
        """Return what differs between two contents, and what is to be compared below them."""
        renamed = _same_local_names(old, new)
        common = [(child, new.children[name]) for name, child in old.children.items() if name in new.children]
        pairs = [*common, *((old.children[one], new.children[other]) for one, other in renamed.items())]
        found = [
            *_gone(old, new, renamed),
            *_come(old, new, renamed),
            *_renamed(old, new, renamed),
            *_order(old, new),
            *_together(old, new),
            *_text(old, new),
        ]
        edges: list[Edge] = []
        for one, other in pairs:
            found += _occurrence(old, new, one, other)
            found += _declaration(old, new, one, other)
            found += self._type(old, new, one, other)
            edges += self._below(one, other)
        return found, edges

    def _type(self, old: Content, new: Content, one: Child, other: Child) -> Iterator[Difference]:
        before, after = self._old.resolved(one.use.type), self._new.resolved(other.use.type)
        path, names = _path(one, other), _names(old, new, one.name, other.name)
        origins = one.use.origin, other.use.origin
        if has_value(before) and has_value(after):
            mine, theirs = values_of(before, self._old), values_of(after, self._new)
            named = _shared_name(before, after)
            for aspect, subject, was, is_ in compare_values(mine, theirs):
                at = (mine.enumeration.get(subject), theirs.enumeration.get(subject))
                was_at, is_at = _origins(before, after) if named else origins
                enumerated = aspect.startswith("ENUM")
                yield Difference(
                    both(aspect),
                    named or path,
                    subject,
                    was,
                    is_,
                    at[0] if enumerated and at[0] else was_at,
                    at[1] if enumerated and at[1] else is_at,
                    names | ({named} if named else set()),
                    other.name,
                )
        elif ANY_TYPE in (before, after) and before != after:
            aspect = "TYPE_WIDENED" if after == ANY_TYPE else "TYPE_NARROWED"
            texts = self._told(before, self._old), self._told(after, self._new)
            yield Difference(both(aspect), path, "", *texts, *origins, names, other.name)
        elif has_value(before) is not has_value(after):
            texts = self._told(before, self._old), self._told(after, self._new)
            yield Difference(both("TYPE_CHANGED"), path, "", *texts, *origins, names, other.name)

    def _told(self, type_: TypeRef, types: Flattener) -> str:
        if type_ == ANY_TYPE:
            return "anything"
        return values_of(type_, types).text if has_value(type_) else "elements"

    def _below(self, one: Child, other: Child) -> Iterator[Edge]:
        before, after = self._old.resolved(one.use.type), self._new.resolved(other.use.type)
        if has_value(before) is not has_value(after) or ANY_TYPE in (before, after):
            return
        old = before if isinstance(before, ComplexType) else None
        new = after if isinstance(after, ComplexType) else None
        if old is not None or new is not None:
            yield Edge(other.name, old, new, _path(one, other))


def _path(one: Child, other: Child) -> str:
    """Return the path of a child that may be declared in another type by now, the same from either side."""
    return min(one.path, other.path)


def _names(old: Content, new: Content, *names: str) -> frozenset[str]:
    found = {f"{content.owner}/{shown(name)}" for content in (old, new) for name in names}
    children = (content.children.get(name) for content in (old, new) for name in names)
    return frozenset(found | {child.path for child in children if child})


def _shared_name(before: TypeRef, after: TypeRef) -> str:
    """Return the name of two types where they have the same, for people; empty where they have none."""
    one, other = (getattr(type_, "name", "") for type_ in (before, after))
    return prefixed(one) if one and one == other else ""


def _origins(before: TypeRef, after: TypeRef) -> tuple[Origin | None, Origin | None]:
    return getattr(before, "origin", None), getattr(after, "origin", None)


def _same_local_names(old: Content, new: Content) -> dict[str, str]:
    """Return the children that are only of another namespace now."""
    gone = [name for name in old.children if name not in new.children]
    come = [name for name in new.children if name not in old.children]
    counts = [shown(name) for name in (*gone, *come)]
    return {
        one: other for one in gone for other in come if shown(one) == shown(other) and counts.count(shown(one)) == 2
    }


def _gone(old: Content, new: Content, renamed: Mapping[str, str]) -> Iterator[Difference]:
    for name, child in old.children.items():
        if name not in new.children and name not in renamed:
            response = "RESPONSE_ELEMENT_REMOVED" if child.least else "RESPONSE_OPTIONAL_ELEMENT_REMOVED"
            rules: Mapping[Direction, str] = {"request": "REQUEST_ELEMENT_REMOVED", "response": response}
            names = _names(old, new, name)
            yield Difference(
                rules,
                child.path,
                old=_described(child),
                before=child.use.origin,
                names=names,
                child=name,
                gone=child.use,
            )


def _come(old: Content, new: Content, renamed: Mapping[str, str]) -> Iterator[Difference]:
    known = {*renamed.values(), *(name for name in new.children if name in old.children)}
    order = [name for name in new.children if not name.startswith("@")]
    last = max((number for number, name in enumerate(order) if name in known), default=-1)
    for name, child in new.children.items():
        if name in old.children or name in known:
            continue
        amid = new.ordered and name in order and order.index(name) < last
        rules: Mapping[Direction, str] = {
            "request": f"REQUEST_ELEMENT_ADDED_{'REQUIRED' if child.least else 'OPTIONAL'}",
            "response": f"RESPONSE_ELEMENT_{'ADDED' if amid else 'APPENDED'}",
        }
        yield Difference(
            rules,
            child.path,
            new=_described(child),
            after=child.use.origin,
            names=_names(old, new, name),
            child=name,
            come=child.use,
        )


def _renamed(old: Content, new: Content, renamed: Mapping[str, str]) -> Iterator[Difference]:
    for one, other in renamed.items():
        before, after = old.children[one], new.children[other]
        texts = (_namespace(one), _namespace(other))
        origins = before.use.origin, after.use.origin
        names = _names(old, new, one, other)
        yield Difference(both("NAMESPACE_CHANGED"), _path(before, after), "", *texts, *origins, names, other)


def _namespace(name: str) -> str:
    return name.removeprefix("@").removeprefix("{").partition("}")[0] if "{" in name else "no namespace"


def _described(child: Child) -> str:
    """Return an element in a few words: ``required xs:string``, ``optional meet:options, up to 5 times``."""
    type_ = child.use.type
    name = type_ if isinstance(type_, str) else type_.name
    told = name.replace("{http://www.w3.org/2001/XMLSchema}", "xs:") if name.startswith("{http://www.w3") else ""
    kind = told or (prefixed(name) if name else "a type of its own")
    times = f", {_times(child.most)}" if child.most > 1 else ""
    return f"{'required' if child.least else 'optional'} {child.use.rule or kind}{times}"


def _times(most: int) -> str:
    return "once" if most == 1 else "any number of times" if most >= UNBOUNDED else f"up to {most} times"


def _order(old: Content, new: Content) -> Iterator[Difference]:
    mine = [name for name in old.children if name in new.children and not name.startswith("@")]
    theirs = [name for name in new.children if name in old.children and not name.startswith("@")]
    if old.ordered is not new.ordered and len(mine) > 1:
        aspect = "ORDER_FIXED" if new.ordered else "ORDER_FREED"
        yield _of_content(aspect, old, new, ())
    elif old.ordered and new.ordered and mine != theirs:
        staying = {*_longest_common(mine, theirs)}
        for name in (name for name in mine if name not in staying):
            before, after = old.children[name], new.children[name]
            texts = _previous(mine, name), _previous(theirs, name)
            origins = before.use.origin, after.use.origin
            names = _names(old, new, name)
            yield Difference(both("ELEMENT_MOVED"), _path(before, after), "", *texts, *origins, names, name)


def _previous(order: Sequence[str], name: str) -> str:
    at = order.index(name)
    return shown(order[at - 1]) if at else "nothing"


def _longest_common(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Return the most names that are in the same order in both; of several such, the first by name.

    So what is left, which is what moved, is the same whichever of both is the old order.
    """
    place = {name: number for number, name in enumerate(other)}
    best: dict[str, tuple[int, tuple[str, ...]]] = {}
    for number, name in reversed([*enumerate(one)]):
        later = (best[after] for after in one[number + 1 :] if place[after] > place[name])
        length, rest = min(later, default=(0, ()))
        best[name] = (length - 1, (name, *rest))
    return min(best.values())[1]


def _together(old: Content, new: Content) -> Iterator[Difference]:
    common = frozenset(old.children.keys() & new.children.keys())
    for aspect, pairs in (
        ("MADE_EXCLUSIVE", new.exclusive - old.exclusive),
        ("NO_LONGER_EXCLUSIVE", old.exclusive - new.exclusive),
    ):
        for pair in _sorted(pairs):
            if pair <= common:
                yield _of_content(aspect, old, new, pair)
    yield from _needed(old, new)


def _needed(old: Content, new: Content) -> Iterator[Difference]:
    """Yield which elements need others by one content and not by the other one."""
    for mine, other, one_of, dependent in (
        (new, old, "ONE_OF_REQUIRED", "MADE_DEPENDENT"),
        (old, new, "ONE_OF_NOT_REQUIRED", "NO_LONGER_DEPENDENT"),
    ):
        known = [(first, names & mine.children.keys()) for first, names in other.needs]
        for need in sorted(mine.needs, key=lambda need: (need[0], sorted(need[1]))):
            first, names = need
            told = not first and len(names) == 1  # as required
            if not told and first in {"", *other.children} and not any(follows(need, one) for one in known):
                yield _of_content(dependent if first else one_of, old, new, names, first)


def _sorted(sets: Iterable[Names]) -> list[Names]:
    return sorted(sets, key=sorted)


def _of_content(aspect: str, old: Content, new: Content, names: Iterable[str], first: str = "") -> Difference:
    """Return a difference that is about some children together, or all of them; ``first`` needs the others."""
    concerned = {*names, *filter(None, [first])}
    children = [content.children[name] for content in (old, new) for name in concerned & content.children.keys()]
    owners = {child.owner for child in children}
    path = owners.pop() if len(owners) == 1 else min(old.owner, new.owner)
    subject = ", ".join(map(shown, sorted(names)))
    subject = f"{shown(first)} without {subject.replace(', ', ' or ')}" if first else subject
    origins = old.origin, new.origin
    return Difference(both(aspect), path, subject, "", "", *origins, frozenset({old.owner, new.owner, path}))


def _text(old: Content, new: Content) -> Iterator[Difference]:
    if old.mixed is not new.mixed:
        aspect = "FACET_LOOSENED" if new.mixed else "FACET_TIGHTENED"
        texts = ("not allowed", "allowed") if new.mixed else ("allowed", "not allowed")
        origins = old.origin, new.origin
        path = min(old.owner, new.owner)
        yield Difference(both(aspect), path, "text between elements", *texts, *origins, frozenset({path}))


def _occurrence(old: Content, new: Content, one: Child, other: Child) -> Iterator[Difference]:
    path, names = _path(one, other), _names(old, new, one.name, other.name)
    origins = one.use.origin, other.use.origin
    if one.least != other.least:
        if not one.least or not other.least:
            aspect = "ELEMENT_MADE_REQUIRED" if other.least else "ELEMENT_MADE_OPTIONAL"
            texts = ("optional", "required") if other.least else ("required", "optional")
        else:
            aspect = "CARDINALITY_NARROWED" if other.least > one.least else "CARDINALITY_WIDENED"
            texts = f"at least {one.least} times", f"at least {other.least} times"
        yield Difference(both(aspect), path, "least", *texts, *origins, names, other.name)
    if one.most != other.most:
        if 1 in (one.most, other.most):
            aspect = "ELEMENT_REPEATS" if other.most > 1 else "ELEMENT_NO_LONGER_REPEATS"
        else:
            aspect = "CARDINALITY_NARROWED" if other.most < one.most else "CARDINALITY_WIDENED"
        texts = _times(one.most), _times(other.most)
        yield Difference(both(aspect), path, "most", *texts, *origins, names, other.name)


def _declaration(old: Content, new: Content, one: Child, other: Child) -> Iterator[Difference]:
    """Yield what differs of an element beside how often it stands there and its type."""
    path, names = _path(one, other), _names(old, new, one.name, other.name)
    before, after = one.use, other.use
    told: list[tuple[str, str, str, str]] = []
    if before.default != after.default:
        told.append(("DEFAULT_CHANGED", "", _quoted(before.default), _quoted(after.default)))
    if before.fixed != after.fixed:
        kept = before.fixed is not None and after.fixed is not None
        aspect = "FACET_CHANGED" if kept else "FACET_TIGHTENED" if before.fixed is None else "FACET_LOOSENED"
        told.append((aspect, "fixed value", _quoted(before.fixed), _quoted(after.fixed)))
    if before.rule != after.rule:
        told.append(("FACET_CHANGED", "wildcard", before.rule, after.rule))
    if before.nillable is not after.nillable:
        told.append(("MADE_NILLABLE" if after.nillable else "NO_LONGER_NILLABLE", "", "", ""))
    for aspect, subject, was, is_ in told:
        yield Difference(both(aspect), path, subject, was, is_, before.origin, after.origin, names, other.name)


def _quoted(text: str | None) -> str:
    return "none" if text is None else f"'{text}'"
