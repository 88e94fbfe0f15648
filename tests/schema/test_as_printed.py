"""Requests as the documentation prints them: judged as they stand, and as their canonical form would be."""

from __future__ import annotations

import pytest
import xmlschema
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from lxml import etree
from schema_documents import REQUEST_TYPES, message, spoil

from conformance.errors import MalformedMessage
from conformance.schema import payload
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import Judged, judge_payload, judge_read
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.departures import Strictness
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI, XSI_TYPE, clark, operation
from conformance.wire.request import build_request, read_request

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


def test_the_order_alone_needs_no_canonical_form(monkeypatch: pytest.MonkeyPatch) -> None:
    data = build_request(operation("GetUser"), CREDENTIALS, {"webExId": "a"})
    expected = by_the_canonical_form(data)
    assert isinstance(expected, Judged)
    assert [departure.id for departure in expected.departures] == ["order"]
    monkeypatch.delattr(payload, "read_request")
    assert judge_payload(data, CATALOG, DEFAULT_VERSION) == expected


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
