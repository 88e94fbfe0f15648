"""Strategies for elements of a type: content models, attributes, derived types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import chain

import xmlschema
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from xmlschema.validators import XsdAttribute, XsdComplexType, XsdElement, XsdSimpleType, XsdType

from conformance.xsdgen.combining import chosen, either, mostly
from conformance.xsdgen.errors import Unsupported
from conformance.xsdgen.nodes import Node
from conformance.xsdgen.outline import ANY_TYPE, Anything, Group, Leaf, Particle, content_of
from conformance.xsdgen.simple import emptiable, simple_type
from conformance.xsdgen.texts import texts, xml_characters

Overrides = Mapping[str, SearchStrategy[str]]

_Nodes = SearchStrategy[list[Node]]
_NESTED = 2
"""How often a type may stand within itself."""
_REPEATED = 3
"""How much oftener than it must something usually stands there at most."""
_OFTENEST = 64
"""A greater maximum is not reached."""
_FOREIGN = ("", "urn:example:other")
"""Where what a wildcard lets in comes from, if it may."""

_nothing: _Nodes = st.builds(list)


class Documents:
    """Makes the strategies of one schema, with the overrides of one caller."""

    def __init__(self, schema: xmlschema.XMLSchema10, overrides: Overrides, *, polymorphic: bool) -> None:
        self._derivations = _derivations(schema) if polymorphic else {}
        self._schema = schema
        self._overrides = overrides
        self._open: list[XsdType] = []
        """The types that the one that is made now stands in."""

    def root(self, type_: XsdType, tag: str) -> SearchStrategy[Node]:
        """Return elements of a type, or of one that is derived from it; raise Unsupported."""
        found = self._element(Node(tag, type_), (), self._derivations.get(type_, ()))
        if found is None:
            raise Unsupported(f"{tag}: its content has no end")
        return found

    def _declared(self, declaration: XsdElement, path: tuple[str, ...]) -> SearchStrategy[Node] | None:
        type_ = declaration.type
        derived = [each for each in self._derivations.get(type_, ()) if not each.is_blocked(declaration)]
        name = str(declaration.name)
        return self._element(Node(name, type_, declaration), (*path, _local(name)), derived)

    def _element(self, node: Node, path: tuple[str, ...], derived: Iterable[XsdType]) -> SearchStrategy[Node] | None:
        of_types = [replace(node, type=type_, xsi_type=str(type_.name)) for type_ in derived]
        if not (isinstance(node.type, XsdComplexType) and node.type.abstract):
            of_types.insert(0, node)
        elif not of_types:
            raise Unsupported(f"{'/'.join(path) or node.tag}: its type is abstract and nothing is derived from it")
        made = either(self._typed(each, path) for each in of_types)
        declaration = node.declaration
        if made is None or declaration is None or not declaration.nillable or declaration.fixed is not None:
            return made
        return mostly(made, made.map(lambda drawn: replace(drawn, text="", children=[], nil=True)))

    def _typed(self, node: Node, path: tuple[str, ...]) -> SearchStrategy[Node] | None:
        """Return elements of exactly the type of the node, which is what they are made from."""
        type_ = node.type
        if type_ is None or self._open.count(type_) > _NESTED:
            return None
        self._open.append(type_)
        try:
            made = self._filled(node, type_, path)
        finally:
            self._open.pop()
        attributes = self._attributes(type_, path)
        # Only what a type really has is drawn: each further strategy costs time with every example.
        if made is None or attributes is None:
            return made
        return st.tuples(made, attributes).map(lambda drawn: replace(drawn[0], attributes=drawn[1]))

    def _filled(self, node: Node, type_: XsdType, path: tuple[str, ...]) -> SearchStrategy[Node] | None:
        simple = simple_type(type_)
        if simple is not None:
            return self._text(simple, node.declaration, path).map(lambda text: replace(node, text=text))
        content = self._content(type_, path)
        if content is None:
            return None
        made = content.map(lambda children: replace(node, children=children))
        if isinstance(type_, XsdComplexType) and type_.mixed:
            leading = st.text(xml_characters, max_size=20)
            made = st.tuples(made, leading).map(lambda drawn: replace(drawn[0], text=drawn[1]))
        return made

    def _text(
        self, type_: XsdSimpleType, declared: XsdElement | XsdAttribute | None, path: tuple[str, ...]
    ) -> SearchStrategy[str]:
        for key in ("/".join(path), *path[-1:]):
            if key in self._overrides:
                return self._overrides[key]
        if declared is not None and declared.fixed is not None:
            return st.sampled_from([declared.fixed, ""] if isinstance(declared, XsdElement) else [declared.fixed])
        try:
            made = texts(type_)
        except Unsupported as unsupported:
            raise Unsupported(f"{'/'.join(path) or 'the root'}: {unsupported}") from unsupported
        if isinstance(declared, XsdElement) and declared.default is not None and emptiable(type_, declared):
            return st.one_of(made, st.just(""))
        return made

    def _attributes(self, type_: XsdType, path: tuple[str, ...]) -> SearchStrategy[dict[str, str]] | None:
        if not isinstance(type_, XsdComplexType):
            return None
        required: dict[str, SearchStrategy[str]] = {}
        optional: dict[str, SearchStrategy[str]] = {}
        for name, attribute in type_.attributes.items():
            if name is None or not isinstance(attribute, XsdAttribute) or attribute.use == "prohibited":
                continue  # a wildcard needs nothing
            made = self._text(attribute.type, attribute, (*path, f"@{_local(name)}"))
            (required if attribute.use == "required" else optional)[name] = made
        return chosen(required, optional) if required or optional else None

    def _content(self, type_: XsdType, path: tuple[str, ...]) -> _Nodes | None:
        particle = content_of(type_) if isinstance(type_, XsdComplexType) else None
        return _nothing if particle is None else self._particle(particle, particle.least, path)

    def _particle(self, particle: Particle, least: int, path: tuple[str, ...]) -> _Nodes | None:
        """Return what stands in the place of a particle, at least ``least`` times."""
        most = least + _REPEATED if particle.most is None else particle.most
        once = self._once(particle, path) if most else None
        if once is None:
            return _nothing if least == 0 or most == 0 else None
        if least == most == 1:
            return once
        many = st.lists(once, min_size=least, max_size=min(most, least + _REPEATED))
        if least + _REPEATED < most <= _OFTENEST and isinstance(particle.term, Leaf):
            many = mostly(many, st.lists(once, min_size=most, max_size=most))
        return many.map(_joined)

    def _once(self, particle: Particle, path: tuple[str, ...]) -> _Nodes | None:
        term = particle.term
        if isinstance(term, Leaf):
            element = either(self._declared(each, path) for each in term.declarations.values())
            return None if element is None else element.map(lambda node: [node])
        if isinstance(term, Anything):
            return self._anything(term, path, needed=particle.least > 0)
        if term.kind == "choice":
            return either(self._particle(each, each.least, path) for each in term.particles)
        return self._all_of(term, path)

    def _all_of(self, group: Group, path: tuple[str, ...]) -> _Nodes | None:
        """Return the content of a ``sequence`` or an ``all``."""
        required: dict[int, _Nodes] = {}
        optional: dict[int, _Nodes] = {}
        for number, particle in enumerate(group.particles):
            made = self._particle(particle, max(particle.least, 1), path) if particle.most != 0 else None
            if made is not None:
                (required if particle.least else optional)[number] = made
            elif particle.least and particle.most != 0:
                return None
        parts = chosen(required, optional)
        if group.kind == "all":
            return parts.flatmap(lambda drawn: st.permutations([drawn[key] for key in sorted(drawn)])).map(_joined)
        return parts.map(lambda drawn: _joined(drawn[key] for key in sorted(drawn)))

    def _anything(self, term: Anything, path: tuple[str, ...], *, needed: bool) -> _Nodes | None:
        wildcard = term.wildcard
        if wildcard.process_contents != "strict":
            for namespace in (*_FOREIGN, wildcard.target_namespace):
                tag = f"{{{namespace}}}anything" if namespace else "anything"
                if term.takes(tag) and tag not in self._schema.maps.elements:
                    return st.text(xml_characters, max_size=20).map(partial(_foreign, tag))
        if needed:
            raise Unsupported(f"{'/'.join(path) or 'the root'}: a wildcard that takes only elements that are declared")
        return None


@lru_cache(maxsize=16)
def _derivations(schema: xmlschema.XMLSchema10) -> Mapping[XsdType, Sequence[XsdType]]:
    """Return by complex type all named types that come from it; of ``xs:anyType``, from which all come, none."""
    found: dict[XsdType, list[XsdType]] = defaultdict(list)
    for type_ in schema.maps.types.values():
        base = type_.base_type if isinstance(type_, XsdComplexType) and not type_.abstract else None
        while isinstance(base, XsdComplexType) and base.name != ANY_TYPE:
            found[base].append(type_)
            base = base.base_type
    return found


def _foreign(tag: str, text: str) -> list[Node]:
    return [Node(tag, text=text)]


def _joined(parts: Iterable[list[Node]]) -> list[Node]:
    return list(chain.from_iterable(parts))


def _local(name: str) -> str:
    return name.rpartition("}")[2]
