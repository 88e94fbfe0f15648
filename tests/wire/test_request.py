"""Requests: written as the documentation prints them, read as the service does, refused where it could not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import bodies, element_names, xml_texts

from conformance.errors import MalformedMessage
from conformance.wire.limits import MAX_BODY, MAX_DEPTH
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI, operation
from conformance.wire.request import Body, Departure, build_request, read_request
from conformance.wire.tree import Node

CREATE_USER = operation("CreateUser")

# Printed in the update notes of 40.4.3 and 40.2.4, without its indentation.
PRINTED = """\
<?xml version="1.0" encoding="UTF-8"?>
<serv:message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xmlns:serv="http://www.webex.com/schemas/2002/06/service">\
<header>\
<securityContext>\
<webExID>administrator</webExID>\
<password>xxxx</password>\
<siteName>xxx</siteName>\
</securityContext>\
</header>\
<body>\
<bodyContent xsi:type="java:com.webex.service.binding.user.CreateUser">\
<firstName>xxx</firstName>\
<lastName>xxx</lastName>\
<webExId>xxx</webExId>\
<password>xxx</password>\
<email>xxx</email>\
<privilege>\
<host>true</host>\
<siteAdmin>false</siteAdmin>\
<labAdmin>false</labAdmin>\
<voiceOverIp>false</voiceOverIp>\
</privilege>\
<languageID>3</languageID>\
<active>ACTIVATED</active>\
<sendWelcome>true</sendWelcome>\
<isHTMLEmail>true</isHTMLEmail>\
</bodyContent>\
</body>\
</serv:message>"""

SECURITY = {"webExID": "administrator", "password": "xxxx", "siteName": "xxx"}
BODY: Body = {
    "firstName": "xxx",
    "lastName": "xxx",
    "webExId": "xxx",
    "password": "xxx",
    "email": "xxx",
    "privilege": {"host": "true", "siteAdmin": "false", "labAdmin": "false", "voiceOverIp": "false"},
    "languageID": "3",
    "active": "ACTIVATED",
    "sendWelcome": "true",
    "isHTMLEmail": "true",
}


TYPE = ' xsi:type="java:com.webex.service.binding.user.CreateUser"'
DECLARED = ' xmlns="http://www.webex.com/schemas/2002/06/service" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
XSI_ALONE = f' xmlns:xsi="{XSI}"'
OPENING = f"<message{DECLARED}><body><bodyContent{TYPE}>"


def content(body: Body) -> str:
    """Return what is written inside ``bodyContent``."""
    built = build_request(CREATE_USER, {}, body).decode()
    return built.partition('CreateUser">')[2].removesuffix("</bodyContent></body></serv:message>")


def message(
    inner: str = "", *, root: str = "message", declared: str = DECLARED, xsi_type: str = TYPE, before: str = ""
) -> bytes:
    """Return a request around what is inside its ``bodyContent``."""
    return f"{before}<{root}{declared}><body><bodyContent{xsi_type}>{inner}</bodyContent></body></{root}>".encode()


def flat(body: Body, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of each element that a body stands for, in document order."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, list):
                yield from flat({name: item}, path)
            else:
                yield f"{path}/{name}", item if isinstance(item, str) else ""
                yield from flat(item, f"{path}/{name}")


def flat_nodes(node: Node, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of each element below one that was read."""
    for child in node.children:
        yield f"{path}/{child.name}", child.text
        yield from flat_nodes(child, f"{path}/{child.name}")


class TestWriting:
    def test_a_request_is_written_as_it_is_printed(self) -> None:
        assert build_request(CREATE_USER, SECURITY, BODY).decode() == PRINTED

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_every_operation_is_read_back_from_its_type(self, name: str) -> None:
        request = read_request(build_request(operation(name), {}, {}))
        assert request.operation is OPERATIONS[name]
        assert request.xsi_type == OPERATIONS[name].java_type

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            ("a&b<c>d", "a&amp;b&lt;c&gt;d"),
            ("]]>", "]]&gt;"),
            ("\"quoted' text", "\"quoted' text"),
            ("line\r\nline\ttab", "line&#13;\nline\ttab"),
            ("Zürich 東京 👋", "Zürich 東京 👋"),
            ("&amp;", "&amp;amp;"),
        ],
    )
    def test_a_text_is_escaped_so_that_it_is_read_back(self, value: str, written: str) -> None:
        assert content({"name": value}) == f"<name>{written}</name>"

    def test_a_text_may_stand_in_place_of_a_body(self) -> None:
        assert content("a<b") == "a&lt;b"

    @pytest.mark.parametrize("empty", ["", {}, []], ids=["text", "children", "repeated"])
    def test_an_empty_value_is_an_empty_element_and_no_values_are_none(self, empty: Body) -> None:
        assert content({"name": empty}) == {"": "<name/>", "{}": "<name></name>", "[]": ""}[str(empty)]

    def test_repeated_elements_stand_one_after_another(self) -> None:
        body: Body = {"order": [{"orderBy": "A"}, {"orderBy": ["B", "C"]}], "last": "x"}
        assert content(body) == (
            "<order><orderBy>A</orderBy></order><order><orderBy>B</orderBy><orderBy>C</orderBy></order><last>x</last>"
        )

    def test_attributes_stand_in_the_tag_and_are_escaped(self) -> None:
        body: Body = {"name": {"@a": "x", "child": "1", "@b": 'a"b<c>&\n'}}
        assert content(body) == '<name a="x" b=\'a"b&lt;c&gt;&amp;&#10;\'><child>1</child></name>'

    def test_attributes_are_read_back(self) -> None:
        value = "a\"b'c<d>&\r\n\t"
        read = read_request(build_request(CREATE_USER, {}, {"name": {"@a": value}}))
        assert read.content.children[0].attributes == {"a": value}

    def test_children_stay_in_the_order_they_are_given(self) -> None:
        assert content({"b": "1", "a": "2"}) == "<b>1</b><a>2</a>"


class TestRoundTrip:
    @given(bodies.filter(lambda body: "\u00a0" not in "".join(text for _, text in flat(body))))
    @example({"a": "\r\n\u0085\u2028"})
    @example({"a": [[["x"]], []]})
    def test_what_is_built_is_read_back(self, body: Body) -> None:
        request = read_request(build_request(CREATE_USER, {}, body))
        assert list(flat_nodes(request.content)) == list(flat(body))
        assert request.departures == ()

    @given(st.dictionaries(element_names, xml_texts, max_size=4))
    def test_credentials_are_read_back_trimmed_and_without_the_blank_ones(self, security: dict[str, str]) -> None:
        read = read_request(build_request(CREATE_USER, security, {})).security
        assert read == {name: value.strip() for name, value in security.items() if value.strip()}

    @given(xml_texts.filter(str.strip))
    def test_no_break_spaces_in_a_text_stay(self, text: str) -> None:
        read = read_request(build_request(CREATE_USER, {}, {"name": f"x\u00a0{text}"}))
        assert read.content.value("name") == f"x\u00a0{text}".strip()


class TestDialects:
    """What clients really send, each seen in traffic or in the documentation."""

    @pytest.mark.parametrize("root", ["message", "serv:message", "serv:messageType", "messageType", "x:message"])
    def test_the_root_is_known_by_its_local_name(self, root: str) -> None:
        assert read_request(message(root=root)).operation is CREATE_USER

    @pytest.mark.parametrize(
        "xsi_type",
        [
            ' xsi:type="java:com.webex.service.binding.user.CreateUser"',
            ' xsi:type = "java:user.CreateUser"',
            "\n  xsi:type=\n  'java:user.CreateUser'",
            ' xsi:type="\n java:user.CreateUser "',
            ' xsi:type="use:createUser"',
            ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="use:createUser"',
        ],
        ids=["documented", "blanks around =", "lines around =", "blanks inside", "schema type", "another prefix"],
    )
    def test_every_spelling_of_the_type_is_read(self, xsi_type: str) -> None:
        request = read_request(message(xsi_type=xsi_type))
        assert request.operation is CREATE_USER
        assert request.xsi_type == request.xsi_type.strip()

    @pytest.mark.parametrize("xsi_type", ["", ' type="java:user.CreateUser"', ' xsi:type="java:user.LstFoo"'])
    def test_a_type_that_is_absent_or_unknown_names_no_operation(self, xsi_type: str) -> None:
        assert read_request(message(xsi_type=xsi_type)).operation is None

    @pytest.mark.parametrize(
        "before",
        [
            "",
            "\ufeff",
            '<?xml version="1.0" ?>\n',
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
            "<!-- from our client --><?php echo 1 ?>\n \n",
        ],
    )
    def test_whatever_may_stand_before_the_root(self, before: str) -> None:
        assert read_request(message("<a>ü</a>", before=before)).content.value("a") == "ü"

    @pytest.mark.parametrize("encoding", ["ISO-8859-1", "utf-16", "windows-1252", "us-ascii"])
    def test_the_declared_encoding_is_honoured(self, encoding: str) -> None:
        text = "u" if encoding == "us-ascii" else "ü"
        data = message(f"<a>{text}</a>", before=f'<?xml version="1.0" encoding="{encoding}"?>').decode()
        assert read_request(data.encode(encoding)).content.value("a") == text

    def test_comments_and_cdata_are_part_of_no_text(self) -> None:
        read = read_request(message("<a>12<!-- x -->34<![CDATA[<&5]]><?pi?>6</a>"))
        assert read.content.value("a") == "1234<&56"

    def test_a_text_around_children_is_kept_in_one_piece(self) -> None:
        read = read_request(message("one<a/>two<a>in</a>three"))
        assert read.content.text == "onetwothree"

    def test_a_prefix_of_an_element_is_kept_and_not_part_of_its_name(self) -> None:
        (child,) = read_request(message("<serv:startFrom>1</serv:startFrom>")).content.children
        assert (child.prefix, child.name) == ("serv", "startFrom")

    def test_names_are_spelt_with_letters_of_all_scripts(self) -> None:
        assert read_request(message("<größe/><x:_1/>")).content.find("größe") is not None


class TestDepartures:
    def departures(self, data: bytes) -> list[tuple[str, str, int, int]]:
        """Return what was noted of a request."""
        return [(note.id, note.path, note.line, note.column) for note in read_request(data).departures]

    def test_a_request_as_documented_has_none(self) -> None:
        assert read_request(PRINTED.encode()).departures == ()

    def test_an_undeclared_prefix_is_told_once_where_it_is_first_used(self) -> None:
        data = message("\n  <use:a><use:b/></use:a>\n  <use:c/>", root="serv:message")
        assert self.departures(data) == [
            ("undeclared-prefix", "/message", 1, 1),
            ("undeclared-prefix", "/message/body/bodyContent/a", 2, 3),
        ]

    @pytest.mark.parametrize(
        ("changed", "id_", "note"),
        [
            ({"declared": XSI_ALONE}, "root-name", "<message> is in no namespace of the API"),
            ({"root": "messageType"}, "root-name", "<messageType> is the name of the root's type"),
            (
                {"root": "serv:messageType", "declared": f'{XSI_ALONE} xmlns:serv="{NAMESPACES["serv"]}"'},
                "root-name",
                "<serv:messageType> is the name of the root's type",
            ),
            ({"declared": DECLARED.partition(" xmlns:xsi")[0]}, "undeclared-xsi", "prefix 'xsi' is not declared"),
            (
                {"xsi_type": ' xsi:type="java:user.CreateUser"'},
                "short-type",
                "'java:user.CreateUser' instead of 'java:com.webex.service.binding.user.CreateUser'",
            ),
            (
                {"xsi_type": ' xsi:type="user.CreateUser"'},
                "short-type",
                "'user.CreateUser' instead of 'java:com.webex.service.binding.user.CreateUser'",
            ),
            ({"xsi_type": ' xsi:type="use:createUser"'}, "type-prefix", "prefix 'use' is not declared"),
            (
                {"xsi_type": ' xmlns:use="urn:other" xsi:type="use:createUser"'},
                "type-prefix",
                "prefix 'use' is bound to urn:other",
            ),
        ],
    )
    def test_a_spelling_of_its_own_is_told(self, changed: dict[str, str], id_: str, note: str) -> None:
        request = read_request(message(**changed))
        assert request.operation is CREATE_USER
        assert [(told.id, told.note) for told in request.departures] == [(id_, note)]

    @pytest.mark.parametrize(
        "xsi_type",
        [
            f' xmlns:use="{NAMESPACES["use"]}" xsi:type="use:createUser"',
            f' xmlns:u="{NAMESPACES["use"]}" xsi:type="u:createUser"',
            "\n xsi:type =\n '\n java:com.webex.service.binding.user.CreateUser '",
            f' xmlns:i="{XSI}" i:type="java:com.webex.service.binding.user.CreateUser"',
        ],
        ids=["schema type", "prefix of its own", "blanks", "another prefix for xsi"],
    )
    def test_the_type_of_the_schema_and_blanks_around_it_are_no_departure(self, xsi_type: str) -> None:
        request = read_request(message(xsi_type=xsi_type))
        assert (request.operation, request.departures) == (CREATE_USER, ())

    def test_the_security_context_is_read_in_any_case(self) -> None:
        data = message(xsi_type=TYPE).replace(
            b"<body>",
            b"<header><securityContext><SiteId>1</SiteId><webexid>kim</webexid></securityContext></header><body>",
        )
        assert read_request(data).security == {"siteID": "1", "webExID": "kim"}

    def test_a_prefix_is_declared_only_within_the_element_that_declares_it(self) -> None:
        data = message('<x:a xmlns:x="urn:x"><x:b xmlns:x="urn:y"/><x:c/></x:a><x:d/>')
        assert [path for _, path, *_ in self.departures(data)] == ["/message/body/bodyContent/d"]

    def test_the_prefix_xml_needs_no_declaration(self) -> None:
        assert self.departures(message("<xml:a/>")) == []

    def test_no_break_spaces_for_blanks_are_read_and_told_with_the_line_of_the_first(self) -> None:
        data = message("\n\u00a0\u00a0<a>1</a>\n\u00a0<b\u00a0c='1'\u00a0/>\u00a0")
        request = read_request(data)
        assert request.departures == (
            Departure("no-break-space", "/", 2, 0, "U+00A0 used as a blank; XML knows it as text"),
        )
        assert not request.content.text.strip(" \n")
        assert request.content.value("a") == "1"
        assert request.content.children[1].attributes == {"c": "1"}

    def test_no_break_spaces_before_and_after_the_message_are_read_too(self) -> None:
        assert read_request(b"\xc2\xa0\n" + message() + b"\n\xc2\xa0").operation is CREATE_USER

    def test_a_no_break_space_in_a_text_is_a_character_like_others(self) -> None:
        request = read_request(message("<a>x\u00a0y</a>"))
        assert (request.content.value("a"), request.departures) == ("x\u00a0y", ())


class TestPositions:
    def position(self, data: bytes, name: str) -> tuple[int, int]:
        """Return line and column of the first element of that name."""
        node = next(node for node in read_request(data).message.walk() if node.name == name)
        return node.line, node.column

    @pytest.mark.parametrize(
        ("inner", "line", "column"),
        [
            ("<a/>", 1, 1 + len(OPENING)),
            ("\n<a/>", 2, 1),
            ("\n    <a/>", 2, 5),
            ("\r\n\t<x:a/>", 2, 2),
            ("\n<b>äöü東👋</b><a/>", 2, 13),
            ("\n\u00a0\u00a0<a/>", 2, 3),
            ("<b\u00a0/>\u00a0\n\u00a0<a/>", 2, 2),
            ("<!--\n\n--><a/>", 3, 4),
            ("<b>&#10;&amp;</b>\n<a\n/>", 2, 1),
        ],
    )
    def test_an_element_is_where_its_tag_begins_counted_in_characters(self, inner: str, line: int, column: int) -> None:
        assert self.position(message(inner), "a") == (line, column)

    @given(st.lists(st.sampled_from(["\n", " ", "ä", "<b/>", "<b>x\n</b>", "\u00a0", "👋", "<!--\n-->"]), max_size=12))
    def test_it_is_so_after_whatever_stands_before_it(self, parts: list[str]) -> None:
        data = message("".join(parts) + "<a/>")
        before = data.decode().partition("<a/>")[0]
        assert self.position(data, "a") == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def refusal(data: bytes) -> MalformedMessage:
    """Return how a request is refused."""
    with pytest.raises(MalformedMessage) as refused:
        read_request(data)
    return refused.value


BILLION_LAUGHS = "".join(
    ["<!DOCTYPE m [<!ENTITY l0 'ha'>", *(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)), "]>"]
)


class TestRefusals:
    @pytest.mark.parametrize("data", [b"", b" ", b"\r\n\t \n"])
    def test_nothing(self, data: bytes) -> None:
        assert refusal(data).kind == "empty"

    @pytest.mark.parametrize(
        ("data", "line", "column"),
        [
            (b"<message>", 1, 10),
            (b"<message>\n <a></b></message>", 2, 7),
            (b"\n" + b'<?xml version="1.0"?>' + message(), 2, 1),
            (b"<message/>\n <message/>", 2, 2),
            (b"<message/>junk", 1, 11),
            (message("\np&ss"), 2, 5),
            (message("\n\0"), 2, 1),
            (message("\n&#1;"), 2, 1),
            (message("\n&undefined;"), 2, 1),
            (message("\n<a b='1' b='2'/>"), 2, 10),
            (message("\n<a:/>"), 2, 1),
            (message("\n <:/>"), 2, 2),
            (message("\nä<a:1/>"), 2, 2),
            (b'{"json": true}', 1, 1),
            (b"UID=a&XML=%3Cserv", 1, 4),
            (b"<!-- only a comment -->", 1, 24),
        ],
    )
    def test_what_is_not_xml_with_its_place(self, data: bytes, line: int, column: int) -> None:
        error = refusal(data)
        assert (error.kind, error.line, error.column) == ("not-xml", line, column)
        assert str(error) == f"not-xml: {error.detail}"

    @pytest.mark.parametrize(
        "doctype",
        [
            "<!DOCTYPE message>",
            "<!DOCTYPE message SYSTEM 'http://127.0.0.1:1/x.dtd'>",
            BILLION_LAUGHS,
            "<!DOCTYPE m [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]>",
        ],
        ids=["bare", "external", "billion laughs", "parameter entity"],
    )
    def test_a_doctype_before_anything_in_it_is_read(self, doctype: str) -> None:
        error = refusal(message("&l9;", before=f"\n  {doctype}"))
        assert (error.kind, error.line) == ("doctype", 2)

    def test_a_doctype_without_its_file_being_opened(self, tmp_path: Path) -> None:
        pipe = tmp_path / "canary"
        os.mkfifo(pipe)
        opened = threading.Event()

        def wait_for_a_reader() -> None:
            with pipe.open("wb"):  # goes on as soon as someone reads
                opened.set()

        thread = threading.Thread(target=wait_for_a_reader, daemon=True)
        thread.start()
        error = refusal(message("&x;", before=f"<!DOCTYPE m [<!ENTITY x SYSTEM 'file://{pipe}'>]>"))
        assert error.kind == "doctype"
        assert not opened.is_set()
        pipe.open("rb").close()
        thread.join()

    def test_elements_that_are_nested_too_deep(self) -> None:
        deepest = MAX_DEPTH - 3
        assert read_request(message("<a>" * deepest + "</a>" * deepest)).content.name == "bodyContent"
        assert refusal(message("<a>" * (deepest + 1) + "</a>" * (deepest + 1))).kind == "limit"
        assert refusal(b"<a>" * 100_000).kind == "limit"

    def test_more_elements_than_anyone_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("conformance.wire.request.MAX_ELEMENTS", 10)
        assert len(read_request(message("<a/>" * 7)).content.children) == 7
        assert refusal(message("<a/>" * 8)).kind == "limit"

    def test_a_body_that_is_too_large_before_it_is_read(self) -> None:
        error = refusal(b"x" * (MAX_BODY + 1))
        assert (error.kind, error.detail) == (
            "limit",
            f"the body has {MAX_BODY + 1} bytes, the limit is {MAX_BODY}",
        )

    def test_a_body_that_is_just_not_too_large_is_read(self) -> None:
        frame = len(message())
        assert len(read_request(message("x" * (MAX_BODY - frame))).content.text) == MAX_BODY - frame

    @pytest.mark.parametrize(
        ("data", "detail"),
        [
            (b"<html><body/></html>", "the root is <html>, expected <serv:message> with a <body>"),
            (b"<message/>", "the root is <message>, expected <serv:message> with a <body>"),
            (b"<Message><body/></Message>", "the root is <Message>, expected <serv:message> with a <body>"),
            (b"<message>\n<body><x/></body></message>", "the <body> holds no <bodyContent>"),
            (b"<message>\n<body/><bodyContent/></message>", "the <body> holds no <bodyContent>"),
        ],
    )
    def test_xml_that_is_no_message(self, data: bytes, detail: str) -> None:
        error = refusal(data)
        assert (error.kind, error.detail) == ("envelope", detail)
        assert (error.line, error.column) == ((2, 1) if "bodyContent" in detail else (0, 0))

    @pytest.mark.parametrize("encoding", ["klingon", "Shift_JIS", "EUC-KR", "hex", "undefined", "unicode-escape"])
    def test_an_encoding_that_expat_cannot_read(self, encoding: str) -> None:
        assert refusal(message(before=f'<?xml version="1.0" encoding="{encoding}"?>')).kind == "encoding"

    @pytest.mark.parametrize("damage", [b"\xfc", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"])
    def test_bytes_that_are_not_in_the_encoding_they_should_be(self, damage: bytes) -> None:
        error = refusal(message("\n X").replace(b"\n X", b"\n " + damage))
        assert (error.kind, error.line, error.column) == ("not-xml", 2, 2)


def outcome(data: bytes) -> str:
    """Return ``read``, or as what the bytes are refused; any other exception goes through."""
    try:
        read_request(data)
    except MalformedMessage as error:
        return error.kind
    return "read"


class TestHostility:
    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        assert outcome(data) in {"empty", "not-xml", "encoding", "doctype", "envelope", "read"}

    @given(st.data())
    def test_a_message_with_bytes_changed_is_read_or_refused(self, data: st.DataObject) -> None:
        damaged = bytearray(PRINTED.encode())
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=4))
        assert outcome(bytes(damaged)) in {"not-xml", "encoding", "envelope", "read"}

    @given(st.text(st.sampled_from("<>/:=\"' amx!-[]&;?\u00a0"), max_size=60))
    def test_markup_of_any_shape_is_read_or_refused(self, inner: str) -> None:
        assert outcome(message(inner)) in {"not-xml", "read"}
