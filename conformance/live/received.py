"""From the bytes of a mail to what a case may look at. What strangers send must neither break this nor slow it down."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses

from lxml import etree

from conformance.site.seam import ReceivedMail

MAX_MAIL = 1_048_576
"""Bytes of a mail that are read; what follows is left on the server."""

RECIPIENT_FIELDS = ("To", "Delivered-To", "X-Original-To")
"""The header fields that say for whom a mail is."""

_MAX_FIELD = 8_000  # characters of a header field; the parser takes quadratic time for encoded words
_MAX_DEPTH = 100
_MAX_PARTS = 2_000
_BOUNDARY = re.compile(rb"boundary\s*\*?[\d*]*\s*=", re.IGNORECASE)
_NOT_OF_MAILS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^\x00-\x20\x7f]{1,2000}", re.IGNORECASE)
_AFTER_A_URL = ".,;:!?*_"


class UnreadableMail(Exception):
    """A mail that can not be taken apart: we do not know what it says, which says nothing of who sent it."""


class _Bounded(EmailPolicy):
    """The default policy, with fields cut to a length and bytes beyond ASCII read as UTF-8."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MAX_FIELD].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_POLICY = _Bounded()


def read_mail(data: bytes) -> ReceivedMail:
    """Return what a mail says; of alternatives, the HTML. Only the first ``MAX_MAIL`` bytes are read.

    Raises UnreadableMail for what no mail program could show either.
    """
    data = data[:MAX_MAIL]
    boundaries = len(_BOUNDARY.findall(data))
    if boundaries > _MAX_DEPTH or (boundaries and data.count(b"\n--") > _MAX_PARTS):
        raise UnreadableMail("it has too many parts")
    try:
        message = _parsed(data)
        part = message.get_body(("html", "plain"))
        subject, language = _field(message, "subject"), _field(message, "content-language")
        if part is None:
            return ReceivedMail(subject, "", "text", language)
        html = part.get_content_subtype() == "html"
        body = _text(part)
        language = language or _field(part, "content-language")
    except Exception as error:  # noqa: BLE001 - the parser meets hostile input with whatever breaks first
        raise UnreadableMail(f"its parts can not be told apart ({type(error).__name__})") from None
    links = _hrefs(body) if html else _urls(body)
    return ReceivedMail(subject, body, "html" if html else "text", language, tuple(dict.fromkeys(links)))


def recipients(header: bytes) -> frozenset[str]:
    """Return the addresses that the recipient fields of a header name, their domains in lower case."""
    try:
        message = _parsed(header[:MAX_MAIL])
        fields = {name.lower() for name in RECIPIENT_FIELDS}
        values = [str(value) for name, value in message.raw_items() if name.lower() in fields]
        return frozenset(comparable(address) for _, address in getaddresses(values) if address)
    except Exception:  # noqa: BLE001 - as above; what names nobody is for nobody
        return frozenset()


def comparable(address: str) -> str:
    """Return an address as it is compared: of its domain, the case does not matter."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _parsed(data: bytes) -> EmailMessage:
    message = BytesParser(EmailMessage, policy=_POLICY).parsebytes(data)
    assert isinstance(message, EmailMessage)  # noqa: S101 - for mypy: it is of the class that was given
    return message


def _field(message: MIMEPart, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _text(part: MIMEPart) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = str(part.get_param("charset", "utf-8"))
    try:
        known = codecs.lookup(charset).name.replace("_", "-")
        text = data.decode("utf-8" if known in _NOT_OF_MAILS or known == "ascii" else known, "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _hrefs(html: str) -> Iterator[str]:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):  # nothing in it
        return
    if root is None:
        return
    for element in root.iter("a", "area"):
        link = (element.get("href") or "").strip()
        if link.lower().startswith(("http://", "https://")):
            yield link


def _urls(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        yield _without_what_follows(match.group())


def _without_what_follows(url: str) -> str:
    """Take off what belongs to the sentence: stops, and brackets that were opened before the address."""
    while url:
        bracket = url[-1] in ")]" and url.count(url[-1]) > url.count({")": "(", "]": "["}[url[-1]])
        if not bracket and url[-1] not in _AFTER_A_URL:
            break
        url = url[:-1]
    return url
