"""The policy: what is made of each rule. The shipped one is policy.yaml; a file of the user says what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from conformance.cases.document import Document, read_document
from conformance.cases.faults import parse
from conformance.errors import CaseFault, CaseFileErrors
from conformance.upgrade.model import Outcome
from conformance.upgrade.rules import RULES

SHIPPED = Path(__file__).with_name("policy.yaml")
SHIPPED_NAME = "the shipped policy"

WEIGHT: Mapping[Outcome, int] = {outcome: weight for weight, outcome in enumerate(Outcome)}
"""Outcomes in order, heaviest first."""

_Word = Literal["run void", "not ready", "cannot tell", "tell", "ignore"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What is made of each rule, and who says so."""

    outcomes: Mapping[str, Outcome]
    """Of every rule, by its id."""
    source: str = SHIPPED_NAME
    """``the shipped policy``, or the file whose lines override it."""


@cache
def shipped_policy() -> Policy:
    """Return the policy that holds where nobody says otherwise."""
    return Policy(_outcomes(read_document(SHIPPED)))


def load_policy(path: Path | None) -> Policy:
    """Return the shipped policy with the rules overridden that a file names; None: as shipped.

    Raises CaseFileErrors with each fault at its place: an unknown rule or outcome, or an outcome so light that
    what is not known would be ready.
    """
    if path is None:
        return shipped_policy()
    document = read_document(path)
    own = _outcomes(document)
    return Policy({**shipped_policy().outcomes, **own}, str(path))


def _outcomes(document: Document) -> dict[str, Outcome]:
    values = parse(document, _model()).model_dump(exclude_none=True, by_alias=True)
    outcomes = {rule: Outcome(word) for rule, word in values.items()}
    faults = [fault for rule, outcome in outcomes.items() for fault in _too_light(document, rule, outcome)]
    if faults:
        raise CaseFileErrors(faults)
    return outcomes


def _too_light(document: Document, rule_id: str, outcome: Outcome) -> list[CaseFault]:
    rule = RULES[rule_id]
    if WEIGHT[outcome] <= WEIGHT[rule.lightest]:
        return []
    problem = f"'{rule_id}' can not be '{outcome}': {rule.because}"
    allowed = [f"'{word}'" for word in Outcome if WEIGHT[word] <= WEIGHT[rule.lightest]]
    return [document.fault((rule_id,), problem, f"write one of {', '.join(allowed)}")]


@cache
def _model() -> type[BaseModel]:
    """Return the shape of a policy file: each rule, or none of it."""
    fields: dict[str, Any] = {rule.replace("-", "_"): (_Word | None, Field(None, alias=rule)) for rule in RULES}
    return create_model("PolicyFile", __config__=ConfigDict(extra="forbid", frozen=True), **fields)
