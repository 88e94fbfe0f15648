"""Keeping secrets out of everything that is written or shown.

Two nets: the elements that hold secrets by their meaning, and the secret values themselves wherever they
turn up, in each spelling that a report may carry (a server can echo a password in an error text).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

MASK = "******"

_SECRET_ELEMENTS = (
    "password|sessionTicket|webExAccessToken|accessToken|samlResponse|clientSecret|passwordHintAnswer|hostPIN"
)
_ELEMENT = re.compile(
    rf"(<(?:\w+:)?({_SECRET_ELEMENTS})(?:\s[^<>]*)?(?<!/)>)(?!\s*</?\w)(.*?)(</(?:\w+:)?\2\s*>|$)", re.DOTALL
)
_SHORTEST = 4
"""Shorter values are masked in their elements only: as plain text they would hide half of a report."""


class Redactor:
    """Masks secrets in text; knows the values it was given and learns those it is told of later."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Add values that must never be shown, for example a session ticket that was just issued."""
        new = {secret for secret in secrets if len(secret) >= _SHORTEST} - self._secrets
        if new:
            self._secrets |= new
            spellings = {spelling for secret in self._secrets for spelling in _spellings(secret)}
            ordered = sorted(spellings, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return ``text`` with every secret masked."""
        text = _ELEMENT.sub(rf"\1{MASK}\4", text)
        return self._pattern.sub(MASK, text) if self._pattern else text


def is_secret(name: str) -> bool:
    """Tell whether an element of that local name holds a secret by its meaning."""
    return name in _SECRET_ELEMENTS.split("|")


def _spellings(secret: str) -> Iterable[str]:
    raw = secret.encode()
    yield secret
    yield escape(secret)
    yield quoteattr(secret)[1:-1]
    yield escape(secret, {'"': "&quot;", "'": "&apos;"})
    yield escape(secret, {'"': "&#34;", "'": "&#39;"})
    yield escape(secret).encode("ascii", "xmlcharrefreplace").decode()
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield raw.hex()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
