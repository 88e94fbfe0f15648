"""GetSite and GetAPIVersion: what a site tells of itself."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.state import Site
from conformance.versions import BASELINE, Version
from conformance.wire.answer import Answer
from conformance.wire.times import GMT, ZONES

API_VERSION = "WebEx XML API V11.0.0"
"""``apiVersion`` of all versions from 39 on: the number that counts is in ``apiVer`` (guide)."""

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


@answers("GetAPIVersion", anonymous=True)
def get_api_version(call: Call) -> Mapping[str, Answer]:
    """Return the version of the API; the train only where it is asked for.

    ``apiVer`` stands behind ``release``, as in the printed example; the train behind both (assumed: never seen
    together).
    """
    version: dict[str, Answer] = {
        "apiVersion": API_VERSION,
        "release": RELEASE,
        "apiVer": _full_number(call.site.version),
    }
    if call.flag("returnTrainReleaseVersion"):
        version["trainReleaseVersion"] = TRAIN
    return version


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
            "meetingPlace": {},
        }
    }


def _full_number(version: str) -> str:
    if version == str(BASELINE):
        return OLDEST_VERSION
    parsed = Version.parse(version)
    return f"{parsed.year}.{parsed.month}.{parsed.patch}"


def _meta_data(site: Site) -> Mapping[str, Answer]:
    return {
        "isEnterprise": "true",
        "serviceType": ["MeetingCenter", "EventCenter", "TrainingCenter"],
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
    service = {"enabled": _boolean(enabled), "pageVersion": TRAIN, "clientVersion": TRAIN}
    return service | {"marketingAddOn": "false"} if name == "eventCenter" else service


def _security_options(site: Site) -> Mapping[str, Answer]:
    """``allMeetingsPassword`` is the switch behind the generated passwords of 40.1.2."""
    return {
        "passwordExpires": "false",
        "passwordLifetime": "0",
        "allMeetingsUnlisted": "false",
        "allMeetingsPassword": _boolean(site.settings.session_passwords_required),
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
    }


def _boolean(value: bool) -> str:
    return "true" if value else "false"
