"""What a site has that no operation makes: labs, programs, recorded events, tests that were handed in."""

from __future__ import annotations

from datetime import timedelta

from conformance.mock.state import Kind, Program, Recording, Session, Site, token
from conformance.mock.training_state import Lab, LibraryTest, ScheduledTest, Submission
from conformance.mock.user_state import Queue, SessionTemplate
from conformance.wire.times import GMT
from conformance.wire.tree import Node

COMPUTERS = 10
"""In each lab."""

_WEEK = timedelta(days=7)
_TYPES = {Kind.MEETING: 3, Kind.EVENT: 9, Kind.TRAINING: 7}


def add_labs(site: Site, count: int) -> None:
    """Give the site so many hands-on labs."""
    for number in range(1, count + 1):
        lab = Lab(f"Lab {number}", f"Room {number} with {COMPUTERS} computers", COMPUTERS)
        site.labs[lab.name.lower()] = lab


def add_programs(site: Site, web_ex_id: str, count: int) -> None:
    """Give a host so many programs of events."""
    site.programs += [Program(site.number(), f"Program {number}", web_ex_id) for number in range(1, count + 1)]


def add_scheduled_events(site: Site, web_ex_id: str, count: int) -> None:
    """Let a host have scheduled so many events, one a week from next week on."""
    for number in range(1, count + 1):
        _schedule(site, web_ex_id, Kind.EVENT, f"Event {number}", number * _WEEK)


def add_recorded_events(site: Site, web_ex_id: str, count: int) -> None:
    """Let a host have recorded so many events, one a week, the newest first."""
    now = site.clock.now().replace(microsecond=0)
    for number in range(1, count + 1):
        recording = Recording(
            recording_id=site.number(),
            host=web_ex_id,
            name=f"Recorded event {number}",
            created=now - number * _WEEK,
            session_key=site.number(),
            conf_id=site.number(),
            service_type=Kind.EVENT,
            uuid=token(),
        )
        site.recordings.append(recording)


def add_submitted_tests(site: Site, web_ex_id: str, count: int) -> None:
    """Let so many people have handed in the test of a training session that a host held a week ago."""
    if not count:
        return
    session = _schedule(site, web_ex_id, Kind.TRAINING, "Course with a test", -_WEEK)
    test = LibraryTest(site.number(), web_ex_id, "Final test", "What was learnt", _questions("Final test"))
    site.library_tests[test.test_id] = test
    submissions = [
        Submission(
            name=f"Guest {number}",
            email=f"guest{number}@example.com",
            submitted=session.start + timedelta(minutes=number),
            score=number % (test.questions + 1),
            register_id=site.number(),
        )
        for number in range(1, count + 1)
    ]
    scheduled = ScheduledTest(site.number(), test, submissions=submissions)
    session.tests[scheduled.test_id] = scheduled


def add_webinars(site: Site, web_ex_id: str, count: int) -> None:
    """Let a host have scheduled so many webinars, one a week; attendees of every second one may take part."""
    for number in range(1, count + 1):
        session = _schedule(site, web_ex_id, Kind.MEETING, f"Webinar {number}", number * _WEEK)
        session.webinar = True
        session.view_only = number % 2 == 1


def add_webacd_queues(site: Site, count: int) -> None:
    """Give the site so many queues of WebACD, which nobody serves yet."""
    for number in range(1, count + 1):
        queue = Queue(f"Queue {number}", site.clock.now())
        site.queues[queue.name.lower()] = queue


def add_session_templates(site: Site, web_ex_id: str, count: int) -> None:
    """Give a host so many session templates of his own, and the site as many."""
    for number in range(1, count + 1):
        for owner, whose in ((site.accounts[web_ex_id.lower()].user_id, "Own"), (0, "Site")):
            name = f"{whose} template {number}"
            site.session_templates.append(SessionTemplate(name, Kind.MEETING, str(site.number()), owner))


def _schedule(site: Site, web_ex_id: str, kind: Kind, name: str, ahead: timedelta) -> Session:
    session = Session(
        key=site.number(),
        kind=kind,
        conf_id=site.number(),
        uuid=token(),
        host=web_ex_id,
        name=name,
        start=site.clock.now().replace(microsecond=0) + ahead,
        time_zone_id=GMT,
        duration=60,
        password="Aa1bc2De3",  # noqa: S106 - of nobody's session
        token=token(),
        session_type=_TYPES[kind],
    )
    site.sessions[session.key] = session
    return session


def _questions(title: str) -> Node:
    items = [Node("item", attributes={"ident": f"q{number}", "title": f"Question {number}"}) for number in (1, 2)]
    section = Node("section", attributes={"ident": "s1"}, children=items)
    assessment = Node("assessment", attributes={"ident": "a1", "title": title}, children=[section])
    return Node("questestinterop", children=[assessment])
