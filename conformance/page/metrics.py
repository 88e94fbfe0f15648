"""metrics.prom: a decision in the text format of Prometheus, for the textfile collector of node_exporter.

All are gauges. Of a set of states exactly one is 1. Alert also on ``decided_timestamp_seconds``: a file that nobody
writes any more keeps its last word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.page.summary import STATES
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import Decision, Outcome, Word
from conformance.wire.pretty import printable

PREFIX = "webex_conformance"

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name without the prefix, what it says, its samples."""

    name: str
    help: str
    samples: Iterable[tuple[Labels, float]]


def metrics(decision: Decision) -> str:
    """Return the text of metrics.prom."""
    labels = {"site": decision.site, "to": str(decision.to)}
    if decision.profile:
        labels["profile"] = decision.profile
    return "".join(line for metric in _metrics(decision) for line in _lines(metric, labels))


def _metrics(decision: Decision) -> Iterator[Metric]:
    yield Metric("decision", "1 for the word that the decision comes to.", _states("word", Word, decision.word))
    yield Metric("decided_timestamp_seconds", "When it was decided.", [({}, decision.at.timestamp())])
    yield Metric(
        "change_state",
        "1 for how a documented change stands.",
        (
            ({"change": change.id, **labels}, value)
            for change in {change.id: change for change in decision.changes}.values()
            for labels, value in _states("state", STATES.values(), STATES[change.word])
        ),
    )
    counts: Counter[Verdict] = Counter()
    for change in decision.changes:
        counts.update(change.counts)
    yield Metric("cases", "Cases by verdict.", [({"verdict": v.value}, counts[v]) for v in Verdict])
    yield Metric("cases_planned", "Cases that the version has.", [({}, decision.planned)])
    yield Metric("cases_observed", "Cases with conclusive evidence.", [({}, decision.observed)])
    by_outcome = Counter(reason.outcome for reason in decision.reasons)
    yield Metric("reasons", "Reasons by weight.", [({"outcome": o.value}, by_outcome[o]) for o in Outcome])
    by_rule = Counter(reason.rule for reason in decision.reasons)
    yield Metric(
        "rule_reasons", "Reasons by rule.", [({"rule": rule}, by_rule[rule]) for rule in {**decision.policy, **by_rule}]
    )
    yield from _runs(decision)


def _runs(decision: Decision) -> Iterator[Metric]:
    """Yield what is known of the runs; without any, no age is the right one, so there is none."""
    yield Metric("runs", "Runs whose evidence counts.", [({}, len(decision.runs))])
    if not decision.runs:
        return
    started = [run.started for run in decision.runs]
    ages = {"newest": decision.at - max(started), "oldest": decision.at - min(started)}
    yield Metric(
        "evidence_age_seconds",
        "Age of the newest and of the oldest run that counts, at the decision.",
        [({"run": which}, age.total_seconds()) for which, age in ages.items()],
    )
    yield Metric("evidence_timestamp_seconds", "Start of the newest run.", [({}, max(started).timestamp())])
    newest = max(decision.runs, key=lambda run: run.started)
    if newest.ended is not None:
        took = (newest.ended - newest.started).total_seconds()
        yield Metric("run_duration_seconds", "How long the newest run took.", [({}, took)])


def _states(label: str, all_: Iterable[str], is_: str) -> Iterator[tuple[Labels, float]]:
    return (({label: str(state)}, int(state == is_)) for state in all_)


def _lines(metric: Metric, labels: Labels) -> Iterator[str]:
    name = f"{PREFIX}_{metric.name}"
    yield f"# HELP {name} {metric.help}\n"
    yield f"# TYPE {name} gauge\n"
    for own, value in metric.samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in {**labels, **own}.items())
        yield f"{name}{{{told}}} {value!r}\n"


def _escaped(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line.replace("\\", "\\\\").replace('"', '\\"')
