"""Somebody else's schemas: made fit where only their references are odd, refused whole where anything is wrong."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from archives import TREE, flat, official, zipped
from tiny_api import SERV, SERVICE, USE, USER, write_set

from conformance.errors import UserError
from conformance.schema import archive as limits
from conformance.schema.evidence import Source
from conformance.schema.importing import import_schemas
from conformance.schema.model import read_model
from conformance.schemadiff.diff import findings_between
from conformance.schemadiff.sources import of_folder, of_release
from conformance.versions import Version

RELEASE = Version(40, 4, 3)


def taken(tmp_path: Path, files: Mapping[str, str | bytes]) -> tuple[list[str], Path]:
    """Import an archive of these files; return the notes and the folder."""
    folder = tmp_path / "imported"
    folder.mkdir()
    return [*import_schemas(zipped(tmp_path / "x.zip", files), folder)], folder


def refused(tmp_path: Path, files: Mapping[str, str | bytes]) -> str:
    """Return why an archive of these files is refused."""
    with pytest.raises(UserError) as error:
        taken(tmp_path, files)
    assert str(tmp_path / "x.zip") in str(error.value)
    assert "conformance-import-" not in str(error.value)
    return str(error.value)


def test_the_whole_set_in_one_folder_is_the_same_on_the_wire_and_says_that_it_is_official(tmp_path: Path) -> None:
    notes, folder = taken(tmp_path, {**flat(official(RELEASE)), "readme.txt": "not looked at"})
    assert notes == []
    imported = of_folder(folder)
    assert findings_between(of_release(RELEASE), imported) == []
    model = read_model(imported.files, "message.xsd")
    assert {model_.evidence.source for model_ in model.types.values()} == {Source.OFFICIAL}
    assert (folder / "service/user").is_dir()


USER_FILE = "schemas/com/webex/service/user/user.xsd"
SERVICE_FILE = "schemas/com/webex/service/service.xsd"
XSD = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
XML = "http://www.w3.org/XML/1998/namespace"
IMPORT = f'<xs:import namespace="{SERV}" schemaLocation="../service.xsd"/>'
MORE = f'<xs:schema {XSD} targetNamespace="{USE}"><xs:attribute name="more" type="xs:int"/></xs:schema>'
ID = '<xs:attribute name="id" type="xs:string"/>'


def with_user(*changes: tuple[str, str], **more: str) -> dict[str, str]:
    """Return the archive with another ``user.xsd``, and with more files: ``x`` is x.xsd."""
    text = TREE[USER_FILE]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return {**TREE, USER_FILE: text, **{f"{name}.xsd": data for name, data in more.items()}}


MENDED: dict[str, tuple[dict[str, str], list[str]]] = {
    "a missing import": (
        with_user((IMPORT, "")),
        [f"{USER_FILE}:4: uses {SERV} without importing it; the import is added"],
    ),
    "an import of nothing": (
        {**TREE, SERVICE_FILE: SERVICE.replace("  <xs:element", '<xs:import namespace="urn:x"/><xs:element', 1)},
        [f"{SERVICE_FILE}:3: imports urn:x and uses nothing of it; left out"],
    ),
    "a copy": (
        {**TREE, "schemas/com/webex/service/user/service.xsd": SERVICE},
        [f"schemas/com/webex/service/user/service.xsd: the same as {SERVICE_FILE}; left out"],
    ),
    "an entry of theirs": (
        with_user(all=f"<xs:schema {XSD}/>"),
        ["all.xsd: left out: it has no namespace and only names others; the entry is made anew"],
    ),
    "a file that nothing includes": (
        with_user(lost=f"<xs:schema {XSD}><xs:attribute name='x'/></xs:schema>"),
        ["lost.xsd: left out: it has no namespace and nothing includes it"],
    ),
    "a namespace in two files": (
        with_user(more=MORE),
        [f"{USE}: is in 2 files that do not name each other; service/user/all.xsd includes them"],
    ),
    "an import of its own namespace": (
        with_user(
            (IMPORT, f'{IMPORT}<xs:import namespace="{USE}" schemaLocation="http://example.com/more.xsd"/>'), more=MORE
        ),
        [],
    ),
    "an include by an address": (
        with_user((IMPORT, f'{IMPORT}<xs:include schemaLocation="http://example.com/more.xsd"/>'), more=MORE),
        [],
    ),
    "an attribute of XML itself": (
        with_user(
            (ID, f'{ID}<xs:attribute ref="xml:lang"/>'),
            (IMPORT, f'{IMPORT}<xs:import namespace="{XML}" schemaLocation="http://example.com/xml.xsd"/>'),
        ),
        [],
    ),
    "our words in their mouth": (
        with_user(
            ("xmlns:use", 'xmlns:evidence="urn:webex-conformance:evidence" evidence:is="assumed" xmlns:use'),
            ('name="one"', 'name="one" evidence:is="no word of ours"'),
        ),
        [],
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_is_odd_about_references_is_mended_and_told(tmp_path: Path, name: str) -> None:
    files, told = MENDED[name]
    notes, folder = taken(tmp_path, files)
    assert notes == told
    found = findings_between(of_folder(write_set(tmp_path / "plain")), of_folder(folder))
    assert {finding.path for finding in found} == ({"use:thingType/@lang"} if "XML" in name else set())
    model = read_model(of_folder(folder).files, "message.xsd")
    assert {model_.evidence.source for model_ in model.types.values()} == {Source.OFFICIAL}


OUT = "leads out of the archive"
DOCTYPE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
WRONG: dict[str, tuple[bytes | dict[str, str], str]] = {
    "no zip": (b"not a zip", "is neither a zip nor a folder"),
    "a broken zip": (b"PK\x05\x06" + b"\0" * 8 + b"\xff" * 10, "zip"),
    "no schemas": ({"readme.txt": "x"}, "there are no .xsd files in it"),
    "a name that leads up": ({**TREE, "a/../../evil.xsd": SERVICE}, OUT),
    "an absolute name": ({**TREE, "/etc/evil.xsd": SERVICE}, OUT),
    "a drive": ({**TREE, "C:\\evil.xsd": SERVICE}, OUT),
    "a way up by the other slash": ({**TREE, "..\\evil.xsd": SERVICE}, OUT),
    "the same but for capitals": ({**TREE, USER_FILE.upper(): USER}, "are the same name to some systems"),
    "an entity": ({**TREE, USER_FILE: f"{DOCTYPE}{USER}"}, "has a DOCTYPE"),
    "no XML": ({**TREE, USER_FILE: USER[:-9]}, "is not well-formed XML"),
    "no schema": (with_user(other="<other/>"), "is no XML Schema"),
    "a redefinition": (with_user((IMPORT, f'{IMPORT}<xs:redefine schemaLocation="x"/>')), "xs:redefine"),
    "an include of nothing": (with_user((IMPORT, '<xs:include schemaLocation="gone.xsd"/>')), "includes gone.xsd"),
    "a namespace that is not there": ({USER_FILE: USER}, f"takes something from {SERV}, of which there is no file"),
    "a type that is not there": (with_user(('"use:setType"', '"use:none"')), "does not compile: user.xsd: "),
    "a content that is two": (
        with_user(('namespace="##other"', ""), ('name="set"', 'name="set" minOccurs="0"')),
        "does not compile",
    ),
    "another API": ({"a.xsd": f'<xs:schema {XSD} targetNamespace="urn:a"/>'}, "has no element serv:message"),
    "no operation": ({"service.xsd": SERVICE}, "has no operation that the suite knows"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    given, told = WRONG[name]
    if isinstance(given, bytes):
        (tmp_path / "x.zip").write_bytes(given)
        with pytest.raises(UserError, match=told):
            import_schemas(tmp_path / "x.zip", tmp_path)
    else:
        assert told in refused(tmp_path, given)


def test_links_and_encryption_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("link.xsd")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(UserError, match="is a link; schemas are plain files"):
        import_schemas(path, tmp_path)
    data = bytearray(zipped(path, TREE).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        data[at + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="is encrypted; unpack it and name the folder"):
        import_schemas(path, tmp_path)


def test_a_folder_is_taken_as_a_zip_is_but_no_link_out_of_it(tmp_path: Path) -> None:
    folder, target = tmp_path / "given", tmp_path / "target"
    for name, text in TREE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    target.mkdir()
    assert [*import_schemas(folder, target)] == []
    assert findings_between(of_folder(folder), of_folder(target)) == []
    (tmp_path / "secret.xsd").write_text(SERVICE)
    (folder / "link.xsd").symlink_to(tmp_path / "secret.xsd")
    with pytest.raises(UserError, match=r"link\.xsd is a link that leads out of the folder"):
        import_schemas(folder, target)
    with pytest.raises(UserError, match="is not there"):
        import_schemas(tmp_path / "nowhere", target)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("MAX_ENTRIES", "has more than 1 entries"),
        ("MAX_FILES", "has more than 1 .xsd files"),
        ("MAX_FILE", "has more than 1 bytes"),
        ("MAX_TOTAL", "its .xsd files have more than 1 bytes"),
    ],
)
def test_more_than_a_set_can_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str
) -> None:
    monkeypatch.setattr(limits, limit, 1)
    assert told in refused(tmp_path, TREE)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    assert "bomb.xsd has more than 4194304 bytes" in refused(tmp_path, {**TREE, "bomb.xsd": b" " * (64 << 20)})
