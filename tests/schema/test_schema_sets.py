"""The schemas of each release: which files hold, that both validators take them, and what happens to broken ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from conformance.errors import SchemaNotFound, SuiteError
from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog, SchemaSet, overlay
from conformance.schema.evidence import Evidence, Source
from conformance.versions import DEFAULT_VERSION, LINEAGE, Version, ancestry
from conformance.versions import ROOT as LINEAGE_ROOT
from conformance.wire.names import operation

ROOT = schemas_root()

SETS = list({tuple(overlay(ROOT, known).values()): known for known in reversed(LINEAGE)}.values())
"""The first release of each set of files: those that change no file have the set of another one."""


def covering() -> list[Version]:
    """Return releases in whose sets every file stands: xmlschema takes seconds for a set."""
    sets = {release: set(overlay(ROOT, release).values()) for release in SETS}
    chosen: list[Version] = []
    while left := set().union(*sets.values()) - {path for release in chosen for path in sets[release]}:
        chosen.append(max(sets, key=lambda release: len(sets[release] & left)))
    return sorted(chosen)


Edited = Callable[[str, str, str], SchemaCatalog]


@pytest.fixture(params=LINEAGE, ids=str)
def release(request: pytest.FixtureRequest) -> Version:
    """Each known release."""
    return request.param


class TestOverlay:
    @pytest.mark.parametrize(
        ("changed_in", "at", "origin"),
        [
            ([], "42.11.1", "5.9"),
            (["40.1.0"], "39.11.0", "5.9"),
            (["40.1.0"], "40.1.0", "40.1.0"),
            (["40.1.0"], "42.11.1", "40.1.0"),
            (["40.1.0", "40.11.0"], "40.4.3", "40.1.0"),
            (["40.1.0", "40.11.0"], "40.12.0", "40.11.0"),
            (["40.2.4", "40.4.3"], "40.2.4", "40.2.4"),
            (["40.2.4", "40.4.3"], "40.4.0", "5.9"),
            (["40.2.4", "40.4.3"], "40.11.0", "40.4.3"),
            (["9.0.5", "10.0.1"], "10.0", "5.9"),
        ],
    )
    def test_a_file_is_that_of_the_last_release_of_the_lineage_that_changed_it(
        self, changed_in: list[str], at: str, origin: str, tmp_path: Path
    ) -> None:
        for folder in ("5.9", *changed_in):
            (tmp_path / folder / "user").mkdir(parents=True)
            (tmp_path / folder / "user" / "CreateUser.xsd").touch()
        files = overlay(tmp_path, Version.parse(at))
        assert files == {"user/CreateUser.xsd": tmp_path / origin / "user" / "CreateUser.xsd"}

    def test_a_file_that_a_release_brought_is_not_there_before(self) -> None:
        name = "history/LstAccessAnywhereHistory.xsd"
        lacking = {known for known in LINEAGE if name not in overlay(ROOT, known)}
        assert lacking == {known for known in LINEAGE if known < Version(40, 1, 0)}

    def test_a_release_changes_each_file_that_it_holds(self, release: Version) -> None:
        if release == LINEAGE_ROOT:
            return
        before = overlay(ROOT, ancestry(release)[-2])
        for path in (ROOT / str(release)).rglob("*.xsd"):
            replaced = before.get(path.relative_to(ROOT / str(release)).as_posix())
            assert replaced is None or replaced.read_bytes() != path.read_bytes(), path

    def test_each_folder_is_that_of_a_release_and_says_what_it_brought(self) -> None:
        folders = [folder for folder in ROOT.iterdir() if folder.is_dir()]
        assert {folder.name for folder in folders} <= set(map(str, LINEAGE))
        assert [folder.name for folder in folders if not (folder / "README.md").is_file()] == []

    def test_without_the_root_nothing_holds(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaNotFound, match="the set that every release grows from") as refused:
            overlay(tmp_path, DEFAULT_VERSION)
        assert refused.value.path == tmp_path / "5.9"


class TestCompiling:
    @pytest.mark.parametrize("release", SETS, ids=str)
    def test_libxml2_takes_the_set_in_silence(self, release: Version, catalog: SchemaCatalog) -> None:
        with catalog.at(release).materialised() as entry:
            assert len(etree.XMLSchema(file=str(entry)).error_log) == 0

    @pytest.mark.parametrize("release", covering(), ids=str)
    def test_xmlschema_takes_the_set_in_silence(self, release: Version, catalog: SchemaCatalog) -> None:
        # Its warnings are errors here.
        with catalog.at(release).materialised() as entry:
            schema = xmlschema.XMLSchema10(str(entry))
        assert schema.all_errors == []
        assert schema.maps.validation_attempted == "full"

    def test_every_file_of_the_set_is_a_part_of_it(self, release: Version, catalog: SchemaCatalog) -> None:
        model = catalog.at(release).model
        used = {component.place.path for component in (*model.types.values(), *model.elements.values())}
        empty = {"message.xsd", "user.xsd", "ep.xsd", "meeting.xsd", "session.xsd", "training.xsd", "event.xsd"}
        empty |= {"attendee.xsd", "history.xsd", "site.xsd", "teleconference.xsd", "meetingtype.xsd"}
        empty |= {"sales.xsd", "supportsession.xsd"}
        assert {path.name for path in overlay(ROOT, release).values() if path not in used} == empty

    def test_it_is_laid_out_as_real_files_only_for_as_long_as_they_are_needed(self, schemas: SchemaSet) -> None:
        with schemas.materialised() as entry:
            found = {path.relative_to(entry.parent).as_posix() for path in entry.parent.rglob("*.xsd")}
            assert found == set(schemas.files)
        assert not entry.parent.exists()

    def test_a_set_is_compiled_once_for_all_versions_that_it_holds_at(self, catalog: SchemaCatalog) -> None:
        assert catalog.at(Version(40, 4, 3)) is catalog.at(Version(40, 9, 0))
        assert catalog.at(Version(40, 4, 3)) is not catalog.at(Version(40, 4, 2))

    @pytest.mark.parametrize(("version", "known"), [("39", False), ("40.0.0", False), ("40.1.0", True), ("42", True)])
    def test_an_operation_is_known_from_the_release_that_brought_it(
        self, version: str, known: bool, catalog: SchemaCatalog
    ) -> None:
        assert catalog.at(Version.parse(version)).knows(operation("LstAccessAnywhereHistory")) is known


class TestDigest:
    def test_it_is_the_same_for_the_same_files(self, catalog: SchemaCatalog) -> None:
        assert catalog.at(DEFAULT_VERSION).digest == SchemaCatalog().at(DEFAULT_VERSION).digest
        assert catalog.at(Version(40, 2, 0)).digest == catalog.at(Version(40, 4, 0)).digest

    def test_it_is_another_for_each_release_that_changed_a_schema(self, catalog: SchemaCatalog) -> None:
        assert len({catalog.at(Version.parse(text)).digest for text in ("39", "40.1.0", "40.1.2", "40.4.3")}) == 4

    def test_it_is_another_where_one_byte_is_another(self, schemas: SchemaSet, edited: Edited) -> None:
        changed = edited("5.9/user/DelUser.xsd", "<!-- DelUser:", "<!-- DelUser.")
        assert changed.at(DEFAULT_VERSION).digest != schemas.digest


class TestForeignSets:
    """A user's own schemas, as ``--schemas`` gives them, need not look like ours."""

    def test_without_evidence_a_rule_is_official(self, tmp_path: Path) -> None:
        (tmp_path / "5.9" / "sub").mkdir(parents=True)
        head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        (tmp_path / "5.9" / "message.xsd").write_text(
            f'{head}><xs:import namespace="urn:x" schemaLocation="./sub/../sub/x.xsd"/></xs:schema>'
        )
        (tmp_path / "5.9" / "sub" / "x.xsd").write_text(
            f'{head} targetNamespace="urn:x"><xs:import namespace="urn:elsewhere"/>'
            '<xs:element name="a" type="xs:string"/></xs:schema>'
        )
        known = SchemaCatalog(tmp_path).at(DEFAULT_VERSION)
        assert known.model.elements["{urn:x}a"].evidence == Evidence(Source.OFFICIAL_2011)
        assert known.judge_response(etree.fromstring('<a xmlns="urn:x"/>')) == []


class TestBrokenSets:
    """What a user gives by ``--schemas`` may be anything."""

    def test_a_missing_file_is_named_with_the_line_that_needs_it(self, edited: Edited) -> None:
        catalog = edited("5.9/user/user.xsd", '"CreateUser.xsd"', '"Create.xsd"')
        with pytest.raises(SchemaNotFound) as refused:
            catalog.at(DEFAULT_VERSION)
        aggregator = catalog.root / "5.9" / "user" / "user.xsd"
        (line,) = [n for n, text in enumerate(aggregator.read_text().splitlines(), 1) if '"Create.xsd"' in text]
        assert str(refused.value) == f"user/Create.xsd: schema file not found: {aggregator}:{line} needs it"
        assert refused.value.path == Path("user/Create.xsd")

    def test_a_missing_entry_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "5.9").mkdir()
        with pytest.raises(SchemaNotFound, match=r"^message\.xsd: schema file not found"):
            SchemaCatalog(tmp_path).at(DEFAULT_VERSION)

    def test_a_file_that_vanishes_after_it_was_found_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaNotFound, match=r"gone\.xsd"):
            SchemaSet(LINEAGE_ROOT, {"message.xsd": tmp_path / "gone.xsd"})

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("</xs:schema>", "</xs:schema", r"5.9/user/DelUser\.xsd:\d+: the schema is not well-formed: "),
            ('"serv:resultTypeType" evidence:is="official', '"xs:int" evidence:is="rumour', r"'rumour-2011' is not a"),
            ('minOccurs="0" maxOccurs="50"', 'maxOccurs="many"', r"5.9/user/DelUser\.xsd: invalid literal for int"),
            ('encoding="UTF-8"', 'encoding="GB2312"', r"5.9/user/DelUser\.xsd: encoding: multi-byte encodings"),
            ('"use:delUserStatusType"', '"use:nope"', r"^the schemas of 40\.4\.3 do not compile: .*nope"),
        ],
        ids=["not well-formed", "evidence", "number", "encoding", "type"],
    )
    def test_a_broken_file_is_our_fault_and_told_with_what_is_wrong(
        self, old: str, new: str, told: str, edited: Edited
    ) -> None:
        catalog = edited("5.9/user/DelUser.xsd", old, new)
        with pytest.raises(SuiteError, match=told) as refused:
            catalog.at(DEFAULT_VERSION)
        assert "conformance-schemas-" not in str(refused.value)
