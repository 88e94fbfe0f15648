"""The elements of each kind of session, in the order in which they are given back.

Orders are those of the 2011 content models, for meetings with the additions recorded 2016. Which values stand
where nobody sent one was seen for few (NONE and 4 phone lines are the schemas' own defaults, 900 is what
samples send as openTime); the others are assumed. The notation is that of ``stored``.
"""

from __future__ import annotations

from conformance.mock.stored import fields

_ACCESS_CONTROL = "listing (PUBLIC | PRIVATE | UNLISTED)=PUBLIC; sessionPassword live; enforcePassword boolean"

_SCHEDULE_LINKS = "extURL string≤512; extNotifyTime integer[0..]=0; joinNotifyURL string≤512"

_TONE = "entryExitTone (NOTONE | BEEP | ANNOUNCENAME)=NOTONE"

_TEMPLATE = "sessionTemplate com:{use string; default boolean}"

_TELEPHONY = """
    telephonySupport (NONE | CALLIN | CALLBACK | OTHER)=NONE; numPhoneLines integer=4; extTelephonyURL string;
    extTelephonyDescription string; enableTSP boolean=false; tspAccountIndex integer; personalAccountIndex integer;
    intlLocalCallIn boolean=false; teleconfLocation string;
    callInNum serv:{tollNum! string; tollFreeNum string; intlLocalNum string}%s;
    tspConference serv:{
        tollFreeCallInNumber! string≤512; tollCallInNumber! string≤512; subscriberAccessCode string≤512;
        participantAccessCode string≤512
    };
    tspAccessCodeOrder (SUBSCRIBER_1ST | PARTICIPANT_1ST)
"""

_TRACKING = "tracking com:{" + "; ".join(f"trackingCode{n} string≤128" for n in range(1, 11)) + "}="

_REMIND = """
    enableReminder boolean; emails {email* string}; sendEmail boolean; mobile string; sendMobile boolean;
    daysAhead integer; hoursAhead integer; minutesAhead integer
"""

_ASSIST_SERVICE = """
    assistService serv:{
        assistRequest (None | Dry Run | Consult | Live Event Support | Audio Streaming | Video);
        assistConfirm (Pending | Confirmed | Cancelled)
    }
"""

_DAYS = "dayInWeek {day* (SUNDAY | MONDAY | TUESDAY | WEDNESDAY | THURSDAY | FRIDAY | SATURDAY)}"

_END = "hostKey live; eventID live; guestToken live; hostType live"

MEETING = fields(f"""
    accessControl {{
        listToPublic boolean=true; isPublic boolean=true; meetingPassword live; enforcePassword boolean
    }};
    metaData {{
        confName live; meetingType live; agenda string≤2500; greeting string; location string; invitation string;
        setNonMTOptions boolean; {_TEMPLATE}; isInternal boolean=false
    }};
    participants {{maxUserNumber integer=0; attendees live}};
    enableOptions {{
        chat boolean=true; poll boolean=true; audioVideo boolean=true; attendeeList boolean=true;
        fileShare boolean=true; presentation boolean=true; applicationShare boolean=true; desktopShare boolean=true;
        webTour boolean=true; meetingRecord boolean=true; annotation boolean=true; importDocument boolean=true;
        saveDocument boolean=true; printDocument boolean=true; pointer boolean=true; switchPage boolean=true;
        fullScreen boolean=true; thumbnail boolean=true; zoom boolean=true; copyPage boolean=true;
        rcAppShare boolean=true; rcDesktopShare boolean=true; rcWebTour boolean=true; javaClient boolean=false;
        nativeClient boolean=true; attendeeRecordMeeting boolean=false; voip boolean=false;
        faxIntoMeeting boolean=false; enableReg boolean=false; supportQandA boolean=false;
        supportFeedback boolean=false; supportBreakoutSessions boolean=false; supportPanelists boolean=false;
        supportRemoteComputer boolean=false; supportShareWebContent boolean=false; supportUCFWebPages boolean=false;
        supportUCFRichMedia boolean=false; autoDeleteAfterMeetingEnd boolean=false; viewAnyDoc boolean=false;
        viewAnyPage boolean=false; allowContactPrivate boolean=false; chatHost boolean=true;
        chatPresenter boolean=true; chatAllAttendees boolean=true; multiVideo boolean=false; notes boolean=true;
        closedCaptions boolean=false; singleNote boolean=false; sendFeedback boolean=false;
        displayQuickStartHost boolean=true; displayQuickStartAttendees boolean=false; supportE2E boolean=false;
        supportPKI boolean=false; HQvideo boolean=false; HDvideo boolean=false; viewVideoThumbs boolean=false
    }};
    schedule {{
        startDate live; timeZoneID live; timeZone live; duration live; openTime integer=900; hostWebExID live;
        templateFilePath string; showFilePath string; showFileStartMode boolean=false;
        showFileContPlayFlag boolean=false; showFileInterVal integer=0; entryExitTone integer=0; {_SCHEDULE_LINKS};
        joinTeleconfBeforeHost boolean=false; firstAttendeeAsPresenter boolean=false
    }};
    telephony {{{_TELEPHONY % "="}; tollFree boolean; isMPAudio boolean=false}};
    {_TRACKING};
    repeat {{
        repeatType (WEEKLY | DAILY | NO_REPEAT | CONSTANT | MONTHLY | YEARLY)=NO_REPEAT; interval integer;
        afterMeetingNumber integer[0..999]; {_DAYS}; expirationDate string; dayInMonth integer; weekInMonth integer;
        monthInYear integer; dayInYear integer; isException live; seriesMeetingKey live
    }};
    remind {{{_REMIND}}}=;
    attendeeOptions {{
        request boolean=false; registration boolean=false; auto boolean=false; emailInvitations boolean;
        participantLimit integer[0..]=0; excludePassword boolean=false; joinRequiresAccount boolean=false
    }};
    {_ASSIST_SERVICE};
    meetingkey live; status live; hostJoined boolean=false; participantsJoined boolean=false;
    telePresence boolean=false; {_END}
""")

_EMAIL = "subject string≤512; from string≤128; replyTo string≤128; content string"

EVENT = fields(f"""
    accessControl {{{_ACCESS_CONTROL}}};
    metaData {{
        sessionName live; sessionType live; description string; defaultHighestMT boolean; {_TEMPLATE};
        programID integer; postEventSurvey {{display (NO_DISPLAY | POPUP_WINDOW | MAIN_WINDOW)}}
    }};
    schedule {{
        startDate live; timeZoneID live; duration live; openTime integer=900; hostWebExID live; {_TONE};
        {_SCHEDULE_LINKS}; joinTeleconfBeforeHost boolean=false
    }};
    telephony {{
        {_TELEPHONY % ""}; broadcastAudioStream boolean; tollFree boolean; muteUponEntry boolean
    }};
    {_TRACKING};
    remind {{minutesAhead integer}}=;
    panelists {{
        panelistPassword string;
        panelist* com:{{
            name string; firstName string; lastName string; title string; company string; webExId string;
            email! string; notes string; url string; type (VISITOR | MEMBER | PANELIST | SME | SALESTEAM)
        }};
        panelistsInfo string
    }}=;
    attendees live;
    extOptions {{
        enrollmentNumber integer; destinationURL string; allowInviteFriend boolean;
        viewAttendeeList (ALL | HOST,PRESENTER,PANELISTS); participantLimit integer[0..]=0;
        displayQuickStartHost boolean; voip boolean; emailInvitations boolean; registration boolean=false
    }};
    emailTemplates {{
        format (TEXT | HTML);
        invitationMsgs {{participantsEmail {{{_EMAIL}}}; panelistsEmail {{{_EMAIL}}}}};
        enrollmentMsgs {{
            pendingEmail {{{_EMAIL}; send boolean}}; acceptedEmail {{{_EMAIL}; send boolean}};
            rejectedEmail {{{_EMAIL}; send boolean}}; eventUpdatedEmail {{{_EMAIL}}}
        }};
        reminderMsgs {{
            firstReminder {{{_EMAIL}; send boolean; sendDateTime string}};
            secondReminder {{{_EMAIL}; send boolean; sendDateTime string}}
        }};
        followUpMsgs {{
            thanksForAttending {{{_EMAIL}; send boolean; sendDateTime string}};
            absenteeFollowUp {{{_EMAIL}; send boolean; sendDateTime string}}
        }};
        iCalendar boolean
    }};
    {_ASSIST_SERVICE};
    sessionKey live; status live;
    enrollment {{
        idReq boolean; passwordReq boolean; password string≤16; approvalReq boolean; endURLAfterEnroll string≤128
    }};
    {_END}
""")

TRAINING = fields(f"""
    sess:accessControl sess:{{{_ACCESS_CONTROL}}};
    sess:schedule sess:{{
        startDate live; timeZone live; duration live; timeZoneID live; hostWebExID live; openTime integer=900;
        {_SCHEDULE_LINKS}; joinTeleconfBeforeHost boolean=false; {_TONE}; destinationURL string≤128
    }};
    metaData {{
        sess:confName live; agenda string≤2500; description string; greeting string; location string;
        invitation string; sessionType live; defaultHighestMT boolean; {_TEMPLATE}; enableGreeting boolean
    }};
    enableOptions {{
        sess:attendeeList boolean=true; sess:javaClient boolean=false; sess:nativeClient boolean=true;
        chat boolean=true; poll boolean=true; audioVideo boolean=true; fileShare boolean=true;
        presentation boolean=true; applicationShare boolean=true; desktopShare boolean=true; webTour boolean=true;
        trainingSessionRecord boolean=true; annotation boolean=true; importDocument boolean=true;
        saveDocument boolean=true; printDocument boolean=true; pointer boolean=true; switchPage boolean=true;
        fullScreen boolean=true; thumbnail boolean=true; zoom boolean=true; copyPage boolean=true;
        rcAppShare boolean=true; rcDesktopShare boolean=true; rcWebTour boolean=true;
        attendeeRecordTrainingSession boolean=false; voip boolean=false; faxIntoTrainingSession boolean=false;
        autoDeleteAfterMeetingEnd boolean=false; displayQuickStartHost boolean=true;
        displayQuickStartAttendees boolean=false; supportQandA boolean=true; supportFeedback boolean=true;
        supportBreakoutSessions boolean=true; supportRemoteComputer boolean=false;
        supportShareWebContent boolean=true; supportUCFRichMedia boolean=true; networkBasedRecord boolean=false;
        presenterBreakoutSession boolean=true; attendeeBreakoutSession boolean=false; supportPanelists boolean=true;
        muteOnEntry boolean=false; multiVideo boolean=false; veryLargeSess boolean=false
    }};
    telephony sess:{{{_TELEPHONY % ""}; tollFree boolean}};
    {_TRACKING};
    repeat {{
        repeatType (SINGLE | RECURRING_SINGLE | MULTIPLE_SESSION)=SINGLE; expirationDate string; {_DAYS};
        endAfter integer; occurenceType (WEEKLY | DAILY | NO_REPEAT | CONSTANT | MONTHLY | IRREGULARLY);
        interval integer; dayInMonth integer; weekInMonth integer; monthInYear integer; dayInYear integer;
        repeatSession* {{action (EDIT | DELETE); index! integer; startDate string}}
    }};
    remind sess:{{{_REMIND}}}=;
    presenters sess:{{maxUserNumber integer; participants live}}=;
    attendees sess:{{maxUserNumber integer; participants live}}=;
    attendeeOptions {{
        request boolean=false; registration boolean=false; auto boolean=false; registrationPWD string;
        maxRegistrations integer; registrationCloseDate string; emailInvitations boolean;
        participantLimit integer[0..]=0
    }};
    handsOnLab {{reserveHOL boolean; labName string; numComputers integer}};
    psoFields com:{{psoField1 string≤128}};
    {_ASSIST_SERVICE};
    preAssignBreakout {{
        enable boolean; attendeeAssign (AUTO | MANUAL); numSessions integer; attendeesPerSess integer
    }};
    sessionKey live; status live; test live; {_END}
""")

_ONLY_OF_GET = ("test", "hostKey", "eventID", "guestToken", "hostType")
MEETING_INSTANCE = {name: field for name, field in MEETING.items() if name not in _ONLY_OF_GET}
TRAINING_INSTANCE = {name: field for name, field in TRAINING.items() if name not in _ONLY_OF_GET}
"""What the lists give in full of each session (2011 schemas)."""

TELECONFERENCE = fields(f"""
    accessControl {{listing (PUBLIC | PRIVATE)=PUBLIC; sessionPassword live}};
    metaData {{confName live; sessionType live}};
    schedule {{startDate live; timeZoneID live; timeZone live; duration live; {_TONE}; hostWebExID live}};
    teleconference {{
        personalConferenceNumber live; accountIndex integer; tollFreeCallInNumber live; tollCallInNumber live;
        intlLocalCallInNumber live; subscriberAccessCode live; participantFullAccessCode live;
        participantLimitedAccessCode live; scheduleConfID live; extTelephonyDescription string;
        intlLocalCallIn boolean=false; teleconfLocation string
    }};
    {_TRACKING};
    repeat {{
        repeatType (WEEKLY | DAILY | NO_REPEAT | MONTHLY)=NO_REPEAT; expirationDate string; {_DAYS};
        dayInMonth integer[1..31]; interval integer; weekInMonth integer[1..6]
    }};
    remind {{enableReminder boolean; daysAhead integer; hoursAhead integer; minutesAhead integer}}=;
    fullAccessAttendees live; limitedAccessAttendees live;
    attendeeOptions {{
        requireUcfDiagnosis boolean; excludePassword boolean=false; requireAccount boolean=false;
        emailInvitations boolean
    }};
    hostType live
""")

SALES = fields(f"""
    accessControl {{
        listing (PUBLIC | PRIVATE | UNLISTED)=PUBLIC; meetingPassword live; enforcePassword boolean
    }};
    metaData {{
        confName live; agenda string≤2500; account string≤128; opportunity string≤128; sessionType live;
        defaultHighestMT boolean; intAccountID integer; intOpptyID integer; extSystemID integer; {_TEMPLATE}
    }};
    schedule {{
        startDate live; timeZoneID live; timeZone live; duration live; openTimeEnabled boolean; openTime integer=900;
        templateFilePath string; showFilePath string; showFileStartMode boolean=false;
        showFileContPlayFlag boolean=false; showFileInterVal integer=0; sendScheduleEmail boolean; {_SCHEDULE_LINKS};
        joinTeleconfBeforeHost boolean=false; hostWebExID live
    }};
    enableOptions {{
        autoDeleteAfterMeetingEnd boolean=false; sendEmailByClient boolean=false; displayQuickStartHost boolean=true
    }};
    telephony {{{_TELEPHONY % ""}; tollFree boolean}};
    {_TRACKING};
    repeat {{
        repeatType (WEEKLY | DAILY | NO_REPEAT | MONTHLY | YEARLY)=NO_REPEAT; endAfter integer; expirationDate string;
        interval integer; {_DAYS}; dayInMonth integer[1..31]; weekInMonth integer[1..6]; monthInYear integer[1..12]
    }};
    remind {{enableReminder boolean; daysAhead integer; hoursAhead integer; minutesAhead integer}}=;
    prospects {{
        prospect* {{
            name string; firstName string; lastName string; email! string≤64;
            phones com:{{phone string; mobilePhone string; fax string}}
        }}
    }}=;
    salesTeam {{webExID* string≤128; email* string; altHosts {{webExID* string}}}}=;
    attendeeOptions {{
        requireUcfDiagnosis boolean=false; excludePassword boolean=false; emailInvitations boolean=false;
        participantLimit integer[0..]=0
    }};
    meetingKey live; status live; {_END}
""")

SUPPORT = fields(f"metaData {{sessionType live}}; {_TRACKING}")
