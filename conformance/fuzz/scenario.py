"""A generated request as a case: what sets its scene, what is sent, what every answer must be, what undoes it.

What is run is what a case file of a finding holds, so whatever is found can be run again by the suite itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.cases.load import load_fixtures
from conformance.cases.model import ANONYMOUS, ChangeFile
from conformance.cases.plan import Change, PlannedCase
from conformance.fuzz.requests import Generated
from conformance.fuzz.roundtrip import ReadBack, read_back
from conformance.fuzz.values import GIVEN
from conformance.resources import cases_root
from conformance.schema.model import SchemaModel
from conformance.versions import Version
from conformance.wire.effects import CREATED_BY, reads
from conformance.wire.names import Operation, prefixed

FIXTURES = Path(__file__).parent / "conformance.yaml"
"""The root file of a folder of found cases, with the fixtures that are not shipped."""

ASKED, AGAIN, READ = "the request", "the same request again", "what was sent is read back"
"""Names of the steps."""

_TRACES = ("java.lang.", ".java:", "Traceback (")
NO_TRACE = f"count(//serv:reason[{' or '.join(f'contains(., {trace!r})' for trace in _TRACES)}])"
"""The XPath that is 0 where a reason tells nothing of the program behind the service."""

_PROBE = {"name": "the site answers", "request": {"GetAPIVersion": {}}}
CLAUSE = "sound"


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the requests of one operation become cases."""

    operation: Operation
    caller: str
    version: Version
    read_back: ReadBack | None
    key: str
    """The XPath of the key of what a request creates; empty where it gets none."""

    @classmethod
    def of(cls, operation: Operation, caller: str, version: Version, model: SchemaModel) -> Scenario:
        """Return the scenario of an operation, from what its answers may hold."""
        return cls(operation, caller, version, read_back(operation, model), _key(operation, model))

    def case(self, generated: Generated) -> dict[str, Any]:
        """Return a generated request as a case of the case format."""
        steps = [self._asked(generated), *self._then(generated)]
        case = {
            "name": f"{self.operation.name} as it was generated",
            "proves": [CLAUSE],
            "as": self.caller,
            "given": {name: GIVEN[name] for name in GIVEN if name in generated.names},
            "steps": steps,
            "cleanup": self._cleanup(),
        }
        return {key: value for key, value in case.items() if value}

    def planned(self, generated: Generated, number: int) -> PlannedCase:
        """Return a generated request as a case that can be run."""
        return self._planned(self.case(generated), f"{self.operation.name}-{number}")

    def probe(self, number: int) -> PlannedCase:
        """Return a case that only asks whether the site answers at all."""
        case = {"name": "probe", "proves": [CLAUSE], "as": ANONYMOUS, "steps": [_PROBE]}
        return self._planned(case, f"probe-{number}")

    def head(self, says: str = CLAUSE, **more: str) -> dict[str, Any]:
        """Return the head of a case file, with what the clause says."""
        return {
            "change": "Found by fuzzing",
            "released_in": [str(self.version)],
            "kind": "behaviour changed",
            "operations": [self.operation.name],
            "source": "generated requests",
            "impact": says,
            "advice": says,
            **more,
            "clauses": {CLAUSE: says},
        }

    def _planned(self, case: Mapping[str, Any], name: str) -> PlannedCase:
        file = ChangeFile.model_validate({**self.head(), "cases": [case]})
        fixtures = {**load_fixtures(cases_root()), **load_fixtures(FIXTURES.parent)}
        change = Change(f"fuzz/{name}", FIXTURES, file, (self.version,), fixtures, "")
        return PlannedCase(f"{change.id}::generated", change, file.cases[0], {})

    def _asked(self, generated: Generated) -> dict[str, Any]:
        step = self._request(ASKED, generated)
        step["expect"]["xpath"] = {NO_TRACE: "0"}
        captures = {"done": "//serv:result[. = 'SUCCESS']"} if self.read_back else {}
        if self.key:
            captures["key"] = self.key
        if reads(self.operation.name):
            captures = {"result": "//serv:result", "code": "//serv:exceptionID"}
        return {**step, "capture": captures} if captures else step

    def _request(self, name: str, generated: Generated) -> dict[str, Any]:
        return {
            "name": name,
            "request": {self.operation.name: dict(generated.body)},
            "expect": {"sent": "invalid"} if generated.mutation else {},
        }

    def _then(self, generated: Generated) -> Sequence[dict[str, Any]]:
        if reads(self.operation.name):
            again = self._request(AGAIN, generated)
            again["expect"] |= {"result": "${result}", "exceptionID": "${code | default('')}"}
            return [again]
        if self.read_back is None or generated.mutation:
            return []
        target, conditions = self._object(generated), self.read_back.conditions(generated.body)
        if not (target and conditions):
            return []
        # Where the request was refused there is nothing to read: "done" was not captured.
        expect = {"result": "${done}", "xpath": conditions}
        body = {self.read_back.kind.target: target}
        return [{"name": READ, "request": {self.read_back.operation.name: body}, "expect": expect}]

    def _object(self, generated: Generated) -> str:
        """Return what names the object that a request creates or changes; empty where the request does not."""
        if self.key:
            return "${key}"
        target = self.read_back.kind.target.casefold() if self.read_back else ""
        texts = (inner for name, inner in generated.body.items() if name.casefold() == target)
        return next((text for text in texts if isinstance(text, str)), "")

    def _cleanup(self) -> list[dict[str, Any]]:
        kind = CREATED_BY.get(self.operation.name)
        # A user is removed by the fixture that made sure of his name.
        return [{"request": {kind.delete: {kind.target: "${key}"}}}] if kind and self.key else []


def _key(operation: Operation, model: SchemaModel) -> str:
    kind = CREATED_BY.get(operation.name)
    answer = model.types[f"{{{operation.namespace}}}{operation.response_type}"]
    wanted = kind.key.casefold() if kind else ""  # its spelling varies
    names = (name for name in model.children(answer) if name.rpartition("}")[2].casefold() == wanted)
    return next((f"//{prefixed(name)}" for name in names), "")
