"""What the schema files say of themselves: where each rule comes from, and nothing that could run away."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import EVIDENCE_NAMESPACE, Evidence, Place, Source
from conformance.wire.names import NAMESPACES

ROOT = schemas_root()
FILES = sorted(ROOT.rglob("*.xsd"))
XS = "{http://www.w3.org/2001/XMLSchema}"
IS = f"{{{EVIDENCE_NAMESPACE}}}is"
FROM = f"{{{EVIDENCE_NAMESPACE}}}from"

ROOTS = [etree.parse(path).getroot() for path in FILES]
DEFINED = {root.get("targetNamespace") for root in ROOTS} - {None}

each_file = pytest.mark.parametrize("root", ROOTS, ids=[str(path.relative_to(ROOT)) for path in FILES])


def names_used(root: etree._Element) -> set[str]:
    """Return the namespaces of the types that a file refers to."""
    values = [value for node in root.iter(f"{XS}*") for value in (node.get("type"), node.get("base")) if value]
    return {root.nsmap[value.rpartition(":")[0] or None] for value in values}


class TestFiles:
    @each_file
    def test_each_element_and_each_named_type_says_where_it_comes_from(self, root: etree._Element) -> None:
        stated = [*root.iter(f"{XS}element"), *root.iterchildren(f"{XS}complexType", f"{XS}simpleType")]
        assert [node.get("name") for node in stated if node.get(IS) not in set(Source)] == []

    @each_file
    def test_all_but_the_official_rules_name_their_source(self, root: etree._Element) -> None:
        stated = [node for node in root.iter() if node.get(IS)]
        official = [node for node in stated if node.get(IS) == Source.OFFICIAL_2011]
        assert [node.get("name") for node in official if node.get(FROM) is not None] == []
        assert [node.get("name") for node in stated if node not in official and not node.get(FROM, "").strip()] == []

    @each_file
    def test_no_source_is_named_for_what_is_not_stated(self, root: etree._Element) -> None:
        assert [node.get("name") for node in root.iter() if node.get(FROM) and not node.get(IS)] == []

    @each_file
    def test_there_is_no_pattern_that_a_value_could_run_away_with(self, root: etree._Element) -> None:
        assert list(root.iter(f"{XS}pattern")) == []

    @each_file
    def test_nothing_is_open_and_nothing_is_defined_elsewhere_by_reference(self, root: etree._Element) -> None:
        # The tables of the model know none of these; a choice they know as a group that is in no order.
        tags = {str(node.tag).removeprefix(XS) for node in root.iter(etree.Element)}
        assert not tags & {"any", "anyAttribute", "attribute", "all", "group", "attributeGroup", "redefine"}
        assert [node for node in root.iter(f"{XS}element") if node.get("ref") or node.get("substitutionGroup")] == []

    @each_file
    def test_a_file_imports_the_namespaces_that_it_names_each_once_and_no_other(self, root: etree._Element) -> None:
        own = root.get("targetNamespace")
        imported = Counter(node.get("namespace") for node in root.iterchildren(f"{XS}import"))
        if own is None:
            assert set(imported) == DEFINED <= set(NAMESPACES.values())
        else:
            assert set(imported) == names_used(root) - {own, XS[1:-1]}
        assert set(imported.values()) <= {1}

    def test_the_one_global_element_is_the_message(self, schemas: SchemaSet) -> None:
        assert list(schemas.model.elements) == [f"{{{NAMESPACES['serv']}}}message"]


class TestPlaces:
    def test_a_place_is_told_within_the_folder_of_schemas(self) -> None:
        place = Place(Path("/srv/schemas/40.4.3/user/CreateUser.xsd"), 21)
        assert place.short == "40.4.3/user/CreateUser.xsd:21"
        assert str(place) == "/srv/schemas/40.4.3/user/CreateUser.xsd:21"

    def test_every_rule_stands_at_the_line_that_names_it(self, schemas: SchemaSet) -> None:
        lines = {path: ["", *path.read_text().splitlines()] for path in schemas.files.values()}
        wrong = [
            component
            for known in schemas.model.types.values()
            for component in (known, *known.particles)
            if f'name="{component.name.rpartition("}")[2]}"' not in lines[component.place.path][component.place.line]
        ]
        assert wrong == []


class TestEvidence:
    def test_a_rule_has_the_evidence_that_stands_at_it(self, schemas: SchemaSet) -> None:
        use = NAMESPACES["use"]
        rules = schemas.model.children(schemas.model.types[f"{{{use}}}createUser"])
        assert rules[f"{{{use}}}isHTMLEmail"][1].evidence == Evidence(
            Source.DOCUMENTED, "update notes 40.4.3 and 40.2.4, request example"
        )
        assert rules[f"{{{use}}}sendWelcome"][1].evidence == Evidence(Source.OFFICIAL_2011)

    def test_the_rules_of_every_source_are_known(self, schemas: SchemaSet) -> None:
        known = {rule.evidence.source for model in schemas.model.types.values() for rule in model.particles}
        assert known == set(Source) - {Source.OFFICIAL}  # of imported sets alone
