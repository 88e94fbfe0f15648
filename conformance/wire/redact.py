"""Keeping secrets out of everything that is written or shown.

Three nets: the elements that hold secrets by their meaning, the parts of links that let their bearer in, and the
secret values themselves wherever they turn up, in each spelling (a server can echo a password in an error text).
What stands in the first two is learnt, and from then on caught by the third. Session keys, UUIDs and other
numbers stay: a report that shows nothing proves nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
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
_NAMES = "|".join(sorted(_SECRET_ELEMENTS))
_ELEMENT = re.compile(
    rf"(<(?:[\w.-]+:)?({_NAMES})(?:\s[^<>]*)?(?<!/)>)(?!\s*</?\w)(.*?)(</(?:[\w.-]+:)?\2\s*>|$)", re.DOTALL
)
_MARKED = re.compile(rf"[<:](?:{_NAMES})[\s>]")
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


def is_secret(name: str) -> bool:
    """Tell whether an element of that local name holds a secret by its meaning."""
    return name in _SECRET_ELEMENTS


def secrets_in(text: str) -> set[str]:
    """Return the secret values that a message, a mail or a link holds: of elements and of links."""
    found: set[str] = set()
    if "<" in text and _MARKED.search(text):
        found.update(_value(match[3]) for match in _ELEMENT.finditer(text))
    if "=" in text:
        found.update(html.unescape(match[2]) for match in _PARAMETER.finditer(text))
    if "://" in text:
        found.update(part for link in _LINK.findall(text) for part in _OPAQUE.findall(link))
    return {value for value in found if len(value) >= _SHORTEST and value.strip("*")}


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
        text = _by_place(text)
        for _ in range(_ROUNDS):
            spans = find(text, self._wanted, self._alone, cut=True)
            if not spans:
                break
            parts, at = list[str](), 0
            for start, end in spans:
                parts += text[at:start], MASK
                at = end
            masked = _by_place("".join([*parts, text[at:]]))
            if masked == text:
                break
            text = masked  # and read again: what is left may mean something else now
        return text


def _by_place(text: str) -> str:
    if "<" in text and _MARKED.search(text):
        text = _ELEMENT.sub(rf"\1{MASK}\4", text)
    if "=" in text:
        text = _PARAMETER.sub(rf"\1{MASK}", text)
    if "://" in text:
        text = _LINK.sub(lambda link: _OPAQUE.sub(MASK, link[0]), text)
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
