"""The case format as frozen values. docs/case-format.md explains each key with an example."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

SKIP = "skip"
ANONYMOUS = "anonymous"

Side = Literal["expect", "before"]
"""Which expectation a site is held to: ``expect`` where its version has the change, else ``before``."""


class Value(BaseModel):
    """Base of all parts of a case file: frozen, and nothing but the known keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Clause(Value):
    """One testable sentence of a change. ``assumed`` says what the notes leave open and we chose."""

    says: str
    assumed: str = ""


class Condition(Value):
    """What must hold for the value of one XPath; every key that is given must hold."""

    text: str | None = None
    not_: str | None = Field(None, alias="not")
    one_of: tuple[str, ...] | None = Field(None, alias="one of")
    matches: str | None = None
    contains: str | None = None
    count: str | None = None
    at_least: str | None = Field(None, alias="at least")
    at_most: str | None = Field(None, alias="at most")
    present: Literal["true"] | None = None
    absent: Literal["true"] | None = None
    empty: Literal["true"] | None = None
    blank: Literal["true"] | None = None

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """The keys that are given, by the names of the format."""
        return self.model_dump(exclude_none=True, by_alias=True)


def _text_is_condition(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _text_is_clause(value: Any) -> Any:
    return {"says": value} if isinstance(value, str) else value


def _text_is_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _text_is_fixture(value: Any) -> Any:
    return {"fixture": value} if isinstance(value, str) else value


class Expectation(Value):
    """What the answer to a request must be; ``sent`` tells how the request itself stands to the schema."""

    result: str | None = None
    exception_id: str | None = Field(None, alias="exceptionID")
    reason: str | None = None
    xpath: Mapping[str, Annotated[Condition, BeforeValidator(_text_is_condition)]] = {}
    sent: Literal["valid", "invalid", "unknown"] = "valid"


class MailExpectation(Value):
    """What the mails to an address must be: how many since the case began, and how the latest one is."""

    count: str | None = None
    subject: str | None = None
    format: str | None = None
    language: str | None = None
    contains: str | None = None


class RequestStep(Value):
    """A request, what its answer must be, and what is captured from it.

    ``assumed`` says what of its expectation the notes leave open: where that does not hold, it is a deviation.
    """

    name: str = ""
    assumed: str = ""
    caller: str | Mapping[str, str] | None = Field(None, alias="as")
    request: Mapping[str, Any]
    expect: Expectation = Expectation(result="SUCCESS")
    before: Expectation | Literal["skip"] | None = None
    capture: Mapping[str, str] = {}


class MailQuery(Value):
    """Whose mails to look at."""

    to: str


class MailStep(Value):
    """A look into the mailbox of an address."""

    name: str = ""
    assumed: str = ""
    mail: MailQuery
    expect: MailExpectation
    before: MailExpectation | Literal["skip"] | None = None
    capture: Mapping[str, Literal["link", "subject", "body"]] = {}


class OpenStep(Value):
    """A click on a link that a mail held."""

    name: str = ""
    assumed: str = ""
    open: str
    expect: Literal["ok", "refused"] = "ok"
    before: Literal["ok", "refused", "skip"] | None = None


def _kind_of_step(value: Any) -> str:
    # Not the bare keys: pydantic puts the tag into the place of an error, where it would be taken for a key.
    if isinstance(value, Mapping):
        return "mail step" if "mail" in value else "open step" if "open" in value else "request step"
    return (
        "mail step" if isinstance(value, MailStep) else "open step" if isinstance(value, OpenStep) else "request step"
    )


Step = Annotated[
    Annotated[RequestStep, Tag("request step")]
    | Annotated[MailStep, Tag("mail step")]
    | Annotated[OpenStep, Tag("open step")],
    Discriminator(_kind_of_step),
]


class Given(Value):
    """The use of a fixture, with values for its parameters."""

    fixture: str
    with_: Mapping[str, str] = Field({}, alias="with")


GivenMap = Mapping[str, Annotated[Given, BeforeValidator(_text_is_fixture)]]


class SiteNeeds(Value):
    """What a case needs its site to be; a mock site is made so, on a live site these are preconditions.

    Those of ``NUMBERED_NEEDS`` are how many of something the host has, the others true or false.
    """

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", " "))

    session_passwords_required: str | None = None
    email_change_needs_confirmation: str | None = None
    recurring_exceptions_supported: str | None = None
    common_identity: str | None = None
    display_names_enabled: str | None = None
    managed_in_control_hub: str | None = None
    classic_events_enabled: str | None = None
    toll_calls_only: str | None = None
    webex_11: str | None = None
    suspended: str | None = None
    access_anywhere_sessions: str | None = None
    recordings: str | None = None
    old_recordings: str | None = None
    past_sessions: str | None = None
    labs: str | None = None
    programs: str | None = None
    scheduled_events: str | None = None
    recorded_events: str | None = None
    submitted_tests: str | None = None
    webinars: str | None = None
    webacd_queues: str | None = None
    session_templates: str | None = None
    calls_per_minute: str | None = None

    @cached_property
    def stated(self) -> dict[str, str]:
        """The needs that are stated, by the names of the format."""
        return self.model_dump(exclude_none=True, by_alias=True)


NUMBERED_NEEDS = (
    *("access anywhere sessions", "recordings", "old recordings", "past sessions", "calls per minute"),
    *("labs", "programs", "scheduled events", "recorded events", "submitted tests", "webinars"),
    *("webacd queues", "session templates"),
)


class Fixture(Value):
    """Requests that set a scene; what they capture is read as ``${name.capture}``."""

    does: str
    parameters: Mapping[str, str] = {}
    given: GivenMap = {}
    caller: str | Mapping[str, str] = Field("host", alias="as")
    steps: tuple[RequestStep, ...] = Field(min_length=1)
    cleanup: tuple[RequestStep, ...] = ()


class Case(Value):
    """One case: a single request written directly, or steps; with a table, one case for each row."""

    name: str
    proves: tuple[str, ...] = Field(min_length=1)
    assumed: str = ""
    touches: Literal["own", "shared"] = "own"
    """``shared`` where the case changes what others on the site use too, for example a setting."""
    site: SiteNeeds = SiteNeeds()
    given: GivenMap = {}
    caller: str | Mapping[str, str] = Field("host", alias="as")
    table: tuple[Mapping[str, str], ...] = ()
    request: Mapping[str, Any] | None = None
    expect: Expectation | None = None
    before: Expectation | None = None
    capture: Mapping[str, str] = {}
    steps: tuple[Step, ...] = ()
    cleanup: tuple[RequestStep, ...] = ()

    @cached_property
    def all_steps(self) -> tuple[RequestStep | MailStep | OpenStep, ...]:
        """The steps; a request written directly is the only one."""
        if self.request is None:
            return self.steps
        return (
            RequestStep(
                request=self.request,
                expect=self.expect or Expectation(result="SUCCESS"),
                before=self.before,
                capture=self.capture,
            ),
        )


class Trace(Value):
    """How a change is recognised in what a client sends, and in what it may read of the answers."""

    operations: tuple[str, ...] = Field(min_length=1)
    says: str
    """What the client does, after "your CreateMeeting": ``sends a start time that has passed``."""
    effect: Literal["refused", "changed", "possible"]
    """What the change makes of it: refuses it, answers it in another way, or makes it possible at all."""
    sends: tuple[str, ...] = ()
    """The elements of requests that it concerns, as paths below bodyContent: ``schedule/startDate``."""
    reads: tuple[str, ...] = ()
    """The elements of answers that it concerns, as XPaths: ``//meet:meetingPassword``."""
    where: str = ""
    """The XPath that is true of a request which it concerns; empty: each request of these operations."""


class ChangeFile(Value):
    """A case file: one documented change, or a part of the baseline, its clauses and the cases that prove them."""

    change: str
    released_in: tuple[str, ...] = Field(min_length=1)
    kind: Literal[
        "request element added",
        "response element added",
        "new operation",
        "new exception",
        "behaviour removed",
        "behaviour changed",
        "default changed",
        "limit",
        "baseline",
    ]
    """``baseline``: not a change but what must stay; such a file has no ``before``, every release is held to it."""
    operations: tuple[str, ...] = Field(min_length=1)
    source: str
    impact: str
    advice: str
    clauses: Mapping[str, Annotated[Clause, BeforeValidator(_text_is_clause)]] = Field(min_length=1)
    schema_rules: Mapping[str, Annotated[tuple[str, ...], BeforeValidator(_text_is_list)]] = Field({}, alias="schema")
    """What the change brought to the schemas, as ``use:createUser/isHTMLEmail``, and the clauses that speak of it."""
    traffic: tuple[Trace, ...] = ()
    cases: tuple[Case, ...] = Field(min_length=1)

    @property
    def is_baseline(self) -> bool:
        """Whether the file says what no release may change, instead of what one changed."""
        return self.kind == "baseline"


class RootFile(Value):
    """``conformance.yaml``: marks a folder of case files and holds the fixtures they share."""

    format: Literal["1"]
    fixtures: Mapping[str, Fixture] = {}
