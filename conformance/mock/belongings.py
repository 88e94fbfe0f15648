"""What users keep on a site beside sessions: contacts, distribution lists, One-Click settings, records of sales."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.wire.answer import Answer


@dataclass(slots=True)
class Belonging:
    """One thing that was sent and is given back: its number, whose it is, and what was sent of it."""

    number: int
    host: str
    """The Webex ID of its owner; nothing of what belongs to the site."""
    content: dict[str, Answer]


Book = dict[int, Belonging]
"""Things of one kind, by number."""


@dataclass(slots=True)
class Belongings:
    """All that users of a site keep there."""

    contacts: Book = field(default_factory=dict)
    distribution_lists: Book = field(default_factory=dict)
    products: Book = field(default_factory=dict)
    accounts: Book = field(default_factory=dict)
    """The customers of whom sales people keep account, not the users of the site."""
    opportunities: Book = field(default_factory=dict)
    one_click: dict[int, dict[str, Answer]] = field(default_factory=dict)
    """The One-Click settings of a user, by his user ID."""
