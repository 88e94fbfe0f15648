"""Content models as values: which elements may follow each other in a complex type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from xmlschema.validators import XsdAnyElement, XsdComplexType, XsdElement, XsdGroup, XsdType

from conformance.xsdgen.errors import Unsupported

XS = "{http://www.w3.org/2001/XMLSchema}"
ANY_TYPE = f"{XS}anyType"


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One element: the declared one, or what may be substituted for it."""

    declarations: Mapping[str, XsdElement]

    def takes(self, tag: str) -> bool:
        """Tell whether an element of that name may stand here."""
        return tag in self.declarations


@dataclass(frozen=True, slots=True, eq=False)
class Anything:
    """A wildcard."""

    wildcard: XsdAnyElement

    def takes(self, tag: str) -> bool:
        """Tell whether the namespace of that name is allowed here."""
        return bool(self.wildcard.is_namespace_allowed(namespace_of(tag)))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A ``sequence``, a ``choice`` or an ``all``."""

    kind: str
    particles: tuple[Particle, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Particle:
    """How often something may stand in its place; ``most`` is None where there is no end."""

    term: Leaf | Anything | Group
    least: int
    most: int | None
    emptiable: bool = field(init=False)
    """Whether nothing at all may stand here."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "emptiable", self._may_be_empty())

    def _may_be_empty(self) -> bool:
        if self.least == 0 or self.most == 0:
            return True
        if not isinstance(self.term, Group):
            return False
        inner = [particle.emptiable for particle in self.term.particles]
        return any(inner) or not inner if self.term.kind == "choice" else all(inner)


@lru_cache(maxsize=4096)
def content_of(type_: XsdComplexType) -> Particle | None:
    """Return the content model of a complex type; None where it is a simple type or empty."""
    content = type_.content
    if not isinstance(content, XsdGroup):
        return None
    particle = _particle(content)
    return particle if _holds_anything(particle) else None


def is_complex(type_: XsdType) -> bool:
    """Tell whether elements of the type may have children, if only in principle: no simple type, no simple content."""
    return isinstance(type_, XsdComplexType) and isinstance(type_.content, XsdGroup)


def namespace_of(tag: str) -> str:
    """Return the namespace of a name in Clark notation; empty for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def first_misplaced(particle: Particle, tags: Iterable[str]) -> int | None:
    """Return the index of the first child that may not stand where it stands.

    The index one past the last child means that more children are needed; None that all is well.
    """
    states: list[_State] = [((particle, particle.least, particle.most),)]
    index = -1
    for index, tag in enumerate(tags):
        states = [after for state in states for after in _steps(state, tag)]
        if not states:
            return index
    return None if any(_may_end(state) for state in states) else index + 1


def _particle(component: XsdElement | XsdAnyElement | XsdGroup) -> Particle:
    term: Leaf | Anything | Group
    if isinstance(component, XsdElement):
        term = Leaf(_declarations(component))
    elif isinstance(component, XsdAnyElement):
        term = Anything(component)
    else:
        term = Group(component.model, tuple(_particle(inner) for inner in component))
    return Particle(term, component.min_occurs, component.max_occurs)


def _declarations(element: XsdElement) -> dict[str, XsdElement]:
    declarations = [] if element.abstract else [element]
    # The order of xmlschema's set changes from run to run.
    declarations += sorted(element.iter_substitutes(), key=lambda substitute: str(substitute.name))
    if not declarations:
        raise Unsupported(f"element {element.name}: it is abstract and nothing can be substituted for it")
    return {str(declaration.name): declaration for declaration in declarations}


def _holds_anything(particle: Particle) -> bool:
    if particle.most == 0:
        return False
    return not isinstance(particle.term, Group) or any(map(_holds_anything, particle.term.particles))


_Item = tuple[Particle, int, int | None]
_State = tuple[_Item, ...]
"""What is still to come, in order: each with how often it must and may still stand there."""


def _item(particle: Particle) -> _Item:
    return particle, particle.least, particle.most


def _steps(state: _State, tag: str) -> list[_State]:
    """Return what may follow when ``tag`` has been read; nothing where it may not stand."""
    found: list[_State] = []
    for number, (particle, least, most) in enumerate(state):
        entered = _enter(particle, tag) if most != 0 else []
        if entered:
            again = (particle, max(least - 1, 0), None if most is None else most - 1)
            found += [(*inner, again, *state[number + 1 :]) for inner in entered]
        if least and most != 0 and not particle.emptiable:
            break
    return found


def _enter(particle: Particle, tag: str) -> list[_State]:
    term = particle.term
    if not isinstance(term, Group):
        return [()] if term.takes(tag) else []
    if term.kind == "sequence":
        return _steps(tuple(map(_item, term.particles)), tag)
    found: list[_State] = []
    for chosen in term.particles:
        inner = _steps((_item(chosen),), tag)
        if term.kind == "all":
            others = Group("all", tuple(other for other in term.particles if other is not chosen))
            inner = [(*state, (Particle(others, 1, 1), 1, 1)) for state in inner]
        found += inner
    return found


def _may_end(state: _State) -> bool:
    return all(least == 0 or particle.emptiable for particle, least, _ in state)
