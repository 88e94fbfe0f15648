"""GetFeedbackInfo: what people thought of a session that is over."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.listing import Page, matching_records
from conformance.mock.past import past_sessions, reachable
from conformance.mock.refusal import no_record, session_not_found
from conformance.mock.state import Presence
from conformance.wire.answer import Answer


@answers("GetFeedbackInfo")
def get_feedback_info(call: Call) -> Mapping[str, Answer]:
    """Return the answers to the feedback form, to the host or a site administrator (assumed).

    A conference that is not known, not over or somebody else's is 060001, one that nobody had anything to say of
    000015 (assumed).
    """
    conf_id = call.number("confID")
    past = next((past for past in reachable(call, past_sessions(call.site)) if past.conf_id == conf_id), None)
    if past is None:
        raise session_not_found()
    people = [person for person in past.people if person.feedback]
    if not people:
        raise no_record()
    return {
        "session": {
            "confID": str(conf_id),
            "attendee": [_answered(person) for person in people],
            "matchingRecords": matching_records(Page(people, len(people), 1)),
        }
    }


def _answered(person: Presence) -> Answer:
    return {"attendeeID": str(person.attendee_id), "feedbackFields": {"defaultFields": person.feedback}}
