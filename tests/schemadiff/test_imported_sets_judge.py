"""An imported set is the authority for its release, until it is removed; a bad one changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import TREE, official, zipped
from tiny_api import ONE

from conformance.cli import app
from conformance.errors import UserError
from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.store import imported_set, imported_sets, store_folder
from conformance.versions import Version

RELEASE = Version(40, 4, 3)
Call = Callable[..., tuple[int, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and a home where nothing is imported."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call ``conformance`` in that home; return exit code and output."""

    def called(*arguments: object) -> tuple[int, str]:
        code = app([*map(str, arguments)], standalone_mode=False)
        return int(code or 0), capsys.readouterr().out

    return called


def test_it_is_shown_how_it_differs_it_judges_and_it_can_be_removed(home: Path, call: Call) -> None:
    files = official(RELEASE)
    name = next(name for name in files if name.endswith("/user/CreateUser.xsd"))
    files[name] = files[name].replace('name="isHTMLEmail"', 'name="htmlEmail"')
    shipped = SchemaCatalog().at(RELEASE).digest
    code, out = call("schemas", "import", zipped(home / "schemas.zip", files), "--as", "40.4.3")
    assert code == 0
    assert "use:createUser/isHTMLEmail (request): is not known any more; was optional xs:boolean" in out
    assert f"imported {len(files) + 1} files as 40.4.3: 1 breaking, 0 risky, 1 compatible against ours" in out
    assert call("schemas", "list")[1].startswith(f"40.4.3: {len(files) + 1} files from schemas.zip, imported 20")

    imported = SchemaCatalog().at(RELEASE)
    assert imported.digest != shipped
    assert SchemaCatalog(schemas_root()).at(RELEASE).digest == shipped
    assert SchemaCatalog().at(Version(40, 6)).digest == imported.digest  # the rules of 40.4.3 hold there
    assert SchemaCatalog().at(Version(40, 4)).release == Version(40, 4)

    request = home / "request.xml"
    request.write_text(
        '<serv:message xmlns:serv="http://www.webex.com/schemas/2002/06/service" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><header><securityContext/></header><body>'
        '<bodyContent xsi:type="java:com.webex.service.binding.user.CreateUser"><firstName>A</firstName>'
        "<lastName>B</lastName><webExId>c</webExId><email>c@example.com</email>"
        "<privilege><host>true</host></privilege><isHTMLEmail>true</isHTMLEmail></bodyContent></body></serv:message>"
    )
    code, out = call("validate", request, "--api-version", "40.4.3")
    assert code == 1
    assert "isHTMLEmail" in out
    assert "(official)" in out
    assert "deviation" not in out
    code, out = call("schema-diff", "shipped:40.4.3", "40.4.3")
    assert code == 1
    assert "no note speaks of" not in out  # there is no way between a version and itself
    assert "40.4.3 (imported)" in call("schema-diff", "40.4.0", "imported:40.4.3")[1]

    assert call("schemas", "remove", "40.4.3") == (
        0,
        "removed the imported schemas of 40.4.3; the shipped ones hold again\n",
    )
    assert SchemaCatalog().at(RELEASE).digest == shipped
    assert [*store_folder().iterdir()] == []
    with pytest.raises(UserError, match=r"no schemas of 40\.4\.3 are imported"):
        call("schemas", "remove", "40.4.3")
    assert call("schemas", "list")[1] == f"no schemas are imported; they would be kept in {store_folder()}\n"


def test_an_import_takes_the_place_of_the_one_before_and_a_bad_one_of_none(home: Path, call: Call) -> None:
    first = zipped(home / "first.zip", TREE)
    second = zipped(home / "second.zip", {name: text.replace(ONE, "") for name, text in TREE.items()})
    assert call("schemas", "import", first, "--as", "40.4.3")[0] == 0
    before = imported_set(RELEASE)
    assert before is not None
    assert call("schemas", "import", second, "--as", "40.4.3")[0] == 0
    (after,) = imported_sets()
    assert after.source == "second.zip"
    assert not before.folder.exists()
    bad = zipped(home / "bad.zip", {**TREE, "x.xsd": "<other/>"})
    with pytest.raises(UserError, match=r"bad\.zip: x\.xsd: is no XML Schema"):
        call("schemas", "import", bad, "--as", "40.4.3")
    assert imported_sets() == [after]
    assert sorted(path.name for path in store_folder().iterdir()) == sorted(["40.4.3.json", after.folder.name])


def test_a_version_that_is_no_release_of_ours_can_have_its_own(home: Path, call: Call) -> None:
    assert call("schemas", "import", zipped(home / "x.zip", TREE), "--as", "40.6.0")[0] == 0
    assert SchemaCatalog().at(Version(40, 6)).release == Version(40, 6)
    assert SchemaCatalog().at(RELEASE).digest == SchemaCatalog(schemas_root()).at(RELEASE).digest


def test_the_settings_file_says_where_they_are_kept(home: Path, call: Call) -> None:
    (home / "conformance.toml").write_text('[schemas]\nfolder = "theirs"\n')
    assert call("schemas", "import", zipped(home / "x.zip", TREE), "--as", "40.4.3")[0] == 0
    assert (home / "theirs" / "40.4.3.json").is_file()
    other = home / "other.toml"
    other.write_text('[schemas]\nfolder = "elsewhere"\n')
    assert store_folder(other) == home / "elsewhere"
    assert SchemaCatalog(config=other).at(RELEASE).digest == SchemaCatalog(schemas_root()).at(RELEASE).digest
    assert SchemaCatalog().at(RELEASE).digest != SchemaCatalog(schemas_root()).at(RELEASE).digest


@pytest.mark.parametrize("said", ["folder = 7", 'place = "x"'])
def test_any_other_word_in_the_section_is_refused(home: Path, said: str) -> None:
    (home / "conformance.toml").write_text(f"[schemas]\n{said}\n")
    with pytest.raises(UserError, match=r"conformance\.toml: \[schemas\] has one key, folder, which is a path"):
        store_folder()


def test_a_relative_data_folder_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert store_folder() == home / ".local/share/conformance/schemas"


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"folder": "gone", "source": "x", "imported": "y"})])
def test_what_was_damaged_is_told_and_not_passed_over(home: Path, text: str) -> None:
    store_folder().mkdir(parents=True)
    (store_folder() / "40.4.3.json").write_text(text)
    with pytest.raises(UserError, match=r"40\.4\.3\.json: .*(?:import the schemas of 40\.4\.3 again|are gone; import)"):
        SchemaCatalog().at(RELEASE)


def test_where_nothing_can_be_kept_it_is_told(home: Path, call: Call) -> None:
    (home / "file").write_text("")
    (home / "conformance.toml").write_text('[schemas]\nfolder = "file/below"\n')
    with pytest.raises(UserError, match="imported schemas can not be kept there"):
        call("schemas", "import", zipped(home / "x.zip", TREE), "--as", "40.4.3")
