"""The address books of the general session service: contacts, and the distribution lists that they are on.

A contact is in the address book of the user who created it, or, where its ``addressType`` is GLOBAL, in that of the
whole site, into which site administrators alone may put it (assumed).
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.accounts import reachable
from conformance.mock.belongings import Belonging, Book
from conformance.mock.call import Call, answers
from conformance.mock.keeping import add, found
from conformance.mock.refusal import access_denied, bad_value, no_record
from conformance.mock.stored import fields, kept, overlaid, text, written
from conformance.wire.answer import Answer

CONTACT = fields(
    """
    name string; title string; company string; webExId string;
    address com:{
        addressType (PERSONAL | GLOBAL)=PERSONAL; address1 string; address2 string; city string; state string;
        zipCode string; country string
    }=;
    phones com:{phone string; mobilePhone string; fax string};
    email string; notes string; url string; type (VISITOR | MEMBER | PANELIST | SME | SALESTEAM);
    joinStatus (REGISTER | INVITE | REJECT | ACCEPT); language string; locale string; timeZoneID integer[0..61]
    """
)
"""``ep:contactType`` (2011 schemas)."""

DISTRIBUTION_LIST = fields("distListID live; name string; desc string; addressType live")
"""``ep:distListInstanceType`` (2011 schemas)."""

_MEMBERS = fields("contactID* integer")
_ADD, _DELETE, _DELETE_ALL = "ADD", "DELETE", "DELETE_ALL"


@answers("CreateContacts")
def create_contacts(call: Call) -> Mapping[str, Answer]:
    """Put contacts into an address book, all of them or, where one is refused, none (assumed)."""
    contacts = [kept(CONTACT, node) for node in call.content.all("contact")]
    if not contacts or not all(text(contact, "email") for contact in contacts):
        raise bad_value("contact/email")
    if any(map(_is_global, contacts)) and not call.account.site_admin:
        raise access_denied()
    book, me = call.site.belongings.contacts, call.account.web_ex_id
    added = [add(call, book, "" if _is_global(contact) else me, contact) for contact in contacts]
    return {"contactID": [str(contact.number) for contact in added]}


@answers("LstContact")
def lst_contact(call: Call) -> Mapping[str, Answer]:
    """List the contacts of a user and of the site, or those on a distribution list; 000015 where there are none.

    Every filter must hold (assumed). Numbers are not told (2011 schemas).
    """
    contacts = _address_book(call, call.site.belongings.contacts)
    for lists in _lists_asked_for(call, "distListID", "distListName"):
        members = {number for one in lists for number in _members(one)}
        contacts = [contact for contact in contacts if str(contact.number) in members]
    if wanted := call.text("addressType"):
        contacts = [contact for contact in contacts if _is_global(contact.content) == (wanted == "GLOBAL")]
    if not contacts:
        raise no_record()
    return {"contact": [written(CONTACT, contact.content) for contact in contacts]}


@answers("CreateDistList")
def create_dist_list(call: Call) -> Mapping[str, Answer]:
    """Make a distribution list of the caller's, with the contacts that are named."""
    sent = call.content.find("distList")
    content = kept(DISTRIBUTION_LIST, sent) | kept(_MEMBERS, sent)
    if not text(content, "name"):
        raise bad_value("distList/name")
    _known(call, content)
    made = add(call, call.site.belongings.distribution_lists, call.account.web_ex_id, content)
    return {"distListID": str(made.number)}


@answers("SetDistList")
def set_dist_list(call: Call) -> Mapping[str, Answer]:
    """Change a distribution list: what it is called, and who is on it.

    Contacts that are named without a ``contactOperation`` are added (assumed).
    """
    sent = call.content.find("distList")
    changed = found(call, call.site.belongings.distribution_lists, call.number("distList/distListID"))
    content = kept(_MEMBERS, sent)
    _known(call, content)
    named, members = _numbers(content), _members(changed)
    operation = call.text("distList/contactOperation", _ADD)
    if operation == _ADD:
        members += [number for number in named if number not in members]
    elif operation == _DELETE:
        members = [number for number in members if number not in named]
    elif operation == _DELETE_ALL:
        members = []
    else:
        raise bad_value("distList/contactOperation")
    told = overlaid(DISTRIBUTION_LIST, changed.content, kept(DISTRIBUTION_LIST, sent))
    changed.content = told | {"contactID": members}
    return {}


@answers("LstDistList")
def lst_dist_list(call: Call) -> Mapping[str, Answer]:
    """List the distribution lists of a user, of which all are personal (assumed); 000015 where there are none."""
    lists = _address_book(call, call.site.belongings.distribution_lists)
    for asked in _lists_asked_for(call, "distListID", "name"):
        lists = [one for one in lists if one in asked]
    if not lists or call.text("addressType") == "GLOBAL":
        raise no_record()
    records = [
        written(DISTRIBUTION_LIST, one.content, {"distListID": str(one.number), "addressType": "PERSONAL"})
        for one in lists
    ]
    return {"distList": records}


def _is_global(contact: Mapping[str, Answer]) -> bool:
    return text(contact, "address", "addressType") == "GLOBAL"


def _address_book(call: Call, book: Book) -> list[Belonging]:
    """Return what is the site's or belongs to the user at ``hostWebExID``, without one to the caller."""
    user = reachable(call, "hostWebExID").web_ex_id.lower()
    return [belonging for belonging in book.values() if belonging.host.lower() in ("", user)]


def _lists_asked_for(call: Call, number: str, name: str) -> list[list[Belonging]]:
    """Return, for the number and for the name that are sent, the lists that bear it; names without their case."""
    lists = _address_book(call, call.site.belongings.distribution_lists)
    asked = []
    if call.text(number):
        wanted = call.number(number)
        asked.append([one for one in lists if one.number == wanted])
    if called := call.text(name).casefold():
        asked.append([one for one in lists if text(one.content, "name").casefold() == called])
    return asked


def _members(distribution_list: Belonging) -> list[str]:
    return _numbers(distribution_list.content)


def _numbers(content: Mapping[str, Answer]) -> list[str]:
    numbers = content.get("contactID", [])
    return [str(number) for number in numbers] if isinstance(numbers, list) else []


def _known(call: Call, content: Mapping[str, Answer]) -> None:
    """Refuse contacts that the caller does not have."""
    for number in _numbers(content):
        found(call, call.site.belongings.contacts, int(number))
