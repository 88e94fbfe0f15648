"""readiness.md: a decision in at most 20 lines, for a chat or a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.page.looks import OUTCOMES, WORDS, age, count, moment
from conformance.report.markdown import MAX_LINES, inert
from conformance.upgrade.model import Decision, Outcome, Reason
from conformance.upgrade.words import changes_and_baseline

_REASONS = 11
"""With the lines around them, these make ``MAX_LINES``."""
_ASKED = 120


def markdown(decision: Decision) -> str:
    """Return a decision as Markdown. Texts of a site can neither link nor mention nor format anything in it."""
    asked = f"{decision.to} on {decision.site}"
    before = f", from {decision.from_}" if decision.from_ else ""
    uses = f", as {decision.profile} uses it" if decision.profile else ""
    lines = [
        f"## {WORDS[decision.word].glyph} {decision.word}: {inert(asked + before + uses, _ASKED)}",
        "",
        inert(f"Decided {moment(decision.at)} by {decision.policy_source}; evidence up to {age(decision.max_age)} old"),
        "",
    ]
    told = [_line(reason) for reason in decision.reasons if reason.outcome is not Outcome.IGNORE]
    more = len(told) - _REASONS
    lines += told[:_REASONS]
    lines += [f"- and {count(more, 'more reason')}"] if more > 0 else []
    lines += [""] if told else []
    lines.append(inert("; ".join(_confidence(decision))))
    return "\n".join(lines[:MAX_LINES]) + "\n"


def _line(reason: Reason) -> str:
    what = f"- {OUTCOMES[reason.outcome].glyph} **{reason.outcome}**: {inert(reason.says)}"
    since = f" (since {moment(reason.since)})" if reason.since else ""
    return f"{what}{since}{f' → {inert(reason.advice)}' if reason.advice else ''}"


def _confidence(decision: Decision) -> Iterator[str]:
    """Yield what the decision rests on."""
    yield f"Observed {decision.observed} of {count(decision.planned, 'case')}"
    yield changes_and_baseline(decision.changes)
    if decision.runs:
        newest = decision.runs[0]
        yield f"newest run {newest.name}, {age(decision.at - newest.started)} old"
    else:
        yield "no run counts"
