"""The training service: training sessions scheduled, changed, read and deleted.

Left out: several sessions from one call (``repeatType`` MULTIPLE_SESSION), tests, and the filter of unsafe
HTML, whose list of tags was not seen.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all, person
from conformance.mock.scheduling import Form, drafted, hosted, keep, live, named, own, revised
from conformance.mock.session_elements import TRAINING
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, written
from conformance.wire.answer import Answer

_FORM = Form(Kind.TRAINING, TRAINING, default_type=7)


@answers("CreateTrainingSession")
def create_training_session(call: Call) -> Mapping[str, Answer]:
    """Schedule a training session. The password follows the key (assumed: shown in a picture only)."""
    session = drafted(call, _FORM)
    _invite(call, session)
    keep(call, session)
    key = str(session.key)
    return {
        "sessionkey": key,
        **announced(call, "sessionPassword", session.password),
        "additionalInfo": {"sessionkey": key, "guestToken": session.token},
    }


@answers("SetTrainingSession")
def set_training_session(call: Call) -> Mapping[str, Answer]:
    """Change a training session of the caller's own; a refused call changes nothing."""
    session = revised(call, _FORM, own(call, named(call, "sessionKey", kind=Kind.TRAINING)))
    _invite(call, session)
    keep(call, session)
    return {}


@answers("GetTrainingSession")
def get_training_session(call: Call) -> Mapping[str, Answer]:
    """Return a training session with all its groups."""
    session = hosted(call, named(call, "sessionKey", kind=Kind.TRAINING))
    return written(TRAINING, session.content, live(session), _people(session))


@answers("DelTrainingSession")
def del_training_session(call: Call) -> Mapping[str, Answer]:
    """Delete a training session of the caller's own."""
    del call.site.sessions[own(call, named(call, "sessionKey", kind=Kind.TRAINING)).key]
    return {}


def _invite(call: Call, session: Session) -> None:
    invite_all(call, session, "presenters/participants/participant", "PRESENTER")
    invite_all(call, session, "attendees/participants/participant")


def _people(session: Session) -> Content:
    presenters: list[Answer] = []
    attendees: list[Answer] = []
    for attendee in session.attendees.values():
        (presenters if attendee.role == "PRESENTER" else attendees).append(
            {
                "sess:person": person(attendee),
                "sess:joinStatus": attendee.join_status,
                "sess:role": attendee.role,
            }
        )
    return {
        group: {"participants": {"participant": people}}
        for group, people in (("presenters", presenters), ("attendees", attendees))
        if people
    }
