"""The content models of 2011 and those of a compiled set, in one notation, and how they differ.

The notation is that of ``official_2011.txt``. A model is the text of each type and of each element below one, by its
place: ``use:userType/tspAccount/tspAccount`` is ``[0..3] use:tspAccountType``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import xmlschema
from xmlschema.validators import XsdComplexType, XsdElement, XsdEnumerationFacets, XsdGroup, XsdPatternFacets, XsdType

from conformance.wire.names import PREFIXES, prefixed

Model = dict[str, str]

ABSENT = "absent"
_XS = "{http://www.w3.org/2001/XMLSchema}"
_HEAD = re.compile(r"( *)([\w:]+)(.*)")
_ENVELOPE = "serv:bodyContentType"
"""The base of every operation, which is told nowhere."""


def official_models(path: Path) -> Model:
    """Read the models of 2011."""
    model: Model = {}
    around: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        indent, name, text = re.fullmatch(_HEAD, line).groups()  # type: ignore[union-attr]
        around[len(indent) // 2 :] = [name]
        model["/".join(around)] = text.strip()
    return model


def models_of(schema: xmlschema.XMLSchema10) -> Model:
    """Return the models of all named types in the namespaces of the API."""
    model: Model = {}
    for type_ in schema.maps.types.values():
        if isinstance(type_, XsdType) and type_.target_namespace in PREFIXES:
            name = prefixed(str(type_.name))
            if isinstance(type_, XsdComplexType):
                model[name] = " ".join(_of_group(type_))
                model |= _below(name, type_)
            else:
                model[name] = _restricted(type_)
    return model


def differences(official: Model, here: Model) -> dict[str, tuple[str, str]]:
    """Return what is said at each place where the two differ, first by ``official``.

    What stands below something that is absent is not told; an element more is told with its place.
    """
    found: dict[str, tuple[str, str]] = {}
    before, after = _children(official), _children(here)
    for place in [*official, *(place for place in here if place not in official)]:
        parent, _, name = place.rpartition("/")
        if parent and not (parent in official and parent in here):
            continue
        then, now = official.get(place, ABSENT), here.get(place, ABSENT)
        if then == ABSENT and parent:
            at = after[parent].index(name)
            now = f"{now} after {after[parent][at - 1]}" if at else f"{now} at the start"
        if then != now:
            found[place] = (then, now)
    for parent in before.keys() & after.keys():
        common = [name for name in before[parent] if name in after[parent]]
        kept = [name for name in after[parent] if name in before[parent]]
        if common != kept:
            found[f"{parent}/"] = (", ".join(common), ", ".join(kept))
    return found


def _children(model: Model) -> Mapping[str, list[str]]:
    children = defaultdict(list)
    for place in model:
        parent, _, name = place.rpartition("/")
        children[parent].append(name)
    return {parent: names for parent, names in children.items() if parent}


def _below(place: str, type_: XsdComplexType) -> Iterator[tuple[str, str]]:
    for element in _own(type_):
        name = str(element.local_name)
        yield f"{place}/{name}", " ".join(_of_element(element))
        if element.type.name is None and isinstance(element.type, XsdComplexType):
            yield from _below(f"{place}/{name}", element.type)


def _own(type_: XsdComplexType) -> list[XsdElement]:
    """Return the elements of a type, without those of its base."""
    elements = _elements(type_)
    base = type_.base_type if type_.derivation == "extension" else None
    return elements[len(_elements(base)) :] if isinstance(base, XsdComplexType) else elements


def _elements(type_: XsdComplexType) -> list[XsdElement]:
    content = type_.content
    return [one for one in content.iter_elements() if isinstance(one, XsdElement)] if _grouped(content) else []


def _grouped(content: object) -> bool:
    return isinstance(content, XsdGroup)


def _of_group(type_: XsdComplexType) -> Iterator[str]:
    if type_.derivation == "extension" and (base := prefixed(str(type_.base_type.name))) != _ENVELOPE:
        yield f"<{base}>"
    around = {id(one.parent): one.parent for one in _own(type_)}
    yield from ("choice" for group in around.values() if group.model == "choice")
    yield from ("repeated" for group in around.values() if group.max_occurs != 1)


def _of_element(element: XsdElement) -> Iterator[str]:
    if occurs := _occurs(element.min_occurs, element.max_occurs):
        yield occurs
    if element.type.name is not None:
        yield _named(element.type)
    elif isinstance(element.type, XsdComplexType):
        yield from _of_group(element.type)
    else:
        yield _restricted(element.type)
    if element.default is not None:
        yield f"={element.default}"
    if element.nillable:
        yield "nillable"


def _occurs(least: int, most: int | None) -> str:
    usual = {(1, 1): "", (0, 1): "?", (0, None): "*", (1, None): "+"}
    return usual.get((least, most), f"[{least}..{'unbounded' if most is None else most}]")


def _named(type_: XsdType) -> str:
    return prefixed(str(type_.name)).removeprefix(_XS)


def _restricted(type_: XsdType) -> str:
    """Return what a simple type makes of its base: ``string ≤128``, ``string {ASC | DESC}``."""
    told = []
    for name, facet in type_.facets.items():
        kind = str(name).removeprefix(_XS)
        if isinstance(facet, XsdEnumerationFacets):
            told.append((2, kind, f"{{{' | '.join(map(str, facet.enumeration))}}}"))
        elif isinstance(facet, XsdPatternFacets):
            told.append((1, kind, f"pattern={'|'.join(facet.regexps)}"))
        else:
            told.append((1, kind, f"{kind}={facet.value}") if kind != "maxLength" else (0, kind, f"≤{facet.value}"))
    return " ".join([_named(type_.base_type), *(text for _, _, text in sorted(told))])
