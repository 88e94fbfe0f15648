"""summary.json: a decision for programs. docs/summary.schema.json describes it; it is made of the models here.

``python -m conformance.page.summary`` prints that schema.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from conformance import __version__
from conformance.history.model import RunRecord
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import ChangeState, ChangeWord, Decision, Outcome, Reason, Word
from conformance.wire.pretty import printable

VERSION: Literal[1] = 1
"""Raised where a reader of the version before would read something wrong; a new key raises nothing."""
SCHEMA_ID = f"https://example.com/webex-conformance/summary-{VERSION}.schema.json"

STATES: Mapping[ChangeWord, str] = {word: word.name.lower().replace("_", " ") for word in ChangeWord}


def _one_line(text: Any) -> Any:
    return printable(" ".join(text.split())) if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_one_line)]
"""A single line without control characters."""
StateName = Literal["holds", "broken", "waived", "unknown", "not applicable", "not covered", "not affected"]
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """Base of all parts of the file: every key is always there."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


class Answer(Part):
    """The decision itself."""

    word: Word
    """What it comes to; nothing else is ever said."""
    exit_code: Annotated[int, Field(ge=0, le=3)]
    """0 READY, 1 NOT READY, 2 CANNOT TELL, 3 RUN VOID."""
    to: Text
    """The version that is to be taken."""
    from_: Annotated[Text | None, Field(alias="from")]
    """The version that is left; null where that does not matter."""
    site: Text
    at: datetime
    """When it was decided; ages are measured from then."""
    max_age_seconds: Annotated[float, Field(ge=0)]
    """How old evidence may be."""
    profile: Text
    """The integration; empty where everything counts."""
    policy: Text
    """Whose rules were applied."""
    observed: Count
    """How many cases there is conclusive evidence for."""
    planned: Count
    """How many cases the version has."""


class ReasonPart(Part):
    """One cause."""

    rule: Text
    outcome: Outcome
    says: Text
    """The whole reason in one sentence."""
    change: Text
    title: Text
    releases: Text
    notes: Text
    source: Text
    uses: Text
    owners: tuple[Text, ...]
    seen: Text
    since: datetime | None
    """Start of the run in which it was first seen so."""
    since_run: Text
    advice: Text
    cases: tuple[Text, ...]
    evidence_run: Text
    """The run that it rests on; empty where there is none."""
    evidence_age_seconds: float | None
    place: Text
    """As file:line:column; empty where it has none."""


class ChangePart(Part):
    """How one documented change stands."""

    id: Text
    title: Text
    releases: Text
    scope: Text
    """``new`` with this upgrade, ``there`` before it, or ``later``."""
    used: bool
    state: StateName
    by_operation: dict[Text, StateName]
    counts: dict[Verdict, Count]
    """Its cases, by verdict."""
    source: Text
    impact: Text
    advice: Text


class RunPart(Part):
    """A run whose evidence counts, with what identifies it."""

    id: Text
    name: Text
    started: datetime
    ended: datetime | None
    complete: bool
    site: Text
    endpoint: Text
    api_version: Text
    told_version: Text
    behaves_as: Text
    mock_version: Text
    schema_release: Text
    suite_version: Text
    schemas_digest: Text
    cases_digest: Text
    settings_digest: Text
    clock_offset_seconds: float
    planned: Count
    exit_code: int | None
    counts: dict[Verdict, Count]


class Summary(Part):
    """The whole file."""

    schema_: Annotated[str, Field(alias="$schema")]
    version: Literal[1]
    suite: Text
    """The version of the suite that decided."""
    decision: Answer
    reasons: tuple[ReasonPart, ...]
    """Heaviest first."""
    changes: tuple[ChangePart, ...]
    """Newest release first."""
    states: dict[StateName, Count]
    """How many changes stand how."""
    counts: dict[Verdict, Count]
    """Cases of all changes, by verdict."""
    rules: dict[Text, Outcome]
    """The policy as applied."""
    runs: tuple[RunPart, ...]
    """Newest first."""


def summary(decision: Decision) -> Summary:
    """Return a decision as what is written of it."""
    states = Counter(STATES[change.word] for change in decision.changes)
    counts: Counter[Verdict] = Counter()
    for change in decision.changes:
        counts.update(change.counts)
    return Summary.model_validate(
        {
            "schema_": SCHEMA_ID,
            "version": VERSION,
            "suite": __version__,
            "decision": _answer(decision),
            "reasons": [_reason(reason) for reason in decision.reasons],
            "changes": [_change(change) for change in decision.changes],
            "states": {name: states[name] for name in STATES.values()},
            "counts": {verdict: counts[verdict] for verdict in Verdict},
            "rules": dict(decision.policy),
            "runs": [_run(run) for run in decision.runs],
        }
    )


def summary_data(decision: Decision) -> dict[str, Any]:
    """Return a decision as JSON data."""
    return summary(decision).model_dump(mode="json", by_alias=True)


def summary_json(decision: Decision) -> str:
    """Return the text of summary.json; it is ASCII, so that no terminal acts on it."""
    return json.dumps(summary_data(decision), indent=2) + "\n"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    schema = Summary.model_json_schema(mode="serialization", by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return {**head, **schema, "title": "summary.json of webex-conformance"}


def _answer(decision: Decision) -> dict[str, Any]:
    return {
        "word": decision.word,
        "exit_code": int(decision.code),
        "to": str(decision.to),
        "from_": None if decision.from_ is None else str(decision.from_),
        "site": decision.site,
        "at": decision.at,
        "max_age_seconds": decision.max_age.total_seconds(),
        "profile": decision.profile,
        "policy": decision.policy_source,
        "observed": decision.observed,
        "planned": decision.planned,
    }


def _named(value: Any, model: type[Part]) -> dict[str, Any]:
    """Return the attributes of a value that a part takes over as they are."""
    return {name: getattr(value, name) for name in model.model_fields if hasattr(value, name)}


def _reason(reason: Reason) -> dict[str, Any]:
    evidence = reason.evidence
    return {
        **_named(reason, ReasonPart),
        "evidence_run": evidence.run if evidence else "",
        "evidence_age_seconds": evidence.age.total_seconds() if evidence else None,
    }


def _change(change: ChangeState) -> dict[str, Any]:
    operations = {name: STATES[word] for name, word in change.by_operation.items()}
    return {**_named(change, ChangePart), "state": STATES[change.word], "by_operation": operations}


def _run(run: RunRecord) -> dict[str, Any]:
    return {**_named(run, RunPart), "api_version": str(run.api_version)}


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
