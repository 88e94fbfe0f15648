"""The integration profile: which operations a client calls, what it sends and what it reads of the answers.

It answers one question: does a documented change concern this integration? What a profile leaves out counts as used,
so a short profile is careful and a long one exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from conformance.cases import xpaths
from conformance.cases.document import Document, Location, read_document
from conformance.cases.faults import parse
from conformance.cases.model import Trace, Value
from conformance.cases.plan import Change
from conformance.cases.traces import (
    ENVELOPE,
    answer_children,
    answer_xpath_problem,
    names_of,
    request_path_problem,
)
from conformance.errors import CaseFault, CaseFileErrors, UnknownName
from conformance.traffic.where import traces_of
from conformance.wire.names import operation

_PLAIN_PATH = re.compile(r"[\w:./-]+")
_NUMBER = re.compile(r"[0-9]{1,12}")
_COULD_BE_ANY = re.compile(r"\*|\b(?:node|name|local-name|namespace-uri)\s*\(|\b(?:following|preceding)\b")
"""What in an XPath can reach elements that it does not name."""


class OperationUse(Value):
    """What an integration uses of one operation. None means: everything of it."""

    owner: str = ""
    calls: str = ""
    """How many calls were recorded, as a text of digits; empty where nobody counted."""
    sends: tuple[str, ...] | None = None
    """Elements of its requests, as paths below bodyContent: ``schedule/startDate``."""
    reads: tuple[str, ...] | None = None
    """Elements of the answers, as XPaths: ``//meet:meetingkey``."""


def _nothing_is_everything(value: Any) -> Any:
    return {} if value in ("", None) else value


class ProfileFile(Value):
    """The keys of a profile. docs/profiles.md explains each with an example."""

    integration: str
    owner: str = ""
    operations: Mapping[str, Annotated[OperationUse, BeforeValidator(_nothing_is_everything)]]


@dataclass(frozen=True, slots=True)
class Profile:
    """What one integration uses of the API."""

    path: Path
    integration: str
    """Its name."""
    owner: str
    """Who answers for what no operation has an owner of its own for; empty where nobody is named."""
    operations: Mapping[str, OperationUse]
    warnings: Sequence[CaseFault] = ()
    """What is likely a slip and can be right: elements that the newest schemas do not know."""

    def uses(self, trace: Trace | Change) -> str:
        """Say in words what is used of a change: ``CreateMeeting (412 calls), schedule/startDate``; empty: nothing.

        A change that says nothing of traffic concerns every call of its operations.
        """
        return "; ".join(", ".join((self.called(name), *parts)) for name, parts in self.used(trace).items())

    def used(self, trace: Trace | Change) -> Mapping[str, Sequence[str]]:
        """Return the operations used of a change, each with those elements of it that the profile names."""
        found: dict[str, dict[str, None]] = {}
        for one in (trace,) if isinstance(trace, Trace) else traces_of(trace):
            for name in one.operations:
                parts = self._parts(name, one)
                if parts is not None:
                    found.setdefault(name, {}).update(dict.fromkeys(parts))
        return {name: tuple(parts) for name, parts in found.items()}

    def owners(self, change: Trace | Change) -> list[str]:
        """Return who answers for what is used of a change, in the order of its operations, nobody twice."""
        owners = (self.operations[name].owner or self.owner for name in self.used(change))
        return [owner for owner in dict.fromkeys(owners) if owner]

    def called(self, name: str) -> str:
        """Return an operation with how often it was called, where that is known: ``CreateMeeting (412 calls)``."""
        calls = self.operations[name].calls
        return f"{name} ({calls} call{'s' * (calls != '1')})" if calls else name

    def _parts(self, name: str, trace: Trace) -> list[str] | None:
        """Return what is used of an operation as far as it is named; None where the trace does not concern it."""
        use = self.operations.get(name)
        if use is None:
            return None
        if not trace.sends and not trace.reads:
            return []
        sent = None if use.sends is None else [p for p in trace.sends if any(_same_branch(p, q) for q in use.sends)]
        read = None if use.reads is None else [x for x in trace.reads if any(_may_read(name, y, x) for y in use.reads)]
        named = [*(sent or ()), *(read or ())]
        unnamed = (sent is None and trace.sends) or (read is None and trace.reads)
        return named if named or unnamed else None


def load_profile(path: Path) -> Profile:
    """Read a profile. Raises CaseFileErrors with all its faults, each at its line and column."""
    document = read_document(path)
    file = parse(document, ProfileFile, {"operations": OperationUse})
    faults = list(_faults(document, file))
    if faults:
        raise CaseFileErrors(faults)
    warnings = tuple(_warnings(document, file))
    return Profile(path, file.integration.strip(), file.owner.strip(), file.operations, warnings)


def _same_branch(one: str, other: str) -> bool:
    """Tell whether two paths are of the same element, or of one within the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _may_read(name: str, reads: str, concerned: str) -> bool:
    """Tell whether an XPath of the profile may come to what an XPath of a trace names. In doubt it may."""
    if _COULD_BE_ANY.search(reads):
        return True
    names = [found for found in names_of(reads) if found not in ENVELOPE]
    if not names:  # the whole answer, or a text in it
        return True
    if _PLAIN_PATH.fullmatch(reads):
        names = names[-1:]  # the others are only the way to it
    below = answer_children(name)
    reached = set(names).union(*(below.get(found, ()) for found in names))
    return bool(reached.intersection(names_of(concerned)[-1:]))


def _faults(document: Document, file: ProfileFile) -> Iterator[CaseFault]:
    if not file.integration.strip():
        yield document.fault(("integration",), "'integration' is empty", "write a name for it")
    if not file.operations:
        yield document.fault(("operations",), "'operations' is empty", "write at least one")
    for name, use in file.operations.items():
        at: Location = ("operations", name)
        try:
            operation(name)
        except UnknownName as error:
            yield document.fault(at, str(error))
        if use.calls and not _NUMBER.fullmatch(use.calls):
            advice = "write how many calls there were, or leave it out"
            yield document.fault((*at, "calls"), f"'{use.calls[:40]}' is no number of calls", advice)
        for number, expression in enumerate(use.reads or ()):
            try:
                xpaths.compiled(expression)
            except xpaths.BadXPath as error:
                yield document.fault((*at, "reads", number), str(error))


def _warnings(document: Document, file: ProfileFile) -> Iterator[CaseFault]:
    for name, use in file.operations.items():
        at: Location = ("operations", name)
        for number, path in enumerate(use.sends or ()):
            if problem := request_path_problem([name], path):
                yield document.fault((*at, "sends", number), problem)
        for number, expression in enumerate(use.reads or ()):
            if problem := answer_xpath_problem([name], expression):
                yield document.fault((*at, "reads", number), problem)
