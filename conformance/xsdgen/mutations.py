"""What can be done to a valid element so that it is valid no more, by the name of the mutation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from xmlschema.validators import XsdAnyAttribute, XsdAttribute, XsdComplexType

from conformance.xsdgen.nodes import Node
from conformance.xsdgen.outline import ANY_TYPE, Particle, content_of, first_misplaced, is_complex, namespace_of
from conformance.xsdgen.simple import emptiable, fits, simple_type
from conformance.xsdgen.wrong_texts import wrong_texts

FOREIGN = "urn:example:foreign"
UNKNOWN = "unknownElement"
_PLACES = 10
"""In so many places an element is edited at most: each edit is tried on the whole content model."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change to one element."""

    name: str
    node: Node
    changes: Mapping[str, Any]
    """What the attributes of the node are set to."""
    rule: str
    at: Node
    """The element at which it shows that the rule is broken."""

    def apply(self) -> None:
        """Change the element."""
        for name, value in self.changes.items():
            setattr(self.node, name, value)


def by_family(root: Node) -> Mapping[str, list[Node]]:
    """Return which elements can be broken in their content, in their values, and in what frames these.

    Most elements are leaves, and most of those take every text: without this, wrong values would be rare.
    """
    found: dict[str, list[Node]] = defaultdict(list)
    for node in root.walk():
        if node.type is None or node.type.name == ANY_TYPE:
            continue
        found["frame"].append(node)
        if not node.nil:
            if is_complex(node.type):
                found["content"].append(node)
            if node.attributes or _has_wrong_texts(node):
                found["value"].append(node)
    return found


def mutations(node: Node, family: str) -> Mapping[str, list[Mutation]]:
    """Return all mutations of an element itself, by name; those of its children are theirs."""
    found: dict[str, list[Mutation]] = defaultdict(list)
    for make in _FAMILIES[family]:
        for mutation in make(node):
            found[mutation.name].append(mutation)
    return found


def _of_type(node: Node) -> Iterator[Mutation]:
    if node.declaration is None or node.xsi_type:
        return  # the type of the root is its user's affair; content of a derived type would be wrong for the declared
    yield Mutation("unknown-xsi-type", node, {"xsi_type": "noSuchType"}, "type", node)
    if node.type is not None and node.type.name != ANY_TYPE:
        yield Mutation("underived-xsi-type", node, {"xsi_type": ANY_TYPE}, "type", node)


def _of_nil(node: Node) -> Iterator[Mutation]:
    if node.declaration is not None and not node.declaration.nillable and not node.nil:
        yield Mutation("nil-not-nillable", node, {"nil": True}, "other", node)


def _of_simple(node: Node) -> Iterator[Mutation]:
    if not node.nil and node.type is not None and simple_type(node.type) is not None:
        yield Mutation("child-in-simple", node, {"children": [Node(UNKNOWN)]}, "other", node)


def _has_wrong_texts(node: Node) -> bool:
    type_ = None if node.type is None else simple_type(node.type)
    return type_ is not None and bool(wrong_texts(type_) or (node.declaration and node.declaration.fixed))


def _of_text(node: Node) -> Iterator[Mutation]:
    type_ = None if node.type is None else simple_type(node.type)
    if type_ is None:
        return
    fixed = None if node.declaration is None else node.declaration.fixed
    if fixed is not None:
        for text in _other_than(fixed):
            if fits(type_, text):
                yield Mutation("not-fixed", node, {"text": text}, "other", node)
    for name, texts in wrong_texts(type_).items():
        for text in texts:
            if text or not emptiable(type_, node.declaration):
                yield Mutation(name, node, {"text": text}, "value", node)


def _other_than(fixed: str) -> tuple[str, ...]:
    return f"{fixed}1", {"true": "false", "1": "0"}.get(fixed, "true")


def _of_unknown_attributes(node: Node) -> Iterator[Mutation]:
    declared = node.type.attributes.values() if isinstance(node.type, XsdComplexType) else ()
    if isinstance(node.type, XsdComplexType) and not any(isinstance(each, XsdAnyAttribute) for each in declared):
        yield _with_attributes(node, "unknown-attribute", {**node.attributes, "unknownAttribute": "1"}, "other")


def _of_attributes(node: Node) -> Iterator[Mutation]:
    declared = node.type.attributes if isinstance(node.type, XsdComplexType) else {}
    for name in node.attributes:
        attribute = declared.get(name)
        if isinstance(attribute, XsdAttribute):
            yield from _of_attribute(node, name, attribute)


def _of_attribute(node: Node, name: str, attribute: XsdAttribute) -> Iterator[Mutation]:
    if attribute.use == "required":
        others = {key: value for key, value in node.attributes.items() if key != name}
        yield _with_attributes(node, "drop-required-attribute", others, "other")
    if attribute.fixed is not None:
        for text in _other_than(attribute.fixed):
            if fits(attribute.type, text):
                yield _with_attributes(node, "not-fixed", {**node.attributes, name: text}, "other")
    for mutation, texts in wrong_texts(attribute.type).items():
        for text in texts:
            yield _with_attributes(node, mutation, {**node.attributes, name: text}, "value")


def _with_attributes(node: Node, name: str, attributes: dict[str, str], rule: str) -> Mutation:
    return Mutation(name, node, {"attributes": attributes}, rule, node)


def _of_content(node: Node) -> Iterator[Mutation]:
    assert isinstance(node.type, XsdComplexType)  # noqa: S101 - for the type checker
    particle = content_of(node.type)
    if particle is None:
        yield Mutation("unknown-child", node, {"children": [_unknown(node)]}, "text", node)
    else:
        yield from _of_children(node, particle)
    if not node.type.mixed:
        yield Mutation("text-in-complex", node, {"text": "text"}, "text", node)


def _of_children(node: Node, particle: Particle) -> Iterator[Mutation]:
    """Yield the edits of the children that the content model refuses, each with the place where that shows."""
    for name, children in _edits(node):
        index = first_misplaced(particle, [child.tag for child in children])
        if index is not None:
            missing = index == len(children)
            at = node if missing else children[index]
            yield Mutation(name, node, {"children": children}, "missing" if missing else "unexpected", at)


def _edits(node: Node) -> Iterator[tuple[str, list[Node]]]:
    children = node.children
    apart = len(children) // _PLACES + 1
    for i, child in enumerate(children):
        if i % apart:
            continue
        before, after = children[:i], children[i + 1 :]
        yield "drop-required", [*before, *after]
        yield "repeat-child", [*before, child, replace(child), *after]
        yield "rename-child", [*before, replace(child, tag=f"{child.tag}Renamed"), *after]
        yield "foreign-namespace", [*before, replace(child, tag=f"{{{FOREIGN}}}{child.local_name}"), *after]
        if after and after[0].tag != child.tag:
            yield "reorder-children", [*before, after[0], child, *after[1:]]
    for i in range(0, len(children) + 1, apart):
        yield "unknown-child", [*children[:i], _unknown(node), *children[i:]]


def _unknown(node: Node) -> Node:
    namespace = namespace_of(node.tag)
    return Node(f"{{{namespace}}}{UNKNOWN}" if namespace else UNKNOWN)


_FAMILIES: Mapping[str, tuple[Callable[[Node], Iterator[Mutation]], ...]] = {
    "content": (_of_content,),
    "value": (_of_text, _of_attributes),
    "frame": (_of_type, _of_nil, _of_simple, _of_unknown_attributes),
}
