"""Ways to put strategies together; None stands for what can not be generated without an end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_K = TypeVar("_K")
_V = TypeVar("_V")

_SELDOM = 15
_sixteenth = st.integers(0, _SELDOM)


def either(choices: Iterable[SearchStrategy[_V] | None]) -> SearchStrategy[_V] | None:
    """Return one of the choices that are possible; None where none is."""
    possible = [choice for choice in choices if choice is not None]
    return st.one_of(possible) if possible else None


def mostly(usual: SearchStrategy[_V], seldom: SearchStrategy[_V]) -> SearchStrategy[_V]:
    """Return the first, and one time in sixteen the second."""
    return _sixteenth.flatmap(lambda number: seldom if number == _SELDOM else usual)


def chosen(
    required: Mapping[_K, SearchStrategy[_V]], optional: Mapping[_K, SearchStrategy[_V]]
) -> SearchStrategy[dict[_K, _V]]:
    """Return all that is required with some of what is optional: usually little, now and then all of it.

    ``fixed_dictionaries`` would take half of it and shuffle the keys; types can have a hundred optional children.
    """
    fixed = st.tuples(*required.values()).map(lambda values: dict(zip(required, values, strict=True)))
    if not optional:
        return fixed
    pairs = [_keyed(key, strategy) for key, strategy in optional.items()]
    some = st.lists(st.one_of(pairs), unique_by=_key, max_size=len(pairs)).map(dict)
    extra = mostly(some, st.tuples(*pairs).map(dict))
    return st.tuples(fixed, extra).map(lambda drawn: drawn[0] | drawn[1]) if required else extra


def _keyed(key: _K, strategy: SearchStrategy[_V]) -> SearchStrategy[tuple[_K, _V]]:
    return strategy.map(lambda value: (key, value))


_key: Callable[[Any], Any] = lambda pair: pair[0]  # noqa: E731
