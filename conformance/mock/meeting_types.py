"""GetMeetingType and LstMeetingType: the session types of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching_records, page
from conformance.mock.refusal import no_record
from conformance.mock.session_kinds import PRIVATE_MEETINGS, PRIVATE_TYPES
from conformance.mock.state import Kind, Site
from conformance.mock.stored import Content, flag
from conformance.wire.answer import Answer

PRIVATE_MEETING_SUPPORT = "40.12.0/meeting-type-private"


@dataclass(frozen=True, slots=True)
class MeetingType:
    """One session type; ``prefix`` is its ``productCodePrefix``."""

    number: int
    prefix: str
    name: str
    service: str

    @property
    def private(self) -> bool:
        """Whether meetings of this type are private."""
        return self.number in PRIVATE_TYPES


# The numbers are those that clients send and the mock gives to sessions; names and prefixes are assumed.
_ALWAYS = (
    MeetingType(3, "PRO", "Pro Meeting", Kind.MEETING),
    MeetingType(7, "TRS", "Training Session", Kind.TRAINING),
    MeetingType(9, "ONS", "Online Event", Kind.EVENT),
    MeetingType(10, "RAS", "Remote Access Session", Kind.SUPPORT),
    MeetingType(13, "SAC", "Sales Session", Kind.SALES),
    MeetingType(14, "SMT", "Support Session", Kind.SUPPORT),
    MeetingType(16, "AUO", "Personal Conference", Kind.MEETING),
)
_PRIVATE = tuple(MeetingType(number, "PVT", "Private Meeting", Kind.MEETING) for number in PRIVATE_TYPES)

_OPTIONS: Content = {
    "supportChat": "true",
    "supportDesktopShare": "true",
    "supportMeetingRecord": "true",
    "supportPoll": "true",
    "supportSSL": "true",
    "supportE2E": "false",
    "supportPKI": "false",
    "supportVideo": "true",
    "supportVoIP": "true",
}


def meeting_types(site: Site) -> Sequence[MeetingType]:
    """Return the session types of a site, by number; private ones came with private meetings."""
    return (*_ALWAYS, *_PRIVATE) if site.has(PRIVATE_MEETINGS) else _ALWAYS


@answers("LstMeetingType")
def lst_meeting_type(call: Call) -> Mapping[str, Answer]:
    """List the session types asked for, or all; any user may (assumed)."""
    wanted = {node.text.strip() for node in call.content.all("meetingTypeID") if node.text.strip()}
    found = [one for one in meeting_types(call.site) if not wanted or str(one.number) in wanted]
    shown = page(found, call.content.find("listControl"))
    return {
        "matchingRecords": matching_records(shown),
        "meetingType": [_described(call.site, one) for one in shown.items],
    }


@answers("GetMeetingType")
def get_meeting_type(call: Call) -> Mapping[str, Answer]:
    """Describe one session type; an unknown one is 000015 (assumed)."""
    number = call.number("meetingTypeID")
    found = next((one for one in meeting_types(call.site) if one.number == number), None)
    if found is None:
        raise no_record()
    return _described(call.site, found)


def _described(site: Site, one: MeetingType) -> Mapping[str, Answer]:
    """Return a ``mtgtype:meetingTypeInstanceType``; that SupportPrivateMeeting is one of the options is assumed."""
    private = {"SupportPrivateMeeting": flag(one.private)} if site.has(PRIVATE_MEETING_SUPPORT) else {}
    return {
        "productCodePrefix": one.prefix,
        "active": "ACTIVATED",
        "name": one.name,
        "displayName": one.name,
        "limits": {"maxMeetingUser": "1000"},
        "options": {**_OPTIONS, **private},
        "phoneNumbers": {},
        "meetingTypeID": str(one.number),
        "serviceTypes": {"serviceType": [str(one.service)]},
    }
