"""Findings: which rule a payload breaks, where, and how sure we are of the rule."""

from __future__ import annotations

import pytest
from lxml import etree
from schema_messages import DECLARATIONS, built, request, response

from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.evidence import Source
from conformance.schema.findings import MAX_FINDINGS, SchemaFinding, element_at, path_of, readable
from conformance.versions import Version
from conformance.wire.names import NAMESPACES
from conformance.wire.request import Request

CONTENT = "/serv:message/serv:body/serv:bodyContent"


def line_of(finding: SchemaFinding) -> str:
    """Return the line of the schema that a finding names."""
    assert finding.schema is not None
    return finding.schema.path.read_text().splitlines()[finding.schema.line - 1].strip()


def only(findings: list[SchemaFinding]) -> SchemaFinding:
    """Return the one finding."""
    (finding,) = findings
    return finding


class TestResponses:
    @pytest.mark.parametrize(
        ("inner", "xsi_type"),
        [
            ("<use:userId>1</use:userId>", "use:createUserResponse"),
            ("", "use:createUserResponse"),
            ("<meet:iCalendarURL/>", "meet:setMeetingResponse"),
            ("<serv:matchingRecords/>", "use:lstsummaryUserResponse"),
        ],
    )
    def test_what_is_expected_is_not_found(self, inner: str, xsi_type: str, schemas: SchemaSet) -> None:
        findings = schemas.judge_response(response("<use:userId>1</use:userId>"))
        assert findings == []

    @pytest.mark.parametrize(
        ("inner", "xsi_type", "rule", "path", "source", "line"),
        [
            (
                "<use:userId>x</use:userId>",
                "use:createUserResponse",
                *("value", "/use:userId", Source.OFFICIAL_2011, 'name="userId" type="xs:long"'),
            ),
            (
                "<use:userId></use:userId>",
                "use:createUserResponse",
                *("value", "/use:userId", Source.OFFICIAL_2011, 'name="userId" type="xs:long"'),
            ),
            (
                "<use:new>1</use:new>",
                "use:createUserResponse",
                *("unexpected", "/use:new", Source.ASSUMED, 'name="createUserResponse"'),
            ),
            (
                "<use:userId>1</use:userId><use:userIdNew>1</use:userIdNew>",
                "use:createUserResponse",
                *("unexpected", "/use:userIdNew", Source.ASSUMED, 'name="createUserResponse"'),
            ),
            (
                "<use:userId>1</use:userId><use:userId>2</use:userId>",
                "use:createUserResponse",
                *("unexpected", "/use:userId[2]", Source.OFFICIAL_2011, 'name="userId"'),
            ),
            (
                "",
                "use:getUserResponse",
                *("missing", "", Source.OFFICIAL_2011, 'name="webExId"'),
            ),
            (
                "<use:webExId>a</use:webExId><use:webExIdNew>1</use:webExIdNew>",
                "use:getUserResponse",
                *("unexpected", "/use:webExIdNew", Source.ASSUMED, 'name="getUserResponse"'),
            ),
            (
                "<use:new>1</use:new>",
                "use:getUserResponse",
                *("unexpected", "/use:new", Source.OFFICIAL_2011, 'name="webExId"'),
            ),
            (
                "text<use:userId>1</use:userId>",
                "use:createUserResponse",
                *("text", "", Source.OBSERVED, 'name="bodyContent"'),
            ),
            (
                "",
                "use:noSuchResponse",
                *("type", "", Source.OBSERVED, 'name="bodyContent"'),
            ),
            (
                "",
                "unbound:createUserResponse",
                *("type", "", Source.OBSERVED, 'name="bodyContent"'),
            ),
            (
                "<use:userId a='1'>1</use:userId>",
                "use:createUserResponse",
                *("other", "/use:userId", Source.OFFICIAL_2011, 'name="userId"'),
            ),
            (
                "<use:user><use:webExId>a</use:webExId><use:status>YES</use:status></use:user>",
                "use:delUserResponse",
                *("value", "/use:user/use:status", Source.OFFICIAL_2011, 'name="status"'),
            ),
        ],
        ids=[
            *("value", "empty value", "unknown", "unknown, named like a known one", "once too often", "missing"),
            *("unknown, like a required one", "in place of a required one", "text", "type", "unbound type"),
            *("attribute", "enumeration"),
        ],
    )
    def test_a_broken_rule_is_told_with_its_place_its_evidence_and_its_line_in_the_schema(
        self, inner: str, xsi_type: str, rule: str, path: str, source: Source, line: str, schemas: SchemaSet
    ) -> None:
        finding = only(schemas.judge_response(response(inner, xsi_type)))
        assert (finding.rule, finding.path) == (rule, f"{CONTENT}{path}")
        assert finding.evidence.source is source
        assert line in line_of(finding)
        assert finding.expected == ""

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


class TestRequests:
    @pytest.mark.parametrize(
        ("inner", "java_type", "rule", "path", "place", "source", "line"),
        [
            (
                "  <webExId>a</webExId>\n  <sendWelcome>maybe</sendWelcome>",
                "user.CreateUser",
                *("value", "/use:sendWelcome", (4, 3), Source.OFFICIAL_2011, 'name="sendWelcome"'),
            ),
            (
                "<isHTMLEmail>maybe</isHTMLEmail>\n\u00a0<webExId>a</webExId>",
                "user.CreateUser",
                *("value", "/use:isHTMLEmail", (3, 1), Source.DOCUMENTED, 'name="isHTMLEmail"'),
            ),
            (
                "<new/><webExId>äöü</webExId>",
                "user.CreateUser",
                *("unexpected", "/use:new", (3, 1), Source.ASSUMED, 'name="createUser"'),
            ),
            (
                "<webExId>äöü</webExId><webExIdNew/>",
                "user.CreateUser",
                *("unexpected", "/use:webExIdNew", (3, 23), Source.ASSUMED, 'name="createUser"'),
            ),
            (
                "<firstName>a</firstName>",
                "user.CreateUser",
                *("missing", "", (2, 1), Source.OFFICIAL_2011, 'name="webExId"'),
            ),
            (
                "<new/>",
                "user.CreateUser",
                *("unexpected", "/use:new", (3, 1), Source.OFFICIAL_2011, 'name="webExId"'),
            ),
            (
                "\n <webExId>a</webExId><address>street</address>",
                "user.CreateUser",
                *("text", "/use:address", (4, 22), Source.OFFICIAL_2011, 'name="address"'),
            ),
            (
                "<webExId><a/></webExId>",
                "user.CreateUser",
                *("other", "/use:webExId", (3, 1), Source.OFFICIAL_2011, 'name="webExId"'),
            ),
            (
                "<meetingKey>1</meetingKey>\n<x:meetingKey>2</x:meetingKey>",
                "meeting.GetMeeting",
                *("unexpected", "/meet:meetingKey[2]", (4, 1), Source.OFFICIAL_2011, 'name="meetingKey"'),
            ),
        ],
        ids=[
            *("value", "documented value out of order", "unknown", "unknown, like a required one", "missing"),
            *("in place of a required one", "text", "other", "once too often"),
        ],
    )
    def test_a_broken_rule_is_told_at_its_place_in_the_bytes_that_were_sent(
        self,
        inner: str,
        java_type: str,
        rule: str,
        path: str,
        place: tuple[int, int],
        source: Source,
        line: str,
        schemas: SchemaSet,
    ) -> None:
        findings, _ = schemas.judge_request(request(inner, java_type))
        finding = only(findings)
        assert (finding.rule, finding.path) == (rule, f"{CONTENT}{path}")
        assert (finding.line, finding.column) == place
        assert finding.evidence.source is source
        assert line in line_of(finding)

    def test_a_place_far_down_is_still_the_true_one(self, schemas: SchemaSet) -> None:
        # libxml2 remembers no line past 65535.
        findings, _ = schemas.judge_request(request("\n" * 70_000 + "  <webExId>a</webExId>\n <active>NO</active>"))
        finding = only(findings)
        assert (finding.line, finding.column) == (70_004, 2)

    def test_an_unknown_operation_may_hold_nothing(self, schemas: SchemaSet) -> None:
        findings, _ = schemas.judge_request(request("<a/>", "user.LstFoo"))
        assert [(finding.rule, finding.path) for finding in findings] == [("text", CONTENT)]

    def test_a_request_without_a_header_is_told_where_its_body_stands(self, schemas: SchemaSet) -> None:
        from conformance.wire.request import read_request

        sent: Request = read_request(b"<message>\n <body><bodyContent/></body></message>")
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
