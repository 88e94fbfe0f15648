"""Whether a server gives back a secret that was sent to it.

A password, ticket or token of the caller has no business in an answer: logs, caches and screens keep answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance.run.verdicts import Check, Verdict
from conformance.site.seam import Exchange
from conformance.wire.redact import is_secret
from conformance.wire.request import Request
from conformance.wire.spellings import find, needles

_SHORTEST = 6
"""A shorter one may stand in an answer by chance."""

# Passwords of what a case creates are answered on purpose, and may be the caller's own by chance.
_BELONGS = re.compile(rb"<((?:\w+:)?\w+Password)(?:\s[^<>]*)?>[^<]*</\1\s*>")
# Who signs in with a ticket may be given the same one.
_TICKET = re.compile(rb"<((?:\w+:)?sessionTicket)(?:\s[^<>]*)?>[^<]*</\1\s*>")


def secrets_sent(request: Request) -> tuple[str, ...]:
    """Return the secrets that a request proves its caller's identity with.

    One that also stands elsewhere in the request, or is short, is none: its return would prove nothing.
    """
    found = {value for name, value in request.security.items() if is_secret(name)}
    found |= {
        node.text.strip() for node in request.content.children if is_secret(node.name) and node.name != "password"
    }
    found = {value for value in found if len(value) >= _SHORTEST}
    if not found:
        return ()
    open_ = " ".join(value for name, value in request.security.items() if not is_secret(name)).casefold()
    open_ += " ".join(node.text for node in request.content.walk() if not is_secret(node.name)).casefold()
    return tuple(value for value in found if value.casefold() not in open_)


def echo_checks(exchange: Exchange, secrets: Iterable[str]) -> Iterator[Check]:
    """Yield a FAIL for each part of the answer that holds one of ``secrets``, in whatever spelling.

    Elements made for passwords of sessions (``meetingPassword`` ...) may hold the same text.
    """
    secrets = tuple(secrets)
    if not secrets:
        return
    body = exchange.body
    if b"Password>" in body:
        body = _BELONGS.sub(b"", body)
    if b":authenticateUserResponse" in body:
        body = _TICKET.sub(b"", body)
    text = body.decode("utf-8", "backslashreplace")
    headers = " | ".join(exchange.headers.values())
    for wanted in map(needles, secrets):
        if find(text, wanted):
            yield _echo("body")
        if find(headers, wanted):
            named = [name for name, value in exchange.headers.items() if find(value, wanted)]
            yield _echo(f"header {', '.join(named)}" if named else "headers")


def _echo(where: str) -> Check:
    seen = "the caller's password, ticket or token"
    return Check("security.echo", Verdict.FAIL, where, "no secret of the caller", seen, "the server gives it back")
