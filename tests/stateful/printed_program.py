"""The program that hypothesis prints of a failure, run again with steps left out until each that stays is needed.

Hypothesis gives up shrinking after 200 attempts that lead nowhere, which leaves steps that are of no matter.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from drawn_values import Caller
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from reference_model import Invitation, Page, Profile, Wish

from conformance.versions import Version

_NAMES = {thing.__name__: thing for thing in (Caller, Invitation, Page, Profile, Version, Wish)}
"""What the values in a program are made of."""

Program = Sequence[ast.stmt]


def failing_program(machine: type[RuleBasedStateMachine], budget: settings) -> Program:
    """Return the program that shows what is wrong with a machine; an empty one where nothing is found."""
    try:
        run_state_machine_as_test(machine, settings=budget)
    except AssertionError as error:
        printed = re.findall(r"^state = .*^state\.teardown\(\)$", "\n".join(error.__notes__), re.DOTALL | re.MULTILINE)
        return ast.parse(printed[0]).body
    return []


def shortened(program: Program, machine: type[RuleBasedStateMachine], rules: Collection[str]) -> Program:
    """Return the program without the calls of rules that it fails without, too."""
    assert _fails(program, machine)
    for statement in reversed(program):
        rest = [other for other in program if other is not statement]
        if called(statement) in rules and _fails(rest, machine):
            return shortened(rest, machine, rules)
    return program


def called(statement: ast.stmt) -> str:
    """Return the name of the method that a statement calls."""
    call = getattr(statement, "value", None)
    return call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""


def _fails(program: Program, machine: type[RuleBasedStateMachine]) -> bool:
    """Tell whether the mock and the model differ; a program that can not be run does not count."""
    code = compile(ast.Module(list(program), type_ignores=[]), "<printed>", "exec")
    try:
        exec(code, {**_NAMES, machine.__name__: machine})  # noqa: S102 - what hypothesis printed of our own values
    except AssertionError:
        return True
    except (NameError, AttributeError, TypeError):  # a step needs the session of one that is left out, or refused now
        return False
    return False
