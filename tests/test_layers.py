"""The layers: who imports whom, that each module stands alone, and what the thin ends leave unloaded."""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

import conformance
from conformance import errors

PACKAGE = Path(conformance.__file__).parent

LAYERS = (
    ("errors", "xsdgen"),
    ("versions", "resources", "config"),
    ("wire",),
    ("schema",),
    ("cases",),
    ("traffic",),
    ("site",),
    ("live",),
    ("mock",),
    ("proxy",),
    ("run",),
    ("report",),
    ("history",),
    ("upgrade", "compare"),
    ("page",),
    ("schemadiff", "coverage"),
    ("mutants", "fuzz"),
    ("commands",),
    ("hookspecs", "plugin"),
    ("cli",),
    ("__main__",),
)
"""From the ground up: a layer imports only from itself and from those before it."""

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

HEAVY = (
    *("lxml", "pydantic", "starlette", "uvicorn", "httpx2", "xmlschema", "jinja2", "sqlalchemy", "alembic"),
    "hypothesis",
)


def module_name(path: Path) -> str:
    """Return the dotted name of a module file; of ``__init__.py``, that of its package."""
    return ".".join(["conformance", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


MODULES = {
    module_name(path): path for path in sorted(PACKAGE.rglob("*.py")) if "_data" not in path.relative_to(PACKAGE).parts
}


def imported(path: Path) -> Iterator[str]:
    """Yield every module of ours that a file imports: at the top, in functions, under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "conformance")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            if node.module is not None and node.module.partition(".")[0] == "conformance":
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                yield from inner & MODULES.keys()
                if inner - MODULES.keys():
                    yield node.module


IMPORTS = {name: set(imported(path)) - {"conformance"} for name, path in MODULES.items()}


def layer_of(module: str) -> str:
    """Return the part of a module's name that says in which layer it is; nothing for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def below(*modules: str) -> set[str]:
    """Return everything that modules import, and what those import, and so on."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        found |= waiting
        waiting = set().union(*(IMPORTS[name] for name in waiting)) - found
    return found - set(modules)


class TestOrder:
    def test_every_module_is_in_a_layer(self) -> None:
        assert {layer_of(name) for name in MODULES} - {""} == RANK.keys()

    def test_the_package_itself_imports_nothing_of_ours(self) -> None:
        assert IMPORTS["conformance"] == set()

    @pytest.mark.parametrize("module", sorted(IMPORTS.keys() - {"conformance"}))
    def test_a_module_imports_only_from_its_own_layer_and_lower_ones(self, module: str) -> None:
        higher = {name for name in IMPORTS[module] if RANK[layer_of(name)] > RANK[layer_of(module)]}
        assert not higher

    def test_no_module_is_in_a_circle_of_imports(self) -> None:
        TopologicalSorter(IMPORTS).prepare()

    def test_nothing_imports_the_plugin_or_the_command_line(self) -> None:
        users = {
            name: {layer_of(used) for used in uses} & {"plugin", "cli"} - {layer_of(name)}
            for name, uses in IMPORTS.items()
        }
        assert {name: used for name, used in users.items() if used} == {"conformance.__main__": {"cli"}}

    def test_the_reader_of_imports_sees_every_kind(self, tmp_path: Path) -> None:
        file = tmp_path / "module.py"
        file.write_text(
            "import conformance.errors\n"
            "from conformance import versions, __version__\n"
            "if TYPE_CHECKING:\n    from conformance.wire import names as n\n"
            "def f():\n    from conformance.site.seam import Exchange\n    import conformances.other\n"
        )
        assert set(imported(file)) == {
            "conformance",
            "conformance.errors",
            "conformance.versions",
            "conformance.wire.names",
            "conformance.site.seam",
        }


class TestMock:
    """The mock is a statement of its own: no expectation of a case and no schema may reach it."""

    MOCK = tuple(name for name in MODULES if layer_of(name) == "mock")

    def test_it_knows_nothing_of_runs_sites_and_schemas(self) -> None:
        assert {layer_of(name) for name in below(*self.MOCK)} <= {"errors", "versions", "resources", "wire", "cases"}

    def test_of_the_cases_it_knows_the_heads_and_how_a_file_is_read(self) -> None:
        # ``document`` reads YAML with positions: a mock's site file is such a file too.
        known = {name for name in below(*self.MOCK) if layer_of(name) == "cases"}
        assert known - {"conformance.cases"} == {"conformance.cases.changes", "conformance.cases.document"}

    def test_the_schemas_know_nothing_of_the_cases_and_the_mock(self) -> None:
        schema = tuple(name for name in MODULES if layer_of(name) == "schema")
        assert {layer_of(name) for name in below(*schema)} <= {"errors", "versions", "resources", "config", "wire"}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter in which every warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after ``code``."""
    done = python("-c", f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)")
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stderr.splitlines()}


EACH_ALONE = """
import gc, importlib, json, os, sys, traceback

def in_child(act):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writer, 2)
        try:
            act()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # to take all libraries apart again would be most of the work
    os.close(writer)
    with open(reader) as pipe:
        said = pipe.read()
    return said, os.waitpid(child, 0)[1]

def load(modules):
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            pass  # it is told when it is imported alone

def libraries():
    load(names)
    print("\\n".join(each for each in sys.modules if each.partition(".")[0] not in ours), file=sys.stderr, flush=True)

names, cache = json.loads(sys.argv[1])
ours = {name.partition(".")[0] for name in names} | {"__main__"}
load(in_child(libraries)[0].splitlines())
sys.pycache_prefix, sys.dont_write_bytecode = cache, False
gc.freeze()
told = {name: in_child(lambda: importlib.import_module(name)) for name in names}
print(json.dumps({name: said for name, (said, status) in told.items() if said or status}))
"""
"""Imports each module in a process of its own, which has the libraries and nothing of ours; tells what went wrong."""


def imported_alone(names: list[str], cache: Path) -> dict[str, str]:
    """Return what is said while each module is imported, of those where it fails or anything is said."""
    done = python("-c", EACH_ALONE, json.dumps([names, str(cache)]))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


class TestLoading:
    def test_every_module_can_be_imported_alone_without_a_warning(self, tmp_path: Path) -> None:
        names = sorted(MODULES.keys() - {"conformance.__main__"})  # importing that one runs the command
        assert imported_alone(names, tmp_path) == {}

    def test_a_module_that_can_not_would_be_seen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        texts = {
            "circle_a": "import circle_b\nNAME = 1",
            "circle_b": "from circle_a import NAME",
            "pack.__init__": "",
            "pack.inner": "",
            "needs_inner": "import pack\npack.inner",
            "warns": "'' is ''",
            "speaks": "import sys\nprint('x', file=sys.stderr)",
        }
        (tmp_path / "pack").mkdir()
        for name, text in texts.items():
            (tmp_path / f"{name.replace('.', '/')}.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
        told = imported_alone(sorted(texts), tmp_path / "cache")
        assert told.keys() == {"circle_a", "needs_inner", "warns", "speaks"}

    def test_importing_the_plugin_loads_nothing_heavy(self) -> None:
        assert not loaded_after("import conformance.plugin") & set(HEAVY)

    @pytest.mark.parametrize("option", ["--version", "--help"])
    def test_asking_the_command_about_itself_loads_nothing_heavy(self, option: str) -> None:
        code = f"""
            from conformance.cli import main
            sys.argv = ["conformance", "{option}"]
            try:
                main()
            except SystemExit as end:
                assert not end.code, end.code
        """
        assert not loaded_after(inspect.cleandoc(code)) & set(HEAVY)

    def test_what_is_heavy_would_be_seen(self) -> None:
        assert loaded_after("import conformance.wire.limits") & set(HEAVY) == {"lxml"}

    def test_the_package_can_be_run(self) -> None:
        done = python("-m", "conformance", "--version")
        assert (done.returncode, done.stdout) == (0, f"conformance {conformance.__version__}\n")


class TestErrors:
    CLASSES = tuple(kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, Exception))

    def drawn(self) -> dict[str, str]:
        """Return each class of the tree in the docstring of ``errors``, with the one it hangs on."""
        lines = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]
        places = [(len(line) - len(line.lstrip(" │├└─")), line.strip(" │├└─").split()[0]) for line in lines]
        parents: dict[str, str] = {}
        branch: list[tuple[int, str]] = [(-1, "Exception")]
        for indent, name in places:
            while branch[-1][0] >= indent:
                branch.pop()
            parents[name] = branch[-1][1]
            branch.append((indent, name))
        return parents

    def test_the_tree_that_is_drawn_is_the_tree_that_is(self) -> None:
        assert self.drawn() == {kind.__name__: kind.__base__.__name__ for kind in self.CLASSES}

    def test_the_case_faults_are_told_in_order_of_place_each_on_its_line(self) -> None:
        where = [(2, 1), (1, 9), (1, 2)]
        faults = [errors.CaseFault(Path("a.yaml"), line, column, "wrong") for line, column in where]
        told = errors.CaseFileErrors([*faults, errors.CaseFault(Path("a.yaml"), 3, 1, "bad", "write good")])
        assert str(told).splitlines() == [
            "a.yaml:1:2: wrong",
            "a.yaml:1:9: wrong",
            "a.yaml:2:1: wrong",
            "a.yaml:3:1: bad; write good",
        ]
        assert all(one < other for one, other in pairwise(told.faults))

    @pytest.mark.parametrize(
        ("name", "known", "end"),
        [
            ("hots", ["host", "guest"], ", did you mean 'host'?"),
            ("zzz", ["host", "guest"], ", known are: host, guest"),
            ("zzz", list("abcdefghijkl"), ", known are: a, b, c, d, e, f, g, h, i, j, k, l"),
            ("zzz", list("abcdefghijklm"), ""),
            ("zzz", [], ""),
        ],
        ids=["near", "few", "twelve", "many", "none"],
    )
    def test_an_unknown_name_is_met_with_the_nearest_or_with_all_where_they_are_few(
        self, name: str, known: list[str], end: str
    ) -> None:
        assert str(errors.UnknownName("role", name, known)) == f"unknown role '{name}'{end}"
