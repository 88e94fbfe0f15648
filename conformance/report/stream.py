"""The stream that every writer reads: a header, one result a case, a footer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from conformance.cases.plan import Change, PlannedCase
from conformance.cases.waivers import WaiverNote
from conformance.run.verdicts import CaseResult, ExitCode, Verdict, exit_code


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
        cut_short = self.total.total() < self.planned
        return ExitCode.COULD_NOT_TELL if cut_short and code is ExitCode.AS_DOCUMENTED else code


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


def headline(tally: Tally) -> str:
    """Return the sentence that a run comes to, from a closed list of words and the numbers behind it."""
    word = HEADLINES[tally.exit_code]
    broken = [change for change, counts in tally.by_change.items() if counts[Verdict.FAIL]]
    match tally.exit_code:
        case ExitCode.FINDINGS:
            return f"{word}: {len(broken)} of {len(tally.by_change)} documented changes do not hold"
        case ExitCode.AS_DOCUMENTED:
            deviations = tally.total[Verdict.DEVIATION]
            # What is held to apply nowhere was not seen to hold.
            seen = {id_ for id_, counts in tally.by_change.items() if counts[Verdict.PASS] or counts[Verdict.DEVIATION]}
            there = len(seen - tally.not_yet)
            not_yet = f", {len(tally.not_yet)} are not there yet, as they should" if tally.not_yet else ""
            also = f", {deviations} deviation{'s' * (deviations != 1)} from what is only assumed" if deviations else ""
            return f"{word}: {there} documented changes hold{not_yet}{also}"
        case ExitCode.COULD_NOT_TELL if not tally.total:
            return f"{word}: nothing was tested"
        case ExitCode.COULD_NOT_TELL if tally.total.total() < tally.planned:
            return f"{word}: only {tally.total.total()} of {tally.planned} cases ran"
        case ExitCode.COULD_NOT_TELL:
            return f"{word}: {tally.total[Verdict.INCONCLUSIVE] + tally.total[Verdict.BLOCKED]} cases were not observed"
        case _:
            return f"{word}: {tally.total[Verdict.SUITE_ERROR]} cases met a defect of the suite itself"


def rerun_command(case_id: str, header: Header) -> str:
    """Return the command that runs just this case again."""
    mock = f" --mock-version {header.mock_version}" if header.mock_version not in ("", header.api_version) else ""
    site = f" --site {header.site}" if header.site != "mock" else ""
    return f"conformance run --case {case_id} --api-version {header.api_version}{mock}{site}"
