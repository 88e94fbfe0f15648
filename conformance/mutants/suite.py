"""Mutants of the suite itself: parts of it that do not do their work while mutants of the mock are tried again.

Such a mutant is noticed where a mutant of the mock comes to something else than it should: then the catalogue
would not have held, and whoever broke the suite so would have been told.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from conformance.cases.document import read_document
from conformance.cases.faults import parse
from conformance.errors import CaseFault, CaseFileErrors, nearest
from conformance.mutants.load import SUITE, Mutant
from conformance.mutants.model import SuiteFile, SuiteMutantEntry
from conformance.mutants.outcome import CONTROL, RIGHT, Fate, Outcome, Sign
from conformance.mutants.trial import Bench
from conformance.resources import mutants_root
from conformance.run.verdicts import Check, ExitCode, Verdict

_TARGET = re.compile(r"(?P<module>[\w.]+)\.(?P<name>\w+)(?:\[(?P<key>[^\]]+)\])?")

Part = Callable[..., Any]


def _later(part: Part) -> Part:
    async def standing_in(*args: Any, **options: Any) -> Any:
        return part(*args, **options)

    return standing_in


def _passing(original: Part) -> Part:
    def standing_in(*args: Any, **options: Any) -> Check:
        check: Check = original(*args, **options)
        return replace(check, verdict=Verdict.PASS)

    return standing_in


def _passing_all(original: Part) -> Part:
    def standing_in(*args: Any, **options: Any) -> Iterator[Check]:
        return (replace(check, verdict=Verdict.PASS) for check in original(*args, **options))

    return standing_in


def _all_valid(original: Part) -> Part:
    def standing_in(*args: Any, **options: Any) -> tuple[list[Any], Any]:
        return [], original(*args, **options)[1]

    return standing_in


STAND_INS: Mapping[str, Callable[[Part], Part]] = {
    "agrees": lambda _: lambda *_, **__: "",
    "finds nothing": lambda _: lambda *_, **__: [],
    "finds nothing later": lambda _: _later(lambda *_, **__: []),
    "does nothing": lambda _: lambda *_, **__: None,
    "says no": lambda _: lambda *_, **__: False,
    "says yes later": lambda _: _later(lambda *_, **__: True),
    "says expect": lambda _: lambda *_, **__: "expect",
    "says PASS": lambda _: lambda *_, **__: Verdict.PASS,
    "says as documented": lambda _: lambda *_, **__: ExitCode.AS_DOCUMENTED,
    "gives back the first": lambda _: lambda first, *_, **__: first,
    "gives back the second": lambda _: lambda _first, second, *_, **__: second,
    "finds requests valid": _all_valid,
    "passes": _passing,
    "passes all": _passing_all,
}
"""What can stand in for a part of the suite, from that part."""


@dataclass(frozen=True, slots=True)
class SuiteMutant:
    """One mutant of the suite."""

    id: str
    entry: SuiteMutantEntry
    place: str


def load_suite_mutants(mutants: Sequence[Mutant], root: Path | None = None) -> list[SuiteMutant]:
    """Read the mutants of the suite; raise CaseFileErrors with every fault."""
    found: list[SuiteMutant] = []
    faults: list[CaseFault] = []
    known = [CONTROL, *(mutant.id for mutant in mutants)]
    for path in sorted((root or mutants_root()).glob(f"{SUITE}/*.yaml")):
        document = read_document(path)
        file = parse(document, SuiteFile, {"mutants": SuiteMutantEntry})
        for number, entry in enumerate(file.mutants):
            at = ("mutants", number)
            faults += [document.fault((*at, key), problem) for key, problem in _faults(entry, known)]
            place = document.fault(at, "")
            found.append(
                SuiteMutant(
                    f"{SUITE}/{path.stem}::{entry.id}",
                    entry,
                    f"{'/'.join(path.parts[-3:])}:{place.line}:{place.column}",
                )
            )
    if faults:
        raise CaseFileErrors(faults)
    return found


def _faults(entry: SuiteMutantEntry, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    if bool(entry.noticed_by) == bool(entry.equivalent.strip()):
        yield "id", "a mutant is either noticed or equivalent; write 'noticed by' or 'equivalent'"
    if entry.by not in STAND_INS:
        yield "by", f"nothing called '{entry.by}' can stand in{nearest(entry.by, list(STAND_INS))}"
    try:
        _holder(entry.replaces)
    except (ImportError, AttributeError, KeyError):
        yield "replaces", f"the suite has no '{entry.replaces}'"
    for id_ in entry.noticed_by:
        if id_ not in known:
            yield "noticed by", f"unknown mutant '{id_}'{nearest(id_, known)}"


def _holder(target: str) -> tuple[Any, str, str]:
    """Return what holds a part, the part's name, and its key where it is an item; raise for what is not there."""
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ImportError(target)
    try:
        holder: Any = import_module(match["module"])
    except ModuleNotFoundError:  # then its last part is a class
        module, _, owner = match["module"].rpartition(".")
        holder = getattr(import_module(module), owner)
    part = getattr(holder, match["name"])
    if match["key"]:
        part[match["key"]]
    return holder, match["name"], match["key"] or ""


@contextmanager
def standing_in(target: str, stand_in: str) -> Iterator[None]:
    """Have something stand in for a part of the suite."""
    holder, name, key = _holder(target)
    part = getattr(holder, name)
    if key:
        with patch.dict(part, {key: STAND_INS[stand_in](part[key])}):
            yield
    else:
        with patch.object(holder, name, STAND_INS[stand_in](part)):
            yield


async def suite_outcome(mutant: SuiteMutant, bench: Bench, mutants: Mapping[str, Mutant]) -> Outcome:
    """Try the mutants of the mock that are to notice, one after the other, with a part of the suite replaced."""
    entry = mutant.entry
    with standing_in(entry.replaces, entry.by):
        signs = [sign async for sign in _signs(entry, bench, mutants)]
    fate = Fate.KILLED if signs and entry.noticed_by else Fate.SURVIVED
    if entry.equivalent:
        fate = Fate.NOTICED if signs else Fate.EQUIVALENT
    return Outcome(
        id=mutant.id,
        title=entry.title,
        class_="suite",
        change="",
        breaks=entry.replaces,
        fate=fate,
        sign=signs[0] if signs else None,
        reason=entry.equivalent,
        place=mutant.place,
    )


async def _signs(entry: SuiteMutantEntry, bench: Bench, mutants: Mapping[str, Mutant]) -> AsyncIterator[Sign]:
    """Yield what is not as it should be."""
    for id_ in entry.noticed_by or (CONTROL,):
        if id_ == CONTROL:
            outcome = await bench.control()
        else:
            outcome = await bench.outcome(mutants[id_])
        if outcome.fate not in RIGHT:
            yield Sign(id_, outcome.fate.value, observed=str(outcome.sign or ""))
            return
