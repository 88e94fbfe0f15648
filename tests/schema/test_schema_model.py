"""The schemas as tables: what they say of each type is what a validator makes of the same files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import xmlschema
from xmlschema.validators import XsdElement, XsdType

from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.model import XS, Particle, TypeModel
from conformance.versions import LINEAGE, Version
from conformance.wire.names import NAMESPACES

TRAINING = NAMESPACES["train"]


def builtin(type_: XsdType) -> str:
    """Return the local name of the built-in type that a simple type comes down to; nothing for a complex one."""
    known = type_
    while type_.is_simple() and not (known.name or "").startswith(XS):
        known = known.base_type
    name = known.name or ""
    return name.removeprefix(XS) if name.startswith(XS) else ""


def elements(type_: XsdType) -> list[XsdElement]:
    """Return the children of a type, those of its bases first."""
    content = type_.content if type_.is_complex() else None
    return list(content.iter_elements()) if content is not None and hasattr(content, "iter_elements") else []


def walk(path: str, model: TypeModel, type_: XsdType) -> Iterator[tuple[str, TypeModel, XsdType]]:
    """Yield a type and the unnamed ones within it, as the tables and as xmlschema have them."""
    yield path, model, type_
    theirs = elements(type_)
    for particle, element in zip(model.particles, theirs[len(theirs) - len(model.particles) :], strict=True):
        if particle.inline is not None:
            yield from walk(f"{path}/{particle.name}", particle.inline, element.type)


def both(schemas: SchemaSet, compiled: xmlschema.XMLSchema10) -> Iterator[tuple[str, TypeModel, XsdType]]:
    """Yield every type, named or not, as the tables and as xmlschema have it."""
    for name, model in schemas.model.types.items():
        yield from walk(name, model, compiled.maps.types[name])


class TestAgainstXmlschema:
    def test_both_have_the_same_types(self, schemas: SchemaSet, compiled: xmlschema.XMLSchema10) -> None:
        theirs = {name for name in compiled.maps.types if not name.startswith(XS)}
        assert {name for name in theirs if "//www.webex.com/" in name} == schemas.model.types.keys()

    def test_every_type_has_the_same_children_in_the_same_order(
        self, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        for path, model, type_ in both(schemas, compiled):
            assert list(schemas.model.children(model)) == [element.name for element in elements(type_)], path

    def test_every_child_has_the_same_type_and_may_come_as_often(
        self, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        for path, model, type_ in both(schemas, compiled):
            for (_, particle), element in zip(schemas.model.children(model).values(), elements(type_), strict=True):
                assert occurs(particle) == (element.min_occurs, element.max_occurs), f"{path}/{particle.name}"
                assert particle.type == ("" if particle.inline else element.type.name), f"{path}/{particle.name}"
                assert schemas.model.builtin(particle) == builtin(element.type), f"{path}/{particle.name}"

    def test_unnamed_types_are_among_what_is_compared(
        self, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        assert sum(not model.name for _, model, _ in both(schemas, compiled)) > 50


def occurs(particle: Particle) -> tuple[int, int | None]:
    """Return how often a child must and may come; None is without end."""
    return particle.least, None if particle.most >= 1_000_000 else particle.most


class TestTables:
    @pytest.mark.parametrize("release", LINEAGE, ids=str)
    def test_no_two_children_of_a_type_share_a_local_name(self, release: Version, catalog: SchemaCatalog) -> None:
        # Requests are read without namespaces.
        model = catalog.at(release).model
        for known in model.types.values():
            names = Counter(particle.name.rpartition("}")[2] for particle in model._particles(known))
            assert max(names.values(), default=1) == 1, known.name

    def test_children_by_local_name_are_the_children(self, schemas: SchemaSet) -> None:
        for known in schemas.model.types.values():
            children = schemas.model.children(known)
            by_local_name = schemas.model.children_by_local_name(known)
            assert list(by_local_name.values()) == list(children.values())
            assert [name.rpartition("}")[2] for name in children] == list(by_local_name)

    def test_the_children_of_a_base_come_before_its_own(self, schemas: SchemaSet) -> None:
        use = f"{{{NAMESPACES['use']}}}"
        names = list(schemas.model.children(schemas.model.types[f"{use}createUser"]))
        assert names.index(f"{use}webExId") < names.index(f"{use}sendWelcome") < names.index(f"{use}isHTMLEmail")

    def test_only_a_plain_sequence_can_be_sorted_into(self, schemas: SchemaSet) -> None:
        unordered = {
            component.name
            for known in schemas.model.types.values()
            for component, model in [(known, known), *((rule, rule.inline) for rule in known.particles if rule.inline)]
            if not model.ordered
        }
        choices = {"display", "deliveryMethod", "timeLimit", "attemptLimit"}
        assert unordered == {f"{{{TRAINING}}}{name}" for name in ("additionalInfo", *choices)} | {
            f"{{{NAMESPACES['use']}}}{name}" for name in ("activateUser", "inactivateUser")
        }

    def test_what_stands_within_an_element_is_no_base_of_the_type_around_it(self, schemas: SchemaSet) -> None:
        tracking = schemas.model.types[f"{{{NAMESPACES['com']}}}trackingType"]
        assert tracking.base == ""
        assert tracking.particles[0].inline is not None
        assert tracking.particles[0].inline.base == f"{XS}string"
