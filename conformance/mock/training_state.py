"""What a mock site remembers for its training sessions: labs, tests in the library, tests of sessions, what came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from conformance.wire.tree import Node


@dataclass(frozen=True, slots=True)
class Lab:
    """A hands-on lab and the computers in it."""

    name: str
    description: str
    computers: int


@dataclass(frozen=True, slots=True)
class LibraryTest:
    """One test of the test library, of its author alone unless ``shared``."""

    test_id: int
    author: str
    """A Webex ID."""
    title: str
    description: str
    content: Node
    """The ``questestinterop`` that was uploaded (IMS QTI ASI 1.2)."""
    shared: bool = False

    @property
    def questions(self) -> int:
        """How many items the test has."""
        return sum(node.name == "item" for node in self.content.walk())


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers of one participant, by their score."""

    name: str
    email: str
    submitted: datetime
    score: int
    register_id: int


@dataclass(slots=True)
class ScheduledTest:
    """A test of one training session: a copy of one in the library, with its own number.

    Without ``start`` it is given in the session, else on the web from then until ``due``.
    """

    test_id: int
    test: LibraryTest
    start: datetime | None = None
    due: datetime | None = None
    minutes: int = 0
    """The time for it; 0: any."""
    submissions: list[Submission] = field(default_factory=list)
