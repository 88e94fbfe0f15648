"""Findings: which rule a payload breaks, where, and how sure we are of the rule."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from lxml import etree
from schema_messages import DECLARATIONS, built, request, response

from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.evidence import Evidence, Source
from conformance.schema.findings import (
    MAX_FINDINGS,
    SchemaFinding,
    element_at,
    lineage,
    path_of,
    read_findings,
    readable,
)
from conformance.versions import Version
from conformance.wire.names import NAMESPACES
from conformance.wire.request import read_request

CONTENT = "/serv:message/serv:body/serv:bodyContent"
CONTENT_ERROR = "SCHEMAV_ELEMENT_CONTENT"
"""What libxml2 calls an element that is missing or not expected."""


def line_of(finding: SchemaFinding) -> str:
    """Return the line of the schema that a finding names."""
    assert finding.schema is not None
    return finding.schema.path.read_text().splitlines()[finding.schema.line - 1].strip()


def only(findings: list[SchemaFinding]) -> SchemaFinding:
    """Return the one finding."""
    (finding,) = findings
    return finding


@dataclass(frozen=True)
class Broken:
    """A payload that breaks one rule, and what is to be told of it."""

    inner: str
    of_type: str
    rule: str
    path: str
    source: Source
    stands_at: str
    place: tuple[int, int] = (0, 0)

    def check(self, finding: SchemaFinding) -> None:
        """Compare what is told of it with what is to be told, but for the place."""
        assert (finding.rule, finding.path) == (self.rule, f"{CONTENT}{self.path}")
        assert finding.evidence.source is self.source
        assert self.stands_at in line_of(finding)
        assert finding.expected == ""


CREATED, GOT, DELETED = "use:createUserResponse", "use:getUserResponse", "use:delUserResponse"
OFFICIAL = Source.OFFICIAL_2011

RESPONSES = {
    "value": Broken("<use:userId>x</use:userId>", CREATED, "value", "/use:userId", OFFICIAL, 'name="userId"'),
    "empty value": Broken("<use:userId/>", CREATED, "value", "/use:userId", OFFICIAL, 'name="userId"'),
    "enumeration": Broken(
        "<use:user><use:webExId>a</use:webExId><use:status>YES</use:status></use:user>",
        *(DELETED, "value", "/use:user/use:status", OFFICIAL, 'name="status"'),
    ),
    "unknown": Broken("<use:new/>", CREATED, "unexpected", "/use:new", Source.ASSUMED, 'name="createUserResponse"'),
    "unknown, named like a known one": Broken(
        "<use:userId>1</use:userId><use:userIdNew>1</use:userIdNew>",
        *(CREATED, "unexpected", "/use:userIdNew", Source.ASSUMED, 'name="createUserResponse"'),
    ),
    "unknown, named like a required one": Broken(
        "<use:webExId>a</use:webExId><use:webExIdNew>1</use:webExIdNew>",
        *(GOT, "unexpected", "/use:webExIdNew", Source.ASSUMED, 'name="getUserResponse"'),
    ),
    "unknown, in place of a required one": Broken(
        "<use:new/>", GOT, "unexpected", "/use:new", OFFICIAL, 'name="webExId"'
    ),
    "missing": Broken("", GOT, "missing", "", OFFICIAL, 'name="webExId"'),
    "missing in a group": Broken(
        "<use:user><use:webExId>a</use:webExId></use:user>",
        *(DELETED, "missing", "/use:user", OFFICIAL, 'name="status"'),
    ),
    "out of order, in place of a required one": Broken(
        "<use:lastName>a</use:lastName><use:firstName>b</use:firstName>",
        *(GOT, "unexpected", "/use:firstName", OFFICIAL, 'name="webExId"'),
    ),
    "unknown, of a namespace named like a required one": Broken(
        '<meet:meetingkey>1</meet:meetingkey><meet:meetingLink/><new xmlns="meet:meetingkey"/>',
        *("meet:getMeetingResponse", "unexpected", "/{meet:meetingkey}new", Source.ASSUMED),
        'name="getMeetingResponse"',
    ),
    "once too often": Broken(
        "<use:userId>1</use:userId><use:userId>2</use:userId>",
        *(CREATED, "unexpected", "/use:userId[2]", OFFICIAL, 'name="userId"'),
    ),
    "text": Broken("junk<use:userId>1</use:userId>", CREATED, "text", "", Source.OBSERVED, 'name="bodyContent"'),
    "attribute": Broken("<use:userId a='1'>1</use:userId>", CREATED, "other", "/use:userId", OFFICIAL, 'name="userId"'),
}


class TestResponses:
    @pytest.mark.parametrize(
        ("inner", "of_type"),
        [
            ("<use:userId>1</use:userId>", CREATED),
            ("", CREATED),
            ("<use:webExId>a</use:webExId>", GOT),
            ("<!-- nothing --> \n", "meet:delMeetingResponse"),
        ],
    )
    def test_where_all_is_well_nothing_is_found(self, inner: str, of_type: str, schemas: SchemaSet) -> None:
        assert schemas.judge_response(response(inner, of_type)) == []

    @pytest.mark.parametrize("broken", RESPONSES.values(), ids=RESPONSES)
    def test_a_broken_rule_is_told_with_its_evidence_and_where_it_stands_in_the_schema(
        self, broken: Broken, schemas: SchemaSet
    ) -> None:
        broken.check(only(schemas.judge_response(response(broken.inner, broken.of_type))))

    @pytest.mark.parametrize(
        "xsi_type",
        ["use:noSuchResponse", "unbound:createUserResponse", "com:createUserResponse", "com:psoFieldsType"],
    )
    def test_a_type_that_is_none_or_not_one_of_a_content_is_told_as_such(
        self, xsi_type: str, schemas: SchemaSet
    ) -> None:
        finding = schemas.judge_response(response("<use:userId>1</use:userId>", xsi_type))[0]
        assert (finding.rule, finding.path) == ("type", CONTENT)
        assert xsi_type in finding.message

    def test_what_cannot_be_placed_is_told_all_the_same(self, schemas: SchemaSet) -> None:
        entry = SimpleNamespace(path=None, message="something else", type_name="SCHEMAV_OTHER", line=7)
        finding = only(read_findings([entry], response().getroottree(), schemas.model))
        assert finding == SchemaFinding("other", "/", 7, 0, "something else", Evidence(OFFICIAL), None)

    @pytest.mark.parametrize(("type_name", "rule"), [("SCHEMAV_OTHER", "other"), (CONTENT_ERROR, "unexpected")])
    def test_the_line_is_that_of_the_element_else_that_of_the_log(
        self, type_name: str, rule: str, schemas: SchemaSet
    ) -> None:
        root = response("<use:userId>1</use:userId>")
        etree.SubElement(root[1][0], f"{{{NAMESPACES['use']}}}userId")  # made here, so that it is of no line
        log = [
            SimpleNamespace(path=f"{CONTENT}/use:userId[{n}]", message="something else", type_name=type_name, line=9)
            for n in (1, 2)
        ]
        found = read_findings(log, root.getroottree(), schemas.model)
        assert [(each.rule, each.line, each.column, each.message) for each in found] == [
            (rule, 4, 0, "something else"),
            (rule, 9, 0, "something else"),
        ]

    def test_what_else_is_wrong_with_an_unknown_element_is_told_at_the_type_around_it(self, schemas: SchemaSet) -> None:
        path = f"{CONTENT}/use:new"
        entry = SimpleNamespace(path=path, message="something else", type_name="SCHEMAV_OTHER", line=4)
        finding = only(read_findings([entry], response("<use:new/>").getroottree(), schemas.model))
        assert (finding.rule, finding.path, finding.evidence.source) == ("other", path, OFFICIAL)
        assert 'name="createUserResponse"' in line_of(finding)

    def test_a_long_log_is_not_read_to_its_end(self, schemas: SchemaSet) -> None:
        first, last = (
            SimpleNamespace(path=path, message="something else", type_name="SCHEMAV_OTHER", line=4)
            for path in ("/first", "/last")
        )
        tree = response().getroottree()
        log = [first] * (4 * MAX_FINDINGS - 1)
        assert [each.path for each in read_findings([*log, last], tree, schemas.model)] == ["/first", "/last"]
        assert [each.path for each in read_findings([*log, first, last], tree, schemas.model)] == ["/first"]

    def test_below_an_unknown_element_no_rule_is_known(self, schemas: SchemaSet) -> None:
        root = response("<use:new><use:userId/></use:new>")
        chain = lineage(root[1][0][0][0], schemas.model)
        assert [(around is not None, rule is not None) for around, rule in chain] == [
            (False, True),
            (True, True),
            (True, True),
            (True, False),
            (False, False),
        ]

    def test_where_no_word_tells_what_is_missing_the_rule_is_that_of_the_element(self, schemas: SchemaSet) -> None:
        message = "Element 'serv:bodyContent': Missing child element(s)."
        entry = SimpleNamespace(path=CONTENT, message=message, type_name=CONTENT_ERROR, line=4)
        finding = only(read_findings([entry], response().getroottree(), schemas.model))
        assert (finding.rule, finding.path, finding.evidence.source) == ("missing", CONTENT, Source.OBSERVED)
        assert 'name="bodyContent"' in line_of(finding)

    @pytest.mark.parametrize(
        "write",
        [
            lambda name, text: f"<use:{name}>{text}</use:{name}>",
            lambda name, text: f'<u:{name} xmlns:u="{NAMESPACES["use"]}">{text}</u:{name}>',
            lambda name, text: f'<{name} xmlns="{NAMESPACES["use"]}">{text}</{name}>',
            lambda name, text: f'<com:{name} xmlns:com="{NAMESPACES["use"]}">{text}</com:{name}>',
        ],
        ids=["ours", "declared late", "default", "bound to another namespace before"],
    )
    def test_the_prefix_of_an_element_does_not_matter(self, write: object, schemas: SchemaSet) -> None:
        assert callable(write)
        value = only(schemas.judge_response(response(write("userId", "x"))))
        assert (value.rule, value.path) == ("value", f"{CONTENT}/use:userId")
        assert 'name="userId"' in line_of(value)
        unknown = only(schemas.judge_response(response(write("new", "x"))))
        assert (unknown.path, unknown.evidence.source) == (f"{CONTENT}/use:new", Source.ASSUMED)

    def test_an_unknown_element_of_another_namespace_is_named_in_full(self, schemas: SchemaSet) -> None:
        finding = only(schemas.judge_response(response('<x:new xmlns:x="http://other/a">1</x:new>')))
        assert (finding.path, finding.evidence.source) == (f"{CONTENT}/{{http://other/a}}new", Source.ASSUMED)
        assert "elements were added since" in finding.evidence.note

    def test_an_element_without_a_namespace_is_unknown(self, schemas: SchemaSet) -> None:
        finding = only(schemas.judge_response(response("<userId>1</userId>")))
        assert (finding.rule, finding.path) == ("unexpected", f"{CONTENT}/userId")
        assert finding.evidence.source is Source.ASSUMED

    def test_it_is_not_taken_for_one_of_the_same_name_that_has_a_namespace(self, schemas: SchemaSet) -> None:
        named = f'<userId xmlns="{NAMESPACES["use"]}">1</userId>'
        finding = only(schemas.judge_response(response(f"{named}\n<userId>2</userId>")))
        assert (finding.path, finding.line) == (f"{CONTENT}/userId", 5)

    def test_a_type_may_be_named_in_the_default_namespace(self, schemas: SchemaSet) -> None:
        default = f'xmlns="{NAMESPACES["use"]}"'
        finding = only(schemas.judge_response(response("<use:new/>", "createUserResponse", attributes=default)))
        assert 'name="createUserResponse"' in line_of(finding)

    def test_a_finding_has_the_line_of_its_element(self, schemas: SchemaSet) -> None:
        findings = schemas.judge_response(
            response(
                "<use:user>\n<use:webExId>a</use:webExId>\n<use:status>NO</use:status></use:user>\n"
                "<use:user><use:status>FAILURE</use:status></use:user>",
                "use:delUserResponse",
            )
        )
        assert [(finding.rule, finding.path, finding.line) for finding in findings] == [
            ("value", f"{CONTENT}/use:user[1]/use:status", 6),
            ("unexpected", f"{CONTENT}/use:user[2]/use:status", 7),
        ]

    def test_names_in_a_message_are_written_with_our_prefixes(self, schemas: SchemaSet) -> None:
        finding = only(schemas.judge_response(response("<use:new/>")))
        assert finding.message == "Element 'use:new': This element is not expected. Expected is ( use:userId )."

    def test_a_wrong_value_is_told_once_although_libxml2_logs_it_twice(self, schemas: SchemaSet) -> None:
        user = "<use:user><use:webExId>a</use:webExId><use:status>NO</use:status></use:user>"
        assert len(schemas.judge_response(response(user, "use:delUserResponse"))) == 1

    def test_ten_thousand_faults_make_twenty_findings(self, schemas: SchemaSet) -> None:
        user = "<use:user><use:webExId>a</use:webExId><use:status>NO</use:status></use:user>"
        findings = schemas.judge_response(response(user * 10_000, "use:delUserResponse"))
        assert len(findings) == MAX_FINDINGS == 20
        assert [finding.path for finding in findings][-1] == f"{CONTENT}/use:user[20]/use:status"

    def test_a_message_that_breaks_the_envelope_is_told_too(self, schemas: SchemaSet) -> None:
        root = etree.fromstring(f"<serv:message {DECLARATIONS}><serv:body/></serv:message>")
        finding = only(schemas.judge_response(root))
        assert (finding.rule, finding.path) == ("unexpected", "/serv:message/serv:body")
        assert 'name="header"' in line_of(finding)

    def test_a_root_of_which_the_schemas_know_nothing_is_told_without_a_line(self, schemas: SchemaSet) -> None:
        finding = only(schemas.judge_response(etree.fromstring("<other/>")))
        assert (finding.rule, finding.path, finding.schema) == ("other", "/other", None)
        assert finding.evidence.source is OFFICIAL


class TestReleases:
    @pytest.mark.parametrize(
        ("version", "rules"),
        [("40.1.0", ["unexpected"]), ("40.1.2", []), ("40.2.0", []), ("40.2.4", []), ("40.4.3", [])],
    )
    def test_the_generated_password_is_allowed_from_40_1_2_on(
        self, version: str, rules: list[str], catalog: SchemaCatalog
    ) -> None:
        inner = "<meet:meetingkey>1</meet:meetingkey><meet:meetingPassword>x</meet:meetingPassword>"
        links = "<meet:iCalendarURL><serv:host/><serv:attendee/></meet:iCalendarURL>"
        root = response(f"{inner}{links}", "meet:createMeetingResponse")
        findings = catalog.at(Version.parse(version)).judge_response(root)
        assert [finding.rule for finding in findings] == rules

    @pytest.mark.parametrize(
        ("version", "rules"),
        [("40.2.0", ["unexpected"]), ("40.2.4", []), ("40.4.0", ["unexpected"]), ("40.4.3", [])],
    )
    def test_the_html_mail_is_allowed_on_both_trains_that_brought_it(
        self, version: str, rules: list[str], catalog: SchemaCatalog
    ) -> None:
        sent = built("CreateUser", {"webExId": "a", "isHTMLEmail": "true"})
        findings, _ = catalog.at(Version.parse(version)).judge_request(sent)
        assert [finding.rule for finding in findings] == rules
        assert {finding.evidence.source for finding in findings} <= {Source.ASSUMED}


USER, MEETING = "user.CreateUser", "meeting.GetMeeting"

REQUESTS = {
    "value": Broken(
        "  <webExId>a</webExId>\n  <sendWelcome>maybe</sendWelcome>",
        *(USER, "value", "/use:sendWelcome", OFFICIAL, 'name="sendWelcome"', (4, 3)),
    ),
    "value, out of order": Broken(
        "<isHTMLEmail>maybe</isHTMLEmail>\n\u00a0<webExId>a</webExId>",
        *(USER, "value", "/use:isHTMLEmail", Source.DOCUMENTED, 'name="isHTMLEmail"', (3, 1)),
    ),
    "unknown": Broken(
        "<new/><webExId>a</webExId>", USER, "unexpected", "/use:new", Source.ASSUMED, 'name="createUser"', (3, 1)
    ),
    "unknown, named like a required one": Broken(
        "<webExId>äöü</webExId><webExIdNew/>",
        *(USER, "unexpected", "/use:webExIdNew", Source.ASSUMED, 'name="createUser"', (3, 23)),
    ),
    "unknown, in place of a required one": Broken(
        " <new/>", USER, "unexpected", "/use:new", OFFICIAL, 'name="webExId"', (3, 2)
    ),
    "missing": Broken("<firstName/>", USER, "missing", "", OFFICIAL, 'name="webExId"', (2, 1)),
    "once too often": Broken(
        "<meetingKey>1</meetingKey>\n<x:meetingKey>2</x:meetingKey>",
        *(MEETING, "unexpected", "/meet:meetingKey[2]", OFFICIAL, 'name="meetingKey"', (4, 1)),
    ),
    "text": Broken(
        "\n <webExId>a</webExId><address>street</address>",
        *(USER, "text", "/use:address", OFFICIAL, 'name="address"', (4, 22)),
    ),
    "children of a text": Broken(
        "<webExId><a/></webExId>", USER, "other", "/use:webExId", OFFICIAL, 'name="webExId"', (3, 1)
    ),
}


class TestRequests:
    @pytest.mark.parametrize("broken", REQUESTS.values(), ids=REQUESTS)
    def test_a_broken_rule_is_told_at_its_place_in_the_bytes_that_were_sent(
        self, broken: Broken, schemas: SchemaSet
    ) -> None:
        findings, _ = schemas.judge_request(request(broken.inner, broken.of_type))
        broken.check(only(findings))
        assert (only(findings).line, only(findings).column) == broken.place

    def test_a_place_far_down_is_still_the_true_one(self, schemas: SchemaSet) -> None:
        # libxml2 remembers no line past 65535.
        findings, _ = schemas.judge_request(request("\n" * 70_000 + "  <webExId>a</webExId>\n <active>NO</active>"))
        finding = only(findings)
        assert (finding.line, finding.column) == (70_004, 2)

    def test_an_unknown_operation_may_hold_nothing(self, schemas: SchemaSet) -> None:
        findings, _ = schemas.judge_request(request("<a/>", "user.LstFoo"))
        assert [(finding.rule, finding.path) for finding in findings] == [("text", CONTENT)]

    def test_a_request_without_a_header_is_told_where_its_body_stands(self, schemas: SchemaSet) -> None:
        sent = read_request(b"<message>\n <body><bodyContent/></body></message>")
        findings, _ = schemas.judge_request(sent)
        finding = only(findings)
        assert (finding.path, finding.line, finding.column) == ("/serv:message/serv:body", 2, 2)


class TestPaths:
    TREE = etree.fromstring(
        f'<serv:message {DECLARATIONS}><use:a/><b/><use:a><x:c xmlns:x="http://x/y:z"/><x:c xmlns:x="http://x/y:z"/>'
        f'</use:a><u:a xmlns:u="{NAMESPACES["use"]}"/><serv:d xmlns="http://de/fault"><e/><f-g.h/></serv:d></serv:message>'
    )

    def test_every_element_is_found_by_the_path_it_is_told_by(self) -> None:
        paths = [path_of(element) for element in self.TREE.iter()]
        assert len(set(paths)) == len(paths)
        assert [element_at(self.TREE.getroottree(), path) for path in paths] == list(self.TREE.iter())

    def test_a_path_is_written_in_our_prefixes_with_numbers_where_names_repeat(self) -> None:
        assert [path_of(element).removeprefix("/serv:message") for element in self.TREE.iter()] == [
            "",
            "/use:a[1]",
            "/b",
            "/use:a[2]",
            "/use:a[2]/{http://x/y:z}c[1]",
            "/use:a[2]/{http://x/y:z}c[2]",
            "/use:a[3]",
            "/serv:d",
            "/serv:d/{http://de/fault}e",
            "/serv:d/{http://de/fault}f-g.h",
        ]

    @pytest.mark.parametrize(
        "path", ["", "/", "/serv:message/use:a[4]", "/serv:other", "/unknown:a", "/serv:message/use:a[", "no path"]
    )
    def test_a_path_that_leads_nowhere_leads_to_nothing(self, path: str) -> None:
        assert element_at(self.TREE.getroottree(), path) is None

    def test_names_of_other_namespaces_stay_as_a_library_writes_them(self) -> None:
        told = readable(f"'{{{NAMESPACES['serv']}}}host' and '{{urn:other}}host' and {{http://www.webex.com/x}}y")
        assert told == "'serv:host' and '{urn:other}host' and {http://www.webex.com/x}y"
