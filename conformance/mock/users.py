"""Users: created, changed, read, deactivated and listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.mock import mail, profile
from conformance.mock.call import Call, answers
from conformance.mock.refusal import access_denied, bad_value, email_taken, user_not_found, web_ex_id_taken
from conformance.mock.scheduling import time_zone
from conformance.mock.state import Account, Site, token
from conformance.wire.answer import Answer

WELCOME_IN_HTML = "40.4.3/createuser-html-email"
EMAIL_VERIFICATION = "40.4.0/setuser-email-verification"

MOST_DELETED = 50
"""Users that one DelUser may name (2011 schema)."""

_ACTIVE_TYPES = ("ACTIVATED", "REQUEST_TO_ACTIVATE", "DEACTIVATED")


@answers("CreateUser")
def create_user(call: Call) -> Mapping[str, Answer]:
    """Create an account; only a site administrator may (operation list).

    Webex ID, e-mail address and password must be given (assumed: the 2011 schema asks for the ID alone).
    """
    require_admin(call)
    site = call.site
    web_ex_id, email, password = (_needed(call, name) for name in ("webExId", "email", "password"))
    if site.account(web_ex_id):
        raise web_ex_id_taken()
    _refuse_taken_email(site, email)
    now = site.clock.now()
    account = Account(web_ex_id, password, email, user_id=site.number(), registered=now)
    _write(call, account)
    site.add_account(account)
    if call.flag("sendWelcome"):
        html = site.has(WELCOME_IN_HTML) and call.flag("isHTMLEmail")
        mail.send_welcome(site, account, html=html)
    return {"userId": str(account.user_id)}


@answers("SetUser")
def set_user(call: Call) -> Mapping[str, Answer]:
    """Change the account that is named: the caller's own, or any where a site administrator calls.

    What is not sent stays. Nothing changes where anything is refused (assumed).
    """
    site, account = call.site, _named(call)
    new_id, email = call.text("newWebExId", account.web_ex_id), call.text("email", account.email)
    if site.account(new_id) not in (None, account):
        raise web_ex_id_taken()
    _refuse_taken_email(site, email, account)
    if not call.account.site_admin and _changes_own_rights(call, account):
        raise access_denied()
    by_admin = call.account.site_admin  # before the call takes effect: an administrator may step down by it
    _write(call, account)
    if email != account.email:
        _change_email(site, account, email, by_admin=by_admin)
    if new_id != account.web_ex_id:
        _rename(site, account, new_id)
    return {}


@answers("GetUser")
def get_user(call: Call) -> Mapping[str, Answer]:
    """Return the settings of an account: the caller's own, or any where a site administrator calls."""
    return profile.describe(_named(call), call.site.clock.now())


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


def confirm_email(site: Site, link_token: str) -> Account | None:
    """Link the address whose confirmation was clicked; None where the link is unknown, replaced or used.

    A link whose address another user has meanwhile taken is worthless too (assumed).
    """
    for account in site.accounts.values():
        if account.pending_email and account.pending_email[1] == link_token:
            address, _ = account.pending_email
            account.pending_email = None
            if _holder(site, address) not in (None, account):
                return None
            account.email = address
            return account
    return None


def require_admin(call: Call) -> None:
    """Refuse everyone but site administrators."""
    if not call.account.site_admin:
        raise access_denied()


def _needed(call: Call, path: str) -> str:
    value = call.content.value(path)
    if value is None:
        raise bad_value(path)
    return value


def _named(call: Call) -> Account:
    """Return the account of ``webExId`` (the caller where it is blank: assumed), if he may reach it."""
    name = call.text("webExId", call.account.web_ex_id)
    account = call.site.account(name)
    if account is not call.account and not call.account.site_admin:
        raise access_denied()
    if account is None:
        raise user_not_found()
    return account


def _holder(site: Site, email: str) -> Account | None:
    """Return who has the address, whatever its case (assumed)."""
    return next((a for a in site.accounts.values() if a.email.lower() == email.lower()), None)


def _refuse_taken_email(site: Site, email: str, owner: Account | None = None) -> None:
    if _holder(site, email) not in (None, owner):
        raise email_taken()


def _write(call: Call, account: Account) -> None:
    """Write into the account what was sent, all but the Webex ID and the e-mail address."""
    active = call.text("active", profile.active(account)).upper()
    if active not in _ACTIVE_TYPES:
        raise bad_value("active")
    content = profile.updated(account, call.content)
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
        account.email = email
        account.pending_email = None


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
