"""Sales and support sessions, the records of sales, and what is going on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support import ACCESS_DENIED, NO_RECORD, NOT_FOUND, NOW, make_site, send

from conformance.mock.state import Kind, Site
from conformance.wire.request import Body

SUSPENDED = "42.5.0/suspended-site-scheduling"


def sale(site: Site, caller: str = "host", **meta_data: str) -> str:
    """Schedule a sales session and return its key."""
    body: Body = {"metaData": {"confName": "Sale", **meta_data}, "schedule": {"duration": "45"}}
    return send(site, "CreateSalesSession", body, caller).text("sales:meetingKey")


def account(site: Site, caller: str = "host", **content: str) -> str:
    return send(site, "CreateAccount", {"account": content}, caller).text("sales:intAccountID")


def test_a_sales_session_is_known_to_all_services() -> None:
    site = make_site()
    key = sale(site, account="Example", opportunity="Machines")
    told = send(site, "GetSessionInfo", {"sessionKey": key})
    assert told.text("ep:metaData/ep:serviceType") == "SalesCenter"
    assert told.text("ep:metaData/ep:account") == "Example"
    assert send(site, "LstsummarySession", {"sessionKey": key}).text("ep:session/ep:duration") == "45"
    assert send(site, "GetMeeting", {"meetingKey": key}).failure == NOT_FOUND
    assert send(site, "DelSession", {"sessionKey": key}).ok
    assert send(site, "GetSalesSession", {"meetingKey": key}).failure == NOT_FOUND


def test_a_refused_change_of_a_sales_session_changes_nothing() -> None:
    site = make_site()
    key = sale(site)
    change: Body = {"metaData": {"confName": "Other", "intAccountID": "999"}, "meetingKey": key}
    assert send(site, "SetSalesSession", change).failure == NO_RECORD
    assert send(site, "SetSalesSession", {"meetingKey": key}, "other").failure == ACCESS_DENIED
    assert send(site, "GetSalesSession", {"meetingKey": key}).text("sales:metaData/sales:confName") == "Sale"


def test_sales_sessions_are_ordered_by_whom_they_are_for() -> None:
    site = make_site()
    first, second = sale(site, account="Beta"), sale(site, account="Alpha")
    ordered = send(site, "LstsummarySalesSession", {"order": {"orderBy": "ACCOUNT", "orderAD": "ASC"}})
    assert ordered.all("sales:salesSession/sales:meetingKey") == [second, first]
    assert ordered.names()[0] == "matchingRecords"
    assert send(site, "LstsummarySalesSession", {"account": "beta"}).all(".//sales:meetingKey") == [first]


def test_records_of_sales_refer_to_each_other() -> None:
    site = make_site()
    number = account(site, name="Example", extAccountID="x1")
    child = account(site, name="Branch", parentIntID=number)
    assert send(site, "CreateAccount", {"account": {"name": "Lost", "parentIntID": "999"}}).failure == NO_RECORD
    opportunity: Body = {"opportunity": {"name": "Machines", "intAccountID": number, "extOpptyID": "o1"}}
    made = send(site, "CreateOpportunity", opportunity).text("sales:intOpptyID")
    told = send(site, "LstAccounts", {"returnOppty": "true"})
    assert told.all("sales:account/sales:intAccountID") == [number, child]
    assert told.all("sales:account/sales:opportunity/*") == ["Machines", made, "o1"]
    assert send(site, "LstOpportunities", {"extAccountID": "x1"}).all(".//sales:intOpptyID") == [made]
    assert send(site, "LstOpportunities", {"extAccountID": "x2"}).failure == NO_RECORD


def test_records_of_sales_are_their_owners_and_administrators() -> None:
    site = make_site()
    number = account(site, "admin", name="Example")
    assert send(site, "LstAccounts", "").failure == NO_RECORD
    change: Body = {"account": {"name": "Mine", "intAccountID": number}}
    assert send(site, "SetAccount", change).failure == NO_RECORD
    assert send(site, "SetAccount", change, "admin").ok
    assert send(site, "LstAccounts", {"webExID": "admin"}, "admin").text(".//sales:name") == "Mine"
    assert send(site, "CreateAccount", {"webExID": "host", "account": {"name": "Yours"}}, "admin").ok
    assert send(site, "LstAccounts", "").text(".//sales:name") == "Yours"
    assert send(site, "CreateAccount", {"account": {"name": "No"}}, "guest").failure == ACCESS_DENIED
    assert send(site, "CreateAccount", "").failure[0] == "999999"


def test_products_are_changed_together_or_not_at_all() -> None:
    site = make_site()
    (number,) = send(site, "AddProducts", {"product": {"name": "Small"}}).all("sales:prodID")
    changes: Body = {"product": [{"name": "Tiny", "prodID": number}, {"name": "None", "prodID": "999"}]}
    assert send(site, "SetProducts", changes).failure == NO_RECORD
    assert send(site, "LstProducts", "").text("sales:product/sales:name") == "Small"
    assert send(site, "AddProducts", {"product": {"name": "No"}}, "guest").failure == ACCESS_DENIED


def test_a_support_session_begins_at_once_and_is_not_listed_for_strangers() -> None:
    site = make_site()
    key = send(site, "CreateSupportSession", "").text("sc:sessionKey")
    session = site.sessions[int(key)]
    assert (session.kind, session.listed, session.password) == (Kind.SUPPORT, False, "")
    assert timedelta() <= session.start - NOW < timedelta(minutes=1)
    assert send(site, "LstsummarySession", "", "").failure == NO_RECORD
    assert send(site, "CreateSupportSession", "", "guest").failure == ACCESS_DENIED


def test_what_is_going_on_is_listed_by_service_until_it_is_over() -> None:
    site = make_site()
    support = send(site, "CreateSupportSession", "").text("sc:sessionKey")
    sold = sale(site)
    answer = send(site, "LstOpenSession", "")
    assert answer.all("ep:matchingRecords/*") == ["2", "2", "1"]
    assert answer.all("ep:services/ep:serviceType") == ["SupportCenter", "SalesCenter"]
    assert send(site, "LstOpenSession", {"serviceType": "SalesCenter"}).all(".//ep:sessionKey") == [sold]
    assert send(site, "LstOpenSession", "", "other").failure == NO_RECORD
    site.clock.set(NOW + timedelta(minutes=50))
    assert send(site, "LstOpenSession", "", "admin").all(".//ep:sessionKey") == [support]
    site.clock.set(NOW + timedelta(minutes=65))
    assert send(site, "LstOpenSession", "").failure == NO_RECORD


def test_who_is_invited_joins_under_his_own_number() -> None:
    site = make_site()
    created = send(
        site, "CreateMeeting", {"accessControl": {"meetingPassword": "Aa1bc2De3"}, "metaData": {"confName": "Talk"}}
    )
    key = created.text("meet:meetingkey")
    invited = send(
        site, "CreateMeetingAttendee", {"person": {"name": "Kim", "email": "kim@example.com"}, "sessionKey": key}
    )
    asked = {
        "sessionKey": key,
        "sessionPassword": "Aa1bc2De3",
        "attendeeName": "Kim",
        "attendeeEmail": "KIM@example.com",
    }
    answer = send(site, "GetJoinSessionInfo", asked)
    assert answer.text("ep:attendeeID") == invited.text(".//att:attendeeId")
    stranger = send(site, "GetJoinSessionInfo", asked | {"attendeeEmail": "alex@example.com"})
    assert stranger.text("ep:attendeeID") != answer.text("ep:attendeeID")
    assert stranger.text("ep:siteID") == answer.text("ep:siteID")
    assert send(site, "GetJoinSessionInfo", asked | {"sessionPassword": "wrong"}).failure == ACCESS_DENIED


@pytest.mark.parametrize("has_change", [True, False])
def test_a_suspended_site_takes_meetings_and_sales_but_no_support_since_42_5_0(has_change: bool) -> None:
    site = make_site(*([SUSPENDED] if has_change else []))
    site.settings = replace(site.settings, suspended=True)
    refused = ("010107", "The site is suspended") if has_change else (None, None)
    assert send(site, "CreateSupportSession", "").failure == refused
    assert send(site, "CreateEvent", {"metaData": {"sessionName": "Fair"}}).failure == refused
    paid: Body = {"metaData": {"confName": "Talk", "meetingType": "9"}}
    assert send(site, "CreateMeeting", paid).failure == refused
    assert send(site, "CreateMeeting", {"metaData": {"confName": "Talk"}}).ok
    assert sale(site)
