"""A site that is suspended takes free Webex Meetings and nothing else (update notes 42.5.0)."""

from __future__ import annotations

from conformance.mock.call import Call
from conformance.mock.refusal import site_suspended
from conformance.mock.state import Kind, Session

SUSPENDED = "42.5.0/suspended-site-scheduling"

FREE_TYPE = 3
"""The session type of a free Webex Meeting: the one of who names none (assumed; the notes give no number)."""

_REFUSED = (Kind.EVENT, Kind.TRAINING, Kind.SUPPORT)


def refuse_suspended(call: Call, session: Session) -> None:
    """Refuse to schedule or change a session that is not a free meeting; teleconferences and sales are not named."""
    if not (call.site.settings.suspended and call.site.has(SUSPENDED)):
        return
    paid = session.kind is Kind.MEETING and (session.webinar or session.session_type != FREE_TYPE)
    if paid or session.kind in _REFUSED:
        raise site_suspended()
