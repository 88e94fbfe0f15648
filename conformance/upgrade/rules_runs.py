"""Rules on runs as a whole: void, not complete, of another version; their waivers; what they left behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

from conformance.cases.waivers import WaiverNote, WaiverState
from conformance.history.model import RunRecord
from conformance.upgrade.draft import evidence, reason
from conformance.upgrade.evidence import RunFacts, Standing, Survey
from conformance.upgrade.model import Reason
from conformance.upgrade.rules_evidence import OF_RUNS
from conformance.upgrade.words import at_time, counted, day_or_none, lasting, listed, plain, run_command

_NOTES = 2
_RULE_OF_STATE = {
    WaiverState.EXPIRED.value: "waiver-expired",
    WaiverState.UNNEEDED.value: "waiver-unneeded",
    WaiverState.UNMATCHED.value: "waiver-unmatched",
}


def run_reasons(survey: Survey) -> Iterator[Reason]:
    """Yield what is found of the runs."""
    for rule in sorted(OF_RUNS):
        yield from _faulty(survey, rule)
    yield from _future(survey)
    if survey.newest is not None:
        yield from _waivers(survey, survey.newest)
        yield from _left(survey, survey.newest)


def _faulty(survey: Survey, rule: str) -> Iterator[Reason]:
    """Yield that runs are no evidence, where no newer evidence took their place; one reason for all of a kind."""
    found = [
        (facts, cases)
        for facts in survey.facts
        if facts.fresh and facts.fault == rule
        for cases in [_waiting(survey, facts)]
        if cases
    ]
    if not found:
        return
    run = found[0][0].run
    cases = sorted({standing.case.id for _, standings in found for standing in standings})
    number = "" if len(found) == 1 else f" (and {counted(len(found) - 1, 'run')} more)"
    what, advice = _told(survey, rule, run)
    yield reason(
        survey,
        rule,
        f"{what}{number}: no evidence for {counted(len(cases), 'case')}",
        seen=listed([*run.warnings, *run.remarks], _NOTES) or what,
        since=found[-1][0].run.started,
        since_run=plain(found[-1][0].run.name),
        advice=advice,
        cases=tuple(cases),
        evidence=evidence(survey, run),
    )


def _told(survey: Survey, rule: str, run: RunRecord) -> tuple[str, str]:
    """Return what is wrong with a run, and what to do."""
    question = survey.question
    again = run_command(question)
    name = f"the run of {at_time(run.started)}"
    match rule:
        case "suite-error":
            return f"{name} met a defect of the suite itself", f"report it with the run's folder, then {again}"
        case "site-is-another-version":
            says = f"{plain(question.site)} says it is {plain(run.told_version)}, it was held to {question.to}"
            return says, f"when the site is {question.to}: {again}"
        case _ if run.ended is None:
            return f"{name} did not end, or has not yet", f"wait for its end, or {again}"
        case _ if (came := sum(run.counts.values())) < run.planned:
            return f"{name} came to {came} of {counted(run.planned, 'case')}", again
        case _:
            return f"{name} does not have all its results", again


def _waiting(survey: Survey, facts: RunFacts) -> list[Standing]:
    """Return the cases that count for which the run could have been evidence, and nothing newer is."""
    run = facts.run
    return [standing for standing in survey.standings if standing.used and _waits(standing, run, whole=facts.whole)]


def _waits(standing: Standing, run: RunRecord, *, whole: bool) -> bool:
    if not whole:  # what it lost, or did not come to, may be of any case
        seen = standing.evidence
        return seen is None or (seen.run.id != run.id and seen.run.started <= run.started)
    return any(seen.run.id == run.id for rule in OF_RUNS for seen in standing.passed_over.get(rule, ()))


def _future(survey: Survey) -> Iterator[Reason]:
    if survey.future:
        run = survey.future[-1]
        ahead = lasting(run.started - survey.question.now)
        yield reason(
            survey,
            "run-from-the-future",
            f"{counted(len(survey.future), 'run')} began after now, the last {ahead} ahead: {plain(run.name)}",
            advice="set the clocks of the machines that run the suite",
        )


def _waivers(survey: Survey, run: RunRecord) -> Iterator[Reason]:
    """Yield the waivers that the newest run, or the calendar since, says are wrong."""
    today = survey.question.now.astimezone(UTC).date()
    for note in sorted(run.waivers, key=lambda note: (note.place, note.id)):
        rule = _RULE_OF_STATE.get(note.state) or (
            "waiver-expired" if (day_or_none(note.until) or today) < today else ""
        )
        if rule:
            yield reason(
                survey,
                rule,
                f"the waiver for {plain(note.id)} {_state_words(rule, note)}",
                change=note.id.partition("::")[0] if note.id.partition("::")[0] in survey.uses else "",
                owners=(plain(note.owner),) if note.owner else (),
                seen=plain(note.reason),
                advice=plain(note.advice) or "delete the waiver, or renew it with a later last day",
                cases=tuple(sorted(note.cases)),
                evidence=evidence(survey, run),
                place=plain(note.place),
            )


def _state_words(rule: str, note: WaiverNote) -> str:
    match rule:
        case "waiver-expired":
            return f"has expired: its last day was {plain(note.until)}"
        case "waiver-unneeded":
            return "is not needed any more: what it is for holds"
        case _:
            return "is for nothing that there is"


def _left(survey: Survey, run: RunRecord) -> Iterator[Reason]:
    left: Sequence[str] = run.left
    if left:
        yield reason(
            survey,
            "left-on-site",
            f"the newest run left {counted(len(left), 'object')} on {plain(run.site)}: {listed(left)}",
            advice=f"conformance sweep {plain(run.site)}",
            evidence=evidence(survey, run),
        )
