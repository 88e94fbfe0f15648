"""CreateUser, SetUser, GetUser, DelUser, LstsummaryUser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conformance.mock.state import Settings
from conformance.mock.user_list import MODIFIED
from conformance.mock.users import EMAIL_VERIFICATION, WELCOME_IN_HTML, confirm_email
from conformance.wire.times import write_date

NEW = {"firstName": "Ann", "lastName": "Lee", "webExId": "ann", "email": "ann@example.com", "password": "secret"}


class TestCreateUser:
    def test_the_answer_is_the_user_id_and_the_user_can_sign_in(self, make_site, ask):
        site = make_site()
        created = ask(site, "CreateUser", NEW)
        assert created.children() == ["use:userId"]
        assert ask(site, "GetUser", {"webExId": "ann"}, caller="ann").text("use:userId") == created.text("use:userId")

    @pytest.mark.parametrize("caller", ["host", "attendee"])
    def test_only_a_site_administrator_may(self, make_site, ask, caller):
        site = make_site()
        assert ask(site, "CreateUser", NEW, caller=caller).code == "000001"
        assert site.account("ann") is None

    def test_anonymous_is_refused(self, make_site, ask):
        assert ask(make_site(), "CreateUser", NEW, caller=None).code == "000001"

    def test_doubles_are_refused_whatever_their_case(self, make_site, ask):
        site = make_site()
        ask(site, "CreateUser", NEW)
        assert ask(site, "CreateUser", NEW | {"webExId": "ANN", "email": "b@example.com"}).code == "030004"
        assert ask(site, "CreateUser", NEW | {"webExId": "bob", "email": "Ann@Example.com"}).code == "030005"

    @pytest.mark.parametrize("missing", ["webExId", "email", "password"])
    def test_what_is_needed(self, make_site, ask, missing):
        assert ask(make_site(), "CreateUser", NEW | {missing: " "}).code == "999999"

    @pytest.mark.parametrize(
        "unusable", [{"timeZoneID": "62"}, {"languageID": "x"}, {"active": "maybe"}, {"service": "NONE"}]
    )
    def test_an_unusable_value_creates_nothing(self, make_site, ask, unusable):
        site = make_site()
        assert ask(site, "CreateUser", NEW | unusable).code == "999999"
        assert site.account("ann") is None

    @pytest.mark.parametrize(
        ("privilege", "role"),
        [
            ({"host": "true", "siteAdmin": "false"}, ("true", "false", "false")),
            ({"host": "TRUE", "siteAdmin": "TRUE"}, ("true", "true", "false")),
            ({"attendeeOnly": "true"}, ("false", "false", "true")),
            ({"host": "false"}, ("false", "false", "true")),
        ],
    )
    def test_privileges_make_the_role(self, make_site, ask, privilege, role):
        site = make_site()
        ask(site, "CreateUser", NEW | {"privilege": privilege})
        got = ask(site, "GetUser", {"webExId": "ann"})
        names = ("host", "siteAdmin", "attendeeOnly")
        assert tuple(got.text(f"use:privilege/use:{name}") for name in names) == role

    def test_a_user_who_is_not_activated_cannot_sign_in(self, make_site, ask):
        site = make_site()
        ask(site, "CreateUser", NEW | {"active": "REQUEST_TO_ACTIVATE"})
        assert ask(site, "GetUser", {"webExId": "ann"}).text("use:active") == "REQUEST_TO_ACTIVATE"
        assert ask(site, "GetUser", {"webExId": "ann"}, caller="ann").code == "030002"


class TestWelcomeMail:
    def welcomed(self, site, ask, **elements):
        assert ask(site, "CreateUser", NEW | elements).code is None
        return site.outbox

    @pytest.mark.parametrize("send", [{}, {"sendWelcome": "false"}])
    def test_none_unless_asked_for(self, make_site, ask, send):
        assert self.welcomed(make_site(WELCOME_IN_HTML), ask, isHTMLEmail="true", **send) == []

    @pytest.mark.parametrize(
        ("language_id", "tag", "greeting"),
        [("9", "de", "Guten Tag"), ("7", "fr", "Bonjour"), ("1", "en", "Hello"), ("250", "en", "Hello")],
    )
    def test_html_in_the_users_language(self, make_site, ask, language_id, tag, greeting):
        (mail,) = self.welcomed(
            make_site(WELCOME_IN_HTML), ask, languageID=language_id, sendWelcome="true", isHTMLEmail="TRUE"
        )
        assert (mail.to, mail.html, mail.language) == ("ann@example.com", True, tag)
        assert f'<html lang="{tag}">' in mail.body
        assert greeting in mail.body

    def test_names_are_text_in_html(self, make_site, ask):
        name = {"firstName": "<b>", "sendWelcome": "true", "isHTMLEmail": "true"}
        (mail,) = self.welcomed(make_site(WELCOME_IN_HTML), ask, **name)
        assert "&lt;b&gt; Lee" in mail.body

    @pytest.mark.parametrize("html", [{}, {"isHTMLEmail": "false"}])
    def test_plain_english_where_html_is_not_asked_for(self, make_site, ask, html):
        (mail,) = self.welcomed(make_site(WELCOME_IN_HTML), ask, languageID="9", sendWelcome="true", **html)
        assert (mail.html, mail.language) == (False, "en")
        assert "<html" not in mail.body

    def test_before_the_change_the_element_is_ignored(self, make_site, ask):
        (mail,) = self.welcomed(make_site(), ask, languageID="9", sendWelcome="true", isHTMLEmail="true")
        assert (mail.html, mail.language) == (False, "en")


class TestGetUser:
    def test_a_fresh_user_shows_the_recorded_shape(self, make_site, ask):
        site = make_site()
        ask(site, "CreateUser", NEW | {"languageID": "9", "timeZoneID": "25"})
        site.clock.set(datetime(2020, 7, 1, tzinfo=UTC))
        got = ask(site, "GetUser", {"webExId": "ann"})
        assert got.response.content_type[1] == "getUserResponse"
        assert " ".join(child.removeprefix("use:") for child in got.children()) == (
            "firstName lastName webExId address email password expirationDate commOptions meetingTypes options "
            "timeZoneID timeZone timeZoneWithDST tracking service privilege language active supportedServices "
            "myWebEx personalTeleconf sessionOptions supportCenter security languageID registrationDate "
            "visitCount userId passwordExpires passwordDaysLeft"
        )
        assert got.text("use:password") == "******"
        assert got.text("use:language") == "GERMAN"
        assert got.text("use:timeZone") == "GMT+01:00, Europe (Berlin)"
        assert got.text("use:timeZoneWithDST") == "Berlin (Europe Summer Time, GMT+02:00)"

    def test_winter_has_another_name_and_offset(self, make_site, ask):
        site = make_site()
        site.account("host").time_zone_id = 25
        site.clock.set(datetime(2020, 1, 1, tzinfo=UTC))
        got = ask(site, "GetUser", {"webExId": "host"})
        assert got.text("use:timeZoneWithDST") == "Berlin (Europe Standard Time, GMT+01:00)"

    def test_what_was_sent_comes_back_in_order_and_with_its_prefixes(self, make_site, ask):
        site = make_site()
        sent = {
            "phones": {"pager": "3", "phone": "1", "mobilePhone2": "2"},
            "address": {"country": "DE", "address1": "a & b", "addressType": "GLOBAL"},
            "tracking": {"trackingCode2": "two", "trackingCode1": "one"},
            "options": {"supportVideo": "FALSE"},
            "meetingTypes": {"meetingType": ["3", "9"]},
            "tspAccount": {"tspAccount": [{"accountIndex": "1"}, {"tollCallInNumber": "5", "accountIndex": "2"}]},
            "title": "True",
            "newInSomeYear": "ignored",
        }
        ask(site, "CreateUser", NEW | sent)
        got = ask(site, "GetUser", {"webExId": "ann"})
        assert got.children("use:address") == ["com:addressType", "com:address1", "com:country"]
        assert got.text("use:address/com:address1") == "a & b"
        assert got.children("use:phones") == ["com:phone", "use:mobilePhone2", "use:pager"]
        assert got.children("use:tracking") == ["com:trackingCode1", "com:trackingCode2"]
        assert got.text("use:options/use:supportVideo") == "false"
        assert got.text("use:options/use:supportApp") == "true"
        assert got.texts("use:meetingTypes/use:meetingType") == ["3", "9"]
        assert got.texts("use:tspAccount/use:tspAccount/use:accountIndex") == ["1", "2"]
        assert got.text("use:title") == "True"
        assert "use:newInSomeYear" not in got.children()

    def test_a_user_sees_himself_and_only_himself(self, make_site, ask):
        site = make_site()
        assert ask(site, "GetUser", {"webExId": "HOST"}, caller="host").text("use:webExId") == "host"
        assert ask(site, "GetUser", caller="host").text("use:webExId") == "host"
        for other in ("attendee", "nobody"):
            assert ask(site, "GetUser", {"webExId": other}, caller="host").code == "000001"

    def test_an_administrator_is_told_who_is_unknown(self, make_site, ask):
        assert ask(make_site(), "GetUser", {"webExId": "nobody"}).code == "030001"


class TestSetUser:
    def test_what_is_not_sent_stays(self, make_site, ask):
        site = make_site()
        ask(site, "CreateUser", NEW | {"company": "Acme", "address": {"city": "Bonn", "country": "DE"}})
        done = ask(site, "SetUser", {"webExId": "ann", "lastName": "Ray", "address": {"city": "Ulm"}}, caller="ann")
        assert done.response.content_type[1] == "setUserResponse"
        assert done.children() == []
        got = ask(site, "GetUser", {"webExId": "ann"})
        assert [got.text(f"use:{name}") for name in ("firstName", "lastName", "company")] == ["Ann", "Ray", "Acme"]
        assert got.text("use:address/com:city") == "Ulm"
        assert got.text("use:address/com:country") == "DE"

    def test_a_password_changes(self, make_site, ask):
        site = make_site()
        ask(site, "SetUser", {"webExId": "host", "password": "other"}, caller="host")
        assert ask(site, "GetUser", caller="host").code == "030002"
        assert ask(site, "GetUser", caller="host", password="other").code is None

    def test_the_time_zone_by_number_or_name(self, make_site, ask):
        site = make_site()
        ask(site, "SetUser", {"webExId": "host", "timeZoneID": "4"})
        assert site.account("host").time_zone_id == 4
        ask(site, "SetUser", {"webExId": "host", "timeZone": "GMT+01:00, Europe (Berlin)"})
        assert site.account("host").time_zone_id == 25

    def test_others_are_out_of_reach(self, make_site, ask):
        site = make_site()
        assert ask(site, "SetUser", {"webExId": "attendee", "firstName": "X"}, caller="host").code == "000001"
        assert ask(site, "SetUser", {"webExId": "nobody", "firstName": "X"}).code == "030001"

    @pytest.mark.parametrize(
        "sent",
        [{"privilege": {"siteAdmin": "true"}}, {"privilege": {"attendeeOnly": "true"}}, {"active": "DEACTIVATED"}],
    )
    def test_only_administrators_change_rights(self, make_site, ask, sent):
        site = make_site()
        assert ask(site, "SetUser", {"webExId": "host"} | sent, caller="host").code == "000001"
        assert site.account("host").active
        assert not site.account("host").site_admin
        assert ask(site, "SetUser", {"webExId": "host"} | sent).code is None

    def test_rights_sent_unchanged_are_fine(self, make_site, ask):
        sent = {"webExId": "host", "active": "ACTIVATED", "privilege": {"host": "true", "siteAdmin": "false"}}
        assert ask(make_site(), "SetUser", sent, caller="host").code is None

    def test_a_new_webex_id_carries_everything_over(self, make_site, ask):
        site = make_site(access_anywhere_sessions=2)
        ticket = ask(site, "AuthenticateUser", caller="host").text("use:sessionTicket")
        start = write_date(site.clock.now() + timedelta(days=1))
        meeting = {"metaData": {"confName": "Weekly"}, "schedule": {"startDate": start}}
        access = {"accessControl": {"meetingPassword": "Abc12345"}}
        assert ask(site, "CreateMeeting", meeting | access, caller="host").code is None
        assert ask(site, "SetUser", {"webExId": "host", "newWebExId": "helga"}, caller="host").code is None
        assert {session.host for session in site.sessions.values()} == {"helga"}
        assert site.account("host") is None
        assert site.tickets[ticket][0] == "helga"
        assert {use.host for use in site.access_anywhere} == {"helga"}
        assert ask(site, "GetUser", caller="helga", password="hostpass").text("use:webExId") == "helga"

    def test_a_taken_webex_id_or_address_changes_nothing(self, make_site, ask):
        site = make_site()
        sent = {"webExId": "host", "firstName": "X"}
        assert ask(site, "SetUser", sent | {"newWebExId": "Attendee"}).code == "030004"
        assert ask(site, "SetUser", sent | {"email": "Attendee@example.com"}).code == "030005"
        assert ask(site, "SetUser", sent | {"timeZoneID": "99"}).code == "999999"
        assert site.account("host").first_name != "X"


class TestEmailVerification:
    @pytest.fixture
    def careful(self, make_site):
        settings = Settings(email_change_needs_confirmation=True)
        return make_site(EMAIL_VERIFICATION, settings=settings, base_url="http://127.0.0.1:9")

    def change(self, site, ask, email, caller="host"):
        answered = ask(site, "SetUser", {"webExId": "host", "email": email}, caller=caller)
        assert answered.code is None
        return ask(site, "GetUser", {"webExId": "host"}).text("use:email")

    def test_the_current_address_stays_until_the_click(self, careful, ask):
        assert self.change(careful, ask, "new@example.com") == "host@example.com"
        (mail,) = careful.outbox
        assert (mail.to, mail.subject) == ("new@example.com", "Webex Account Change Confirmation")
        (link,) = mail.links
        assert link in mail.body
        prefix, _, token = link.rpartition("/")
        assert prefix == "http://127.0.0.1:9/mail/confirm/go"
        assert confirm_email(careful, token) is careful.account("host")
        assert careful.account("host").email == "new@example.com"
        assert confirm_email(careful, token) is None

    def test_only_the_latest_link_works(self, careful, ask):
        assert self.change(careful, ask, "one@example.com") == "host@example.com"
        assert self.change(careful, ask, "two@example.com") == "host@example.com"
        first, second = (mail.links[0].rpartition("/")[2] for mail in careful.outbox)
        assert confirm_email(careful, first) is None
        assert careful.account("host").email == "host@example.com"
        assert confirm_email(careful, second).email == "two@example.com"

    def test_an_administrators_change_is_immediate_and_drops_what_waits(self, careful, ask):
        self.change(careful, ask, "one@example.com")
        token = careful.outbox.pop().links[0].rpartition("/")[2]
        assert self.change(careful, ask, "two@example.com", caller="siteadmin") == "two@example.com"
        assert careful.outbox == []
        assert confirm_email(careful, token) is None

    def test_an_attendee_must_confirm_too(self, careful, ask):
        ask(careful, "SetUser", {"webExId": "attendee", "email": "new@example.com"}, caller="attendee")
        assert careful.account("attendee").email == "attendee@example.com"

    def test_the_same_address_asks_for_nothing(self, careful, ask):
        self.change(careful, ask, "host@example.com")
        assert careful.outbox == []

    def test_a_link_whose_address_was_taken_is_worthless(self, careful, ask):
        self.change(careful, ask, "new@example.com")
        ask(careful, "CreateUser", NEW | {"email": "new@example.com"})
        assert confirm_email(careful, careful.outbox[0].links[0].rpartition("/")[2]) is None
        assert careful.account("host").email == "host@example.com"

    def test_immediate_where_the_setting_is_off(self, make_site, ask):
        site = make_site(EMAIL_VERIFICATION)
        assert self.change(site, ask, "new@example.com") == "new@example.com"
        assert site.outbox == []

    def test_immediate_before_the_change(self, make_site, ask):
        site = make_site(settings=Settings(email_change_needs_confirmation=True))
        assert self.change(site, ask, "new@example.com") == "new@example.com"
        assert site.outbox == []


class TestDelUser:
    def test_deactivates_and_tells_each_users_status(self, make_site, ask):
        site = make_site()
        ticket = ask(site, "AuthenticateUser", caller="host").text("use:sessionTicket")
        done = ask(site, "DelUser", {"webExId": ["host", "nobody"]})
        assert done.texts("use:user/use:webExId") == ["host", "nobody"]
        assert done.texts("use:user/use:status") == ["SUCCESS", "FAILURE"]
        assert ask(site, "GetUser", {"webExId": "host"}).text("use:active") == "DEACTIVATED"
        assert ask(site, "GetUser", caller="host").code == "030002"
        assert ticket in site.tickets

    def test_can_be_undone(self, make_site, ask):
        site = make_site()
        ask(site, "DelUser", {"webExId": "host"})
        ask(site, "SetUser", {"webExId": "host", "active": "ACTIVATED"})
        assert ask(site, "GetUser", caller="host").code is None

    def test_fifty_at_most(self, make_site, ask):
        site = make_site()
        assert len(ask(site, "DelUser", {"webExId": ["host"] * 50}).texts("use:user")) == 50
        assert ask(site, "DelUser", {"webExId": ["host"] * 51}).code == "999999"
        assert ask(site, "DelUser").code == "999999"

    def test_only_a_site_administrator_may(self, make_site, ask):
        assert ask(make_site(), "DelUser", {"webExId": "host"}, caller="host").code == "000001"


class TestLstsummaryUser:
    def names(self, answered):
        return answered.texts("use:user/use:webExId")

    def test_all_by_webex_id_and_matching_records_last(self, make_site, ask):
        listed = ask(make_site(), "LstsummaryUser")
        assert self.names(listed) == ["attendee", "host", "siteadmin"]
        assert listed.children()[-1] == "use:matchingRecords"
        assert listed.children("use:matchingRecords") == ["serv:total", "serv:returned", "serv:startFrom"]
        assert " ".join(child.removeprefix("use:") for child in listed.children("use:user[1]")) == (
            "webExId firstName lastName email registrationDate active timeZoneID"
        )

    def test_only_a_site_administrator_may(self, make_site, ask):
        assert ask(make_site(), "LstsummaryUser", caller="host").code == "000001"

    def test_filters_are_joined_as_asked(self, make_site, ask):
        site = make_site()
        both = {"webExId": "host", "email": "ATTENDEE@example.com"}
        assert ask(site, "LstsummaryUser", both).code == "000015"
        either = ask(site, "LstsummaryUser", both | {"listControl": {"listMethod": "OR"}})
        assert self.names(either) == ["attendee", "host"]
        assert self.names(ask(site, "LstsummaryUser", {"firstName": "host"})) == ["host"]

    def test_by_activity(self, make_site, ask):
        site = make_site()
        ask(site, "DelUser", {"webExId": "host"})
        assert self.names(ask(site, "LstsummaryUser", {"active": "DEACTIVATED"})) == ["host"]

    def test_order_and_pages(self, make_site, ask):
        site = make_site()
        page = {
            "order": {"orderBy": ["FIRSTNAME", "UID"], "orderAD": ["DESC", "ASC"]},
            "listControl": {"startFrom": "2", "maximumNum": "1"},
        }
        listed = ask(site, "LstsummaryUser", page)
        assert self.names(listed) == ["host"]
        numbers = [listed.text(f"use:matchingRecords/serv:{name}") for name in ("total", "returned", "startFrom")]
        assert numbers == ["3", "1", "2"]
        assert ask(site, "LstsummaryUser", {"listControl": {"startFrom": "4"}}).code == "000015"

    def test_fifty_unless_asked_for_more_and_five_hundred_at_most(self, make_site, ask):
        site = make_site()
        for number in range(520):
            ask(site, "CreateUser", NEW | {"webExId": f"u{number}", "email": f"u{number}@example.com"})
        assert len(self.names(ask(site, "LstsummaryUser"))) == 50
        assert len(self.names(ask(site, "LstsummaryUser", {"listControl": {"maximumNum": "900"}}))) == 500

    def test_by_registration(self, make_site, ask):
        site = make_site()
        site.account("host").registered = datetime(2020, 2, 1, 12, tzinfo=UTC)
        scope = {"regDateStart": "2/1/2020 11:59:59", "regDateEnd": "02/01/2020 12:00:00"}
        assert self.names(ask(site, "LstsummaryUser", {"dataScope": scope})) == ["host"]
        # The same clock face in San Jose is eight hours later.
        elsewhere = scope | {"timeZoneID": "4"}
        assert ask(site, "LstsummaryUser", {"dataScope": elsewhere}).code == "000015"

    def test_by_modification(self, make_site, ask):
        site = make_site(MODIFIED)
        site.clock.set(datetime(2020, 2, 1, 12, tzinfo=UTC))
        ask(site, "SetUser", {"webExId": "host", "firstName": "New"})
        day = {"modifiedDateStart": "02/01/2020 00:00:00", "modifiedDateEnd": "02/02/2020 00:00:00"}
        listed = ask(site, "LstsummaryUser", day)
        assert self.names(listed) == ["host"]
        assert listed.text("use:user/use:lastModifiedTime").startswith("02/01/2020 12:00:0")
        site.clock.advance(timedelta(days=80))
        assert self.names(ask(site, "LstsummaryUser", {"modifiedDateStart": "02/01/2020 00:00:00"})) == ["host"]
        assert self.names(ask(site, "LstsummaryUser", {"modifiedDateEnd": "04/20/2020 00:00:00"})) == ["host"]

    def test_ninety_days_of_modification_at_most(self, make_site, ask):
        exact = {"modifiedDateStart": "11/30/2019 00:00:00", "modifiedDateEnd": "02/28/2020 00:00:00"}
        assert ask(make_site(MODIFIED), "LstsummaryUser", exact).code == "000015"
        refused = ask(make_site(MODIFIED), "LstsummaryUser", exact | {"modifiedDateEnd": "02/28/2020 00:00:01"})
        assert refused.code == "999999"
        assert refused.response.reason == "Maximum date range is 90 days for modified date query."

    def test_what_is_no_date(self, make_site, ask):
        assert ask(make_site(MODIFIED), "LstsummaryUser", {"modifiedDateStart": "yesterday"}).code == "999999"
