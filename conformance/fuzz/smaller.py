"""Making the request of a finding small: what can be left out is left out, and texts become short.

Hypothesis could shrink the requests that it generates, but would ask the site thousands of times, and generate a
document for each. Here every step leaves out a part of the request at hand, the large ones first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.fuzz.values import TEMPLATES

Works = Callable[[Any], bool]
"""Tells whether something smaller still shows the finding."""

_SHORT = ("", "0", "1", "a")


def smallest(body: Mapping[str, Any], works: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """Return the content of a request of which no part can be left out or made shorter, as far as ``works`` goes."""
    while (smaller := _mapping(body, works)) != body:
        body = smaller
    return body


def _mapping(body: Mapping[str, Any], works: Works) -> Mapping[str, Any]:
    for name in list(body):
        without = {other: inner for other, inner in body.items() if other != name}
        body = without if works(without) else {**body, name: _inner(body[name], _within(body, name, works))}
    return body


def _within(body: Mapping[str, Any], name: str, works: Works) -> Works:
    return lambda inner: works({**body, name: inner})


def _inner(inner: Any, works: Works) -> Any:
    if isinstance(inner, Mapping):
        return _mapping(inner, works)
    return _text(inner, works) if isinstance(inner, str) else _items(inner, works)


def _items(items: list[Any], works: Works) -> Any:
    alone = next((item for item in items if works(item)), None)
    if alone is not None:
        return _inner(alone, works)
    for index in reversed(range(len(items))):
        before, behind = items[:index], items[index + 1 :]
        if len(items) > 1 and works([*before, *behind]):
            items = [*before, *behind]
            continue
        items = [*before, _inner(items[index], _at(before, behind, works)), *behind]
    return items


def _at(before: list[Any], behind: list[Any], works: Works) -> Works:
    return lambda inner: works([*before, inner, *behind])


def _text(text: str, works: Works) -> str:
    return next((shorter for shorter in _shorter(text) if works(shorter)), text)


def _shorter(text: str) -> Iterator[str]:
    """Yield texts that are simpler; one with an expression that means itself is only taken as a whole."""
    yield from (short for short in _SHORT if text in TEMPLATES or (len(short), short) < (len(text), text))
    if "${" not in text:
        half = len(text) // 2
        yield from (part for part in (text[:half], text[half:], text[1:], text[:-1]) if 0 < len(part) < len(text))
