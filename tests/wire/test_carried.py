"""From what clients send to the message in it: forms, addresses, blanks, byte order marks, encodings that lie."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import MalformedMessage
from conformance.wire.carried import MAX_CARRIED, carried, carried_by_http
from conformance.wire.names import operation
from conformance.wire.request import build_request, read_request

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MESSAGE = (
    f'{DECLARATION}<serv:message xmlns:serv="x" xmlns:xsi="y"><header/><body>'
    '<bodyContent xsi:type="java:user.GetUser"><webExId>Zürich +&amp;</webExId></bodyContent></body></serv:message>'
)
LATIN = MESSAGE.replace("UTF-8", "ISO-8859-1")
FORM = f"UID=1&PWD=s3cret&XML={quote_plus(MESSAGE)}&PID="
ADDRESS = f"https://sample.example.com/WBXService/XMLService?AT=x&XML={quote(MESSAGE)}&y=1"
OF_XML = "content-type: Text/XML;charset=UTF-8\r\n"
OF_FORMS = "application/x-www-form-urlencoded"


def chunked(body: bytes) -> bytes:
    head = f"POST /x HTTP/1.1\r\n{OF_XML}Transfer-Encoding: chunked\r\n\r\n".encode()
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def notes(data: bytes | str) -> list[tuple[str, int, int]]:
    return [(note.id, note.line, note.column) for note in carried(data).departures]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (MESSAGE.encode(), []),
        (MESSAGE, []),
        (("\ufeff" + MESSAGE).encode(), []),
        (LATIN.encode("latin-1"), []),
        (MESSAGE.replace("UTF-8", "UTF-16").encode("utf-16"), []),
        (MESSAGE.removeprefix(DECLARATION).encode("utf-16"), []),
        (("\n \t" + MESSAGE.removeprefix(DECLARATION)).encode(), []),
        (("          " + MESSAGE).encode(), [("leading-blanks", 1, 11)]),
        (("\n" + MESSAGE).encode(), [("leading-blanks", 2, 1)]),
        (("\r\n\u00a0 " + MESSAGE).encode(), [("leading-blanks", 2, 3)]),
        (("\n\ufeff" + MESSAGE).encode(), [("leading-blanks", 2, 1)]),
        (LATIN.encode(), [("wrong-encoding", 2, 0)]),
        (MESSAGE.replace("UTF-8", "us-ascii").encode(), [("wrong-encoding", 2, 0)]),
        (MESSAGE.encode("utf-16"), [("wrong-encoding", 1, 0)]),
        (MESSAGE.encode("latin-1"), [("not-utf-8", 2, 0)]),
        (LATIN, []),
        (FORM.encode(), [("form-body", 0, 0)]),
        (FORM, [("form-body", 0, 0)]),
        (f"\n xml={quote_plus(MESSAGE)}".encode(), [("form-body", 0, 0)]),
        (f"UID=1&XML={MESSAGE}".encode(), [("form-body", 0, 0)]),
        (f"XML={quote_plus(' ' + MESSAGE)}", [("form-body", 0, 0), ("leading-blanks", 1, 2)]),
        (ADDRESS.encode(), [("in-query", 0, 0)]),
        (f"/WBXService/XMLService?XML={quote(MESSAGE)}", [("in-query", 0, 0)]),
        (f"GET /WBXService/XMLService?XML={quote(MESSAGE)} HTTP/1.1\r\nHost: x\r\n\r\n", [("in-query", 0, 0)]),
        (f"GET {ADDRESS} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), [("absolute-form", 0, 0), ("in-query", 0, 0)]),
        (f"POST http://sample.example.com/x HTTP/1.1\r\n{OF_XML}\r\n{MESSAGE}", [("absolute-form", 0, 0)]),
        (f"POST /x HTTP/1.1\r\n{OF_XML}\r\n\n{MESSAGE}", [("leading-blanks", 2, 1)]),
        (f"POST /x HTTP/1.1\r\nHost: x\r\n\r\n{MESSAGE}", [("content-type", 0, 0)]),
        (f"POST /x HTTP/1.1\r\nContent-Type: text/xml charset=UTF-8\r\n\r\n{MESSAGE}", [("content-type", 0, 0)]),
        (f"POST /x HTTP/1.1\nContent-Type: {OF_FORMS}\n\n{MESSAGE}", [("content-type", 0, 0)]),
        (f"POST /x?y=1 HTTP/1.0\nContent-Type: {OF_FORMS}\n\n{FORM}", [("form-body", 0, 0)]),
        (f"POST /x?y=1 HTTP/1.0\nContent-Type: text/xml\n\n{FORM}", [("content-type", 0, 0), ("form-body", 0, 0)]),
        (chunked(MESSAGE.encode()), []),
    ],
)
def test_the_message_is_found_and_what_was_tolerated_is_told(
    data: bytes | str, expected: list[tuple[str, int, int]]
) -> None:
    assert notes(data) == expected
    assert read_request(carried(data).message).content.value("webExId") == "Zürich +&"


@pytest.mark.parametrize("before", ["", "\n\n   ", "\n\u00a0"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_lines_and_columns_are_those_of_what_was_sent(before: str, encoding: str) -> None:
    text = before + LATIN
    content = read_request(
        carried(text.encode(encoding if before == "" or "\u00a0" not in before else "utf-8")).message
    )
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if "<bodyContent" in line)
    assert (content.content.line, content.content.column) == (at + 1, lines[at].index("<bodyContent") + 1)


def test_a_message_without_a_fault_is_left_untouched() -> None:
    data = MESSAGE.encode()
    assert carried(data).message is data


@pytest.mark.parametrize("encoding", ["Shift_JIS", "Big5", "EUC-KR", "GB2312"])
def test_encodings_that_readers_of_xml_need_not_know_are_read(encoding: str) -> None:
    text = {"Shift_JIS": "会議", "Big5": "會議", "EUC-KR": "회의", "GB2312": "会议"}[encoding]
    data = MESSAGE.replace("UTF-8", encoding).replace("Zürich", text).encode(encoding)
    assert notes(data) == []
    assert read_request(carried(data).message).content.value("webExId") == f"{text} +&"


@pytest.mark.parametrize("encoding", ["Shift_JIS", "Big5", "EUC-KR", "GB2312"])
def test_what_only_says_that_it_is_in_one_of_them_is_read_as_it_is(encoding: str) -> None:
    data = MESSAGE.replace("UTF-8", encoding).replace("Zürich", "会議").encode()
    assert notes(data) == [("wrong-encoding", 2, 0)]
    assert read_request(carried(data).message).content.value("webExId") == "会議 +&"


def test_a_body_in_chunks_that_are_none_is_looked_at_as_it_is() -> None:
    head = b"POST /x HTTP/1.1\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert carried(head + MESSAGE.encode()).message == MESSAGE.encode()
    assert carried(head + b"10\r\ncut").message == b"10\r\ncut"


@pytest.mark.parametrize(
    ("content_type", "body", "note"),
    [
        (None, MESSAGE, ""),
        ("application/xml; charset=utf-8", MESSAGE, ""),
        ("", MESSAGE, "no Content-Type instead of text/xml"),
        ("multipart/form-data", FORM, f"Content-Type 'multipart/form-data' instead of {OF_FORMS}"),
    ],
)
def test_the_content_type_is_told_where_it_is_wrong(content_type: str | None, body: str, note: str) -> None:
    found = carried_by_http(b"/x", content_type, body.encode())
    assert found.message == MESSAGE.encode()
    assert [told.note for told in found.departures if told.id == "content-type"] == ([note] if note else [])


@pytest.mark.parametrize("declared", ["UTF-7", "utf-32", "ebcdic", "x" * 41])
def test_an_encoding_that_is_not_known_is_left_to_the_reader(declared: str) -> None:
    data = MESSAGE.replace("UTF-8", declared).encode()
    assert carried(data).message is data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  ",
        b"hello",
        b"{}",
        b"UID=1&PID=2",
        b"XMLX=1",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nno end",
        b"\xff\xfe\x00",
    ],
)
def test_what_carries_no_message_is_returned_as_it_is(data: bytes) -> None:
    found = carried(data)
    assert (found.message, found.departures) == (data, ())
    with pytest.raises(MalformedMessage):
        read_request(found.message)


def test_the_content_type_of_a_form_does_not_matter() -> None:
    head = "POST /x HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    assert carried(head + MESSAGE).message == MESSAGE.encode()


def test_what_is_too_big_is_not_looked_into() -> None:
    data = b"XML=" + b"%3C" * (MAX_CARRIED // 3)
    assert carried(data).message is data


def test_the_first_field_counts() -> None:
    form = f"XML={quote_plus(MESSAGE)}&XML=other"
    assert carried(form).message == MESSAGE.encode()


@given(strategies.xml_texts, st.dictionaries(st.from_regex(r"[A-WYZ]{1,4}", fullmatch=True), st.text(max_size=9)))
def test_a_form_gives_back_exactly_what_was_put_into_it(text: str, fields: dict[str, str]) -> None:
    message = build_request(operation("GetUser"), {"siteName": text}, {"webExId": text})
    others = [f"{key}={quote_plus(value, errors='replace')}" for key, value in fields.items()]
    for form in ("&".join([*others, f"XML={quote_plus(message)}"]), "&".join([f"XML={quote_plus(message)}", *others])):
        assert carried(form.encode()).message == message


@given(st.binary(max_size=300) | st.text(max_size=200))
def test_nothing_breaks_it(data: bytes | str) -> None:
    found = carried(data)
    assert isinstance(found.message, bytes)
    assert carried(found.message).message is not None


@given(st.sampled_from([MESSAGE, LATIN, FORM, ADDRESS]), st.integers(0, 400), st.binary(max_size=5))
def test_damaged_ones_are_read_or_refused(text: str, at: int, put: bytes) -> None:
    data = text.encode()
    try:
        request = read_request(carried(data[:at] + put + data[at:]).message)
    except MalformedMessage:
        return
    assert request.content.name == "bodyContent"
