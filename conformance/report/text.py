"""Results in words, for terminals and failure messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.cases.waivers import WaiverNote, WaiverState
from conformance.report.stream import Catalogue, Footer, Header, Tally, headline, left_on_site, rerun_command
from conformance.run.verdicts import CaseResult, Check, Verdict
from conformance.wire.pretty import pretty, printable

_SHOWN = 2_000
_LAST_LINES = 12
_COMMAND = re.compile(r"^(\s*)(::|##\[)", re.MULTILINE)


class Unobserved:
    """Cases that could not be told, by reason: of many with the same one, one is shown."""

    def __init__(self) -> None:
        self._cases: dict[str, tuple[CaseResult, int]] = {}

    def add(self, result: CaseResult) -> bool:
        """Count a result, if it is such a one; tell whether there was one for the same reason before."""
        if result.verdict is not Verdict.INCONCLUSIVE:
            return False
        reason = re.sub(r"\d+", "0", result.reason)
        first, count = self._cases.get(reason, (result, 0))
        self._cases[reason] = first, count + 1
        return count > 0

    def folded(self) -> Iterator[str]:
        """Yield a line for each reason that more than one case has."""
        for first, count in self._cases.values():
            if count > 1:
                more = f"{count - 1} more case{'s' * (count > 2)}"
                yield _line(f"... and {more}: {first.reason}")

    def reasons(self) -> Iterator[str]:
        """Yield each reason, with how many cases have it."""
        for first, count in sorted(self._cases.values(), key=lambda told: -told[1]):
            yield _line(f"  {count} case{'s' * (count > 1)}: {first.reason or 'no reason is given'}")


def _line(text: str) -> str:
    return printable(text).replace("\n", " ").replace("\t", " ")


def explain_case(result: CaseResult) -> str:
    """Return why a case is not PASS: each step, each check that did not hold, request and response."""
    lines = [f"{result.verdict:<14} {result.id}  {result.seconds:.2f} s"]
    for step in result.steps:
        who = f" as {step.caller}" if step.caller else ""
        lines.append(f"  {step.verdict:<12} {step.name}{who}")
        lines += [f"    attempt {number}: {text}" for number, text in enumerate(step.attempts, 1)]
        wrong = [check for check in step.checks if check.verdict is not Verdict.PASS]
        lines += [f"    {line}" for check in wrong for line in _check(check)]
        if wrong and step.request:
            lines += ["    request:", *_indented(step.request), "    response:", *_indented(step.response)]
        if not wrong and step.verdict is Verdict.SUITE_ERROR:  # a traceback; its end says what happened
            lines += [f"    {line}" for line in step.response.rstrip().splitlines()[-_LAST_LINES:]]
    lines += [f"  left over: {text}" for text in result.leftovers]
    # A machine that runs jobs obeys lines that begin so, wherever they come from.
    return _COMMAND.sub(r"\g<1>\\\g<2>", printable("\n".join(lines)))


def summarise(tally: Tally, catalogue: Catalogue, unobserved: Unobserved | None = None) -> Iterator[str]:
    """Yield the end of a run: the headline, then what broke, since when and what to change.

    With ``unobserved``, changes of which no more is known than that they could not be observed share a line.
    """
    yield headline(tally)
    silent = 0
    for id_, counts in tally.by_change.items():
        change = catalogue.changes.get(id_)
        bad = [v for v in (Verdict.FAIL, Verdict.SUITE_ERROR, Verdict.INCONCLUSIVE, Verdict.BLOCKED) if counts[v]]
        if change is None or not bad:
            continue
        if unobserved is not None and bad == [Verdict.INCONCLUSIVE]:
            silent += 1
            continue
        told = ", ".join(f"{counts[v]} of {counts.total()} {v}" for v in bad)
        releases = ", ".join(map(str, change.released_in))
        yield ""
        yield f"  {releases}  {change.file.change}  ({told})"
        yield f"    breaks: {change.file.impact}"
        yield f"    change: {change.file.advice}"
    if silent and unobserved is not None:
        yield ""
        yield f"  could not be told of {silent} change{'s' * (silent > 1)}:"
        yield from (f"  {reason}" for reason in unobserved.reasons())


def closing(header: Header | None, footer: Footer, leftovers: Sequence[str]) -> Iterator[str]:
    """Yield what is to be known beside the verdicts: of the site, of the run, and what was left behind."""
    notes = [("note", text) for text in (*(header.warnings if header else ()), *footer.remarks)]
    yield from (_line(f"{kind}: {text}") for kind, text in notes)
    left = left_on_site(footer, leftovers)
    failed = f"{footer.leftovers} clean-up call{'s' * (footer.leftovers > 1)} failed"
    if left:
        yield f"LEFT ON THE SITE, {failed}:"
        yield from (_line(f"  {text}") for text in left)
    elif footer.leftovers:
        yield f"note: {failed}; what was left was removed at the end"


def waiver_lines(notes: Sequence[WaiverNote]) -> Iterator[str]:
    """Yield what became of the waivers: first the lines that somebody has to change, then what is waived."""
    yield from (_line(f"CHANGE {note}") for note in notes if note.fails_a_run)
    for note in notes:
        if note.state == WaiverState.APPLIED:
            cases = f"{len(note.cases)} case{'s' * (len(note.cases) != 1)}"
            also = f"; {note.advice}" if note.advice else ""
            yield _line(f"waived: {note.id}, {cases}, by {note.owner} until {note.until}: {note.reason}{also}")
        elif not note.fails_a_run:
            yield _line(f"note: {note}")


def result_line(result: CaseResult) -> str:
    """Return one line about a case."""
    why = f"  {result.reason}" if result.reason else ""
    why += f"  (waived: {result.waiver})" if result.waiver else ""
    return _line(f"{result.verdict:<14} {result.id}  {result.seconds:.2f} s{why}")


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
    lines = pretty(text.encode("utf-8", "backslashreplace"))[:_SHOWN].splitlines()
    return [f"      {line}" for line in lines]
