"""Files of waivers for tests: days are told as how far they lie ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml


def day(ahead: int) -> str:
    """Return the day that lies so many days ahead of today, in UTC."""
    return str(datetime.now(UTC).date() + timedelta(days=ahead))


def waiver(waives: str, *, ahead: int = 10, **more: object) -> dict[str, object]:
    """Return a waiver as its file states it."""
    return {"waives": waives, "reason": "not used", "owner": "the mail team", "until": day(ahead), **more}


def write(path: Path, *waivers: dict[str, object]) -> Path:
    """Write a file of waivers, each beginning a line of its own; return the path."""
    blocks = yaml.safe_dump(list(waivers), sort_keys=False, allow_unicode=True) if waivers else "[]\n"
    path.write_text(f"format: 1\nwaivers:\n{blocks}", encoding="utf-8")
    return path
