"""The settings file: ``conformance.toml``, or ``[tool.conformance]`` in pyproject.toml.

``[sites.NAME]`` says what is tested (live/settings.py), ``[history]`` where runs are kept (history/settings.py),
``[upgrade]`` what decides whether a version can be taken (upgrade/settings.py), ``[schemas]`` where imported schemas
are kept (schema/store.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.errors import UserError

FILE = "conformance.toml"
PYPROJECT = "pyproject.toml"
SECTIONS = {"sites", "history", "upgrade", "schemas"}


def find_file() -> Path | None:
    """Return the settings file, here or in the nearest folder above; None where there is none."""
    folder = Path.cwd()
    for place in (folder, *folder.parents):
        if (place / FILE).is_file():
            return place / FILE
        pyproject = place / PYPROJECT
        if pyproject.is_file() and _own_part(_toml(pyproject)) is not None:
            return pyproject
    return None


def section(path: Path, name: str) -> Mapping[str, Any]:
    """Return a section of a settings file, empty where the file has none.

    Raises UserError. What a file holds is never printed back, for it may be a secret that should not stand there.
    """
    data: Mapping[str, Any] = _toml(path)
    if path.name == PYPROJECT:
        data = _own_part(data) or {}
    for key in data.keys() - SECTIONS:
        raise UserError(
            f"{path}: unknown key '{key}'; sites are [sites.NAME], other sections [history], [upgrade] and [schemas]"
        )
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise UserError(f"{path}: '{name}' is a section: write [{name}]")
    return found


def _own_part(pyproject: Mapping[str, Any]) -> Mapping[str, Any] | None:
    tools = pyproject.get("tool")
    part = tools.get("conformance") if isinstance(tools, dict) else None
    return part if isinstance(part, dict) else None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Of the text only the place is told.
        place = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
        raise UserError(f"{path}: is not TOML{f', see {place[1]}' if place else ''}") from None
    except OSError as error:
        raise UserError(f"{path}: can not be read: {error.strerror}") from error
