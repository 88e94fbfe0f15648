"""The profile of a user: taken from CreateUser and SetUser, given back by GetUser.

Order: the 2011 schema, with the newer elements where recorded responses have them. Defaults: the GetUser
recorded in 2016, unless said otherwise; what that one lacks has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conformance.mock.display_name import display_name, has_display_names
from conformance.mock.mail import language
from conformance.mock.meeting_types import meeting_types
from conformance.mock.session_templates import usable
from conformance.mock.state import Account, Site
from conformance.mock.stored import Content, fields, flag, kept, overlaid, written
from conformance.wire.answer import Answer
from conformance.wire.redact import MASK
from conformance.wire.times import ZONES, write_date, zone
from conformance.wire.tree import Node

# "live" is what the account itself holds or the site makes; the session types are those of the site, of which the
# default is the one that meetings get. supportedServices was recorded with meetings
# only and security with a forced change of password: neither would suit a site made for trying things out.
_USER = fields(
    """
    firstName live; lastName live; title string; categoryId integer; description string;
    officeGreeting string; company string; webExId live;
    address com:{
        addressType (PERSONAL | GLOBAL) =PERSONAL; address1 string; address2 string; city string;
        state string; zipCode string; country string
    };
    phones {
        com:phone string; com:mobilePhone string; com:fax string;
        phone2 string; mobilePhone2 string; pager string; PIN string
    };
    email live; email2 string; officeurl string; password live; passwordHint string;
    passwordHintAnswer string; personalUrl string; expirationDate string =none;
    commOptions {
        prodAnnounce boolean =false; trainingInfo boolean =false; electronicInfo boolean =false;
        promos boolean =false; press boolean =false; email boolean =false; fax boolean =false;
        phone boolean =false; mail boolean =false
    };
    meetingTypes { meetingType* integer };
    options {
        firstNameVisible boolean =true; lastNameVisible boolean =true; addressVisible boolean =true;
        workPhoneVisible boolean =true; cellPhoneVisible boolean =true; pagerVisible boolean =true;
        faxVisible boolean =true; officeUrlVisible boolean =true; pictureVisible boolean =true;
        notifyOnNewMessage boolean =true; notifyOnMeeting boolean =true; followMeEnable boolean =true;
        emailVisible boolean =true; listInCategory boolean =true; titleVisible boolean =true;
        folderRead boolean =false; folderWrite boolean =false; messageVisible boolean =false;
        iconSelect1 boolean =false; iconSelect2 boolean =false; acceptLinkRequest boolean =false;
        holdOnLinkRequest boolean =true; notifyOnLinkRequest boolean =true; supportVideo boolean =true;
        supportApp boolean =true; supportFileShare boolean =true; supportDesktopShare boolean =true;
        supportMeetingRecord boolean =true; supportAppshareRemote boolean =true;
        supportWebTourRemote boolean =true; supportDesktopShareRemote boolean =true;
        subscriptionOffice boolean =true; workPhoneCallback boolean; cellPhoneCallback boolean;
        faxCallback boolean; pagerCallback boolean
    };
    timeZoneID live; timeZone live; timeZoneWithDST live;
    tracking com:{
        trackingCode1 string≤128; trackingCode2 string≤128; trackingCode3 string≤128;
        trackingCode4 string≤128; trackingCode5 string≤128; trackingCode6 string≤128;
        trackingCode7 string≤128; trackingCode8 string≤128; trackingCode9 string≤128;
        trackingCode10 string≤128
    } =;
    service (FREE_OFFICE | STANDARD_OFFICE | PRO_OFFICE) =FREE_OFFICE;
    privilege {
        host live; teleConfCallOut boolean =false; teleConfCallOutInternational boolean =false;
        teleConfCallIn boolean =false; teleConfTollFreeCallIn boolean =false; siteAdmin live;
        voiceOverIp boolean =false; roSiteAdmin boolean =false; labAdmin boolean =false;
        otherTelephony boolean =false; teleConfCallInInternational boolean =false; attendeeOnly live;
        recordingEditor boolean =true; meetingAssist boolean =false; HQvideo boolean;
        allowExtAttendees boolean =true; HDvideo boolean; isEnableCET boolean =false;
        isEnablePMR boolean =false; teleCLIAuthEnabled boolean; teleCLIPINEnabled boolean
    };
    language string; locale string; schedulingPermission string; active live;
    tspAccount {
        tspAccount* {
            tollFreeCallInNumber string; accountIndex integer; tollCallInNumber string;
            subscriberAccessCode string; participantAccessCode string; createOnBridge boolean;
            defaultFlag boolean; custom1 string; custom2 string; custom3 string; tollFreeCallInData string;
            tollCallInData string; nbrDialOut (TOLL_FREE | TOLL)
        }
    };
    supportedServices {
        meetingCenter boolean =true; trainingCenter boolean =true; supportCenter boolean =false;
        eventCenter boolean =true; salesCenter boolean =false
    };
    myWebEx {
        isMyWebExPro boolean =false; myContact boolean =false; myProfile boolean =false;
        myMeetings boolean =true; myFolders boolean =false; trainingRecordings boolean =false;
        recordedEvents boolean =false; totalStorageSize integer =0; myReports boolean =false;
        myComputer integer =0; personalMeetingRoom boolean =false; myPartnerLinks boolean =false;
        myWorkspaces boolean =false; additionalRecordingStorage integer =0
    };
    personalTeleconf {
        account* {
            subscriberAccessCode string; participantFullAccessCode string;
            participantLimitedAccessCode string; accountIndex! integer; defaultFlag boolean;
            autoGenerate boolean; joinBeforeHost boolean
        };
        joinBeforeHost boolean =false
    };
    thirdPartyTeleconf {
        account* {
            name string≤32; confBridgeNum string≤32; pause integer; accessCode string≤32;
            accountIndex! integer; defaultFlag boolean; tollFreeNum string≤32; moderatorCode string≤32;
            phoneName1 string≤32; phoneName2 string≤32
        }
    };
    personalMeetingRoom {
        welcomeMessage string; photoURL string; headerImageBranding boolean; headerImageURL string;
        title string; personalMeetingRoomURL string; sipURL string; accessCode string; hostPIN string;
        applyPMRForInstantMeeting boolean; PMRAutoLock boolean; PMRAutoLockWaitTime integer;
        PRNotifications { mode string }
    };
    sessionOptions {
        defaultSessionType integer =3;
        defaultServiceType
            (MeetingCenter | EventCenter | TrainingCenter | SupportCenter | SalesCenter) =MeetingCenter;
        autoDeleteAfterMeetingEnd boolean =false; displayQuickStartHost boolean =true;
        displayQuickStartAttendees boolean =false
    };
    supportCenter {
        orderTabs { tab* (Tools | Desktop | Application | Session) };
        serviceDesk { enable boolean =false }
    };
    mpProfileNumber string≤64;
    security {
        forceChangePassword boolean =false; resetPassword boolean =false; lockAccount boolean =false
    };
    languageID live;
    webACDPrefs {
        isAgent boolean; isMgr boolean; numAgentSessions integer; agentMonitorAllRSQueues boolean;
        managerMonitorAllRSQueues boolean; monitorAllRSAgents boolean
    };
    remoteSupport {
        sharingView (FS_SCALE | FS | WIN_SCALE | WIN); sharingColor (256 | 16BIT);
        recording { enforce! boolean; type (NBR | LOCAL); location string };
        autoRequest { enable! boolean; request (DESK_VIEW | DESK_CTRL | APP_VIEW | APP_CTRL) };
        defaultClient {
            type! (MULTI_SESS | SINGLE_SESS); singleSessClient (NEW_CONSL | OLD_CONSL)
        }
    };
    remoteAccess {
        sharingView (FS_SCALE | FS | WIN_SCALE | WIN); sharingColor (256 | 16BIT);
        recording { enforce! boolean; type (NBR | LOCAL); location string }
    };
    registrationDate live; visitCount live; userId live
    """
)
"""``use:userInstanceType``, as LstUser lists it."""

_FIELDS = {
    **_USER,
    **fields(
        """
        salesCenter {
            roles { rep boolean; mgr boolean; asst boolean; sme boolean };
            manager string≤128; smeInfo { description string≤512 }
        };
        passwordExpires live; passwordDaysLeft live;
        schedulingTemplates { sessionTemplate* { name live; value live; serviceType live } };
        displayName string
        """
    ),
}

_NEVER_REGISTERED = "01/01/1970 00:00:01"
"""``registrationDate`` of a user whose registration is not known, as recorded."""


def updated(site: Site, account: Account, content: Node) -> Content:
    """Return the account's profile with what CreateUser or SetUser sent laid over it.

    What is not sent stays, in groups too, and a repeated element is replaced whole (assumed).
    """
    sent = kept(_FIELDS, content)
    if not has_display_names(site):
        sent.pop("displayName", None)
    return overlaid(_FIELDS, account.profile, sent)


def describe(site: Site, account: Account) -> Mapping[str, Answer]:
    """Return the content of a GetUser response."""
    expiry: Content = {"passwordExpires": "false", "passwordDaysLeft": "0"}
    stored = {name: value for name, value in account.profile.items() if name != "displayName"}
    own = live(site, account) | expiry | usable(site, account) | display_name(site, account)
    return written(_FIELDS, _unsent(site, account), stored, own)


def record(site: Site, account: Account) -> Mapping[str, Answer]:
    """Return one ``use:user`` of LstUser."""
    return written(_USER, _unsent(site, account), account.profile, live(site, account))


def live(site: Site, account: Account) -> Content:
    """Return what the account itself holds, or the site makes, of its profile."""
    return {
        "firstName": account.first_name,
        "lastName": account.last_name,
        "webExId": account.web_ex_id,
        "email": account.email,
        "password": MASK,
        "timeZoneID": str(account.time_zone_id),
        "timeZone": ZONES[account.time_zone_id][1],
        "timeZoneWithDST": _with_daylight_saving(account.time_zone_id, site.clock.now()),
        "privilege": {
            "host": flag(account.host),
            "siteAdmin": flag(account.site_admin),
            "attendeeOnly": flag(account.attendee_only),
        },
        "active": active(account),
        "languageID": str(account.language_id),
        "registrationDate": registration_date(account) or _NEVER_REGISTERED,
        "visitCount": "0",
        "userId": str(account.user_id),
    }


def _unsent(site: Site, account: Account) -> Content:
    """Return what is told where nobody sent it: the language, and the site's session types (assumed: all of them)."""
    numbers: list[Answer] = [str(one.number) for one in meeting_types(site)]
    return {"language": language(account.language_id).name, "meetingTypes": {"meetingType": numbers}}


def active(account: Account) -> str:
    """Return the account's ``use:activeType``."""
    return "ACTIVATED" if account.active else str(account.profile.get("active", "DEACTIVATED"))


def registration_date(account: Account) -> str | None:
    """Return when the user was registered, in GMT (assumed)."""
    return write_date(account.registered) if account.registered else None


def _with_daylight_saving(time_zone_id: int, now: datetime) -> str:
    """Name the zone as it is now: "Berlin (Europe Summer Time, GMT+02:00)" (recorded in summer).

    What it is called in winter was not seen: "Standard" (assumed).
    """
    region, _, city = ZONES[time_zone_id][1].partition(", ")[2].rstrip(")").partition(" (")
    local = now.astimezone(zone(time_zone_id))
    season = "Summer" if local.dst() else "Standard"
    offset = local.strftime("%z")
    return f"{city} ({region} {season} Time, GMT{offset[:3]}:{offset[3:]})"
