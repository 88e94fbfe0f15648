"""What GetSessionInfo tells of a session, and to whom."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call
from conformance.mock.people import invited
from conformance.mock.scheduling import listing, owns
from conformance.mock.session_kinds import private_meeting, webinar
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, fields, flag, group, text, written
from conformance.wire.answer import Answer
from conformance.wire.times import ZONES, write_date

PROVIDER_CONFERENCE = "10.0.8/getsessioninfo-tsp-conference"
TOLL_ONLY = "11.0.7/toll-calls-only"
SHORT_REGISTRATION = "42.10.0/registration-short-url"

STATUS = "NOT_INPROGRESS"
"""Nobody joins a session of the mock, so none is ever in progress."""

_TELEPHONY = fields(
    """
    telephonySupport (NONE | CALLIN | CALLBACK | OTHER)=NONE; extTelephonyDescription string;
    callInNum serv:{tollNum! string; tollFreeNum string; intlLocalNum string};
    participantAccessCode string; subscriberAccessCode string; isMPAudio boolean
    """
)

_REGISTRATION_PAGES: Mapping[Kind, str] = {
    Kind.TRAINING: "trainingcenter/register/registerSession.do",
    Kind.EVENT: "eventcenter/enroll/register.do",
}
"""Where people register, by service; the one of events was not seen (assumed)."""


def told(call: Call, session: Session) -> Content:
    """Return the elements that the caller may know, in the order of the 2011 schemas.

    Password, agenda and telephony are protected (reference guide). Start and zone are the session's own
    (assumed).
    """
    trusted = _trusted(call, session)
    host = call.site.account(session.host)
    panelists = text(session.content, "panelists", "panelistsInfo")
    return {
        "status": STATUS,
        **({"panelistsInfo": panelists} if panelists else {}),
        "sessionkey": str(session.key),
        "confID": str(session.conf_id),
        "accessControl": _access_control(call, session, trusted),
        "metaData": _meta_data(session, trusted),
        **({"telephony": _telephony(call, session)} if trusted else {}),
        "host": {
            "firstName": host.first_name if host else "",
            "lastName": host.last_name if host else "",
            "email": host.email if host else "",
            "webExId": session.host,
            "alternateHost": [a.email for a in session.attendees.values() if a.role == "HOST"],
        },
        "schedule": {
            "startDate": write_date(session.start, session.time_zone_id),
            "duration": str(session.duration),
            "timeZone": ZONES[session.time_zone_id][1],
        },
        "attendeeOptions": {"joinRequiresAccount": _joining_requires_account(session)},
        "isAudioOnly": flag(session.kind is Kind.TELECONFERENCE),
        **private_meeting(call, session),
        **webinar(call, session),
    }


def service(session: Session) -> str:
    """Return the ``com:serviceTypeType``; teleconferences belong to the Meeting Center (package meeting.auo)."""
    return Kind.MEETING.value if session.kind is Kind.TELECONFERENCE else session.kind.value


def registration(session: Session) -> str:
    """Return whether attendees must register."""
    options = "extOptions" if session.kind is Kind.EVENT else "attendeeOptions"
    return text(session.content, options, "registration", default="false")


def recurring(session: Session) -> str:
    """Return whether a session repeats."""
    return flag(text(session.content, "repeat", "repeatType", default="SINGLE") not in ("NO_REPEAT", "SINGLE"))


def _trusted(call: Call, session: Session) -> bool:
    """Tell whether the caller gets the protected elements.

    Those are the host, site administrators (assumed), accounts that are invited, and whoever sends the right
    password; a session without a password protects nothing (assumed). A wrong one is as none (assumed).
    """
    caller = call.caller
    if caller and (owns(caller, session) or invited(caller, session)):
        return True
    return not session.password or call.text("sessionPassword") == session.password


def _access_control(call: Call, session: Session, trusted: bool) -> Content:
    return {
        **({"sessionPassword": session.password} if trusted and session.password else {}),
        "listStatus": listing(session),
        "registration": registration(session),
        **_registration_pages(call, session),
        "passwordReq": flag(bool(session.password)),
    }


def _registration_pages(call: Call, session: Session) -> Content:
    """Return where to register for a training session or event (reference guide: told to everybody).

    The long address is like that of the update notes 42.10.0; the short one they cut off, so it is like the other
    short links of a site, and neither is told where nobody needs to register (assumed).
    """
    page = _REGISTRATION_PAGES.get(session.kind)
    if page is None or registration(session) != "true":
        return {}
    site = call.site
    long = f"https://{site.host_name}/tc3300/{page}?siteurl={site.name}&confID={session.conf_id}"
    short = {"registrationShortURL": f"https://{site.host_name}/weblink/register/r{session.token}"}
    return {"registrationURL": long, **(short if site.has(SHORT_REGISTRATION) else {})}


def _meta_data(session: Session, trusted: bool) -> Content:
    meta_data = group(session.content, "metaData")
    agenda = text(meta_data, "agenda") if trusted else ""
    description = text(meta_data, "description")
    optional: dict[str, Answer] = {"agenda": agenda, "description": description}
    if session.kind is Kind.SALES:
        optional |= {name: text(meta_data, name) for name in ("account", "opportunity")}
    return {
        "confName": session.name,
        "sessionType": str(session.session_type),
        "serviceType": service(session),
        **{name: value for name, value in optional.items() if value},
        "isRecurring": recurring(session),
    }


def _telephony(call: Call, session: Session) -> Content:
    """Return how to call in. Of an audio-only session the kept description is all that is known (assumed)."""
    if session.kind is Kind.TELECONFERENCE:
        return written(_TELEPHONY, {"telephonySupport": "CALLIN"}, group(session.content, "teleconference"))
    telephony = group(session.content, "telephony")
    return written(_TELEPHONY, telephony, _of_provider(call, session, group(telephony, "tspConference")))


def _of_provider(call: Call, session: Session, conference: Mapping[str, Answer]) -> Content:
    """Return what a meeting was told of its conference at another telephony provider (release notes 10.0 SP8).

    The response has no group of that name, so each value stands where the response has its like (assumed).
    """
    if not conference or session.kind is not Kind.MEETING or not call.site.has(PROVIDER_CONFERENCE):
        return {}
    numbers = {"tollNum": conference["tollCallInNumber"]}
    if not (call.site.settings.toll_calls_only and call.site.has(TOLL_ONLY)):
        numbers["tollFreeNum"] = conference["tollFreeCallInNumber"]
    codes = {name: conference[name] for name in ("participantAccessCode", "subscriberAccessCode") if name in conference}
    return {"callInNum": numbers, **codes}


def _joining_requires_account(session: Session) -> str:
    name = "requireAccount" if session.kind is Kind.TELECONFERENCE else "joinRequiresAccount"
    return text(session.content, "attendeeOptions", name, default="false")
