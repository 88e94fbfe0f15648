"""What each operation does to a site: nothing, something of its own, or something that others share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a request, and so a case, does to the site; least first."""

    READ = "read"
    """Changes nothing."""
    CREATE_OWN = "create-own"
    """Creates objects, and changes and deletes none but those."""
    TOUCH_SHARED = "touch-shared"
    """Changes what others on the site use too, for example its settings."""


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of object that cases create: how it is created, found again by its name, and deleted.

    Paths are of local names below ``bodyContent``. A user's key is its name; all others get a key in the answer.
    """

    word: str
    create: str
    name: str
    key: str
    """Where the answer to ``create`` holds the key; empty where the name is the key."""
    delete: str
    target: str
    """Where requests name the object that they change or delete."""


MEETING = ObjectKind("meeting", "CreateMeeting", "metaData/confName", "meetingkey", "DelMeeting", "meetingKey")
EVENT = ObjectKind("event", "CreateEvent", "metaData/sessionName", "sessionKey", "DelEvent", "sessionKey")
TRAINING = ObjectKind(
    "training session",
    "CreateTrainingSession",
    "metaData/confName",
    "sessionkey",
    "DelTrainingSession",
    "sessionKey",
)
TELECONFERENCE = ObjectKind(
    "teleconference",
    "CreateTeleconferenceSession",
    "metaData/confName",
    "sessionKey",
    "DelSession",
    "sessionKey",
)
USER = ObjectKind("user", "CreateUser", "webExId", "", "DelUser", "webExId")

KINDS = {kind.word: kind for kind in (MEETING, EVENT, TRAINING, TELECONFERENCE, USER)}
CREATED_BY = {kind.create: kind for kind in KINDS.values()}

NOT_FOUND = ("060001", "030001", "000015")
"""The exceptionIDs of an object that is not there: a session, a user, anything in a list (recorded)."""

_READING = ("Get", "Lst", "Authenticate")


def reads(operation: str) -> bool:
    """Tell whether an operation changes nothing, by its name (names of the API say what they do)."""
    return operation.startswith(_READING)
