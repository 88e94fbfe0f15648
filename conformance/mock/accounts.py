"""Which account a call is about, and whether the caller may reach it."""

from __future__ import annotations

from conformance.mock.call import Call
from conformance.mock.refusal import access_denied, bad_value, user_not_found
from conformance.mock.state import Account, Site


def require_admin(call: Call) -> None:
    """Refuse everyone but site administrators."""
    if not call.account.site_admin:
        raise access_denied()


def needed(call: Call, path: str) -> str:
    """Return the text at ``path``; refuse the call without one."""
    value = call.content.value(path)
    if value is None:
        raise bad_value(path)
    return value


def reachable(call: Call, path: str = "webExId") -> Account:
    """Return the account that is named at ``path``: the caller's own, or any where a site administrator calls.

    It is the caller's where nobody is named (assumed).
    """
    return allowed(call, call.site.account(call.text(path, call.account.web_ex_id)))


def allowed(call: Call, account: Account | None) -> Account:
    """Return an account if the caller may reach it; others than administrators are not told who is unknown."""
    if account is not call.account and not call.account.site_admin:
        raise access_denied()
    if account is None:
        raise user_not_found()
    return account


def holder(site: Site, email: str) -> Account | None:
    """Return who has an e-mail address, whatever its case (assumed)."""
    return next((a for a in site.accounts.values() if a.email.lower() == email.lower()), None)
