"""Rules on documented changes: what does not hold, what somebody answers for, what is new, what goes away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date

from conformance.cases.plan import Change
from conformance.run.verdicts import Verdict
from conformance.upgrade.draft import beginning, failed, of_change, reason, resting_on, what_was_seen
from conformance.upgrade.evidence import Seen, Standing, Survey
from conformance.upgrade.model import Reason
from conformance.upgrade.words import counted, day_or_none, listed, name_of, plain

_UNTIL = re.compile(r"\buntil (\d{4}-\d{2}-\d{2})\b")


def change_reasons(survey: Survey) -> Iterator[Reason]:
    """Yield what is found of each change."""
    standings = survey.by_change()
    for change in survey.question.changes:
        of_it = standings[change.id]
        yield from _broken(survey, change, of_it)
        yield from _waived(survey, change, of_it)
        yield from _assumed(survey, change, of_it)
        yield from _not_applicable(survey, change, of_it)
        yield from _flaky(survey, change, of_it)
        yield from _by_version(survey, change, of_it)


def still_waived(survey: Survey, standing: Standing) -> bool:
    """Tell whether the failure of a case is waived, and the waiver's last day has not passed."""
    seen = standing.evidence
    if seen is None or seen.record.verdict is not Verdict.WAIVED:
        return False
    until = _until(seen)
    return until is not None and until >= survey.question.now.astimezone(UTC).date()


def broken(survey: Survey, standing: Standing) -> bool:
    """Tell whether a case is seen to fail and nobody answers for it today."""
    waived = standing.evidence is not None and standing.evidence.record.verdict is Verdict.WAIVED
    return failed(standing) or (waived and not still_waived(survey, standing))


def _broken(survey: Survey, change: Change, standings: Sequence[Standing]) -> Iterator[Reason]:
    used = change.id in survey.used
    failing = [standing for standing in standings if broken(survey, standing)]
    for _, group in _grouped(failing, _cause if used else _any_cause):
        rule, what = _rule_of_failure(survey, change, group)
        number = f"{len(group)} of {counted(len(standings), 'case')}"
        yield reason(
            survey,
            rule,
            f"{name_of(change)}: {what} on {plain(survey.question.site)}, {number}",
            seen=what_was_seen(group),
            advice=plain(change.file.advice) if used else "",
            **beginning(survey, group),
            **of_change(survey, change, group),
            **resting_on(survey, (standing.evidence for standing in group if standing.evidence)),
        )


def _rule_of_failure(survey: Survey, change: Change, group: Sequence[Standing]) -> tuple[str, str]:
    if change.id not in survey.used:
        return "change-broken-unused", "not used by the integration, and does not hold"
    if not failed(group[0]):
        return "waiver-expired", "does not hold, and its waiver has expired,"
    if change.side(survey.question.to) == "before":
        return "change-later", f"{survey.question.to} does not have it, yet the site is not as before it,"
    return "change-broken", "does not hold"


def _cause(standing: Standing) -> tuple[str, ...]:
    """Return what cases of one cause share; a failure that was waived is told apart from one that was not."""
    return (standing.evidence.record.verdict, standing.evidence.record.cause) if standing.evidence else ()


def _any_cause(_: Standing) -> tuple[str, ...]:
    """Let all cases share a reason, where nobody has to look for the cause."""
    return ()


def _waived(survey: Survey, change: Change, standings: Sequence[Standing]) -> Iterator[Reason]:
    for (waiver,), group in _grouped([each for each in standings if still_waived(survey, each)], _waiver):
        number = f"{len(group)} of {counted(len(standings), 'case')}"
        yield reason(
            survey,
            "waived",
            f"{name_of(change)}: does not hold, waived: {plain(waiver)} ({number})",
            seen=what_was_seen(group),
            advice=plain(change.file.advice),
            **beginning(survey, group),
            **of_change(survey, change, group),
            **resting_on(survey, (standing.evidence for standing in group if standing.evidence)),
        )


def _waiver(standing: Standing) -> tuple[str, ...]:
    return (standing.evidence.record.waiver,) if standing.evidence else ()


def _until(seen: Seen) -> date | None:
    """Return the last day of the waiver of a result: as its run noted it, else as the result says; None unknown."""
    notes = [note.until for note in seen.run.waivers if seen.record.case in note.cases]
    days = [day for text in notes or _UNTIL.findall(seen.record.waiver) if (day := day_or_none(text))]
    return min(days, default=None)


def _assumed(survey: Survey, change: Change, standings: Sequence[Standing]) -> Iterator[Reason]:
    found = _with(standings, Verdict.DEVIATION)
    for _, group in _grouped(found, _cause):
        yield reason(
            survey,
            "deviation",
            f"{name_of(change)}: {counted(len(group), 'case')} found that something only assumed does not hold",
            seen=what_was_seen(group),
            advice="see whether the integration relies on what is assumed",
            **of_change(survey, change, group),
            **resting_on(survey, (standing.evidence for standing in group if standing.evidence)),
        )


def _not_applicable(survey: Survey, change: Change, standings: Sequence[Standing]) -> Iterator[Reason]:
    found = _with(standings, Verdict.NOT_APPLICABLE)
    if not found:
        return
    nothing = len(found) == len(standings) and change.id in survey.used
    told = "none of its cases is" if nothing else f"{len(found)} of {counted(len(standings), 'case')} not"
    yield reason(
        survey,
        "change-not-observed" if nothing else "not-applicable",
        f"{name_of(change)}: {told} applicable to {plain(survey.question.site)}",
        seen=what_was_seen(found),
        advice="observe it on a site where it is applicable, or leave it out of the profile" if nothing else "",
        **of_change(survey, change, found),
        **resting_on(survey, (standing.evidence for standing in found if standing.evidence)),
    )


def _flaky(survey: Survey, change: Change, standings: Sequence[Standing]) -> Iterator[Reason]:
    found = [standing for standing in standings if _flips(survey, standing)]
    if not found:
        return
    words = [survey.flaky.get(standing.case.id) or "attempts at it came to different ends" for standing in found]
    yield reason(
        survey,
        "flaky",
        f"{name_of(change)}: {counted(len(found), 'case')} came to different ends in the last runs",
        seen=listed(f"{standing.case.slug}: {how}" for standing, how in zip(found, words, strict=True)),
        advice="conformance history --flaky tells each run",
        **of_change(survey, change, found),
    )


def _flips(survey: Survey, standing: Standing) -> bool:
    return standing.case.id in survey.flaky or (standing.evidence is not None and standing.evidence.record.flipped)


def _by_version(survey: Survey, change: Change, standings: Sequence[Standing]) -> Iterator[Reason]:
    """Yield what the step from one version to the other takes away, and what it brings, where that is not broken."""
    question = survey.question
    if question.from_ is None or change.id not in survey.used:
        return
    there, then = (version.has(change.released_in) for version in (question.from_, question.to))
    if there and not then:
        says = f"{name_of(change)}: {question.from_} has it and {question.to} has not; it goes away with this upgrade"
        advice = f"take a version that has it, at least {max(change.released_in)}, or do without it"
        yield reason(survey, "change-lost", says, advice=advice, **of_change(survey, change))
    if then and not there and not any(broken(survey, standing) for standing in standings):
        says, seen = f"{name_of(change)}: new with this upgrade", plain(change.file.impact)
        yield reason(
            survey, "change-new", says, seen=seen, advice=plain(change.file.advice), **of_change(survey, change)
        )


def _with(standings: Sequence[Standing], verdict: Verdict) -> list[Standing]:
    return [each for each in standings if each.evidence and each.evidence.record.verdict is verdict]


def _grouped(
    standings: Sequence[Standing], key: Callable[[Standing], tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], list[Standing]]]:
    """Yield the groups of equal key, by key."""
    groups: dict[tuple[str, ...], list[Standing]] = defaultdict(list)
    for standing in standings:
        groups[key(standing)].append(standing)
    yield from sorted(groups.items())
