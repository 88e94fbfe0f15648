"""Reading the catalogue: from files to mutants, with all faults of all files at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import BaseModel

from conformance.cases.changes import change_id
from conformance.cases.document import Document, Location, read_document
from conformance.cases.faults import parse
from conformance.cases.load import load_changes, plan
from conformance.cases.plan import Change, PlannedCase, slug
from conformance.cases.xpaths import BadXPath, check
from conformance.errors import CaseFault, CaseFileErrors, UnknownName, UserError, nearest
from conformance.mock.defect_answers import VERBS, WHOLE
from conformance.mock.defect_states import AFTERWARDS
from conformance.mutants.model import DefectEntry, EditEntry, KillEntry, MailEntry, MutantEntry, MutantFile
from conformance.resources import mutants_root
from conformance.versions import DEFAULT_VERSION, LINEAGE, ROOT, Version
from conformance.wire.names import OPERATIONS

GENERAL = "general"
"""The folder of the mutants that break a rule of every answer, not a documented change."""

SUITE = "suite"
"""The folder of the mutants of the suite itself."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutant of the mock."""

    id: str
    """``40.2.0/start-time-in-the-past::setmeeting-takes-the-past``; without a change ``general/envelope::...``."""
    change: str
    """The id of the change that it breaks; empty where it breaks a rule of every answer."""
    entry: MutantEntry
    place: str
    """Where it stands: ``mutants/40.2.0/start-time-in-the-past.yaml:4:5``."""

    @property
    def release(self) -> Version:
        """What its site is, and is held to."""
        if self.entry.at:
            return Version.parse(self.entry.at)
        since = Version.parse(self.change.partition("/")[0]) if self.change else ROOT
        return max(since, DEFAULT_VERSION)

    @property
    def breaks(self) -> str:
        """What it breaks: a clause of its change, or a rule of every answer."""
        return self.entry.clause or self.entry.rule


def load_mutants(changes: Sequence[Change], cases: Sequence[PlannedCase], root: Path | None = None) -> Sequence[Mutant]:
    """Read the catalogue of mutants of the mock; raise CaseFileErrors with every fault of every file."""
    folder = root or mutants_root()
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder of mutants")
    known = {change.id: change for change in changes}
    mutants: list[Mutant] = []
    faults: list[CaseFault] = []
    for path in sorted(folder.glob("*/*.yaml")):
        if path.parent.name == SUITE:
            continue
        try:
            mutants += _File(path, known, cases).mutants()
        except CaseFileErrors as error:
            faults += error.faults
    if faults:
        raise CaseFileErrors(faults)
    return mutants


def find_mutant(id_: str) -> Mutant:
    """Return the shipped mutant of that id; raise UnknownName where there is none."""
    changes = load_changes()
    mutants = {mutant.id: mutant for mutant in load_mutants(changes, [case for one in changes for case in plan(one)])}
    if id_ not in mutants:
        raise UnknownName("mutant", id_, list(mutants))
    return mutants[id_]


def concerned(kill: KillEntry, change: str, cases: Iterable[PlannedCase]) -> list[PlannedCase]:
    """Return the cases that must notice a mutant of ``change``."""
    pattern = kill.case if "::" in kill.case else f"{change}::{kill.case}"
    return [case for case in cases if fnmatchcase(case.id, pattern)]


_PARTS: Mapping[str, type[BaseModel]] = {
    "mutants": MutantEntry,
    "defect": DefectEntry,
    "answer": EditEntry,
    "killed by": KillEntry,
    "mails": MailEntry,
}


class _File:
    """One file of the catalogue while it is read."""

    def __init__(self, path: Path, changes: Mapping[str, Change], cases: Sequence[PlannedCase]) -> None:
        self._document: Document = read_document(path)
        self._file = parse(self._document, MutantFile, _PARTS)
        self._id = change_id(path)
        self._changes = changes
        self._cases = cases

    def mutants(self) -> list[Mutant]:
        """Return its mutants; raise CaseFileErrors with all its faults."""
        general = self._id.startswith(f"{GENERAL}/")
        faults: list[CaseFault] = []
        if not general and self._id not in self._changes:
            faults.append(self._document.fault((), f"no case file documents {self._id}"))
        seen: set[str] = set()
        for number, entry in enumerate(self._file.mutants):
            at: Location = ("mutants", number)
            faults += self._faults(at, entry, general=general)
            if entry.id in seen:
                faults.append(self._document.fault((*at, "id"), f"another mutant of the file is '{entry.id}'"))
            if entry.id != slug(entry.id):
                faults.append(self._document.fault((*at, "id"), f"'{entry.id}' is no name", f"write {slug(entry.id)}"))
            seen.add(entry.id)
        if faults:
            raise CaseFileErrors(faults)
        change = "" if general else self._id
        return [
            Mutant(f"{self._id}::{entry.id}", change, entry, self._place(number))
            for number, entry in enumerate(self._file.mutants)
        ]

    def _place(self, number: int) -> str:
        at = self._document.fault(("mutants", number), "")
        return f"{'/'.join(at.path.parts[-3:])}:{at.line}:{at.column}"

    def _faults(self, at: Location, entry: MutantEntry, *, general: bool) -> Iterator[CaseFault]:
        if bool(entry.killed_by) == bool(entry.equivalent.strip()):
            advice = "say who must notice in 'killed by', or in 'equivalent' why nobody can"
            yield self._document.fault(at, "a mutant is either killed or equivalent", advice)
        if bool(entry.rule) != general or bool(entry.clause) == general:
            wanted = "a 'rule'" if general else "a 'clause' of its change"
            yield self._document.fault(at, f"the mutants of this file break {wanted}")
        clauses = self._changes[self._id].file.clauses if self._id in self._changes else {}
        if entry.clause and clauses and entry.clause not in clauses:
            offer = nearest(entry.clause, list(clauses))
            yield self._document.fault((*at, "clause"), f"unknown clause '{entry.clause}'{offer}")
        if entry.at and entry.at not in map(str, LINEAGE):
            offer = nearest(entry.at, list(map(str, LINEAGE)))
            yield self._document.fault((*at, "at"), f"unknown release '{entry.at}'{offer}")
        if entry.killed_by and not concerned(entry.killed_by, "" if general else self._id, self._cases):
            problem = f"no case is named like '{entry.killed_by.case}'"
            yield self._document.fault((*at, "killed by", "case"), problem)
        yield from self._defect_faults((*at, "defect"), entry.defect)

    def _defect_faults(self, at: Location, entry: DefectEntry) -> Iterator[CaseFault]:
        if not entry.model_fields_set - {"of", "calls"}:
            yield self._document.fault(at, "nothing is wrong in this mutant")
        for pattern in entry.of:
            if not any(fnmatchcase(name, pattern) for name in OPERATIONS):
                offer = nearest(pattern, list(OPERATIONS))
                yield self._document.fault((*at, "of"), f"unknown operation '{pattern}'{offer}")
        for key, ids in (("lacks", entry.lacks), ("has", entry.has), ("acts without", entry.acts_without)):
            for id_ in ids:
                if id_ not in self._changes:
                    offer = nearest(id_, list(self._changes))
                    yield self._document.fault((*at, key), f"unknown change '{id_}'{offer}")
        if entry.afterwards and entry.afterwards not in AFTERWARDS:
            offer = nearest(entry.afterwards, list(AFTERWARDS))
            yield self._document.fault((*at, "afterwards"), f"nothing called '{entry.afterwards}' can happen{offer}")
        if entry.clock and not entry.clock.removeprefix("-").isdecimal():
            yield self._document.fault((*at, "clock"), f"'{entry.clock}' is no number of seconds")
        for number, edit in enumerate(entry.answer):
            yield from self._edit_faults((*at, "answer", number), edit)

    def _edit_faults(self, at: Location, edit: EditEntry) -> Iterator[CaseFault]:
        verbs = [*VERBS, *WHOLE]
        if edit.do not in verbs:
            yield self._document.fault((*at, "do"), f"nothing called '{edit.do}' can be done{nearest(edit.do, verbs)}")
        try:
            check(edit.at)
        except BadXPath as error:
            yield self._document.fault((*at, "at"), str(error))
