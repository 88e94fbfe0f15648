"""What the user names becomes a set, whole and from nowhere else; what can not is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_api import SERVICE, USER, between, element, write_set

from conformance.errors import UserError
from conformance.resources import schemas_root
from conformance.schemadiff.diff import findings_between
from conformance.schemadiff.reading import read_schema
from conformance.schemadiff.sources import find_source, of_folder, of_release
from conformance.versions import NEWEST, ROOT, Version


def test_a_version_between_releases_has_the_schemas_that_hold_then() -> None:
    source = find_source("40.3.0")
    assert source.label == "40.3.0 (schemas of 40.2.0)"
    assert source.version == Version(40, 3)
    assert findings_between(source, of_release(Version(40, 2))) == []


def test_what_is_asked_for_as_shipped_is_called_so() -> None:
    assert find_source("shipped:40.4.3").label == "40.4.3 (shipped)"
    assert find_source("shipped:40.3.0").label == "40.3.0 (shipped, schemas of 40.2.0)"


@pytest.mark.parametrize("release", [ROOT, Version(40, 4, 3), NEWEST], ids=str)
def test_the_shipped_sets_are_whole(release: Version) -> None:
    source = of_release(release)
    schema = read_schema(source.files, source.entries)
    assert len(schema.types) > 400
    assert findings_between(source, find_source(f"shipped:{release}")) == []


def test_a_copy_of_a_shipped_set_as_a_folder_is_the_same(tmp_path: Path) -> None:
    source = of_release(Version(40, 4, 3))
    for name, path in source.files.items():
        target = tmp_path / "copy" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert findings_between(source, of_folder(tmp_path / "copy")) == []
    found = findings_between(of_release(Version(40, 4)), of_folder(tmp_path / "copy"))
    assert [(finding.rule.id, finding.path) for finding in found] == [
        ("REQUEST_ELEMENT_ADDED_OPTIONAL", "use:createUser/isHTMLEmail")
    ]


def test_without_message_xsd_every_file_with_a_namespace_counts_wherever_its_imports_point(tmp_path: Path) -> None:
    flat = write_set(tmp_path / "flat")
    moved = tmp_path / "moved"
    (moved / "deep" / "er").mkdir(parents=True)
    (moved / "deep" / "er" / "s.XSD").write_text(SERVICE)
    (moved / "user.xsd").write_text(USER.replace("service.xsd", "http://example.com/schemas/service.xsd"))
    assert between(flat, moved) == []


def test_an_include_without_a_namespace_takes_that_of_who_includes_it(tmp_path: Path) -> None:
    start = USER.index('  <xs:simpleType name="serviceType">')
    end = USER.index("</xs:schema>")
    user = f"{USER[:start]}{USER[end:]}".replace(
        "  <xs:complexType", '  <xs:include schemaLocation="x/part.xsd"/>\n  <xs:complexType', 1
    )
    folder = write_set(tmp_path / "b", user=user)
    (folder / "x").mkdir()
    (folder / "x" / "part.xsd").write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{USER[start:end]}</xs:schema>'
    )
    assert between(write_set(tmp_path / "a"), folder) == []


LOOP = USER.replace(element("last"), element("last", 'type="use:loop"')).replace(
    "</xs:schema>", "<xs:complexType name='loop'>{}</xs:complexType></xs:schema>"
)


@pytest.mark.parametrize(
    ("user", "told"),
    [
        (USER.replace("use:thingType", "use:other"), "the type use:other is not defined"),
        (USER.replace("use:thingType", "other:thing"), "the prefix 'other' is not declared"),
        (USER.replace("<xs:import", '<xs:include schemaLocation="gone.xsd"/><xs:import'), ":3: includes gone.xsd"),
        (USER.replace('/service" schema', '/other" schema'), "of which none of the files is"),
        (USER.replace("<xs:import", "<xs:redefine/><xs:import"), "xs:redefine is not supported"),
        (USER.replace(element("last"), '<xs:group ref="use:none"/>'), "the group use:none is not defined"),
        (USER.replace(element("last"), '<xs:element ref="use:none"/>'), "use:none is not defined"),
        (USER.replace('minOccurs="2"', 'minOccurs="two"'), "minOccurs and maxOccurs are numbers"),
        (f"<!DOCTYPE x [<!ENTITY e 'e'>]>{USER}", "has a DOCTYPE"),
        (USER[:-20], "is not well-formed XML"),
        ("<other/>", "is no XML Schema: its first element is 'other'"),
        (USER.replace("serv:bodyContentType", "use:setType"), "no type derives from serv:bodyContentType"),
    ],
    ids=lambda value: value if len(value) < 60 else "",
)
def test_a_set_that_is_not_whole_is_refused_with_a_reason(tmp_path: Path, user: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        between(write_set(tmp_path / "a"), write_set(tmp_path / "b", user=user))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("loop", "told"),
    [
        ("<xs:complexContent><xs:extension base='use:loop'/></xs:complexContent>", "is derived from itself"),
        ("", "nested too deeply"),
    ],
    ids=["elements", "a value"],
)
def test_a_type_that_is_derived_from_itself_is_no_end(tmp_path: Path, loop: str, told: str) -> None:
    user = LOOP.format(loop)
    if not loop:
        user = user.replace(
            "<xs:complexType name='loop'></xs:complexType>",
            "<xs:simpleType name='loop'><xs:restriction base='use:loop'/></xs:simpleType>",
        )
    with pytest.raises(UserError, match=told):
        between(write_set(tmp_path / "a", user=user), write_set(tmp_path / "b", user=f"{user} "))


def test_what_is_defined_twice_is_told_with_both_places(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "a")
    (folder / "again.xsd").write_text(USER)
    with pytest.raises(UserError, match=r"is defined again; the other one is at .*xsd:\d+"):
        between(folder, write_set(tmp_path / "b"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nowhere", "nowhere: is neither a release, as 40.4.3, nor a folder of schemas"),
        ("imported:40.4.3", "no schemas of 40.4.3 are imported"),
        ("shipped:x", "'x' is not an API version"),
    ],
)
def test_what_names_no_set_is_told(text: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        find_source(text)
    assert told in str(refused.value)


def test_folders_without_one_set_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"there are no \.xsd files in it"):
        find_source(str(tmp_path / "empty"))
    with pytest.raises(UserError, match="looked at by 'conformance schemas import'"):
        find_source(str(tmp_path / "a.zip"))
    for name in ("one", "two"):
        (write_set(tmp_path / "both" / name) / "message.xsd").write_text(SERVICE)
    with pytest.raises(UserError, match="there are several sets in it"):
        find_source(str(tmp_path / "both"))
    assert find_source(str(schemas_root() / "5.9")).entries == ("message.xsd",)
