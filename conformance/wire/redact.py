"""Keeping secrets out of everything that is written or shown.

Two nets: the elements that hold secrets by their meaning, and the secret values themselves wherever they
turn up, in each spelling that a report may carry (a server can echo a password in an error text).
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
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
        self._secrets: frozenset[str] = frozenset()
        self._folded: frozenset[str] = frozenset()
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Add values that must never be shown, for example a session ticket that was just issued."""
        new = {secret for secret in secrets if len(secret) >= _SHORTEST} - self._secrets
        if new:
            self._secrets |= new
            self._folded = _folded(self._secrets)

    def __call__(self, text: str) -> str:
        """Return ``text`` with every secret masked."""
        text = _elements_masked(text)
        # Nearly no text holds a secret; finding that out must not cost a regular expression. Unlike lower(),
        # casefold() does not look at what stands beside a letter, so what was in the text still is.
        folded = text.casefold()
        if any(spelling in folded for spelling in self._folded):
            text = _elements_masked(_pattern(self._secrets).sub(MASK, text))
        return text


def _elements_masked(text: str) -> str:
    return _ELEMENT.sub(rf"\1{MASK}\4", text) if "<" in text else text


@lru_cache(maxsize=256)
def _folded(secrets: frozenset[str]) -> frozenset[str]:
    return frozenset(spelling.casefold() for secret in secrets for spelling in _spellings(secret))


@lru_cache(maxsize=256)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    return re.compile("|".join(map(re.escape, sorted(spellings, key=len, reverse=True))), re.IGNORECASE)


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
    yield html.escape(secret)
    yield escape(secret).encode("ascii", "xmlcharrefreplace").decode()
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield raw.hex()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
