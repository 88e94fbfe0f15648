"""libxml2, which judges, and xmlschema, which explains: where they agree, and each case in which they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from schema_documents import TYPES, message, spoil

from conformance.schema.catalog import SchemaSet
from conformance.wire.names import XSI_TYPE


@dataclass(frozen=True)
class Disagreement:
    """A change to a valid document that one of the two takes and the other does not."""

    reason: str
    change: Callable[[etree._Element], object]
    libxml2_takes_it: bool


def content(root: etree._Element) -> etree._Element:
    """Return the ``bodyContent`` of a CreateUser response, which holds one number."""
    found = root.find(".//{*}bodyContent")
    assert found is not None
    return found


KNOWN = (
    Disagreement(
        "xmlschema reads numbers as Python does, in the digits of all scripts",
        lambda root: setattr(content(root)[0], "text", "\u0661\uff12"),
        libxml2_takes_it=False,
    ),
    Disagreement(
        "xmlschema reads numbers as Python does, with underscores between digits",
        lambda root: setattr(content(root)[0], "text", "1_000"),
        libxml2_takes_it=False,
    ),
    Disagreement(
        "xmlschema takes a no-break space for a blank, as Python does, XML does not",
        lambda root: setattr(content(root), "text", "\u00a0"),
        libxml2_takes_it=False,
    ),
    Disagreement(
        "xmlschema takes a comment within a value for an element",
        lambda root: content(root)[0].append(etree.Comment("comment")),
        libxml2_takes_it=True,
    ),
    Disagreement(
        "xmlschema takes an instruction within a value for an element",
        lambda root: content(root)[0].append(etree.ProcessingInstruction("pi")),
        libxml2_takes_it=True,
    ),
)


class TestAgreement:
    @pytest.mark.parametrize("xsi_type", TYPES)
    def test_a_message_with_every_element_that_may_stand_in_it_is_valid_for_both(
        self, xsi_type: str, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        for branch in (0, 1):
            root = message(xsi_type, compiled, branch)
            assert schemas.judge_response(root) == []
            assert list(compiled.iter_errors(root)) == []

    @given(st.data())
    def test_a_message_that_was_changed_at_random_is_valid_for_both_or_for_neither(
        self, schemas: SchemaSet, compiled: xmlschema.XMLSchema10, data: st.DataObject
    ) -> None:
        root = message(data.draw(st.sampled_from(TYPES)), compiled)
        spoil(root, data)
        assert (schemas.judge_response(root) == []) == compiled.is_valid(root)

    @pytest.mark.parametrize(("text", "valid"), [(" 01 ", True), ("1.0", False)])
    def test_both_take_some_messages_and_refuse_others(
        self, text: str, valid: bool, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        root = message("use:createUserResponse", compiled)
        content(root)[0].text = text
        assert (schemas.judge_response(root) == []) is compiled.is_valid(root) is valid


class TestDisagreement:
    @pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.reason)
    def test_known(self, known: Disagreement, schemas: SchemaSet, compiled: xmlschema.XMLSchema10) -> None:
        root = message("use:createUserResponse", compiled)
        known.change(root)
        assert (schemas.judge_response(root) == []) is known.libxml2_takes_it
        assert compiled.is_valid(root) is not known.libxml2_takes_it

    @pytest.mark.parametrize("xsi_type", ["use:nope", "unbound:createUserResponse", ""])
    def test_xmlschema_raises_on_a_type_that_it_does_not_know(
        self, xsi_type: str, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        root = message("use:createUserResponse", compiled)
        content(root).set(XSI_TYPE, xsi_type)
        assert schemas.judge_response(root)[0].rule == "type"
        with pytest.raises(xmlschema.XMLSchemaException):
            list(compiled.iter_errors(root))
