"""What HTTP and the bytes of an answer say, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from lab import deleted, exchange

from conformance.errors import MalformedMessage
from conformance.run.carriage import encoding_checks, malformed_check, status_check
from conformance.run.verdicts import Verdict
from conformance.wire.response import read_response


def words(status: int, **headers: str) -> str:
    """Return what is said of a status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    check = status_check(replace(exchange(b"", status), headers=named))
    assert check is not None
    return check.observed


@pytest.mark.parametrize(
    ("status", "location", "told"),
    [
        (307, "https://other.example.com/x?secret=1", "HTTP 307, redirect to other.example.com, not followed"),
        (302, "https://login.example.com/", "HTTP 302, redirect to login.example.com (login page), not followed"),
        (302, "https://a.example.com/SSO/x", "HTTP 302, redirect to a.example.com (login page), not followed"),
        (301, "/elsewhere", "HTTP 301, redirect to another path of the same host, not followed"),
        (301, "file:///etc/passwd", "HTTP 301, redirect to file: address, not followed"),
        (301, "http://[", "HTTP 301, redirect to what is no address, not followed"),
        (301, "https://a\x07\x9b.example.com/", "HTTP 301, redirect to a\\x07\\x9b.example.com, not followed"),
    ],
)
def test_a_redirect_is_told_by_its_host_alone(status: int, location: str, told: str) -> None:
    assert words(status, location=location) == told


def test_other_statuses() -> None:
    assert words(304) == "HTTP 304, redirect to nowhere"
    assert words(300) == "HTTP 300, redirect to nowhere"
    assert words(400) == "HTTP 400"
    assert words(418) == "HTTP 418"
    assert words(501) == "HTTP 501, server error"
    assert words(599) == "HTTP 599, server error"
    assert words(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT").endswith(
        "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"
    )
    assert words(429, retry_after="\x1b[31m" * 100) == "HTTP 429, rate limit; Retry-After: " + "\\x1b[31m" * 16
    assert words(500, retry_after="2") == "HTTP 500, server error"
    assert status_check(exchange(b"")) is None


def malformed(body: bytes, headers: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Return what is said of a body that is no message."""
    with pytest.raises(MalformedMessage) as refused:
        read_response(body)
    check = malformed_check(refused.value, replace(exchange(body), headers=headers))
    return check.id, check.verdict.value, check.observed, check.note


PAGE = b"<!DOCTYPE html><html><body>\n<p>Down \x1b[31m</body></html>"


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", "text/plain", ""])
def test_a_page_that_says_that_it_is_one_may_be_maintenance(kind: str) -> None:
    id_, verdict, observed, note = malformed(PAGE, {"content-type": kind})
    assert (id_, verdict) == ("maintenance", "INCONCLUSIVE")
    assert observed.endswith(", maintenance?")
    assert "\\x1b" in note
    assert "\x1b" not in note


@pytest.mark.parametrize("kind", ["text/xml", "application/xml;charset=UTF-8"])
def test_a_page_that_says_that_it_is_xml_is_a_failure(kind: str) -> None:
    id_, verdict, observed, _ = malformed(PAGE, {"content-type": kind})
    assert (id_, verdict) == ("malformed.html", "FAIL")
    assert observed.startswith("an HTML page, not the XML API: '<!DOCTYPE html><html><body> <p>Down \\x1b[31m")
    assert "\x1b" not in observed


def test_a_text_sent_as_a_page_may_be_maintenance_too_and_an_empty_one_is_not() -> None:
    html = {"content-type": "text/html"}
    assert malformed(b"Service Unavailable", html)[:2] == ("maintenance", "INCONCLUSIVE")
    assert malformed(b"", html)[:2] == ("malformed.empty", "FAIL")
    assert malformed(b"<!DOCTYPE m [<!ENTITY a 'b'>]><m/>", html)[:2] == ("malformed.doctype", "FAIL")
    assert malformed(b'{"a": 1}', html)[:2] == ("malformed.json", "FAIL")


def test_of_a_long_body_the_first_200_bytes_are_shown() -> None:
    _, _, observed, _ = malformed(b'{"a": "' + b"x" * 1000 + b'"}', {})
    assert observed.endswith("xxx'...")
    assert len(observed) == len("JSON, not XML: ''...") + 200


@pytest.mark.parametrize(
    ("body", "headers", "observed"),
    [
        (PAGE, {}, "an HTML page (no Content-Type), maintenance?"),
        (PAGE, {"content-type": " Text/HTML "}, "an HTML page (Text/HTML), maintenance?"),
        (b"Down", {"content-type": "text/html"}, "a body that is not XML (text/html), maintenance?"),
    ],
)
def test_what_may_be_maintenance_is_told_with_what_it_was_sent_as(
    body: bytes, headers: Mapping[str, str], observed: str
) -> None:
    assert malformed(body, headers)[::2] == ("maintenance", observed)


def test_another_document_sent_as_a_page_may_be_maintenance() -> None:
    body = b"<status>down</status>"
    assert malformed(body, {"content-type": "text/html"})[:2] == ("maintenance", "INCONCLUSIVE")
    assert malformed(body, {"content-type": "text/xml"})[:2] == ("malformed.envelope", "FAIL")


@pytest.mark.parametrize(("more", "end"), [(0, "x\"}'"), (1, "x\"'...")])
def test_a_body_of_200_bytes_is_shown_whole(more: int, end: str) -> None:
    body = b'{"a": "' + b"x" * (191 + more) + b'"}'
    assert len(body) == 200 + more
    assert malformed(body, {})[2].endswith(end)


def test_bytes_that_are_no_text_are_shown_by_their_numbers() -> None:
    observed = malformed(b"<html>\n caf\xe9\tx</html>", {"content-type": "text/xml"})[2]
    assert observed == "an HTML page, not the XML API: '<html> caf\\xe9 x</html>'"


def test_a_header_is_told_on_one_line() -> None:
    assert words(503, retry_after=" a\nb\tc ") == "HTTP 503, maintenance or overload; Retry-After: a b c"
    assert words(429, retry_after="x" * 90) == "HTTP 429, rate limit; Retry-After: " + "x" * 80


def test_where_no_length_was_said_the_body_may_have_been_cut_short() -> None:
    body = deleted()[:-5]
    assert re.search(r" at 2:\d\d+$", malformed(body, {})[2])
    assert malformed(body, {})[3] == "possible truncation: the server did not say how long the body is"
    assert malformed(body, {"content-length": "9"})[3] == malformed(body, {"transfer-encoding": "chunked"})[3] == ""


@pytest.mark.parametrize(
    ("encoding", "content_type", "ids"),
    [
        ("UTF-8", "text/xml;charset=UTF-8", []),
        ("UTF-8", "text/xml", []),
        ("UTF-8", 'text/xml; charset="utf-8"', []),
        ("UTF-8", "text/xml; charset=us-ascii", []),
        ("us-ascii", "text/xml; charset=utf-8", []),
        ("UTF-8", "text/xml; charset=utf_8", []),
        ("UTF-8", "text/xml; charset=XUTF-8X", ["charset"]),
        ("UTF-8", 'text/xml; charset="x=utf-8"', ["charset"]),
        ("UTF-16LE", "text/xml; charset=utf-16", ["encoding"]),
        ("ascii", "text/xml", []),
        ("ASCII", "text/xml", []),
        ("UTF-8", "text/xml; charset=ISO-8859-1", ["charset"]),
        ("UTF-16", "text/xml; charset=utf-16", ["encoding"]),
        ("UTF-16", "text/xml; charset=UTF-16LE", ["encoding"]),
        ("UTF-16", "text/xml", ["encoding"]),
        ("ISO-8859-1", "text/xml;charset=UTF-8", ["encoding", "charset"]),
    ],
)
def test_what_is_not_utf_8_or_said_to_be_otherwise_is_a_deviation(
    encoding: str, content_type: str, ids: list[str]
) -> None:
    body = deleted().replace(b'encoding="UTF-8"', f'encoding="{encoding}"'.encode()).decode().encode(encoding)
    checks = list(encoding_checks(exchange(body, content_type=content_type), read_response(body)))
    assert [check.id for check in checks] == ids
    assert {check.verdict for check in checks} <= {Verdict.DEVIATION}


def test_without_a_content_type_the_xml_is_believed() -> None:
    assert list(encoding_checks(replace(exchange(deleted()), headers={}), read_response(deleted()))) == []
