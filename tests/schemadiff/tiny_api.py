"""A set of schemas of one service, as small as can be, and every kind of change to it.

Each type of ``thing`` stands in a request and in an answer, so each edit shows what it means in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.schemadiff.diff import findings_between
from conformance.schemadiff.model import Finding
from conformance.schemadiff.sources import of_folder

SERV = "http://www.webex.com/schemas/2002/06/service"
USE = f"{SERV}/user"

SERVICE = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:serv="{SERV}" targetNamespace="{SERV}"
  elementFormDefault="qualified">
  <xs:element name="message">
    <xs:complexType><xs:sequence>
      <xs:element name="header"><xs:complexType><xs:sequence>
        <xs:element name="securityContext" minOccurs="0"><xs:complexType><xs:sequence>
          <xs:element name="webExID" type="xs:string"/>
        </xs:sequence></xs:complexType></xs:element>
        <xs:element name="response" minOccurs="0"><xs:complexType><xs:sequence>
          <xs:element name="result" type="xs:string"/>
        </xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="body"><xs:complexType><xs:sequence>
        <xs:element name="bodyContent" type="serv:bodyContentType"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType>
  </xs:element>
  <xs:complexType name="bodyContentType"/>
</xs:schema>
"""

USER = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:serv="{SERV}" xmlns:use="{USE}" targetNamespace="{USE}"
  elementFormDefault="qualified">
  <xs:import namespace="{SERV}" schemaLocation="service.xsd"/>
  <xs:complexType name="userType"><xs:complexContent><xs:extension base="serv:bodyContentType"><xs:sequence>
    <xs:element name="thing" type="use:thingType"/>
    <xs:element name="last" type="xs:string"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="createUser"><xs:complexContent><xs:extension base="use:userType"/></xs:complexContent>
  </xs:complexType>
  <xs:complexType name="createUserResponse"><xs:complexContent><xs:extension base="use:userType"/></xs:complexContent>
  </xs:complexType>
  <xs:complexType name="getUser"><xs:complexContent><xs:extension base="serv:bodyContentType"/></xs:complexContent>
  </xs:complexType>
  <xs:complexType name="getUserResponse"><xs:complexContent><xs:extension base="serv:bodyContentType"/>
  </xs:complexContent></xs:complexType>
  <xs:complexType name="thingType"><xs:sequence>
    <xs:element name="one" type="xs:int"/>
    <xs:element name="two" type="xs:string" minOccurs="0"/>
    <xs:element name="many" type="xs:string" minOccurs="2" maxOccurs="5"/>
    <xs:element name="service" type="use:serviceType"/>
    <xs:element name="short"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="8"/>
      <xs:pattern value="[a-z]*"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="inner"><xs:complexType><xs:sequence>
      <xs:element name="deep" type="xs:string"/>
      <xs:element name="flat" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:choice>
      <xs:element name="left" type="xs:string"/>
      <xs:element name="right" type="xs:string"/>
    </xs:choice>
    <xs:element name="list"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:element>
    <xs:element name="open" type="xs:anyType"/>
    <xs:element name="set" type="use:setType" default="x"/>
    <xs:any namespace="##other" minOccurs="0"/>
  </xs:sequence><xs:attribute name="id" type="xs:string"/></xs:complexType>
  <xs:complexType name="setType"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="unit" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:simpleType name="serviceType"><xs:restriction base="xs:string">
    <xs:enumeration value="Meeting"/>
    <xs:enumeration value="Event"/>
  </xs:restriction></xs:simpleType>
</xs:schema>
"""


@dataclass(frozen=True)
class Edit:
    """A change of the schemas: a text and what takes its place, and the rules that find it in requests and answers."""

    name: str
    old: str
    new: str
    request: str
    response: str
    path: str
    subject: str = ""
    file: str = "user.xsd"


def element(name: str, rest: str = 'type="xs:string"') -> str:
    """Return an element declaration."""
    return f'<xs:element name="{name}" {rest}/>'


ONE, TWO = element("one", 'type="xs:int"'), element("two", 'type="xs:string" minOccurs="0"')
MANY = element("many", 'type="xs:string" minOccurs="2" maxOccurs="5"')
LAST = element("last")
DEEP, FLAT = element("deep"), element("flat")
INNER_CONTENT = f"<xs:sequence>\n      {DEEP}\n      {FLAT}\n    </xs:sequence>"
CHOICE = f"<xs:choice>\n      {element('left')}\n      {element('right')}\n    </xs:choice>"
THING = "use:thingType"


def both(name: str, old: str, new: str, aspect: str, where: str) -> Edit:
    """Return an edit that rules of the same aspect find in both directions; ``where`` is ``path|subject``."""
    path, _, subject = where.partition("|")
    return Edit(name, old, new, f"REQUEST_{aspect}", f"RESPONSE_{aspect}", path, subject)


_RESPONSE_TYPE = """\
  <xs:complexType name="getUserResponse"><xs:complexContent><xs:extension base="serv:bodyContentType"/>
  </xs:complexContent></xs:complexType>
"""
_REQUEST_TYPE = """\
  <xs:complexType name="getUser"><xs:complexContent><xs:extension base="serv:bodyContentType"/></xs:complexContent>
  </xs:complexType>
"""

EDITS = (
    Edit("an operation is gone", _REQUEST_TYPE + _RESPONSE_TYPE, "", "OPERATION_REMOVED", "", "use:getUser"),
    Edit("a request type is gone", _REQUEST_TYPE, "", "REQUEST_TYPE_REMOVED", "", "use:getUser"),
    Edit("a response type is gone", _RESPONSE_TYPE, "", "", "RESPONSE_TYPE_REMOVED", "use:getUserResponse"),
    Edit(
        "a required element before others",
        ONE,
        element("new") + ONE,
        "REQUEST_ELEMENT_ADDED_REQUIRED",
        "RESPONSE_ELEMENT_ADDED",
        f"{THING}/new",
    ),
    Edit(
        "an optional element at the end",
        LAST,
        LAST + element("new", 'type="xs:string" minOccurs="0"'),
        "REQUEST_ELEMENT_ADDED_OPTIONAL",
        "RESPONSE_ELEMENT_APPENDED",
        "use:userType/new",
    ),
    Edit("a required element is gone", ONE, "", "REQUEST_ELEMENT_REMOVED", "RESPONSE_ELEMENT_REMOVED", f"{THING}/one"),
    Edit(
        "an optional element is gone",
        TWO,
        "",
        "REQUEST_ELEMENT_REMOVED",
        "RESPONSE_OPTIONAL_ELEMENT_REMOVED",
        f"{THING}/two",
    ),
    Edit(
        "an attribute is required and new",
        '<xs:attribute name="id" type="xs:string"/>',
        '<xs:attribute name="id" type="xs:string"/><xs:attribute name="key" type="xs:string" use="required"/>',
        "REQUEST_ELEMENT_ADDED_REQUIRED",
        "RESPONSE_ELEMENT_APPENDED",
        f"{THING}/@key",
    ),
    Edit(
        "an attribute of a value is gone",
        '<xs:attribute name="unit" type="xs:string"/>',
        "",
        "REQUEST_ELEMENT_REMOVED",
        "RESPONSE_OPTIONAL_ELEMENT_REMOVED",
        "use:setType/@unit",
    ),
    both(
        "an attribute is required",
        'name="id"',
        'name="id" use="required"',
        "ELEMENT_MADE_REQUIRED",
        f"{THING}/@id|least",
    ),
    both("an element moved", f"{ONE}\n    {TWO}", f"{TWO}\n    {ONE}", "ELEMENT_MOVED", f"{THING}/two"),
    both(
        "an element is nested",
        DEEP,
        f"<xs:element name='box'><xs:complexType><xs:sequence>{DEEP}</xs:sequence></xs:complexType></xs:element>",
        "NESTING_CHANGED",
        f"{THING}/inner/deep",
    ),
    both(
        "an element has no namespace",
        DEEP,
        DEEP.replace("/>", ' form="unqualified"/>'),
        "NAMESPACE_CHANGED",
        f"{THING}/inner/deep",
    ),
    both("an order is freed", INNER_CONTENT, f"<xs:all>{DEEP}{FLAT}</xs:all>", "ORDER_FREED", f"{THING}/inner"),
    both(
        "an element is optional",
        ONE,
        ONE.replace("/>", ' minOccurs="0"/>'),
        "ELEMENT_MADE_OPTIONAL",
        f"{THING}/one|least",
    ),
    both("an element is required", TWO, element("two"), "ELEMENT_MADE_REQUIRED", f"{THING}/two|least"),
    both("an element repeats", TWO, TWO.replace("/>", ' maxOccurs="9"/>'), "ELEMENT_REPEATS", f"{THING}/two|most"),
    both("an element comes less often", MANY, MANY.replace('"5"', '"3"'), "CARDINALITY_NARROWED", f"{THING}/many|most"),
    both(
        "an element may come less often", MANY, MANY.replace('"2"', '"1"'), "CARDINALITY_WIDENED", f"{THING}/many|least"
    ),
    both(
        "both of a choice",
        CHOICE,
        f"<xs:sequence>{element('left')}{element('right')}</xs:sequence>",
        "NO_LONGER_EXCLUSIVE",
        f"{THING}|left, right",
    ),
    both(
        "no choice must be made",
        CHOICE,
        CHOICE.replace("<xs:choice>", '<xs:choice minOccurs="0">'),
        "ONE_OF_NOT_REQUIRED",
        f"{THING}|left, right",
    ),
    both(
        "an element only with another",
        f"{ONE}\n    {TWO}",
        f'<xs:sequence minOccurs="0">{ONE}{element("two")}</xs:sequence>',
        "MADE_DEPENDENT",
        f"{THING}|one without two",
    ),
    both(
        "a value became elements",
        'name="two" type="xs:string"',
        'name="two" type="use:userType"',
        "TYPE_CHANGED",
        f"{THING}/two",
    ),
    both(
        "a list became a value",
        '<xs:list itemType="xs:int"/>',
        '<xs:restriction base="xs:int"/>',
        "TYPE_CHANGED",
        f"{THING}/list",
    ),
    both(
        "a type is narrower", 'name="one" type="xs:int"', 'name="one" type="xs:short"', "TYPE_NARROWED", f"{THING}/one"
    ),
    both(
        "a number became a text",
        'name="one" type="xs:int"',
        'name="one" type="xs:string"',
        "TYPE_WIDENED",
        f"{THING}/one",
    ),
    both("items of a list are wider", 'itemType="xs:int"', 'itemType="xs:long"', "TYPE_WIDENED", f"{THING}/list"),
    both("anything became something", 'type="xs:anyType"', 'type="xs:string"', "TYPE_NARROWED", f"{THING}/open"),
    both(
        "a value of an enumeration is new",
        '<xs:enumeration value="Event"/>',
        '<xs:enumeration value="Event"/><xs:enumeration value="Sales"/>',
        "ENUM_VALUE_ADDED",
        "use:serviceType|Sales",
    ),
    both(
        "a value of an enumeration is gone",
        '<xs:enumeration value="Event"/>',
        "",
        "ENUM_VALUE_REMOVED",
        "use:serviceType|Event",
    ),
    both(
        "a text is shorter",
        '<xs:maxLength value="8"/>',
        '<xs:maxLength value="4"/>',
        "FACET_TIGHTENED",
        f"{THING}/short|maxLength",
    ),
    both("a limit is gone", '<xs:maxLength value="8"/>', "", "FACET_LOOSENED", f"{THING}/short|maxLength"),
    both("a pattern is another", '"[a-z]*"', '"[A-Z]*"', "FACET_CHANGED", f"{THING}/short|pattern"),
    both("a value is fixed", 'name="id"', 'name="id" fixed="1"', "FACET_TIGHTENED", f"{THING}/@id|fixed value"),
    both(
        "text between elements",
        '<xs:complexType name="thingType">',
        '<xs:complexType name="thingType" mixed="true">',
        "FACET_LOOSENED",
        f"{THING}|text between elements",
    ),
    both("a wildcard is another", 'namespace="##other"', 'namespace="##any"', "FACET_CHANGED", f"{THING}/*|wildcard"),
    both("an element can be nil", ONE, ONE.replace("/>", ' nillable="true"/>'), "MADE_NILLABLE", f"{THING}/one"),
    both("a default is another", 'default="x"', 'default="y"', "DEFAULT_CHANGED", f"{THING}/set"),
    both("a default is gone", ' default="x"', "", "DEFAULT_CHANGED", f"{THING}/set"),
    Edit(
        "the caller says more",
        element("webExID"),
        element("webExID") + element("token"),
        "REQUEST_ELEMENT_ADDED_REQUIRED",
        "",
        "serv:message/header/securityContext/token",
        file="service.xsd",
    ),
    Edit(
        "each answer says more",
        element("result"),
        element("result") + element("reason"),
        "",
        "RESPONSE_ELEMENT_APPENDED",
        "serv:message/header/response/reason",
        file="service.xsd",
    ),
)

FILES = {"service.xsd": SERVICE, "user.xsd": USER}


def write_set(folder: Path, **files: str) -> Path:
    """Write a set into a folder; ``user`` and ``service`` take the place of those texts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(files.get(name.partition(".")[0], text))
    return folder


def edited(*edits: Edit) -> dict[str, str]:
    """Return the texts of the set after edits."""
    texts = dict(FILES)
    for edit in edits:
        assert texts[edit.file].count(edit.old) == 1, edit.name
        texts[edit.file] = texts[edit.file].replace(edit.old, edit.new)
    return {name.partition(".")[0]: text for name, text in texts.items()}


def between(old: Path, new: Path) -> list[Finding]:
    """Return the findings between two folders."""
    return findings_between(of_folder(old), of_folder(new))
