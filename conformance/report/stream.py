"""The stream that every writer reads: a header, one result a case, a footer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from conformance.cases.plan import Change, PlannedCase
from conformance.cases.waivers import WaiverNote, WaiverState
from conformance.run.verdicts import CaseResult, ExitCode, Verdict, exit_code
from conformance.versions import ROOT


@dataclass(frozen=True, slots=True)
class Header:
    """What a run was: without it results are evidence of nothing."""

    run: str
    """Name of the run, unique on its machine: ``2026-11-22T17-05-09Z-40.4.3``."""
    started: str
    suite_version: str
    site: str
    """``mock``, or the name of a site."""
    endpoint: str
    api_version: str
    """What the site is held to."""
    told_version: str
    """What the site says it is."""
    mock_version: str
    """What the mock really is; empty for other sites."""
    schema_release: str
    schemas_digest: str
    cases_digest: str
    clock_offset_seconds: float
    planned: int
    """How many cases the run has; 0 where that is not known before its end."""
    libraries: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    """What is to be known of the site, for the first screen."""
    id: str = ""
    """Unique among all runs of all machines; the same run imported twice is one run."""
    settings_digest: str = ""
    """SHA-256 of what the run was asked to do and of what its site is declared to be."""


@dataclass(frozen=True, slots=True)
class Footer:
    """How a run ended; a file without one is not complete."""

    counts: Mapping[str, int]
    exit_code: int
    seconds: float
    leftovers: int
    """Clean-up calls that failed."""
    remarks: Sequence[str] = ()
    """What the run did that a reader must know: retries, slowing down, what was swept."""
    left: Sequence[str] | None = None
    """What is, or may be, still on the site; None where only the clean-up calls that failed are known."""
    waivers: Sequence[WaiverNote] = ()
    """What became of each waiver."""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The documented changes and planned cases of a run, by id."""

    changes: dict[str, Change] = field(default_factory=dict)
    cases: dict[str, PlannedCase] = field(default_factory=dict)


class Writer(Protocol):
    """Something that writes or shows a run."""

    def started(self, header: Header, catalogue: Catalogue) -> None:
        """Begin; called once, before any case."""
        ...

    def case(self, result: CaseResult) -> None:
        """Take the result of one case; called in the order of the plan."""
        ...

    def finished(self, footer: Footer) -> None:
        """End; called once, also after an interruption."""
        ...


@dataclass(slots=True)
class Tally:
    """Counts of a run, over all and by change."""

    planned: int = 0
    total: Counter[Verdict] = field(default_factory=Counter)
    by_change: dict[str, Counter[Verdict]] = field(default_factory=dict)
    not_yet: set[str] = field(default_factory=set)
    """The changes that the site, at its version, is held not to have."""
    leftovers: int = 0
    waivers: Sequence[WaiverNote] = ()
    """What became of each waiver; known at the end."""

    def add(self, result: CaseResult) -> None:
        """Count one result."""
        self.total[result.verdict] += 1
        self.by_change.setdefault(result.change, Counter())[result.verdict] += 1
        self.leftovers += len(result.leftovers)
        if result.side == "before":
            self.not_yet.add(result.change)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of what was counted; a run that was cut short did not see everything."""
        code = exit_code(self.total)
        if self.waivers_to_change and code is not ExitCode.SUITE_ERROR:
            return ExitCode.FINDINGS
        cut_short = self.total.total() < self.planned
        return ExitCode.COULD_NOT_TELL if cut_short and code is ExitCode.AS_DOCUMENTED else code

    @property
    def waivers_to_change(self) -> list[WaiverNote]:
        """The waivers that fail the run: expired, not needed any more, or for nothing that there is."""
        return [note for note in self.waivers if note.fails_a_run]

    def having(self, verdict: Verdict) -> list[str]:
        """Return the changes of which a case came to that verdict."""
        return [change for change, counts in self.by_change.items() if counts[verdict]]


_LEFT_SHOWN = 20


def left_on_site(footer: Footer | None, failed: Sequence[str]) -> list[str]:
    """Return what somebody has to remove by hand: as the site's provider knows it, else the clean-ups that failed."""
    left = list(failed if footer is None or footer.left is None else footer.left)
    more = len(left) - _LEFT_SHOWN
    return [*left[:_LEFT_SHOWN], f"and {more} more, see results.jsonl"] if more > 0 else left


HEADLINES: Mapping[ExitCode, str] = {
    ExitCode.AS_DOCUMENTED: "AS DOCUMENTED",
    ExitCode.FINDINGS: "NOT AS DOCUMENTED",
    ExitCode.COULD_NOT_TELL: "COULD NOT TELL",
    ExitCode.SUITE_ERROR: "RUN VOID",
    ExitCode.USAGE: "NOT RUN",
}


def headline_word(tally: Tally) -> str:
    """Return the word that a run comes to. What is waived does not hold, so the word for it is not the plain one."""
    code = tally.exit_code
    if code is ExitCode.FINDINGS and not tally.total[Verdict.FAIL]:
        return "WAIVERS TO CHANGE"
    if code is ExitCode.AS_DOCUMENTED and tally.total[Verdict.WAIVED]:
        return "AS DOCUMENTED BUT FOR WAIVERS"
    return HEADLINES[code]


def headline(tally: Tally) -> str:
    """Return the sentence that a run comes to, from a closed list of words and the numbers behind it."""
    word = headline_word(tally)
    match tally.exit_code:
        case ExitCode.FINDINGS:
            return f"{word}: {_findings(tally)}"
        case ExitCode.AS_DOCUMENTED:
            return f"{word}: {_holding(tally)}"
        case ExitCode.COULD_NOT_TELL if not tally.total:
            return f"{word}: nothing was tested"
        case ExitCode.COULD_NOT_TELL if tally.total.total() < tally.planned:
            return f"{word}: only {tally.total.total()} of {tally.planned} cases ran"
        case ExitCode.COULD_NOT_TELL:
            return f"{word}: {tally.total[Verdict.INCONCLUSIVE] + tally.total[Verdict.BLOCKED]} cases were not observed"
        case _:
            return f"{word}: {_cases(tally.total[Verdict.SUITE_ERROR])} met a defect of the suite itself"


def _cases(number: int) -> str:
    return f"{number} case{'s' * (number != 1)}"


def _holding(tally: Tally) -> str:
    """Return how many changes hold, and what else is to be known of a run without findings."""
    deviations = tally.total[Verdict.DEVIATION]
    waived = set(tally.having(Verdict.WAIVED))
    not_yet = tally.not_yet - waived
    # What is held to apply nowhere was not seen to hold.
    seen = {*tally.having(Verdict.PASS), *tally.having(Verdict.DEVIATION)}
    holding = seen - not_yet - waived
    baseline = {change for change in holding if _of_baseline(change)}
    there = len(holding - baseline)
    later = f", {len(not_yet)} are not there yet, as they should" if not_yet else ""
    also = f", {deviations} deviation{'s' * (deviations != 1)} from what is only assumed" if deviations else ""
    hold = "change holds" if there == 1 else "changes hold"
    stays = f", {len(baseline)} part{'s' * (len(baseline) != 1)} of the baseline as ever" if baseline else ""
    return f"{there} documented {hold}{stays}{later}{also}{_waived(tally, ', ')}"


def _of_baseline(change: str) -> bool:
    """Tell by its id whether it is no change but a part of what no release may change."""
    return change.startswith(f"{ROOT}/")


def _findings(tally: Tally) -> str:
    """Return what does not hold, and which waivers are to be changed."""
    states = Counter(note.state for note in tally.waivers_to_change)
    stale = ", ".join(f"{count} {_STALE[state]}" for state, count in sorted(states.items()))
    if broken := tally.having(Verdict.FAIL):
        told = f"{_broken(tally, broken)} do not hold{_waived(tally, ', ')}"
        return f"{told}; waivers to change: {stale}" if stale else told
    unknown = tally.total[Verdict.INCONCLUSIVE] + tally.total[Verdict.BLOCKED]
    ran = tally.total.total()
    return "; ".join(
        told
        for told in (
            stale,
            _waived(tally),
            f"{unknown} cases were not observed" if unknown else "",
            f"only {ran} of {tally.planned} cases ran" if ran < tally.planned else "",
        )
        if told
    )


def _broken(tally: Tally, broken: Sequence[str]) -> str:
    of_baseline, parts = (sum(map(_of_baseline, ids)) for ids in (broken, tally.by_change))
    changes = len(tally.by_change) - parts
    told = f"{len(broken) - of_baseline} of {changes} documented changes"
    return f"{told} and {of_baseline} of {parts} parts of the baseline" if of_baseline else told


def _waived(tally: Tally, before: str = "") -> str:
    """Return how many changes do not hold that would else be findings, and how long; nothing where there are none."""
    waived = len(set(tally.having(Verdict.WAIVED)) - set(tally.having(Verdict.FAIL)))
    days = sorted({note.until for note in tally.waivers if note.state == WaiverState.APPLIED})
    until = f" until {days[0]}" if len(days) == 1 else f", the first until {days[0]}" if days else ""
    who = f"{waived} does not hold and is waived" if waived == 1 else f"{waived} do not hold and are waived"
    return f"{before}{who}{until}" if waived else ""


_STALE: Mapping[str, str] = {
    WaiverState.EXPIRED: "expired",
    WaiverState.UNMATCHED: "for nothing that there is",
    WaiverState.UNNEEDED: "not needed any more",
}


def rerun_command(case_id: str, header: Header) -> str:
    """Return the command that runs just this case again."""
    mock = f" --mock-version {header.mock_version}" if header.mock_version not in ("", header.api_version) else ""
    site = f" --site {header.site}" if header.site != "mock" else ""
    return f"conformance run --case {case_id} --api-version {header.api_version}{mock}{site}"
