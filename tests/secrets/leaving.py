"""A run of the real command in a process of its own, and every byte that it leaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from canary_site import PASSWORD

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
CONFTEST = """
from canary_site import CanaryLab

def pytest_conformance_provider(config, name):
    return CanaryLab() if name == "canary" else None
"""


def spellings_of(secret: str) -> Iterator[str]:
    """Yield what a mark looks like where it is spelt letter by letter, or with what stands beside it."""
    yield secret.lower()
    yield secret.encode().hex()
    for escape in ("&#{};", "&#x{:x};", "%{:02x}", "\\u{:04x}", "\\x{:02x}"):
        yield "".join(escape.format(ord(letter)) for letter in secret)
    for offset in range(3):
        coded = b64encode(b"\0" * offset + secret.encode()).decode().rstrip("=")
        yield coded[offset + (offset > 0) : len(coded) - ((offset + len(secret)) % 3 > 0)].lower()


def readings(data: bytes) -> set[str]:
    """Return a file as it is, and as a reader of XML, HTML or URLs reads it."""
    text = data.decode("utf-8", "replace")
    whole = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>|&lt;!--.*?--&gt;|&lt;!\[CDATA\[|\]\]&gt;", "", text, flags=re.DOTALL)
    found = {text, whole, unescape(text), unescape(unescape(whole)), unquote(text), unquote(unescape(whole))}
    return {reading.lower() for reading in found}


@dataclass
class Ended:
    """All that a run has left."""

    code: int
    left: dict[str, bytes]

    def found(self, secrets: dict[str, str]) -> dict[str, set[str]]:
        """Return in which artefacts each secret is found."""
        read = {name: readings(data) for name, data in self.left.items()}
        return {
            named: {
                name
                for name, texts in read.items()
                if any(spelling in text for spelling in spellings_of(secret) for text in texts)
            }
            for named, secret in secrets.items()
        }


Run = Callable[..., Ended]


def run_in(project: Path, *arguments: str, **environment: str) -> Ended:
    """Run Python with these arguments in a folder; what was there before is none of the run's."""
    (project / "conftest.py").write_text(CONFTEST)
    before = set(project.rglob("*"))
    paths = os.pathsep.join(map(str, (CHECKOUT, HERE, HERE.parent / "run")))
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": paths, "CANARY_PASSWORD": PASSWORD, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        seen: set[bytes] = set()
        out, error = _watched(process, seen)
    made = {path for path in project.rglob("*") if path.is_file() and "__pycache__" not in path.parts} - before
    left = {path.relative_to(project).as_posix(): path.read_bytes() for path in made}
    return Ended(process.returncode, {**left, "stdout": out, "stderr": error, "ps": b"\0".join(seen)})


def _watched(process: subprocess.Popen[bytes], seen: set[bytes]) -> tuple[bytes, bytes]:
    """Let a process end, and look meanwhile at its command line and those of its children, as ``ps`` does."""
    deadline = time.monotonic() + 60
    while True:
        for children in Path("/proc").glob(f"{process.pid}/task/*/children"):
            try:
                for pid in (str(process.pid), *children.read_text().split()):
                    seen.add(Path("/proc", pid, "cmdline").read_bytes())
            except OSError:  # it has just ended
                continue
        try:
            return process.communicate(timeout=0.1)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                process.kill()
                raise
