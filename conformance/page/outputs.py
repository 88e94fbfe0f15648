"""What programs and chats read of a decision, written beside the reports of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from conformance.cases.plan import Change
from conformance.errors import UserError
from conformance.page.badge import badge
from conformance.page.markdown import markdown
from conformance.page.metrics import metrics
from conformance.page.places import case_places
from conformance.page.sarif import sarif_json
from conformance.page.summary import summary_json
from conformance.upgrade.model import Decision


def write_outputs(
    decision: Decision, folder: Path, changes: Iterable[Change] = (), root: Path | None = None
) -> list[Path]:
    """Write summary.json, readiness.md, badge.svg, metrics.prom and results.sarif; return their paths.

    ``changes`` are those of the case files, to tell where cases stand; paths are told from ``root`` (default: here).
    Each file is replaced as a whole: a reader sees the old one or the new one. Raises UserError where none can be
    written.
    """
    places = case_places(changes, root)
    makers: Mapping[str, Callable[[], str]] = {
        "summary.json": lambda: summary_json(decision),
        "readiness.md": lambda: markdown(decision),
        "badge.svg": lambda: badge(decision),
        "metrics.prom": lambda: metrics(decision),
        "results.sarif": lambda: sarif_json(decision, places, root),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [write(folder / name, make()) for name, make in makers.items()]
    except OSError as error:
        raise UserError(f"{error.filename or folder}: can not be written: {error.strerror}") from error


def write(path: Path, text: str) -> Path:
    """Replace a file at once, as a collector reads it at any time; return its path. Raises OSError."""
    # Not ``*.prom``: a collector would read the half of it.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
