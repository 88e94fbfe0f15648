"""One finding for one difference: which operations, where on both sides, from which evidence, and its fingerprint."""

from __future__ import annotations

from pathlib import Path

from tiny_api import ONE, SERV, SERVICE, USER, between, element, write_set

from conformance.schema.evidence import Source
from conformance.schemadiff.diff import findings_between
from conformance.schemadiff.model import Finding
from conformance.schemadiff.sources import SchemaSource

IMPORT = f'<xs:import namespace="{SERV}" schemaLocation="service.xsd"/>'


def only(found: list[Finding], rule: str) -> Finding:
    """Return the one finding of a rule."""
    (finding,) = (finding for finding in found if finding.rule.id == rule)
    return finding


OTHER = """\
  <xs:complexType name="lstThing"><xs:complexContent><xs:extension base="serv:bodyContentType"><xs:sequence>
    <xs:element name="row" type="use:thingType" maxOccurs="unbounded"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="lstThingResponse"><xs:complexContent><xs:extension base="serv:bodyContentType"><xs:sequence>
    <xs:element name="row" type="use:thingType" maxOccurs="unbounded"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="thingType">"""
MORE = USER.replace('  <xs:complexType name="thingType">', OTHER)


def test_a_type_that_several_operations_use_is_one_finding_that_lists_them_and_where_they_have_it(
    tmp_path: Path,
) -> None:
    old, new = write_set(tmp_path / "a", user=MORE), write_set(tmp_path / "b", user=MORE.replace(ONE, ""))
    finding = only(between(old, new), "REQUEST_ELEMENT_REMOVED")
    assert finding.operations == ("CreateUser", "use:lstThing")
    assert [
        ["/".join(n.rpartition("}")[2] for n in path) for path in paths] for paths in finding.elements.values()
    ] == [
        ["thing/one"],
        ["row/one"],
    ]
    assert finding.before is not None
    line = next(number for number, text in enumerate(MORE.splitlines(), 1) if ONE in text)
    assert (finding.before.place.path.name, finding.before.place.line, finding.after) == ("user.xsd", line, None)
    assert finding.says == "is not known any more; was required xs:int"


def test_the_fingerprint_does_not_change_with_lines_and_folders_but_with_all_that_makes_the_difference(
    tmp_path: Path,
) -> None:
    base, more = write_set(tmp_path / "a"), write_set(tmp_path / "m", user=MORE)
    gone = USER.replace(ONE, "")
    prints = {}
    for name, text in {
        "plain": gone,
        "lines": gone.replace("<xs:complexType", "\n\n<!-- a comment -->\n<xs:complexType"),
        "operations": MORE.replace(ONE, ""),
        "element": USER.replace(element("two", 'type="xs:string" minOccurs="0"'), ""),
    }.items():
        found = between(more if name == "operations" else base, write_set(tmp_path / name, user=text))
        prints[name] = only(found, "REQUEST_ELEMENT_REMOVED").fingerprint
    assert prints["plain"] == prints["lines"]
    assert len(set(prints.values())) == 3
    request = only(between(base, tmp_path / "plain"), "REQUEST_ELEMENT_REMOVED")
    response = only(between(base, tmp_path / "plain"), "RESPONSE_ELEMENT_REMOVED")
    assert request.fingerprint != response.fingerprint
    assert len(request.fingerprint) == 64


def test_each_value_and_each_facet_is_a_finding_of_its_own(tmp_path: Path) -> None:
    values = "".join(f'<xs:enumeration value="{value}"/>' for value in ("Sales", "Support"))
    text = USER.replace('<xs:enumeration value="Event"/>', values)
    found = between(write_set(tmp_path / "a"), write_set(tmp_path / "b", user=text))
    told = [(finding.rule.id, finding.subject) for finding in found if finding.rule.direction == "request"]
    assert told == [
        ("REQUEST_ENUM_VALUE_REMOVED", "Event"),
        ("REQUEST_ENUM_VALUE_ADDED", "Sales"),
        ("REQUEST_ENUM_VALUE_ADDED", "Support"),
    ]
    assert len({finding.fingerprint for finding in found}) == len(found)
    after = only([finding for finding in found if finding.subject == "Sales"], "REQUEST_ENUM_VALUE_ADDED").after
    assert after is not None
    assert 'value="Sales"' in after.place.path.read_text().splitlines()[after.place.line - 1]


def test_what_is_only_assumed_is_told_and_what_says_nothing_is_official(tmp_path: Path) -> None:
    head = 'xmlns:evidence="urn:webex-conformance:evidence" xmlns:use'
    guess = element("new", 'type="xs:string" evidence:is="assumed" evidence:from="the position"')
    text = USER.replace("xmlns:use", head, 1).replace(ONE, ONE + guess)
    found = between(write_set(tmp_path / "a"), write_set(tmp_path / "b", user=text))
    finding = only(found, "REQUEST_ELEMENT_ADDED_REQUIRED")
    assert finding.assumed == "the position"
    removed = only(between(tmp_path / "b", tmp_path / "a"), "REQUEST_ELEMENT_REMOVED")
    assert removed.assumed == "the position"
    plain = only(
        between(tmp_path / "a", write_set(tmp_path / "c", user=USER.replace(ONE, ""))), "REQUEST_ELEMENT_REMOVED"
    )
    assert plain.assumed == ""
    assert plain.before is not None
    assert plain.before.evidence.source is Source.OFFICIAL_2011


def test_a_type_within_itself_comes_to_an_end(tmp_path: Path) -> None:
    text = USER.replace(
        element("two", 'type="xs:string" minOccurs="0"'), element("two", 'type="use:thingType" minOccurs="0"')
    )
    old, new = write_set(tmp_path / "a", user=text), write_set(tmp_path / "b", user=text.replace(ONE, ""))
    finding = only(between(old, new), "REQUEST_ELEMENT_REMOVED")
    assert finding.path == "use:thingType/one"
    assert 1 <= len(finding.elements["CreateUser"]) <= 6


def test_the_heaviest_come_first(tmp_path: Path) -> None:
    text = USER.replace(ONE, "").replace(element("last"), element("last") + element("end"))
    found = between(write_set(tmp_path / "a"), write_set(tmp_path / "b", user=text))
    order = [finding.severity for finding in found]
    assert order == sorted(order, key=["breaking", "risky", "compatible"].index)
    assert len(set(order)) > 1


def test_a_global_attribute_or_element_is_followed_to_its_declaration(tmp_path: Path) -> None:
    declared = "<xs:attribute name='gid' type='xs:int'/><xs:element name='whole' type='xs:int'/></xs:schema>"
    text = USER.replace("</xs:schema>", declared).replace(ONE, ONE + '<xs:element ref="use:whole"/>')
    text = text.replace('<xs:attribute name="id" type="xs:string"/>', '<xs:attribute ref="use:gid" use="required"/>')
    old, new = (
        write_set(tmp_path / "a", user=text),
        write_set(tmp_path / "b", user=text.replace("'xs:int'", "'xs:long'")),
    )
    found = {finding.path for finding in between(old, new) if finding.rule.id == "REQUEST_TYPE_WIDENED"}
    assert found == {"use:thingType/@gid", "use:thingType/whole"}


def test_what_two_sets_share_is_compared_where_it_needs_what_they_do_not_share(tmp_path: Path) -> None:
    """Releases share files; a type of a shared file differs where a type of another file does."""
    start, end = USER.index('  <xs:simpleType name="serviceType">'), USER.index("</xs:schema>")
    shared = (USER[:start] + USER[end:]).replace(
        "  <xs:complexType", '  <xs:include schemaLocation="v.xsd"/>\n<xs:complexType', 1
    )
    (tmp_path / "user.xsd").write_text(shared)
    (tmp_path / "service.xsd").write_text(SERVICE)
    files = {name: tmp_path / name for name in ("user.xsd", "service.xsd")}
    sources = []
    for number, values in enumerate((USER[start:end], USER[start:end].replace("Event", "Sales"))):
        own = tmp_path / f"v{number}.xsd"
        own.write_text(USER[: USER.index("  <xs:complexType")].replace(IMPORT, "") + values + "</xs:schema>")
        sources.append(SchemaSource(str(number), None, {**files, "v.xsd": own}, ("user.xsd",)))
    told = [(finding.rule.id, finding.subject) for finding in findings_between(*sources)]
    assert ("REQUEST_ENUM_VALUE_REMOVED", "Event") in told
    assert ("REQUEST_ENUM_VALUE_ADDED", "Sales") in told


def test_of_many_values_the_first_are_said_and_what_came_after_is_not_lost(tmp_path: Path) -> None:
    listed = "".join(f'<xs:enumeration value="value {number}"/>' for number in range(100))
    some = USER.replace('<xs:enumeration value="Meeting"/>', listed)
    free = USER.replace('<xs:enumeration value="Meeting"/>', "").replace('<xs:enumeration value="Event"/>', "")
    old, new = write_set(tmp_path / "a", user=some), write_set(tmp_path / "b", user=free)
    finding = only(between(old, new), "RESPONSE_FACET_LOOSENED")
    assert finding.says.startswith("enumeration was value 0 | value 1 | ")
    assert finding.says.endswith("..., is none")
    assert len(finding.says) < 160
    assert finding.old.endswith("value 99 | Event")
