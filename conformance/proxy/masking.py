"""What may be written down of an exchange: texts without secrets, in the encoding that their bytes had.

Secrets are those that the exchange itself holds, and the newest of earlier ones: a ticket that one answer gives is used
by the next request. Older ones are not kept, so that a proxy that runs for weeks does not grow. What can not be read as
a text for certain is not written down at all, for nobody can tell what it holds.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote_plus

from conformance.proxy.passed import Headers, Passed, value
from conformance.wire.carried import carried_by_http, declared_encoding, starts_with_tag
from conformance.wire.redact import MASK, Redactor, secrets_in

_KEPT: Final = 200
_BYTE_ORDER_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SECRET_HEADERS: Final = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"))


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and the encoding of the bytes that it was; ``left_out`` says why there is none."""

    text: str
    encoding: str = "utf-8"
    left_out: str = ""

    @property
    def data(self) -> bytes:
        """The bytes, as they were but for the secrets."""
        return self.text.encode(self.encoding, "replace")


@dataclass(frozen=True, slots=True)
class Masked:
    """An exchange as it may be written down."""

    query: str
    """Of the address: the message of a GET, and the names of all else."""
    headers: list[tuple[str, str]]
    body: Text
    """The body of the request; of a form, its message and the names of the other fields."""
    request: Text
    """The message that the request carries, out of form and address."""
    answer_headers: list[tuple[str, str]]
    answer: Text


class Masker:
    """Masks exchanges one after the other."""

    def __init__(self) -> None:
        self._earlier: dict[str, None] = {}

    def __call__(self, passed: Passed) -> Masked:
        """Return an exchange without secrets."""
        found = carried_by_http(b"/?" + passed.query, passed.content_type, passed.body)
        how = {note.id for note in found.departures}
        request = _message(found.message, passed.headers)
        answer = _text(passed.message, passed.answer_headers)
        redact = Redactor(self._earlier)
        redact.learn_from(request.text, answer.text)
        self._remember(secrets_in(request.text) | secrets_in(answer.text))
        request, answer = _without_secrets(request, redact), _without_secrets(answer, redact)
        in_form = "form-body" in how
        return Masked(
            query=_fields(passed.query, request if "in-query" in how else None),
            headers=_headers(passed.headers, redact),
            body=Text(_fields(passed.body, request)) if in_form else _own(passed, redact),
            request=request,
            answer_headers=_headers(passed.answer_headers, redact),
            answer=answer,
        )

    def _remember(self, secrets: Iterable[str]) -> None:
        for secret in sorted(secrets):
            self._earlier.pop(secret, None)
            self._earlier[secret] = None
        for secret in list(self._earlier)[:-_KEPT]:
            del self._earlier[secret]


def _own(passed: Passed, redact: Redactor) -> Text:
    """Return a body that is the message itself, with all that stands before it."""
    return _without_secrets(_message(passed.body, passed.headers), redact)


def _without_secrets(text: Text, redact: Redactor) -> Text:
    return Text(redact(text.text), text.encoding, text.left_out)


def _message(data: bytes, headers: Headers) -> Text:
    """Return what may be a message of a client; secrets are known by where they stand in one."""
    if data and not starts_with_tag(data):
        return Text("", left_out=f"{len(data)} bytes that are no message")
    return _text(data, headers)


def _text(data: bytes, headers: Headers) -> Text:
    """Return bytes as a text whose tags stand in it as such."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Text(data.decode(encoding, "replace"), encoding)
    declared = declared_encoding(data)
    packed = value(headers, b"content-encoding").strip().lower() not in ("", "identity") and not starts_with_tag(data)
    if declared is None or packed or b"\0" in data:
        return Text("", left_out=f"{len(data)} bytes that can not be read as a text")
    for encoding in ("utf-8", declared):
        try:
            return Text(data.decode(encoding), encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return Text(data.decode("latin-1"), "latin-1")


def _fields(raw: bytes, message: Text | None) -> str:
    """Return the fields of a form or a query: ``XML`` with its message, of the others whether they hold something."""
    told = []
    for name, held in parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="latin-1"):
        shown = message.data if message is not None and name.upper() == "XML" else MASK.encode() if held else b""
        told.append(f"{quote_plus(name)}={quote_plus(shown)}")
    return "&".join(told)


def _headers(headers: Headers, redact: Redactor) -> list[tuple[str, str]]:
    pairs = [(name.decode("latin-1"), held.decode("latin-1")) for name, held in headers]
    return [(name, MASK if name.lower() in _SECRET_HEADERS else redact(held)) for name, held in pairs]
