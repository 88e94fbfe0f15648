"""Which differences between the answers of two versions are documented, and by what.

Three things document a difference: a case that expects another answer with the change than without it, a trace of
a change that names what is read of the answers, and the schemas of the two versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cases.model import Expectation, RequestStep
from conformance.cases.plan import Change, PlannedCase
from conformance.cases.values import Unresolved, resolve
from conformance.cases.xpaths import BadXPath, evaluate
from conformance.compare.align import Difference, Kind
from conformance.run.verdicts import StepResult, Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.model import Particle, SchemaModel, TypeModel
from conformance.versions import Version
from conformance.wire.names import OPERATIONS
from conformance.wire.response import Response

_DEPTH = 16
"""Deeper than any answer of the schemas; a type that holds itself ends there."""
_ANSWER_CHECKS = frozenset({"result", "exceptionID", "reason", "xpath"})
_UNKNOWN_PREDICATE = re.compile(r"\[[^\[\]]*\$\{[^}]*\}[^\[\]]*\]")
_COUNTED = re.compile(r"\s*(?:count|string|normalize-space|boolean|not|number|sum)\((.*)\)\s*", re.DOTALL)
_NOT_AN_ELEMENT = re.compile(r"/(?:@[\w:*.-]+|text\(\))$")

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What documents a difference."""

    changes: Names
    """Ids of changes, or ``schemas 40.1.2`` where no change between the versions claims it."""
    by: str
    """``case``, ``trace`` or ``schema``."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The two answers of one step, with all that says what they should be."""

    operation: str
    step: RequestStep | None
    """The step of the case file; None for a step of a fixture."""
    planned: PlannedCase
    result_a: StepResult
    result_b: StepResult
    a: Response
    b: Response


class Documentation:
    """What is documented between version ``a`` and version ``b``; either may be the higher."""

    def __init__(self, changes: Sequence[Change], catalog: SchemaCatalog, a: Version, b: Version) -> None:
        self._catalog = catalog
        self._a, self._b = a, b
        self.between = [change for change in changes if change.side(a) != change.side(b)]
        """The changes that one of the two versions has and the other has not."""
        self._schema: dict[str, Mapping[Names, Changed]] = {}

    def ground(self, difference: Difference, answers: Answers) -> Ground | None:
        """Return what documents a difference; None where nothing does."""
        return (
            self._by_case(difference, answers)
            or self._by_trace(difference, answers)
            or self._by_schema(difference, answers)
        )

    def asks(self, answers: Answers) -> bool:
        """Tell whether the case expects the two answers to differ."""
        planned, step = answers.planned, answers.step
        if step is None or not isinstance(step.before, Expectation):
            return False
        told = [_of_answer(expectation, planned.row) for expectation in (step.expect, step.before)]
        return planned.change in self.between and told[0] != told[1]

    def _by_case(self, difference: Difference, answers: Answers) -> Ground | None:
        step, planned = answers.step, answers.planned
        if step is None or not self.asks(answers) or not isinstance(step.before, Expectation):
            return None
        if not as_expected(answers.result_a) or not as_expected(answers.result_b):
            return None  # it differs, and not as documented
        ground = Ground((planned.change.id,), "case")
        if difference.kind is Kind.OUTCOME:
            outcomes = [_of_answer(expectation, planned.row)[:3] for expectation in (step.expect, step.before)]
            if outcomes[0] != outcomes[1]:
                return ground
        expected, before = (_of_answer(expectation, planned.row)[3] for expectation in (step.expect, step.before))
        paths = [path for path in (expected | before) if expected.get(path) != before.get(path)]
        return ground if _selected(paths, difference, answers, within=False) else None

    def _by_trace(self, difference: Difference, answers: Answers) -> Ground | None:
        found = [
            change.id
            for change in self.between
            for trace in change.file.traffic
            if answers.operation in trace.operations and _selected(trace.reads, difference, answers, within=True)
        ]
        return Ground(tuple(dict.fromkeys(found)), "trace") if found else None

    def _by_schema(self, difference: Difference, answers: Answers) -> Ground | None:
        element = difference.b if difference.b is not None else difference.a
        if element is None or difference.kind is Kind.OUTCOME:
            return None
        place = _below_content(element)
        changed = self._changed(answers.operation)
        for end in range(len(place), 0, -1):
            found = changed.get(place[:end])
            if found and found.explains(difference.kind, newer_is_b=self._b > self._a, itself=end == len(place)):
                claimed = tuple(
                    change.id
                    for change in self.between
                    if answers.operation in change.file.operations and found.release in map(str, change.released_in)
                )
                return Ground(claimed or (f"schemas {found.release}",), "schema")
        return None

    def _changed(self, operation: str) -> Mapping[Names, Changed]:
        """Return what the schemas of the two versions say differently of an answer, by place."""
        if operation not in OPERATIONS or self._a == self._b:
            return {}
        if operation not in self._schema:
            known = OPERATIONS[operation]
            name = f"{{{known.namespace}}}{known.response_type}"
            older, newer = (self._catalog.at(version).model for version in sorted((self._a, self._b)))
            pair = _Types(older, newer, self._catalog)
            self._schema[operation] = dict(pair.walk((), older.types.get(name), newer.types.get(name)))
        return self._schema[operation]


def as_expected(result: StepResult) -> bool:
    """Tell whether an answer held what its case says of it; its schema is another matter."""
    return not any(check.id in _ANSWER_CHECKS and check.verdict is Verdict.FAIL for check in result.checks)


@dataclass(frozen=True, slots=True)
class Changed:
    """An element that the older and the newer schema do not say the same of."""

    release: str
    """The release whose schema files say so."""
    older: bool
    newer: bool
    """Whether the older and the newer schema have it."""
    other_type: bool
    optional: bool
    """Whether one of them lets it be absent that the other does not let be."""

    def explains(self, kind: Kind, *, newer_is_b: bool, itself: bool) -> bool:
        """Tell whether it explains a difference of that kind at it, or below it."""
        comes = self.newer and not self.older
        goes = self.older and not self.newer
        if not itself:
            return comes or goes or self.other_type
        match kind:
            case Kind.ADDED:
                return (comes if newer_is_b else goes) or self.optional
            case Kind.REMOVED:
                return (goes if newer_is_b else comes) or self.optional
            case _:
                return self.other_type


@dataclass(frozen=True, slots=True)
class _Types:
    """The types of two releases, walked side by side."""

    older: SchemaModel
    newer: SchemaModel
    catalog: SchemaCatalog

    def walk(self, place: Names, older: TypeModel | None, newer: TypeModel | None) -> Iterator[tuple[Names, Changed]]:
        """Yield place and change of every element that the two types do not say the same of."""
        if len(place) > _DEPTH:
            return
        children_a = {} if older is None else {n: p for n, (_, p) in self.older.children(older).items()}
        children_b = {} if newer is None else {n: p for n, (_, p) in self.newer.children(newer).items()}
        for name in dict.fromkeys((*children_a, *children_b)):
            a, b = children_a.get(name), children_b.get(name)
            here = (*place, name)
            if a is None or b is None:
                yield here, Changed(self._release(a or b), a is not None, b is not None, False, False)
                continue
            if (a.type, a.least, a.most) != (b.type, b.least, b.most):
                yield here, Changed(self._release(b), True, True, a.type != b.type, a.least != b.least)
            yield from self.walk(here, self.older.type_of(a), self.newer.type_of(b))

    def _release(self, particle: Particle | None) -> str:
        if particle is None or not particle.place.path.is_relative_to(self.catalog.root):
            return ""
        return particle.place.path.relative_to(self.catalog.root).parts[0]


def _of_answer(expectation: Expectation, row: Mapping[str, str]) -> tuple[Any, ...]:
    """Return what an expectation says of the answer, with the values of the row."""
    outcome = (expectation.result, expectation.exception_id, expectation.reason)
    conditions = {
        _resolved(path, row): {key: _resolved(value, row) for key, value in condition.wanted.items()}
        for path, condition in expectation.xpath.items()
    }
    return (*(text and _resolved(text, row) for text in outcome), conditions)


def _resolved(text: str, row: Mapping[str, str]) -> str:
    """Work out what a row alone tells; the rest stays as it is written."""
    try:
        return str(resolve(text, {"row": row}))
    except Unresolved:
        return text


def _selected(paths: Sequence[str], difference: Difference, answers: Answers, *, within: bool) -> bool:
    """Tell whether one of the XPaths selects what differs, or something in it where all of it is new.

    ``within`` says that what is selected is meant with all that is in it: a case looks at the element alone.
    """
    chosen = {
        element
        for path in paths
        for response in (answers.a, answers.b)
        for element in _elements(path, response.root)
        if response.content is None or element not in {response.content, *response.content.iterancestors()}
    }
    if difference.kind is Kind.OUTCOME:
        return any(_is_header(element) for element in chosen)
    for element in (difference.a, difference.b):
        if element is None:
            continue
        if element in chosen or (within and any(around in chosen for around in element.iterancestors())):
            return True
        if difference.kind in (Kind.ADDED, Kind.REMOVED) and any(inner in chosen for inner in element.iter("*")):
            return True
    return False


def _elements(path: str, root: etree._Element) -> list[etree._Element]:
    """Return the elements that an XPath selects, or counts; none for what can not be known without the run."""
    while counted := _COUNTED.fullmatch(path):
        path = counted[1]
    path = _NOT_AN_ELEMENT.sub("", _UNKNOWN_PREDICATE.sub("", path))
    if "${" in path:
        return []
    try:
        value = evaluate(path, root)
    except (BadXPath, etree.XPathError):
        return []
    return [] if isinstance(value, str) else [node for node in value if isinstance(node, etree._Element)]


def _is_header(element: etree._Element) -> bool:
    return any(etree.QName(around).localname == "header" for around in element.iterancestors())


def _below_content(element: etree._Element) -> Names:
    """Return the names from the content of the answer down to an element; none for what stands elsewhere."""
    names: list[str] = []
    at: etree._Element | None = element
    while at is not None:
        if etree.QName(at).localname == "bodyContent":
            return tuple(reversed(names))
        names.append(str(at.tag))
        at = at.getparent()
    return ()
