"""From an exchange to checks, with exchanges made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from lab import deleted, exchange, refused

from conformance.cases.model import Expectation
from conformance.run.judge import Sides, judge_request, judge_response, schema_checks
from conformance.run.verdicts import Check, Verdict, worst
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.evidence import Evidence, Source
from conformance.schema.findings import SchemaFinding
from conformance.versions import BASELINE
from conformance.wire.answer import failure, success
from conformance.wire.names import operation
from conformance.wire.request import build_request

DEL_USER = operation("DelUser")
SECURITY = {"siteName": "lab"}


def expecting(**expected: Any) -> Expectation:
    return Expectation.model_validate(expected)


def judged(
    schemas: SchemaSet,
    body: bytes,
    expected: Expectation,
    scope: Mapping[str, Any] | None = None,
    called: str = "DelUser",
) -> list[Check]:
    """Return all checks of a response, those of the schema told as without explanation."""
    judgement = judge_response(exchange(body), operation(called), Sides(expected), schemas, scope or {})
    told = list(schema_checks("response", judgement.invalid[1])) if judgement.invalid else []
    return told + judgement.checks


def outcome(checks: list[Check]) -> dict[str, str]:
    """Return what did not hold, by id."""
    return {check.id: check.verdict.value for check in checks if check.verdict is not Verdict.PASS}


# What a case expects


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ({}, {}),
        ({"result": "FAILURE"}, {}),
        ({"result": "SUCCESS"}, {"result": "FAIL"}),
        ({"exceptionID": "030001"}, {}),
        ({"exceptionID": "30001"}, {"exceptionID": "FAIL"}),
        ({"exceptionID": "030002"}, {"exceptionID": "FAIL"}),
        ({"reason": "Corresponding User not found"}, {}),
        ({"reason": "corresponding  user not found."}, {}),
        ({"reason": "User not found"}, {"reason": "DEVIATION"}),
        ({"reason": "Corresponding User not found X"}, {"reason": "DEVIATION"}),
        ({"xpath": {"//serv:exceptionID": "030001", "count(//serv:bodyContent/*)": "0"}}, {}),
        ({"xpath": {"//serv:exceptionID": "030002"}}, {"xpath": "FAIL"}),
        ({"xpath": {"//use:user": {"absent": "true"}}}, {}),
        ({"xpath": {"//use:user": {"present": "true"}}}, {"xpath": "FAIL"}),
        ({"result": "${wanted}", "exceptionID": "${code}", "reason": "${why} not found"}, {}),
        (
            {
                "xpath": {
                    "//serv:exceptionID[.='${code}']": {"present": "true"},
                    "//serv:reason": {"contains": "${why}"},
                }
            },
            {},
        ),
    ],
)
def test_an_answer_is_held_to_what_the_case_expects(
    schemas: SchemaSet, expected: dict[str, Any], wrong: dict[str, str]
) -> None:
    scope = {"wanted": "FAILURE", "code": "030001", "why": "Corresponding User"}
    body = refused("030001", "Corresponding User not found")
    assert outcome(judged(schemas, body, expecting(**expected), scope)) == wrong


def test_checks_tell_what_was_expected_and_what_was_seen(schemas: SchemaSet) -> None:
    body = refused("030001", "Corresponding User not found")
    expected = expecting(
        result="SUCCESS", exceptionID="", xpath={"//use:webExId": "kim", "//serv:result": {"not": "FAILURE"}}
    )
    told = {
        (check.id, check.subject): (check.expected, check.observed)
        for check in judged(schemas, body, expected)
        if check.verdict is not Verdict.PASS
    }
    assert told == {
        ("result", "serv:result"): ("SUCCESS", "FAILURE"),
        ("exceptionID", "serv:exceptionID"): ("none", "030001"),
        ("xpath", "//use:webExId"): ("'kim'", "absent"),
        ("xpath", "//serv:result"): ("anything but 'FAILURE'", "FAILURE"),
    }


def test_all_conditions_that_hold_or_do_not_are_told(schemas: SchemaSet) -> None:
    expected = expecting(
        xpath={
            "//use:webExId": {"present": "true", "count": "1"},
            "//use:status": {"text": "x", "count": "2", "present": "true"},
        }
    )
    told = {check.subject: check.expected for check in judged(schemas, deleted(), expected) if check.id == "xpath"}
    assert told == {"//use:webExId": "count: 1, present: true", "//use:status": "'x', 2 of them, found 1"}


def test_a_reason_that_is_absent_is_another_one(schemas: SchemaSet) -> None:
    (check,) = [c for c in judged(schemas, deleted(), expecting(reason="Not found")) if c.id == "reason"]
    assert (check.verdict, check.expected, check.observed) == (Verdict.DEVIATION, "Not found", "")


def test_an_id_that_is_absent_is_none(schemas: SchemaSet) -> None:
    (check,) = [c for c in judged(schemas, deleted(), expecting(exceptionID="030001")) if c.id == "exceptionID"]
    assert (check.expected, check.observed) == ("030001", "none")


def test_a_wrong_result_notes_the_failure_that_came(schemas: SchemaSet) -> None:
    (check,) = [c for c in judged(schemas, refused("030001", "Not found"), expecting(result="SUCCESS")) if c.note]
    assert check.note == "030001 Not found"


def test_a_failure_without_a_reason_is_noted_by_its_id_alone(schemas: SchemaSet) -> None:
    body = refused("030001", "x").replace(b"<serv:reason>x</serv:reason>", b"")
    (check,) = [c for c in judged(schemas, body, expecting(result="SUCCESS")) if c.id == "result"]
    assert check.note == "030001"


def test_an_xpath_that_becomes_none_is_an_error_of_the_suite(schemas: SchemaSet) -> None:
    checks = judged(schemas, deleted(), expecting(xpath={"//${name}": "1"}), {"name": "nosuch:user"})
    assert outcome(checks) == {"xpath": "SUITE_ERROR"}


def test_xpaths_are_bound_by_namespace_whatever_prefixes_the_answer_declares(schemas: SchemaSet) -> None:
    body = deleted("kim").replace(b"use:", b"u:").replace(b"xmlns:use=", b"xmlns:u=")
    assert b"<u:webExId>" in body
    assert outcome(judged(schemas, body, expecting(result="SUCCESS", xpath={"//use:webExId": "kim"}))) == {}


# Failures that tell of the moment


@pytest.mark.parametrize("code", ["000035", "000045"])
@pytest.mark.parametrize(
    "expected",
    [
        {"result": "SUCCESS"},
        {"result": "SUCCESS", "xpath": {"//use:user": {"present": "true"}}},
        {"result": "FAILURE"},
        {"result": "FAILURE", "exceptionID": "030001"},
        {"exceptionID": "030001", "reason": "Corresponding User not found"},
        {"xpath": {"//serv:exceptionID": "030001"}},
    ],
)
def test_a_transient_failure_is_neither_a_pass_nor_a_failure(
    schemas: SchemaSet, code: str, expected: dict[str, Any]
) -> None:
    checks = judged(schemas, refused(code, "later"), expecting(**expected))
    assert outcome(checks) == {"transient": "INCONCLUSIVE"}


def test_a_transient_failure_can_be_what_a_case_expects(schemas: SchemaSet) -> None:
    expected = expecting(result="FAILURE", exceptionID="000045")
    assert outcome(judged(schemas, refused("000045", "later"), expected)) == {}


@pytest.mark.parametrize(
    ("code", "reason", "there"),
    [
        ("000045", "later", {"exceptionID": "000045"}),
        ("010107", "The site is suspended", {"exceptionID": "010107"}),
        ("999999", "exceededSiteHostLimit", {"reason": "exceededSiteHostLimit"}),
    ],
)
def test_a_failure_that_the_other_side_of_the_step_expects_tells_on_which_side_the_site_is(
    schemas: SchemaSet, code: str, reason: str, there: dict[str, str]
) -> None:
    answer, otherwise = exchange(refused(code, reason)), expecting(result="FAILURE", **there)
    for expected, told in ((expecting(result="SUCCESS"), {"result": "FAIL"}), (expecting(result="FAILURE"), {})):
        assert outcome(judge_response(answer, DEL_USER, Sides(expected, otherwise), schemas, {}).checks) == told


def test_any_other_failure_of_the_moment_could_not_be_observed_there_either(schemas: SchemaSet) -> None:
    otherwise = expecting(result="FAILURE", exceptionID="010107")
    sides = Sides(expecting(result="SUCCESS"), otherwise)
    judgement = judge_response(exchange(refused("000045", "later")), DEL_USER, sides, schemas, {})
    assert outcome(judgement.checks) == {"transient": "INCONCLUSIVE"}
    assert [check.expected for check in judgement.checks if check.id == "transient"] == ["an answer"]


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        ("999999", "exceededSiteHostLimit", "quota"),
        ("999999", "Exceeded site host limit.", "quota"),
        ("999999", "Your account has been locked", "credentials"),
        ("030002", "The password of this account has expired", "credentials"),
        ("010107", "The site is suspended", "site"),
        ("999999", "The site is not active", "site"),
    ],
)
@pytest.mark.parametrize("expected", [{"result": "SUCCESS"}, {"result": "FAILURE"}, {"exceptionID": "030001"}])
def test_a_failure_that_tells_of_the_account_or_the_site_could_not_be_observed(
    schemas: SchemaSet, code: str, reason: str, kind: str, expected: dict[str, Any]
) -> None:
    assert outcome(judged(schemas, refused(code, reason), expecting(**expected))) == {kind: "INCONCLUSIVE"}


def test_such_a_failure_can_be_what_a_case_expects(schemas: SchemaSet) -> None:
    expected = expecting(result="FAILURE", reason="exceededSiteHostLimit")
    assert outcome(judged(schemas, refused("999999", "exceededSiteHostLimit"), expected)) == {}


def test_an_id_that_nobody_knows_is_said_to_be_unknown(schemas: SchemaSet) -> None:
    checks = judged(schemas, refused("098765", "Odd"), expecting(result="SUCCESS"))
    (check,) = [check for check in checks if check.verdict is Verdict.FAIL]
    assert check.note == "098765 Odd; unknown id: nobody has seen or documented it"


# The envelope


def test_an_answer_of_the_type_of_another_operation_fails(schemas: SchemaSet) -> None:
    body = success(operation("CreateUser"), {"userId": "1"})
    (check,) = [c for c in judged(schemas, body, expecting(result="SUCCESS")) if c.verdict is not Verdict.PASS]
    assert (check.id, check.verdict) == ("envelope.type", Verdict.FAIL)
    assert (check.expected, check.observed) == ("use:delUserResponse", "use:createUserResponse")
    assert check.note == "wrong operation answered"


def test_a_failure_that_answers_another_operation_fails_too(schemas: SchemaSet) -> None:
    typed = success(operation("DelMeeting"), {}).partition(b"<serv:body>")[2].partition(b"</serv:body>")[0]
    body = refused("030001", "x").replace(b"<serv:bodyContent/>", typed)
    body = body.replace(
        b"<serv:message ", b'<serv:message xmlns:meet="http://www.webex.com/schemas/2002/06/service/meeting" '
    )
    assert outcome(judged(schemas, body, expecting(result="FAILURE"))) == {"envelope.type": "FAIL"}


def test_a_success_without_any_type_fails(schemas: SchemaSet) -> None:
    body = success(operation("DelMeeting"), {}).replace(b' xsi:type="meet:delMeetingResponse"', b"")
    checks = judged(schemas, body, expecting(result="SUCCESS"), called="DelMeeting")
    (check,) = [check for check in checks if check.id == "envelope.type"]
    assert (check.verdict, check.observed, check.note) == (Verdict.FAIL, "none", "no type of an answer")


@pytest.mark.parametrize("name", [b"getAPIVersionResponse", b"GetAPIVersionResponse"])
def test_either_case_of_the_first_letter_of_the_type_is_right(schemas: SchemaSet, name: bytes) -> None:
    body = success(operation("GetAPIVersion"), {"apiVersion": "1"}).replace(b"getAPIVersionResponse", name)
    assert outcome(judged(schemas, body, expecting(result="SUCCESS"), called="GetAPIVersion")) == {}


SUCCESS_WITH_ID = deleted().replace(
    b"</serv:gsbStatus>", b"</serv:gsbStatus><serv:exceptionID>030001</serv:exceptionID>"
)


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (
            refused("030001", "x").replace(b"<serv:exceptionID>030001</serv:exceptionID>", b""),
            "FAILURE with exceptionID none",
        ),
        (refused("030001", "x").replace(b">030001<", b"><"), "FAILURE with exceptionID none"),
        (SUCCESS_WITH_ID, "SUCCESS with exceptionID 030001"),
    ],
    ids=["failure-without", "failure-with-an-empty-one", "success-with"],
)
def test_an_exception_id_belongs_to_a_failure_and_only_there(schemas: SchemaSet, body: bytes, seen: str) -> None:
    checks = judged(schemas, body, expecting())
    (check,) = [c for c in checks if c.id == "envelope.exceptionID"]
    assert check.observed == seen
    assert outcome(checks) == {"envelope.exceptionID": "FAIL"}


def test_an_exception_id_beside_no_result_is_told_as_such(schemas: SchemaSet) -> None:
    body = SUCCESS_WITH_ID.replace(b"<serv:result>SUCCESS</serv:result>", b"")
    (check,) = [c for c in judged(schemas, body, expecting()) if c.id == "envelope.exceptionID"]
    assert (check.verdict, check.observed) == (Verdict.FAIL, "no result with exceptionID 030001")


def test_an_answer_without_result_fails(schemas: SchemaSet) -> None:
    body = deleted().replace(b"<serv:result>SUCCESS</serv:result>", b"")
    (check,) = [c for c in judged(schemas, body, expecting(result="SUCCESS")) if c.id == "result"]
    assert (check.verdict, check.observed) == (Verdict.FAIL, "absent")


# The schema


def test_an_answer_that_breaks_a_known_rule_fails_though_all_expectations_hold(schemas: SchemaSet) -> None:
    body = success(DEL_USER, {"user": {"status": "SUCCESS"}})
    checks = judged(schemas, body, expecting(result="SUCCESS"))
    assert set(outcome(checks).values()) == {"FAIL"}
    assert all(check.id.startswith("schema.response.") for check in checks if check.verdict is Verdict.FAIL)


def test_an_element_that_nobody_knows_is_a_deviation(schemas: SchemaSet) -> None:
    body = success(DEL_USER, {"user": {"webExId": "kim", "status": "SUCCESS", "new": "1"}})
    (check,) = [c for c in judged(schemas, body, expecting(result="SUCCESS")) if c.verdict is not Verdict.PASS]
    assert (check.verdict, check.id) == (Verdict.DEVIATION, "schema.response.unexpected")
    assert "assumed" in check.note


def test_an_element_of_another_namespace_has_no_place_in_an_answer(schemas: SchemaSet) -> None:
    foreign = b'<x:new xmlns:x="http://example.com/x">1</x:new></serv:bodyContent>'
    body = deleted("kim").replace(b"</serv:bodyContent>", foreign)
    (check,) = [c for c in judged(schemas, body, expecting(result="SUCCESS")) if c.verdict is not Verdict.PASS]
    assert (check.verdict, check.id) == (Verdict.FAIL, "schema.response.unexpected")
    assert "other namespaces" in check.note


@pytest.mark.parametrize(
    ("path", "foreign"),
    [
        ("/serv:message/{http://example.com/x}a", True),
        ("/serv:message/{http://www.webex.com/x}a/{http://example.com/x}b", True),
        ("/serv:message/{http://example.com/x}a/{http://www.webex.com/x}b", False),
        ("/serv:message/{http://www.webex.com.example.com/x}a", True),
        ("/serv:message/a", False),
    ],
)
def test_whose_an_element_is_says_the_end_of_its_path(path: str, foreign: bool) -> None:
    finding = SchemaFinding("unexpected", path, 3, 0, "not expected", Evidence(Source.ASSUMED, "made up"), None)
    (check,) = schema_checks("response", [finding])
    assert check.verdict is (Verdict.FAIL if foreign else Verdict.DEVIATION)
    why = "the API holds no elements of other namespaces" if foreign else "rule is assumed: made up"
    assert check.note == f"line 3; {why}"
    (other,) = schema_checks("response", [replace(finding, rule="value")])
    assert (other.verdict, other.note) == (Verdict.DEVIATION, "line 3; rule is assumed: made up")


def test_of_many_errors_the_number_is_told(schemas: SchemaSet) -> None:
    wrong = b"<serv:response><serv:result>NO</serv:result></serv:response>" * 300
    body = deleted("kim").replace(b"</serv:header>", wrong + b"</serv:header>")
    checks = judged(schemas, body, expecting(result="SUCCESS"))
    assert len([check for check in checks if check.verdict is Verdict.FAIL]) == 20
    (count,) = [check for check in checks if check.id == "schema.response.count"]
    assert (count.verdict, count.observed) == (Verdict.DEVIATION, "300 errors, of which the first 20 are shown")


@pytest.mark.parametrize(("errors", "told"), [(1, 0), (20, 0), (40, 0), (41, 1)])
def test_the_number_is_told_where_less_than_half_is_shown(schemas: SchemaSet, errors: int, told: int) -> None:
    wrong = b"<serv:response><serv:result>NO</serv:result></serv:response>" * errors
    checks = judged(schemas, deleted().replace(b"</serv:header>", wrong + b"</serv:header>"), expecting())
    assert [check.id for check in checks].count("schema.response.count") == told


def test_a_valid_answer_says_which_schemas_it_was_held_to(schemas: SchemaSet) -> None:
    (check,) = judged(schemas, deleted(), expecting())
    assert (check.id, check.verdict, check.subject) == ("schema.response", Verdict.PASS, "schemas of 40.4.3")


def test_an_answer_that_could_be_read_is_handed_on(schemas: SchemaSet) -> None:
    judgement = judge_response(exchange(deleted("kim")), DEL_USER, Sides(expecting()), schemas, {})
    assert judgement.response is not None
    assert judgement.response.result == "SUCCESS"


# What is no answer of the API


@pytest.mark.parametrize("status", [103, 201, 206, 301, 307, 401, 403, 404, 418, 429, 500, 502, 503, 599])
def test_nearly_any_status_but_200_could_not_be_observed(schemas: SchemaSet, status: int) -> None:
    judgement = judge_response(exchange(deleted(), status), DEL_USER, Sides(expecting(result="SUCCESS")), schemas, {})
    (check,) = judgement.checks
    assert (check.id, check.verdict) == ("http.status", Verdict.INCONCLUSIVE)
    assert check.observed.partition(",")[0] == f"HTTP {status}"
    assert judgement.response is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"not found", "not-xml"),
        (b'{"result": "SUCCESS"}', "json"),
        (deleted()[:-5], "not-xml"),
        (deleted() + b"<more/>", "not-xml"),
        (b"\n" + deleted(), "not-xml"),
        (deleted("\x01"), "not-xml"),
        (deleted().replace(b"ok", b"\xe9t\xe9"), "encoding"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + deleted().partition(b"\n")[2], "doctype"),
        (b"<html><body>Error</body></html>", "html"),
        (b"<html><br></html>", "html"),
        (b"<serv:message xmlns:serv='urn:other'/>", "envelope"),
    ],
)
def test_bytes_that_are_no_message_fail(schemas: SchemaSet, body: bytes, kind: str) -> None:
    (check,) = judged(schemas, body, expecting())
    assert (check.id, check.verdict) == (f"malformed.{kind}", Verdict.FAIL)


@pytest.mark.parametrize("status", [204, 205])
def test_a_status_that_says_that_there_is_no_body_is_an_empty_answer(schemas: SchemaSet, status: int) -> None:
    checks = judge_response(exchange(b"", status), DEL_USER, Sides(expecting()), schemas, {}).checks
    assert outcome(checks) == {"malformed.empty": "FAIL"}


@pytest.mark.parametrize(
    "page", [b"<html><body>Down<br></body></html>", b"<!DOCTYPE html><html><p>Down</html>", b"<HTML></html>"]
)
def test_a_page_told_as_html_is_taken_for_maintenance(schemas: SchemaSet, page: bytes) -> None:
    judgement = judge_response(
        exchange(page, content_type="text/html; charset=utf-8"), DEL_USER, Sides(expecting()), schemas, {}
    )
    assert outcome(judgement.checks) == {"maintenance": "INCONCLUSIVE"}


def test_a_well_formed_page_told_as_html_is_taken_for_maintenance_too(schemas: SchemaSet) -> None:
    page = b"<html><body>Down for maintenance</body></html>"
    judgement = judge_response(exchange(page, content_type="text/html"), DEL_USER, Sides(expecting()), schemas, {})
    assert outcome(judgement.checks) == {"maintenance": "INCONCLUSIVE"}


# Our own requests


def sent(schemas: SchemaSet, data: bytes, how: str) -> dict[str, str]:
    judgement = judge_request(data, expecting(sent=how), schemas)
    told = list(schema_checks("request", judgement.invalid[1])) if judgement.invalid else []
    checks = told + judgement.checks
    assert all(check.id.split(".")[:1] in (["schema"], ["request"]) for check in checks)
    return {"verdict": worst(check.verdict for check in checks).value}


VALID = build_request(DEL_USER, SECURITY, {"webExId": "kim"})
INVALID = build_request(DEL_USER, SECURITY, {"webExId": "kim", "nosuch": "1"})
HISTORY = build_request(operation("LstAccessAnywhereHistory"), SECURITY, {"hostWebexID": "kim"})


@pytest.mark.parametrize(
    ("data", "how", "verdict"),
    [
        (VALID, "valid", "PASS"),
        (VALID, "invalid", "SUITE_ERROR"),
        (VALID, "unknown", "SUITE_ERROR"),
        (INVALID, "valid", "SUITE_ERROR"),
        (INVALID, "invalid", "PASS"),
        (INVALID, "unknown", "SUITE_ERROR"),
        (b"<serv:message", "valid", "SUITE_ERROR"),
        (b"<serv:message", "unknown", "SUITE_ERROR"),
        (b"<serv:message", "invalid", "PASS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_must_stand_to_the_schema_as_the_case_says(
    schemas: SchemaSet, data: bytes, how: str, verdict: str
) -> None:
    assert sent(schemas, data, how) == {"verdict": verdict}


@pytest.mark.parametrize(
    ("how", "verdict"), [("unknown", "PASS"), ("valid", "SUITE_ERROR"), ("invalid", "SUITE_ERROR")]
)
def test_an_operation_of_a_later_release_is_unknown_before_it(how: str, verdict: str) -> None:
    assert sent(SchemaCatalog().at(BASELINE), HISTORY, how) == {"verdict": verdict}


NOBODYS = VALID.replace(b"user.DelUser", b"user.LstFoo")


@pytest.mark.parametrize(
    ("data", "how", "told"),
    [
        (VALID, "valid", ("schemas of {release}", "valid", "valid")),
        (VALID, "invalid", ("schemas of {release}", "sent: invalid", "valid")),
        (VALID, "unknown", ("DelUser in the schemas of {release}", "sent: unknown", "known")),
        (NOBODYS, "unknown", ("{type} in the schemas of {release}", "sent: unknown", "has no type")),
        (b"<a>", "valid", ("request", "a request", "not-xml: no element found")),
    ],
    ids=["valid", "not invalid", "not unknown", "unknown", "malformed"],
)
def test_the_check_of_a_request_tells_what_the_case_said_and_what_was_seen(
    schemas: SchemaSet, data: bytes, how: str, told: tuple[str, str, str]
) -> None:
    (check,) = judge_request(data, expecting(sent=how), schemas).checks
    names = {"release": schemas.release, "type": "java:com.webex.service.binding.user.LstFoo"}
    assert (check.subject, check.expected, check.observed) == tuple(text.format(**names) for text in told)


def test_order_of_elements_is_not_held_against_a_request(schemas: SchemaSet) -> None:
    swapped = build_request(
        operation("DelMeeting"), SECURITY | {"webExID": "kim", "password": "x"}, {"sendMail": "true", "meetingKey": "1"}
    )
    straight = build_request(
        operation("DelMeeting"), SECURITY | {"webExID": "kim", "password": "x"}, {"meetingKey": "1", "sendMail": "true"}
    )
    assert sent(schemas, swapped, "valid") == sent(schemas, straight, "valid")


def test_a_failure_before_dispatch_needs_no_body_content(schemas: SchemaSet) -> None:
    body = failure(None, "000000", "Fail to forward request:null")
    assert outcome(judged(schemas, body, expecting(result="FAILURE", exceptionID="000000"))) == {}
