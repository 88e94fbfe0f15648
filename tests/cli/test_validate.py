"""``conformance validate``: any payload, request or response, each finding with its place and its reasons."""

from __future__ import annotations

import os
import re
from pathlib import Path
from shutil import copytree

import pytest
from calling import Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import MalformedMessage
from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import judge_payload
from conformance.versions import DEFAULT_VERSION
from conformance.wire.departures import DEPARTURES
from conformance.wire.limits import MAX_BODY
from conformance.wire.names import NAMESPACES, XSI, operation
from conformance.wire.request import build_request

PAYLOADS = Path(__file__).parents[1] / "data" / "payloads"
CONTENT = "/serv:message/serv:body/serv:bodyContent"
BINDING = "java:com.webex.service.binding"
WRONG_PACKAGE = (
    f"xsi:type '{BINDING}.users.CreateUser' names no operation that the suite knows, "
    f"did you mean '{BINDING}.user.CreateUser'?"
)
SECURITY = {"webExID": "host", "password": "top-secret", "siteName": "go"}


def request(name: str, body: dict[str, object], **security: str) -> bytes:
    return build_request(operation(name), {**SECURITY, **security}, body)  # type: ignore[arg-type]


def response(content: str, type_: str = "use:createUserResponse", prefix: str = "use") -> str:
    return (
        f'<serv:message xmlns:serv="{NAMESPACES["serv"]}" xmlns:{prefix}="{NAMESPACES["use"]}">'
        "<serv:header><serv:response><serv:result>SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus>"
        f'</serv:response></serv:header><serv:body>\n<serv:bodyContent xsi:type="{type_}" xmlns:xsi="{XSI}">'
        f"\n  {content}</serv:bodyContent></serv:body></serv:message>"
    )


def typed(name: str) -> bytes:
    """Return a request that names its operation like that, and nothing else."""
    return f"<message><body><bodyContent xsi:type='{BINDING}.{name}'/></body></message>".encode()


def write(folder: Path, data: bytes | str, name: str = "payload.xml") -> str:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return name


# -- what is valid ---------------------------------------------------------------------------------------------


def test_all_documented_examples_are_valid(command: Run) -> None:
    files = sorted(PAYLOADS.glob("*/*.xml"))
    ended = command("validate", *files)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[-1] == f"{len(files)} files: {len(files)} valid, 0 not valid"


def test_a_valid_file_is_one_line(command: Run, tmp_path: Path) -> None:
    write(tmp_path, request("GetMeeting", {"meetingKey": "1"}))
    ended = command("validate", "payload.xml", "--api-version", "40.1.0")
    assert (ended.out, ended.err, ended.code) == (
        "payload.xml: valid: request GetMeeting, schemas of 40.1.0\n",
        "",
        0,
    )


def test_the_schemas_of_a_patch_are_those_of_the_release_before(command: Run, tmp_path: Path) -> None:
    file = write(tmp_path, response("<use:userId>1</use:userId>"))
    assert "response CreateUser, schemas of 40.2.0\n" in command("validate", file, "--api-version", "40.2.3").out


def test_standard_input(command: Run) -> None:
    ended = command("validate", "-", stdin=request("GetMeeting", {"meetingKey": "1"}))
    assert (ended.out, ended.code) == ("<stdin>: valid: request GetMeeting, schemas of 40.4.3\n", 0)


def test_a_failure_names_no_operation(command: Run) -> None:
    ended = command("validate", PAYLOADS / "responses" / "CreateMeeting__FAIL_000000_forward.xml")
    assert ended.out.endswith("valid: response FAILURE 000000, schemas of 40.4.3\n")


# -- what is not -----------------------------------------------------------------------------------------------


def test_a_request_with_an_element_too_early(command: Run, tmp_path: Path) -> None:
    data = request("CreateUser", {"firstName": "Ann", "active": "ACTIVATED"}).replace(b"<active", b"\n<active")
    ended = command("validate", write(tmp_path, data))
    possible = ["lastName", "title", "categoryId", "description", "officeGreeting", "company", "webExId"]
    expected = ", ".join(f"use:{name}" for name in possible)
    assert (ended.err, ended.code) == ("", 1)
    assert ended.lines == [
        "payload.xml: not valid: request CreateUser, schemas of 40.4.3",
        f"payload.xml:3:1: {CONTENT}/use:active: This element is not expected. Expected is one of ( {expected} ).",
        "    expected: Unexpected child with tag 'use:active' at position 2. Tag 'use:webExId' expected.",
        "    rule: 5.9/user/types.xsd:24 (official-2011)",
    ]


def test_a_response_is_told_by_line_and_column_too(command: Run, tmp_path: Path) -> None:
    ended = command("validate", write(tmp_path, response("<use:userId>one</use:userId>")))
    assert ended.code == 1
    assert ended.lines == [
        "payload.xml: not valid: response CreateUser, schemas of 40.4.3",
        f"payload.xml:3:3: {CONTENT}/use:userId: 'one' is not a valid value of the atomic type 'xs:long'.",
        "    expected: invalid literal for int() with base 10: 'one'",
        "    rule: 40.4.3/user/CreateUser.xsd:30 (official-2011)",
    ]


def test_lines_past_what_libxml2_counts(command: Run, tmp_path: Path) -> None:
    lines = b"\n" * 70_000
    write(tmp_path, request("GetMeeting", {"meetingKey": "1", "color": "x"}).replace(b"<color", lines + b"<color"), "a")
    write(tmp_path, lines + response("<use:userId>one</use:userId>").encode(), "b")
    found = command("validate", "a", "b").out
    assert "\na:70002:1: " in found
    assert "\nb:70003:3: " in found


def test_what_only_an_assumed_rule_forbids_is_a_deviation(command: Run, tmp_path: Path) -> None:
    ended = command("validate", write(tmp_path, response("<use:userId>1</use:userId>\n<use:colour>blue</use:colour>")))
    guess = "nothing but the elements we know stands here; elements were added since the schemas of 2011"
    assert ended.code == 0
    assert ended.lines == [
        "payload.xml: valid: response CreateUser, schemas of 40.4.3, 1 deviation from what is only assumed",
        f"payload.xml:4:1: deviation: {CONTENT}/use:colour: This element is not expected.",
        "    expected: Unexpected child with tag 'use:colour' at position 2.",
        f"    rule: 40.4.3/user/CreateUser.xsd:26 (assumed, {guess})",
    ]


def test_what_a_later_release_brought_is_no_mere_deviation(command: Run) -> None:
    file = PAYLOADS / "requests" / "CreateUser__updates40.xml"
    ended = command("validate", file, "--api-version", "40.4.0")
    told = "This element is not expected. Expected is ( use:validateFormat ); it came with 40.2.4 and 40.4.3"
    assert ended.code == 1
    assert ended.lines[:4] == [
        f"{file}: not valid: request CreateUser, schemas of 40.4.0",
        f"{file}:27:5: {CONTENT}/use:isHTMLEmail: {told}",
        "    expected: Unexpected child with tag 'use:isHTMLEmail' at position 10.",
        "    rule: 40.2.4/user/CreateUser.xsd:18 (documented, update notes 40.4.3 and 40.2.4, request example)",
    ]


def event(content: str) -> str:
    """Return the answer to CreateEvent; the position of its eventPassword is assumed, that it exists is documented."""
    text = response(content, "event:createEventResponse", "event")
    return text.replace(NAMESPACES["use"], NAMESPACES["event"])


KEY, EVENT_PASSWORD = "<event:sessionKey>1</event:sessionKey>", "\n<event:eventPassword>x</event:eventPassword>"


def test_a_later_element_of_assumed_position_is_no_mere_deviation_either(command: Run, tmp_path: Path) -> None:
    file = write(tmp_path, event(KEY + EVENT_PASSWORD))
    ended = command("validate", file, "--api-version", "40.1.0")
    assert ended.code == 1
    assert "event:eventPassword: This element is not expected" in ended.lines[1]
    assert ended.lines[1].endswith("; it came with 40.1.2")
    assert "40.1.2/event/CreateEvent.xsd:" in ended.out
    assert "(documented, the position after sessionKey; the update notes 40.1.2 name it" in ended.out
    assert command("validate", file, "--api-version", "40.1.2").code == 0


def test_a_known_element_at_another_place_than_assumed_is_a_deviation(command: Run, tmp_path: Path) -> None:
    token = "<event:guestToken>a</event:guestToken>"
    ended = command("validate", write(tmp_path, event(KEY + token + EVENT_PASSWORD)))
    assert ended.code == 0
    assert "it came with" not in ended.out
    assert "payload.xml:4:1: deviation: " in ended.lines[1]
    assert "(assumed, the position after sessionKey" in ended.out


def test_many_findings_are_bounded(command: Run, tmp_path: Path) -> None:
    body = {"person": [{"name": "x", "email": "x"}], "sessionKey": "1", "role": ["KING"] * 50}
    ended = command("validate", write(tmp_path, request("CreateMeetingAttendee", body)))
    assert ended.code == 1
    assert len(ended.lines) < 80


def test_a_secret_is_not_shown(command: Run, tmp_path: Path) -> None:
    secret = "s3cret" * 12
    body = {"firstName": "A", "lastName": "B", "webExId": "c", "email": "d@example.com", "password": secret}
    ended = command("validate", write(tmp_path, request("CreateUser", body)))
    assert ended.code == 1
    assert "use:password: The value ****** is not allowed here.\n" in ended.out
    assert "s3cret" not in ended.out + ended.err


def test_what_a_terminal_would_act_on_is_escaped(command: Run, tmp_path: Path) -> None:
    name = "evil\x1b[2Jname.xml"
    write(tmp_path, response("<use:userId>\u009b31m\u202eone" + "x" * 5000 + "</use:userId>"), name)
    ended = command("validate", name)
    assert ended.code == 1
    assert ended.out.startswith("evil\\x1b[2Jname.xml: not valid")
    assert not {"\x1b", "\u009b", "\u202e"} & set(ended.out)
    assert max(map(len, ended.lines)) < 700


# -- how requests depart ---------------------------------------------------------------------------------------


def test_each_departure_is_a_note(command: Run, tmp_path: Path) -> None:
    data = request(
        "CreateMeeting",
        {
            "accessControl": {"listToPublic": "TRUE", "isPublic": "False"},
            "metaData": {"confName": "x"},
            "schedule": {"duration": "", "startDate": ""},
        },
    )
    data = data.replace(b' xmlns:serv="http://www.webex.com/schemas/2002/06/service"', b"")
    data = data.replace(b"<metaData>", "\u00a0<metaData>".encode()).replace(b"<schedule>", b"\n<schedule>")
    ended = command("validate", write(tmp_path, data))
    assert ended.code == 0
    place, path = data.decode().splitlines()[1].index, "/message/body/bodyContent"
    access, duration = f"{path}/accessControl", f"payload.xml:3:11: note: {path}/schedule/duration"
    capitals = "boolean-case (lenient)"
    assert ended.lines == [
        "payload.xml: valid: request CreateMeeting, schemas of 40.4.3",
        "payload.xml:2: note: /: no-break-space (lenient): U+00A0 used as a blank; XML knows it as text",
        *told("no-break-space"),
        "payload.xml:2:1: note: /message: undeclared-prefix (lenient): prefix 'serv' is not declared",
        *told("undeclared-prefix"),
        f"payload.xml:2:{place('<listTo') + 1}: note: {access}/listToPublic: {capitals}: 'TRUE' instead of 'true'",
        *told("boolean-case"),
        f"payload.xml:2:{place('<isPub') + 1}: note: {access}/isPublic: {capitals}: 'False' instead of 'false'",
        f"{duration}: order (lenient): not in the order of the schema",
        *told("order"),
        f"{duration}: empty-value (lenient): empty; the service takes it as absent",
        *told("empty-value"),
    ]


def told(id_: str) -> list[str]:
    """Return what is told once of a departure."""
    return [f"    {DEPARTURES[id_].reason}", f"    advice: {DEPARTURES[id_].advice}"]


STRICTNESS = [
    ({"webExId": "kim"}, b"", [0, 0, 0]),
    ({"webExId": "kim", "surprise": "1"}, b"", [1, 0, 0]),
    ({"WebExId": "kim"}, b"", [1, 0, 0]),
    ({"webExId": "kim"}, b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', [1, 1, 0]),
    ({}, b"", [1, 1, 1]),
]
"""What GetUser is sent, what is left out of the message, and whether it is refused: strict, documented, service."""


def test_how_much_is_put_up_with(command: Run, tmp_path: Path) -> None:
    names = [
        write(tmp_path, request("GetUser", body).replace(without, b""), f"{number}.xml")
        for number, (body, without, _) in enumerate(STRICTNESS)
    ]
    default = command("validate", *names).out
    for at, one in enumerate(("strict", "documented", "service")):
        ended = command("validate", "--strictness", one, *names)
        refused = [line.partition(":")[0] for line in ended.lines if re.match(r"\d\.xml: not valid", line)]
        assert refused == [name for name, (*_, codes) in zip(names, STRICTNESS, strict=True) if codes[at]]
        assert ended.code == 1
        assert (default == ended.out) is (one == "documented")


def test_what_is_refused_is_no_note(command: Run, tmp_path: Path) -> None:
    name = write(tmp_path, request("GetUser", {"webexid": "kim", "surprise": "1"}))
    path = "/message/body/bodyContent"
    strict = command("validate", "--strictness", "strict", name)
    assert strict.lines[0] == "payload.xml: not valid: request GetUser, schemas of 40.4.3"
    assert any(
        f"refused: {path}/webexid: name-case (lenient): 'webexid' instead of 'webExId'" in x for x in strict.lines
    )
    assert any(f"deviation: {CONTENT}/use:surprise: This element is not expected" in line for line in strict.lines)
    service = command("validate", "--strictness", "service", name)
    assert any(f"note: {path}/surprise: unknown-element (lenient): not known to" in line for line in service.lines)
    assert "deviation" not in service.out


def test_an_unknown_strictness_is_told_with_the_known_ones(command: Run, tmp_path: Path) -> None:
    ended = command("validate", "--strictness", "strct", write(tmp_path, request("GetUser", {"webExId": "x"})))
    assert (ended.code, ended.err.splitlines()[0]) == (4, "unknown strictness 'strct', did you mean 'strict'?")


def test_the_no_break_spaces_of_a_printed_answer(command: Run) -> None:
    ended = command("validate", PAYLOADS / "responses" / "LstsummarySession__updates40.xml")
    assert ended.code == 0
    assert ended.lines[1].endswith("xml:5: note: /: printed (allowed): U+00A0 used as a blank; XML knows it as text")
    assert ended.lines[2:] == told("printed")


def test_many_notes_are_bounded(command: Run, tmp_path: Path) -> None:
    meeting = {"metaData": {"confName": "x"}, "remind": [{"enableReminder": "TRUE"}] * 3000}
    ended = command("validate", write(tmp_path, request("CreateMeeting", meeting)))
    assert ended.lines[-1] == "payload.xml: 2980 more notes"


# -- what is no message ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "place", "told"),
    [
        (b"", "", "there is nothing in it"),
        (b" \n\t", "", "there is nothing in it"),
        (b"plain text", ":1:1", "not XML: syntax error"),
        (b'{"a": 1}', ":1:1", "not XML: not well-formed (invalid token)"),
        (b"<a><b></a>", ":1:9", "not XML: mismatched tag"),
        (b"<a/>trailing", ":1:5", "not XML: junk after document element"),
        (b"<message><body><bodyContent/>\n</body>", ":2:8", "not XML: no element found"),
        (
            b"<serv:message><serv:header><serv:response/></serv:header></serv:message>",
            ":1:14",
            "not XML: Namespace prefix serv on message is not defined",
        ),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', ":1", "a DOCTYPE is not allowed"),
        (b"<a>" * 300, "", "elements are nested deeper than 256"),
        (
            b"<html><body>down for maintenance</body></html>",
            "",
            "the root is <html>, expected <serv:message> with a <body>",
        ),
        (b"<message><body/></message>", ":1:10", "the <body> holds no <bodyContent>"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "", "unknown encoding: klingon"),
        (b"<m/>" + b" " * MAX_BODY, "", f"the message has more than {MAX_BODY} bytes"),
        (
            b"<message><body><bodyContent>" + b"<a/>" * 250_000 + b"</bodyContent></body></message>",
            "",
            "the message has more than 250000 elements",
        ),
        (
            b"<message><body>\n<bodyContent/></body></message>",
            ":2:1",
            "bodyContent has no xsi:type, so no operation is named",
        ),
        (
            typed("user.CreateUsr"),
            ":1:16",
            f"xsi:type '{BINDING}.user.CreateUsr' names no operation that the suite knows, did you mean 'CreateUser'?",
        ),
        (typed("users.CreateUser"), ":1:16", WRONG_PACKAGE),
        (
            typed("site.PaintTheFence"),
            ":1:16",
            f"xsi:type '{BINDING}.site.PaintTheFence' names no operation that the suite knows",
        ),
        (
            response("", "use:createUserAnswerResponse").encode(),
            ":2",
            "the schemas of 40.4.3 do not know the type use:createUserAnswerResponse",
        ),
        (
            response("", prefix="usr").encode(),
            ":2",
            "the schemas of 40.4.3 do not know the type createUserResponse; it is in no namespace",
        ),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, bytes) else "",
)
def test_one_line_says_what_it_is_not(command: Run, tmp_path: Path, data: bytes, place: str, told: str) -> None:
    good = write(tmp_path, request("GetMeeting", {"meetingKey": "1"}), "good.xml")
    ended = command("validate", write(tmp_path, data, "bad.xml"), good)
    assert (ended.err, ended.code) == ("", 1)
    place_told, _, rest = ended.lines[0].partition(": ")
    assert rest == f"not valid: {told}"
    assert place_told == f"bad.xml{place}" or ("DOCTYPE" in told and place_told.startswith(f"bad.xml{place}:"))
    assert ended.lines[1:] == [
        "good.xml: valid: request GetMeeting, schemas of 40.4.3",
        "2 files: 1 valid, 1 not valid",
    ]


@pytest.mark.parametrize("direction", ["request", "response"])
def test_an_operation_that_came_later(command: Run, direction: str) -> None:
    file = PAYLOADS / f"{direction}s" / "LstAccessAnywhereHistory__updates40.xml"
    ended = command("validate", file, "--api-version", "39")
    name = "LstAccessAnywhereHistory" if direction == "request" else "the type history:LstAccessAnywhereHistoryResponse"
    assert ended.code == 1
    assert ended.out.endswith(f": not valid: the schemas of 39 do not know {name}; it came with 40.1.0\n")


# -- what cannot be read ---------------------------------------------------------------------------------------


def test_what_cannot_be_read_does_not_keep_the_others(command: Run, tmp_path: Path) -> None:
    good = write(tmp_path, request("GetMeeting", {"meetingKey": "1"}), "good.xml")
    bad = write(tmp_path, b"<a", "bad.xml")
    (tmp_path / "folder").mkdir()
    ended = command("validate", "folder", "gone.xml", bad, good)
    assert ended.code == 4
    assert ended.err.splitlines() == [
        "folder: cannot be read: Is a directory",
        "gone.xml: cannot be read: No such file or directory",
    ]
    assert ended.lines == [
        "bad.xml:1:1: not valid: not XML: unclosed token",
        "good.xml: valid: request GetMeeting, schemas of 40.4.3",
        "4 files: 1 valid, 1 not valid, 2 not read",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(command: Run, tmp_path: Path) -> None:
    (tmp_path / write(tmp_path, b"<a/>")).chmod(0)
    assert command("validate", "payload.xml").err == "payload.xml: cannot be read: Permission denied\n"


def test_an_endless_file_is_read_to_the_limit(command: Run) -> None:
    ended = command("validate", "/dev/zero")
    assert (ended.out, ended.code) == (f"/dev/zero: not valid: the message has more than {MAX_BODY} bytes\n", 1)


# -- schemas and versions --------------------------------------------------------------------------------------


def test_schemas_of_the_user(command: Run, tmp_path: Path) -> None:
    copytree(schemas_root(), tmp_path / "mine")
    schema = tmp_path / "mine" / "40.4.3" / "user" / "CreateUser.xsd"
    schema.write_text(schema.read_text().replace('name="userId"', 'name="number"'))
    ended = command("validate", write(tmp_path, response("<use:number>7</use:number>")), "--schemas", "mine")
    assert (ended.out, ended.code) == ("payload.xml: valid: response CreateUser, schemas of 40.4.3\n", 0)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--schemas", "gone"], 4, "gone/5.9: schema file not found: the set that every release grows from"),
        (["--api-version", "forty"], 4, "'forty' is not an API version; write it like 40.4.3"),
    ],
)
def test_what_is_wrong_with_the_call_is_told_first(command: Run, options: list[str], code: int, told: str) -> None:
    ended = command("validate", "gone.xml", *options)
    assert (ended.out, ended.err, ended.code) == ("", f"{told}\n", code)


def test_schemas_that_do_not_compile_void_the_run(command: Run, tmp_path: Path) -> None:
    copytree(schemas_root(), tmp_path / "mine")
    schema = tmp_path / "mine" / "40.4.3" / "user" / "CreateUser.xsd"
    schema.write_text(schema.read_text().replace("xs:long", "xs:lang"))
    ended = command("validate", "gone.xml", "--schemas", "mine")
    assert ended.code == 3
    assert "the schemas of 40.4.3 do not compile: " in ended.err


def test_no_file_is_a_usage_error(command: Run) -> None:
    assert command("validate").code == 4


def test_on_a_terminal_verdicts_stand_out(on_terminal: Run, tmp_path: Path) -> None:
    good = write(tmp_path, request("GetMeeting", {"meetingKey": "1"}), "good.xml")
    ended = on_terminal("validate", good, write(tmp_path, b"<a", "bad.xml"))
    assert ended.code == 1
    assert "\x1b[32mgood.xml: valid" in ended.out
    assert "\x1b[1;31mbad.xml:1:1: not valid" in ended.out


# -- whatever it is given --------------------------------------------------------------------------------------

_CATALOG = SchemaCatalog()
_SEEDS = tuple(path.read_bytes() for path in sorted(PAYLOADS.glob("*/*.xml")))


@given(
    st.sampled_from(_SEEDS),
    st.lists(st.tuples(st.integers(0, 7000), st.integers(0, 40), st.binary(max_size=12)), max_size=4),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_payloads_are_judged_or_refused(seed: bytes, damages: list[tuple[int, int, bytes]]) -> None:
    for at, length, put in damages:
        seed = seed[:at] + put + seed[at + length :]
    try:
        judged = judge_payload(seed, _CATALOG, DEFAULT_VERSION)
    except MalformedMessage:
        return
    assert judged.name
    assert all(finding.message and finding.path for finding in judged.findings)
