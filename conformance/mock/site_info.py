"""GetSite, SetSite and GetAPIVersion: what a site tells of itself."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.accounts import require_admin
from conformance.mock.call import Call, answers
from conformance.mock.meeting_types import meeting_types
from conformance.mock.state import Site
from conformance.mock.stored import Content, fields, flag, kept, written
from conformance.versions import BASELINE, Version
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, ZONES

LISTED_BY_SERVICE = "11.0.9/getsite-unlisted-by-service"

API_VERSION = "WebEx XML API V11.0.0"
"""``apiVersion`` of all versions from 39 on: the number that counts is in ``apiVer`` (guide)."""

_NUMBERED_BY_YEAR = 39

RELEASE = "SP26"
"""``release`` as the guide's example of 39.7.0 prints it."""

OLDEST_VERSION = "39.7.0"
"""``apiVer`` of a site before 40.1.0: the one printed by the guide."""

TRAIN = "T40L"
"""``trainReleaseVersion`` and the page versions; modelled on the recorded T31L (assumed)."""

_SERVICES = {
    "meetingCenter": True,
    "trainingCenter": True,
    "supportCenter": False,
    "eventCenter": True,
    "salesCenter": False,
}


# Rules that the printed example of a generated password, UzXJuzUD428, keeps (assumed).
_PASSWORD_CRITERIA: Mapping[str, Answer] = {
    "mixedCase": "true",
    "minLength": "4",
    "minAlpha": "1",
    "minNumeric": "1",
    "minSpecial": "0",
    "disallowWebTextSessions": "false",
    "disallowWebTextAccounts": "false",
    "disallowList": "false",
}

_ACCOUNT_PASSWORD_CRITERIA: Mapping[str, Answer] = {
    "mixedCase": "false",
    "minLength": "1",
    "minNumeric": "0",
    "minAlpha": "0",
    "minSpecial": "0",
    "disallow3XRepeatedChar": "false",
    "disallowWebTextAccounts": "false",
    "disallowList": "false",
}


_MEETING_PLACE = fields(
    """
    mpProfileURL string; mpLogoutURL string; mpInternalMeetingLink string; nbrProfileNumber string;
    nbrProfilePassword string
    """
)
"""``site:meetingPlaceType`` (2011 schemas)."""


@answers("GetAPIVersion", anonymous=True)
def get_api_version(call: Call) -> Mapping[str, Answer]:
    """Return the version of the API; the train only where it is asked for.

    ``apiVer`` stands behind ``release``, as in the printed example; the train behind both (assumed: never seen
    together).
    """
    version: dict[str, Answer] = {"apiVersion": api_version(call.site)}
    release = Version.parse(call.site.version)
    if release.year >= _NUMBERED_BY_YEAR:
        version |= {"release": RELEASE, "apiVer": _full_number(call.site.version)}
    elif release.patch:
        version["release"] = f"SP{release.patch}"
    if call.flag("returnTrainReleaseVersion"):
        version["trainReleaseVersion"] = TRAIN
    return version


def api_version(site: Site) -> str:
    """Return ``apiVersion``; how it was before 10.0 is assumed."""
    release = Version.parse(site.version)
    if release.year >= _NUMBERED_BY_YEAR:
        return API_VERSION
    return f"WebEx XML API V{release.year}.{release.month}.0"


@answers("SetSite")
def set_site(call: Call) -> Mapping[str, Answer]:
    """Write the links to MeetingPlace, which GetSite tells; only a site administrator may (assumed).

    What is not sent stays (assumed).
    """
    require_admin(call)
    call.site.meeting_place |= kept(_MEETING_PLACE, call.content.find("meetingPlace"))
    return {}


@answers("GetSite")
def get_site(call: Call) -> Mapping[str, Answer]:
    """Return the site's configuration: what the 2011 schema requires, and the settings that changes depend on.

    Values without meaning for the mock are assumed.
    """
    site = call.site
    return {
        "siteInstance": {
            "metaData": _meta_data(site),
            "ucf": {"ucfConfiguration": "UCF"},
            "resourceRestrictions": {"isLicenseManager": "false"},
            "supportAPI": {"autoLogin": "true", "aspAndPHPAPI": "true", "xmlAPI": "true"},
            "supportedServices": {name: _service(name, on) for name, on in _SERVICES.items()},
            "securityOptions": _security_options(site),
            "defaults": {
                "emailReminders": "true",
                "entryExitTone": "NOTONE",
                "voip": "true",
                "teleconference": {"telephonySupport": "NONE"},
                "joinTeleconfNotPress1": "false",
            },
            "scheduleMeetingOptions": {"scheduleOnBehalf": "true", "saveSessionTemplate": "true"},
            "passwordCriteria": _PASSWORD_CRITERIA,
            "accountPasswordCriteria": _ACCOUNT_PASSWORD_CRITERIA,
            "meetingPlace": written(_MEETING_PLACE, site.meeting_place),
            **_settings_asked_for(call),
        }
    }


def _settings_asked_for(call: Call) -> Content:
    """Return the form of events where ``returnSettings`` asks for it; what stands in it is assumed."""
    if not call.flag("returnSettings/eventCenter"):
        return {}
    field = {"event:incl": "true", "event:req": "true"}
    return {"eventCenter": {"standardFields": dict.fromkeys(("firstName", "lastName", "emailAddress"), field)}}


def _full_number(version: str) -> str:
    if version == str(BASELINE):
        return OLDEST_VERSION
    parsed = Version.parse(version)
    return f"{parsed.year}.{parsed.month}.{parsed.patch}"


def _meta_data(site: Site) -> Mapping[str, Answer]:
    return {
        "isEnterprise": "true",
        "serviceType": ["MeetingCenter", "EventCenter", "TrainingCenter"],
        "meetingTypes": [
            {"meetingTypeID": str(one.number), "meetingTypeName": one.name} for one in meeting_types(site)
        ],
        "siteName": site.name,
        "brandName": site.name,
        "region": "US",
        "currency": "US Dollars",
        "timeZoneID": str(GMT),
        "timeZone": ZONES[GMT][1],
        "parterID": "",  # spelled so in the schema
        "webDomain": site.host_name,
        "meetingDomain": site.host_name,
        "telephonyDomain": site.host_name,
        "pageVersion": TRAIN,
        "clientVersion": TRAIN,
        "pageLanguage": "ENGLISH",
        "activateStatus": "true",
    }


def _service(name: str, enabled: bool) -> Mapping[str, Answer]:
    service = {"enabled": flag(enabled), "pageVersion": TRAIN, "clientVersion": TRAIN}
    return service | {"marketingAddOn": "false"} if name == "eventCenter" else service


def _security_options(site: Site) -> Mapping[str, Answer]:
    """``allMeetingsPassword`` is the switch behind the generated passwords of 40.1.2.

    Of unlisted sessions ``allMeetingsUnlisted`` speaks for Meeting Center alone (release notes 11.0 SP9).
    """
    by_service = {"ECMeetingsUnlisted": "false", "TCMeetingsUnlisted": "false"}
    return {
        "passwordExpires": "false",
        "passwordLifetime": "0",
        "allMeetingsUnlisted": "false",
        "allMeetingsPassword": flag(site.settings.session_passwords_required),
        "joinBeforeHost": "true",
        "audioBeforeHost": "false",
        "changePersonalURL": "true",
        "changeUserName": "true",
        "meetings": {"strictPasswords": "false"},
        "strictUserPassword": "false",
        "accountNotify": "false",
        "requireLoginBeforeSiteAccess": "false",
        "changePWDWhenAutoLogin": "false",
        "enforceBaseline": "false",
        "passwordChangeIntervalOpt": "false",
        "passwordChangeInterval": "0",
        **(by_service if site.has(LISTED_BY_SERVICE) else {}),
    }
