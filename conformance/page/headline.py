"""The first screen: the word, a line a cause, what moved since the run before, the matrix, the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from conformance.cases.waivers import WaiverState
from conformance.compare.model import MoveKind
from conformance.page.looks import CHANGES, OUTCOMES, WORDS, Look, age, count, cut, day, duration, moment, read_time
from conformance.page.model import PageData
from conformance.page.strips import Strip, strip
from conformance.report.stream import left_on_site
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import BASELINE, ChangeState, ChangeWord, Decision, Outcome, Reason, Word
from conformance.upgrade.words import changes_and_baseline, of_each_kind

_CAUSES = 5
"""Causes on the first screen; all of them stand below it."""
_ROWS = 12
"""Rows of the matrix up to which changes that hold stay on the first screen."""
_COLUMNS = 24
"""Operations up to which each has a column in the matrix."""
_FEW = 3
"""Causes up to which each may take three lines; more take two each, so that the matrix stays in sight."""

_HEAVY = frozenset({Outcome.VOID, Outcome.BLOCK, Outcome.UNKNOWN})
_QUIET = frozenset({ChangeWord.HOLDS, ChangeWord.NOT_AFFECTED, ChangeWord.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Cause:
    """The causes of one change in a line or two; ``number`` is the place of the first among all reasons, from 1."""

    number: int
    look: Look
    releases: str
    title: str
    seen: str
    since: str
    uses: str
    advice: str
    owners: str


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a line, with its noun; ``kind`` is the colour where the number is not nothing."""

    number: int
    text: str
    kind: str = "dim"


@dataclass(frozen=True, slots=True)
class Cell:
    """How a change stands for one operation, with all there is to say of it."""

    look: Look
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A change in the matrix."""

    state: ChangeState
    look: Look
    cells: Sequence[Cell]
    strip: Strip
    note: str
    """Where it matters who has it: ``not yet in 40.4.0``, ``there before``."""


@dataclass(frozen=True, slots=True)
class Headline:
    """All of the first screen."""

    look: Look
    sentence: str
    identity: Mapping[str, str]
    causes: Sequence[Cause]
    more: int
    """Causes that only stand below."""
    since: Sequence[Item]
    since_title: str
    operations: Sequence[str]
    """The columns of ``rows``; none where there would be too many."""
    rows: Sequence[Row]
    folded: Sequence[Row]
    """Changes that hold, where there are too many to show all at once; without columns of operations."""
    counts: Sequence[Item]
    took: str
    confidence: Sequence[str]


def headline(data: PageData) -> Headline:
    """Return the first screen."""
    decision = data.decision
    groups = _by_change(decision)
    fold = len(decision.changes) > _ROWS
    folded = [state for state in decision.changes if fold and state.word in _QUIET]
    shown = [state for state in decision.changes if not (fold and state.word in _QUIET)]
    operations = _operations(shown)
    return Headline(
        look=WORDS[decision.word],
        sentence=sentence(decision),
        identity=_identity(data),
        causes=[_cause(group, decision, few=len(groups) <= _FEW) for group in groups[:_CAUSES]],
        more=sum(map(len, groups[_CAUSES:])),
        since=list(_since(data)),
        since_title=_since_title(data),
        operations=operations,
        rows=[_row(state, operations, data) for state in shown],
        folded=[_row(state, (), data) for state in folded],
        counts=list(_counts(data)),
        took=duration(data.footer.seconds) if data.footer else "",
        confidence=list(_confidence(data)),
    )


def sentence(decision: Decision) -> str:
    """Return what the word rests on, with the numbers behind it."""
    match decision.word:
        case Word.READY:
            return f"{_looked_at(decision)}; nothing stands in the way of {decision.to}"
        case Word.RUN_VOID:
            return "the suite itself is wrong somewhere; nothing that this run says of the site can be relied on"
        case Word.CANNOT_TELL if not decision.observed:
            return f"there is no evidence that counts about {decision.to}"
        case Word.CANNOT_TELL:
            things = count(len(decision.of(Outcome.UNKNOWN)), "thing")
            return f"{things} could not be told; what could be told does not stand in the way of {decision.to}"
        case Word.NOT_READY:
            return _in_the_way(decision)


def _looked_at(decision: Decision) -> str:
    names = {ChangeWord.HOLDS: "hold", ChangeWord.WAIVED: "waived", ChangeWord.BROKEN: "broken"}
    seen = [state for state in decision.changes if state.word in names]
    words = [state.word for state in seen]
    told = ", ".join(f"{number} {name}" for word, name in names.items() if (number := words.count(word)))
    return f"{changes_and_baseline(seen)} looked at: {told}" if seen else "no documented change concerns you"


def _in_the_way(decision: Decision) -> str:
    blocks = decision.of(Outcome.BLOCK)
    does, do = ("breaks", "break") if decision.profile else ("stands", "stand")
    whom = "this integration" if decision.profile else "in the way"
    broken = {reason.change for reason in blocks if reason.change}
    others = sum(not reason.change for reason in blocks)
    told = f"{of_each_kind(decision.changes, broken)} {does if len(broken) == 1 else do} {whom}" if broken else ""
    also = f"{count(others, 'other thing')} {'stands' if others == 1 else 'stand'} in the way" if others else ""
    return " and ".join(filter(None, (told, also)))


def _identity(data: PageData) -> dict[str, str]:
    decision, header = data.decision, data.header
    started = read_time(header.started)
    real = f", really {header.mock_version}" if header.mock_version not in ("", header.api_version) else ""
    return {
        "Site": f"{decision.site}{real}",
        "Says it is": header.told_version or "does not say",
        "Behaves as": (data.tonight.behaves_as if data.tonight else "") or "no known release",
        "Held to": header.api_version,
        "Run": header.run,
        "Age": f"{age(decision.at - started)}, as of {moment(decision.at)}" if started else "not known",
        "Integration": decision.profile or "any: no profile is given",
    }


def _by_change(decision: Decision) -> list[list[tuple[int, Reason]]]:
    """Return the numbered reasons that weigh, those of one change together; where none does, those that are told."""
    numbered = list(enumerate(decision.reasons, 1))
    weighty = [(number, reason) for number, reason in numbered if reason.outcome in _HEAVY]
    told = [(number, reason) for number, reason in numbered if reason.outcome is Outcome.TELL]
    groups: dict[tuple[Outcome, str], list[tuple[int, Reason]]] = {}
    for number, reason in weighty or told:
        groups.setdefault((reason.outcome, reason.change or str(number)), []).append((number, reason))
    return list(groups.values())


def _cause(group: Sequence[tuple[int, Reason]], decision: Decision, *, few: bool) -> Cause:
    number, first = group[0]
    reasons = [reason for _, reason in group]
    since = min((reason.since for reason in reasons if reason.since), default=None)
    cases = len({case for reason in reasons for case in reason.cases})
    # What has no title is titled by what it says.
    told = dict.fromkeys(reason.seen or (reason.says if first.title else "") for reason in reasons)
    seen = "; ".join(filter(None, told))
    owners = dict.fromkeys(owner for reason in reasons for owner in reason.owners)
    most = (100, 110, 80, 150) if few else (100, 60, 50, 80)
    spare = 0 if first.uses else most[2]
    return Cause(
        number,
        OUTCOMES[first.outcome],
        first.releases,
        cut(first.title or first.says, most[0]),
        cut(": ".join(filter(None, (count(cases, "case") if cases else "", seen))), most[1] + spare),
        f"since {day(since)} ({age(decision.at - since)})" if since else "",
        cut(first.uses, most[2]),
        cut(first.advice, most[3]),
        cut(", ".join(owners), 24),
    )


def _since_title(data: PageData) -> str:
    if data.comparison is None:
        return "No earlier run of this site to hold this one against"
    return f"Since the run before, {moment(data.comparison.a.started)}"


def _since(data: PageData) -> Iterator[Item]:
    if data.comparison is not None:
        kinds = {
            MoveKind.BROKE: "bad",
            MoveKind.FIXED: "good",
            MoveKind.LOST: "open",
            MoveKind.FOUND: "good",
            MoveKind.ADDED: "dim",
            MoveKind.REMOVED: "open",
            MoveKind.CHANGED: "dim",
            MoveKind.MOVED: "dim",
        }
        # Of a run that did not come to all its cases none is known to be removed.
        gone = MoveKind.REMOVED.value if data.comparison.b.complete else "not run"
        words = {
            MoveKind.LOST: "can not be told any more",
            MoveKind.MOVED: "moved otherwise",
            MoveKind.REMOVED: gone,
        }
        always = (MoveKind.BROKE, MoveKind.FIXED, MoveKind.LOST)
        for kind, colour in kinds.items():
            number = len(data.comparison.of(kind))
            if number or kind in always:
                yield Item(number, words.get(kind, kind.value), colour)
    yield from _waivers(data)
    left = len(left_on_site(data.footer, [text for result in data.results for text in result.leftovers]))
    yield Item(left, "left on the site", "bad")


def _waivers(data: PageData) -> Iterator[Item]:
    notes = data.footer.waivers if data.footer else ()
    applied = [note for note in notes if note.state == WaiverState.APPLIED]
    ends = sorted(filter(None, (_date(note.until) for note in applied)))
    if ends:
        days = (ends[0] - data.decision.at.date()) // timedelta(days=1)
        soon = "today" if days <= 0 else f"in {count(days, 'day')}"
        which = "waiver in force, ends" if len(applied) == 1 else "waivers in force, the first ends"
        yield Item(len(applied), f"{which} {soon}", "waived")
    if expired := sum(note.state == WaiverState.EXPIRED for note in notes):
        yield Item(expired, "waiver has expired" if expired == 1 else "waivers have expired", "bad")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _operations(states: Sequence[ChangeState]) -> list[str]:
    """Return the operations in the order in which changes, newest first, name them; none where they are too many."""
    found = list(dict.fromkeys(name for state in states for name in state.by_operation))
    return found if len(found) <= _COLUMNS else []


def _row(state: ChangeState, operations: Sequence[str], data: PageData) -> Row:
    notes = {"later": f"not yet in {data.decision.to}", "there": "there before", BASELINE: "baseline"}
    note = [notes.get(state.scope, ""), "" if state.used else "not used by this integration"]
    cells = [_cell(name, state) for name in operations]
    letters = data.change_strips.get(state.id, "")
    return Row(state, CHANGES[state.word], cells, strip(letters, data.nights), ", ".join(filter(None, note)))


def _cell(operation: str, state: ChangeState) -> Cell:
    look = CHANGES[state.by_operation.get(operation, ChangeWord.NOT_AFFECTED)]
    return Cell(look, f"{state.releases} {operation}: {look.word}")


def _counts(data: PageData) -> Iterator[Item]:
    decision = data.decision
    yield Item(decision.observed, f"of {count(decision.planned, 'case')} have evidence that counts", "good")
    tonight = {v: sum(result.verdict is v for result in data.results) for v in Verdict}
    yield Item(tonight[Verdict.FAIL], "failed tonight", "bad")
    yield Item(tonight[Verdict.INCONCLUSIVE], "could not be told", "open")
    yield Item(tonight[Verdict.BLOCKED], "blocked", "open")
    yield Item(tonight[Verdict.NOT_APPLICABLE], "not applicable", "dim")
    yield Item(tonight[Verdict.SUITE_ERROR], "suite error" + "s" * (tonight[Verdict.SUITE_ERROR] != 1), "void")


def _confidence(data: PageData) -> Iterator[str]:
    proved = {(case.change.id, name) for case in data.planned.values() for name in case.case.proves}
    clauses = sum(len(change.file.clauses) for change in data.changes)
    yield f"{len(proved)} of {count(clauses, 'documented clause')} have a case"
    if ages := [data.decision.at - run.started for run in data.decision.runs]:
        yield f"evidence of {count(len(ages), 'run')}, {age(max(ages))} old at most"
    else:
        yield "no run counts as evidence"
    if data.nights:
        flaky = count(len(data.flaky), "case")
        yield f"{flaky} unsteady over {count(len(data.nights), 'run')}"
    if data.footer is None:
        yield "the run did not end"
    if abs(data.header.clock_offset_seconds) >= 1:
        yield f"the site's clock is off by {data.header.clock_offset_seconds:+g} s"
    yield f"suite {data.header.suite_version}, {data.decision.policy_source}"
