"""Requests that are judged where they stand, and as their canonical form would be."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from lxml import etree
from schema_documents import REQUEST_TYPES, message, spoil

from conformance.errors import MalformedMessage
from conformance.schema import inplace, payload, plan
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import Judged, _judge_in_place, judge_payload, judge_read
from conformance.versions import DEFAULT_VERSION, NEWEST, Version
from conformance.wire.blanks import mended
from conformance.wire.carried import carried
from conformance.wire.departures import Strictness
from conformance.wire.limits import MAX_ELEMENTS
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI, XSI_TYPE, clark, operation
from conformance.wire.request import build_request, read_request
from conformance.wire.scan import Direction, direction_of

CATALOG = SchemaCatalog()
PRINTED = build_request(operation("GetUser"), {"siteName": "site"}, {"webExId": "a"})
JAVA_TYPES = {f"{known.prefix}:{known.request_type}": known.java_type for known in OPERATIONS.values()}


def printed(root: etree._Element) -> bytes:
    """Return a message as requests are printed: no namespace below the root, and a ``java:`` type."""
    for element in root.iter("{*}*"):
        if element is not root:
            element.tag = etree.QName(element).localname
    content = root.find(".//bodyContent")
    if content is not None:
        content.set(XSI_TYPE, JAVA_TYPES.get(content.get(XSI_TYPE, ""), ""))
    return etree.tostring(root)


def by_the_canonical_form(data: bytes, version: Version = DEFAULT_VERSION) -> Judged | str:
    """Return the verdict on the canonical form, or what is said of a request that has none."""
    try:
        return judge_read(read_request(data), CATALOG, version, Strictness.DOCUMENTED, len(data))
    except MalformedMessage as error:
        return error.detail


def judged(data: bytes, version: Version = DEFAULT_VERSION) -> Judged | str:
    """Return the verdict, or what is said of a request that can not be judged."""
    try:
        return judge_payload(data, CATALOG, version)
    except MalformedMessage as error:
        return error.detail


@pytest.mark.parametrize("xsi_type", REQUEST_TYPES)
def test_each_operation_needs_no_canonical_form(
    xsi_type: str, compiled: xmlschema.XMLSchema10, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = printed(message(xsi_type, compiled))
    expected = by_the_canonical_form(data)
    monkeypatch.delattr(payload, "read_request")
    assert judge_payload(data, CATALOG, DEFAULT_VERSION) == expected


@given(data=st.data())
@settings(max_examples=80)
def test_whatever_was_changed_the_verdict_is_that_on_the_canonical_form(
    data: st.DataObject, compiled: xmlschema.XMLSchema10
) -> None:
    root = message(data.draw(st.sampled_from(REQUEST_TYPES)), compiled)
    spoil(root[1], data, types=REQUEST_TYPES)
    if root.find(f".//{clark('serv:bodyContent')}") is None:
        reject()
    sent = printed(root)
    assert judged(sent) == by_the_canonical_form(sent)


@given(data=st.data())
@settings(max_examples=120)
def test_in_whatever_order_the_verdict_is_that_on_the_canonical_form(
    data: st.DataObject, compiled: xmlschema.XMLSchema10
) -> None:
    root = message(data.draw(st.sampled_from(REQUEST_TYPES)), compiled)
    with_children = [element for element in root.iter("*") if len(element) > 1]
    for element in data.draw(st.lists(st.sampled_from(with_children), max_size=3)):
        element[:] = data.draw(st.permutations(list(element)))
        element[-1].tail = data.draw(st.sampled_from([None, "\n \n", "\u2028", "\U0001f600", "<"]))
    sent = printed(root).replace(b"\n", data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"])))
    assert judged(sent) == by_the_canonical_form(sent)


CREDENTIALS = {"siteName": "site", "webExID": "h\u00e9", "password": "p"}  # as printed; the schema has the name last
ATTENDED = {"attendee": {"person": {"name": "a", "email": "a@example.com"}, "role": "HOST"}}
MEETING = build_request(
    operation("CreateMeeting"),
    {"webExID": "host", "password": "p", "siteName": "site"},
    {
        "accessControl": {"listToPublic": "true"},
        "metaData": {"confName": "What now?!"},
        "participants": {
            "attendees": {"attendee": {"person": {"name": "a", "email": "a@example.com"}, "role": "HOST"}}
        },
        "schedule": {"startDate": "11/22/2026 10:00:00", "duration": "60"},
    },
).decode()
PERSON = "<person><name>a</name><email>a@example.com</email></person>"
BOTH = ["name-case", "order"]
ATTENDEE = f"<attendee>{PERSON}<role>HOST</role></attendee>"
SERV = f' xmlns:serv="{NAMESPACES["serv"]}"'
JAVA_TYPE = operation("CreateMeeting").java_type
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<metaData>", "<!-- a comment --><metaData>", []),
        ("<metaData>", "<?target <metaData> ?><metaData>", []),
        ("UTF-8", "ISO-8859-1", []),
        (DECLARATION, "", []),
        ("<serv:message", f'<serv:message xsi:schemaLocation="{NAMESPACES["serv"]} a=b"', []),
        ("header>", "serv:header>", []),
        ("<metaData>", f'<m:metaData xmlns:m="{NAMESPACES["meet"]}">', []),
        (JAVA_TYPE, f'meet:createMeeting" xmlns:meet="{NAMESPACES["meet"]}', []),
        ("What now?!", "a=b", []),
        ("<webExID>host</webExID><password>p</password>", "<password>p</password><webExID>host</webExID>", ["order"]),
        ("<webExID>", f"<c:siteID xmlns:c='{NAMESPACES['com']}'>1</c:siteID><webExID>", ["order"]),
        ("webExID>", "WEBEXID>", ["name-case"]),
        ("person>", "Person>", ["name-case"]),
        ("securityContext>", "serv:securityContext>", []),
        ("header>", "serv:header>\r\n<!-- -->", []),
        (">true<", "> TRUE\n<", ["boolean-case"]),
        (">60<", "> \n<", ["empty-value"]),
        ("<duration>60</duration>", "<duration/>", ["empty-value"]),
        (ATTENDEE, f"<attendee><Role>HOST</Role>{PERSON}</attendee>" * 40, BOTH * 40),
        (ATTENDEE, f"{ATTENDEE}<attendee><role>HOST</role>{PERSON}</attendee>{ATTENDEE}", ["order"]),
        (ATTENDEE, f"{ATTENDEE}<attendee>{PERSON}</attendee><attendee><Role>HOST</Role>{PERSON}</attendee>", BOTH),
        (SERV, "", ["undeclared-prefix"]),
        (f' xmlns:xsi="{XSI}"', "", ["undeclared-xsi"]),
        ("serv:message", "serv:messageType", ["root-name"]),
        ("serv:message", "messageType", ["root-name"]),
        ("serv:message", "message", ["root-name"]),
        (JAVA_TYPE, "meeting.CreateMeeting", ["short-type"]),
        (JAVA_TYPE, " java:meeting.CreateMeeting", ["short-type"]),
        ("<metaData>", "\u00a0<metaData\u00a0>", ["no-break-space"]),
        ("<participants>", " \n <participants>", []),
    ],
)
def test_what_departs_often_needs_no_canonical_form(
    old: str, new: str, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert old in MEETING
    text = MEETING.replace(old, new).replace("</metaData>", "</m:metaData>" if "<m:" in new else "</metaData>")
    spelt = [text, *(text.replace("><", f">{end}\t<") for end in ("\n", "\r\n", "\r", "\r\r\n\r"))]
    spelt += [text.replace(DECLARATION, start) for start in ("", "\n", "\r\n \r")]
    spelt += [] if "ISO" in new else [text.replace("What", "W\u00e4s\u2028\U0001f600")]
    for data in (one.encode() for one in spelt):
        expected = by_the_canonical_form(data)
        assert isinstance(expected, Judged)
        assert [departure.id for departure in expected.departures] == told
        with monkeypatch.context() as patched:
            patched.delattr(payload, "read_request")
            assert judge_payload(data, CATALOG, DEFAULT_VERSION) == expected


SNIPPETS = [
    *(
        b"<!-- <webExID> -->",
        b"<![CDATA[x]]>",
        b"<?pi <siteName> ?>",
        b"\r",
        b"\r\n",
        b"\n",
        b" ",
        b"\xc2\xa0",
        b"\xc3\xa9",
    ),
    *(
        b"&amp;",
        b"&#13;",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xf0\x9f\x98\x80",
        b"\xe2\x80\xa8",
        b"\x00",
        b"]]>",
        b"!",
        b"?",
        b"=",
    ),
    *(SERV.encode(), f' xmlns="{NAMESPACES["serv"]}"'.encode(), f' xmlns:xs="{XSI}"'.encode(), b' xsi:nil="true"'),
    *(b' a="b"', b"serv:", b"x:", b"use:", b":", b"<", b">", b"/", b'"', b"TRUE", b" False ", b"<a/>", b"", b"text"),
    *(b"<response/>", b"<header/>", b"<body/>", b"ISO-8859-1", b"utf-16", b"windows-1252", b"xs:type", b"xsi:type"),
    *(b"xmlns:xsi", b"java:", b"java:GetUser", b"use:getUser", b"messageType", b"message", b"encoding"),
]
RECORDED = sorted(path.read_bytes() for path in (Path(__file__).parents[1] / "data/payloads/requests").glob("*.xml"))


@st.composite
def sent_by_a_strange_client(draw: st.DrawFn) -> bytes:
    """Return a request that was recorded, spoilt in its bytes."""
    data = draw(st.sampled_from([*RECORDED, MEETING.encode()]))
    for _ in range(draw(st.integers(1, 4))):
        names = sorted(set(re.findall(rb"<([\w:]+)", data)))
        if names and draw(st.booleans()):
            name = draw(st.sampled_from(names))
            other = draw(st.sampled_from([name.upper(), name.title(), b"serv:" + name, name.rpartition(b":")[2]]))
            data = re.sub(rb"(</?)" + name + rb"(?=[\s/>])", rb"\1" + other, data)
        else:
            start = draw(st.integers(0, len(data)))
            end = min(len(data), start + draw(st.sampled_from([0, 0, 1, 5, 30])))
            data = data[:start] + draw(st.sampled_from(SNIPPETS)) + data[end:]
    return data


@given(sent_by_a_strange_client())
@settings(max_examples=400)
def test_whatever_bytes_it_is_made_of_the_verdict_is_that_on_the_canonical_form(data: bytes) -> None:
    legible, line = mended(data)
    verdict = _judge_in_place(legible, line, CATALOG, NEWEST, Strictness.DOCUMENTED)
    if verdict is not None:
        found = carried(data)
        assert (found.message, found.departures) == (data, ())
        assert direction_of(legible) is Direction.REQUEST
        assert verdict == by_the_canonical_form(data, NEWEST)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The prefix of the type is another one.
        (f'xmlns:xsi="{XSI}"', f'xmlns:xs="{XSI}" xmlns:x="xsi:type"'),
        # Readers do not agree on what a name is.
        (SERV, f'{SERV} xmlns:ser\ufeff="urn:a"'),
        # What looks like a tag is none.
        (DECLARATION, "<?target?>"),
        ("<schedule>", "<?target <duration> ?><schedule>"),
        # The text behind it stays.
        ("<duration>60</duration>", "<duration/>text"),
        ("<body>", "<header><response><result>SUCCESS</result></response></header><body>"),
        ("<header>", "<header><Response/></header><header>"),
        ("<attendees>", '<attendees a="=">'),
        ("<bodyContent xsi:type", '<bodyContent a="" xsi:type'),
        ("serv:message", "serv:Message"),
        ("serv:message", "x:message"),
        (SERV, ' xmlns:serv="urn:other"'),
        ("person>", "com:person>"),
        ("person>", "serv:person>"),
        ("meeting.CreateMeeting", "meeting.SetMeeting"),
        (JAVA_TYPE, "use:createMeeting"),
        (JAVA_TYPE, 'meet:createMeeting" xmlns:meet="urn:a'),
    ],
)
def test_what_is_rare_is_read_as_ever(old: str, new: str) -> None:
    assert old in MEETING
    data = MEETING.replace(old, new).replace("<duration>60</duration>", "<duration/>").encode()
    assert judged(data) == by_the_canonical_form(data)


def test_a_no_break_space_is_none_where_the_bytes_are_not_what_they_declare() -> None:
    data = MEETING.replace("UTF-8", "ISO-8859-1").replace("<metaData>", "\u00a0<metaData>").encode()
    verdict = judged(data)
    assert isinstance(verdict, Judged)
    assert [departure.id for departure in verdict.departures] == ["wrong-encoding", "no-break-space"]


@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1252"])
def test_bytes_that_are_not_what_they_declare_are_told(declared: str) -> None:
    verdict = judged(MEETING.replace("UTF-8", declared).replace("What", "W\u00e4s").encode())
    assert isinstance(verdict, Judged)
    assert [departure.id for departure in verdict.departures] == ["wrong-encoding"]


def test_a_root_in_the_namespace_without_a_prefix_is_no_departure(monkeypatch: pytest.MonkeyPatch) -> None:
    text = MEETING.replace(SERV, f' xmlns="{NAMESPACES["serv"]}"').replace("serv:message", "message")
    data = text.replace("<header>", '<header xmlns="">').replace("<body>", '<body xmlns="">').encode()
    expected = by_the_canonical_form(data)
    assert isinstance(expected, Judged)
    assert expected.departures == []
    monkeypatch.delattr(payload, "read_request")
    assert judged(data) == expected


def test_the_type_may_have_another_prefix_that_is_declared() -> None:
    data = MEETING.replace("xmlns:xsi", "xmlns:xs").replace("xsi:type", "xs:type").encode()
    expected = by_the_canonical_form(data)
    assert isinstance(expected, Judged)
    assert expected.departures == []
    assert judged(data) == expected


@pytest.mark.parametrize("blank", ["", " \r\n", "\u2028"])
def test_blanks_where_elements_could_stand_mean_nothing(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = build_request(operation("GetAPIVersion"), {"siteName": "site"}, {}).decode()
    data = data.replace("</bodyContent>", f"{blank}</bodyContent>")
    expected = by_the_canonical_form(data.encode())
    assert isinstance(expected, Judged)
    assert expected.valid
    monkeypatch.delattr(payload, "read_request")
    for _ in range(2):  # the second time its shape is known
        assert judged(data.encode()) == expected


def test_an_element_of_any_type_is_left_to_the_canonical_form(edited: Callable[[str, str, str], SchemaCatalog]) -> None:
    typed = 'type="xs:string" maxOccurs="50"'
    catalog = edited("5.9/user/DelUser.xsd", typed, 'maxOccurs="50"')
    data = build_request(operation("DelUser"), {"siteName": "site"}, {"webExId": {"a": "b"}})
    verdict = judge_payload(data, catalog, DEFAULT_VERSION)
    assert verdict == judge_read(read_request(data), catalog, DEFAULT_VERSION, Strictness.DOCUMENTED)


def test_one_of_more_elements_than_are_read_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    data = MEETING.encode()
    assert _judge_in_place(data, 0, CATALOG, NEWEST, Strictness.DOCUMENTED) is not None
    monkeypatch.setattr(inplace, "MAX_ELEMENTS", data.count(b"<") - 1)
    assert _judge_in_place(data, 0, CATALOG, NEWEST, Strictness.DOCUMENTED) is None
    monkeypatch.setattr(inplace, "MAX_ELEMENTS", MAX_ELEMENTS)
    monkeypatch.setattr(inplace, "MAX_BODY", len(data) - 1)
    assert _judge_in_place(data, 0, CATALOG, NEWEST, Strictness.DOCUMENTED) is None


def test_of_the_shapes_that_are_sent_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_MOST_KEPT", 3)
    catalog = SchemaCatalog()
    for _ in range(2):
        for count in range(1, 8):
            data = MEETING.replace(ATTENDEE, ATTENDEE * count).replace("<role>", "<Role>").replace("</role>", "</Role>")
            verdict = judge_payload(data.encode(), catalog, DEFAULT_VERSION)
            assert [departure.id for departure in verdict.departures] == ["name-case"] * count
            assert 0 < len(plan._kept[catalog.part(DEFAULT_VERSION, NAMESPACES["meet"])]) <= 3


def test_a_shape_that_is_known_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = judged(MEETING.encode())
    monkeypatch.setattr(plan, "_plan", None)
    assert judged(MEETING.encode()) == first
    assert judged(MEETING.replace(">true<", ">false<").encode()) == first


def test_what_is_kept_of_a_set_goes_with_it() -> None:
    catalog = SchemaCatalog()
    judge_payload(MEETING.encode(), catalog, DEFAULT_VERSION)
    schemas = catalog.part(DEFAULT_VERSION, NAMESPACES["meet"])
    assert schemas in plan._kept
    before = len(plan._kept)
    del catalog, schemas
    gc.collect()
    assert len(plan._kept) < before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<webExID>", "<!-- a comment --><webExID>"),
        ("<webExID>", "<webexId>"),
        ("</webExID>", "</webExID>text"),
        ("</webExID>", "</webExID><password>p</password>"),
        ("<webExId>a</webExId>", "<webExId>a</webExId><unknown/>"),
        ("<webExId>a</webExId>", ""),
        ("<header>", "<header>\r\n<!-- <siteName> -->"),
        ("<header>", "<header>\r<?target <siteName> ?>"),
        ("<header>", "<![CDATA[\n]]><header>"),
        ("<?xml", "\ufeff<?xml"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "\r\n"),
        ("<body>", "<header/><body>"),
    ],
)
def test_where_the_order_is_not_alone_it_is_read_as_ever(old: str, new: str) -> None:
    text = build_request(operation("GetUser"), CREDENTIALS, {"webExId": "a"}).decode()
    assert old in text
    data = text.replace(old, new).encode()
    assert judged(data) == by_the_canonical_form(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("java:com.webex.service.binding.user.GetUser", "java:GetUser"),
        ("java:com.webex.service.binding.user.GetUser", " java:com.webex.service.binding.user.GetUser"),
        ("java:com.webex.service.binding.user.GetUser", "java:com.webex.service.binding.user.GetUserX"),
        (
            "java:com.webex.service.binding.user.GetUser",
            "java:com.webex.service.binding.history.LstAccessAnywhereHistory",
        ),
        ("<webExId>", '<webExId a="1">'),
        ("<webExId>", '<webExId xsi:type="use:webExIdType">'),
        ("<webExId>a</webExId>", "<WebExID>a</WebExID>"),
        ("<webExId>", "\u00a0<webExId>"),
        ("<webExId>a</webExId>", "<use:webExId>a</use:webExId>"),
        ("<webExId>", f'<webExId xmlns="{NAMESPACES["use"]}">'),
        ("<webExId>a</webExId>", "<!-- b --><webExId>a<!-- b --></webExId>"),
        ("<body>", "<body/><body>"),
        ("<header>", "<header/><header>"),
        ("serv:message", "serv:messages"),
        (f' xmlns:xsi="{XSI}"', ""),
        ("UTF-8", "ISO-8859-1"),
        ("UTF-8", "UTF-16"),
        ("</serv:message>", "</serv:message>\n<more/>"),
    ],
)
def test_one_that_is_written_in_another_way_is_read_as_ever(old: str, new: str) -> None:
    text = PRINTED.decode()
    assert old in text
    data = text.replace(old, new).encode()
    assert judged(data, Version(39)) == by_the_canonical_form(data, Version(39))


def test_a_doctype_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="a DOCTYPE is not allowed"):
        judge_payload(PRINTED.replace(b"?>", b"?><!DOCTYPE a>", 1), CATALOG, DEFAULT_VERSION)


def test_an_operation_that_the_release_does_not_know_is_told() -> None:
    data = build_request(operation("LstAccessAnywhereHistory"), {"siteName": "site"}, {})
    with pytest.raises(MalformedMessage, match=r"do not know LstAccessAnywhereHistory; it came with 40\.1\.0"):
        judge_payload(data, CATALOG, Version(39))
