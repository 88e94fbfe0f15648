"""Mutation testing of the modules that decide verdicts: ``python tests/mutation/measure.py FOLDER [MUTANT ...]``.

Copies the checkout into FOLDER, lets mutmut change one thing after the other there, and prints what became of the
changes of each module. A FOLDER that was used before is gone on with, so that it can be interrupted; with the names of
mutants only these are tried again, with the tests as they are now. docs/mutation-testing.md tells what was found.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SETTINGS = Path(__file__).with_name("mutmut.toml")
COPIED = ("conformance", "cases", "schemas", "mutants", "tests", "docs")
MUTMUT = "from mutmut.__main__ import cli; cli()"
# The same examples of hypothesis each time. What plugins do around a run takes longer than most tests of a mutant.
SETTINGS_OF_TESTS = {
    "CI": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "-p warmed -p no:unraisableexception -p no:threadexception",
}


def prepare(folder: Path) -> None:
    """Copy what is tested and its tests, as they are now."""
    for name in COPIED:
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "README.md", folder)
    settings = SETTINGS.read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8") + settings, encoding="utf-8"
    )
    for pattern in tomllib.loads(settings)["tool"]["mutmut"]["only_mutate"]:
        for file in folder.glob(pattern):
            file.write_text(undecorated(file.read_text(encoding="utf-8")), encoding="utf-8")


def undecorated(text: str) -> str:
    """Return a module that does the same without decorators on functions, for mutmut passes over what has one.

    ``@property def word`` becomes ``def _word_undecorated`` and ``word = property(_word_undecorated)`` below it.
    """
    lines = text.splitlines()
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]
    for node in sorted(functions, key=lambda node: -node.lineno):
        if len(node.decorator_list) != 1 or ast.unparse(node.decorator_list[0]) in ("classmethod", "staticmethod"):
            continue
        decorator, name = ast.unparse(node.decorator_list[0]), f"_{node.name}_undecorated"
        assignment = f"{' ' * node.col_offset}{node.name} = {decorator}({name})"
        lines.insert(node.end_lineno or node.lineno, assignment)
        lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"def {node.name}(", f"def {name}(", 1)
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"


def mutmut(folder: Path, *arguments: str, quiet: bool = False) -> str:
    """Run mutmut in the copy; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", MUTMUT, *arguments],
        cwd=folder,
        env={**os.environ, **SETTINGS_OF_TESTS, "PYTHONPATH": str(folder / "tests" / "mutation")},
        stdout=subprocess.PIPE if quiet else None,
        text=True,
        check=quiet,
    )
    return done.stdout or ""


def table(results: str) -> str:
    """Return a table of what became of the mutants of each module, from what ``mutmut results --all true`` prints."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in results.splitlines():
        name, _, status = line.strip().partition(": ")
        if status:
            counts[name.rpartition(".")[0].removeprefix("conformance.").replace(".", "/")][status] += 1
    rows = ["| module | mutants | tried | killed | survived |", "|---|---|---|---|---|"]
    for module, of in [*sorted(counts.items()), ("together", sum(counts.values(), Counter()))]:
        tried = of.total() - of["not checked"]
        survived = of["survived"] + of["no tests"]
        rows.append(f"| {module} | {of.total()} | {tried} | {tried - survived} | {survived} |")
    return "\n".join(rows)


def main(folder: Path, *names: str) -> None:
    """Try the mutants, all or those of that name, and print the table and the survivors."""
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder)
    mutmut(folder, "run", "--max-children", "1", *names)
    results = mutmut(folder, "results", "--all", "true", quiet=True)
    print(table(results))
    print("\n".join(line.strip() for line in results.splitlines() if line.endswith((": survived", ": no tests"))))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), *sys.argv[2:])
