"""``conformance proxy``: passes a client's calls to a site and writes them down, until it is stopped."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from shlex import join

from conformance.commands import say
from conformance.commands.mock import standard_site, told_accounts
from conformance.errors import SuiteError, UserError
from conformance.live.reach import transport
from conformance.live.settings import load_site
from conformance.mock.server import MockServer
from conformance.proxy.judging import Judge, Totals, Verdict
from conformance.proxy.passed import Passed
from conformance.proxy.recording import MESSAGES, Recording
from conformance.proxy.server import Proxy
from conformance.run.suite import MOCK, held_to
from conformance.run.verdicts import ExitCode
from conformance.schema.catalog import SchemaCatalog
from conformance.site.http import HttpClient
from conformance.site.transport import Transport
from conformance.versions import NEWEST, Version
from conformance.wire.departures import Strictness
from conformance.wire.pretty import printable


def record(
    to: str,
    config: Path | None,
    api_version: str | None,
    port: int,
    folder: Path | None,
    *,
    strictness: Strictness = Strictness.DOCUMENTED,
    tls_certificate: Path | None = None,
    tls_key: Path | None = None,
) -> ExitCode:
    """Pass what comes to a loopback port to the site ``to`` until SIGINT or SIGTERM arrives; judge it by a version.

    ``mock`` or ``mock:42.3.0`` is a mock site that is served along with the proxy. Without ``api_version`` it is the
    mock's, or what the profile of a live site says, which may be to ask the site. FINDINGS where something was not
    valid, COULD_NOT_TELL where nothing passed. Raises UserError for what can not be used: the profile, the folder, the
    port.
    """
    name, colon, of = to.partition(":") if to.startswith(f"{MOCK}:") else (to, "", "")
    version = held_to(name, api_version or of, config)
    catalog = SchemaCatalog()
    catalog.at(version)
    with ExitStack() as stack:
        before = {
            number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)
        }
        stack.callback(lambda: [signal.signal(number, handler) for number, handler in before.items()])
        mocked = Version.parse(of) if colon else version
        client, about = _mocked(mocked, stack) if name == MOCK else _live(name, config)
        recording = stack.enter_context(Recording(folder or _folder(name)))
        proxy = Proxy(
            client,
            recording,
            Judge(catalog, version, strictness),
            _tell,
            port=port,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
        )
        try:
            proxy.start()
            for line in (*_announcement(proxy, client, recording, version), *about, "Stop it with Ctrl-C."):
                say(line)
            proxy.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            proxy.stop()
        for line in _summary(proxy.totals, recording):
            say(line)
        if isinstance(proxy.error, OSError):
            raise UserError(f"{recording.folder}: can not be written: {proxy.error.strerror or proxy.error}")
        if proxy.error is not None:
            raise SuiteError(f"an exchange could not be judged: {proxy.error!r}") from proxy.error
    if not proxy.totals.exchanges:
        return ExitCode.COULD_NOT_TELL
    return ExitCode.FINDINGS if proxy.totals.broken else ExitCode.AS_DOCUMENTED


def _live(name: str, config: Path | None) -> tuple[HttpClient, list[str]]:
    settings, base = load_site(name, config)
    return HttpClient(settings.endpoint, transport(settings, base)), []


def _mocked(version: Version, stack: ExitStack) -> tuple[HttpClient, list[str]]:
    server = stack.enter_context(MockServer())
    site = server.add_site(standard_site(version))
    about = f"  site name    {site.name}, mocked at {site.version}"
    accounts = told_accounts(list(site.accounts.values()))
    return HttpClient(server.endpoint, Transport(private_addresses=True)), [about, "  accounts", *accounts]


def _folder(to: str) -> Path:
    return Path("recordings") / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}-{to}"


def _announcement(proxy: Proxy, client: HttpClient, recording: Recording, version: Version) -> Iterator[str]:
    yield f"Recording proxy, judging by the schemas of {version}"
    yield f"  endpoint     {proxy.endpoint}"
    yield f"  passes to    {client.endpoint}"
    yield f"  recording    {recording.files[0]}, {recording.folder / MESSAGES}; no secrets"


def _tell(passed: Passed, verdict: Verdict) -> None:
    style = "red" if verdict.broken or passed.fault else ""
    when = f"{passed.started:%H:%M:%S}"
    say(f"{passed.number:06} {when} {passed.seconds:7.3f} s  {printable(verdict.line)}", style)


def _summary(totals: Totals, recording: Recording) -> Iterator[str]:
    if not totals.exchanges:
        yield "Nothing passed."
        return
    exchanges = f"{totals.exchanges} exchange{'s' * (totals.exchanges != 1)}"
    valid = totals.exchanges - totals.broken
    yield f"{exchanges}: {valid} valid, {totals.broken} not valid, {totals.faults} without a whole answer"
    for name, count in sorted(totals.operations.items()):
        yield f"  {name} {count}"
    if totals.departures:
        told = ", ".join(f"{id_} {count}" for id_, count in sorted(totals.departures.items()))
        yield f"tolerated: {told} (docs/clients.md)"
    files = [str(file) for file in recording.files]
    yield "Next:"
    yield f"  {join(['conformance', 'profile', 'learn', *files, '-o', 'profile.yaml'])}"
    yield f"  {join(['conformance', 'traffic', 'check', *files, '--to', str(NEWEST)])}"
