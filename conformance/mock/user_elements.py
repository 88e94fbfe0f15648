"""The elements of a user: their order, and what stands where nothing was sent.

Order: the 2011 schema, with the newer elements where recorded responses have them. Values: the GetUser
recorded in 2016, unless said otherwise.
"""

from __future__ import annotations

from conformance.wire.answer import Answer

# Elements below each path. com:addressType, com:phonesType and com:trackingType are types of another schema,
# whence the prefix of their children.
LAYOUT: dict[str, str] = {
    "": (
        "firstName lastName title categoryId description officeGreeting company webExId address phones email "
        "email2 officeurl password passwordHint passwordHintAnswer personalUrl expirationDate commOptions "
        "meetingTypes options timeZoneID timeZone timeZoneWithDST tracking service privilege language locale "
        "schedulingPermission active tspAccount supportedServices myWebEx personalTeleconf thirdPartyTeleconf "
        "personalMeetingRoom sessionOptions supportCenter mpProfileNumber security languageID webACDPrefs "
        "remoteSupport remoteAccess registrationDate visitCount userId salesCenter passwordExpires "
        "passwordDaysLeft"
    ),
    "address": ("com:addressType com:address1 com:address2 com:city com:state com:zipCode com:country"),
    "phones": "com:phone com:mobilePhone com:fax phone2 mobilePhone2 pager PIN",
    "commOptions": "prodAnnounce trainingInfo electronicInfo promos press email fax phone mail",
    "meetingTypes": "meetingType",
    "options": (
        "firstNameVisible lastNameVisible addressVisible workPhoneVisible cellPhoneVisible pagerVisible "
        "faxVisible officeUrlVisible pictureVisible notifyOnNewMessage notifyOnMeeting followMeEnable "
        "emailVisible listInCategory titleVisible folderRead folderWrite messageVisible iconSelect1 iconSelect2 "
        "acceptLinkRequest holdOnLinkRequest notifyOnLinkRequest supportVideo supportApp supportFileShare "
        "supportDesktopShare supportMeetingRecord supportAppshareRemote supportWebTourRemote "
        "supportDesktopShareRemote subscriptionOffice workPhoneCallback cellPhoneCallback faxCallback "
        "pagerCallback"
    ),
    "tracking": " ".join(f"com:trackingCode{number}" for number in range(1, 11)),
    "privilege": (
        "host teleConfCallOut teleConfCallOutInternational teleConfCallIn teleConfTollFreeCallIn siteAdmin "
        "voiceOverIp roSiteAdmin labAdmin otherTelephony teleConfCallInInternational attendeeOnly "
        "recordingEditor meetingAssist HQvideo allowExtAttendees HDvideo isEnableCET isEnablePMR "
        "teleCLIAuthEnabled teleCLIPINEnabled"
    ),
    "tspAccount": "tspAccount",
    "tspAccount/tspAccount": (
        "tollFreeCallInNumber accountIndex tollCallInNumber subscriberAccessCode participantAccessCode "
        "createOnBridge defaultFlag custom1 custom2 custom3 tollFreeCallInData tollCallInData nbrDialOut"
    ),
    "supportedServices": "meetingCenter trainingCenter supportCenter eventCenter salesCenter",
    "myWebEx": (
        "isMyWebExPro myContact myProfile myMeetings myFolders trainingRecordings recordedEvents "
        "totalStorageSize myReports myComputer personalMeetingRoom myPartnerLinks myWorkspaces "
        "additionalRecordingStorage"
    ),
    "personalTeleconf": "account joinBeforeHost",
    "personalTeleconf/account": (
        "subscriberAccessCode participantFullAccessCode participantLimitedAccessCode accountIndex defaultFlag "
        "autoGenerate joinBeforeHost"
    ),
    "thirdPartyTeleconf": "account",
    "thirdPartyTeleconf/account": (
        "name confBridgeNum pause accessCode accountIndex defaultFlag tollFreeNum moderatorCode phoneName1 phoneName2"
    ),
    "personalMeetingRoom": (
        "welcomeMessage photoURL headerImageBranding headerImageURL title personalMeetingRoomURL sipURL "
        "accessCode hostPIN applyPMRForInstantMeeting PMRAutoLock PMRAutoLockWaitTime PRNotifications"
    ),
    "personalMeetingRoom/PRNotifications": "mode",
    "sessionOptions": (
        "defaultSessionType defaultServiceType autoDeleteAfterMeetingEnd displayQuickStartHost "
        "displayQuickStartAttendees"
    ),
    "supportCenter": "orderTabs serviceDesk",
    "supportCenter/orderTabs": "tab",
    "supportCenter/serviceDesk": "enable",
    "security": "forceChangePassword resetPassword lockAccount",
    "webACDPrefs": (
        "isAgent isMgr numAgentSessions agentMonitorAllRSQueues managerMonitorAllRSQueues monitorAllRSAgents"
    ),
    "remoteSupport": "sharingView sharingColor recording autoRequest defaultClient",
    "remoteSupport/recording": "enforce type location",
    "remoteSupport/autoRequest": "enable request",
    "remoteSupport/defaultClient": "type singleSessClient",
    "remoteAccess": "sharingView sharingColor recording",
    "remoteAccess/recording": "enforce type location",
    "salesCenter": "roles manager smeInfo",
    "salesCenter/roles": "rep mgr asst sme",
    "salesCenter/smeInfo": "description",
}

REPEATED = {"meetingTypes/meetingType", "tspAccount/tspAccount", "supportCenter/orderTabs/tab"} | {
    f"{parent}/account" for parent in ("personalTeleconf", "thirdPartyTeleconf")
}
TEXTS_ONLY = {"", "address", "phones", "tracking"}
"""Where a value "True" is a text and not a boolean that a client wrote in its own way."""

OF_THE_ACCOUNT = frozenset(
    "firstName lastName webExId email password timeZoneID timeZone timeZoneWithDST active languageID "
    "registrationDate visitCount userId passwordExpires passwordDaysLeft".split()
)
"""What is not stored as it was sent: the account itself has it, or the site makes it."""


def _flags(path: str, true: str = "") -> dict[str, Answer]:
    return {name: "true" if name in true.split() else "false" for name in LAYOUT[path].split()}


_OPTIONS_OFF = "folderRead folderWrite messageVisible iconSelect1 iconSelect2 acceptLinkRequest"
DEFAULTS: dict[str, Answer] = {
    "address": {"com:addressType": "PERSONAL"},
    "expirationDate": "none",
    "commOptions": _flags("commOptions"),
    "meetingTypes": {"meetingType": ["1", "3"]},  # 1 recorded; 3 is what the update notes schedule
    "options": {
        name: "false" if name in _OPTIONS_OFF.split() else "true"
        for name in LAYOUT["options"].split()
        if not name.endswith("Callback")
    },
    "tracking": {},
    "service": "FREE_OFFICE",
    "privilege": {
        name: value
        for name, value in _flags("privilege", "recordingEditor allowExtAttendees").items()
        if name not in ("HQvideo", "HDvideo", "teleCLIAuthEnabled", "teleCLIPINEnabled")
    },
    # Recorded with meetings only; the sites of the mock hold events and training sessions too.
    "supportedServices": _flags("supportedServices", "meetingCenter trainingCenter eventCenter"),
    "myWebEx": {
        **_flags("myWebEx", "myMeetings"),
        "totalStorageSize": "0",
        "myComputer": "0",
        "additionalRecordingStorage": "0",
    },
    "personalTeleconf": {"joinBeforeHost": "false"},
    "sessionOptions": {
        "defaultSessionType": "1",
        "defaultServiceType": "MeetingCenter",
        "autoDeleteAfterMeetingEnd": "false",
        "displayQuickStartHost": "true",
        "displayQuickStartAttendees": "false",
    },
    "supportCenter": {"serviceDesk": {"enable": "false"}},
    "security": _flags("security"),
    "visitCount": "0",
    "passwordExpires": "false",
    "passwordDaysLeft": "0",
}
