"""The mock as a server on this machine: in the background for tests, in the foreground for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from conformance.errors import SuiteError, UnknownName, UserError
from conformance.mock.building import remember
from conformance.mock.faults import Faults
from conformance.mock.serving import Serving, tls_files
from conformance.mock.state import Gate, Site
from conformance.wire.departures import Strictness

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class MockServer:
    """Serves ``sites`` on a port of their own (0: any free one), and a panel on another if asked for.

        with MockServer() as server:
            server.add_site(new_site("go", Version.parse("40.4.3")))
            post(server.endpoint, ...)

    ``delay`` seconds pass before each answer. Leave keys of ``sites`` to add_site: they are lower case.
    ``faults`` are what mock/faults.py knows, as it is asked for there; ``server.faults.set`` changes them while
    the server runs. ``gate`` makes what refuses departures on a site that is stricter than the service; without
    one there can be no such site. With a certificate and its key, both PEM files, the service (not the panel)
    speaks HTTPS.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        panel_port: int | None = None,
        delay: float = 0.0,
        *,
        faults: Iterable[str] = (),
        tls_certificate: Path | None = None,
        tls_key: Path | None = None,
        gate: Callable[[Site], Gate] | None = None,
    ) -> None:
        self.faults = Faults(faults)
        self.sites: dict[str, Site] = {}
        self._gate = gate
        self._resets: dict[str, Callable[[], None]] = {}
        self._ports = [port] if panel_port is None else [port, panel_port]
        self._delay = delay
        self._serving = Serving(host, self._ports, tls_files(tls_certificate, tls_key))

    @property
    def base_url(self) -> str:
        """The server's address, as ``http://127.0.0.1:8080``."""
        return self._origin(0)

    @property
    def endpoint(self) -> str:
        """The address of the service, as ``http://127.0.0.1:8080/WBXService/XMLService``."""
        from conformance.mock.http import SERVICE_PATH  # noqa: PLC0415 - starlette is for those who serve

        return f"{self.base_url}{SERVICE_PATH}"

    @property
    def panel_url(self) -> str | None:
        """The panel's address; None where there is no panel."""
        return self._origin(1) if len(self._ports) > 1 else None

    def add_site(self, site: Site) -> Site:
        """Serve ``site``, and let the links in its mails lead here unless they lead elsewhere.

        Raises UserError for one that is stricter than the service, where the server has no ``gate``.
        """
        if site.strictness is not Strictness.SERVICE and site.gate is None:
            if self._gate is None:
                raise UserError(f"the site '{site.name}' is {site.strictness}, and this server has no gate")
            site.gate = self._gate(site)
        if self._serving.origins:
            site.base_url = site.base_url or self.base_url
        self._resets[site.name.lower()] = remember(site)
        self.sites[site.name.lower()] = site
        return site

    def remove_site(self, name: str) -> None:
        """Serve the site of that name no longer."""
        self._resets.pop(name.lower(), None)
        if self.sites.pop(name.lower(), None) is None:
            raise UnknownName("site", name, sorted(self.sites))

    def reset_site(self, name: str) -> None:
        """Put the site of that name back to how it was when it was added."""
        reset = self._resets.get(name.lower())
        if reset is None:
            raise UnknownName("site", name, sorted(self._resets))
        reset()

    def start(self) -> None:
        """Serve in a thread of its own; return when calls are answered.

        Raise UserError where a port is taken.
        """
        self._serving.start(self._applications)

    def stop(self) -> None:
        """Answer the calls under way, then close all sockets. A server that does not run stays so."""
        origins = self._serving.origins
        self._serving.stop()
        for site in self.sites.values():
            if site.base_url in origins:
                site.base_url = ""  # another start may get another port

    def serve_forever(self) -> None:
        """Serve until SIGINT or SIGTERM arrives, then stop. To be called in the main thread."""
        if not self._serving.running:
            self.start()
        self._serving.wait(self.stop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _origin(self, index: int) -> str:
        if not self._serving.origins:
            raise SuiteError("the mock has no address before it is started")
        return self._serving.origins[index]

    def _applications(self) -> Sequence[ASGIApp]:
        from conformance.mock.http import application  # noqa: PLC0415 - see endpoint

        for site in self.sites.values():
            site.base_url = site.base_url or self.base_url
        service = application(self.sites, self._delay, self.faults)
        if len(self._ports) == 1:
            return [service]
        from conformance.mock.panel import panel  # noqa: PLC0415 - see endpoint

        return [service, panel(self)]
