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
from conformance.versions import BASELINE, LINEAGE, NEWEST, Version, ancestry
from conformance.wire.names import operation

ROOT = schemas_root()

Edited = Callable[[str, str, str], SchemaCatalog]


@pytest.fixture(params=LINEAGE, ids=str)
def release(request: pytest.FixtureRequest) -> Version:
    """Each known release."""
    return request.param


class TestOverlay:
    @pytest.mark.parametrize(
        ("name", "origins"),
        [
            ("message.xsd", {}),
            ("user/CreateUser.xsd", {"40.2.4": "40.2.4", "40.4.3": "40.4.3"}),
            ("user/SetUser.xsd", {}),
            (
                "meeting/CreateMeeting.xsd",
                dict.fromkeys(["40.1.2", "40.2.0", "40.2.4", "40.4.0", "40.4.3"], "40.1.2"),
            ),
            (
                "ep/GetSessionInfo.xsd",
                dict.fromkeys(["40.1.0", "40.1.2", "40.2.0", "40.2.4", "40.4.0", "40.4.3"], "40.1.0"),
            ),
        ],
    )
    def test_a_file_is_that_of_the_last_release_of_the_lineage_that_changed_it(
        self, name: str, origins: dict[str, str], release: Version
    ) -> None:
        assert overlay(ROOT, release)[name] == ROOT / origins.get(str(release), "39") / name

    def test_a_file_that_a_release_brought_is_not_there_before(self) -> None:
        name = "history/LstAccessAnywhereHistory.xsd"
        assert [str(known) for known in LINEAGE if name not in overlay(ROOT, known)] == ["39"]

    def test_a_release_changes_each_file_that_it_holds(self, release: Version) -> None:
        if release == BASELINE:
            return
        before = overlay(ROOT, ancestry(release)[-2])
        for path in (ROOT / str(release)).rglob("*.xsd"):
            replaced = before.get(path.relative_to(ROOT / str(release)).as_posix())
            assert replaced is None or replaced.read_bytes() != path.read_bytes(), path

    def test_there_is_a_folder_for_each_release_and_no_other(self) -> None:
        assert {folder.name for folder in ROOT.iterdir() if folder.is_dir()} == set(map(str, LINEAGE))

    def test_without_the_baseline_nothing_holds(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaNotFound, match="the baseline that every release grows from") as refused:
            overlay(tmp_path, NEWEST)
        assert refused.value.path == tmp_path / "39"


class TestCompiling:
    def test_libxml2_takes_the_set_in_silence(self, release: Version, catalog: SchemaCatalog) -> None:
        with catalog.at(release).materialised() as entry:
            assert len(etree.XMLSchema(file=str(entry)).error_log) == 0

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
        empty |= {"attendee.xsd", "history.xsd", "site.xsd", "teleconference.xsd"}
        assert {path.name for path in overlay(ROOT, release).values() if path not in used} == empty

    def test_it_is_laid_out_as_real_files_only_for_as_long_as_they_are_needed(self, schemas: SchemaSet) -> None:
        with schemas.materialised() as entry:
            found = {path.relative_to(entry.parent).as_posix() for path in entry.parent.rglob("*.xsd")}
            assert found == set(schemas.files)
        assert not entry.parent.exists()

    def test_a_set_is_compiled_once_for_all_versions_that_it_holds_at(self, catalog: SchemaCatalog) -> None:
        assert catalog.at(Version(40, 4, 3)) is catalog.at(Version(41, 2, 0))
        assert catalog.at(Version(40, 4, 3)) is not catalog.at(Version(40, 4, 2))

    @pytest.mark.parametrize(("version", "known"), [("39", False), ("40.0.0", False), ("40.1.0", True), ("42", True)])
    def test_an_operation_is_known_from_the_release_that_brought_it(
        self, version: str, known: bool, catalog: SchemaCatalog
    ) -> None:
        assert catalog.at(Version.parse(version)).knows(operation("LstAccessAnywhereHistory")) is known


class TestDigest:
    def test_it_is_the_same_for_the_same_files(self, catalog: SchemaCatalog) -> None:
        assert catalog.at(NEWEST).digest == SchemaCatalog().at(NEWEST).digest
        assert catalog.at(Version(40, 2, 0)).digest == catalog.at(Version(40, 4, 0)).digest

    def test_it_is_another_for_each_release_that_changed_a_schema(self, catalog: SchemaCatalog) -> None:
        assert len({catalog.at(Version.parse(text)).digest for text in ("39", "40.1.0", "40.1.2", "40.4.3")}) == 4

    def test_it_is_another_where_one_byte_is_another(self, schemas: SchemaSet, edited: Edited) -> None:
        changed = edited("39/user/DelUser.xsd", "<!-- DelUser:", "<!-- DelUser.")
        assert changed.at(NEWEST).digest != schemas.digest


class TestForeignSets:
    """A user's own schemas, as ``--schemas`` gives them, need not look like ours."""

    def test_without_evidence_a_rule_is_official(self, tmp_path: Path) -> None:
        (tmp_path / "39" / "sub").mkdir(parents=True)
        head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        (tmp_path / "39" / "message.xsd").write_text(
            f'{head}><xs:import namespace="urn:x" schemaLocation="./sub/../sub/x.xsd"/></xs:schema>'
        )
        (tmp_path / "39" / "sub" / "x.xsd").write_text(
            f'{head} targetNamespace="urn:x"><xs:import namespace="urn:elsewhere"/>'
            '<xs:element name="a" type="xs:string"/></xs:schema>'
        )
        known = SchemaCatalog(tmp_path).at(NEWEST)
        assert known.model.elements["{urn:x}a"].evidence == Evidence(Source.OFFICIAL_2011)
        assert known.judge_response(etree.fromstring('<a xmlns="urn:x"/>')) == []


class TestBrokenSets:
    """What a user gives by ``--schemas`` may be anything."""

    def test_a_missing_file_is_named_with_the_line_that_needs_it(self, edited: Edited) -> None:
        catalog = edited("39/user/user.xsd", '"CreateUser.xsd"', '"Create.xsd"')
        with pytest.raises(SchemaNotFound) as refused:
            catalog.at(NEWEST)
        aggregator = catalog.root / "39" / "user" / "user.xsd"
        (line,) = [n for n, text in enumerate(aggregator.read_text().splitlines(), 1) if '"Create.xsd"' in text]
        assert str(refused.value) == f"user/Create.xsd: schema file not found: {aggregator}:{line} needs it"
        assert refused.value.path == Path("user/Create.xsd")

    def test_a_missing_entry_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "39").mkdir()
        with pytest.raises(SchemaNotFound, match=r"^message\.xsd: schema file not found"):
            SchemaCatalog(tmp_path).at(NEWEST)

    def test_a_file_that_vanishes_after_it_was_found_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaNotFound, match=r"gone\.xsd"):
            SchemaSet(BASELINE, {"message.xsd": tmp_path / "gone.xsd"})

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("</xs:schema>", "</xs:schema", r"39/user/DelUser\.xsd:\d+: the schema is not well-formed: "),
            ('"serv:resultTypeType" evidence:is="official', '"xs:int" evidence:is="rumour', r"'rumour-2011' is not a"),
            ('minOccurs="0" maxOccurs="50"', 'maxOccurs="many"', r"39/user/DelUser\.xsd: invalid literal for int"),
            ('encoding="UTF-8"', 'encoding="GB2312"', r"39/user/DelUser\.xsd: encoding: multi-byte encodings"),
            ('"use:delUserStatusType"', '"use:nope"', r"^the schemas of 40\.4\.3 do not compile: .*nope"),
        ],
        ids=["not well-formed", "evidence", "number", "encoding", "type"],
    )
    def test_a_broken_file_is_our_fault_and_told_with_what_is_wrong(
        self, old: str, new: str, told: str, edited: Edited
    ) -> None:
        catalog = edited("39/user/DelUser.xsd", old, new)
        with pytest.raises(SuiteError, match=told) as refused:
            catalog.at(NEWEST)
        assert "conformance-schemas-" not in str(refused.value)
