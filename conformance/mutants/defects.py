"""From what the catalogue says is wrong to a mock that is wrong so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.mock.defect import Aimed, Wrong
from conformance.mock.defect_answers import Answering, Carried, Edit, Refusing, Succeeding, Told
from conformance.mock.defect_conditions import Changed, ClockAhead, Configured
from conformance.mock.defect_requests import Hearing, TakenFor
from conformance.mock.defect_states import (
    ActingAnyway,
    DoingTwice,
    FirstAddressCounts,
    Forgetting,
    KeepingTheLink,
    Lagging,
    Mailing,
    MailingAlways,
    MixingUp,
    Remembering,
    RepeatingKeys,
    Spoiling,
)
from conformance.mutants.model import DefectEntry, Memory

_MEMORIES: Mapping[Memory, type[Wrong]] = {
    "forgets": Forgetting,
    "does it twice": DoingTwice,
    "repeats keys": RepeatingKeys,
    "answers from memory": Remembering,
    "lags": Lagging,
    "mixes up": MixingUp,
    "first address counts": FirstAddressCounts,
    "keeps the link": KeepingTheLink,
    "mails always": MailingAlways,
}


def defect(entry: DefectEntry) -> Aimed:
    """Return the defect that an entry of the catalogue describes, as new: it remembers nothing yet."""
    return Aimed(tuple(_wrong(entry)), entry.of, entry.calls)


def _wrong(entry: DefectEntry) -> Iterator[Wrong]:
    """Yield what is wrong, innermost first: the site itself, what it hears, what it keeps, what it answers."""
    yield from _conditions(entry)
    if entry.takes_caller_for:
        yield TakenFor(entry.takes_caller_for)
    if entry.deaf_to or entry.hears or entry.mishears:
        yield Hearing(entry.deaf_to, entry.hears, entry.mishears)
    yield from _memories(entry)
    yield from _answers(entry)


def _conditions(entry: DefectEntry) -> Iterator[Wrong]:
    if entry.lacks or entry.has:
        yield Changed(frozenset(entry.lacks), frozenset(entry.has))
    if entry.settings:
        yield Configured({name: text == "true" for name, text in entry.settings.model_dump(exclude_none=True).items()})
    if entry.clock:
        yield ClockAhead(int(entry.clock))


def _memories(entry: DefectEntry) -> Iterator[Wrong]:
    if entry.acts_without:
        yield ActingAnyway(frozenset(entry.acts_without))
    if entry.mails:
        yield Mailing(entry.mails.model_dump(exclude_none=True, exclude={"copies"}), int(entry.mails.copies))
    if entry.afterwards:
        yield Spoiling(entry.afterwards)
    if entry.memory:
        yield _MEMORIES[entry.memory]()


def _answers(entry: DefectEntry) -> Iterator[Wrong]:
    if entry.refuses:
        yield Refusing(entry.refuses.exception_id, entry.refuses.reason)
    if entry.succeeds:
        yield Succeeding()
    if entry.tells_password:
        yield Told()
    if entry.answer:
        yield Answering(tuple(Edit(edit.at, edit.do, edit.to) for edit in entry.answer))
    if entry.status:
        yield Carried(int(entry.status))
