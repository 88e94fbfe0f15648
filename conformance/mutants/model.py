"""The catalogue of mutants as frozen values. docs/mutants.md explains each key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from conformance.cases.model import Value
from conformance.mock.defect import Calls
from conformance.mock.state import Settings

Class = Literal[
    "release",
    "schema",
    "value",
    "envelope",
    "state",
    "time",
    "authorisation",
    "concurrency",
    "suite",
]
"""Where a mutant is wrong."""

Memory = Literal[
    "forgets",
    "does it twice",
    "repeats keys",
    "answers from memory",
    "lags",
    "mixes up",
    "first address counts",
    "keeps the link",
    "mails always",
]
"""What is wrong with what a site remembers and sends (mock/defect_states.py)."""


def _one_is_a_list(value: object) -> object:
    return [value] if isinstance(value, str | Mapping) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_one_is_a_list)]


class EditEntry(Value):
    """One change to an answer: what is done to the elements at an XPath (mock/defect_answers.py has the verbs)."""

    at: str
    do: str
    to: str = ""


class RefusalEntry(Value):
    """How every call is refused."""

    exception_id: str = Field(alias="exceptionID")
    reason: str


class MailEntry(Value):
    """How the mails are that a call sends; a text may hold ``{}``, which is the right one."""

    copies: Literal["0", "1", "2"] = "1"
    to: str | None = None
    subject: str | None = None
    body: str | None = None
    language: str | None = None
    html: Literal["true", "false"] | None = None
    link: str | None = None


_SWITCHES: dict[str, Any] = {
    setting.name: (Literal["true", "false"] | None, Field(None, alias=setting.name.replace("_", " ")))
    for setting in fields(Settings)
}
SettingsEntry = create_model("SettingsEntry", __base__=Value, **_SWITCHES)


class DefectEntry(Value):
    """What is wrong in a mutant. Several keys are all wrong at once; none says that nothing is."""

    of: Names = ("*",)
    """The operations, as patterns of their names."""
    calls: Calls = "all"
    lacks: Names = ()
    """Documented changes that the site has not, in these operations."""
    has: Names = ()
    """Documented changes that the site has too early."""
    settings: SettingsEntry | None = None
    """What the site takes its settings for, by their names in the case format."""
    clock: str | None = None
    """How far its clock is ahead, in seconds."""
    takes_caller_for: Literal["siteAdmin", "host", "attendee", "anonymous", "named", "owner"] | None = Field(
        None, alias="takes caller for"
    )
    deaf_to: Names = Field((), alias="deaf to")
    hears: Mapping[str, str] = {}
    mishears: Mapping[str, Mapping[str, str]] = {}
    acts_without: Names = Field((), alias="acts without")
    """Refused calls are done all the same, as without these changes."""
    memory: Memory | None = None
    afterwards: str | None = None
    """What happens to the site after the call (mock/defect_states.py)."""
    mails: MailEntry | None = None
    refuses: RefusalEntry | None = None
    succeeds: Literal["true"] | None = None
    """Refused calls are said to have succeeded."""
    tells_password: Literal["true"] | None = Field(None, alias="tells password")
    status: Literal["400", "404", "500"] | None = None
    """The HTTP status of failures."""
    answer: Annotated[tuple[EditEntry, ...], BeforeValidator(_one_is_a_list)] = ()


class KillEntry(Value):
    """Which case must notice, and by which check."""

    case: str
    """The part of a case's id behind ``::``, or a whole id; a pattern, of which each case must notice."""
    check: str
    """The id of the check that must not hold: ``result``, ``xpath``, ``schema.response.missing``."""
    subject: str = ""
    """A part of what that check looks at, where its id alone says too little."""
    verdict: Literal["FAIL", "DEVIATION", "INCONCLUSIVE"] = "FAIL"


class MutantEntry(Value):
    """One mutant: what is wrong, what it breaks, and who must notice, or why nobody can."""

    id: str
    title: str
    class_: Class = Field(alias="class")
    clause: str = ""
    """The clause of the change that it breaks."""
    rule: str = ""
    """The rule of every answer that it breaks, where that is no clause."""
    at: str = ""
    """The release that the site has and is held to; empty for the newest."""
    defect: DefectEntry
    killed_by: KillEntry | None = Field(None, alias="killed by")
    equivalent: str = ""
    """Why no case can notice."""


class MutantFile(Value):
    """A file of the catalogue. Its place says what it breaks: ``40.2.0/NAME.yaml`` that documented change."""

    about: str
    mutants: tuple[MutantEntry, ...] = Field(min_length=1)


class SuiteMutantEntry(Value):
    """A part of the suite itself that does not do its work, and which mutants of the mock then live."""

    id: str
    title: str
    replaces: str
    """The part: ``conformance.run.judge._envelope``; ``[key]`` behind it is an item of a mapping."""
    by: str
    """What stands in for it (mutants/suite.py)."""
    noticed_by: Names = Field((), alias="noticed by")
    """Mutants of the mock of which at least one comes to something else with it; or ``control``, the mock without."""
    equivalent: str = ""


class SuiteFile(Value):
    """A file of mutants of the suite."""

    about: str
    mutants: tuple[SuiteMutantEntry, ...] = Field(min_length=1)
