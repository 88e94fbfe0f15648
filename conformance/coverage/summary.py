"""What was observed, held against all that there is at a release: operations, elements, exception codes, clauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.cases.plan import Change
from conformance.coverage.observed import Observed
from conformance.schema.catalog import SchemaSet
from conformance.schema.model import SchemaModel, TypeModel
from conformance.versions import Version
from conformance.wire.exception_ids import KNOWN
from conformance.wire.names import OPERATIONS, Operation


@dataclass(frozen=True, slots=True)
class Part:
    """Things of one kind: which there are, and which of them were observed."""

    observed: frozenset[str]
    known: frozenset[str]

    @property
    def seen(self) -> int:
        """How many of the known things were observed."""
        return len(self.observed & self.known)

    @property
    def never(self) -> list[str]:
        """The known things that were never observed, by name."""
        return sorted(self.known - self.observed)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"observed": self.seen, "of": len(self.known), "never": self.never}


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """One operation: how often it was called, and which of its elements were seen."""

    name: str
    service: str
    calls: int
    sent: Part
    answered: Part


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was observed of all that there is at a release."""

    release: Version
    operations: Sequence[OperationCoverage]
    failures: Mapping[str, int]
    """By exceptionID, how often it was observed; also those that we do not know."""
    clauses: Part | None
    """As ``40.2.0/start-time-in-the-past: refused``; None where no case was run."""
    others: int

    @property
    def parts(self) -> Mapping[str, Part]:
        """All kinds of things, by what they are called."""
        called = frozenset(operation.name for operation in self.operations if operation.calls)
        parts = {
            "operations": Part(called, frozenset(operation.name for operation in self.operations)),
            "elements of requests": _joined(self.operations, "sent"),
            "elements of answers": _joined(self.operations, "answered"),
            "exception codes": Part(frozenset(self.failures), frozenset(KNOWN)),
        }
        return parts if self.clauses is None else {**parts, "clauses": self.clauses}

    @property
    def sentence(self) -> str:
        """The whole in one line."""
        told = [f"{part.seen} of {len(part.known)} {name}" for name, part in self.parts.items()]
        return f"{', '.join(told)} observed at {self.release}"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data: what each thing is called is the key, so that two nights can be compared."""
        parts = {name.replace(" ", "_"): part.as_json() for name, part in self.parts.items()}
        operations = {
            one.name: {
                "service": one.service,
                "calls": one.calls,
                "sent": one.sent.as_json(),
                "answered": one.answered.as_json(),
            }
            for one in self.operations
        }
        whole = {"release": str(self.release), **parts, "failures": dict(sorted(self.failures.items()))}
        return {**whole, "by_operation": operations, "other_requests": self.others}


def coverage(
    seen: Observed, schemas: SchemaSet, changes: Sequence[Change] = (), proven: frozenset[str] | None = None
) -> Coverage:
    """Hold what was seen against the schemas of a release.

    ``proven`` are the clauses that a case looked at, as in ``Coverage.clauses``; None where no case was run.
    """
    clauses = frozenset(f"{change.id}: {clause}" for change in changes for clause in change.file.clauses)
    known = [operation for operation in OPERATIONS.values() if schemas.knows(operation)]
    return Coverage(
        release=schemas.release,
        operations=[_of(operation, seen, schemas.model) for operation in known],
        failures=seen.failures,
        clauses=None if proven is None else Part(proven, clauses),
        others=seen.others,
    )


def _of(operation: Operation, seen: Observed, model: SchemaModel) -> OperationCoverage:
    return OperationCoverage(
        name=operation.name,
        service=operation.prefix,
        calls=seen.calls[operation.name],
        sent=Part(
            frozenset(seen.sent.get(operation.name, ())),
            frozenset(_elements(model, f"{{{operation.namespace}}}{operation.request_type}")),
        ),
        answered=Part(
            frozenset(seen.answered.get(operation.name, ())),
            frozenset(_elements(model, f"{{{operation.namespace}}}{operation.response_type}")),
        ),
    )


def _elements(model: SchemaModel, type_name: str) -> Iterator[str]:
    start = model.types.get(type_name)
    return _below(model, start, "", ()) if start else iter(())


def _below(model: SchemaModel, above: TypeModel, path: str, inside: tuple[int, ...]) -> Iterator[str]:
    """Yield the paths of all elements below a type; one that holds itself is followed once."""
    if id(above) in inside:
        return
    for name, (_, particle) in model.children_by_local_name(above).items():
        yield f"{path}{name}"
        kind = model.type_of(particle)
        if kind is not None:
            yield from _below(model, kind, f"{path}{name}/", (*inside, id(above)))


def _joined(operations: Sequence[OperationCoverage], side: str) -> Part:
    parts = [(one.name, getattr(one, side)) for one in operations]
    return Part(
        frozenset(f"{name} {path}" for name, part in parts for path in part.observed),
        frozenset(f"{name} {path}" for name, part in parts for path in part.known),
    )
