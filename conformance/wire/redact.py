"""Keeping secrets out of everything that is written or shown.

Three nets: the elements that hold secrets by their meaning, the parts of links that let their bearer in, and the
secret values themselves wherever they turn up, in each spelling (a server can echo a password in an error text).
What stands in the first two is learnt, and from then on caught by the third. Session keys, UUIDs and other
numbers stay: a report that shows nothing proves nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from conformance.wire.spellings import Needles, find, needles

MASK = "******"

_SECRET_ELEMENTS = frozenset(
    (
        # Who signs in, and what the service gives for it.
        "password",
        "newPassword",
        "passwordHintAnswer",
        "samlResponse",
        "clientSecret",
        "accessToken",
        "webExAccessToken",
        "sessionTicket",
        "ticket",
        "hostPIN",
        # What lets into a session; sites make some of them up.
        "meetingPassword",
        "sessionPassword",
        "eventPassword",
        "panelistPassword",
        "meetingPW",
        "hostKey",
        "guestToken",
        "MTID",
        "RegID",
        "registerID",
        # The telephone side of sessions.
        "subscriberAccessCode",
        "participantAccessCode",
        "participantFullAccessCode",
        "participantLimitedAccessCode",
        "participantsAccessCode",
        "accessCode",
        "moderatorCode",
        # Settings of a site.
        "subscribePassword",
        "nbrProfilePassword",
    )
)
_IN_SMALL_LETTERS = frozenset(map(str.lower, _SECRET_ELEMENTS))
_NAMES = "|".join(sorted(_SECRET_ELEMENTS))
_ELEMENT = re.compile(
    rf"(<(?:[\w.-]+:)?({_NAMES})(?:\s[^<>]*)?(?<!/)>)(?!\s*</?\w)(.*?)(</(?:[\w.-]+:)?\2\s*>|$)",
    re.DOTALL | re.IGNORECASE,
)
_MARKED = re.compile(rf"[<:](?:{_NAMES})[\s>]", re.IGNORECASE)
"""Much faster, and of most messages enough: where it finds nothing, there is no such element."""
# Each reads to the end where its own end is missing, once, instead of looking for it again and again.
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_NO_TEXT = re.compile(r"<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL)

_PARAMETERS = (
    "mtid|rcid|pw|pwd|passwd|password|meetingpw|meetingpassword|sessionpassword|token|guesttoken|access_?token"
    "|id_?token|refresh_?token|tk|ticket|lticket|sessionticket|session_?id|jsessionid|secret|client_?secret"
    "|samlresponse|sig|signature|auth|authorization|code|hostkey"
)
_PARAMETER = re.compile(rf"([?&;#%](?i:(?:(?<=%)(?:3F|26))?(?:{_PARAMETERS})(?:=|%3D)))((?:(?!%26)[^&\s\"'<>#;])+)")
_LINK = re.compile(r"://[^\s\"'<>?#]+")
# A part of a link that is to be opened once, for example to confirm an address. Rooms bear names.
_OPAQUE = re.compile(r"(?<=/)(?<!/join/)(?<!/meet/)(?=[A-Za-z_~-]*[0-9])(?=[0-9_~-]*[A-Za-z])[\w~-]{16,}(?=[/.,;:)]|$)")

_SHORTEST = 4
"""Shorter values are masked in their elements only: as plain text they would hide half of a report."""
_WEAK = 6
"""What a message brings and is shorter, or a number, is masked only where it stands alone."""
_COMMON = frozenset({"true", "false", "none", "null", "success", "failure", "default", "password"})
_LONGEST = 20_000
_ROUNDS = 8
_KEPT = 50_000
"""Longer texts are not kept for the next who reads them."""
_PREFIX = 200
"""No prefix of a namespace is longer."""


def is_secret(name: str) -> bool:
    """Tell whether an element of that local name, in any case, holds a secret by its meaning."""
    return name.lower() in _IN_SMALL_LETTERS


def secrets_in(text: str) -> frozenset[str]:
    """Return the secret values that a message, a mail or a link holds: of elements and of links."""
    return _read(text).secrets


@dataclass(frozen=True, slots=True)
class _Read:
    """A text with its secret places masked, and the values that stood there."""

    masked: str
    secrets: frozenset[str]


def _read(text: str) -> _Read:
    """Read a text once: what it holds is learnt first and masked later, by many callers."""
    return _read_again(text) if len(text) <= _KEPT else _read_now(text)


def _read_now(text: str) -> _Read:
    found: set[str] = set()
    masked = text
    if "<" in text and _MARKED.search(text):
        parts, at = list[str](), 0
        for element in _elements(text):
            found.add(_value(element[3]))
            parts += text[at : element.start(3)], MASK
            at = element.end(3)
        masked = "".join([*parts, text[at:]])
    if "=" in text:
        found.update(html.unescape(match[2]) for match in _PARAMETER.finditer(text))
        masked = _PARAMETER.sub(rf"\1{MASK}", masked)
    if "://" in text:
        found.update(part for link in _LINK.findall(text) for part in _OPAQUE.findall(link))
        masked = _LINK.sub(lambda link: _OPAQUE.sub(MASK, link[0]), masked)
    return _Read(masked, frozenset(value for value in found if len(value) >= _SHORTEST and value.strip("*")))


_read_again = lru_cache(maxsize=64)(_read_now)


def _elements(text: str) -> Iterator[re.Match[str]]:
    """Yield the elements that hold secrets. A pattern that looks for their beginning takes five times as long."""
    end = 0
    for marked in _MARKED.finditer(text):
        start = (
            marked.start() if text[marked.start()] == "<" else text.rfind("<", marked.start() - _PREFIX, marked.start())
        )
        if start >= end and (element := _ELEMENT.match(text, start)):
            yield element
            end = element.end()


def _value(inner: str) -> str:
    if len(inner) > _LONGEST:
        return ""  # masked in its place; nothing else can hold it in one piece
    if "<" not in inner and "&" not in inner:
        return inner.strip()
    # What stands in CDATA sections is every other part; it means itself.
    parts = (
        part if number % 2 else html.unescape(_NO_TEXT.sub("", part)) for number, part in enumerate(_CDATA.split(inner))
    )
    return "".join(parts).strip()


class Redactor:
    """Masks secrets in text; knows the values it was given and learns those it is told of later."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._wanted = Needles((), ())
        self._alone: tuple[re.Pattern[str], ...] = ()
        self.learn(*secrets)

    @property
    def known(self) -> frozenset[str]:
        """The values that are masked."""
        return frozenset(self._secrets)

    def learn(self, *secrets: str) -> None:
        """Add values that must never be shown, for example a session ticket that was just issued."""
        # Asterisks can not be told from the mask.
        new = {s for s in secrets if len(s) >= _SHORTEST and s.strip("*")} - self._secrets
        if new:
            self._secrets |= new
            self._wanted = _together(self._wanted, frozenset(new))

    def learn_from(self, *texts: str) -> None:
        """Add the secret values that messages, mails or links hold."""
        new = set().union(*map(secrets_in, texts)) - self._secrets
        for value in new:
            if value.isdigit() or len(value) < _WEAK:
                if value.casefold() not in _COMMON:
                    self._secrets.add(value)
                    self._alone += (_standing_alone(value),)
            elif value.casefold() not in _COMMON:
                self.learn(value)

    def __call__(self, text: str) -> str:
        """Return ``text`` with every secret masked. What was masked before is left as it is."""
        text = _read(text).masked
        for _ in range(_ROUNDS):
            spans = find(text, self._wanted, self._alone, cut=True)
            if not spans:
                break
            parts, at = list[str](), 0
            for start, end in spans:
                parts += text[at:start], MASK
                at = end
            masked = _read("".join([*parts, text[at:]])).masked
            if masked == text:
                break
            text = masked  # and read again: what is left may mean something else now
        return text


@lru_cache(maxsize=1024)
def _together(known: Needles, secrets: frozenset[str]) -> Needles:
    new = [needles(secret) for secret in sorted(secrets)]
    return Needles(
        tuple(dict.fromkeys((*known.plain, *(text for each in new for text in each.plain)))),
        tuple(dict.fromkeys((*known.base64, *(text for each in new for text in each.base64)))),
    )


@lru_cache(maxsize=1024)
def _standing_alone(value: str) -> re.Pattern[str]:
    if value.isdigit():  # no part of a date, a version or a longer number
        return re.compile(rf"(?<![\w.<-]){value}(?![\w-]|\.\d)")
    return re.compile(rf"(?<![\w.:/<-]){re.escape(value)}(?![\w:])", re.IGNORECASE)
