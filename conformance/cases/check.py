"""What the shape of a file can not say: names that must exist, expressions that must compile, proofs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from conformance.cases import xpaths
from conformance.cases.document import Document, Location
from conformance.cases.model import (
    ANONYMOUS,
    NUMBERED_NEEDS,
    Case,
    ChangeFile,
    Expectation,
    Fixture,
    GivenMap,
    MailExpectation,
    MailStep,
    OpenStep,
    RequestStep,
    RootFile,
)
from conformance.cases.plan import slug
from conformance.cases.traces import trace_faults
from conformance.cases.values import Unresolved, names_in, parts_in, resolve
from conformance.errors import CaseFault, UnknownName, UserError, nearest
from conformance.versions import ROOT, Version
from conformance.wire.names import NAMESPACES, operation

ROLES = ("siteAdmin", "host", "attendee", ANONYMOUS)
RAW = "raw"
_PROVIDED = {"now", "site", "siteAdmin", "host", "attendee"}
_ACCOUNT = frozenset({"webExID", "email"})
_PARTS: Mapping[str, Collection[str]] = {
    "site": frozenset({"name", "host", "domain", "mailDomain"}),
    "siteAdmin": _ACCOUNT,
    "host": _ACCOUNT,
    "attendee": _ACCOUNT,
}
_NUMBERS = ("count", "at least", "at most")
_RESULTS = ("SUCCESS", "FAILURE")


def check_change(document: Document, file: ChangeFile, fixtures: Mapping[str, Fixture]) -> list[CaseFault]:
    """Return everything that is wrong with a case file of the right shape, but for clauses without a case."""
    return list(_ChangeCheck(document, file, fixtures).faults())


def check_proofs(document: Document, file: ChangeFile) -> list[CaseFault]:
    """Return the clauses of a case file that no case proves, as faults."""
    return [
        document.fault(
            ("clauses", clause), f"no case proves clause '{clause}'", f"add a case with 'proves: [{clause}]'"
        )
        for clause in unproven(file, file.cases)
    ]


def check_fixtures(document: Document, known: Mapping[str, Fixture], file: RootFile) -> list[CaseFault]:
    """Return everything that is wrong with the fixtures of a folder."""
    check = _StepCheck(document, known)
    found: list[CaseFault] = []
    for name, fixture in file.fixtures.items():
        at: Location = ("fixtures", name)
        if name in _below(name, known):
            found.append(document.fault((*at, "given"), f"fixture '{name}' needs itself"))
        check.knows(fixture.given)
        names = _PROVIDED | set(fixture.parameters) | set(fixture.given)
        found += check.given(at, fixture.given, names)
        found += check.caller((*at, "as"), fixture.caller, names)
        for key, value in fixture.parameters.items():
            found += check.expression((*at, "parameters", key), value, _PROVIDED)
        captured = names
        for part in ("steps", "cleanup"):
            for index, step in enumerate(getattr(fixture, part)):
                found += check.step((*at, part, index), step, captured)
                captured = captured | set(step.capture)
    return found


def _below(name: str, known: Mapping[str, Fixture]) -> set[str]:
    """Return the fixtures that a fixture needs, and those they need."""
    below: set[str] = set()
    waiting = [name]
    while waiting:
        fixture = known.get(waiting.pop())
        needed = {use.fixture for use in fixture.given.values()} - below if fixture else set()
        below |= needed
        waiting += needed
    return below


class _StepCheck:
    """Checks what cases and fixtures share. ``names`` are those that expressions may use at that point."""

    def __init__(self, document: Document, fixtures: Mapping[str, Fixture]) -> None:
        self.document = document
        self.fixtures = fixtures
        self._parts = _PARTS

    def knows(self, given: GivenMap, row: Collection[str] = ()) -> None:
        """Take note of what can be read off the names: of a row its columns, of a fixture what it has."""
        fixtures = {name: self.fixtures[use.fixture] for name, use in given.items() if use.fixture in self.fixtures}
        parts = {name: _parts_of(fixture) for name, fixture in fixtures.items()}
        self._parts = {**_PARTS, "row": row, **parts}

    def given(self, at: Location, given: GivenMap, names: set[str]) -> Iterator[CaseFault]:
        for name, use in given.items():
            here = (*at, "given", name)
            fixture = self.fixtures.get(use.fixture)
            if fixture is None:
                problem = f"unknown fixture '{use.fixture}'{nearest(use.fixture, sorted(self.fixtures))}"
                yield self.document.fault(here, problem)
                continue
            for key, value in use.with_.items():
                if key not in fixture.parameters:
                    offer = nearest(key, sorted(fixture.parameters))
                    yield self.document.fault((*here, "with", key), f"unknown parameter '{key}'{offer}")
                yield from self.expression((*here, "with", key), value, names)

    def caller(self, at: Location, caller: str | Mapping[str, str], names: set[str]) -> Iterator[CaseFault]:
        if isinstance(caller, str):
            if "${" not in caller and caller not in ROLES:
                yield self.document.fault(at, f"unknown role '{caller}'{nearest(caller, ROLES)}")
            yield from self.expression(at, caller, names)
            return
        for key, value in caller.items():
            yield from self.expression((*at, key), value, names)

    def step(self, at: Location, step: RequestStep | MailStep | OpenStep, names: set[str]) -> Iterator[CaseFault]:
        if isinstance(step, OpenStep):
            yield from self.expression((*at, "open"), step.open, names)
            return
        if isinstance(step, MailStep):
            yield from self.expression((*at, "mail", "to"), step.mail.to, names)
        else:
            yield from self.request((*at, "request"), step.request, names)
            if step.caller is not None:
                yield from self.caller((*at, "as"), step.caller, names)
            for name, expression in step.capture.items():
                yield from self.xpath((*at, "capture", name), expression, names)
        for side in ("expect", "before"):
            yield from self.expectation((*at, side), getattr(step, side), names)

    def request(self, at: Location, request: Mapping[str, Any], names: set[str]) -> Iterator[CaseFault]:
        if len(request) != 1:
            found = ", ".join(request) or "nothing"
            yield self.document.fault(at, f"a request names one operation, found {found}", "write 'Operation: {...}'")
            return
        name, body = next(iter(request.items()))
        if name != RAW and "${" not in name:
            try:
                operation(name)
            except UnknownName as error:
                yield self.document.fault((*at, name), str(error))
        if name == RAW and not isinstance(body, str):
            yield self.document.fault((*at, name), "'raw' takes a whole message", "write it as one text")
            return
        yield from self._body((*at, name), body, names)

    def _body(self, at: Location, body: Any, names: set[str]) -> Iterator[CaseFault]:
        if isinstance(body, str):
            yield from self.expression(at, body, names)
        for key, value in body.items() if isinstance(body, Mapping) else enumerate(body if body is not None else ()):
            if isinstance(body, str):
                return
            if isinstance(key, str) and not re.fullmatch(r"@?(?:serv:)?[A-Za-z_][\w.-]*", key):
                advice = "only 'serv:' is declared in a request, other elements have no prefix"
                yield self.document.fault((*at, key), f"'{key}' is not a name a request can carry", advice)
            yield from self._body((*at, key), value, names)

    def expectation(self, at: Location, expected: object, names: set[str]) -> Iterator[CaseFault]:
        if isinstance(expected, MailExpectation):
            for key, value in expected.model_dump(exclude_none=True).items():
                yield from self.expression((*at, key), value, names)
        if not isinstance(expected, Expectation):
            return
        result = expected.result
        if result is not None and "${" not in result and result not in _RESULTS:
            yield self.document.fault((*at, "result"), f"'{result}' is no result", "write SUCCESS or FAILURE")
        texts = {"result": result, "exceptionID": expected.exception_id, "reason": expected.reason}
        for key, text in texts.items():
            yield from self.expression((*at, key), text or "", names)
        for xpath, condition in expected.xpath.items():
            here = (*at, "xpath", xpath)
            yield from self.xpath(here, xpath, names)
            values = condition.model_dump(exclude_none=True, by_alias=True)
            if not values:
                yield self.document.fault(here, "an empty condition", "write the expected text or a condition")
            for key, value in values.items():
                yield from self._condition((*here, key), key, value, names)

    def _condition(self, at: Location, key: str, value: str | Sequence[str], names: set[str]) -> Iterator[CaseFault]:
        for text in [value] if isinstance(value, str) else value:
            yield from self.expression(at, text, names)
        if not isinstance(value, str) or "${" in value:
            return
        if key in _NUMBERS and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            yield self.document.fault(at, f"'{value}' is no number")
        if key == "matches":
            try:
                re.compile(value)
            except (re.error, OverflowError, RecursionError) as error:
                yield self.document.fault(at, f"'{value}' is not a regular expression: {error}")

    def xpath(self, at: Location, expression: str, names: set[str]) -> Iterator[CaseFault]:
        try:
            xpaths.check(expression)
        except xpaths.BadXPath as error:
            yield self.document.fault(at, str(error))
        yield from self.expression(at, expression, names)

    def expression(self, at: Location, text: str, names: set[str]) -> Iterator[CaseFault]:
        try:
            unknown = sorted(names_in(text) - names)
        except Unresolved as error:
            yield self.document.fault(at, str(error))
            return
        for name in unknown:
            yield self.document.fault(at, f"'{name}' is not known here{nearest(name, sorted(names))}")
        for name, part in sorted(parts_in(text)):
            known = self._parts.get(name)
            if known is not None and name in names and part not in known and not part.startswith("_"):
                yield self.document.fault(at, f"'{name}' has no '{part}'{nearest(part, sorted(known))}")


def _parts_of(fixture: Fixture) -> set[str]:
    captured = {name for step in fixture.steps for name in step.capture}
    return captured | fixture.parameters.keys() | fixture.given.keys()


class _ChangeCheck(_StepCheck):
    """Checks one case file."""

    def __init__(self, document: Document, file: ChangeFile, fixtures: Mapping[str, Fixture]) -> None:
        super().__init__(document, fixtures)
        self.file = file

    def faults(self) -> Iterator[CaseFault]:
        yield from self._head()
        yield from self._schema_rules()
        yield from trace_faults(self.document, self.file)
        seen: set[str] = set()
        for index, case in enumerate(self.file.cases):
            at: Location = ("cases", index)
            yield from self._names(at, case, seen)
            yield from self._case(at, case)

    def _schema_rules(self) -> Iterator[CaseFault]:
        for rule, clauses in self.file.schema_rules.items():
            at: Location = ("schema", rule)
            prefix = rule.partition(":")[0]
            if prefix not in NAMESPACES:
                known = nearest(prefix, sorted(NAMESPACES))
                advice = "write the type with its prefix, as use:createUser/isHTMLEmail"
                yield self.document.fault(at, f"prefix '{prefix}' is not declared{known}", advice)
            for clause in clauses:
                if clause not in self.file.clauses:
                    offer = nearest(clause, list(self.file.clauses))
                    yield self.document.fault(at, f"unknown clause '{clause}'{offer}")

    def _head(self) -> Iterator[CaseFault]:
        releases: list[Version] = []
        for index, text in enumerate(self.file.released_in):
            try:
                releases.append(Version.parse(text))
            except UserError as error:
                yield self.document.fault(("released_in", index), str(error))
        if self.file.is_baseline and releases and releases != [ROOT]:
            advice = f"write 'released_in: [\"{ROOT}\"]'"
            yield self.document.fault(("released_in",), "the baseline holds at every release", advice)
        folder = self.document.path.parent.name
        if releases and len(releases) == len(self.file.released_in) and folder != str(max(releases)):
            advice = f"move the file to the folder {max(releases)}"
            yield self.document.fault(("released_in",), f"the file stands in the folder {folder}", advice)
        for index, name in enumerate(self.file.operations):
            try:
                operation(name)
            except UnknownName as error:
                yield self.document.fault(("operations", index), str(error))

    def _names(self, at: Location, case: Case, seen: set[str]) -> Iterator[CaseFault]:
        for index, clause in enumerate(case.proves):
            if clause not in self.file.clauses:
                offer = nearest(clause, sorted(self.file.clauses))
                yield self.document.fault((*at, "proves", index), f"unknown clause '{clause}'{offer}")
        yield from self._table(at, case)
        for row in case.table or ({},):
            try:
                name = slug(str(resolve(case.name, {"row": row})))
            except Unresolved as error:
                yield self.document.fault((*at, "name"), f"{error}", "a name may use the values of its row only")
                return
            if name in seen:
                advice = "give each case and each row of a table its own name"
                yield self.document.fault((*at, "name"), f"a second case named '{name}'", advice)
            seen.add(name)

    def _table(self, at: Location, case: Case) -> Iterator[CaseFault]:
        for index, row in enumerate(case.table):
            for missing in sorted(case.table[0].keys() - row.keys()):
                yield self.document.fault((*at, "table", index), f"'{missing}' is missing in this row")
            for extra in sorted(row.keys() - case.table[0].keys()):
                yield self.document.fault((*at, "table", index, extra), f"'{extra}' is not in the first row")

    def _case(self, at: Location, case: Case) -> Iterator[CaseFault]:
        if (case.request is None) == (not case.steps):
            yield self.document.fault(at, "a case has either one 'request' or 'steps'")
            return
        if case.steps and (case.expect or case.before or case.capture):
            yield self.document.fault(at, "'expect', 'before' and 'capture' belong into the steps here")
        names = _PROVIDED | set(case.given) | ({"row"} if case.table else set())
        self.knows(case.given, case.table[0].keys() if case.table else ())
        yield from self._site(at, case, names)
        yield from self.given(at, case.given, names - set(case.given))
        yield from self.caller((*at, "as"), case.caller, names)
        for index, step in enumerate(case.all_steps):
            place = at if case.request is not None else (*at, "steps", index)
            yield from self.step(place, step, names)
            names = names | set(step.capture if not isinstance(step, OpenStep) else ())
        for index, step in enumerate(case.cleanup):
            yield from self.step((*at, "cleanup", index), step, names)
        if self.file.is_baseline:
            yield from self._no_before(at, case)
        elif not discriminates(case.all_steps):
            advice = "say in 'before' what a site without the change answers"
            yield self.document.fault(at, "the same is expected before and after the change: it proves nothing", advice)

    def _no_before(self, at: Location, case: Case) -> Iterator[CaseFault]:
        for index, step in enumerate(case.all_steps):
            if step.before is not None:
                place = at if case.request is not None else (*at, "steps", index)
                advice = "leave it out, or write a documented change"
                yield self.document.fault((*place, "before"), "the baseline holds at every release", advice)

    def _site(self, at: Location, case: Case, names: set[str]) -> Iterator[CaseFault]:
        for key, value in case.site.model_dump(exclude_none=True, by_alias=True).items():
            here = (*at, "site", key)
            yield from self.expression(here, value, names & {"row"})
            if "${" in value:
                continue
            if key in NUMBERED_NEEDS and not value.isdigit():
                yield self.document.fault(here, f"'{value}' is no number", "write how many the site must have")
            elif key not in NUMBERED_NEEDS and value not in ("true", "false"):
                yield self.document.fault(here, f"'{value}' is not allowed here", "write true or false")


def discriminates(steps: Sequence[RequestStep | MailStep | OpenStep]) -> bool:
    """Tell whether any step expects something else of a site without the change."""
    return any(step.before is not None and step.before != step.expect for step in steps)


def unproven(file: ChangeFile, ran: Iterable[Case]) -> list[str]:
    """Return the clauses that none of ``ran`` proves."""
    proven = {clause for case in ran for clause in case.proves}
    return [clause for clause in file.clauses if clause not in proven]
