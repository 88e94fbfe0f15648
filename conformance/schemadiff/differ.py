"""From two sets of components to findings: along the messages of each operation, each pair of types compared once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.errors import UserError
from conformance.schemadiff.compare import Comparison, Difference, Edge, Path
from conformance.schemadiff.components import ComplexType, Origin, Schema
from conformance.schemadiff.content import Content, Flattener, empty
from conformance.schemadiff.model import Finding
from conformance.schemadiff.nesting import Occurrence, joined
from conformance.schemadiff.operations import ELSEWHERE, EVERY, MESSAGE, Body, operations
from conformance.schemadiff.rules import DIRECTIONS, RULES, Direction, Severity
from conformance.schemadiff.unchanged import changed_types
from conformance.wire.names import prefixed

_MOST_PLACES = 6
"""Places of a type in the messages of one operation that are told; a type within itself has no end of them."""

_SEVERITIES = [*Severity]
_Key = tuple[int, int]
_Same = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two types that take each other's place."""

    differences: Sequence[Difference]
    edges: Sequence[tuple[str, _Key]]
    siblings: frozenset[str]


def diff_schemas(old: Schema, new: Schema) -> list[Finding]:
    """Return what differs on the wire, heaviest first. Raises UserError for a set of another API, or not whole."""
    return _Differ(old, new).findings()


class _Differ:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = Flattener(old), Flattener(new)
        self._comparison = Comparison(self._old, self._new)
        self._pairs: dict[_Key, _Pair] = {}
        self._changed = changed_types(old, new)

    def findings(self) -> list[Finding]:
        gathered = _Gathered()
        for name, direction, root in self._roots(gathered):
            found = list(self._occurrences(root, direction, envelope=name == EVERY))
            for one in joined(found, self._old, self._new):
                gathered.add(name, direction, one)
        return gathered.findings()

    def _roots(self, gathered: _Gathered) -> Iterator[tuple[str, Direction, _Key]]:
        """Yield where the messages of each operation begin; tell ``gathered`` of those that one side alone has."""
        old, new = operations(self._old.schema), operations(self._new.schema)
        if not old or not new:
            raise UserError("no type derives from serv:bodyContentType, so these are no schemas of this API")
        for name in sorted(old.keys() | new.keys()):
            before, after = old.get(name), new.get(name)
            if before is None or after is None:
                rule = "OPERATION_ADDED" if before is None else "OPERATION_REMOVED"
                gathered.add(name, "request", self._whole(rule, before, after))
                continue
            for direction in DIRECTIONS:
                one, other = before.type(direction), after.type(direction)
                if one and other and {one, other} & self._changed:
                    yield name, direction, self._explored(self._body(one, self._old), self._body(other, self._new))
                elif bool(one) is not bool(other):
                    rule = f"{direction.upper()}_TYPE_{'ADDED' if other else 'REMOVED'}"
                    gathered.add(name, direction, self._whole(rule, Body(one), Body(other)))
        message = [types.schema.elements.get(MESSAGE) for types in (self._old, self._new)]
        if message[0] is not None and message[1] is not None:
            one_type, other_type = self._old.resolved(message[0].type), self._new.resolved(message[1].type)
            if isinstance(one_type, ComplexType) and isinstance(other_type, ComplexType):
                root = self._explored(one_type, other_type, prefixed(MESSAGE))
                yield from ((EVERY, direction, root) for direction in DIRECTIONS)

    def _body(self, name: str, types: Flattener) -> ComplexType:
        type_ = types.schema.types[name]
        assert isinstance(type_, ComplexType)  # noqa: S101 - only such derive from bodyContentType
        return type_

    def _whole(self, rule: str, before: Body | None, after: Body | None) -> Occurrence:
        """Return an operation, or one of its types, that one side alone has."""
        origins: list[Origin | None] = []
        names: list[str] = []
        for body, types in ((before, self._old), (after, self._new)):
            told = [name for name in (body.request, body.response) if name] if body else []
            origins.append(types.schema.types[told[0]].origin if told else None)
            names += told
        directions: Mapping[Direction, str] = dict.fromkeys(DIRECTIONS, rule)
        path = prefixed(names[0])
        difference = Difference(
            directions, path, before=origins[0], after=origins[1], names=frozenset(map(prefixed, names))
        )
        return Occurrence(difference, (), frozenset())

    def _explored(self, old: ComplexType, new: ComplexType, owner: str = "") -> _Key:
        """Compare two types and all below them, as far as that was not done before; return the key of the pair."""
        root = Edge("", old, new, owner)
        waiting = [root]
        while waiting:
            edge = waiting.pop()
            key = _key(edge)
            if key not in self._pairs:
                one, other = _content(edge.old, self._old, edge.owner), _content(edge.new, self._new, edge.owner)
                differences, edges = self._comparison.of(one, other)
                edges = [inner for inner in edges if inner.old is not inner.new or self._is_changed(inner.old)]
                self._pairs[key] = _Pair(
                    differences,
                    [(inner.name, _key(inner)) for inner in edges],
                    frozenset(one.children.keys() | other.children.keys()),
                )
                waiting += edges
        return _key(root)

    def _is_changed(self, type_: ComplexType | None) -> bool:
        return type_ is None or not type_.name or type_.name in self._changed

    def _occurrences(self, root: _Key, direction: Direction, *, envelope: bool) -> Iterator[Occurrence]:
        """Yield the differences of the messages that begin with a pair, each where it is."""
        counts: Counter[_Key] = Counter()
        waiting: list[tuple[_Key, Path, frozenset[_Key]]] = [(root, (), frozenset())]
        while waiting:
            key, path, around = waiting.pop()
            counts[key] += 1
            pair = self._pairs[key]
            for difference in pair.differences:
                place = (*path, difference.child) if difference.child else path
                if not (envelope and ELSEWHERE[direction] in place):
                    yield Occurrence(difference, place, pair.siblings)
            waiting += [
                (inner, (*path, name), around | {key})
                for name, inner in pair.edges
                if inner not in around and inner != key and counts[inner] < _MOST_PLACES
                if not (envelope and name == ELSEWHERE[direction])
            ]


def _key(edge: Edge) -> _Key:
    return id(edge.old), id(edge.new)


def _content(type_: ComplexType | None, types: Flattener, owner: str) -> Content:
    return empty(owner) if type_ is None else types.content(type_, owner)


class _Gathered:
    """Differences from all operations, each once."""

    def __init__(self) -> None:
        self._first: dict[_Same, Difference] = {}
        self._places: defaultdict[_Same, defaultdict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
        self._siblings: defaultdict[_Same, set[str]] = defaultdict(set)
        self._names: defaultdict[_Same, set[str]] = defaultdict(set)

    def add(self, operation: str, direction: Direction, one: Occurrence) -> None:
        """Take a difference of one operation."""
        difference = one.difference
        told = (difference.path, difference.subject, difference.old, difference.new)
        key = (difference.rules[direction], *told)
        self._first.setdefault(key, difference)
        places = self._places[key][operation]
        if one.path not in places and len(places) < _MOST_PLACES:
            places.append(one.path)
        self._siblings[key] |= one.siblings
        self._names[key] |= difference.names

    def findings(self) -> list[Finding]:
        """Return all, heaviest first."""
        found = [
            Finding(
                rule=RULES[key[0]],
                path=difference.path,
                subject=difference.subject,
                old=difference.old,
                new=difference.new,
                before=difference.before,
                after=difference.after,
                elements={name: tuple(sorted(places)) for name, places in sorted(self._places[key].items())},
                siblings=frozenset(self._siblings[key]),
                names=frozenset(self._names[key]),
            )
            for key, difference in self._first.items()
        ]
        return sorted(found, key=_weight)


def _weight(finding: Finding) -> tuple[object, ...]:
    told = (finding.path, finding.rule.id, finding.subject, finding.old, finding.new)
    return (_SEVERITIES.index(finding.severity), *told)
