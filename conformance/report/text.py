"""Results in words, for terminals and failure messages."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.report.stream import Catalogue, Header, Tally, headline, rerun_command
from conformance.run.verdicts import CaseResult, Check, Verdict
from conformance.wire.pretty import pretty, printable

_SHOWN = 2_000
_LAST_LINES = 12


def explain_case(result: CaseResult) -> str:
    """Return why a case is not PASS: each step, each check that did not hold, request and response."""
    lines = [f"{result.verdict:<14} {result.id}  {result.seconds:.2f} s"]
    for step in result.steps:
        who = f" as {step.caller}" if step.caller else ""
        lines.append(f"  {step.verdict:<12} {step.name}{who}")
        wrong = [check for check in step.checks if check.verdict is not Verdict.PASS]
        lines += [f"    {line}" for check in wrong for line in _check(check)]
        if wrong and step.request:
            lines += ["    request:", *_indented(step.request), "    response:", *_indented(step.response)]
        if not wrong and step.verdict is Verdict.SUITE_ERROR:  # a traceback; its end says what happened
            lines += [f"    {line}" for line in step.response.rstrip().splitlines()[-_LAST_LINES:]]
    lines += [f"  left over: {text}" for text in result.leftovers]
    return printable("\n".join(lines))


def summarise(tally: Tally, catalogue: Catalogue) -> Iterator[str]:
    """Yield the end of a run: the headline, then what broke, since when and what to change."""
    yield headline(tally)
    for id_, counts in tally.by_change.items():
        change = catalogue.changes.get(id_)
        bad = [v for v in (Verdict.FAIL, Verdict.SUITE_ERROR, Verdict.INCONCLUSIVE, Verdict.BLOCKED) if counts[v]]
        if change is None or not bad:
            continue
        told = ", ".join(f"{counts[v]} of {counts.total()} {v}" for v in bad)
        releases = ", ".join(map(str, change.released_in))
        yield ""
        yield f"  {releases}  {change.file.change}  ({told})"
        yield f"    breaks: {change.file.impact}"
        yield f"    change: {change.file.advice}"


def result_line(result: CaseResult) -> str:
    """Return one line about a case."""
    why = f"  {result.reason}" if result.reason else ""
    return printable(f"{result.verdict:<14} {result.id}  {result.seconds:.2f} s{why}").replace("\n", " ")


def how_to_repeat(result: CaseResult, header: Header) -> str:
    """Return the command for this case, as a line."""
    return f"  again: {rerun_command(result.id, header)}"


def _check(check: Check) -> Iterator[str]:
    yield f"{check.verdict} {check.id}: {check.subject}"
    yield f"  expected: {check.expected or 'none'}"
    yield f"  got:      {check.observed}"
    if check.note:
        yield f"  note:     {check.note}"


def _indented(text: str) -> list[str]:
    lines = pretty(text.encode())[:_SHOWN].splitlines()
    return [f"      {line}" for line in lines]
