"""What becomes of each fault that the mock can have, over real sockets: the verdict, and the words for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mocks import CASE, READ, Bench, bench, problem

from conformance.mock.faults import FAULTS
from conformance.run.verdicts import CaseResult, Verdict


@dataclass(frozen=True)
class Told:
    """What a report must say of a fault."""

    verdict: str
    check: str
    observed: str
    note: str = ""


TIDY = ("bom", "wrong-site", "schema-location", "duplicate-create", "cleanup-fails")
"""Faults that are no fault of an answer: each is met otherwise, and has a test of its own."""

FAULTY = {
    "26-empty-body": Told("FAIL", "malformed.empty", "the body is empty"),
    "26-no-content": Told("FAIL", "malformed.empty", "the body is empty (HTTP 204)"),
    "30-wrong-answer": Told("FAIL", "envelope.type", "ep:getAPIVersionResponse", "wrong operation answered"),
    "32-login-page": Told("INCONCLUSIVE", "http.status", "redirect to login.example.com (login page), not followed"),
    "38-html-500": Told("INCONCLUSIVE", "http.status", "HTTP 500, server error"),
    "39-502": Told("INCONCLUSIVE", "http.status", "HTTP 502, a gateway found no server"),
    "39-503": Told("INCONCLUSIVE", "http.status", "HTTP 503, maintenance or overload; Retry-After: 2"),
    "39-504": Told("INCONCLUSIVE", "http.status", "HTTP 504, a gateway waited too long for the server"),
    "40-429": Told("INCONCLUSIVE", "http.status", "HTTP 429, rate limit; Retry-After: 2"),
    "41-429=86400": Told("INCONCLUSIVE", "http.status", "HTTP 429, rate limit; Retry-After: 86400"),
    "41-429=soon": Told("INCONCLUSIVE", "http.status", "HTTP 429, rate limit; Retry-After: soon"),
    "41-429=-1": Told("INCONCLUSIVE", "http.status", "HTTP 429, rate limit; Retry-After: -1"),
    "42-rate-limit": Told("INCONCLUSIVE", "transient", "FAILURE 000045", "the API rate limit was reached"),
    "43-maintenance": Told("INCONCLUSIVE", "maintenance", "an HTML page (text/html", "down for maintenance"),
    "45-401": Told("INCONCLUSIVE", "http.status", "HTTP 401, credentials are not accepted"),
    "45-403": Told("INCONCLUSIVE", "http.status", "HTTP 403, credentials are not accepted"),
    "46-locked-account": Told("INCONCLUSIVE", "credentials", "FAILURE 999999 The account is locked", "locked"),
    "46-locked-account=The password has expired": Told("INCONCLUSIVE", "credentials", "FAILURE 999999", "expired"),
    "47-quota": Told("INCONCLUSIVE", "quota", "exceededSiteHostLimit", "the site's limit of hosts is reached"),
    "48-unknown-exception": Told("FAIL", "result", "FAILURE", "098765 An unheard-of failure; unknown id"),
    "49-invalid-utf8": Told("FAIL", "malformed.encoding", "byte 0xff at offset 311 is not UTF-8 (around it: 50 52"),
    "50-latin1-as-utf8": Told("FAIL", "malformed.encoding", "byte 0xe9 at offset 311 is not UTF-8"),
    "51-utf8-as-latin1": Told("FAIL", "xpath", "Z\u00c3\u00bcrich"),
    "52-charset-contradiction": Told("DEVIATION", "charset", "charset=ISO-8859-1, but the XML is in UTF-8"),
    "53-utf-16": Told("DEVIATION", "encoding", "UTF-16"),
    "54-utf-7": Told("FAIL", "malformed.encoding", "written in UTF-7, not in UTF-8"),
    "54-unknown-encoding": Told("FAIL", "malformed.encoding", "x-klingon"),
    "55-nul": Told("FAIL", "malformed.not-xml", "0x0 out of allowed range at 2:273"),
    "55-control-character": Told("FAIL", "malformed.not-xml", "value 1 at 2:277"),
    "55-surrogate": Told("FAIL", "malformed.not-xml", "value 55296"),
    "56-leading-newline": Told("FAIL", "malformed.not-xml", "XML declaration allowed only at the start"),
    "57-trailing-junk": Told("FAIL", "malformed.not-xml", "Extra content at the end of the document"),
    "57-two-documents": Told("FAIL", "malformed.not-xml", "only at the start of the document at 2:"),
    "58-html-as-xml": Told("FAIL", "malformed.html", "an HTML page, not the XML API: '<!DOCTYPE html> <html>"),
    "59-json": Told("FAIL", "malformed.json", 'JSON, not XML: \'{"result": "SUCCESS"'),
    "60-billion-laughs": Told("FAIL", "malformed.doctype", "a DOCTYPE is not allowed at line 2"),
    "60-quadratic-blow-up": Told("FAIL", "malformed.doctype", "a DOCTYPE is not allowed"),
    "61-xxe-file": Told("FAIL", "malformed.doctype", "a DOCTYPE is not allowed"),
    "61-parameter-entity": Told("FAIL", "malformed.doctype", "a DOCTYPE is not allowed"),
    "61-external-dtd": Told("FAIL", "malformed.doctype", "a DOCTYPE is not allowed"),
    "62-xinclude": Told("FAIL", "schema.response.unexpected", "XInclude}include", "no elements of other namespaces"),
    "64-deep": Told("FAIL", "malformed.limit", "Excessive depth in document"),
    "64-long-text": Told("FAIL", "malformed.limit", "Text node too long"),
    "64-long-attribute": Told("FAIL", "malformed.limit", "Buffer size limit exceeded"),
    "65-many-elements": Told("FAIL", "exchange.too-large", "larger than 16777216 bytes"),
    "65-many-small-elements": Told("FAIL", "malformed.limit", "more than 500000 tags or attributes"),
    "66-regex-bomb": Told("FAIL", "schema.response.value", "not an element of the set {'PRIMARY', 'BACKUP'}"),
    "67-unbound-xsi-type": Told("FAIL", "schema.response.type", "java:com.webex.service.binding.user.GetUser"),
    "68-unknown-xsi-type": Told("FAIL", "schema.response.type", "noSuchResponse"),
    "68-foreign-xsi-type": Told("FAIL", "envelope.type", "meet:delMeetingResponse", "wrong operation answered"),
    "69-many-errors:CreateUser": Told("FAIL", "schema.response.value", "'NO' is not an element of the set"),
    "70-hostile-strings": Told("FAIL", "schema.response.unexpected", "script", "no elements of other namespaces"),
    "70-hostile-escape": Told("FAIL", "malformed.not-xml", "invalid Char value 27"),
    "74-interference": Told("FAIL", "xpath", "Z\u00fcrich (changed)"),
    "75-slow-read-after-write": Told("FAIL", "result", "FAILURE", "060001 Corresponding Meeting not found"),
    "76-lost-answer": Told("INCONCLUSIVE", "http.status", "HTTP 502"),
    "85-echo-secret-body": Told("FAIL", "security.echo", "the caller's password, ticket or token"),
    "85-echo-secret-header": Told("FAIL", "security.echo", "the caller's password, ticket or token"),
    "85-echo-secret-reason": Told("FAIL", "security.echo", "the caller's password, ticket or token"),
}


@pytest.fixture(scope="module")
def faulty() -> Iterator[Bench]:
    """A mock to give faults to."""
    with bench() as running:
        yield running


@pytest.mark.parametrize("told", [pytest.param((key, told), id=key) for key, told in FAULTY.items()])
def test_a_fault_gets_its_verdict_and_its_words(
    faulty: Bench, write_cases: Callable[..., Path], told: tuple[str, Told]
) -> None:
    asked, expected = told[0].partition("-")[2], told[1]
    result = faulty.run(write_cases(CASE), asked)
    assert result.verdict.value == expected.verdict, result.reason
    check = problem(result)
    assert check.id == expected.check
    assert expected.observed in check.observed
    assert expected.note in check.note
    assert check.observed in result.reason


def test_every_fault_of_the_mock_is_tried_and_none_is_ever_a_pass() -> None:
    """Those that may be one stand in TIDY, each with a test of its own below or beside."""
    names = {key: re.split("[:=]", key.partition("-")[2])[0] for key in FAULTY}
    assert {*names.values(), *TIDY} == set(FAULTS)
    assert {told.verdict for told in FAULTY.values()} == {"FAIL", "INCONCLUSIVE", "DEVIATION"}
    assert all(int(key.partition("-")[0]) in (FAULTS[name].number, 41) for key, name in names.items())


@pytest.mark.parametrize("fault", ["bom"], ids=["56-bom"])
def test_a_byte_order_mark_is_accepted(faulty: Bench, write_cases: Callable[..., Path], fault: str) -> None:
    assert faulty.run(write_cases(CASE), fault).verdict is Verdict.PASS


def test_without_a_fault_the_case_passes(faulty: Bench, write_cases: Callable[..., Path]) -> None:
    for case in (CASE, READ):
        result = faulty.run(write_cases(case))
        assert (result.verdict, result.leftovers) == (Verdict.PASS, ())
    assert faulty.site.sessions == {}


ARE_REFUSALS = ("unknown-exception",)
BEFALL_NO_REFUSAL = ("quota", "interference", "slow-read-after-write")
AGAIN = ("many-errors", "long-text", "long-attribute", "many-small-elements")
"""Met as bodies that expect SUCCESS are, at length."""


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in (*TIDY, *AGAIN)])
def test_a_case_that_expects_a_failure_takes_no_fault_for_it(
    faulty: Bench, write_cases: Callable[..., Path], name: str
) -> None:
    refused = """\
- name: one
  as: host
  request: {GetUser: {webExId: nobody}}
  expect: {result: FAILURE}
  before: {result: SUCCESS}
"""
    verdict = faulty.run(write_cases(refused), name).verdict
    assert (verdict is Verdict.PASS) == (name in (*ARE_REFUSALS, *BEFALL_NO_REFUSAL))


def test_invalid_bytes_are_kept_as_evidence_that_can_be_written(
    faulty: Bench, write_cases: Callable[..., Path]
) -> None:
    result = faulty.run(write_cases(CASE), "invalid-utf8")
    shown = result.steps[-1].response
    assert "PRIM\\xffARY" in shown
    assert shown.encode("utf-8")


def test_of_many_errors_the_first_are_shown_and_all_are_counted(
    faulty: Bench, write_cases: Callable[..., Path]
) -> None:
    result = faulty.run(write_cases(CASE), "many-errors:CreateUser")
    checks = result.steps[-1].checks
    assert len([check for check in checks if check.verdict is Verdict.FAIL]) == 20
    (count,) = [check for check in checks if check.id == "schema.response.count"]
    assert count.observed == "10000 errors, of which the first 20 are shown"


def parts(result: CaseResult) -> list[str]:
    """Return every text of a result."""
    texts = [result.reason, *result.leftovers]
    for step in result.steps:
        texts += [step.name, step.caller, step.request, step.response, *step.attempts]
        texts += [text for check in step.checks for text in (check.subject, check.expected, check.observed, check.note)]
    return texts


@pytest.mark.parametrize("where", ["body", "header", "reason"])
@pytest.mark.parametrize("case", [CASE, READ], ids=["changing", "reading"])
def test_a_password_that_comes_back_is_a_fail_and_shown_nowhere(
    faulty: Bench, write_cases: Callable[..., Path], where: str, case: str
) -> None:
    result = faulty.run(write_cases(case), f"echo-secret-{where}")
    assert problem(result).id == "security.echo"
    assert problem(result).subject == {"header": "header x-debug"}.get(where, "body")
    assert "Canary" not in "\n".join(parts(result))


def test_what_others_tell_of_a_call_without_a_caller_is_no_echo(
    faulty: Bench, write_cases: Callable[..., Path]
) -> None:
    anonymous = """\
- name: one
  as: anonymous
  request: {GetAPIVersion: {}}
  before: {result: FAILURE}
"""
    for where in ("body", "header", "reason"):
        assert faulty.run(write_cases(anonymous), f"echo-secret-{where}").verdict is Verdict.PASS
