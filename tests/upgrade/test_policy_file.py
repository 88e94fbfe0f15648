"""The policy: the shipped one, and files that override it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.errors import CaseFileErrors
from conformance.upgrade.model import Outcome
from conformance.upgrade.policy import SHIPPED, WEIGHT, load_policy, shipped_policy
from conformance.upgrade.rules import RULES

Write = Callable[[str], Path]


@pytest.fixture
def policy(tmp_path: Path) -> Write:
    """Write a policy file."""

    def write(text: str) -> Path:
        path = tmp_path / "policy.yaml"
        path.write_text(text)
        return path

    return write


def faults(path: Path) -> list[str]:
    """Return the faults of a policy file, without its folder."""
    with pytest.raises(CaseFileErrors) as caught:
        load_policy(path)
    return [line.removeprefix(f"{path.parent}/") for line in str(caught.value).splitlines()]


class TestShipped:
    def test_it_says_something_of_every_rule_and_of_nothing_else(self) -> None:
        assert set(shipped_policy().outcomes) == set(RULES)

    def test_it_is_told_as_what_it_is(self) -> None:
        assert load_policy(None).source == "the shipped policy"

    def test_each_line_says_why_in_words(self) -> None:
        rules = [line for line in SHIPPED.read_text().splitlines() if line and not line.startswith("#")]
        assert [line for line in rules if "#" not in line] == []

    def test_nothing_that_is_not_known_is_ready(self) -> None:
        unknown = ["no-evidence", "nothing-observed", "inconclusive", "old-evidence", "other-cases", "other-schemas"]
        assert {shipped_policy().outcomes[rule] for rule in unknown} == {Outcome.UNKNOWN}

    def test_no_rule_is_lighter_than_it_may_be(self) -> None:
        outcomes = shipped_policy().outcomes
        assert [id_ for id_, rule in RULES.items() if WEIGHT[outcomes[id_]] > WEIGHT[rule.lightest]] == []

    def test_a_rule_that_has_a_limit_says_why(self) -> None:
        assert all(bool(rule.because) == (rule.lightest is not Outcome.IGNORE) for rule in RULES.values())


class TestOfTheUser:
    def test_it_overrides_single_rules(self, policy: Write) -> None:
        path = policy("flaky: not ready  # we do not live with that\nleft-on-site: ignore\n")
        read = load_policy(path)
        assert read.source == str(path)
        changed = {rule for rule in RULES if read.outcomes[rule] is not shipped_policy().outcomes[rule]}
        assert changed == {"flaky", "left-on-site"}
        assert read.outcomes["flaky"] is Outcome.BLOCK

    def test_an_unknown_rule(self, policy: Write) -> None:
        assert faults(policy("flaky: tell\nchange-brocken: tell\n")) == [
            "policy.yaml:2:1: unknown key 'change-brocken', did you mean 'change-broken'?"
        ]

    def test_an_unknown_outcome(self, policy: Write) -> None:
        (fault,) = faults(policy("left-on-site: tell\nflaky: red\n"))
        assert fault == (
            "policy.yaml:2:1: 'red' is not allowed here; write one of 'run void', 'not ready', 'cannot tell', "
            "'tell' or 'ignore'"
        )

    @pytest.mark.parametrize("rule", ["suite-error", "no-evidence", "nothing-observed", "site-is-another-version"])
    @pytest.mark.parametrize("outcome", ["tell", "ignore"])
    def test_no_evidence_can_not_be_made_ready(self, policy: Write, rule: str, outcome: str) -> None:
        (fault,) = faults(policy(f"flaky: tell\n{rule}: {outcome}\n"))
        place, _, rest = fault.partition(": ")
        assert place.startswith("policy.yaml:2:")
        assert rest == (
            f"'{rule}' can not be '{outcome}': {RULES[rule].because}; "
            "write one of 'run void', 'not ready', 'cannot tell'"
        )

    @pytest.mark.parametrize("rule", [id_ for id_, rule in RULES.items() if rule.lightest is Outcome.TELL])
    def test_what_is_not_known_or_broken_can_not_be_hidden(self, policy: Write, rule: str) -> None:
        assert "hidden" in faults(policy(f"{rule}: ignore\n"))[0]
        assert load_policy(policy(f"{rule}: tell\n")).outcomes[rule] is Outcome.TELL

    def test_all_faults_are_told_at_once(self, policy: Write) -> None:
        assert len(faults(policy("suite-error: tell\nno-evidence: ignore\n"))) == 2

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("- flaky\n", "policy.yaml:1:1: found a list; write a mapping of 'key: value'"),
            ("flaky: [tell]\n", "policy.yaml:1:1: '['tell']' is not allowed here"),
            ("flaky: tell\nflaky: ignore\n", "policy.yaml:2:1: key 'flaky' is written twice"),
            ("", "policy.yaml:1:1: the file is empty"),
            ("flaky: &a tell\n", "policy.yaml:1:8: anchors and aliases are not allowed"),
            ("flaky: 'tell\n", "policy.yaml:"),
        ],
        ids=["list", "list as outcome", "twice", "empty", "anchor", "no yaml"],
    )
    def test_a_file_that_is_no_policy(self, policy: Write, text: str, fault: str) -> None:
        assert faults(policy(text))[0].startswith(fault)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        assert faults(tmp_path / "none.yaml")[0] == "none.yaml:1:1: cannot be read: No such file or directory"
