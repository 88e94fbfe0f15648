"""Every exception of the suite, by whose fault it is.

    ConformanceError
    ├── UserError                  what the user gave cannot be used; exit 4, nothing is sent
    │   ├── CaseFileErrors         faults in case files, each with file, line and column
    │   ├── SchemaNotFound         a schema file that a release needs is missing
    │   └── UnknownName            a version, operation, site or role that does not exist
    ├── ExchangeFault              the network or the server kept us from observing; INCONCLUSIVE
    ├── MalformedMessage           the bytes are not a message of this API; a finding
    └── SuiteError                 our own fault: a schema that does not compile; exit 3

Findings are not exceptions: they are values (``conformance.run.verdicts``). Errors of third-party
libraries are translated where the library is called, never further out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


class ConformanceError(Exception):
    """Base of all exceptions of the suite."""


class UserError(ConformanceError):
    """What the user gave cannot be used as it is."""


class UnknownName(UserError):
    """A name that is not among the known ones; the message offers the nearest."""

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown {kind} '{name}'{nearest(name, known)}")
        self.kind = kind
        self.name = name


@dataclass(frozen=True, slots=True, order=True)
class CaseFault:
    """One fault in a case file: where it is, what is wrong and what to write instead."""

    path: Path
    line: int
    column: int
    problem: str
    advice: str = ""

    def __str__(self) -> str:
        text = f"{self.path}:{self.line}:{self.column}: {self.problem}"
        return f"{text}; {self.advice}" if self.advice else text


class CaseFileErrors(UserError):
    """All faults found in the case files, in order of place."""

    def __init__(self, faults: Sequence[CaseFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


class SchemaNotFound(UserError):
    """A schema file that a release needs is missing."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: schema file not found: {reason}")
        self.path = path


class ExchangeFault(ConformanceError):
    """An exchange that could not be completed.

    ``kind`` is a stable word (``refused``, ``reset``, ``deadline``, ``tls``, ...), ``detail`` is for people.
    ``sent`` tells whether the request may have reached the server, so that it may have done what was asked;
    ``breaks_contract`` that an answer came and is one that the service must never give, which is a FAIL;
    ``partial`` is what had arrived of the answer.
    """

    def __init__(
        self, kind: str, detail: str, *, sent: bool = True, breaks_contract: bool = False, partial: bytes = b""
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.sent = sent
        self.breaks_contract = breaks_contract
        self.partial = partial


class MalformedMessage(ConformanceError):
    """Bytes that are not a message of this API.

    ``kind`` is a stable word (``empty``, ``not-xml``, ``doctype``, ``limit``, ``envelope``, ...).
    """

    def __init__(self, kind: str, detail: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.line = line
        self.column = column


class SuiteError(ConformanceError):
    """A defect of the suite itself; the run that meets it is void."""


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the end of a sentence that offers the known name nearest to ``name``."""
    matches = get_close_matches(name, known, n=1, cutoff=0.6)
    if matches:
        return f", did you mean '{matches[0]}'?"
    return f", known are: {', '.join(known)}" if len(known) <= 12 and known else ""
