"""Responses: read without being trusted, and refused by a word that says what came instead."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import MalformedMessage
from conformance.wire.limits import MAX_BODY, MAX_TAGS
from conformance.wire.names import NAMESPACES, XSI
from conformance.wire.response import Response, read_response

SERV = NAMESPACES["serv"]
USE = NAMESPACES["use"]


def message(
    header: str = "<serv:result>SUCCESS</serv:result>",
    body: str = "<serv:bodyContent/>",
    *,
    declarations: str = "",
    before: str = "",
) -> bytes:
    """Return a response."""
    return (
        f'{before}<serv:message xmlns:serv="{SERV}" {declarations}><serv:header><serv:response>{header}'
        f"</serv:response></serv:header><serv:body>{body}</serv:body></serv:message>"
    ).encode()


def refusal(data: bytes) -> MalformedMessage:
    """Return how bytes are refused."""
    with pytest.raises(MalformedMessage) as refused:
        read_response(data)
    return refused.value


class TestReading:
    def test_a_success(self) -> None:
        response = read_response(message("<serv:result>SUCCESS</serv:result><serv:gsbStatus>BACKUP</serv:gsbStatus>"))
        assert (response.result, response.gsb_status) == ("SUCCESS", "BACKUP")
        assert (response.reason, response.exception_id) == (None, None)

    def test_a_failure(self) -> None:
        response = read_response(
            message(
                "<serv:result>FAILURE</serv:result><serv:reason>Sorry, no record found</serv:reason>"
                "<serv:gsbStatus>PRIMARY</serv:gsbStatus><serv:exceptionID>000015</serv:exceptionID>"
            )
        )
        assert (response.result, response.exception_id) == ("FAILURE", "000015")
        assert (response.reason, response.gsb_status) == ("Sorry, no record found", "PRIMARY")
        assert response.content_type is None

    def test_absent_is_not_the_same_as_empty(self) -> None:
        response = read_response(message("<serv:result/>"))
        assert (response.result, response.reason) == ("", None)

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("SUC<!-- no -->CESS", "SUCCESS"),
            ("<![CDATA[SUCCESS]]>", "SUCCESS"),
            ("SUC<?pi?>CESS", "SUCCESS"),
            ("<serv:b>SUC</serv:b>CESS", "SUCCESS"),
            (" SUCCESS\n", " SUCCESS\n"),
            ("&#83;UCCESS", "SUCCESS"),
        ],
        ids=["comment", "CDATA", "instruction", "child", "blanks", "reference"],
    )
    def test_a_text_is_all_that_the_element_holds(self, written: str, read: str) -> None:
        assert read_response(message(f"<serv:result>{written}</serv:result>")).result == read

    def test_the_first_of_two_results_counts(self) -> None:
        response = read_response(message("<serv:result>FAILURE</serv:result><serv:result>SUCCESS</serv:result>"))
        assert response.result == "FAILURE"

    def test_the_namespace_counts_and_not_the_prefix(self) -> None:
        unprefixed = (
            f'<message xmlns="{SERV}"><header><response><result>SUCCESS</result></response></header>'
            "<body><bodyContent/></body></message>"
        )
        response = read_response(unprefixed.encode())
        assert response.result == "SUCCESS"
        assert response.content is not None

    def test_elements_of_another_namespace_are_others(self) -> None:
        response = read_response(message("<result>SUCCESS</result>", "<bodyContent/>"))
        assert (response.result, response.content) == (None, None)

    def test_a_body_without_content_is_read(self) -> None:
        response = read_response(message(body=""))
        assert (response.content, response.content_type) == (None, None)


class TestContentType:
    @pytest.mark.parametrize(
        ("xsi_type", "expected"),
        [
            ("use:createUserResponse", (USE, "createUserResponse")),
            (" use:createUserResponse\n", (USE, "createUserResponse")),
            ("other:createUserResponse", (USE, "createUserResponse")),
            ("unbound:createUserResponse", ("", "createUserResponse")),
            ("createUserResponse", ("", "createUserResponse")),
            ("", ("", "")),
        ],
    )
    def test_it_is_read_as_a_name_in_a_namespace(self, xsi_type: str, expected: tuple[str, str]) -> None:
        body = f'<serv:bodyContent xmlns:xsi="{XSI}" xmlns:other="{USE}" xsi:type="{xsi_type}"/>'
        assert read_response(message(body=body, declarations=f'xmlns:use="{USE}"')).content_type == expected

    def test_without_a_prefix_it_is_in_the_default_namespace(self) -> None:
        body = f'<serv:bodyContent xmlns="{USE}" xmlns:xsi="{XSI}" xsi:type="createUserResponse"/>'
        assert read_response(message(body=body)).content_type == (USE, "createUserResponse")


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"])
    def test_the_declared_encoding_is_honoured(self, encoding: str) -> None:
        declared = f'<?xml version="1.0" encoding="{encoding}"?>'
        data = message("<serv:reason>Zürich</serv:reason>", before=declared).decode().encode(encoding)
        assert read_response(data).reason == "Zürich"

    def test_a_byte_order_mark_is_no_text(self) -> None:
        data = message("<serv:reason>Zürich</serv:reason>")
        assert read_response(b"\xef\xbb\xbf" + data).reason == "Zürich"

    def test_utf_8_that_is_declared_as_latin_1_is_read_as_declared(self) -> None:
        data = message("<serv:reason>ü</serv:reason>", before='<?xml version="1.0" encoding="ISO-8859-1"?>')
        assert read_response(data).reason == "Ã¼"

    @pytest.mark.parametrize(("encoding", "told"), [("UTF-8", "UTF-8"), ("UTF-16", "UTF-16"), ("us-ascii", "us-ascii")])
    def test_it_is_told_which_encoding_that_was(self, encoding: str, told: str) -> None:
        data = message(before=f'<?xml version="1.0" encoding="{encoding}"?>').decode().encode(encoding)
        assert read_response(data).encoding == told

    def test_a_no_break_space_stays_what_it_is(self) -> None:
        assert read_response(message("<serv:reason>\u00a0</serv:reason>")).reason == "\u00a0"


BILLION_LAUGHS = "".join(
    ["<!DOCTYPE m [<!ENTITY l0 'ha'>", *(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)), "]>"]
)


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"", "empty"),
            (b" \r\n\t", "empty"),
            (b"<html><head><meta></head></html>", "html"),
            (b"\n <!DOCTYPE HTML><html><br></html>", "html"),
            (b'{"result": "SUCCESS"}', "json"),
            (b"  [1, 2]", "json"),
            (b"OK", "not-xml"),
            (message()[:-20], "not-xml"),
            (b"\n" + message(before='<?xml version="1.0"?>'), "not-xml"),
            (message() + message(), "not-xml"),
            (message() + b"junk", "not-xml"),
            (message(body="\0"), "not-xml"),
            (message(body="&#1;"), "not-xml"),
            (message(body="&undefined;"), "not-xml"),
            (message(body="<use:undeclared/>"), "not-xml"),
            (message(body="X").replace(b"X", b"\xfc"), "encoding"),
            (message(body="X").replace(b"X", b"\xed\xa0\x80"), "encoding"),
            (message(before='<?xml version="1.0" encoding="klingon"?>'), "encoding"),
            (message(before='<?xml version="1.0" encoding="UTF-7"?>'), "encoding"),
            (message(before='<?xml version="1.0" encoding="Shift_JIS"?>'), "encoding"),
            (message(before='<?xml version="1.0" encoding="UTF-16"?>'), "not-xml"),
            (message(body="X").decode().encode("cp037"), "encoding"),
            (b"<!doctype message><message/>", "doctype"),
            (message(before="<?xml version='1.0'?>\n<!DOCTYPE message>")[:-5], "doctype"),
            (b"<message/>", "envelope"),
            (b"<html><head/></html>", "html"),
            (b"<!-- down --><HTML><head/></HTML>", "html"),
            (b"<?xml version='1.0'?><!DOCTYPE html><html><p/></html>", "html"),
            (b"<!--" + b"-" * 5000 + b" --><!DOCTYPE message><message/>", "doctype"),
            (f"<serv:messageType xmlns:serv='{SERV}'/>".encode(), "envelope"),
            (b"<serv:message xmlns:serv='urn:other'/>", "envelope"),
        ],
    )
    def test_what_is_no_response_is_refused_by_what_it_is(self, data: bytes, kind: str) -> None:
        assert refusal(data).kind == kind

    def test_a_fault_in_the_xml_has_its_place_which_is_not_told_twice(self) -> None:
        error = refusal(b"<a>\n <b></c></a>")
        assert (error.line, error.column) == (2, 9)
        assert error.detail == "Opening and ending tag mismatch: b line 2 and c"

    def test_a_root_that_is_no_message_has_its_line(self) -> None:
        error = refusal(b"<!-- x\n-->\n<message/>")
        assert (error.line, error.detail) == (3, "the root is message, expected serv:message")

    @pytest.mark.parametrize(
        "inner",
        ["<a>" * 5000 + "</a>" * 5000, "x" * 11_000_000, f'<a b="{"x" * 11_000_000}"/>'],
        ids=["depth", "text", "attribute"],
    )
    def test_what_costs_too_much_is_over_a_limit(self, inner: str) -> None:
        error = refusal(message(body=inner))
        assert error.kind == "limit"
        assert len(error.detail) < 200

    def test_a_body_that_is_too_large_is_not_even_parsed(self) -> None:
        assert refusal(b"x" * MAX_BODY).kind == "not-xml"
        error = refusal(b"x" * (MAX_BODY + 1))
        assert (error.kind, error.detail) == ("limit", f"the body has {MAX_BODY + 1} bytes, the limit is {MAX_BODY}")

    @pytest.mark.parametrize("inner", ["<a></a>" * 260_000, "<a/>" * 510_000, f"<a {' b=' * 510_000}/>"])
    def test_what_would_fill_the_memory_is_not_even_parsed(self, inner: str) -> None:
        error = refusal(message(body=inner))
        assert (error.kind, error.detail) == ("limit", f"the body has more than {MAX_TAGS} tags or attributes")

    def test_a_byte_that_is_not_utf_8_has_its_offset_and_its_neighbours(self) -> None:
        data = message(body="abcdXefgh").replace(b"X", b"\xfc")
        offset = data.index(b"\xfc")
        detail = f"byte 0xfc at offset {offset} is not UTF-8 (around it: 61 62 63 64 fc 65 66 67)"
        assert refusal(data).detail == detail

    @pytest.mark.parametrize("data", [b"<!--a-->" * 60_000, b"<?x?>" * 90_000, b"<!--" + b"-" * 15_000_000])
    def test_the_search_for_a_doctype_takes_one_pass(self, data: bytes) -> None:
        start = time.perf_counter()
        assert refusal(data).kind == "not-xml"
        assert time.perf_counter() - start < 5

    @pytest.mark.parametrize(
        "doctype",
        [
            "<!DOCTYPE message>",
            "<!DOCTYPE message SYSTEM 'http://127.0.0.1:1/x.dtd'>",
            "<!DOCTYPE message PUBLIC '-//W3C//DTD XHTML 1.0//EN' 'http://127.0.0.1:1/x.dtd'>",
            "<!DOCTYPE message [<!ENTITY x 'expanded'>]>",
            "<!DOCTYPE message [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]>",
            BILLION_LAUGHS,
        ],
        ids=["bare", "external", "public", "internal entity", "parameter entity", "billion laughs"],
    )
    @pytest.mark.parametrize("body", ["", "&l9;"])
    def test_a_doctype_is_refused_whether_or_not_it_is_used(self, doctype: str, body: str) -> None:
        assert refusal(message(body=body, before=doctype)).kind == "doctype"

    def test_a_doctype_in_utf_16_is_seen_too(self) -> None:
        declared = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE message>'
        assert refusal(message(before=declared).decode().encode("UTF-16")).kind == "doctype"

    def test_no_file_is_opened_for_an_entity(self, tmp_path: Path) -> None:
        pipe = tmp_path / "canary"
        os.mkfifo(pipe)
        opened = threading.Event()

        def wait_for_a_reader() -> None:
            with pipe.open("wb"):  # goes on as soon as someone reads
                opened.set()

        thread = threading.Thread(target=wait_for_a_reader, daemon=True)
        thread.start()
        declared = f"<!DOCTYPE m SYSTEM 'file://{pipe}' [<!ENTITY x SYSTEM 'file://{pipe}'>]>"
        assert refusal(message("<serv:reason>&x;</serv:reason>", before=declared)).kind == "doctype"
        assert not opened.is_set()
        pipe.open("rb").close()
        thread.join()

    def test_inclusions_and_hints_are_left_alone(self, tmp_path: Path) -> None:
        canary = tmp_path / "canary.txt"
        canary.write_text("do not read")
        body = (
            f'<serv:bodyContent xmlns:xsi="{XSI}" xsi:schemaLocation="{SERV} http://127.0.0.1:1/x.xsd">'
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{canary}" parse="text"/></serv:bodyContent>'
        )
        content = read_response(message(body=body)).content
        assert content is not None
        assert "".join(content.itertext()) == ""


def outcome(data: bytes) -> str:
    """Return ``read``, or as what the bytes are refused; any other exception goes through."""
    try:
        assert isinstance(read_response(data), Response)
    except MalformedMessage as error:
        return error.kind
    return "read"


class TestHostility:
    @given(st.binary(max_size=200))
    def test_any_bytes_are_refused(self, data: bytes) -> None:
        assert outcome(data) in {"empty", "not-xml", "encoding", "json", "html", "doctype", "envelope"}

    @given(st.data())
    def test_a_response_with_bytes_changed_is_read_or_refused(self, data: st.DataObject) -> None:
        declared = '<?xml version="1.0" encoding="UTF-8"?>\n'
        damaged = bytearray(message("<serv:result>SUCCESS</serv:result>", before=declared))
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=4))
        assert outcome(bytes(damaged)) in {"not-xml", "encoding", "json", "envelope", "read"}

    @given(st.text(st.sampled_from("<>/:=\"' amx!-[]&;?\u00a0"), max_size=60))
    def test_markup_of_any_shape_is_read_or_refused(self, inner: str) -> None:
        assert outcome(message(body=inner)) in {"not-xml", "read"}
