"""What a call of the command is and what comes of it; not in conftest, whose name other folders share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

COMMAND = (sys.executable, "-W", "error", "-m", "conformance")
SECONDS = 60


@dataclass(frozen=True)
class Ended:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Ended]
