"""The project as a whole: what the wheel holds, and what no file of it may hold."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from conformance import __version__, resources

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "conformance"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.relative_to(PACKAGE).parts)

SKIPPED = {
    ".git",
    ".tox",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    "__pycache__",
    "reports",
}

# Written so that this file does not hold what it looks for.
OF_A_MACHINE = re.compile(
    r"(?<![\w./*\]])/(?:work|farm|root)/(?=[\w.])|python[h]osted|pypi[.]org|npm[j]s|deb[.]debian[.]org"
)


def project_files() -> list[Path]:
    """Return the files of the project: those that git knows or would add, else all."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.CalledProcessError):
        found = (path for path in ROOT.rglob("*") if not SKIPPED & set(path.relative_to(ROOT).parts))
        return sorted(path for path in found if path.is_file())
    return sorted(path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file())


def relative(paths: list[Path], to: Path = ROOT) -> list[str]:
    """Return paths as people write them."""
    return [path.relative_to(to).as_posix() for path in paths]


class TestFiles:
    def test_no_file_names_a_place_on_the_machine_it_was_written_on_or_a_registry(self) -> None:
        found = []
        files = project_files()
        assert Path(__file__) in files
        for path in files:
            text = path.read_text("utf-8", errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in OF_A_MACHINE.finditer(text)]
        assert found == []

    @pytest.mark.parametrize(
        "text", ["see /{work}/main", '"/{farm}/x"', "(/{root}/.cache)", "https://{pypi}.org/simple", "{npm}js"]
    )
    def test_such_a_name_would_be_found(self, text: str) -> None:
        assert OF_A_MACHINE.search(text.replace("{", "").replace("}", ""))

    @pytest.mark.parametrize(
        "text", ["a framework/x", "//root/item", "https://example.com/work/x", "/root", "./work/x"]
    )
    def test_paths_within_a_document_or_a_host_are_no_such_names(self, text: str) -> None:
        assert not OF_A_MACHINE.search(text)


class TestModules:
    @pytest.mark.parametrize("path", MODULES, ids=relative(MODULES))
    def test_a_module_says_what_it_is_for_and_so_does_all_that_is_public_in_it(self, path: Path) -> None:
        tree = ast.parse(path.read_bytes())
        assert ast.get_docstring(tree), "the module has no docstring"
        assert [name for name, node in public(tree.body) if not ast.get_docstring(node)] == []

    @pytest.mark.parametrize("path", MODULES, ids=relative(MODULES))
    def test_a_module_is_shorter_than_400_lines(self, path: Path) -> None:
        assert lines(path) < 400

    def test_half_of_the_modules_are_shorter_than_150_lines(self) -> None:
        assert statistics.median(map(lines, MODULES)) < 150


def lines(path: Path) -> int:
    """Return how many lines a file has."""
    return len(path.read_bytes().splitlines())


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(body: list[ast.stmt]) -> Iterator[tuple[str, Definition]]:
    """Yield the public functions and classes of a body; of public classes, the public methods too."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", inner) for name, inner in public(node.body))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel that was built from this checkout."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds what the wheel installs."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


class TestWheel:
    def test_it_is_for_every_machine_and_carries_the_version(self, wheel: Path) -> None:
        assert wheel.name == f"webex_conformance-{__version__}-py3-none-any.whl"

    @pytest.mark.parametrize("folder", ["cases", "schemas"])
    def test_it_holds_every_case_and_every_schema_as_they_are(self, folder: str, unpacked: Path) -> None:
        shipped, installed = ROOT / folder, unpacked / "conformance" / "_data" / folder
        names = [name for name in relative(sorted(shipped.rglob("*.*")), shipped) if name.endswith((".yaml", ".xsd"))]
        assert names
        assert all((installed / name).read_bytes() == (shipped / name).read_bytes() for name in names)

    def test_it_holds_every_module_and_nothing_else_that_runs(self, unpacked: Path) -> None:
        assert sorted(relative(list(unpacked.rglob("*.py")), unpacked)) == sorted(relative(MODULES))

    def test_it_declares_the_command_and_the_plugin(self, unpacked: Path) -> None:
        (metadata,) = unpacked.glob("*.dist-info")
        declared = (metadata / "entry_points.txt").read_text()
        assert "[console_scripts]\nconformance = conformance.cli:main" in declared
        assert "[pytest11]\nconformance = conformance.plugin" in declared

    def test_an_installed_suite_finds_cases_and_schemas_inside_itself(self, unpacked: Path) -> None:
        code = (
            f"import sys; sys.path.insert(0, {str(unpacked)!r})\n"
            "from conformance.resources import cases_root, schemas_root\n"
            "print(cases_root(), schemas_root(), sep='\\n')"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        roots = [Path(line) for line in done.stdout.splitlines()]
        data = (unpacked / "conformance" / "_data").resolve()
        assert roots == [data / "cases", data / "schemas"]
        assert all(any(root.rglob("*.*")) for root in roots)


class TestCheckout:
    def test_a_checkout_finds_cases_and_schemas_beside_the_package(self) -> None:
        if Path(resources.__file__).parent != PACKAGE:
            pytest.skip("the package under test is an installed one")
        assert resources.cases_root() == ROOT / "cases"
        assert resources.schemas_root() == ROOT / "schemas"
