"""Where the shipped cases, schemas and mutants are: in the package when installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def cases_root() -> Path:
    """Return the folder of the shipped case files."""
    return _shipped("cases")


def schemas_root() -> Path:
    """Return the folder of the shipped schema files."""
    return _shipped("schemas")


def mutants_root() -> Path:
    """Return the folder of the shipped catalogue of mutants."""
    return _shipped("mutants")
