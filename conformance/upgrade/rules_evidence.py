"""Rules on what is not known: cases without evidence, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.run.verdicts import Verdict
from conformance.upgrade.draft import of_change, reason, resting_on, what_was_seen
from conformance.upgrade.evidence import Seen, Standing, Survey
from conformance.upgrade.model import Reason
from conformance.upgrade.policy import WEIGHT
from conformance.upgrade.rules_changes import broken
from conformance.upgrade.words import at_time, counted, lasting, listed, plain, run_command

OF_RUNS = frozenset({"suite-error", "run-not-complete", "site-is-another-version"})
"""What rules_runs tells, of the run as a whole."""

_HOLDS = frozenset({Verdict.PASS, Verdict.DEVIATION, Verdict.WAIVED})
_NUMBER = re.compile(r"\d+")


def evidence_reasons(survey: Survey) -> Iterator[Reason]:
    """Yield what is not known of the changes that count, one reason a cause, then of those that do not."""
    missing = [standing for standing in survey.standings if standing.missing]
    by_cause: dict[tuple[str, str], list[Standing]] = defaultdict(list)
    for standing in missing:
        if standing.used and standing.missing not in OF_RUNS:
            by_cause[standing.missing, _subject(standing)].append(standing)
    for (rule, _), group in sorted(by_cause.items()):
        yield _unknown(survey, rule, group)
    yield from _unknown_unused(survey, [standing for standing in missing if not standing.used])
    yield from _older_stands(survey)
    yield from _nothing_observed(survey)


def _subject(standing: Standing) -> str:
    """Return what cases share that have the same cause: of those that could not tell, the reason without numbers."""
    if standing.missing != "inconclusive" or standing.newest is None:
        return ""
    record = standing.newest.record
    return record.cause or _NUMBER.sub("0", record.reason)


def _unknown(survey: Survey, rule: str, group: Sequence[Standing]) -> Reason:
    return reason(
        survey,
        rule,
        _says(survey, rule, group) + _last_known(group),
        seen=what_was_seen(group) if rule == "inconclusive" else "",
        advice=run_command(survey.question, sorted(standing.case.id for standing in group)),
        **_began(group),
        **_where(survey, group),
        **resting_on(survey, (standing.newest for standing in group if standing.newest)),
    )


def _says(survey: Survey, rule: str, group: Sequence[Standing]) -> str:
    changes = {standing.change.id for standing in group}
    number = f"{counted(len(group), 'case')} of {counted(len(changes), 'change')}"
    match rule:
        case "no-evidence":
            return _never_run(survey, number)
        case "inconclusive":
            return f"{number} could not be told on {plain(survey.question.site)}: {what_was_seen(group)}"
        case "old-evidence":
            return f"what is known of {number} is too old: {_age_of_newest(survey, group)}"
        case "other-cases":
            return f"the results of {number} are of another text of the case file"
        case _:
            return f"the results of {number} were got with other schemas"


def _never_run(survey: Survey, number: str) -> str:
    question = survey.question
    place = f"{plain(question.site)} at {question.to}"
    if not survey.facts:
        return f"nothing was ever run on {place}"
    return f"{number} were never observed on {place}"


def _age_of_newest(survey: Survey, group: Sequence[Standing]) -> str:
    newest = max(standing.before.run.started for standing in group if standing.before)
    age, most = lasting(survey.question.now - newest), lasting(survey.question.max_age)
    return f"{age} where {most} is the most, since {at_time(newest)}"


def _last_known(group: Sequence[Standing]) -> str:
    """Return the end of a sentence that says what was known before, where it is too old to count."""
    before = [standing.before for standing in group if standing.before and standing.missing != "old-evidence"]
    if not before:
        return ""
    newest = max(before, key=lambda seen: (seen.run.started, seen.record.verdict))
    return f"; last known: {newest.record.verdict} on {at_time(newest.run.started)}"


def _began(group: Sequence[Standing]) -> Mapping[str, Any]:
    """Return since when it is not known: from the first result in a row that could not tell, or the last that did."""
    firsts = [standing.unclear[-1].run for standing in group if standing.unclear]
    firsts = firsts or [standing.before.run for standing in group if standing.before]
    first = min(firsts, key=lambda run: (run.started, run.id), default=None)
    return {"since": first.started, "since_run": plain(first.name)} if first else {}


def _where(survey: Survey, group: Sequence[Standing]) -> Mapping[str, Any]:
    """Return what a reason tells of the change, where all its cases are of one."""
    if len({standing.change.id for standing in group}) == 1:
        return of_change(survey, group[0].change, group)
    return {"cases": tuple(sorted(standing.case.id for standing in group))}


def _unknown_unused(survey: Survey, missing: Sequence[Standing]) -> Iterator[Reason]:
    if missing:
        changes = sorted({standing.change.id for standing in missing})
        yield reason(
            survey,
            "unknown-unused",
            f"{counted(len(changes), 'change')} that the integration does not use "
            f"{'was' if len(changes) == 1 else 'were'} not fully observed: {listed(changes)}",
            advice=run_command(survey.question, sorted(standing.case.id for standing in missing)),
            **_where(survey, missing),
        )


def _older_stands(survey: Survey) -> Iterator[Reason]:
    by_cause: dict[str, list[Standing]] = defaultdict(list)
    for standing in survey.standings:
        if standing.evidence and "inconclusive" in standing.passed_over:
            by_cause[_NUMBER.sub("0", standing.passed_over["inconclusive"][0].record.reason)].append(standing)
    for _, group in sorted(by_cause.items()):
        stands: list[Seen] = [standing.evidence for standing in group if standing.evidence]
        oldest = min(seen.run.started for seen in stands)
        newest = min(standing.passed_over["inconclusive"][0].record.reason for standing in group)
        yield reason(
            survey,
            "older-result-stands",
            f"{counted(len(group), 'case')} could not be told in the newest run; "
            f"what was seen {lasting(survey.question.now - oldest)} ago stands",
            seen=plain(newest),
            advice=run_command(survey.question, sorted(standing.case.id for standing in group)),
            **_where(survey, group),
            **resting_on(survey, stands),
        )


def _nothing_observed(survey: Survey) -> Iterator[Reason]:
    """Yield that no change was seen to hold, where no other reason as heavy says so of each of its cases."""
    question = survey.question
    changes = [each for each in survey.standings if not each.change.file.is_baseline]
    ours = [each for each in changes if each.change.side(question.to) == "expect"]
    if any(each.evidence and each.evidence.record.verdict in _HOLDS for each in ours):
        return
    if any(each.used and broken(survey, each) for each in ours):
        return
    weights = {rule: WEIGHT[outcome] for rule, outcome in question.policy.outcomes.items()}
    said = [each.used and bool(each.missing) and weights[each.missing] <= weights["nothing-observed"] for each in ours]
    if said and all(said):
        return
    says = f"no documented change of {question.to} was seen to hold on {plain(question.site)}"
    if not ours:
        says = f"{question.to} has no documented change that there are cases for"
    yield reason(survey, "nothing-observed", says, advice=run_command(question) if ours else "")
