"""What did not hold, in words that are the same for all cases that share it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict

MAX_CAUSE = 200

_CODED = frozenset({"exceptionID", "envelope.exceptionID", "result", "open", "http.status"})
"""The checks whose observation is a code, a status or a word of the API. That of others is a value."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_NUMBER = re.compile(r"\b\d[\d.:/-]*(?:T[\d:.]+Z?)?\b")
_EXCEPTION = re.compile(r"\b\d{6}\b")
_STATUS = re.compile(r"\bHTTP (\d{3})\b")


def cause(result: CaseResult) -> str:
    """Return the cause of a verdict: check, subject, and the code that was observed; empty for PASS.

    Of a case that was run again it is that of the second time, which is what its reason tells too.
    """
    if result.verdict is Verdict.PASS:
        return ""
    last = max((step.round for step in result.steps), default=1)
    steps = [step for step in result.steps if step.round == last]
    check = next(_deciding(steps, result.verdict), None)
    return (_told(check) if check else _of_reason(result.reason, result.verdict))[:MAX_CAUSE]


def step_cause(step: StepResult) -> str:
    """Return the cause of a step's verdict; empty for PASS."""
    if step.verdict is Verdict.PASS:
        return ""
    check = next(_deciding([step], step.verdict), None)
    return _told(check)[:MAX_CAUSE] if check else ""


def plain(text: str) -> str:
    """Return a text without what differs from run to run: quoted values, addresses, numbers, times."""
    text = _ADDRESS.sub("<address>", _QUOTED.sub("'…'", text))
    return " ".join(_NUMBER.sub("N", text).split())


def _deciding(steps: list[StepResult], verdict: Verdict) -> Iterator[Check]:
    # What is waived failed.
    wanted = (verdict, Verdict.FAIL) if verdict is Verdict.WAIVED else (verdict,)
    return (check for step in steps for check in step.checks if check.verdict in wanted)


def _told(check: Check) -> str:
    return " ".join(filter(None, (check.id, plain(check.subject), _code(check))))


def _code(check: Check) -> str:
    """Return what was observed where that is a code, with the exceptionID behind an unwanted FAILURE."""
    if check.id not in _CODED:
        return ""
    if status := _STATUS.search(check.observed):
        return status[1]
    if found := _EXCEPTION.search(check.observed) or _EXCEPTION.match(check.note):
        word = check.observed.split()[0] if check.id == "result" and check.observed else ""
        return f"{word} {found[0]}".strip()
    return plain(check.observed)


def _of_reason(reason: str, verdict: Verdict) -> str:
    """Return the cause of what no check decided: the words of its reason up to what is particular to the case."""
    words = plain(re.split(r"[:(;]", reason, maxsplit=1)[0])
    return f"{verdict.value.lower().replace('_', ' ')}: {words}" if words else verdict.value.lower().replace("_", " ")
