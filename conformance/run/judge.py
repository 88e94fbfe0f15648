"""From an exchange to checks: transport, message, schema, envelope, then what the case expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree

from conformance.cases.model import Expectation
from conformance.cases.values import Scope, resolve, resolve_all
from conformance.cases.xpaths import BadXPath, evaluate
from conformance.errors import MalformedMessage
from conformance.run.carriage import encoding_checks, malformed_check, status_check
from conformance.run.echo import secrets_sent
from conformance.run.matching import mismatches, shown
from conformance.run.verdicts import Check, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import Source
from conformance.schema.findings import MAX_FINDINGS, SchemaFinding
from conformance.site.seam import Exchange
from conformance.wire.exception_ids import TELLING_IDS, circumstance, unknown
from conformance.wire.names import OPERATIONS, Operation, prefixed
from conformance.wire.request import Request, read_request
from conformance.wire.response import Response, read_response

_RESPONSE_TYPES = frozenset((known.namespace, known.response_type) for known in OPERATIONS.values())


class Sides(NamedTuple):
    """What the site is to answer, and a site on the other side of the change, where the case says so."""

    here: Expectation
    there: Expectation = Expectation()


@dataclass(slots=True)
class Judgement:
    """What was found about one exchange; ``response`` is None where there was none to read."""

    checks: list[Check]
    response: Response | None = None
    invalid: tuple[etree._Element, list[SchemaFinding]] | None = None
    """The message and its schema findings that are still to be explained."""
    secrets: tuple[str, ...] = ()
    """Of a request: what it proves its caller's identity with, which no answer may hold."""


def judge_request(data: bytes, expected: Expectation, schemas: SchemaSet) -> Judgement:
    """Judge our own request: it must stand to the schema as the case says, else the case is wrong."""
    try:
        request = read_request(data)
    except MalformedMessage as error:
        if expected.sent == "invalid":
            return Judgement([])
        return Judgement([Check("request.malformed", Verdict.SUITE_ERROR, "request", "a request", str(error))])
    judgement = _sent(request, expected, schemas)
    judgement.secrets = secrets_sent(request)
    return judgement


def _sent(request: Request, expected: Expectation, schemas: SchemaSet) -> Judgement:
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
    exchange: Exchange, operation: Operation | None, sides: Sides, schemas: SchemaSet, scope: Scope
) -> Judgement:
    """Judge what came back."""
    if status := status_check(exchange):
        return Judgement([status])
    try:
        response = read_response(exchange.body)
    except MalformedMessage as error:
        return Judgement([malformed_check(error, exchange)])
    judgement = Judgement([*encoding_checks(exchange, response)], response)
    findings = schemas.judge_response(response.root)
    if findings:
        judgement.invalid = (response.root, findings)
        judgement.checks += _beyond(findings, schemas)
    else:
        subject = f"schemas of {schemas.release}"
        judgement.checks.append(Check("schema.response", Verdict.PASS, subject, "valid", "valid"))
    judgement.checks += _envelope(response, operation)
    judgement.checks += _expected(response, sides, scope)
    return judgement


def schema_checks(direction: str, findings: list[SchemaFinding]) -> Iterator[Check]:
    """Turn explained schema findings into checks. What breaks only an assumed rule is a deviation.

    That nobody knows an element of the API is such a rule; that elements of others have no place in it is not.
    """
    for finding in findings:
        foreign = finding.rule == "unexpected" and _foreign(finding.path)
        assumed = finding.evidence.source is Source.ASSUMED and not foreign
        verdict = Verdict.SUITE_ERROR if direction == "request" else Verdict.DEVIATION if assumed else Verdict.FAIL
        source = f"{finding.evidence.source}: {finding.evidence.note}".removesuffix(": ")
        source = "the API holds no elements of other namespaces" if foreign else f"rule is {source}"
        place = f"; {finding.schema.short}" if finding.schema else ""
        yield Check(
            f"schema.{direction}.{finding.rule}",
            verdict,
            finding.path,
            finding.expected,
            finding.message,
            f"line {finding.line}; {source}{place}",
        )


def _foreign(path: str) -> bool:
    """Tell whether a path leads to an element of a namespace that is not the API's."""
    last = path[path.rfind("/{") + 1 :] if "/{" in path else ""
    return last.startswith("{") and not last.startswith("{http://www.webex.com/")


def _beyond(findings: list[SchemaFinding], schemas: SchemaSet) -> Iterator[Check]:
    """Say how much more is wrong than is shown."""
    if schemas.errors_logged > 2 * len(findings) and len(findings) >= MAX_FINDINGS:
        seen = f"{schemas.errors_logged} errors, of which the first {len(findings)} are shown"
        yield Check("schema.response.count", Verdict.DEVIATION, f"schemas of {schemas.release}", "valid", seen)


def _envelope(response: Response, operation: Operation | None) -> Iterator[Check]:
    """Rules of every answer: an exceptionID with FAILURE and only then, the type of the operation called."""
    failed = response.result == "FAILURE"
    if failed != bool(response.exception_id):
        expected = "an exceptionID with FAILURE, none with SUCCESS"
        seen = f"{response.result or 'no result'} with exceptionID {response.exception_id or 'none'}"
        yield Check("envelope.exceptionID", Verdict.FAIL, "serv:response", expected, seen)
    # Failures carry no type (recorded); one that does must still be an answer to what was asked.
    if operation is None or (failed and response.content_type is None):
        return
    wanted = (operation.namespace, operation.response_type)
    seen_type = response.content_type or ("", "none")
    # GetAPIVersion is answered with either case of its first letter (guide and recording differ).
    same = seen_type[0] == wanted[0] and seen_type[1][1:] == wanted[1][1:] and seen_type[1][:1].lower() == wanted[1][:1]
    if not same and seen_type != wanted:
        seen = prefixed(f"{{{seen_type[0]}}}{seen_type[1]}" if seen_type[0] else seen_type[1])
        expected = f"{operation.prefix}:{operation.response_type}"
        note = "wrong operation answered" if seen_type in _RESPONSE_TYPES else "no type of an answer"
        yield Check("envelope.type", Verdict.FAIL, "xsi:type of serv:bodyContent", expected, seen, note)


def _expected(response: Response, sides: Sides, scope: Scope) -> Iterator[Check]:
    expected = sides.here
    if moment := _of_the_moment(response, sides, scope):
        # Nothing else of such an answer is looked at: it would pass where any failure is expected, and fail elsewhere.
        yield moment
        return
    if expected.result is not None:
        yield _result(response, resolve(expected.result, scope))
    if expected.exception_id is not None:
        code, seen = resolve(expected.exception_id, scope), response.exception_id or ""
        yield _same("exceptionID", "serv:exceptionID", code, seen, Verdict.FAIL)
    if expected.reason is not None:
        # Reasons are for people and may change (guide): a different one is a deviation.
        reason, seen = resolve(expected.reason, scope), response.reason or ""
        verdict = Verdict.PASS if _loosely(reason) == _loosely(seen) else Verdict.DEVIATION
        yield Check("reason", verdict, "serv:reason", reason, seen)
    for expression, condition in expected.xpath.items():
        yield _xpath(response, expression, condition.wanted, scope)


def _of_the_moment(response: Response, sides: Sides, scope: Scope) -> Check | None:
    """Return the check of a failure that tells of the moment, not of the release, unless the step is about it.

    It is about what either side of its change is to answer: a site that refuses where a case has seen to it tells on
    which side it is.
    """
    told = circumstance(response.exception_id, response.reason) if response.result == "FAILURE" else None
    if told is None:
        return None
    by_reason = response.exception_id not in TELLING_IDS
    codes = [resolve(side.exception_id or "", scope) for side in sides]
    reasons = [resolve(side.reason or "", scope) for side in sides]
    if told in [circumstance(None, reason) for reason in reasons] if by_reason else response.exception_id in codes:
        return None
    seen = f"{response.result} {response.exception_id} {response.reason if by_reason else ''}".rstrip()
    return Check(told.moment, Verdict.INCONCLUSIVE, "serv:exceptionID", codes[0] or "an answer", seen, told.note)


def _result(response: Response, wanted: str) -> Check:
    seen = response.result or "absent"
    note = f"{response.exception_id} {response.reason or ''}".rstrip() if response.exception_id else ""
    if unknown(response.exception_id):
        note += "; unknown id: nobody has seen or documented it"
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
