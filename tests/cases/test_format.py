"""Each mistake in a case file is told by one line: where it is, what was found, what to write."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.cases.changes import change_index, changes_at
from conformance.cases.document import MAX_NESTING, MAX_SIZE, read_document
from conformance.cases.load import load_change, load_changes, plan
from conformance.errors import CaseFileErrors, UserError
from conformance.versions import Version

Faults = Callable[..., list[str]]
Place = Callable[..., Path]

REQUEST = "    request: {GetUser: {webExId: kim}}\n"
BEFORE = "    before: {result: SUCCESS}\n"
SINGLE = f"{REQUEST}    expect: {{result: FAILURE, exceptionID: 000001}}\n{BEFORE}"
AS = "    as: host\n"

KINDS = (
    "'request element added', 'response element added', 'new operation', 'new exception', 'behaviour removed', "
    "'behaviour changed', 'default changed', 'limit' or 'baseline'"
)
PROVES_NOTHING = (
    "11:5: the same is expected before and after the change: it proves nothing; "
    "say in 'before' what a site without the change answers"
)
ONLY_SERV = "only 'serv:' is declared in a request, other elements have no prefix"


def test_a_file_without_fault_is_loaded(faults: Faults, good: str) -> None:
    assert faults(good) == []


# What is written in place of what, and the whole line that tells it.
MISTAKES: dict[str, tuple[str, str, str]] = {
    # the head
    "a key is missing": ("change: Something changed\n", "", "1:1: key 'change' is missing; add 'change:'"),
    "a key is unknown": (
        "advice: Change something.\n",
        "advice: Change something.\nadvise: No.\n",
        "8:1: unknown key 'advise', did you mean 'advice'?",
    ),
    "an unknown key has no neighbour": (
        "clauses:\n  refused: It is refused.\n",
        "clauses:\n  refused: {says: It is refused., because: so}\n",
        "9:35: unknown key 'because', known are: says, assumed",
    ),
    "a key is written twice": (
        "change: Something changed\n",
        "change: Something changed\nchange: Again\n",
        "2:1: key 'change' is written twice",
    ),
    "no kind of change": (
        "kind: behaviour changed",
        "kind: changed",
        f"3:1: 'changed' is not allowed here; write one of {KINDS}",
    ),
    "a text for a list": ("[40.2.0]", "40.2.0", "2:1: found the text '40.2.0'; write a list"),
    "an empty list": ("[40.2.0]", "[]", "2:1: 'released_in' is empty; write at least one"),
    "no version": ("[40.2.0]", "[40.2.0, forty]", "2:23: 'forty' is not an API version; write it like 40.4.3"),
    "the wrong folder": (
        "[40.2.0]",
        "[40.2.4, 40.4.3]",
        "2:1: the file stands in the folder 40.2.0; move the file to the folder 40.4.3",
    ),
    "an unknown operation in the head": (
        "operations: [GetUser]",
        "operations: [GetUser, Getuser]",
        "4:23: unknown operation 'Getuser', did you mean 'GetUser'?",
    ),
    "no clauses": (
        "clauses:\n  refused: It is refused.\n",
        "clauses: {}\n",
        "8:1: 'clauses' is empty; write at least one",
    ),
    "a clause that says nothing": (
        "  refused: It is refused.\n",
        "  refused: {assumed: that}\n",
        "9:3: key 'says' is missing; add 'says:'",
    ),
    "a clause without case": (
        "clauses:\n",
        "clauses:\n  listed: It is listed.\n",
        "9:3: no case proves clause 'listed'; add a case with 'proves: [listed]'",
    ),
    # the case
    "an unknown clause": (
        "proves: [refused]",
        "proves: [refused, refuse]",
        "12:23: unknown clause 'refuse', did you mean 'refused'?",
    ),
    "a case that proves no clause": ("proves: [refused]", "proves: []", "12:5: 'proves' is empty; write at least one"),
    "an unknown key in a case": (
        REQUEST,
        f"{REQUEST}    cleanups: []\n",
        "15:5: unknown key 'cleanups', did you mean 'cleanup'?",
    ),
    "an unknown role": (AS, "    as: hosst\n", "13:5: unknown role 'hosst', did you mean 'host'?"),
    "a list for a role": (AS, "    as: [host]\n", "13:5: found a list; write a mapping of 'key: value'"),
    "a list for a credential": (AS, "    as: {webExID: a, password: [b]}\n", "13:22: found a list; write a text"),
    "an unknown fixture": (
        AS,
        "    given: {user: user acount}\n",
        "13:13: unknown fixture 'user acount', did you mean 'user account'?",
    ),
    "an unknown parameter": (
        AS,
        "    given: {user: {fixture: user account, with: {atendeeOnly: true}}}\n",
        "13:50: unknown parameter 'atendeeOnly', did you mean 'attendeeOnly'?",
    ),
    "an unknown need of the site": (
        AS,
        "    site: {session password required: true}\n",
        "13:12: unknown key 'session password required', did you mean 'session passwords required'?",
    ),
    "a need that is neither true nor false": (
        AS,
        "    site: {session passwords required: yes}\n",
        "13:12: 'yes' is not allowed here; write true or false",
    ),
    "a need that is no number": (
        AS,
        "    site: {access anywhere sessions: many}\n",
        "13:12: 'many' is no number; write how many the site must have",
    ),
    "a need that depends on the clock": (
        AS,
        "    site: {access anywhere sessions: '${now}'}\n",
        "13:12: 'now' is not known here",
    ),
    "neither request nor steps": (SINGLE, "", "11:5: a case has either one 'request' or 'steps'"),
    "request and steps": (AS, f"{AS}    steps: [{{open: x}}]\n", "11:5: a case has either one 'request' or 'steps'"),
    "an expectation beside steps": (
        SINGLE,
        f"    steps: [{{open: x, before: skip}}]\n{BEFORE}",
        "11:5: 'expect', 'before' and 'capture' belong into the steps here",
    ),
    "nothing proved": (
        BEFORE,
        "",
        PROVES_NOTHING,
    ),
    "the same on both sides": (
        BEFORE,
        "    before: {exceptionID: '000001', result: FAILURE}\n",
        PROVES_NOTHING,
    ),
    # tables and names
    "a row without a column": (
        "name: refused\n",
        "name: refused ${row.a}\n    table: [{a: x, b: y}, {a: z}]\n",
        "12:27: 'b' is missing in this row",
    ),
    "a row with another column": (
        "name: refused\n",
        "name: refused ${row.a}\n    table: [{a: x}, {a: z, b: y}]\n",
        "12:28: 'b' is not in the first row",
    ),
    "a column of lists": (
        "name: refused\n",
        "name: refused ${row.a}\n    table: [{a: [x]}]\n",
        "12:14: found a list; write a text",
    ),
    "rows of one name": (
        "name: refused\n",
        "name: refused\n    table: [{a: x}, {a: z}]\n",
        "11:5: a second case named 'refused'; give each case and each row of a table its own name",
    ),
    "cases of one name": (
        SINGLE,
        f"{SINGLE}  - name: Refused!\n    proves: [refused]\n{SINGLE}",
        "17:5: a second case named 'refused'; give each case and each row of a table its own name",
    ),
    "a name with the time": (
        "name: refused\n",
        "name: refused ${now}\n",
        "11:5: 'refused ${now}': 'now' is undefined; a name may use the values of its row only",
    ),
    "an unknown column": (
        "{webExId: kim}",
        "{webExId: '${row.b}'}}\n    table: [{a: x}]\n    # {",
        "14:25: 'row' has no 'b', known are: a",
    ),
    # requests
    "an unknown operation": ("{GetUser:", "{GetUsr:", "14:15: unknown operation 'GetUsr', did you mean 'GetUser'?"),
    "two operations": (
        "{GetUser: {webExId: kim}}",
        "{GetUser: {}, SetUser: {}}",
        "14:5: a request names one operation, found GetUser, SetUser; write 'Operation: {...}'",
    ),
    "no operation": (
        "{GetUser: {webExId: kim}}",
        "{}",
        "14:5: a request names one operation, found nothing; write 'Operation: {...}'",
    ),
    "a text for a request": (
        "{GetUser: {webExId: kim}}",
        "GetUser",
        "14:5: found the text 'GetUser'; write a mapping of 'key: value'",
    ),
    "a foreign prefix in a request": (
        "{webExId: kim}",
        "{use:webExId: kim}",
        f"14:25: 'use:webExId' is not a name a request can carry; {ONLY_SERV}",
    ),
    "a raw request in parts": (
        "{GetUser: {webExId: kim}}",
        "{raw: {webExId: kim}}",
        "14:15: 'raw' takes a whole message; write it as one text",
    ),
    # values
    "an unknown name": (
        "webExId: kim",
        "webExId: '${kim}'",
        "14:25: 'kim' is not known here, known are: attendee, host, now, site, siteAdmin",
    ),
    "an unknown name with a neighbour": (
        "webExId: kim",
        "webExId: '${hosts.webExID}'",
        "14:25: 'hosts' is not known here, did you mean 'host'?",
    ),
    "an unknown part of an account": (
        "webExId: kim",
        "webExId: '${host.webExId}'",
        "14:25: 'host' has no 'webExId', did you mean 'webExID'?",
    ),
    "an unknown part of a fixture": (
        REQUEST,
        "    given: {user: user account}\n    request: {GetUser: {webExId: '${user.webExId}'}}\n",
        "15:25: 'user' has no 'webExId', did you mean 'webExID'?",
    ),
    "a capture used before it is made": (
        "webExId: kim",
        "webExId: '${id}'}}\n    capture: {id: //use:webExId}\n    # {",
        "14:25: 'id' is not known here, known are: attendee, host, now, site, siteAdmin",
    ),
    "an expression that cannot be read": (
        "webExId: kim",
        "webExId: '${host.}'",
        "14:25: '${host.}' cannot be read: expected name or number",
    ),
    "an expression in parentheses without end": (
        "webExId: kim",
        "webExId: '${" + "(" * 5000 + "}'",
        "14:25: '${" + "(" * 38 + "...' cannot be read: nested too deep",
    ),
    # expectations
    "no result": (BEFORE, "    before: {result: SUCESS}\n", "16:14: 'SUCESS' is no result; write SUCCESS or FAILURE"),
    "an unknown expectation": (
        BEFORE,
        "    before: {exceptionId: 000001}\n",
        "16:14: unknown key 'exceptionId', did you mean 'exceptionID'?",
    ),
    "an unknown standing to the schema": (
        BEFORE,
        "    before: {sent: wrong}\n",
        "16:14: 'wrong' is not allowed here; write one of 'valid', 'invalid' or 'unknown'",
    ),
    "a single request that is skipped": (
        BEFORE,
        "    before: skip\n",
        "16:5: found the text 'skip'; write a mapping of 'key: value'",
    ),
    "an unknown name in an exceptionID": (
        BEFORE,
        "    before: {exceptionID: '${code}'}\n",
        "16:14: 'code' is not known here, known are: attendee, host, now, site, siteAdmin",
    ),
    "a bad XPath": (
        BEFORE,
        "    before: {xpath: {'//use:email[': a}}\n",
        "16:22: '//use:email[' is not an XPath 1.0 expression: Invalid expression",
    ),
    "an undeclared prefix": (
        BEFORE,
        "    before: {xpath: {//user:email: a}}\n",
        "16:22: prefix 'user' is not declared, did you mean 'use'?",
    ),
    "an unknown function": (
        BEFORE,
        "    before: {xpath: {lower(//use:email): a}}\n",
        "16:22: XPath 1.0 has no function 'lower', did you mean 'floor'?",
    ),
    "a bad capture": (
        BEFORE,
        f"{BEFORE}    capture: {{id: //usr:userId}}\n",
        "17:15: prefix 'usr' is not declared, did you mean 'use'?",
    ),
    "an empty condition": (
        BEFORE,
        "    before: {xpath: {//use:email: {}}}\n",
        "16:22: an empty condition; write the expected text or a condition",
    ),
    "an unknown condition": (
        BEFORE,
        "    before: {xpath: {//use:email: {mtches: a}}}\n",
        "16:36: unknown key 'mtches', did you mean 'matches'?",
    ),
    "a condition that is not true": (
        BEFORE,
        "    before: {xpath: {//use:email: {present: false}}}\n",
        "16:36: 'false' is not allowed here; write 'true'",
    ),
    "one of a text": (
        BEFORE,
        "    before: {xpath: {//use:email: {one of: a}}}\n",
        "16:36: found the text 'a'; write a list",
    ),
    "a bad regular expression": (
        BEFORE,
        "    before: {xpath: {//use:email: {matches: (a}}}\n",
        "16:36: '(a' is not a regular expression: missing ), unterminated subpattern at position 0",
    ),
    "a repetition without end": (
        BEFORE,
        "    before: {xpath: {//use:email: {matches: 'a{99999999999}'}}}\n",
        "16:36: 'a{99999999999}' is not a regular expression: the repetition number is too large",
    ),
    "a bound that is no number": (
        BEFORE,
        "    before: {xpath: {//use:email: {at least: many}}}\n",
        "16:36: 'many' is no number",
    ),
    # steps
    "steps that are no list": (SINGLE, "    steps: some\n", "14:5: found the text 'some'; write a list"),
    "a step that is no mapping": (
        SINGLE,
        "    steps: [some]\n",
        "14:13: found the text 'some'; write a mapping of 'key: value'",
    ),
    "a step that does nothing": (
        SINGLE,
        "    steps: [{before: skip}]\n",
        "14:13: key 'request' is missing; add 'request:'",
    ),
    "an unknown key in a step": (
        SINGLE,
        "    steps: [{request: {GetUser: {}}, befor: skip}]\n",
        "14:38: unknown key 'befor', did you mean 'before'?",
    ),
    "a slip in skip": (
        SINGLE,
        "    steps: [{request: {GetUser: {}}, before: skipp}]\n",
        "14:38: 'skipp' is not allowed here; write 'skip'",
    ),
    "a list for an expectation": (
        SINGLE,
        "    steps: [{request: {GetUser: {}}, before: [SUCCESS]}]\n",
        "14:38: found a list; write a mapping of 'key: value'",
    ),
    "an unknown expectation of a step": (
        SINGLE,
        "    steps: [{request: {GetUser: {}}, before: {resultt: SUCCESS}}]\n",
        "14:47: unknown key 'resultt', did you mean 'result'?",
    ),
    "an unknown expectation of a mail": (
        SINGLE,
        "    steps: [{mail: {to: a}, expect: {cuont: 1}, before: skip}]\n",
        "14:38: unknown key 'cuont', did you mean 'count'?",
    ),
    "a part that mails do not have": (
        SINGLE,
        "    steps: [{mail: {to: a}, expect: {count: 1}, before: skip, capture: {a: links}}]\n",
        "14:73: 'links' is not allowed here; write one of 'link', 'subject' or 'body'",
    ),
    "an unknown name in an address": (
        SINGLE,
        "    steps: [{mail: {to: '${kim}'}, expect: {count: 1}, before: skip}]\n",
        "14:21: 'kim' is not known here, known are: attendee, host, now, site, siteAdmin",
    ),
    "an unknown outcome of a click": (
        SINGLE,
        "    steps: [{open: a, expect: yes, before: skip}]\n",
        "14:23: 'yes' is not allowed here; write one of 'ok' or 'refused'",
    ),
    "an unknown name in the clean-up": (
        BEFORE,
        f"{BEFORE}    cleanup: [{{request: {{DelUser: {{webExId: '${{id}}'}}}}}}]\n",
        "17:36: 'id' is not known here, known are: attendee, host, now, site, siteAdmin",
    ),
    # YAML
    "an anchor": ("kim", "&kim kim", "14:34: anchors and aliases are not allowed; write the value out"),
    "an alias": ("kim", "*kim", "14:34: anchors and aliases are not allowed; write the value out"),
    "a key that is a list": ("{webExId: kim}", "{[webExId]: kim}", "14:25: a key must be plain text"),
    "a second document": (BEFORE, f"{BEFORE}---\nchange: x\n", "17:1: a second document; a file holds one"),
    "a bracket without end": (
        "proves: [refused]",
        "proves: [refused",
        "13:7: while parsing a flow sequence did not find expected ',' or ']'",
    ),
    "a tab": (
        "    proves",
        "\tproves",
        "12:1: while scanning a plain scalar found a tab character that violates indentation",
    ),
    "a text without end": (
        "impact: Something breaks.",
        'impact: "Something breaks.',
        "17:1: while scanning a quoted scalar found unexpected end of stream",
    ),
}


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_by_one_line(faults: Faults, good: str, old: str, new: str, told: str) -> None:
    assert old in good
    assert faults(good.replace(old, new, 1)) == [told]


def test_all_faults_of_a_file_are_told_at_once_in_order_of_place(faults: Faults, good: str) -> None:
    text = (
        good.replace("[GetUser]", "[Getuser]")
        .replace("proves: [refused]", "proves: [refuse]")
        .replace("as: host", "as: hosst")
        .replace("webExId: kim", "webExId: '${kim}'")
        .replace("result: SUCCESS", "xpath: {//user:email: {matches: (a}}")
    )
    assert faults(text) == [
        "4:14: unknown operation 'Getuser', did you mean 'GetUser'?",
        "9:3: no case proves clause 'refused'; add a case with 'proves: [refused]'",
        "12:14: unknown clause 'refuse', did you mean 'refused'?",
        "13:5: unknown role 'hosst', did you mean 'host'?",
        "14:25: 'kim' is not known here, known are: attendee, host, now, site, siteAdmin",
        "16:22: prefix 'user' is not declared, did you mean 'use'?",
        "16:37: '(a' is not a regular expression: missing ), unterminated subpattern at position 0",
    ]


def test_all_faults_of_shape_are_told_at_once(faults: Faults, good: str) -> None:
    text = good.replace("kind: behaviour changed", "kind: new").replace("    as: host", "    has: host")
    text = text.replace("before:", "befor:").replace("advice: Change something.\n", "")
    assert [line.partition(";")[0] for line in faults(text)] == [
        "1:1: key 'advice' is missing",
        "3:1: 'new' is not allowed here",
        "12:5: unknown key 'has', did you mean 'as'?",
        "15:5: unknown key 'befor', did you mean 'before'?",
    ]


def test_all_faults_of_all_files_are_told_at_once(place: Place, folder_faults: Faults, good: str) -> None:
    place(good.replace("as: host", "as: hosst"), "40.2.0/second.yaml")
    place(good.replace("kind: behaviour changed", "kind: new"), "40.2.0/first.yaml")
    place("", "40.1.0/empty.yaml")
    assert [line.partition(";")[0] for line in folder_faults()] == [
        "40.1.0/empty.yaml:1:1: the file is empty",
        "40.2.0/first.yaml:3:1: 'new' is not allowed here",
        "40.2.0/second.yaml:13:5: unknown role 'hosst', did you mean 'host'?",
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "1:1: the file is empty"),
        (b"# only a comment\n", "1:1: the file is empty"),
        (b"\x00\x01\x02\x7fELF", "1:1: unacceptable character #x0000: control characters are not allowed"),
        (b"\xff\xfe\xfd\xfc", "1:1: "),
        (b"a: \xc3\x28\n", "1:1: unacceptable character #x0028: invalid trailing UTF-8 octet"),
        (b"just a text\n", "1:1: found the text 'just a text'; write a mapping of 'key: value'"),
        (b"- a list\n", "1:1: found a list; write a mapping of 'key: value'"),
        (b"%YAML 9.9\n--- {}\n", "1:1: "),
    ],
    ids=["empty", "comment", "binary", "no text at all", "bad UTF-8", "text", "list", "another YAML"],
)
def test_what_is_no_case_file_is_told(faults: Faults, data: bytes, told: str) -> None:
    lines = faults(data)
    assert len(lines) == 1
    assert lines[0].startswith(told)


def test_a_huge_file_is_not_read(faults: Faults) -> None:
    data = b"#" * (MAX_SIZE + 1)
    assert faults(data) == [f"1:1: the file has {MAX_SIZE + 1} bytes, the limit is {MAX_SIZE}"]


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(faults: Faults) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert faults("\n".join(lines)) == ["1:5: anchors and aliases are not allowed; write the value out"]


def test_a_file_that_nests_too_deep_is_refused(faults: Faults) -> None:
    depth = MAX_NESTING + 1
    assert faults("[" * depth + "]" * depth) == [f"1:{depth}: nested deeper than {MAX_NESTING}"]


def test_a_file_that_nests_without_end_is_refused(faults: Faults) -> None:
    # Newer versions of libyaml, which reads ahead, refuse it before we do.
    (fault,) = faults("[" * 100_000 + "]" * 100_000)
    assert "nest" in fault


def test_a_file_that_can_not_be_opened_is_told(folder: Path) -> None:
    with pytest.raises(CaseFileErrors, match=r"nowhere\.yaml:1:1: cannot be read: No such file"):
        load_change(folder / "nowhere.yaml")


def test_a_path_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no such file or folder"):
        load_changes([tmp_path / "nowhere"])


def test_a_folder_without_conformance_yaml_is_told(tmp_path: Path, good: str) -> None:
    (tmp_path / "40.2.0").mkdir()
    (tmp_path / "40.2.0" / "change.yaml").write_text(good, encoding="utf-8")
    with pytest.raises(UserError, match=r"no case files here; a folder of case files holds a conformance\.yaml"):
        load_changes([tmp_path])


def test_a_folder_without_case_files_is_told(folder: Path) -> None:
    with pytest.raises(UserError, match="no case files here"):
        load_changes([folder])


FIXTURE = """\
format: 1
fixtures:
  scene:
    does: Sets a scene.
    parameters: {name: kim}
    steps:
      - request: {GetUser: {webExId: "${name}"}}
        capture: {email: //use:email}
    cleanup:
      - request: {DelUser: {webExId: "${email}"}}
"""

FIXTURE_MISTAKES: dict[str, tuple[str, str, str]] = {
    "another format": ("format: 1", "format: 2", "1:1: '2' is not allowed here; write '1'"),
    "no format": ("format: 1\n", "", "1:1: key 'format' is missing; add 'format:'"),
    "an unknown key at the top": (
        "fixtures:\n",
        "fixture: {}\nfixtures:\n",
        "2:1: unknown key 'fixture', did you mean 'fixtures'?",
    ),
    "an unknown key": ("    does", "    do: it\n    does", "4:5: unknown key 'do', did you mean 'does'?"),
    "no steps": (
        '    steps:\n      - request: {GetUser: {webExId: "${name}"}}\n        capture: {email: //use:email}\n',
        "    steps: []\n",
        "6:5: 'steps' is empty; write at least one",
    ),
    "an unknown operation": ("{GetUser:", "{GetUsr:", "7:19: unknown operation 'GetUsr', did you mean 'GetUser'?"),
    "an unknown name": ("${name}", "${nam}", "7:29: 'nam' is not known here, did you mean 'name'?"),
    "a role": (
        "    steps",
        "    as: admin\n    steps",
        "6:5: unknown role 'admin', known are: siteAdmin, host, attendee, anonymous",
    ),
    "a parameter that needs another": (
        "name: kim",
        "name: '${email}'",
        "5:18: 'email' is not known here, known are: attendee, host, now, site, siteAdmin",
    ),
    "an unknown fixture below": (
        "    steps",
        "    given: {a: scen}\n    steps",
        "6:13: unknown fixture 'scen', did you mean 'scene'?",
    ),
    "itself": ("    steps", "    given: {a: scene}\n    steps", "6:5: fixture 'scene' needs itself"),
    "a row": (
        "${name}",
        "${row.a}",
        "7:29: 'row' is not known here, did you mean 'now'?",
    ),
}


@pytest.mark.parametrize(("old", "new", "told"), FIXTURE_MISTAKES.values(), ids=FIXTURE_MISTAKES)
def test_a_mistake_in_a_fixture_is_told_by_one_line(
    folder_faults: Faults, case_file: Path, old: str, new: str, told: str
) -> None:
    assert old in FIXTURE
    assert folder_faults(FIXTURE.replace(old, new, 1)) == [f"conformance.yaml:{told}"]


def test_a_fixture_without_fault_is_loaded(place: Place, folder_faults: Faults, good: str) -> None:
    place(good)
    assert folder_faults(FIXTURE) == []


def test_fixtures_that_need_each_other_are_told(place: Place, folder_faults: Faults, good: str) -> None:
    place(good)
    one = "does: x, given: {a: %s}, steps: [{request: {GetUser: {webExId: kim}}}]"
    assert folder_faults(f"format: 1\nfixtures:\n  a: {{{one % 'b'}}}\n  b: {{{one % 'a'}}}\n") == [
        "conformance.yaml:3:16: fixture 'a' needs itself",
        "conformance.yaml:4:16: fixture 'b' needs itself",
    ]


def test_fixtures_of_a_folder_go_before_the_shipped_ones(folder: Path, place: Place, good: str) -> None:
    place(FIXTURE.replace("scene:", "user account:"), "conformance.yaml")
    path = place(good.replace(AS, "    given: {user: user account, meeting: scheduled meeting}\n"))
    change = load_change(path)
    assert change.fixtures["user account"].does == "Sets a scene."
    assert "CreateMeeting" in change.fixtures["scheduled meeting"].steps[0].request


def test_ids_come_from_folder_file_and_name(place: Place, good: str) -> None:
    text = good.replace("name: refused\n", "name: Größe ${row.a}, refused!\n    table: [{a: '1.5'}, {a: über}]\n")
    change = load_change(place(text, "40.2.0/a-change.yaml"))
    assert change.id == "40.2.0/a-change"
    assert [case.id for case in plan(change)] == [
        "40.2.0/a-change::groe-1.5-refused",
        "40.2.0/a-change::groe-uber-refused",
    ]


def test_the_index_of_changes_reads_heads_only(place: Place, folder: Path, good: str) -> None:
    place(good.replace("[40.2.0]", "[40.4.3, 40.2.4]") + "broken: [", "40.4.3/change.yaml")
    assert change_index(folder) == {"40.4.3/change": (Version(40, 4, 3), Version(40, 2, 4))}
    assert changes_at(Version(40, 2, 4), folder) == {"40.4.3/change"}
    assert changes_at(Version(40, 4, 0), folder) == frozenset()


@pytest.mark.parametrize("text", ["a: b\n", "released_in: [forty]\n", "released_in: ["])
def test_the_index_tells_a_file_without_releases(place: Place, folder: Path, text: str) -> None:
    place(text)
    with pytest.raises(UserError):
        change_index(folder)


@given(data=st.binary(max_size=200) | st.text(alphabet="abc:{}[]&*!%-?|> \n\t'\"#,${}", max_size=200).map(str.encode))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_a_file_or_have_faults(place: Place, data: bytes) -> None:
    path = place(data)
    with pytest.raises(CaseFileErrors) as caught:
        load_change(path)
    assert all(fault.path == path and fault.line >= 1 and fault.column >= 1 for fault in caught.value.faults)


WORDS = st.sampled_from(
    """
    change released_in kind operations source impact advice clauses cases name proves assumed site given as table
    request steps expect before capture cleanup mail open to result exceptionID xpath sent raw skip host text matches
    GetUser ${now} ${row.a} ${ //use:email //x:y count( 000015 true refused 40.2.0
    """.split()  # noqa: SIM905 - a list of that many words is harder to read
)


@given(
    data=st.recursive(
        WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=30
    )
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_known_words_at_any_place_have_faults_and_nothing_worse(place: Place, good: str, data: object) -> None:
    for key in ("cases", "clauses", "operations"):
        head, _, tail = good.partition(f"{key}:")
        rest = "" if key == "cases" else "\nreleased_in" + tail.partition("\nreleased_in")[2]
        path = place(f"{head}{key}: {_flow(data)}{rest}\n")
        with suppress(CaseFileErrors):
            load_change(path)


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_quoted_scalar_is_its_text(place: Place, text: str) -> None:
    escaped = text.replace("'", "''")
    assert read_document(place(f"a: '{escaped}'\n")).data == {"a": text}


@pytest.mark.parametrize(
    "scalar", ["000015", "no", "true", "1.10", "~", "null", "2020-02-27", "0x1F", "1e3", "=", "!!int 7"]
)
def test_a_plain_scalar_is_its_text(place: Place, scalar: str) -> None:
    assert read_document(place(f"a: {scalar}\n")).data == {"a": scalar.removeprefix("!!int ")}


def _flow(data: object) -> str:
    if isinstance(data, str):
        return "'" + data.replace("'", "''") + "'"
    if isinstance(data, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in data.items()) + "}"
    assert isinstance(data, list)
    return "[" + ", ".join(map(_flow, data)) + "]"
