"""The last thing that is done to the page: a policy that lets nothing in it run but pytest-html's own script.

All text in the page is escaped; the policy is for the day on which one is not. It also keeps the page from
fetching anything. The hash is that of the one script that stands at the end: any other is refused.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from pathlib import Path

_HEAD = "<head>"
_TOP, _BOTTOM = 200_000, 500_000
"""Characters and bytes in which the head and the script stand; pages are too large to be held whole."""
_RELOAD = ' onclick="location.reload()"'
"""pytest-html's button for a page of a run under way, which this one is not; the policy would complain of it."""


def seal(path: Path) -> None:
    """Put the policy into a finished page; the page is never seen half written. Raises OSError."""
    sealed = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with path.open(encoding="utf-8", newline="") as page, sealed.open("w", encoding="utf-8", newline="") as file:
            file.write(with_policy(page.read(_TOP), _bottom(path)))
            shutil.copyfileobj(page, file)
        sealed.replace(path)
    finally:
        sealed.unlink(missing_ok=True)


def _bottom(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _BOTTOM))
        return file.read().decode("utf-8", "replace")


def with_policy(page: str, bottom: str | None = None) -> str:
    """Return a page of pytest-html, or its top, with the policy as the first thing in its head.

    ``bottom`` is the part with the script, where ``page`` is not the whole.
    """
    head = page.find(_HEAD)
    if head < 0 or "Content-Security-Policy" in page[head : head + 100]:
        return page
    whole = page if bottom is None else bottom
    start = whole.rfind("<script>")
    end = whole.find("</script>", start)
    script = whole[start + len("<script>") : end] if 0 <= start < end else None
    style = page.find('rel="stylesheet"', head, page.find("</head>", head))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(script, style >= 0)}">'
    head += len(_HEAD)
    return page[:head] + meta + page[head:].replace(_RELOAD, "", 1)


def policy(script: str | None, own_files: bool = False) -> str:
    """Return the policy of a page with that script; ``own_files`` says that style and pictures stand beside it."""
    files = " 'self' file:" if own_files else ""
    digest = base64.b64encode(hashlib.sha256((script or "").encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{digest}'" if script is not None else "script-src 'none'",
            f"style-src 'unsafe-inline'{files}",
            f"img-src data:{files}",
            f"media-src data:{files}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
