"""Scenes: what a site does, what a case expects of it, and what the whole case comes to.

Each scene is a case file run by the engine on the site of tests/run/lab.py, which answers every call but
GetAPIVersion as the scene says. Together they come to every check and every verdict that the suite can make;
``test_every_verdict.py`` reads the source and says which one has no scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, repeat
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from lab import PASSWORD, Lab, deleted, exchange, refused

from conformance.cases.load import load_change, plan
from conformance.cases.waivers import Waiver
from conformance.errors import ExchangeFault
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import CaseResult
from conformance.run.waive import WaiverBook
from conformance.schema.catalog import SchemaCatalog
from conformance.site.seam import Exchange, NotApplicable, NotObservable, ReceivedMail
from conformance.versions import BASELINE, DEFAULT_VERSION, Version
from conformance.wire.answer import Answer, success
from conformance.wire.limits import MAX_TAGS
from conformance.wire.names import operation
from conformance.wire.request import Request

Answered = bytes | Exchange | Exception

FILE = """\
change: A scene
released_in: [40.2.0]
kind: behaviour changed
operations: [DelUser]
source: made up
impact: None.
advice: None.
clauses: {it: It is so.}
cases:
- name: scene
  proves: [it]
"""
ROOT = """\
format: 1
fixtures:
  a user:
    does: Makes a user.
    steps: [{request: {DelUser: {webExId: made}}}]
  a wrong one:
    does: Sends what does not fit.
    steps: [{request: {DelUser: {nosuch: element}}}]
"""
DELETES = "request: {{DelUser: {{webExId: kim}}}}\nexpect: {}\nbefore: {{result: FAILURE, sent: invalid}}\n"
ALONE = Limits(in_flight=1, case_time=20.0)
MAIL = ReceivedMail("Hello", "Dear Kim", "text", "en", ("https://lab/1",))


class SceneLab(Lab):
    """The lab, with answers that come one after the other, the last one for ever."""

    def __init__(self, answers: tuple[Answered, ...], **known: Any) -> None:
        super().__init__(words=dict.fromkeys(("kim", "made", "-"), self._next), **known)
        self._answers = chain(answers, repeat(answers[-1]))

    def _next(self, _: Request) -> Exchange:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return exchange(answer) if isinstance(answer, bytes) else answer


@dataclass(frozen=True)
class Scene:
    """``answers`` come one after the other, the last one for ever; ``checks`` are those that are not PASS."""

    answers: tuple[Answered, ...]
    verdict: str
    checks: frozenset[str]
    """Id and verdict: ``result FAIL``."""
    case: str
    lab: Mapping[str, Any] = field(default_factory=dict)
    held: Version = DEFAULT_VERSION
    limits: Limits = ALONE
    waived: bool = False
    reason: str = ""
    """How the reason begins, where no check gives it."""


def scene(
    answer: Answered | tuple[Answered, ...], verdict: str, *checks: str, expect: str = "{result: SUCCESS}", **more: Any
) -> Scene:
    """Return a scene; its case deletes a user and expects ``expect``, unless ``case`` says otherwise."""
    answers = answer if isinstance(answer, tuple) else (answer,)
    return Scene(answers, verdict, frozenset(checks), **{"case": DELETES.format(expect), **more})


def play(each: Scene, folder: Path, schemas: SchemaCatalog, assumed: str = "") -> CaseResult:
    """Run the case of a scene, from its file to its result."""
    file = folder / "40.2.0" / "scene.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    (folder / "conformance.yaml").write_text(ROOT, encoding="utf-8")
    case = dedent(each.case) + (f"assumed: {assumed}\n" if assumed else "")
    file.write_text(FILE + indent(case, "  "), encoding="utf-8")
    (planned,) = plan(load_change(file))
    with Engine(SceneLab(each.answers, **each.lab), schemas.at(each.held), each.held, each.limits) as engine:
        engine.connect()
        engine.start([planned])
        result = engine.result(planned)
    return WAIVERS.apply(result) if each.waived else result


WAIVERS = WaiverBook(
    [Waiver("40.2.0/scene", "known", "the mail team", date.max, (), (), "", "waivers.yaml:1:1")],
    "lab",
    date(2026, 11, 22),
)

GOOD, BAD = deleted("kim"), refused("999999", "Broken")


def typed(inner: Mapping[str, Answer], name: str = "GetUser") -> bytes:
    """Return the SUCCESS of an operation."""
    return success(operation(name), inner)


def carried(body: bytes = GOOD, status: int = 200, **headers: str) -> Exchange:
    """Return an answer with other headers."""
    return replace(exchange(body, status), headers={name.replace("_", "-"): text for name, text in headers.items()})


def getting(webexid: str = "kim") -> str:
    """Return a case that reads a user."""
    return (
        f"request: {{GetUser: {{webExId: {webexid}}}}}\nexpect: {{result: SUCCESS}}\n"
        "before: {result: FAILURE, sent: invalid}\n"
    )


def reading(expect: str) -> str:
    """Return a case whose first step sends nothing: it looks at mails and then at a link."""
    return f"""\
        steps:
          - mail: {{to: kim@example.com}}
            expect: {expect}
            before: {{count: 7}}
            capture: {{where: link}}
          - open: ${{where}}
            before: skip
        """


def steps(*written: str) -> str:
    """Return a case of several steps."""
    return "steps:\n" + "".join(f"  - {step}\n" for step in written)


def broken(rule: str, answer: bytes, verdict: str = "FAIL", case: str = "") -> Scene:
    """Return a scene of an answer that breaks one rule of the schema."""
    return scene(answer, verdict, f"schema.response.{rule} {verdict}", case=case or getting())


def wrong_request(request: str, *rules: str) -> Scene:
    """Return a scene of a request of ours that breaks rules of the schema."""
    case = f"request: {request}\nexpect: {{result: SUCCESS}}\nbefore: {{result: FAILURE}}\n"
    return scene(GOOD, "SUITE_ERROR", *(f"schema.request.{rule} SUITE_ERROR" for rule in rules), case=case)


def malformed(kind: str, body: bytes) -> Scene:
    """Return a scene of bytes that are no message."""
    return scene(exchange(body, content_type="text/xml"), "FAIL", f"malformed.{kind} FAIL")


USER = {"webExId": "kim"}
HOSTS = {"alternateHost": "x"}
CONFIRMS = {"confirms_failures": True}
Scenes = Mapping[str, Scene]

EXPECTATIONS: Scenes = {
    "all is as expected": scene(
        refused("030001", "Corresponding User not found"),
        "PASS",
        expect="{result: FAILURE, exceptionID: 030001, reason: corresponding user not found., "
        "xpath: {//serv:exceptionID: 030001}}",
    ),
    "a failure for a success": scene(BAD, "FAIL", "result FAIL"),
    "another id": scene(BAD, "FAIL", "exceptionID FAIL", expect="{result: FAILURE, exceptionID: 030001}"),
    "another reason": scene(BAD, "DEVIATION", "reason DEVIATION", expect="{result: FAILURE, reason: Sorry}"),
    "another value": scene(GOOD, "FAIL", "xpath FAIL", expect="{xpath: {//use:webExId: alex}}"),
    "an XPath that becomes none": scene(
        GOOD, "SUITE_ERROR", "xpath SUITE_ERROR", expect='{xpath: {"//use:webExId[. = ${host.email}]": kim}}'
    ),
    "a quiet moment": scene(refused("000045", "later"), "INCONCLUSIVE", "transient INCONCLUSIVE"),
    "no more hosts": scene(refused("1", "exceededSiteHostLimit"), "INCONCLUSIVE", "quota INCONCLUSIVE"),
    "an account that is locked": scene(
        refused("1", "Your account is locked"), "INCONCLUSIVE", "credentials INCONCLUSIVE"
    ),
    "a site that is suspended": scene(refused("010107", "x"), "INCONCLUSIVE", "site INCONCLUSIVE"),
}

ENVELOPES: Scenes = {
    "a success with an id": scene(
        GOOD.replace(
            b"<serv:gsbStatus>PRIMARY</serv:gsbStatus>",
            b"<serv:reason>Odd</serv:reason><serv:gsbStatus>PRIMARY</serv:gsbStatus>"
            b"<serv:exceptionID>1</serv:exceptionID>",
        ),
        "FAIL",
        "envelope.exceptionID FAIL",
    ),
    "the answer of another operation": scene(
        typed({"userId": "1"}, "CreateUser"), "FAIL", "envelope.type FAIL", case=getting()
    ),
    "a secret comes back": scene(deleted(PASSWORD), "FAIL", "security.echo FAIL"),
    "a secret comes back in a header": scene(
        carried(x_debug=PASSWORD, content_type="text/xml"), "FAIL", "security.echo FAIL"
    ),
}

SCHEMAS: Scenes = {
    "an answer with an element at a wrong place": broken("unexpected", typed({"email": "k@example.com", **USER})),
    "an answer that lacks something": broken("missing", typed({})),
    "an answer with a wrong value": broken("value", typed({**USER, "meetingTypes": {"meetingType": "x"}})),
    "an answer with a wrong type": scene(
        typed(USER).replace(b'"use:getUserResponse"', b'"use:nosuchResponse"'),
        "FAIL",
        *("schema.response.type FAIL", "schema.response.text FAIL", "envelope.type FAIL"),
        case=getting(),
    ),
    "an answer with text between elements": broken("text", typed(USER).replace(b"<use:webExId>", b"x<use:webExId>")),
    "an answer with an attribute": broken("other", typed(USER).replace(b"<use:webExId>", b"<use:webExId a='1'>")),
    "an element that nobody knows": broken("unexpected", typed({**USER, "new": "1"}), "DEVIATION"),
    "a wrong value of what is assumed": broken("value", typed({**USER, "timeZone": "GMT"}), "DEVIATION"),
    "a wrong type of what is assumed": broken(
        "type",
        typed({**USER, "personalMeetingRoom": HOSTS}).replace(b"Host>x<", b'Host xsi:type="use:nosuch"><'),
        "DEVIATION",
    ),
    "text in what is assumed": broken("text", typed({**USER, "personalMeetingRoom": HOSTS}), "DEVIATION"),
    "an attribute of what is assumed": broken(
        "other",
        typed({**USER, "personalMeetingRoom": HOSTS}).replace(b">x</use:alternateHost>", b" a='1'/>"),
        "DEVIATION",
    ),
    "more errors than are shown": scene(
        GOOD.replace(
            b"</serv:header>", b"<serv:response><serv:result>NO</serv:result></serv:response>" * 60 + b"</serv:header>"
        ),
        "FAIL",
        *("schema.response.value FAIL", "schema.response.count DEVIATION"),
    ),
}

REQUESTS: Scenes = {
    "a request that is no message": scene(
        GOOD,
        "SUITE_ERROR",
        "request.malformed SUITE_ERROR",
        case='request: {raw: "<serv:message"}\nexpect: {result: SUCCESS}\nbefore: {result: FAILURE}\n',
    ),
    "an operation that is known after all": scene(
        GOOD,
        "SUITE_ERROR",
        "schema.request.operation SUITE_ERROR",
        expect="{result: SUCCESS, sent: unknown}",
    ),
    "an operation of a later release": scene(
        BAD,
        "PASS",
        case="""\
            request: {LstAccessAnywhereHistory: {hostWebexID: kim}}
            expect: {result: SUCCESS}
            before: {result: FAILURE, sent: unknown}
            """,
        held=BASELINE,
    ),
    "a request that is valid after all": scene(
        GOOD, "SUITE_ERROR", "schema.request SUITE_ERROR", expect="{result: SUCCESS, sent: invalid}"
    ),
    "a request that is wrong on purpose": scene(
        BAD,
        "PASS",
        case="request: {DelUser: {nosuch: 1}}\nexpect: {result: FAILURE, sent: invalid}\nbefore: {result: SUCCESS}\n",
    ),
    "a request with what nobody knows": wrong_request("{DelUser: {webExId: kim, nosuch: 1}}", "unexpected"),
    "a request that lacks something": wrong_request("{DelUser: {}}", "missing"),
    "a request with a wrong value": wrong_request("{DelMeeting: {meetingKey: x}}", "value"),
    "a request with text between elements": wrong_request('{GetUser: "x"}', "text", "missing"),
}

TRANSPORTS: Scenes = {
    "a status": scene(exchange(b"later", 503), "INCONCLUSIVE", "http.status INCONCLUSIVE"),
    "a status without a body": scene(exchange(b"", 204), "FAIL", "malformed.empty FAIL"),
    "a page": scene(
        exchange(b"<html><p>Down</p></html>", content_type="text/html"), "INCONCLUSIVE", "maintenance INCONCLUSIVE"
    ),
    "a page sent as XML": malformed("html", b"<html><p>Down</p></html>"),
    "JSON": malformed("json", b'{"result": "SUCCESS"}'),
    "nothing": malformed("empty", b" "),
    "half a message": malformed("not-xml", GOOD[:-5]),
    "another root": malformed("envelope", b"<message/>"),
    "a DOCTYPE": malformed("doctype", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'),
    "bytes that are no UTF-8": malformed("encoding", GOOD.replace(b"kim", b"k\xefm")),
    "more tags than are read": malformed("limit", b"<a>" + b"<b/>" * (MAX_TAGS + 1) + b"</a>"),
    "an answer in Latin-1": scene(
        exchange(GOOD.replace(b"UTF-8", b"ISO-8859-1"), content_type="text/xml"), "DEVIATION", "encoding DEVIATION"
    ),
    "a charset that is not the one": scene(
        exchange(GOOD, content_type="text/xml; charset=ISO-8859-1"), "DEVIATION", "charset DEVIATION"
    ),
    "a connection that is reset": scene(
        ExchangeFault("reset", "the connection was reset"), "INCONCLUSIVE", "exchange.reset INCONCLUSIVE"
    ),
    "an answer that never ends": scene(
        ExchangeFault("too-large", "no end", breaks_contract=True), "FAIL", "exchange.too-large FAIL"
    ),
}

MAILS: Scenes = {
    "a mail and its link": scene(
        GOOD,
        "PASS",
        case=reading("{count: 1, subject: Hello, format: text, language: en, contains: Kim}"),
        lab={"mailbox": [MAIL], "links": {"https://lab/1": True}},
    ),
    "another mail": scene(
        GOOD,
        "FAIL",
        *("mail.count FAIL", "mail.subject FAIL", "mail.format FAIL", "mail.language FAIL", "mail.contains FAIL"),
        case=reading("{count: 2, subject: hello, format: html, language: de, contains: kim}"),
        lab={"mailbox": [MAIL]},
    ),
    "a link that is refused": scene(
        GOOD,
        "FAIL",
        "open FAIL",
        case=reading("{count: 1}"),
        lab={"mailbox": [MAIL], "links": {"https://lab/1": False}},
    ),
    "no mailbox": scene(GOOD, "INCONCLUSIVE", "not-observable INCONCLUSIVE", case=reading("{count: 1}")),
}

VALUES: Scenes = {
    "nothing was captured": scene(
        GOOD,
        "BLOCKED",
        "not-captured BLOCKED",
        case=steps(
            "{request: {DelUser: {webExId: kim}}, before: {result: FAILURE}, capture: {it: //use:nosuch}}",
            '{request: {DelUser: {webExId: "${it}"}}}',
        ),
    ),
    "an expression that does not work": scene(
        GOOD,
        "SUITE_ERROR",
        "value SUITE_ERROR",
        case='request: {DelUser: {webExId: "${1 // 0}"}}\nexpect: {result: SUCCESS}\nbefore: {result: FAILURE}\n',
    ),
}

ENDINGS: Scenes = {
    "no such account": scene(
        GOOD,
        "NOT_APPLICABLE",
        case="as: attendee\n" + DELETES.format("{result: SUCCESS}"),
        reason="the site has no account for the role attendee",
    ),
    "nothing to send before the change": scene(
        GOOD,
        "NOT_APPLICABLE",
        case=steps("{request: {DelUser: {webExId: kim}}, before: skip}"),
        held=BASELINE,
        reason="no step of this case is for a site without the change",
    ),
    "a site that says that it is none for it": scene(NotApplicable("not here"), "NOT_APPLICABLE", reason="not here"),
    "a site that can not be looked at": scene(
        GOOD, "INCONCLUSIVE", lab={"fails": {"site": NotObservable("dark")}}, reason="dark"
    ),
    "a site that can not be reached": scene(
        GOOD, "INCONCLUSIVE", lab={"fails": {"site": ExchangeFault("refused", "closed")}}, reason="refused: closed"
    ),
    "a site that fails where it is left": scene(
        BAD, "FAIL", "result FAIL", lab={"fails": {"leave": ExchangeFault("refused", "closed")}}
    ),
    "a case without end": scene(
        GOOD,
        "INCONCLUSIVE",
        case="request: {DelUser: {webExId: hang}}\nexpect: {result: SUCCESS}\nbefore: {result: FAILURE}\n",
        limits=replace(ALONE, case_time=0.05),
        reason="deadline: the case did not end within 0.05 s",
    ),
    "a run without time": scene(
        GOOD, "INCONCLUSIVE", limits=replace(ALONE, run_time=1e-9), reason="the run's time limit of 1e-09 s was over"
    ),
    "a fixture that fails": scene(
        (BAD, GOOD),
        "BLOCKED",
        "result FAIL",
        case="given: {it: a user}\n" + DELETES.format("{result: SUCCESS}"),
        reason="fixture 'a user' failed: serv:result: expected SUCCESS, got FAILURE",
    ),
    "a fixture that is wrong": scene(
        GOOD,
        "SUITE_ERROR",
        "schema.request.unexpected SUITE_ERROR",
        case="given: {it: a wrong one}\n" + DELETES.format("{result: SUCCESS}"),
        reason="ConformanceError: fixture 'a wrong one': ",
    ),
    "a defect": scene(RuntimeError("boom"), "SUITE_ERROR", reason="RuntimeError: boom"),
    "a failure that is waived": scene(BAD, "WAIVED", "result FAIL", waived=True),
    "a pass that nobody has to waive": scene(GOOD, "PASS", waived=True),
    "a failure that is seen twice": scene(BAD, "FAIL", "result FAIL", lab=CONFIRMS),
    "a failure that does not come again": scene(
        (BAD, GOOD), "INCONCLUSIVE", "result FAIL", lab=CONFIRMS, reason="interference: failed ("
    ),
    "a failure that comes in another way": scene(
        (BAD, GOOD[:-5]),
        "INCONCLUSIVE",
        *("result FAIL", "malformed.not-xml FAIL"),
        lab=CONFIRMS,
        reason="interference: failed in one way (",
    ),
    "a failure and then nothing": scene(
        (BAD, exchange(b"", 503)),
        "INCONCLUSIVE",
        *("result FAIL", "http.status INCONCLUSIVE"),
        lab=CONFIRMS,
        reason="failed (serv:result: expected SUCCESS, got FAILURE); run again, it could not tell: ",
    ),
    "a failure and then a defect": scene(
        (BAD, RuntimeError("boom")), "SUITE_ERROR", "result FAIL", lab=CONFIRMS, reason="RuntimeError: boom"
    ),
}

SCENES: Scenes = {
    **EXPECTATIONS,
    **ENVELOPES,
    **SCHEMAS,
    **REQUESTS,
    **TRANSPORTS,
    **MAILS,
    **VALUES,
    **ENDINGS,
}
