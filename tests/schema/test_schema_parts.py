"""Parts of a set: what one payload needs of the schemas, which judges it as the whole set does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from lxml import etree
from schema_documents import TYPES, message, spoil

from conformance.errors import MalformedMessage, SuiteError
from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog, overlay
from conformance.schema.payload import Judged, judge_payload, schemas_for
from conformance.versions import DEFAULT_VERSION, LINEAGE, ROOT, Version
from conformance.wire.names import NAMESPACES, OPERATIONS, clark, operation
from conformance.wire.response import read_response

PAYLOADS = sorted((Path(__file__).parents[1] / "data" / "payloads").rglob("*.xml"))
EXPLAINED = (ROOT, DEFAULT_VERSION, max(LINEAGE))
"""Where each payload is spoilt too: what is wrong is explained, which takes its time."""
PARTS = SchemaCatalog()

Edited = Callable[[str, str, str], SchemaCatalog]


def links(release: Version) -> frozenset[tuple[str, ...]]:
    """Return which other files each file of a release names: that alone decides what a part of the set is."""
    files = overlay(schemas_root(), release).items()
    return frozenset((name, *re.findall(r'schemaLocation="([^"]+)"', path.read_text())) for name, path in files)


RELEASES = sorted({*{links(release): release for release in LINEAGE}.values(), *EXPLAINED})
"""One of each that have the same parts."""


def spoilt(data: bytes) -> Iterator[bytes]:
    """Yield a payload as it is and with each of the first elements of its content lost, doubled, renamed or wrong."""
    yield data
    root = etree.fromstring(data, etree.XMLParser(recover=True))
    content = next((node for node in root.iter("{*}bodyContent")), None)
    for number in range(0 if content is None else min(len(content), 2)):
        for change in (_lost, _doubled, _renamed, _wrong):
            changed = deepcopy(root)
            change(next(changed.iter("{*}bodyContent"))[number])
            yield etree.tostring(changed)


def _lost(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _doubled(element: etree._Element) -> None:
    element.addnext(deepcopy(element))


def _renamed(element: etree._Element) -> None:
    element.tag = f"{element.tag}New"


def _wrong(element: etree._Element) -> None:
    element[:] = []
    element.text = "\u2028no value of any"


def judged(data: bytes, catalog: SchemaCatalog, version: Version) -> Judged | str:
    """Return the verdict, or what is said of a payload that can not be judged."""
    try:
        return judge_payload(data, catalog, version)
    except MalformedMessage as error:
        return f"{error.kind} {error.detail} {error.line}:{error.column}"


class TestVerdicts:
    @pytest.mark.parametrize("release", RELEASES, ids=str)
    def test_a_part_judges_each_payload_as_the_whole_set_does(self, release: Version, catalog: SchemaCatalog) -> None:
        catalog.at(release)
        parts = SchemaCatalog()
        for path in PAYLOADS:
            data = path.read_bytes()
            for payload in spoilt(data) if release in EXPLAINED else [data]:
                assert judged(payload, parts, release) == judged(payload, catalog, release), path.name

    @given(data=st.data())
    @settings(max_examples=60)
    def test_a_part_judges_any_message_as_the_whole_set_does(
        self, data: st.DataObject, catalog: SchemaCatalog, compiled: xmlschema.XMLSchema10
    ) -> None:
        type_ = data.draw(st.sampled_from([name for name in TYPES if clark(name) in compiled.maps.types]))
        root = message(type_, compiled)
        spoil(root, data)
        try:
            response = read_response(etree.tostring(root))
        except MalformedMessage:
            reject()
        part = schemas_for(response, PARTS, DEFAULT_VERSION)
        assert part.judge_response(response.root) == catalog.at(DEFAULT_VERSION).judge_response(response.root)


class TestParts:
    def test_it_holds_the_envelope_and_what_the_namespace_needs(self) -> None:
        part = SchemaCatalog().part(DEFAULT_VERSION, NAMESPACES["meet"])
        folders = {Path(name).parent.name for name in part.model.files}
        assert folders == {"common", "service", "attendee", "meeting"}
        with part.materialised() as entry:
            found = {path.relative_to(entry.parent).as_posix() for path in entry.parent.rglob("*.xsd")}
        assert found == part.model.files | {"message.xsd"}

    def test_it_has_the_digest_of_the_whole_set(self, catalog: SchemaCatalog) -> None:
        parts = SchemaCatalog()
        assert parts.part(DEFAULT_VERSION, NAMESPACES["use"]).digest == catalog.at(DEFAULT_VERSION).digest

    @pytest.mark.parametrize("prefix", sorted(NAMESPACES))
    def test_every_operation_is_known_to_the_part_of_its_namespace_alone(self, prefix: str) -> None:
        newest = max(LINEAGE)
        part, whole = SchemaCatalog().part(newest, NAMESPACES[prefix]), SchemaCatalog().uncompiled(newest)
        own = [known for known in OPERATIONS.values() if known.prefix == prefix]
        assert [part.knows(known) for known in own] == [whole.knows(known) for known in own]

    def test_each_is_made_once(self) -> None:
        parts = SchemaCatalog()
        assert parts.part(DEFAULT_VERSION, NAMESPACES["use"]) is parts.part(DEFAULT_VERSION, NAMESPACES["use"])

    def test_the_whole_set_stands_for_its_parts_where_it_is_at_hand(self) -> None:
        parts = SchemaCatalog()
        whole = parts.at(DEFAULT_VERSION)
        assert parts.part(DEFAULT_VERSION, NAMESPACES["use"]) is whole

    def test_the_whole_set_stands_for_a_namespace_that_it_does_not_import(self) -> None:
        parts = SchemaCatalog()
        assert parts.part(DEFAULT_VERSION, "urn:x") is parts.at(DEFAULT_VERSION)

    def test_what_is_wrong_elsewhere_is_not_seen(self, edited: Edited) -> None:
        parts = edited("5.9/user/DelUser.xsd", '"use:delUserStatusType"', '"use:nope"')
        assert parts.part(DEFAULT_VERSION, NAMESPACES["att"]).knows(operation("LstMeetingAttendee"))
        parts.part(DEFAULT_VERSION, NAMESPACES["att"]).compile()
        with pytest.raises(SuiteError, match="do not compile"):
            parts.part(DEFAULT_VERSION, NAMESPACES["use"]).compile()
