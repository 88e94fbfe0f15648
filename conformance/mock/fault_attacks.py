"""Faults that attack whoever reads the answer: entities, inclusions, sizes, types that are none, hostile texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.sax.saxutils import quoteattr

from conformance.mock.fault import Befall, Fault, Heard, HttpAnswer, Proceed, changed, within
from conformance.wire.names import NAMESPACES, XSI

_FILE = "file:///etc/hostname"
_URL = "http://127.0.0.1:9/"
_CONTENT = re.compile(rb'<serv:bodyContent(?: xsi:type="[^"]*")?(?: xmlns:xsi="[^"]*")?')
_XINCLUDE = "http://www.w3.org/2001/XInclude"
_LARGE = 11_000_000

_LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def _doctype(subset: Callable[[str], str], used: str = "") -> Befall:
    """Return what gives the answer a DOCTYPE, made from the fault's value, and uses an entity of it in a text."""

    def change(body: bytes, value: str) -> bytes:
        declaration, newline, rest = within(body, used.encode()).partition(b"\n")
        return declaration + newline + f"<!DOCTYPE serv:message {subset(value)}>\n".encode() + rest

    return changed(change)


def _typed(xsi_type: str, prefix: str = "", name: str = "") -> Befall:
    """Return what gives the content of the answer another type, with a prefix that it may need."""
    bound = f' xmlns:{prefix}="{NAMESPACES[name]}"' if prefix else ""
    opening = f'<serv:bodyContent{bound} xsi:type="{xsi_type}" xmlns:xsi="{XSI}"'.encode()
    return changed(lambda body, _: _CONTENT.sub(opening, body, count=1))


def _foreign_type(heard: Heard, proceed: Proceed) -> HttpAnswer:
    users = heard.operation is not None and heard.operation.name == "DelMeeting"
    befall = _typed("u:setUserResponse", "u", "use") if users else _typed("m:delMeetingResponse", "m", "meet")
    return befall(heard, proceed)


def _more(element: bytes, times: int = 1) -> Befall:
    """Return what adds elements to the header of the answer."""
    return changed(lambda body, _: body.replace(b"</serv:response>", element * times + b"</serv:response>", 1))


def _deep(body: bytes, _: str) -> bytes:
    return body.replace(b"</serv:response>", b"<serv:a>" * 5000 + b"</serv:a>" * 5000 + b"</serv:response>", 1)


def _long_attribute(body: bytes, _: str) -> bytes:
    return body.replace(b"</serv:response>", b'<serv:a b="' + b"a" * _LARGE + b'"/></serv:response>', 1)


def _many_elements(body: bytes, _: str) -> bytes:
    return body.replace(b"</serv:body>", b"<serv:a></serv:a> \n" * 2_000_000 + b"</serv:body>", 1)


def _many_errors(body: bytes, _: str) -> bytes:
    wrong = b"<serv:response><serv:result>NO</serv:result></serv:response>" * 10_000
    return body.replace(b"</serv:header>", wrong + b"</serv:header>", 1)


def _xinclude(body: bytes, value: str) -> bytes:
    element = f'<xi:include xmlns:xi="{_XINCLUDE}" href={quoteattr(value)} parse="text"/></serv:response>'
    return body.replace(b"</serv:response>", element.encode(), 1)


def _schema_location(body: bytes, value: str) -> bytes:
    hint = f'xmlns:i="{XSI}" i:schemaLocation={quoteattr(NAMESPACES["serv"] + " " + value)}'
    return body.replace(b"<serv:message ", f"<serv:message {hint} ".encode(), 1)


_SCRIPT = (
    '<x:script xmlns:x="http://www.w3.org/1999/xhtml" onload="alert(1)">&lt;script&gt;alert(1)&lt;/script&gt;'
    "&lt;img src=x onerror=alert(1)&gt; ]]&gt; =cmd()|' /C calc'!A0 \u009b31m \u202egnp.exe</x:script>"
).encode()

FAULTS: tuple[Fault, ...] = (
    Fault("billion-laughs", 60, "entities that grow tenfold nine times", _doctype(lambda _: f"[{_LAUGHS}]", "&a9;")),
    Fault(
        "quadratic-blow-up",
        60,
        "a long entity, many times",
        _doctype(lambda _: f"[<!ENTITY a '{'a' * 100_000}'>]", "&a;" * 2000),
    ),
    Fault(
        "xxe-file",
        61,
        "an entity that is the file VALUE",
        _doctype(lambda url: f"[<!ENTITY x SYSTEM {quoteattr(url)}>]", "&x;"),
        _FILE,
    ),
    Fault(
        "parameter-entity",
        61,
        "a parameter entity from VALUE",
        _doctype(lambda url: f"[<!ENTITY % p SYSTEM {quoteattr(url)}> %p;]"),
        _URL,
    ),
    Fault("external-dtd", 61, "a DTD from VALUE", _doctype(lambda url: f"SYSTEM {quoteattr(url)}"), _URL),
    Fault("xinclude", 62, "an inclusion of the file VALUE", changed(_xinclude), _FILE),
    Fault("schema-location", 63, "a hint to a schema at VALUE, to be ignored", changed(_schema_location), _URL),
    Fault("deep", 64, "elements nested 5,000 deep", changed(_deep)),
    Fault("long-text", 64, "a text of 11 MB", changed(lambda body, _: within(body, b"a" * _LARGE))),
    Fault("long-attribute", 64, "an attribute of 11 MB", changed(_long_attribute)),
    Fault("many-elements", 65, "two million elements, 38 MB", changed(_many_elements)),
    Fault(
        "many-small-elements",
        65,
        "a million elements in 8 MB, below the limit of bytes",
        _more(b"<serv:a/>", 1_000_000),
    ),
    Fault(
        "regex-bomb",
        66,
        "a value that makes backtracking patterns explode",
        changed(lambda body, _: within(body, b"a" * 50_000 + b"!")),
    ),
    Fault(
        "unbound-xsi-type",
        67,
        "a type whose prefix is bound to nothing",
        _typed("java:com.webex.service.binding.user.GetUser"),
    ),
    Fault("unknown-xsi-type", 68, "a type that no schema knows", _typed("u:noSuchResponse", "u", "use")),
    Fault("foreign-xsi-type", 68, "the type of another operation's answer", _foreign_type),
    Fault(
        "many-errors",
        69,
        "10,000 elements whose values the schema does not allow",
        changed(_many_errors),
    ),
    Fault(
        "hostile-strings", 70, "markup, formulas, control and direction characters in names and values", _more(_SCRIPT)
    ),
    Fault(
        "hostile-escape",
        70,
        "an escape sequence of terminals in a text",
        changed(lambda body, _: within(body, b"\x1b[31m")),
    ),
)
