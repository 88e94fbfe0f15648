"""The root set against the official schemas of 2011: the same content models, but for what is meant to differ."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import xmlschema
from official_models import ABSENT, Model, differences, models_of, official_models

from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import ROOT

HERE = Path(__file__).parent
OFFICIAL = official_models(HERE / "official_2011.txt")
OPTIONAL_TEXT = 'type="xs:string" minOccurs="0" evidence:is="official-2011"/>'


def intended() -> dict[str, tuple[str, str]]:
    """Return the table of intended differences, as ``differences`` returns those found."""
    with (HERE / "intended_differences.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
    assert [row["place"] for row in rows if not (row["reason"] or "").strip()] == []
    assert len({row["place"] for row in rows}) == len(rows)
    return {row["place"]: (row["of 2011"], row["here"]) for row in rows}


def part(model: Model, *prefixes: str) -> Model:
    """Return what a model says of the types with these prefixes."""
    return {place: text for place, text in model.items() if place.startswith(prefixes)}


@pytest.fixture(scope="module")
def root_models(catalog: SchemaCatalog) -> Model:
    """The models of the shipped root set."""
    with catalog.at(ROOT).materialised() as entry:
        return models_of(xmlschema.XMLSchema10(str(entry)))


class TestShippedSet:
    def test_it_differs_from_2011_in_what_is_meant_to_differ_and_in_nothing_else(self, root_models: Model) -> None:
        assert differences(OFFICIAL, root_models) == intended()

    def test_an_intended_difference_that_is_no_more_is_found(self, root_models: Model) -> None:
        place = "serv:messageType/body/bodyContent"
        assert place in intended()
        mended = {**root_models, place: OFFICIAL[place]}
        assert intended().keys() - differences(OFFICIAL, mended).keys() == {place}

    def test_every_operation_of_2011_is_there(self, root_models: Model) -> None:
        responses = {place for place in OFFICIAL if "/" not in place and place.endswith("Response")}
        assert len(responses) == 112
        assert responses <= set(root_models)


class TestSeededChanges:
    """The check can fail: a change of each kind in a copy of the schemas is found, and found as what it is."""

    @pytest.mark.parametrize(
        ("file", "change", "found"),
        [
            pytest.param(
                "sales/SetOpportunity.xsd",
                ('name="intOpptyID" type="xs:integer"', 'name="intOpptyID" type="xs:long"'),
                {"sales:setOpportunityResponse/intOpptyID": ("integer", "long")},
                id="built-in type",
            ),
            pytest.param(
                "sales/LstsummarySalesSession.xsd",
                ('type="sales:dateScopeType"', 'type="sales:orderType"'),
                {"sales:lstsummarySalesSession/dateScope": ("? sales:dateScopeType", "? sales:orderType")},
                id="named type",
            ),
            pytest.param(
                "sales/LstsummarySalesSession.xsd",
                ('name="meetingKey" type="xs:long" minOccurs="0"', 'name="meetingKey" type="xs:long"'),
                {"sales:lstsummarySalesSession/meetingKey": ("? long", "long")},
                id="least",
            ),
            pytest.param(
                "sales/AddProducts.xsd",
                (
                    'name="prodID" type="xs:integer" maxOccurs="unbounded"',
                    'name="prodID" type="xs:integer" maxOccurs="7"',
                ),
                {"sales:addProductsResponse/prodID": ("+ integer", "[1..7] integer")},
                id="most",
            ),
            pytest.param(
                "sales/LstAccounts.xsd",
                ('default="false"', 'default="true"'),
                {"sales:lstAccounts/returnOppty": ("? boolean =false", "? boolean =true")},
                id="default",
            ),
            pytest.param(
                "sales/LstAccounts.xsd",
                (' default="false"', ""),
                {"sales:lstAccounts/returnOppty": ("? boolean =false", "? boolean")},
                id="no default",
            ),
            pytest.param(
                "sales/LstOpportunities.xsd",
                ('maxLength value="512"', 'maxLength value="511"'),
                {"sales:lstOpportunitiesResponse/opportunity/extAccountID": ("? string ≤512", "? string ≤511")},
                id="longest text",
            ),
            pytest.param(
                "sales/LstOpportunities.xsd",
                ('<xs:maxLength value="512"/>', '<xs:maxLength value="512"/><xs:minLength value="1"/>'),
                {
                    "sales:lstOpportunitiesResponse/opportunity/extAccountID": (
                        "? string ≤512",
                        "? string ≤512 minLength=1",
                    )
                },
                id="another facet",
            ),
            pytest.param(
                "sales/types.xsd",
                ('<xs:enumeration value="YEARLY"/>', '<xs:enumeration value="HOURLY"/>'),
                {
                    "sales:recurrenceType": (
                        "string {WEEKLY | DAILY | NO_REPEAT | MONTHLY | YEARLY}",
                        "string {WEEKLY | DAILY | NO_REPEAT | MONTHLY | HOURLY}",
                    )
                },
                id="enumeration",
            ),
            pytest.param(
                "sales/SetOpportunity.xsd",
                ('<xs:element name="opportunity"', '<xs:element name="opportunity" nillable="true"'),
                {"sales:setOpportunity/opportunity": ("sales:opptyInstanceType", "sales:opptyInstanceType nillable")},
                id="nillable",
            ),
            pytest.param(
                "sales/LstsummarySalesSession.xsd",
                ('<xs:element name="endDateStart" type="xs:string" minOccurs="0" evidence:is="official-2011"/>', ""),
                {"sales:dateScopeType/endDateStart": ("? string", ABSENT)},
                id="one less",
            ),
            pytest.param(
                "sales/LstsummarySalesSession.xsd",
                (
                    '<xs:element name="endDateStart" type',
                    '<xs:element name="more" type="xs:string"/><xs:element name="endDateStart" type',
                ),
                {"sales:dateScopeType/more": (ABSENT, "string after startDateEnd")},
                id="one more",
            ),
            pytest.param(
                "sales/LstsummarySalesSession.xsd",
                (
                    f'<xs:element name="startDateStart" {OPTIONAL_TEXT}\n      <xs:element name="startDateEnd"',
                    f'<xs:element name="startDateEnd" {OPTIONAL_TEXT}\n      <xs:element name="startDateStart"',
                ),
                {
                    "sales:dateScopeType/": (
                        "startDateStart, startDateEnd, endDateStart, endDateEnd, timeZoneID",
                        "startDateEnd, startDateStart, endDateStart, endDateEnd, timeZoneID",
                    )
                },
                id="order",
            ),
            pytest.param(
                "sales/SetAccount.xsd",
                ('<xs:extension base="sales:accountType">', '<xs:extension base="sales:productType">'),
                {"sales:setAccount/account": ("<sales:accountType>", "<sales:productType>")},
                id="base",
            ),
            pytest.param(
                "supportsession/CreateSupportSession.xsd",
                (
                    '<xs:complexType name="createSupportSessionResponse"',
                    '<xs:complexType name="more"/><xs:complexType name="createSupportSessionResponse"',
                ),
                {"sc:more": (ABSENT, "")},
                id="a type more",
            ),
            pytest.param(
                "user/InactivateUser.xsd",
                ("xs:choice", "xs:sequence"),
                {"use:inactivateUser": ("choice", "")},
                id="choice",
            ),
            pytest.param(
                "training/CreateTrainingSession.xsd",
                ('<xs:sequence minOccurs="0" maxOccurs="unbounded">', '<xs:sequence minOccurs="0">'),
                {"train:createTrainingSessionResponse/additionalInfo": ("? repeated", "?")},
                id="repeated",
            ),
        ],
    )
    def test_it_is_found(
        self, file: str, change: tuple[str, str], found: dict[str, tuple[str, str]], root_models: Model, tmp_path: Path
    ) -> None:
        source = schemas_root() / str(ROOT)
        shutil.copytree(source, tmp_path / "schemas")
        changed = tmp_path / "schemas" / file
        text = changed.read_text(encoding="utf-8")
        assert change[0] in text
        changed.write_text(text.replace(*change), encoding="utf-8")
        folder = changed.parent
        service = models_of(xmlschema.XMLSchema10(str(folder / f"{folder.name}.xsd")))
        (prefix,) = {place.partition(":")[0] for place in found}
        assert differences(part(root_models, f"{prefix}:"), part(service, f"{prefix}:")) == found
