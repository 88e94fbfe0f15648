"""Waivers at work: a failure that somebody answers for is WAIVED, and each waiver is told what became of it.

A waiver never hides what could not be observed: only FAIL is waived, and reason and evidence stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from conformance.cases.changes import change_id
from conformance.cases.load import case_files, case_root, load_change, plan
from conformance.cases.plan import Change, PlannedCase
from conformance.cases.waivers import Waiver, WaiverNote, WaiverState, load_waivers
from conformance.config import find_file, section
from conformance.errors import CaseFileErrors, UserError, nearest
from conformance.run.verdicts import CaseResult, Verdict

_HOLDS = (Verdict.PASS, Verdict.DEVIATION)


def waivers_file(asked: Path | None, config: Path | None) -> Path | None:
    """Return the file of waivers: as asked for, else ``waivers`` of ``[upgrade]`` in the settings file, else None.

    A path in the settings file starts from there. Raises UserError.
    """
    path = None if asked else config or find_file()
    if path is None:
        return asked
    stated = section(path, "upgrade").get("waivers")
    if stated is None:
        return None
    if not isinstance(stated, str) or not stated.strip():
        raise UserError(f'{path}: [upgrade] waivers: is no path; write waivers = "waivers.yaml"')
    return path.parent / stated


def today() -> date:
    """Return the day by which waivers hold or have expired: that of UTC, the same on all machines."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class _Seen:
    verdict: Verdict
    side: str
    failed: frozenset[str]
    """The checks that failed."""


class WaiverBook:
    """The waivers of a run. ``apply`` to each result, ``see`` what is reported, ``notes`` at the end."""

    def __init__(self, waivers: Sequence[Waiver], site: str, day: date) -> None:
        self._site = site
        self._day = day
        self._waivers = tuple(waivers)
        here = [waiver for waiver in waivers if waiver.is_for(site)]
        # A case and its change are never both waived on a site, so at most one covers a case.
        self._by_target = {waiver.waives: waiver for waiver in here}
        self._seen: dict[str, _Seen] = {}

    @classmethod
    def open(cls, path: Path | None, site: str) -> WaiverBook:
        """Read the waivers of a run against ``site``; None is a run without. Raises CaseFileErrors."""
        day = today()
        return cls(load_waivers(path, day) if path else (), site, day)

    def apply(self, result: CaseResult) -> CaseResult:
        """Return the result, WAIVED where it is a failure that a waiver covers today."""
        waiver = self._covering(result.id)
        if waiver is None or result.verdict is not Verdict.FAIL or waiver.until < self._day:
            return result
        failed = _failed(result)
        if waiver.checks and not (failed and failed <= {*waiver.checks}):
            return result
        return replace(result, verdict=Verdict.WAIVED, waiver=str(waiver))

    def see(self, result: CaseResult) -> None:
        """Keep what a case came to, if a waiver covers it."""
        if self._covering(result.id) is not None:
            self._seen[result.id] = _Seen(result.verdict, result.side, _failed(result))

    def notes(self, changes: Mapping[str, Change]) -> tuple[WaiverNote, ...]:
        """Return what became of each waiver. ``changes`` are those of the run, by id."""
        if not self._waivers:
            return ()
        known = _Known(changes)
        return tuple(self._note(waiver, known) for waiver in self._waivers)

    def _covering(self, case: str) -> Waiver | None:
        return self._by_target.get(case) or self._by_target.get(case.partition("::")[0])

    def _note(self, waiver: Waiver, known: _Known) -> WaiverNote:
        state, cases, advice = self._settled(waiver, known)
        return WaiverNote(
            id=waiver.waives,
            state=state.value,
            reason=waiver.reason,
            owner=waiver.owner,
            until=str(waiver.until),
            place=waiver.place,
            cases=tuple(cases),
            advice=advice,
        )

    def _settled(self, waiver: Waiver, known: _Known) -> tuple[WaiverState, list[str], str]:
        """Return the state of a waiver, the cases it was applied to, and what to do."""
        if unknown := known.why_not(waiver):
            return WaiverState.UNMATCHED, [], f"{unknown}; mend its id, or delete it"
        if not waiver.is_for(self._site):
            told = f"it is for {', '.join(waiver.sites)}, and this run was against {self._site}"
            near = [site for site in waiver.sites if "did you mean" in nearest(site, [self._site])]
            return WaiverState.NOT_TRIED, [], f"{told}; is '{near[0]}' a slip of the pen?" if near else told
        cases = known.cases(waiver)
        seen = {case: self._seen[case] for case in cases if case in self._seen}
        failing = {case: found.failed for case, found in seen.items() if found.verdict is Verdict.FAIL}
        if applied := [case for case, found in seen.items() if found.verdict is Verdict.WAIVED]:
            return WaiverState.APPLIED, applied, _not_covered(waiver, failing)
        unneeded = len(seen) == len(cases) and _all_hold(seen.values())
        if waiver.until < self._day:
            told = f"{waiver.until} has passed"
            then = "what it waived holds now: delete it" if unneeded else "mend what fails, or have it extended"
            return WaiverState.EXPIRED, [], f"{told}; {then}"
        if unneeded:
            others = ", or name under 'sites' those that it is for"
            if others_too := [site for site in waiver.sites if site != self._site]:
                others = f", or leave only {', '.join(others_too)} under 'sites'"
            return WaiverState.UNNEEDED, [], f"what it waives holds on {self._site}: delete it{others}"
        return WaiverState.NOT_TRIED, [], _not_covered(waiver, failing) or _why_not_tried(seen.values(), len(cases))


class _Known:
    """The changes and cases there are: of the run, and of all case files in the folders that these stand in.

    A run of some cases, or of some files, says nothing of the others.
    """

    def __init__(self, changes: Mapping[str, Change]) -> None:
        self._changes = dict(changes)
        roots = {case_root(change.path.resolve()) for change in changes.values()}
        self._files = {change_id(file): file for root in roots if root for file in case_files([root])}
        self._plans: dict[str, Mapping[str, PlannedCase]] = {}

    def cases(self, waiver: Waiver) -> list[str]:
        """Return the ids of the cases that a waiver covers, of those that are known."""
        return [case for case in self._plan(waiver.change) if waiver.covers(case)]

    def why_not(self, waiver: Waiver) -> str:
        """Return why a waiver covers no case; nothing where it covers one, or may."""
        ids = sorted({*self._changes, *self._files})
        if waiver.change not in ids:
            return f"there is no such change{_offer(waiver.change, ids)}"
        cases = self._plan(waiver.change)
        if cases and not self.cases(waiver):
            return f"there is no such case{_offer(waiver.waives, list(cases))}"
        return ""

    def _plan(self, change: str) -> Mapping[str, PlannedCase]:
        if change not in self._plans:
            self._plans[change] = {case.id: case for case in self._planned(change)}
        return self._plans[change]

    def _planned(self, change: str) -> Iterable[PlannedCase]:
        try:
            return plan(self._changes[change] if change in self._changes else load_change(self._files[change]))
        except CaseFileErrors:
            return ()  # a file that this run did not ask for; its cases are not known


def _offer(name: str, known: Sequence[str]) -> str:
    offer = nearest(name, known)
    return offer.rstrip("?") if "did you mean" in offer else ""


def _failed(result: CaseResult) -> frozenset[str]:
    return frozenset(c.id for step in result.steps for c in step.checks if c.verdict is Verdict.FAIL)


def _all_hold(seen: Iterable[_Seen]) -> bool:
    """Tell whether all was observed to hold at a version with the change; what does not apply could not fail."""
    counted = [found for found in seen if found.verdict is not Verdict.NOT_APPLICABLE]
    return bool(counted) and all(found.verdict in _HOLDS and found.side == "expect" for found in counted)


def _not_covered(waiver: Waiver, failing: Mapping[str, frozenset[str]]) -> str:
    """Return what fails beside the checks that are waived."""
    if not failing:
        return ""
    others = sorted(frozenset().union(*failing.values()) - {*waiver.checks})
    cases = f"{len(failing)} case{'s' * (len(failing) > 1)}"
    return f"{cases} failed in what it does not cover: {', '.join(others) or 'no single check'}"


def _why_not_tried(seen: Iterable[_Seen], cases: int) -> str:
    found = list(seen)
    if any(one.side == "before" for one in found):
        return "the site is held to be without the change"
    if len(found) < cases:
        return f"{len(found)} of its {cases} cases were run"
    return "not all of its cases could be observed"
