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
    "qti": f"{_BASE}/service/trainingsessionqti",
    "qtiasi": f"{_BASE}/service/trainingsessionqtiasi",
    "event": f"{_BASE}/service/event",
    "att": f"{_BASE}/service/attendee",
    "history": f"{_BASE}/service/history",
    "site": f"{_BASE}/service/site",
    "mtgtype": f"{_BASE}/service/meetingtype",
    "sc": f"{_BASE}/service/supportsession",
    "sales": f"{_BASE}/service/sales",
}
"""The prefixes that cases may use in XPaths, and what they are bound to, whatever a response declares."""

MESSAGE = f"{{{NAMESPACES['serv']}}}message"
"""The root of each message."""

PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}

JAVA_PACKAGE = "com.webex.service.binding"

# Every other type starts with a small letter (schemas of 2011; for the last one the update notes 40.1.0).
_CAPITAL_TYPES = frozenset({
    "AssignWebACDQueues",
    "AssignWebACDQueuesResponse",
    "AssignWebACDAgents",
    "AssignWebACDAgentsResponse",
    "GetWebACDQueues",
    "GetWebACDQueuesResponse",
    "LstAccessAnywhereHistoryResponse",
})  # fmt: skip


def _type_name(name: str) -> str:
    return name if name in _CAPITAL_TYPES else name[0].lower() + name[1:]


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
        return _type_name(self.name)

    @property
    def java_type(self) -> str:
        """The value of ``xsi:type`` in a request, as the documentation prints it."""
        return f"java:{JAVA_PACKAGE}.{self.package}.{self.name}"


_PACKAGE_OPERATIONS = {
    ("user", "use"): (
        "AuthenticateUser CreateUser SetUser GetUser DelUser LstsummaryUser LstUser GetloginurlUser GetlogouturlUser "
        "GetLoginTicket UploadPMRImage DelSessionTemplates AssignWebACDQueues AssignWebACDAgents ActivateUser "
        "InactivateUser"
    ),
    ("ep", "ep"): (
        "GetAPIVersion GetSiteType GetSessionInfo LstsummarySession DelSession LstOpenSession GetJoinSessionInfo "
        "GetOneClickSettings SetupOneClickSettings CreateContacts LstContact CreateDistList SetDistList LstDistList "
        "LstRecording GetRecordingInfo SetRecordingInfo DelRecording LstRecordingInRecycleBin "
        "RecoverRecordingFromRecycleBin DelRecordingFromRecycleBin"
    ),
    ("meeting", "meet"): (
        "CreateMeeting SetMeeting GetMeeting DelMeeting LstsummaryMeeting LstMeeting GethosturlMeeting "
        "GetjoinurlMeeting"
    ),
    ("meeting.auo", "auo"): "CreateTeleconferenceSession SetTeleconferenceSession GetTeleconferenceSession",
    ("training", "train"): (
        "CreateTrainingSession SetTrainingSession GetTrainingSession DelTrainingSession LstsummaryTrainingSession "
        "LstTrainingSession GetLabInfo CheckLabAvailability GetLabSchedule LstScheduledTests GetTestInformation "
        "AddScheduledTest SetScheduledTest DelScheduledTest LstLibTests DelLibTests CopyLibTests UploadIMStest "
        "GetIMStestDetails GetIMStestResult"
    ),
    ("event", "event"): (
        "CreateEvent SetEvent GetEvent DelEvent LstsummaryEvent LstrecordedEvent LstsummaryProgram UploadEventImage "
        "SendInvitationEmail"
    ),
    ("attendee", "att"): (
        "CreateMeetingAttendee RegisterMeetingAttendee LstMeetingAttendee DelMeetingAttendee GetEnrollmentInfo "
        "GetFeedbackInfo"
    ),
    ("history", "history"): (
        "LstrecordaccessHistory LstrecordaccessDetailHistory LsttrainingsessionHistory LsttrainingattendeeHistory "
        "LstmeetingusageHistory LstmeetingattendeeHistory LsteventsessionHistory LsteventattendeeHistory "
        "LstsupportsessionHistory LstsupportattendeeHistory LstsalesSessionHistory LstsalesAttendeeHistory "
        "LstEventSessionPreliminaryHistory LstEventAttendeePreliminaryHistory LstAccessAnywhereHistory"
    ),
    ("site", "site"): "GetSite SetSite LstTimeZone GetWebACDQueues",
    # No example shows the packages of these two (assumed).
    ("support", "sc"): "CreateSupportSession",
    ("sales", "sales"): (
        "CreateSalesSession SetSalesSession GetSalesSession DelSalesSession LstsummarySalesSession LstProducts "
        "AddProducts SetProducts CreateAccount SetAccount LstAccounts CreateOpportunity SetOpportunity LstOpportunities"
    ),
    ("meetingtype", "mtgtype"): "LstMeetingType GetMeetingType",
}

OPERATIONS: dict[str, Operation] = {
    name: Operation(
        name=name,
        package=package,
        prefix=prefix,
        response_type=_type_name(f"{name}Response"),
    )
    for (package, prefix), names in _PACKAGE_OPERATIONS.items()
    for name in names.split()
}

_BY_JAVA_TYPE = {op.java_type: op for op in OPERATIONS.values()}
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
    if as_printed := _BY_JAVA_TYPE.get(xsi_type):
        return as_printed
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
