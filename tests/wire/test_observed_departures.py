"""Every way in which recorded requests were seen to depart from the schema: each is read, and told where it matters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

import conformance
from conformance.errors import MalformedMessage
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import Judged, judge_payload
from conformance.versions import NEWEST
from conformance.wire.departures import DEPARTURES
from conformance.wire.names import NAMESPACES

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SERV = f'xmlns:serv="{NAMESPACES["serv"]}"'
TYPE = 'xsi:type="java:com.webex.service.binding.user.GetUser"'
CATALOG = SchemaCatalog()


def message(
    content: str = "<webExId>kim</webExId>",
    *,
    root: str = "serv:message",
    declared: str = f"{XSI} {SERV}",
    of_type: str = TYPE,
    before: str = '<?xml version="1.0" encoding="UTF-8"?>\n',
    security: str = "<webExID>kim</webExID><password>x</password><siteName>sample</siteName>",
) -> str:
    return (
        f"{before}<{root} {declared}><header><securityContext>{security}</securityContext></header>"
        f"<body><bodyContent {of_type}>{content}</bodyContent></body></{root}>"
    )


def meeting(content: str) -> str:
    return message(
        f"<metaData><confName>x</confName></metaData>{content}",
        of_type='xsi:type="java:com.webex.service.binding.meeting.CreateMeeting"',
    )


def judged(data: str | bytes) -> Judged:
    return judge_payload(data.encode() if isinstance(data, str) else data, CATALOG, NEWEST)


SERV_QUALIFIED = message().replace("<header>", "<serv:header>").replace("</header>", "</serv:header>")
SCHEMA_LOCATION = f'{XSI} {SERV} xsi:schemaLocation="http://www.webex.com/schemas/2002/06/service"'
LISTED = (
    "<listControl><serv:startFrom>1</serv:startFrom><serv:maximumNum>5</serv:maximumNum></listControl>"
    "<order><orderBy>HOSTWEBEXID</orderBy><orderAD>ASC</orderAD><orderBy>CONFNAME</orderBy><orderAD>DESC</orderAD></order>"
)
LIST_MEETINGS = 'xsi:type="java:com.webex.service.binding.meeting.LstsummaryMeeting"'
TELECONFERENCE = "<metaData><confName>x</confName></metaData>"


@pytest.mark.parametrize(
    ("number", "data", "departures"),
    [
        (1, message(declared=XSI), ["undeclared-prefix"]),
        (1, message(declared=""), ["undeclared-prefix"]),
        (2, SERV_QUALIFIED, []),
        (2, message(LISTED.partition("<order>")[0], of_type=LIST_MEETINGS), []),
        (3, message(root="message"), []),
        (3, message(root="serv:messageType"), []),
        (4, message(of_type='xsi:type= "java:com.webex.service.binding.user.GetUser"'), []),
        (4, message(of_type='xsi:type=\n "\n java:com.webex.service.binding.user.GetUser "'), []),
        (4, message(of_type='xsi:type="use:getUser"'), []),
        (4, message(of_type='xsi:type="use:getUser" xmlns:use="http://www.webex.com/schemas/2002/06/service/use"'), []),
        (4, message(of_type=f'xsi:type="u:getUser" xmlns:u="{NAMESPACES["use"]}"'), []),
        (
            4,
            message(TELECONFERENCE, of_type='xsi:type="teleconferenceonly:createTeleconferenceSession"'),
            [],
        ),
        (5, message(declared=SCHEMA_LOCATION), []),
        (6, message(before='          <?xml version="1.0" encoding="UTF-8"?>'), ["leading-blanks"]),
        (6, message(before='\n<?xml version="1.0"?>\n'), ["leading-blanks"]),
        (6, message(before='<?xml version="1.0" ?>'), []),
        (6, message(before='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'), []),
        (6, message(before=""), []),
        (7, message("<webExId>ü</webExId>", before='<?xml version="1.0" encoding="ISO-8859-1"?>'), ["wrong-encoding"]),
        (8, message("\n\u00a0\u00a0<webExId>kim</webExId>"), ["no-break-space"]),
        (8, message(of_type=TYPE.replace("xsi", "\u00a0xsi")), ["no-break-space"]),
        (10, f"UID=1&PWD=2&SID=3&PID=4&XML={quote_plus(message())}", ["form-body"]),
        (10, f"GET http://sample.example.com/x?XML={quote_plus(message())} HTTP/1.1\r\n\r\n", ["in-query"]),
        (13, message(security="<siteName>s</siteName><webExID>kim</webExID><password>x</password>"), ["order"]),
        (15, meeting("<accessControl><listToPublic>TRUE</listToPublic></accessControl>"), ["order", "boolean-case"]),
        (16, meeting("<schedule><openTime></openTime></schedule>"), ["empty-value"]),
        (17, meeting("<schedule><startDate>9/29/2019 02:42:34</startDate></schedule>"), []),
        (17, meeting("<schedule><startDate>29/9/2019 2:42</startDate></schedule>"), []),
        (18, message(LISTED, of_type=LIST_MEETINGS), ["order"]),
    ],
)
def test_it_is_read_and_told(number: int, data: str, departures: list[str]) -> None:
    found = judged(data)
    assert (found.valid, [note.id for note in found.departures]) == (True, departures), number


@pytest.mark.parametrize(
    ("number", "data", "rule"),
    [
        (14, meeting("<schedule><timezoneID>4</timezoneID></schedule>"), "unexpected"),
        (14, message(security="<siteId>1</siteId>"), "unexpected"),
        (19, message("<webExId>kim</webExId><surprise/>"), "unexpected"),
    ],
)
def test_an_unknown_element_is_a_deviation_from_what_is_assumed(number: int, data: str, rule: str) -> None:
    found = judged(data)
    assert (found.valid, [finding.rule for finding in found.findings]) == (True, [rule]), number


def test_several_selectors_at_once_are_all_known() -> None:
    selectors = "<sessionKey>1</sessionKey><sipUrl>1@x</sipUrl><meetingLink>y</meetingLink>"
    data = message(selectors, of_type='xsi:type="java:com.webex.service.binding.ep.GetSessionInfo"')
    assert (judged(data).valid, judged(data).findings) == (True, [])


def test_a_value_that_was_not_escaped_is_refused_with_its_place() -> None:
    with pytest.raises(MalformedMessage, match="not well-formed") as refused:
        judged(message("<webExId>p&ss</webExId>"))
    assert (refused.value.kind, refused.value.line > 0, refused.value.column > 0) == ("not-xml", True, True)


def test_bytes_that_are_no_utf_8_are_still_refused() -> None:
    """Nobody has seen the service read them."""
    with pytest.raises(MalformedMessage):
        judged(message("<webExId>ü</webExId>").encode("latin-1"))


def test_an_answer_is_never_taken_out_of_what_carries_it() -> None:
    answer = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<serv:message {SERV}><serv:header><serv:response>'
        "<serv:result>SUCCESS</serv:result></serv:response></serv:header><serv:body/></serv:message>"
    )
    assert judged(answer).direction == "response"
    for carrying in (f"\n{answer}", f"XML={quote_plus(answer)}"):
        with pytest.raises(MalformedMessage):
            judged(carrying)


def _noted() -> Iterator[str]:
    """Yield the ids of all departures that the package notes, read off its source."""
    for path in Path(conformance.__file__).parent.rglob("*.py"):
        if "_data" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("Departure", "depart", "_depart") and isinstance(node.args[0].value, str):
                yield node.args[0].value


def test_the_table_has_every_departure_that_is_noted_and_no_other() -> None:
    # Those of a form and an address are told apart by a variable.
    assert {*_noted(), "form-body", "in-query"} == DEPARTURES.keys()


@pytest.mark.parametrize("id_", DEPARTURES)
def test_each_departure_says_what_it_is_and_what_to_do(id_: str) -> None:
    meaning = DEPARTURES[id_]
    assert meaning.advice.endswith(".")
    assert not meaning.reason.endswith(".")
    assert not meaning.says.endswith(".")
    assert "lenient" in meaning.reason or meaning.severity != "lenient"
