"""What clients do that the schema does not allow and the service accepts all the same: by id, what to make of it.

The one table of all departures, wherever they are noted: on the way to the message (``carried``), in its spelling
(``request``), and in its content (``schema.canonical``). docs/clients.md prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from conformance.errors import UnknownName

_LENIENT = "works today because the service is lenient; the schema says"


class Strictness(StrEnum):
    """How much of what departs from the schema is put up with."""

    STRICT = "strict"
    """Nothing: what is not valid is refused, and so is each departure."""
    DOCUMENTED = "documented"
    """Departures that are known to work. Elements and values that no schema knows are refused."""
    SERVICE = "service"
    """All that the service is known to read, elements that it ignores among it."""

    @classmethod
    def parse(cls, text: str) -> Strictness:
        """Return the strictness of that name; raise UnknownName for what is none."""
        if text not in {*cls}:
            raise UnknownName("strictness", text, [*cls])
        return cls(text)

    def refuses(self, departure: str) -> bool:
        """Tell whether a request with the departure of that id is refused."""
        if self is Strictness.SERVICE:
            return False
        return self is Strictness.STRICT or DEPARTURES[departure].severity == "unknown"


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
    "undeclared-xsi": Meaning(
        "unknown",
        "does not declare the prefix of xsi:type",
        "read so because nothing else can be meant; a user of one client reported that it was answered with 000000",
        'Declare it on the root: xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance".',
    ),
    "wrong-namespace": Meaning(
        "lenient",
        "binds a prefix to another namespace than the schema's",
        f"{_LENIENT} to which namespace an element belongs",
        "Bind each prefix to the namespace of the service, or write the elements without prefixes.",
    ),
    "root-name": Meaning(
        "lenient",
        "has another root than serv:message",
        f"{_LENIENT} that a message is the element message of the namespace service",
        "Write <serv:message>, and declare its prefix.",
    ),
    "short-type": Meaning(
        "lenient",
        "names its operation without the whole package",
        "works today because the service is lenient; the documentation prints java:com.webex.service.binding and the"
        " package",
        "Write the whole name, with java: and the package.",
    ),
    "type-prefix": Meaning(
        "lenient",
        "names its operation by a prefix that is not bound to the namespace of the service",
        f"{_LENIENT} that xsi:type is a name whose prefix is declared",
        "Declare the prefix with the namespace of the service, or write the java: name.",
    ),
    "name-case": Meaning(
        "lenient",
        "spells elements in another case than the schema",
        f"{_LENIENT} how an element is spelt, which differs between operations (meetingkey, meetingKey)",
        "Spell the elements as the schema of the operation does.",
    ),
    "unknown-element": Meaning(
        "lenient",
        "sends elements that the schema does not know",
        "works today because the service is lenient: it ignores them, as far as any recording shows",
        "Leave them out; a later release may give them a meaning.",
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
    "content-type": Meaning(
        "lenient",
        "is sent with a Content-Type that is not the one of XML, or with none",
        "works today because the service is lenient: it looks at what the body is, not at what it is called",
        "Send Content-Type: text/xml; charset=UTF-8, or the encoding that the message has.",
    ),
    "absolute-form": Meaning(
        "allowed",
        "is sent with the whole address in its request line",
        "HTTP has every server accept it; proxies are spoken to so",
        "Nothing has to change.",
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
