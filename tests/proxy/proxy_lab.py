"""What a test of the proxy may look at, and the secret that must never be written down."""

from __future__ import annotations

from pathlib import Path

from conformance.proxy.judging import Verdict
from conformance.proxy.passed import Passed
from conformance.proxy.server import Proxy

PASSWORD = "Pw-77-secret"


class Lab:
    """A proxy that runs, and what it leaves."""

    def __init__(self, proxy: Proxy, folder: Path, told: list[tuple[Passed, Verdict]]) -> None:
        self.proxy = proxy
        self.folder = folder
        self._told = told

    def seen(self) -> list[tuple[Passed, Verdict]]:
        """Stop the proxy, which writes the last exchange down, and return what was told of all of them."""
        self.proxy.stop()
        return self._told

    @property
    def files(self) -> dict[str, bytes]:
        """All that is written down, by name."""
        return {path.name: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
