"""Secrets by reference: a settings file says where a secret is, never what it is.

``env:NAME`` is an environment variable, ``file:PATH`` the first line of a file (relative to the settings file),
``keyring:SERVICE/USER`` an entry of the system's keyring, for which the ``keyring`` package must be there.
"""

from __future__ import annotations

import os
from pathlib import Path

from conformance.errors import UserError

KINDS = ("env", "file", "keyring")
HOW = "write env:NAME, file:PATH or keyring:SERVICE/USER, and put the secret there"


def is_reference(text: str) -> bool:
    """Tell whether ``text`` has the form of a reference."""
    kind, colon, rest = text.partition(":")
    return bool(colon and rest.strip()) and kind in KINDS


def resolve(reference: str, base: Path) -> str:
    """Return the secret behind ``reference``; files are looked for from ``base``.

    Raises UserError, which names the reference and never what was found there.
    """
    kind, _, place = reference.partition(":")
    if kind == "env":
        secret = os.environ.get(place, "")
        missing = f"the environment variable {place} is not set"
    elif kind == "file":
        secret, missing = _first_line(_path(place, base)), f"{place} is empty"
    else:
        secret, missing = _from_keyring(place), f"the keyring has no entry {place}"
    if not secret:
        raise UserError(f"{reference}: {missing}")
    return secret


def _path(place: str, base: Path) -> Path:
    try:
        return base / Path(place).expanduser()
    except RuntimeError as error:  # ~NAME of nobody
        raise UserError(f"file:{place}: {error}") from None


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline(65536).rstrip("\r\n")
    except UnicodeDecodeError:
        raise UserError(f"file:{path}: is not a text in UTF-8") from None
    except ValueError as error:  # of a path that can be none
        raise UserError(f"file:{str(path)!r}: {error}") from None
    except OSError as error:
        raise UserError(f"file:{path}: can not be read: {error.strerror}") from error


def _from_keyring(place: str) -> str:
    service, _, user = place.rpartition("/")
    if not service:
        raise UserError(f"keyring:{place}: write keyring:SERVICE/USER")
    try:
        import keyring  # noqa: PLC0415 - an extra that few need
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        raise UserError(
            f"keyring:{place}: the package keyring is missing; pip install 'webex-conformance[keyring]'"
        ) from None
    try:
        return keyring.get_password(service, user) or ""
    except KeyringError as error:
        raise UserError(f"keyring:{place}: the keyring can not be asked: {type(error).__name__}") from None
