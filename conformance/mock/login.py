"""Ways into and out of the site's pages: login and logout URLs, and the ticket for them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from conformance.mock.accounts import reachable
from conformance.mock.call import Call, answers
from conformance.mock.site_info import api_version
from conformance.wire.answer import Answer


@answers("GetLoginTicket")
def get_login_ticket(call: Call) -> Mapping[str, Answer]:
    """Return a ticket for one login by URL, another one for each call; the mock serves no pages that take it."""
    return {"ticket": _ticket(), "apiVersion": api_version(call.site)}


@answers("GetloginurlUser")
def get_login_url(call: Call) -> Mapping[str, Answer]:
    """Return the address that signs a user in and then leads on to ``backURL``; its form is assumed."""
    account = reachable(call, "webExID")
    return {"userLoginURL": _page(call, {"AT": "LI", "WID": account.web_ex_id, "TK": _ticket()})}


@answers("GetlogouturlUser")
def get_logout_url(call: Call) -> Mapping[str, Answer]:
    """Return the address that signs a user out and then leads on to ``backURL``; its form is assumed."""
    account = reachable(call, "webExID")
    return {"userLogoutURL": _page(call, {"AT": "LO", "WID": account.web_ex_id})}


def _ticket() -> str:
    return secrets.token_urlsafe(32)


def _page(call: Call, query: Mapping[str, str]) -> str:
    back = {"MU": url} if (url := call.text("backURL")) else {}
    return f"https://{call.site.host_name}/{call.site.name}/p.php?{urlencode({**query, **back})}"
