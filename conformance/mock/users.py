"""Users: created, changed, read, deactivated and listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.mock import control_hub, mail, profile
from conformance.mock.accounts import allowed, holder, needed, reachable, require_admin
from conformance.mock.call import Call, answers
from conformance.mock.refusal import access_denied, bad_value, email_taken, not_supported, web_ex_id_taken
from conformance.mock.scheduling import time_zone
from conformance.mock.state import Account, Site, token
from conformance.mock.user_management import refuse_management
from conformance.wire.answer import Answer

WELCOME_IN_HTML = "40.4.3/createuser-html-email"
EMAIL_VERIFICATION = "40.4.0/setuser-email-verification"

MOST_DELETED = 50
"""Users that one DelUser may name (2011 schema)."""

_ACTIVE_TYPES = ("ACTIVATED", "REQUEST_TO_ACTIVATE", "DEACTIVATED")


@answers("CreateUser")
def create_user(call: Call) -> Mapping[str, Answer]:
    """Create an account; only a site administrator may (operation list).

    Webex ID, e-mail address and password must be given (assumed: the 2011 schema asks for the ID alone). Where Control
    Hub manages the site, the address is the ID, and a mail takes the place of the password (update notes 41.11.0).
    """
    require_admin(call)
    refuse_management(call)
    site, now = call.site, call.site.clock.now()
    managed = control_hub.manages(site)
    web_ex_id, email = needed(call, "webExId"), needed(call, "email")
    password = token() if managed else needed(call, "password")
    account = Account(email if managed else web_ex_id, password, email, user_id=site.number(), registered=now)
    if site.account(account.web_ex_id):
        raise web_ex_id_taken()
    _refuse_taken_email(site, email)
    _write(control_hub.of_new_user(call) if managed else call, account)
    site.add_account(account)
    if managed:
        control_hub.invite(site, account)
    if call.flag("sendWelcome"):
        html = site.has(WELCOME_IN_HTML) and call.flag("isHTMLEmail")
        mail.send_welcome(site, account, html=html)
    return {"userId": str(account.user_id)}


@answers("SetUser")
def set_user(call: Call) -> Mapping[str, Answer]:
    """Change the account that is named: the caller's own, or any where a site administrator calls.

    What is not sent stays. Nothing changes where anything is refused (assumed).
    """
    site, account = call.site, _to_change(call)
    refuse_management(call)
    if control_hub.manages(site):
        call = control_hub.of_known_user(call, account)
    new_id, email = call.text("newWebExId", account.web_ex_id), call.text("email", account.email)
    if site.account(new_id) not in (None, account):
        raise web_ex_id_taken()
    _refuse_taken_email(site, email, account)
    if not call.account.site_admin and _changes_own_rights(call, account):
        raise access_denied()
    by_admin = call.account.site_admin  # before the call takes effect: an administrator may step down by it
    _write(call, account)
    if new_id != account.web_ex_id:
        _rename(site, account, new_id)
    if email != account.email:  # last: a new address may be a new Webex ID too
        _change_email(site, account, email, by_admin=by_admin)
    return {}


@answers("GetUser")
def get_user(call: Call) -> Mapping[str, Answer]:
    """Return the settings of an account: the caller's own, or any where a site administrator calls."""
    return profile.describe(call.site, reachable(call))


@answers("DelUser")
def del_user(call: Call) -> Mapping[str, Answer]:
    """Deactivate up to 50 users, each with a status of his own; the call as a whole succeeds (guide; schema).

    More than 50, or none, is refused; deactivating a deactivated user succeeds (assumed).
    """
    require_admin(call)
    names = [name for node in call.content.all("webExId") if (name := node.text.strip())]
    if not 1 <= len(names) <= MOST_DELETED:
        raise bad_value("webExId")
    statuses: list[Answer] = []
    for name in names:
        account = call.site.account(name)
        if account:
            account.active = False
            account.profile.pop("active", None)
            account.modified = call.site.clock.now()
        statuses.append({"webExId": name, "status": "SUCCESS" if account else "FAILURE"})
    return {"user": statuses}


@answers("ActivateUser")
@answers("InactivateUser")
def not_served(_call: Call) -> Mapping[str, Answer]:
    """Refuse: a comment in the schemas of 2011 calls both operations not supported; the refusal is assumed."""
    raise not_supported()


def confirm_email(site: Site, link_token: str) -> Account | None:
    """Do what a click on the link of a mail asks for: link the address that waits, or activate the user.

    None where the link is unknown, replaced or used. A link whose address another user has meanwhile taken is
    worthless too (assumed).
    """
    for account in site.accounts.values():
        if account.pending_email and account.pending_email[1] == link_token:
            address, _ = account.pending_email
            account.pending_email = None
            if holder(site, address) not in (None, account):
                return None
            _link(site, account, address)
            return account
    return control_hub.verify(site, link_token)


def _to_change(call: Call) -> Account:
    """Return the account that a SetUser names; on a site that Control Hub manages, by its e-mail identity."""
    name = call.text("webExId")
    if name and control_hub.manages(call.site):
        return allowed(call, control_hub.identified(call.site, name))
    return reachable(call)


def _refuse_taken_email(site: Site, email: str, owner: Account | None = None) -> None:
    if holder(site, email) not in (None, owner):
        raise email_taken()


def _write(call: Call, account: Account) -> None:
    """Write into the account what was sent, all but the Webex ID and the e-mail address."""
    active = call.text("active", profile.active(account)).upper()
    if active not in _ACTIVE_TYPES:
        raise bad_value("active")
    content = profile.updated(call.site, account, call.content)
    zone, language = time_zone(call.content, account.time_zone_id), call.number("languageID", account.language_id)
    # Nothing is refused from here on.
    account.time_zone_id, account.language_id = zone, language
    account.first_name = call.text("firstName", account.first_name)
    account.last_name = call.text("lastName", account.last_name)
    account.password = call.text("password", account.password)
    account.profile = content | {"active": active}
    account.active = active == "ACTIVATED"
    account.site_admin = call.flag("privilege/siteAdmin", account.site_admin)
    account.attendee_only = _attendee_only(call, account)
    account.modified = call.site.clock.now()


def _attendee_only(call: Call, account: Account) -> bool:
    """Tell whether the user may only attend: told so, or no host; never an administrator (all assumed)."""
    if account.site_admin:
        return False
    if call.content.value("privilege/host") is None:
        return call.flag("privilege/attendeeOnly", account.attendee_only)
    return call.flag("privilege/attendeeOnly") or not call.flag("privilege/host")


def _changes_own_rights(call: Call, account: Account) -> bool:
    """Tell whether a user would change what he may do; only administrators change that (assumed)."""
    privileges = {
        "host": account.host,
        "siteAdmin": account.site_admin,
        "attendeeOnly": account.attendee_only,
    }
    changed = any(call.flag(f"privilege/{name}", has) != has for name, has in privileges.items())
    return changed or call.text("active", "ACTIVATED").upper() != "ACTIVATED"


def _change_email(site: Site, account: Account, email: str, *, by_admin: bool) -> None:
    """Link the new address, at once or when it is confirmed (update notes 40.4.0).

    A user's own change waits for the click, and only the latest address can be confirmed. The call succeeds
    all the same, and an administrator's change drops one that waits (assumed).
    """
    asks = site.has(EMAIL_VERIFICATION) and site.settings.email_change_needs_confirmation
    if asks and not by_admin:
        link_token = token()
        account.pending_email = (email, link_token)
        mail.send_confirmation(site, account, email, link_token)
    else:
        account.pending_email = None
        _link(site, account, email)


def _link(site: Site, account: Account, email: str) -> None:
    """Give the account its new address, which is its Webex ID too where Control Hub manages it."""
    identity = control_hub.manages(site) and account.web_ex_id.lower() == account.email.lower()
    account.email = email
    if identity:
        _rename(site, account, email)


def _rename(site: Site, account: Account, new_id: str) -> None:
    """Give the account another Webex ID and carry over all that names the old one."""
    old = account.web_ex_id
    del site.accounts[old.lower()]
    account.web_ex_id = new_id
    site.add_account(account)
    for ticket, (owner, until) in site.tickets.items():
        if owner.lower() == old.lower():
            site.tickets[ticket] = (new_id, until)
    for session in site.sessions.values():
        if session.host.lower() == old.lower():
            session.host = new_id
    site.access_anywhere = [
        replace(use, host=new_id) if use.host.lower() == old.lower() else use for use in site.access_anywhere
    ]
