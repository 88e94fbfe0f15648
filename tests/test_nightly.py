"""The recipes for a run each night: what they call is there, and what reads them could read them."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from conformance.cli import app
from conformance.live.settings import load_site

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
RECIPES = sorted(path for path in (DOCS / "nightly").iterdir() if path.is_file())
UNITS = [path for path in RECIPES if path.suffix in (".service", ".timer")]
TEXTS = [*RECIPES, DOCS / "nightly.md", DOCS / "sites.md", ROOT / "tox.ini", ROOT / "reports" / "README.md"]

_CALL = re.compile(
    r"(?<![\w./-])(?:/srv/conformance/)?(?:\.venv/bin/)?conformance ((?:run|site|sweep|changes|mock)\b[^`|>\n]*)"
)


def read(name: str) -> str:
    """Return the text of a recipe."""
    return (DOCS / "nightly" / name).read_text(encoding="utf-8")


def calls(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of the command."""
    for match in _CALL.finditer(text):
        yield shlex.split(match[1], comments=True)
    for line in re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE):
        yield yaml.safe_load(line)


def options_of(arguments: list[str]) -> tuple[set[str], set[str]]:
    """Return the options that a call uses, and those that its command has."""
    command: Any = typer.main.get_command(app)
    words = [word for word in arguments if not word.startswith("-")]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return {word.partition("=")[0] for word in arguments if re.match(r"--?[a-z]", word)}, known


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_command_and_option_exists(path: Path) -> None:
    for arguments in calls(path.read_text(encoding="utf-8")):
        used, known = options_of(arguments)
        assert used <= known, arguments


def test_a_command_that_does_not_exist_would_be_seen() -> None:
    (call,) = calls("x && .venv/bin/conformance run --site staging --no-such-option 3 >log 2>&1")
    used, known = options_of(call)
    assert used - known == {"--no-such-option"}


@pytest.mark.parametrize(
    "name", ["crontab", "conformance-nightly.service", "github.yml", "gitlab.yml", "Containerfile"]
)
def test_each_recipe_runs_the_same(name: str) -> None:
    expected = ["run", "--site", "staging", "--time-limit", "3600", "--report", "reports/nightly"]
    assert expected in list(calls(read(name)))


@pytest.mark.parametrize("path", [*RECIPES, DOCS / "nightly.md"], ids=lambda path: path.name)
def test_extras_that_are_installed_exist(path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for names in re.findall(r"'\.\[([\w,]+)\]'", path.read_text(encoding="utf-8")):
        assert set(names.split(",")) <= project["project"]["optional-dependencies"].keys()


@pytest.mark.parametrize("path", [*RECIPES, DOCS / "nightly.md"], ids=lambda path: path.name)
def test_nothing_but_examples_is_addressed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    hosts = re.findall(r"[\w.-]+\.(?:com|org|net|io|dev)\b", text)
    assert {host for host in hosts if not re.fullmatch(r"(?:[\w-]+\.)*example\.com", host)} == set()


def test_links_between_the_pages_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", (DOCS / "nightly.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []
    assert {path.name for path in RECIPES} <= {Path(link).name for link in links}


class TestCron:
    def test_its_line_has_five_fields_and_no_percent_sign(self) -> None:
        (line,) = [line for line in read("crontab").splitlines() if line and not line.startswith("#")]
        *fields, command = line.split(None, 5)
        assert_a_time(fields)
        assert command.startswith("cd /srv/conformance && ")
        assert "%" not in command  # cron makes line breaks of them

    def test_its_command_is_one_for_the_shell(self) -> None:
        command = read("crontab").splitlines()[-1].split(None, 5)[5]
        subprocess.run(["sh", "-n", "-c", command], check=True, timeout=60)


def assert_a_time(fields: list[str]) -> None:
    """Check the five fields of a time of cron."""
    assert len(fields) == 5
    for field, most in zip(fields, (59, 23, 31, 12, 7), strict=True):
        assert field == "*" or 0 <= int(field) <= most


class TestSystemd:
    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
    def test_a_unit_has_the_sections_of_its_kind(self, path: Path) -> None:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(path.read_text(encoding="utf-8"))
        kind = path.suffix.removeprefix(".").title()
        assert {"Unit", kind} <= set(unit.sections()) <= {"Unit", kind, "Install"}
        if alert := unit["Unit"].get("OnFailure"):
            assert alert in {unit.name for unit in UNITS}

    def test_the_timer_starts_the_service_of_its_name(self) -> None:
        assert {"conformance-nightly.timer", "conformance-nightly.service"} <= {path.name for path in UNITS}

    def test_systemd_finds_no_fault(self, tmp_path: Path) -> None:
        verify = shutil.which("systemd-analyze")
        if verify is None:
            pytest.skip("systemd-analyze, which checks units, is not installed")
        for path in UNITS:
            # It looks whether the programs are there.
            text = path.read_text(encoding="utf-8").replace("/srv/conformance/.venv/bin/conformance", sys.executable)
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        units = [str(tmp_path / path.name) for path in UNITS]
        done = subprocess.run([verify, "verify", *units], capture_output=True, text=True, timeout=60, check=False)
        told = [line for line in done.stderr.splitlines() if "conformance" in line]
        assert (done.returncode, told) == (0, [])


class TestServers:
    def test_github_could_read_its_workflow(self) -> None:
        flow = yaml.load(read("github.yml"), yaml.BaseLoader)  # noqa: S506 - for which "on" is not true
        assert flow["on"].keys() == {"schedule", "workflow_dispatch"}
        (schedule,) = flow["on"]["schedule"]
        assert_a_time(schedule["cron"].split())
        assert flow["concurrency"]["cancel-in-progress"] == "false"
        (job,) = flow["jobs"].values()
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert [name for name in used if not re.fullmatch(r"actions/[a-z/-]+@v\d+", name)] == []

    def test_github_keeps_the_ledgers_and_the_reports_also_of_a_run_that_failed(self) -> None:
        steps = yaml.safe_load(read("github.yml"))["jobs"]["conformance"]["steps"]
        last = [step for step in steps if step.get("if") == "always()"]
        kept = [step["with"]["path"].split() for step in last if "with" in step]
        assert kept == [[".conformance", "reports/history.sqlite3"], ["reports/nightly"]]
        (restored,) = [step["with"] for step in steps if "cache/restore" in step.get("uses", "")]
        (saved,) = [step["with"] for step in steps if "cache/save" in step.get("uses", "")]
        assert (restored["key"], restored["path"]) == (saved["key"], saved["path"])
        assert restored["key"].startswith(restored["restore-keys"])

    def test_gitlab_could_read_its_pipeline_and_keeps_the_same(self) -> None:
        (job,) = yaml.safe_load(read("gitlab.yml")).values()
        kept = [".conformance", "reports/history.sqlite3"]
        assert job["cache"] == {"key": "conformance-staging", "paths": kept, "when": "always"}
        assert job["artifacts"]["when"] == "always"
        assert job["artifacts"]["reports"]["junit"] == "reports/nightly/junit.xml"
        assert all(isinstance(line, str) for line in job["script"])


class TestContainer:
    INSTRUCTIONS = ("FROM", "WORKDIR", "COPY", "RUN", "VOLUME", "USER", "ENTRYPOINT", "CMD")

    def test_its_lines_are_instructions_that_copy_what_is_there(self) -> None:
        lines = [line for line in read("Containerfile").splitlines() if line and not line.startswith("#")]
        assert lines[0].startswith("FROM ")
        for line in lines:
            name, _, rest = line.partition(" ")
            assert name in self.INSTRUCTIONS
            if name == "COPY":
                assert all((ROOT / source).exists() for source in rest.split()[:-1])
            if name == "RUN":
                subprocess.run(["sh", "-n", "-c", rest], check=True, timeout=60)

    def test_what_is_copied_is_all_that_the_package_is_built_from(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
        copied = {
            name
            for line in re.findall(r"^COPY (.+) \S+$", read("Containerfile"), re.MULTILINE)
            for name in line.split()
        }
        needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
        assert needed | set(wheel["packages"]) | wheel["force-include"].keys() == copied


class TestProfile:
    def test_it_is_one(self) -> None:
        settings, folder = load_site("staging", DOCS / "nightly" / "conformance.toml")
        assert (settings.kind, folder) == ("staging", DOCS / "nightly")
        assert settings.mail is not None

    @pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
    def test_its_secrets_are_those_that_servers_are_told_to_give(self, name: str) -> None:
        wanted = set(re.findall(r'"env:(\w+)"', read("conformance.toml")))
        assert wanted
        assert wanted <= set(re.findall(r"WEBEX_\w+", read(name)))


class TestTox:
    def test_the_nightly_run_passes_the_secrets_and_names_the_site(self) -> None:
        tox = configparser.ConfigParser(interpolation=None)
        tox.read(ROOT / "tox.ini")
        nightly = tox["testenv:nightly"]
        assert {"CONFORMANCE_SITE", "WEBEX_*"} <= set(nightly["pass_env"].split())
        assert nightly["commands"].startswith("conformance run --site {env:CONFORMANCE_SITE:mock} ")

    def test_environments_that_are_spoken_of_exist(self) -> None:
        tox = configparser.ConfigParser(interpolation=None)
        tox.read(ROOT / "tox.ini")
        known = {name.removeprefix("testenv:") for name in tox.sections()}
        for page in (DOCS / "nightly.md", ROOT / "CONTRIBUTING.md"):
            named = re.findall(r"tox -e ([\w,]+)", page.read_text(encoding="utf-8"))
            assert {name for names in named for name in names.split(",")} <= known
