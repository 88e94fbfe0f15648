"""Schemas that nobody wrote: what is found mirrors, and what two validators judge otherwise is never left untold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from test_every_rule import mirrored
from tiny_api import EDITS, USE, USER, Edit, between, edited, write_set

from conformance.schemadiff.model import Finding
from conformance.schemadiff.rules import Severity

NAMES = "abcdef"
TYPES = ("xs:string", "xs:int", "xs:boolean", "xs:long")


@dataclass(frozen=True)
class Part:
    """A part of a content model: an element (no parts) or a group."""

    kind: str
    least: int
    most: int
    parts: tuple[Part, ...] = ()
    type: str = ""

    def text(self) -> str:
        occurs = f'minOccurs="{self.least}" maxOccurs="{self.most}"'
        if not self.parts:
            return f'<xs:element name="{self.kind}" type="{self.type}" {occurs}/>'
        return f"<xs:{self.kind} {occurs}>{''.join(part.text() for part in self.parts)}</xs:{self.kind}>"


OCCURS = st.sampled_from([(0, 1), (1, 1), (1, 1), (0, 3), (1, 2)])


@st.composite
def parts(draw: st.DrawFn, names: tuple[str, ...], repeated: bool) -> Part:
    """Draw a group over some names, each once, so that a validator always knows which one it has before it."""
    size = draw(st.integers(1, len(names)))
    inner: list[Part] = []
    rest = names
    while rest and len(inner) < 3:
        taken, rest = rest[:size], rest[size:]
        if len(taken) > 1 and draw(st.booleans()):
            inner.append(draw(parts(taken[: max(1, len(taken) - 1)], repeated)))
        else:
            inner.append(Part(taken[0], *draw(OCCURS), (), draw(st.sampled_from(TYPES))))
    least, most = draw(OCCURS if repeated else st.sampled_from([(0, 1), (1, 1)]))
    return Part(draw(st.sampled_from(["sequence", "choice"])), least, most, tuple(inner))


def models(repeated: bool = True) -> st.SearchStrategy[Part]:
    """Draw the content of a type."""
    return st.permutations(NAMES).flatmap(lambda names: parts(tuple(names[:5]), repeated))


def of_model(model: Part) -> str:
    """Return the schemas in which an element has that content."""
    start = USER.index('<xs:complexType name="thingType">')
    end = USER.index('</xs:complexType>\n  <xs:complexType name="setType">')
    return f'{USER[:start]}<xs:complexType name="thingType"><xs:sequence>{model.text()}</xs:sequence>{USER[end:]}'


def found_between(one: str, other: str) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """Return the findings from one set to the other, back, and from the first to itself."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = (write_set(Path(folder, name), user=text) for name, text in (("a", one), ("b", other)))
        return between(old, new), between(new, old), between(old, write_set(Path(folder, "c"), user=one))


@settings(max_examples=30, deadline=None)
@given(models(), models())
def test_every_finding_has_its_mirror_and_a_set_differs_not_from_itself(one: Part, other: Part) -> None:
    found, back, same = found_between(of_model(one), of_model(other))
    mirrored(found, back)
    assert same == []


USER_EDITS = [edit for edit in EDITS if edit.file == "user.xsd"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(USER_EDITS), min_size=2, max_size=5, unique=True))
def test_several_changes_at_once_mirror_too(edits: list[Edit]) -> None:
    text = USER
    for edit in edits:
        assume(text.count(edit.old) == 1)
        text = text.replace(edit.old, edit.new)
    found, back, same = found_between(text, edited()["user"])
    mirrored(found, back)
    assert same == []


def words(model: Part, draw: st.DrawFn) -> Iterator[str]:
    """Yield the elements of a document that may be right by a model."""
    for _ in range(draw(st.integers(model.least, model.most))):
        if not model.parts:
            yield model.kind
        elif model.kind == "choice":
            yield from words(draw(st.sampled_from(model.parts)), draw)
        else:
            for part in model.parts:
                yield from words(part, draw)


@st.composite
def judged_otherwise(draw: st.DrawFn) -> tuple[Part, Part, list[str]]:
    """Draw two models with the same types, and a document that is right by the first."""
    one = draw(models(repeated=False))
    other = draw(models(repeated=False))
    return typed(one), typed(other), list(words(one, draw))


def typed(model: Part) -> Part:
    """Return a model whose elements are all texts."""
    return Part(model.kind, model.least, model.most, tuple(map(typed, model.parts)), "xs:string")


def compiled(model: Part) -> etree.XMLSchema:
    """Compile a content model by libxml2."""
    head = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{USE}">'
    text = f'{head}<xs:element name="thing"><xs:complexType><xs:sequence>{model.text()}</xs:sequence></xs:complexType>'
    return etree.XMLSchema(etree.fromstring(f"{text}</xs:element></xs:schema>"))


@settings(max_examples=50, deadline=None)
@given(judged_otherwise())
def test_a_message_that_is_not_right_any_more_comes_with_a_finding_that_says_so(
    drawn: tuple[Part, Part, list[str]],
) -> None:
    one, other, names = drawn
    document = etree.fromstring(
        f'<t:thing xmlns:t="{USE}">{"".join(f"<{name}>x</{name}>" for name in names)}</t:thing>'
    )
    assert compiled(one)(document)
    assume(not compiled(other)(document))
    found, back, _ = found_between(of_model(one), of_model(other))
    hurt = [finding for finding in found if finding.rule.direction == "request" and finding.severity != "compatible"]
    assert hurt, [(finding.rule.id, finding.path, finding.says) for finding in found]
    read = [finding for finding in back if finding.rule.direction == "response"]
    assert any(f.severity is not Severity.COMPATIBLE or f.rule.id == "RESPONSE_ELEMENT_APPENDED" for f in read)


def test_what_is_written_another_way_but_means_the_same_is_no_difference(tmp_path: Path) -> None:
    thing = USER.replace(
        '<xs:complexType name="thingType"><xs:sequence>',
        '<xs:group name="head"><xs:sequence><xs:element name="one" type="use:whole"/></xs:sequence></xs:group>'
        '<xs:simpleType name="whole"><xs:restriction base="xs:int"/></xs:simpleType>'
        '<xs:complexType name="root"><xs:sequence><xs:group ref="use:head"/></xs:sequence></xs:complexType>'
        '<xs:complexType name="thingType"><xs:complexContent><xs:extension base="use:root"><xs:sequence>',
    )
    thing = thing.replace('<xs:element name="one" type="xs:int"/>', "")
    thing = thing.replace(
        '</xs:sequence><xs:attribute name="id" type="xs:string"/></xs:complexType>',
        '</xs:sequence><xs:attributeGroup ref="use:ids"/></xs:extension></xs:complexContent></xs:complexType>'
        '<xs:attributeGroup name="ids"><xs:attribute name="id" type="xs:string"/></xs:attributeGroup>',
    )
    left, right = '<xs:element name="left" type="xs:string"/>', '<xs:element name="right" type="xs:string"/>'
    turned = thing.replace(left, "@").replace(right, left).replace("@", right)
    assert turned != USER
    assert between(write_set(tmp_path / "a"), write_set(tmp_path / "b", user=turned)) == []
