"""What each command of the command line does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from conformance.errors import UserError


def say(text: str = "", style: str = "", *, to: TextIO | None = None) -> None:
    """Print a line: in that style of rich's on a terminal, as plain text elsewhere."""
    stream = to or sys.stdout
    if not (style and stream.isatty()):
        print(text, file=stream, flush=True)
        return
    from rich.console import Console  # noqa: PLC0415 - not loaded where nothing is styled
    from rich.text import Text  # noqa: PLC0415

    Console(file=stream).print(Text(text, style=style), soft_wrap=True)


def put(text: str, to: Path | None) -> None:
    """Write what was asked for into a file, or print it; raise UserError where the file can not be written."""
    if to is None:
        sys.stdout.write(text)
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{to}: cannot be written: {error.strerror}") from error
