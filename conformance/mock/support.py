"""The support service: support sessions, which begin when they are created and are told apart by nothing but a key."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.scheduling import Form, drafted, keep
from conformance.mock.session_elements import SUPPORT
from conformance.mock.state import Kind
from conformance.wire.answer import Answer

_FORM = Form(Kind.SUPPORT, SUPPORT, default_type=13, name_path="", password_path="")
"""The session type is assumed: no sample has one."""

_NAME = "Support session"


@answers("CreateSupportSession")
def create_support_session(call: Call) -> Mapping[str, Answer]:
    """Begin a support session, which has no password and is not listed; what it is called was not seen (assumed)."""
    session = drafted(call, _FORM)
    session.name = _NAME
    session.content["accessControl"] = {"listing": "UNLISTED"}
    session.listed = False
    keep(call, session)
    return {"sessionKey": str(session.key)}
