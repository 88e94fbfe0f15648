"""What carried an answer: HTTP status, headers, encoding, and bodies that are no message, as checks.

A status other than 200 tells of the way to the service, not of the service, which answers FAILURE with 200 too
(recorded); so nothing can be said of the case. An answer with 200 that is no message breaks the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.errors import MalformedMessage
from conformance.run.verdicts import Check, Verdict
from conformance.site.seam import Exchange
from conformance.wire.pretty import printable
from conformance.wire.response import Response, is_page

_SHOWN = 200
"""Bytes of a body that are shown where it is no message."""

_STATUSES = {
    401: "credentials are not accepted",
    403: "credentials are not accepted",
    404: "nothing answers at this address",
    407: "the proxy wants credentials",
    408: "the request took too long",
    413: "the request is too large for the server",
    429: "rate limit",
    500: "server error",
    502: "a gateway found no server",
    503: "maintenance or overload",
    504: "a gateway waited too long for the server",
}
_SIGN_IN = ("login", "logon", "signin", "sign-in", "sso", "saml", "oauth", "idp", "auth")
_MALFORMED = {
    "html": "an HTML page, not the XML API",
    "json": "JSON, not XML",
}


def status_check(exchange: Exchange) -> Check | None:
    """Return what the HTTP status says of the answer; None for 200, whose body is to be read."""
    status = exchange.status
    if status == 200:
        return None
    if status in (204, 205):
        return Check(
            "malformed.empty", Verdict.FAIL, "body", "a message of the API", f"the body is empty (HTTP {status})"
        )
    words = _redirect(exchange) if 300 <= status < 400 else _STATUSES.get(status, "")
    if not words and status >= 500:
        words = "server error"
    wait = exchange.headers.get("retry-after")
    if wait is not None and status in (429, 503):
        words = f"{words}; Retry-After: {_cut(wait)}"
    told = f"HTTP {status}, {words}" if words else f"HTTP {status}"
    return Check("http.status", Verdict.INCONCLUSIVE, "HTTP status", "200", told)


def malformed_check(error: MalformedMessage, exchange: Exchange) -> Check:
    """Return the check of a body that is no message. A page sent as a page is the site's word for being away."""
    kind = exchange.headers.get("content-type", "")
    away = "html" in kind.lower() and error.kind in ("html", "not-xml", "envelope")
    if away or (error.kind == "html" and "xml" not in kind.lower()):
        page = "an HTML page" if is_page(exchange.body) else "a body that is not XML"
        seen = f"{page} ({_cut(kind) or 'no Content-Type'}), maintenance?"
        return Check("maintenance", Verdict.INCONCLUSIVE, "body", "a message", seen, _start(exchange.body))
    if error.kind in _MALFORMED:
        seen = f"{_MALFORMED[error.kind]}: {_start(exchange.body)}"
        return Check(f"malformed.{error.kind}", Verdict.FAIL, "body", "a message of the API", seen)
    place = f"{error.line}:{error.column}" if error.column else f"line {error.line}"
    at = f" at {place}" if error.line else ""
    note = "" if "content-length" in exchange.headers or "transfer-encoding" in exchange.headers else _CUT_SHORT
    return Check(f"malformed.{error.kind}", Verdict.FAIL, "body", "a message of the API", f"{error.detail}{at}", note)


_CUT_SHORT = "possible truncation: the server did not say how long the body is"


def encoding_checks(exchange: Exchange, response: Response) -> Iterator[Check]:
    """Yield what is wrong with how a readable message was encoded. The XML decides; HTTP may only agree."""
    encoding = response.encoding
    if not _same(encoding, "UTF-8") and encoding.upper() not in ("US-ASCII", "ASCII"):
        yield Check("encoding", Verdict.DEVIATION, "encoding of the body", "UTF-8", encoding)
    stated = _charset(exchange.headers.get("content-type", ""))
    if stated and not _same(stated, encoding):
        seen = f"charset={_cut(stated)}, but the XML is in {encoding}"
        yield Check("charset", Verdict.DEVIATION, "Content-Type", f"charset={encoding}", seen, "the XML was believed")


def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""


def _same(one: str, other: str) -> bool:
    one, other = (name.upper().replace("-", "").replace("_", "") for name in (one, other))
    # A byte order mark tells the order of UTF-16, and US-ASCII is a part of UTF-8.
    return one == other or (one[:5] == other[:5] == "UTF16") or {one, other} == {"UTF8", "USASCII"}


def _redirect(exchange: Exchange) -> str:
    """Tell where a redirect leads. Only the host: what follows it may hold a secret."""
    location = exchange.headers.get("location", "")
    if not location:
        return "redirect to nowhere"
    try:
        target = urlsplit(location)
        host, scheme = target.hostname or "", target.scheme
    except ValueError:
        return "redirect to what is no address, not followed"
    place = host or (f"{scheme}: address" if scheme else "another path of the same host")
    path = f"{host}{target.path}".lower()
    sign_in = " (login page)" if any(word in path for word in _SIGN_IN) else ""
    return f"redirect to {_cut(place)}{sign_in}, not followed"


def _start(body: bytes) -> str:
    text = " ".join(body[:_SHOWN].decode("utf-8", "backslashreplace").split())
    return f"'{printable(text)}'" + ("..." if len(body) > _SHOWN else "")


def _cut(text: str) -> str:
    return printable(text.strip()[:80]).replace("\n", " ").replace("\t", " ")
