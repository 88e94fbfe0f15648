"""What the leaves of generated requests say where any text would lead nowhere: keys, names, addresses, dates.

Texts are written as a case file has them. ``${...}`` is worked out when a request is sent, so that a seed gives the
same requests in every run, although no two runs use the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases.model import ANONYMOUS
from conformance.schema.model import Particle, SchemaModel, TypeModel
from conformance.wire.effects import CREATED_BY, KEYS, USER, reads
from conformance.wire.names import Operation
from conformance.wire.redact import is_secret

GIVEN: Mapping[str, str] = {
    "meeting": "scheduled meeting",
    "event": "event with enrolment",
    "training": "training session",
    "teleconference": "teleconference",
    "sale": "sales session",
    "library": "library test",
    "user": "user account",
    "free": "free Webex ID",
}
"""What a request may be about: the name that its expressions have for it, and the fixture that makes it."""

_ABOUT: Mapping[str, tuple[str, ...]] = {
    "meet": ("meeting",),
    "att": ("meeting", "event"),
    "ep": ("meeting", "event"),
    "event": ("event",),
    "train": ("training",),
    "auo": ("teleconference",),
    "sales": ("sale",),
}
"""By prefix of the operation, whose keys it takes."""

_NAME = "${unique('fuzz')}"
_ADDRESS = "${unique('fuzz')}@${site.mailDomain}"
_NOBODY = "nobody@example.com"
_FREE, _FREE_ADDRESS = "${free.webExID}", "${free.webExID}@${site.mailDomain}"
_USER = "${user.webExID}"
_PASSWORD = "Aa1bc2De3"
_FUTURE = tuple(f"${{now + days({days})}}" for days in (1, 2, 7, 30, 365))
_ROLES = ("siteAdmin", "host", "attendee")
_PLACES = {
    "pmrUrl": "https://${site.host}/join/${host.webExID}",
    "sipUrl": "${host.webExID}@${site.host}",
    "meetingLink": "${meeting.link}",
    "meetingUuid": "${meeting.uuid}",
}

TEMPLATES = frozenset(
    (
        *(_NAME, _ADDRESS, _NOBODY, _FREE, _FREE_ADDRESS, _USER, *_FUTURE, *_PLACES.values()),
        *(f"${{{name}.key}}" for name in GIVEN),
        *(f"${{{role}.{part}}}" for role in _ROLES for part in ("webExID", "email")),
    )
)
"""Every text with an expression or an address that is ever put into a request."""

NEVER = frozenset({"newWebExId"})
"""Elements that are left out: a user of another name would not be found again to be removed."""

STRANGE = KEYS.keys() - {"meetingkey", "sessionkey", "webexid", "testid"}
"""In lower case, the elements that are left out of what changes a site where they may be: nothing they name is ours."""

_DEEPEST = 8
_ADDRESSES = frozenset({"email", "email2", "hostEmail", "attendeeEmail", "emailAddress"})
_SESSIONS = frozenset({"meetingkey", "sessionkey"})
_WHOLE = frozenset({"integer", "long", "int", "short", "nonNegativeInteger", "positiveInteger"})
_SENSIBLE = {
    "timeZoneID": (0, 60),
    "duration": (1, 1440),
    "startFrom": (0, 12),
    "maximumNum": (0, 12),
}
"""Numbers of which most are refused: the range that is not."""
_TEXT = "{http://www.w3.org/2001/XMLSchema}string"

_words = st.text(st.sampled_from("ab AZ09-_.'&<"), max_size=12)
_flags = st.sampled_from(("true", "false", "1", "0"))
_passwords = st.sampled_from((_PASSWORD, "aa"))


def needed(operation: Operation) -> Mapping[str, str]:
    """Return what the service needs although the schemas do not, by path; of a name, the guard of a site needs it."""
    kind = CREATED_BY.get(operation.name)
    if kind is None:
        return {}
    return {kind.name: _FREE, "email": _FREE_ADDRESS, "password": _PASSWORD} if kind is USER else {kind.name: _NAME}


def request_type(operation: Operation, model: SchemaModel) -> TypeModel:
    """Return the type of an operation's request."""
    return model.types[f"{{{operation.namespace}}}{operation.request_type}"]


def leaves(model: SchemaModel, within: TypeModel, path: str = "", depth: int = 0) -> Iterator[tuple[str, Particle]]:
    """Yield each element below a type that holds no others, with its path of local names."""
    for name, (_, particle) in model.children_by_local_name(within).items():
        here = f"{path}/{name}" if path else name
        inner = model.type_of(particle)
        if inner is None or not model.children(inner):
            yield here, particle
        elif depth < _DEEPEST:
            yield from leaves(model, inner, here, depth + 1)


def overrides(operation: Operation, model: SchemaModel, caller: str, *, scene: bool) -> dict[str, SearchStrategy[str]]:
    """Return the texts of leaves by path. Without a ``scene``, requests are about nothing that is created for them."""
    known = _Known(operation, caller, scene=scene)
    found: dict[str, SearchStrategy[str]] = {}
    for path, particle in leaves(model, request_type(operation, model)):
        texts = known.texts(path, particle, model.builtin(particle))
        if texts is not None:
            found[path] = texts
    return found


class _Known:
    """What is known of the leaves of one operation's requests."""

    def __init__(self, operation: Operation, caller: str, *, scene: bool) -> None:
        self._kind = CREATED_BY.get(operation.name)
        self._reads = reads(operation.name)
        self._scene = scene
        sessions = tuple(f"${{{name}.key}}" for name in _ABOUT.get(operation.prefix, ())) if scene else ()
        tests = ("${library.key}",) if scene else ()
        self._keys = {**dict.fromkeys(_SESSIONS, sessions), "testid": tests}
        self._caller = "" if caller == ANONYMOUS else caller

    def texts(self, path: str, particle: Particle, builtin: str) -> SearchStrategy[str] | None:
        name = path.rpartition("/")[2]
        if self._kind is not None and path == self._kind.name:
            return st.just(_FREE if self._kind is USER else _NAME)
        if name.casefold() in self._keys:
            return self._ours(self._keys[name.casefold()], st.integers(0, 10**12).map(str))
        if name.casefold() == "webexid":
            users = (_USER,) if self._scene else ()
            return self._ours((*users, *self._own("webExID")) if self._reads else users, _words)
        if builtin in _WHOLE and name in _SENSIBLE:
            return st.integers(*_SENSIBLE[name]).map(str)
        if builtin == "boolean" and name in _ADDRESSES:
            return _flags  # whether to write to somebody; what is said of an "email" at the top would count here too
        return self._text(path, name, particle) if builtin == "string" else None

    def _text(self, path: str, name: str, particle: Particle) -> SearchStrategy[str] | None:
        if name in _ADDRESSES:
            return self._address(path)
        if name in _PLACES and (self._scene or "meeting" not in _PLACES[name]):
            return st.just(_PLACES[name]) | _words
        if particle.type != _TEXT:
            return None
        if name.casefold() == "hostwebexid":
            return st.sampled_from((*self._own("webExID"), "nobody"))
        if name.endswith(("Date", "Time", "DateStart", "DateEnd", "TimeStart", "TimeEnd")):
            return st.sampled_from(_FUTURE) | _words
        return _passwords if is_secret(name) else None

    def _address(self, path: str) -> SearchStrategy[str]:
        if self._reads:  # the same each time that it is asked for
            return st.sampled_from((_NOBODY, *self._own("email")))
        return st.just(_FREE_ADDRESS if self._kind is USER and path == "email" else _ADDRESS)

    def _ours(self, ours: tuple[str, ...], others: SearchStrategy[str]) -> SearchStrategy[str]:
        """What a request changes must be ours; what it reads may be anything."""
        if not ours:
            return others
        return st.sampled_from(ours) | others if self._reads else st.sampled_from(ours)

    def _own(self, part: str) -> tuple[str, ...]:
        return (f"${{{self._caller}.{part}}}",) if self._caller else ()
