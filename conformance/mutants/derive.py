"""Mutants that nobody has to write: every element of every answer that the cases see, spoiled in every way.

What a spoiled answer is worth is told by xmlschema, which judges nothing else in a run: what it finds valid is
legal, and only a clause can forbid it; all else the suite must refuse, though it asks libxml2.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from conformance.cases.plan import PlannedCase
from conformance.mock.defect_answers import Edit, edited
from conformance.run.verdicts import CaseResult
from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import Source
from conformance.schema.explain import accepts
from conformance.schema.findings import lineage
from conformance.schema.model import SchemaModel
from conformance.wire.limits import parser
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI_TYPE, prefixed

_CONTENT = "serv:message/serv:body/serv:bodyContent"
_GIVEN = "given "
_OTHER_NAMESPACE = "urn:example:other"
_NO_VALUE = "no \N{SNOWMAN} value"
_WORDS: Mapping[str, str] = {
    "remove": "left out",
    "empty": "empty",
    "blank": "blank",
    "text": "a text that is no value of anything",
    "twice": "there twice",
    "rename": "renamed",
    "namespace": "in another namespace",
    "last": "behind all its neighbours",
    "first": "before all its neighbours",
    "add": "with a child that nobody knows",
    "type": "of the type of another answer",
}
_RESTS_ON_CLOSEDNESS = frozenset({"add", "rename"})
"""What makes an element of the API that nobody knows: that none is added is only assumed."""

_RESTS_ON_PLACES = frozenset({"first", "last"})
"""What breaks the order, which may be assumed of an element that others come before or behind."""


@dataclass(frozen=True, slots=True)
class Derived:
    """One way to spoil one element of the answers to one operation."""

    operation: str
    result: str
    path: str
    """From the root, in our prefixes, without positions."""
    edit: Edit
    cases: tuple[str, ...]
    """The cases that call the operation, but for those that only set their scene by it; the quickest first."""
    answer: bytes
    """What the first of them is answered by a mock without defect."""

    @property
    def id(self) -> str:
        """Unique among all: ``derived/GetMeeting SUCCESS::meet:metaData/meet:confName twice``."""
        below = self.path.removeprefix(f"{_CONTENT}/").removeprefix("serv:message/")
        return f"derived/{self.operation} {self.result}::{below} {self.edit.verb}"

    @property
    def title(self) -> str:
        """What is wrong, in words."""
        return f"{self.path.rpartition('/')[2]} is {_WORDS[self.edit.verb]} in the answer to {self.operation}."

    @property
    def names(self) -> frozenset[str]:
        """The names by which a case can look at what is spoiled: its own, those of all within it, and ``*``."""
        (element,) = self._spoiled()
        return frozenset({"*", *(etree.QName(node).localname for node in element.iter("*"))})

    def is_legal(self, schemas: SchemaSet) -> bool:
        """Tell whether xmlschema finds the spoiled answer valid."""
        spoiled = edited(self.answer, (self.edit,))
        return spoiled is not None and accepts(schemas, etree.fromstring(spoiled, parser()))

    def may_be_assumed(self, schemas: SchemaSet) -> bool:
        """Tell whether the rule that it breaks is only assumed: then a deviation is all that it can be."""
        if self.edit.verb in _RESTS_ON_CLOSEDNESS:
            return True
        (element,) = self._spoiled()
        neighbours = [element]
        if self.edit.verb in _RESTS_ON_PLACES:
            neighbours += [*element.itersiblings(), *element.itersiblings(preceding=True)]
        rules = [lineage(node, schemas.model)[-1][1] for node in neighbours if isinstance(node.tag, str)]
        return any(rule is None or rule.evidence.source is Source.ASSUMED for rule in rules)

    def _spoiled(self) -> list[etree._Element]:
        found = etree.fromstring(self.answer, parser()).xpath(self.edit.at, namespaces=NAMESPACES)
        return found if isinstance(found, list) else []


def derived(
    cases: Sequence[PlannedCase],
    results: Mapping[str, CaseResult],
    answers: Mapping[str, Sequence[bytes]],
    model: SchemaModel,
) -> list[Derived]:
    """Return the mutants of all ``answers`` that cases get, in that order, from a mock without defect.

    What several operations answer by one rule of the schemas is spoiled once. An answer that a fixture needs too is
    left to cases without that fixture, if there are any: a fixture that fails blocks a case.
    """
    found: dict[Hashable, Derived] = {}
    callers: dict[str, list[str]] = {}
    for case in sorted(cases, key=lambda case: (_needs_twice(results[case.id]), len(results[case.id].steps), case.id)):
        calls = [step for step in results[case.id].steps if step.operation in OPERATIONS]
        for step, answer in zip(calls, answers[case.id], strict=False):  # clean-up is answered too
            if not step.name.startswith(_GIVEN):
                callers.setdefault(step.operation, []).append(case.id)
                for spoiled, mutant in _of_answer(step.operation, answer, case.id, model):
                    found.setdefault((spoiled, mutant.edit.verb), mutant)
    return [
        replace(mutant, cases=tuple(dict.fromkeys((*mutant.cases, *callers[mutant.operation]))))
        for mutant in found.values()
    ]


def _needs_twice(result: CaseResult) -> bool:
    """Tell whether a fixture of the case calls what the case calls too, and is answered alike."""
    calls = [(step.name.startswith(_GIVEN), step.operation, ">FAILURE<" in step.response) for step in result.steps]
    return any((not given, operation, failed) in calls for given, operation, failed in calls)


def _of_answer(operation: str, answer: bytes, case: str, model: SchemaModel) -> Iterator[tuple[Hashable, Derived]]:
    """Yield what could be spoiled, each with what it is by the schemas."""
    root = etree.fromstring(answer, parser())
    result = root.findtext("serv:header/serv:response/serv:result", namespaces=NAMESPACES)
    seen: set[str] = set()
    for element in root.iter("*"):
        path = "/".join(prefixed(str(node.tag)) for node in reversed([element, *element.iterancestors()]))
        if path in seen or path == "serv:message":
            continue
        seen.add(path)
        _, rule = lineage(element, model)[-1]
        spoiled = (result, path, operation) if path == _CONTENT else (result, rule.place if rule else path)
        at = f"(/{path})[1][/serv:message/serv:header/serv:response/serv:result='{result}']"
        for verb, value in _spoilings(element):
            yield spoiled, Derived(operation, result, path, Edit(at, verb, value), (case,), answer)


def _spoilings(element: etree._Element) -> Iterator[tuple[str, str]]:
    yield "remove", ""
    yield "twice", ""
    yield "rename", f"{etree.QName(element).localname}Renamed"
    yield "namespace", _OTHER_NAMESPACE
    if element.getnext() is not None:
        yield "last", ""
    if element.getprevious() is not None:
        yield "first", ""
    if len(element):
        yield "add", f"{{{etree.QName(element).namespace}}}unheardOf"
    if len(element) or element.text:
        yield "empty", ""
    if not len(element):
        yield "blank", ""
        yield "text", _NO_VALUE
    if XSI_TYPE in element.attrib:
        yield "type", "serv:bodyContentType"
