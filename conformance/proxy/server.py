"""The proxy as a server on this machine, between a client and a site."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from conformance.errors import SuiteError
from conformance.mock.serving import Serving, tls_files
from conformance.proxy.judging import Judge, Totals, Verdict
from conformance.proxy.masking import Masker
from conformance.proxy.passed import Passed
from conformance.proxy.recording import Recording
from conformance.site.http import HttpClient

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Told = Callable[[Passed, Verdict], None]
"""Is called after each exchange was written down, one at a time."""


class Proxy:
    """Passes what comes to a loopback port to the site that ``client`` reaches; judges it and writes it down.

    Raises UserError for a certificate that can not be used.
    """

    def __init__(
        self,
        client: HttpClient,
        recording: Recording,
        judge: Judge,
        told: Told,
        *,
        port: int = 0,
        tls_certificate: Path | None = None,
        tls_key: Path | None = None,
    ) -> None:
        self.totals = Totals()
        self.error: Exception | None = None
        """What kept an exchange from being judged or written down; the proxy ends with it."""
        self._client = client
        self._recording = recording
        self._judge = judge
        self._told = told
        self._mask = Masker()
        self._one_at_a_time = threading.Lock()
        self._port = port
        self._tls = tls_files(tls_certificate, tls_key)
        self._serving: Serving | None = None

    @property
    def endpoint(self) -> str:
        """The address that the client is to call, as ``http://127.0.0.1:8081/WBXService/XMLService``."""
        from conformance.mock.http import SERVICE_PATH  # noqa: PLC0415 - starlette is for those who serve

        if self._serving is None or not self._serving.origins:
            raise SuiteError("the proxy has no address before it is started")
        return f"{self._serving.origins[0]}{SERVICE_PATH}"

    def start(self) -> None:
        """Serve in a thread of its own; return when calls are taken. Raises UserError where the port is taken."""
        from conformance.proxy.relaying import Connection, Relay  # noqa: PLC0415 - see endpoint

        def applications() -> list[ASGIApp]:
            return [Relay(self._client, self._take)]

        self._serving = Serving("127.0.0.1", [self._port], self._tls, protocol=Connection, at_end=self._client.close)
        self._serving.start(applications)

    def stop(self) -> None:
        """Let the exchanges under way come to their end, then close all sockets."""
        if self._serving is not None:
            self._serving.stop()

    def serve_forever(self) -> None:
        """Serve until SIGINT or SIGTERM arrives, or ``error`` is set. To be called in the main thread."""
        if self._serving is None:
            self.start()
        if self._serving is not None:
            self._serving.wait(self.stop)

    def _take(self, passed: Passed) -> None:
        with self._one_at_a_time:
            if self.error is not None:
                return
            try:
                verdict = self._judge(passed)
                self._recording.add(passed, self._mask(passed), verdict)
                self.totals.add(verdict, fault=passed.fault is not None)
                self._told(passed, verdict)
            except Exception as error:  # noqa: BLE001 - of a thread; told by whoever serves
                self.error = error
                if self._serving is not None:
                    self._serving.end()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
