"""The canonical form of a request: what the service reads, and a note of each way the client departed from it."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
import xmlschema
from hypothesis import given, reject
from hypothesis import strategies as st
from lxml import etree
from schema_documents import REQUEST_TYPES, message, spoil
from schema_messages import built, request
from strategies import xml_texts

from conformance.errors import MalformedMessage
from conformance.schema.canonical import Canonical, canonicalise
from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import Evidence, Source
from conformance.schema.findings import SchemaFinding
from conformance.wire.names import NAMESPACES, XSI_TYPE
from conformance.wire.request import Request, read_request

USE = f"{{{NAMESPACES['use']}}}"
SERV = f"{{{NAMESPACES['serv']}}}"


def content(canonical: Canonical) -> etree._Element:
    """Return the ``bodyContent`` of a canonical form."""
    found = canonical.root.find(f"{SERV}body/{SERV}bodyContent")
    assert found is not None
    return found


def notes(canonical: Canonical) -> list[tuple[str, str, int, int]]:
    """Return what was noted, without the words."""
    return [
        (note.id, note.path.removeprefix("/message/body/"), note.line, note.column) for note in canonical.departures
    ]


class TestForm:
    def test_elements_get_the_namespaces_of_the_schema_whatever_prefix_they_had(self, schemas: SchemaSet) -> None:
        sent = request("<webExId>a</webExId><x:address><com:city>b</com:city><state>c</state></x:address>")
        form = content(canonicalise(sent, schemas.model))
        com = f"{{{NAMESPACES['com']}}}"
        assert [child.tag for child in form.iter()] == [
            f"{SERV}bodyContent",
            f"{USE}webExId",
            f"{USE}address",
            f"{com}city",
            f"{com}state",
        ]

    @pytest.mark.parametrize(
        "java_type", ["com.webex.service.binding.user.CreateUser", "user.CreateUser", "CreateUser"]
    )
    def test_the_type_becomes_the_one_of_the_schema(self, java_type: str, schemas: SchemaSet) -> None:
        form = content(canonicalise(request("<webExId>a</webExId>", java_type, package=""), schemas.model))
        assert form.get(XSI_TYPE) == "use:createUser"
        assert form.nsmap["use"] == NAMESPACES["use"]

    def test_without_a_known_operation_there_is_no_type(self, schemas: SchemaSet) -> None:
        form = content(canonicalise(request("<a/>", "user.LstFoo"), schemas.model))
        assert form.get(XSI_TYPE) is None
        assert [child.tag for child in form] == [f"{SERV}a"]

    def test_attributes_are_not_read(self, schemas: SchemaSet) -> None:
        form = content(canonicalise(request("<webExId a='1' xsi:nil='true'>a</webExId>"), schemas.model))
        assert dict(form[0].attrib) == {}

    def test_a_text_stays_as_it_is_and_blanks_between_elements_go(self, schemas: SchemaSet) -> None:
        form = content(
            canonicalise(request("\n <webExId> a\u00a0&lt;b </webExId>\n <address>\n </address>"), schemas.model)
        )
        assert [child.text for child in form] == [" a\u00a0<b ", None]
        assert form.text is None

    def test_a_text_beside_elements_stays_without_the_blanks_around_it(self, schemas: SchemaSet) -> None:
        form = content(canonicalise(request(" junk <webExId/><new>\n b <deep/></new>"), schemas.model))
        assert [form.text, *(child.text for child in form)] == ["junk", None, "b"]

    def test_each_element_remembers_where_it_came_from(self, schemas: SchemaSet) -> None:
        sent = request("<email>x</email>\n<webExId>a</webExId>")
        canonical = canonicalise(sent, schemas.model)
        assert {element.tag.rpartition("}")[2]: node.line for element, node in canonical.origins.items()} == {
            "message": 1,
            "header": 1,
            "body": 1,
            "bodyContent": 2,
            "email": 3,
            "webExId": 4,
        }

    def test_a_finding_that_leads_to_no_element_stays_where_it_is(self, schemas: SchemaSet) -> None:
        canonical = canonicalise(request("<webExId>a</webExId>"), schemas.model)
        finding = SchemaFinding("other", "/nowhere", 7, 8, "no place", Evidence(Source.OFFICIAL_2011), None)
        assert canonical.at_origin(finding, canonical.root.getroottree()) is finding

    def test_the_request_itself_is_not_changed(self, schemas: SchemaSet) -> None:
        sent = request("<email>x</email><webExId>a</webExId><active>TRUE</active>")
        before = [(node.name, node.text) for node in sent.message.walk()]
        canonicalise(sent, schemas.model)
        assert [(node.name, node.text) for node in sent.message.walk()] == before


class TestNames:
    def test_a_prefix_that_is_bound_to_another_namespace_is_told_once(self, schemas: SchemaSet) -> None:
        again = '<x:email xmlns:x="urn:more">b</x:email><y:password xmlns:y="urn:more">c</y:password>'
        sent = request(f'<x:webExId xmlns:x="urn:other">a</x:webExId>{again}')
        canonical = canonicalise(sent, schemas.model)
        assert notes(canonical) == [
            ("wrong-namespace", "bodyContent/webExId", 3, 1),
            ("wrong-namespace", "bodyContent/password", 3, 84),
        ]
        assert canonical.departures[0].note == "prefix 'x' is urn:other, which does not hold this element"

    def test_it_may_be_bound_further_out_and_the_empty_prefix_too(self, schemas: SchemaSet) -> None:
        state = '<x:state xmlns:y="urn:y">c</x:state>'
        address = f'<address xmlns="urn:other" xmlns:x="urn:more" id="1"><city>b</city>{state}</address>'
        canonical = canonicalise(request(f"<webExId>a</webExId>{address}"), schemas.model)
        assert [(note.id, note.path.rpartition("/")[2]) for note in canonical.departures] == [
            ("wrong-namespace", "address"),
            ("wrong-namespace", "state"),
        ]
        assert canonical.departures[0].note.startswith("the namespace without a prefix is urn:other, which")

    def test_one_that_is_bound_as_in_the_schema_is_not_told(self, schemas: SchemaSet) -> None:
        sent = request(f'<x:webExId xmlns:x="{NAMESPACES["use"]}">a</x:webExId>')
        assert notes(canonicalise(sent, schemas.model)) == []

    def test_another_spelling_is_noted_at_its_place(self, schemas: SchemaSet) -> None:
        canonical = canonicalise(request("<webExId>a</webExId><address><City>b</City></address>"), schemas.model)
        assert notes(canonical) == [("name-case", "bodyContent/address/City", 3, 30)]

    def test_unknown_elements_can_be_left_out(self, schemas: SchemaSet) -> None:
        sent = request("<webExId>a</webExId><new><newer/></new>")
        canonical = canonicalise(sent, schemas.model, ignore_unknown=True)
        assert [child.tag for child in content(canonical)] == [f"{USE}webExId"]
        assert notes(canonical) == [("unknown-element", "bodyContent/new", 3, 21)]
        assert canonical.departures[0].note == "not known to the schema; ignored"

    def test_what_stands_in_a_text_is_not_left_out(self, schemas: SchemaSet) -> None:
        canonical = canonicalise(request("<webExId><new/></webExId>"), schemas.model, ignore_unknown=True)
        assert len(content(canonical)[0]) == 1
        assert notes(canonical) == []


class TestOrder:
    def test_children_are_put_into_the_order_of_the_schema_and_the_first_out_of_it_is_noted(
        self, schemas: SchemaSet
    ) -> None:
        sent = request("<webExId>a</webExId>\n <email>b</email>\n <firstName>c</firstName>")
        findings, canonical = schemas.judge_request(sent)
        assert findings == []
        assert [child.tag.removeprefix(USE) for child in content(canonical)] == ["firstName", "webExId", "email"]
        assert notes(canonical) == [("order", "bodyContent/webExId", 3, 1)]

    def test_repeated_elements_keep_their_order(self, schemas: SchemaSet) -> None:
        sent = built("DelUser", {"webExId": ["b", "a", "c"]})
        findings, canonical = schemas.judge_request(sent)
        assert [child.text for child in content(canonical)] == ["b", "a", "c"]
        assert (findings, canonical.departures) == ([], [])

    def test_elements_inside_elements_are_put_in_order_too(self, schemas: SchemaSet) -> None:
        sent = request("<webExId>a</webExId><address><state>s</state><city>c</city></address>")
        findings, canonical = schemas.judge_request(sent)
        assert findings == []
        assert notes(canonical) == [("order", "bodyContent/address/state", 3, 30)]

    def test_the_body_may_come_before_the_header(self, schemas: SchemaSet) -> None:
        sent = read_request(
            b'<message><body><bodyContent xsi:type="use:delUser"><webExId/></bodyContent></body><header/></message>'
        )
        findings, canonical = schemas.judge_request(sent)
        assert findings == []
        assert [note.path for note in canonical.departures if note.id == "order"] == ["/message/body"]

    def test_order_by_and_its_direction_may_alternate(self, schemas: SchemaSet) -> None:
        order = "<orderBy>UID</orderBy><orderAD>ASC</orderAD><orderBy>FIRSTNAME</orderBy><orderAD>DESC</orderAD>"
        findings, canonical = schemas.judge_request(request(f"<order>{order}</order>", "user.LstsummaryUser"))
        assert findings == []
        assert [child.text for child in content(canonical)[0]] == ["UID", "FIRSTNAME", "ASC", "DESC"]
        assert [note[0] for note in notes(canonical)] == ["order"]

    def test_elements_of_which_only_one_may_stand_have_no_order(self, schemas: SchemaSet) -> None:
        both = "<webexID>a</webexID><userID>1</userID>"
        canonical = canonicalise(request(both, "user.ActivateUser"), schemas.model)
        assert [child.text for child in content(canonical)] == ["a", "1"]
        assert notes(canonical) == []

    def test_unknown_elements_come_last_and_stay_findings(self, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(request("<new>1</new><webExId>a</webExId><email>b</email>"))
        assert [finding.path.rpartition("/")[2] for finding in findings] == ["use:new"]
        assert [child.tag.removeprefix(USE) for child in content(canonical)] == ["webExId", "email", "new"]


class TestValues:
    @pytest.mark.parametrize("text", ["TRUE", "True", "FALSE", " FALSE\n"])
    def test_a_boolean_in_capitals_is_read_and_noted(self, text: str, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(request(f"<webExId>a</webExId><sendWelcome>{text}</sendWelcome>"))
        assert findings == []
        assert content(canonical)[1].text == text.strip().lower()
        assert notes(canonical) == [("boolean-case", "bodyContent/sendWelcome", 3, 21)]

    @pytest.mark.parametrize("text", ["YES", "T", "On"])
    def test_another_word_is_told_as_it_was_written(self, text: str, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(request(f"<webExId>a</webExId><sendWelcome>{text}</sendWelcome>"))
        assert f"'{text}' is not a valid value" in findings[0].message
        assert canonical.departures == []

    def test_capitals_in_a_text_are_no_departure(self, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(built("CreateUser", {"webExId": "TRUE"}))
        assert (findings, canonical.departures) == ([], [])

    @pytest.mark.parametrize("empty", ["<{0}/>", "<{0}></{0}>", "<{0}> \n</{0}>"])
    @pytest.mark.parametrize("name", ["languageID", "sendWelcome"])
    def test_an_empty_number_or_boolean_is_taken_as_absent_and_noted(
        self, name: str, empty: str, schemas: SchemaSet
    ) -> None:
        findings, canonical = schemas.judge_request(request(f"<webExId>a</webExId>\n{empty.format(name)}"))
        assert findings == []
        assert [child.tag for child in content(canonical)] == [f"{USE}webExId"]
        assert notes(canonical) == [("empty-value", f"bodyContent/{name}", 4, 1)]

    def test_what_follows_an_empty_number_stays(self, schemas: SchemaSet) -> None:
        canonical = canonicalise(
            request("<webExId>a</webExId><languageID/><sendWelcome>true</sendWelcome>"), schemas.model
        )
        assert [child.tag.removeprefix(USE) for child in content(canonical)] == ["webExId", "sendWelcome"]

    @pytest.mark.parametrize(
        ("inner", "words"),
        [
            ("<webExId>a</webExId><firstName>b</firstName>", "not in the order of the schema"),
            ("<webExId>a</webExId><sendWelcome> TRUE</sendWelcome>", "'TRUE' instead of 'true'"),
            ("<webExId>a</webExId><sendWelcome/>", "empty; the service takes it as absent"),
        ],
        ids=["order", "boolean-case", "empty-value"],
    )
    def test_a_note_says_what_was_departed_from(self, inner: str, words: str, schemas: SchemaSet) -> None:
        assert [note.note for note in canonicalise(request(inner), schemas.model).departures] == [words]

    def test_an_empty_number_means_its_default_where_it_has_one(self, schemas: SchemaSet) -> None:
        rule = "<enrollFieldID/><condition/><queryField>STATE</queryField><action/>"
        approval = f"<enrollment><approvalRules><rule>{rule}</rule></approvalRules></enrollment>"
        findings, canonical = schemas.judge_request(request(approval, "event.SetEvent"))
        assert [finding for finding in findings if "approvalRules" in finding.path] == []
        kept = content(canonical).find(".//{*}rule")
        assert [etree.QName(child).localname for child in kept][:2] == ["enrollFieldID", "condition"]
        assert "empty-value" not in {note[0] for note in notes(canonical)}

    def test_so_it_does_where_it_could_be_left_out(self, schemas: SchemaSet) -> None:
        form = "<enrollmentForm><standardFields><phone><incl/><req/></phone></standardFields></enrollmentForm>"
        _, canonical = schemas.judge_request(request(form, "event.CreateEvent"))
        phone = content(canonical).find(".//{*}phone")
        assert [etree.QName(child).localname for child in phone] == ["incl"]  # the other has no default
        assert [note[:2] for note in notes(canonical)] == [
            ("empty-value", "bodyContent/enrollmentForm/standardFields/phone/req")
        ]

    def test_no_bytes_at_all_are_a_value_in_base64(self, schemas: SchemaSet) -> None:
        image = "<sessionKey>1</sessionKey><imageType>JPG</imageType><imageData/>"
        findings, canonical = schemas.judge_request(request(image, "event.UploadEventImage"))
        assert (findings, notes(canonical)) == ([], [])

    def test_an_empty_number_that_is_required_is_missing(self, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(request("<meetingKey/>", "meeting.GetMeeting"))
        assert [finding.rule for finding in findings] == ["missing"]
        assert [note[0] for note in notes(canonical)] == ["empty-value"]

    def test_an_empty_text_and_an_empty_group_stay(self, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(request("<webExId/><tracking/>"))
        assert (findings, canonical.departures) == ([], [])
        assert [child.tag for child in content(canonical)] == [f"{USE}webExId", f"{USE}tracking"]

    def test_an_empty_group_with_numbers_in_it_is_no_number(self, schemas: SchemaSet) -> None:
        findings, canonical = schemas.judge_request(
            request("<accessControl/><metaData/><schedule/><attendeeOptions/>", "meeting.CreateMeeting")
        )
        assert canonical.departures == []
        assert "meet:attendeeOptions" not in " ".join(finding.path for finding in findings)
        assert content(canonical)[-1].tag.endswith("}attendeeOptions")

    def test_what_was_noted_on_reading_is_noted_first(self, schemas: SchemaSet) -> None:
        sent = request("<use:webExId>a</use:webExId>\u00a0<sendWelcome>TRUE</sendWelcome>")
        _, canonical = schemas.judge_request(sent)
        assert [note[0] for note in notes(canonical)] == ["no-break-space", "undeclared-prefix", "boolean-case"]


def again(canonical: Canonical) -> Request:
    """Return the request that a canonical form is."""
    return read_request(etree.tostring(canonical.root))


NAMES = st.from_regex(r"\w[\w.\-·]{0,3}(:[\w.\-]{1,3})?", fullmatch=True) | st.sampled_from(["webExId", "address"])


class TestHostility:
    @given(st.lists(st.tuples(NAMES, NAMES, xml_texts), max_size=3))
    def test_whatever_can_be_read_can_be_judged(self, schemas: SchemaSet, parts: list[tuple[str, str, str]]) -> None:
        inner = "".join(f"<{a}><{b}>{escape(text)}</{b}>{escape(text)}</{a}>" for a, b, text in parts)
        try:
            sent = request(inner)
        except MalformedMessage:
            reject()
        findings, canonical = schemas.judge_request(sent)
        assert bool(findings) == bool(schemas.judge_response(canonical.root))


class TestIdempotence:
    @given(st.data())
    def test_the_canonical_form_of_a_canonical_form_is_itself(
        self, schemas: SchemaSet, compiled: xmlschema.XMLSchema10, data: st.DataObject
    ) -> None:
        root = message(data.draw(st.sampled_from(REQUEST_TYPES)), compiled)
        spoil(root[1][0], data, types=REQUEST_TYPES)
        sent = read_request(etree.tostring(root))
        once = canonicalise(sent, schemas.model)
        twice = canonicalise(again(once), schemas.model)
        assert etree.tostring(twice.root) == etree.tostring(once.root)
        assert [note.id for note in twice.departures] == []

    @pytest.mark.parametrize("xsi_type", REQUEST_TYPES)
    def test_a_request_as_the_schema_wants_it_is_in_canonical_form(
        self, xsi_type: str, schemas: SchemaSet, compiled: xmlschema.XMLSchema10
    ) -> None:
        root = message(xsi_type, compiled)
        findings, canonical = schemas.judge_request(read_request(etree.tostring(root)))
        assert (findings, canonical.departures) == ([], [])
        assert etree.tostring(canonical.root, method="c14n2") == etree.tostring(root, method="c14n2")
