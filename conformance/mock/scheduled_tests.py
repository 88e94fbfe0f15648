"""Tests of training sessions: added from the library, set up, listed, read and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from conformance.mock.call import Call, answers
from conformance.mock.library_tests import named_tests, numbers_of_tests
from conformance.mock.refusal import bad_value, no_record
from conformance.mock.scheduling import date, in_scope, named, own, visible
from conformance.mock.state import Kind, Session
from conformance.mock.training_state import ScheduledTest, Submission
from conformance.wire.answer import Answer
from conformance.wire.times import write_date

NOT_STARTED, STARTED, ENDED = "NOT_STARTED", "STARTED", "ENDED"

Criterion = Callable[[Session, ScheduledTest], bool]


@answers("AddScheduledTest")
def add_scheduled_test(call: Call) -> Mapping[str, Answer]:
    """Add tests of the library to a training session of the caller's own; each gets a number of its own (assumed)."""
    session = own(call, named(call, "sessionKey", kind=Kind.TRAINING))
    added = [ScheduledTest(call.site.number(), test) for test in named_tests(call)]
    session.tests |= {test.test_id: test for test in added}
    return {"testID": [str(test.test_id) for test in added]}


@answers("SetScheduledTest")
def set_scheduled_test(call: Call) -> Mapping[str, Answer]:
    """Say how a test is given: in the session, or on the web from a start until it is due; and how long it may take.

    Its dates are in the session's zone (assumed). Of ``sendReport``, ``attemptLimit`` and the mails nothing is told.
    """
    session = own(call, named(call, "sessionKey", kind=Kind.TRAINING))
    test = session.tests.get(call.number("testID"))
    if test is None:
        raise no_record()
    website = call.content.find("deliveryMethod/website")
    if (website is None) == (call.text("deliveryMethod/session").lower() != "true"):
        raise bad_value("deliveryMethod")
    if (minutes := call.number("timeLimit/withinMinutes", 0)) < 0 or not call.content.find("timeLimit"):
        raise bad_value("timeLimit")
    start = date(website, "startDate", session.time_zone_id) if website else None
    due = date(website, "dueDate", session.time_zone_id) if website else None
    if website and (start is None or due is None or due < start):
        raise bad_value("deliveryMethod/website")
    test.start, test.due, test.minutes = start, due, minutes
    return {}


@answers("DelScheduledTest")
def del_scheduled_test(call: Call) -> Mapping[str, Answer]:
    """Take tests off a training session of the caller's own: all that are named, or none (assumed)."""
    session = own(call, named(call, "sessionKey", kind=Kind.TRAINING))
    numbers = numbers_of_tests(call)
    if not session.tests.keys() >= set(numbers):
        raise no_record()
    for number in set(numbers):
        del session.tests[number]
    return {}


@answers("LstScheduledTests")
def lst_scheduled_tests(call: Call) -> Mapping[str, Answer]:
    """List the tests of the caller's training sessions; a scope is that of the sessions (assumed)."""
    criteria = _criteria(call)
    found = [(session, test) for session, test in _reachable(call) if all(meets(session, test) for meets in criteria)]
    if not found:
        raise no_record()
    return {
        "test": [{**summary(call, session, test), "sessionKey": str(session.key)} for session, test in found],
    }


@answers("GetTestInformation")
def get_test_information(call: Call) -> Mapping[str, Answer]:
    """Return one test with who has handed it in. The mock scores all, and nobody is at it (assumed)."""
    session, test = scheduled_test(call)
    handed_in = str(len(test.submissions))
    start = test.start or session.start
    questions = str(test.test.questions)
    return {
        **summary(call, session, test),
        "sessionKey": str(session.key),
        **({"description": test.test.description} if test.test.description else {}),
        "startDate": write_date(start, session.time_zone_id),
        **({"timeLimit": str(test.minutes)} if test.minutes else {}),
        "author": test.test.author,
        "numQuestions": questions,
        "numSubmitted": handed_in,
        "numStarted": handed_in,
        "numSubmittedUnscroed": "0",
        "numSubmittedUnscored": "0",
        "submittedTest": [_submission(session, one, test.test.questions) for one in test.submissions],
        "maxScore": questions,
    }


def summary(call: Call, session: Session, test: ScheduledTest) -> Mapping[str, Answer]:
    """Return the children of a ``train:scheduledTestType``."""
    return {
        "testID": str(test.test_id),
        "title": test.test.title,
        "delivery": "WEBSITE" if test.start else "IN_SESSION",
        "status": _status(call, session, test),
        **({"dueDate": write_date(test.due, session.time_zone_id)} if test.due else {}),
    }


def scheduled_test(call: Call) -> tuple[Session, ScheduledTest]:
    """Return the test with the ``testID`` of a call, and its session; 000015 where the caller has none (assumed)."""
    wanted = call.number("testID")
    found = next(((session, test) for session, test in _reachable(call) if test.test_id == wanted), None)
    if found is None:
        raise no_record()
    return found


def _reachable(call: Call) -> Iterator[tuple[Session, ScheduledTest]]:
    return ((session, test) for session in visible(call) for test in session.tests.values())


def _criteria(call: Call) -> list[Criterion]:
    criteria: list[Criterion] = []
    if call.content.find("dateScope"):
        scope = in_scope(call.content.find("dateScope"))
        criteria.append(lambda session, _: scope(session))
    if call.content.value("sessionKey"):
        key = call.number("sessionKey")
        criteria.append(lambda session, _: session.key == key)
    if status := call.text("status"):
        if status not in (NOT_STARTED, STARTED, ENDED):
            raise bad_value("status")
        criteria.append(lambda session, test: _status(call, session, test) == status)
    if author := call.text("author").lower():
        criteria.append(lambda _, test: test.test.author.lower() == author)
    return criteria


def _status(call: Call, session: Session, test: ScheduledTest) -> str:
    """Return how far a test is: by its own dates on the web, else by those of its session (assumed)."""
    now = call.site.clock.now()
    start = test.start or session.start
    end = test.due or session.start + timedelta(minutes=session.duration)
    return NOT_STARTED if now < start else STARTED if now < end else ENDED


def _submission(session: Session, one: Submission, questions: int) -> Answer:
    """Return one record; the grade is the score of all (assumed: nothing shows how grades are written)."""
    return {
        "name": one.name,
        "email": one.email,
        "submitDate": write_date(one.submitted, session.time_zone_id),
        "score": str(one.score),
        "grade": f"{one.score}/{questions}",
        "registerID": str(one.register_id),
    }
