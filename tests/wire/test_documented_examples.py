"""Every printed example and every recorded answer stands to the schemas as its release demands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.errors import MalformedMessage
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import Judged, judge_payload
from conformance.versions import BASELINE, DEFAULT_VERSION, LINEAGE, NEWEST, ROOT, Version
from conformance.wire.blanks import mended
from conformance.wire.response import read_response
from conformance.wire.scan import Direction

PAYLOADS = Path(__file__).parents[1] / "data" / "payloads"

# Why a printed example departs from the schema of its own release.
_PRINTED = ("no-break-space", "/")  # copied from a web page
_PRINTED_ANSWER = ("printed", "/")  # the same; no live answer may hold it
_CREDENTIALS = ("order", "/message/header/securityContext/siteName")  # the schema wants webExID and password first


@dataclass(frozen=True)
class Example:
    """A payload: what it is, which releases brought what it uses, and exactly how it departs from the schema."""

    file: str
    name: str
    brought_by: tuple[str, ...] = ("5.9",)
    departures: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> bytes:
        return (PAYLOADS / self.file).read_bytes()

    def held_by(self, release: Version) -> bool:
        return release.has([Version.parse(text) for text in self.brought_by])


EXAMPLES = (
    # Printed in the notes of 40.1.0
    Example("requests/GetSessionInfo__updates40.xml", "GetSessionInfo", ("40.1.0",), (_PRINTED, _CREDENTIALS)),
    Example(
        "requests/LstAccessAnywhereHistory__updates40.xml", "LstAccessAnywhereHistory", ("40.1.0",), (_CREDENTIALS,)
    ),
    Example(
        "responses/LstAccessAnywhereHistory__updates40.xml",
        "LstAccessAnywhereHistory",
        ("40.1.0",),
        (_PRINTED_ANSWER,),
    ),
    # 40.1.2: only the answer got a new element
    Example("requests/CreateMeeting__updates40.xml", "CreateMeeting", ("5.9",), (_PRINTED, _CREDENTIALS)),
    Example("responses/CreateMeeting__updates40.xml", "CreateMeeting", ("40.1.2",), (_PRINTED_ANSWER,)),
    # 40.2.0 and 40.4.0 changed what is answered, not how it is written
    Example("requests/LstsummarySession__updates40.xml", "LstsummarySession", ("5.9",), (_PRINTED,)),
    Example("responses/LstsummarySession__updates40.xml", "FAILURE 000015", ("5.9",), (_PRINTED_ANSWER,)),
    Example("requests/GetEnrollmentInfo__updates40.xml", "GetEnrollmentInfo", ("5.9",), (_PRINTED, _CREDENTIALS)),
    Example("responses/GetEnrollmentInfo__updates40.xml", "GetEnrollmentInfo", ("5.9",), (_PRINTED_ANSWER,)),
    # 40.4.3 and 40.2.4: the one change on two trains. The schema has password after email, labAdmin after voiceOverIp.
    Example(
        "requests/CreateUser__updates40.xml",
        "CreateUser",
        ("40.2.4", "40.4.3"),
        (
            _PRINTED,
            ("order", "/message/body/bodyContent/password"),
            ("order", "/message/body/bodyContent/privilege/labAdmin"),
        ),
    ),
    # Recorded before 39: what was answered then is still answered
    Example("responses/CreateMeeting__CreateMeeting_go_returnAdditionalInfo.xml", "CreateMeeting"),
    Example("responses/CreateMeeting__FAIL_000000_forward.xml", "FAILURE 000000"),
    Example("responses/CreateMeeting__FAIL_030002_bad_password.xml", "FAILURE 030002"),
    Example("responses/CreateMeeting__recorded2016.xml", "CreateMeeting"),
    Example("responses/CreateMeeting__recorded2016_bad.xml", "FAILURE 060026"),
    Example("responses/DelMeeting__recorded2016_bad.xml", "FAILURE 060001"),
    Example("responses/GetAPIVersion__GetAPIVersion_T31L_400.xml", "GetAPIVersion"),
    Example("responses/GetUser__recorded2016.xml", "GetUser"),
    Example("responses/GetUser__recorded2016_bad.xml", "FAILURE 030047"),
    Example("responses/LstsummaryEvent__recorded2013_no_results.xml", "FAILURE 000015"),
)

RELEASES = [release for release in LINEAGE if release in (ROOT, NEWEST) or BASELINE <= release <= DEFAULT_VERSION]
"""Those whose schemas changed what these payloads use, and the two ends."""

BEFORE = (
    # file, release, what is not there yet
    ("responses/CreateMeeting__updates40.xml", "40.1.0", "meet:meetingPassword"),
    ("requests/GetSessionInfo__updates40.xml", "39", "ep:pmrUrl"),
    ("requests/CreateUser__updates40.xml", "40.4.0", "use:isHTMLEmail"),
    ("requests/CreateUser__updates40.xml", "40.2.0", "use:isHTMLEmail"),
)


@pytest.fixture(scope="module")
def catalog() -> SchemaCatalog:
    return SchemaCatalog()


def _each(*, held: bool) -> list[object]:
    return [
        pytest.param(example, release, id=f"{example.file}-{release}")
        for example in EXAMPLES
        for release in RELEASES
        if example.held_by(release) is held
    ]


def test_every_payload_is_in_the_table_once() -> None:
    assert sorted(example.file for example in EXAMPLES) == sorted(
        path.relative_to(PAYLOADS).as_posix() for path in PAYLOADS.glob("*/*.xml")
    )


@pytest.mark.parametrize(("example", "release"), _each(held=True))
def test_valid_from_its_release_on(example: Example, release: Version, catalog: SchemaCatalog) -> None:
    judged = judge_payload(example.data, catalog, release)
    assert judged.valid
    assert not judged.findings
    assert judged.name == example.name
    assert judged.direction == Direction(example.file.partition("s/")[0])
    assert [(departure.id, departure.path) for departure in judged.departures] == list(example.departures)


@pytest.mark.parametrize(("example", "release"), _each(held=False))
def test_not_valid_where_what_it_uses_does_not_exist(
    example: Example, release: Version, catalog: SchemaCatalog
) -> None:
    assert not _valid(example.data, catalog, release)


@pytest.mark.parametrize(("file", "release", "element"), BEFORE)
def test_the_element_that_did_not_exist_is_told(file: str, release: str, element: str, catalog: SchemaCatalog) -> None:
    (finding,) = judge_payload((PAYLOADS / file).read_bytes(), catalog, Version.parse(release)).findings
    assert finding.rule == "unexpected"
    assert finding.path.endswith(f"/{element}")
    (brought_by,) = {example.brought_by for example in EXAMPLES if example.file == file}
    assert finding.message.endswith(f"it came with {' and '.join(brought_by)}")
    assert (finding.evidence.source, finding.line > 0, finding.column > 0) == ("documented", True, True)


@pytest.mark.parametrize("direction", ["requests", "responses"])
def test_the_operation_that_did_not_exist_is_told(direction: str, catalog: SchemaCatalog) -> None:
    data = (PAYLOADS / direction / "LstAccessAnywhereHistory__updates40.xml").read_bytes()
    with pytest.raises(MalformedMessage, match=r"schemas of 39 do not know .*; it came with 40\.1\.0$"):
        judge_payload(data, catalog, Version(39))


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if _PRINTED_ANSWER in e.departures], ids=lambda example: example.file
)
def test_an_answer_of_a_live_site_is_not_mended(example: Example, catalog: SchemaCatalog) -> None:
    schemas = catalog.at(DEFAULT_VERSION)
    if re.search(rb"<[^<>]*\xc2\xa0", example.data):
        with pytest.raises(MalformedMessage, match="not-xml"):
            read_response(example.data)
    else:
        found = schemas.judge_response(read_response(example.data).root)
        assert "text" in {finding.rule for finding in found}
    assert not schemas.judge_response(read_response(mended(example.data)[0]).root)


def test_the_payloads_name_no_address_of_a_person() -> None:
    found = {
        address
        for path in PAYLOADS.glob("*/*.xml")
        for address in re.findall(r"[\w.+-]+@[\w-]+\.[\w.-]+", path.read_text("utf-8"))
    }
    numbered = {"123456789@go.webex.com", "123456789_go@webex.com"}  # a meeting's number, as the notes print it
    assert {address for address in found - numbered if not re.search(r"@([\w-]+\.)*example\.com$", address)} == set()


def _valid(data: bytes, catalog: SchemaCatalog, release: Version) -> bool:
    try:
        judged: Judged = judge_payload(data, catalog, release)
    except MalformedMessage:
        return False
    return judged.valid
