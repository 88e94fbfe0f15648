"""An element that left one place and came to another one above or below it is one difference, not two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.schemadiff.compare import Difference, Path, both
from conformance.schemadiff.components import ComplexType, ElementUse, TypeRef
from conformance.schemadiff.content import Flattener, shown

_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A difference where it is in the messages of one operation and direction."""

    difference: Difference
    path: Path
    siblings: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """An element that is on one side only: itself a difference, or within one that is."""

    path: Path
    type: TypeRef
    at: Occurrence | None


def joined(found: Sequence[Occurrence], old: Flattener, new: Flattener) -> list[Occurrence]:
    """Return the differences of one operation and direction, each pair of a gone and a come element as one."""
    gone, come = _places(found, old, gone=True), _places(found, new, gone=False)
    result = list(found)
    for name in sorted(gone.keys() & come.keys()):
        if len(gone[name]) == len(come[name]) == 1:
            (was,), (is_,) = gone[name], come[name]
            if _along(was.path, is_.path) and _alike(was.type, is_.type) and (was.at or is_.at):
                result = [one for one in result if one is not was.at and one is not is_.at]
                result.append(_moved(was, is_))
    return result


def _places(found: Sequence[Occurrence], types: Flattener, *, gone: bool) -> dict[str, list[_Place]]:
    places: defaultdict[str, list[_Place]] = defaultdict(list)
    for one in found:
        use = one.difference.gone if gone else one.difference.come
        if use is not None:
            places[use.name].append(_Place(one.path, use.type, one))
            for path, inner in _within(use, one.path, types, ()):
                places[inner.name].append(_Place(path, inner.type, None))
    return places


def _within(
    use: ElementUse, path: Path, types: Flattener, around: tuple[ComplexType, ...]
) -> Iterator[tuple[Path, ElementUse]]:
    type_ = types.resolved(use.type)
    if not isinstance(type_, ComplexType) or type_ in around or len(around) > _DEPTH:
        return
    for name, child in types.content(type_, "").children.items():
        yield (*path, name), child.use
        yield from _within(child.use, (*path, name), types, (*around, type_))


def _along(one: Path, other: Path) -> bool:
    """Tell whether what one path's element stands in is around what the other's stands in."""
    inner, outer = sorted((one[:-1], other[:-1]), key=len, reverse=True)
    return inner != outer and inner[: len(outer)] == outer


def _alike(one: TypeRef, other: TypeRef) -> bool:
    names = [type_ if isinstance(type_, str) else type_.name for type_ in (one, other)]
    return names[0] == names[1]


def _moved(was: _Place, is_: _Place) -> Occurrence:
    told = [one.at for one in (was, is_) if one.at is not None]
    first = min(told, key=lambda one: one.difference.path)
    difference = replace(
        first.difference,
        rules=both("NESTING_CHANGED"),
        old="/".join(map(shown, was.path)),
        new="/".join(map(shown, is_.path)),
        before=was.at.difference.before if was.at else None,
        after=is_.at.difference.after if is_.at else None,
        names=frozenset().union(*(one.difference.names for one in told)),
    )
    return Occurrence(difference, was.path, first.siblings)
