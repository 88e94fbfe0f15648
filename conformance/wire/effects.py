"""What each operation does to a site: nothing, something of its own, or something that others share."""

from __future__ import annotations

from collections.abc import Mapping
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


KEYS: Mapping[str, str] = {
    **dict.fromkeys(("meetingkey", "sessionkey", "seriesmeetingkey", "confid"), "session"),
    **dict.fromkeys(("webexid", "userid", "manager"), "user"),
    "testid": "library test",
    "attendeeid": "attendee",
    "recordingid": "recording",
    "contactid": "contact",
    "distlistid": "distribution list",
    "prodid": "product",
    "intaccountid": "account",
    "intopptyid": "opportunity",
}
"""By element, in lower case because spellings vary: what it is the key of. Keys of two sorts may be the same number."""

_SCHEDULED = "scheduled test"
_KEYS_IN: Mapping[tuple[str, str], str] = {
    ("SetScheduledTest", "testid"): _SCHEDULED,
    ("DelScheduledTest", "testid"): _SCHEDULED,
}
"""Where an operation means something else by an element."""


@dataclass(frozen=True, slots=True)
class Key:
    """What tells one object on a site from all others of its sort."""

    of: str
    """The sort: a value of ``KEYS``."""
    text: str

    def __str__(self) -> str:
        return self.text


def key_of(operation: str, element: str, text: str) -> Key | None:
    """Return the key that an element of a request holds; None where it is no key."""
    name = element.casefold()
    of = _KEYS_IN.get((operation, name)) or KEYS.get(name)
    return Key(of, text) if of else None


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of object that cases create: how it is created, found again by its name, and deleted.

    Paths are of local names below ``bodyContent``, a last step ``@x`` is an attribute. A user's key is its name; all
    others get a key in the answer, or several where one call creates several.
    """

    word: str
    create: str
    name: str
    key: str
    """Where the answer to ``create`` holds the key; empty where the name is the key."""
    delete: str
    target: str
    """Where requests name the object that they change or delete."""

    @property
    def sort(self) -> str:
        """What its key is the key of: a value of ``KEYS``."""
        return KEYS[self.target.casefold()]


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
SALE = ObjectKind(
    "sales session", "CreateSalesSession", "metaData/confName", "meetingKey", "DelSalesSession", "meetingKey"
)
LIBRARY_TEST = ObjectKind(
    "library test", "UploadIMStest", "questestinterop/assessment/@title", "testID", "DelLibTests", "testID"
)
USER = ObjectKind("user", "CreateUser", "webExId", "", "DelUser", "webExId")

KINDS = {kind.word: kind for kind in (MEETING, EVENT, TRAINING, TELECONFERENCE, SALE, LIBRARY_TEST, USER)}
CREATED_BY = {kind.create: kind for kind in KINDS.values()}
COPIED_BY = {"CopyLibTests": LIBRARY_TEST}
"""What creates an object that has the name of the one it was copied from."""
DELETED_BY = {kind.delete: kind.sort for kind in KINDS.values()}

PARTS: Mapping[str, tuple[str, str]] = {
    "CreateMeetingAttendee": ("attendeeId", "attendee"),
    "RegisterMeetingAttendee": ("attendeeID", "attendee"),
    "AddScheduledTest": ("testID", _SCHEDULED),
}
"""What adds something to an object, which goes with it: where the answer holds its key, and of which sort that is."""

OF_THE_CALLER = frozenset({"SetUser", "UploadPMRImage", "SetupOneClickSettings"})
"""What changes the caller's own account where it names no other user."""

SHARED = frozenset({
    "SetSite",
    "CreateSupportSession",
    "CreateContacts", "CreateDistList", "SetDistList",
    "DelSessionTemplates",
    "SetRecordingInfo", "DelRecording", "RecoverRecordingFromRecycleBin", "DelRecordingFromRecycleBin",
    "AddProducts", "SetProducts", "CreateAccount", "SetAccount", "CreateOpportunity", "SetOpportunity",
})  # fmt: skip
"""What changes settings, or things that no operation creates, or creates what none removes or none finds by a name."""

NOT_FOUND = ("060001", "030001", "000015")
"""The exceptionIDs of an object that is not there: a session, a user, anything in a list (recorded)."""

_READING = ("Get", "Lst", "Authenticate", "Check")


def reads(operation: str) -> bool:
    """Tell whether an operation changes nothing, by its name (names of the API say what they do)."""
    return operation.startswith(_READING)
