"""What is kept of findings: for each a case file, the request, the answer, and all about it as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from conformance.cases.load import ROOT_FILE
from conformance.cases.plan import slug
from conformance.errors import UserError
from conformance.fuzz.campaign import Found
from conformance.fuzz.curl import curl, message
from conformance.fuzz.oracle import answer_of
from conformance.fuzz.scenario import FIXTURES, Scenario

_WIDE = 1000
"""Columns of a line of YAML: texts are not folded."""


class _Dumper(yaml.SafeDumper):
    """Writes what stands in several places out in each: case files have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class Repeat:
    """How findings are seen again."""

    command: str
    """The command that found them, with its seed."""
    options: str
    """The options that lead a run to the same site."""
    endpoint: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding and where it is kept."""

    found: Found
    case: Path
    data: Mapping[str, Any]
    """What ``finding.json`` holds."""


def keep(found: Sequence[Found], folder: Path, scenario: Scenario, repeat: Repeat) -> list[Kept]:
    """Write the files of all findings below ``folder``; raise UserError where that can not be done.

    The folder is one of case files: ``conformance run FOLDER`` runs them.
    """
    try:
        return [_kept(one, name, folder, scenario, repeat) for name, one in _named(found, scenario)]
    except OSError as error:
        raise UserError(f"{folder}: can not be written: {error.strerror}") from error


def _named(found: Sequence[Found], scenario: Scenario) -> list[tuple[str, Found]]:
    names: dict[str, Found] = {}
    for one in found:
        name = slug(f"{scenario.operation.name}-{one.finding.id}")
        number = sum(known == name or known.startswith(f"{name}.") for known in names)
        names[f"{name}.{number + 1}" if number else name] = one
    return list(names.items())


def _kept(found: Found, name: str, folder: Path, scenario: Scenario, repeat: Repeat) -> Kept:
    case = folder / str(scenario.version) / f"{name}.yaml"
    beside = folder / name
    for place in (case.parent, beside):
        place.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(FIXTURES, folder / ROOT_FILE)
    file = case_file(found, scenario, repeat.command)
    case.write_text(yaml.dump(file, Dumper=_Dumper, sort_keys=False, width=_WIDE), encoding="utf-8")
    data = _data(found, scenario, repeat, case)
    (beside / "request.xml").write_text(data["sent"], encoding="utf-8", newline="")
    (beside / "response.xml").write_text(data["came"], encoding="utf-8", newline="")
    (beside / "finding.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    return Kept(found, case, data)


def case_file(found: Found, scenario: Scenario, command: str) -> dict[str, Any]:
    """Return the case file of a finding: it fails where the finding is there, and passes where it is not.

    ``before`` says what was seen, as far as an expectation can say it.
    """
    finding = found.finding
    case = scenario.case(found.generated)
    case["steps"] = case["steps"][: 1 + [step["name"] for step in case["steps"]].index(finding.step.name)]
    last = case["steps"][-1]
    if finding.id == "unknown-exception":
        last["expect"].setdefault("xpath", {})[f"count(//serv:exceptionID[. = '{finding.path}'])"] = "0"
        last["assumed"] = "No table of all exceptionIDs is public."
    answer = answer_of(finding.step)
    seen = {"result": answer and answer.result, "exceptionID": answer and answer.exception_id}
    sent = {key: value for key, value in last["expect"].items() if key == "sent"}
    last["before"] = sent | {key: value for key, value in seen.items() if value}
    told = f"{finding.rule} Seen at {finding.path or 'the answer'}: {finding.observed}"
    head = scenario.head(
        finding.rule,
        change=f"Found by fuzzing: {scenario.operation.name} breaks a rule",
        source=command,
        impact=told,
        advice="Tell the provider of the site; send no such request until it is mended.",
    )
    return {**head, "cases": [case]}


def _data(found: Found, scenario: Scenario, repeat: Repeat, case: Path) -> dict[str, Any]:
    finding, generated, step = found.finding, found.generated, found.finding.step
    # Of an exchange that failed, a run keeps no request.
    sent = step.request or message(scenario.operation, generated, scenario.caller)
    return {
        "id": finding.id,
        "rule": finding.rule,
        "path": finding.path,
        "deviation": finding.deviation,
        "expected": finding.expected,
        "observed": finding.observed,
        "note": finding.note,
        "operation": scenario.operation.name,
        "as": scenario.caller,
        "api_version": str(scenario.version),
        "step": finding.step.name,
        "request": generated.body,
        "mutation": generated.mutation,
        "sent": sent,
        "came": step.response,
        "case": str(case),
        "run": f"conformance run {case} {repeat.options}",
        "repeat": repeat.command,
        "curl": curl(scenario.operation, generated, scenario.caller, repeat.endpoint),
    }
