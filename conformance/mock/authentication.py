"""AuthenticateUser: turns a password or a token into a session ticket."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from conformance.mock.call import Call, answers
from conformance.wire.answer import Answer

TICKET_LIFE = timedelta(seconds=5400)
"""Life of a session ticket, as recorded."""


@answers("AuthenticateUser")
def authenticate_user(call: Call) -> Mapping[str, Answer]:
    """Issue a ticket to the caller."""
    now = call.site.clock.now()
    ticket = secrets.token_urlsafe(32)
    call.site.tickets[ticket] = (call.account.web_ex_id, now + TICKET_LIFE)
    return {
        "sessionTicket": ticket,
        "createTime": str(int(now.timestamp() * 1000)),
        "timeToLive": str(int(TICKET_LIFE.total_seconds())),
    }
