"""Which way a message goes is told by its first sign; where elements start is told in true positions."""

from __future__ import annotations

import pytest

from conformance.errors import MalformedMessage
from conformance.wire.limits import MAX_BODY, MAX_DEPTH
from conformance.wire.scan import Direction, direction_of, element_starts


@pytest.mark.parametrize(
    "text",
    [
        "<serv:message><header><securityContext/></header></serv:message>",
        "<serv:message><serv:header><serv:securityContext/></serv:header></serv:message>",
        "<message><body><bodyContent/></body></message>",
        '<m:message><m:body><m:bodyContent x:type="java:com.webex.service.binding.user.GetUser"/></m:body></m:message>',
        '<message><body><bodyContent type="" x:type=" use:getUser "/></body></message>',
        # The header counts, whatever follows.
        "<message><header><securityContext/></header><body><bodyContent x:type='xResponse'/></body></message>",
    ],
)
def test_a_request(text: str) -> None:
    assert direction_of(text.encode()) is Direction.REQUEST


@pytest.mark.parametrize(
    "text",
    [
        "<serv:message><serv:header><serv:response/></serv:header></serv:message>",
        '<message xmlns="http://www.webex.com/schemas/2002/06/service"><header><response/></header></message>',
        "<serv:message><serv:body><serv:bodyContent/></serv:body></serv:message>",
        '<message><body><bodyContent x:type="use:getUserResponse"/></body></message>',
        "<serv:message><serv:body/></serv:message>",
        "<html/>",
        "<message/>",
        "<serv:message><serv:header><serv:response/></serv:header><broken",
    ],
)
def test_a_response(text: str) -> None:
    assert direction_of(text.encode()) is Direction.RESPONSE


@pytest.mark.parametrize(
    ("data", "kind", "place"),
    [
        (b"", "empty", (0, 0)),
        (b" \n ", "empty", (0, 0)),
        (b"x", "not-xml", (1, 1)),
        (b'{"a": 1}', "not-xml", (1, 1)),
        (b"<a>\n <b></a>", "not-xml", (2, 7)),
        (b"<a/>" + b" " * MAX_BODY, "limit", (0, 0)),
        (b"<a>" * (MAX_DEPTH + 1), "limit", (0, 0)),
        (b"<!DOCTYPE a><a/>", "doctype", (1, 0)),
        (b"<!DOCTYPE html><html><br></html>", "doctype", (1, 0)),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding", (0, 0)),
        (b'<?xml version="1.0" encoding="shift_jis"?><a/>', "encoding", (0, 0)),
    ],
)
def test_what_is_no_message_is_told(data: bytes, kind: str, place: tuple[int, int]) -> None:
    with pytest.raises(MalformedMessage) as told:
        direction_of(data)
    assert told.value.kind == kind
    assert told.value.line == place[0]
    assert told.value.column == place[1] or kind == "doctype"


def test_places_past_what_libxml2_can_remember() -> None:
    data = b"<a>" + b"\n" * 70_000 + "ä<b/><c/></a>".encode()
    assert element_starts(data, {0, 2, 9}) == {0: (1, 1), 2: (70_001, 6)}
