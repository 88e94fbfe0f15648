"""The training service: training sessions scheduled, changed, read, listed and deleted.

Left out: the filter of unsafe HTML, whose list of tags was not seen.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.labs import reserve
from conformance.mock.listing import matching_records
from conformance.mock.passwords import announced
from conformance.mock.people import invite_all, person
from conformance.mock.refusal import session_has_started
from conformance.mock.scheduled_tests import summary
from conformance.mock.scheduling import Form, drafted, hosted, keep, live, named, own, revised
from conformance.mock.session_elements import TRAINING, TRAINING_INSTANCE
from conformance.mock.session_lists import basics, session_page
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, text, written
from conformance.mock.training_series import series
from conformance.wire.answer import Answer

_FORM = Form(Kind.TRAINING, TRAINING, default_type=7)


@answers("CreateTrainingSession")
def create_training_session(call: Call) -> Mapping[str, Answer]:
    """Schedule a training session, or several. The password follows the keys (assumed: shown in a picture only)."""
    first = drafted(call, _FORM)
    _invite(call, first)
    sessions = series(call, first)
    reserve(call, sessions)
    for session in sessions:
        keep(call, session)
    return {
        "sessionkey": [str(session.key) for session in sessions],
        **announced(call, "sessionPassword", first.password),
        "additionalInfo": {"": [{"sessionkey": str(one.key), "guestToken": one.token} for one in sessions]},
    }


@answers("SetTrainingSession")
def set_training_session(call: Call) -> Mapping[str, Answer]:
    """Change a training session of the caller's own; a refused call changes nothing."""
    known = own(call, named(call, "sessionKey", kind=Kind.TRAINING))
    session = revised(call, _FORM, known)
    _invite(call, session)
    _refuse_other_repetition(call, known, session)
    reserve(call, [session])
    keep(call, session)
    return {}


@answers("GetTrainingSession")
def get_training_session(call: Call) -> Mapping[str, Answer]:
    """Return a training session with all its groups."""
    session = hosted(call, named(call, "sessionKey", kind=Kind.TRAINING))
    tests: Content = {"test": [summary(call, session, test) for test in session.tests.values()]}
    return written(TRAINING, session.content, live(session), _people(session), tests)


@answers("DelTrainingSession")
def del_training_session(call: Call) -> Mapping[str, Answer]:
    """Delete a training session of the caller's own."""
    del call.site.sessions[own(call, named(call, "sessionKey", kind=Kind.TRAINING)).key]
    return {}


@answers("LstsummaryTrainingSession")
def lstsummary_training_session(call: Call) -> Mapping[str, Answer]:
    """List training sessions: a host's own, for a site administrator all (assumed: as LstsummaryMeeting)."""
    found = session_page(call, Kind.TRAINING, "sessionKey")
    records: list[Answer] = [{"sessionKey": str(session.key), **basics(session)} for session in found.items]
    return {"trainingSession": records, "matchingRecords": matching_records(found)}


@answers("LstTrainingSession")
def lst_training_session(call: Call) -> Mapping[str, Answer]:
    """List training sessions in full: the older list. Its ``timeZoneID`` is not minded (assumed)."""
    found = session_page(call, Kind.TRAINING, "sessionKey")
    records: list[Answer] = [
        written(TRAINING_INSTANCE, session.content, live(session), _people(session)) for session in found.items
    ]
    return {"trainingSession": records, "matchingRecords": matching_records(found)}


def _refuse_other_repetition(call: Call, known: Session, revision: Session) -> None:
    """Refuse another ``repeatType`` for a session that has started, on a site of WebEx11 (reference guide).

    A session counts as started from the start that it was scheduled for (assumed).
    """
    before, after = (text(one.content, "repeat", "repeatType", default="SINGLE") for one in (known, revision))
    if call.site.settings.webex_11 and before != after and known.start <= call.site.clock.now():
        raise session_has_started()


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
