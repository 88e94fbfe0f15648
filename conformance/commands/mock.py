"""``conformance mock``: a site of our own, served in the foreground until it is stopped."""

from __future__ import annotations

import math
import shlex
import signal
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.commands import say
from conformance.errors import UserError
from conformance.mock.building import new_site
from conformance.mock.faults import listed
from conformance.mock.server import MockServer
from conformance.mock.sitefile import load_site
from conformance.mock.state import Account, Gate, Site
from conformance.run.verdicts import ExitCode
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.departures import Strictness
from conformance.wire.names import operation
from conformance.wire.request import build_request

if TYPE_CHECKING:
    from conformance.mutants.load import Mutant

_NAME = "mock"
_ACCESS_ANYWHERE_SESSIONS = 12
"""More than a page of ten, so that LstAccessAnywhereHistory has something to show."""

_LONGEST_DELAY = 3600.0


def serve(
    port: int,
    version: Version | None,
    site_file: Path | None,
    panel_port: int | None,
    delay: float,
    *,
    faults: Sequence[str] = (),
    mutant: str = "",
    tls_certificate: Path | None = None,
    tls_key: Path | None = None,
    strictness: Strictness | None = None,
) -> ExitCode:
    """Serve one site on loopback until SIGINT or SIGTERM arrives, and say how it can be called.

    The site is that of ``site_file``, else one with an account for each role. A version or a strictness given beats
    that of the file; without either it is the mutant's, else 40.4.3. The fault ``list`` lists all faults
    instead. Raises UserError for a port that is taken, a fault or a mutant that is none, a certificate that can not
    be used.
    """
    if "list" in faults:
        for line in listed():
            say(line)
        return ExitCode.AS_DOCUMENTED
    if not (math.isfinite(delay) and 0 <= delay <= _LONGEST_DELAY):
        raise UserError(f"a delay of {delay:g} s is not possible; give 0 to {_LONGEST_DELAY:g} seconds")
    found = _mutant(mutant)
    version = version or (found.release if found else None)
    site = load_site(site_file, version) if site_file else standard_site(version or DEFAULT_VERSION)
    site.strictness = strictness or site.strictness
    if found:
        from conformance.mutants.defects import defect  # noqa: PLC0415 - see _mutant

        site.defect = defect(found.entry.defect)
    server = MockServer(
        port=port,
        panel_port=panel_port,
        delay=delay,
        faults=faults,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        gate=_gate,
    )
    server.add_site(site)
    # Until the server minds the signals itself they end the command; what a shell starts in the background would
    # else not even hear SIGINT.
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.start()
        for line in _announcement(server, site, delay, tls_certificate):
            say(line)
        if found:
            say(f"WRONG: {found.entry.title}")
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    return ExitCode.AS_DOCUMENTED


def _gate(site: Site) -> Gate:
    # Schemas are for those who want a strict site.
    from conformance.schema.catalog import SchemaCatalog  # noqa: PLC0415
    from conformance.schema.strictness import gate  # noqa: PLC0415

    return gate(site.strictness, SchemaCatalog(), Version.parse(site.version))


def _mutant(id_: str) -> Mutant | None:
    if not id_:
        return None
    # The catalogue names cases: it is not loaded for those who want none of it.
    from conformance.mutants.load import find_mutant  # noqa: PLC0415

    return find_mutant(id_)


def standard_site(version: Version) -> Site:
    """Return a site with an account for each role, which is served where nobody describes another."""
    return new_site(_NAME, version, access_anywhere_sessions=_ACCESS_ANYWHERE_SESSIONS)


def _announcement(server: MockServer, site: Site, delay: float, certificate: Path | None) -> Iterator[str]:
    yield f"Webex XML API {site.version}, mocked on this machine"
    yield f"  endpoint     {server.endpoint}"
    yield f"  site name    {site.name}"
    if server.panel_url:
        yield f"  panel        {server.panel_url}/sites"
    yield f"  strictness   {site.strictness}"
    if delay:
        yield f"  delay        {delay:g} s before each answer"
    for fault in server.faults:
        yield f"  fault        {fault.asked}: {fault.fault.title}"
    yield "  settings"
    for setting in fields(site.settings):
        value = "yes" if getattr(site.settings, setting.name) else "no"
        yield f"    {setting.name.replace('_', ' ')}: {value}"
    yield "  accounts"
    yield from told_accounts(list(site.accounts.values()))
    yield "Try it:"
    yield f"  {_curl(server.endpoint, site.name, certificate)}"
    yield "Stop it with Ctrl-C."


def told_accounts(accounts: list[Account]) -> Iterator[str]:
    """Yield the lines that tell how accounts sign in."""
    rows = [("webExID", "password", "role"), *((a.web_ex_id, a.password, _role(a)) for a in accounts)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for row in rows:
        yield f"    {row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}"


def _role(account: Account) -> str:
    return "siteAdmin" if account.site_admin else "attendee" if account.attendee_only else "host"


def _curl(endpoint: str, site_name: str, certificate: Path | None) -> str:
    """Return a shell command that asks the site for its version, which needs no account."""
    request = build_request(operation("GetAPIVersion"), {"siteName": site_name}, {}).decode().replace("\n", "")
    trust = ["--cacert", str(certificate)] if certificate else []
    return shlex.join(["curl", *trust, "-H", "Content-Type: text/xml", "--data-binary", request, endpoint])
