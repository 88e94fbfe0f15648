"""Passwords of sessions: who must send one, when the site makes one, and which answers show it.

All of it is documented change 40.1.2 and the site setting "All meetings/events/session must have a password"
(update notes 40.1.2), beside the failure that a missing password was before (recorded 2016).
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping

from conformance.mock.call import Call
from conformance.mock.refusal import bad_value, password_missing
from conformance.wire.answer import Answer

GENERATED = "40.1.2/generated-passwords"

LONGEST = 16
"""Longest password of a session (2011 schemas). A longer one refuses the call (assumed)."""

_ALPHABET = string.ascii_letters + string.digits


def sent(call: Call, path: str) -> str:
    """Return the password at ``path``; empty where none was sent."""
    password = call.text(path)
    if len(password) > LONGEST:
        raise bad_value(path)
    return password


def for_new_session(call: Call, path: str) -> str:
    """Return the password that a session being created gets: the one sent, a generated one, or none.

    Before the change a missing password was refused where the setting asks for one: recorded for
    CreateMeeting, for the other three operations assumed.
    """
    password = sent(call, path)
    if password or not call.site.settings.session_passwords_required:
        return password
    if not call.site.has(GENERATED):
        raise password_missing()
    return generated()


def announced(call: Call, element: str, password: str) -> Mapping[str, Answer]:
    """Return the element that tells a new session's password, for the answer of the creating call.

    Where there is no password the element is absent (assumed: the notes do not say absent or empty).
    """
    return {element: password} if password and call.site.has(GENERATED) else {}


def generated() -> str:
    """Return a password like the documented UzXJuzUD428: 11 letters of both cases and digits."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(11))
        if any(map(str.isupper, password)) and any(map(str.islower, password)) and any(map(str.isdigit, password)):
            return password
