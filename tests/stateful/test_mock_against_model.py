"""The mock answers as the model says, whatever is called; and where it would not, the machine shows it in few steps."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import reference_model
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from printed_program import called, failing_program, shortened
from seeded_defects import DEFECTS, Defect
from site_driver import OverSocket
from site_machine import SiteMachine

from conformance.mock.server import MockServer

RULES = {rule.function.__name__ for rule in SiteMachine.setup_state().rules}
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


@pytest.fixture
def over_socket() -> Iterator[OverSocket]:
    with MockServer() as server, httpx2.Client(timeout=10) as client:
        yield OverSocket(server, client)


def test_mock_and_model_agree() -> None:
    run_state_machine_as_test(SiteMachine, settings=settings(BOUNDED, max_examples=120, stateful_step_count=30))


def test_they_agree_over_a_socket(over_socket: OverSocket) -> None:
    class Remote(SiteMachine):
        transport = over_socket

    run_state_machine_as_test(Remote, settings=settings(BOUNDED, max_examples=10, stateful_step_count=20))
    assert not over_socket.server.sites


def test_the_model_knows_nothing_of_the_mock() -> None:
    tree = ast.parse(Path(reference_model.__file__).read_bytes())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.startswith("conformance")} == {"conformance.versions"}
    assert [node for node in ast.walk(tree) if isinstance(node, ast.Import)] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_shown_in_few_steps(defect: Defect, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(defect.rules) <= RULES
    machine = type("SiteMachine", (SiteMachine,), dict.fromkeys(RULES - set(defect.rules)))
    defect.switch_on(monkeypatch)
    budget = settings(BOUNDED, max_examples=2000, stateful_step_count=20, phases=[Phase.generate])
    program = failing_program(machine, budget)
    assert program, "not found"
    shortest = shortened(program, machine, RULES)
    steps = [name for name in map(called, shortest) if name in RULES]
    assert 1 <= len(steps) <= defect.steps, "\n".join(map(ast.unparse, shortest))


def test_there_are_enough_defects() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 10
