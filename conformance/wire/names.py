"""Names on the wire: namespaces, prefixes, packages and operations.

The namespaces have carried the year 2002 since the first version of the API; an API version can not be
told from them (reference guide; every recorded message from 2011 on).
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.errors import UnknownName

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSI_TYPE = f"{{{XSI}}}type"
_BASE = "http://www.webex.com/schemas/2002/06"

NAMESPACES: dict[str, str] = {
    "com": f"{_BASE}/common",
    "serv": f"{_BASE}/service",
    "use": f"{_BASE}/service/user",
    "ep": f"{_BASE}/service/ep",
    "meet": f"{_BASE}/service/meeting",
    "auo": f"{_BASE}/service/meeting/auo",
    "sess": f"{_BASE}/service/session",
    "train": f"{_BASE}/service/trainingsession",
    "event": f"{_BASE}/service/event",
    "att": f"{_BASE}/service/attendee",
    "history": f"{_BASE}/service/history",
    "site": f"{_BASE}/service/site",
}
"""The prefixes that cases may use in XPaths, and what they are bound to, whatever a response declares."""

PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}

JAVA_PACKAGE = "com.webex.service.binding"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as ``CreateTeleconferenceSession`` of package ``meeting.auo`` and prefix ``auo``."""

    name: str
    package: str
    prefix: str
    response_type: str

    @property
    def namespace(self) -> str:
        """The namespace of the operation's types."""
        return NAMESPACES[self.prefix]

    @property
    def request_type(self) -> str:
        """The local name of the request's schema type."""
        return self.name[0].lower() + self.name[1:]

    @property
    def java_type(self) -> str:
        """The value of ``xsi:type`` in a request, as the documentation prints it."""
        return f"java:{JAVA_PACKAGE}.{self.package}.{self.name}"


_PACKAGE_OPERATIONS = {
    ("user", "use"): "AuthenticateUser CreateUser SetUser GetUser DelUser LstsummaryUser",
    ("ep", "ep"): "GetAPIVersion GetSessionInfo LstsummarySession DelSession",
    ("meeting", "meet"): (
        "CreateMeeting SetMeeting GetMeeting DelMeeting LstsummaryMeeting GethosturlMeeting GetjoinurlMeeting"
    ),
    ("meeting.auo", "auo"): "CreateTeleconferenceSession SetTeleconferenceSession GetTeleconferenceSession",
    ("training", "train"): "CreateTrainingSession SetTrainingSession GetTrainingSession DelTrainingSession",
    ("event", "event"): "CreateEvent SetEvent GetEvent DelEvent",
    ("attendee", "att"): (
        "CreateMeetingAttendee RegisterMeetingAttendee LstMeetingAttendee DelMeetingAttendee GetEnrollmentInfo"
    ),
    ("history", "history"): "LstAccessAnywhereHistory",
    ("site", "site"): "GetSite",
}

# Every other response type starts with a small letter (update notes 40.1.0).
_RESPONSE_TYPES = {"LstAccessAnywhereHistory": "LstAccessAnywhereHistoryResponse"}

OPERATIONS: dict[str, Operation] = {
    name: Operation(
        name=name,
        package=package,
        prefix=prefix,
        response_type=_RESPONSE_TYPES.get(name, f"{name[0].lower()}{name[1:]}Response"),
    )
    for (package, prefix), names in _PACKAGE_OPERATIONS.items()
    for name in names.split()
}

_BY_REQUEST_TYPE = {(op.prefix, op.request_type): op for op in OPERATIONS.values()}


def operation(name: str) -> Operation:
    """Return the operation of that exact name; raise UnknownName otherwise."""
    try:
        return OPERATIONS[name]
    except KeyError:
        raise UnknownName("operation", name, sorted(OPERATIONS)) from None


def operation_of_type(xsi_type: str) -> Operation | None:
    """Map the ``xsi:type`` of a request to its operation, or None.

    The value is read as a string: ``java:`` is bound to no namespace, so as a QName it is always wrong.
    Clients write ``java:com.webex.service.binding.user.CreateUser``, some ``use:createUser``.
    """
    prefix, _, local = xsi_type.strip().rpartition(":")
    if prefix in ("java", ""):
        known = OPERATIONS.get(local.rpartition(".")[2])
        return known if known and known.java_type.endswith(f".{local.removeprefix(JAVA_PACKAGE + '.')}") else None
    return _BY_REQUEST_TYPE.get((prefix, local))


def clark(name: str) -> str:
    """Turn ``serv:host`` into ``{http://...}host``; raise UnknownName for a prefix that is not ours."""
    prefix, _, local = name.rpartition(":")
    if not prefix:
        return local
    if prefix not in NAMESPACES:
        raise UnknownName("prefix", prefix, sorted(NAMESPACES))
    return f"{{{NAMESPACES[prefix]}}}{local}"


def prefixed(tag: str) -> str:
    """Turn ``{http://...}host`` into ``serv:host``, for people to read."""
    if not tag.startswith("{"):
        return tag
    uri, _, local = tag[1:].partition("}")
    prefix = PREFIXES.get(uri)
    return f"{prefix}:{local}" if prefix else tag
