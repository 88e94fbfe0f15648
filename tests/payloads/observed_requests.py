"""Every way in which real requests were seen to depart from the schema, or to be sent, by the line that tells of it.

Numbers are those of the notes on observed traffic (docs/clients.md has the same); ``answer`` is what the service is
taken to answer, SUCCESS or an exceptionID.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from conformance.wire.names import NAMESPACES

SITE, CALLER, PASSWORD = "sample", "kim", "pass-1"
PATH = "/WBXService/XMLService"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SERV = f'xmlns:serv="{NAMESPACES["serv"]}"'
BINDING = "java:com.webex.service.binding"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
WHO = f"<webExID>{CALLER}</webExID><password>{PASSWORD}</password><siteName>{SITE}</siteName>"
ME = f"<webExId>{CALLER}</webExId>"
FORMS = "Content-Type: application/x-www-form-urlencoded"
OF_XML = "Content-Type: text/xml"


@dataclass(frozen=True)
class Observed:
    """One way. ``data`` is a message, or with ``http`` a whole HTTP request."""

    line: int
    name: str
    data: bytes
    departures: tuple[str, ...] = ()
    answer: str = "SUCCESS"
    findings: tuple[str, ...] = ()
    """The rules of the schema that it breaks."""
    valid: bool = True
    not_xml: bool = False
    http: bool = False

    @property
    def sent(self) -> bytes:
        """The bytes on the wire, on a connection that is closed after the answer."""
        if self.http:
            return self.data
        return posted(self.data, OF_XML)


def posted(body: str | bytes, *headers: str, path: str = PATH, version: str = "1.1") -> bytes:
    """Return a POST of a body with these headers."""
    raw = body.encode() if isinstance(body, str) else body
    head = [f"POST {path} HTTP/{version}", "Host: sample.webex.example.com", "Connection: close", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(raw)}", "", ""]).encode() + raw


def chunked(body: str, *headers: str) -> bytes:
    """Return a POST of a body in chunks, as node-fetch 1.x sends streams."""
    head = [f"POST {PATH} HTTP/1.1", "Host: x", "Connection: close", "Transfer-Encoding: chunked", *headers, "", ""]
    raw = body.encode()
    pieces = [raw[at : at + 200] for at in range(0, len(raw), 200)]
    return "\r\n".join(head).encode() + b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


def message(
    content: str = ME,
    *,
    of_type: str = f'xsi:type="{BINDING}.user.GetUser"',
    root: str = "serv:message",
    declared: str = f"{XSI} {SERV}",
    before: str = DECLARATION,
    security: str = WHO,
) -> str:
    """Return a request as the documentation prints it but for what is given."""
    return (
        f"{before}<{root} {declared}><header><securityContext>{security}</securityContext></header>"
        f"<body><bodyContent {of_type}>{content}</bodyContent></body></{root}>"
    )


def typed(operation: str, content: str) -> str:
    """Return a request of another operation."""
    return message(content, of_type=f'xsi:type="{BINDING}.{operation}"')


PROTECTED = "<accessControl><meetingPassword>Pw-12345</meetingPassword></accessControl>"


def meeting(content: str = "", name: str = "x", before: str = DECLARATION) -> str:
    """Return a CreateMeeting."""
    content = f"{PROTECTED}<metaData><confName>{name}</confName></metaData>{content}"
    return message(content, of_type=f'xsi:type="{BINDING}.meeting.CreateMeeting"', before=before)


def declared_as(encoding: str, text: str = "Zürich") -> str:
    """Return a message that declares an encoding and holds such a text."""
    return meeting(name=text, before=f'<?xml version="1.0" encoding="{encoding}"?>\n')


def _seen(line: int, name: str, data: str | bytes, *departures: str, **more: object) -> Observed:
    raw = data.encode() if isinstance(data, str) else data
    return Observed(line, name, raw, departures, **more)  # type: ignore[arg-type]


QUALIFIED = message().replace("<header>", "<serv:header>").replace("</header>", "</serv:header>")
IN_ITS_NAMESPACE = message(
    f"<use:webExId>{CALLER}</use:webExId>",
    of_type='xsi:type="use:getUser"',
    declared=f'{XSI} {SERV} xmlns:use="{NAMESPACES["use"]}"',
)
WRONG_URI = f'xmlns:use="{NAMESPACES["serv"]}/use"'
LISTED = (
    "<listControl><serv:startFrom>1</serv:startFrom><serv:maximumNum>5</serv:maximumNum></listControl>"
    "<order><orderBy>HOSTWEBEXID</orderBy><orderAD>ASC</orderAD><orderBy>CONFNAME</orderBy><orderAD>DESC</orderAD>"
    "</order>"
)
SCHEMA_LOCATION = f'{XSI} {SERV} xsi:schemaLocation="{NAMESPACES["serv"]}"'
AUO = f"{PROTECTED.replace('meetingPassword', 'sessionPassword')}<metaData><confName>x</confName></metaData>"
NBSP = "\u00a0"
FORM = f"UID=1&PWD=2&SID=3&PID=4&XML={quote_plus(message())}"
GET = f"GET {PATH}?XML={quote(message())} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

OBSERVED = [
    _seen(1, "serv undeclared", message(declared=XSI), "undeclared-prefix"),
    _seen(1, "nothing declared", message(declared=""), "undeclared-prefix", "undeclared-xsi", valid=False),
    _seen(1, "a prefix used inside undeclared", message(f"<use:webExId>{CALLER}</use:webExId>"), "undeclared-prefix"),
    _seen(2, "children unqualified", message()),
    _seen(2, "the header qualified", QUALIFIED),
    _seen(2, "all qualified", IN_ITS_NAMESPACE),
    _seen(2, "children of listControl qualified", typed("meeting.LstsummaryMeeting", LISTED), "order", answer="000015"),
    _seen(3, "message", message(root="message", declared=XSI), "root-name"),
    _seen(
        3,
        "message in the namespace",
        message(root="message", declared=f'{XSI} xmlns="{NAMESPACES["serv"]}"'),
        "wrong-namespace",
    ),
    _seen(3, "serv:messageType", message(root="serv:messageType"), "root-name"),
    _seen(4, "blank behind =", message(of_type=f'xsi:type= "{BINDING}.user.GetUser"')),
    _seen(4, "line behind =", message(of_type=f'xsi:type=\n "{BINDING}.user.GetUser"')),
    _seen(4, "blanks inside", message(of_type=f'xsi:type="\n {BINDING}.user.GetUser "')),
    _seen(4, "schema type", message(of_type=f'xsi:type="use:getUser" xmlns:use="{NAMESPACES["use"]}"')),
    _seen(4, "schema type, prefix of its own", message(of_type=f'xsi:type="u:getUser" xmlns:u="{NAMESPACES["use"]}"')),
    _seen(4, "schema type, undeclared", message(of_type='xsi:type="use:getUser"'), "type-prefix"),
    _seen(4, "schema type, wrong namespace", message(of_type=f'xsi:type="use:getUser" {WRONG_URI}'), "type-prefix"),
    _seen(
        4,
        "teleconferenceonly",
        message(AUO, of_type='xsi:type="teleconferenceonly:createTeleconferenceSession"'),
        "type-prefix",
    ),
    _seen(
        4,
        "elements in the wrong namespace",
        message(f"<use:webExId>{CALLER}</use:webExId>", of_type=f'xsi:type="use:getUser" {WRONG_URI}'),
        "type-prefix",
        "wrong-namespace",
    ),
    _seen(4, "without java and package", message(of_type='xsi:type="user.GetUser"'), "short-type"),
    _seen(4, "package meeting.auo", typed("meeting.auo.CreateTeleconferenceSession", AUO)),
    _seen(5, "schemaLocation of one URI", message(declared=SCHEMA_LOCATION)),
    _seen(6, "ten blanks before the declaration", message(before=" " * 10 + DECLARATION), "leading-blanks"),
    _seen(6, "a line before the declaration", message(before="\n" + DECLARATION), "leading-blanks"),
    _seen(6, "version only", message(before='<?xml version="1.0" ?>')),
    _seen(6, "standalone", message(before='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')),
    _seen(6, "no declaration", message(before="")),
    _seen(7, "UTF-8 declared as ISO-8859-1", declared_as("ISO-8859-1"), "wrong-encoding"),
    _seen(7, "UTF-8 declared as Shift_JIS", declared_as("Shift_JIS", "会議"), "wrong-encoding"),
    _seen(7, "ISO-8859-1", declared_as("ISO-8859-1").encode("latin-1")),
    _seen(7, "Big5", declared_as("BIG5", "會議").encode("big5")),
    _seen(7, "Shift_JIS", declared_as("Shift_JIS", "会議").encode("shift_jis")),
    _seen(7, "EUC-KR", declared_as("EUC-KR", "회의").encode("euc-kr")),
    _seen(7, "GB2312", declared_as("GB2312", "会议").encode("gb2312")),
    _seen(7, "bytes that are no UTF-8", declared_as("UTF-8").encode("latin-1"), not_xml=True, answer="000000"),
    _seen(8, "U+00A0 as indentation", message(f"\n{NBSP}{NBSP}{ME}\n{NBSP}"), "no-break-space"),
    _seen(8, "U+00A0 in a tag", message(of_type=f'{NBSP}xsi:type="{BINDING}.user.GetUser"'), "no-break-space"),
    _seen(9, "& not escaped", message("<webExId>p&ss</webExId>"), not_xml=True, answer="000000"),
    _seen(9, "< not escaped", message("<webExId>p<ss</webExId>"), not_xml=True, answer="000000"),
    _seen(9, "tags that do not match", message("<a><b></a></b>"), not_xml=True, answer="000000"),
    _seen(10, "a form", posted(FORM, FORMS), "form-body", http=True),
    _seen(10, "a form called XML", posted(FORM, OF_XML), "content-type", "form-body", http=True),
    _seen(10, "XML called a form", posted(message(), FORMS), "content-type", http=True),
    _seen(10, "a form, its XML not encoded", posted(f"UID=1&XML={message()}", FORMS), "form-body", http=True),
    _seen(10, "a GET", GET, "in-query", http=True),
    _seen(
        10,
        "a GET with the whole address",
        GET.replace("GET /", "GET http://sample.webex.example.com/"),
        "absolute-form",
        "in-query",
        http=True,
    ),
    _seen(11, "no Content-Type", posted(message()), "content-type", http=True),
    _seen(11, "application/xml", posted(message(), "content-type: application/xml; charset=utf-8"), http=True),
    _seen(11, "text/plain", posted(message(), "Content-Type: text/plain"), "content-type", http=True),
    _seen(11, "no semicolon", posted(message(), "Content-Type: text/xml charset=UTF-8"), "content-type", http=True),
    _seen(12, "in chunks", chunked(message(), OF_XML), http=True),
    _seen(12, "HTTP/1.0", posted(message(), OF_XML, version="1.0"), http=True),
    _seen(
        12,
        "the whole address",
        posted(message(), OF_XML, path=f"http://sample.webex.example.com{PATH}"),
        "absolute-form",
        http=True,
    ),
    _seen(
        13, "siteName first", message(security=f"<siteName>{SITE}</siteName>{WHO.partition('<siteName>')[0]}"), "order"
    ),
    _seen(
        13,
        "metaData before accessControl",
        typed("meeting.CreateMeeting", f"<metaData><confName>x</confName></metaData>{PROTECTED}"),
        "order",
    ),
    _seen(14, "siteId", message(security=f"{WHO}<siteId>1</siteId>"), "name-case", "order"),
    _seen(14, "timezoneID", meeting("<schedule><timezoneID>4</timezoneID></schedule>"), "name-case"),
    _seen(14, "meetingkey", typed("meeting.GetMeeting", "<meetingkey>1</meetingkey>"), "name-case", answer="060001"),
    _seen(14, "webexid of the user", message(f"<webexid>{CALLER}</webexid>"), "name-case"),
    _seen(15, "booleans in capitals", meeting("<enableOptions><chat>TRUE</chat></enableOptions>"), "boolean-case"),
    _seen(16, "a number that is empty", meeting("<schedule><openTime></openTime></schedule>"), "empty-value"),
    _seen(16, "an empty siteID", message(security=f"{WHO}<siteID/><partnerID/>"), "empty-value", "order"),
    _seen(
        16,
        "an empty startFrom",
        typed("meeting.LstsummaryMeeting", "<listControl><startFrom/></listControl>"),
        "empty-value",
        answer="000015",
    ),
    _seen(17, "a month of one digit", meeting("<schedule><startDate>9/29/2030 02:42:34</startDate></schedule>")),
    _seen(17, "no date", meeting("<schedule><startDate>29/9/2030 2:42</startDate></schedule>"), answer="999999"),
    _seen(18, "orders that alternate", typed("meeting.LstsummaryMeeting", LISTED), "order", answer="000015"),
    _seen(
        18,
        "an order that no schema knows",
        typed("meeting.LstsummaryMeeting", "<order><orderBy>HOSTNAME</orderBy><orderAD>ASC</orderAD></order>"),
        answer="000015",
        findings=("value",),
        valid=False,
    ),
    _seen(
        19,
        "several selectors",
        typed("ep.GetSessionInfo", "<sessionKey>1</sessionKey><sipUrl>1@x</sipUrl><meetingLink>y</meetingLink>"),
        answer="060001",
    ),
    _seen(19, "an element that nobody knows", message(f"{ME}<surprise/>"), findings=("unexpected",)),
]
