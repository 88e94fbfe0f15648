"""metrics.prom: read by a strict reader of the text format, with every number where a collector looks for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from output_samples import ACTED_ON, NOW, STARTS, TONIGHT, change, decision, decisions, empty, hostile, run

from conformance.page.metrics import metrics
from conformance.upgrade.model import ChangeWord, Decision, Word

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
SAMPLE = re.compile(rf"({NAME})\{{(.*)\}} (\S+)")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")

Labels = frozenset[tuple[str, str]]


@dataclass
class Family:
    """One metric as it was read."""

    help: str = ""
    type: str = ""
    samples: dict[Labels, float] = field(default_factory=dict)


def read(text: str) -> Mapping[str, Family]:
    """Read the text format strictly: HELP, TYPE and samples of a metric together, no sample twice, all lines ended."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    current = ""
    for line in text[:-1].split("\n"):
        if head := re.fullmatch(rf"# HELP ({NAME}) ((?:[^\\]|\\[\\n])+)", line):
            current = head[1]
            assert current not in families, f"{current} comes twice"
            families[current] = Family(help=head[2])
        elif head := re.fullmatch(rf"# TYPE ({NAME}) (gauge)", line):
            assert (head[1], families[current].type, families[current].samples) == (current, "", {})
            families[current].type = head[2]
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == current
            assert families[current].type
            found = LABEL.findall(sample[2])
            assert ",".join(f'{name}="{value}"' for name, value in found) == sample[2], line
            assert len({name for name, _ in found}) == len(found)
            labels = frozenset((name, re.sub(r"\\(.)", r"\1", value)) for name, value in found)
            assert labels not in families[current].samples, line
            assert NUMBER.fullmatch(sample[3]), line
            families[current].samples[labels] = float(sample[3])
    return families


def value(families: Mapping[str, Family], name: str, **labels: str) -> float:
    """Return the sample with these labels, beside those of all samples."""
    every = {"site": "staging", "to": "40.4.3", "profile": "billing"}
    return families[f"webex_conformance_{name}"].samples[frozenset({**every, **labels}.items())]


@pytest.mark.parametrize("word", Word)
def test_exactly_the_word_is_1(word: Word) -> None:
    families = read(metrics(decision(word)))
    assert {w: value(families, "decision", word=w) for w in Word} == {w: float(w is word) for w in Word}


def test_every_change_has_exactly_one_state() -> None:
    families = read(metrics(decision()))
    assert value(families, "change_state", change=STARTS, state="broken") == 1
    assert value(families, "change_state", change=STARTS, state="holds") == 0
    samples = families["webex_conformance_change_state"].samples
    assert len(samples) == 2 * len(ChangeWord)
    assert sum(samples.values()) == 2


def test_counts_and_rules() -> None:
    families = read(metrics(decision()))
    assert value(families, "cases", verdict="FAIL") == 4
    assert value(families, "cases", verdict="SUITE_ERROR") == 0
    assert (value(families, "cases_planned"), value(families, "cases_observed")) == (6, 5)
    assert value(families, "reasons", outcome="not ready") == 3
    assert value(families, "rule_reasons", rule="change-broken") == 1
    assert value(families, "rule_reasons", rule="flaky") == 0


def test_ages_and_durations() -> None:
    older = run(id="b", started=TONIGHT.replace(hour=1), ended=None)
    families = read(metrics(decision(runs=[run(), older])))
    assert value(families, "evidence_age_seconds", run="newest") == 6 * 3600
    assert value(families, "evidence_age_seconds", run="oldest") == 7 * 3600
    assert value(families, "evidence_timestamp_seconds") == TONIGHT.timestamp()
    assert value(families, "decided_timestamp_seconds") == NOW.timestamp()
    assert value(families, "run_duration_seconds") == 240
    assert value(families, "runs") == 2


def test_without_runs_there_is_no_age_rather_than_a_wrong_one() -> None:
    families = read(metrics(empty()))
    assert families["webex_conformance_runs"].samples == {frozenset({("site", "staging"), ("to", "40.4.3")}): 0}
    assert not [name for name in families if "evidence" in name or "duration" in name]


def test_a_run_that_did_not_end_has_no_duration() -> None:
    assert "webex_conformance_run_duration_seconds" not in read(metrics(decision(runs=[run(ended=None)])))


def test_a_change_that_is_told_twice_is_one_series() -> None:
    families = read(metrics(decision(changes=[change(), change(word=ChangeWord.HOLDS)])))
    assert sum(families["webex_conformance_change_state"].samples.values()) == 1


def test_labels_keep_what_they_say() -> None:
    families = read(metrics(decision(site='a "b" \\c\\', profile="")))
    (labels,) = families["webex_conformance_runs"].samples
    assert dict(labels) == {"site": 'a "b" \\c\\', "to": "40.4.3"}


@given(decisions)
def test_any_text_is_a_value_of_a_label(made: Decision) -> None:
    families = read(metrics(made))
    assert sum(families["webex_conformance_decision"].samples.values()) == 1
    assert all(math.isfinite(number) for family in families.values() for number in family.samples.values())


def test_hostile_texts_begin_no_line_and_hold_nothing_that_is_acted_on() -> None:
    text = metrics(hostile())
    assert not ACTED_ON & {*text}
    assert {line.split(" ")[0].partition("{")[0] for line in text.splitlines()} == {
        "#",
        *read(metrics(replace(hostile(), site="s"))),
    }
