"""Faults of what an answer is, and of how its bytes are written: statuses, pages, refusals, encodings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from conformance.mock.fault import Befall, Fault, Heard, HttpAnswer, Proceed, changed, declared_as, within
from conformance.wire import answer
from conformance.wire.names import operation

_HTML = "text/html;charset=UTF-8"


def _page(sentence: str) -> bytes:
    page = f"<!DOCTYPE html>\n<html><head><title>Webex</title></head><body><p>{sentence}</p><br></body></html>\n"
    return page.encode()


def _instead(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, value_in: str = "") -> Befall:
    """Return what answers without doing what was asked; the header ``value_in`` gets the fault's value."""

    def befall(heard: Heard, proceed: Proceed) -> HttpAnswer:  # noqa: ARG001 - nothing is done
        named = {"Content-Type": _HTML, **(headers or {})} | ({value_in: heard.value} if value_in else {})
        return HttpAnswer(body, status, named)

    return befall


def _refused(code: str, reason: str) -> Befall:
    """Return what answers FAILURE without doing what was asked; an empty code or reason is the fault's value."""

    def befall(heard: Heard, proceed: Proceed) -> HttpAnswer:  # noqa: ARG001 - nothing is done
        return HttpAnswer(answer.failure(heard.operation, code or heard.value, reason or heard.value))

    return befall


def _wrong_answer(heard: Heard, proceed: Proceed) -> HttpAnswer:
    proceed()
    if heard.operation is not None and heard.operation.name == "GetAPIVersion":
        return HttpAnswer(answer.success(operation("DelUser"), {"user": {"webExId": "kim", "status": "SUCCESS"}}))
    return HttpAnswer(answer.success(operation("GetAPIVersion"), {"apiVersion": "WebEx XML API V11.0.0"}))


def _wrong_site(heard: Heard, proceed: Proceed) -> HttpAnswer:
    body, site = proceed().body, heard.site
    if site is None:
        return HttpAnswer(body)
    other = heard.value
    body = body.replace(site.host_name.encode(), f"{other}.{site.domain}".encode())
    return HttpAnswer(body.replace(f">{site.name}<".encode(), f">{other}<".encode()))


def _echo_in_body(heard: Heard, proceed: Proceed) -> HttpAnswer:
    body = proceed().body
    for secret in heard.secrets:
        element = f"<serv:value>{escape(secret)}</serv:value></serv:response>"
        body = body.replace(b"</serv:response>", element.encode(), 1)
    return HttpAnswer(body)


def _echo_in_reason(heard: Heard, proceed: Proceed) -> HttpAnswer:
    if not heard.secrets:
        return proceed()
    return HttpAnswer(answer.failure(heard.operation, "999999", f"Could not sign in with {heard.secrets[0]}"))


def _echo_in_header(heard: Heard, proceed: Proceed) -> HttpAnswer:
    told = quote(f"signed in with {', '.join(heard.secrets)}", safe=" ,")
    return HttpAnswer(proceed().body, headers={"X-Debug": told} if heard.secrets else {})


def _latin_1(body: bytes, _: str) -> bytes:
    return within(body, "é".encode()).decode().encode("latin-1", "replace")


def _utf_16(body: bytes, _: str) -> bytes:
    return declared_as("UTF-16", body).decode().encode("utf-16")


def _utf_7(body: bytes, _: str) -> bytes:
    return declared_as("UTF-7", body).decode().encode("utf-7")


def _json(body: bytes, _: str) -> bytes:
    return json.dumps({"result": "SUCCESS", "bytes": len(body)}).encode()


_XML = "text/xml;charset="
_AWAY = "The site is down for maintenance. Please try again later."

FAULTS: tuple[Fault, ...] = (
    Fault("empty-body", 26, "200 without a body", changed(lambda *_: b"")),
    Fault("no-content", 26, "204 without a body", _instead(204)),
    Fault("wrong-answer", 30, "the answer of another operation", _wrong_answer),
    Fault(
        "login-page",
        32,
        "302 to a login page at VALUE",
        _instead(302, value_in="Location"),
        "https://login.example.com/idp",
    ),
    Fault("wrong-site", 36, "the site calls itself VALUE", _wrong_site, "other"),
    Fault("html-500", 38, "500 with an HTML page", _instead(500, _page("Internal Server Error"))),
    Fault("502", 39, "502 with an HTML page", _instead(502, _page("Bad Gateway"))),
    Fault("503", 39, "503 with Retry-After: VALUE", _instead(503, _page(_AWAY), value_in="Retry-After"), "2"),
    Fault("504", 39, "504 with an HTML page", _instead(504, _page("Gateway Timeout"))),
    Fault(
        "429", 40, "429 with Retry-After: VALUE; 41: try 86400, soon, -1", _instead(429, value_in="Retry-After"), "2"
    ),
    Fault("rate-limit", 42, "FAILURE 000045, the API's own rate limit", _refused("000045", "API Rate Limit Reach")),
    Fault("maintenance", 43, "200 with an HTML page", _instead(200, _page(_AWAY))),
    Fault("401", 45, "401", _instead(401, _page("Unauthorized"), {"WWW-Authenticate": "Basic"})),
    Fault("403", 45, "403 with an HTML page", _instead(403, _page("Forbidden"))),
    Fault(
        "locked-account",
        46,
        "FAILURE 999999 with the reason VALUE (assumed)",
        _refused("999999", ""),
        "The account is locked",
    ),
    Fault(
        "quota",
        47,
        "FAILURE 999999 where a user would be activated; the reason is documented, the id is not",
        _refused("999999", "exceededSiteHostLimit"),
        operations=("CreateUser", "SetUser"),
    ),
    Fault("unknown-exception", 48, "FAILURE with the id VALUE", _refused("", "An unheard-of failure"), "098765"),
    Fault("invalid-utf8", 49, "a byte that is not UTF-8", changed(lambda body, _: within(body, b"\xff"))),
    Fault("latin1-as-utf8", 50, "Latin-1 declared as UTF-8", changed(_latin_1)),
    Fault(
        "utf8-as-latin1",
        51,
        "UTF-8 declared as ISO-8859-1",
        changed(lambda body, _: declared_as("ISO-8859-1", body), Content_Type=f"{_XML}ISO-8859-1"),
    ),
    Fault(
        "charset-contradiction",
        52,
        "HTTP says ISO-8859-1, the XML UTF-8",
        changed(lambda body, _: body, Content_Type=f"{_XML}ISO-8859-1"),
    ),
    Fault("utf-16", 53, "UTF-16 with a byte order mark", changed(_utf_16, Content_Type=f"{_XML}UTF-16")),
    Fault("utf-7", 54, "UTF-7", changed(_utf_7, Content_Type=f"{_XML}UTF-7")),
    Fault("unknown-encoding", 54, "an encoding of nobody", changed(lambda body, _: declared_as("x-klingon", body))),
    Fault("nul", 55, "a NUL byte", changed(lambda body, _: within(body, b"\0"))),
    Fault(
        "control-character", 55, "a reference to a control character", changed(lambda body, _: within(body, b"&#1;"))
    ),
    Fault("surrogate", 55, "a reference to half a character", changed(lambda body, _: within(body, b"&#xD800;"))),
    Fault(
        "bom", 56, "a byte order mark before the XML, which is allowed", changed(lambda body, _: b"\xef\xbb\xbf" + body)
    ),
    Fault("leading-newline", 56, "a line before the XML declaration", changed(lambda body, _: b"\n" + body)),
    Fault("trailing-junk", 57, "text behind the root", changed(lambda body, _: body + b"\nOK")),
    Fault("two-documents", 57, "the answer twice", changed(lambda body, _: body + body)),
    Fault("html-as-xml", 58, "an HTML page as text/xml", changed(lambda *_: _page("Error <b>1</b>"))),
    Fault("json", 59, "JSON", changed(_json, Content_Type="application/json")),
    Fault("echo-secret-body", 85, "the caller's password or ticket in an element", _echo_in_body),
    Fault("echo-secret-header", 85, "the caller's password or ticket in a header", _echo_in_header),
    Fault("echo-secret-reason", 85, "the caller's password or ticket in the reason of a FAILURE", _echo_in_reason),
)
