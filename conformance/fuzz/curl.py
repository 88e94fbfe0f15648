"""A request as a shell command, with every secret and every key of an object as a variable of the shell."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from conformance.cases.model import ANONYMOUS
from conformance.cases.values import Moment, resolve_all
from conformance.fuzz.requests import Generated
from conformance.fuzz.values import GIVEN
from conformance.wire.names import Operation
from conformance.wire.request import build_request

_PARTS = ("key", "webExID", "link", "uuid")
_ROLES = ("siteAdmin", "host", "attendee")
_SITE = {"name": "SITE", "host": "SITE_HOST", "domain": "SITE_DOMAIN", "mailDomain": "MAIL_DOMAIN"}


def curl(operation: Operation, generated: Generated, caller: str, endpoint: str) -> str:
    """Return a command, in one line, that sends a request. What the variables hold must be escaped for XML."""
    mark = secrets.token_hex(8).upper()
    body = "".join(map(_in_one_line, _message(operation, generated, caller, mark).partition("\n")[2]))
    post = ("curl", "-H", "Content-Type: text/xml", "--data-binary", "@-", endpoint)
    # printf is the shell's own: what it prints stands in no list of processes.
    return f"printf %s {_quoted(body, mark)} | {shlex.join(post)}"


def message(operation: Operation, generated: Generated, caller: str) -> str:
    """Return a request for people, with ``$NAME`` for what the variables hold."""
    mark = secrets.token_hex(8).upper()
    parts = _message(operation, generated, caller, mark).split(mark)
    return "".join(f"${part}" if number % 2 else part for number, part in enumerate(parts))


def _message(operation: Operation, generated: Generated, caller: str, mark: str) -> str:
    """Return a request in which each variable stands as its name between two marks."""

    def variables(name: str, parts: Iterable[str]) -> dict[str, str]:
        return {part: f"{mark}{name}_{part}{mark}".upper() for part in parts}

    scope: dict[str, Any] = {
        **{name: variables(name, _PARTS) for name in GIVEN},
        **{role: variables(role, ("webExID", "email")) for role in _ROLES},
        "site": {part: f"{mark}{name}{mark}" for part, name in _SITE.items()},
        "now": Moment(datetime.now(UTC)),
    }
    security = {"siteName": f"{mark}SITE{mark}"}
    if caller != ANONYMOUS:
        security |= {"webExID": f"{mark}WEBEX_ID{mark}", "password": f"{mark}WEBEX_PASSWORD{mark}"}
    return build_request(operation, security, resolve_all(generated.body, scope)).decode()


def _in_one_line(character: str) -> str:
    return character if character.isprintable() else f"&#{ord(character)};"


def _quoted(text: str, mark: str) -> str:
    parts = text.split(mark)  # every other one is the name of a variable
    return "".join(f'"${part}"' if number % 2 else shlex.quote(part) for number, part in enumerate(parts))
