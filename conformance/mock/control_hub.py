"""Users of a classic site that was converted to Control Hub (update notes 41.11.0)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from conformance.mock import mail
from conformance.mock.accounts import holder
from conformance.mock.call import Call
from conformance.mock.state import Account, Site, token

CONTROL_HUB_USERS = "41.11.0/control-hub-users"


def manages(site: Site) -> bool:
    """Tell whether the rules of Control Hub hold for the users of a site."""
    return site.settings.managed_in_control_hub and site.has(CONTROL_HUB_USERS)


def of_new_user(call: Call) -> Call:
    """Return a CreateUser without what such a site does not mind: the password and whether the user is active."""
    return _without(call, ("password", "active"))


def of_known_user(call: Call, account: Account) -> Call:
    """Return a SetUser without what such a site does not mind.

    That is the password, another Webex ID (assumed), and, while the user is not verified, whether he is active.
    """
    unverified = ("active",) if account.activation else ()
    return _without(call, ("password", "newWebExId", *unverified))


def invite(site: Site, account: Account) -> None:
    """Let a new user wait for the click on the link of his activation mail, which verifies him.

    What GetUser calls him meanwhile is assumed; that he is not active is documented.
    """
    account.active = False
    account.profile["active"] = "REQUEST_TO_ACTIVATE"
    account.activation = token()
    mail.send_activation(site, account, account.activation)


def verify(site: Site, link_token: str) -> Account | None:
    """Make the user active whose activation mail holds that link; None where the link is unknown or used (assumed)."""
    account = next((a for a in site.accounts.values() if a.activation and a.activation == link_token), None)
    if account is not None:
        account.activation = ""
        account.active = True
        account.profile["active"] = "ACTIVATED"
    return account


def identified(site: Site, name: str) -> Account | None:
    """Return the user whose e-mail identity is ``name``, as SetUser's webExId has to be."""
    return holder(site, name)


def _without(call: Call, names: Collection[str]) -> Call:
    content = call.content
    kept = [child for child in content.children if child.name not in names]
    return replace(call, request=replace(call.request, content=replace(content, children=kept)))
