"""Faults of what a site remembers: others that interfere, delays between writing and reading, doubles, leftovers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.mock.fault import Fault, Heard, HttpAnswer, Proceed
from conformance.mock.state import Site
from conformance.wire import answer

Key = tuple[str, int | str]


def _interference(heard: Heard, proceed: Proceed) -> HttpAnswer:
    """Let somebody else change what is about to be read, each time it is read."""
    site, request = heard.site, heard.request
    if site is not None and request is not None:
        named = {node.text.strip().lower() for node in request.content.walk() if node.text.strip()}
        for session in site.sessions.values():
            if not named or str(session.key) in named:
                session.name = f"{session.name} (changed)"
                session.duration += 1
        for name in named & site.accounts.keys():
            site.accounts[name].last_name += " (changed)"
    return proceed()


def _read_late(heard: Heard, proceed: Proceed) -> HttpAnswer:
    """Hide what is younger than the fault's value, in seconds, from whoever reads; the caller still signs in."""
    site = heard.site
    if site is None or heard.operation is None:
        return proceed()
    born: dict[Key, float] = heard.memory.setdefault(site.name, {})
    if not heard.operation.name.startswith(("Get", "Lst")):
        before = _keys(site)
        answered = proceed()
        born.update(dict.fromkeys(_keys(site) - before, time.monotonic()))
        return answered
    young = {key for key, since in born.items() if time.monotonic() - since < float(heard.value)}
    caller = heard.request.security.get("webExID", "").lower() if heard.request else ""
    with _hidden(site, young - {("account", caller)}):
        return proceed()


def _keys(site: Site) -> set[Key]:
    return {("session", key) for key in site.sessions} | {("account", name) for name in site.accounts}


@contextmanager
def _hidden(site: Site, keys: set[Key]) -> Iterator[None]:
    sessions, accounts = site.sessions, site.accounts
    site.sessions = {key: session for key, session in sessions.items() if ("session", key) not in keys}
    site.accounts = {name: account for name, account in accounts.items() if ("account", name) not in keys}
    try:
        yield
    finally:
        site.sessions, site.accounts = sessions, accounts


def _twice(_heard: Heard, proceed: Proceed) -> HttpAnswer:
    """Do what is asked a second time, as where a gateway sends a request again; the first answer is given."""
    answered = proceed()
    proceed()
    return answered


def _lost(_heard: Heard, proceed: Proceed) -> HttpAnswer:
    proceed()
    return HttpAnswer(b"", 502, {"Content-Type": "text/html"})


def _not_deleted(heard: Heard, proceed: Proceed) -> HttpAnswer:  # noqa: ARG001 - nothing is done
    return HttpAnswer(answer.failure(heard.operation, "000035", "ASService not responding"))


FAULTS: tuple[Fault, ...] = (
    Fault(
        "interference", 74, "somebody else changes what is about to be read", _interference, operations=("Get*", "Lst*")
    ),
    Fault("slow-read-after-write", 75, "what was created is not found for VALUE seconds", _read_late, "2"),
    Fault("duplicate-create", 76, "what is to be created is created twice", _twice, operations=("Create*",)),
    Fault("lost-answer", 76, "502, although it was done", _lost),
    Fault("cleanup-fails", 79, "nothing can be deleted: FAILURE 000035", _not_deleted, operations=("Del*",)),
)
