"""What is found in the answers to a generated request.

The checks are those of a run; here each that did not hold becomes a finding with a stable id. What a run can not
tell is none: a fault of the network, a busy site, a quota.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.errors import MalformedMessage
from conformance.fuzz.scenario import AGAIN, ASKED, NO_TRACE, READ
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.wire.exception_ids import unknown
from conformance.wire.response import Response, read_response

RULES: Mapping[str, str] = {
    "exchange": "An answer is one that HTTP allows.",
    "not-a-message": "An answer is a message of the API.",
    "encoding": "An answer is in UTF-8 and says so.",
    "schema": "An answer is valid by the schemas of the release.",
    "envelope": "An answer has an exceptionID with FAILURE and only there.",
    "wrong-answer": "An answer is one to the operation that was called.",
    "secret": "No answer holds what its caller signed in with.",
    "trace": "No reason tells of the program behind the service.",
    "unknown-exception": "A FAILURE has an exceptionID that was seen or documented.",
    "unstable": "A read that is sent twice, where nothing was changed, is answered with the same result twice.",
    "round-trip": "What a request has set is what reading the object gives back.",
    "server-error": "A request does not bring the server to an error while others are answered.",
}
"""By id of a finding, the rule that was broken."""

_BY_CHECK = {
    "exchange.": "exchange",
    "malformed.": "not-a-message",
    "encoding": "encoding",
    "charset": "encoding",
    "schema.response": "schema",
    "envelope.type": "wrong-answer",
    "envelope.": "envelope",
    "security.echo": "secret",
}
"""By the start of a check's id, that of the finding; the first that fits counts."""

_POSITION = re.compile(r"\[\d+\]")
_BAD = (Verdict.FAIL, Verdict.DEVIATION)
_OF_THE_MOMENT = frozenset({501, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that an answer breaks. Texts are redacted."""

    id: str
    """A key of ``RULES``."""
    path: str
    """What of the answer breaks it; with the id, what tells findings apart."""
    expected: str
    observed: str
    note: str
    deviation: bool
    """Whether only something assumed or recommended was broken."""
    step: StepResult

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.id, self.path

    @property
    def rule(self) -> str:
        """The rule that was broken."""
        return RULES[self.id]


def findings(result: CaseResult) -> tuple[Finding, ...]:
    """Return what is found in a case that was run; of one that was run twice, what was seen both times."""
    if result.verdict not in (*_BAD, Verdict.PASS, Verdict.BLOCKED):
        return ()
    first: dict[tuple[str, str], Finding] = {}
    for finding in (found for step in _tested(result, 1) for found in _of_step(step)):
        first.setdefault(finding.key, finding)
    again = {finding.key for step in _tested(result, 2) for finding in _of_step(step)}
    twice = any(step.round == 2 for step in result.steps)
    return tuple(finding for key, finding in first.items() if not twice or key in again)


def observed(result: CaseResult) -> bool:
    """Tell whether the request of a case was answered, so that there was something to judge."""
    if result.verdict is Verdict.BLOCKED:  # what comes after a refusal is never reached, which is no fault
        return any(step.name == ASKED and step.verdict in (Verdict.PASS, Verdict.DEVIATION) for step in result.steps)
    return result.verdict in (*_BAD, Verdict.PASS)


def server_error(result: CaseResult) -> Finding | None:
    """Return the finding of an error of the server that is no word about its load, for a caller that knows more."""
    for step in _tested(result, 1):
        if step.status >= 500 and step.status not in _OF_THE_MOMENT:
            return Finding("server-error", f"HTTP {step.status}", "HTTP 200", f"HTTP {step.status}", "", False, step)
    return None


def answer_of(step: StepResult) -> Response | None:
    """Return the answer that a step got; None where it is none."""
    try:
        return read_response(step.response.encode())
    except MalformedMessage:
        return None


def _tested(result: CaseResult, round_: int) -> Iterator[StepResult]:
    names = {name if round_ == 1 else f"again: {name}" for name in (ASKED, AGAIN, READ)}
    return (step for step in result.steps if step.round == round_ and step.name in names)


def _of_step(step: StepResult) -> Iterator[Finding]:
    for check in step.checks:
        if check.verdict in _BAD and (told := _id_and_path(check, step)):
            deviation = check.verdict is Verdict.DEVIATION
            yield Finding(*told, check.expected, check.observed, check.note, deviation, step)
    answer = answer_of(step)
    if answer is not None and unknown(answer.exception_id):
        id_ = answer.exception_id or ""
        seen = f"{id_} {answer.reason or ''}".rstrip()
        yield Finding("unknown-exception", id_, "an exceptionID that is known", seen, "", True, step)


def _id_and_path(check: Check, step: StepResult) -> tuple[str, str] | None:
    name = step.name.removeprefix("again: ")
    if check.id == "xpath":
        return ("trace", "serv:reason") if check.subject == NO_TRACE else ("round-trip", check.subject)
    if name == AGAIN and check.id in ("result", "exceptionID"):
        return "unstable", check.subject
    if name == READ and check.id == "result":
        return "round-trip", check.subject
    for start, id_ in _BY_CHECK.items():
        if check.id.startswith(start):
            return id_, _POSITION.sub("", check.subject)
    return None
