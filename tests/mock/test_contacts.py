"""Contacts, distribution lists and One-Click settings."""

from __future__ import annotations

from support import ACCESS_DENIED, NO_RECORD, make_site, send

from conformance.mock.state import Site


def contact(site: Site, email: str, caller: str = "host", **more: object) -> str:
    """Create a contact and return its number."""
    return send(site, "CreateContacts", {"contact": {**more, "email": email}}, caller).text("ep:contactID")


def emails(site: Site, caller: str = "host", **asked: str) -> list[str]:
    return send(site, "LstContact", asked, caller).all("ep:contact/ep:email")


def test_an_address_book_is_its_owners_and_the_sites() -> None:
    site = make_site()
    contact(site, "own@example.com")
    contact(site, "all@example.com", "admin", address={"addressType": "GLOBAL"})
    assert emails(site) == ["own@example.com", "all@example.com"]
    assert emails(site, addressType="GLOBAL") == emails(site, "other") == ["all@example.com"]
    assert emails(site, "admin", hostWebExID="host", addressType="PERSONAL") == ["own@example.com"]
    assert send(site, "LstContact", {"hostWebExID": "host"}, "other").failure == ACCESS_DENIED


def test_contacts_are_refused_together() -> None:
    site = make_site()
    one = {"email": "one@example.com"}
    assert send(site, "CreateContacts", {"contact": [one, {"name": "Nameless"}]}).failure[0] == "999999"
    shared = {"address": {"addressType": "GLOBAL"}, "email": "two@example.com"}
    assert send(site, "CreateContacts", {"contact": [one, shared]}).failure == ACCESS_DENIED
    assert send(site, "CreateContacts", "").failure[0] == "999999"
    assert send(site, "LstContact", "").failure == NO_RECORD


def test_a_list_holds_whom_it_is_told_to_hold() -> None:
    site = make_site()
    one, two = contact(site, "one@example.com"), contact(site, "two@example.com")
    made = send(site, "CreateDistList", {"distList": {"name": "Friends", "contactID": one}})
    number = made.text("ep:distListID")
    for sent, held in (
        ({"contactID": [one, two]}, ["one@example.com", "two@example.com"]),
        ({"contactID": one, "contactOperation": "DELETE"}, ["two@example.com"]),
        ({"contactID": one, "contactOperation": "ADD"}, ["one@example.com", "two@example.com"]),
    ):
        assert send(site, "SetDistList", {"distList": {"distListID": number, **sent}}).ok
        assert emails(site, distListName="friends") == held
    assert send(site, "SetDistList", {"distList": {"distListID": number, "contactOperation": "DELETE_ALL"}}).ok
    assert send(site, "LstContact", {"distListID": number}).failure == NO_RECORD


def test_a_list_takes_neither_strange_contacts_nor_strange_words() -> None:
    site = make_site()
    theirs = contact(site, "theirs@example.com", "other")
    refused = send(site, "CreateDistList", {"distList": {"name": "Friends", "contactID": theirs}})
    assert refused.failure == NO_RECORD
    assert send(site, "CreateDistList", {"distList": {"desc": "Nameless"}}).failure[0] == "999999"
    number = send(site, "CreateDistList", {"distList": {"name": "Friends"}}).text("ep:distListID")
    change = {"distListID": number, "contactOperation": "SHUFFLE"}
    assert send(site, "SetDistList", {"distList": change}).failure[0] == "999999"
    assert send(site, "SetDistList", {"distList": {"distListID": number, "name": "X"}}, "other").failure == NO_RECORD


def test_lists_are_found_by_number_and_by_name() -> None:
    site = make_site()
    first = send(site, "CreateDistList", {"distList": {"name": "First", "desc": "One"}}).text("ep:distListID")
    send(site, "CreateDistList", {"distList": {"name": "Second"}})
    assert send(site, "LstDistList", "").all("ep:distList/ep:name") == ["First", "Second"]
    found = send(site, "LstDistList", {"distListID": first, "name": "FIRST", "addressType": "PERSONAL"})
    assert found.all("ep:distList/*") == [first, "First", "One", "PERSONAL"]
    assert send(site, "LstDistList", {"distListID": first, "name": "Second"}).failure == NO_RECORD
    assert send(site, "LstDistList", {"addressType": "GLOBAL"}).failure == NO_RECORD


ONE_CLICK = {
    "metaData": {"serviceType": "MeetingCenter", "sessionType": "3", "confName": "Now"},
    "tracking": {"trackingCode": [{"index": "1", "value": "red"}, {"index": "2"}]},
    "telephony": {"telephonySupport": "NONE"},
}


def test_one_click_settings_are_laid_over_those_of_before() -> None:
    site = make_site()
    assert send(site, "SetupOneClickSettings", ONE_CLICK).ok
    more = {"metaData": ONE_CLICK["metaData"], "attendeeOptions": {"joinApproval": "true"}}
    assert send(site, "SetupOneClickSettings", more).ok
    answer = send(site, "GetOneClickSettings", "")
    assert answer.text("ep:metaData/ep:confName") == "Now"
    assert answer.all("ep:trackingCodes/ep:trackingCode/ep:index") == ["1", "2"]
    assert answer.all("ep:trackingCodes/ep:trackingCode/ep:value") == ["red"]
    assert answer.text("ep:attendeeOptions/ep:joinApproval") == "true"


def test_one_click_settings_are_for_hosts_and_told_to_administrators() -> None:
    site = make_site()
    assert send(site, "SetupOneClickSettings", ONE_CLICK, "guest").failure == ACCESS_DENIED
    assert send(site, "SetupOneClickSettings", {"metaData": {"confName": "Now"}}).failure[0] == "999999"
    send(site, "SetupOneClickSettings", ONE_CLICK)
    assert send(site, "GetOneClickSettings", "", "other").names() == []
    assert send(site, "GetOneClickSettings", {"hostWebExID": "host"}, "other").failure == ACCESS_DENIED
    asked = send(site, "GetOneClickSettings", {"hostWebExID": "host"}, "admin")
    assert asked.text("ep:metaData/ep:confName") == "Now"
