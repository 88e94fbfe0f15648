"""``conformance fuzz``: generated requests for a site, and what its answers are found to be."""

from __future__ import annotations

import json
import math
import secrets
import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from conformance.cases.check import ROLES
from conformance.commands import say
from conformance.errors import UnknownName, UserError
from conformance.fuzz.campaign import Aim, Campaign, Outcome, no_files_of_hypothesis
from conformance.fuzz.safety import refuse
from conformance.fuzz.scenario import Scenario
from conformance.fuzz.telling import data, exit_code, text
from conformance.fuzz.writing import Repeat, keep
from conformance.report.recorder import run_name
from conformance.run.engine import Engine
from conformance.run.suite import MOCK, RunOptions, build_engine, held_to
from conformance.run.veil import masked
from conformance.run.verdicts import ExitCode
from conformance.wire.names import Operation, operation

FORMATS = ("text", "json")
_SEEDS = 2**32
_OF_ADMINISTRATORS = frozenset({"CreateUser", "SetUser", "DelUser", "LstsummaryUser"})
_SERVED = "http://127.0.0.1:8080/WBXService/XMLService"
"""Where ``conformance mock`` answers; the embedded mock is gone when somebody sends a request again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for, beside the site."""

    operation: str
    caller: str | None = None
    """Who calls; None: whoever usually calls the operation."""
    api_version: str | None = None
    """What the site is held to; None: what its profile says, else the newest."""
    most: int = 200
    seed: int | None = None
    """None: any."""
    seconds: float = 300.0
    invalid: bool = False
    allow_writes: bool = False
    deviations: bool = False
    output: Path | None = None
    format: str = "text"


def fuzz(asked: Asked, options: RunOptions) -> ExitCode:
    """Send generated requests of one operation to a site, tell what is found, and keep it in files.

    What the site is held to is that of ``asked``, not of ``options``. Raises UserError for what can not or must not be
    asked, before anything is sent; ExchangeFault where the site can not be used; SuiteError for a defect of ours.
    """
    called = operation(asked.operation)
    aim, caller = _aim(asked, options), asked.caller or _usual_caller(called)
    refuse(called, options, allow_writes=asked.allow_writes)
    # Not before: a site may be asked for its version.
    options = replace(options, api_version=held_to(options.site, asked.api_version, options.config))
    with build_engine(options) as engine, no_files_of_hypothesis():
        scenario = _scenario(called, caller, options, engine)
        campaign = Campaign(engine, scenario, aim)
        facts = engine.connect()
        outcome = campaign.run()
        _leave(engine, outcome)
    command = _command(asked, options, aim, caller)
    folder = asked.output or Path("reports", f"fuzz-{run_name(datetime.now(UTC), options)}")
    endpoint = _SERVED if options.site == MOCK else facts.endpoint
    kept = keep(outcome.found, folder, scenario, Repeat(command, _site_options(options), endpoint))
    if asked.format == "json":
        say(json.dumps(data(outcome, kept, command), indent=2))
        return exit_code(outcome)
    title = f"{called.name} as {caller}, site {options.site} held to {options.api_version}, seed {aim.seed}"
    for line in text(outcome, kept, title, command):
        say(line)
    if kept:
        say(f"kept: {folder}")
    return exit_code(outcome)


def _aim(asked: Asked, options: RunOptions) -> Aim:
    """Check what was asked for, and fill in what was not."""
    if asked.format not in FORMATS:
        raise UnknownName("format", asked.format, FORMATS)
    if asked.caller is not None and asked.caller not in ROLES:
        raise UnknownName("role", asked.caller, ROLES)
    if asked.most < 1:
        raise UserError(f"{asked.most} requests are none; write 1 or more")
    if not 0 <= asked.seconds < math.inf:
        raise UserError(f"{asked.seconds:g} is no time that something may take; write seconds, or 0 for no limit")
    if asked.seed is not None and asked.seed < 0:
        raise UserError(f"{asked.seed} is no seed; write 0 or more")
    return Aim(
        seed=secrets.randbelow(_SEEDS) if asked.seed is None else asked.seed,
        most=asked.most,
        seconds=asked.seconds,
        invalid=asked.invalid,
        scene=asked.allow_writes or options.site == MOCK,
        deviations=asked.deviations,
    )


def _scenario(called: Operation, caller: str, options: RunOptions, engine: Engine) -> Scenario:
    schemas = engine.schemas
    if not schemas.knows(called):
        raise UserError(f"the schemas of {schemas.release} do not know {called.name}; nothing can be generated")
    return Scenario.of(called, caller, options.api_version, schemas.model)


def _usual_caller(called: Operation) -> str:
    return "siteAdmin" if called.name in _OF_ADMINISTRATORS else "host"


def _leave(engine: Engine, outcome: Outcome) -> None:
    """Let go of the site, and add what it says then to the outcome."""
    engine.stop()
    outcome.remarks = [masked(line) for line in engine.provider.remarks()]
    left = engine.provider.left()
    if left is not None:  # it knows what is left: clean-ups that failed may have been made up for
        outcome.left = [masked(line) for line in left]


def _site_options(options: RunOptions) -> str:
    named = {"--site": options.site, "--api-version": options.api_version, "--config": options.config}
    named |= {"--mock-version": options.mock_version, "--schemas": options.schemas}
    return shlex.join(str(part) for name, value in named.items() if value is not None for part in (name, value))


def _command(asked: Asked, options: RunOptions, aim: Aim, caller: str) -> str:
    switches = {"--invalid": aim.invalid, "--allow-writes": asked.allow_writes, "--deviations": aim.deviations}
    parts = ["conformance", "fuzz", "--operation", asked.operation, "--as", caller]
    parts += ["--max", str(aim.most), "--seed", str(aim.seed), *(name for name, on in switches.items() if on)]
    return f"{shlex.join(parts)} {_site_options(options)}"
