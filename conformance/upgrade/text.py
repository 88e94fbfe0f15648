"""A decision in words, for a terminal: the word, one block a reason, what it rests on, what only is told."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from conformance.upgrade.model import ChangeWord, Decision, Outcome, Reason, Word
from conformance.upgrade.words import (
    at_time,
    changes_and_baseline,
    counted,
    lasting,
    of_each_kind,
    plain,
    write_duration,
)

Line = tuple[str, str]
"""A line and how it looks on a terminal, in rich's words."""

_STYLES = {Word.READY: "bold green", Word.NOT_READY: "bold red", Word.CANNOT_TELL: "bold yellow"}
_LETTERS = {Outcome.VOID: "E", Outcome.BLOCK: "F", Outcome.UNKNOWN: "?", Outcome.TELL: "i"}
_MEANS = {
    Word.READY: "nothing that is known stands in the way of {to}",
    Word.NOT_READY: "{to} can not be taken",
    Word.CANNOT_TELL: "there is not enough evidence about {to}",
    Word.RUN_VOID: "a defect of the suite itself; nothing is said about {to}",
}
_STATES: Mapping[ChangeWord, tuple[str, str]] = {
    ChangeWord.HOLDS: ("holds", "hold"),
    ChangeWord.BROKEN: ("does not hold", "do not hold"),
    ChangeWord.UNKNOWN: ("is not known", "are not known"),
    ChangeWord.WAIVED: ("is waived", "are waived"),
    ChangeWord.NOT_APPLICABLE: ("is not applicable", "are not applicable"),
    ChangeWord.NOT_COVERED: ("has no case", "have no case"),
    ChangeWord.NOT_AFFECTED: ("is not there yet, as it should", "are not there yet, as they should"),
}
_RUNS_TOLD = 2
_LABEL = 10
_NOTES = 200
"""Characters of what the notes say; the case file has the rest."""


def lines(decision: Decision, width: int) -> Iterator[Line]:
    """Yield the decision line by line, each at most ``width`` wide unless a name is wider."""
    yield from _wrapped(headline(decision), width, "", "  ", _STYLES.get(decision.word, "bold magenta"))
    for outcome in (Outcome.VOID, Outcome.BLOCK, Outcome.UNKNOWN):
        for reason in decision.of(outcome):
            yield "", ""
            yield from _block(reason, decision.at, width)
    yield "", ""
    yield from _confidence(decision, width)
    told = decision.of(Outcome.TELL)
    if told:
        yield "", ""
        yield "Also to be known:", "bold"
        for reason in told:
            yield from _wrapped(reason.says + _and_now(reason), width, f"{_LETTERS[reason.outcome]}  ", "   ")


def headline(decision: Decision) -> str:
    """Return the first line: the word, what it means, for which site and by what policy."""
    means = _MEANS[decision.word].format(to=decision.to)
    if decision.word is Word.NOT_READY:
        broken = [state.id for state in decision.changes if state.word is ChangeWord.BROKEN and state.used]
        are = "is" if len(broken) == 1 else "are"
        means += f": {of_each_kind(decision.changes, broken)} {are} broken" if broken else ""
    step = f" from {decision.from_}" if decision.from_ else ""
    return f"{decision.word}: {means} (site {plain(decision.site)}{step})"


def _block(reason: Reason, now: datetime, width: int) -> Iterator[Line]:
    style = "red" if reason.outcome is Outcome.BLOCK else "yellow" if reason.outcome is Outcome.UNKNOWN else "magenta"
    yield from _wrapped(reason.says, width, f"{_LETTERS[reason.outcome]}  ", "   ", style)
    owner = f"; owner: {', '.join(reason.owners)}" if reason.owners else ""
    told = {
        "notes": textwrap.shorten(reason.notes, _NOTES, placeholder=" ..."),
        "uses": f"{reason.uses}{owner}".removeprefix("; "),
        "seen": reason.seen if reason.seen not in reason.says else "",
        "since": f"{at_time(reason.since)}, {lasting(now - reason.since)} ago" if reason.since else "",
        "do": reason.advice,
        "evidence": _evidence(reason),
        "rule": f"{reason.rule}: {reason.outcome}",
    }
    for label, text in told.items():
        if text:
            yield from _wrapped(text, width, f"   {label + ':':<{_LABEL}}", " " * (_LABEL + 3))


def _evidence(reason: Reason) -> str:
    seen = f"run {reason.evidence.run}, {lasting(reason.evidence.age)} old" if reason.evidence else ""
    return "; ".join(part for part in (seen, reason.place) if part)


def _and_now(reason: Reason) -> str:
    return f". Do: {reason.advice}" if reason.advice else ""


def _confidence(decision: Decision, width: int) -> Iterator[Line]:
    """Yield what the decision rests on."""
    shown = [f"{plain(run.name)} ({lasting(decision.at - run.started)} old)" for run in decision.runs[:_RUNS_TOLD]]
    more = len(decision.runs) - len(shown)
    runs = ", ".join(shown) + (f" and {more} more" if more else "")
    yield from _wrapped(
        f"Observed {decision.observed} of {counted(decision.planned, 'case')}, "
        f"no older than {write_duration(decision.max_age)}; runs: {runs or 'none'}.",
        width,
    )
    yield from _wrapped(f"Of {changes_and_baseline(decision.changes)} {_changes(decision)}.", width)
    profile = f"profile of {plain(decision.profile)}" if decision.profile else "no profile: every change counts"
    by = f"Decided {at_time(decision.at)} by {plain(decision.policy_source)}; {profile}."
    yield from _wrapped(by, width)


def _changes(decision: Decision) -> str:
    counts = Counter(state.word for state in decision.changes)
    told = [
        f"{counts[word]} {few if counts[word] == 1 else many}" for word, (few, many) in _STATES.items() if counts[word]
    ]
    return ", ".join(told) or "nothing is told"


def _wrapped(text: str, width: int, first: str = "", further: str = "", style: str = "") -> Iterator[Line]:
    # Names and commands are never broken: they are searched for and copied.
    for line in textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    ):
        yield line, style
