"""What a campaign came to, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.fuzz.campaign import Outcome
from conformance.fuzz.writing import Kept
from conformance.run.verdicts import ExitCode
from conformance.wire.pretty import pretty, printable

_SHOWN = 2_000


def exit_code(outcome: Outcome) -> ExitCode:
    """Return the exit code of a campaign: of one that saw nothing, or had to give up, nothing is known."""
    if outcome.found:
        return ExitCode.FINDINGS
    nothing_known = outcome.gave_up or not outcome.observed
    return ExitCode.COULD_NOT_TELL if nothing_known else ExitCode.AS_DOCUMENTED


def text(outcome: Outcome, kept: Sequence[Kept], title: str, repeat: str) -> Iterator[str]:
    """Yield the lines for people."""
    yield title
    for number, one in enumerate(kept, 1):
        yield ""
        yield from _finding(one, number)
    yield ""
    yield _headline(outcome)
    yield from _remarks(outcome)
    yield f"again: {repeat}"


def data(outcome: Outcome, kept: Sequence[Kept], repeat: str) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "exit_code": int(exit_code(outcome)),
        "sent": outcome.sent,
        "observed": outcome.observed,
        "could_not_tell": dict(outcome.untold),
        "not_sent": dict(outcome.refused),
        "deviations": [{"id": id_, "path": path} for id_, path in sorted(outcome.deviations)],
        "remarks": outcome.remarks,
        "left": outcome.left,
        "ended": outcome.ended,
        "repeat": repeat,
        "findings": [one.data for one in kept],
    }


def _finding(kept: Kept, number: int) -> Iterator[str]:
    told = kept.data
    yield _line(f"{number}. {told['operation']} as {told['as']}: {told['id']}")
    yield f"  rule:     {told['rule']}"
    if told["mutation"]:
        yield f"  request:  not valid by the schemas ({told['mutation']})"
    yield _line(f"  at:       {told['path'] or 'the answer'} ({told['step']})")
    yield _line(f"  expected: {told['expected'] or 'none'}")
    yield _line(f"  got:      {told['observed']}")
    if told["note"]:
        yield _line(f"  note:     {told['note']}")
    yield "  sent:"
    yield from _indented(told["sent"])
    yield "  came:"
    yield from _indented(told["came"])
    yield _line(f"  case:     {told['run']}")
    yield _line(f"  curl:     {told['curl']}")


def _headline(outcome: Outcome) -> str:
    counted = f"{outcome.sent} requests sent, {outcome.observed} judged"
    if outcome.found:
        return f"FOUND: {len(outcome.found)} finding{'s' * (len(outcome.found) > 1)} ({counted})"
    word = "NOTHING FOUND" if exit_code(outcome) is ExitCode.AS_DOCUMENTED else "COULD NOT TELL"
    return f"{word} ({counted})"


def _remarks(outcome: Outcome) -> Iterator[str]:
    if outcome.ended:
        yield _line(f"note: ended early: {outcome.ended}")
    yield from _counted("could not be judged", outcome.untold)
    yield from _counted("not sent", outcome.refused)
    if outcome.deviations and not any(found.finding.deviation for found in outcome.found):
        kinds = Counter(id_ for id_, _ in outcome.deviations)
        told = ", ".join(f"{count} {id_}" for id_, count in sorted(kinds.items()))
        yield f"note: deviations from what is only assumed or recommended: {told}; --deviations shows them"
    yield from (_line(f"note: {remark}") for remark in outcome.remarks)
    for left in outcome.left:
        yield _line(f"LEFT ON THE SITE: {left}")


def _counted(what: str, reasons: Counter[str]) -> Iterator[str]:
    for reason, count in reasons.most_common():
        yield _line(f"note: {count} {what}: {reason}")


def _line(line: str) -> str:
    return printable(line).replace("\n", " ").replace("\t", " ")


def _indented(message: str) -> list[str]:
    shown = pretty(message.encode("utf-8", "backslashreplace"))
    cut = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}\n... {len(shown) - _SHOWN} more characters"
    return [f"    {line}" for line in cut.splitlines()] or ["    nothing"]
