"""Pseudonyms for the people in a message: what a report may show of them when it leaves the house.

The same person has the same pseudonym all over a run, and another one in the next: they are made with a random
key that is kept nowhere. What they stand for can not be told from a report, nor looked up later.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import ipaddress
import re
import secrets
from urllib.parse import quote, unquote

_DOMAIN = "pseudonym.invalid"
_PEOPLE = (
    "firstName|lastName|firstNames|lastNames|fullName|userName|hostName|hostFirstName|hostLastName|attendeeName"
    "|participantName|presenter|presenterName|panelistName|contactName|inviterName|displayName"
    "|webExID|webExId|hostWebExID|hostWebExId|otherHostWebExID|alternateHost|sharedWebExID|attendeeWebExID"
    "|phone|phone2|mobilePhone|mobilePhone2|fax|pager|phoneNumber|mobilePhoneNumber|attendeePhone"
    "|newWebExId|publicName|rejectedEmail|pendingEmail|panelistsEmail|participantsEmail"
    "|email|email2|emailAddress|attendeeEmail|hostEmail|participantEmail|confEmail"
    "|ipAddress|clientIP|clientIPAddress|IPAddress"
)
# A mere name is one of a person only where persons are told of: types and tracking codes have names too.
_ELEMENT = re.compile(
    rf"(<(?:(?:[\w.-]+:)?(?:{_PEOPLE})|com:name|(?:[\w.-]+:)?(?:person|presenter|panelist|contact|attendee)>\s*<name)"
    r"(?:\s[^<>]*)?(?<!/)>)([^<>]+)(?=</)"
)
_EMAIL = re.compile(
    rf"(?<![\w.+'%-])[\w.+'-]+(?:@|%40|&#64;|&#x40;)(?!{re.escape(_DOMAIN)})[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_IPV4 = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
_IPV6 = r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"
_ADDRESS = re.compile(f"{_IPV4}|{_IPV6}")
_PSEUDONYM = re.compile(rf"(?:person|ip)-[0-9a-f]{{8}}|[0-9a-f]{{8}}@{re.escape(_DOMAIN)}|\*+")
_SHORTEST = 3
"""Shorter names are replaced in their elements only: as plain text they are parts of words."""


class Key:
    """The key of a run."""

    def __init__(self, key: bytes | None = None) -> None:
        self.key = key or secrets.token_bytes(32)

    def pseudonym(self, value: str) -> str:
        """Return what stands for a person, an e-mail address or an IP address; of a pseudonym, itself."""
        plain = html.unescape(value).strip()
        if _PSEUDONYM.fullmatch(plain):
            return value
        digest = hmac.new(self.key, plain.casefold().encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]
        if "@" in plain:
            return f"{digest}@{_DOMAIN}"
        return f"{'ip' if _is_ip(plain) else 'person'}-{digest}"


class Pseudonymiser:
    """Replaces the people in texts; those it was shown in a message are known in other texts too."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn_from(self, *texts: str) -> None:
        """Learn the names that messages hold."""
        found = {html.unescape(match[2]).strip() for text in texts for match in _ELEMENT.finditer(text)}
        new = {name for name in found if len(name) >= _SHORTEST and not _PSEUDONYM.fullmatch(name)} - self._known
        if new:
            self._known |= new
            spelt = {form for name in self._known for form in (name, html.escape(name), quote(name))}
            longest_first = sorted(spelt, key=lambda form: (-len(form), form))
            # Neither parts of words nor the names of elements.
            self._pattern = re.compile(
                rf"(?<![\w.<:-])(?<!</)(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE
            )

    def __call__(self, text: str) -> str:
        """Return ``text`` with people and their addresses replaced. What was replaced before is left as it is."""
        pseudonym = self._key.pseudonym
        text = _ELEMENT.sub(lambda match: match[1] + pseudonym(match[2]), text)
        text = _EMAIL.sub(lambda match: pseudonym(unquote(match[0])), text)
        text = _ADDRESS.sub(lambda match: pseudonym(match[0]) if _is_ip(match[0]) else match[0], text)
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: pseudonym(unquote(match[0])), text)
        return text


def _is_ip(text: str) -> bool:
    """Tell whether a text is the address of somebody: loopback and unspecified ones are nobody's."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
