"""Where the history is: as asked for, else as ``[history]`` of the settings file says, else beside the reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conformance.config import find_file, section
from conformance.errors import UserError, nearest
from conformance.history.place import is_url, place_of, secrets_of
from conformance.live.references import HOW, is_reference, resolve

DEFAULT = Path("reports", "history.sqlite3")


class HistorySettings(BaseModel):
    """``[history]`` of the settings file; docs/history.md explains each key."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    url: str = ""
    """A path, an SQLAlchemy URL without password, or a reference to where the whole URL is."""
    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """After how many days a run is forgotten by ``conformance history prune``."""


def load_settings(config: Path | None = None) -> tuple[HistorySettings, Path]:
    """Return ``[history]`` of a settings file (default: the one that applies here), and the folder it stands in.

    Raises UserError with each fault and its place. What the file holds is never printed back.
    """
    path = config or find_file()
    if path is None:
        return HistorySettings(), Path.cwd()
    try:
        return HistorySettings.model_validate(dict(section(path, "history"))), path.absolute().parent
    except ValidationError as error:
        raise UserError("\n".join(_told(error, path))) from None


def resolve_place(where: str | None, config: Path | None = None, *, reports: Path | None = None) -> str | Path:
    """Return the path or URL of the history.

    ``where`` is what the command line says: a path, a URL or a reference; None or empty: what the settings file
    says. Without either it is ``history.sqlite3`` in the folder ``reports``, which holds the report folders. Raises
    UserError, and never shows what is behind a reference.
    """
    if where:
        return _place(where, Path.cwd(), "on the command line every user of the machine can see it")
    settings, base = load_settings(config)
    if settings.url:
        return _place(settings.url, base, "this file is shared and copied")
    return (reports or DEFAULT.parent) / DEFAULT.name


def _place(text: str, base: Path, danger: str) -> str | Path:
    if is_reference(text):
        found = resolve(text, base)
        return found if is_url(found) else _path(found, base)
    if not is_url(text):
        return _path(text, base)
    if secrets_of(place_of(text).url):
        raise UserError(f"the URL of the history holds a password, and {danger}; {HOW}, the whole URL with it")
    if text.startswith("sqlite"):
        return _path(str(place_of(text).url.database), base)
    return text


def _path(text: str, base: Path) -> Path:
    try:
        return base / Path(text).expanduser()
    except RuntimeError as error:  # ~NAME of nobody
        raise UserError(f"{text}: {error}") from None


def _told(error: ValidationError, path: Path) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        key = ".".join(map(str, fault["loc"]))
        problem = fault["msg"]
        if fault["type"] == "extra_forbidden":
            problem = f"unknown key{nearest(key, list(HistorySettings.model_fields))}"
        yield f"{path}: history.{key}: {problem}"
