"""Messages for the tests of the schemas."""

from __future__ import annotations

from lxml import etree

from conformance.wire.names import NAMESPACES, XSI, operation
from conformance.wire.request import Body, Request, build_request, read_request
from conformance.wire.response import read_response

DECLARATIONS = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def response(
    inner: str = "", xsi_type: str = "use:createUserResponse", *, declarations: str = DECLARATIONS, attributes: str = ""
) -> etree._Element:
    """Return the root of a success; what is inside its ``bodyContent`` begins on line 4."""
    data = f"""<?xml version="1.0" encoding="UTF-8"?>
<serv:message {declarations}><serv:header><serv:response><serv:result>SUCCESS</serv:result>\
<serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response></serv:header><serv:body>
<serv:bodyContent xmlns:xsi="{XSI}" xsi:type="{xsi_type}" {attributes}>
{inner}</serv:bodyContent></serv:body></serv:message>"""
    return read_response(data.encode()).root


def built(name: str, body: Body) -> Request:
    """Return a request as the suite writes it."""
    return read_request(build_request(operation(name), {"siteName": "site"}, body))


def request(inner: str, java_type: str = "user.CreateUser", package: str = "com.webex.service.binding.") -> Request:
    """Return a request as a client may write it; what is inside its ``bodyContent`` begins on line 3."""
    content = f'<bodyContent xsi:type="java:{package}{java_type}">\n{inner}</bodyContent>'
    root = f'serv:message xmlns:serv="{NAMESPACES["serv"]}" xmlns:xsi="{XSI}"'
    return read_request(f"<{root}><header/><body>\n{content}</body></serv:message>".encode())
