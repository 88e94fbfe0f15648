"""What a reader copies from the page: commands, and the text of a ticket for the provider."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from textwrap import indent

from conformance.page.looks import cut, day, read_time
from conformance.page.model import PageData
from conformance.report.stream import rerun_command
from conformance.run.verdicts import CaseResult, StepResult, Verdict
from conformance.wire.pretty import pretty
from conformance.wire.redact import Redactor

_CHECKS = 6

# Records are masked when they are written; this is for those that somebody else wrote or changed.
_masked = Redactor()


def commands(data: PageData, case: str) -> dict[str, str]:
    """Return the commands that look at a case again, by what they do."""
    decision = data.decision
    ask = ["conformance", "can-upgrade", "--to", str(decision.to)]
    ask += ["--from", str(decision.from_)] if decision.from_ else []
    ask += ["--site", decision.site]
    told = {"Run this case again": rerun_command(case, data.header), "Ask again": shlex.join(ask)}
    if data.comparison is not None:
        runs = data.comparison.a.name, data.comparison.b.name
        told["Hold the run against the one before"] = shlex.join(["conformance", "compare", *runs])
    return told


def laid_out(message: str, most: int) -> str:
    """Return a redacted message indented, and as much of it as is shown."""
    text = pretty(_masked(message).encode("utf-8", "backslashreplace"))
    return text if len(text) <= most else f"{text[:most]}\n… {len(text) - most} more characters, see results.jsonl"


def ticket(data: PageData, result: CaseResult, message: int, line: int) -> str:
    """Return a text for the provider: what is documented, what is seen, when, and the exchange that shows it.

    ``message`` and ``line`` are how many characters are shown of a message and of a line. Empty where no exchange
    shows it, for example because the case never came so far.
    """
    step = next((step for step in result.steps if step.verdict is Verdict.FAIL and step.request), None)
    planned = data.planned.get(result.id)
    if step is None or planned is None:
        return ""
    file = planned.change.file
    told: Mapping[str, str] = {
        f"XML API {data.header.api_version}: not as documented: {file.change}": "",
        f"Documented in: {file.source}": "\n".join(
            f"- {clause.says}" for name, clause in file.clauses.items() if name in planned.case.proves
        ),
        f"Seen in {step.operation or step.name}:": "\n".join(_seen(step, line)),
        "When and where:": "\n".join(_where(data, result, step)),
        "Request (secrets are masked):": laid_out(step.request, message),
        f"Response, HTTP {step.status or 'none'}:": laid_out(step.response, message) or "none",
    }
    return "\n\n".join(f"{head}\n{indent(text, '  ')}" if text else head for head, text in told.items())


def _seen(step: StepResult, line: int) -> Iterator[str]:
    failed = [check for check in step.checks if check.verdict is Verdict.FAIL]
    for check in failed[:_CHECKS]:
        got = check.observed or "nothing"
        yield cut(f"- {check.subject}: expected {check.expected or 'none'}, got {got}", line)


def _where(data: PageData, result: CaseResult, step: StepResult) -> Iterator[str]:
    offset = data.header.clock_offset_seconds
    clock = f" by our clock; the site's is ahead by {offset:g} s" if offset else " by our clock"
    yield f"Sent {step.started or data.header.started}{clock}"
    since = next((r.since for r in data.decision.reasons if result.id in r.cases and r.since), None)
    if since:
        yield f"First seen on {day(since)}"
    if started := read_time(data.header.started):
        yield f"Last seen on {day(started)}"
    yield f"Endpoint {data.header.endpoint or 'not known'}"
    yield f"GetAPIVersion says {data.header.told_version or 'nothing'}; expected is what {data.header.api_version} does"
