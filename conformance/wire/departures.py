"""What clients do that the schema does not allow and the service accepts all the same: by id, what to make of it.

The one table of all departures, wherever they are noted: on the way to the message (``carried``), in its spelling
(``request``), and in its content (``schema.canonical``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_LENIENT = "works today because the service is lenient; the schema says"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a departure means to whoever owns the client."""

    severity: Literal["lenient", "unknown", "allowed"]
    """``lenient``: it works though it should not; ``unknown``: nobody has seen it work; ``allowed``: no harm in it."""
    says: str
    """What the client does, after "your CreateMeeting"."""
    reason: str
    """Why it passes all the same."""
    advice: str
    """What to change."""


DEPARTURES: Mapping[str, Meaning] = {
    "order": Meaning(
        "lenient",
        "sends elements in another order than the schema's",
        f"{_LENIENT} in which order the children of an element stand",
        "Write the elements in the order of the schema.",
    ),
    "undeclared-prefix": Meaning(
        "lenient",
        "uses a prefix that it does not declare",
        f"{_LENIENT} to which namespace a prefix is bound",
        'Declare it on the root: xmlns:serv="http://www.webex.com/schemas/2002/06/service".',
    ),
    "boolean-case": Meaning(
        "lenient",
        "writes booleans with capitals",
        f"{_LENIENT} true or false, in small letters",
        "Write true and false in small letters.",
    ),
    "empty-value": Meaning(
        "lenient",
        "sends empty elements where a number or a boolean belongs",
        f"{_LENIENT} that a number or a boolean has a value or is left out",
        "Leave out the elements that have no value.",
    ),
    "no-break-space": Meaning(
        "lenient",
        "holds no-break spaces where blanks are meant",
        f"{_LENIENT} that nothing but elements and blanks stands there",
        "Replace U+00A0 by blanks; it comes from text that was copied from a web page.",
    ),
    "leading-blanks": Meaning(
        "lenient",
        "has blanks before its XML declaration",
        "works today because the service is lenient; XML says that nothing stands before the declaration",
        "Send the XML declaration as the first thing.",
    ),
    "wrong-encoding": Meaning(
        "lenient",
        "is written in UTF-8 and declares another encoding",
        "works today because the service is lenient; XML says that the declared encoding is the one of the bytes",
        'Declare encoding="UTF-8", or nothing.',
    ),
    "not-utf-8": Meaning(
        "unknown",
        "holds bytes that are no UTF-8, though that is its encoding",
        "read so to be looked at; nobody has seen the service read it",
        "Write the message in UTF-8, or declare the encoding that it has.",
    ),
    "form-body": Meaning(
        "allowed",
        "is sent as the field XML of a form",
        "the service takes it from there, as from a raw body",
        "Nothing has to change; a raw body with Content-Type text/xml is what the documentation prints.",
    ),
    "in-query": Meaning(
        "lenient",
        "is sent in the address of a GET",
        "works today because the service is lenient; the documentation sends messages in the body of a POST",
        "Send it in the body of a POST: addresses, and with them passwords, are kept in logs.",
    ),
    "printed": Meaning(
        "allowed",
        "holds no-break spaces",
        "read so because the documentation prints it so; a live answer that held it would not be valid",
        "Compare with a live answer, not with the documentation.",
    ),
}
"""By the id of the departure; stable."""
