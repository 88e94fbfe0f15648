"""The decision: from evidence, traffic and policy to one word with its reasons. Pure: no clock, no file, no history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from conformance.history.model import CaseRecord, RunRecord
from conformance.upgrade.evidence import Survey, survey
from conformance.upgrade.model import Decision, Outcome, Reason, Word
from conformance.upgrade.policy import WEIGHT
from conformance.upgrade.question import Question
from conformance.upgrade.rules import RULES
from conformance.upgrade.rules_changes import change_reasons
from conformance.upgrade.rules_evidence import evidence_reasons
from conformance.upgrade.rules_runs import run_reasons
from conformance.upgrade.rules_traffic import traffic_reasons
from conformance.upgrade.states import change_states

_WORDS: Mapping[Outcome, Word] = {
    Outcome.VOID: Word.RUN_VOID,
    Outcome.BLOCK: Word.NOT_READY,
    Outcome.UNKNOWN: Word.CANNOT_TELL,
    Outcome.TELL: Word.READY,
}

_ORDER = {rule: number for number, rule in enumerate(RULES)}


def decide(
    question: Question,
    runs: Sequence[RunRecord],
    cases: Iterable[CaseRecord],
    *,
    broken_since: Mapping[str, RunRecord] | None = None,
    flaky: Mapping[str, str] | None = None,
) -> Decision:
    """Answer a question.

    ``runs`` and ``cases`` are what a history holds, in any order: all results of each run, for a run that lacks
    some is not complete. Runs of other sites and versions are passed over. ``broken_since`` tells of a broken case
    the run in which it was first seen so; ``flaky`` in words how a case flips. ``gather.answer`` has all that from
    a history.
    """
    known = survey(question, runs, cases, broken_since or {}, flaky or {})
    reasons = sorted((reason for reason in _found(known) if reason.outcome is not Outcome.IGNORE), key=_place)
    seen = {each.evidence.run.id: each.evidence.run for each in known.standings if each.evidence}
    return Decision(
        word=_WORDS[min((reason.outcome for reason in reasons), key=WEIGHT.__getitem__, default=Outcome.TELL)],
        to=question.to,
        from_=question.from_,
        site=question.site,
        at=question.now,
        max_age=question.max_age,
        reasons=reasons,
        changes=change_states(known),
        policy=question.policy.outcomes,
        policy_source=question.policy.source,
        profile=question.profile.integration if question.profile else "",
        runs=[facts.run for facts in known.facts if facts.run.id in seen],
        observed=sum(each.evidence is not None for each in known.standings),
        planned=len(known.standings),
    )


def _found(known: Survey) -> Iterable[Reason]:
    return chain(change_reasons(known), evidence_reasons(known), run_reasons(known), traffic_reasons(known))


def _place(reason: Reason) -> tuple[int, int, str, str, tuple[str, ...]]:
    """Return where a reason stands: by weight, by rule, then so that the order is always the same."""
    return WEIGHT[reason.outcome], _ORDER[reason.rule], reason.change, reason.says, tuple(reason.cases)
