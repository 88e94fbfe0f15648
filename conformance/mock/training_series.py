"""Several training sessions from one call: ``repeatType`` MULTIPLE_SESSION makes one for each start.

That each start is a session of its own, and that they differ in nothing else, is assumed: the schemas only tell that
a request may hold several ``startDate`` and the answer several ``sessionkey``.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from conformance.mock.call import Call
from conformance.mock.recurrence import MOST, starts
from conformance.mock.refusal import bad_value
from conformance.mock.scheduling import date
from conformance.mock.state import Session, token
from conformance.mock.stored import group, text
from conformance.wire.tree import Node


def series(call: Call, first: Session) -> list[Session]:
    """Return the sessions that a creating call asks for: the first one, and one for each further start.

    Starts are those that the call names, or else those that the rule of ``repeat`` gives.
    """
    if text(first.content, "repeat", "repeatType") != "MULTIPLE_SESSION":
        return [first]
    named = [node for node in call.content.all("schedule/startDate") if node.text.strip()]
    if len(named) > MOST:
        raise bad_value("schedule/startDate")
    moments = [_moment(node, first) for node in named] if len(named) > 1 else starts(_as_one_series(first))
    return [first, *(_copy(call, first, moment) for moment in moments[1:])]


def _as_one_series(first: Session) -> Session:
    repeat = {**group(first.content, "repeat"), "repeatType": "RECURRING_SINGLE"}
    return replace(first, content={**first.content, "repeat": repeat})


def _moment(start: Node, first: Session) -> datetime:
    around = Node("schedule", children=[start])
    return date(around, "startDate", first.time_zone_id) or first.start


def _copy(call: Call, first: Session, start: datetime) -> Session:
    return replace(
        first,
        key=call.site.number(),
        conf_id=10**17 + secrets.randbelow(9 * 10**17),
        uuid=token(),
        token=token(),
        start=start,
        attendees=dict(first.attendees),
        tests={},
    )
