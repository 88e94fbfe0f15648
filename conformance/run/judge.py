"""From an exchange to checks: transport, message, schema, envelope, then what the case expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cases.model import Expectation
from conformance.cases.values import Scope, resolve, resolve_all
from conformance.cases.xpaths import BadXPath, evaluate
from conformance.errors import MalformedMessage
from conformance.run.matching import mismatches, shown
from conformance.run.verdicts import Check, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import Source
from conformance.schema.findings import SchemaFinding
from conformance.site.seam import Exchange
from conformance.wire.names import Operation, prefixed
from conformance.wire.request import read_request
from conformance.wire.response import Response, read_response

# Failures that tell of the moment, not of the release (recorded; announced in the notes of 10.0).
_TRANSIENT = {"000035": "the service did not respond", "000045": "the API rate limit was reached"}


@dataclass(slots=True)
class Judgement:
    """What was found about one exchange; ``response`` is None where there was none to read."""

    checks: list[Check]
    response: Response | None = None
    invalid: tuple[etree._Element, list[SchemaFinding]] | None = None
    """The message and its schema findings that are still to be explained."""


def judge_request(data: bytes, expected: Expectation, schemas: SchemaSet) -> Judgement:
    """Judge our own request: it must stand to the schema as the case says, else the case is wrong."""
    try:
        request = read_request(data)
    except MalformedMessage as error:
        if expected.sent == "invalid":
            return Judgement([])
        return Judgement([Check("request.malformed", Verdict.SUITE_ERROR, "request", "a request", str(error))])
    known = request.operation is not None and schemas.knows(request.operation)
    name = request.operation.name if request.operation else request.xsi_type
    if expected.sent == "unknown" or not known:
        right = expected.sent == "unknown" and not known
        seen = "known" if known else "has no type"
        subject = f"{name} in the schemas of {schemas.release}"
        verdict = Verdict.PASS if right else Verdict.SUITE_ERROR
        return Judgement([Check("schema.request.operation", verdict, subject, f"sent: {expected.sent}", seen)])
    findings, canonical = schemas.judge_request(request)
    if expected.sent == "invalid":
        verdict = Verdict.PASS if findings else Verdict.SUITE_ERROR
        seen = findings[0].message if findings else "valid"
        return Judgement([Check("schema.request", verdict, f"schemas of {schemas.release}", "sent: invalid", seen)])
    if not findings:
        return Judgement([Check("schema.request", Verdict.PASS, f"schemas of {schemas.release}", "valid", "valid")])
    return Judgement([], invalid=(canonical.root, findings))


def judge_response(
    exchange: Exchange, operation: Operation | None, expected: Expectation, schemas: SchemaSet, scope: Scope
) -> Judgement:
    """Judge what came back."""
    if exchange.status != 200:
        observed = f"HTTP {exchange.status}"
        return Judgement([Check("http.status", Verdict.INCONCLUSIVE, "HTTP status", "200", observed)])
    try:
        response = read_response(exchange.body)
    except MalformedMessage as error:
        return Judgement([_malformed(error, exchange)])
    judgement = Judgement([], response)
    findings = schemas.judge_response(response.root)
    if findings:
        judgement.invalid = (response.root, findings)
    else:
        subject = f"schemas of {schemas.release}"
        judgement.checks.append(Check("schema.response", Verdict.PASS, subject, "valid", "valid"))
    judgement.checks += _envelope(response, operation)
    judgement.checks += _expected(response, expected, scope)
    return judgement


def schema_checks(direction: str, findings: list[SchemaFinding]) -> Iterator[Check]:
    """Turn explained schema findings into checks. What breaks only an assumed rule is a deviation."""
    for finding in findings:
        assumed = finding.evidence.source is Source.ASSUMED
        verdict = Verdict.SUITE_ERROR if direction == "request" else Verdict.DEVIATION if assumed else Verdict.FAIL
        source = f"{finding.evidence.source}: {finding.evidence.note}".removesuffix(": ")
        place = f"; {finding.schema.short}" if finding.schema else ""
        yield Check(
            f"schema.{direction}.{finding.rule}",
            verdict,
            finding.path,
            finding.expected,
            finding.message,
            f"line {finding.line}; rule is {source}{place}",
        )


def _malformed(error: MalformedMessage, exchange: Exchange) -> Check:
    kind = exchange.headers.get("content-type", "")
    if "html" in kind.lower() and exchange.body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return Check("maintenance", Verdict.INCONCLUSIVE, "body", "a message", f"an HTML page ({kind})")
    at = f" at {error.line}:{error.column}" if error.line else ""
    return Check(f"malformed.{error.kind}", Verdict.FAIL, "body", "a message of the API", f"{error.detail}{at}")


def _envelope(response: Response, operation: Operation | None) -> Iterator[Check]:
    """Rules of every answer: an exceptionID with FAILURE and only then, the type of the operation called."""
    failed = response.result == "FAILURE"
    if failed != bool(response.exception_id):
        expected = "an exceptionID with FAILURE, none with SUCCESS"
        seen = f"{response.result} with exceptionID {response.exception_id}"
        yield Check("envelope.exceptionID", Verdict.FAIL, "serv:response", expected, seen)
    if failed or operation is None:
        return
    wanted = (operation.namespace, operation.response_type)
    seen_type = response.content_type or ("", "none")
    # GetAPIVersion is answered with either case of its first letter (guide and recording differ).
    same = seen_type[0] == wanted[0] and seen_type[1][1:] == wanted[1][1:] and seen_type[1][:1].lower() == wanted[1][:1]
    if not same and seen_type != wanted:
        seen = prefixed(f"{{{seen_type[0]}}}{seen_type[1]}" if seen_type[0] else seen_type[1])
        expected = f"{operation.prefix}:{operation.response_type}"
        yield Check("envelope.type", Verdict.FAIL, "xsi:type of serv:bodyContent", expected, seen)


def _expected(response: Response, expected: Expectation, scope: Scope) -> Iterator[Check]:
    code = resolve(expected.exception_id or "", scope)
    if response.exception_id in _TRANSIENT and response.exception_id != code:
        # Nothing else of such an answer is looked at: it would pass where any failure is expected, and fail elsewhere.
        note = _TRANSIENT[response.exception_id]
        seen = f"{response.result} {response.exception_id}"
        yield Check("transient", Verdict.INCONCLUSIVE, "serv:exceptionID", code or "an answer", seen, note)
        return
    if expected.result is not None:
        yield _result(response, resolve(expected.result, scope))
    if expected.exception_id is not None:
        yield _same("exceptionID", "serv:exceptionID", code, response.exception_id or "", Verdict.FAIL)
    if expected.reason is not None:
        # Reasons are for people and may change (guide): a different one is a deviation.
        wanted, seen = resolve(expected.reason, scope), response.reason or ""
        verdict = Verdict.PASS if _loosely(wanted) == _loosely(seen) else Verdict.DEVIATION
        yield Check("reason", verdict, "serv:reason", wanted, seen)
    for expression, condition in expected.xpath.items():
        yield _xpath(response, expression, condition.wanted, scope)


def _result(response: Response, wanted: str) -> Check:
    seen = response.result or "absent"
    note = f"{response.exception_id} {response.reason}" if response.exception_id else ""
    return Check("result", Verdict.PASS if seen == wanted else Verdict.FAIL, "serv:result", wanted, seen, note)


def _same(id_: str, subject: str, wanted: str, seen: str, otherwise: Verdict) -> Check:
    return Check(id_, Verdict.PASS if wanted == seen else otherwise, subject, wanted or "none", seen or "none")


def _loosely(text: str) -> str:
    return " ".join(text.lower().rstrip(". ").split())


def _xpath(response: Response, expression: str, condition: Mapping[str, Any], scope: Scope) -> Check:
    expression = resolve(expression, scope)
    wanted = resolve_all(condition, scope)
    try:
        value = evaluate(expression, response.root)
    except (BadXPath, etree.XPathError) as error:
        return Check("xpath", Verdict.SUITE_ERROR, expression, "an XPath that can be evaluated", str(error))
    wrong = list(mismatches(value, wanted))
    told = ", ".join(wrong) if wrong else ", ".join(f"{key}: {text}" for key, text in wanted.items())
    return Check("xpath", Verdict.FAIL if wrong else Verdict.PASS, expression, told, shown(value))
