"""docs/mutation-testing.md speaks of modules, functions and lines that there are; only decorators are taken off."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from pathlib import Path

import pytest
from measure import CHECKOUT, SETTINGS, table, undecorated

PAGE = CHECKOUT / "docs" / "mutation-testing.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not beside the tests")


def mutated() -> set[str]:
    """Return the modules that are mutated."""
    patterns = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["tool"]["mutmut"]["only_mutate"]
    return {path.relative_to(CHECKOUT).as_posix() for pattern in patterns for path in CHECKOUT.glob(pattern)}


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading; in a cell, a bar is written as ``\\|``."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return cells[2:]


def source_of(module: str, name: str) -> str:
    """Return the text of a function or method of a module; nothing where there is none."""
    text = (CHECKOUT / "conformance" / f"{module}.py").read_text(encoding="utf-8")
    found = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.name == name)
    return "\n".join(ast.get_source_segment(text, node) or "" for node in found)


def test_every_module_that_is_mutated_has_its_numbers() -> None:
    told = {f"conformance/{module}.py" for module, *_ in rows("Numbers") if module != "together"}
    assert told == mutated()
    for module, mutants, tried, killed, survived in rows("Numbers"):
        assert int(mutants) >= int(tried) == int(killed) + int(survived), module
    *each, (_, *together) = rows("Numbers")
    assert [sum(int(row[n]) for row in each) for n in (1, 2, 3, 4)] == [int(number) for number in together]


def test_every_survivor_that_is_argued_for_is_of_a_line_that_there_is() -> None:
    argued = rows("Survivors")
    assert argued
    for module, name, line, change, why in argued:
        assert line.strip("`") in source_of(module, name), f"{module}.{name} has no {line}"
        assert change
        assert len(why) > 20


def test_as_many_survivors_are_argued_for_as_there_are() -> None:
    told: dict[str, int] = {}
    for module, _, _, change, _ in rows("Survivors"):
        told[module] = told.get(module, 0) + (int(found[1]) if (found := re.match(r"(\d+) mutants: ", change)) else 1)
    assert told == {module: int(survived) for module, *_, survived in rows("Numbers")[:-1] if int(survived)}


def test_what_is_mutated_does_the_same_without_decorators() -> None:
    for module in sorted(mutated()):
        text = (CHECKOUT / module).read_text(encoding="utf-8")
        again = undecorated(text)
        compile(again, module, "exec")
        names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
        known = {
            node.name.removesuffix("_undecorated")
            for node in ast.walk(ast.parse(again))
            if isinstance(node, ast.FunctionDef)
        }
        assert {name.lstrip("_") for name in names} == {name.lstrip("_") for name in known}


DECORATED = """\
from functools import lru_cache

class A:
    @property
    def b(self):
        return 1

    @lru_cache(maxsize=2)
    def c(self):
        return 2

    @classmethod
    def d(cls):
        return 3
"""


def test_what_was_decorated_is_so_still(tmp_path: Path) -> None:
    module = tmp_path / "decorated.py"
    module.write_text(undecorated(DECORATED), encoding="utf-8")
    made = runpy.run_path(str(module))["A"]()
    assert (made.b, made.c(), made.d(), made.c.cache_info().maxsize) == (1, 2, 3, 2)
    assert module.read_text(encoding="utf-8").count("@") == 1


def test_the_table_counts_what_mutmut_tells() -> None:
    told = """\
        conformance.run.judge.x__same__mutmut_1: killed
        conformance.run.judge.x__same__mutmut_2: survived
        conformance.run.judge.x__same__mutmut_3: timeout
        conformance.run.judge.x__same__mutmut_4: not checked
        conformance.run.echo.x\u01c1A\u01c1b__mutmut_1: no tests
        conformance.cases.xpaths.x_check__mutmut_1: killed
    """
    assert table(told).splitlines()[2:] == [
        "| cases/xpaths | 1 | 1 | 1 | 0 |",
        "| run/echo | 1 | 1 | 0 | 1 |",
        "| run/judge | 4 | 3 | 2 | 1 |",
        "| together | 6 | 5 | 3 | 2 |",
    ]
