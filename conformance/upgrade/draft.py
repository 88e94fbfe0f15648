"""Reasons as they are found: what was found out of a survey, with the weight that the policy gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.cases.plan import Change
from conformance.history.model import RunRecord
from conformance.run.verdicts import Verdict
from conformance.upgrade.evidence import Seen, Standing, Survey
from conformance.upgrade.model import Evidence, Reason
from conformance.upgrade.words import file_of, plain, releases


def reason(survey: Survey, rule: str, says: str, **more: Any) -> Reason:
    """Return a reason with the outcome that the policy gives its rule."""
    return Reason(rule=rule, outcome=survey.question.policy.outcomes[rule], says=says, **more)


def of_change(survey: Survey, change: Change, standings: Sequence[Standing] = ()) -> Mapping[str, Any]:
    """Return what a reason tells of a change: what it is, what the notes say, what it is to the integration."""
    profile = survey.question.profile
    return {
        "change": change.id,
        "title": plain(change.file.change),
        "releases": releases(change),
        "notes": _clauses(change, standings),
        "source": plain(change.file.source),
        "uses": plain(survey.uses[change.id]),
        "owners": tuple(plain(owner) for owner in profile.owners(change)) if profile else (),
        "cases": tuple(sorted(standing.case.id for standing in standings)),
        "place": file_of(change),
    }


def resting_on(survey: Survey, seen: Iterable[Seen]) -> Mapping[str, Any]:
    """Return the evidence of a reason: the newest of the runs that it was seen in."""
    newest = max((each.run for each in seen), key=lambda run: (run.started, run.id), default=None)
    return {"evidence": evidence(survey, newest) if newest else None}


def evidence(survey: Survey, run: RunRecord) -> Evidence:
    """Return a run as evidence, with its age at the time of the decision."""
    return Evidence(plain(run.name), run.started, survey.question.now - run.started)


def beginning(survey: Survey, standings: Sequence[Standing]) -> Mapping[str, Any]:
    """Return since when broken cases are broken: the first of the runs in which they are so without a night between."""
    known = (survey.broken_since.get(standing.case.id) for standing in standings)
    seen = (standing.evidence.run for standing in standings if standing.evidence)
    runs = [run for run in known if run is not None] or list(seen)
    first = min(runs, key=lambda run: (run.started, run.id), default=None)
    return {"since": first.started, "since_run": plain(first.name)} if first else {}


def what_was_seen(standings: Sequence[Standing]) -> str:
    """Return what the first of the cases saw, in one line."""
    told = sorted(seen.record.reason for standing in standings if (seen := standing.evidence or standing.newest))
    return plain(next((text for text in told if text), ""))


def failed(standing: Standing) -> bool:
    """Tell whether the evidence of a case is a failure that nobody answers for."""
    return standing.evidence is not None and standing.evidence.record.verdict is Verdict.FAIL


def _clauses(change: Change, standings: Sequence[Standing]) -> str:
    """Return the clauses that the cases prove, in the order of the file."""
    proven = {clause for standing in standings for clause in standing.case.case.proves}
    return " ".join(plain(clause.says) for id_, clause in change.file.clauses.items() if id_ in proven)
